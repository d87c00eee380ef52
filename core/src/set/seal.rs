//! Sealing: what the owner of a list computes of each hash.
//!
//! The other direction of [`crate::index::sealed`]; kept beside it so that there is one code and one kind of tag. Files,
//! threads and randomness are the caller's.

use super::exact::{self, FileDigest};
use super::segment::{EXACT_LENGTH, Header, Sealable};
use super::tag::{TAG_LENGTH, Tagger};
use crate::bch::{Code, Syndrome};
use crate::hash::ImageHash;
use crate::simd::LANES;

/// Computes the sections of a segment, a block of entries at a time.
#[derive(Debug)]
pub struct Sealer {
    code: Code,
    tagger: Tagger,
    payload_length: usize,
}

impl Sealer {
    /// Entries of one block, the unit of [`block`](Self::block).
    pub const BLOCK: usize = LANES;
    /// Bytes of one tag.
    pub const TAG_LENGTH: usize = TAG_LENGTH;
    /// Bytes of one record in the exact tier's table.
    pub const DIGEST_LENGTH: usize = EXACT_LENGTH;

    /// A sealer for a segment with this header. It holds the memory that tags need: one per thread.
    #[must_use]
    pub fn new(header: &Header) -> Self {
        Self {
            code: Code::new(header.radius),
            tagger: Tagger::new(header.cost, header.salt),
            payload_length: usize::from(header.payload_length),
        }
    }

    /// Bytes that one block takes in the section of planes.
    #[must_use]
    pub fn block_length(&self) -> usize {
        self.code.planes() * LANES
    }

    /// Seals up to 64 entries, of which the first has the number `first` in the segment, into their parts of the three
    /// sections.
    ///
    /// # Panics
    /// If there are more than 64 entries or a part has the wrong length.
    pub fn block<A: Sealable>(
        &mut self,
        first: u32,
        entries: &[(ImageHash<A>, &[u8])],
        planes: &mut [u8],
        tags: &mut [u8],
        payloads: &mut [u8],
    ) {
        assert!(entries.len() <= LANES && planes.len() == self.block_length());
        assert_eq!((tags.len(), payloads.len()), (entries.len() * TAG_LENGTH, entries.len() * self.payload_length));
        for (lane, (hash, payload)) in entries.iter().enumerate() {
            let words = hash.words().try_into().expect("hashes that can be sealed have four words");
            let syndrome = Syndrome::of(&words);
            for (plane, &place) in planes.chunks_exact_mut(LANES).zip(&self.code.stored) {
                plane[lane] = syndrome.0[place];
            }
            let opening = self.tagger.open(first + lane as u32, &words);
            tags[lane * TAG_LENGTH..][..TAG_LENGTH].copy_from_slice(&opening.tag());
            let sealed = &mut payloads[lane * self.payload_length..][..self.payload_length];
            sealed[..payload.len()].copy_from_slice(payload);
            opening.apply(sealed);
        }
    }
}

/// The two sections of the exact tier for these digests under a segment's salt: the Bloom filter, and the sorted table.
/// Both are empty if there are no digests.
#[must_use]
pub fn exact_tier(salt: &[u8; 32], digests: &[FileDigest]) -> (Vec<u8>, Vec<u8>) {
    let mut tokens: Vec<_> = digests.iter().map(|digest| exact::token(salt, digest)).collect();
    tokens.sort_unstable();
    tokens.dedup();
    if tokens.is_empty() {
        return (Vec::new(), Vec::new());
    }
    (exact::filter(salt, &tokens), tokens.concat())
}
