//! From hashes that were computed elsewhere to the files of a corpus: the rows of `presend hash --dihedral --digest`.
//!
//! Rows may come in any order, from any number of part files, and more than once: a task that was started twice adds nothing.
//! What contradicts itself is refused. No picture is opened.

mod parse;

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::fmt;
use std::path::{Path, PathBuf};

use presend_core::{Algorithm, AlgorithmId, Dihedral, ImageHash, ParseHashError, Quality};
use thiserror::Error;

use super::{Digest, Fault, File, Outcome, ParseDigestError, Sample};

/// Rows that cannot be used.
#[derive(Debug, Error)]
#[error("{}{place}: {fault}", .file.display())]
pub struct RowsError {
    /// The part file.
    pub file: PathBuf,
    /// Where in it.
    pub place: Place,
    /// What is wrong there.
    pub fault: RowFault,
}

/// A place in a part file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// All of it.
    File,
    /// A line of text, from 1.
    Line(u64),
    /// A row of a Parquet file, from 1.
    Row(u64),
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File => Ok(()),
            Self::Line(line) => write!(f, ":{line}"),
            Self::Row(row) => write!(f, ": row {row}"),
        }
    }
}

/// What is wrong with a row.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum RowFault {
    /// The file cannot be read.
    #[error(transparent)]
    Read(#[from] std::io::Error),
    /// It is no Parquet file, or a broken one.
    #[error("no readable Parquet file: {0}")]
    Parquet(String),
    /// It is no row of `presend hash`.
    #[error("no row of `presend hash`: {0}")]
    Malformed(String),
    /// A hash of another algorithm.
    #[error("hashed by {found}, not by {expected}")]
    Algorithm {
        /// That of the corpus.
        expected: AlgorithmId,
        /// That of the row.
        found: String,
    },
    /// A hash is none of the algorithm.
    #[error(transparent)]
    Hash(#[from] ParseHashError),
    /// A digest is none.
    #[error(transparent)]
    Digest(#[from] ParseDigestError),
    /// A quality is none.
    #[error("a quality of {0}: expected 0 to 100")]
    Quality(u8),
    /// A hash without the digest of its file.
    #[error("{0:?} has a hash and no digest: hash with --digest")]
    NoDigest(String),
    /// A hash of no orientation.
    #[error("{0:?} has a hash of no known orientation: hash with --dihedral")]
    NoOrientation(String),
    /// Some orientations of the first frame are missing.
    #[error("{path:?} has no hash of the orientation {missing}: are all its rows there?")]
    Incomplete {
        /// The picture.
        path: String,
        /// The first orientation that is missing.
        missing: Dihedral,
    },
    /// There are rows of further frames only.
    #[error("{0:?} has no first frame: are all its rows there?")]
    NoFirstFrame(String),
    /// One file with two contents, or two results.
    #[error("{path:?} is another file, or gave another hash, at {first}")]
    Contradiction {
        /// Its name.
        path: String,
        /// Where the other row is.
        first: String,
    },
    /// One content with two results.
    #[error("{path:?} has the content of {other:?} and gave another hash")]
    Disagreement {
        /// The name of one.
        path: String,
        /// The name of the other.
        other: String,
    },
}

/// A row of `presend hash`, of whatever format.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct Row {
    /// The bytes of the path, by which files are told apart.
    path: Vec<u8>,
    frame: u32,
    orientation: Option<String>,
    algorithm: String,
    hash: Option<String>,
    quality: Option<u8>,
    width: Option<u32>,
    height: Option<u32>,
    error: Option<(String, String)>,
    sha256: Option<String>,
    bytes: Option<u64>,
    record: Option<String>,
}

/// What rows say, until they are a corpus: [`Corpus::hashed_elsewhere`](super::Corpus::hashed_elsewhere).
#[derive(Debug, Clone)]
pub struct HashedFiles<A: Algorithm> {
    parts: Vec<PathBuf>,
    files: BTreeMap<Vec<u8>, Named<A>>,
}

/// What the rows of one path say.
#[derive(Debug, Clone)]
struct Named<A: Algorithm> {
    /// The part file, by its number, and the place of the first row that was seen.
    seen: (usize, Place),
    content: Option<(Digest, u64)>,
    first: Option<First<A>>,
    turned: [Option<ImageHash<A>>; 8],
    frames: u32,
}

/// What all rows of the first frame have in common.
#[derive(Debug, Clone)]
struct First<A: Algorithm> {
    quality: Option<Quality>,
    size: Option<(u32, u32)>,
    record: Option<ImageHash<A>>,
    fault: Option<Fault>,
}

impl<A: Algorithm> First<A> {
    fn is(&self, other: &Self) -> bool {
        let all = |first: &Self| (first.quality, first.size, first.record);
        all(self) == all(other) && self.fault == other.fault
    }
}

impl<A: Algorithm> Default for HashedFiles<A> {
    fn default() -> Self {
        Self { parts: Vec::new(), files: BTreeMap::new() }
    }
}

impl<A: Algorithm> HashedFiles<A> {
    /// Adds the rows of a part file: NDJSON, CSV or Parquet, told apart by their content. An empty file has no rows.
    ///
    /// # Errors
    /// [`RowsError`] for the first row that cannot be used, or that contradicts an earlier one.
    pub fn add(&mut self, file: &Path) -> Result<(), RowsError> {
        self.parts.push(file.to_owned());
        parse::rows(file, |place, row| self.add_row(place, row).map_err(|fault| (place, fault)))
            .map_err(|(place, fault)| RowsError { file: file.to_owned(), place, fault })
    }

    /// How many bytes the files have together, each counted once for each of its names.
    #[must_use]
    pub fn bytes(&self) -> u64 {
        self.files.values().filter_map(|named| named.content).map(|(_, bytes)| bytes).sum()
    }

    fn add_row(&mut self, place: Place, row: Row) -> Result<(), RowFault> {
        let name = || String::from_utf8_lossy(&row.path).into_owned();
        if row.algorithm != A::ID.name() {
            return Err(RowFault::Algorithm { expected: A::ID, found: row.algorithm });
        }
        let digest = row.sha256.as_deref().map(str::parse::<Digest>).transpose()?;
        let content = digest.zip(row.bytes);
        if row.hash.is_some() && content.is_none() {
            return Err(RowFault::NoDigest(name()));
        }
        let hash = row.hash.as_deref().map(str::parse::<ImageHash<A>>).transpose()?;
        let record = row.record.as_deref().map(str::parse::<ImageHash<A>>).transpose()?;
        let way = row.orientation.as_deref().and_then(|way| Dihedral::ALL.iter().position(|all| all.name() == way));
        let hash = match (hash, way) {
            (Some(_), None) => return Err(RowFault::NoOrientation(name())),
            (hash, way) => hash.zip(way),
        };
        let quality = row.quality.map(|quality| Quality::new(quality).ok_or(RowFault::Quality(quality)));
        let is_frame = hash.is_some() || row.error.as_ref().is_some_and(|(code, _)| code == TOO_SMALL);
        let first = First {
            quality: quality.transpose()?,
            size: row.width.zip(row.height),
            record,
            fault: row.error.map(|(code, message)| Fault { code, message }),
        };
        let fresh = Named { seen: (self.parts.len() - 1, place), content, first: None, turned: [None; 8], frames: 0 };
        let named = match self.files.entry(row.path.clone()) {
            Entry::Vacant(entry) => entry.insert(fresh),
            Entry::Occupied(entry) => entry.into_mut(),
        };
        let mut same = named.content == content;
        if row.frame == 0 {
            same &= named.first.get_or_insert_with(|| first.clone()).is(&first);
            if let Some((hash, way)) = hash {
                same &= *named.turned[way].get_or_insert(hash) == hash;
            }
        }
        if !same {
            let (part, place) = named.seen;
            let first = format!("{}{place}", self.parts[part].display());
            return Err(RowFault::Contradiction { path: name(), first });
        }
        if is_frame {
            named.frames = named.frames.max(row.frame.saturating_add(1));
        }
        Ok(())
    }

    /// The files, in no stratum.
    pub(super) fn files(self) -> Result<Vec<File<A>>, RowsError> {
        let mut files = Vec::with_capacity(self.files.len());
        let mut by_digest: BTreeMap<Digest, usize> = BTreeMap::new();
        for (path, named) in self.files {
            let path = String::from_utf8_lossy(&path).into_owned();
            let (part, place) = named.seen;
            let failed = |fault| RowsError { file: self.parts[part].clone(), place, fault };
            let outcome = named.outcome(&path).map_err(failed)?;
            let digest = named.content.map(|(digest, _)| digest);
            let other = digest.and_then(|digest| match by_digest.entry(digest) {
                Entry::Vacant(entry) => {
                    entry.insert(files.len());
                    None
                }
                Entry::Occupied(entry) => Some(&files[*entry.get()]),
            });
            if let Some(other) = other.filter(|other: &&File<A>| !same(&other.outcome, &outcome)) {
                let other = other.paths[0].clone();
                return Err(failed(RowFault::Disagreement { path, other }));
            }
            files.push(file(path, named.content, outcome));
        }
        Ok(files)
    }
}

impl<A: Algorithm> Named<A> {
    fn outcome(&self, path: &str) -> Result<Outcome<A>, RowFault> {
        let Some(first) = &self.first else { return Err(RowFault::NoFirstFrame(path.to_owned())) };
        if let Some(Fault { code, message }) = &first.fault {
            return Ok(Outcome::Failed { code: code.clone(), message: message.clone() });
        }
        if let Some(missing) = self.turned.iter().position(Option::is_none) {
            return Err(RowFault::Incomplete { path: path.to_owned(), missing: Dihedral::ALL[missing] });
        }
        let no = |what: &str| RowFault::Malformed(format!("a hash and no {what}"));
        let dihedral = self.turned.map(|hash| hash.expect("none is missing"));
        let (width, height) = first.size.ok_or_else(|| no("size"))?;
        Ok(Outcome::Hashed(Sample {
            hash: first.record.unwrap_or(dihedral[0]),
            dihedral,
            quality: first.quality.ok_or_else(|| no("quality"))?,
            width,
            height,
            frames: self.frames,
        }))
    }
}

fn same<A: Algorithm>(a: &Outcome<A>, b: &Outcome<A>) -> bool {
    match (a, b) {
        (Outcome::Hashed(a), Outcome::Hashed(b)) => {
            let all = |sample: &Sample<A>| {
                let Sample { hash, dihedral, quality, width, height, frames } = *sample;
                (hash, dihedral, quality, width, height, frames)
            };
            all(a) == all(b)
        }
        (Outcome::Failed { code, message }, Outcome::Failed { code: other, message: words }) => {
            (code, message) == (other, words)
        }
        _ => false,
    }
}

fn file<A: Algorithm>(path: String, content: Option<(Digest, u64)>, outcome: Outcome<A>) -> File<A> {
    File {
        digest: content.map(|(digest, _)| digest),
        paths: vec![path],
        bytes: content.map_or(0, |(_, bytes)| bytes),
        stratum: String::new(),
        outcome,
    }
}

/// The code of a frame that could be decoded and not be hashed.
const TOO_SMALL: &str = "too-small";
