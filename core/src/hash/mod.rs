//! Perceptual hashes: what an algorithm is, and the hashes it makes.
//!
//! The type of a hash carries its algorithm, so hashes of two algorithms cannot be compared by accident.

#[cfg(feature = "classic")]
pub(crate) mod classic;
pub(crate) mod pdq;

mod bits;
mod dihedral;
mod effort;
mod precision;

use std::cmp::Ordering;
use std::fmt;
use std::marker::PhantomData;
use std::str::FromStr;

use thiserror::Error;

pub use bits::Bits;
pub use dihedral::{Dihedral, DihedralHashes};
pub use effort::{Effort, ParseEffortError};
pub use precision::Precision;

use crate::decode::Picture;
use crate::distance::{Distance, Threshold};
use crate::pixels::{PixelView, Pixels};
use crate::simd::Backend;

/// Names one algorithm wherever a type cannot: in files, on the command line, in output.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum AlgorithmId {
    /// PDQ over the full-size picture, as python-threatexchange and HMA compute it.
    Pdq,
    /// PDQ after nearest-neighbour sampling to 512×512, as Meta's C++ tool computes it.
    Pdq512,
    /// PDQ over the full-size picture, a few bits off: what is looked up quickly, and in no list or set
    /// ([`Precision::Fast`]).
    PdqFast,
    /// 64-bit average hash.
    AHash,
    /// 64-bit difference hash.
    DHash,
    /// 64-bit DCT hash.
    PHash,
    /// 64-bit block hash.
    BlockHash,
}

impl AlgorithmId {
    /// Every algorithm that can be asked for, in the order they are listed to people.
    pub const ALL: [Self; 6] = [Self::Pdq, Self::Pdq512, Self::AHash, Self::DHash, Self::PHash, Self::BlockHash];

    /// The name in files and on the command line.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Pdq => "pdq",
            Self::Pdq512 => "pdq-512",
            Self::PdqFast => "pdq-fast",
            Self::AHash => "ahash",
            Self::DHash => "dhash",
            Self::PHash => "phash",
            Self::BlockHash => "blockhash",
        }
    }
}

impl fmt::Display for AlgorithmId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// The name belongs to no algorithm.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("unknown algorithm {0:?}")]
pub struct UnknownAlgorithm(pub String);

impl FromStr for AlgorithmId {
    type Err = UnknownAlgorithm;

    fn from_str(name: &str) -> Result<Self, Self::Err> {
        let mut known = Self::ALL.into_iter().chain([Self::PdqFast]);
        known.find(|id| id.name() == name).ok_or_else(|| UnknownAlgorithm(name.to_owned()))
    }
}

/// A way to turn pixels into a hash.
pub trait Algorithm: Copy + fmt::Debug + Default + Send + Sync + 'static {
    /// The bits of a hash.
    type Bits: Bits;

    /// The identity written into every list and set.
    const ID: AlgorithmId;

    /// What its [fast hashes](Self::hash_fast) are called wherever they are written down, if it has any.
    const FAST: Option<AlgorithmId> = None;

    /// The threshold to start from.
    const DEFAULT_THRESHOLD: Threshold;

    /// The hash of record and its quality.
    ///
    /// # Errors
    /// [`TooSmall`] when the picture has too few pixels to hash; never a placeholder hash.
    fn hash(&self, pixels: PixelView<'_>, scratch: &mut Scratch) -> Result<Hashed<Self>, TooSmall>;

    /// The hash of record, and the hashes by which the picture and copies of it turned in the given ways are looked up,
    /// each once, its own first.
    ///
    /// A list holds of a turned picture the hash of its turned pixels, or, where the algorithm has one of its own, the
    /// [dihedral hash](Self::hash_dihedral) of another orientation: both are returned. With more effort come hashes that
    /// the picture may have had before an edit, where the algorithm knows any.
    ///
    /// # Errors
    /// As [`hash`](Self::hash).
    fn hash_turned(
        &self,
        pixels: PixelView<'_>,
        ways: &[Dihedral],
        effort: Effort,
        scratch: &mut Scratch,
    ) -> Result<(Hashed<Self>, Vec<Oriented<Self>>), TooSmall> {
        let _ = effort;
        let of = |orientation, hash| Oriented { orientation, lookup: 0, hash };
        if ways.is_empty() {
            let record = self.hash(pixels, scratch)?;
            return Ok((record, vec![of(Dihedral::Original, record.hash)]));
        }
        let (record, dihedral) = self.hash_dihedral(pixels, scratch)?;
        let mut hashes = vec![of(Dihedral::Original, record.hash)];
        hashes.extend(ways.iter().map(|&way| of(way, dihedral[way])));
        each_once(&mut hashes);
        Ok((record, hashes))
    }

    /// As [`hash_turned`](Self::hash_turned), for less and not bit for bit, from the file of a picture that has one frame
    /// and is not decoded. The hashes are to be looked up among exact ones, not to be kept.
    ///
    /// `None` where there is no fast way: by the algorithm, or for a picture that is no baseline JPEG, or is damaged, or
    /// is so small that nothing is gained. Its frames are then to be hashed.
    fn hash_fast(
        &self,
        picture: &Picture<'_>,
        ways: &[Dihedral],
        effort: Effort,
    ) -> Option<(Hashed<Self>, Vec<Oriented<Self>>)> {
        let _ = (picture, ways, effort);
        None
    }

    /// The hash of record, and the hashes of the picture turned and mirrored in all eight ways.
    ///
    /// # Errors
    /// As [`hash`](Self::hash).
    fn hash_dihedral(
        &self,
        pixels: PixelView<'_>,
        scratch: &mut Scratch,
    ) -> Result<(Hashed<Self>, DihedralHashes<Self>), TooSmall>;
}

/// A hash by which a picture is looked up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Oriented<A: Algorithm> {
    /// How the stored picture was turned for it.
    pub orientation: Dihedral,
    /// Which guess at what it was before an edit, the likeliest first; 0 is the picture as it is.
    pub lookup: usize,
    /// The hash.
    pub hash: ImageHash<A>,
}

/// Leaves of equal hashes the first.
fn each_once<A: Algorithm>(hashes: &mut Vec<Oriented<A>>) {
    let mut seen = Vec::new();
    hashes.retain(|oriented| {
        let place = seen.binary_search(&oriented.hash);
        place.inspect_err(|&place| seen.insert(place, oriented.hash)).is_err()
    });
}

/// A perceptual hash by algorithm `A`.
///
/// Text is lower-case hexadecimal, most significant digit first: the field's order.
///
/// ```
/// use presend_core::{ImageHash, Pdq};
///
/// let text = "f8f8f0cee0f4a84f06370a22038f63f0b36e2ed596621e1d33e6b39c4e9c9b22";
/// let hash: ImageHash<Pdq> = text.parse()?;
/// assert_eq!(hash.to_string(), text);
/// assert_eq!(hash.distance(&hash).bits(), 0);
/// # Ok::<(), presend_core::ParseHashError>(())
/// ```
///
/// Hashes of two algorithms do not compile together:
///
/// ```compile_fail
/// use presend_core::{ImageHash, Pdq, Pdq512};
///
/// fn compare(full_size: ImageHash<Pdq>, sampled: ImageHash<Pdq512>) {
///     full_size.distance(&sampled);
/// }
/// ```
pub struct ImageHash<A: Algorithm> {
    bits: A::Bits,
    algorithm: PhantomData<A>,
}

impl<A: Algorithm> ImageHash<A> {
    /// Bits in a hash.
    pub const BITS: usize = A::Bits::WORDS * 64;

    pub(crate) fn new(bits: A::Bits) -> Self {
        Self { bits, algorithm: PhantomData }
    }

    /// A hash from its bytes, most significant first.
    ///
    /// # Errors
    /// [`ParseHashError::WrongLength`] unless there are exactly [`BITS`](Self::BITS)` / 8` bytes.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, ParseHashError> {
        let mut bits = A::Bits::ZERO;
        let words = bits.words_mut();
        if bytes.len() != words.len() * 8 {
            return Err(ParseHashError::WrongLength { expected: words.len() * 16, found: bytes.len() * 2 });
        }
        for (word, bytes) in words.iter_mut().rev().zip(bytes.as_chunks::<8>().0) {
            *word = u64::from_be_bytes(*bytes);
        }
        Ok(Self::new(bits))
    }

    /// The words of the hash, least significant first.
    #[must_use]
    pub fn words(&self) -> &[u64] {
        self.bits.words()
    }

    /// In how many bits two hashes differ.
    #[must_use]
    pub fn distance(&self, other: &Self) -> Distance {
        let differing = self.words().iter().zip(other.words()).map(|(a, b)| (a ^ b).count_ones()).sum::<u32>();
        Distance::new(differing as u16)
    }
}

impl<A: Algorithm> Clone for ImageHash<A> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<A: Algorithm> Copy for ImageHash<A> {}

impl<A: Algorithm> PartialEq for ImageHash<A> {
    fn eq(&self, other: &Self) -> bool {
        self.bits == other.bits
    }
}

impl<A: Algorithm> Eq for ImageHash<A> {}

impl<A: Algorithm> PartialOrd for ImageHash<A> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

/// Text order.
impl<A: Algorithm> Ord for ImageHash<A> {
    fn cmp(&self, other: &Self) -> Ordering {
        self.words().iter().rev().cmp(other.words().iter().rev())
    }
}

impl<A: Algorithm> fmt::LowerHex for ImageHash<A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.words().iter().rev().try_for_each(|word| write!(f, "{word:016x}"))
    }
}

impl<A: Algorithm> fmt::Display for ImageHash<A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::LowerHex::fmt(self, f)
    }
}

impl<A: Algorithm> fmt::Debug for ImageHash<A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{self:x}", A::ID)
    }
}

impl<A: Algorithm> FromStr for ImageHash<A> {
    type Err = ParseHashError;

    /// Exactly the right number of hexadecimal digits, in either case.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let mut bits = A::Bits::ZERO;
        let words = bits.words_mut();
        let expected = words.len() * 16;
        if let Some((at, found)) = text.char_indices().find(|(_, c)| !c.is_ascii_hexdigit()) {
            return Err(ParseHashError::NotHexadecimal { found, column: at + 1 });
        }
        if text.len() != expected {
            return Err(ParseHashError::WrongLength { expected, found: text.len() });
        }
        for (word, digits) in words.iter_mut().rev().zip(text.as_bytes().as_chunks::<16>().0) {
            *word = digits.iter().fold(0, |word, &digit| {
                let value = char::from(digit).to_digit(16).expect("every digit was checked above");
                (word << 4) | u64::from(value)
            });
        }
        Ok(Self::new(bits))
    }
}

/// Text or bytes that are no hash of the algorithm asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum ParseHashError {
    /// Too short or too long.
    #[error("expected {expected} hexadecimal digits, found {found}")]
    WrongLength {
        /// Digits a hash of this algorithm has.
        expected: usize,
        /// Digits that were there.
        found: usize,
    },
    /// A character that is no hexadecimal digit.
    #[error("{found:?} in column {column} is not a hexadecimal digit")]
    NotHexadecimal {
        /// The first such character.
        found: char,
        /// Where it stands in the hash, in bytes, from 1.
        column: usize,
    },
}

/// How much structure a picture has, 0 to 100: PDQ's gradient measure.
///
/// It says how far a hash can be trusted. Flat pictures score near 0 and hash to noise; by convention hashes below
/// 50 are neither stored nor matched.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Quality(u8);

impl Quality {
    /// The gate that PDQ's authors recommend: 50.
    pub const DEFAULT_GATE: Self = Self(50);

    /// A quality, or `None` above 100.
    #[must_use]
    pub const fn new(value: u8) -> Option<Self> {
        if value <= 100 { Some(Self(value)) } else { None }
    }

    /// 0 to 100.
    #[must_use]
    pub const fn value(self) -> u8 {
        self.0
    }
}

impl fmt::Display for Quality {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// A hash with what is known about it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Hashed<A: Algorithm> {
    /// The hash.
    pub hash: ImageHash<A>,
    /// PDQ's quality of the picture, whatever the algorithm.
    pub quality: Quality,
}

/// The picture has too few pixels to hash.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("{width}x{height} pixels are too few to hash, at least {min}x{min} are needed")]
pub struct TooSmall {
    /// Width in pixels.
    pub width: u32,
    /// Height in pixels.
    pub height: u32,
    /// The smallest side that can be hashed.
    pub min: u32,
}

impl TooSmall {
    /// The smallest side that PDQ hashes, and the gate for every algorithm here.
    pub(crate) const MIN_SIDE: usize = 5;

    pub(crate) fn check(pixels: PixelView<'_>) -> Result<(), Self> {
        if pixels.width().min(pixels.height()) >= Self::MIN_SIDE {
            return Ok(());
        }
        Err(Self { width: pixels.width() as u32, height: pixels.height() as u32, min: Self::MIN_SIDE as u32 })
    }
}

/// Buffers that a hash needs, to be reused from picture to picture.
#[derive(Debug)]
pub struct Scratch {
    pub(crate) pdq: pdq::Buffers,
    /// What the next picture may be decoded into.
    pub(crate) pixels: Vec<u8>,
}

impl Scratch {
    /// Has PDQ computed by this backend. It changes the time that it takes, and nothing else.
    #[must_use]
    pub fn with_backend(backend: Backend) -> Self {
        Self { pdq: pdq::Buffers::new(backend), pixels: Vec::new() }
    }

    /// Takes the memory of pixels that nobody needs any more, for the next picture to be decoded into
    /// ([`Picture::open_in`]). Of a very large picture it is freed.
    pub fn recycle(&mut self, pixels: Pixels) {
        /// As much as 20 megapixels of RGB take.
        const MOST: usize = 60_000_000;
        let bytes = pixels.into_bytes();
        if bytes.capacity() <= MOST {
            self.pixels = bytes;
        }
    }
}

impl Default for Scratch {
    /// The [best](Backend::best) backend.
    fn default() -> Self {
        Self::with_backend(Backend::best())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Pdq;

    #[test]
    fn every_name_leads_back_to_its_algorithm() {
        for id in AlgorithmId::ALL.into_iter().chain([AlgorithmId::PdqFast]) {
            assert_eq!(id.name().parse(), Ok(id));
        }
        assert_eq!("md5".parse::<AlgorithmId>(), Err(UnknownAlgorithm("md5".into())));
    }

    #[test]
    fn broken_text_says_what_is_wrong() {
        let parse = |text: &str| text.parse::<ImageHash<Pdq>>();
        assert_eq!(parse("ab"), Err(ParseHashError::WrongLength { expected: 64, found: 2 }));
        assert_eq!(parse(&"0".repeat(65)), Err(ParseHashError::WrongLength { expected: 64, found: 65 }));
        let text = format!("0g{}", "0".repeat(62));
        assert_eq!(parse(&text), Err(ParseHashError::NotHexadecimal { found: 'g', column: 2 }));
        let text = format!("{}é", "0".repeat(62));
        assert_eq!(parse(&text), Err(ParseHashError::NotHexadecimal { found: 'é', column: 63 }));
        assert_eq!(parse(""), Err(ParseHashError::WrongLength { expected: 64, found: 0 }));
    }

    #[test]
    fn bytes_and_text_agree() {
        let text = "0123456789abcdeffedcba987654321000112233445566778899aabbccddeeff";
        let bytes: Vec<u8> =
            (0..32).map(|i| u8::from_str_radix(&text[2 * i..2 * i + 2], 16).expect("hexadecimal")).collect();
        assert_eq!(ImageHash::<Pdq>::from_bytes(&bytes).unwrap(), text.parse().unwrap());
        assert_eq!(
            ImageHash::<Pdq>::from_bytes(&bytes[..31]),
            Err(ParseHashError::WrongLength { expected: 64, found: 62 })
        );
    }
}
