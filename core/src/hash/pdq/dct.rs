//! The 16×16 low frequencies of the 64×64 luma, and the bits they give.

use super::jarosz::Luma64;
use super::table::{COLUMNS, DCT};
use super::{SIDE, Words};
use crate::simd::Backend;
use crate::simd::lanes::{self, Job, LANES, Lanes};

/// Sixteen vertical by sixteen horizontal frequencies, the constant ones left out.
pub(crate) type Coefficients = [[f32; 16]; 16];

/// `D · luma · Dᵀ`. Each sum runs over ascending `k` from zero, one rounding per product and per addition; sixteen sums run
/// side by side.
pub(crate) fn transform(luma: &Luma64, backend: Backend) -> Coefficients {
    lanes::run(backend, Transform { luma })
}

struct Transform<'a> {
    luma: &'a Luma64,
}

impl Job for Transform<'_> {
    type Output = Coefficients;

    #[inline(always)]
    fn run<L: Lanes>(self, proof: L::Proof) -> Coefficients {
        let zero = L::splat(proof, 0.0);
        let mut half = [[0.0; SIDE]; LANES];
        for (rows, weights) in half.chunks_exact_mut(ROWS).zip(DCT.chunks_exact(ROWS)) {
            for block in 0..SIDE / LANES {
                let mut sums = [zero; ROWS];
                for (k, row) in self.luma.iter().enumerate() {
                    let values = L::load(proof, &row.as_chunks().0[block]);
                    for (sum, weights) in sums.iter_mut().zip(weights) {
                        *sum = sum.add(L::splat(proof, weights[k]).mul(values));
                    }
                }
                for (row, sum) in rows.iter_mut().zip(sums) {
                    sum.store(&mut row.as_chunks_mut().0[block]);
                }
            }
        }
        let mut out = [[0.0; 16]; 16];
        for (rows, values) in out.chunks_exact_mut(ROWS).zip(half.chunks_exact(ROWS)) {
            let mut sums = [zero; ROWS];
            for (k, weights) in COLUMNS.iter().enumerate() {
                let weights = L::load(proof, weights);
                for (sum, values) in sums.iter_mut().zip(values) {
                    *sum = sum.add(L::splat(proof, values[k]).mul(weights));
                }
            }
            for (row, sum) in rows.iter_mut().zip(sums) {
                sum.store(row);
            }
        }
        out
    }
}

/// Rows that are summed side by side, to hide the latency of their sums.
const ROWS: usize = 8;

/// The 128th smallest of the 256, found bit by bit: the largest key that at most 127 are smaller than.
fn median(coefficients: &Coefficients) -> f32 {
    let mut keys = [0; 256];
    for (key, value) in keys.iter_mut().zip(coefficients.as_flattened()) {
        *key = key_of(value.to_bits());
    }
    let mut median = 0;
    for bit in (0..u32::BITS).rev() {
        let candidate = median | 1 << bit;
        let smaller: u32 = keys.iter().map(|&key| u32::from(key < candidate)).sum();
        median = if smaller <= 127 { candidate } else { median };
    }
    f32::from_bits(bits_of(median))
}

/// Numbers in the order of the floats that have these bits.
fn key_of(bits: u32) -> u32 {
    if bits >> 31 == 1 { !bits } else { bits | 1 << 31 }
}

/// The inverse.
fn bits_of(key: u32) -> u32 {
    if key >> 31 == 1 { key & !(1 << 31) } else { !key }
}

/// How far each coefficient lies above the median.
pub(super) fn margins(coefficients: &Coefficients) -> [f32; 256] {
    let median = median(coefficients);
    std::array::from_fn(|k| coefficients[k / 16][k % 16] - median)
}

/// One bit per coefficient: whether it lies above the median.
pub(crate) fn bits(coefficients: &Coefficients) -> Words {
    let median = median(coefficients);
    let mut words = [0; 4];
    for (k, &coefficient) in coefficients.as_flattened().iter().enumerate() {
        words[k / 64] |= u64::from(coefficient > median) << (k % 64);
    }
    words
}
