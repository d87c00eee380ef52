//! Sealing: from hashes in clear to a segment that can be matched but not read.
//!
//! The arithmetic is the engine's ([`presend_core::set::Sealer`]); here are order, labels, threads, and the account of what
//! is published.

use std::fmt;

use presend_core::ImageHash;
use presend_core::set::{
    FileDigest, FormatError, HEADER_LENGTH, Header, MAX_PAYLOAD, Payload, Sealable, Sealer, Section, TagCost,
    exact_tier,
};
use presend_core::{Quality, Radius};
use rayon::prelude::*;
use sha2::{Digest, Sha256};
use thiserror::Error;
use zeroize::Zeroizing;

use crate::published;

/// Hashes of lower quality are close to one another for too many pictures: guessing them is easy.
pub const MIN_QUALITY: Quality = Quality::new(80).expect("at most 100");

/// One image: its hash, those of its variants, and what a match says of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cluster<A: Sealable> {
    /// At least one.
    pub hashes: Vec<ImageHash<A>>,
    /// Readable only by whom an entry is found by. Cut after 60 bytes.
    pub label: Option<String>,
}

/// How a set is sealed.
#[derive(Clone)]
#[non_exhaustive]
pub struct Options {
    /// Within which distance entries are found.
    pub radius: Radius,
    /// What confirming an entry costs.
    pub cost: TagCost,
    /// Secret: whoever knows it knows the order in which entries were put. It leaves memory when it is dropped.
    pub seed: Zeroizing<[u8; 32]>,
}

impl Options {
    /// The default radius and cost, with a seed that must be random and kept to oneself.
    #[must_use]
    pub fn new(seed: impl Into<Zeroizing<[u8; 32]>>) -> Self {
        Self { radius: Radius::DEFAULT, cost: TagCost::default(), seed: seed.into() }
    }
}

/// Without the seed.
impl fmt::Debug for Options {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { radius, cost, .. } = self;
        f.debug_struct("Options").field("radius", radius).field("cost", cost).finish_non_exhaustive()
    }
}

/// A segment that can be published.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct SealedSegment {
    /// Its bytes.
    pub bytes: Vec<u8>,
    /// What they begin with.
    pub header: Header,
}

/// Why hashes cannot be sealed.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum SealError {
    /// Neither a hash nor a digest.
    #[error("nothing to seal")]
    Empty,
    /// More entries than a segment numbers.
    #[error("{0} entries are more than a segment can hold")]
    TooMany(usize),
    /// The counts cannot be written.
    #[error("{0}")]
    Format(#[from] FormatError),
}

/// Seals clusters and digests into one segment.
///
/// Entries are put in an order that only the seed tells, so that the file does not say which are variants of one image.
/// Costs about 20 µs an entry and thread at the default cost.
///
/// # Errors
/// [`SealError`] where there is nothing to seal, or too much.
pub fn seal<A: Sealable>(
    clusters: &[Cluster<A>],
    digests: &[FileDigest],
    options: &Options,
) -> Result<SealedSegment, SealError> {
    let labelled = clusters.iter().any(|cluster| cluster.label.is_some());
    let several = clusters.iter().any(|cluster| cluster.hashes.len() > 1);
    let mut order: Vec<(usize, usize)> = clusters
        .iter()
        .enumerate()
        .flat_map(|(cluster, image)| (0..image.hashes.len()).map(move |hash| (cluster, hash)))
        .collect();
    if order.is_empty() && digests.is_empty() {
        return Err(SealError::Empty);
    }
    let entries = u32::try_from(order.len()).map_err(|_| SealError::TooMany(order.len()))?;
    order.par_sort_by_cached_key(|&(cluster, hash)| {
        derive(&options.seed, "order", &[(cluster as u64).to_le_bytes(), (hash as u64).to_le_bytes()].concat())
    });
    let mut header = Header::new::<A>(options.radius, derive(&options.seed, "salt", &[]));
    let (bloom, table) = exact_tier(&header.salt, digests);
    header.cost = options.cost;
    header.entries = entries;
    header.clusters = clusters.iter().filter(|cluster| !cluster.hashes.is_empty()).count() as u32;
    header.payload_length = if labelled {
        MAX_PAYLOAD as u8
    } else if several {
        Payload::CLUSTER_LENGTH as u8
    } else {
        0
    };
    header.variant_decibits = clusters
        .par_iter()
        .map(|cluster| (published::by_differences(&cluster.hashes) * 10.0).ceil() as u16)
        .max()
        .unwrap_or(0);
    header.digests = u32::try_from(digests_in(&table)).map_err(|_| SealError::TooMany(digests.len()))?;
    header.digest_kinds = digests.iter().fold(header.digest_kinds, |kinds, digest| kinds.union(digest.kinds()));
    header.bloom_length = bloom.len() as u64;
    let mut bytes = vec![0; header.segment_length() as usize];
    bytes[..HEADER_LENGTH].copy_from_slice(&header.to_bytes());
    let mut put = |section, content: &[u8]| {
        let start = header.section(section).start as usize;
        bytes[start..start + content.len()].copy_from_slice(content);
    };
    put(Section::Bloom, &bloom);
    put(Section::Digests, &table);
    entry_sections(clusters, &order, &header, &mut bytes);
    Ok(SealedSegment { bytes, header })
}

/// Fills planes, tags and payloads, on all threads.
fn entry_sections<A: Sealable>(clusters: &[Cluster<A>], order: &[(usize, usize)], header: &Header, bytes: &mut [u8]) {
    let [planes, tags, payloads] = [Section::Planes, Section::Tags, Section::Payloads].map(|part| header.section(part));
    let (before_tags, from_tags) = bytes.split_at_mut(tags.start as usize);
    let planes = &mut before_tags[planes.start as usize..planes.end as usize];
    let (with_tags, from_payloads) = from_tags.split_at_mut((payloads.start - tags.start) as usize);
    let tags = &mut with_tags[..(tags.end - tags.start) as usize];
    let payloads = &mut from_payloads[..(payloads.end - payloads.start) as usize];
    let payload_length = usize::from(header.payload_length);
    let block_length = Sealer::new(header).block_length();
    // Of an empty section every block's part is empty.
    let payload_parts = payloads.chunks_mut((payload_length * Sealer::BLOCK).max(1));
    let payload_parts: Vec<_> =
        payload_parts.map(Some).chain(std::iter::repeat_with(|| None)).take(order.len()).collect();
    planes
        .par_chunks_mut(block_length)
        .zip(tags.par_chunks_mut(Sealer::TAG_LENGTH * Sealer::BLOCK))
        .zip(payload_parts)
        .zip(order.par_chunks(Sealer::BLOCK))
        .enumerate()
        .for_each_init(
            || Sealer::new(header),
            |sealer, (block, (((planes, tags), payloads), entries))| {
                let encoded: Vec<Vec<u8>> = entries
                    .iter()
                    .map(|&(cluster, _)| match payload_length {
                        0 => Vec::new(),
                        length => {
                            let label = clusters[cluster].label.as_deref().unwrap_or_default();
                            Payload::encode(cluster as u32, label, length)
                        }
                    })
                    .collect();
                let entries: Vec<(ImageHash<A>, &[u8])> = entries
                    .iter()
                    .zip(&encoded)
                    .map(|(&(cluster, hash), payload)| (clusters[cluster].hashes[hash], payload.as_slice()))
                    .collect();
                let first = (block * Sealer::BLOCK) as u32;
                sealer.block(first, &entries, planes, tags, payloads.unwrap_or_default());
            },
        );
}

/// Records of the exact tier's table.
fn digests_in(table: &[u8]) -> usize {
    table.len() / Sealer::DIGEST_LENGTH
}

/// A value for one purpose from the seed.
fn derive(seed: &[u8; 32], purpose: &str, input: &[u8]) -> [u8; 32] {
    let mut hasher = Sha256::new();
    hasher.update(b"presend seal 1 ");
    hasher.update(purpose);
    hasher.update([0]);
    hasher.update(seed);
    hasher.update(input);
    hasher.finalize().into()
}

#[cfg(test)]
mod tests {
    use presend_core::Pdq;

    use super::*;

    fn cluster(seed: u8, variants: usize) -> Cluster<Pdq> {
        let hash = |i: usize| ImageHash::from_bytes(&derive(&[seed; 32], "test", &[i as u8])).expect("32 bytes");
        Cluster { hashes: (0..variants).map(hash).collect(), label: None }
    }

    #[test]
    fn bare_hashes_take_twenty_bytes_each_and_the_rest_is_small() {
        let clusters: Vec<_> = (0..128).map(|seed| cluster(seed, 1)).collect();
        let sealed = seal(&clusters, &[], &Options::new([1; 32])).expect("hashes");
        assert_eq!(sealed.bytes.len(), HEADER_LENGTH + 128 * 20);
        assert_eq!((sealed.header.entries, sealed.header.clusters, sealed.header.variant_decibits), (128, 128, 0));
    }

    #[test]
    fn the_seed_is_not_shown() {
        let shown = format!("{:?}", Options::new([0xa7; 32]));
        assert!(shown.contains("radius") && !shown.contains("seed") && !shown.contains("167"), "{shown}");
    }

    #[test]
    fn the_bytes_depend_on_the_seed_only() {
        let clusters: Vec<_> = (0..70).map(|seed| cluster(seed, 2)).collect();
        let seal = |seed: [u8; 32]| seal(&clusters, &[], &Options::new(seed)).expect("hashes").bytes;
        assert_eq!(seal([1; 32]), seal([1; 32]));
        assert_ne!(seal([1; 32]), seal([2; 32]));
    }

    #[test]
    fn nothing_cannot_be_sealed() {
        let none: &[Cluster<Pdq>] = &[];
        assert_eq!(seal(none, &[], &Options::new([1; 32])).err(), Some(SealError::Empty));
        assert!(seal(none, &[FileDigest::Md5([1; 16])], &Options::new([1; 32])).is_ok());
    }
}
