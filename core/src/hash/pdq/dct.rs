//! The 16×16 low frequencies of the 64×64 luma, and the bits they give.

use super::Words;
use super::jarosz::Luma64;
use super::table::DCT;

/// Sixteen vertical by sixteen horizontal frequencies, the constant ones left out.
pub(crate) type Coefficients = [[f32; 16]; 16];

/// `D · luma · Dᵀ`. Each sum runs over ascending `k` from zero, one rounding per product and per addition; the
/// sums of a row run side by side.
pub(crate) fn transform(luma: &Luma64) -> Coefficients {
    let mut half = [[0.0; 64]; 16];
    for (out, weights) in half.iter_mut().zip(&DCT) {
        for (weight, row) in weights.iter().zip(luma) {
            for (sum, value) in out.iter_mut().zip(row) {
                *sum += weight * value;
            }
        }
    }
    let mut out = [[0.0; 16]; 16];
    for (out, values) in out.iter_mut().zip(&half) {
        for (k, value) in values.iter().enumerate() {
            for (sum, weights) in out.iter_mut().zip(&DCT) {
                *sum += value * weights[k];
            }
        }
    }
    out
}

/// The 128th smallest of the 256.
fn median(coefficients: &Coefficients) -> f32 {
    let mut sorted = *coefficients;
    *sorted.as_flattened_mut().select_nth_unstable_by(127, f32::total_cmp).1
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
