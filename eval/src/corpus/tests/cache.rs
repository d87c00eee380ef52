//! What a run leaves to the next one.

use std::fs;
use std::ops::ControlFlow;
use std::path::PathBuf;

use presend_core::{AHash, Algorithm, Limits, Pdq};
use tempfile::TempDir;

use super::super::*;
use super::files::{InMemory, demo, jpeg, named, read_all};

fn files() -> Vec<InMemory> {
    let mut files: Vec<_> = (0..12).map(|seed| named(&format!("{seed}.jpg"), jpeg(seed, 80))).collect();
    files.extend([named("broken.jpg", demo("broken.jpg")), named("empty.jpg", Vec::new())]);
    files
}

fn open<A: Algorithm>(folder: &TempDir) -> Cache<A> {
    Cache::open(folder.path(), &Limits::default()).expect("the folder is ours")
}

/// The parts in all caches of a folder.
fn parts(folder: &TempDir) -> Vec<PathBuf> {
    let caches = fs::read_dir(folder.path()).expect("it is there").map(|entry| entry.expect("listed").path());
    let files = caches.flat_map(|cache| fs::read_dir(cache).expect("a folder"));
    let mut parts: Vec<_> = files.map(|entry| entry.expect("listed").path()).collect();
    parts.sort();
    parts
}

/// Reads until so many files are done, as if it was stopped then.
fn read_some(files: &[InMemory], folder: &TempDir, most: usize) {
    let stopped = read(Pdq, &files[..most], &Limits::default(), Some(&mut open(folder)), |progress| {
        if progress.done == most { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    });
    assert!(matches!(stopped, Err(ReadError::Stopped)));
}

fn outcomes<A: Algorithm>(reading: &Reading<A>) -> Vec<File<A>> {
    reading.files()
}

#[test]
fn a_second_run_decodes_nothing_and_sees_the_same() {
    let (folder, files) = (TempDir::new().expect("a folder"), files());
    let first = read_all(&files, Some(&mut open(&folder)));
    assert_eq!((first.measured, first.cached), (14, 0));
    let second = read_all(&files, Some(&mut open(&folder)));
    assert_eq!((second.measured, second.cached), (0, 14), "faults are kept, too");
    assert_eq!(outcomes(&second), outcomes(&first));
    assert_eq!(outcomes(&second), outcomes(&read_all(&files, None)));
    assert_eq!(parts(&folder).len(), 1);
}

#[test]
fn runs_that_were_stopped_are_gone_on_with_and_their_parts_become_one() {
    let (folder, files) = (TempDir::new().expect("a folder"), files());
    read_some(&files, &folder, 5);
    read_some(&files, &folder, 9);
    assert_eq!(parts(&folder).len(), 2);
    let rest = read_all(&files, Some(&mut open(&folder)));
    assert_eq!((rest.cached, rest.measured), (9, 5));
    assert_eq!(outcomes(&rest), outcomes(&read_all(&files, None)));
    assert_eq!(parts(&folder).len(), 1);
    assert_eq!(read_all(&files, Some(&mut open(&folder))).measured, 0);
}

#[test]
fn a_part_that_is_not_as_it_was_written_is_named_and_not_used() {
    let (folder, files) = (TempDir::new().expect("a folder"), files());
    read_all(&files, Some(&mut open(&folder)));
    let part = parts(&folder).remove(0);
    let whole = fs::read(&part).expect("it is there");
    let mut broken = vec![Vec::new(), b"PAR1".to_vec(), whole[..whole.len() / 2].to_vec(), b"no table".to_vec()];
    broken.extend((0..whole.len()).step_by(whole.len() / 60).map(|at| {
        let mut bytes = whole.clone();
        bytes[at] ^= 0x41;
        bytes
    }));
    let mut ignored = 0;
    for bytes in broken {
        fs::write(&part, &bytes).expect("the folder is ours");
        let cache: Cache<Pdq> = open(&folder);
        // A bit that nothing depends on, as in the name of the writer, may be another.
        match cache.ignored() {
            [] => files.iter().for_each(|file| {
                assert!(file.1.as_ref().is_ok_and(|bytes| cache.knows(&Digest::of(bytes))));
            }),
            [one] => {
                assert_eq!(one.path, part);
                ignored += 1;
            }
            more => panic!("{more:?}"),
        }
    }
    assert!(ignored > 30, "{ignored}");
    fs::write(&part, b"no table").expect("the folder is ours");
    let reading = read_all(&files, Some(&mut open(&folder)));
    assert_eq!((reading.cached, reading.measured), (0, 14));
    assert_eq!(outcomes(&reading), outcomes(&read_all(&files, None)));
}

#[test]
fn hashes_of_another_algorithm_or_under_other_limits_are_not_used() {
    let (folder, files) = (TempDir::new().expect("a folder"), files());
    read_all(&files, Some(&mut open(&folder)));
    let pdq = parts(&folder).remove(0);
    let other: Cache<AHash> = open(&folder);
    assert!(other.ignored().is_empty() && !other.knows(&Digest::of(&jpeg(0, 80))));
    let mut limits = Limits::default();
    limits.pixels = 1;
    let other: Cache<Pdq> = Cache::open(folder.path(), &limits).expect("the folder is ours");
    assert!(!other.knows(&Digest::of(&jpeg(0, 80))));
    // Not even when somebody puts them where the others are.
    let folders = fs::read_dir(folder.path()).expect("it is there").map(|entry| entry.expect("listed").path());
    let ahash = folders.into_iter().find(|path| path.to_string_lossy().contains("ahash")).expect("it was opened");
    fs::copy(pdq, ahash.join("part-0.parquet")).expect("the folder is ours");
    let other: Cache<AHash> = open(&folder);
    assert_eq!(other.ignored()[0].reason, "Parquet error: it holds something else");
}
