//! The numbers that other programs computed.

use std::path::Path;

/// The rows of a table in `shared/eval`, or `None` (and a line that says so) where the folder is missing.
pub(super) fn rows(name: &str) -> Option<Vec<csv::StringRecord>> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/eval").join(name);
    if !path.exists() {
        println!("skipped: {} is not on this machine", path.display());
        return None;
    }
    let mut reader = csv::Reader::from_path(path).expect("a table");
    Some(reader.records().map(|row| row.expect("a row")).collect())
}

/// The number in a field.
pub(super) fn number(row: &csv::StringRecord, field: usize) -> f64 {
    row[field].parse().expect("a number")
}

/// Holds when two numbers agree relatively; `what` is printed otherwise.
#[track_caller]
pub(super) fn assert_close(actual: f64, expected: f64, relative: f64, what: &dyn std::fmt::Debug) {
    let error = (actual - expected).abs();
    assert!(error <= relative * expected.abs(), "{what:?}: {actual} instead of {expected}");
}
