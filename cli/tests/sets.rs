//! `presend set`, from lists to a scan, and what it refuses.

mod common;

use std::fs;

use common::{Ran, Sandbox, demo_bytes};
use presend_core::set::{DigestKinds, FileDigest};
use presend_core::{Limits, Picture};
use serde_json::Value;

/// A sandbox with a signed set of the demo's list, two keys, and the outbox's harbour and beach.
fn signed() -> Sandbox {
    let sandbox = Sandbox::with_demo(&["outbox/harbour-recompressed.jpg", "outbox/beach.jpg"]);
    sandbox.presend("set keygen --organisation One -o one.key --trust trust.json --threshold 2").exits(0);
    sandbox.presend("set keygen --organisation Two -o two.key --trust trust.json --threshold 2").exits(0);
    sandbox.presend("set build --source Hotline list.csv -o known.presend").exits(0);
    sandbox.presend("set sign known.presend --key one.key --key two.key").exits(0);
    sandbox
}

const SCAN: &str = "scan --set known.presend --trust trust.json harbour-recompressed.jpg beach.jpg";

/// The program's last word, when it refuses something.
fn refusal(ran: &Ran) -> String {
    ran.stderr.lines().last().unwrap_or_default().to_owned()
}

#[test]
fn a_signed_set_finds_what_its_list_finds() {
    let sandbox = signed();
    let scan = |line: &str| sandbox.presend(&format!("{line} --format ndjson")).exits(1).ndjson("presend.scan/1");
    let sealed = scan(SCAN);
    let listed = scan("scan --list list.csv harbour-recompressed.jpg beach.jpg");
    for place in ["/path", "/outcome", "/matches/0/distance", "/matches/0/label", "/matches/0/frame"] {
        let at = |records: &[Value]| records.iter().map(|record| record.pointer(place).cloned()).collect::<Vec<_>>();
        assert_eq!(at(&sealed), at(&listed), "{place}");
    }
    assert_eq!(sealed[0]["matches"][0]["set"], "known");
    let both = sandbox.presend(&format!("{SCAN} --list list.csv --format ndjson")).exits(1).ndjson("presend.scan/1");
    assert_eq!(both[0]["matches"].as_array().map(Vec::len), Some(2), "once in the list, once in the set");
}

#[test]
fn info_and_verify_say_who_and_how_well() {
    let sandbox = signed();
    let info = sandbox.presend("set info known.presend --format json").exits(0);
    let info: Value = serde_json::from_slice(&info.stdout).expect("JSON");
    assert_eq!(info["entries"], 12);
    assert_eq!((&info["radius"], &info["bytes_per_entry"]), (&16.into(), &20.into()));
    assert_eq!((&info["published_bits"], &info["residual_bits"]), (&124.0.into(), &125.0.into()));
    assert_eq!(info["signing_keys"].as_array().map(Vec::len), Some(2));
    let digest = info["root_digest"].as_str().expect("text");
    let ran = sandbox.presend("set info known.presend").exits(0);
    let text = ran.text();
    assert!(text.contains(digest) && text.contains("124.0 bits") && text.contains("Hotline"), "{text}");
    let ran = sandbox.presend("set verify known.presend --trust trust.json").exits(0);
    let verified = ran.text();
    assert!(verified.contains(digest) && verified.contains("endorsed by   One\nendorsed by   Two\n"), "{verified}");
}

#[test]
fn a_set_that_nobody_vouches_for_needs_to_be_asked_for() {
    let sandbox = signed();
    let ran = sandbox.presend("scan --set known.presend beach.jpg").exits(3);
    assert!(refusal(&ran).contains("--allow-unsigned"), "{ran:?}");
    sandbox.presend("scan --set known.presend --allow-unsigned beach.jpg").exits(0);
    sandbox.presend("set build list.csv -o unsigned.presend").exits(0);
    let ran = sandbox.presend("scan --set unsigned.presend --trust trust.json beach.jpg").exits(3);
    assert!(refusal(&ran).contains("unsigned.presend"), "{ran:?}");
}

#[test]
fn what_is_not_the_endorsed_set_is_refused_with_its_own_words() {
    let sandbox = signed();
    let bytes = fs::read(sandbox.path().join("known.presend")).expect("a set");
    let refused = |name: &str, bytes: &[u8]| {
        sandbox.write(name, bytes);
        let ran = sandbox.presend(&format!("scan --set {name} --trust trust.json beach.jpg")).exits(3);
        assert!(ran.stdout.is_empty(), "{name}: nothing is scanned");
        refusal(&ran)
    };
    let mut changed = bytes.clone();
    let last = changed.len() - 70;
    changed[last] ^= 1;
    assert!(refused("changed.presend", &changed).contains("it was changed"));
    assert!(refused("cut.presend", &bytes[..bytes.len() - 1]).contains("cut short"));
    assert!(refused("long.presend", &[&bytes[..], b"x"].concat()).contains("the header describes"));
    assert!(refused("list.presend", &demo_bytes("list.csv")).contains("not a sealed set"));
    assert!(refused("empty.presend", b"").contains("empty.presend"));
    // A signature by somebody else.
    sandbox.presend("set keygen --organisation Three -o three.key --trust others.json").exits(0);
    let ran = sandbox.presend("set verify known.presend --trust others.json").exits(3);
    assert!(refusal(&ran).contains("not in the trust file"), "{ran:?}");
    let ran = sandbox.presend("scan --algorithm pdq-512 --set known.presend --trust trust.json beach.jpg").exits(3);
    assert!(refusal(&ran).contains("pdq hashes, not pdq-512"), "{ran:?}");
    let ran = sandbox.presend("scan --algorithm dhash --set known.presend --trust trust.json beach.jpg").exits(3);
    assert!(refusal(&ran).contains("pdq hashes, not dhash"), "{ran:?}");
}

#[test]
fn updates_add_and_revoke_and_older_versions_are_refused() {
    let sandbox = signed();
    let harbour = sandbox.hash_of("harbour-recompressed.jpg");
    let beach = sandbox.hash_of("beach.jpg");
    sandbox.write("more.csv", format!("hash,label\n{beach},a beach\n"));
    sandbox.presend("set build --add-to known.presend more.csv -o update.presend").exits(0);
    sandbox.presend("set sign update.presend --key one.key --key two.key").exits(0);
    let alone = sandbox.presend("scan --set update.presend --trust trust.json beach.jpg").exits(3);
    assert!(refusal(&alone).contains("missing"), "{alone:?}");
    let updated = "scan --set known.presend --set update.presend --trust trust.json --seen seen.json beach.jpg";
    sandbox.presend(updated).exits(1);
    let ran = sandbox.presend("scan --set known.presend --trust trust.json --seen seen.json beach.jpg").exits(3);
    assert!(refusal(&ran).contains("version"), "{ran:?}");
    // The recompressed harbour has the listed hash itself.
    sandbox.write("gone.txt", format!("pdq {harbour}\n"));
    sandbox.presend("set revoke update.presend known.presend --list gone.txt -o third.presend").exits(0);
    sandbox.presend("set sign third.presend --key one.key --key two.key").exits(0);
    let all = "scan --set known.presend --set update.presend --set third.presend --trust trust.json";
    sandbox.presend(&format!("{all} harbour-recompressed.jpg")).exits(0);
    sandbox.presend(&format!("{all} beach.jpg")).exits(1);
}

#[test]
fn a_listed_file_matches_before_it_is_decoded() {
    let sandbox = signed();
    let bytes = b"not a picture at all";
    sandbox.write("listed.bin", bytes);
    let kinds = [FileDigest::Md5([0; 16]), FileDigest::Sha1([0; 20]), FileDigest::Sha256([0; 32])];
    let all = kinds.iter().fold(DigestKinds::NONE, |all, digest| all.union(digest.kinds()));
    for digest in all.of_file(bytes) {
        sandbox.write("digests.csv", format!("signal_type,signal_str\n{},{digest}\n", digest.kind()));
        sandbox.presend("set build digests.csv -o exact.presend").exits(0);
        let records = sandbox
            .presend("scan --set exact.presend --allow-unsigned --format ndjson listed.bin beach.jpg")
            .exits(1)
            .ndjson("presend.scan/1");
        assert_eq!(records[0]["outcome"], "match", "{}", digest.kind());
        assert_eq!(records[0]["matches"][0]["digest"], digest.kind());
        assert_eq!((&records[0]["format"], &records[1]["outcome"]), (&Value::Null, &"clean".into()));
    }
}

#[test]
fn enrolled_variants_are_entries_of_one_image() {
    let sandbox = Sandbox::with_demo(&["listed/harbour.jpg", "listed/street.png", "outbox/plain-blue.png"]);
    let ran = sandbox.presend("set enrol --variants -o list.csv harbour.jpg street.png plain-blue.png").exits(2);
    assert!(ran.stderr.contains("plain-blue.png: quality 0 is below 80"), "{ran:?}");
    sandbox.presend("set build --all-variants list.csv -o known.presend").exits(0);
    let info = sandbox.presend("set info known.presend --format json").exits(0);
    let info: Value = serde_json::from_slice(&info.stdout).expect("JSON");
    assert_eq!(info["clusters"], 2);
    assert!(info["entries"].as_u64() > Some(6), "{info}");
    let published = info["published_bits"].as_f64().expect("a number");
    assert!(published > 125.0 && published < 140.0, "what variants say is counted: {published}");
    let matched = "scan --set known.presend --allow-unsigned --format ndjson harbour.jpg";
    let records = sandbox.presend(matched).exits(1).ndjson("presend.scan/1");
    assert_eq!(records[0]["matches"][0]["label"], "harbour.jpg");
    // One entry of each image unless told otherwise.
    sandbox.presend("set build list.csv -o one.presend").exits(0);
    let info = sandbox.presend("set info one.presend --format json").exits(0);
    let info: Value = serde_json::from_slice(&info.stdout).expect("JSON");
    assert_eq!((&info["entries"], &info["clusters"]), (&2.into(), &2.into()));
}

#[test]
fn lists_are_merged_compared_and_exported_but_sets_are_not() {
    let sandbox = signed();
    let list = String::from_utf8(demo_bytes("list.csv")).expect("text");
    let (first, rest) = list.rsplit_once("pdq,").expect("entries");
    sandbox.write("a.csv", first);
    sandbox.write("b.csv", &list);
    let merged = sandbox.presend("set merge --source A a.csv --source B b.csv --require-sources 2").exits(0);
    assert_eq!(merged.csv().len(), 12, "the header and the eleven that both list");
    let diff = sandbox.presend("set diff a.csv b.csv").exits(1);
    assert!(diff.text().starts_with("+ pdq ") && diff.text().contains(&rest[..64]), "{diff:?}");
    sandbox.presend("set diff a.csv a.csv").exits(0);
    let exported = sandbox.presend("set export --to threatexchange a.csv").exits(0);
    assert_eq!(exported.lines().len(), 11);
    assert!(exported.lines().iter().all(|line| line.starts_with("pdq ") && line.len() == 68));
    let ran = sandbox.presend("set export known.presend").exits(3);
    assert!(refusal(&ran).contains("cannot be read back"), "{ran:?}");
    assert!(ran.stdout.is_empty());
}

#[test]
fn what_cannot_be_sealed_is_refused_and_leaves_no_file() {
    let sandbox = Sandbox::with_list();
    let refused = |line: &str, code: i32| {
        let ran = sandbox.presend(&format!("set build {line} -o out.presend")).exits(code);
        assert!(!sandbox.path().join("out.presend").exists(), "{line}");
        refusal(&ran)
    };
    let too_large = sandbox.presend("set build --radius 30 list.csv -o out.presend").exits(2).stderr;
    assert!(too_large.contains("2^43 steps"), "{too_large}");
    sandbox.write("broken.csv", "hash\nabc\n");
    assert!(refused("broken.csv", 3).contains("1 record cannot be used"));
    sandbox.write("poor.csv", format!("hash,quality\n{},50\n", "0f".repeat(32)));
    assert!(refused("poor.csv", 3).contains("nothing of the lists is left"));
    assert!(refused("missing.csv", 2).contains("missing.csv"));
    sandbox.presend("set keygen --organisation One -o one.key").exits(0);
    let again = sandbox.presend("set keygen --organisation One -o one.key").exits(2);
    assert!(refusal(&again).contains("one.key"), "a key is never overwritten: {again:?}");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mode = fs::metadata(sandbox.path().join("one.key")).expect("a key").permissions().mode();
        assert_eq!(mode & 0o077, 0, "for its owner only");
    }
}

#[test]
fn effort_finds_a_crop_that_the_set_alone_does_not() {
    let sandbox = Sandbox::with_demo(&["listed/harbour.jpg"]);
    let picture = image_cropped(&demo_bytes("listed/harbour.jpg"));
    sandbox.write("cropped.png", picture);
    sandbox.presend("set build list.csv -o known.presend").exits(0);
    let scan = "scan --set known.presend --allow-unsigned --format ndjson cropped.png";
    sandbox.presend(scan).exits(0);
    let records = sandbox.presend(&format!("{scan} --effort 5")).exits(1).ndjson("presend.scan/1");
    assert_eq!(records[0]["matches"][0]["label"], "a harbour at dusk");
    assert!(records[0]["matches"][0]["lookup"].as_u64() > Some(0));
}

/// The picture without its lowest 3 %.
fn image_cropped(jpeg: &[u8]) -> Vec<u8> {
    let frame = Picture::open(jpeg, &Limits::default()).expect("a picture").next().expect("a frame").expect("whole");
    let (width, height) = (frame.pixels.width(), frame.pixels.height());
    let picture = image::RgbImage::from_raw(width, height, frame.pixels.into_bytes()).expect("colours");
    let cropped = image::imageops::crop_imm(&picture, 0, 0, width, height - height * 3 / 100).to_image();
    let mut bytes = std::io::Cursor::new(Vec::new());
    cropped.write_to(&mut bytes, image::ImageFormat::Png).expect("encoding");
    bytes.into_inner()
}
