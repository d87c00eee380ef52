//! Collects what an importer reads, record by record, into an [`Import`].

use std::collections::BTreeMap;

use presend_core::{Algorithm, AlgorithmId, ImageHash};

use super::fault::{FaultKind, Faults, Place};
use super::ledger::{Ledger, Said};
use super::{DigestRecord, Import, Record, Shape, Withdrawal};

/// An import in the making. Records are numbered, so that the last word on each is known in the end.
pub(super) struct Builder<A: Algorithm> {
    entries: Vec<(usize, Record<A>)>,
    digests: Vec<(usize, DigestRecord)>,
    withdrawn: Vec<(usize, Withdrawal<A>)>,
    skipped: BTreeMap<String, usize>,
    faults: Faults,
    unnamed: usize,
    without_hash: usize,
    record: usize,
}

impl<A: Algorithm> Builder<A> {
    pub(super) fn new() -> Self {
        Self {
            entries: Vec::new(),
            digests: Vec::new(),
            withdrawn: Vec::new(),
            skipped: BTreeMap::new(),
            faults: Faults::default(),
            unnamed: 0,
            without_hash: 0,
            record: 0,
        }
    }

    /// The next record of the file begins.
    pub(super) fn begin(&mut self) {
        self.record += 1;
    }

    pub(super) fn entry(&mut self, mut entry: Record<A>) {
        cut(&mut entry.label);
        self.entries.push((self.record, entry));
    }

    pub(super) fn digest(&mut self, mut digest: DigestRecord) {
        cut(&mut digest.label);
        self.digests.push((self.record, digest));
    }

    pub(super) fn withdraw(&mut self, withdrawal: Withdrawal<A>) {
        self.withdrawn.push((self.record, withdrawal));
    }

    /// Counts a signal that is of no use here.
    pub(super) fn skip(&mut self, name: &str) {
        let mut name = Some(name.to_owned());
        cut(&mut name);
        let name = name.filter(|name| self.skipped.len() < MAX_NAMES || self.skipped.contains_key(name));
        *self.skipped.entry(name.unwrap_or_else(|| Import::<A>::OTHER_TYPES.to_owned())).or_default() += 1;
    }

    pub(super) fn fault(&mut self, place: Place, kind: FaultKind) {
        self.faults.add(place, kind);
    }

    pub(super) fn unnamed(&mut self, unnamed: bool) {
        self.unnamed += usize::from(unnamed);
    }

    pub(super) fn without_hash(&mut self) {
        self.without_hash += 1;
    }

    /// The import, without the records that a later one of the file withdraws or replaces.
    pub(super) fn finish(self, shape: Shape) -> Import<A> {
        let Self { mut entries, mut digests, withdrawn, .. } = self;
        let mut ledger = Ledger::new();
        entries.iter().for_each(|(at, entry)| ledger.listed(entry.id.as_deref(), *at));
        digests.iter().for_each(|(at, digest)| ledger.listed(digest.id.as_deref(), *at));
        withdrawn.iter().for_each(|(at, withdrawal)| ledger.withdrawn(withdrawal, *at));
        let keep: Vec<bool> = entries.iter().map(|(at, entry)| ledger.stands(&Said::of(entry), *at)).collect();
        let keep_digest: Vec<bool> =
            digests.iter().map(|(at, digest)| ledger.stands(&Said::file(digest), *at)).collect();
        drop(ledger);
        let (mut keep, mut keep_digest) = (keep.into_iter(), keep_digest.into_iter());
        entries.retain(|_| keep.next().expect("one flag for each"));
        digests.retain(|_| keep_digest.next().expect("one flag for each"));
        Import {
            shape,
            entries: entries.into_iter().map(|(_, entry)| entry).collect(),
            digests: digests.into_iter().map(|(_, digest)| digest).collect(),
            withdrawn: withdrawn.into_iter().map(|(_, withdrawal)| withdrawal).collect(),
            skipped: self.skipped,
            faults: self.faults.first,
            faulty: self.faults.count,
            unnamed: self.unnamed,
            without_hash: self.without_hash,
        }
    }
}

/// A hash that a source calls PDQ.
pub(super) fn pdq<A: Algorithm>(text: &str) -> Result<ImageHash<A>, FaultKind> {
    image(AlgorithmId::Pdq, text)
}

/// A hash that a source says is of an algorithm.
///
/// # Errors
/// [`FaultKind::WrongAlgorithm`] or [`FaultKind::Hash`].
pub(super) fn image<A: Algorithm>(found: AlgorithmId, text: &str) -> Result<ImageHash<A>, FaultKind> {
    if found != A::ID {
        return Err(FaultKind::WrongAlgorithm { found, expected: A::ID });
    }
    Ok(text.trim().parse()?)
}

/// A label is to be read by people: what is longer than [`MAX_LABEL`] loses its end.
fn cut(label: &mut Option<String>) {
    if let Some(label) = label {
        let end = (0..=MAX_LABEL).rev().find(|&end| label.is_char_boundary(end)).unwrap_or(0);
        label.truncate(end.min(label.len()));
    }
    if label.as_deref().is_some_and(str::is_empty) {
        *label = None;
    }
}

/// Bytes of a label.
const MAX_LABEL: usize = 1_024;

/// Signal types that are counted by name.
const MAX_NAMES: usize = 100;
