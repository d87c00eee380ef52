//! The kernel in bit slices: a word for each bit of a coefficient, hundreds of entries at once.

use super::LANES;
use super::passes::{TILE, Tile, Waiting, set_bits};
use super::tower::{self, Gf256, Word, dot, factor, inv, mul, nonzero, square, to_tower};
use crate::bch::{Code, MAX_SUMS, Source, Syndrome};

/// The bits of a word's mask or its opposite: a sum of a query, the same for every lane.
type Splat = [u64; 8];

/// The kernel with words of one kind.
pub(super) struct BitSliced<W: Word> {
    proof: W::Proof,
    /// Where the sums come from.
    code: Code,
    /// Of each query its sums.
    queries: Vec<[Splat; MAX_SUMS]>,
    /// The sums of the entries of a tile, as many at once as fill a word.
    entries: Vec<[Gf256<W>; MAX_SUMS]>,
}

impl<W: Word> BitSliced<W> {
    /// Blocks that fill the bits of a word.
    pub(super) const BLOCKS: usize = 8 * W::BYTES / LANES;

    pub(super) fn new(proof: W::Proof, code: &Code, queries: &[Syndrome]) -> Self {
        let splat = |sum: u8| to_tower(std::array::from_fn(|bit| u64::from(sum >> bit & 1).wrapping_neg()));
        Self {
            proof,
            code: code.clone(),
            queries: queries.iter().map(|query| query.0.map(splat)).collect(),
            entries: vec![[[W::splat(proof, 0); 8]; MAX_SUMS]; TILE / Self::BLOCKS],
        }
    }

    /// See [`Kernel::place`](super::passes::Kernel::place): bits are in the order of [`tower::from_bytes`].
    pub(super) fn place(bit: usize) -> usize {
        let (group, bit) = (bit / (8 * W::BYTES), bit % (8 * W::BYTES));
        group * 8 * W::BYTES + bit % 8 * W::BYTES + bit / 8
    }

    /// See [`Kernel::load`](super::passes::Kernel::load).
    #[inline(always)]
    pub(super) fn load(&mut self, tile: &Tile) {
        for (group, entries) in self.entries.iter_mut().take(tile.blocks / Self::BLOCKS).enumerate() {
            // One sum less than there are: two more than the radius are needed to decide, one more to reject.
            load(self.proof, &self.code, tile, group, &mut entries[..self.code.sources.len() - 1]);
        }
    }

    /// See [`Kernel::regular`](super::passes::Kernel::regular).
    #[inline(always)]
    pub(super) fn regular(&self, tile: &Tile, query: usize, waiting: &mut Waiting) {
        let mut remaining = [0; TILE];
        for (group, entries) in self.entries.iter().take(tile.blocks / Self::BLOCKS).enumerate() {
            let rejected = self.regular_group(&entries[..self.code.sources.len() - 1], &self.queries[query]);
            rejected.xor(W::splat(self.proof, !0)).store(&mut remaining[group * Self::BLOCKS..]);
        }
        for bit in set_bits(&remaining) {
            waiting.push(tile, Self::place(bit), query);
        }
    }

    /// See [`Kernel::exact`](super::passes::Kernel::exact).
    #[inline(always)]
    pub(super) fn exact(&self, differences: &Tile) -> [u64; TILE] {
        let mut sums = [[W::splat(self.proof, 0); 8]; MAX_SUMS];
        let sums = &mut sums[..self.code.sources.len()];
        let mut accepted = [0; TILE];
        for group in 0..differences.blocks / Self::BLOCKS {
            load(self.proof, &self.code, differences, group, sums);
            self.exact_group(sums).store(&mut accepted[group * Self::BLOCKS..]);
        }
        accepted
    }

    /// Where the differences take the regular way and do not end at zero.
    #[inline(always)]
    fn regular_group(&self, entries: &[Gf256<W>], query: &[Splat; MAX_SUMS]) -> W {
        let zero = W::splat(self.proof, 0);
        let ones = W::splat(self.proof, !0);
        let (mut f, mut g) = ([[zero; 8]; MAX_SUMS], [[zero; 8]; MAX_SUMS]);
        for ((sum, entry), query) in g.iter_mut().zip(entries).zip(query) {
            for ((sum, entry), &query) in sum.iter_mut().zip(entry).zip(query) {
                *sum = entry.xor(W::splat(self.proof, query));
            }
        }
        even_sums(&mut f[..entries.len()], &g, ones);
        let mut rejected = ones;
        let mut inverse = factor(f[0]);
        let (mut f, mut g) = (&mut f, &mut g);
        let mut left = entries.len();
        while left > 1 {
            rejected = rejected.and(nonzero(g[0]));
            let c1 = factor(mul(g[0], &inverse));
            let h0 = dot(Some(g[1]), [f[1]], [&c1]);
            inverse = factor(inv(g[0]));
            let c2 = factor(mul(h0, &inverse));
            left -= 2;
            for i in 0..left {
                f[i] = dot(Some(g[i + 2]), [f[i + 2], g[i + 1]], [&c1, &c2]);
            }
            std::mem::swap(&mut f, &mut g);
        }
        rejected.and(nonzero(g[0]))
    }

    /// Where the shortest register is no longer than the radius.
    #[inline(always)]
    fn exact_group(&self, g: &mut [Gf256<W>]) -> W {
        let zero = W::splat(self.proof, 0);
        let ones = W::splat(self.proof, !0);
        let mut f = [[zero; 8]; MAX_SUMS];
        let f = &mut f[..g.len()];
        even_sums(f, g, ones);
        let mut inverse = f[0];
        // Two's complement, of 6 bits.
        let mut lead = [zero; 6];
        for left in (0..g.len()).rev() {
            let swap = nonzero(g[0]).and(lead[5].xor(ones));
            let c = factor(mul(g[0], &factor(inverse)));
            inverse = tower::select(inverse, inv(g[0]), swap);
            for i in 0..left {
                let next = dot(Some(g[i + 1]), [f[i + 1]], [&c]);
                f[i] = tower::select(f[i], g[i], swap);
                g[i] = next;
            }
            // `-lead - 1` where they are swapped, and `lead + 1` elsewhere.
            let mut carry = swap.xor(ones);
            for bit in &mut lead {
                let flipped = bit.xor(swap);
                (*bit, carry) = (flipped.xor(carry), flipped.and(carry));
            }
        }
        let [_, b1, b2, b3, b4, sign] = lead;
        b1.or(b2).or(b3.or(b4)).and(sign.xor(ones))
    }
}

/// The sums of as many blocks as fill a word.
#[cfg_attr(target_arch = "wasm32", inline(never))]
#[cfg_attr(not(target_arch = "wasm32"), inline(always))]
fn load<W: Word>(proof: W::Proof, code: &Code, tile: &Tile, group: usize, sums: &mut [Gf256<W>]) {
    for place in 0..sums.len() {
        let Source { plane, squarings } = code.sources[place];
        if squarings == 0 {
            let mut words = [W::splat(proof, 0); 8];
            for (k, word) in words.iter_mut().enumerate() {
                let first = (group * 8 + k) * W::BYTES;
                *word = W::load(proof, &tile.lanes(first / LANES, plane)[first % LANES..]);
            }
            sums[place] = tower::from_bytes(proof, words);
        } else {
            let mut sum = sums[code.stored[plane]];
            for _ in 0..squarings {
                sum = square(sum);
            }
            sums[place] = sum;
        }
    }
}

/// `1, S₁², S₂², …` from the odd sums.
#[cfg_attr(target_arch = "wasm32", inline(never))]
#[cfg_attr(not(target_arch = "wasm32"), inline(always))]
fn even_sums<W: Word>(even: &mut [Gf256<W>], odd: &[Gf256<W>], ones: W) {
    even[0][0] = ones;
    for i in 1..even.len() {
        even[i] = square(if i % 2 == 1 { odd[i / 2] } else { even[i / 2] });
    }
}
