//! Thousands of files that were made to test decoders or to break them, from elsewhere: each gives a picture or an error,
//! within the memory that the limits allow.
//!
//! Natively: the package's tests do the same in browsers, and in WebAssembly outside of them a decoder's panic ends the tests.
#![cfg(not(target_family = "wasm"))]

mod common;
#[path = "common/counting.rs"]
mod counting;

use std::collections::BTreeMap;
use std::path::Path;

use common::{rows, shared};
use counting::{left_of, peak_of};
use presend_core::{Limits, LinearIndex, Pdq, Policy, Quality, Scanner, Scratch, Verdict};

/// What a scan may take beside [`Limits::memory`], as in `bombs`.
const BESIDE: usize = 24 << 20;

fn policy(limits: Limits) -> Policy {
    let mut policy = Policy::of::<Pdq>();
    policy.limits = limits;
    policy.min_quality = Quality::new(0).expect("the least");
    policy
}

fn read(path: impl AsRef<Path>) -> Vec<u8> {
    std::fs::read(path).expect("a file that was listed")
}

/// Scans a file within these limits: `None` for a picture, or the code of what is wrong with it; and what it took.
fn outcome(path: &Path, limits: Limits) -> (Option<&'static str>, usize) {
    let bytes = read(path);
    let scanner = Scanner::new(Pdq, LinearIndex::new(Vec::new()), policy(limits));
    let (scanned, peak) = peak_of(|| scanner.scan(&bytes, &mut Scratch::default()));
    assert!(peak <= limits.memory as usize + BESIDE, "{}: {peak} bytes", path.display());
    let code = match scanned.map(|scanned| scanned.verdict) {
        Err(error) => Some(error.code()),
        Ok(Verdict::Inconclusive(why)) => Some(why.code()),
        Ok(_) => None,
    };
    (code, peak)
}

/// The files below a folder.
fn files(folder: &Path) -> Vec<std::path::PathBuf> {
    let (mut folders, mut files) = (vec![folder.to_owned()], Vec::new());
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).expect("a folder") {
            let path = entry.expect("a listing").path();
            if path.is_dir() { folders.push(path) } else { files.push(path) }
        }
    }
    files.sort();
    files
}

#[test]
fn every_file_gives_a_picture_or_an_error_within_the_memory_allowed() {
    let Some(shared) = shared() else { return };
    for folder in ["conformance", "malformed"] {
        let mut outcomes: BTreeMap<&str, usize> = BTreeMap::new();
        let mut most = (0, String::new());
        for path in files(&shared.join("images/dev").join(folder)) {
            let (code, peak) = outcome(&path, Limits::PHONE);
            let path = path.display().to_string();
            assert_ne!(code, Some("decoder-failed"), "{path}");
            *outcomes.entry(code.unwrap_or("picture")).or_default() += 1;
            most = most.max((peak, path));
        }
        println!("{folder}: up to {} bytes, for {}", most.0, most.1);
        println!("  {outcomes:?}");
        assert!(outcomes.values().sum::<usize>() > 1_700, "{outcomes:?}");
    }
}

#[test]
fn scans_with_one_memory_leave_nothing_behind() {
    let Some(shared) = shared() else { return };
    let folder = shared.join("images/dev");
    let chosen = ["conformance", "malformed/synthetic", "photos"].map(|name| files(&folder.join(name)));
    let chosen: Vec<Vec<u8>> = chosen.iter().flat_map(|files| files.iter().step_by(40)).map(read).collect();
    let scanner = Scanner::new(Pdq, LinearIndex::new(Vec::new()), policy(Limits::PHONE));
    let mut scratch = Scratch::default();
    let mut round = || left_of(|| chosen.iter().for_each(|bytes| drop(scanner.scan(bytes, &mut scratch))));
    // The first leaves what the second works in.
    println!("{} files, of which {} bytes are left at first", chosen.len(), round());
    for _ in 0..4 {
        assert_eq!(round(), 0);
    }
}

/// Files of the conformance collection that Pillow reads and that are no picture here.
const REFUSED: [&str; 17] = [
    "conformance/image-gif/tests__regression__issue-209-extension-block-type.gif",
    "conformance/image-png/tests__bugfixes__x_interlaced_chck.png",
    "conformance/image-rs/tests__images__bmp__images__lenient__badplanes.bmp",
    "conformance/image-rs/tests__images__bmp__images__lenient__badrle.bmp",
    "conformance/image-rs/tests__images__bmp__images__lenient__rletopdown.bmp",
    "conformance/image-rs/tests__regression__tiff__clusterfuzz-testcase-minimized-fuzzer_script_tiff-5026894169374720.tif",
    "conformance/image-tiff/tests__images__big_g4.tif",
    "conformance/jpeg-decoder/tests__crashtest__images__imagetestsuite__5482a54657765056f1a94116a8dbffe7.jpg",
    "conformance/jpeg-decoder/tests__crashtest__images__imagetestsuite__b55977028a3a574336966b6536640fc9.jpg",
    "conformance/jpeg-decoder/tests__crashtest__images__imagetestsuite__f6b4389c3cf0f5997b2e5a4b905aea8d.jpg",
    "conformance/pillow/Tests__images__crash-74d2a78403a5a59db1fb0a2b8735ac068a75f6e3.tif",
    "conformance/pillow/Tests__images__multipage_single_frame_loop.tiff",
    "conformance/pillow/Tests__images__no_palette.gif",
    "conformance/pillow/Tests__images__tiff_wrong_bits_per_sample_2.tiff",
    "conformance/pillow/Tests__images__truncated_app14.jpg",
    "conformance/pngsuite/png__xcsn0g01.png",
    "conformance/wuffs/test__data__artificial-jpeg__hippopotamus-bad-comment-length.jpeg",
];

#[test]
fn what_pillow_reads_of_the_conformance_files_is_read_or_named_unsupported() {
    let Some(shared) = shared() else { return };
    let folder = shared.join("images/dev");
    let (mut read, mut unsupported, mut refused) = (0, 0, Vec::new());
    for row in rows(&folder.join("manifest.csv")) {
        let path = &row["path"];
        let ours = matches!(row["format"].as_str(), "BMP" | "DIB" | "GIF" | "JPEG" | "MPO" | "PNG" | "TIFF" | "WEBP");
        if !ours || row["pillow"] != "ok" || !path.starts_with("conformance/") {
            continue;
        }
        match outcome(&folder.join(path), Limits::SERVER).0 {
            None | Some("too-small" | "damaged" | "undecodable-frame") => read += 1,
            Some("unsupported") => unsupported += 1,
            Some(_) => refused.push(path.clone()),
        }
    }
    println!("{read} read, {unsupported} unsupported");
    assert_eq!(refused, REFUSED);
    assert!(read > 1_100 && unsupported < 65, "{read} read, {unsupported} unsupported");
}

#[test]
fn made_up_files_are_what_their_table_says() {
    let Some(shared) = shared() else { return };
    let folder = shared.join("images/dev/malformed/synthetic");
    for row in rows(&folder.join("expect.csv")) {
        let path = &row["path"];
        let read = |code: Option<&str>| matches!(code, None | Some("too-small" | "damaged" | "undecodable-frame"));
        // Those are read by nobody here.
        let unsupported = |code: Option<&str>| matches!(code, Some("unsupported" | "unknown-format"));
        for limits in [Limits::PHONE, Limits::BROWSER, Limits::SERVER] {
            let (code, _) = outcome(&folder.join(path), limits);
            match row["expect"].as_str() {
                // What is merely large is too large for a telephone.
                "ok" if limits != Limits::SERVER && code.is_some_and(|code| code.starts_with("too-m")) => {}
                "ok" => assert!(read(code) || unsupported(code), "{path}: {code:?}"),
                "error" | "limit" => assert!(code.is_some(), "{path}"),
                _ => {}
            }
        }
    }
}
