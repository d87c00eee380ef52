//! Plain hashes, and where each of them was listed; in memory, or in an index file that is searched as it lies.
//!
//! `docs/index-file.md` describes every byte of the file.

use std::io::{self, Write};

use bytes::Bytes;
use thiserror::Error;

use super::store::Store;
use super::{Found, Index, LinearIndex};
use crate::distance::Threshold;
use crate::hash::{Algorithm, AlgorithmId, ImageHash};
use crate::set::Digest;

/// The entries of lists, with the line and the label that each has in its list.
#[derive(Debug, Clone)]
pub struct ListIndex<A: Algorithm> {
    index: LinearIndex<A>,
    lists: Vec<List>,
    /// Of each entry its line, of 32 bits.
    lines: Store,
    /// Of each entry where its label ends, of 32 bits; it starts where that of the entry before ends.
    label_ends: Store,
    labels: Store,
}

/// A list whose entries follow those of the one before.
#[derive(Debug, Clone, PartialEq, Eq)]
struct List {
    name: Vec<u8>,
    /// The number of the first entry behind it.
    end: u32,
}

/// What a list says of an entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Note<'a> {
    /// The name of the list: the bytes of a path, if it was read from a file.
    pub list: &'a [u8],
    /// The line in which it stands, from 1.
    pub line: u32,
    /// Its label, if it has one.
    pub label: Option<&'a str>,
}

impl<A: Algorithm> Default for ListIndex<A> {
    fn default() -> Self {
        let [lines, label_ends, labels] = [const { Store::new() }; 3];
        Self { index: LinearIndex::default(), lists: Vec::new(), lines, label_ends, labels }
    }
}

impl<A: Algorithm> ListIndex<A> {
    /// Adds the entries of a list behind the others: each with its line and its label.
    ///
    /// # Errors
    /// [`IndexFileError::TooLarge`] for more entries, lines, or bytes of labels or names, than 32 bits can count; the
    /// entries before that are added.
    pub fn add<'a>(
        &mut self,
        name: &[u8],
        entries: impl IntoIterator<Item = (ImageHash<A>, u64, Option<&'a str>)>,
    ) -> Result<(), IndexFileError> {
        let names: usize = self.lists.iter().map(|list| list.name.len()).sum();
        check_counts([("bytes of names", (names + name.len()) as u64)])?;
        let mut end = self.index.len() as u32;
        let (lines, label_ends, labels) = (self.lines.to_mut(), self.label_ends.to_mut(), self.labels.to_mut());
        let mut added = Ok(());
        self.index.extend(entries.into_iter().map_while(|(hash, line, label)| {
            let label = label.unwrap_or_default();
            let label_end = (labels.len() + label.len()) as u64;
            added = check_counts([("entries", u64::from(end) + 1), ("lines", line), ("bytes of labels", label_end)]);
            added.is_ok().then(|| {
                end += 1;
                lines.extend((line as u32).to_le_bytes());
                label_ends.extend((label_end as u32).to_le_bytes());
                labels.extend(label.as_bytes());
                hash
            })
        }));
        self.lists.push(List { name: name.to_vec(), end });
        added
    }

    /// What its list says of an entry; `None` if there is no such entry.
    #[must_use]
    pub fn note(&self, entry: usize) -> Option<Note<'_>> {
        let line = *self.lines.as_chunks().0.get(entry)?;
        let ends = self.label_ends.as_chunks().0;
        let start = entry.checked_sub(1).map_or(0, |before| u32::from_le_bytes(ends[before]));
        let label = &self.labels[start as usize..u32::from_le_bytes(ends[entry]) as usize];
        let list = self.lists.partition_point(|list| list.end as usize <= entry);
        Some(Note {
            list: &self.lists[list].name,
            line: u32::from_le_bytes(line),
            // Labels are text: as they were added, or by what `parse` has checked.
            label: std::str::from_utf8(label).ok().filter(|label| !label.is_empty()),
        })
    }

    /// The lists: the name of each, and how many entries it has.
    pub fn lists(&self) -> impl Iterator<Item = (&[u8], usize)> {
        let starts = [0].into_iter().chain(self.lists.iter().map(|list| list.end));
        self.lists.iter().zip(starts).map(|(list, start)| (&list.name[..], (list.end - start) as usize))
    }

    /// Searches a part of the entries: see [`LinearIndex::search_part`].
    pub fn search_part(
        &self,
        part: (usize, usize),
        queries: &[ImageHash<A>],
        threshold: Threshold,
        found: &mut Vec<Found>,
    ) {
        self.index.search_part(part, queries, threshold, found);
    }

    /// Writes the index file. Everything is read twice: once for its digest, which comes first.
    ///
    /// # Errors
    /// Where `out` fails.
    pub fn write(&self, out: &mut impl Write) -> io::Result<()> {
        let (mut table, mut names) = (Vec::new(), Vec::new());
        for list in &self.lists {
            names.extend(&list.name);
            table.extend(list.end.to_le_bytes());
            table.extend((names.len() as u32).to_le_bytes());
        }
        let header = Header {
            algorithm: A::ID,
            planes: LinearIndex::<A>::PLANES as u16,
            entries: self.index.len() as u32,
            lists: self.lists.len() as u32,
            labels: self.labels.len() as u32,
            names: names.len() as u32,
        };
        let start = header.to_bytes();
        let mut parts = vec![&start[..]];
        let (planes, rest) = self.index.parts();
        for section in [planes, rest, &self.lines, &self.label_ends, &table, &names, &self.labels] {
            parts.push(section);
            parts.push(&[0; ALIGNMENT][..section.len().next_multiple_of(ALIGNMENT) - section.len()]);
        }
        let digest = Digest::of_parts(&parts);
        out.write_all(&start)?;
        out.write_all(digest.as_bytes())?;
        parts[1..].iter().try_for_each(|part| out.write_all(part))
    }

    /// Opens an index file, whose bytes are searched where they lie: every byte is read once to be verified, and what is
    /// allocated are the names of the lists.
    ///
    /// # Errors
    /// [`IndexFileError`] unless this is an index file of hashes by `A`, whole and unchanged.
    pub fn parse(bytes: &Bytes) -> Result<Self, IndexFileError> {
        let (header, lengths) = Self::sections(bytes, bytes.len() as u64)?;
        let digest = Digest::of_parts(&[&bytes[..DIGEST], &bytes[HEADER_LENGTH..]]);
        if digest.as_bytes()[..] != bytes[DIGEST..HEADER_LENGTH] {
            return Err(IndexFileError::Changed);
        }
        let mut end = HEADER_LENGTH;
        let mut padded = Ok(());
        let [planes, rest, lines, label_ends, table, names, labels] = lengths.map(|length| {
            // Within the bytes, whose length was just compared.
            let section = bytes.slice(end..end + length as usize);
            let start = end + section.len();
            end = start.next_multiple_of(ALIGNMENT);
            if let Some(at) = bytes[start..end].iter().position(|&byte| byte != 0) {
                padded = Err(IndexFileError::Reserved { offset: (start + at) as u64 });
            }
            section
        });
        padded?;
        let index = LinearIndex::of_parts(header.entries as usize, planes, rest).ok_or(IndexFileError::Padding)?;
        check_labels(&label_ends, &labels)?;
        Ok(Self {
            index,
            lists: lists(&table, &names, header.entries)?,
            lines: Store::Shared(lines),
            label_ends: Store::Shared(label_ends),
            labels: Store::Shared(labels),
        })
    }

    /// Checks that a file of so many bytes, of which these are the first, can be an index file of hashes by `A`: another need
    /// not be read to be refused.
    ///
    /// # Errors
    /// [`IndexFileError`] if it cannot.
    pub fn check_length(head: &[u8], length: u64) -> Result<(), IndexFileError> {
        Self::sections(head, length).map(|_| ())
    }

    /// The header, and the bytes of each section of a file of so many bytes.
    fn sections(head: &[u8], length: u64) -> Result<(Header, [u64; 7]), IndexFileError> {
        let header = Header::parse(head)?;
        if header.algorithm != A::ID {
            return Err(IndexFileError::Algorithm { expected: A::ID, found: header.algorithm });
        }
        let planes = LinearIndex::<A>::PLANES as u16;
        if header.planes != planes {
            return Err(IndexFileError::Planes { expected: planes, found: header.planes });
        }
        let lengths = header.sections(LinearIndex::<A>::lengths(header.entries as usize));
        let expected =
            lengths.iter().fold(HEADER_LENGTH as u64, |end, length| end + length.next_multiple_of(ALIGNMENT as u64));
        if expected == length { Ok((header, lengths)) } else { Err(IndexFileError::Length { expected, found: length }) }
    }

    /// The algorithm of the hashes in an index file, by its header.
    ///
    /// # Errors
    /// [`IndexFileError`] if this is not the beginning of an index file.
    pub fn algorithm_of(bytes: &[u8]) -> Result<AlgorithmId, IndexFileError> {
        Ok(Header::parse(bytes)?.algorithm)
    }
}

impl<A: Algorithm> Index<A> for ListIndex<A> {
    fn len(&self) -> usize {
        self.index.len()
    }

    fn search(&self, queries: &[ImageHash<A>], threshold: Threshold, found: &mut Vec<Found>) {
        self.index.search(queries, threshold, found);
    }
}

/// Refuses what 32 bits cannot count.
fn check_counts<const N: usize>(counts: [(&'static str, u64); N]) -> Result<(), IndexFileError> {
    match counts.into_iter().find(|&(_, count)| count > u64::from(u32::MAX)) {
        Some((what, _)) => Err(IndexFileError::TooLarge { what }),
        None => Ok(()),
    }
}

/// The lists of a table, which must divide the entries and the names.
fn lists(table: &[u8], names: &[u8], entries: u32) -> Result<Vec<List>, IndexFileError> {
    let (mut lists, mut start, mut last) = (Vec::new(), 0, 0);
    for row in table.as_chunks::<8>().0 {
        let [end, name_end] = [0, 4].map(|at| u32::from_le_bytes([row[at], row[at + 1], row[at + 2], row[at + 3]]));
        let name = names.get(start..name_end as usize).ok_or(IndexFileError::Lists)?;
        if end < last {
            return Err(IndexFileError::Lists);
        }
        lists.push(List { name: name.to_vec(), end });
        (start, last) = (name_end as usize, end);
    }
    if (last, start) == (entries, names.len()) { Ok(lists) } else { Err(IndexFileError::Lists) }
}

/// Checks that labels are text, each of its own.
fn check_labels(ends: &[u8], labels: &[u8]) -> Result<(), IndexFileError> {
    let text = std::str::from_utf8(labels).map_err(|_| IndexFileError::Labels)?;
    let mut last = 0;
    for end in ends.as_chunks().0 {
        let end = u32::from_le_bytes(*end) as usize;
        if end < last || !text.is_char_boundary(end) {
            return Err(IndexFileError::Labels);
        }
        last = end;
    }
    if last == labels.len() { Ok(()) } else { Err(IndexFileError::Labels) }
}

const MAGIC: [u8; 8] = *b"PRSNDIDX";
const VERSION: u16 = 1;
/// Where the digest of all other bytes stands.
const DIGEST: usize = 32;
const HEADER_LENGTH: usize = 64;
/// Sections start at multiples of so many bytes.
const ALIGNMENT: usize = 64;

/// The header, without the digest.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Header {
    algorithm: AlgorithmId,
    planes: u16,
    entries: u32,
    lists: u32,
    /// Bytes of all labels, and of all names.
    labels: u32,
    names: u32,
}

impl Header {
    fn to_bytes(&self) -> [u8; DIGEST] {
        let mut bytes = [0; DIGEST];
        let number = AlgorithmId::ALL.iter().position(|&id| id == self.algorithm).map_or(0, |place| place as u16 + 1);
        bytes[..8].copy_from_slice(&MAGIC);
        for (place, field) in [VERSION, number, self.planes].into_iter().enumerate() {
            bytes[8 + 2 * place..][..2].copy_from_slice(&field.to_le_bytes());
        }
        for (place, field) in [self.entries, self.lists, self.labels, self.names].into_iter().enumerate() {
            bytes[16 + 4 * place..][..4].copy_from_slice(&field.to_le_bytes());
        }
        bytes
    }

    fn parse(bytes: &[u8]) -> Result<Self, IndexFileError> {
        let known = bytes.len().min(MAGIC.len());
        if bytes[..known] != MAGIC[..known] {
            return Err(IndexFileError::NotAnIndex);
        }
        let Some(bytes) = bytes.first_chunk::<HEADER_LENGTH>() else {
            return Err(IndexFileError::Length { expected: HEADER_LENGTH as u64, found: bytes.len() as u64 });
        };
        let u16_at = |at: usize| u16::from_le_bytes([bytes[at], bytes[at + 1]]);
        let u32_at = |at: usize| u32::from_le_bytes([bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3]]);
        if u16_at(8) != VERSION {
            return Err(IndexFileError::Version { found: u16_at(8) });
        }
        let algorithm = usize::from(u16_at(10)).checked_sub(1).and_then(|place| AlgorithmId::ALL.get(place).copied());
        let header = Self {
            algorithm: algorithm.ok_or(IndexFileError::UnknownAlgorithm { found: u16_at(10) })?,
            planes: u16_at(12),
            entries: u32_at(16),
            lists: u32_at(20),
            labels: u32_at(24),
            names: u32_at(28),
        };
        // Everything that was read, written again: what differs is a byte that means nothing.
        match header.to_bytes().iter().zip(bytes).position(|(canonical, found)| canonical != found) {
            Some(offset) => Err(IndexFileError::Reserved { offset: offset as u64 }),
            None => Ok(header),
        }
    }

    /// Bytes of each section; those of the hashes are known to the index. Counts have 32 bits, so no sum overflows.
    fn sections(&self, [planes, rest]: [u64; 2]) -> [u64; 7] {
        let (entries, lists) = (u64::from(self.entries), u64::from(self.lists));
        [planes, rest, 4 * entries, 4 * entries, 8 * lists, self.names.into(), self.labels.into()]
    }
}

/// Bytes that are no index file, or none that can be used.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum IndexFileError {
    /// The file does not begin as an index file does.
    #[error("not an index file")]
    NotAnIndex,
    /// A version that is not known here.
    #[error("version {found} of the index format is not known")]
    Version {
        /// Which.
        found: u16,
    },
    /// An algorithm that is not known here.
    #[error("number {found} is no algorithm")]
    UnknownAlgorithm {
        /// Its number.
        found: u16,
    },
    /// The hashes are of another algorithm than the one asked for.
    #[error("the index is of {found} hashes, not {expected}")]
    Algorithm {
        /// What was asked for.
        expected: AlgorithmId,
        /// What the file holds.
        found: AlgorithmId,
    },
    /// Another number of bits is scanned than here.
    #[error("{found} planes, where {expected} are scanned")]
    Planes {
        /// How many here.
        expected: u16,
        /// How many there.
        found: u16,
    },
    /// A byte that means nothing is not zero.
    #[error("byte {offset} should be zero")]
    Reserved {
        /// Where.
        offset: u64,
    },
    /// The file is longer or shorter than its header says.
    #[error("{found} bytes, where the header says {expected}")]
    Length {
        /// What its header says.
        expected: u64,
        /// What it has.
        found: u64,
    },
    /// The bytes are not those that were written.
    #[error("the file was damaged: its bytes do not have the digest that it says")]
    Changed,
    /// What pads the last block of hashes is not zero.
    #[error("there are bits behind the last hash")]
    Padding,
    /// The lists do not divide the entries among them.
    #[error("the table of lists does not agree with the entries or the names")]
    Lists,
    /// The labels are no text, or do not follow one another.
    #[error("the labels are no text, or do not follow one another")]
    Labels,
    /// More than the file can count.
    #[error("more {what} than 32 bits can count")]
    TooLarge {
        /// Of what.
        what: &'static str,
    },
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Pdq;
    use crate::reference::Random;

    fn hashes(number: usize) -> Vec<ImageHash<Pdq>> {
        let mut random = Random::new(21);
        (0..number).map(|_| ImageHash::new(random.hash())).collect()
    }

    /// Two lists: of the second the first half has labels.
    fn index(hashes: &[ImageHash<Pdq>]) -> ListIndex<Pdq> {
        let mut index = ListIndex::default();
        let (first, second) = hashes.split_at(hashes.len() / 3);
        index.add(b"first.txt", first.iter().zip(1..).map(|(&hash, line)| (hash, line, None))).expect("few");
        let labels: Vec<String> = (0..second.len() / 2).map(|number| format!("č {number}")).collect();
        let labelled = second.iter().zip(1..).enumerate();
        index
            .add(b"second\xff", labelled.map(|(n, (&hash, line))| (hash, 2 * line, labels.get(n).map(String::as_str))))
            .expect("few");
        index
    }

    fn file(index: &ListIndex<Pdq>) -> Vec<u8> {
        let mut bytes = Vec::new();
        index.write(&mut bytes).expect("memory does not fail");
        bytes
    }

    fn parse(bytes: Vec<u8>) -> Result<ListIndex<Pdq>, IndexFileError> {
        ListIndex::parse(&bytes.into())
    }

    /// Writes the digest that the bytes have.
    fn sign(mut bytes: Vec<u8>) -> Vec<u8> {
        let digest = Digest::of_parts(&[&bytes[..DIGEST], &bytes[HEADER_LENGTH..]]);
        bytes[DIGEST..HEADER_LENGTH].copy_from_slice(digest.as_bytes());
        bytes
    }

    #[test]
    fn an_index_from_a_file_finds_and_says_what_the_written_one_does() {
        for number in [0, 1, 2, 511, 512, 513, 1_500] {
            let hashes = hashes(number);
            let written = index(&hashes);
            let read = parse(file(&written)).expect("an index file");
            assert_eq!(read.len(), number);
            assert!(read.lists().eq(written.lists()));
            assert!((0..=number).all(|entry| read.note(entry) == written.note(entry)));
            assert_eq!(read.note(number), None);
            let [mut expected, mut found] = [Vec::new(), Vec::new()];
            let queries = &hashes[number.saturating_sub(3)..];
            written.search(queries, Threshold::new(100), &mut expected);
            read.search(queries, Threshold::new(100), &mut found);
            assert_eq!(found, expected);
            assert!(found.len() >= queries.len());
        }
    }

    #[test]
    fn notes_say_list_line_and_label() {
        let index = index(&hashes(9));
        let note = |entry| index.note(entry).expect("an entry");
        assert_eq!(note(2), Note { list: b"first.txt", line: 3, label: None });
        assert_eq!(note(3), Note { list: b"second\xff", line: 2, label: Some("č 0") });
        assert_eq!(note(8), Note { list: b"second\xff", line: 12, label: None });
        let lists: Vec<_> = index.lists().collect();
        assert_eq!(lists, [(&b"first.txt"[..], 3), (b"second\xff", 6)]);
    }

    #[test]
    fn lists_may_be_added_to_what_a_file_holds() {
        let hashes = hashes(700);
        let mut whole = index(&hashes[..600]);
        let mut read = parse(file(&whole)).expect("an index file");
        for index in [&mut whole, &mut read] {
            let added = hashes[600..].iter().zip(1..).map(|(&hash, line)| (hash, line, Some("added")));
            index.add(b"third", added).expect("few");
        }
        assert_eq!(file(&read), file(&whole));
        assert_eq!(read.note(699), Some(Note { list: b"third", line: 100, label: Some("added") }));
    }

    #[test]
    fn what_32_bits_cannot_count_is_refused() {
        let hash = hashes(1)[0];
        let mut index = ListIndex::<Pdq>::default();
        let entries = [(hash, 1, None), (hash, 1 << 32, None), (hash, 3, None)];
        assert_eq!(index.add(b"x", entries), Err(IndexFileError::TooLarge { what: "lines" }));
        assert_eq!(index.len(), 1);
        assert_eq!(parse(file(&index)).expect("what was added is whole").len(), 1);
    }

    #[test]
    fn the_bytes_of_version_1_do_not_change() {
        let digest = Digest::of(&file(&index(&hashes(600))));
        assert_eq!(digest.to_string(), "ecc2f5c2e9b31e4be76a120dcf55ae65cab1b11c1c650804e9e2056cdeadc770");
    }

    #[test]
    fn every_fault_has_its_error() {
        use IndexFileError::*;
        let whole = file(&index(&hashes(600)));
        let [planes, rest] = LinearIndex::<Pdq>::lengths(600);
        let lines = HEADER_LENGTH + planes as usize + (rest as usize).next_multiple_of(ALIGNMENT);
        let label_ends = lines + 2_400_usize.next_multiple_of(ALIGNMENT);
        let table = label_ends + 2_400_usize.next_multiple_of(ALIGNMENT);
        let names = table + ALIGNMENT;
        let labels = names + ALIGNMENT;
        let changed = |at: usize, value: u8| {
            let mut bytes = whole.clone();
            bytes[at] = value;
            bytes
        };
        let broken = [
            (Vec::new(), Length { expected: 64, found: 0 }),
            (whole[..63].to_vec(), Length { expected: 64, found: 63 }),
            (b"PRSNDSET".to_vec(), NotAnIndex),
            (changed(0, b'p'), NotAnIndex),
            (changed(8, 2), Version { found: 2 }),
            (changed(10, 0), UnknownAlgorithm { found: 0 }),
            (changed(10, 7), UnknownAlgorithm { found: 7 }),
            (changed(10, 2), Algorithm { expected: AlgorithmId::Pdq, found: AlgorithmId::Pdq512 }),
            (changed(12, 128), Planes { expected: 112, found: 128 }),
            (changed(14, 1), Reserved { offset: 14 }),
            (whole[..whole.len() - 1].to_vec(), Length { expected: whole.len() as u64, found: whole.len() as u64 - 1 }),
            (changed(19, 0xff), Length { expected: 171_127_634_560, found: whole.len() as u64 }),
            (changed(100, !whole[100]), Changed),
            (changed(40, !whole[40]), Changed),
            (sign(changed(names - 1, 1)), Reserved { offset: names as u64 - 1 }),
            (sign(changed(HEADER_LENGTH + planes as usize - 1, 1)), Padding),
            (sign(changed(table + 1, 0xff)), Lists),
            (sign(changed(table + 4, 0xff)), Lists),
            (sign(changed(table + 12, 15)), Lists),
            (sign(changed(labels, 0xff)), Labels),
            (sign(changed(label_ends + 4 * 200, 1)), Labels),
            (sign(changed(label_ends + 4 * 599, 0)), Labels),
        ];
        for (bytes, error) in broken {
            assert_eq!(parse(bytes).err(), Some(error));
        }
    }
}
