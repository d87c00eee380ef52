//! Sets, index files and lists that change under a scan, and what is no such file.

use std::fs::{self, File};
use std::io::Write;
use std::path::Path;
use std::process::{Child, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};

use presend_core::set::Layout;

use crate::common::{Ran, Sandbox, demo_bytes, picture};
use crate::{Random, by_shell, full, signed};

/// The listed picture of every sandbox here, and one that is not.
const LISTED: &str = "harbour-recompressed.jpg";

/// With a signed set, an index file and a list of the same entries.
fn sandbox() -> Sandbox {
    let sandbox = signed();
    sandbox.presend("index build list.csv -o known.idx").exits(0);
    sandbox
}

/// What to search in, and the file that holds it.
const SEARCHED: [(&str, &str); 3] = [
    ("--set known.presend --trust trust.json", "known.presend"),
    ("--index known.idx", "known.idx"),
    ("--list list.csv", "list.csv"),
];

/// A scan that has opened what it searches, and waits for the end of its first picture.
fn waiting(sandbox: &Sandbox, options: &str) -> Child {
    let line = format!("scan {options} --format ndjson -j1 - {LISTED} beach.jpg {LISTED}");
    let mut command = sandbox.command(line.split_whitespace());
    let mut child =
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("it starts");
    let picture = picture::large_blocks(1);
    assert!(picture.len() > 1 << 17, "a pipe holds 64 KiB: when all is written, the program is reading");
    child.stdin.as_mut().expect("piped").write_all(&picture).expect("the program reads");
    child
}

fn end(mut child: Child) -> Ran {
    drop(child.stdin.take());
    child.wait_with_output().expect("the program ends").into()
}

type Damage = fn(&Path);

const DAMAGES: [(&str, Damage); 6] = [
    ("cut to nothing", |path| File::options().write(true).open(path).expect("ours").set_len(0).expect("ours")),
    ("cut in half", |path| {
        let file = File::options().write(true).open(path).expect("ours");
        file.set_len(file.metadata().expect("ours").len() / 2).expect("ours");
    }),
    ("overwritten with zeros", |path| {
        let length = fs::metadata(path).expect("ours").len() as usize;
        File::options().write(true).open(path).and_then(|mut file| file.write_all(&vec![0; length])).expect("ours");
    }),
    ("made longer", |path| {
        File::options().append(true).open(path).and_then(|mut file| file.write_all(&[0; 100_000])).expect("ours");
    }),
    ("replaced", |path| {
        fs::write(path.with_extension("new"), "something else").expect("ours");
        fs::rename(path.with_extension("new"), path).expect("ours");
    }),
    ("removed", |path| fs::remove_file(path).expect("ours")),
];

#[test]
fn what_a_scan_has_opened_is_searched_whatever_becomes_of_the_file() {
    let sandbox = sandbox();
    for (options, file) in SEARCHED {
        let whole = fs::read(sandbox.path().join(file)).expect("ours");
        for (what, damage) in DAMAGES {
            sandbox.write(file, &whole);
            let child = waiting(&sandbox, options);
            damage(&sandbox.path().join(file));
            let ran = end(child).exits(1);
            let outcomes: Vec<_> = ran
                .ndjson("presend.scan/1")
                .iter()
                .map(|record| record["outcome"].as_str().map(str::to_owned))
                .collect();
            let outcomes: Vec<&str> = outcomes.iter().flatten().map(String::as_str).collect();
            assert_eq!(outcomes, ["clean", "match", "clean", "match"], "{file} {what}");
        }
    }
}

#[test]
fn a_damaged_set_or_index_is_refused_by_the_next_scan() {
    let sandbox = sandbox();
    for (options, file) in &SEARCHED[..2] {
        let whole = fs::read(sandbox.path().join(file)).expect("ours");
        for (what, damage) in DAMAGES {
            sandbox.write(file, &whole);
            damage(&sandbox.path().join(file));
            let ran = sandbox.presend(&format!("scan {options} {LISTED}")).exits(3);
            assert!(ran.stdout.is_empty() && ran.stderr.contains(file), "{file} {what}: {}", ran.stderr);
        }
    }
}

/// A set of 4 GiB, nearly all of it holes, by somebody whom the trust file does not name: its first bytes are enough.
#[test]
fn a_huge_set_by_a_stranger_is_refused_before_it_is_read() {
    let sandbox = sandbox();
    sandbox.presend("set keygen --organisation Stranger -o stranger.key --trust theirs.json").exits(0);
    let path = sandbox.path().join("known.presend");
    let mut head = fs::read(&path).expect("ours");
    // The length of its only segment, behind the head of 32 bytes; what follows from it is where the file ends.
    head[32..40].copy_from_slice(&(4_u64 << 30).to_le_bytes());
    let length = Layout::parse(&head).expect("its table").length();
    sandbox.write("known.presend", &head);
    File::options().write(true).open(&path).and_then(|file| file.set_len(length)).expect("holes take no room");
    let scan = |trust: &str| {
        let line = format!("scan --set known.presend --trust {trust} -j1 {LISTED}");
        by_shell(&sandbox, "ulimit -v 2000000", &line).exits(3)
    };
    let stranger = scan("theirs.json");
    let said = stranger.stderr.matches("not in the trust file").count();
    assert_eq!((said, stranger.stderr.lines().count()), (1, 1), "{}", stranger.stderr);
    // Whom it is by is no stranger to this one.
    let named = scan("trust.json");
    assert!(named.stderr.contains("too many for memory"), "{}", named.stderr);
}

/// The bytes of a file change again and again while scans open it.
#[test]
fn a_file_that_is_written_to_while_it_is_opened_is_searched_as_it_was_or_refused() {
    let rounds = if full() { 200 } else { 8 };
    // A list has nothing that tells whether it is whole: half of one is a shorter one.
    for (options, file) in &SEARCHED[..2] {
        let sandbox = sandbox();
        let path = sandbox.path().join(file);
        let whole = fs::read(&path).expect("ours");
        let stop = AtomicBool::new(false);
        let codes: Vec<i32> = std::thread::scope(|scope| {
            scope.spawn(|| {
                let mut random = Random(7);
                while !stop.load(Ordering::Relaxed) {
                    let file = File::options().write(true).open(&path).expect("ours");
                    let at = (random.share() * whole.len() as f64) as usize;
                    // Cut, as by a program that writes it anew; or its bytes changed, and put back.
                    match random.next() % 3 {
                        0 => file.set_len(at as u64).expect("ours"),
                        1 => {
                            (&file).write_all(&whole[..at].iter().map(|byte| !byte).collect::<Vec<_>>()).expect("ours");
                        }
                        _ => {}
                    }
                    drop(file);
                    fs::OpenOptions::new().write(true).open(&path).expect("ours").write_all(&whole).expect("ours");
                }
            });
            let scan = |_| {
                let ran = sandbox.presend(&format!("scan {options} --format csv {LISTED}"));
                let code = ran.code.unwrap_or_else(|| panic!("{file}: ended by a signal: {}", ran.stderr));
                assert!([1, 3].contains(&code), "{file}: {code}\n{}", ran.stderr);
                code
            };
            let codes = (0..rounds).map(scan).collect();
            stop.store(true, Ordering::Relaxed);
            codes
        });
        let refused = codes.iter().filter(|&&code| code == 3).count();
        eprintln!("{file}: {rounds} scans, {refused} refused");
    }
}

#[test]
fn what_is_no_file_or_too_long_for_what_it_says_is_refused_unread() {
    let sandbox = sandbox();
    fs::create_dir(sandbox.path().join("folder")).expect("ours");
    let made = std::process::Command::new("mkfifo").arg(sandbox.path().join("pipe")).status().expect("mkfifo is there");
    assert!(made.success());
    for file in ["known.presend", "known.idx"] {
        // So long that it could not be read.
        let long = sandbox.write(format!("long-{file}"), fs::read(sandbox.path().join(file)).expect("ours"));
        File::options().write(true).open(long).and_then(|file| file.set_len(1 << 42)).expect("a file with a hole");
    }
    sandbox.write("other", demo_bytes("list.csv"));
    File::options()
        .write(true)
        .open(sandbox.path().join("other"))
        .and_then(|file| file.set_len(1 << 42))
        .expect("ours");
    for (option, long) in [("--allow-unsigned --set", "long-known.presend"), ("--index", "long-known.idx")] {
        for (file, why) in [
            ("folder", "not a file"),
            ("pipe", "not a file"),
            ("/dev/zero", "not a file"),
            (long, "4398046511104"),
            ("other", "not a"),
        ] {
            let ran = sandbox.presend(&format!("scan {option} {file} beach.jpg")).exits(3);
            assert!(ran.stdout.is_empty() && ran.stderr.contains(file) && ran.stderr.contains(why), "{}", ran.stderr);
        }
    }
}

#[test]
fn set_commands_refuse_what_is_no_file() {
    let sandbox = sandbox();
    for line in [
        "set sign /dev/zero --key one.key",
        "set revoke /dev/zero --list list.csv -o out",
        "index add /dev/zero list.csv",
    ] {
        let ran = sandbox.presend(line);
        assert!(matches!(ran.code, Some(2 | 3)) && ran.stderr.contains("/dev/zero"), "{line}: {ran:?}");
    }
    assert!(Path::new("/dev/zero").metadata().is_ok_and(|found| !found.is_file()), "it is what it was");
}
