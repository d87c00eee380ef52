//! Entries and digests of several sources in one place.

use std::collections::BTreeSet;
use std::fmt;
use std::str::FromStr;

use presend_core::{Algorithm, ImageHash, Quality};
use thiserror::Error;

use crate::import::FileDigest;

/// The organisation a list comes from.
///
/// Names that differ only in case or in spaces are one organisation, lest one counts twice.
#[derive(Debug, Clone)]
pub struct Source {
    name: String,
    key: String,
}

/// A source without a name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("a source needs a name")]
pub struct NoName;

impl Source {
    /// The name, with single spaces.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }
}

impl FromStr for Source {
    type Err = NoName;

    fn from_str(name: &str) -> Result<Self, Self::Err> {
        let name = name.split_whitespace().collect::<Vec<_>>().join(" ");
        let key = name.to_lowercase();
        if name.is_empty() { Err(NoName) } else { Ok(Self { name, key }) }
    }
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.name)
    }
}

impl PartialEq for Source {
    fn eq(&self, other: &Self) -> bool {
        self.key == other.key
    }
}

impl Eq for Source {}

/// A source of one collection.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SourceId(pub(super) usize);

/// What the given sources list, in the order of the hashes, each hash once.
#[derive(Debug, Clone)]
pub struct Collection<A: Algorithm> {
    pub(super) sources: Vec<Source>,
    /// By hash, without duplicates.
    pub(super) entries: Vec<Listed<A>>,
    /// By digest, without duplicates.
    pub(super) digests: Vec<ListedDigest>,
}

/// An entry of a collection.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Listed<A: Algorithm> {
    /// The hash.
    pub hash: ImageHash<A>,
    /// The best quality that a source gives.
    pub quality: Option<Quality>,
    /// The label of the first source that gives one.
    pub label: Option<String>,
    /// Who lists it; never empty.
    pub sources: BTreeSet<SourceId>,
    /// What each source's records of one picture have in common.
    pub keys: BTreeSet<(SourceId, String)>,
}

/// A file digest of a collection.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct ListedDigest {
    /// The digest.
    pub digest: FileDigest,
    /// The label of the first source that gives one.
    pub label: Option<String>,
    /// Who lists it; never empty.
    pub sources: BTreeSet<SourceId>,
    /// What each source's records of one picture have in common.
    pub keys: BTreeSet<(SourceId, String)>,
}

impl<A: Algorithm> Collection<A> {
    /// The entries, in the order of their hashes.
    #[must_use]
    pub fn entries(&self) -> &[Listed<A>] {
        &self.entries
    }

    /// The file digests, in their order.
    #[must_use]
    pub fn digests(&self) -> &[ListedDigest] {
        &self.digests
    }

    /// The sources, in the order they were given.
    #[must_use]
    pub fn sources(&self) -> &[Source] {
        &self.sources
    }

    /// The name of a source of this collection.
    ///
    /// # Panics
    /// If the source is one of another collection that has more of them.
    #[must_use]
    pub fn source(&self, id: SourceId) -> &Source {
        &self.sources[id.0]
    }

    /// The sources of an entry or digest of this collection.
    pub fn sources_of(&self, ids: &BTreeSet<SourceId>) -> impl Iterator<Item = &Source> {
        ids.iter().map(|&id| self.source(id))
    }
}
