//! What the formats hold, and what goes to which stream.

mod common;

use bytes::Bytes;
use common::{Ran, Sandbox, column, demo_bytes, picture};
use parquet::file::reader::{FileReader, SerializedFileReader};
use parquet::record::Field;

const FILES: [&str; 4] =
    ["outbox/harbour-recompressed.jpg", "outbox/broken.jpg", "outbox/slideshow.gif", "outbox/beach.jpg"];
const NAMES: &str = "harbour-recompressed.jpg broken.jpg slideshow.gif beach.jpg";

fn run(command: &str) -> Ran {
    Sandbox::with_demo(&FILES).presend(&format!("{command} {NAMES}")).exits(2)
}

#[test]
fn hash_csv_has_the_columns_that_lists_are_read_by() {
    let rows = run("hash --format csv").csv();
    assert_eq!(rows[0], ["path", "frame", "algorithm", "hash", "quality", "width", "height", "error"]);
    assert_eq!(rows[1][..3], ["harbour-recompressed.jpg", "0", "pdq"]);
    assert_eq!(rows[1][4..], ["100", "480", "320", ""]);
    assert!(rows[1][3].len() == 64 && rows[1][3].bytes().all(|digit| digit.is_ascii_hexdigit()));
    let error = "broken JPEG: the file ends too early";
    assert_eq!(rows[2], ["broken.jpg", "0", "pdq", "", "", "", "", error]);
    assert_eq!(rows.len(), 1 + 1 + 1 + 4 + 1);
}

#[test]
fn hash_ndjson_is_one_object_per_line() {
    let records = run("hash --format ndjson").ndjson("presend.hash/1");
    assert_eq!(records.len(), 7);
    assert_eq!(records[0]["hash"].as_str().map(str::len), Some(64));
    assert_eq!(
        (&records[0]["quality"], &records[0]["width"], &records[0]["height"]),
        (&100.into(), &480.into(), &320.into())
    );
    assert!(records[0]["error"].is_null() && records[0].get("orientation").is_none());
    assert!(records[1]["hash"].is_null());
    assert_eq!(records[1]["error"]["code"], "malformed");
    assert_eq!([2, 3, 4, 5].map(|i| records[i]["frame"].as_u64()), [0, 1, 2, 3].map(Some));
}

#[test]
fn hash_formats_read_as_the_snapshots() {
    insta::assert_snapshot!("hash_human", run("hash").text());
    insta::assert_snapshot!("hash_ndjson", run("hash --format ndjson").text());
}

#[test]
fn dihedral_hashes_are_eight_rows_with_an_orientation() {
    let sandbox = Sandbox::with_demo(&FILES);
    let ways = ["original", "rotate-90", "rotate-180", "rotate-270", "flip-x", "flip-y", "flip-plus-1", "flip-minus-1"];
    let rows = sandbox.presend("hash --dihedral --format csv beach.jpg").exits(0).csv();
    assert_eq!(rows[0].last().map(String::as_str), Some("orientation"));
    assert_eq!(rows[1..].iter().map(|row| row[8].as_str()).collect::<Vec<_>>(), ways);
    assert_eq!(rows[1][3], sandbox.hash_of("beach.jpg"));
    let records = sandbox.presend("hash --dihedral --format ndjson beach.jpg").exits(0).ndjson("presend.hash/1");
    assert_eq!(column(&records, "orientation"), ways);
}

/// The rows of a Parquet file as text, a blank for what is not there.
fn parquet_rows(bytes: Vec<u8>) -> Vec<Vec<String>> {
    let reader = SerializedFileReader::new(Bytes::from(bytes)).expect("it is a table");
    let rows = reader.get_row_iter(None).expect("every column").map(|row| row.expect("a row"));
    let text = |field: &Field| match field {
        Field::Str(text) => text.clone(),
        Field::Int(number) => number.to_string(),
        Field::Long(number) => number.to_string(),
        _ => String::new(),
    };
    rows.map(|row| row.get_column_iter().map(|(_, field)| text(field)).collect()).collect()
}

#[test]
fn hash_parquet_holds_what_the_csv_does() {
    for dihedral in ["", "--dihedral"] {
        let csv = run(&format!("hash {dihedral} --format csv")).csv();
        let parquet = parquet_rows(run(&format!("hash {dihedral} --format parquet")).stdout);
        // Without the bytes of names that are not text, and the codes of errors.
        let alike = |row: Vec<String>| [&row[..1], &row[2..8], &row[9..]].concat();
        assert_eq!(parquet.into_iter().map(alike).collect::<Vec<_>>(), csv[1..]);
    }
    let codes: Vec<String> =
        parquet_rows(run("hash --format parquet").stdout).into_iter().map(|row| row[8].clone()).collect();
    assert_eq!(codes[..2], ["", "malformed"]);
}

/// SHA-256 of `beach.jpg` by another program (sha256sum).
const BEACH: &str = "64521ead33b8e524b33c0688e924570e75a8ccc915410cde841e61f035870c91";

#[test]
fn digests_are_in_every_format_and_of_files_that_cannot_be_hashed_too() {
    let sandbox = Sandbox::with_demo(&FILES);
    sandbox.write("empty.png", "");
    sandbox.write("text.png", "Nothing to see.\n");
    let files = "beach.jpg empty.png text.png missing.png broken.jpg";
    let csv = sandbox.presend(&format!("hash --digest --format csv {files}")).exits(2).csv();
    assert_eq!(csv[0][8..], ["sha256", "bytes", "record", "error_code"]);
    let empty = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"; // FIPS 180-4's empty message
    let told: Vec<_> = csv[1..].iter().map(|row| (row[8].as_str(), row[9].as_str(), row[11].as_str())).collect();
    let broken = (csv[5][8].as_str(), csv[5][9].as_str(), "malformed");
    let text = csv[3][8].as_str();
    assert_eq!(
        told,
        [(BEACH, "24275", ""), (empty, "0", "empty"), (text, "16", "unknown-format"), ("", "", "not-found"), broken]
    );
    assert!(broken.0.len() == 64 && text.len() == 64);
    let records = sandbox.presend(&format!("hash --digest --format ndjson {files}")).exits(2).ndjson("presend.hash/1");
    for (record, row) in records.iter().zip(&csv[1..]) {
        assert_eq!(record["sha256"].as_str().unwrap_or_default(), row[8]);
        assert_eq!(record["bytes"].as_u64().map(|bytes| bytes.to_string()).unwrap_or_default(), row[9]);
    }
    let table = parquet_rows(sandbox.presend(&format!("hash --digest --format parquet {files}")).exits(2).stdout);
    assert_eq!(
        table.iter().map(|row| &row[10..]).collect::<Vec<_>>(),
        csv[1..].iter().map(|row| &row[8..11]).collect::<Vec<_>>()
    );
    let human = sandbox.presend("hash --digest beach.jpg").exits(0);
    assert!(human.text().ends_with(&format!("  beach.jpg sha256 {BEACH}\n")), "{}", human.text());
}

/// PDQ's reference does not filter a picture of 64 by 64 pixels for its hash of record, but does for the others: where most
/// frequencies are nothing but rounding errors, that shows.
#[test]
fn a_hash_of_record_that_is_of_no_orientation_comes_with_the_digest() {
    let bars = |x: u32, _| [(x % 16 * 16) as u8, 7, 9, 255];
    let sandbox = Sandbox::new();
    sandbox.write("64.png", picture::png(64, 64, bars));
    sandbox.write("65.png", picture::png(65, 64, bars));
    let rows = sandbox.presend("hash --dihedral --digest --format csv 64.png 65.png").exits(0).csv();
    assert_eq!(rows[0][8..], ["orientation", "sha256", "bytes", "record", "error_code"]);
    let record = sandbox.hash_of("64.png");
    assert_ne!(record, rows[1][3]);
    assert!(rows[1..9].iter().all(|row| row[11] == record));
    assert!(rows[9..].iter().all(|row| row[11].is_empty()));
}

/// A frame that is too small has one row, not eight.
#[test]
fn the_fault_that_ends_a_file_has_the_number_of_its_frame() {
    let sandbox = Sandbox::with_demo(&FILES);
    let whole = demo_bytes("outbox/slideshow.gif");
    sandbox.write("cut.gif", &whole[..whole.len() * 2 / 3]);
    for options in ["", "--dihedral"] {
        let rows = sandbox.presend(&format!("hash {options} --format csv cut.gif")).exits(2).csv();
        let last: u32 = rows[rows.len() - 2][1].parse().expect("a frame");
        assert_eq!(rows[rows.len() - 1][1], (last + 1).to_string());
    }
}

#[test]
fn hashes_go_to_a_file_in_every_format() {
    let sandbox = Sandbox::with_demo(&FILES);
    for format in ["human", "ndjson", "csv", "parquet"] {
        let command = format!("hash --format {format} {NAMES}");
        let to_file = sandbox.presend(&format!("{command} --output out")).exits(2);
        assert_eq!(to_file.text(), "");
        let written = std::fs::read(sandbox.path().join("out")).expect("it was written");
        assert_eq!(written, sandbox.presend(&command).exits(2).stdout, "{format}");
    }
    let ran = sandbox.presend("hash --output nowhere/out beach.jpg").exits(2);
    assert!(ran.stderr.starts_with("presend: cannot write nowhere/out: "), "{}", ran.stderr);
}

#[test]
fn a_table_without_rows_is_a_table() {
    let sandbox = Sandbox::with_demo(&FILES);
    std::fs::create_dir(sandbox.path().join("f")).expect("the sandbox is writable");
    let rows = parquet_rows(sandbox.presend("hash --format parquet f").exits(0).stdout);
    assert!(rows.is_empty());
}

#[test]
fn scan_csv_has_one_row_per_input() {
    let ran = run("scan --list list.csv --format csv");
    assert_eq!(ran.csv().len(), 1 + FILES.len());
    insta::assert_snapshot!(ran.text());
}

#[test]
fn scan_ndjson_is_one_object_per_line() {
    let records = run("scan --list list.csv --format ndjson").ndjson("presend.scan/1");
    assert_eq!(column(&records, "outcome"), ["match", "unscannable", "match", "clean"]);
    let found = &records[2]["matches"][0];
    assert_eq!((&found["label"], &found["frame"]), (&"a street of coloured houses".into(), &2.into()));
    assert_eq!((&found["list"]["path"], &found["line"]), (&"list.csv".into(), &14.into()));
    assert_eq!(records[3]["matches"], serde_json::json!([]));
}

#[test]
fn the_summary_goes_to_standard_error_only() {
    for format in ["human", "ndjson", "csv"] {
        for command in ["scan --list list.csv", "hash"] {
            let ran = run(&format!("{command} --format {format}"));
            assert!(ran.stderr.starts_with("4 images in "), "{}", ran.stderr);
            assert_eq!(ran.stderr.lines().count(), 1, "{}", ran.stderr);
            assert!(!ran.text().contains("images in"));
        }
    }
}

#[test]
fn quiet_leaves_standard_error_empty_and_changes_no_result() {
    for command in ["scan --list list.csv", "hash"] {
        let quiet = run(&format!("{command} --quiet"));
        assert_eq!(quiet.stderr, "");
        assert_eq!(quiet.stdout, run(command).stdout);
    }
}

#[test]
fn verbose_tells_standard_error_and_changes_no_result() {
    let verbose = run("scan -vv --list list.csv");
    assert!(verbose.stderr.contains("list.csv: 12 entries, 0 unusable"), "{}", verbose.stderr);
    assert_eq!(verbose.stdout, run("scan --list list.csv").stdout);
}

#[test]
fn a_pipe_gets_no_colours() {
    assert!(!run("scan --list list.csv").text().contains('\u{1b}'));
}
