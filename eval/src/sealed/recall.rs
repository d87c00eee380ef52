//! How often edited photographs are found.
//!
//! The sealed matcher is exact: it finds an entry if and only if one of the lookups lies within the radius. So recall
//! needs no set, only distances: of each lookup for the edited photograph to each hash that could be enrolled for the
//! original.

use std::io;
use std::path::PathBuf;

use image::RgbImage;
use presend_core::{Algorithm as _, Effort, ImageHash, Pdq, Scratch};
use rayon::prelude::*;

use crate::sealed::corpus::{open, view};
use crate::sealed::edits::EDITS;
use crate::sealed::luma::{luma, margins};
use crate::sealed::variants::CANDIDATES;

/// Efforts, from none to the most.
pub(crate) const EFFORTS: usize = Effort::MAX.steps() as usize + 1;
/// Where PDQ's authors draw the line on plain hashes.
pub(crate) const PLAIN: u32 = 31;

pub(crate) type Hash = ImageHash<Pdq>;

/// The least distance by effort, from none to the most.
pub(crate) type ByEffort = [u32; EFFORTS];

/// One photograph and all its edits.
#[derive(Debug, Clone)]
pub(crate) struct Measured {
    /// The hash of every candidate, the original first.
    pub(crate) candidates: Vec<Hash>,
    /// In the order of [`EDITS`].
    pub(crate) edits: Vec<Distances>,
    /// What is looked up of the photograph itself, with the number of each lookup.
    pub(crate) own: Vec<(usize, Hash)>,
}

/// One edited photograph.
#[derive(Debug, Clone)]
pub(crate) struct Distances {
    /// From its hash to that of the original.
    pub(crate) plain: u32,
    /// From its lookups to every candidate.
    pub(crate) lookups: Vec<ByEffort>,
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
    let candidates: Vec<Hash> = CANDIDATES.iter().map(|candidate| hash(&candidate.apply(picture))).collect();
    let edits = EDITS.iter().map(|edit| distances(&edit.apply(picture, number), &candidates)).collect();
    let own = lookups(picture).1;
    Measured { candidates, edits, own }
}

impl Measured {
    /// From what is looked up of this photograph to an entry of another, by effort.
    pub(crate) fn nearest(&self, entry: &Hash) -> ByEffort {
        by_effort(self.own.iter().map(|(lookup, hash)| (*lookup, distance(hash, entry))))
    }
}

/// The hash of record of a picture, and what a scan looks up of it.
fn lookups(picture: &RgbImage) -> (Hash, Vec<(usize, Hash)>) {
    let (record, lookups) = Pdq
        .hash_turned(view(picture), &[], Effort::MAX, &mut Scratch::default())
        .expect("edits leave photographs large enough to hash");
    (record.hash, lookups.into_iter().map(|looked_up| (looked_up.lookup, looked_up.hash)).collect())
}

fn distances(edited: &RgbImage, candidates: &[Hash]) -> Distances {
    let (record, lookups) = lookups(edited);
    let to = |candidate: &Hash| by_effort(lookups.iter().map(|(lookup, hash)| (*lookup, distance(hash, candidate))));
    Distances {
        plain: distance(&record, &candidates[0]),
        lookups: candidates.iter().map(to).collect(),
        chase: chase(&record, &candidates[0], &margins(&luma(edited))),
    }
}

/// From all combinations of flips of the six least reliable bits, those of fewer bits first.
fn chase(own: &Hash, original: &Hash, margins: &[f32; 256]) -> ByEffort {
    let mut bits: Vec<usize> = (0..256).collect();
    bits.sort_by(|&a, &b| margins[a].abs().total_cmp(&margins[b].abs()));
    let differs = |bit: usize| (own.words()[bit / 64] ^ original.words()[bit / 64]) >> (bit % 64) & 1 == 1;
    let flipped = |combination: usize| {
        let flips = bits.iter().take(EFFORTS - 1).enumerate().filter(|(rank, _)| combination >> rank & 1 == 1);
        flips
            .fold(distance(own, original), |distance, (_, &bit)| if differs(bit) { distance - 1 } else { distance + 1 })
    };
    by_effort((0..Effort::MAX.lookups()).map(|combination| (combination, flipped(combination))))
}

/// The least of the first 1, 2, 4, … distances.
fn by_effort(distances: impl Iterator<Item = (usize, u32)>) -> ByEffort {
    let mut least = [u32::MAX; EFFORTS];
    for (place, distance) in distances {
        for (effort, least) in least.iter_mut().enumerate() {
            if place < 1 << effort {
                *least = distance.min(*least);
            }
        }
    }
    least
}

/// The hash of record.
pub(crate) fn hash(picture: &RgbImage) -> Hash {
    let hashed = Pdq.hash(view(picture), &mut Scratch::default());
    hashed.expect("edits leave photographs large enough to hash").hash
}

pub(crate) fn distance(a: &Hash, b: &Hash) -> u32 {
    u32::from(a.distance(b).bits())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tests::picture;

    #[test]
    fn more_effort_never_finds_less() {
        let measured = measure(&picture(320, 240), 1);
        for edit in &measured.edits {
            assert!(edit.lookups.iter().chain([&edit.chase]).all(|near| near.is_sorted_by(|a, b| a >= b)));
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
        assert_eq!(by_effort([9, 7, 8, 5, 6, 4, 3, 2].into_iter().enumerate()), [9, 7, 5, 2, 2, 2, 2]);
    }
}
