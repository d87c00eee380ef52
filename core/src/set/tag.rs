//! Tags: how an entry confirms that it was found.
//!
//! Decoding a difference gives a hash that is most likely the entry's own. The tag, the first 32 bits of Argon2id (RFC
//! 9106) over the hash and the entry's number under the segment's salt, says so for certain. It is computed only for
//! entries that decode, so it costs an honest reader nothing, while somebody who enumerates what an entry could be pays
//! for each guess. What follows the tag in the output is the key stream of the entry's payload: a payload can be read
//! only by whom the entry was found by.

use std::fmt;

use argon2::{Argon2, Block, Params, Version};

use super::segment::MAX_PAYLOAD;
use crate::bch::Words;

/// Bytes of a tag.
pub(crate) const TAG_LENGTH: usize = 4;

/// What one tag costs: memory, and passes over it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TagCost {
    memory_kib: u32,
    passes: u32,
}

impl TagCost {
    /// The most memory, in KiB: a file must not make a phone spend more.
    pub const MAX_MEMORY_KIB: u32 = 64 << 10;
    /// The most passes.
    pub const MAX_PASSES: u32 = 16;

    /// A cost, or `None` outside 8 KiB to 64 MiB and 1 to 16 passes.
    #[must_use]
    pub const fn new(memory_kib: u32, passes: u32) -> Option<Self> {
        let within = memory_kib >= Params::MIN_M_COST
            && memory_kib <= Self::MAX_MEMORY_KIB
            && passes >= 1
            && passes <= Self::MAX_PASSES;
        if within { Some(Self { memory_kib, passes }) } else { None }
    }

    /// Memory in KiB.
    #[must_use]
    pub const fn memory_kib(self) -> u32 {
        self.memory_kib
    }

    /// Passes over the memory.
    #[must_use]
    pub const fn passes(self) -> u32 {
        self.passes
    }
}

impl Default for TagCost {
    /// 16 KiB, one pass: about 20 µs, so that a million entries are sealed in seconds.
    fn default() -> Self {
        Self { memory_kib: 16, passes: 1 }
    }
}

/// What a hash opens at its entry: the tag, and the key stream of the payload.
pub(crate) struct Opening([u8; TAG_LENGTH + MAX_PAYLOAD]);

impl Opening {
    pub(crate) fn tag(&self) -> [u8; TAG_LENGTH] {
        *self.0.first_chunk().expect("longer than a tag")
    }

    /// Encrypts a payload, or decrypts it.
    pub(crate) fn apply(&self, payload: &mut [u8]) {
        for (byte, key) in payload.iter_mut().zip(&self.0[TAG_LENGTH..]) {
            *byte ^= key;
        }
    }

    /// Whether this is the tag that a segment stores; takes the same time wherever they differ.
    pub(crate) fn confirms(&self, stored: &[u8]) -> bool {
        stored.len() == TAG_LENGTH && self.0.iter().zip(stored).fold(0, |differing, (a, b)| differing | (a ^ b)) == 0
    }
}

/// Computes tags under one salt, in memory that it keeps.
pub(crate) struct Tagger {
    argon2: Argon2<'static>,
    salt: [u8; 32],
    memory: Vec<Block>,
}

impl Tagger {
    pub(crate) fn new(cost: TagCost, salt: [u8; 32]) -> Self {
        let params = Params::new(cost.memory_kib, cost.passes, 1, None).expect("costs are within Argon2's bounds");
        let memory = vec![Block::default(); params.block_count()];
        Self { argon2: Argon2::new(argon2::Algorithm::Argon2id, Version::V0x13, params), salt, memory }
    }

    /// What `hash` opens at the entry with this number in the segment.
    pub(crate) fn open(&mut self, entry: u32, hash: &Words) -> Opening {
        let mut input = [0; 36];
        input[..4].copy_from_slice(&entry.to_le_bytes());
        for (bytes, word) in input[4..].chunks_exact_mut(8).zip(hash) {
            bytes.copy_from_slice(&word.to_le_bytes());
        }
        let mut output = [0; TAG_LENGTH + MAX_PAYLOAD];
        self.argon2
            .hash_password_into_with_memory(&input, &self.salt, &mut output, &mut self.memory)
            .expect("the lengths are constants within Argon2's bounds");
        Opening(output)
    }
}

impl fmt::Debug for Tagger {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tagger").field("params", self.argon2.params()).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_depend_on_everything() {
        let open = |cost, salt, entry, hash: &Words| Tagger::new(cost, salt).open(entry, hash).0;
        let (cost, salt, hash) = (TagCost::default(), [1; 32], [1, 2, 3, 4]);
        let first = open(cost, salt, 0, &hash);
        assert_eq!(open(cost, salt, 0, &hash), first);
        for other in [
            open(cost, salt, 1, &hash),
            open(cost, salt, 0, &[1, 2, 3, 4 | 1 << 63]),
            open(cost, [2; 32], 0, &hash),
            open(TagCost::new(8, 1).expect("within the bounds"), salt, 0, &hash),
        ] {
            assert_ne!(other[..TAG_LENGTH], first[..TAG_LENGTH]);
        }
    }

    #[test]
    fn a_changed_tag_confirms_nothing() {
        let opening = Tagger::new(TagCost::default(), [1; 32]).open(3, &[9; 4]);
        let tag = opening.tag();
        assert!(opening.confirms(&tag));
        for byte in 0..TAG_LENGTH {
            let mut changed = tag;
            changed[byte] ^= 1;
            assert!(!opening.confirms(&changed));
        }
        assert!(!opening.confirms(&tag[..3]));
    }

    #[test]
    fn payloads_come_back() {
        let opening = Tagger::new(TagCost::default(), [1; 32]).open(3, &[9; 4]);
        let mut payload = *b"a label";
        opening.apply(&mut payload);
        assert_ne!(&payload, b"a label");
        opening.apply(&mut payload);
        assert_eq!(&payload, b"a label");
    }

    #[test]
    fn costs_are_bounded() {
        assert_eq!(TagCost::new(7, 1), None);
        assert_eq!(TagCost::new(TagCost::MAX_MEMORY_KIB + 1, 1), None);
        assert_eq!(TagCost::new(16, 0), None);
        assert_eq!(TagCost::new(16, TagCost::MAX_PASSES + 1), None);
        assert!(TagCost::new(8, 1).is_some());
    }
}
