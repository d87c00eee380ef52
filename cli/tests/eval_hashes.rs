//! `presend eval --hashes`: what is measured from hashes that were computed elsewhere is what is measured from the pictures.

mod common;

use std::fs;
use std::path::Path;

use common::{Sandbox, demo_bytes, picture};

const FORMATS: [&str; 3] = ["ndjson", "csv", "parquet"];

/// Pictures, one of them under two names, one of a size whose hash of record is none of its orientations, an animation, and
/// files that cannot be hashed for every reason.
fn sandbox() -> Sandbox {
    let sandbox = Sandbox::new();
    for (name, file) in [
        ("photos/beach.jpg", "beach.jpg"),
        ("photos/green-hills.jpg", "green-hills.jpg"),
        ("photos/harbour-recompressed.jpg", "harbour-recompressed.jpg"),
        ("photos/snowy-peaks.webp", "snowy-peaks.webp"),
        ("copies/sand.jpg", "beach.jpg"),
        ("copies/broken.jpg", "broken.jpg"),
        ("copies/slideshow.gif", "slideshow.gif"),
    ] {
        sandbox.write(Path::new("pictures").join(name), demo_bytes(&format!("outbox/{file}")));
    }
    sandbox.write("pictures/copies/empty.jpg", "");
    sandbox.write("pictures/copies/dot.png", picture::png(1, 1, |_, _| [9, 9, 9, 255]));
    let bars = |x: u32, _| [(x % 16 * 16) as u8, 7, 9, 255];
    sandbox.write("pictures/copies/64.png", picture::png(64, 64, bars));
    sandbox.write("pictures/copies/called.jpg", "Nothing to see.\n");
    let cut = demo_bytes("outbox/slideshow.gif");
    sandbox.write("pictures/copies/cut.gif", &cut[..cut.len() * 2 / 3]);
    #[cfg(unix)]
    std::os::unix::fs::symlink("nowhere", sandbox.path().join("pictures/photos/gone.jpg")).expect("a link");
    sandbox
}

/// The rows of all pictures, as lines.
fn lines(sandbox: &Sandbox) -> Vec<String> {
    let ran = sandbox.presend("hash --dihedral --digest --format ndjson --quiet pictures").exits(2);
    ran.text().lines().map(str::to_owned).collect()
}

fn joined(lines: &[String]) -> String {
    lines.iter().map(|line| format!("{line}\n")).collect()
}

/// What the program says of rows that it refuses.
fn refusal(sandbox: &Sandbox, options: &str) -> String {
    let ran = sandbox.presend(&format!("eval fpr --hashes {options}")).exits(2);
    assert_eq!(ran.text(), "");
    ran.stderr
}

#[test]
fn hashes_in_every_format_give_the_figures_of_the_pictures() {
    let sandbox = sandbox();
    let measured = sandbox.presend("eval fpr --no-cache --quiet --strata folder --format ndjson pictures").exits(0);
    for format in FORMATS {
        sandbox.presend(&format!("hash --dihedral --digest --format {format} -o hashes pictures")).exits(2);
        let from_hashes = sandbox.presend("eval fpr --quiet --format ndjson --hashes hashes").exits(0);
        assert_eq!(from_hashes.text(), measured.text(), "{format}");
    }
}

#[test]
fn hashes_give_the_corpus_of_the_pictures() {
    for algorithm in ["pdq", "phash"] {
        let sandbox = sandbox();
        let corpus = format!("eval corpus --no-cache --quiet --strata folder --algorithm {algorithm} --within 40");
        sandbox.presend(&format!("{corpus} -o measured pictures")).exits(0);
        sandbox
            .presend(&format!("hash --algorithm {algorithm} --dihedral --digest --format ndjson -o h pictures"))
            .exits(2);
        sandbox.presend(&format!("{corpus} -o hashed --hashes h")).exits(0);
        let read = |name: &str| fs::read_to_string(sandbox.path().join(name)).expect("it was written");
        assert_eq!(read("hashed/pairs.csv"), read("measured/pairs.csv"));
        let rows = |name: &str| -> Vec<Vec<String>> {
            let mut reader = csv::Reader::from_path(sandbox.path().join(name)).expect("it was written");
            let format = reader.headers().expect("a header").iter().position(|name| name == "format");
            let records = reader.into_records().map(|record| record.expect("a row"));
            let without = |at: usize| Some(at) != format;
            let kept = |record: csv::StringRecord| {
                record.iter().enumerate().filter(|&(at, _)| without(at)).map(|(_, field)| field.to_owned()).collect()
            };
            records.map(kept).collect()
        };
        // The format alone is told by no hash.
        assert_eq!(rows("hashed/manifest.csv"), rows("measured/manifest.csv"));
    }
}

#[test]
fn parts_in_any_order_and_twice_are_the_whole() {
    let sandbox = sandbox();
    let mut lines = lines(&sandbox);
    sandbox.write("whole", joined(&lines));
    let whole = sandbox.presend("eval fpr --quiet --format ndjson --hashes whole").exits(0);
    lines.reverse();
    let third = lines.len() / 3;
    sandbox.write("parts/b/part-0", joined(&lines[..2 * third]));
    sandbox.write("parts/part-1.ndjson", joined(&lines[third..]));
    sandbox.write("parts/empty", "");
    sandbox.write("parts/_SUCCESS", "");
    sandbox.write("parts/.part-2.ndjson.tmp", "{\"schema\":");
    sandbox.presend("hash --dihedral --digest --format csv -o parts/part-3.csv pictures").exits(2);
    let parts = sandbox.presend("eval fpr --quiet --format ndjson --hashes parts --hashes parts/part-3.csv").exits(0);
    assert_eq!(parts.text(), whole.text());
}

#[test]
fn counted_parts_of_hashes_merge_into_the_report_of_the_pictures() {
    let sandbox = sandbox();
    sandbox.write("hashes", joined(&lines(&sandbox)));
    sandbox.presend("eval fpr --quiet --no-cache --strata folder pictures --counts one").exits(0);
    for part in 1..=4 {
        sandbox.presend(&format!("eval fpr --quiet --hashes hashes --part {part}/4 --counts part-{part}")).exits(0);
    }
    sandbox.presend("eval merge one --format ndjson -o one.ndjson").exits(0);
    sandbox.presend("eval merge part-3 part-1 part-4 part-2 --format ndjson -o four.ndjson").exits(0);
    let read = |name: &str| fs::read_to_string(sandbox.path().join(name)).expect("it was written");
    assert_eq!(read("four.ndjson").replace("in 4 parts", "in 1 part"), read("one.ndjson"));
}

#[test]
fn a_table_of_strata_serves_hashes_too() {
    let sandbox = sandbox();
    sandbox.write("strata.csv", "path,stratum\npictures/photos/beach.jpg,sea\npictures/copies/64.png,drawn\n");
    sandbox.write("hashes", joined(&lines(&sandbox)));
    let command = "eval fpr --quiet --no-cache --strata strata.csv --format ndjson";
    let measured = sandbox.presend(&format!("{command} pictures")).exits(0);
    assert_eq!(sandbox.presend(&format!("{command} --hashes hashes")).exits(0).text(), measured.text());
    let stderr = refusal(&sandbox, "hashes --strata auto");
    assert!(stderr.contains("--strata auto goes by pixels, which --hashes does not tell"), "{stderr}");
}

#[test]
fn rows_that_cannot_be_used_are_named() {
    let sandbox = sandbox();
    let lines = lines(&sandbox);
    let at = lines.iter().position(|line| line.contains("beach.jpg")).expect("it was hashed");
    let with = |number: usize, line: &str| {
        let mut lines = lines.clone();
        lines.splice(number..=number, (!line.is_empty()).then(|| line.to_owned()));
        joined(&lines)
    };
    let replaced = |from: &str, to: &str| with(at, &lines[at].replacen(from, to, 1));
    let sha256 = lines[at].split("\"sha256\":\"").nth(1).map(|rest| rest[..64].to_owned()).expect("a digest");
    let hash = lines[at].split("\"hash\":\"").nth(1).map(|rest| rest[..64].to_owned()).expect("a hash");
    let line = at + 1;
    for (rows, place, reason) in [
        (replaced(&format!("\"{sha256}\""), "null"), line, "\"pictures/photos/beach.jpg\" has a hash and no digest"),
        (replaced(&sha256, "beef"), line, "\"beef\" is no SHA-256"),
        (replaced(&hash, &hash[..63]), line, "expected 64 hexadecimal digits, found 63"),
        (replaced("\"pdq\"", "\"pdq-512\""), line, "hashed by pdq-512, not by pdq"),
        (replaced("\"orientation\":\"original\",", ""), line, "has a hash of no known orientation"),
        (with(at + 3, ""), line, "has no hash of the orientation rotate-270"),
        (replaced("presend.hash/1", "presend.scan/1"), line, "schema \"presend.scan/1\""),
        (replaced("\"quality\":", "\"quality\":1"), line, "line 1 column"),
        (joined(&lines[..at]) + &lines[at][..80], line, "EOF while parsing"),
        (
            with(at + 1, &lines[at + 1].replace(&sha256, &"0".repeat(64))),
            line + 1,
            "is another file, or gave another hash, at hashes:",
        ),
        (
            joined(&lines) + &lines[at].replace(&hash, &"0".repeat(64)),
            lines.len() + 1,
            "is another file, or gave another hash, at hashes:",
        ),
        (
            joined(&lines) + &lines[at].replace(&sha256, &"0".repeat(64)),
            lines.len() + 1,
            "is another file, or gave another hash, at hashes:",
        ),
        (with(at, &lines[at].replace("\"frame\":0", "\"frame\":-1")), line, "no row of `presend hash`"),
    ] {
        sandbox.write("hashes", rows);
        let stderr = refusal(&sandbox, "hashes");
        assert!(stderr.starts_with(&format!("presend: hashes:{place}: ")), "{reason}: {stderr}");
        assert!(stderr.contains(reason), "{reason}: {stderr}");
    }
    sandbox.write("hashes", joined(&lines).replace("photos/beach.jpg", "photos/no-beach.jpg"));
    sandbox.write("other", joined(&lines).replace(&hash, &"0".repeat(64)));
    let stderr = refusal(&sandbox, "hashes --hashes other");
    assert!(stderr.contains("is another file, or gave another hash, at hashes:"), "{stderr}");
}

#[test]
fn files_that_hold_no_rows_are_named() {
    let sandbox = sandbox();
    sandbox.presend("hash --dihedral --digest --format parquet -o whole pictures").exits(2);
    let whole = fs::read(sandbox.path().join("whole")).expect("it was written");
    sandbox.write("cut", &whole[..whole.len() / 2]);
    sandbox.write("text", "Nothing to see.\nNothing.\n");
    sandbox.presend("hash --dihedral --format csv -o undigested.csv pictures").exits(2);
    sandbox.presend("hash --digest --format parquet -o unturned pictures").exits(2);
    for (file, reason) in [
        ("cut", "cut: no readable Parquet file: "),
        ("text", "text:2: no row of `presend hash`: "),
        ("undigested.csv", "undigested.csv:2: \"pictures/copies/64.png\" has a hash and no digest: hash with --digest"),
        (
            "unturned",
            "unturned: row 1: \"pictures/copies/64.png\" has a hash of no known orientation: hash with --dihedral",
        ),
        ("missing", "missing: No such file"),
    ] {
        let stderr = refusal(&sandbox, file);
        assert!(stderr.starts_with(&format!("presend: {reason}")), "{stderr}");
    }
    for line in ["eval fpr --hashes whole pictures", "eval fpr --hashes whole --files-from list", "eval fpr"] {
        sandbox.presend(line).exits(2);
    }
}

/// What `rdd.pipe` of Spark and its like rely on.
#[test]
fn paths_go_in_a_line_each_and_rows_come_out_a_line_each() {
    let sandbox = sandbox();
    let names = ["pictures/photos/beach.jpg", "pictures/copies/empty.jpg", "pictures/copies/64.png", "missing.jpg"];
    let command = "hash --files-from - --dihedral --digest --format ndjson --quiet --jobs 1";
    for paths in [names.join("\n"), names.join("\n") + "\n", names.join("\r\n")] {
        let ran = sandbox.presend_reading(command, paths).exits(2);
        assert_eq!(ran.stderr, "");
        let paths = common::column(&ran.ndjson("presend.hash/1"), "path");
        let expected = [vec![names[0]; 8], vec![names[1]], vec![names[2]; 8], vec![names[3]]].concat();
        assert_eq!(paths, expected);
    }
    let none = sandbox.presend_reading(command, "").exits(0);
    assert_eq!((none.text(), none.stderr.as_str()), ("", ""));
}
