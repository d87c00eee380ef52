//! File names that are not text, or would command a terminal.
#![cfg(unix)]

mod common;

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;

use common::{Sandbox, column, picture};

const LATIN_1: &[u8] = b"f/caf\xe9.png";

fn sandbox() -> Sandbox {
    let sandbox = Sandbox::with_list();
    sandbox.write(OsStr::from_bytes(LATIN_1), picture::blocks(1));
    sandbox
}

#[test]
fn people_see_a_replacement_character() {
    let ran = sandbox().presend("scan --list list.csv f").exits(0);
    assert_eq!(ran.text(), "clean         f/caf\u{fffd}.png\n");
}

#[test]
fn csv_has_the_bytes_as_they_are() {
    for command in ["scan --list list.csv", "hash"] {
        let ran = sandbox().presend(&format!("{command} --format csv f")).exits(0);
        assert!(ran.stdout.split(|&byte| byte == b'\n').any(|line| line.starts_with(&[LATIN_1, b","].concat())));
    }
}

#[test]
fn csv_has_control_characters_as_they_are() {
    let sandbox = Sandbox::with_list();
    let name = "\u{1b}[31mred.png";
    sandbox.write(name, picture::blocks(1));
    assert_eq!(sandbox.run(["hash", "--format", "csv", name]).exits(0).csv()[1][0], name);
    assert_eq!(sandbox.run(["scan", "--list", "list.csv", "--format", "csv", name]).exits(0).csv()[1][0], name);
    assert_eq!(sandbox.run(["compare", "--format", "csv", name, name]).exits(1).csv()[1][..2], [name, name]);
}

#[test]
fn ndjson_has_control_characters_and_those_beyond_ascii_as_they_are() {
    let sandbox = Sandbox::with_list();
    let name = "\u{1b}[31mred\u{9b}0m\u{7f} caf\u{e9}.png";
    sandbox.write(name, picture::blocks(1));
    let hashed = sandbox.run(["hash", "--format", "ndjson", name]).exits(0);
    assert_eq!(column(&hashed.ndjson("presend.hash/1"), "path"), [name]);
    let scanned = sandbox.run(["scan", "--list", "list.csv", "--format", "ndjson", name]).exits(0);
    assert_eq!(column(&scanned.ndjson("presend.scan/1"), "path"), [name]);
}

#[test]
fn compare_has_paths_as_text_and_in_hexadecimal() {
    let sandbox = sandbox();
    sandbox.write("a.png", picture::blocks(1));
    let compare = |format| {
        let args = ["compare", "--format", format, "a.png"].map(OsStr::new);
        sandbox.run(args.into_iter().chain([OsStr::from_bytes(LATIN_1)])).exits(1)
    };
    let record = compare("ndjson").ndjson("presend.compare/1").remove(0);
    assert_eq!(record["left"], serde_json::json!({ "path": "a.png" }));
    assert_eq!(record["right"], serde_json::json!({ "path": "f/caf\u{fffd}.png", "path_hex": "662f636166e92e706e67" }));
    assert!(compare("csv").stdout.windows(LATIN_1.len()).any(|window| window == LATIN_1));
}

#[test]
fn ndjson_has_the_path_as_text_and_in_hexadecimal() {
    for command in ["scan --list list.csv", "hash"] {
        let ran = sandbox().presend(&format!("{command} --format ndjson f list.csv")).exits(2);
        let records: Vec<serde_json::Value> =
            ran.lines().iter().map(|line| serde_json::from_str(line).expect("every line is JSON")).collect();
        assert_eq!(records[0]["path"], "f/caf\u{fffd}.png");
        assert_eq!(records[0]["path_hex"], "662f636166e92e706e67");
        assert!(records[1].get("path_hex").is_none(), "text needs no second form");
    }
}

#[test]
fn files_from_takes_any_bytes() {
    let ran = sandbox().presend_reading("hash --format csv --files-from -", LATIN_1).exits(0);
    assert!(ran.stdout.windows(LATIN_1.len()).any(|window| window == LATIN_1));
}

#[test]
fn control_characters_are_escaped_for_people() {
    let sandbox = Sandbox::with_list();
    let name = "\u{1b}[31mred\n\u{9b}0m.png";
    sandbox.write(name, picture::blocks(1));
    let shown = "\\u{1b}[31mred\\n\\u{9b}0m.png";
    assert_eq!(sandbox.run(["scan", "--list", "list.csv", name]).exits(0).text(), format!("clean         {shown}\n"));
    assert!(sandbox.run(["hash", name]).exits(0).text().ends_with(&format!("  {shown}\n")));
    let compared = sandbox.run(["compare", name, name]).exits(1);
    assert_eq!(compared.text(), format!("  0  match         {shown}  {shown}\n"));
}

#[test]
fn control_characters_in_the_name_of_a_list_are_escaped_for_people() {
    let sandbox = Sandbox::with_demo(&["outbox/harbour-recompressed.jpg"]);
    let hash = sandbox.hash_of("harbour-recompressed.jpg");
    sandbox.write("\u{1b}list", format!("{hash},100,\u{1b}[31mlabel\n"));
    let ran = sandbox.run(["scan", "--list", "\u{1b}list", "harbour-recompressed.jpg"]).exits(1);
    assert!(!ran.text().contains('\u{1b}') && !ran.stderr.contains('\u{1b}'), "{ran:?}");
}

#[test]
fn control_characters_in_the_name_of_a_missing_file_are_escaped_for_people() {
    let sandbox = Sandbox::with_demo(&["outbox/beach.jpg"]);
    for args in [
        ["compare", "beach.jpg", "\u{1b}a"].as_slice(),
        &["scan", "beach.jpg", "--list", "\u{1b}a"],
        &["scan", "\u{1b}a", "--list", "list.csv"],
        &["hash", "\u{1b}a"],
        &["hash", "--files-from", "\u{1b}a"],
    ] {
        let ran = sandbox.run(args);
        assert!(!ran.text().contains('\u{1b}') && !ran.stderr.contains('\u{1b}'), "{args:?}: {ran:?}");
    }
}
