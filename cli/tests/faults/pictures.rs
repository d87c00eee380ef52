//! Pictures that change while they are read.

use std::fs::{self, File, Permissions};
use std::io::Write;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};

use crate::Random;
use crate::common::{Ran, Sandbox, column, demo_bytes, picture};

const LISTED: &str = "outbox/harbour-recompressed.jpg";

/// A listed picture that is cut anywhere may have lost what it is known by: it is not clean.
#[test]
fn a_listed_picture_that_is_cut_is_never_clean() {
    let sandbox = Sandbox::with_list();
    let whole = demo_bytes(LISTED);
    for part in 0..40 {
        sandbox.write(format!("cut/{part:02}.jpg"), &whole[..whole.len() * part / 40]);
    }
    let ran = sandbox.presend("scan --list list.csv --format ndjson cut").exits(2);
    let outcomes = column(&ran.ndjson("presend.scan/1"), "outcome");
    assert_eq!(outcomes.len(), 40);
    assert!(!outcomes.contains(&"clean".to_owned()), "{outcomes:?}");
}

#[test]
fn a_listed_picture_that_is_written_while_it_is_read_is_never_clean() {
    let sandbox = Sandbox::with_list();
    let whole = demo_bytes(LISTED);
    let path = sandbox.write("picture.jpg", &whole);
    sandbox.write("names", "picture.jpg\n".repeat(400));
    let stop = AtomicBool::new(false);
    let ran = std::thread::scope(|scope| {
        scope.spawn(|| {
            let mut random = Random(11);
            // Whatever is there at any moment is the picture, a part of it, more than it, something else, or nothing.
            while !stop.load(Ordering::Relaxed) {
                let at = (random.share() * whole.len() as f64) as usize;
                match random.next() % 5 {
                    0 => fs::write(&path, &whole[..at]).expect("ours"),
                    1 => fs::write(&path, [&whole[..], &whole[..at]].concat()).expect("ours"),
                    2 => fs::remove_file(&path).expect("ours"),
                    3 => {
                        fs::remove_file(&path).expect("ours");
                        fs::create_dir(&path).expect("ours");
                        fs::remove_dir(&path).expect("ours");
                    }
                    _ => File::options()
                        .write(true)
                        .open(&path)
                        .and_then(|mut file| file.write_all(&vec![0; at]))
                        .expect("ours"),
                }
                fs::write(&path, &whole).expect("ours");
            }
        });
        let ran = sandbox.presend("scan --list list.csv --format ndjson --files-from names");
        stop.store(true, Ordering::Relaxed);
        ran
    });
    assert!(matches!(ran.code, Some(1 | 2)), "{ran:?}");
    let outcomes = column(&ran.ndjson("presend.scan/1"), "outcome");
    assert_eq!(outcomes.len(), 400);
    assert!(!outcomes.contains(&"clean".to_owned()), "{outcomes:?}");
}

/// A run over a folder that has been listed, and waits for the end of a picture before those of the folder.
fn listed(sandbox: &Sandbox, as_nobody: bool) -> Child {
    let line = "scan --list list.csv --format ndjson -j1 - folder";
    let mut command = sandbox.command(line.split_whitespace());
    if as_nobody {
        use std::os::unix::process::CommandExt;
        command.uid(NOBODY).gid(NOBODY);
    }
    let mut child =
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("it starts");
    // More than a pipe holds: when all is written, the program is reading.
    child.stdin.as_mut().expect("piped").write_all(&picture::large_blocks(1)).expect("the program reads");
    child
}

const NOBODY: u32 = 65_534;

fn end(mut child: Child) -> Ran {
    drop(child.stdin.take());
    child.wait_with_output().expect("the program ends").into()
}

/// What becomes of a listed picture in a folder after it was listed, and how the record says so.
#[test]
fn a_picture_that_is_another_thing_when_it_is_read_is_said_to_be_unreadable() {
    type Change = fn(&Path);
    let changes: [(&str, Change, &str); 6] = [
        ("vanishes", |path| fs::remove_file(path).expect("ours"), "not-found"),
        (
            "becomes a folder",
            |path| {
                fs::remove_file(path).expect("ours");
                fs::create_dir(path).expect("ours");
            },
            "unreadable",
        ),
        (
            "becomes a pipe that nobody writes to",
            |path| {
                fs::remove_file(path).expect("ours");
                assert!(Command::new("mkfifo").arg(path).status().expect("mkfifo is there").success());
            },
            "unreadable",
        ),
        (
            "becomes a device without an end",
            |path| {
                fs::remove_file(path).expect("ours");
                symlink("/dev/zero", path).expect("ours");
            },
            "unreadable",
        ),
        (
            "becomes a link that leads nowhere",
            |path| {
                fs::remove_file(path).expect("ours");
                symlink("nowhere", path).expect("ours");
            },
            "not-found",
        ),
        ("is emptied", |path| fs::write(path, "").expect("ours"), "empty"),
    ];
    for (what, change, code) in changes {
        let sandbox = Sandbox::with_list();
        let path = sandbox.write("folder/picture.jpg", demo_bytes(LISTED));
        let child = listed(&sandbox, false);
        change(&path);
        let records = end(child).exits(2).ndjson("presend.scan/1");
        assert_eq!(column(&records, "outcome"), ["clean", "unscannable"], "{what}");
        assert_eq!(records[1]["reason"]["code"], code, "{what}: {}", records[1]);
    }
}

#[test]
fn a_picture_that_may_no_longer_be_read_is_said_to_be_unreadable() {
    let sandbox = Sandbox::with_list();
    let path = sandbox.write("folder/picture.jpg", demo_bytes(LISTED));
    // Root may read everything, and must be somebody else for this.
    let is_root = fs::metadata("/proc/self").is_ok_and(|found| std::os::unix::fs::MetadataExt::uid(&found) == 0);
    if is_root {
        for folder in [sandbox.path(), &sandbox.path().join("folder")] {
            fs::set_permissions(folder, Permissions::from_mode(0o755)).expect("ours");
        }
        let mut command = Command::new(env!("CARGO_BIN_EXE_presend"));
        std::os::unix::process::CommandExt::uid(&mut command, NOBODY);
        if command.arg("--version").output().is_err() {
            eprintln!("skipped: only root may run the program under test");
            return;
        }
    }
    let child = listed(&sandbox, is_root);
    fs::set_permissions(&path, Permissions::from_mode(0)).expect("ours");
    let records = end(child).exits(2).ndjson("presend.scan/1");
    assert_eq!(records[1]["reason"]["code"], "permission-denied", "{}", records[1]);
}

#[test]
fn a_device_without_an_end_is_no_picture_and_is_not_read_to_its_end() {
    let sandbox = Sandbox::with_list();
    let ran = sandbox.presend("scan --list list.csv --format ndjson /dev/zero").exits(2);
    assert_eq!(ran.ndjson("presend.scan/1")[0]["outcome"], "unscannable");
    // Where digests are listed, every file is read as far as the limit.
    sandbox.write("digests.csv", "sha256,aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\n");
    sandbox.presend("set build list.csv digests.csv -o known.presend").exits(0);
    let ran = sandbox.presend("scan --set known.presend --allow-unsigned --format ndjson /dev/zero").exits(2);
    assert_eq!(ran.ndjson("presend.scan/1")[0]["reason"]["code"], "too-many-bytes");
}

#[test]
fn a_pipe_is_read_to_its_end_and_judged_by_what_came() {
    let sandbox = Sandbox::with_list();
    let whole = demo_bytes(LISTED);
    let pipe = sandbox.path().join("pipe");
    assert!(Command::new("mkfifo").arg(&pipe).status().expect("mkfifo is there").success());
    for (bytes, outcome, code) in [(&whole[..], "match", 1), (&whole[..whole.len() / 2], "inconclusive", 2)] {
        let mut command = sandbox.command(["scan", "--list", "list.csv", "--format", "ndjson", "pipe"]);
        let child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("it starts");
        File::options().write(true).open(&pipe).and_then(|mut file| file.write_all(bytes)).expect("it reads");
        let ran = Ran::from(child.wait_with_output().expect("it ends")).exits(code);
        assert_eq!(ran.ndjson("presend.scan/1")[0]["outcome"], outcome);
    }
}
