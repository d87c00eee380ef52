//! All pairs of hashes within a distance, without comparing every pair.
//!
//! The pigeonhole principle, as in multi-index hashing (Norouzi, Punjani, Fleet, 2012): cut the bits into chunks, allow each
//! chunk a number of differing bits so that the allowances and the chunks add up to more than the distance, and every pair
//! within the distance stays within the allowance of some chunk. Here a chunk allows 0 or 1: for each, the hashes are sorted
//! by the chunk's bits, equal runs are compared, and so are runs that differ in one bit, found by walking the sorted runs
//! with that bit clear beside those with it set.
//!
//! For a million random PDQ hashes up to a distance of 15 that leaves some 10^8 comparisons of 5·10^11, at 31 some 2·10^9.
//! Hashes that are no more spread than a few thousand chunks' worth are compared pair by pair: the cost is quadratic in the
//! size of the largest crowd.

use std::ops::Range;
use std::sync::{Mutex, PoisonError};

use presend_core::{Algorithm, ImageHash, Threshold};
use rayon::prelude::*;

/// Calls `each` with the positions of every two hashes within the distance of which one is among the `first`, the smaller
/// position first, at least once, in no order that can be relied on.
///
/// With all of them first that is every pair. With hashes that are looked up behind those that are listed, it is every match,
/// and the near pairs of the list. Uses rayon's threads; a million spread PDQ hashes cost seconds up to a distance of 16 and
/// several times that at 31, a crowd of near-duplicates the square of its size.
pub fn pairs<A: Algorithm>(
    hashes: &[ImageHash<A>],
    first: usize,
    within: Threshold,
    each: impl FnMut(usize, usize) + Send,
) {
    let first = first.min(hashes.len());
    Plan::cheapest(hashes.len(), first, ImageHash::<A>::BITS, within).run(hashes, first, within, each);
}

/// How to find the pairs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Plan {
    /// Compare every pair.
    Every,
    /// Cut the bits into this many chunks.
    Chunks(usize),
}

impl Plan {
    fn cheapest(count: usize, first: usize, bits: usize, within: Threshold) -> Self {
        // Allowances and chunks have to add up to this.
        let need = usize::from(within.bits()) + 1;
        let chunks = (need.div_ceil(2)..=need).filter(|&chunks| chunks <= bits).map(Self::Chunks);
        let cost = |plan: &Self| plan.cost(count as f64, first as f64, bits, need);
        chunks
            .chain([Self::Every])
            .min_by(|a, b| cost(a).total_cmp(&cost(b)))
            .expect("comparing every pair is one plan")
    }

    /// Comparisons, roughly.
    fn cost(self, count: f64, first: f64, bits: usize, need: usize) -> f64 {
        let pairs = first * (count - first / 2.0);
        let Self::Chunks(chunks) = self else { return pairs };
        let width = (bits / chunks).min(KEY_BITS) as f64;
        let probing = (need - chunks) as f64 * (width + 1.0);
        let runs = chunks as f64 + probing;
        count * (SORTING * chunks as f64 + probing) + pairs * runs / width.exp2()
    }

    fn run<A: Algorithm>(
        self,
        hashes: &[ImageHash<A>],
        first: usize,
        within: Threshold,
        each: impl FnMut(usize, usize) + Send,
    ) {
        let each = Mutex::new(each);
        // A panic in one call is one of them all.
        let each = |a, b| each.lock().unwrap_or_else(PoisonError::into_inner)(a, b);
        let Self::Chunks(chunks) = self else {
            return Sorted::all(hashes, first).compare_equal(within, &each);
        };
        let bits = ImageHash::<A>::BITS;
        let need = usize::from(within.bits()) + 1;
        let mut sorted = Sorted::new(first);
        for chunk in 0..chunks {
            let (start, end) = (chunk * bits / chunks, (chunk + 1) * bits / chunks);
            let width = (end - start).min(KEY_BITS);
            sorted.sort(hashes, start, width);
            sorted.compare_equal(within, &each);
            if chunk < need - chunks {
                (0..width).into_par_iter().for_each(|bit| sorted.compare_flipped(1 << bit, within, &each));
            }
        }
    }
}

/// The hashes in the order of a chunk of their bits, and of their positions where those are equal.
struct Sorted<A: Algorithm> {
    /// Of two that are compared, one has a smaller position.
    first: usize,
    /// The chunk's bits and the position.
    keys: Vec<(u64, usize)>,
    hashes: Vec<ImageHash<A>>,
    runs: Vec<Run>,
}

/// Hashes with the same bits in a chunk.
#[derive(Clone, Copy)]
struct Run {
    key: u64,
    start: usize,
    end: usize,
}

impl<A: Algorithm> Sorted<A> {
    fn new(first: usize) -> Self {
        Self { first, keys: Vec::new(), hashes: Vec::new(), runs: Vec::new() }
    }

    /// All in one run.
    fn all(hashes: &[ImageHash<A>], first: usize) -> Self {
        let run = Run { key: 0, start: 0, end: hashes.len() };
        let keys = (0..hashes.len()).map(|at| (0, at)).collect();
        Self { first, keys, hashes: hashes.to_vec(), runs: vec![run] }
    }

    fn sort(&mut self, hashes: &[ImageHash<A>], start: usize, width: usize) {
        self.keys.clear();
        self.keys.extend(hashes.iter().map(|hash| chunk(hash.words(), start, width)).zip(0..));
        self.keys.par_sort_unstable();
        self.hashes.clear();
        self.hashes.extend(self.keys.iter().map(|&(_, at)| hashes[at]));
        self.runs.clear();
        let mut start = 0;
        for run in self.keys.chunk_by(|a, b| a.0 == b.0) {
            self.runs.push(Run { key: run[0].0, start, end: start + run.len() });
            start += run.len();
        }
    }

    fn compare_equal(&self, within: Threshold, each: &(impl Fn(usize, usize) + Sync)) {
        self.runs.par_iter().with_min_len(MIN_RUNS).for_each(|run| {
            (run.start..self.middle(run)).for_each(|at| self.compare(at, at + 1..run.end, within, each));
        });
    }

    /// Compares every run that has the bit clear with the one that differs in nothing else.
    fn compare_flipped(&self, bit: u64, within: Threshold, each: &impl Fn(usize, usize)) {
        let mut set = self.runs.iter().filter(|run| run.key & bit != 0).peekable();
        for clear in self.runs.iter().filter(|run| run.key & bit == 0) {
            // Without the bit both are in ascending order.
            while set.next_if(|set| set.key < clear.key | bit).is_some() {}
            if let Some(set) = set.next_if(|set| set.key == clear.key | bit) {
                let middle = self.middle(clear);
                (clear.start..middle).for_each(|at| self.compare(at, set.start..set.end, within, each));
                (middle..clear.end).for_each(|at| self.compare(at, set.start..self.middle(set), within, each));
            }
        }
    }

    /// Where those that are not among the first begin in a run.
    fn middle(&self, run: &Run) -> usize {
        run.start + self.keys[run.start..run.end].partition_point(|&(_, at)| at < self.first)
    }

    fn compare(&self, at: usize, others: Range<usize>, within: Threshold, each: &impl Fn(usize, usize)) {
        let hash = self.hashes[at];
        for (near, (_, other)) in self.hashes[others.clone()].iter().zip(&self.keys[others]) {
            if !far_apart(hash.words(), near.words(), within) && within.admits(hash.distance(near)) {
                let this = self.keys[at].1;
                each(this.min(*other), this.max(*other));
            }
        }
    }
}

/// Whether the first half alone tells that two hashes are too far apart, as it does for almost all that are not near.
fn far_apart(a: &[u64], b: &[u64], within: Threshold) -> bool {
    match (a, b) {
        ([a, c, _, _], [b, d, _, _]) => (a ^ b).count_ones() + (c ^ d).count_ones() > u32::from(within.bits()),
        _ => false,
    }
}

/// `width` bits from bit `start` on; at most 64.
fn chunk(words: &[u64], start: usize, width: usize) -> u64 {
    let (word, shift) = (start / 64, start % 64);
    let low = words[word] >> shift;
    let high = words.get(word + 1).filter(|_| shift > 0).map_or(0, |next| next << (64 - shift));
    (low | high) & (u64::MAX >> (64 - width))
}

/// A chunk that is wider is known by its first bits: what is within the allowance there is so in all of them, or is compared
/// in vain.
const KEY_BITS: usize = 64;

/// Runs that are worth a task of their own.
const MIN_RUNS: usize = 256;

/// Sorting a hash costs about as much as so many comparisons.
const SORTING: f64 = 40.0;

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use presend_core::{AHash, Pdq};
    use proptest::prelude::*;

    use super::*;

    /// Hashes in crowds: a few bases, each with a few bits turned over.
    fn crowds<A: Algorithm>() -> impl Strategy<Value = Vec<ImageHash<A>>> {
        let bytes = ImageHash::<A>::BITS / 8;
        let base = proptest::collection::vec(any::<u8>(), bytes);
        let member = (0..6_usize, proptest::collection::vec(0..ImageHash::<A>::BITS, 0..40));
        (proptest::collection::vec(base, 6), proptest::collection::vec(member, 0..60)).prop_map(|(bases, members)| {
            let hash = |(base, flips): (usize, Vec<usize>)| {
                let mut bytes = bases[base].clone();
                flips.iter().for_each(|bit| bytes[bit / 8] ^= 1 << (bit % 8));
                ImageHash::from_bytes(&bytes).expect("as many bytes as a hash has")
            };
            members.into_iter().map(hash).collect()
        })
    }

    fn found<A: Algorithm>(
        plan: Plan,
        hashes: &[ImageHash<A>],
        first: usize,
        within: Threshold,
    ) -> BTreeSet<(usize, usize)> {
        let mut found = BTreeSet::new();
        plan.run(hashes, first, within, |a, b| {
            found.insert((a, b));
        });
        found
    }

    fn by_hand<A: Algorithm>(hashes: &[ImageHash<A>], within: Threshold) -> BTreeSet<(usize, usize)> {
        let pairs = (0..hashes.len()).flat_map(|b| (0..b).map(move |a| (a, b)));
        pairs.filter(|&(a, b)| within.admits(hashes[a].distance(&hashes[b]))).collect()
    }

    /// Every plan that is sound for the distance.
    fn plans(within: Threshold, bits: usize) -> impl Iterator<Item = Plan> {
        let need = usize::from(within.bits()) + 1;
        (need.div_ceil(2)..=need).filter(move |&chunks| chunks <= bits).map(Plan::Chunks).chain([Plan::Every])
    }

    proptest! {
        #[test]
        fn every_plan_finds_what_comparing_by_hand_finds(hashes in crowds::<Pdq>(), within in 0..40_u16) {
            let within = Threshold::new(within);
            let expected = by_hand(&hashes, within);
            for plan in plans(within, 256) {
                prop_assert_eq!(&found(plan, &hashes, hashes.len(), within), &expected, "{:?}", plan);
            }
        }

        #[test]
        fn of_some_against_all_the_pairs_with_one_of_them_are_found(
            hashes in crowds::<Pdq>(),
            first in 0..70_usize,
            within in 0..40_u16,
        ) {
            let within = Threshold::new(within);
            let mut expected = by_hand(&hashes, within);
            expected.retain(|&(a, _)| a < first);
            for plan in plans(within, 256) {
                prop_assert_eq!(&found(plan, &hashes, first, within), &expected, "{:?}", plan);
            }
        }

        #[test]
        fn short_hashes_and_absurd_distances_too(hashes in crowds::<AHash>(), within in 0..80_u16) {
            let within = Threshold::new(within);
            let expected = by_hand(&hashes, within);
            for plan in plans(within, 64) {
                prop_assert_eq!(&found(plan, &hashes, hashes.len(), within), &expected, "{:?}", plan);
            }
        }
    }

    #[test]
    fn large_sets_are_not_compared_pair_by_pair() {
        for within in [0, 8, 15, 16, 31] {
            assert_ne!(Plan::cheapest(1_000_000, 1_000_000, 256, Threshold::new(within)), Plan::Every, "{within}");
        }
        assert_eq!(Plan::cheapest(1_000_000, 1_000_000, 256, Threshold::new(31)), Plan::Chunks(16));
        assert_eq!(Plan::cheapest(100, 100, 256, Threshold::new(31)), Plan::Every);
    }

    #[test]
    fn nothing_and_one_have_no_pairs() {
        let one: ImageHash<Pdq> = "00".repeat(32).parse().unwrap();
        for hashes in [&[][..], &[one]] {
            pairs(hashes, 1, Threshold::new(31), |_, _| panic!("a pair of fewer than two"));
        }
    }
}
