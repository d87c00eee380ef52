//! Limits on what a picture may ask for, and on the time it may take.

mod common;

use std::path::Path;

use common::{Sandbox, column, picture};

/// Two demo pictures with a slow one between them.
fn sandbox() -> Sandbox {
    let sandbox = Sandbox::with_demo(&["outbox/beach.jpg", "outbox/harbour-recompressed.jpg"]);
    sandbox.write("slow.png", picture::slow());
    sandbox
}

const FILES: &str = "beach.jpg slow.png harbour-recompressed.jpg";

#[test]
fn a_picture_that_takes_too_long_is_unscannable_and_the_others_are_scanned() {
    let sandbox = sandbox();
    for jobs in [1, 2] {
        let line = format!("scan --list list.csv --format ndjson --max-seconds 0.001 -j {jobs} slow.png");
        let records = sandbox.presend(&line).exits(2).ndjson("presend.scan/1");
        assert_eq!(column(&records, "outcome"), ["unscannable"]);
        assert_eq!(records[0]["reason"]["code"], "timeout");
        assert_eq!(records[0]["reason"]["message"], "it took longer than the 0.001 s allowed");
    }
    // With all the time there is, each is judged, in the order of the command line.
    for limit in ["--max-seconds 0", ""] {
        let records = sandbox.presend(&format!("scan --list list.csv --format ndjson {limit} {FILES}"));
        let records = records.exits(1).ndjson("presend.scan/1");
        assert_eq!(column(&records, "path"), FILES.split_whitespace().collect::<Vec<_>>());
        assert_eq!(column(&records, "outcome"), ["clean", "clean", "match"]);
    }
}

#[test]
fn a_picture_that_takes_too_long_is_a_fault_when_hashing() {
    let ran = sandbox().presend("hash --format csv --max-seconds 0.001 slow.png").exits(2);
    assert_eq!(ran.csv()[1][..4], ["slow.png", "0", "pdq", ""]);
    assert_eq!(ran.csv()[1][7], "it took longer than the 0.001 s allowed");
}

#[test]
fn a_picture_that_takes_too_long_cannot_be_compared() {
    let sandbox = sandbox();
    let ran = sandbox.presend("compare slow.png beach.jpg --max-seconds 0.001").exits(2);
    assert_eq!(ran.text(), "");
    assert_eq!(ran.stderr, "presend: slow.png: it took longer than the 0.001 s allowed\n");
    for limit in ["--max-seconds 0", ""] {
        sandbox.presend(&format!("compare beach.jpg slow.png {limit}")).exits(0);
    }
}

#[test]
fn a_picture_that_takes_too_long_is_left_out_of_a_list_and_the_others_are_in_it() {
    let sandbox = sandbox();
    let enrol = |options: &str| sandbox.presend(&format!("set enrol -o new.csv {options} {FILES}"));
    let ran = enrol("--max-seconds 0.001 -j 1").exits(2);
    assert!(ran.stderr.contains("slow.png: it took longer than the 0.001 s allowed"), "{}", ran.stderr);
    let whole = |options: &str| {
        enrol(options).exits(0);
        std::fs::read_to_string(sandbox.path().join("new.csv")).expect("a list")
    };
    let list = whole("--min-quality 0 --max-seconds 0 -j 1");
    let labels: Vec<_> = list.lines().skip(1).map(|line| line.split(',').nth(3).unwrap_or_default()).collect();
    assert_eq!(labels, FILES.split_whitespace().collect::<Vec<_>>());
    // In the order of the command line, whoever is first.
    assert_eq!(whole("--min-quality 0 -j 3"), list);
}

#[test]
fn too_many_slow_pictures_end_the_run() {
    let files = "slow.png ".repeat(40);
    let ran = sandbox().presend(&format!("scan --list list.csv --max-seconds 0.001 -j 1 {files}")).exits(2);
    assert!(ran.stderr.contains("too many pictures took longer than allowed"), "{}", ran.stderr);
}

#[test]
fn seconds_are_a_number_that_is_not_negative() {
    for seconds in ["-1", "soon", "NaN", "inf"] {
        let ran = Sandbox::with_list().presend(&format!("scan --list list.csv --max-seconds={seconds} x")).exits(2);
        assert!(ran.stderr.contains("expected a number of seconds"), "{}", ran.stderr);
    }
}

#[test]
fn limits_have_names_and_can_be_changed_one_by_one() {
    let sandbox = sandbox();
    let scan = |limits: &str| {
        let ran = sandbox.presend(&format!("scan --list list.csv --format ndjson {limits} slow.png"));
        ran.ndjson("presend.scan/1")[0]["reason"]["code"].as_str().map(str::to_owned)
    };
    assert_eq!(scan("--limits server"), None);
    assert_eq!(scan("--limits browser"), None);
    assert_eq!(scan("--limits phone").as_deref(), Some("too-many-pixels"));
    assert_eq!(scan("--limits phone --max-pixels 64000000"), None);
    assert_eq!(scan("--max-memory 63999999").as_deref(), Some("too-much-memory"));
    assert_eq!(scan("--max-bytes 1000").as_deref(), Some("too-many-bytes"));
    assert_eq!(scan("--max-bytes 18446744073709551615"), None);
}

#[test]
fn no_file_made_to_break_decoders_does_or_takes_a_minute() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/images/dev");
    if !folder.is_dir() {
        return println!("skipped: {} is not here", folder.display());
    }
    let sandbox = Sandbox::with_list();
    let folders = ["malformed", "conformance"].map(|name| folder.join(name));
    let paths = folders.each_ref().map(|folder| folder.to_str().expect("the checkout has a name in UTF-8"));
    let args = ["scan", "--list", "list.csv", "--format", "ndjson", "--quiet"].into_iter().chain(paths);
    let records = sandbox.run(args).exits(2).ndjson("presend.scan/1");
    assert!(records.len() > 3_600, "{}", records.len());
    for record in records {
        let code = record["reason"]["code"].as_str();
        assert!(!matches!(code, Some("decoder-failed" | "timeout")), "{record}");
    }
}
