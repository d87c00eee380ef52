//! Disks that are full, folders that may not be written to, and readers that are gone.

use std::fs::{self, File};
use std::path::Path;
use std::process::{Command, Stdio};

use crate::common::{Ran, Sandbox, picture};
use crate::{by_shell, full, left_behind, names, signed};

/// Every command that writes files, with a file that it writes: in the folder `out`, where there is an older one of each.
const WRITING: [(&str, &str); 15] = [
    ("set build list.csv -o out/known.presend", "known.presend"),
    ("set build --add-to known.presend more.txt -o out/update.presend", "update.presend"),
    ("set revoke known.presend --list list.csv -o out/revoked.presend", "revoked.presend"),
    ("set sign known.presend --key one.key -o out/signed.presend", "signed.presend"),
    ("set keygen --organisation Two -o two.key --trust out/trust.json", "trust.json"),
    ("set merge list.csv -o out/merged.csv", "merged.csv"),
    ("set export list.csv -o out/exported.csv", "exported.csv"),
    ("set enrol beach.jpg -o out/enrolled.csv", "enrolled.csv"),
    ("index build list.csv -o out/known.idx", "known.idx"),
    ("index add out/known.idx more.txt", "known.idx"),
    ("hash beach.jpg -o out/hashes.txt", "hashes.txt"),
    ("hash --format parquet beach.jpg -o out/hashes.parquet", "hashes.parquet"),
    ("scan --set known.presend --trust trust.json --seen out/seen.json beach.jpg", "seen.json"),
    ("eval fpr corpus --no-cache -j1 --counts out/counts.parquet", "counts.parquet"),
    ("eval fpr corpus --no-cache -j1 -o out/said.txt", "said.txt"),
];

/// With all that those commands read, and an older file of each that they write.
fn sandbox() -> Sandbox {
    let sandbox = signed();
    sandbox.write("more.txt", format!("pdq {:064x}\n", 1));
    (1..=3).for_each(|seed| _ = sandbox.write(format!("corpus/{seed}.png"), picture::blocks(seed)));
    for (_, file) in WRITING {
        sandbox.write(format!("out/{file}"), format!("an older {file}"));
    }
    for (from, to) in [("trust.json", "trust.json"), ("known.presend", "signed.presend")] {
        fs::copy(sandbox.path().join(from), sandbox.path().join("out").join(to)).expect("ours");
    }
    sandbox.presend("index build list.csv -o out/known.idx").exits(0);
    fs::remove_file(sandbox.path().join("out/seen.json")).expect("ours");
    sandbox.presend("scan --set known.presend --trust trust.json --seen out/seen.json beach.jpg").exits(0);
    // What was seen is an older version.
    let seen = fs::read_to_string(sandbox.path().join("out/seen.json")).expect("ours");
    sandbox.presend("set build --add-to known.presend more.txt -o next.presend").exits(0);
    sandbox.presend("set sign next.presend --key one.key").exits(0);
    assert!(seen.contains("\"version\": 1"), "{seen}");
    sandbox
}

/// The newer version for the scan, so that there is something to remember.
fn with_next(line: &str) -> String {
    line.replace("scan --set", "scan --set next.presend --set")
}

/// The error names the file and the fault, the older file is as it was, and nothing is beside it.
#[track_caller]
fn fails_and_leaves(sandbox: &Sandbox, (line, file): (&str, &str), fault: &str, run: impl FnOnce(&str) -> Ran) {
    let folder = sandbox.path().join("out");
    let path = folder.join(file);
    let (before, listed) = (fs::read(&path).expect("ours"), names(&folder));
    let ran = run(&with_next(line)).exits(2);
    let told = ran.stderr.lines().last().unwrap_or_default().to_owned();
    assert!(told.contains(&format!("out/{file}")) && told.contains(fault), "{line}: {}", ran.stderr);
    assert_eq!(fs::read(&path).expect("it is there"), before, "{line}");
    assert_eq!(names(&folder), listed, "{line}");
    assert_eq!(left_behind(sandbox.path()), [""; 0], "{line}");
    // The key that was made before the trust file could not be written.
    let _ = fs::remove_file(sandbox.path().join("two.key"));
}

#[test]
fn a_disk_that_is_full_fails_a_command_and_leaves_the_older_file() {
    let sandbox = sandbox();
    for (line, file) in WRITING {
        // No file may become longer than nothing; the program is told instead of ended.
        let limited = "trap '' XFSZ; ulimit -f 0";
        if line.starts_with("set keygen") {
            // The key is refused first, and the trust file not touched.
            let ran = by_shell(&sandbox, limited, line).exits(2);
            assert!(ran.stderr.contains("two.key") && ran.stderr.contains("File too large"), "{}", ran.stderr);
            assert!(!sandbox.path().join("two.key").exists());
            continue;
        }
        fails_and_leaves(&sandbox, (line, file), "File too large", |line| by_shell(&sandbox, limited, line));
    }
}

/// The command that runs others with mounts of their own, or why there is none.
fn unshared() -> Result<Vec<&'static str>, String> {
    let ways = [vec!["unshare", "-m"], vec!["unshare", "-rm"]];
    let works = |way: &&Vec<&str>| {
        let made = Command::new(way[0]).args(&way[1..]).args(["sh", "-c", "mount -t tmpfs none /mnt"]).output();
        made.is_ok_and(|made| made.status.success())
    };
    ways.iter().find(works).cloned().ok_or_else(|| "no mount namespace can be made here".to_owned())
}

/// Runs the program where `out` is mounted anew by a script, and tells what is in it afterwards.
fn mounted(sandbox: &Sandbox, way: &[&str], mount: &str, line: &str) -> (Ran, String) {
    let script = format!("{mount}; \"$0\" \"$@\"; code=$?; ls -A out >after; cp -r out copy; exit $code");
    let args = way[1..].iter().copied().chain(["sh", "-c", &script, env!("CARGO_BIN_EXE_presend")]);
    let ran = sandbox.command_of(way[0], args.chain(line.split_whitespace())).output().expect("it starts").into();
    (ran, fs::read_to_string(sandbox.path().join("after")).expect("it was listed"))
}

#[test]
fn a_full_file_system_and_a_read_only_one_fail_a_command_and_leave_the_older_file() {
    let way = match unshared() {
        Ok(way) => way,
        Err(why) => {
            eprintln!("skipped: {why}");
            return;
        }
    };
    // All that is in `out`, on a file system that is then filled up, or read only.
    let full = "set -e; rm -rf was copy two.key; cp -r out was; mount -t tmpfs -o size=1m none out; cp was/* out; \
                (cat /dev/zero >out/fill 2>/dev/null || true); set +e";
    let read_only = "set -e; rm -rf copy two.key; mount --bind out out; mount -o remount,bind,ro out; set +e";
    let sandbox = sandbox();
    for (mount, fault) in [(full, "No space left on device"), (read_only, "Read-only file system")] {
        for (line, file) in WRITING {
            let before = fs::read(sandbox.path().join("out").join(file)).expect("ours");
            let (ran, after) = mounted(&sandbox, &way, mount, &with_next(line));
            let ran = ran.exits(2);
            let told = ran.stderr.lines().last().unwrap_or_default();
            assert!(told.contains(&format!("out/{file}")) && told.contains(fault), "{line}: {}", ran.stderr);
            assert!(!after.contains(".presend-"), "{line}: {after}");
            assert_eq!(fs::read(sandbox.path().join("copy").join(file)).expect("it is there"), before, "{line}");
        }
    }
}

#[test]
fn a_path_below_a_file_or_in_no_folder_is_refused() {
    let sandbox = sandbox();
    sandbox.write("file", "");
    for (line, file) in WRITING {
        for (place, fault) in [("file", "Not a directory"), ("nowhere", "No such file")] {
            if line.starts_with("index add") {
                continue;
            }
            let ran = sandbox.presend(&with_next(&line.replace("out/", &format!("{place}/"))));
            let named = ran.stderr.contains(&format!("{place}/{file}")) && ran.stderr.contains(fault);
            let code = if line.starts_with("scan") && place == "file" { 3 } else { 2 };
            assert!(ran.code == Some(code) && named, "{line}: {ran:?}");
            let _ = fs::remove_file(sandbox.path().join("two.key"));
        }
    }
    assert_eq!(left_behind(sandbox.path()), [""; 0]);
}

/// Makes calls of the system fail, if strace is there and may.
fn failing(sandbox: &Sandbox, call: &str, line: &str) -> Option<Ran> {
    let probe = Command::new("strace").args(["-o", "/dev/null", "true"]).output();
    if !probe.is_ok_and(|probe| probe.status.success()) {
        return None;
    }
    let inject = format!("inject={call}");
    let trace = format!("trace={}", call.split(':').next().unwrap_or_default());
    let args = ["-f", "-qq", "-o", "/dev/null", "-e", &trace, "-e", &inject, env!("CARGO_BIN_EXE_presend")];
    Some(
        sandbox
            .command_of("strace", args.into_iter().chain(line.split_whitespace()))
            .output()
            .expect("it starts")
            .into(),
    )
}

#[test]
fn what_cannot_be_flushed_or_renamed_fails_a_command_and_leaves_the_older_file() {
    let sandbox = sandbox();
    for call in ["fsync:error=EIO", "/^rename:error=EIO"] {
        for (line, file) in WRITING {
            // The short form has one for each way of writing.
            if line.starts_with("set keygen") || !(full() || line.starts_with("index") || line.starts_with("hash")) {
                continue;
            }
            if failing(&sandbox, call, "--version").is_none() {
                eprintln!("skipped: there is no strace, or it may not trace");
                return;
            }
            fails_and_leaves(&sandbox, (line, file), "Input/output error", |line| {
                failing(&sandbox, call, line).expect("it was there before")
            });
        }
    }
}

#[test]
fn a_folder_that_cannot_be_flushed_is_told_and_the_new_file_is_there() {
    let sandbox = sandbox();
    // The second flush is that of the folder.
    let Some(ran) = failing(&sandbox, "fsync:error=EIO:when=2", "index build more.txt -o out/known.idx") else {
        eprintln!("skipped: there is no strace, or it may not trace");
        return;
    };
    let ran = ran.exits(2);
    assert!(
        ran.stderr.contains("out/known.idx") && ran.stderr.contains("its folder cannot be flushed"),
        "{}",
        ran.stderr
    );
    assert!(sandbox.presend("index info out/known.idx").exits(0).text().contains("entries    1\n"));
}

#[test]
fn results_that_nobody_can_take_are_an_error_and_never_clean() {
    let sandbox = sandbox();
    let nowhere = || Stdio::from(File::options().write(true).open("/dev/full").expect("Linux has it"));
    if !Path::new("/dev/full").exists() {
        eprintln!("skipped: there is no /dev/full");
        return;
    }
    let listed = "harbour-recompressed.jpg";
    for line in [
        "scan --list list.csv beach.jpg",
        "scan --list list.csv --format csv beach.jpg",
        "scan --set known.presend --trust trust.json --format ndjson beach.jpg",
        "hash beach.jpg",
        "hash --format parquet beach.jpg",
        "compare beach.jpg beach.jpg",
        "demo",
        "set info known.presend",
        "set verify known.presend --trust trust.json",
        "set merge list.csv",
        "set export list.csv",
        "set diff list.csv more.txt",
        "completions bash",
    ] {
        let ran = Ran::from(sandbox.command(line.split_whitespace()).stdout(nowhere()).output().expect("it starts"));
        let ran = ran.exits(2);
        assert!(ran.stderr.contains("No space left on device"), "{line}: {}", ran.stderr);
        let mut command = sandbox.command(line.split_whitespace());
        let both = Ran::from(command.stdout(nowhere()).stderr(nowhere()).output().expect("it starts"));
        assert_eq!(both.code, Some(2), "{line}, with nowhere to tell it");
    }
    // Only what is said beside the results is lost.
    for (line, code) in [("scan --list list.csv beach.jpg", 2), (&*format!("scan --list list.csv {listed}"), 2)] {
        let ran = Ran::from(sandbox.command(line.split_whitespace()).stderr(nowhere()).output().expect("it starts"));
        assert_eq!((ran.code, ran.lines().len()), (Some(code), 1), "{line}");
        let quiet = format!("{line} --quiet");
        let ran = Ran::from(sandbox.command(quiet.split_whitespace()).stderr(nowhere()).output().expect("it starts"));
        assert_eq!(ran.code, Some(if line.contains(listed) { 1 } else { 0 }), "{quiet}");
    }
}
