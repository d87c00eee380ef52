//! Lists of known hashes in every shape, and what they match.

mod common;

use common::{Ran, Sandbox};

const PICTURE: &str = "harbour-recompressed.jpg";

/// A picture, a list, and the hash of the picture.
fn sandbox() -> (Sandbox, String) {
    let sandbox = Sandbox::with_demo(&["outbox/harbour-recompressed.jpg", "outbox/beach.jpg"]);
    let hash = sandbox.hash_of(PICTURE);
    (sandbox, hash)
}

fn scan(sandbox: &Sandbox, list: &str) -> Ran {
    sandbox.write("known", list);
    sandbox.presend(&format!("scan --format ndjson --list known {PICTURE}"))
}

/// Distance and label of every match of the one picture.
fn matches(ran: &Ran) -> Vec<(u64, String)> {
    let record = ran.ndjson("presend.scan/1").remove(0);
    let found = record["matches"].as_array().expect("a list of matches");
    let label = |found: &serde_json::Value| found["label"].as_str().unwrap_or_default().to_owned();
    found.iter().map(|found| (found["distance"].as_u64().expect("a number"), label(found))).collect()
}

/// The hash with its first bits turned over.
fn flipped(hash: &str, bits: usize) -> String {
    let mut digits: Vec<u32> = hash.chars().map(|digit| digit.to_digit(16).expect("hexadecimal")).collect();
    (0..bits).for_each(|bit| digits[bit / 4] ^= 8 >> (bit % 4));
    digits.into_iter().map(|digit| char::from_digit(digit, 16).expect("below 16")).collect()
}

#[test]
fn every_shape_of_one_hash_matches() {
    let (sandbox, hash) = sandbox();
    for (list, label) in [
        (format!("pdq {hash}\n"), ""),
        (format!("pdq {hash} the harbour\n"), "the harbour"),
        (hash.clone(), ""),
        (format!("# algorithm: pdq\n{}\r\n", hash.to_uppercase()), ""),
        (format!("{hash},100,harbour, at dusk\n"), "harbour, at dusk"),
        (format!("hash,label\n{hash},\"harbour, at dusk\"\n"), "harbour, at dusk"),
        (format!("signal_type,signal_str,tags\npdq,{hash},x y\n"), ""),
    ] {
        assert_eq!(matches(&scan(&sandbox, &list).exits(1)), [(0, label.to_owned())], "{list}");
    }
}

#[test]
fn what_hash_writes_is_a_list_that_matches_the_same_files() {
    let (sandbox, _) = sandbox();
    sandbox.write("gone.jpg", "");
    let written = sandbox.presend(&format!("hash --format csv {PICTURE} gone.jpg beach.jpg")).exits(2);
    let ran = scan(&sandbox, written.text()).exits(1);
    assert_eq!(matches(&ran), [(0, PICTURE.to_owned())]);
    assert!(!ran.stderr.contains("known:"), "rows with an error are no faults: {}", ran.stderr);
}

#[test]
fn a_list_that_names_no_algorithm_is_read_with_a_warning() {
    let (sandbox, hash) = sandbox();
    let warned = scan(&sandbox, &hash).exits(1);
    let warning = "known: names no algorithm, read as pdq; hashes from Meta's C++ tool are pdq-512";
    assert_eq!(warned.stderr.lines().next(), Some(warning));
    for named in [format!("pdq {hash}"), format!("# algorithm: pdq\n{hash}")] {
        assert!(!scan(&sandbox, &named).exits(1).stderr.contains("algorithm"), "{named}");
    }
}

#[test]
fn a_list_of_another_algorithm_is_refused() {
    let (sandbox, hash) = sandbox();
    for list in [
        format!("pdq-512 {hash}"),
        format!("# algorithm: pdq-512\n{hash}"),
        format!("signal_type,hash\npdq-512,{hash}"),
    ] {
        let ran = scan(&sandbox, &list).exits(3);
        assert_eq!(ran.text(), "");
        assert!(ran.stderr.contains(": the hash is pdq-512, not pdq\n"), "{}", ran.stderr);
    }
}

#[test]
fn every_list_counts() {
    let (sandbox, hash) = sandbox();
    sandbox.write("a", format!("pdq {} first", flipped(&hash, 3)));
    sandbox.write("b", format!("\n\npdq {} second", flipped(&hash, 2)));
    let ran = sandbox.presend(&format!("scan --list a --list list.csv --list b --format ndjson {PICTURE}")).exits(1);
    let found = &ran.ndjson("presend.scan/1")[0]["matches"];
    let places = [0, 1, 2].map(|i| (found[i]["list"]["path"].as_str(), found[i]["line"].as_u64()));
    assert_eq!(places, [(Some("list.csv"), Some(8)), (Some("b"), Some(3)), (Some("a"), Some(1))]);
    assert!(ran.stderr.contains("against 14 entries"), "{}", ran.stderr);
}

#[test]
fn the_threshold_is_the_largest_distance_that_matches() {
    let (sandbox, hash) = sandbox();
    assert_eq!(matches(&scan(&sandbox, &format!("pdq {}", flipped(&hash, 31))).exits(1)), [(31, String::new())]);
    assert_eq!(matches(&scan(&sandbox, &format!("pdq {}", flipped(&hash, 32))).exits(0)), []);
    let at = |bits: u32| sandbox.presend(&format!("scan --threshold {bits} --list known {PICTURE}"));
    at(32).exits(1);
    sandbox.write("known", format!("pdq {hash}"));
    at(0).exits(1);
}

#[test]
fn near_duplicates_all_match() {
    let (sandbox, hash) = sandbox();
    for count in [2, 4, 8, 16] {
        // Farthest first, so that the order of the matches is not that of the list.
        let list: String = (0..count).rev().map(|bits| format!("pdq {} {bits}\n", flipped(&hash, bits))).collect();
        let expected: Vec<_> = (0..count).map(|bits| (bits as u64, bits.to_string())).collect();
        assert_eq!(matches(&scan(&sandbox, &list).exits(1)), expected);
        let shown = sandbox.presend(&format!("scan --list known {PICTURE}")).exits(1);
        assert!(
            shown.text().ends_with(&format!("\"0\" (known:{count}), and {} more\n", count - 1)),
            "{}",
            shown.text()
        );
    }
}

#[test]
fn equal_entries_all_match_in_the_order_of_the_list() {
    let (sandbox, hash) = sandbox();
    let ran = scan(&sandbox, &format!("pdq {hash} one\npdq {hash} two\n")).exits(1);
    assert_eq!(matches(&ran), [(0, "one".to_owned()), (0, "two".to_owned())]);
}

#[test]
fn every_fault_is_told_with_its_file_and_line() {
    let (sandbox, hash) = sandbox();
    let list = format!("pdq {hash}\npdq 12\nmd5 {hash}\npdq z{}\n{hash},101,x\n", &hash[1..]);
    let ran = scan(&sandbox, &list).exits(3);
    assert_eq!(matches(&ran).len(), 1);
    insta::assert_snapshot!(ran.stderr_without_rate());
}

#[test]
fn what_hash_writes_of_odd_names_is_a_list_of_all_of_them() {
    let sandbox = Sandbox::with_demo(&["outbox/beach.jpg"]);
    let names = ["#1.jpg", "a,b.jpg", "say \"hi\".jpg", "hash"];
    for name in names {
        sandbox.write(name, common::demo_bytes("outbox/beach.jpg"));
    }
    let list = sandbox.run(["hash", "--format", "csv"].into_iter().chain(names)).exits(0);
    sandbox.write("known.csv", list.stdout);
    let ran = sandbox.presend("scan --list known.csv --format ndjson beach.jpg").exits(1);
    assert_eq!(ran.ndjson("presend.scan/1")[0]["matches"].as_array().map(Vec::len), Some(names.len()));
}

#[test]
fn an_empty_list_beside_a_good_one_is_a_bad_list() {
    let sandbox = Sandbox::with_list();
    sandbox.write("empty.csv", "hash,label\n");
    let ran = sandbox.presend("scan --list list.csv --list empty.csv list.csv").exits(3);
    assert_eq!((ran.text(), ran.stderr.as_str()), ("", "presend: empty.csv: no usable pdq hash\n"));
}
