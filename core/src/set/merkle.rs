//! Merkle trees over chunks of bytes: one digest names a whole file, and each piece of it can be checked as it arrives.
//!
//! The tree is that of RFC 6962, section 2.1: leaves and inner nodes are hashed under different prefixes, so that none can
//! pass for the other, and a tree of `n` leaves splits at the largest power of two below `n`. The leaves are the chunks of
//! [`CHUNK_LENGTH`] bytes that a file falls into, the last one shorter; a file without bytes has no leaf, and its root is
//! the hash of nothing.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use sha2::Sha256;
use thiserror::Error;

/// Bytes of a chunk, but for the last.
pub const CHUNK_LENGTH: usize = 64 << 10;

/// The root of the tree over the chunks of these bytes.
#[must_use]
pub fn root(bytes: &[u8]) -> Digest {
    root_of_leaves(&leaves(bytes))
}

/// The hashes of the chunks that these bytes fall into.
#[must_use]
pub fn leaves(bytes: &[u8]) -> Vec<Digest> {
    bytes.chunks(CHUNK_LENGTH).map(leaf).collect()
}

/// The hash of one leaf.
#[must_use]
pub fn leaf(content: &[u8]) -> Digest {
    Digest::of_parts(&[&[0], content])
}

/// The root of the tree over leaves that are hashed already.
#[must_use]
pub fn root_of_leaves(leaves: &[Digest]) -> Digest {
    let mut level = leaves.to_vec();
    // Pairing level by level, the odd one moving up as it is, splits where the RFC's recursion splits.
    while level.len() > 1 {
        level =
            level.chunks(2).map(|pair| if let [left, right] = pair { node(left, right) } else { pair[0] }).collect();
    }
    level.first().copied().unwrap_or_else(|| Digest::of(&[]))
}

fn node(left: &Digest, right: &Digest) -> Digest {
    Digest::of_parts(&[&[1], left.as_bytes(), right.as_bytes()])
}

/// Checks the chunks of one file, in any order, as they arrive.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChunkVerifier {
    leaves: Vec<Digest>,
    length: u64,
}

impl ChunkVerifier {
    /// A verifier for a file of so many bytes under this root; the leaves may come from anybody.
    ///
    /// # Errors
    /// [`ChunkError::LeafCount`] or [`ChunkError::Root`] where they are not the leaves of such a file.
    pub fn new(leaves: Vec<Digest>, root: &Digest, length: u64) -> Result<Self, ChunkError> {
        let expected = length.div_ceil(CHUNK_LENGTH as u64);
        if leaves.len() as u64 != expected {
            return Err(ChunkError::LeafCount { expected, found: leaves.len() as u64 });
        }
        let found = root_of_leaves(&leaves);
        if found != *root {
            return Err(ChunkError::Root { expected: *root, found });
        }
        Ok(Self { leaves, length })
    }

    /// The number of chunks.
    #[must_use]
    pub fn chunks(&self) -> u64 {
        self.leaves.len() as u64
    }

    /// Checks one chunk, counted from 0.
    ///
    /// # Errors
    /// [`ChunkError`] where the file has no such chunk, or these are not its bytes.
    pub fn verify(&self, chunk: u64, bytes: &[u8]) -> Result<(), ChunkError> {
        let place = usize::try_from(chunk).ok();
        let Some(leaf_hash) = place.and_then(|place| self.leaves.get(place)) else {
            return Err(ChunkError::OutOfRange { chunk, chunks: self.chunks() });
        };
        // There is such a chunk, so it starts before the end.
        let expected = (self.length - chunk * CHUNK_LENGTH as u64).min(CHUNK_LENGTH as u64);
        if bytes.len() as u64 != expected {
            return Err(ChunkError::Length { chunk, expected, found: bytes.len() as u64 });
        }
        if leaf(bytes) != *leaf_hash {
            return Err(ChunkError::Content { chunk });
        }
        Ok(())
    }
}

/// A chunk, or the list of their hashes, is not that of the file.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum ChunkError {
    /// A file of this length has another number of chunks.
    #[error("{found} chunk hashes where the file has {expected} chunks")]
    LeafCount {
        /// How many chunks a file of this length has.
        expected: u64,
        /// How many hashes there are.
        found: u64,
    },
    /// The hashes of the chunks are those of another file.
    #[error("the chunk hashes have the root {found}, not {expected}")]
    Root {
        /// The file's root.
        expected: Digest,
        /// The root of these hashes.
        found: Digest,
    },
    /// The file ends before this chunk.
    #[error("there is no chunk {chunk} among {chunks}, counted from 0")]
    OutOfRange {
        /// Which was asked for.
        chunk: u64,
        /// How many there are.
        chunks: u64,
    },
    /// The chunk is too short or too long.
    #[error("chunk {chunk} has {found} bytes, not {expected}")]
    Length {
        /// Which chunk.
        chunk: u64,
        /// How long it is.
        expected: u64,
        /// How many bytes there are.
        found: u64,
    },
    /// The chunk's bytes are not the file's.
    #[error("the bytes of chunk {chunk} are not those of the file")]
    Content {
        /// Which chunk.
        chunk: u64,
    },
}

impl ChunkError {
    /// A name for programs, which stays the same.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::LeafCount { .. } => "chunk-count",
            Self::Root { .. } => "chunk-root",
            Self::OutOfRange { .. } => "chunk-out-of-range",
            Self::Length { .. } => "chunk-length",
            Self::Content { .. } => "chunk-content",
        }
    }
}

/// A SHA-256 digest, shown and written as 64 lower-case hexadecimal digits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Digest(Hex<32>);

impl Digest {
    /// The digest of these bytes.
    #[must_use]
    pub fn of(bytes: &[u8]) -> Self {
        Self::of_parts(&[bytes])
    }

    /// A digest that was computed elsewhere.
    #[must_use]
    pub const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(Hex(bytes))
    }

    /// Its 32 bytes.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0.0
    }

    pub(crate) fn of_parts(parts: &[&[u8]]) -> Self {
        let mut hasher = <Sha256 as sha2::Digest>::new();
        for part in parts {
            sha2::Digest::update(&mut hasher, part);
        }
        Self(Hex(sha2::Digest::finalize(hasher).into()))
    }
}

impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl FromStr for Digest {
    type Err = HexError;

    fn from_str(text: &str) -> Result<Self, HexError> {
        text.parse().map(Self)
    }
}

/// So many bytes, shown and written as lower-case hexadecimal digits and read from nothing else.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct Hex<const N: usize>(pub [u8; N]);

impl<const N: usize> fmt::Display for Hex<N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl<const N: usize> fmt::Debug for Hex<N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl<const N: usize> FromStr for Hex<N> {
    type Err = HexError;

    fn from_str(text: &str) -> Result<Self, HexError> {
        let mut bytes = [0; N];
        match base16ct::lower::decode(text, &mut bytes) {
            Ok(decoded) if decoded.len() == N => Ok(Self(bytes)),
            _ => Err(HexError { digits: 2 * N }),
        }
    }
}

impl<const N: usize> From<Hex<N>> for String {
    fn from(hex: Hex<N>) -> Self {
        hex.to_string()
    }
}

impl<const N: usize> TryFrom<String> for Hex<N> {
    type Error = HexError;

    fn try_from(text: String) -> Result<Self, HexError> {
        text.parse()
    }
}

/// The text is not so many lower-case hexadecimal digits.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("not {digits} lower-case hexadecimal digits")]
pub struct HexError {
    /// How many it should be.
    pub digits: usize,
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// The inputs and roots that the reference implementation of Certificate Transparency is tested with
    /// (`merkle_tree_test.cc`; `testonly` in transparency-dev/merkle).
    const INPUTS: [&[u8]; 8] = [
        b"",
        b"\x00",
        b"\x10",
        b"\x20\x21",
        b"\x30\x31",
        b"\x40\x41\x42\x43",
        b"\x50\x51\x52\x53\x54\x55\x56\x57",
        b"\x60\x61\x62\x63\x64\x65\x66\x67\x68\x69\x6a\x6b\x6c\x6d\x6e\x6f",
    ];
    const ROOTS: [&str; 9] = [
        "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
        "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
        "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
        "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
        "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
        "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
        "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
        "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
    ];

    /// The RFC's definition, word for word.
    fn naive(inputs: &[&[u8]]) -> Digest {
        match inputs {
            [] => Digest::of(b""),
            [one] => leaf(one),
            _ => {
                let split = (1..inputs.len()).filter(|n| n.is_power_of_two()).max().expect("1 is below the length");
                node(&naive(&inputs[..split]), &naive(&inputs[split..]))
            }
        }
    }

    #[test]
    fn roots_are_those_of_certificate_transparency() {
        for (count, root) in ROOTS.into_iter().enumerate() {
            let leaves: Vec<Digest> = INPUTS[..count].iter().map(|input| leaf(input)).collect();
            assert_eq!(root_of_leaves(&leaves).to_string(), root, "{count} leaves");
        }
    }

    #[test]
    fn chunks_are_leaves() {
        let bytes: Vec<u8> = (0..3 * CHUNK_LENGTH + 5).map(|i| (i % 251) as u8).collect();
        for length in [0, 1, CHUNK_LENGTH - 1, CHUNK_LENGTH, CHUNK_LENGTH + 1, bytes.len()] {
            let chunks: Vec<&[u8]> = bytes[..length].chunks(CHUNK_LENGTH).collect();
            assert_eq!(root(&bytes[..length]), naive(&chunks), "{length} bytes");
        }
    }

    proptest! {
        #[test]
        fn any_number_of_leaves_has_the_root_of_the_definition(
            inputs in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..40), 0..200),
        ) {
            let inputs: Vec<&[u8]> = inputs.iter().map(Vec::as_slice).collect();
            let leaves: Vec<Digest> = inputs.iter().map(|input| leaf(input)).collect();
            prop_assert_eq!(root_of_leaves(&leaves), naive(&inputs));
        }
    }

    #[test]
    fn chunks_are_verified_one_by_one() {
        let bytes: Vec<u8> = (0..2 * CHUNK_LENGTH + 5).map(|i| (i % 251) as u8).collect();
        let verifier = ChunkVerifier::new(leaves(&bytes), &root(&bytes), bytes.len() as u64).unwrap();
        assert_eq!(verifier.chunks(), 3);
        for (place, chunk) in bytes.chunks(CHUNK_LENGTH).enumerate().rev() {
            assert_eq!(verifier.verify(place as u64, chunk), Ok(()));
            let mut changed = chunk.to_vec();
            changed[chunk.len() / 2] ^= 1;
            assert_eq!(verifier.verify(place as u64, &changed), Err(ChunkError::Content { chunk: place as u64 }));
        }
        let first = &bytes[..CHUNK_LENGTH];
        assert_eq!(verifier.verify(1, first), Err(ChunkError::Content { chunk: 1 }));
        let wrong = ChunkError::Length { chunk: 2, expected: 5, found: CHUNK_LENGTH as u64 };
        assert_eq!(verifier.verify(2, first), Err(wrong));
        let short = ChunkError::Length { chunk: 0, expected: CHUNK_LENGTH as u64, found: 0 };
        assert_eq!(verifier.verify(0, &[]), Err(short));
        for chunk in [3, u64::MAX] {
            assert_eq!(verifier.verify(chunk, first), Err(ChunkError::OutOfRange { chunk, chunks: 3 }));
        }
    }

    #[test]
    fn leaves_of_another_file_are_refused() {
        let bytes = vec![7; CHUNK_LENGTH + 1];
        let expected = root(&bytes);
        let new = |leaves, length| ChunkVerifier::new(leaves, &expected, length);
        for length in [0, CHUNK_LENGTH as u64, 2 * CHUNK_LENGTH as u64 + 1, u64::MAX] {
            let chunks = length.div_ceil(CHUNK_LENGTH as u64);
            let wrong = ChunkError::LeafCount { expected: chunks, found: 2 };
            assert_eq!(new(leaves(&bytes), length), Err(wrong));
        }
        let mut swapped = leaves(&bytes);
        swapped.reverse();
        let found = root_of_leaves(&swapped);
        assert_eq!(new(swapped, bytes.len() as u64), Err(ChunkError::Root { expected, found }));
        let nothing = ChunkVerifier::new(Vec::new(), &root(&[]), 0).unwrap();
        assert_eq!(nothing.verify(0, &[]), Err(ChunkError::OutOfRange { chunk: 0, chunks: 0 }));
    }

    #[test]
    fn only_lower_case_digits_of_the_right_number_are_a_digest() {
        let text = ROOTS[1];
        assert_eq!(text.parse::<Digest>().unwrap().to_string(), text);
        let broken = [text.to_uppercase(), format!("{text}0"), format!("{text}00"), text[1..].into(), text[2..].into()];
        for text in broken.into_iter().chain(["".into(), text.replace('0', "g"), text.replace("6e", "é")]) {
            assert_eq!(text.parse::<Digest>(), Err(HexError { digits: 64 }), "{text}");
        }
    }
}
