//! Readers that go away, and interrupts.
#![cfg(unix)]

mod common;

use std::io::Read;
use std::process::{Child, Command, Stdio};

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
        "scan --quiet --list list.csv beach.jpg",
        "scan --quiet --list list.csv --format csv beach.jpg",
        "hash --quiet beach.jpg",
        "hash --quiet --format ndjson beach.jpg",
        "compare beach.jpg beach.jpg",
        "demo --quiet",
        "completions bash",
        "man",
        "--help",
    ] {
        let ran = unread(&sandbox, line);
        assert!(ran.code.is_some(), "{line}: ended by a signal");
        assert_eq!(ran.stderr, "", "{line}");
    }
}

#[test]
fn a_reader_that_leaves_early_ends_a_long_run() {
    let sandbox = Sandbox::new();
    sandbox.write("a.png", picture::blocks(1));
    sandbox.write("list", "a.png\n".repeat(LONG));
    let mut child = spawn(&sandbox, "hash --quiet --files-from list");
    let mut start = [0; 64];
    child.stdout.take().expect("piped").read_exact(&mut start).expect("rows come before the end");
    let ran = Ran::from(child.wait_with_output().expect("the program ends"));
    assert_eq!((ran.code, ran.stderr.as_str()), (Some(0), ""));
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
    use std::thread::sleep;
    use std::time::Duration;

    use super::*;

    const PAUSE: Duration = Duration::from_millis(5);

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

    #[test]
    fn an_interrupted_run_ends_with_130_and_says_how_far_it_came() {
        for (command, summary) in [("scan --list list.csv", " unscannable\n"), ("hash", " failed\n")] {
            let sandbox = Sandbox::with_list();
            sandbox.write("a.png", picture::blocks(1));
            sandbox.write("list", "a.png\n".repeat(LONG));
            let child = spawn(&sandbox, &format!("{command} --format csv --files-from list"));
            interrupt(&child);
            let ran = Ran::from(child.wait_with_output().expect("the program ends")).exits(130);
            assert!(ran.stderr.starts_with("interrupted after "), "{}", ran.stderr);
            assert!(ran.stderr.ends_with(summary), "{}", ran.stderr);
            assert!(ran.lines().len() < LONG);
            assert!(ran.csv().iter().skip(1).all(|row| row[0] == "a.png"), "every row is whole");
        }
    }

    #[test]
    fn exit_zero_does_not_hide_an_interrupt() {
        let sandbox = Sandbox::with_list();
        sandbox.write("a.png", picture::blocks(1));
        sandbox.write("list", "a.png\n".repeat(LONG));
        let child = spawn(&sandbox, "scan --exit-zero --quiet --list list.csv --files-from list");
        interrupt(&child);
        Ran::from(child.wait_with_output().expect("the program ends")).exits(130);
    }

    #[test]
    fn a_second_interrupt_does_not_wait_for_an_input_that_never_comes() {
        let sandbox = Sandbox::with_list();
        let mut child = spawn(&sandbox, "scan --list list.csv -");
        let stdin = child.stdin.take();
        interrupt(&child);
        while child.try_wait().expect("it is our child").is_none() {
            // The process may be gone by now: then there is nobody to tell.
            let _ = Command::new("kill").args(["-INT", &child.id().to_string()]).stderr(Stdio::null()).status();
            sleep(PAUSE);
        }
        drop(stdin);
        Ran::from(child.wait_with_output().expect("the program ends")).exits(130);
    }
}
