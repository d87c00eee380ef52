//! What changed between two collections.

use std::cmp::Ordering;
use std::collections::BTreeSet;

use presend_core::Algorithm;

use super::collection::{Collection, Listed, ListedDigest, SourceId};

/// What a new collection has that an old one has not, and the other way round.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Diff<'a, A: Algorithm> {
    /// Hashes that are new.
    pub added: Vec<&'a Listed<A>>,
    /// Hashes that are gone.
    pub removed: Vec<&'a Listed<A>>,
    /// Hashes of both with another quality, label or set of sources: as they were, and as they are.
    pub changed: Vec<(&'a Listed<A>, &'a Listed<A>)>,
    /// Digests that are new.
    pub digests_added: Vec<&'a ListedDigest>,
    /// Digests that are gone.
    pub digests_removed: Vec<&'a ListedDigest>,
    /// Digests of both with another label or set of sources: as they were, and as they are.
    pub digests_changed: Vec<(&'a ListedDigest, &'a ListedDigest)>,
}

impl<A: Algorithm> Diff<'_, A> {
    /// Whether the two are the same.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.added.is_empty()
            && self.removed.is_empty()
            && self.changed.is_empty()
            && self.digests_added.is_empty()
            && self.digests_removed.is_empty()
            && self.digests_changed.is_empty()
    }
}

/// What changed from `old` to `new`. Sources are compared by name; costs one walk over both.
#[must_use]
pub fn diff<'a, A: Algorithm>(old: &'a Collection<A>, new: &'a Collection<A>) -> Diff<'a, A> {
    let same_sources = |a: &BTreeSet<SourceId>, b: &BTreeSet<SourceId>| {
        a.len() == b.len() && old.sources_of(a).all(|source| new.sources_of(b).any(|other| other == source))
    };
    let entries = walk(&old.entries, &new.entries, |a, b| a.hash.cmp(&b.hash));
    let digests = walk(&old.digests, &new.digests, |a, b| a.digest.cmp(&b.digest));
    let changed = |(old, new): &(&Listed<A>, &Listed<A>)| {
        (old.quality, &old.label) != (new.quality, &new.label) || !same_sources(&old.sources, &new.sources)
    };
    let digest_changed = |(old, new): &(&ListedDigest, &ListedDigest)| {
        old.label != new.label || !same_sources(&old.sources, &new.sources)
    };
    Diff {
        added: entries.new,
        removed: entries.old,
        changed: entries.both.into_iter().filter(changed).collect(),
        digests_added: digests.new,
        digests_removed: digests.old,
        digests_changed: digests.both.into_iter().filter(digest_changed).collect(),
    }
}

/// What is in one of two lists only, and what is in both.
struct Walk<'a, T> {
    old: Vec<&'a T>,
    new: Vec<&'a T>,
    both: Vec<(&'a T, &'a T)>,
}

/// Walks two sorted lists without duplicates.
fn walk<'a, T>(old: &'a [T], new: &'a [T], order: impl Fn(&T, &T) -> Ordering) -> Walk<'a, T> {
    let mut walk = Walk { old: Vec::new(), new: Vec::new(), both: Vec::new() };
    let (mut old, mut new) = (old.iter().peekable(), new.iter().peekable());
    loop {
        match (old.peek(), new.peek()) {
            (None, None) => return walk,
            (Some(_), None) => walk.old.extend(old.by_ref()),
            (None, Some(_)) => walk.new.extend(new.by_ref()),
            (Some(a), Some(b)) => match order(a, b) {
                Ordering::Less => walk.old.extend(old.next()),
                Ordering::Greater => walk.new.extend(new.next()),
                Ordering::Equal => walk.both.extend(old.next().zip(new.next())),
            },
        }
    }
}
