//! From the coefficients of a JPEG to 64×64 luma, without the pixels: PDQ's filter as weights.
//!
//! The Jarosz filter and the sampling behind it are linear and separable. Let `R` and `C` be the rows of two box passes,
//! down and across, each window divided by as many pixels as it has, taken where PDQ samples: the luma of a picture `Y`
//! is then `R · Y · Cᵀ`. An 8×8 block of a JPEG is in turn `Dᵀ · F · D` of its coefficients `F`. So the weights are moved
//! from pixels to coefficients, once per picture and axis, and a block costs a few products for each of the one to
//! three samples that see it.
//!
//! This is the luma before a decoder rounds it to 8 bits and clamps its colours, and it is summed in another order than
//! the reference's running sums: a hash from it lies near the exact one, but is another. `docs/fast.md` says how near.
//!
//! Sums run in the order of the file, sums side by side, no two operations fused: the same bits on every machine.

use super::jarosz::Luma64;
use crate::decode::{Baseline, Block};
use crate::hash::Dihedral;

const SIDE: usize = 64;

/// A picture reduced as it is stored and, if asked for, mirrored.
#[derive(Debug)]
pub(super) struct Reduced {
    /// By axis down, then by axis across: as stored, mirrored.
    luma: Vec<Vec<Luma64>>,
}

impl Reduced {
    /// Reads the picture and reduces it; `None` where the file is not what it seemed, or so small that the exact way
    /// costs as little.
    pub(super) fn read(picture: &Baseline<'_>, mirrored: bool) -> Option<Self> {
        if picture.width.min(picture.height) < SIDE {
            return None;
        }
        let (across, down) = axes(picture.width, picture.height, mirrored);
        let mut sums = Sums::new(across.len(), down.len(), picture.rows());
        picture.blocks(
            &mut sums,
            |sums, x, y, block| sums.add(&across, x, y % picture.rows(), block),
            |sums, y| sums.finish_rows(&down, y),
        )?;
        Some(Self { luma: sums.luma })
    }

    /// The luma of the picture turned so; mirrored ways only if they were asked for.
    pub(super) fn turned(&self, way: Dihedral) -> Luma64 {
        use Dihedral::{FlipMinus1, FlipX, FlipY, Rotate90, Rotate180, Rotate270};
        // Where a row of the turned picture is read from the stored one backwards.
        let down = usize::from(matches!(way, FlipX | Rotate180 | Rotate270 | FlipMinus1));
        let across = usize::from(matches!(way, FlipY | Rotate180 | Rotate90 | FlipMinus1));
        let luma = &self.luma[down][across];
        if way.swaps_sides() { std::array::from_fn(|i| std::array::from_fn(|j| luma[j][i])) } else { *luma }
    }
}

/// The axes across and down, each as it is stored and, if asked for, mirrored.
fn axes(width: usize, height: usize, mirrored: bool) -> (Vec<Weights>, Vec<Weights>) {
    let ways = if mirrored { [false, true].as_slice() } else { &[false] };
    let axis = |length| ways.iter().map(|&mirrored| Weights::new(length, mirrored)).collect();
    (axis(width), axis(height))
}

/// What the blocks so far add up to.
struct Sums {
    /// By axis across, by row of blocks: each sample's sums over the blocks of that row, by vertical frequency.
    bands: Vec<Vec<[[f32; 8]; SIDE]>>,
    luma: Vec<Vec<Luma64>>,
}

impl Sums {
    /// Of so many axes each way, and so many rows of blocks at a time.
    fn new(across: usize, down: usize, rows: usize) -> Self {
        Self {
            bands: vec![vec![[[0.0; 8]; SIDE]; rows]; across],
            // Samples of a JPEG are stored less 128, and the weights of a sample add up to 1.
            luma: vec![vec![[[128.0; SIDE]; SIDE]; across]; down],
        }
    }

    /// Takes in the block in column `x` of row `row` of the band.
    #[inline(always)]
    #[allow(clippy::needless_range_loop, reason = "in this form both loops are unrolled")]
    fn add(&mut self, across: &[Weights], x: usize, row: usize, block: &Block) {
        for (weights, band) in across.iter().zip(&mut self.bands) {
            for Seen { sample, weights } in weights.of(x) {
                // A copy, so that it stays in registers.
                let mut sums = band[row][*sample];
                for u in 0..8 {
                    for v in 0..8 {
                        sums[v] += weights[u] * block[u][v];
                    }
                }
                band[row][*sample] = sums;
            }
        }
    }

    /// Adds the band, whose first row of blocks is `y`, to the samples.
    fn finish_rows(&mut self, down: &[Weights], y: usize) {
        for (across, band) in self.bands.iter_mut().enumerate() {
            for (y, sums) in (y..).zip(band) {
                for (weights, luma) in down.iter().zip(&mut self.luma) {
                    for Seen { sample, weights } in weights.of(y) {
                        for (out, sums) in luma[across][*sample].iter_mut().zip(&*sums) {
                            for (weight, sum) in weights.iter().zip(sums) {
                                *out += weight * sum;
                            }
                        }
                    }
                }
                *sums = [[0.0; 8]; SIDE];
            }
        }
    }
}

/// One axis: how the samples see the coefficients of each block.
#[derive(Debug)]
struct Weights {
    /// Ordered by block.
    seen: Vec<Seen>,
    /// Where the entries of each block begin, and where the last ones end.
    blocks: Vec<usize>,
}

/// How a sample sees a block: the weight of each frequency.
#[derive(Debug, Clone, Copy)]
struct Seen {
    sample: usize,
    weights: [f32; 8],
}

impl Weights {
    /// For an axis of so many pixels, run backwards if mirrored.
    fn new(length: usize, mirrored: bool) -> Self {
        let mut entries = Vec::new();
        for sample in 0..SIDE {
            let (first, mut pixels) = of_pixels(length, sample);
            let mut first = first;
            if mirrored {
                first = length - first - pixels.len();
                pixels.reverse();
            }
            let place = |x: usize| x.checked_sub(first).and_then(|at| pixels.get(at)).copied().unwrap_or(0.0);
            for block in first / 8..(first + pixels.len()).div_ceil(8) {
                let pixels = std::array::from_fn(|x| place(8 * block + x));
                entries.push((block, Seen { sample, weights: of_frequencies(pixels) }));
            }
        }
        entries.sort_by_key(|&(block, _)| block);
        let blocks = (0..=length.div_ceil(8)).map(|block| entries.partition_point(|&(at, _)| at < block)).collect();
        Self { seen: entries.into_iter().map(|(_, seen)| seen).collect(), blocks }
    }

    /// Which samples see a block; none where it lies outside the picture.
    #[inline(always)]
    fn of(&self, block: usize) -> &[Seen] {
        match self.blocks.get(block..block + 2) {
            Some(&[start, end]) => &self.seen[start..end],
            _ => &[],
        }
    }
}

/// The weight of each pixel in a sample, from the first one that has any: the mean of means of two box passes, the
/// windows of both cut off at the ends of the axis (see [`jarosz`](super::jarosz)).
fn of_pixels(length: usize, sample: usize) -> (usize, Vec<f64>) {
    let window = length.div_ceil(2 * SIDE);
    let half = (window + 2) / 2;
    let seen = |o: usize| (o + half).saturating_sub(window)..(o + half).min(length);
    let outer = seen((2 * sample + 1) * length / (2 * SIDE));
    let first = seen(outer.start).start;
    let mut weights = vec![0.0; seen(outer.end - 1).end - first];
    for inner in outer.clone().map(seen) {
        let weight = 1.0 / (outer.len() * inner.len()) as f64;
        for pixel in inner {
            weights[pixel - first] += weight;
        }
    }
    (first, weights)
}

/// The weights of eight pixels as weights of the frequencies that make them up: `f(x) = Σ ½ c(u) F(u) cos((2x + 1) u π / 16)`,
/// where `c(0)` is `√½` and the others are 1 (ITU-T T.81, A.3.3).
fn of_frequencies(pixels: [f64; 8]) -> [f32; 8] {
    std::array::from_fn(|u| {
        let scale = if u == 0 { COSINES[4] / 2.0 } else { 0.5 };
        let sum: f64 = pixels.iter().enumerate().map(|(x, pixel)| pixel * cosine((2 * x + 1) * u)).sum();
        (scale * sum) as f32
    })
}

/// `cos(k π / 16)`.
fn cosine(k: usize) -> f64 {
    match k % 32 {
        k @ 0..=8 => COSINES[k],
        k @ 9..=16 => -COSINES[16 - k],
        k @ 17..=24 => -COSINES[k - 16],
        k => COSINES[32 - k],
    }
}

/// `cos(k π / 16)` of the first quarter.
const COSINES: [f64; 9] = [
    1.0,
    0.980_785_280_403_230_4,
    0.923_879_532_511_286_7,
    0.831_469_612_302_545_2,
    0.707_106_781_186_547_5,
    0.555_570_233_019_602_2,
    0.382_683_432_365_089_8,
    0.195_090_322_016_128_25,
    0.0,
];

#[cfg(test)]
mod tests {
    use super::*;

    /// Samples less 128, as a JPEG's coefficients stand for them.
    struct Picture {
        width: usize,
        height: usize,
        samples: Vec<f64>,
    }

    impl Picture {
        fn new(width: usize, height: usize) -> Self {
            let sample = |x: usize, y: usize| ((x * 7_919 + y * 104_729 + x * y * 31) % 251) as f64 - 128.0;
            let samples = (0..width * height).map(|i| sample(i % width, i / width)).collect();
            Self { width, height, samples }
        }

        /// Turned by the view that hashes use.
        fn turned(&self, way: Dihedral) -> Self {
            let numbers: Vec<u8> = (0..self.samples.len()).flat_map(|i| (i as u32).to_le_bytes()).collect();
            let view =
                crate::PixelView::new(&numbers, self.width as u32, self.height as u32, crate::PixelFormat::Rgba8)
                    .expect("four bytes per pixel")
                    .turned(way);
            let places = (0..view.height()).flat_map(|y| (0..view.width()).map(move |x| (x, y)));
            let samples = places.map(|(x, y)| self.samples[u32::from_le_bytes(view.pixel(x, y)) as usize]).collect();
            Self { width: view.width(), height: view.height(), samples }
        }

        /// The coefficients of a block, by the formula; what lies outside the picture is anything.
        fn block(&self, column: usize, row: usize) -> Block {
            let sample = |x: usize, y: usize| {
                let inside = x < self.width && y < self.height;
                if inside { self.samples[y * self.width + x] } else { (x + y) as f64 }
            };
            let wave = |u: usize, x: usize| {
                let scale = if u == 0 { 0.5_f64.sqrt() } else { 1.0 };
                scale / 2.0 * ((2 * x + 1) as f64 * u as f64 * std::f64::consts::PI / 16.0).cos()
            };
            let sum = |u, v| -> f64 {
                let places = (0..64).map(|i| (i % 8, i / 8));
                places.map(|(x, y)| sample(8 * column + x, 8 * row + y) * wave(u, x) * wave(v, y)).sum()
            };
            std::array::from_fn(|u| std::array::from_fn(|v| sum(u, v) as f32))
        }

        fn reduced(&self) -> Reduced {
            let (across, down) = axes(self.width, self.height, true);
            let mut sums = Sums::new(2, 2, 2);
            // Two rows at a time, one of which may lie below the picture.
            for y in (0..self.height.div_ceil(8)).step_by(2) {
                for (x, row) in (0..=self.width.div_ceil(8)).flat_map(|x| [(x, 0), (x, 1)]) {
                    sums.add(&across, x, row, &self.block(x, y + row));
                }
                sums.finish_rows(&down, y);
            }
            Reduced { luma: sums.luma }
        }

        /// Both box passes along an axis, twice, and the samples: step by step, in `f64`.
        fn naive(&self) -> Vec<f64> {
            let (w, h) = (self.width, self.height);
            let mean = |length: usize, o: usize, at: &dyn Fn(usize) -> f64| {
                let window = length.div_ceil(128);
                let ahead = window.div_ceil(2) - usize::from(window % 2 == 1);
                let seen = o.saturating_sub(window - 1 - ahead)..=(o + ahead).min(length - 1);
                let count = seen.clone().count() as f64;
                seen.map(at).sum::<f64>() / count
            };
            let mut samples = self.samples.clone();
            for _ in 0..2 {
                samples = (0..w * h).map(|i| mean(w, i % w, &|x| samples[i / w * w + x])).collect();
                samples = (0..w * h).map(|i| mean(h, i / w, &|y| samples[y * w + i % w])).collect();
            }
            let place = |i: usize, length: usize| (2 * i + 1) * length / 128;
            (0..64 * 64).map(|i| samples[place(i / 64, h) * w + place(i % 64, w)] + 128.0).collect()
        }
    }

    #[test]
    fn weights_are_two_box_passes_sampled_however_the_picture_is_turned() {
        for (width, height) in [(64, 64), (65, 130), (200, 77), (383, 129)] {
            let picture = Picture::new(width, height);
            let reduced = picture.reduced();
            for way in Dihedral::ALL {
                let luma = reduced.turned(way);
                for (found, expected) in luma.as_flattened().iter().zip(picture.turned(way).naive()) {
                    assert!((f64::from(*found) - expected).abs() < 1e-3, "{width}x{height} {way}: {found} {expected}");
                }
            }
        }
    }

    #[test]
    fn the_weights_of_a_sample_add_up_to_one() {
        for length in [64, 100, 127, 128, 129, 1_000, 4_031] {
            for sample in 0..SIDE {
                let (first, weights) = of_pixels(length, sample);
                assert!((weights.iter().sum::<f64>() - 1.0).abs() < 1e-12 && first + weights.len() <= length);
            }
        }
    }

    #[test]
    fn cosines_are_those_of_the_formula() {
        for k in 0..200 {
            assert!((cosine(k) - (k as f64 * std::f64::consts::PI / 16.0).cos()).abs() < 1e-13, "{k}");
        }
    }
}
