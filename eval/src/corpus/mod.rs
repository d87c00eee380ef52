//! The pictures that something is measured on: what became of every file that was named, which kind of picture each is,
//! and which of them are near one another.
//!
//! A [`Corpus`] depends on the content and the names of its files only: not on their order, the threads, or the clock.
//! No file is left out and no near-duplicate is deleted: false positives are what is measured, so pairs of files whose
//! hashes are near are listed ([`Near`]) and a person says what they are ([`Class`]).

mod cache;
mod csv_table;
mod digest;
mod features;
mod judgements;
mod manifest;
mod near;
mod read;
mod rows;
mod sheet;
mod strata;

use presend_core::{Algorithm, ImageHash, Quality, Threshold};

pub use crate::cache::{CacheError, Ignored};
pub use cache::Cache;
pub(crate) use cache::bytes_of;
pub use csv_table::{TableError, TableFault};
pub use digest::{Digest, ParseDigestError};
pub use judgements::{Judgement, Judgements, write_pairs};
pub use manifest::write_manifest;
pub use near::{Class, Near, UnknownClass};
pub use read::{Fault, Progress, ReadError, Reading, Source, Unread, read};
pub use rows::{HashedFiles, Place, RowFault, RowsError};
pub use sheet::{SHEET_PAIRS, contact_sheet, thumbnail};
pub use strata::{Strata, StrataTable};

/// What is known of a picture: of the first frame, as stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sample<A: Algorithm> {
    /// The hash of record.
    pub hash: ImageHash<A>,
    /// The hashes of the picture turned and mirrored, in the order of [`Dihedral::ALL`](presend_core::Dihedral::ALL).
    pub dihedral: [ImageHash<A>; 8],
    /// How much structure it has.
    pub quality: Quality,
    /// Width in pixels.
    pub width: u32,
    /// Height in pixels.
    pub height: u32,
    /// Frames of the file that could be decoded.
    pub frames: u32,
}

/// What became of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome<A: Algorithm> {
    /// It was hashed.
    Hashed(Sample<A>),
    /// It could not be.
    Failed {
        /// A name that stays the same whatever the message says; `docs/output.md` lists them.
        code: String,
        /// What went wrong, in words.
        message: String,
    },
    /// A file of a folder that is no picture, and is not called one.
    NotAPicture,
}

/// Files of one content.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct File<A: Algorithm> {
    /// `None` where the content was not read to its end: it could not be, is longer than the limit, or is no picture.
    pub digest: Option<Digest>,
    /// All its names, sorted: exact duplicates are one file.
    pub paths: Vec<String>,
    /// Length in bytes; 0 where it was not read.
    pub bytes: u64,
    /// Which kind of picture it is.
    pub stratum: String,
    /// What became of it.
    pub outcome: Outcome<A>,
}

impl<A: Algorithm> File<A> {
    /// What is known of the picture, if it was hashed.
    pub fn sample(&self) -> Option<&Sample<A>> {
        match &self.outcome {
            Outcome::Hashed(sample) => Some(sample),
            Outcome::Failed { .. } | Outcome::NotAPicture => None,
        }
    }
}

/// The files that something is measured on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Corpus<A: Algorithm> {
    /// Sorted by digest, then by path; those without a digest come first.
    pub files: Vec<File<A>>,
    /// Every two hashed files that are within the threshold of one another, and every two that a person has judged,
    /// sorted.
    pub near: Vec<Near>,
    /// The largest distance between two files that makes them a pair to be judged.
    pub within: Threshold,
}

impl<A: Algorithm> Corpus<A> {
    /// Puts files in order, joins those of one content, and lists the pairs that are near one another, none of them judged.
    ///
    /// With `dihedral`, pictures are near one another if a turned or mirrored one is. Uses rayon's threads.
    #[must_use]
    pub fn new(files: Vec<File<A>>, within: Threshold, dihedral: bool) -> Self {
        let files = joined(files);
        let near = near::candidates(&files, within, dihedral);
        Self { files, near, within }
    }

    /// The files of a reading, in their strata, and the pairs that are near one another, none of them judged.
    ///
    /// With `dihedral`, pictures are near one another if a turned or mirrored one is. Uses rayon's threads.
    #[must_use]
    pub fn of(reading: &Reading<A>, strata: &Strata, within: Threshold, dihedral: bool) -> Self {
        let mut files = joined(reading.files());
        strata.assign(&mut files, |digest| reading.records.get(digest));
        Self::new(files, within, dihedral)
    }

    /// As [`of`](Self::of), of files that were hashed elsewhere: the same corpus, by the same strata. [`Strata::Auto`] needs
    /// pixels and leaves them all in no stratum.
    ///
    /// # Errors
    /// [`RowsError`] if a file lacks rows.
    pub fn hashed_elsewhere(
        hashed: HashedFiles<A>,
        strata: &Strata,
        within: Threshold,
        dihedral: bool,
    ) -> Result<Self, RowsError> {
        let mut files = joined(hashed.files()?);
        strata.assign(&mut files, |_| None);
        Ok(Self::new(files, within, dihedral))
    }

    /// The hashed files, with their positions in [`files`](Self::files).
    pub fn hashed(&self) -> impl Iterator<Item = (usize, &File<A>, &Sample<A>)> {
        self.files.iter().enumerate().filter_map(|(at, file)| Some((at, file, file.sample()?)))
    }

    /// For each file the position of the first file of its cluster: files that were judged to be the same work, directly or
    /// by way of others, count as one independent picture.
    #[must_use]
    pub fn clusters(&self) -> Vec<usize> {
        let same = self.near.iter().filter(|near| near.class == Some(Class::SameWork));
        near::components(self.files.len(), same.map(|near| (near.a, near.b)))
    }

    /// How many pairs nobody has judged. Where it is not 0, every figure has to say so.
    #[must_use]
    pub fn unadjudicated(&self) -> usize {
        self.near.iter().filter(|near| near.class.is_none()).count()
    }

    /// How many pairs nobody has judged of pictures that both have at least this quality: where flat pictures are left out,
    /// so are their pairs.
    #[must_use]
    pub fn unadjudicated_at(&self, gate: Quality) -> usize {
        self.near.iter().filter(|near| near.class.is_none() && self.quality_of(near) >= gate).count()
    }

    /// The lower quality of the two files of a pair.
    pub(crate) fn quality_of(&self, near: &Near) -> Quality {
        let quality = |at: usize| self.files[at].sample().map(|sample| sample.quality);
        quality(near.a).min(quality(near.b)).unwrap_or(Quality::new(0).expect("0 is a quality"))
    }

    /// How many files were named: hashed, failed, no pictures, and further names of one content.
    #[must_use]
    pub fn named(&self) -> usize {
        self.files.iter().map(|file| file.paths.len()).sum()
    }

    /// How many files were further names of a content that had one.
    #[must_use]
    pub fn duplicates(&self) -> usize {
        self.named() - self.files.len()
    }
}

/// Files in order, one for each content.
fn joined<A: Algorithm>(mut files: Vec<File<A>>) -> Vec<File<A>> {
    files.iter_mut().for_each(|file| file.paths.sort());
    files.sort_by(|a, b| (a.digest, &a.paths).cmp(&(b.digest, &b.paths)));
    let mut joined: Vec<File<A>> = Vec::with_capacity(files.len());
    for mut file in files {
        match joined.last_mut().filter(|last| last.digest.is_some() && last.digest == file.digest) {
            Some(last) => {
                last.paths.append(&mut file.paths);
                last.paths.sort();
            }
            None => joined.push(file),
        }
    }
    joined
}

#[cfg(test)]
mod tests;
