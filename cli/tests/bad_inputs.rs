//! What cannot be scanned or judged has a row of its own that says why, and the rest is scanned all the same.

mod common;

use common::{Sandbox, column, picture};

/// One file of every kind of fault, with pictures before, between and behind them.
const FILES: &str = "beach.jpg missing.jpg empty.jpg broken.jpg notes.png harbour-recompressed.jpg dot.png \
                     plain-blue.png flat.png bomb.png green-hills.jpg";

fn sandbox() -> Sandbox {
    let names =
        ["beach.jpg", "broken.jpg", "notes.png", "harbour-recompressed.jpg", "plain-blue.png", "green-hills.jpg"];
    let sandbox = Sandbox::with_demo(&names.map(|name| format!("outbox/{name}")));
    sandbox.write("empty.jpg", "");
    sandbox.write("dot.png", picture::png(1, 1, |_, _| [9, 9, 9, 255]));
    sandbox.write("flat.png", picture::flat());
    sandbox.write("bomb.png", picture::bomb(60_000, 60_000));
    sandbox
}

#[test]
fn every_fault_has_its_line_for_people() {
    let ran = sandbox().presend(&format!("scan --list list.csv {FILES}")).exits(2);
    insta::assert_snapshot!(ran.text());
    insta::assert_snapshot!("summary_of_every_fault", ran.stderr_without_rate());
}

#[test]
fn every_fault_has_its_record_in_ndjson() {
    let ran = sandbox().presend(&format!("scan --format ndjson --list list.csv {FILES}")).exits(2);
    assert_eq!(column(&ran.ndjson("presend.scan/1"), "path"), FILES.split_whitespace().collect::<Vec<_>>());
    insta::assert_snapshot!(ran.text());
}

#[test]
fn every_fault_has_its_row_when_hashing() {
    let ran = sandbox().presend(&format!("hash --format csv {FILES}")).exits(2);
    insta::assert_snapshot!(ran.text());
}

#[test]
fn an_ordinary_picture_above_max_pixels_is_unscannable() {
    let sandbox = Sandbox::with_demo(&["outbox/beach.jpg"]);
    let at = |pixels: u32| sandbox.presend(&format!("scan --list list.csv --max-pixels {pixels} beach.jpg"));
    at(440 * 320).exits(0);
    let refused = at(440 * 320 - 1).exits(2);
    assert_eq!(refused.text(), "unscannable   beach.jpg: 440x320 pixels are more than the 140799 allowed\n");
}

#[test]
fn an_animation_above_max_frames_is_inconclusive_unless_it_matched_before() {
    let sandbox = Sandbox::with_demo(&["outbox/slideshow.gif"]);
    let at = |frames: u32| sandbox.presend(&format!("scan --list list.csv --max-frames {frames} slideshow.gif"));
    let refused = at(2).exits(2);
    assert!(refused.text().starts_with("inconclusive  slideshow.gif: frame 2 cannot be decoded"), "{}", refused.text());
    at(3).exits(1);
}

#[cfg(unix)]
mod permissions {
    use std::path::Path;

    use super::*;
    use crate::common::unprivileged::{allow, unprivileged};

    #[test]
    fn what_may_not_be_read_is_unscannable_and_the_rest_is_scanned() {
        let sandbox = Sandbox::with_demo(&["outbox/beach.jpg"]);
        for name in ["a/beach.jpg", "b-locked/beach.jpg", "c-locked.jpg", "d.jpg"] {
            sandbox.write(Path::new("pictures").join(name), common::demo_bytes("outbox/beach.jpg"));
        }
        let program = match unprivileged(&sandbox) {
            Ok(program) => program,
            Err(why) => return println!("skipped: {why}"),
        };
        let locked = ["b-locked", "c-locked.jpg"].map(|name| sandbox.path().join("pictures").join(name));
        locked.iter().for_each(|path| allow(path, 0o000));
        let args =
            program[1..].iter().map(String::as_str).chain(["scan", "--list", "list.csv", "pictures", "beach.jpg"]);
        let ran = common::Ran::from(sandbox.command_of(&program[0], args).output().expect("the program starts"));
        locked.iter().for_each(|path| allow(path, 0o755));
        let ran = ran.exits(2);
        let rows = [
            "clean         pictures/a/beach.jpg",
            "unscannable   pictures/b-locked: permission denied",
            "unscannable   pictures/c-locked.jpg: permission denied",
            "clean         pictures/d.jpg",
            "clean         beach.jpg",
        ];
        assert_eq!(ran.lines(), rows);
    }
}
