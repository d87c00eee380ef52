//! The exit status, by number.

mod common;

use common::{Sandbox, picture};

const CLEAN: &str = "outbox/beach.jpg";
const COPY: &str = "outbox/harbour-recompressed.jpg";

/// Scans the named files with the demo's list, and checks the exit status and the end of the summary.
#[track_caller]
fn scanning(sandbox: &Sandbox, files: &str, code: i32, summary: &str) {
    let ran = sandbox.presend(&format!("scan --list list.csv {files}")).exits(code);
    assert!(ran.stderr.ends_with(&format!(": {summary}\n")), "{}", ran.stderr);
}

#[test]
fn clean_pictures_only_exit_0() {
    let sandbox = Sandbox::with_demo(&[CLEAN]);
    scanning(&sandbox, "beach.jpg", 0, "0 matched, 1 clean, 0 inconclusive, 0 unscannable");
}

#[test]
fn a_match_exits_1() {
    let sandbox = Sandbox::with_demo(&[CLEAN, COPY]);
    scanning(&sandbox, "beach.jpg harbour-recompressed.jpg", 1, "1 matched, 1 clean, 0 inconclusive, 0 unscannable");
}

#[test]
fn a_missing_file_exits_2() {
    let sandbox = Sandbox::with_list();
    scanning(&sandbox, "missing.jpg", 2, "0 matched, 0 clean, 0 inconclusive, 1 unscannable");
}

#[test]
fn an_empty_file_exits_2() {
    let sandbox = Sandbox::with_list();
    sandbox.write("empty.jpg", "");
    scanning(&sandbox, "empty.jpg", 2, "0 matched, 0 clean, 0 inconclusive, 1 unscannable");
}

#[test]
fn an_undecodable_file_exits_2() {
    let sandbox = Sandbox::with_demo(&["outbox/broken.jpg", "outbox/notes.png"]);
    scanning(&sandbox, "broken.jpg notes.png", 2, "0 matched, 0 clean, 0 inconclusive, 2 unscannable");
}

#[test]
fn a_picture_of_one_pixel_exits_2() {
    let sandbox = Sandbox::with_list();
    sandbox.write("dot.png", picture::png(1, 1, |_, _| [9, 9, 9, 255]));
    scanning(&sandbox, "dot.png", 2, "0 matched, 0 clean, 1 inconclusive, 0 unscannable");
}

#[test]
fn a_flat_picture_exits_2() {
    let sandbox = Sandbox::with_list();
    sandbox.write("flat.png", picture::flat());
    scanning(&sandbox, "flat.png", 2, "0 matched, 0 clean, 1 inconclusive, 0 unscannable");
}

#[test]
fn an_error_masks_a_match_and_the_summary_counts_both() {
    let sandbox = Sandbox::with_demo(&[COPY]);
    sandbox.write("flat.png", picture::flat());
    let files = "harbour-recompressed.jpg flat.png missing.jpg";
    scanning(&sandbox, files, 2, "1 matched, 0 clean, 1 inconclusive, 1 unscannable");
}

#[test]
fn a_missing_list_exits_3() {
    let sandbox = Sandbox::with_demo(&[CLEAN]);
    let ran = sandbox.presend("scan --list nowhere.csv beach.jpg").exits(3);
    assert_eq!(ran.text(), "");
    assert_eq!(ran.stderr, "presend: nowhere.csv: no such file\n");
    assert_eq!(sandbox.presend("scan --list . beach.jpg").exits(3).stderr, "presend: .: a folder, not a file\n");
}

#[test]
fn a_list_without_a_usable_hash_exits_3() {
    let sandbox = Sandbox::with_demo(&[CLEAN]);
    for list in ["", "# nothing yet\n", "hash,label\n", "pdq 12\n"] {
        sandbox.write("list.txt", list);
        let ran = sandbox.presend("scan --list list.txt beach.jpg").exits(3);
        assert_eq!(ran.text(), "", "{list:?}");
        assert!(ran.stderr.contains("list.txt: no usable pdq hash"), "{list:?}: {}", ran.stderr);
    }
}

#[test]
fn one_bad_line_exits_3_after_the_whole_scan() {
    let sandbox = Sandbox::with_demo(&[CLEAN, COPY]);
    let hash = sandbox.hash_of("harbour-recompressed.jpg");
    sandbox.write("list.txt", format!("pdq {hash}\npdq {}\n", &hash[1..]));
    let ran = sandbox.presend("scan --list list.txt beach.jpg harbour-recompressed.jpg").exits(3);
    assert_eq!(ran.text(), "clean         beach.jpg\nmatch         harbour-recompressed.jpg: 0 bits from list.txt:1\n");
    let fault = ran.stderr.lines().next().expect("the fault comes first");
    assert_eq!(fault, "list.txt: line 2: expected 64 hexadecimal digits, found 63");
    let summary = "against 1 entry (1 line of the lists could not be used): 1 matched, 1 clean";
    assert!(ran.stderr.contains(summary), "{}", ran.stderr);
}

#[test]
fn exit_zero_exits_0_whatever_was_found_but_not_with_a_bad_list() {
    let sandbox = Sandbox::with_demo(&[COPY]);
    sandbox.presend("scan --exit-zero --list list.csv harbour-recompressed.jpg").exits(0);
    sandbox.presend("scan --exit-zero --list list.csv missing.jpg").exits(0);
    sandbox.write("faulty.txt", "pdq 12\n");
    sandbox.presend("scan --exit-zero --list list.csv --list faulty.txt harbour-recompressed.jpg").exits(3);
    sandbox.presend("scan --exit-zero --list missing.txt harbour-recompressed.jpg").exits(3);
}

#[test]
fn a_wrong_command_line_exits_2() {
    let sandbox = Sandbox::with_list();
    for line in [
        "",
        "burn",
        "scan picture.jpg",
        "scan --list list.csv",
        "scan --list list.csv --threshold many picture.jpg",
        "scan --list list.csv --min-quality 101 picture.jpg",
        "scan --list list.csv --quiet --verbose picture.jpg",
        "hash --algorithm md5 picture.jpg",
        "hash -0 picture.jpg",
        "compare picture.jpg",
    ] {
        let ran = sandbox.presend(line).exits(2);
        assert_eq!(ran.text(), "", "{line}");
        assert!(ran.stderr.contains("--help") || ran.stderr.contains("Usage"), "{line}: {}", ran.stderr);
    }
}

#[test]
fn a_wrong_value_is_told_what_was_expected() {
    let sandbox = Sandbox::with_list();
    for (option, value, expected) in [
        ("--threshold <BITS>", "many", "a whole number of bits"),
        ("--threshold <BITS>", "1.5", "a whole number of bits"),
        ("--min-quality <QUALITY>", "101", "a whole number from 0 to 100"),
    ] {
        let name = option.split_whitespace().next().expect("the option has a name");
        let ran = sandbox.presend(&format!("scan --list list.csv {name} {value} picture.jpg")).exits(2);
        let told = format!("error: invalid value '{value}' for '{option}': expected {expected}");
        assert_eq!(ran.stderr.lines().next(), Some(told.as_str()));
    }
}

#[test]
fn a_missing_list_of_paths_exits_2() {
    let ran = Sandbox::new().presend("hash --files-from nowhere.txt").exits(2);
    assert_eq!((ran.text(), ran.stderr.as_str()), ("", "presend: nowhere.txt: no such file\n"));
}

#[test]
fn hash_exits_0_when_every_file_has_one_and_2_otherwise() {
    let sandbox = Sandbox::with_demo(&[CLEAN]);
    sandbox.presend("hash beach.jpg").exits(0);
    sandbox.presend("hash beach.jpg missing.jpg").exits(2);
}
