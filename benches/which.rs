//! One lookup in a sealed set, for `cargo xtask counts --which`: does its cost tell which entry matched?
//!
//! The same hashes are sealed under another seed each time, which puts the one that is looked up elsewhere among the
//! entries. What the passes over the entries make of the others is the same, so a difference is of the place.
#![forbid(unsafe_code)]

use std::hint::black_box;

use presend_benches::{hashes, set_file_of};
use presend_core::set::{KnownSet, SetFile};
use presend_core::{Backend, ImageHash, Index, Pdq, Threshold};

/// With a seed, a distance (or `none`, for a hash that is near no entry) and a backend: looks up, and prints the number of
/// the entry that matched.
fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [seed, distance, backend] = &arguments[..] else { panic!("a seed, a distance and a backend") };
    let known = hashes(4_096, 1);
    let file = SetFile::parse(set_file_of(&known, seed.parse().expect("a number"))).expect("a set file");
    let backend = Backend::available().find(|available| available.name() == backend).expect("a backend that runs here");
    let set = KnownSet::open_unsigned(&[file]).expect("a set").with_backend(backend);
    let query = match distance.parse() {
        Ok(distance) => flipped(&known[1], distance),
        Err(_) => hashes(1, 2)[0],
    };
    let mut found = Vec::with_capacity(1);
    // Once before: tables are computed when they are needed first.
    set.search(&[query], Threshold::new(31), &mut found);
    counted(|| set.search(&[query], Threshold::new(31), &mut found));
    match &found[..] {
        [] => println!("none"),
        found => println!("{}", found[0].entry),
    }
}

/// What Callgrind counts: it looks for this name.
#[inline(never)]
fn counted<T>(kernel: impl FnOnce() -> T) -> T {
    black_box(kernel())
}

/// So many of its first bits turned.
fn flipped(hash: &ImageHash<Pdq>, bits: usize) -> ImageHash<Pdq> {
    let mut words: [u64; 4] = hash.words().try_into().expect("four words");
    (0..bits).for_each(|bit| words[bit / 64] ^= 1 << (bit % 64));
    let bytes: Vec<u8> = words.iter().rev().flat_map(|word| word.to_be_bytes()).collect();
    let flipped = ImageHash::from_bytes(&bytes).expect("32 bytes");
    assert_eq!(usize::from(flipped.distance(hash).bits()), bits);
    flipped
}
