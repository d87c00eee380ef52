//! How much structure a picture has: PDQ's gradient measure.

use super::SIDE;
use super::jarosz::Luma64;
use crate::hash::Quality;
use crate::simd::Backend;
use crate::simd::lanes::{self, Job, LANES, Lanes};

/// The sum of all vertical and horizontal differences in the 64×64 luma, each cut to whole percent of the range (so
/// that faint texture counts nothing), divided by 90 and capped at 100.
pub(crate) fn of(luma: &Luma64, backend: Backend) -> Quality {
    let sum = lanes::run(backend, Gradients { luma });
    Quality::new((sum / 90).min(100) as u8).expect("capped at 100")
}

/// The sum of all differences in whole percent.
struct Gradients<'a> {
    luma: &'a Luma64,
}

impl Job for Gradients<'_> {
    type Output = u32;

    #[inline(always)]
    fn run<L: Lanes>(self, proof: L::Proof) -> u32 {
        let (hundred, range) = (L::splat(proof, 100.0), L::divisor(proof, 255.0));
        let mut sums = L::splat(proof, 0.0);
        for (y, row) in self.luma.iter().enumerate() {
            // The last row and the last column differ from themselves by nothing.
            let below = &self.luma[(y + 1).min(SIDE - 1)];
            let mut right = *row;
            right[..SIDE - 1].copy_from_slice(&row[1..]);
            let (row, below, right) = (row.as_chunks().0, below.as_chunks().0, right.as_chunks().0);
            for ((values, below), right) in row.iter().zip(below).zip(right) {
                let values = L::load(proof, values);
                for next in [below, right] {
                    let percent = values.sub(L::load(proof, next)).mul(hundred).over(range).whole();
                    // Below 2^24 there is a place for every whole number.
                    sums = sums.add(percent);
                }
            }
        }
        sums.values().iter().map(|&sum| sum as u32).sum()
    }
}

/// Below 2^24 in every lane.
const _: () = assert!(2 * SIDE * SIDE / LANES * 100 < 1 << 24);
