//! Importing hash lists from those who keep them.
//!
//! [`read`] is the front door: it tells the [`Shape`] of a list by its content, or is told, and returns everything in it
//! that can be used. A record that cannot be used is a [`Fault`] with its place and never hides the others. A file that is
//! broken as a whole is an [`ImportError`] with the byte or line.
//!
//! Sources withdraw what they listed. Within one file the last word counts, and the [withdrawals](Import::withdrawn) are
//! kept for [merging](crate::ops::merge) with what the source said before.
//!
//! The input is not trusted. Lists of lines are streamed. XML and JSON are read into memory up to [`MAX_DOCUMENT`] bytes,
//! and what is built from them is in proportion to the file. No entity is expanded, no nesting is followed by recursion.

mod build;
mod fault;
mod hma;
mod json;
mod ledger;
pub(crate) mod lines;
mod ncmec;
mod shape;
mod signal;
mod stopncii;
mod tech_against_terrorism;
mod threat_updates;

use std::collections::BTreeMap;
use std::io::{self, BufRead, Read};
use std::time::SystemTime;

use presend_core::{Algorithm, ImageHash, Quality};
use thiserror::Error;

pub use fault::{Fault, FaultKind, MAX_FAULTS, Place};
pub use ncmec::XmlError;
pub use presend_core::set::FileDigest;
pub use shape::{Shape, UnknownShape};
pub use signal::DigestKind;

pub(crate) use fault::Faults;
#[cfg(test)]
pub(crate) use fault::MAX_LINE;
pub(crate) use ledger::{Ledger, Said};
pub(crate) use signal::hex;

use build::Builder;
use shape::Encoding;

/// A list as imported: what can be used, what is withdrawn, and what is neither.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Import<A: Algorithm> {
    /// The shape it was read as.
    pub shape: Shape,
    /// The entries, in the order of the file. Duplicates are kept, but for records replaced later in the file.
    pub entries: Vec<Record<A>>,
    /// Digests of whole files.
    pub digests: Vec<DigestRecord>,
    /// What the source says is no longer listed.
    pub withdrawn: Vec<Withdrawal<A>>,
    /// How many signals of other types were passed over, by the name the source gives the type.
    pub skipped: BTreeMap<String, usize>,
    /// The first [`MAX_FAULTS`] records that cannot be used.
    pub faults: Vec<Fault>,
    /// How many records cannot be used.
    pub faulty: usize,
    /// Entries whose algorithm the file does not name. They are taken to be of the algorithm asked for.
    pub unnamed: usize,
    /// Rows that hold no hash but say why, as `presend hash` writes them for files it could not hash.
    pub without_hash: usize,
}

impl<A: Algorithm> Import<A> {
    /// Counts in [`skipped`](Self::skipped) the signals of further types, where a file has more than a hundred.
    pub const OTHER_TYPES: &str = "other types";
}

/// An entry of an imported list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Record<A: Algorithm> {
    /// The hash.
    pub hash: ImageHash<A>,
    /// The quality of the picture it was made from.
    pub quality: Option<Quality>,
    /// What the list says of it, in at most 1,024 bytes.
    pub label: Option<String>,
    /// The source's name for the record. A later record with the same id replaces it.
    pub id: Option<String>,
    /// What the source's records of one picture have in common.
    pub cluster: Option<String>,
    /// Where it stands in its file.
    pub place: Place,
}

/// A file digest of an imported list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DigestRecord {
    /// The digest.
    pub digest: FileDigest,
    /// What the list says of it, in at most 1,024 bytes.
    pub label: Option<String>,
    /// The source's name for the record. A later record with the same id replaces it.
    pub id: Option<String>,
    /// What the source's records of one picture have in common.
    pub cluster: Option<String>,
    /// Where it stands in its file.
    pub place: Place,
}

/// A tombstone: the source no longer lists something.
///
/// With an id it ends the source's listings under that id, and those of the signal that have no id. Without an id it ends
/// all the source's listings of the signal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Withdrawal<A: Algorithm> {
    /// The source's name for the record.
    pub id: Option<String>,
    /// The hash or digest, if the tombstone names it.
    pub signal: Option<Withdrawn<A>>,
    /// Where it stands in its file.
    pub place: Place,
}

/// The hash or digest that a tombstone names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Withdrawn<A: Algorithm> {
    /// A perceptual hash.
    Hash(ImageHash<A>),
    /// A file digest.
    Digest(FileDigest),
}

/// A file that cannot be read as a list at all.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum ImportError {
    /// The reader failed.
    #[error(transparent)]
    Io(#[from] io::Error),
    /// XML or JSON that is longer than is read into memory.
    #[error("longer than {MAX_DOCUMENT} bytes")]
    TooLong,
    /// XML and JSON are text.
    #[error("byte {at} is not UTF-8 text")]
    NotUtf8 {
        /// The first byte that is none, from 0.
        at: usize,
    },
    /// XML that cannot be used as a whole.
    #[error("byte {at}: {error}")]
    Xml {
        /// Where, from 0.
        at: u64,
        /// Why.
        error: XmlError,
    },
    /// JSON that is not well-formed; the message ends with line and column.
    #[error("not well-formed JSON: {0}")]
    Json(#[from] serde_json::Error),
    /// JSON without the list of records that its shape has.
    #[error("{path}: expected a list, found {found}")]
    NoList {
        /// Where the list should be.
        path: String,
        /// What is there.
        found: &'static str,
    },
    /// Nothing in the file tells its shape.
    #[error("a list of unknown shape")]
    UnknownShape,
    /// The file has the fields of several shapes.
    #[error("a list that could be of the shape {} or {}", .0.name(), .1.name())]
    AmbiguousShape(Shape, Shape),
}

/// Reads a list of hashes by algorithm `A` in the given shape, or in the one its content shows.
///
/// Sources that speak of PDQ mean [`Pdq`](presend_core::Pdq): asked for another algorithm, each of their hashes is a fault.
/// `now` is the time at which the list is to hold: content that its bank disables for a time counts as withdrawn until then.
/// Reads lists of lines as a stream, everything else into memory.
///
/// # Errors
/// Where the reader fails, the shape cannot be told, or the file is broken as a whole. Records that cannot be used are
/// [`faults`](Import::faults) of the import.
pub fn read<A: Algorithm>(
    mut reader: impl BufRead,
    shape: Option<Shape>,
    now: SystemTime,
) -> Result<Import<A>, ImportError> {
    let mut bytes = Vec::new();
    reader.by_ref().take(SAMPLE).read_to_end(&mut bytes)?;
    let lines = match shape {
        Some(shape) => shape == Shape::List,
        None => Encoding::of(&bytes) == Encoding::Lines,
    };
    let mut import = Builder::new();
    if lines {
        if shape.is_none() {
            Shape::detect(&bytes)?;
        }
        lines::read(bytes.as_slice().chain(reader), &mut import)?;
        return Ok(import.finish(Shape::List));
    }
    reader.take(MAX_DOCUMENT + 1 - SAMPLE).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > MAX_DOCUMENT {
        return Err(ImportError::TooLong);
    }
    let shape = shape.map_or_else(|| Shape::detect(&bytes), Ok)?;
    let text = text(&bytes)?;
    match shape {
        Shape::List => unreachable!("lists of lines were read above"),
        Shape::Ncmec => ncmec::read(text, &mut import)?,
        Shape::StopNcii => json::read(text, "hashRecords", &mut import, stopncii::record)?,
        Shape::ThreatUpdates => json::read(text, "data", &mut import, threat_updates::record)?,
        Shape::TechAgainstTerrorism => json::read(text, "results", &mut import, tech_against_terrorism::record)?,
        Shape::Hma => {
            let now = now.duration_since(SystemTime::UNIX_EPOCH).map_or(0, |since| since.as_secs());
            json::read(text, "contents", &mut import, |record| hma::record(record, now))?;
        }
    }
    Ok(import.finish(shape))
}

/// The text of a document, without a byte order mark.
fn text(bytes: &[u8]) -> Result<&str, ImportError> {
    let text = std::str::from_utf8(bytes).map_err(|error| ImportError::NotUtf8 { at: error.valid_up_to() })?;
    Ok(text.strip_prefix('\u{feff}').unwrap_or(text))
}

/// The most bytes of XML or JSON that are read: 1 GiB, some millions of records.
pub const MAX_DOCUMENT: u64 = 1 << 30;

/// How much of a list of lines may have to be seen before its shape shows.
const SAMPLE: u64 = 64 << 10;

const BOM: &[u8] = "\u{feff}".as_bytes();
