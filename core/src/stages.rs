//! The stages of a PDQ hash one by one, for the benches: no part of the API.

use crate::hash::pdq;
use crate::luma;
use crate::pixels::PixelView;
use crate::simd::Backend;
use crate::simd::lanes::{self, Job, LANES, Lanes};
use crate::{Quality, Scratch};

/// The mean luma of a picture: every pixel's, computed in blocks as the filter asks for them.
#[must_use]
pub fn mean_luma(pixels: PixelView<'_>, backend: Backend) -> f32 {
    struct Sum<'a>(PixelView<'a>);

    impl Job for Sum<'_> {
        type Output = f32;

        #[inline(always)]
        fn run<L: Lanes>(self, proof: L::Proof) -> f32 {
            let mut total = 0.0;
            for top in (0..self.0.height()).step_by(LANES) {
                let mut sums = L::splat(proof, 0.0);
                for left in (0..self.0.width()).step_by(LANES) {
                    for column in luma::block::<L>(proof, self.0, left, top) {
                        sums = sums.add(column);
                    }
                }
                total += sums.values().iter().sum::<f32>();
            }
            total
        }
    }

    lanes::run(backend, Sum(pixels)) / (pixels.width() * pixels.height()) as f32
}

/// The picture filtered and sampled.
#[must_use]
pub fn luma64(pixels: PixelView<'_>, scratch: &mut Scratch) -> [[f32; 64]; 64] {
    pdq::downsample(pixels, &mut scratch.pdq)
}

/// Quality and bits of what was sampled.
#[must_use]
pub fn bits(luma: &[[f32; 64]; 64], backend: Backend) -> (Quality, [u64; 4]) {
    (pdq::quality(luma, backend), pdq::bits(&pdq::coefficients(luma, backend)))
}
