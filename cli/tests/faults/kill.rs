//! `kill -9` while a command writes.

use std::collections::BTreeMap;
use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant, SystemTime};

use crate::common::{Sandbox, demo_bytes, picture};
use crate::{Random, full, is_temporary, signed};

/// A command that writes, and how to tell that what it wrote is whole.
struct Writing {
    line: &'static str,
    /// The files that it writes, in the order in which they appear; for folders, where they are.
    writes: &'static [&'static str],
    /// Whether two runs write the same bytes.
    repeatable: bool,
    /// A command line that reads what is there, new or old: its exit status must be 0. `{}` is the file.
    reads: &'static str,
    /// The command that is run afterwards, if not the same.
    next: Option<&'static str>,
}

const fn writing(line: &'static str, writes: &'static [&'static str]) -> Writing {
    Writing { line, writes, repeatable: true, reads: "", next: None }
}

/// Moments of each command.
fn moments() -> usize {
    std::env::var("PRESEND_FAULTS").map_or(4, |value| value.parse().expect("a number of moments"))
}

/// Whether a command is to be killed that takes seconds: in the full form only.
fn slow(line: &str) -> bool {
    if !full() {
        eprintln!("skipped: {line}: killed with PRESEND_FAULTS=200 only");
    }
    full()
}

/// All files below a folder with their bytes and modes, those that were being written apart.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
struct Tree {
    files: BTreeMap<PathBuf, (Vec<u8>, u32)>,
    temporary: Vec<PathBuf>,
}

fn tree(root: &Path) -> Tree {
    let mut tree = Tree::default();
    let mut folders = vec![root.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).expect("a folder") {
            let path = entry.expect("listed").path();
            let name = path.file_name().expect("a name").to_string_lossy().into_owned();
            let below = path.strip_prefix(root).expect("below").to_owned();
            if path.is_dir() {
                folders.push(path);
            } else if is_temporary(&name) {
                tree.temporary.push(below);
            } else {
                let mode = fs::metadata(&path).expect("there").permissions().mode() & 0o777;
                tree.files.insert(below, (fs::read(&path).expect("readable"), mode));
            }
        }
    }
    tree
}

/// Makes a folder hold what a tree does.
fn restore(root: &Path, tree: &Tree) {
    for entry in fs::read_dir(root).expect("a folder") {
        let path = entry.expect("listed").path();
        if path.is_dir() { fs::remove_dir_all(&path) } else { fs::remove_file(&path) }.expect("ours");
    }
    for (below, (bytes, mode)) in &tree.files {
        let path = root.join(below);
        fs::create_dir_all(path.parent().expect("below")).expect("ours");
        fs::write(&path, bytes).expect("ours");
        fs::set_permissions(&path, Permissions::from_mode(*mode)).expect("ours");
    }
}

/// Makes what was left behind as old as it has to be to be removed.
fn age(root: &Path, tree: &Tree) {
    let old = SystemTime::now() - Duration::from_secs(3600);
    for below in &tree.temporary {
        fs::File::options().write(true).open(root.join(below)).and_then(|file| file.set_modified(old)).expect("ours");
    }
}

fn start(sandbox: &Sandbox, line: &str) -> Child {
    let mut command: Command = sandbox.command(line.split_whitespace());
    command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("the program starts")
}

/// Waits until a file appears under a temporary name, or the program ends. Returns whether one did.
fn appears(child: &mut Child, root: &Path) -> bool {
    fn is_there(folder: &Path) -> bool {
        fs::read_dir(folder).into_iter().flatten().flatten().any(|entry| {
            is_temporary(&entry.file_name().to_string_lossy())
                || entry.file_type().is_ok_and(|kind| kind.is_dir()) && is_there(&entry.path())
        })
    }
    loop {
        if is_there(root) {
            return true;
        }
        if child.try_wait().expect("our child").is_some() {
            return false;
        }
    }
}

/// What the kills found.
#[derive(Debug, Default)]
struct Found {
    /// No file was new, some were, all were.
    none: usize,
    some: usize,
    all: usize,
    /// Kills that left a file under a temporary name.
    left: usize,
    /// Runs that had ended before the kill.
    ended: usize,
}

/// Kills a command at moments spread over the time it takes, and, at every second, at moments from when its file appears under a
/// temporary name on; after each, checks what is there.
fn killed(sandbox: &Sandbox, writing: &Writing) {
    let root = sandbox.path();
    let before = tree(root);
    // What a whole run takes and leaves.
    let begun = Instant::now();
    let mut child = start(sandbox, writing.line);
    let appeared = appears(&mut child, root).then(|| begun.elapsed());
    let code = child.wait().expect("our child").code();
    let mut whole = begun.elapsed();
    let status = i32::from(writing.line.starts_with("scan"));
    assert_eq!(code, Some(status), "{}", writing.line);
    let after = tree(root);
    assert_eq!(after.temporary, [""; 0].map(PathBuf::from), "{}", writing.line);
    for file in writing.writes {
        let (new, old) = (after.files.get(Path::new(file)), before.files.get(Path::new(file)));
        assert!(new.is_some() && new != old, "{}: {file} is not written", writing.line);
    }
    // The share of the time that is spent writing.
    let writing_share = 1.0 - appeared.unwrap_or_default().as_secs_f64() / whole.as_secs_f64();
    let (mut random, mut found) = (Random(writing.line.len() as u64), Found::default());
    let mut kills = 0;
    // One that comes too late, as when the machine was slower before, is one more; not for ever.
    for moment in 0..4 * moments() {
        if kills == moments() {
            break;
        }
        restore(root, &before);
        let mut child = start(sandbox, writing.line);
        let share = random.share() * 1.1;
        if moment % 2 == 0 {
            std::thread::sleep(whole.mul_f64(share));
        } else {
            appears(&mut child, root);
            std::thread::sleep(whole.mul_f64(writing_share * share));
        }
        let ended = child.try_wait().expect("our child").is_some();
        if ended {
            found.ended += 1;
        } else {
            kills += 1;
        }
        child.kill().expect("our child");
        child.wait().expect("our child");
        let left = tree(root);
        found.left += usize::from(!left.temporary.is_empty());
        check(sandbox, writing, (&before, &after), &left, &mut found);
        age(root, &left);
        let next = writing.next.unwrap_or(writing.line);
        let begun = Instant::now();
        sandbox.presend(next).exits(status);
        whole = whole.min(begun.elapsed());
        let then = tree(root);
        assert_eq!(then.temporary, [""; 0].map(PathBuf::from), "{next}: removes what was left behind");
        if writing.repeatable && writing.next.is_none() {
            assert_eq!(then.files, after.files, "{next}");
        }
    }
    let Found { none, some, all, left, ended } = found;
    eprintln!(
        "killed {}: {kills} times, and {ended} times too late; files new: none {none}, some {some}, all {all}; left behind: {left}",
        writing.line,
    );
}

/// Every file is as it was or as it was to be, in the order in which they are written.
fn check(sandbox: &Sandbox, writing: &Writing, (before, after): (&Tree, &Tree), left: &Tree, found: &mut Found) {
    let line = writing.line;
    for (file, now) in &left.files {
        let (old, new) = (before.files.get(file), after.files.get(file));
        let name = file.to_str().expect("our names");
        if old == Some(now) {
            continue;
        }
        let new = new.unwrap_or_else(|| panic!("{line}: {name} is no file of a whole run"));
        assert_eq!(now.1, new.1, "{line}: the mode of {name}");
        if writing.repeatable {
            assert!(now.0 == new.0, "{line}: {name} is neither as it was nor as it was to be");
        }
        if !writing.reads.is_empty() && writing.writes.contains(&name) {
            sandbox.presend(&writing.reads.replace("{}", name)).exits(0);
        }
    }
    for (file, old) in &before.files {
        assert!(left.files.contains_key(file), "{line}: {} is gone, {} bytes", file.display(), old.0.len());
    }
    let is_new = |file: &&str| left.files.get(Path::new(file)) != before.files.get(Path::new(file));
    let new: Vec<bool> = writing.writes.iter().map(is_new).collect();
    assert!(new.is_sorted_by(|earlier, later| earlier >= later), "{line}: files appear in their order: {new:?}");
    *match new.iter().filter(|&&new| new).count() {
        0 => &mut found.none,
        number if number == writing.writes.len() => &mut found.all,
        _ => &mut found.some,
    } += 1;
}

/// A list of hashes that are not in the demo's.
fn more(sandbox: &Sandbox) {
    let lines: String =
        (1..=300_u64).map(|n| format!("pdq {:064x}\n", u128::from(n) * 0x9e37_79b9_7f4a_7c15)).collect();
    sandbox.write("more.txt", lines);
}

#[test]
fn a_killed_set_build_leaves_the_old_set_or_the_new() {
    let sandbox = signed();
    more(&sandbox);
    let reads = "set info {}";
    killed(
        &sandbox,
        &Writing {
            repeatable: false,
            reads,
            ..writing("set build --name known more.txt -o known.presend", &["known.presend"])
        },
    );
}

#[test]
fn a_killed_update_of_a_set_leaves_no_update_or_a_whole_one() {
    let sandbox = signed();
    more(&sandbox);
    let reads = "set info {} known.presend";
    let line = "set build --add-to known.presend more.txt -o update.presend";
    killed(&sandbox, &Writing { repeatable: false, reads, ..writing(line, &["update.presend"]) });
    let gone: String =
        String::from_utf8(demo_bytes("list.csv")).expect("text").lines().take(4).collect::<Vec<_>>().join("\n");
    sandbox.write("gone.csv", gone);
    let line = "set revoke known.presend --list gone.csv -o revoked.presend";
    killed(&sandbox, &Writing { repeatable: false, reads, ..writing(line, &["revoked.presend"]) });
}

#[test]
fn a_killed_signing_leaves_the_set_as_it_was_or_signed() {
    let sandbox = signed();
    sandbox.presend("set keygen --organisation Two -o two.key --trust trust.json").exits(0);
    let reads = "set verify {} --trust trust.json";
    killed(&sandbox, &Writing { reads, ..writing("set sign known.presend --key two.key", &["known.presend"]) });
}

#[test]
fn a_killed_keygen_leaves_no_key_or_a_whole_one_and_the_trust_file_after_it() {
    let sandbox = signed();
    let line = "set keygen --organisation Two -o two.key --trust trust.json";
    let next = Some("set keygen --organisation Three -o three.key --trust trust.json");
    killed(&sandbox, &Writing { repeatable: false, next, ..writing(line, &["two.key", "trust.json"]) });
    // Whatever is there is read by those who need it.
    sandbox.presend("set sign known.presend --key one.key").exits(0);
    sandbox.presend("scan --set known.presend --trust trust.json harbour-recompressed.jpg").exits(1);
    assert_eq!(fs::metadata(sandbox.path().join("three.key")).expect("there").permissions().mode() & 0o777, 0o600);
}

#[test]
fn killed_list_commands_leave_the_old_list_or_the_new() {
    let sandbox = Sandbox::with_demo(&["outbox/beach.jpg"]);
    more(&sandbox);
    sandbox.write("out.csv", "the old content");
    for line in [
        "set merge list.csv more.txt -o out.csv",
        "set export list.csv --to threatexchange -o out.csv",
        "set enrol beach.jpg -o out.csv",
    ] {
        killed(&sandbox, &writing(line, &["out.csv"]));
        sandbox.write("out.csv", "the old content");
    }
}

#[test]
fn killed_index_commands_leave_the_old_index_or_the_new() {
    let sandbox = Sandbox::with_list();
    more(&sandbox);
    sandbox.presend("index build list.csv -o known.idx").exits(0);
    let reads = "index info {}";
    killed(&sandbox, &Writing { reads, ..writing("index build more.txt -o known.idx", &["known.idx"]) });
    sandbox.presend("index build list.csv -o known.idx").exits(0);
    // Another run adds the list once more.
    let writing = Writing {
        reads,
        next: Some("index add known.idx list.csv"),
        ..writing("index add known.idx more.txt", &["known.idx"])
    };
    killed(&sandbox, &writing);
}

#[test]
fn a_killed_hash_leaves_the_old_table_or_the_new() {
    let sandbox = Sandbox::with_demo(&["outbox/beach.jpg"]);
    sandbox.write("out", "the old content");
    for format in ["csv", "parquet"] {
        let line: &'static str = match format {
            "csv" => "hash --format csv -o out beach.jpg beach.jpg",
            _ => "hash --format parquet -o out beach.jpg beach.jpg",
        };
        killed(&sandbox, &writing(line, &["out"]));
        sandbox.write("out", "the old content");
    }
}

#[test]
fn a_killed_scan_remembers_the_old_version_or_the_new() {
    let sandbox = signed();
    let line = "scan --set known.presend --trust trust.json --seen seen.json harbour-recompressed.jpg";
    sandbox.presend(line).exits(1);
    more(&sandbox);
    sandbox.presend("set build --add-to known.presend more.txt -o update.presend").exits(0);
    sandbox.presend("set sign update.presend --key one.key").exits(0);
    let line =
        "scan --set known.presend --set update.presend --trust trust.json --seen seen.json harbour-recompressed.jpg";
    killed(&sandbox, &writing(line, &["seen.json"]));
}

/// Three pictures in a folder.
fn corpus(sandbox: &Sandbox) {
    for seed in 1..=3 {
        sandbox.write(format!("corpus/{seed}.png"), picture::blocks(seed));
    }
}

#[test]
fn a_killed_eval_corpus_leaves_whole_files_in_their_order() {
    let sandbox = Sandbox::new();
    corpus(&sandbox);
    let line = "eval corpus corpus --no-cache -j1 -o described";
    let writes = ["described/manifest.csv", "described/pairs.csv", "described/contact-sheet.html"];
    killed(
        &sandbox,
        &writing(line, const { &["described/manifest.csv", "described/pairs.csv", "described/contact-sheet.html"] }),
    );
    assert_eq!(tree(sandbox.path()).files.keys().filter(|file| file.starts_with("described")).count(), writes.len());
}

#[test]
fn killed_counts_and_rows_leave_no_file_or_a_whole_one() {
    let sandbox = Sandbox::new();
    corpus(&sandbox);
    killed(&sandbox, &writing("eval fpr corpus --no-cache -j1 --counts counts.parquet", &["counts.parquet"]));
    let line = "eval recall corpus --no-cache -j1 --pictures 1 --rows rows.parquet";
    if slow(line) {
        killed(&sandbox, &writing(line, &["rows.parquet"]));
    }
}

#[test]
fn killed_findings_in_one_file_or_in_many_leave_each_of_them_whole() {
    let sandbox = Sandbox::new();
    corpus(&sandbox);
    sandbox.presend("eval fpr corpus --no-cache -j1 --counts counts.parquet").exits(0);
    sandbox.write("said.txt", "the old content");
    killed(&sandbox, &writing("eval fpr corpus --no-cache -j1 -o said.txt", &["said.txt"]));
    for line in [
        "eval fpr corpus --no-cache -j1 --format csv -o tables",
        "eval fpr corpus --no-cache -j1 --format parquet -o tables",
    ] {
        killed(&sandbox, &writing(line, &[]));
    }
    // First the figures, then the page.
    for line in ["eval merge counts.parquet -o report.html", "eval merge counts.parquet --png figures -o report.html"] {
        if slow(line) {
            killed(&sandbox, &writing(line, &["report.html"]));
        }
    }
}

#[test]
fn a_killed_run_leaves_a_cache_that_the_next_one_uses() {
    let sandbox = Sandbox::new();
    corpus(&sandbox);
    killed(&sandbox, &writing("eval fpr corpus --cache cache -j1 -o said.txt", &["said.txt"]));
    let line = "eval recall corpus --cache cache -j1 --pictures 1 -o said.txt";
    if slow(line) {
        fs::remove_file(sandbox.path().join("said.txt")).expect("ours");
        killed(&sandbox, &writing(line, &["said.txt"]));
    }
}
