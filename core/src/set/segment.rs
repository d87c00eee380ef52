//! The bytes of a segment: the entries of a sealed set that were published together.
//!
//! `hashsets/FORMAT.md` is the normative text. A segment never changes; it is named by the root of the Merkle tree over
//! its bytes. Little-endian; every section starts at a multiple of 64 bytes and where the one before it ends, so that
//! nothing can overlap and no byte is unaccounted for.

use std::ops::Range;

use bytes::Bytes;
use thiserror::Error;

use super::exact::DigestKinds;
use super::tag::{TAG_LENGTH, TagCost};
use crate::bch::{Code, Radius, RadiusError, Words};
use crate::hash::pdq::{Pdq, Pdq512};
use crate::hash::{Algorithm, AlgorithmId};
use crate::simd::LANES;

/// The first bytes of a segment.
const MAGIC: [u8; 8] = *b"PRSNDSEG";
/// The version of the format.
const VERSION: u16 = 1;
/// The sealing scheme: odd power sums of the universal BCH code, and a tag.
const SCHEME: u16 = 1;
/// Power sums beyond the radius.
const SPARE: u8 = 2;
/// Bytes of the header, the table of sections included.
pub const HEADER_LENGTH: usize = 256;
const TABLE: usize = 96;
const TABLE_ROW: usize = 24;
/// Sections start at multiples of so many bytes.
pub(crate) const ALIGNMENT: usize = 64;
/// Bytes of payload an entry can have.
pub const MAX_PAYLOAD: usize = 64;
/// Bytes that a record of the exact tier takes.
pub(crate) const EXACT_LENGTH: usize = 16;

/// What the header of a segment says.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Header {
    algorithm: AlgorithmId,
    /// Within which distance entries are found.
    pub radius: Radius,
    /// Bytes of payload per entry, at most [`MAX_PAYLOAD`].
    pub payload_length: u8,
    /// What confirming an entry costs.
    pub cost: TagCost,
    /// Sealed hashes.
    pub entries: u32,
    /// Images that they are hashes of.
    pub clusters: u32,
    /// What is published of the worst-off cluster beyond the code's own equations, in tenths of a bit.
    pub variant_decibits: u16,
    /// Records of the exact tier.
    pub digests: u32,
    /// Which digests they are of.
    pub digest_kinds: DigestKinds,
    /// Bytes of the Bloom filter before the exact tier.
    pub bloom_length: u64,
    /// What makes the tags of this segment differ from those of any other.
    pub salt: [u8; 32],
}

impl Header {
    /// A header for hashes by `A`, of a segment that holds nothing yet.
    #[must_use]
    pub fn new<A: Sealable>(radius: Radius, salt: [u8; 32]) -> Self {
        Self {
            algorithm: A::ID,
            radius,
            payload_length: 0,
            cost: TagCost::default(),
            entries: 0,
            clusters: 0,
            variant_decibits: 0,
            digests: 0,
            digest_kinds: DigestKinds::NONE,
            bloom_length: 0,
            salt,
        }
    }

    /// The algorithm of the hashes: PDQ or PDQ-512.
    #[must_use]
    pub fn algorithm(&self) -> AlgorithmId {
        self.algorithm
    }

    /// The header's bytes.
    #[must_use]
    pub fn to_bytes(&self) -> [u8; HEADER_LENGTH] {
        let mut bytes = [0; HEADER_LENGTH];
        let mut put = |at: usize, field: &[u8]| bytes[at..at + field.len()].copy_from_slice(field);
        put(0, &MAGIC);
        put(8, &VERSION.to_le_bytes());
        put(10, &SCHEME.to_le_bytes());
        put(12, &algorithm_number(self.algorithm).unwrap_or(0).to_le_bytes());
        put(14, &[self.radius.bits() as u8, SPARE, TAG_LENGTH as u8, self.payload_length]);
        put(18, &[self.digest_kinds.bits(), 0]);
        put(20, &self.cost.memory_kib().to_le_bytes());
        put(24, &self.cost.passes().to_le_bytes());
        put(28, &self.entries.to_le_bytes());
        put(32, &self.clusters.to_le_bytes());
        put(36, &self.digests.to_le_bytes());
        put(40, &self.variant_decibits.to_le_bytes());
        put(42, &(Section::ALL.len() as u16).to_le_bytes());
        put(44, &self.salt);
        let layout = Layout::of(self);
        for (row, section) in Section::ALL.into_iter().enumerate() {
            let range = layout.section(section);
            let at = TABLE + row * TABLE_ROW;
            put(at, &(section as u32).to_le_bytes());
            put(at + 8, &range.start.to_le_bytes());
            put(at + 16, &(range.end - range.start).to_le_bytes());
        }
        bytes
    }

    /// Reads the header of a segment that is `length` bytes long in all, and checks that it describes so many.
    ///
    /// # Errors
    /// [`FormatError`]; nothing is allocated on the way.
    pub fn parse(bytes: &[u8], length: u64) -> Result<Self, FormatError> {
        let bytes: &[u8; HEADER_LENGTH] =
            bytes.get(..HEADER_LENGTH).and_then(|bytes| bytes.try_into().ok()).ok_or(FormatError::Truncated {
                what: "a segment's header",
                expected: HEADER_LENGTH as u64,
                found: bytes.len() as u64,
            })?;
        if bytes[..8] != MAGIC {
            return Err(FormatError::NotASegment);
        }
        let u16_at = |at: usize| u16::from_le_bytes([bytes[at], bytes[at + 1]]);
        let u32_at = |at: usize| u32::from_le_bytes([bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3]]);
        let u64_at = |at: usize| u64::from(u32_at(at)) | u64::from(u32_at(at + 4)) << 32;
        let known = |what, found: u16, known: u16| {
            if found == known { Ok(()) } else { Err(FormatError::Unknown { what, found }) }
        };
        known("format version", u16_at(8), VERSION)?;
        known("sealing scheme", u16_at(10), SCHEME)?;
        let algorithm = [AlgorithmId::Pdq, AlgorithmId::Pdq512]
            .into_iter()
            .find(|&id| algorithm_number(id) == Some(u16_at(12)))
            .ok_or(FormatError::Unknown { what: "algorithm", found: u16_at(12) })?;
        let radius = Radius::new(u16::from(bytes[14]))?;
        known("number of spare sums", u16::from(bytes[15]), u16::from(SPARE))?;
        known("tag length", u16::from(bytes[16]), TAG_LENGTH as u16)?;
        if usize::from(bytes[17]) > MAX_PAYLOAD {
            return Err(FormatError::Unknown { what: "payload length", found: u16::from(bytes[17]) });
        }
        let unknown_kinds = FormatError::Unknown { what: "digest kinds", found: u16::from(bytes[18]) };
        let digest_kinds = DigestKinds::from_bits(bytes[18]).ok_or(unknown_kinds)?;
        known("flags", u16::from(bytes[19]), 0)?;
        let cost = TagCost::new(u32_at(20), u32_at(24))
            .ok_or(FormatError::TagCost { memory_kib: u32_at(20), passes: u32_at(24) })?;
        known("number of sections", u16_at(42), Section::ALL.len() as u16)?;
        let bloom_row = TABLE + Section::Bloom as usize * TABLE_ROW;
        let header = Self {
            algorithm,
            radius,
            payload_length: bytes[17],
            cost,
            entries: u32_at(28),
            clusters: u32_at(32),
            variant_decibits: u16_at(40),
            digests: u32_at(36),
            digest_kinds,
            bloom_length: u64_at(bloom_row + 16),
            salt: bytes[44..76].try_into().expect("thirty-two bytes"),
        };
        if header.bloom_length > length {
            return Err(FormatError::Misplaced { section: Section::Bloom });
        }
        let layout = Layout::of(&header);
        for (row, section) in Section::ALL.into_iter().enumerate() {
            let at = TABLE + row * TABLE_ROW;
            let range = layout.section(section);
            if u64_at(at + 8) != range.start || u64_at(at + 16) != range.end - range.start {
                return Err(FormatError::Misplaced { section });
            }
        }
        // Everything that was read, written again: what differs is a byte that means nothing.
        if let Some(offset) = header.to_bytes().iter().zip(bytes).position(|(canonical, found)| canonical != found) {
            return Err(FormatError::Reserved { offset: offset as u64 });
        }
        if header.clusters > header.entries || (header.digests == 0) != (header.bloom_length == 0) {
            return Err(FormatError::Counts);
        }
        if layout.length != length {
            return Err(FormatError::Length { expected: layout.length, found: length });
        }
        Ok(header)
    }

    /// Bytes of the whole segment.
    #[must_use]
    pub fn segment_length(&self) -> u64 {
        Layout::of(self).length
    }

    /// Where a section of the segment lies.
    #[must_use]
    pub fn section(&self, section: Section) -> Range<u64> {
        Layout::of(self).section(section)
    }

    /// What the sealing publishes of the worst-off image, in bits: independent linear equations about its hash, and
    /// what the differences between its variants say.
    #[must_use]
    pub fn published_bits(&self) -> f64 {
        f64::from(Code::new(self.radius).published_bits) + f64::from(self.variant_decibits) / 10.0
    }

    /// Bytes of one entry: its power sums and its tag, without payload.
    #[must_use]
    pub fn entry_length(&self) -> usize {
        Code::new(self.radius).planes() + TAG_LENGTH
    }
}

/// An algorithm whose hashes can be sealed: 256 bits that behave like independent ones.
pub trait Sealable: Algorithm<Bits = Words> {}

impl Sealable for Pdq {}
impl Sealable for Pdq512 {}

/// The number of an algorithm in a file, for those whose hashes can be sealed.
fn algorithm_number(id: AlgorithmId) -> Option<u16> {
    match id {
        AlgorithmId::Pdq => Some(1),
        AlgorithmId::Pdq512 => Some(2),
        _ => None,
    }
}

/// A part of a segment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Section {
    /// Power sums: blocks of 64 entries, in each one byte plane per stored sum.
    Planes,
    /// One tag per entry.
    Tags,
    /// One payload per entry, each encrypted under its entry's hash.
    Payloads,
    /// The Bloom filter before the exact tier.
    Bloom,
    /// The exact tier: sorted, salted, truncated digests of files.
    Digests,
}

impl Section {
    /// Every section, in the order of the file.
    pub const ALL: [Self; 5] = [Self::Planes, Self::Tags, Self::Payloads, Self::Bloom, Self::Digests];
}

/// Where everything lies; it follows from the counts.
struct Layout {
    starts: [u64; Section::ALL.len()],
    lengths: [u64; Section::ALL.len()],
    length: u64,
}

impl Layout {
    /// Counts are 32 bits and sizes small, so no sum overflows 64 bits (the filter's length is checked by `parse`).
    fn of(header: &Header) -> Self {
        let entries = u64::from(header.entries);
        let planes = Code::new(header.radius).planes() as u64;
        let lengths = [
            entries.div_ceil(LANES as u64) * planes * LANES as u64,
            entries * TAG_LENGTH as u64,
            entries * u64::from(header.payload_length),
            header.bloom_length,
            u64::from(header.digests) * EXACT_LENGTH as u64,
        ];
        let mut starts = [0; Section::ALL.len()];
        let mut end = HEADER_LENGTH as u64;
        for (start, length) in starts.iter_mut().zip(lengths) {
            *start = end;
            end = (end + length).next_multiple_of(ALIGNMENT as u64);
        }
        Self { starts, lengths, length: end }
    }

    fn section(&self, section: Section) -> Range<u64> {
        let start = self.starts[section as usize];
        start..start + self.lengths[section as usize]
    }
}

/// A segment whose shape was checked. Who says so is another question: see [`Trust`](super::Trust).
#[derive(Debug, Clone)]
pub(crate) struct Segment {
    pub(crate) header: Header,
    pub(crate) planes: Bytes,
    pub(crate) tags: Bytes,
    pub(crate) payloads: Bytes,
    pub(crate) bloom: Bytes,
    pub(crate) digests: Bytes,
}

impl Segment {
    /// Reads the header and takes the sections; costs nothing that grows with the segment.
    pub(crate) fn parse(content: &Bytes) -> Result<Self, FormatError> {
        let header = Header::parse(content, content.len() as u64)?;
        let section = |section| {
            let range = header.section(section);
            // Within the content, whose length is the layout's.
            content.slice(range.start as usize..range.end as usize)
        };
        let mut end = HEADER_LENGTH as u64;
        for part in Section::ALL {
            let range = header.section(part);
            check_zero(content, end..range.start)?;
            end = range.end;
        }
        check_zero(content, end..content.len() as u64)?;
        Ok(Self {
            planes: section(Section::Planes),
            tags: section(Section::Tags),
            payloads: section(Section::Payloads),
            bloom: section(Section::Bloom),
            digests: section(Section::Digests),
            header,
        })
    }

    /// The tag of an entry.
    pub(crate) fn tag(&self, entry: u32) -> Option<[u8; TAG_LENGTH]> {
        self.tags.as_chunks::<TAG_LENGTH>().0.get(entry as usize).copied()
    }
}

/// Padding means nothing, so it is zero.
pub(super) fn check_zero(bytes: &[u8], range: Range<u64>) -> Result<(), FormatError> {
    let padding = &bytes[range.start as usize..range.end as usize];
    match padding.iter().position(|&byte| byte != 0) {
        Some(at) => Err(FormatError::Reserved { offset: range.start + at as u64 }),
        None => Ok(()),
    }
}

/// Bytes that are no sealed set, or none that this version understands.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum FormatError {
    /// The file does not begin as a sealed set does.
    #[error("not a sealed set")]
    NotASet,
    /// What should be a segment does not begin as one.
    #[error("not a segment of a sealed set")]
    NotASegment,
    /// A value this version does not know; it is not guessed at.
    #[error("unknown {what} {found}")]
    Unknown {
        /// The field.
        what: &'static str,
        /// Its value.
        found: u16,
    },
    /// The radius is none that sets are sealed with.
    #[error("{0}")]
    Radius(#[from] RadiusError),
    /// Confirming an entry would cost nothing, or more than any device should spend.
    #[error("a tag that costs {memory_kib} KiB and {passes} passes is out of bounds")]
    TagCost {
        /// Memory in KiB.
        memory_kib: u32,
        /// Passes over it.
        passes: u32,
    },
    /// The file ends too early.
    #[error("cut short: {what} needs {expected} bytes, there are {found}")]
    Truncated {
        /// What is not all there.
        what: &'static str,
        /// Bytes it needs.
        expected: u64,
        /// Bytes there are.
        found: u64,
    },
    /// The content is longer or shorter than the header says.
    #[error("the header describes {expected} bytes, there are {found}")]
    Length {
        /// Bytes described.
        expected: u64,
        /// Bytes there are.
        found: u64,
    },
    /// A section is not where and as long as the counts say: it would overlap another or leave a gap.
    #[error("the section {section:?} is misplaced")]
    Misplaced {
        /// Which.
        section: Section,
    },
    /// A byte that means nothing is not zero.
    #[error("the reserved byte {offset} is not zero")]
    Reserved {
        /// Where it is.
        offset: u64,
    },
    /// More, or larger, than a set can have.
    #[error("a {what} of {found} is more than {max}")]
    TooLarge {
        /// Of what.
        what: &'static str,
        /// How much.
        found: u64,
        /// The most there can be.
        max: u64,
    },
    /// Counts that contradict one another.
    #[error("contradictory counts")]
    Counts,
    /// The filter before the exact tier cannot be read.
    #[error("the Bloom filter cannot be read: {0}")]
    Bloom(&'static str),
}

impl FormatError {
    /// A name for programs, which stays the same.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::NotASet => "set-not-a-set",
            Self::NotASegment => "set-not-a-segment",
            Self::Unknown { .. } => "set-unknown",
            Self::Radius(_) => "set-radius",
            Self::TagCost { .. } => "set-tag-cost",
            Self::Truncated { .. } => "set-truncated",
            Self::Length { .. } => "set-length",
            Self::Misplaced { .. } => "set-misplaced",
            Self::Reserved { .. } => "set-reserved",
            Self::TooLarge { .. } => "set-too-large",
            Self::Counts => "set-counts",
            Self::Bloom(_) => "set-bloom",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn header() -> Header {
        let mut header = Header::new::<Pdq>(Radius::DEFAULT, [7; 32]);
        header.entries = 70;
        header.clusters = 65;
        header.payload_length = 40;
        header.variant_decibits = 123;
        header
    }

    #[test]
    fn a_header_is_read_as_it_was_written() {
        let header = header();
        let length = header.segment_length();
        assert_eq!(length % ALIGNMENT as u64, 0);
        assert_eq!(Header::parse(&header.to_bytes(), length), Ok(header));
    }

    #[test]
    fn the_default_entry_takes_twenty_bytes() {
        assert_eq!(header().entry_length(), 20);
        assert!((header().published_bits() - 136.3).abs() < 1e-9);
    }

    #[test]
    fn every_changed_byte_of_a_header_is_refused_or_changes_what_it_says() {
        let header = header();
        let bytes = header.to_bytes();
        for at in 0..bytes.len() {
            for flip in 1..=255 {
                let mut changed = bytes;
                changed[at] ^= flip;
                let parsed = Header::parse(&changed, header.segment_length());
                assert!(parsed.is_err() || parsed.as_ref() != Ok(&header), "byte {at}");
            }
        }
    }

    #[test]
    fn absurd_sizes_are_errors_of_their_own() {
        let parse = |change: &dyn Fn(&mut [u8; HEADER_LENGTH])| {
            let mut bytes = header().to_bytes();
            change(&mut bytes);
            Header::parse(&bytes, header().segment_length())
        };
        let huge = parse(&|bytes| bytes[28..32].fill(0xff));
        assert!(matches!(huge, Err(FormatError::Misplaced { section: Section::Planes })), "{huge:?}");
        let filter = parse(&|bytes| bytes[TABLE + 3 * TABLE_ROW + 16..][..8].fill(0xff));
        assert!(matches!(filter, Err(FormatError::Misplaced { section: Section::Bloom })), "{filter:?}");
        // The tags laid over the planes.
        let overlapping = parse(&|bytes| bytes[TABLE + TABLE_ROW + 8..][..2].copy_from_slice(&[0, 1]));
        assert!(matches!(overlapping, Err(FormatError::Misplaced { section: Section::Tags })), "{overlapping:?}");
        assert_eq!(parse(&|bytes| bytes[8] = 2), Err(FormatError::Unknown { what: "format version", found: 2 }));
        assert_eq!(parse(&|bytes| bytes[10] = 2), Err(FormatError::Unknown { what: "sealing scheme", found: 2 }));
        assert_eq!(parse(&|bytes| bytes[12] = 9), Err(FormatError::Unknown { what: "algorithm", found: 9 }));
        assert_eq!(parse(&|bytes| bytes[14] = 30), Err(FormatError::Radius(RadiusError::TooLarge(30))));
        assert_eq!(parse(&|bytes| bytes[19] = 1), Err(FormatError::Unknown { what: "flags", found: 1 }));
        assert_eq!(parse(&|bytes| bytes[255] = 1), Err(FormatError::Reserved { offset: 255 }));
        assert_eq!(parse(&|bytes| bytes[0] = 0), Err(FormatError::NotASegment));
        let cost = parse(&|bytes| bytes[22] = 0xff);
        assert!(matches!(cost, Err(FormatError::TagCost { .. })), "{cost:?}");
    }

    #[test]
    fn a_length_that_is_not_the_headers_is_refused() {
        let header = header();
        for length in [0, 1, header.segment_length() - 1, header.segment_length() + 1, u64::MAX] {
            let parsed = Header::parse(&header.to_bytes(), length);
            assert_eq!(parsed, Err(FormatError::Length { expected: header.segment_length(), found: length }));
        }
        assert!(matches!(Header::parse(&[0; 255], 255), Err(FormatError::Truncated { .. })));
    }
}
