//! Reading pictures, and what is none.

use std::ops::ControlFlow;
use std::path::Path;

use jpeg_encoder::{ColorType, Encoder};
use presend_core::{Limits, Pdq, Quality, Threshold};

use super::super::*;

pub(super) type InMemory = (String, Result<Vec<u8>, Fault>);

/// A JPEG of structure, by its seed.
pub(super) fn jpeg(seed: u32, quality: u8) -> Vec<u8> {
    let picture = crate::tests::picture(96 + seed * 8, 80 + seed % 3 * 24);
    let picture = image::imageops::huerotate(&picture, 40 * seed as i32);
    let mut bytes = Vec::new();
    let encoder = Encoder::new(&mut bytes, quality);
    let (width, height) = (picture.width() as u16, picture.height() as u16);
    encoder.encode(&picture, width, height, ColorType::Rgb).expect("memory can be written");
    bytes
}

/// A PNG or GIF of the demo.
pub(super) fn demo(name: &str) -> Vec<u8> {
    std::fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join("../hashsets/demo/outbox").join(name))
        .expect("it is there")
}

pub(super) fn named(name: &str, bytes: Vec<u8>) -> InMemory {
    (name.into(), Ok(bytes))
}

/// Pictures, further copies, and every kind of fault.
fn mixed() -> Vec<InMemory> {
    let missing = Fault { code: "not-found".into(), message: "no such file".into() };
    let mut files = vec![
        named("beach.jpg", demo("beach.jpg")),
        named("copy-of-beach.jpg", demo("beach.jpg")),
        named("slideshow.gif", demo("slideshow.gif")),
        named("broken.jpg", demo("broken.jpg")),
        named("empty.jpg", Vec::new()),
        named("notes.txt", b"Nothing to see.".to_vec()),
        ("gone.jpg".into(), Err(missing)),
    ];
    files.extend((0..6).map(|seed| named(&format!("{seed}.jpg"), jpeg(seed, 90))));
    files
}

pub(super) fn read_all(files: &[InMemory], cache: Option<&mut Cache<Pdq>>) -> Reading<Pdq> {
    read(Pdq, files, &Limits::default(), cache, |_| ControlFlow::Continue(())).expect("nothing stops it")
}

fn corpus(files: &[InMemory]) -> Corpus<Pdq> {
    let strata = Strata::Auto { gate: Quality::DEFAULT_GATE };
    Corpus::of(&read_all(files, None), &strata, Threshold::new(31), true)
}

#[test]
fn every_file_is_accounted_for() {
    let files = mixed();
    let corpus = corpus(&files);
    assert_eq!((corpus.named(), corpus.duplicates(), corpus.hashed().count()), (files.len(), 1, 8));
    let mut failed: Vec<(&str, &str)> = corpus
        .files
        .iter()
        .filter_map(|file| match &file.outcome {
            Outcome::Failed { code, .. } => Some((file.paths[0].as_str(), code.as_str())),
            _ => None,
        })
        .collect();
    failed.sort_unstable();
    let expected = [
        ("broken.jpg", "malformed"),
        ("empty.jpg", "empty"),
        ("gone.jpg", "not-found"),
        ("notes.txt", "unknown-format"),
    ];
    assert_eq!(failed, expected);
    let file = |path: &str| corpus.files.iter().find(|file| file.paths[0] == path).expect("it is there");
    assert_eq!(file("beach.jpg").paths, ["beach.jpg", "copy-of-beach.jpg"]);
    assert_eq!(file("slideshow.gif").sample().map(|sample| sample.frames), Some(4));
    assert_eq!((file("gone.jpg").digest, file("gone.jpg").bytes), (None, 0));
    assert_eq!(file("empty.jpg").digest, Some(Digest::of(b"")));
    assert_eq!((file("beach.jpg").stratum.as_str(), file("broken.jpg").stratum.as_str()), ("photo", ""));
}

#[test]
fn neither_the_order_of_files_nor_the_number_of_threads_makes_a_difference() {
    let mut files = mixed();
    let with = |threads: usize, files: &[InMemory]| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().expect("threads");
        pool.install(|| corpus(files))
    };
    let one = with(1, &files);
    files.reverse();
    files.rotate_left(5);
    assert_eq!(with(4, &files), one);
}

#[test]
fn a_picture_that_was_encoded_again_is_near_and_stays() {
    let files = [named("high.jpg", jpeg(1, 95)), named("low.jpg", jpeg(1, 30)), named("other.jpg", demo("beach.jpg"))];
    let corpus = corpus(&files);
    assert_eq!((corpus.hashed().count(), corpus.near.len(), corpus.unadjudicated()), (3, 1, 1));
    let mut pair = [corpus.near[0].a, corpus.near[0].b].map(|at| corpus.files[at].paths[0].as_str());
    pair.sort_unstable();
    assert_eq!(pair, ["high.jpg", "low.jpg"]);
}

#[test]
fn a_reading_can_be_broken_off() {
    let stopped = read(Pdq, &mixed(), &Limits::default(), None, |progress| {
        assert_eq!(progress.total, mixed().len());
        if progress.done >= 3 { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    });
    assert!(matches!(stopped, Err(ReadError::Stopped)));
}

#[test]
fn the_page_shows_each_pair_and_names_cannot_get_out_of_it() {
    let files = [named("</script><b>.jpg", jpeg(1, 95)), named("low,\"x\".jpg", jpeg(1, 30))];
    let corpus = corpus(&files);
    let page = contact_sheet(&corpus, &[], |at| {
        let name = &corpus.files[at].paths[0];
        let bytes = &files.iter().find(|file| file.0 == *name).expect("it is there").1;
        thumbnail(bytes.as_ref().ok()?, &Limits::default()).ok()
    });
    assert_eq!((page.matches("<article>").count(), page.matches("url(data:image/jpeg;base64,/9j/").count()), (1, 2));
    assert_eq!(page.matches("</script>").count(), 2, "the table and the script");
    assert!(!page.contains("<b>.jpg") && page.contains("&lt;b&gt;.jpg"));
    for outside in ["http:", "https:", "//cdn"] {
        assert!(!page.contains(outside), "{outside}");
    }
}
