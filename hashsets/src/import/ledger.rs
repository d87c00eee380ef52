//! Which listing of a source still stands.
//!
//! Sources publish what changes: a record with an id that was seen before replaces the older one, and a tombstone ends
//! it. A ledger of everything one source said, each with a number that grows, tells what holds in the end.

use std::collections::{BTreeMap, HashMap};

use presend_core::{Algorithm, ImageHash};

use super::{DigestRecord, FileDigest, Record, Withdrawal, Withdrawn};

/// What one source said, by when it last said it.
pub(crate) struct Ledger<'a, A: Algorithm> {
    listed: HashMap<&'a str, usize>,
    ids: HashMap<&'a str, usize>,
    hashes: BTreeMap<ImageHash<A>, Gone>,
    digests: HashMap<FileDigest, Gone>,
}

/// When a hash was withdrawn, whether with an id or without.
#[derive(Default)]
struct Gone {
    any: Option<usize>,
    /// A withdrawal without an id ends every listing of the hash; one with an id only those that have no id, or the same.
    without_id: Option<usize>,
}

/// A listing: its id, if the source gave one, and what it lists.
pub(crate) struct Said<'a, A: Algorithm> {
    id: Option<&'a str>,
    signal: Withdrawn<A>,
}

impl<'a, A: Algorithm> Said<'a, A> {
    pub(crate) fn of(record: &'a Record<A>) -> Self {
        Self { id: record.id.as_deref(), signal: Withdrawn::Hash(record.hash) }
    }

    pub(crate) fn file(record: &'a DigestRecord) -> Self {
        Self { id: record.id.as_deref(), signal: Withdrawn::Digest(record.digest) }
    }
}

impl<'a, A: Algorithm> Ledger<'a, A> {
    pub(crate) fn new() -> Self {
        Self { listed: HashMap::new(), ids: HashMap::new(), hashes: BTreeMap::new(), digests: HashMap::new() }
    }

    /// A record was listed. Numbers of what is said never fall.
    pub(crate) fn listed(&mut self, id: Option<&'a str>, at: usize) {
        if let Some(id) = id {
            let last = self.listed.entry(id).or_insert(at);
            *last = at.max(*last);
        }
    }

    /// A record was withdrawn.
    pub(crate) fn withdrawn(&mut self, withdrawal: &'a Withdrawal<A>, at: usize) {
        if let Some(id) = withdrawal.id.as_deref() {
            let last = self.ids.entry(id).or_insert(at);
            *last = at.max(*last);
        }
        let gone = match withdrawal.signal {
            Some(Withdrawn::Hash(hash)) => self.hashes.entry(hash).or_default(),
            Some(Withdrawn::Digest(digest)) => self.digests.entry(digest).or_default(),
            None => return,
        };
        gone.any = gone.any.max(Some(at));
        if withdrawal.id.is_none() {
            gone.without_id = gone.without_id.max(Some(at));
        }
    }

    /// Whether a listing with this number is neither withdrawn nor replaced later.
    pub(crate) fn stands(&self, said: &Said<'_, A>, at: usize) -> bool {
        let gone = match said.signal {
            Withdrawn::Hash(hash) => self.hashes.get(&hash),
            Withdrawn::Digest(digest) => self.digests.get(&digest),
        };
        let Some(id) = said.id else {
            return gone.and_then(|gone| gone.any).is_none_or(|gone| gone <= at);
        };
        self.listed.get(id).is_none_or(|&last| last <= at)
            && self.ids.get(id).is_none_or(|&gone| gone <= at)
            && gone.and_then(|gone| gone.without_id).is_none_or(|gone| gone <= at)
    }
}
