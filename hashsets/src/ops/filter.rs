//! Keeping only what is vouched for, or good enough.

use std::num::NonZeroUsize;

use presend_core::{Algorithm, ImageHash, Quality, Threshold};

use super::collection::Collection;
use super::neighbours;

/// Keeps the entries for which at least `count` sources list a hash within the distance, and the digests that as many list.
///
/// An entry counts for its own neighbours only, not for theirs. Costs as [`clusters`](super::clusters) does.
#[must_use]
pub fn require_sources<A: Algorithm>(
    mut collection: Collection<A>,
    count: NonZeroUsize,
    distance: Threshold,
) -> Collection<A> {
    let words = collection.sources.len().div_ceil(64);
    // Bits by source: who lists the entry itself, and who lists it or a neighbour.
    let mut own = vec![0_u64; words * collection.entries.len()];
    for (bits, entry) in own.chunks_mut(words.max(1)).zip(&collection.entries) {
        entry.sources.iter().for_each(|source| bits[source.0 / 64] |= 1 << (source.0 % 64));
    }
    let mut near = own.clone();
    let hashes: Vec<ImageHash<A>> = collection.entries.iter().map(|entry| entry.hash).collect();
    neighbours::pairs(&hashes, hashes.len(), distance, |a, b| {
        for word in 0..words {
            near[a * words + word] |= own[b * words + word];
            near[b * words + word] |= own[a * words + word];
        }
    });
    let mut vouched = near.chunks(words.max(1)).map(|bits| bits.iter().map(|word| word.count_ones() as usize).sum());
    collection.entries.retain(|_| vouched.next().is_some_and(|sources: usize| sources >= count.get()));
    collection.digests.retain(|digest| digest.sources.len() >= count.get());
    collection
}

/// Drops the entries whose quality is known and below the gate. Digests stay: they find files, not pictures.
#[must_use]
pub fn min_quality<A: Algorithm>(mut collection: Collection<A>, gate: Quality) -> Collection<A> {
    collection.entries.retain(|entry| entry.quality.is_none_or(|quality| quality >= gate));
    collection
}
