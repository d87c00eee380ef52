//! What is counted: which pictures lie near which entries, in whole numbers.
//!
//! Everything that is later said of false positives is computed from these counts, in one order. So a corpus can be counted
//! in any number of parts, on any number of machines, and [`Counts::merge`] gives the same figures as one run, to the last
//! digit.

mod file;
mod picture;
mod search;

use std::collections::BTreeMap;

use thiserror::Error;

pub use picture::{Picture, pictures};
pub use search::{Among, Plan, count};

use crate::corpus::{Class, Digest};
use crate::table::TableError;

/// Pictures, each with the entries near it.
#[derive(Debug, Clone, PartialEq)]
pub struct Counts {
    /// What was counted, the same in all parts.
    pub about: About,
    /// Which parts these are, of [`About::parts`], ascending.
    pub parts: Vec<u32>,
    /// The pictures that were looked up, by position.
    pub looked_up: Vec<LookedUp>,
    /// How many pairs of a picture and an entry lie at each distance, for pictures and entries that pass the gate; pairs of
    /// one work and of a picture with itself are not counted. Of a corpus with itself, every pair is counted from both ends.
    /// Empty for a sealed set, which tells no distances beyond its radius.
    pub distances: Vec<u64>,
}

/// What was counted.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct About {
    /// The name of the algorithm.
    pub algorithm: String,
    /// Bits of its hashes.
    pub bits: u16,
    /// The largest distance at which a pair is kept.
    pub cap: u16,
    /// Below this quality a picture is not judged.
    pub gate: u8,
    /// What all choices by chance follow from.
    pub seed: u64,
    /// What tells the corpus from every other: SHA-256 over the digests, clusters, hashes, qualities and strata of its
    /// pictures.
    pub corpus: String,
    /// What became of the files that were named.
    pub files: Files,
    /// What the pictures are looked up among.
    pub among: Entries,
    /// The largest distance at which a person was asked to judge pairs.
    pub within: u16,
    /// Pairs of the corpus within that distance, of pictures that pass the gate.
    pub candidates: usize,
    /// Those of them that nobody has judged.
    pub unadjudicated: usize,
    /// Pairs with a picture below the gate that nobody has judged.
    pub unadjudicated_below: usize,
    /// In how many parts the corpus is counted.
    pub parts: u32,
}

/// What became of the files that were named: each is one of these.
#[derive(Debug, Clone, PartialEq, Eq, Default, serde::Serialize, serde::Deserialize)]
pub struct Files {
    /// Hashed, each content once.
    pub hashed: usize,
    /// Further names of the same contents.
    pub duplicates: usize,
    /// Not hashed, by the code of the reason.
    pub failed: BTreeMap<String, usize>,
    /// Files of folders that are no pictures.
    pub not_pictures: usize,
}

/// What pictures are looked up among.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum Entries {
    /// The corpus itself.
    Corpus,
    /// A list in clear, or a sealed set.
    Set {
        /// What it is called.
        name: String,
        /// What tells it from every other: a digest in hexadecimal.
        identity: String,
        /// How many entries it has.
        entries: u64,
        /// Of a sealed set the radius: pairs beyond it are unknown.
        radius: Option<u16>,
    },
}

/// A picture and the entries near it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LookedUp {
    /// Its place in the corpus, in the order of digests.
    pub position: u32,
    /// The digest of its file.
    pub digest: Digest,
    /// The digest of the first file of its cluster: pictures of one work are one unit.
    pub unit: Digest,
    /// Its stratum.
    pub stratum: String,
    /// Its quality.
    pub quality: u8,
    /// Its names, one path a line.
    pub names: String,
    /// The bytes of its hash of record.
    pub hash: Vec<u8>,
    /// The entries within [`About::cap`] in some orientation, ascending.
    pub near: Vec<Hit>,
}

/// An entry near a picture.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Hit {
    /// Which entry: the position of a picture of the corpus, or the number of an entry of the set.
    pub entry: u32,
    /// How far the picture as stored is from it; [`BEYOND`] where only a turned one is near.
    pub distance: u16,
    /// How far the nearest of the eight orientations is from it.
    pub turned: u16,
    /// What a person said of the pair.
    pub class: Option<Class>,
}

/// A distance beyond [`About::cap`] or the radius.
pub const BEYOND: u16 = u16::MAX;

/// Parts that do not make one whole.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum CountsError {
    /// Nothing to merge.
    #[error("no count file")]
    Empty,
    /// The parts are not of one count.
    #[error("counted otherwise: {0}")]
    Differ(&'static str),
    /// One part is there twice.
    #[error("part {0} is there twice")]
    Twice(u32),
    /// A part is not there.
    #[error("part {missing} of {parts} is missing")]
    Missing {
        /// The first that is.
        missing: u32,
        /// How many there are.
        parts: u32,
    },
    /// The file does not hold counts.
    #[error("no count file of this version: {0}")]
    Format(String),
    /// The file cannot be read or written.
    #[error(transparent)]
    Table(#[from] TableError),
}

impl Counts {
    /// How many pairs lie at each distance, each pair once: as [`distances`](Self::distances), which has those of a corpus
    /// with itself from both ends.
    #[must_use]
    pub fn pairs_by_distance(&self) -> Vec<u64> {
        let ends = if self.about.among == Entries::Corpus { 2 } else { 1 };
        self.distances.iter().map(|count| count / ends).collect()
    }

    /// Puts the parts of one count together, in any order.
    ///
    /// # Errors
    /// [`CountsError`], unless these are all parts of one count, each once.
    pub fn merge(parts: Vec<Self>) -> Result<Self, CountsError> {
        let mut parts = parts.into_iter();
        let mut whole = parts.next().ok_or(CountsError::Empty)?;
        for part in parts {
            if let Some(what) = whole.about.difference(&part.about) {
                return Err(CountsError::Differ(what));
            }
            if whole.distances.len() != part.distances.len() {
                return Err(CountsError::Differ("the histograms of distances"));
            }
            whole.parts.extend(part.parts);
            whole.looked_up.extend(part.looked_up);
            for (sum, count) in whole.distances.iter_mut().zip(part.distances) {
                *sum += count;
            }
        }
        whole.parts.sort_unstable();
        if let Some(twice) = whole.parts.windows(2).find(|pair| pair[0] == pair[1]) {
            return Err(CountsError::Twice(twice[0]));
        }
        if let Some(missing) = (1..=whole.about.parts).find(|part| whole.parts.binary_search(part).is_err()) {
            return Err(CountsError::Missing { missing, parts: whole.about.parts });
        }
        whole.looked_up.sort_by_key(|picture| picture.position);
        Ok(whole)
    }
}

impl About {
    fn judging(&self) -> [usize; 4] {
        [self.within.into(), self.candidates, self.unadjudicated, self.unadjudicated_below]
    }

    /// In what two counts differ.
    fn difference(&self, other: &Self) -> Option<&'static str> {
        let checks = [
            ("the algorithm", self.algorithm == other.algorithm && self.bits == other.bits),
            ("the corpus", self.corpus == other.corpus && self.files == other.files),
            ("what pictures are looked up among", self.among == other.among),
            ("the number of parts", self.parts == other.parts),
            ("the seed", self.seed == other.seed),
            ("the gate", self.gate == other.gate),
            ("the largest distance", self.cap == other.cap),
            ("the adjudication", self.judging() == other.judging()),
        ];
        checks.into_iter().find(|(_, same)| !same).map(|(what, _)| what)
    }
}
