//! A scan of real photographs, where the shared pictures are present.

mod common;

use std::path::Path;

use common::{Sandbox, column};

#[test]
fn a_handful_of_photographs_is_found_among_all() {
    let photos = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/images/dev/photos");
    if !photos.is_dir() {
        return println!("skipped: {} is not here", photos.display());
    }
    let photos = photos.to_str().expect("the checkout has a name in UTF-8");
    let sandbox = Sandbox::new();
    // Refusing every picture by its header is a quick way to name them all.
    let all = sandbox.run(["hash", "--max-pixels", "0", "--format", "csv", photos]).exits(2).csv();
    let some = all[1..].iter().step_by(150).map(|row| row[0].as_str());
    let hashed = sandbox.run(["hash", "--format", "csv"].into_iter().chain(some)).csv();
    let chosen: Vec<&Vec<String>> = hashed[1..].iter().filter(|row| row[4] == "100").collect();
    let list: String = chosen.iter().map(|row| format!("pdq {} {}\n", row[3], row[0])).collect();
    sandbox.write("known", list);

    let args = ["scan", "--format", "ndjson", "--list", "known", photos];
    let ran = sandbox.run(args);
    let records = ran.ndjson("presend.scan/1");
    let outcomes = column(&records, "outcome");
    let unsure = outcomes.iter().any(|outcome| ["inconclusive", "unscannable"].contains(&outcome.as_str()));
    let ran = ran.exits(if unsure { 2 } else { 1 });
    for row in &chosen {
        let record = records.iter().find(|record| record["path"] == row[0].as_str()).expect("a record per file");
        assert_eq!((&record["outcome"], &record["matches"][0]["distance"]), (&"match".into(), &0.into()), "{record}");
    }
    assert!(chosen.len() > 5 && outcomes.iter().filter(|outcome| *outcome == "clean").count() > records.len() / 2);
    assert_eq!(sandbox.run(args).stdout, ran.stdout, "two runs say the same");
}
