//! `presend eval`: what is planted in a folder is found, parts make the same whole, and every answer has its bounds.

mod common;

use std::collections::BTreeMap;
use std::fs;

use common::{Sandbox, demo_bytes, picture};
use serde_json::Value;

/// Shades of a picture that no other seed gives.
fn pattern(seed: u32) -> Vec<u8> {
    let wave = |x: u32, y: u32, a: u32| f64::from(x * (3 + (seed * a) % 11) + y * (2 + (seed / a) % 13)) / 17.0;
    picture::png(96, 80, |x, y| {
        let shade = |a: u32| (128.0 + 60.0 * wave(x, y, a).sin() + 60.0 * wave(y, x, a + 2).cos()) as u8;
        [shade(1), shade(2), shade(3), 255]
    })
}

/// Pictures that are not alike, a listed one with its recompressed copy, an exact copy, and files that are no pictures.
fn sandbox() -> Sandbox {
    let sandbox = Sandbox::new();
    for seed in 1..=24 {
        let folder = if seed % 3 == 0 { "graphics" } else { "photos" };
        sandbox.write(format!("pictures/{folder}/{seed}.png"), pattern(seed * seed));
    }
    sandbox.write("pictures/photos/beach.jpg", demo_bytes("outbox/beach.jpg"));
    sandbox.write("pictures/graphics/sand.jpg", demo_bytes("outbox/beach.jpg"));
    sandbox.write("pictures/photos/slideshow.gif", demo_bytes("outbox/slideshow.gif"));
    sandbox.write("pictures/photos/copy.jpg", demo_bytes("outbox/harbour-recompressed.jpg"));
    let mut listed = fs::read_dir(common::demo("listed")).expect("the demo").map(|entry| entry.expect("a file").path());
    let harbour = listed.find(|path| path.to_string_lossy().contains("harbour")).expect("it is listed");
    sandbox.write("pictures/photos/harbour.jpg", fs::read(harbour).expect("readable"));
    sandbox.write("pictures/photos/empty.jpg", "");
    sandbox.write("pictures/photos/broken.jpg", demo_bytes("outbox/broken.jpg"));
    sandbox.write("pictures/readme.txt", "Nothing to see.\n");
    sandbox
}

/// The rows of each table.
fn tables(text: &str) -> BTreeMap<String, Vec<Value>> {
    let mut tables: BTreeMap<String, Vec<Value>> = BTreeMap::new();
    for line in text.lines() {
        let row: Value = serde_json::from_str(line).expect("every line is JSON");
        assert_eq!(row["schema"], "presend.eval/1");
        tables.entry(row["table"].as_str().expect("a name").to_owned()).or_default().push(row);
    }
    let columns = |row: &Value| row.as_object().expect("an object").keys().cloned().collect::<Vec<_>>();
    for (name, rows) in &tables {
        assert!(rows.iter().all(|row| columns(row) == columns(&rows[0])), "two tables are called {name}");
    }
    tables
}

fn row<'t>(rows: &'t [Value], column: &str, value: &Value) -> &'t Value {
    rows.iter().find(|row| row[column] == *value).unwrap_or_else(|| panic!("no {value} in {rows:?}"))
}

const COMMON: &str = "pictures --strata folder --cache cache --quiet --format ndjson";

#[test]
fn false_matches_are_told_with_their_bounds_and_every_file_is_accounted_for() {
    let sandbox = sandbox();
    let ran = sandbox.presend(&format!("eval fpr {COMMON}")).exits(0);
    let tables = tables(ran.text());
    let files = |what: &str| row(&tables["files"], "outcome", &what.into())["files"].as_u64();
    let expected = [("named", 32), ("hashed", 28), ("further names of the same content", 1), ("no pictures", 1)];
    for (what, number) in expected {
        assert_eq!(files(what), Some(number), "{what}");
    }
    assert_eq!((files("not hashed: empty"), files("not hashed: malformed")), (Some(1), Some(1)));
    let pairs = row(&tables["per-pair"], "threshold", &31.into());
    assert_eq!(pairs["matches"], 1, "the recompressed copy, which nobody judged");
    assert!(tables["per-picture"].iter().all(|row| row["upper"].as_f64() > Some(0.0)), "never 0");
    assert_eq!(tables["hub-pictures"].len(), 2);
    let strata: Vec<&str> = tables["strata"].iter().filter_map(|row| row["stratum"].as_str()).collect();
    assert_eq!(strata, ["graphics", "photos"]);
}

#[test]
fn what_a_person_judged_to_be_one_work_is_no_false_match() {
    let sandbox = sandbox();
    sandbox.presend("eval corpus pictures --strata folder --cache cache -o out --quiet").exits(0);
    let path = sandbox.path().join("out/pairs.csv");
    let pairs = fs::read_to_string(&path).expect("written");
    assert_eq!(pairs.lines().count(), 2, "{pairs}");
    fs::write(&path, format!("{}same\n", pairs.trim_end())).expect("writable");
    let judged = sandbox.presend(&format!("eval fpr {COMMON} --adjudicated out/pairs.csv")).exits(0);
    let tables = tables(judged.text());
    let none = row(&tables["per-pair"], "threshold", &31.into());
    assert!(none["matches"] == 0 && none["rate"].is_null(), "{none}");
    assert!(none["korn_graubard_high"].as_f64() > Some(0.0), "{none}");
    let loud = sandbox.presend("eval fpr pictures --strata folder --cache cache").exits(0);
    assert!(loud.stderr.contains("not adjudicated: of 1 pairs"), "{}", loud.stderr);
}

#[test]
fn four_parts_merged_are_one_run_to_the_last_digit() {
    let sandbox = sandbox();
    let edits = "--pictures 5 --effort 1";
    sandbox.presend(&format!("eval report {COMMON} {edits} -o one.ndjson")).exits(0);
    let mut files = String::new();
    for part in 1..=4 {
        let common = "pictures --strata folder --cache cache --quiet";
        sandbox.presend(&format!("eval fpr {common} --part {part}/4 --counts c{part}.parquet")).exits(0);
        sandbox.presend(&format!("eval recall {common} {edits} --part {part}/4 --rows r{part}.parquet")).exits(0);
        files = format!("r{part}.parquet c{part}.parquet {files}");
    }
    sandbox.presend(&format!("eval merge {files} --effort 1 --format ndjson -o merged.ndjson")).exits(0);
    let read = |name: &str| fs::read_to_string(sandbox.path().join(name)).expect("written");
    assert_eq!(read("merged.ndjson"), read("one.ndjson"));
    assert!(tables(&read("one.ndjson"))["recall"].len() > 100);
    let missing = sandbox.presend("eval merge c1.parquet c2.parquet c4.parquet -o no.html").exits(2);
    assert!(missing.stderr.contains("part 3 of 4 is missing"), "{}", missing.stderr);
    let foreign = sandbox.presend("eval merge c1.parquet pictures/readme.txt -o no.html").exits(2);
    assert!(foreign.stderr.contains("readme.txt"), "{}", foreign.stderr);
    assert!(!sandbox.path().join("no.html").exists());
}

#[test]
fn the_report_is_one_file_without_scripts_and_repeats_itself() {
    let sandbox = sandbox();
    let report = "eval report pictures --strata folder --cache cache --quiet --pictures 4 --png png -o report.html";
    sandbox.presend(report).exits(0);
    let read = || fs::read_to_string(sandbox.path().join("report.html")).expect("written");
    let first = read();
    for needle in ["not adjudicated", "rule of three", "Korn", "Recall under ordinary edits", "eval report pictures"] {
        assert!(first.contains(needle), "{needle}");
    }
    assert!(!first.contains("<script") && !first.contains("src=\"http") && !first.contains("href=\"http"));
    let figures = fs::read_dir(sandbox.path().join("png")).expect("a folder").count();
    assert!(figures >= 8, "{figures}");
    sandbox.presend(&format!("{report} --jobs 1")).exits(0);
    let without_command = |text: &str| text.replace(" --jobs 1", "");
    assert_eq!(without_command(&read()), without_command(&first));
}

#[test]
fn a_target_that_so_few_pictures_cannot_show_is_told_what_it_takes() {
    let sandbox = sandbox();
    let ran = sandbox.presend("eval choose pictures --cache cache --quiet --target-fpr 1e-6").exits(0);
    assert!(ran.text().contains("2,995,731"), "{}", ran.text());
    let account = sandbox.presend(&format!("eval account {COMMON} --rate 1e-6")).exits(0);
    let tables = tables(account.text());
    let base = &tables["base-rate"][0];
    assert_eq!(base["false_per_day"].as_f64().map(f64::round), Some(6900.0));
    let independent = tables["accounts"][0]["so_many"].as_f64().expect("a probability");
    assert!((independent / 3.4e-63 - 1.0).abs() < 0.02, "{independent}");
}

#[test]
fn sealed_sets_and_lists_are_measured_too() {
    let sandbox = sandbox();
    let set = common::demo("known.presend");
    let trust = common::demo("trust.json");
    let common = format!("{COMMON} --set {} --trust {} --cap 16 --threshold 16", set.display(), trust.display());
    let ran = sandbox.presend(&format!("eval fpr {common}")).exits(0);
    let sealed = tables(ran.text());
    let hits =
        |tables: &BTreeMap<String, Vec<Value>>| row(&tables["per-picture"], "threshold", &16.into())["seen"].clone();
    assert_eq!(hits(&sealed), 2, "the listed picture and its copy");
    sandbox.presend("hash pictures/photos/harbour.jpg --format csv -o list.csv").exits(0);
    let ran = sandbox.presend(&format!("eval fpr {COMMON} --list list.csv")).exits(0);
    assert_eq!(hits(&tables(ran.text())), 2);
    let untrusted = sandbox.presend(&format!("eval fpr {COMMON} --set {} --cap 16 --threshold 16", set.display()));
    untrusted.exits(3);
}
