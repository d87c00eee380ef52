//! A picture as PDQ sees it: 64×64 luma, and the hash of that.
//!
//! A plain twin of the engine's filter (`presend_core`, `hash/pdq/jarosz.rs`), because the engine hands out hashes, not
//! the luma they come from. It works in `f64`, so a hash may differ from the engine's where a coefficient lies within
//! rounding of the median; a test holds it to that.

use std::f64::consts::PI;
use std::sync::LazyLock;

use image::RgbImage;

/// Rows and columns of the luma that a hash is made of.
pub(crate) const SIDE: usize = 64;
/// Frequencies along each axis.
pub(crate) const FREQUENCIES: usize = 16;

/// 64 rows of 64 luma values.
pub(crate) type Luma = [[f32; SIDE]; SIDE];

/// Cosines of the frequencies 1 to 16, orthonormal.
pub(crate) static DCT: LazyLock<[[f32; SIDE]; FREQUENCIES]> = LazyLock::new(|| {
    let scale = (2.0 / SIDE as f64).sqrt();
    std::array::from_fn(|row| {
        std::array::from_fn(|x| (scale * (PI / 128.0 * (row + 1) as f64 * (2 * x + 1) as f64).cos()) as f32)
    })
});

/// The luma of a picture after the Jarosz filter, sampled.
pub(crate) fn luma(picture: &RgbImage) -> Luma {
    let (width, height) = (picture.width() as usize, picture.height() as usize);
    // ITU-R BT.601 luma weights, as in the PDQ reference.
    let mut plane: Vec<f64> = picture
        .pixels()
        .map(|pixel| pixel.0.map(f64::from))
        .map(|[r, g, b]| 0.299 * r + 0.587 * g + 0.114 * b)
        .collect();
    if (width, height) != (SIDE, SIDE) {
        for _ in 0..2 {
            plane = transposed(&boxed_rows(&plane, width), width);
            plane = transposed(&boxed_rows(&plane, height), height);
        }
    }
    // floor((i + ½) · length / 64)
    let at = |i: usize, length: usize| (2 * i + 1) * length / (2 * SIDE);
    std::array::from_fn(|y| std::array::from_fn(|x| plane[at(y, height) * width + at(x, width)] as f32))
}

/// The margins of the hash of a luma.
pub(crate) fn margins(luma: &Luma) -> [f32; 256] {
    let coefficients = coefficients(luma);
    let mut sorted = coefficients;
    let median = *sorted.select_nth_unstable_by(127, f32::total_cmp).1;
    coefficients.map(|coefficient| coefficient - median)
}

/// The coefficients of a luma, row by row.
pub(crate) fn coefficients(luma: &Luma) -> [f32; 256] {
    let mut half = [[0.0; SIDE]; FREQUENCIES];
    for (out, weights) in half.iter_mut().zip(DCT.iter()) {
        for (weight, row) in weights.iter().zip(luma) {
            for (sum, value) in out.iter_mut().zip(row) {
                *sum += weight * value;
            }
        }
    }
    let mut coefficients: [f32; 256] = [0.0; 256];
    for (out, values) in coefficients.as_chunks_mut::<FREQUENCIES>().0.iter_mut().zip(&half) {
        for (out, weights) in out.iter_mut().zip(DCT.iter()) {
            *out = values.iter().zip(weights).map(|(value, weight)| value * weight).sum();
        }
    }
    coefficients
}

/// Each row of `width` values smoothed by a box of PDQ's window.
fn boxed_rows(plane: &[f64], width: usize) -> Vec<f64> {
    let window = width.div_ceil(2 * SIDE);
    let half = (window + 2) / 2;
    let mut out = Vec::with_capacity(plane.len());
    let mut sums = vec![0.0; width + 1];
    for row in plane.chunks_exact(width) {
        for (x, value) in row.iter().enumerate() {
            sums[x + 1] = sums[x] + value;
        }
        out.extend((0..width).map(|x| {
            let (start, end) = ((x + half).saturating_sub(window), (x + half).min(width));
            (sums[end] - sums[start]) / (end - start) as f64
        }));
    }
    out
}

/// Rows of `width` values as columns.
fn transposed(plane: &[f64], width: usize) -> Vec<f64> {
    let height = plane.len() / width;
    let mut out = vec![0.0; plane.len()];
    for (y, row) in plane.chunks_exact(width).enumerate() {
        for (x, &value) in row.iter().enumerate() {
            out[x * height + y] = value;
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use presend_core::{Algorithm as _, Pdq, Scratch};

    use super::*;
    use crate::sealed::corpus::view;
    use crate::tests::picture;

    #[test]
    fn the_twin_has_the_hash_of_the_engine() {
        for (width, height) in [(400, 300), (127, 513), (128, 64), (64, 64), (801, 640)] {
            let picture = picture(width, height);
            let engine = Pdq.hash(view(&picture), &mut Scratch::default()).expect("large enough").hash;
            let margins = margins(&luma(&picture));
            let bit = |k: usize| engine.words()[k / 64] >> (k % 64) & 1 == 1;
            let distance = (0..256).filter(|&k| bit(k) != (margins[k] > 0.0)).count();
            assert!(distance <= 2, "{distance} bits apart at {width}×{height}");
        }
    }
}
