//! The kernel where the processor multiplies in the field: an element a byte, as they are stored.

use super::super::LANES;
use super::super::passes::{TILE, Tile, Waiting, splat};
use super::bytes::{Bytes, IDENTITY};
use crate::bch::{Code, MAX_SUMS, Syndrome};
use crate::gf256;

/// The kernel with vectors of one kind.
pub(super) struct Gfni<V: Bytes> {
    proof: V::Proof,
    /// For each sum its plane, and the matrix of what makes it from there.
    sources: Vec<(usize, u64)>,
    /// Of each query its sums, each eight times.
    queries: Vec<[u64; MAX_SUMS]>,
}

impl<V: Bytes> Gfni<V> {
    pub(super) const BLOCKS: usize = 1;

    pub(super) fn new(proof: V::Proof, code: &Code, queries: &[Syndrome]) -> Self {
        let squaring = |times: usize| matrix(|a| gf256::square(a, times));
        let sources: Vec<_> = code.sources.iter().map(|source| (source.plane, squaring(source.squarings))).collect();
        let as_stored = (0..).map(|plane| (plane, IDENTITY)).take(AS_STORED);
        assert!(as_stored.zip(&sources).all(|(stored, &source)| stored == source));
        Self { proof, sources, queries: queries.iter().map(|query| query.0.map(splat)).collect() }
    }

    /// See [`Kernel::place`](super::Kernel::place).
    pub(super) fn place(bit: usize) -> usize {
        bit
    }

    /// See [`Kernel::load`](super::Kernel::load): entries are used as they are stored.
    pub(super) fn load(&mut self, _: &Tile) {}

    /// See [`Kernel::regular`](super::Kernel::regular).
    #[inline(always)]
    pub(super) fn regular(&self, tile: &Tile, query: usize, waiting: &mut Waiting) {
        // One sum less than there are: two more than the radius are needed to decide, one more to reject. Their number
        // is a constant to the compiler, so that all steps are laid out one after another, in registers.
        match self.sources.len() - 1 {
            9 => self.regular_tile::<9>(tile, query, waiting),
            13 => self.regular_tile::<13>(tile, query, waiting),
            17 => self.regular_tile::<17>(tile, query, waiting),
            19 => self.regular_tile::<19>(tile, query, waiting),
            21 => self.regular_tile::<21>(tile, query, waiting),
            23 => self.regular_tile::<23>(tile, query, waiting),
            25 => self.regular_tile::<25>(tile, query, waiting),
            sums => unreachable!("no radius has {sums} sums but one"),
        }
    }

    #[inline(always)]
    fn regular_tile<const SUMS: usize>(&self, tile: &Tile, query: usize, waiting: &mut Waiting) {
        let squaring = V::splat(self.proof, matrix(|a| gf256::square(a, 1)));
        let query_sums = &self.queries[query];
        for block in 0..tile.blocks {
            let planes = tile.block(block);
            assert!(planes.len() >= SUMS.min(AS_STORED), "a plane for each sum that is stored as it is");
            let mut remaining = 0;
            for first in (0..LANES).step_by(V::LANES) {
                let mut sums = [V::splat(self.proof, 0); SUMS];
                for i in 0..SUMS {
                    let stored = |plane: usize| V::load(self.proof, &planes[plane][first..]);
                    let sum = if i < AS_STORED {
                        stored(i)
                    } else {
                        let (plane, matrix) = self.sources[i];
                        stored(plane).map(V::splat(self.proof, matrix))
                    };
                    sums[i] = sum.xor(V::splat(self.proof, query_sums[i]));
                }
                remaining |= self.regular_lanes(sums, squaring) << first;
            }
            V::collect(self.proof, waiting, tile, block, query, remaining);
        }
    }

    /// Lanes that the regular pass does not reject.
    #[inline(always)]
    fn regular_lanes<const SUMS: usize>(&self, mut g: [V; SUMS], squaring: V) -> u64 {
        let one = V::splat(self.proof, splat(1));
        let mut f = [one; SUMS];
        for i in 1..SUMS {
            f[i] = if i % 2 == 1 { g[i / 2] } else { f[i / 2] }.map(squaring);
        }
        let (mut f, mut g) = (&mut f, &mut g);
        let mut least = g[0];
        let mut inverse = one;
        macro_rules! steps {
            ($($step:literal)+) => {$(
                if 2 * $step + 2 < SUMS {
                    let c1 = if $step == 0 { g[0] } else { g[0].mul(inverse) };
                    let h0 = g[1].xor(c1.mul(f[1]));
                    inverse = g[0].inv();
                    let c2 = h0.mul(inverse);
                    for i in 0..SUMS.saturating_sub(2 * $step + 2) {
                        f[i] = g[i + 2].xor3(c1.mul(f[i + 2]), c2.mul(g[i + 1]));
                    }
                    std::mem::swap(&mut f, &mut g);
                    least = least.min(g[0]);
                }
            )+};
        }
        steps!(0 1 2 3 4 5 6 7 8 9 10 11);
        least.zeros()
    }

    /// See [`Kernel::exact`](super::Kernel::exact).
    #[inline(always)]
    pub(super) fn exact(&self, differences: &Tile) -> [u64; TILE] {
        let zero = V::splat(self.proof, 0);
        let mut accepted = [0; TILE];
        let vectors = LANES / V::LANES * differences.blocks;
        for first in (0..vectors).step_by(AT_ONCE) {
            let mut sums = [[zero; AT_ONCE]; MAX_SUMS];
            for (sum, &(plane, matrix)) in sums.iter_mut().zip(&self.sources) {
                for (vector, sum) in (first..vectors).zip(sum) {
                    let lane = vector * V::LANES;
                    let stored = V::load(self.proof, &differences.lanes(lane / LANES, plane)[lane % LANES..]);
                    *sum = stored.map(V::splat(self.proof, matrix));
                }
            }
            for (vector, found) in (first..vectors).zip(self.exact_lanes(&mut sums[..self.sources.len()])) {
                let lane = vector * V::LANES;
                accepted[lane / LANES] |= found << (lane % LANES);
            }
        }
        accepted
    }

    /// Lanes whose shortest register is no longer than the radius. Several vectors at once: a step of one waits for its
    /// results.
    #[inline(always)]
    fn exact_lanes(&self, g: &mut [[V; AT_ONCE]]) -> [u64; AT_ONCE] {
        let constant = |byte: u8| V::splat(self.proof, splat(byte));
        let (zero, one, ones) = (constant(0), constant(1), constant(0xff));
        let squaring = V::splat(self.proof, matrix(|a| gf256::square(a, 1)));
        // Maps whose rows are all the same make a mask of one bit.
        let (bit0, bit7) = (constant(0x01), constant(0x80));
        let mut f = [[one; AT_ONCE]; MAX_SUMS];
        for i in 1..g.len() {
            for v in 0..AT_ONCE {
                f[i][v] = if i % 2 == 1 { g[i / 2][v] } else { f[i / 2][v] }.map(squaring);
            }
        }
        let f = &mut f[..g.len()];
        let mut inverse = [one; AT_ONCE];
        let mut lead = [zero; AT_ONCE];
        for left in (0..g.len()).rev() {
            let (mut c, mut swap) = (inverse, lead);
            for v in 0..AT_ONCE {
                let g0 = g[0][v];
                c[v] = g0.mul(inverse[v]);
                let next = g0.inv();
                swap[v] = g0.mul(next).map(bit0).and(lead[v].xor(ones).map(bit7));
                inverse[v] = inverse[v].select(next, swap[v]);
                lead[v] = lead[v].add(one).select(lead[v].xor(ones), swap[v]);
            }
            for i in 0..left {
                for v in 0..AT_ONCE {
                    let next = g[i + 1][v].xor(c[v].mul(f[i + 1][v]));
                    f[i][v] = f[i][v].select(g[i][v], swap[v]);
                    g[i][v] = next;
                }
            }
        }
        lead.map(|lead| lead.and(constant(0x80)).zeros() & !lead.and(constant(0x7e)).zeros())
    }
}

/// So many of the first sums are stored as they are, at every radius.
const AS_STORED: usize = 16;

/// Vectors that the exact pass works on.
const AT_ONCE: usize = 4;

/// A linear map as [`Bytes::map`] takes it: bit `i` of what it gives is the parity of byte `7 - i` and the element.
fn matrix(map: impl Fn(u8) -> u8) -> u64 {
    let images: [u8; 8] = std::array::from_fn(|bit| map(1 << bit));
    let row = |bit: usize| (0..8).fold(0, |row, from| row | (images[from] >> bit & 1) << from);
    u64::from_be_bytes(std::array::from_fn(row))
}
