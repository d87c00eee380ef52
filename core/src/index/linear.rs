//! Plain hashes, compared with the query one by one: the definition of what an index finds.
//!
//! The first bits of every hash as it is written, its prefix, are stored bit by bit (see [`hamming`]) and scanned; unrelated hashes
//! differ there in more bits than the threshold already, and the rest of an entry is read only where they do not.

use std::marker::PhantomData;

use bytes::Bytes;

use super::store::Store;
use super::{Found, Index};
use crate::distance::{Distance, Threshold};
use crate::hash::{Algorithm, Bits, ImageHash};
use crate::simd::hamming::{self, BLOCK, PLANE, Probe, Question};
use crate::simd::{self, Backend};

/// The hashes themselves, in the order they were added.
#[derive(Debug, Clone)]
pub struct LinearIndex<A: Algorithm> {
    len: usize,
    /// Blocks of planes; what pads the last one is zeros.
    planes: Store,
    /// The bits behind the prefix of each entry.
    rest: Store,
    backend: Backend,
    algorithm: PhantomData<A>,
}

/// Bits of a hash of 256 that are scanned. Fewer are scanned faster, but of more entries the rest has to be read, too: of
/// the pairs among 2,654 pictures 1.6 in 10,000; of the last 112 bits, whose frequencies are lower, 2.8 in 10,000.
const PREFIX: usize = 112;

/// Queries that are tried on a block while it is in the cache.
const BATCH: usize = 32;

impl<A: Algorithm> LinearIndex<A> {
    /// Bits that are scanned.
    pub(super) const PLANES: usize = if A::Bits::WORDS * 64 < PREFIX { A::Bits::WORDS * 64 } else { PREFIX };
    /// Bytes behind them.
    const REST: usize = A::Bits::WORDS * 8 - Self::PLANES / 8;
    /// Bytes of a block of planes.
    const BLOCK_LENGTH: usize = Self::PLANES * PLANE;

    /// An index over these entries.
    #[must_use]
    pub fn new(entries: Vec<ImageHash<A>>) -> Self {
        entries.into_iter().collect()
    }

    /// The same index, searched by another backend; what is found is the same.
    #[must_use]
    pub fn with_backend(mut self, backend: Backend) -> Self {
        self.backend = backend;
        self
    }

    /// Of so many entries, whose planes and what is behind them are stored already; `None` if there are bits behind the
    /// last.
    ///
    /// # Panics
    /// If these do not have the [lengths](Self::lengths) for so many.
    pub(super) fn of_parts(len: usize, planes: Bytes, rest: Bytes) -> Option<Self> {
        assert_eq!([planes.len() as u64, rest.len() as u64], Self::lengths(len), "of so many entries");
        let last = &planes[len / BLOCK * Self::BLOCK_LENGTH..];
        let padded = last.chunks_exact(PLANE).all(|plane| {
            let (whole, bits) = (len % BLOCK / 8, len % 8);
            plane[whole] >> bits == 0 && plane[whole + 1..].iter().all(|&byte| byte == 0)
        });
        let (planes, rest) = (Store::Shared(planes), Store::Shared(rest));
        padded.then(|| Self { len, planes, rest, ..Self::default() })
    }

    /// Bytes of the planes and of the rest, of so many entries.
    pub(super) const fn lengths(len: usize) -> [u64; 2] {
        [len.div_ceil(BLOCK) as u64 * Self::BLOCK_LENGTH as u64, len as u64 * Self::REST as u64]
    }

    /// The planes, and what is behind them.
    pub(super) fn parts(&self) -> (&[u8], &[u8]) {
        (&self.planes, &self.rest)
    }

    /// Adds an entry behind the others.
    pub fn push(&mut self, entry: ImageHash<A>) {
        self.extend([entry]);
    }

    /// Adds at most so many entries as fill the last word of the planes.
    fn append(&mut self, entries: &[ImageHash<A>]) {
        let (block, lane) = (self.len / BLOCK, self.len % BLOCK);
        self.len += entries.len();
        let planes = self.planes.to_mut();
        planes.resize(self.len.div_ceil(BLOCK) * Self::BLOCK_LENGTH, 0);
        let planes = &mut planes[block * Self::BLOCK_LENGTH..][..Self::BLOCK_LENGTH];
        let skipped = Self::REST * 8;
        for word in skipped / 64..A::Bits::WORDS {
            let mut square = [0; 64];
            for (row, entry) in square.iter_mut().zip(entries) {
                *row = entry.words()[word];
            }
            transpose(&mut square);
            for bit in skipped.max(word * 64)..(word + 1) * 64 {
                let plane = &mut planes[(bit - skipped) * PLANE..][..PLANE];
                let bytes = &mut plane.as_chunks_mut::<8>().0[lane / 64];
                *bytes = (u64::from_le_bytes(*bytes) | square[bit % 64] << (lane % 64)).to_le_bytes();
            }
        }
        let rest = self.rest.to_mut();
        for entry in entries {
            let bytes = entry.words().iter().flat_map(|word| word.to_le_bytes());
            rest.extend(bytes.take(Self::REST));
        }
    }

    /// Searches a part of the entries, so that several threads can share a search: `part` of `parts`, from 0.
    ///
    /// Together the parts find what [`search`](Index::search) does; each sorts its own.
    pub fn search_part(
        &self,
        (part, parts): (usize, usize),
        queries: &[ImageHash<A>],
        threshold: Threshold,
        found: &mut Vec<Found>,
    ) {
        found.clear();
        let blocks = self.len.div_ceil(BLOCK);
        let (first, end) = (blocks * part / parts, blocks * (part + 1) / parts);
        let blocks = &self.planes[first * Self::BLOCK_LENGTH..end * Self::BLOCK_LENGTH];
        let mut probes = [Probe::EMPTY; BATCH];
        for (batch, queries) in queries.chunks(BATCH).enumerate() {
            for (probe, query) in probes.iter_mut().zip(queries) {
                *probe = Probe::new(query.words(), Self::PLANES);
            }
            let question = Question {
                blocks,
                entries: self.len.min(end * BLOCK) - self.len.min(first * BLOCK),
                planes: Self::PLANES,
                probes: &probes[..queries.len()],
                threshold: threshold.bits(),
            };
            simd::near(self.backend, &question, &mut |near: hamming::Near| {
                let entry = first * BLOCK + near.entry;
                let rest = &self.rest[entry * Self::REST..][..Self::REST];
                let differing = differing(rest, queries[near.query].words());
                let distance = Distance::new(near.distance + differing);
                if threshold.admits(distance) {
                    found.push(Found { distance, entry, query: batch * BATCH + near.query, payload: None });
                }
            });
        }
        found.sort_unstable();
    }
}

/// In how many bits what is stored behind the prefix differs from a query's.
fn differing(rest: &[u8], query: &[u64]) -> u16 {
    let (words, part) = rest.as_chunks::<8>();
    let mut sum: u32 =
        words.iter().zip(query).map(|(bytes, word)| (u64::from_le_bytes(*bytes) ^ word).count_ones()).sum();
    if !part.is_empty() {
        let mut last = query[words.len()].to_le_bytes();
        last.iter_mut().zip(part).for_each(|(byte, stored)| *byte ^= stored);
        last[part.len()..].fill(0);
        sum += u64::from_le_bytes(last).count_ones();
    }
    sum as u16
}

/// Turns 64 words of 64 bits about their diagonal (Warren, Hacker's Delight, 7-3).
fn transpose(square: &mut [u64; 64]) {
    let mut mask = u64::MAX >> 32;
    let mut step = 32;
    while step > 0 {
        for row in (0..64).filter(|row| row & step == 0) {
            let swapped = (square[row] >> step ^ square[row + step]) & mask;
            square[row] ^= swapped << step;
            square[row + step] ^= swapped;
        }
        step /= 2;
        mask ^= mask << step;
    }
}

impl<A: Algorithm> Default for LinearIndex<A> {
    fn default() -> Self {
        Self { len: 0, planes: Store::new(), rest: Store::new(), backend: Backend::best(), algorithm: PhantomData }
    }
}

impl<A: Algorithm> FromIterator<ImageHash<A>> for LinearIndex<A> {
    fn from_iter<T: IntoIterator<Item = ImageHash<A>>>(entries: T) -> Self {
        let mut index = Self::default();
        index.extend(entries);
        index
    }
}

impl<A: Algorithm> Extend<ImageHash<A>> for LinearIndex<A> {
    fn extend<T: IntoIterator<Item = ImageHash<A>>>(&mut self, entries: T) {
        let mut entries = entries.into_iter().fuse();
        let mut row = [ImageHash::new(A::Bits::ZERO); 64];
        loop {
            let mut filled = 0;
            for (place, entry) in row[self.len % 64..].iter_mut().zip(entries.by_ref()) {
                *place = entry;
                filled += 1;
            }
            if filled == 0 {
                return;
            }
            let first = self.len % 64;
            self.append(&row[first..first + filled]);
        }
    }
}

impl<A: Algorithm> Index<A> for LinearIndex<A> {
    fn len(&self) -> usize {
        self.len
    }

    /// Reads the prefix of every entry once for each 32 queries.
    fn search(&self, queries: &[ImageHash<A>], threshold: Threshold, found: &mut Vec<Found>) {
        self.search_part((0, 1), queries, threshold, found);
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::Pdq;
    use crate::reference::Random;

    /// Every pair, compared.
    fn naive<A: Algorithm>(entries: &[ImageHash<A>], queries: &[ImageHash<A>], threshold: Threshold) -> Vec<Found> {
        let mut found = Vec::new();
        for (entry, known) in entries.iter().enumerate() {
            for (query, hash) in queries.iter().enumerate() {
                let distance = known.distance(hash);
                if threshold.admits(distance) {
                    found.push(Found { distance, entry, query, payload: None });
                }
            }
        }
        found.sort_unstable();
        found
    }

    /// What every backend finds, which is what comparing every pair does.
    fn assert_exact<A: Algorithm>(entries: &[ImageHash<A>], queries: &[ImageHash<A>], thresholds: &[u16]) {
        let index: LinearIndex<A> = entries.iter().copied().collect();
        assert_eq!(index.len(), entries.len());
        for &threshold in thresholds {
            let threshold = Threshold::new(threshold);
            let expected = naive(entries, queries, threshold);
            for backend in Backend::available() {
                let mut found = vec![Found { distance: Distance::ZERO, entry: 9, query: 9, payload: None }];
                index.clone().with_backend(backend).search(queries, threshold, &mut found);
                assert!(found == expected, "{} at {threshold}, {} entries", backend.name(), entries.len());
            }
        }
    }

    /// A hash of any algorithm from the words of one of 256 bits.
    fn hash<A: Algorithm>(words: &[u64; 4]) -> ImageHash<A> {
        let mut bits = A::Bits::ZERO;
        bits.words_mut().copy_from_slice(&words[..A::Bits::WORDS]);
        ImageHash::new(bits)
    }

    /// Entries at every distance from the queries: by bits anywhere, in the prefix only, and behind it only.
    fn entries<A: Algorithm>(random: &mut Random, queries: &[ImageHash<A>], number: usize) -> Vec<ImageHash<A>> {
        let bits = A::Bits::WORDS * 64;
        (0..number)
            .map(|entry| {
                let mut words = [0; 4];
                words[..A::Bits::WORDS].copy_from_slice(queries[entry % queries.len()].words());
                let weight = random.next() as usize % (bits + 1);
                let first = if random.next().is_multiple_of(2) { 0 } else { bits - weight };
                for bit in 0..weight {
                    let bit = if entry % 3 == 0 { random.next() as usize % bits } else { first + bit };
                    words[bit / 64] ^= 1 << (bit % 64);
                }
                hash(&words)
            })
            .collect()
    }

    fn every_size_and_threshold<A: Algorithm>() {
        let mut random = Random::new(11);
        let mut queries: Vec<ImageHash<A>> = (0..9).map(|_| hash(&random.hash())).collect();
        queries.extend([hash(&[0; 4]), hash(&[!0; 4]), hash(&[!0 << 32, 0xffff, 1, 0])]);
        for number in [0, 1, 2, 63, 64, 65, 511, 512, 513, 1_024, 1_300] {
            let entries = entries(&mut random, &queries, number);
            for queries in [&queries[..0], &queries[..1], &queries] {
                assert_exact(&entries, queries, &[0, 1, 8, 31, 32, 63, 64, 127, 128, 129, 255, 256, u16::MAX]);
            }
        }
        let many: Vec<ImageHash<A>> = (0..2 * BATCH + 1).map(|_| hash(&random.hash())).collect();
        assert_exact(&entries(&mut random, &many, 700), &many, &[31]);
    }

    #[test]
    fn every_backend_finds_what_comparing_every_pair_does() {
        every_size_and_threshold::<Pdq>();
    }

    #[cfg(feature = "classic")]
    #[test]
    fn every_backend_finds_what_comparing_every_pair_does_in_hashes_of_64_bits() {
        every_size_and_threshold::<crate::DHash>();
    }

    #[test]
    fn distances_at_the_threshold_are_found_and_those_beyond_are_not() {
        let query = hash::<Pdq>(&Random::new(12).hash());
        // As many differing bits from each end, so that they lie in the prefix, behind it, or on both sides.
        let at = |distance: usize, end: usize| {
            let mut words: [u64; 4] = query.words().try_into().expect("four words");
            (0..distance)
                .map(|bit| if end == 0 { bit } else { 255 - bit })
                .for_each(|bit| words[bit / 64] ^= 1 << (bit % 64));
            hash(&words)
        };
        let known: Vec<_> = (0..=256).flat_map(|distance| [at(distance, 0), at(distance, 1)]).collect();
        for threshold in 0..=256_u16 {
            let mut found = Vec::new();
            LinearIndex::new(known.clone()).search(&[query], Threshold::new(threshold), &mut found);
            let entries: Vec<_> = found.iter().map(|found| found.entry).collect();
            assert_eq!(entries, (0..2 * usize::from(threshold) + 2).collect::<Vec<_>>());
        }
    }

    #[test]
    fn entries_may_be_added_in_any_portions() {
        let mut random = Random::new(13);
        let all: Vec<ImageHash<Pdq>> = (0..1_500).map(|_| hash(&random.hash())).collect();
        let whole = LinearIndex::new(all.clone());
        for portion in [1, 7, 63, 64, 65, 600] {
            let mut index = LinearIndex::default();
            all.chunks(portion).for_each(|portion| index.extend(portion.iter().copied()));
            assert_eq!(index.parts(), whole.parts());
        }
    }

    #[test]
    fn parts_find_together_what_one_search_does() {
        let mut random = Random::new(14);
        let queries: Vec<ImageHash<Pdq>> = (0..5).map(|_| hash(&random.hash())).collect();
        let index = LinearIndex::new(entries(&mut random, &queries, 3_000));
        let mut whole = Vec::new();
        index.search(&queries, Threshold::new(90), &mut whole);
        for parts in [1, 2, 3, 100] {
            let (mut together, mut found) = (Vec::new(), Vec::new());
            for part in 0..parts {
                index.search_part((part, parts), &queries, Threshold::new(90), &mut found);
                together.append(&mut found);
            }
            together.sort_unstable();
            assert_eq!(together, whole);
        }
    }

    proptest! {
        #[test]
        fn any_entries_are_found_as_by_comparing_every_pair(
            known in prop::collection::vec(any::<[u64; 4]>(), 0..70),
            masks in prop::collection::vec((0_usize..70, any::<[u64; 4]>(), any::<[u64; 4]>()), 1..4),
            threshold in 0_u16..=256,
        ) {
            let queries: Vec<ImageHash<Pdq>> = masks
                .iter()
                .map(|(near, a, b)| {
                    let base = known.get(*near).copied().unwrap_or_default();
                    hash(&std::array::from_fn(|i| base[i] ^ a[i] & b[i]))
                })
                .collect();
            let known: Vec<ImageHash<Pdq>> = known.iter().map(hash).collect();
            assert_exact(&known, &queries, &[threshold]);
        }
    }
}
