//! How often edited photographs are found.
//!
//! The sealed matcher is exact: it finds an entry if and only if one of the lookups lies within the radius. So recall
//! needs no set, only distances: of each lookup for the edited photograph to each hash that could be enrolled for the
//! original.

use std::io;
use std::path::PathBuf;

use image::RgbImage;
use presend_core::{Algorithm as _, Pdq, Scratch};
use rayon::prelude::*;

use crate::corpus::{open, view};
use crate::edits::EDITS;
use crate::effort::{MAX_EFFORT, guesses, queries};
use crate::luma::{luma, margins};
use crate::variants::CANDIDATES;

/// Efforts, from none to the most.
pub(crate) const EFFORTS: usize = MAX_EFFORT as usize + 1;
/// Where PDQ's authors draw the line on plain hashes.
pub(crate) const PLAIN: u32 = 31;

/// A 256-bit hash.
type Words = [u64; 4];

/// The least distance by effort, from none to the most.
pub(crate) type ByEffort = [u32; EFFORTS];

/// One photograph and all its edits.
#[derive(Debug, Clone)]
pub(crate) struct Measured {
    /// The hash of every candidate, the original first.
    pub(crate) candidates: Vec<Words>,
    /// In the order of [`EDITS`].
    pub(crate) edits: Vec<Distances>,
}

/// One edited photograph.
#[derive(Debug, Clone)]
pub(crate) struct Distances {
    /// From its hash to that of the original.
    pub(crate) plain: u32,
    /// From its lookups to every candidate.
    pub(crate) lookups: Vec<ByEffort>,
    /// From its flips, without views, to the original.
    pub(crate) flips: ByEffort,
    /// From all flips of its least reliable bits to the original (Chase).
    pub(crate) chase: ByEffort,
}

/// Photographs, measured. Those at even places are for choosing, those at odd places for reporting.
#[derive(Debug, Clone)]
pub struct Measurements {
    photos: Vec<Measured>,
}

impl Measurements {
    /// Edits and hashes photographs: about a second each on one core.
    ///
    /// # Errors
    /// What reading a photograph gives.
    pub fn of(photos: &[PathBuf]) -> io::Result<Self> {
        let measured = photos.par_iter().enumerate().map(|(number, path)| {
            // Sides of one-sided edits alternate within the halves.
            Ok(open(path)?.map(|picture| measure(&picture, number / 2)))
        });
        let measured: Vec<Option<Measured>> = measured.collect::<io::Result<_>>()?;
        Ok(Self { photos: measured.into_iter().flatten().collect() })
    }

    /// The photographs that are chosen from.
    pub(crate) fn training(&self) -> Vec<&Measured> {
        self.photos.iter().step_by(2).collect()
    }

    /// The photographs that are reported on.
    pub(crate) fn held_out(&self) -> Vec<&Measured> {
        self.photos.iter().skip(1).step_by(2).collect()
    }
}

fn measure(picture: &RgbImage, number: usize) -> Measured {
    let candidates: Vec<Words> = CANDIDATES.iter().map(|candidate| hash(&candidate.apply(picture))).collect();
    let edits = EDITS.iter().map(|edit| distances(&edit.apply(picture, number), &candidates)).collect();
    Measured { candidates, edits }
}

fn distances(edited: &RgbImage, candidates: &[Words]) -> Distances {
    let original = candidates[0];
    let plain = distance(hash(edited), original);
    let luma = luma(edited);
    let lookups = queries(&luma, MAX_EFFORT);
    let margins = margins(&luma);
    let near = |masks: &[Words]| {
        let own = lookups[0];
        by_effort(masks.iter().map(|mask| distance(own, std::array::from_fn(|word| original[word] ^ mask[word]))))
    };
    Distances {
        plain,
        lookups: candidates
            .iter()
            .map(|candidate| by_effort(lookups.iter().map(|lookup| distance(*lookup, *candidate))))
            .collect(),
        flips: near(&guesses(&margins, MAX_EFFORT)),
        chase: near(&chase(&margins)),
    }
}

/// All combinations of the six least reliable bits, those of fewer bits first.
fn chase(margins: &[f32; 256]) -> Vec<Words> {
    let mut bits: Vec<usize> = (0..256).collect();
    bits.sort_by(|&a, &b| margins[a].abs().total_cmp(&margins[b].abs()));
    let mask = |combination: usize| {
        let mut mask = [0; 4];
        for (_, &bit) in bits.iter().enumerate().take(EFFORTS - 1).filter(|(rank, _)| combination >> rank & 1 == 1) {
            mask[bit / 64] |= 1 << (bit % 64);
        }
        mask
    };
    (0..1 << MAX_EFFORT).map(mask).collect()
}

/// The least of the first 1, 2, 4, … distances.
fn by_effort(distances: impl Iterator<Item = u32>) -> ByEffort {
    let mut least = [u32::MAX; EFFORTS];
    for (place, distance) in distances.enumerate() {
        for (effort, least) in least.iter_mut().enumerate() {
            if place < 1 << effort {
                *least = distance.min(*least);
            }
        }
    }
    least
}

/// The hash of record.
pub(crate) fn hash(picture: &RgbImage) -> Words {
    let hashed = Pdq.hash(view(picture), &mut Scratch::default());
    hashed.expect("edits leave photographs large enough to hash").hash.words().try_into().expect("PDQ has four words")
}

pub(crate) fn distance(a: Words, b: Words) -> u32 {
    a.iter().zip(b).map(|(a, b)| (a ^ b).count_ones()).sum()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tests::picture;

    #[test]
    fn more_effort_never_finds_less() {
        let measured = measure(&picture(320, 240), 1);
        for edit in &measured.edits {
            assert!(edit.lookups.iter().chain([&edit.flips, &edit.chase]).all(|near| near.is_sorted_by(|a, b| a >= b)));
        }
    }

    #[test]
    fn an_edit_that_is_a_variant_is_found_through_it() {
        let original = picture(320, 240);
        let grey = hash(&crate::ops::grey(&original));
        let found = distances(&crate::ops::grey(&original), &[hash(&original), grey]);
        assert_eq!(found.lookups[1][0], 0);
    }

    #[test]
    fn the_first_lookups_are_the_lower_efforts() {
        assert_eq!(by_effort([9, 7, 8, 5, 6, 4, 3, 2].into_iter()), [9, 7, 5, 2, 2, 2, 2]);
    }
}
