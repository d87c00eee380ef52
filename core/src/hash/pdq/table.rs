//! The rows of the 64-point DCT that PDQ uses, from stored constants.
//!
//! `D[i][j] = sqrt(2/64) · cos(π/128 · (i + 1) · (2j + 1))`, the constant row left out. Computed in `f64` and
//! rounded to `f32` once, here, because a cosine differs between platforms in the last bit; a test below
//! checks every entry against the formula. All cosines are, but for their signs, those of the first quarter of a turn, so
//! these are what is stored.

use std::sync::LazyLock;

/// Sixteen frequencies by sixty-four samples.
pub(crate) static DCT: LazyLock<[[f32; 64]; 16]> =
    LazyLock::new(|| std::array::from_fn(|i| std::array::from_fn(|j| cosine((i + 1) * (2 * j + 1)))));

/// The same, sixty-four samples by sixteen frequencies.
pub(super) static COLUMNS: LazyLock<[[f32; 16]; 64]> =
    LazyLock::new(|| std::array::from_fn(|j| std::array::from_fn(|i| cosine((i + 1) * (2 * j + 1)))));

/// `sqrt(2/64) · cos(π/128 · k)`; `k` is no odd multiple of 64, of which the cosine is 0.
fn cosine(k: usize) -> f32 {
    let k = k % 256;
    // The second half of a turn mirrors the first, and the second quarter the first with the other sign.
    let k = k.min(256 - k);
    if k < 64 { COSINES[k] } else { -COSINES[128 - k] }
}

/// The first quarter of a turn.
#[rustfmt::skip]
const COSINES: [f32; 64] = [
    0.17677669, 0.17672345, 0.17656375, 0.17629771, 0.17592546, 0.17544726, 0.17486335, 0.17417413,
    0.17337997, 0.17248139, 0.17147891, 0.17037314, 0.16916475, 0.16785446, 0.16644305, 0.16493139,
    0.16332036, 0.16161098, 0.15980424, 0.15790124, 0.15590313, 0.1538111, 0.15162642, 0.14935042,
    0.14698444, 0.14452994, 0.14198837, 0.13936128, 0.13665023, 0.13385688, 0.13098289, 0.12803,
    0.125, 0.121894695, 0.11871597, 0.11546574, 0.112145945, 0.108758606, 0.10530575, 0.10178947,
    0.09821187, 0.09457511, 0.090881385, 0.08713291, 0.08333196, 0.079480805, 0.075581774, 0.07163722,
    0.06764951, 0.06362105, 0.059554275, 0.05545162, 0.051315565, 0.0471486, 0.042953234, 0.038731992,
    0.034487423, 0.030222077, 0.025938528, 0.021639355, 0.017327147, 0.0130045, 0.008674021, 0.004338317,
];

#[cfg(test)]
mod tests {
    use super::DCT;

    #[test]
    fn every_entry_is_the_formula_rounded_to_f32() {
        let scale = f64::from((2.0_f64 / 64.0).sqrt() as f32);
        for (i, row) in DCT.iter().enumerate() {
            for (j, &stored) in row.iter().enumerate() {
                let angle = std::f64::consts::PI / 2.0 / 64.0 * (i + 1) as f64 * (2 * j + 1) as f64;
                let exact = scale * angle.cos();
                // The nearest f32, give or take the last place of the platform's own cosine.
                let error = (f64::from(stored) - exact).abs();
                assert!(
                    error <= f64::from(stored.abs()) * f64::from(f32::EPSILON) / 2.0 + 1e-15,
                    "D[{i}][{j}] = {stored}, the formula says {exact}"
                );
            }
        }
    }
}
