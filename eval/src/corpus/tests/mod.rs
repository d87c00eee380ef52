//! What holds of every corpus: on made-up files here, on pictures in [`files`].

mod cache;
mod files;
mod judgements;

use presend_core::{ImageHash, Pdq, Quality, Threshold};

use super::*;

/// A file with a hash that has so many bits set from bit `from` on, and turned copies that have none in common with it.
pub(super) fn file(name: &str, from: usize, bits: usize) -> File<Pdq> {
    File {
        digest: Some(Digest::of(name.as_bytes())),
        paths: vec![name.into()],
        bytes: name.len() as u64,
        stratum: "photo".into(),
        outcome: Outcome::Hashed(sample(hash(from, bits), hash(from + 128, 128))),
    }
}

fn sample(hash: ImageHash<Pdq>, turned: ImageHash<Pdq>) -> Sample<Pdq> {
    let quality = Quality::new(100).expect("in range");
    let mut dihedral = [turned; 8];
    dihedral[0] = hash;
    Sample { hash, dihedral, quality, width: 8, height: 8, frames: 1 }
}

fn hash(from: usize, bits: usize) -> ImageHash<Pdq> {
    let mut bytes = [0; 32];
    (from..from + bits).for_each(|bit| bytes[bit / 8 % 32] |= 1 << (bit % 8));
    ImageHash::from_bytes(&bytes).expect("32 bytes")
}

pub(super) fn failed(name: &str, digest: Option<Digest>) -> File<Pdq> {
    let outcome = Outcome::Failed { code: "not-found".into(), message: "no such file".into() };
    File { digest, paths: vec![name.into()], bytes: 0, stratum: String::new(), outcome }
}

fn near_by_name(corpus: &Corpus<Pdq>) -> Vec<(&str, &str, u16)> {
    let name = |at: usize| corpus.files[at].paths[0].as_str();
    let mut pairs: Vec<_> = corpus
        .near
        .iter()
        .map(|near| (name(near.a).min(name(near.b)), name(near.a).max(name(near.b)), near.distance))
        .collect();
    pairs.sort_unstable();
    pairs
}

#[test]
fn files_of_one_content_are_one_file_with_all_its_names() {
    let content = Some(Digest::of(b"one"));
    let named = |name: &str, digest| File { digest, ..file(name, 0, 0) };
    let files = vec![named("b", content), named("c", None), named("a", content), failed("e", None), failed("d", None)];
    let corpus = Corpus::new(files, Threshold::new(31), true);
    let names: Vec<_> = corpus.files.iter().map(|file| file.paths.join(" ")).collect();
    assert_eq!(names, ["c", "d", "e", "a b"]);
    assert_eq!((corpus.named(), corpus.duplicates(), corpus.hashed().count()), (5, 1, 2));
}

#[test]
fn pairs_within_the_threshold_are_listed_and_nothing_is_deleted() {
    let files = vec![file("none", 0, 0), file("thirty-one", 0, 31), file("thirty-two", 0, 32), failed("f", None)];
    let corpus = Corpus::new(files, Threshold::new(31), false);
    assert_eq!(corpus.files.len(), 4);
    assert_eq!(near_by_name(&corpus), [("none", "thirty-one", 31), ("thirty-one", "thirty-two", 1)]);
    assert_eq!(corpus.unadjudicated(), 2);
}

#[test]
fn a_turned_copy_is_near_only_where_turns_count() {
    let turned = |name: &str, hash, turned| File { outcome: Outcome::Hashed(sample(hash, turned)), ..file(name, 0, 0) };
    let files = || vec![turned("a", hash(0, 128), hash(64, 100)), turned("b", hash(64, 103), hash(128, 128))];
    assert_eq!(near_by_name(&Corpus::new(files(), Threshold::new(31), true)), [("a", "b", 3)]);
    assert_eq!(near_by_name(&Corpus::new(files(), Threshold::new(31), false)), []);
}

#[test]
fn clusters_are_of_pairs_that_were_judged_the_same_work_and_of_no_others() {
    let files = (0..5).map(|at| file(&at.to_string(), 0, at * 8)).collect();
    let mut corpus = Corpus::new(files, Threshold::new(8), false);
    assert_eq!(corpus.near.len(), 4);
    assert_eq!(corpus.clusters(), [0, 1, 2, 3, 4]);
    let classes = [Some(Class::SameWork), Some(Class::Template), Some(Class::SameWork), None];
    corpus.near.iter_mut().zip(classes).for_each(|(near, class)| near.class = class);
    let clusters = corpus.clusters();
    let joined = corpus.near.iter().filter(|near| clusters[near.a] == clusters[near.b]);
    assert!(joined.clone().all(|near| near.class == Some(Class::SameWork)) && joined.count() == 2);
    assert_eq!(corpus.unadjudicated(), 1);
}

#[test]
fn the_order_of_the_files_makes_no_difference() {
    let mut files: Vec<_> = (0..6).map(|at| file(&at.to_string(), at * 3, 9)).collect();
    files.extend([failed("x", None), failed("y", Some(Digest::of(b"y")))]);
    let corpus = Corpus::new(files.clone(), Threshold::new(6), true);
    files.reverse();
    files.rotate_left(3);
    assert_eq!(Corpus::new(files, Threshold::new(6), true), corpus);
}
