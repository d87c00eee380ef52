//! Records that cannot be used: where they stand, and what is wrong with them.

use std::fmt;

use presend_core::{AlgorithmId, ParseHashError, UnknownAlgorithm};
use thiserror::Error;

/// A list of nothing but broken records should not fill the memory.
pub const MAX_FAULTS: usize = 100;

/// No hash, name or comment is longer; what is, is no list.
pub(crate) const MAX_LINE: u64 = 64 << 10;

/// A record that cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("{place}: {kind}")]
#[non_exhaustive]
pub struct Fault {
    /// Where it stands.
    pub place: Place,
    /// What is wrong with it.
    pub kind: FaultKind,
}

impl Fault {
    pub(crate) fn new(place: Place, kind: FaultKind) -> Self {
        Self { place, kind }
    }
}

/// The first faults of a list, and how many there are.
#[derive(Debug, Clone, Default)]
pub(crate) struct Faults {
    pub(crate) first: Vec<Fault>,
    pub(crate) count: usize,
}

impl Faults {
    pub(crate) fn add(&mut self, place: Place, kind: FaultKind) {
        self.count += 1;
        if self.first.len() < MAX_FAULTS {
            self.first.push(Fault::new(place, kind));
        }
    }
}

/// Where in its file a record stands.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Place {
    /// A line, from 1.
    Line(u64),
    /// An element or value: `queryResult/images/image[3]` counts from 1 as `XPath` does,
    /// `$.hashRecords[17].hashValue` from 0 as `JSONPath` does.
    Path(String),
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Line(line) => write!(f, "line {line}"),
            Self::Path(path) => f.write_str(path),
        }
    }
}

/// What is wrong with a record.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum FaultKind {
    /// The hash or file digest cannot be read.
    #[error("{0}")]
    Hash(#[from] ParseHashError),
    /// The hash is of another algorithm than the one asked for.
    #[error("the hash is {found}, not {expected}")]
    WrongAlgorithm {
        /// What the list says.
        found: AlgorithmId,
        /// What was asked for.
        expected: AlgorithmId,
    },
    /// The hash is of an algorithm that does not exist here.
    #[error("unknown algorithm {}", quoted(&.0.0))]
    UnknownAlgorithm(#[from] UnknownAlgorithm),
    /// The quality is no number from 0 to 100.
    #[error("{} is no quality from 0 to 100", quoted(.0))]
    Quality(String),
    /// The record has no hash and no error that explains it.
    #[error("no hash")]
    MissingHash,
    /// The record is not text.
    #[error("not UTF-8 text")]
    NotUtf8,
    /// A quoted field does not end in its line.
    #[error("a quote that is not closed in its line")]
    UnclosedQuote,
    /// The line is longer than any record.
    #[error("longer than {MAX_LINE} bytes")]
    TooLong,
    /// Something without which the record means nothing is not there.
    #[error("no {0}")]
    Missing(&'static str),
    /// A value of another type than the field has.
    #[error("expected {expected}, found {found}")]
    WrongType {
        /// What the field holds.
        expected: &'static str,
        /// What was there.
        found: &'static str,
    },
    /// One field twice, so that it is unclear which of them counts.
    #[error("{0:?} twice")]
    Twice(String),
    /// Text that breaks the rules of its encoding, such as half of a surrogate pair.
    #[error("text with a broken escape")]
    BrokenText,
    /// A state the format does not define: whether the record is withdrawn cannot be told.
    #[error("unknown status {}", quoted(.0))]
    UnknownStatus(String),
    /// A number that is no time, or no ratio.
    #[error("{0:?} is no number that makes sense here")]
    Number(String),
}

/// A word of a list, as it may be told to people: where hashes and words have changed places it is a hash, and messages hold
/// none. The shortest hash has 16 digits, and no name is as long.
fn quoted(word: &str) -> String {
    match word.chars().count() {
        0..=15 => format!("{word:?}"),
        length => format!("of {length} characters"),
    }
}
