//! Sealed entries, matched without being read.
//!
//! An entry is the syndrome of its hash under the [universal code](crate::bch). The syndrome of a query is added to it; if
//! the sum is that of a difference within the radius, the difference can be found and with it the distance. One pass
//! over the entries rejects nearly all (about 15 in a million remain); those are decoded, and what decodes is confirmed by
//! the entry's tag.

use super::{Found, Index, Payload};
use crate::bch::{Code, DROPPED, Syndrome, Words};
use crate::distance::Threshold;
use crate::hash::ImageHash;
use crate::set::segment::{Sealable, Segment};
use crate::set::tag::{TAG_LENGTH, Tagger};
use crate::simd::{self, Backend, LANES};

/// The entries of one segment.
///
/// Finds every entry within the radius of the set and the threshold.
#[derive(Debug)]
pub struct SealedIndex<A: Sealable> {
    code: Code,
    backend: Backend,
    segment: Segment,
    /// Entries that are not to be found any more, in ascending order.
    revoked: Vec<u32>,
    algorithm: std::marker::PhantomData<A>,
}

impl<A: Sealable> SealedIndex<A> {
    /// Over a segment of hashes by `A`, without these of its entries, which are in ascending order.
    pub(crate) fn new(segment: Segment, revoked: Vec<u32>) -> Self {
        debug_assert!(revoked.is_sorted());
        debug_assert_eq!(segment.header.algorithm(), A::ID);
        Self {
            code: Code::new(segment.header.radius),
            backend: Backend::best(),
            segment,
            revoked,
            algorithm: std::marker::PhantomData,
        }
    }

    /// Has it searched by another backend; what is found is the same.
    pub(crate) fn set_backend(&mut self, backend: Backend) {
        self.backend = backend;
    }

    /// What it searches.
    pub(crate) fn segment(&self) -> &Segment {
        &self.segment
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
        let block = self.code.planes() * LANES;
        let blocks = self.segment.planes.len() / block;
        let (first, end) = (blocks * part / parts, blocks * (part + 1) / parts);
        let words: Vec<Words> = queries.iter().map(words).collect();
        let syndromes: Vec<Syndrome> = words.iter().map(Syndrome::of).collect();
        let mut candidates = Vec::new();
        let planes = &self.segment.planes[first * block..end * block];
        simd::candidates(self.backend, &self.code, planes, &syndromes, &mut candidates);
        let mut confirmed = Confirmed::new(&self.segment);
        for candidate in candidates {
            let (entry, query) = (candidate.entry as usize + first * LANES, candidate.query as usize);
            if entry >= self.len() || self.revoked.binary_search(&(entry as u32)).is_ok() {
                continue;
            }
            let stored =
                self.code.expand(|plane| self.segment.planes[entry / LANES * block + plane * LANES + entry % LANES]);
            let Some(difference) = self.code.decode(&stored.xor(&syndromes[query])) else { continue };
            let sealed = std::array::from_fn(|i| words[query][i] ^ difference[i]);
            let Some((hash, payload)) = confirmed.hash(entry as u32, sealed) else { continue };
            let distance = ImageHash::new(hash).distance(&queries[query]);
            // The bit that the syndrome leaves out may put an entry one bit beyond the radius.
            if threshold.admits(distance) && Threshold::new(self.code.radius.bits()).admits(distance) {
                found.push(Found { distance, entry, query, payload });
            }
        }
        found.sort_unstable();
    }
}

/// The bits of a hash that can be sealed.
fn words<A: Sealable>(hash: &ImageHash<A>) -> Words {
    hash.words().try_into().expect("hashes that can be sealed have four words")
}

impl<A: Sealable> Index<A> for SealedIndex<A> {
    fn len(&self) -> usize {
        self.segment.header.entries as usize
    }

    /// Reads every entry once, whatever the number of queries.
    fn search(&self, queries: &[ImageHash<A>], threshold: Threshold, found: &mut Vec<Found>) {
        self.search_part((0, 1), queries, threshold, found);
    }
}

/// Hashes that were confirmed, so that a tag is computed once however often an entry is found.
struct Confirmed<'a> {
    segment: &'a Segment,
    tagger: Option<Tagger>,
    /// By entry and its first 255 bits. They are few: each costs a tag.
    known: Vec<((u32, Words), Option<Opened>)>,
}

/// A hash that its entry confirmed, and what the entry says.
type Opened = (Words, Option<Payload>);

impl<'a> Confirmed<'a> {
    fn new(segment: &'a Segment) -> Self {
        Self { segment, tagger: None, known: Vec::new() }
    }

    /// The hash of an entry, given all of its bits but one, if its tag agrees.
    fn hash(&mut self, entry: u32, mut sealed: Words) -> Option<Opened> {
        sealed[3] &= !DROPPED;
        if let Some((_, known)) = self.known.iter().find(|(of, _)| *of == (entry, sealed)) {
            return *known;
        }
        let header = &self.segment.header;
        let tagger = self.tagger.get_or_insert_with(|| Tagger::new(header.cost, header.salt));
        let stored = &self.segment.tags[entry as usize * TAG_LENGTH..][..TAG_LENGTH];
        // Untied hashes have 128 ones, so parity tells the bit that the syndrome leaves out.
        let odd = sealed.iter().map(|word| word.count_ones()).sum::<u32>() % 2 == 1;
        let likely = [sealed[0], sealed[1], sealed[2], sealed[3] | if odd { DROPPED } else { 0 }];
        let other = [sealed[0], sealed[1], sealed[2], likely[3] ^ DROPPED];
        let confirmed = [likely, other].into_iter().find_map(|hash| {
            let opening = tagger.open(entry, &hash);
            opening.confirms(stored).then(|| {
                let length = usize::from(header.payload_length);
                let payload = (length > 0).then(|| {
                    let mut payload = Payload::of(&self.segment.payloads[entry as usize * length..][..length]);
                    opening.apply(&mut payload.0[..length]);
                    payload
                });
                (hash, payload)
            })
        });
        self.known.push(((entry, sealed), confirmed));
        confirmed
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::bch::Radius;
    use crate::index::LinearIndex;
    use crate::reference::Random;
    use crate::set::seal::Sealer;
    use crate::set::segment::{HEADER_LENGTH, Header, Section};
    use crate::set::tag::TagCost;
    use crate::{Distance, Pdq};

    /// A segment of these hashes, labelled with their numbers.
    fn seal(hashes: &[ImageHash<Pdq>], radius: Radius) -> Segment {
        let mut header = Header::new::<Pdq>(radius, [5; 32]);
        header.cost = TagCost::new(8, 1).expect("the least");
        (header.entries, header.clusters, header.payload_length) = (hashes.len() as u32, hashes.len() as u32, 16);
        let mut bytes = vec![0; header.segment_length() as usize];
        bytes[..HEADER_LENGTH].copy_from_slice(&header.to_bytes());
        let mut sealer = Sealer::new(&header);
        for (block, hashes) in hashes.chunks(LANES).enumerate() {
            let payloads: Vec<Vec<u8>> = (0..hashes.len())
                .map(|lane| Payload::encode(7, &format!("entry {}", block * LANES + lane), 16))
                .collect();
            let entries: Vec<_> = hashes.iter().zip(&payloads).map(|(&hash, payload)| (hash, &payload[..])).collect();
            let mut planes = vec![0; sealer.block_length()];
            let (mut tags, mut sealed) = (vec![0; 4 * hashes.len()], vec![0; 16 * hashes.len()]);
            sealer.block((block * LANES) as u32, &entries, &mut planes, &mut tags, &mut sealed);
            let mut put = |section, each: usize, part: &[u8]| {
                let start = header.section(section).start as usize + block * LANES * each;
                bytes[start..start + part.len()].copy_from_slice(part);
            };
            put(Section::Planes, planes.len() / LANES, &planes);
            put(Section::Tags, 4, &tags);
            put(Section::Payloads, 16, &sealed);
        }
        Segment::parse(&bytes.into()).expect("a segment")
    }

    fn flipped(hash: &ImageHash<Pdq>, bits: impl IntoIterator<Item = usize>) -> ImageHash<Pdq> {
        let mut words: Words = hash.words().try_into().expect("four words");
        bits.into_iter().for_each(|bit| words[bit / 64] ^= 1 << (bit % 64));
        ImageHash::new(words)
    }

    /// So many different ones of the 256 bits.
    fn some_bits(random: &mut Random, number: usize) -> BTreeSet<usize> {
        let mut bits = BTreeSet::new();
        while bits.len() < number {
            bits.insert((random.next() % 256) as usize);
        }
        bits
    }

    #[test]
    fn every_backend_finds_what_the_linear_index_finds() {
        let mut random = Random::new(3);
        let hashes: Vec<ImageHash<Pdq>> = (0..150).map(|_| ImageHash::new(random.hash())).collect();
        let linear = LinearIndex::new(hashes.clone());
        for radius in Radius::ALL {
            let threshold = Threshold::new(radius.bits());
            // All 256 bits may differ, the one that the syndrome leaves out among them.
            let queries: Vec<ImageHash<Pdq>> = (0..60)
                .map(|i| flipped(&hashes[i], some_bits(&mut random, i % 30)))
                .chain((0..3).map(|i| flipped(&hashes[i], [255])))
                .collect();
            let mut expected = Vec::new();
            linear.search(&queries, threshold, &mut expected);
            assert!(expected.len() > 15);
            for backend in Backend::available() {
                let mut sealed = SealedIndex::<Pdq>::new(seal(&hashes, radius), Vec::new());
                sealed.set_backend(backend);
                let mut found = Vec::new();
                sealed.search(&queries, threshold, &mut found);
                for found in &mut found {
                    let payload = found.payload.take().expect("every entry has one");
                    assert_eq!(payload.label(), Some(format!("entry {}", found.entry).as_str()));
                    assert_eq!(payload.cluster(), 7);
                }
                assert_eq!(found, expected, "{backend:?} at radius {radius}");
                let mut parts = Vec::new();
                for part in 0..3 {
                    let mut found = Vec::new();
                    sealed.search_part((part, 3), &queries, threshold, &mut found);
                    parts.extend(found.into_iter().map(|found| Found { payload: None, ..found }));
                }
                parts.sort_unstable();
                assert_eq!(parts, expected, "{backend:?} in three parts");
            }
        }
    }

    #[test]
    fn revoked_entries_are_not_found() {
        let mut random = Random::new(5);
        let hashes: Vec<ImageHash<Pdq>> = (0..3).map(|_| ImageHash::new(random.hash())).collect();
        let index = SealedIndex::<Pdq>::new(seal(&hashes, Radius::DEFAULT), vec![1]);
        let mut found = Vec::new();
        index.search(&hashes, Threshold::new(31), &mut found);
        let summary: Vec<_> = found.iter().map(|found| (found.distance, found.entry)).collect();
        assert_eq!(summary, [(Distance::ZERO, 0), (Distance::ZERO, 2)]);
    }

    #[test]
    fn an_entry_whose_tag_differs_is_not_found() {
        let hash = ImageHash::<Pdq>::new(Random::new(6).hash());
        let mut segment = seal(&[hash], Radius::DEFAULT);
        segment.tags = vec![segment.tags[0] ^ 1, segment.tags[1], segment.tags[2], segment.tags[3]].into();
        let mut found = Vec::new();
        let index = SealedIndex::<Pdq>::new(segment, Vec::new());
        index.search(&[hash], Threshold::new(31), &mut found);
        assert_eq!(found, []);
    }
}
