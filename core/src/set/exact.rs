//! The exact tier: whether a file is, byte for byte, one whose digest is on a list.
//!
//! Lists carry MD5, SHA-1 or SHA-256 of whole files. Each is salted, hashed and truncated to 16 bytes; a Bloom filter
//! stands before the sorted table of them, so that a file that is not listed costs its digests and a few probes. A hit of
//! the filter is only a candidate: the table decides. Digests of files have full entropy, so a salted table of them gives
//! nothing away to somebody who does not have the file.

use std::fmt;

use bloomfilter::Bloom;
use bytes::Bytes;
use md5::Md5;
use sha1::Sha1;
use sha2::{Digest, Sha256};

use super::segment::{EXACT_LENGTH, FormatError};

/// The rate at which the filter alone would be wrong.
pub const BLOOM_RATE: f64 = 1e-9;
/// More probes than any filter of that rate makes.
const MAX_PROBES: u32 = 64;

/// A cryptographic digest of a whole file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum FileDigest {
    /// MD5.
    Md5([u8; 16]),
    /// SHA-1.
    Sha1([u8; 20]),
    /// SHA-256.
    Sha256([u8; 32]),
}

impl FileDigest {
    /// The name of the function.
    #[must_use]
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Md5(_) => "md5",
            Self::Sha1(_) => "sha1",
            Self::Sha256(_) => "sha256",
        }
    }

    /// The digest's bytes.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8] {
        match self {
            Self::Md5(bytes) => bytes,
            Self::Sha1(bytes) => bytes,
            Self::Sha256(bytes) => bytes,
        }
    }

    /// The set that holds only this kind.
    #[must_use]
    pub const fn kinds(&self) -> DigestKinds {
        match self {
            Self::Md5(_) => DigestKinds(1),
            Self::Sha1(_) => DigestKinds(2),
            Self::Sha256(_) => DigestKinds(4),
        }
    }
}

/// Lower-case hexadecimal digits.
impl fmt::Display for FileDigest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.as_bytes().iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

/// Which kinds of digests there are; files are digested only with those.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct DigestKinds(u8);

impl DigestKinds {
    /// None.
    pub const NONE: Self = Self(0);

    /// The kinds of either.
    #[must_use]
    pub const fn union(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    pub(crate) const fn bits(self) -> u8 {
        self.0
    }

    pub(crate) const fn from_bits(bits: u8) -> Option<Self> {
        if bits < 8 { Some(Self(bits)) } else { None }
    }

    /// The digests of a file, of these kinds.
    pub fn of_file(self, bytes: &[u8]) -> impl Iterator<Item = FileDigest> + use<> {
        let md5 = (self.0 & 1 != 0).then(|| FileDigest::Md5(Md5::digest(bytes).into()));
        let sha1 = (self.0 & 2 != 0).then(|| FileDigest::Sha1(Sha1::digest(bytes).into()));
        let sha256 = (self.0 & 4 != 0).then(|| FileDigest::Sha256(Sha256::digest(bytes).into()));
        [md5, sha1, sha256].into_iter().flatten()
    }
}

/// What the table holds of a digest: 16 bytes of its salted hash.
pub(crate) type Token = [u8; EXACT_LENGTH];

/// The token of a digest under a segment's salt.
pub(crate) fn token(salt: &[u8; 32], digest: &FileDigest) -> Token {
    let mut hasher = Sha256::new();
    hasher.update(b"presend exact tier 1");
    hasher.update(salt);
    hasher.update([digest.kinds().0]);
    hasher.update(digest.as_bytes());
    *hasher.finalize().first_chunk().expect("a digest has 32 bytes")
}

/// A filter for these tokens.
///
/// What is put in is a number, not a byte string: the length that a string would be hashed with has another size on
/// 32-bit machines.
pub(crate) fn filter(salt: &[u8; 32], tokens: &[Token]) -> Vec<u8> {
    let mut filter = Bloom::new_for_fp_rate_with_seed(tokens.len().max(1), BLOOM_RATE, salt)
        .expect("a filter of that rate for a number of tokens that fits in memory");
    for token in tokens {
        filter.set(&u128::from_le_bytes(*token));
    }
    filter.into_bytes()
}

/// The exact tier of one segment, for looking files up.
#[derive(Debug)]
pub(crate) struct ExactTier {
    salt: [u8; 32],
    filter: Bloom<u128>,
    /// Sorted tokens.
    tokens: Bytes,
}

impl ExactTier {
    /// The tier of a segment that has one.
    pub(crate) fn new(salt: [u8; 32], filter: &[u8], tokens: Bytes) -> Result<Self, FormatError> {
        let filter = Bloom::from_slice(filter).map_err(FormatError::Bloom)?;
        if filter.len() < 8 || filter.number_of_hash_functions() > MAX_PROBES {
            return Err(FormatError::Bloom("no such filter"));
        }
        if !tokens.as_chunks::<EXACT_LENGTH>().0.is_sorted_by(|one, next| one < next) {
            return Err(FormatError::Bloom("the table behind it is not sorted"));
        }
        Ok(Self { salt, filter, tokens })
    }

    /// Where in the table a digest stands.
    pub(crate) fn find(&self, digest: &FileDigest) -> Option<usize> {
        let token = token(&self.salt, digest);
        if !self.filter.check(&u128::from_le_bytes(token)) {
            return None;
        }
        self.tokens.as_chunks::<EXACT_LENGTH>().0.binary_search(&token).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tier(digests: &[FileDigest]) -> ExactTier {
        let salt = [3; 32];
        let mut tokens: Vec<Token> = digests.iter().map(|digest| token(&salt, digest)).collect();
        tokens.sort_unstable();
        ExactTier::new(salt, &filter(&salt, &tokens), tokens.concat().into()).expect("a tier")
    }

    #[test]
    fn listed_files_are_found_by_every_digest_and_others_are_not() {
        let all = DigestKinds::from_bits(7).expect("three kinds");
        let digests: Vec<FileDigest> = (0..500_u32).flat_map(|i| all.of_file(&i.to_le_bytes())).collect();
        let tier = tier(&digests);
        assert!(digests.iter().all(|digest| tier.find(digest).is_some()));
        assert!((500..5000_u32).flat_map(|i| all.of_file(&i.to_le_bytes())).all(|digest| tier.find(&digest).is_none()));
    }

    #[test]
    fn what_only_the_filter_knows_is_no_match() {
        let digest = FileDigest::Md5([1; 16]);
        let salt = [3; 32];
        let filter = filter(&salt, &[token(&salt, &digest)]);
        let tier = ExactTier::new(salt, &filter, Bytes::from_static(&[9; 16])).expect("a tier");
        assert_eq!(tier.find(&digest), None);
    }

    #[test]
    fn digests_are_those_of_the_standards() {
        let all = DigestKinds::from_bits(7).expect("three kinds");
        let found: Vec<(&str, String)> =
            all.of_file(b"abc").map(|digest| (digest.kind(), digest.to_string())).collect();
        // RFC 1321 A.5; FIPS 180-2, appendices A.1 and B.1.
        assert_eq!(found[0], ("md5", "900150983cd24fb0d6963f7d28e17f72".into()));
        assert_eq!(found[1], ("sha1", "a9993e364706816aba3e25717850c26c9cd0d89d".into()));
        let sha256 = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
        assert_eq!(found[2], ("sha256", sha256.into()));
    }

    #[test]
    fn the_filter_has_the_same_bytes_on_every_machine() {
        let salt = [3; 32];
        let tokens: Vec<Token> = (0..3).map(|i| token(&salt, &FileDigest::Md5([i; 16]))).collect();
        let bytes = filter(&salt, &tokens);
        assert_eq!(Sha256::digest(&bytes)[..4], FILTER_DIGEST, "{:02x?}", &Sha256::digest(&bytes)[..4]);
    }

    /// Of the filter above, computed on x86-64; the test runs on 32-bit WebAssembly, too.
    const FILTER_DIGEST: [u8; 4] = [0xf1, 0x2a, 0x58, 0xb6];

    #[test]
    fn broken_filters_are_refused() {
        let salt = [3; 32];
        let good = filter(&salt, &[[1; 16]]);
        let refused = |bytes: &[u8], tokens: &'static [u8]| {
            matches!(ExactTier::new(salt, bytes, Bytes::from_static(tokens)), Err(FormatError::Bloom(_)))
        };
        assert!(!refused(&good, &[1; 16]));
        assert!(refused(&good[..10], &[1; 16]));
        assert!(refused(&good[..good.len() - 1], &[1; 16]));
        let mut probes = good.clone();
        probes[12] = 0xff;
        assert!(refused(&probes, &[1; 16]));
        // Twice the same token.
        assert!(refused(&good, &[1; 32]));
    }
}
