//! Folders hold all kinds of files: what is no picture, and is not called one, is passed over.

mod common;

use common::{Ran, Sandbox, column, picture};

/// A folder of a picture and two files that are none.
fn sandbox() -> Sandbox {
    let sandbox = Sandbox::with_list();
    sandbox.write("f/LICENSE", "As you like.\n");
    sandbox.write("f/a.png", picture::blocks(1));
    sandbox.write("f/readme.txt", "Nothing to see.\n");
    sandbox
}

/// How a run ended: the counts after the rate.
fn counts(ran: &Ran) -> &str {
    ran.stderr.rsplit_once(": ").expect("a summary").1
}

#[test]
fn people_see_no_line_for_what_is_no_picture_but_its_number() {
    let ran = sandbox().presend("scan --list list.csv f").exits(0);
    assert_eq!(ran.text(), "clean         f/a.png\n");
    assert!(ran.stderr.starts_with("1 image in "), "{}", ran.stderr);
    assert_eq!(counts(&ran), "0 matched, 1 clean, 0 inconclusive, 0 unscannable, 2 not pictures\n");
}

#[test]
fn programs_get_a_row_for_every_file_that_says_what_was_skipped() {
    let sandbox = sandbox();
    let records = sandbox.presend("scan --list list.csv --format ndjson f").exits(0).ndjson("presend.scan/1");
    assert_eq!(column(&records, "path"), ["f/LICENSE", "f/a.png", "f/readme.txt"]);
    assert_eq!(column(&records, "outcome"), ["skipped", "clean", "skipped"]);
    assert_eq!(records[0]["reason"]["code"], "unknown-format");
    assert_eq!((&records[0]["format"], &records[0]["matches"]), (&serde_json::Value::Null, &serde_json::json!([])));
    let rows = sandbox.presend("scan --list list.csv --format csv f").exits(0).csv();
    let outcomes: Vec<&str> = rows.iter().map(|row| row[1].as_str()).collect();
    assert_eq!(outcomes, ["outcome", "skipped", "clean", "skipped"]);
    let reason = rows[0].iter().position(|name| name == "reason").expect("a column");
    assert_eq!(rows[1][reason], "not a picture in any known format");
}

#[test]
fn hash_has_no_row_for_what_is_no_picture() {
    for (format, rows) in [("human", 1), ("ndjson", 1), ("csv", 2)] {
        let ran = sandbox().presend(&format!("hash --format {format} f")).exits(0);
        assert_eq!(ran.lines().len(), rows, "{}", ran.text());
        assert!(ran.lines().last().is_some_and(|row| row.contains("f/a.png")), "{}", ran.text());
        assert_eq!(counts(&ran), "1 hashed, 0 failed, 2 not pictures\n");
    }
}

#[test]
fn what_is_passed_over_does_not_change_the_exit_status() {
    let sandbox = Sandbox::with_list();
    sandbox.write("f/readme.txt", "Nothing to see.\n");
    let none = sandbox.presend("scan --list list.csv f").exits(0);
    assert_eq!(none.text(), "");
    assert_eq!(counts(&none), "0 matched, 0 clean, 0 inconclusive, 0 unscannable, 1 not a picture\n");
    sandbox.write("f/copy.jpg", common::demo_bytes("outbox/harbour-recompressed.jpg"));
    sandbox.presend("scan --list list.csv f").exits(1);
    sandbox.presend("scan --list list.csv f missing.jpg").exits(2);
}

#[test]
fn a_file_that_somebody_named_is_never_passed_over() {
    let sandbox = sandbox();
    let row = "unscannable   f/readme.txt: not a picture in any known format\n";
    let named = sandbox.presend("scan --list list.csv f/readme.txt").exits(2);
    assert_eq!(named.text(), row);
    assert_eq!(counts(&named), "0 matched, 0 clean, 0 inconclusive, 1 unscannable\n");
    let listed = sandbox.presend_reading("scan --list list.csv --files-from -", "f/readme.txt\n").exits(2);
    assert_eq!(listed.text(), row);
    assert_eq!(counts(&sandbox.presend("hash f/readme.txt").exits(2)), "0 hashed, 1 failed\n");
    let both = sandbox.presend("scan --list list.csv f f/readme.txt").exits(2);
    assert_eq!(both.text(), format!("clean         f/a.png\n{row}"));
}

#[test]
fn a_file_that_is_called_a_picture_and_is_none_is_unscannable() {
    let sandbox = Sandbox::with_list();
    let names = [
        "a.jpg",
        "b.jpeg",
        "c.jpe",
        "d.jfif",
        "e.png",
        "f.apng",
        "g.webp",
        "h.gif",
        "i.bmp",
        "j.dib",
        "k.tif",
        "l.tiff",
        "m.avif",
        "n.heic",
        "o.heif",
        "p.jxl",
        "q.jp2",
        "r.ico",
        "s.JPG",
        "t.tar.Png",
    ];
    names.iter().for_each(|name| _ = sandbox.write(format!("f/{name}"), "Nothing to see.\n"));
    let ran = sandbox.presend("scan --list list.csv f").exits(2);
    let row = |name| format!("unscannable   f/{name}: not a picture in any known format");
    assert_eq!(ran.lines(), names.map(row));
    assert_eq!(counts(&sandbox.presend("hash f").exits(2)), "0 hashed, 20 failed\n");
}

#[test]
fn an_empty_file_is_unscannable_whatever_it_is_called() {
    let sandbox = sandbox();
    sandbox.write("f/b.txt", "");
    let ran = sandbox.presend("scan --list list.csv f").exits(2);
    assert_eq!(ran.lines(), ["clean         f/a.png", "unscannable   f/b.txt: the file is empty"]);
    assert_eq!(counts(&ran), "0 matched, 1 clean, 0 inconclusive, 1 unscannable, 2 not pictures\n");
}

#[test]
fn a_picture_is_read_whatever_it_is_called() {
    let sandbox = Sandbox::with_list();
    sandbox.write("f/broken.dat", common::demo_bytes("outbox/broken.jpg"));
    sandbox.write("f/copy", common::demo_bytes("outbox/harbour-recompressed.jpg"));
    let ran = sandbox.presend("scan --list list.csv f").exits(2);
    let rows = [
        "unscannable   f/broken.dat: broken JPEG: the file ends too early",
        "match         f/copy: 0 bits from \"a harbour at dusk\" (list.csv:8)",
    ];
    assert_eq!(ran.lines(), rows);
}

#[test]
fn a_folder_without_files_says_so_and_exits_0() {
    let sandbox = Sandbox::with_list();
    std::fs::create_dir(sandbox.path().join("f")).expect("the sandbox is writable");
    for (command, header) in [("scan --list list.csv", "path,outcome,"), ("hash", "path,frame,")] {
        for format in ["human", "ndjson", "csv"] {
            let ran = sandbox.presend(&format!("{command} --format {format} f")).exits(0);
            assert_eq!(ran.stderr.lines().next(), Some("presend: no files to read"));
            assert!(ran.stderr.contains("\n0 images in "), "{}", ran.stderr);
            if format == "csv" {
                assert!(ran.text().starts_with(header) && ran.lines().len() == 1, "{}", ran.text());
            } else {
                assert_eq!(ran.text(), "");
            }
        }
        assert_eq!(sandbox.presend(&format!("{command} --quiet f")).exits(0).stderr, "");
    }
}

#[cfg(unix)]
#[test]
fn a_link_to_a_pipe_is_left_alone_and_a_broken_one_reported() {
    let sandbox = sandbox();
    let made = std::process::Command::new("mkfifo").arg(sandbox.path().join("pipe")).status().expect("mkfifo runs");
    assert!(made.success());
    std::os::unix::fs::symlink("../pipe", sandbox.path().join("f/pipe.jpg")).expect("a link");
    std::os::unix::fs::symlink("nowhere", sandbox.path().join("f/broken.jpg")).expect("a link");
    let ran = sandbox.presend("scan --list list.csv f").exits(2);
    assert_eq!(ran.text(), "clean         f/a.png\nunscannable   f/broken.jpg: no such file\n");
}
