//! One collection out of many imports.

use std::collections::BTreeSet;
use std::mem::take;

use presend_core::Algorithm;

use super::collection::{Collection, Listed, ListedDigest, Source, SourceId};
use crate::import::{DigestRecord, Import, Ledger, Record, Said};

/// Everything the sources list and have not withdrawn; equal hashes become one entry of all their sources.
///
/// The imports of one source are taken for what it said over time, in the order given: a withdrawal ends what its earlier
/// imports list, and a record replaces an earlier one with the same id. What others list stays. What a file says of where its
/// entries came from proves nothing, so the source given here is the only one that counts.
#[must_use]
pub fn merge<A: Algorithm>(imports: Vec<(Source, Import<A>)>) -> Collection<A> {
    let mut sources: Vec<Source> = Vec::new();
    let mut said_by = Vec::new();
    for (source, _) in &imports {
        let known = sources.iter().position(|known| known == source);
        said_by.push(known.unwrap_or(sources.len()));
        if known.is_none() {
            sources.push(source.clone());
        }
    }
    let standing = standing(&imports, &said_by, sources.len());
    let (mut entries, mut digests) = (Vec::new(), Vec::new());
    for (((_, import), source), (keep, keep_digest)) in imports.into_iter().zip(said_by).zip(standing) {
        let source = SourceId(source);
        entries.extend(kept(import.entries, keep).map(|record| listed(record, source)));
        digests.extend(kept(import.digests, keep_digest).map(|record| listed_digest(record, source)));
    }
    // Stable sorts: of equal hashes the first import comes first.
    entries.sort_by_key(|entry| entry.hash);
    entries.dedup_by(|next, first| {
        let same = next.hash == first.hash;
        if same {
            first.quality = first.quality.max(next.quality);
            let said = (take(&mut next.label), take(&mut next.sources), take(&mut next.keys));
            join(&mut first.label, &mut first.sources, &mut first.keys, said);
        }
        same
    });
    digests.sort_by_key(|digest| digest.digest);
    digests.dedup_by(|next, first| {
        let same = next.digest == first.digest;
        if same {
            let said = (take(&mut next.label), take(&mut next.sources), take(&mut next.keys));
            join(&mut first.label, &mut first.sources, &mut first.keys, said);
        }
        same
    });
    Collection { sources, entries, digests }
}

/// For each import which of its entries and digests its source still stands by.
fn standing<A: Algorithm>(
    imports: &[(Source, Import<A>)],
    said_by: &[usize],
    sources: usize,
) -> Vec<(Vec<bool>, Vec<bool>)> {
    let mut ledgers: Vec<Ledger<'_, A>> = (0..sources).map(|_| Ledger::new()).collect();
    for (at, ((_, import), &source)) in imports.iter().zip(said_by).enumerate() {
        let ledger = &mut ledgers[source];
        import.withdrawn.iter().for_each(|withdrawal| ledger.withdrawn(withdrawal, at));
        import.entries.iter().for_each(|entry| ledger.listed(entry.id.as_deref(), at));
        import.digests.iter().for_each(|digest| ledger.listed(digest.id.as_deref(), at));
    }
    let of_import = |(at, ((_, import), &source)): (usize, (&(Source, Import<A>), &usize))| {
        let ledger = &ledgers[source];
        let entries = import.entries.iter().map(|entry| ledger.stands(&Said::of(entry), at)).collect();
        let digests = import.digests.iter().map(|digest| ledger.stands(&Said::file(digest), at)).collect();
        (entries, digests)
    };
    imports.iter().zip(said_by).enumerate().map(of_import).collect()
}

fn kept<T>(records: Vec<T>, keep: Vec<bool>) -> impl Iterator<Item = T> {
    records.into_iter().zip(keep).filter(|(_, keep)| *keep).map(|(record, _)| record)
}

fn listed<A: Algorithm>(record: Record<A>, source: SourceId) -> Listed<A> {
    let Record { hash, quality, label, cluster, .. } = record;
    Listed { hash, quality, label, sources: [source].into(), keys: key(cluster, source) }
}

fn listed_digest(record: DigestRecord, source: SourceId) -> ListedDigest {
    let DigestRecord { digest, label, cluster, .. } = record;
    ListedDigest { digest, label, sources: [source].into(), keys: key(cluster, source) }
}

fn key(cluster: Option<String>, source: SourceId) -> BTreeSet<(SourceId, String)> {
    cluster.into_iter().map(|cluster| (source, cluster)).collect()
}

type Sources = BTreeSet<SourceId>;
type Keys = BTreeSet<(SourceId, String)>;

/// Adds what a second listing says to the first.
pub(super) fn join(
    label: &mut Option<String>,
    sources: &mut Sources,
    keys: &mut Keys,
    (next_label, next_sources, next_keys): (Option<String>, Sources, Keys),
) {
    if label.is_none() {
        *label = next_label;
    }
    sources.extend(next_sources);
    keys.extend(next_keys);
}
