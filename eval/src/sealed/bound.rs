//! Could PDQ's filter be computed another way and still be proved to give the reference's bits?
//!
//! Any way that is exact but for its own, negligible rounding differs from the reference by the rounding of the
//! reference's running sums. [`Bound`] holds that difference to what can be proved of it, and says for how many pictures
//! every bit is then certain.

use std::io;
use std::path::PathBuf;

use rayon::prelude::*;

use crate::sealed::corpus;
use crate::sealed::luma::{self, DCT, FREQUENCIES, Luma, SIDE};

/// Sides of the pictures that the bound is taken for; the first is the picture as it is.
const SIDES: [Option<usize>; 4] = [None, Some(512), Some(1_600), Some(4_000)];

/// The largest luma.
const BRIGHTEST: f64 = 255.0;

/// How near the bits of photographs are to being undecided, and how near they can be proved to be decided.
#[derive(Debug)]
pub struct Bound {
    /// For each photograph, for each of the [`SIDES`].
    decided: Vec<[Case; SIDES.len()]>,
    /// For each photograph, how far apart the two coefficients are between which the median divides ones from zeros.
    gaps: Vec<f64>,
}

/// A photograph, or one of the same 64×64 luma with other sides.
#[derive(Debug, Clone, Copy)]
struct Case {
    /// The largest bound on any coefficient.
    bound: f64,
    /// Whether every bit is certain.
    certain: bool,
}

impl Bound {
    /// Of these photographs.
    ///
    /// # Errors
    /// What reading a file gives.
    pub fn of(photographs: &[PathBuf]) -> io::Result<Self> {
        let cases: Vec<_> = photographs
            .par_iter()
            .map(|path| {
                let Some(picture) = corpus::open(path)? else { return Ok(None) };
                let luma = luma::luma(&picture);
                let coefficients = luma::coefficients(&luma);
                let mut sorted = coefficients;
                sorted.sort_by(f32::total_cmp);
                let gap = f64::from(sorted[128]) - f64::from(sorted[127]);
                let sides = (picture.width() as usize, picture.height() as usize);
                let cases = SIDES.map(|side| {
                    let (width, height) = side.map_or(sides, |side| (side, side * 3 / 4));
                    case(&luma, &coefficients, &Axis::new(width), &Axis::new(height))
                });
                Ok(Some((cases, gap)))
            })
            .collect::<io::Result<_>>()?;
        let (decided, gaps) = cases.into_iter().flatten().unzip();
        Ok(Self { decided, gaps })
    }

    /// The rows of a table: sides, the median of the bounds, the share of pictures whose every bit is certain.
    #[must_use]
    pub fn table(&self) -> String {
        let mut out = format!(
            "The gap between the coefficients on either side of the median, over {} photographs: median {:.2}, a tenth below \
             {:.2}, a hundredth below {:.3}.\n\n| sides | bound on a coefficient, median | every bit certain |\n|---|---|---|\n",
            self.gaps.len(),
            quantile(self.gaps.iter().copied(), 0.5),
            quantile(self.gaps.iter().copied(), 0.1),
            quantile(self.gaps.iter().copied(), 0.01),
        );
        for (i, side) in SIDES.iter().enumerate() {
            let name = side.map_or("as they are".to_owned(), |side| format!("{side}×{}", side * 3 / 4));
            let bound = quantile(self.decided.iter().map(|cases| cases[i].bound), 0.5);
            let certain = self.decided.iter().filter(|cases| cases[i].certain).count();
            let share = 100.0 * certain as f64 / self.decided.len() as f64;
            out.push_str(&format!("| {name} | {bound:.2} | {share:.1} % |\n"));
        }
        out
    }
}

/// A value that so many of the others are below.
fn quantile(values: impl Iterator<Item = f64>, share: f64) -> f64 {
    let mut sorted: Vec<f64> = values.collect();
    sorted.sort_by(f64::total_cmp);
    sorted[(share * (sorted.len() - 1) as f64) as usize]
}

/// An axis and what its two passes round.
struct Axis {
    length: usize,
    window: usize,
    half: usize,
}

impl Axis {
    fn new(length: usize) -> Self {
        let window = length.div_ceil(2 * SIDE);
        Self { length, window, half: (window + 2) / 2 }
    }

    /// The most that rounding moves output `o` of a pass over exact inputs: every value that entered or left was rounded
    /// once, by at most half a unit of the largest sum, and the quotient once more.
    fn rounding(&self, o: usize) -> f64 {
        let (entered, left) = ((o + self.half).min(self.length), (o + self.half).saturating_sub(self.window));
        let sum = half_unit((self.window + 1) as f64 * BRIGHTEST);
        (entered + left) as f64 * sum / (entered - left) as f64 + half_unit(BRIGHTEST)
    }

    /// The most that both passes along the axis move sample `i`.
    fn both(&self, i: usize) -> f64 {
        let at = (2 * i + 1) * self.length / (2 * SIDE);
        // The second pass averages outputs of the first, the last of which has the largest bound.
        self.rounding(at + self.half - 1) + self.rounding(at)
    }
}

/// Half the distance between single-precision numbers as large as this.
fn half_unit(value: f64) -> f64 {
    (value.log2().floor() - 24.0).exp2()
}

/// What can be proved of a picture with this 64×64 luma, if it has these sides.
fn case(luma: &Luma, coefficients: &[f32; FREQUENCIES * FREQUENCIES], across: &Axis, down: &Axis) -> Case {
    /// The relative error of a sum of 64 products, each product and each sum rounded once (Higham 2002, section 3.1).
    const SUM: f64 = 66.0 / (1 << 24) as f64;
    let moved: [[f64; SIDE]; SIDE] = std::array::from_fn(|y| std::array::from_fn(|x| across.both(x) + down.both(y)));
    let weigh = |values: &dyn Fn(usize, usize) -> f64| -> [[f64; SIDE]; FREQUENCIES] {
        std::array::from_fn(|i| {
            std::array::from_fn(|x| (0..SIDE).map(|y| f64::from(DCT[i][y]).abs() * values(y, x)).sum())
        })
    };
    let half_moved = weigh(&|y, x| moved[y][x]);
    let half_size = weigh(&|y, x| f64::from(luma[y][x]).abs());
    let bounds: Vec<f64> = (0..FREQUENCIES * FREQUENCIES)
        .map(|k| {
            let (i, j) = (k / FREQUENCIES, k % FREQUENCIES);
            (0..SIDE).map(|x| f64::from(DCT[j][x]).abs() * (half_moved[i][x] + 2.0 * SUM * half_size[i][x])).sum()
        })
        .collect();
    let mut order: Vec<usize> = (0..coefficients.len()).collect();
    order.sort_by(|&a, &b| coefficients[a].total_cmp(&coefficients[b]));
    let (zeros, ones) = order.split_at(128);
    let highest = zeros.iter().map(|&k| f64::from(coefficients[k]) + bounds[k]).fold(f64::MIN, f64::max);
    let lowest = ones.iter().map(|&k| f64::from(coefficients[k]) - bounds[k]).fold(f64::MAX, f64::min);
    Case { bound: bounds.iter().copied().fold(0.0, f64::max), certain: lowest > highest }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tests::picture;

    #[test]
    fn the_bound_grows_with_the_sides_and_decides_no_more() {
        let luma = luma::luma(&picture(640, 480));
        let coefficients = luma::coefficients(&luma);
        let cases = [512, 1_600, 4_000].map(|side| case(&luma, &coefficients, &Axis::new(side), &Axis::new(side)));
        assert!(cases[0].bound < cases[1].bound && cases[1].bound < cases[2].bound, "{cases:?}");
        assert!(!cases[2].certain || cases[1].certain);
    }

    #[test]
    fn half_a_unit_is_what_the_format_says() {
        assert_eq!(half_unit(1.0), f64::from(f32::EPSILON) / 2.0);
        assert_eq!(half_unit(255.0), f64::from(f32::EPSILON) * 64.0);
    }
}
