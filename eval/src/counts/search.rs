//! Looking pictures up.

use std::collections::HashMap;

use presend_core::{Algorithm, Distance, ImageHash, Index, LinearIndex, Quality, Threshold};
use rayon::prelude::*;
use sha2::{Digest as _, Sha256};

use super::{About, BEYOND, Counts, Entries, Files, Hit, LookedUp, Picture};
use crate::corpus::{Class, Corpus, Digest, Near, Outcome, bytes_of};

/// How to count.
#[derive(Debug, Clone, Copy)]
pub struct Plan {
    /// The largest distance at which a pair is kept.
    pub cap: u16,
    /// Below this quality a picture is not judged.
    pub gate: Quality,
    /// What all choices by chance follow from.
    pub seed: u64,
    /// Which part is counted, from 1.
    pub part: u32,
    /// Of how many.
    pub parts: u32,
}

/// What pictures are looked up among.
pub enum Among<'a, A: Algorithm> {
    /// The corpus itself.
    Corpus,
    /// A list or set: how to search it, what it is, and its hashes if they are known.
    Set {
        /// Finds entries.
        index: &'a dyn Index<A>,
        /// What it is: an [`Entries::Set`].
        about: Entries,
        /// Its hashes in the order of its entries; empty where it is sealed.
        hashes: &'a [ImageHash<A>],
    },
}

impl<A: Algorithm> std::fmt::Debug for Among<'_, A> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Corpus => f.write_str("Corpus"),
            Self::Set { about, .. } => f.debug_tuple("Set").field(about).finish(),
        }
    }
}

/// Looks the pictures of a part up. Uses rayon's threads; the counts do not depend on their number.
///
/// `looked_up` is called after each picture.
pub fn count<A: Algorithm>(
    corpus: &Corpus<A>,
    pictures: &[Picture<A>],
    among: &Among<'_, A>,
    plan: &Plan,
    looked_up: impl Fn() + Sync,
) -> Counts {
    let itself = matches!(among, Among::Corpus);
    let own_hashes: Vec<_> = if itself { pictures.iter().map(|picture| picture.hash).collect() } else { Vec::new() };
    let own = LinearIndex::new(own_hashes.clone());
    let (index, hashes, entries): (&dyn Index<A>, &[ImageHash<A>], Entries) = match among {
        Among::Corpus => (&own, &own_hashes, Entries::Corpus),
        Among::Set { index, about, hashes } => (*index, hashes, about.clone()),
    };
    let classes = if itself { classes(corpus, pictures) } else { HashMap::new() };
    let units: Vec<&Digest> = pictures.iter().map(|picture| &picture.unit).collect();
    let judged: Vec<bool> = if itself {
        pictures.iter().map(|picture| picture.quality >= plan.gate).collect()
    } else {
        vec![true; hashes.len()]
    };
    let bits = ImageHash::<A>::BITS;
    let part = |position: usize| position as u32 % plan.parts == plan.part - 1;
    // One histogram a thread and not one a picture; sums of whole numbers are the same in any order.
    let none = || (Vec::new(), vec![0_u64; if hashes.is_empty() { 0 } else { bits + 1 }]);
    let (all, distances) = pictures
        .par_iter()
        .enumerate()
        .filter(|&(position, _)| part(position))
        .fold(none, |(mut all, mut distances), (position, picture)| {
            let mut near = near(index, picture, Threshold::new(plan.cap));
            near.retain(|hit| !(itself && hit.entry as usize == position));
            if itself {
                for hit in &mut near {
                    let entry = hit.entry as usize;
                    hit.class = if units[entry] == units[position] {
                        Some(Class::SameWork)
                    } else {
                        classes.get(&(position.min(entry), position.max(entry))).copied()
                    };
                }
            }
            if picture.quality >= plan.gate {
                for (entry, hash) in hashes.iter().enumerate() {
                    // Pairs of one work are no false matches, however far apart; a picture and itself are of one work.
                    if judged[entry] && !(itself && units[entry] == units[position]) {
                        distances[usize::from(picture.hash.distance(hash).bits())] += 1;
                    }
                }
            }
            looked_up();
            all.push(LookedUp {
                position: position as u32,
                digest: picture.digest,
                unit: picture.unit,
                stratum: picture.stratum.clone(),
                quality: picture.quality.value(),
                names: picture.names.clone(),
                hash: bytes_of(&picture.hash),
                near,
            });
            (all, distances)
        })
        .reduce(none, |(mut all, mut distances), (more, counted)| {
            all.extend(more);
            distances.iter_mut().zip(counted).for_each(|(sum, count)| *sum += count);
            (all, distances)
        });
    let unadjudicated = corpus.unadjudicated_at(plan.gate);
    let about = About {
        algorithm: A::ID.name().to_owned(),
        bits: bits as u16,
        cap: plan.cap,
        gate: plan.gate.value(),
        seed: plan.seed,
        corpus: identity(pictures),
        files: files(corpus),
        among: entries,
        within: corpus.within.bits(),
        candidates: corpus.near.iter().filter(|near| corpus.quality_of(near) >= plan.gate).count(),
        unadjudicated,
        unadjudicated_below: corpus.unadjudicated() - unadjudicated,
        parts: plan.parts,
    };
    Counts { about, parts: vec![plan.part], looked_up: all, distances }
}

/// The entries near a picture in some orientation.
fn near<A: Algorithm>(index: &dyn Index<A>, picture: &Picture<A>, cap: Threshold) -> Vec<Hit> {
    let mut queries = vec![picture.hash];
    queries.extend(picture.dihedral);
    let mut found = Vec::new();
    index.search(&queries, cap, &mut found);
    let mut hits: HashMap<usize, Hit> = HashMap::new();
    for found in found {
        let distance = Distance::bits(found.distance);
        let hit = hits.entry(found.entry).or_insert(Hit {
            entry: found.entry as u32,
            distance: BEYOND,
            turned: BEYOND,
            class: None,
        });
        hit.turned = hit.turned.min(distance);
        if found.query == 0 {
            hit.distance = distance;
        }
    }
    let mut hits: Vec<Hit> = hits.into_values().collect();
    hits.sort_unstable();
    hits
}

/// What was said of pairs, by positions of pictures, the smaller first.
fn classes<A: Algorithm>(corpus: &Corpus<A>, pictures: &[Picture<A>]) -> HashMap<(usize, usize), Class> {
    let positions: HashMap<usize, usize> =
        pictures.iter().enumerate().map(|(position, picture)| (picture.file, position)).collect();
    let of = |near: &Near| {
        let (a, b) = (*positions.get(&near.a)?, *positions.get(&near.b)?);
        Some(((a.min(b), a.max(b)), near.class?))
    };
    corpus.near.iter().filter_map(of).collect()
}

fn files<A: Algorithm>(corpus: &Corpus<A>) -> Files {
    let mut files = Files { duplicates: corpus.duplicates(), ..Files::default() };
    for file in &corpus.files {
        match &file.outcome {
            Outcome::Hashed(_) => files.hashed += 1,
            Outcome::Failed { code, .. } => *files.failed.entry(code.clone()).or_default() += 1,
            Outcome::NotAPicture => files.not_pictures += 1,
        }
    }
    files
}

/// What tells a corpus from every other: SHA-256 over digests, hashes, qualities, strata and units.
fn identity<A: Algorithm>(pictures: &[Picture<A>]) -> String {
    let mut state = Sha256::new();
    for picture in pictures {
        state.update(picture.digest.as_bytes());
        state.update(picture.unit.as_bytes());
        state.update(picture.hash.to_string());
        state.update([picture.quality.value()]);
        state.update(picture.stratum.len().to_le_bytes());
        state.update(&picture.stratum);
    }
    Digest::new(state.finalize().into()).to_string()
}
