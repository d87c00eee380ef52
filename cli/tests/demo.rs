//! The demo, and its outbox as files.

mod common;

use common::{Sandbox, column, demo};
use serde_json::Value;

/// What becomes of each file: the label of the listed picture it is a copy of, or another outcome.
const EXPECTED: [(&str, &str, &str); 24] = [
    ("aquarium-greyscale.jpg", "match", "fish in an aquarium"),
    ("autumn-wood-mirrored.jpg", "clean", ""),
    ("beach.jpg", "clean", ""),
    ("birthday-drawn-in-alpha.png", "match", "a birthday card with a cake"),
    ("broken.jpg", "unscannable", ""),
    ("cat-card-hidden-under-alpha.png", "match", "a card from a cat"),
    ("desk.jpg", "clean", ""),
    ("flower-bed-blurred.jpg", "match", "a flower bed by a fence"),
    ("goldfish.gif", "clean", ""),
    ("green-hills.jpg", "clean", ""),
    ("harbour-recompressed.jpg", "match", "a harbour at dusk"),
    ("hot-air-balloons-recoloured.jpg", "match", "hot-air balloons over hills"),
    ("kitchen-resized.png", "match", "a kitchen table with fruit and flowers"),
    ("mountain-lake-stored-sideways.jpg", "match", "a mountain lake by moonlight"),
    ("notes.png", "unscannable", ""),
    ("party-converted.webp", "match", "party balloons and a present"),
    ("plain-blue.png", "inconclusive", ""),
    ("shopping.png", "clean", ""),
    ("skyline.tiff", "clean", ""),
    ("slideshow.gif", "match", "a street of coloured houses"),
    ("snowy-peaks.webp", "clean", ""),
    ("snowy-village.bmp", "clean", ""),
    ("sunflowers.jpg", "clean", ""),
    ("thanks.png", "clean", ""),
];

/// The records of the demo.
fn records(args: &str) -> Vec<Value> {
    Sandbox::new().presend(&format!("demo --format ndjson {args}")).exits(0).ndjson("presend.scan/1")
}

/// Path, outcome and label of the nearest entry.
fn verdicts(records: &[Value]) -> Vec<(&str, &str, &str)> {
    let mut rows = Vec::new();
    for record in records {
        let [path, outcome, label] = ["/path", "/outcome", "/matches/0/label"]
            .map(|field| record.pointer(field).and_then(Value::as_str).unwrap_or_default());
        rows.push((path, outcome, label));
    }
    rows
}

/// The nearest match of one file of the outbox.
fn nearest(records: &[Value], path: &str) -> Value {
    let record = records.iter().find(|record| record["path"] == path).expect("the outbox has it");
    record["matches"][0].clone()
}

#[test]
fn the_demo_reads_as_the_snapshot() {
    let ran = Sandbox::new().presend("demo").exits(0);
    insta::assert_snapshot!(ran.text());
    insta::assert_snapshot!("summary_of_the_demo", ran.stderr_without_rate());
}

#[test]
fn every_file_of_the_demo_has_the_outcome_that_its_name_tells() {
    assert_eq!(verdicts(&records("")), EXPECTED);
}

#[test]
fn dihedral_finds_the_mirrored_copy_and_nothing_else_more() {
    let records = records("--dihedral");
    let mut expected = EXPECTED;
    expected[1] = ("autumn-wood-mirrored.jpg", "match", "a path through an autumn wood");
    assert_eq!(verdicts(&records), expected);
    assert_eq!(nearest(&records, "autumn-wood-mirrored.jpg")["orientation"], "flip-y");
}

#[test]
fn the_dihedral_demo_does_not_suggest_itself() {
    let ran = Sandbox::new().presend("demo --dihedral").exits(0);
    assert!(!ran.text().contains("--dihedral"), "{}", ran.text());
}

#[test]
fn a_picture_stored_sideways_matches_as_it_is_viewed() {
    assert_eq!(nearest(&records(""), "mountain-lake-stored-sideways.jpg")["orientation"], "rotate-270");
}

#[test]
fn pictures_drawn_in_alpha_match_as_shown_and_hidden_under_alpha_as_stored() {
    let records = records("");
    assert_eq!(nearest(&records, "birthday-drawn-in-alpha.png")["backdrop"], "white");
    assert_eq!(nearest(&records, "cat-card-hidden-under-alpha.png")["backdrop"], "ignored");
}

#[test]
fn an_animation_matches_by_the_frame_that_is_named() {
    assert_eq!(nearest(&records(""), "slideshow.gif")["frame"], 2);
}

#[test]
fn a_scan_of_the_outbox_says_what_the_demo_says() {
    let sandbox = Sandbox::new();
    let outbox = demo("outbox");
    let outbox = outbox.to_str().expect("the checkout has a name in UTF-8");
    let (set, trust) = (demo("known.presend"), demo("trust.json"));
    let [set, trust] = [&set, &trust].map(|path| path.to_str().expect("below the checkout"));
    let ran =
        sandbox.run(["scan", "--format", "ndjson", "--set", set, "--trust", trust, "--effort", "3", outbox]).exits(2);
    let (scanned, shown) = (ran.ndjson("presend.scan/1"), records(""));
    for name in ["outcome", "format"] {
        assert_eq!(column(&scanned, name), column(&shown, name));
    }
    let details = |records: &[Value]| records.iter().map(|row| row["matches"].clone()).collect::<Vec<_>>();
    assert_eq!(details(&scanned), details(&shown));
}

#[test]
fn the_sealed_set_finds_what_the_list_in_clear_finds() {
    let sandbox = Sandbox::with_list();
    let outbox = demo("outbox");
    let outbox = outbox.to_str().expect("the checkout has a name in UTF-8");
    let listed = sandbox.run(["scan", "--format", "ndjson", "--list", "list.csv", outbox]).exits(2);
    let (listed, sealed) = (listed.ndjson("presend.scan/1"), records(""));
    let of = |records: &[Value]| {
        verdicts(records)
            .into_iter()
            .map(|(_, outcome, label)| (outcome.to_owned(), label.to_owned()))
            .collect::<Vec<_>>()
    };
    assert_eq!(of(&listed), of(&sealed));
}

#[test]
fn the_list_is_what_hash_finds_in_the_listed_pictures() {
    let listed = demo("listed");
    let ran = Sandbox::new().run(["hash".as_ref(), "--format=csv".as_ref(), listed.as_os_str()]).exits(0);
    let hashes: Vec<String> = ran.csv().into_iter().skip(1).map(|row| row[3].clone()).collect();
    let list = String::from_utf8(common::demo_bytes("list.csv")).expect("the list is UTF-8");
    let known: Vec<&str> = list.lines().skip(2).filter_map(|line| line.split(',').nth(1)).collect();
    assert_eq!(hashes, known);
}
