//! `presend compare`.

mod common;

use common::{Sandbox, column, picture};

const LISTED: &str = "3c40a942d7ad55a5285aab58834d58b656b6a24959b959b6260fe3c6d9f9ad59";

fn sandbox() -> Sandbox {
    Sandbox::with_demo(&[
        "listed/autumn-wood.jpg",
        "outbox/autumn-wood-mirrored.jpg",
        "outbox/beach.jpg",
        "outbox/broken.jpg",
        "outbox/harbour-recompressed.jpg",
        "outbox/plain-blue.png",
    ])
}

#[test]
fn two_likenesses_exit_1() {
    let sandbox = sandbox();
    let zero = format!("  0  match         harbour-recompressed.jpg  {LISTED}\n");
    assert_eq!(sandbox.presend(&format!("compare harbour-recompressed.jpg {LISTED}")).exits(1).text(), zero);
    sandbox.presend("compare beach.jpg beach.jpg").exits(1);
    sandbox.presend(&format!("compare {LISTED} {}", LISTED.to_uppercase())).exits(1);
}

#[test]
fn two_unlike_pictures_exit_0() {
    let sandbox = sandbox();
    sandbox.presend("compare beach.jpg harbour-recompressed.jpg").exits(0);
    sandbox.presend(&format!("compare beach.jpg {LISTED}")).exits(0);
    sandbox.presend(&format!("compare {LISTED} {}", "0".repeat(64))).exits(0);
}

#[test]
fn what_cannot_be_judged_exits_2() {
    let sandbox = sandbox();
    let ran = sandbox.presend("compare beach.jpg plain-blue.png").exits(2);
    let why = "quality 0 is below 50: too little structure to judge";
    assert_eq!(ran.text(), format!("127  inconclusive  beach.jpg  plain-blue.png: {why}\n"));
    let ran = sandbox.presend("compare --min-quality 100 plain-blue.png plain-blue.png").exits(2);
    assert!(ran.text().ends_with("plain-blue.png: quality 0 is below 100: too little structure to judge\n"));
    sandbox.presend("compare --min-quality 0 beach.jpg plain-blue.png").exits(0);
}

#[test]
fn what_cannot_be_read_exits_2_and_is_named() {
    let sandbox = sandbox();
    for (operand, why) in [
        ("missing.jpg", "no such file"),
        ("broken.jpg", "broken JPEG: the file ends too early"),
        ("list.csv", "not a picture in any known format"),
        ("-", "the file is empty"),
    ] {
        let ran = sandbox.presend(&format!("compare beach.jpg {operand}")).exits(2);
        assert_eq!(ran.text(), "");
        assert_eq!(ran.stderr, format!("presend: {operand}: {why}\n"));
    }
}

#[test]
fn a_mistyped_hash_is_told_to_be_no_hash() {
    let sandbox = sandbox();
    let told = |typed: &str| sandbox.presend(&format!("compare beach.jpg {typed}")).exits(2).stderr;
    for (typed, found) in [(&LISTED[1..], 63), (&format!("{LISTED}0"), 65)] {
        let why = format!("no such file, and no pdq hash: expected 64 hexadecimal digits, found {found}");
        assert_eq!(told(typed), format!("presend: {typed}: {why}\n"));
    }
    // A file of that name is read.
    sandbox.write(&LISTED[1..], common::demo_bytes("outbox/beach.jpg"));
    sandbox.presend(&format!("compare beach.jpg {}", &LISTED[1..])).exits(1);
}

#[test]
fn a_dash_is_the_image_on_standard_input() {
    let image = common::demo_bytes("listed/harbour.jpg");
    let ran = sandbox().presend_reading(&format!("compare - {LISTED}"), image).exits(1);
    assert_eq!(ran.text(), format!("  0  match         -  {LISTED}\n"));
}

#[test]
fn dihedral_finds_the_mirrored_copy_and_says_how_it_is_turned() {
    let sandbox = sandbox();
    let pair = "autumn-wood.jpg autumn-wood-mirrored.jpg";
    sandbox.presend(&format!("compare {pair}")).exits(0);
    let ran = sandbox.presend(&format!("compare --dihedral {pair}")).exits(1);
    assert_eq!(
        ran.text(),
        "  0  match         autumn-wood.jpg  autumn-wood-mirrored.jpg, once mirrored left to right\n"
    );
    let hash = sandbox.hash_of("autumn-wood.jpg");
    for pair in [format!("autumn-wood-mirrored.jpg {hash}"), format!("{hash} autumn-wood-mirrored.jpg")] {
        let ran = sandbox.presend(&format!("compare --dihedral --format ndjson {pair}")).exits(1);
        assert_eq!(column(&ran.ndjson("presend.compare/1"), "orientation"), ["flip-y"]);
    }
}

#[test]
fn people_read_how_a_picture_is_turned_and_programs_its_name() {
    const WORDS: [(&str, &str); 8] = [
        ("original", ""),
        ("rotate-90", ", once turned left"),
        ("rotate-180", ", once turned upside down"),
        ("rotate-270", ", once turned right"),
        ("flip-x", ", once mirrored top to bottom"),
        ("flip-y", ", once mirrored left to right"),
        ("flip-plus-1", ", once mirrored and turned left"),
        ("flip-minus-1", ", once mirrored and turned right"),
    ];
    let sandbox = Sandbox::new();
    sandbox.write("a.png", picture::blocks(1));
    sandbox.write("known", format!("pdq {}", sandbox.hash_of("a.png")));
    let mut seen = Vec::new();
    for way in 0..8 {
        let from = |x, y| {
            let (x, y) = if way & 1 > 0 { (y, x) } else { (x, y) };
            (if way & 2 > 0 { 63 - x } else { x }, if way & 4 > 0 { 63 - y } else { y })
        };
        sandbox.write("b.png", picture::moved_blocks(1, from));
        let compare = |format| sandbox.presend(&format!("compare --dihedral --format {format} a.png b.png")).exits(1);
        let name = column(&compare("ndjson").ndjson("presend.compare/1"), "orientation").remove(0);
        assert_eq!(compare("csv").csv()[1][8], name);
        let words = WORDS.iter().find(|(known, _)| *known == name).expect("one of eight").1;
        assert!(compare("human").text().ends_with(&format!("  a.png  b.png{words}\n")), "{name}");

        let scan =
            |format| sandbox.presend(&format!("scan --quiet --dihedral --list known --format {format} b.png")).exits(1);
        let name = scan("ndjson").ndjson("presend.scan/1")[0]["matches"][0]["orientation"].clone();
        let words = WORDS.iter().find(|(known, _)| *known == name).expect("one of eight").1;
        assert!(scan("human").text().ends_with(&format!(" bits from known:1{words}\n")));
        seen.push(name);
    }
    assert!(WORDS.iter().all(|(name, _)| seen.iter().any(|seen| seen == name)), "{seen:?}");
}

#[test]
fn the_threshold_decides() {
    let sandbox = sandbox();
    let other = format!("{:x}{}", 3 ^ 8, &LISTED[1..]);
    sandbox.presend(&format!("compare --threshold 0 {LISTED} {other}")).exits(0);
    sandbox.presend(&format!("compare --threshold 1 {LISTED} {other}")).exits(1);
}

#[test]
fn every_pair_has_a_row() {
    let operands = format!("beach.jpg harbour-recompressed.jpg plain-blue.png {LISTED}");
    for format in ["human", "ndjson", "csv"] {
        let ran = sandbox().presend(&format!("compare --format {format} {operands}")).exits(2);
        assert_eq!(ran.lines().len(), 6 + usize::from(format == "csv"));
        assert_eq!(ran.stderr, "");
        insta::assert_snapshot!(format!("every_pair_{format}"), ran.text());
    }
}

#[test]
fn what_scan_finds_compare_finds() {
    let sandbox = Sandbox::with_demo(&[
        "listed/mountain-lake.jpg",
        "outbox/mountain-lake-stored-sideways.jpg",
        "listed/street.png",
        "outbox/slideshow.gif",
        "listed/birthday.png",
        "outbox/birthday-drawn-in-alpha.png",
    ]);
    sandbox.presend("compare mountain-lake.jpg mountain-lake-stored-sideways.jpg").exits(1);
    sandbox.presend("compare street.png slideshow.gif").exits(1);
    sandbox.presend("compare street.png birthday.png").exits(0);
    let bytes = common::demo_bytes("listed/kitchen.jpg");
    sandbox.write("cut.jpg", &bytes[..bytes.len() / 2]);
    let ran = sandbox.presend("compare cut.jpg street.png").exits(2);
    assert!(ran.text().ends_with(": data is missing or corrupt\n"), "{}", ran.text());
}
