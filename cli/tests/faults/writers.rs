//! Two programs that write the same file at once.

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io::{BufRead, BufReader, Read, Write};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};

use serde_json::Value;

use crate::common::{Ran, Sandbox, picture};
use crate::{left_behind, signed};

fn start(sandbox: &Sandbox, line: &str) -> Child {
    let mut command = sandbox.command(line.split_whitespace());
    command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("it starts")
}

fn end(child: Child) -> Ran {
    child.wait_with_output().expect("it ends").into()
}

/// Runs command lines at once.
fn at_once(sandbox: &Sandbox, lines: &[String]) -> Vec<Ran> {
    let children: Vec<Child> = lines.iter().map(|line| start(sandbox, line)).collect();
    children.into_iter().map(end).collect()
}

/// Programs at once.
const WRITERS: usize = 6;

#[test]
fn lists_that_are_added_to_an_index_at_once_are_all_in_it() {
    let sandbox = Sandbox::with_list();
    sandbox.presend("index build list.csv -o known.idx").exits(0);
    for writer in 0..WRITERS {
        let lines: String = (1..=100).map(|n| format!("pdq {:064x}\n", writer * 1000 + n)).collect();
        sandbox.write(format!("{writer}.txt"), lines);
    }
    let lines: Vec<String> = (0..WRITERS).map(|writer| format!("index add known.idx {writer}.txt")).collect();
    at_once(&sandbox, &lines).into_iter().for_each(|ran| _ = ran.exits(0));
    let ran = sandbox.presend("index info known.idx").exits(0);
    let text = ran.text();
    assert!(text.contains(&format!("entries    {}\n", 12 + 100 * WRITERS)), "{text}");
    assert!((0..WRITERS).all(|writer| text.contains(&format!("{writer}.txt, 100 entries"))), "{text}");
    assert_eq!(left_behind(sandbox.path()), [""; 0]);
}

#[test]
fn an_index_that_is_built_anew_while_lists_are_added_loses_none_that_come_later() {
    let sandbox = Sandbox::with_list();
    sandbox.presend("index build list.csv -o known.idx").exits(0);
    sandbox.write("more.txt", format!("pdq {:064x}\n", 1));
    let lines = ["index build list.csv -o known.idx", "index add known.idx more.txt"].map(str::to_owned);
    at_once(&sandbox, &lines).into_iter().for_each(|ran| _ = ran.exits(0));
    // Either was the last; what was added to the older index is gone with it, as if they had run one after the other.
    let ran = sandbox.presend("index info known.idx").exits(0);
    let entries = ran.text().lines().find_map(|line| line.strip_prefix("entries    ")).map(str::to_owned);
    assert!(matches!(entries.as_deref(), Some("12" | "13")), "{entries:?}");
}

#[test]
fn signatures_that_are_made_at_once_are_all_there() {
    let sandbox = signed();
    let names: Vec<String> = (0..WRITERS)
        .map(|writer| format!("set keygen --organisation Org{writer} -o {writer}.key --trust new.json"))
        .collect();
    at_once(&sandbox, &names).into_iter().for_each(|ran| _ = ran.exits(0));
    let trust: Value = serde_json::from_slice(&fs::read(sandbox.path().join("new.json")).expect("ours")).expect("JSON");
    assert_eq!(trust["endorsers"].as_array().map(Vec::len), Some(WRITERS), "{trust}");
    let lines: Vec<String> = (0..WRITERS).map(|writer| format!("set sign known.presend --key {writer}.key")).collect();
    at_once(&sandbox, &lines).into_iter().for_each(|ran| _ = ran.exits(0));
    let ran = sandbox.presend("set info known.presend --format json").exits(0);
    let info: Value = serde_json::from_slice(&ran.stdout).expect("JSON");
    assert_eq!(info["signing_keys"].as_array().map(Vec::len), Some(WRITERS + 1));
    sandbox.presend("scan --set known.presend --trust new.json harbour-recompressed.jpg").exits(1);
}

#[test]
fn a_program_that_waits_says_for_what() {
    let sandbox = Sandbox::with_list();
    sandbox.presend("index build list.csv -o known.idx").exits(0);
    let held = File::open(sandbox.path().join("known.idx")).expect("ours");
    held.lock().expect("nobody has it");
    let mut child = start(&sandbox, "index add known.idx list.csv");
    let mut stderr = BufReader::new(child.stderr.take().expect("piped"));
    let mut told = String::new();
    stderr.read_line(&mut told).expect("text");
    assert_eq!(told, "presend: waiting for another program that changes known.idx\n");
    drop(held);
    assert!(child.wait().expect("it ends").success());
    stderr.read_to_string(&mut told).expect("text");
    assert!(told.ends_with("24 in all\n"), "{told}");
}

/// Scans with an older and a newer version of a set, all remembering the version in one file.
#[test]
fn what_was_seen_never_goes_back() {
    let sandbox = signed();
    let mut sets = vec!["known.presend".to_owned()];
    for version in 2..=4 {
        sandbox.write("more.txt", format!("pdq {version:064x}\n"));
        let (all, next) = (sets.join(" --add-to "), format!("{version}.presend"));
        sandbox.presend(&format!("set build --add-to {all} more.txt -o {next}")).exits(0);
        sandbox.presend(&format!("set sign {next} --key one.key")).exits(0);
        sets.push(next);
    }
    let seen = sandbox.path().join("seen.json");
    let version = || -> Option<u64> {
        let bytes = fs::read(&seen).ok()?;
        let json: Value = serde_json::from_slice(&bytes).expect("whole at every moment");
        Some(json["last"]["version"].as_u64().expect("a number"))
    };
    let scan = |sets: &[String]| {
        format!("scan --set {} --trust trust.json --seen seen.json harbour-recompressed.jpg", sets.join(" --set "))
    };
    for _ in 0..3 {
        let _ = fs::remove_file(&seen);
        let stop = AtomicBool::new(false);
        let versions = std::thread::scope(|scope| {
            let watching = scope.spawn(|| {
                let mut versions = Vec::new();
                while !stop.load(Ordering::Relaxed) {
                    versions.extend(version());
                }
                versions
            });
            let lines: Vec<String> = (1..=4).chain(1..=4).map(|number| scan(&sets[..number])).collect();
            for (line, ran) in lines.iter().zip(at_once(&sandbox, &lines)) {
                // An older one than was seen meanwhile is refused.
                assert!(matches!(ran.code, Some(1 | 3)), "{line}: {ran:?}");
                let newest = line.contains("4.presend");
                assert!(ran.code == Some(1) || (!newest && ran.stderr.contains("older")), "{line}: {ran:?}");
            }
            stop.store(true, Ordering::Relaxed);
            watching.join().expect("it watches")
        });
        assert!(versions.is_sorted(), "{versions:?}");
        assert_eq!(version(), Some(4));
    }
    sandbox.presend(&scan(&sets[..3])).exits(3);
}

#[test]
fn runs_that_share_a_cache_lose_nothing_and_say_nothing() {
    let sandbox = Sandbox::new();
    for seed in 1..=6 {
        sandbox.write(format!("corpus/{seed}.png"), picture::blocks(seed));
    }
    let line = |number: usize| {
        let half = format!("-g {{{}}}.png", ["1,2,3,4", "3,4,5,6"][number % 2]);
        format!("eval recall corpus {half} --cache cache -j1 --pictures 1 -o said{number}.txt")
    };
    let lines: Vec<String> = (0..4).map(line).collect();
    for ran in at_once(&sandbox, &lines) {
        let ran = ran.exits(0);
        assert!(!ran.stderr.contains("is not used"), "{}", ran.stderr);
    }
    let ran = sandbox.presend("eval corpus corpus --cache cache -o described").exits(0);
    let rows: BTreeSet<&str> = ran.text().lines().map(str::trim_end).collect();
    assert!(rows.iter().any(|row| row.starts_with("decoded") && row.ends_with(" 0")), "{}", ran.text());
    for cache in fs::read_dir(sandbox.path().join("cache")).expect("ours") {
        assert_eq!(left_behind(&cache.expect("listed").path()), [""; 0]);
    }
}

#[test]
fn what_a_person_says_of_pairs_during_a_run_is_kept() {
    let sandbox = Sandbox::new();
    sandbox.write("1.png", picture::blocks(1));
    assert!(Command::new("mkfifo").arg(sandbox.path().join("2.png")).status().expect("mkfifo is there").success());
    sandbox.write("described/pairs.csv", "path_a,path_b,verdict\n");
    let child = start(&sandbox, "eval corpus 1.png 2.png --no-cache -j1 -o described");
    // It is read by now: the pipe is opened after it.
    let mut pipe = File::options().write(true).open(sandbox.path().join("2.png")).expect("the program reads");
    sandbox.write("described/pairs.csv", "path_a,path_b,verdict\n1.png,2.png,unrelated\n");
    pipe.write_all(&picture::blocks(2)).expect("the program reads");
    drop(pipe);
    let ran = end(child).exits(2);
    assert!(ran.stderr.contains("described/pairs.csv") && ran.stderr.contains("it is kept"), "{}", ran.stderr);
    let pairs = fs::read_to_string(sandbox.path().join("described/pairs.csv")).expect("ours");
    assert!(pairs.ends_with("unrelated\n"), "{pairs}");
}
