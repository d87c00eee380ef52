//! Readers that go away, and interrupts.
#![cfg(unix)]

mod common;

use std::io::{Read, Write};
use std::process::{Child, Stdio};
use std::time::Duration;

use common::{Ran, Sandbox, picture};

/// Runs the program with a standard output that nobody reads.
fn unread(sandbox: &Sandbox, line: &str) -> Ran {
    let (reader, writer) = std::io::pipe().expect("a pipe");
    drop(reader);
    let mut command = sandbox.command(line.split_whitespace());
    command.stdout(writer).output().expect("the program starts").into()
}

#[test]
fn a_reader_that_is_gone_is_no_error_to_tell_of() {
    let sandbox = Sandbox::with_demo(&["outbox/beach.jpg"]);
    for line in [
        "scan --list list.csv beach.jpg",
        "scan --list list.csv --format csv beach.jpg",
        "hash beach.jpg",
        "hash --format ndjson beach.jpg",
        "compare beach.jpg beach.jpg",
        "demo",
        "demo --format csv",
        "completions bash",
        "man",
        "--help",
    ] {
        let ran = unread(&sandbox, line);
        assert!(ran.code.is_some(), "{line}: ended by a signal");
        assert_eq!(ran.stderr, "", "{line}");
    }
}

/// Rows as few as these may be written only when all is done. The worst comes first: no row after it has to be reached.
#[test]
fn a_reader_that_is_gone_leaves_the_exit_status_of_the_rows() {
    let copy = "harbour-recompressed.jpg";
    let sandbox = Sandbox::with_demo(&["outbox/beach.jpg", "outbox/harbour-recompressed.jpg"]);
    for format in ["human", "ndjson", "csv"] {
        for (line, code) in [
            ("scan --list list.csv beach.jpg".to_owned(), 0),
            (format!("scan --list list.csv {copy} beach.jpg"), 1),
            (format!("scan --list list.csv missing.jpg {copy}"), 2),
            (format!("scan --exit-zero --list list.csv missing.jpg {copy}"), 0),
            ("hash beach.jpg".to_owned(), 0),
            ("hash missing.jpg".to_owned(), 2),
        ] {
            let ran = unread(&sandbox, &format!("{line} --format {format}")).exits(code);
            assert_eq!(ran.stderr, "", "{line}");
        }
    }
}

#[test]
fn a_reader_of_comparisons_that_is_gone_leaves_the_exit_status_of_the_rows() {
    let sandbox = Sandbox::with_demo(&["outbox/beach.jpg", "outbox/plain-blue.png"]);
    for format in ["human", "ndjson", "csv"] {
        unread(&sandbox, &format!("compare --format {format} beach.jpg beach.jpg")).exits(1);
        unread(&sandbox, &format!("compare --format {format} beach.jpg plain-blue.png")).exits(2);
    }
}

#[test]
fn a_reader_that_leaves_early_ends_a_long_run() {
    let sandbox = Sandbox::with_list();
    sandbox.write("a.png", picture::blocks(1));
    sandbox.write("list", "a.png\n".repeat(LONG));
    sandbox.write("known", format!("pdq {}", sandbox.hash_of("a.png")));
    for (command, code) in [("hash", 0), ("scan --list list.csv", 2), ("scan --list known", 2)] {
        let mut child = spawn(&sandbox, &format!("{command} --files-from list"));
        let mut start = [0; 64];
        child.stdout.take().expect("piped").read_exact(&mut start).expect("rows come before the end");
        let ran = Ran::from(child.wait_with_output().expect("the program ends")).exits(code);
        assert_eq!(ran.stderr, "", "{command}");
    }
}

#[test]
fn a_slow_input_holds_up_those_far_behind_it_until_it_is_there() {
    let sandbox = Sandbox::new();
    sandbox.write("a.png", picture::blocks(1));
    sandbox.write("list", "a.png\n".repeat(1_000) + "late.png\n");
    let mut child = spawn(&sandbox, "hash --format ndjson --jobs 2 - --files-from list");
    // Long enough to come to the last input, were they not held up.
    std::thread::sleep(Duration::from_secs(1));
    sandbox.write("late.png", picture::blocks(2));
    child.stdin.take().expect("piped").write_all(&picture::blocks(3)).expect("it is read");
    let ran = Ran::from(child.wait_with_output().expect("the program ends")).exits(0);
    let rows = ran.ndjson("presend.hash/1");
    assert_eq!((&rows[0]["path"], &rows[1_001]["path"], rows.len()), (&"-".into(), &"late.png".into(), 1_002));
}

/// More files than can be read in the time a signal or an end of file takes.
const LONG: usize = 200_000;

fn spawn(sandbox: &Sandbox, line: &str) -> Child {
    let mut command = sandbox.command(line.split_whitespace());
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("the program starts")
}

/// Reading `/proc` tells when the program listens for the signal; before, it would just die of it.
#[cfg(target_os = "linux")]
mod interrupts {
    use std::io::{BufRead, BufReader, Write};
    use std::process::{ChildStdin, Command};
    use std::thread::sleep;
    use std::time::Duration;

    use super::*;

    const PAUSE: Duration = Duration::from_millis(5);
    const STOPPING: &str = "presend: stopping after the files under way; press again to stop at once\n";

    fn listens(child: &Child) -> bool {
        let status = std::fs::read_to_string(format!("/proc/{}/status", child.id())).expect("the program runs");
        let caught = status.lines().find_map(|line| line.strip_prefix("SigCgt:")).expect("Linux says so");
        u64::from_str_radix(caught.trim(), 16).expect("a mask") & 0b10 != 0
    }

    fn interrupt(child: &Child) {
        while !listens(child) {
            sleep(PAUSE);
        }
        let sent = Command::new("kill").args(["-INT", &child.id().to_string()]).status().expect("kill is there");
        assert!(sent.success());
    }

    /// With more pictures to read, by `--files-from list`, than are read before an interrupt.
    fn long() -> Sandbox {
        let sandbox = Sandbox::with_list();
        sandbox.write("a.png", picture::blocks(1));
        sandbox.write("list", "a.png\n".repeat(LONG));
        sandbox
    }

    #[test]
    fn an_interrupted_run_ends_with_130_and_says_how_far_it_came() {
        for (command, summary) in [("scan --list list.csv", " unscannable\n"), ("hash", " failed\n")] {
            let sandbox = long();
            let child = spawn(&sandbox, &format!("{command} --format csv --files-from list"));
            interrupt(&child);
            let ran = Ran::from(child.wait_with_output().expect("the program ends")).exits(130);
            // Another thread says that it stops, so that may come late.
            let end = ran.stderr.split_inclusive('\n').find(|line| *line != STOPPING).expect("a summary");
            assert!(end.starts_with("interrupted after ") && end.ends_with(summary), "{}", ran.stderr);
            assert!(ran.lines().len() < LONG);
            assert!(ran.csv().iter().skip(1).all(|row| row[0] == "a.png"), "every row is whole");
        }
    }

    #[test]
    fn an_interrupted_enrolment_leaves_the_older_list() {
        let sandbox = long();
        sandbox.write("new.csv", "an older list\n");
        let child = spawn(&sandbox, "set enrol --min-quality 0 -o new.csv --files-from list");
        interrupt(&child);
        let ran = Ran::from(child.wait_with_output().expect("the program ends")).exits(130);
        assert!(ran.stderr.contains("presend: interrupted, no list was written\n"), "{}", ran.stderr);
        let list = std::fs::read_to_string(sandbox.path().join("new.csv")).expect("still there");
        assert_eq!(list, "an older list\n");
    }

    #[test]
    fn exit_zero_does_not_hide_an_interrupt() {
        let sandbox = long();
        let child = spawn(&sandbox, "scan --exit-zero --quiet --list list.csv --files-from list");
        interrupt(&child);
        let ran = Ran::from(child.wait_with_output().expect("the program ends")).exits(130);
        assert_eq!(ran.stderr, "", "quiet as asked for");
    }

    /// A run that has read a picture from standard input and waits for its end.
    fn reading(sandbox: &Sandbox, line: &str, picture: &[u8]) -> (Child, ChildStdin) {
        let mut child = spawn(sandbox, line);
        let mut stdin = child.stdin.take().expect("piped");
        assert!(picture.len() > 1 << 17, "a pipe holds 64 KiB: when all is written, the program is reading");
        stdin.write_all(picture).expect("the program reads");
        (child, stdin)
    }

    /// Interrupts a run while it reads a picture from standard input, and lets it read to the end.
    fn interrupted_while_reading(sandbox: &Sandbox, line: &str, picture: &[u8]) -> Ran {
        let (mut child, stdin) = reading(sandbox, line, picture);
        interrupt(&child);
        let mut stderr = BufReader::new(child.stderr.take().expect("piped"));
        let mut told = String::new();
        stderr.read_line(&mut told).expect("messages are UTF-8");
        assert_eq!(told, STOPPING);
        drop(stdin);
        let mut ran = Ran::from(child.wait_with_output().expect("the program ends"));
        stderr.read_to_string(&mut ran.stderr).expect("messages are UTF-8");
        ran
    }

    #[test]
    fn the_first_interrupt_lets_the_file_under_way_end() {
        let sandbox = Sandbox::with_list();
        sandbox.write("a.png", picture::blocks(1));
        for command in ["scan --list list.csv", "hash"] {
            let ran = interrupted_while_reading(
                &sandbox,
                &format!("{command} --format csv -j1 - a.png"),
                &picture::large_blocks(1),
            );
            let ran = ran.exits(130);
            assert!(ran.stderr.starts_with("interrupted after 1 image in "), "{}", ran.stderr);
            let paths: Vec<String> = ran.csv().into_iter().map(|row| row[0].clone()).collect();
            assert_eq!(paths, ["path", "-"]);
        }
    }

    #[test]
    fn an_interrupt_after_which_every_file_is_handled_all_the_same_is_none() {
        let sandbox = Sandbox::with_list();
        sandbox.write("large.png", picture::large_blocks(1));
        sandbox.write("known", format!("pdq {}", sandbox.hash_of("large.png")));
        for (command, code) in [("hash", 0), ("scan --list list.csv", 0), ("scan --list known", 1)] {
            let ran =
                interrupted_while_reading(&sandbox, &format!("{command} -"), &picture::large_blocks(1)).exits(code);
            assert!(ran.stderr.starts_with("1 image in "), "{}", ran.stderr);
            assert_eq!(ran.lines().len(), 1, "{}", ran.text());
        }
    }

    #[test]
    fn a_second_interrupt_does_not_wait_for_an_input_that_never_comes() {
        let sandbox = Sandbox::with_list();
        let (mut child, stdin) = reading(&sandbox, "scan --list list.csv -", &picture::large_blocks(1));
        interrupt(&child);
        while child.try_wait().expect("it is our child").is_none() {
            // The process may be gone by now: then there is nobody to tell.
            let _ = Command::new("kill").args(["-INT", &child.id().to_string()]).stderr(Stdio::null()).status();
            sleep(PAUSE);
        }
        drop(stdin);
        let ran = Ran::from(child.wait_with_output().expect("the program ends")).exits(130);
        assert_eq!(ran.stderr, STOPPING);
    }
}
