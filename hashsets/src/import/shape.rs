//! The shapes of lists that can be read, their names, and how they are told apart.

use std::fmt;
use std::str::FromStr;

use thiserror::Error;

use super::{ImportError, json, lines, ncmec};

/// Whose shape a list has.
///
/// [`Shape::detect`] tells them apart by content; where it cannot, the name says it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Shape {
    /// One record to a line: bare hashes, typed lines, the C++ tools' text, CSV. See [`lines`](super).
    List,
    /// NCMEC's hash sharing API, version 2: XML.
    Ncmec,
    /// `StopNCII`'s `FetchHashes`: JSON.
    StopNcii,
    /// Meta `ThreatExchange`'s `threat_updates`: JSON.
    ThreatUpdates,
    /// Tech Against Terrorism's hash list, version 2: JSON.
    TechAgainstTerrorism,
    /// The content of a bank of hasher-matcher-actioner: JSON.
    Hma,
}

/// The name belongs to no shape.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("unknown shape of list {0:?}")]
pub struct UnknownShape(pub String);

impl Shape {
    /// Every shape, in the order they are listed to people.
    pub const ALL: [Self; 6] =
        [Self::List, Self::Ncmec, Self::StopNcii, Self::ThreatUpdates, Self::TechAgainstTerrorism, Self::Hma];

    /// The name on the command line.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::List => "list",
            Self::Ncmec => "ncmec",
            Self::StopNcii => "stopncii",
            Self::ThreatUpdates => "threat-updates",
            Self::TechAgainstTerrorism => "tech-against-terrorism",
            Self::Hma => "hma",
        }
    }

    /// The shape of a whole file.
    ///
    /// XML is NCMEC's if its root is `queryResult`. JSON is told by the fields of the document, of its first page, or of its
    /// first record:
    ///
    /// | shape | a page has | a record has |
    /// |---|---|---|
    /// | `StopNCII` | `hashRecords` | `hashValue` |
    /// | Tech Against Terrorism | `results` of such records, or `results` and `checkpoint` | `hash_digest` |
    /// | `threat_updates` | `data` of such records | `indicator` or `should_delete` |
    /// | HMA | `contents` | `signals` or `disable_until_ts` |
    ///
    /// Anything else is a list of lines if one of the first lines is a header, names a signal type or has a hash.
    ///
    /// # Errors
    /// [`ImportError::UnknownShape`] where nothing tells, [`ImportError::AmbiguousShape`] where the fields of two shapes are
    /// there, and the errors of XML or JSON that cannot be read.
    pub fn detect(bytes: &[u8]) -> Result<Self, ImportError> {
        match Encoding::of(bytes) {
            Encoding::Lines if lines::is_list(bytes) => Ok(Self::List),
            Encoding::Lines => Err(ImportError::UnknownShape),
            Encoding::Xml => ncmec::detect(super::text(bytes)?),
            Encoding::Json => json::detect(super::text(bytes)?),
        }
    }
}

impl fmt::Display for Shape {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl FromStr for Shape {
    type Err = UnknownShape;

    fn from_str(name: &str) -> Result<Self, Self::Err> {
        Self::ALL.into_iter().find(|shape| shape.name() == name).ok_or_else(|| UnknownShape(name.to_owned()))
    }
}

/// What a file is written in, by its first character. No line of a list begins with a bracket.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Encoding {
    Lines,
    Xml,
    Json,
}

impl Encoding {
    pub(super) fn of(start: &[u8]) -> Self {
        match start.strip_prefix(super::BOM).unwrap_or(start).trim_ascii_start().first() {
            Some(b'<') => Self::Xml,
            Some(b'{' | b'[') => Self::Json,
            _ => Self::Lines,
        }
    }
}
