//! What a sealed set of the corpus' hashes would give away.
//!
//! A sealed set publishes so many independent equations about each hash. What is left to guess is at most the entropy of
//! hashes less that: an upper bound, as is every entropy that is measured on a sample by a model. What it also gives away is
//! told by counting: which entries lie within the radius of one another is visible in the file, and pictures that anybody
//! has unlock entries at the rate of false matches.

use std::collections::BTreeSet;

use presend_core::set::Header;
use presend_core::{Pdq, Radius};

use super::{Role, Rule, View, per_image};
use crate::counts::Counts;
use crate::plots::Estimate;
use crate::stats::{EntropyBound, FreeBits};

/// What sets of each radius give away.
#[derive(Debug, Clone, PartialEq)]
pub struct Leakage {
    /// How many hashes the entropy was measured on: those of the gate, one of each cluster, 10,000 at most.
    pub hashes: usize,
    /// How the bulk of the distances is spread.
    pub free: Option<FreeBits>,
    /// Bits of entropy, at most.
    pub entropy: Option<EntropyBound>,
    /// By radius, ascending.
    pub radii: Vec<Sealed>,
}

/// What a set of one radius costs and gives away.
#[derive(Debug, Clone, PartialEq)]
pub struct Sealed {
    /// Within how many bits entries are found.
    pub radius: u16,
    /// Bytes an entry takes.
    pub bytes: usize,
    /// Independent equations published about each hash, in bits.
    pub published: f64,
    /// Bits left to guess: the entropy less what is published; at most, and no less than 0.
    pub residual: Option<f64>,
    /// How often a picture that is in no list unlocks some entry.
    pub unlocks: Estimate,
    /// Pairs of pictures of the corpus that would be seen to be near one another as entries of one set, of one work or not.
    pub visible_pairs: u64,
    /// How many entries are in such pairs.
    pub visible_entries: u64,
}

/// Hashes that the entropy is measured on at most, in the order of digests, as its cost grows with them: 5 ms each.
const HASHES: usize = 10_000;
/// Parts of the cross-validation.
const FOLDS: usize = 5;

/// What sealed sets of the corpus' pictures would give away. The figures of radii are those of PDQ, of 256 bits; other
/// algorithms have no sealed sets, and no radii.
#[must_use]
pub fn leakage(counts: &Counts) -> Leakage {
    let view = View::new(counts, Rule::SCAN);
    let sample = view.representatives().take(HASHES);
    let hashes: Vec<u64> = sample.flat_map(|seen| words(&seen.of.hash)).collect();
    let bits = counts.about.bits;
    let entropy = EntropyBound::new(&hashes, usize::from(bits), FOLDS);
    let left = entropy.map(|entropy| entropy.bits);
    let per_picture = per_image(&view, |role, _| role != Role::Entry);
    let sealable = ["pdq", "pdq-512"].contains(&counts.about.algorithm.as_str());
    let radii = Radius::ALL.into_iter().filter(|radius| sealable && radius.bits() <= view.cap()).map(|radius| {
        let header = Header::new::<Pdq>(radius, [0; 32]);
        let published = header.published_bits();
        let (visible_pairs, visible_entries) = visible(&view, radius.bits());
        Sealed {
            radius: radius.bits(),
            bytes: header.entry_length(),
            published,
            residual: left.map(|left| (left - published).max(0.0)),
            unlocks: per_picture.at[usize::from(radius.bits())],
            visible_pairs,
            visible_entries,
        }
    });
    Leakage {
        hashes: hashes.len() * 64 / usize::from(bits),
        free: FreeBits::new(&counts.distances, bits),
        entropy,
        radii: radii.collect(),
    }
}

/// Pairs of judged pictures within a distance as stored, whatever they are, and how many pictures are in one.
fn visible(view: &View<'_>, radius: u16) -> (u64, u64) {
    if !view.itself() {
        return (0, 0);
    }
    let mut pictures = BTreeSet::new();
    let mut ends = 0;
    for seen in &view.pictures {
        let near = seen.of.near.iter().filter(|hit| hit.distance <= radius && view.roles.contains_key(&hit.entry));
        let near = near.count() as u64;
        ends += near;
        if near > 0 {
            pictures.insert(seen.of.position);
        }
    }
    (ends / 2, pictures.len() as u64)
}

/// The words of a hash, least significant first.
fn words(bytes: &[u8]) -> Vec<u64> {
    bytes.rchunks(8).map(|word| word.iter().fold(0, |sum, &byte| sum << 8 | u64::from(byte))).collect()
}
