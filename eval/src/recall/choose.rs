//! Which pictures are measured.

use std::collections::BTreeSet;

use presend_core::{Algorithm, ImageHash, Quality};
use sha2::{Digest as _, Sha256};

use crate::corpus::{Corpus, Digest};

/// A picture that is measured.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Chosen<A: Algorithm> {
    /// The digest of its file.
    pub digest: Digest,
    /// A name of the file.
    pub path: String,
    /// The hash of record, from which distances are measured.
    pub hash: ImageHash<A>,
}

/// Up to `count` pictures that were hashed with at least the quality `gate`: those with the least SHA-256 of `seed` and
/// their digest, of each cluster of the same work one, in the order of their digests. A picture that is added to a corpus
/// displaces one at most.
#[must_use]
pub fn choose<A: Algorithm>(corpus: &Corpus<A>, seed: u64, count: usize, gate: Quality) -> Vec<Chosen<A>> {
    let clusters = corpus.clusters();
    let mut ranked: Vec<([u8; 32], usize, Chosen<A>)> = corpus
        .hashed()
        .filter(|(_, _, sample)| sample.quality >= gate)
        .filter_map(|(at, file, sample)| {
            let (digest, path) = (file.digest?, file.paths.first()?.clone());
            Some((rank(seed, &digest), clusters[at], Chosen { digest, path, hash: sample.hash }))
        })
        .collect();
    ranked.sort_by_key(|&(rank, ..)| rank);
    let mut seen = BTreeSet::new();
    let mut chosen: Vec<Chosen<A>> = ranked
        .into_iter()
        .filter(|&(_, cluster, _)| seen.insert(cluster))
        .map(|(_, _, chosen)| chosen)
        .take(count)
        .collect();
    chosen.sort_by_key(|chosen| chosen.digest);
    chosen
}

fn rank(seed: u64, digest: &Digest) -> [u8; 32] {
    Sha256::new()
        .chain_update(b"presend recall ")
        .chain_update(seed.to_le_bytes())
        .chain_update(digest.as_bytes())
        .finalize()
        .into()
}
