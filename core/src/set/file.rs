//! The bytes of a set file: a manifest, and the segments that it names or some of them.
//!
//! `hashsets/FORMAT.md` is the normative text. The manifest comes first, so that a reader of a stream knows early whom it
//! trusts; before each segment stand the leaves of its Merkle tree, so that every chunk can be verified as it arrives.
//! Nothing has an offset: everything follows what is before it, so parts cannot overlap.

use std::cmp::Ordering;
use std::ops::Range;

use bytes::Bytes;

use super::manifest::Manifest;
use super::merkle::{self, CHUNK_LENGTH, Digest};
use super::segment::{ALIGNMENT, FormatError, check_zero};

/// The first bytes of a set file.
const MAGIC: [u8; 8] = *b"PRSNDSET";
const VERSION: u16 = 1;
/// Bytes before the table of segments.
const HEAD: usize = 32;
/// Bytes of a leaf.
const LEAF: u64 = 32;

/// Where the parts of a set file lie; all of it follows from the table at its beginning.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Layout {
    manifest: Range<u64>,
    slots: Vec<Option<Slot>>,
    length: u64,
}

/// Where a segment of the file lies.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Slot {
    pub(crate) leaves: Range<u64>,
    pub(crate) content: Range<u64>,
}

impl Layout {
    /// Bytes from the beginning of a file that hold its table, whatever it is.
    pub const MAX_HEAD: usize = HEAD + 8 * Manifest::MAX_SEGMENTS;

    /// A file with a manifest of so many bytes, and for each of its segments the number of its bytes, or `None` where
    /// the file does not hold it.
    ///
    /// # Errors
    /// [`FormatError`] for more, or larger, than a file can have.
    pub fn new(manifest_length: u64, segments: &[Option<u64>]) -> Result<Self, FormatError> {
        let max = Manifest::MAX_LENGTH as u64;
        if manifest_length > max {
            return Err(FormatError::TooLarge { what: "manifest", found: manifest_length, max });
        }
        if segments.len() > Manifest::MAX_SEGMENTS {
            let (found, max) = (segments.len() as u64, Manifest::MAX_SEGMENTS as u64);
            return Err(FormatError::TooLarge { what: "number of segments", found, max });
        }
        let mut end = (HEAD + 8 * segments.len()) as u64;
        let mut place = |length: u64| {
            let start = end.checked_next_multiple_of(ALIGNMENT as u64)?;
            end = start.checked_add(length)?;
            Some(start..end)
        };
        let manifest = place(manifest_length).ok_or(FormatError::Counts)?;
        let mut slots = Vec::with_capacity(segments.len());
        for length in segments {
            let slot = length.map(|length| {
                let leaves = place(length.div_ceil(CHUNK_LENGTH as u64) * LEAF)?;
                Some(Slot { leaves, content: place(length)? })
            });
            slots.push(slot.map(|slot| slot.ok_or(FormatError::Counts)).transpose()?);
        }
        Ok(Self { manifest, slots, length: end })
    }

    /// Bytes of the whole file.
    #[must_use]
    pub fn length(&self) -> u64 {
        self.length
    }

    /// Checks the length of a file against its table, so that a file that is cut short or goes on behind its end need not be
    /// read to be refused.
    ///
    /// # Errors
    /// [`FormatError::Truncated`] and [`FormatError::Length`].
    pub fn check_length(&self, found: u64) -> Result<(), FormatError> {
        let expected = self.length;
        match found.cmp(&expected) {
            Ordering::Less => Err(FormatError::Truncated { what: "the set", expected, found }),
            Ordering::Equal => Ok(()),
            Ordering::Greater => Err(FormatError::Length { expected, found }),
        }
    }

    /// Where the manifest lies: with the bytes before its end, whoever endorses a set can be asked before its segments are read.
    #[must_use]
    pub fn manifest(&self) -> &Range<u64> {
        &self.manifest
    }

    pub(crate) fn slots(&self) -> &[Option<Slot>] {
        &self.slots
    }

    /// Reads the table at the beginning of a file.
    ///
    /// # Errors
    /// [`FormatError::Truncated`] with the number of bytes that are needed; other errors if this is no set file. What is
    /// allocated is the table.
    pub fn parse(bytes: &[u8]) -> Result<Self, FormatError> {
        let truncated = |expected: usize| FormatError::Truncated {
            what: "the table of segments",
            expected: expected as u64,
            found: bytes.len() as u64,
        };
        let Some(head) = bytes.first_chunk::<HEAD>() else {
            return Err(if bytes.starts_with(&MAGIC) || bytes.is_empty() || MAGIC.starts_with(bytes) {
                truncated(HEAD)
            } else {
                FormatError::NotASet
            });
        };
        if head[..8] != MAGIC {
            return Err(FormatError::NotASet);
        }
        let u64_at = |at: usize| u64::from_le_bytes(bytes[at..at + 8].try_into().expect("eight bytes"));
        let version = u16::from_le_bytes([head[8], head[9]]);
        if version != VERSION {
            return Err(FormatError::Unknown { what: "format version", found: version });
        }
        let flags = u16::from_le_bytes([head[10], head[11]]);
        if flags != 0 {
            return Err(FormatError::Unknown { what: "flags", found: flags });
        }
        check_zero(bytes, 24..HEAD as u64)?;
        let segments = u32::from_le_bytes(head[12..16].try_into().expect("four bytes")) as usize;
        if segments > Manifest::MAX_SEGMENTS {
            let (found, max) = (segments as u64, Manifest::MAX_SEGMENTS as u64);
            return Err(FormatError::TooLarge { what: "number of segments", found, max });
        }
        let table = HEAD + 8 * segments;
        if bytes.len() < table {
            return Err(truncated(table));
        }
        let lengths: Vec<_> = (0..segments).map(|slot| Some(u64_at(HEAD + 8 * slot)).filter(|&n| n > 0)).collect();
        Self::new(u64_at(16), &lengths)
    }

    /// The table at the beginning of the file.
    fn head(&self) -> Vec<u8> {
        let mut head = MAGIC.to_vec();
        head.extend(VERSION.to_le_bytes());
        head.extend(0_u16.to_le_bytes());
        head.extend((self.slots.len() as u32).to_le_bytes());
        head.extend((self.manifest.end - self.manifest.start).to_le_bytes());
        head.resize(HEAD, 0);
        for slot in &self.slots {
            let length = slot.as_ref().map_or(0, |slot| slot.content.end - slot.content.start);
            head.extend(length.to_le_bytes());
        }
        head
    }
}

/// A set file whose shape was checked. Who says what is in it is another question: see [`Trust`](super::Trust).
#[derive(Debug, Clone)]
pub struct SetFile {
    bytes: Bytes,
    layout: Layout,
}

impl SetFile {
    /// Takes a file apart. Costs nothing that grows with the segments, and copies nothing.
    ///
    /// # Errors
    /// [`FormatError`] for a file that is cut, longer than it says, or no set file.
    pub fn parse(bytes: impl Into<Bytes>) -> Result<Self, FormatError> {
        let bytes = bytes.into();
        let layout = Layout::parse(&bytes)?;
        layout.check_length(bytes.len() as u64)?;
        let mut end = (HEAD + 8 * layout.slots.len()) as u64;
        let slots = layout.slots.iter().flatten();
        let parts = slots.flat_map(|slot| [&slot.leaves, &slot.content]);
        for part in std::iter::once(&layout.manifest).chain(parts) {
            check_zero(&bytes, end..part.start)?;
            end = part.end;
        }
        Ok(Self { bytes, layout })
    }

    /// The manifest's bytes.
    #[must_use]
    pub fn manifest(&self) -> &[u8] {
        &self.bytes[to_usize(&self.layout.manifest)]
    }

    /// The number of segments that the file has a place for.
    #[must_use]
    pub fn slots(&self) -> usize {
        self.layout.slots.len()
    }

    /// The bytes of a segment, if the file holds it: the leaves of its Merkle tree, and its content.
    #[must_use]
    pub fn segment(&self, slot: usize) -> Option<(Bytes, Bytes)> {
        let slot = self.layout.slots.get(slot)?.as_ref()?;
        Some((self.bytes.slice(to_usize(&slot.leaves)), self.bytes.slice(to_usize(&slot.content))))
    }

    /// Writes a set file of a manifest and its segments; of those that are `None` a reader must have them from another
    /// file.
    ///
    /// # Errors
    /// [`FormatError`] for more, or larger, than a file can have.
    pub fn write(manifest: &[u8], segments: &[Option<&[u8]>]) -> Result<Vec<u8>, FormatError> {
        let lengths: Vec<Option<u64>> =
            segments.iter().map(|segment| segment.map(|bytes| bytes.len() as u64)).collect();
        let layout = Layout::new(manifest.len() as u64, &lengths)?;
        let mut bytes = layout.head();
        bytes.resize(layout.manifest.start as usize, 0);
        bytes.extend_from_slice(manifest);
        for (slot, content) in layout.slots.iter().zip(segments) {
            let (Some(slot), Some(content)) = (slot, content) else { continue };
            bytes.resize(slot.leaves.start as usize, 0);
            bytes.extend(merkle::leaves(content).iter().flat_map(Digest::as_bytes));
            bytes.resize(slot.content.start as usize, 0);
            bytes.extend_from_slice(content);
        }
        Ok(bytes)
    }
}

/// Of a range within bytes that are in memory.
fn to_usize(range: &Range<u64>) -> Range<usize> {
    range.start as usize..range.end as usize
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_read_as_it_was_written() {
        let segments = [Some([1_u8; 128].as_slice()), None, Some(&[2; 192])];
        let bytes = SetFile::write(b"a manifest", &segments).expect("a small file");
        let file = SetFile::parse(bytes).expect("a set file");
        assert_eq!((file.manifest(), file.slots()), (b"a manifest".as_slice(), 3));
        let contents: Vec<_> = (0..3).map(|slot| file.segment(slot).map(|(_, content)| content)).collect();
        assert_eq!(contents, segments.map(|segment| segment.map(Bytes::copy_from_slice)));
        let (leaves, content) = file.segment(2).expect("held");
        let expected: Vec<u8> = merkle::leaves(&content).iter().flat_map(|leaf| *leaf.as_bytes()).collect();
        assert_eq!(leaves, expected);
    }

    #[test]
    fn cut_long_and_foreign_files_are_told_apart() {
        let bytes = SetFile::write(b"a manifest", &[Some(&[1; 128])]).expect("a small file");
        for length in 0..bytes.len() {
            let cut = SetFile::parse(bytes[..length].to_vec());
            assert!(matches!(cut, Err(FormatError::Truncated { .. })), "{length}: {cut:?}");
        }
        let (expected, found) = (bytes.len() as u64, bytes.len() as u64 + 1);
        let long = SetFile::parse([&bytes[..], &[0]].concat());
        assert_eq!(long.err(), Some(FormatError::Length { expected, found }));
        // The beginning is enough.
        let layout = Layout::parse(&bytes[..HEAD + 8]).expect("a table");
        assert_eq!(layout.check_length(expected), Ok(()));
        assert_eq!(layout.check_length(u64::MAX), Err(FormatError::Length { expected, found: u64::MAX }));
        assert!(matches!(layout.check_length(expected - 1), Err(FormatError::Truncated { .. })));
        assert_eq!(SetFile::parse(b"hash,quality".to_vec()).err(), Some(FormatError::NotASet));
        assert_eq!(SetFile::parse(vec![0; 64]).err(), Some(FormatError::NotASet));
    }

    #[test]
    fn absurd_sizes_are_refused_before_anything_is_allocated() {
        let head = |segments: u32, manifest: u64, length: u64| {
            let mut bytes = SetFile::write(b"", &[Some(&[1; 64])]).expect("a small file");
            bytes[12..16].copy_from_slice(&segments.to_le_bytes());
            bytes[16..24].copy_from_slice(&manifest.to_le_bytes());
            bytes[32..40].copy_from_slice(&length.to_le_bytes());
            SetFile::parse(bytes).map(|_| ())
        };
        let too_many = Err(FormatError::TooLarge { what: "number of segments", found: u64::from(u32::MAX), max: 4096 });
        assert_eq!(head(u32::MAX, 0, 64), too_many);
        let manifest = Err(FormatError::TooLarge { what: "manifest", found: u64::MAX, max: 16 << 20 });
        assert_eq!(head(1, u64::MAX, 64), manifest);
        assert_eq!(head(1, 0, u64::MAX), Err(FormatError::Counts));
        assert!(matches!(head(1, 0, 1 << 62), Err(FormatError::Truncated { .. })));
    }
}
