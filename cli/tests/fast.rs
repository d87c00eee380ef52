//! `--fast`: what is hashed fast, and that nobody takes it for exact.

mod common;

use common::{Sandbox, column};
use presend_core::{Limits, Picture};

const PICTURE: &str = "harbour-recompressed.jpg";

fn sandbox() -> Sandbox {
    Sandbox::with_demo(&["outbox/harbour-recompressed.jpg", "outbox/beach.jpg"])
}

#[test]
fn hash_calls_fast_hashes_by_another_name() {
    let sandbox = sandbox();
    let exact = sandbox.hash_of(PICTURE);
    let rows = sandbox.presend(&format!("hash --fast --format csv {PICTURE}")).exits(0).csv();
    assert_eq!(rows[1][2], "pdq-fast");
    let digits = |hash: &str| -> Vec<u32> { hash.chars().filter_map(|digit| digit.to_digit(16)).collect() };
    let bits: u32 = digits(&exact).iter().zip(digits(&rows[1][3])).map(|(a, b)| (a ^ b).count_ones()).sum();
    assert!(rows[1][3].len() == 64 && bits <= 2, "{bits} bits");
    let shown = sandbox.presend(&format!("hash --fast {PICTURE}")).exits(0);
    assert!(shown.text().ends_with(&format!("  100  {PICTURE} (pdq-fast)\n")), "{}", shown.text());
}

#[test]
fn what_cannot_be_hashed_fast_is_hashed_exactly_and_called_so() {
    let sandbox = sandbox();
    let bytes = std::fs::read(sandbox.path().join(PICTURE)).expect("just copied");
    let frame = Picture::open(&bytes, &Limits::default()).expect("a picture").next().expect("a frame").expect("whole");
    let (width, height) = (frame.pixels.width(), frame.pixels.height());
    let pixels = image::RgbImage::from_raw(width, height, frame.pixels.into_bytes()).expect("packed pixels");
    pixels.save(sandbox.path().join("a.png")).expect("the sandbox is writable");
    let plain = sandbox.presend("hash --format csv a.png").exits(0);
    assert_eq!(sandbox.presend("hash --fast --format csv a.png").exits(0).text(), plain.text());
    let ran = sandbox.presend(&format!("scan --fast --format ndjson --list list.csv {PICTURE} a.png missing"));
    assert_eq!(column(&ran.exits(2).ndjson("presend.scan/1"), "precision"), ["fast", "exact", ""]);
}

#[test]
fn a_fast_scan_finds_what_an_exact_one_finds() {
    let sandbox = sandbox();
    let line = format!("scan --list list.csv {PICTURE} beach.jpg");
    let exact = sandbox.presend(&line).exits(1);
    let fast = sandbox.presend(&format!("{line} --fast")).exits(1);
    let outcomes = |text: &str| text.lines().map(|line| line.split(':').next().map(str::to_owned)).collect::<Vec<_>>();
    assert_eq!(outcomes(exact.text()), outcomes(fast.text()));
}

#[test]
fn lists_indexes_and_sets_of_fast_hashes_are_refused() {
    let sandbox = sandbox();
    let list = sandbox.presend(&format!("hash --fast --format csv {PICTURE}")).exits(0);
    sandbox.write("fast.csv", list.stdout);
    sandbox.presend("index build --output list.index list.csv").exits(0);
    for line in [
        format!("scan --list fast.csv {PICTURE}"),
        format!("scan --fast --list fast.csv {PICTURE}"),
        "set merge --output merged.csv fast.csv".to_owned(),
        "index build --output fast.index fast.csv".to_owned(),
        "index add --skip-faults list.index fast.csv".to_owned(),
    ] {
        let ran = sandbox.presend(&line).exits(3);
        assert!(ran.stderr.contains("the hash is pdq-fast, not pdq"), "{line}: {}", ran.stderr);
    }
}

#[test]
fn other_algorithms_have_no_fast_way() {
    let sandbox = sandbox();
    for (command, algorithm) in [("hash", "pdq-512"), ("hash", "dhash"), ("scan --list list.csv", "phash")] {
        let ran = sandbox.presend(&format!("{command} --fast --algorithm {algorithm} {PICTURE}")).exits(2);
        let expected = format!("presend: --fast is for pdq: there is no fast way to hash by {algorithm}\n");
        assert_eq!((ran.text(), ran.stderr.as_str()), ("", expected.as_str()));
    }
    let ran = sandbox.presend(&format!("hash --fast --algorithm pdq-fast {PICTURE}")).exits(2);
    assert!(ran.stderr.contains("invalid value 'pdq-fast'"), "{}", ran.stderr);
}
