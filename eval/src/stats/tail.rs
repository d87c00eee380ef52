//! A model of the left tail of a distribution of distances.
//!
//! Where a corpus shows no false positive the rate can be bounded, but not estimated, without a model. This is one
//! (peaks over threshold: Pickands 1975, "Statistical inference using extreme order statistics"): how far distances
//! below a cut lie below it follows a generalized Pareto distribution, or an exponential one. It is fitted to the tail
//! and never to the bulk, which says nothing about it: of PDQ hashes of graphics a normal bulk gives 1e-28 where 4e-5
//! is seen. What it predicts beyond the nearest distance that was seen is extrapolation, and is to be printed as a model.

use serde::{Deserialize, Serialize};

use crate::stats::normal::upper_point;
use crate::stats::proportion::{Interval, is_alpha};

/// The assumed distribution of excesses: how far below the cut a distance lies.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Excess {
    /// Exponential, one parameter: the Pareto distribution with shape 0.
    Exponential,
    /// Generalized Pareto, two parameters: follows a bent tail, and needs many excesses.
    Pareto,
}

/// A *model* of the left tail of distances, fitted by maximum likelihood.
#[derive(Debug, Clone, PartialEq)]
pub struct TailModel {
    /// Distances up to this one were used.
    pub cut: u16,
    /// Which distribution was fitted.
    pub excess: Excess,
    /// How many distances there were.
    pub comparisons: u64,
    /// How many of them were used.
    pub excesses: u64,
    /// The scale of the excesses, in bits: for an exponential one their mean, about.
    pub scale: f64,
    /// The shape: above 0 the tail is heavier than exponential, below 0 it ends. 0 for an exponential one.
    pub shape: f64,
    step: u16,
    bins: Bins,
}

impl TailModel {
    /// How few excesses are too few.
    pub const FEWEST: u64 = 10;

    /// Fits the model to the number of comparisons at each distance from 0 on.
    ///
    /// `step` is the distance between distances that occur: 2 where nearly all hashes have the same number of ones
    /// modulo 2, as PDQ's, and otherwise 1. With 2, the few others count as the next one that is `cut` less an even
    /// number.
    ///
    /// `None` for a `step` of 0, with fewer than [`TailModel::FEWEST`] excesses, with all of them at one distance (or
    /// at two, for [`Excess::Pareto`]), or when the likelihood has no maximum for a shape between -0.9 and 2.
    #[must_use]
    pub fn fit(counts: &[u64], cut: u16, step: u16, excess: Excess) -> Option<Self> {
        let bins = Bins::new(counts, cut, step)?;
        let mut comparisons = 0_u64;
        for &count in counts {
            comparisons = comparisons.checked_add(count)?;
        }
        let distances = bins.counts.iter().filter(|&&count| count > 0.0).count();
        if bins.excesses < Self::FEWEST || distances < (if excess == Excess::Pareto { 3 } else { 2 }) {
            return None;
        }
        let exponential = bins.exponential()?;
        let (ln_scale, shape) = match excess {
            Excess::Exponential => (exponential, 0.0),
            Excess::Pareto => bins.pareto(exponential)?,
        };
        let excesses = bins.excesses;
        Some(Self { cut, excess, comparisons, excesses, scale: ln_scale.exp(), shape, step, bins })
    }

    /// The predicted share of comparisons with a distance of at most `threshold`. `None` above the cut.
    #[must_use]
    pub fn rate(&self, threshold: u16) -> Option<f64> {
        let excess = self.depth(threshold)?;
        Some(self.reached() * ln_survival(excess, self.scale.ln(), self.shape).exp())
    }

    /// The interval of [`rate`](Self::rate) *if the model is right*: the rates of all parameters that the likelihood
    /// does not rule out (profile likelihood), together with the uncertainty of how many distances lie below the cut.
    ///
    /// `deff` is the design effect of the comparisons ([`PairRate::deff`](crate::stats::PairRate::deff)), by which
    /// variances are multiplied when it is above 1. `None` above the cut, or for an `alpha` outside of 0 to 1 or a
    /// `deff` that is no number. Costs milliseconds.
    #[must_use]
    pub fn interval(&self, threshold: u16, alpha: f64, deff: f64) -> Option<Interval> {
        if !is_alpha(alpha) || !deff.is_finite() {
            return None;
        }
        let (deff, z) = (deff.max(1.0), upper_point(alpha / 2.0));
        let depth = self.depth(threshold)?;
        let ln_scale = self.scale.ln();
        let ln_survives = ln_survival(depth, ln_scale, self.shape);
        let least = self.bins.ln_likelihood(ln_scale, self.shape) - z * z * deff / 2.0;
        let (ln_low, ln_high) = match self.excess {
            Excess::Exponential => self.bins.ends(ln_scale, 0.0, least, depth),
            Excess::Pareto => {
                let profile = |shape: f64| self.bins.ln_likelihood(self.bins.best_scale(ln_scale, shape), shape);
                let last = |end: f64| boundary(self.shape, end, |shape| profile(shape) >= least);
                let (from, to) = (last(LEAST_SHAPE), last(MOST_SHAPE));
                let at = |shape: f64| self.bins.ends(self.bins.best_scale(ln_scale, shape), shape, least, depth);
                (at(maximum(from, to, |shape| -at(shape).0)).0, at(maximum(from, to, |shape| at(shape).1)).1)
            }
        };
        let ln_reached = z * ((1.0 - self.reached()) / self.excesses as f64 * deff).sqrt();
        // How far both ends are away, in logarithms.
        let apart = |end: f64| if ln_survives.is_finite() { (end - ln_survives).hypot(ln_reached) } else { 0.0 };
        let centre = if ln_survives.is_finite() { ln_survives } else { ln_high + ln_reached };
        let rate = |ln: f64| self.reached() * ln.exp();
        Some(Interval { low: rate(ln_survives - apart(ln_low)), high: rate(centre + apart(ln_high)).min(1.0) })
    }

    /// The share of comparisons that are used.
    fn reached(&self) -> f64 {
        self.excesses as f64 / self.comparisons as f64
    }

    /// How far below the cut the largest distance that occurs and is at most `threshold` lies.
    fn depth(&self, threshold: u16) -> Option<f64> {
        let steps = self.cut.checked_sub(threshold)?.div_ceil(self.step);
        Some(f64::from(steps) * f64::from(self.step))
    }
}

/// The largest cut below which at most the share `share` of comparisons lies, and at least one. `None` when the least
/// distance alone has more.
#[must_use]
pub fn tail_cut(counts: &[u64], share: f64) -> Option<u16> {
    let all: f64 = counts.iter().map(|&count| count as f64).sum();
    let mut reached = 0.0;
    let mut cut = None;
    for (distance, &count) in counts.iter().enumerate() {
        reached += count as f64;
        if reached > share * all {
            break;
        }
        if reached > 0.0 {
            cut = u16::try_from(distance).ok();
        }
    }
    cut
}

/// Excesses, counted in steps.
#[derive(Debug, Clone, PartialEq)]
struct Bins {
    /// How many lie so many steps below the cut; the last takes all that is below.
    counts: Vec<f64>,
    step: f64,
    excesses: u64,
}

impl Bins {
    fn new(counts: &[u64], cut: u16, step: u16) -> Option<Self> {
        let deepest = usize::from(cut.checked_div(step)?);
        let mut bins = vec![0.0; deepest + 1];
        let mut excesses = 0_u64;
        for (distance, &count) in counts.iter().enumerate().take(usize::from(cut) + 1) {
            let steps = (usize::from(cut) - distance) / usize::from(step);
            bins[steps.min(deepest)] += count as f64;
            excesses = excesses.checked_add(count)?;
        }
        Some(Self { counts: bins, step: f64::from(step), excesses })
    }

    /// The logarithm of the best scale of shape 0. Whole steps below the cut are geometric, the last bin holding what
    /// got there: in closed form.
    fn exponential(&self) -> Option<f64> {
        let (_, before) = self.counts.split_last()?;
        let stopped: f64 = before.iter().sum();
        let taken: f64 = (0_u32..).zip(&self.counts).map(|(steps, count)| f64::from(steps) * count).sum();
        (stopped > 0.0 && taken > 0.0).then(|| (self.step / (stopped / taken).ln_1p()).ln())
    }

    /// The logarithm of the best scale, and the best shape.
    fn pareto(&self, near: f64) -> Option<(f64, f64)> {
        let best = |shape: f64| self.ln_likelihood(self.best_scale(near, shape), shape);
        let shape = maximum(LEAST_SHAPE, MOST_SHAPE, best);
        (LEAST_SHAPE + 0.01..MOST_SHAPE - 0.01).contains(&shape).then(|| (self.best_scale(near, shape), shape))
    }

    /// The logarithm of the scale that fits a shape best.
    fn best_scale(&self, near: f64, shape: f64) -> f64 {
        maximum(near - FAR, near + FAR, |ln_scale| self.ln_likelihood(ln_scale, shape))
    }

    /// The least and the largest logarithm of the share of excesses of at least `depth` for scales, on both sides of
    /// the best one, with a likelihood of at least `least`.
    fn ends(&self, best: f64, shape: f64, least: f64, depth: f64) -> (f64, f64) {
        let likely = |ln_scale: f64| self.ln_likelihood(ln_scale, shape) >= least;
        let at = |end: f64| ln_survival(depth, boundary(best, end, likely), shape);
        (at(best - FAR), at(best + FAR))
    }

    fn ln_likelihood(&self, ln_scale: f64, shape: f64) -> f64 {
        let mut sum = 0.0;
        for (steps, &count) in (0_u32..).zip(&self.counts) {
            if count == 0.0 {
                continue;
            }
            let excess = f64::from(steps) * self.step;
            let here = ln_survival(excess, ln_scale, shape);
            let last = steps as usize + 1 == self.counts.len();
            let stops = if last { 0.0 } else { (ln_survival(excess + self.step, ln_scale, shape) - here).exp() };
            sum += count * (here + (-stops).ln_1p());
        }
        if sum.is_nan() { f64::NEG_INFINITY } else { sum }
    }
}

/// The logarithm of the share of excesses of at least so much: `(1 + shape excess / scale)^(-1 / shape)`.
fn ln_survival(excess: f64, ln_scale: f64, shape: f64) -> f64 {
    let x = excess * (-ln_scale).exp();
    if shape.abs() < 1e-9 {
        return -x;
    }
    let base = shape * x;
    if base <= -1.0 { f64::NEG_INFINITY } else { -base.ln_1p() / shape }
}

/// Where a function with one maximum has it (golden section).
fn maximum(mut low: f64, mut high: f64, value: impl Fn(f64) -> f64) -> f64 {
    let golden = (5.0_f64.sqrt() - 1.0) / 2.0;
    let (mut left, mut right) = (high - golden * (high - low), low + golden * (high - low));
    let (mut at_left, mut at_right) = (value(left), value(right));
    for _ in 0..STEPS {
        if at_left < at_right {
            low = left;
            (left, at_left) = (right, at_right);
            right = low + golden * (high - low);
            at_right = value(right);
        } else {
            high = right;
            (right, at_right) = (left, at_left);
            left = high - golden * (high - low);
            at_left = value(left);
        }
    }
    low + (high - low) / 2.0
}

/// The last value from `inside` towards `outside` that holds, when the first does (halving).
fn boundary(mut inside: f64, mut outside: f64, holds: impl Fn(f64) -> bool) -> f64 {
    for _ in 0..STEPS {
        let middle = inside + (outside - inside) / 2.0;
        if holds(middle) {
            inside = middle;
        } else {
            outside = middle;
        }
    }
    inside
}

/// Shapes that are looked at: below, a tail ends within the data, above, it has no variance by far.
const LEAST_SHAPE: f64 = -0.9;
const MOST_SHAPE: f64 = 2.0;
/// How far from that of an exponential tail the logarithm of a scale is looked for.
const FAR: f64 = 4.0;
/// Narrows a search to less than a millionth.
const STEPS: u32 = 32;

#[cfg(test)]
mod tests {
    use rand_xoshiro::Xoshiro256StarStar;
    use rand_xoshiro::rand_core::{Rng as _, SeedableRng as _};

    use super::*;

    /// Distances as a Pareto tail below 76 gives them, at even ones, below a bulk at 128.
    fn counts(n: f64, scale: f64, shape: f64) -> Vec<u64> {
        let mut counts = vec![0; 257];
        for distance in (0..=76_u16).step_by(2) {
            let share = |excess: u16| ln_survival(f64::from(excess), scale.ln(), shape).exp();
            let below = if distance == 0 { 0.0 } else { share(78 - distance) };
            counts[usize::from(distance)] = (n * (share(76 - distance) - below)).round() as u64;
        }
        counts[128] = (n * 1e4) as u64;
        counts
    }

    #[test]
    fn a_tail_of_the_model_is_found_again() {
        for (scale, shape, excess) in [
            (6.0, 0.0, Excess::Exponential),
            (6.0, 0.0, Excess::Pareto),
            (6.0, 0.2, Excess::Pareto),
            (9.0, -0.1, Excess::Pareto),
        ] {
            let counts = counts(1e7, scale, shape);
            let model = TailModel::fit(&counts, 76, 2, excess).expect("a fit");
            assert!((model.scale / scale - 1.0).abs() < 2e-3, "{model:?}");
            assert!((model.shape - shape).abs() < 2e-3, "{model:?}");
            let seen: u64 = counts[..=30].iter().sum();
            let rate = seen as f64 / model.comparisons as f64;
            assert!((model.rate(30).expect("below the cut") / rate - 1.0).abs() < 0.02, "{model:?}");
            assert_eq!(model.rate(31), model.rate(30), "no distance is odd");
        }
    }

    #[test]
    fn the_interval_covers_what_lies_beyond_the_data() {
        let mut random = Xoshiro256StarStar::seed_from_u64(6);
        for (excess, shape) in [(Excess::Exponential, 0.0), (Excess::Pareto, 0.0), (Excess::Pareto, 0.15)] {
            let truth = ln_survival(46.0, 5.0_f64.ln(), shape).exp() * 0.01;
            let (mut covered, mut fitted) = (0, 0);
            for _ in 0..200 {
                let mut counts = vec![0_u64; 257];
                for _ in 0..400 {
                    // The inverse of the survival, in steps of 2.
                    let uniform = (random.next_u64() >> 11) as f64 / (1_u64 << 53) as f64;
                    let excess = if shape == 0.0 {
                        -5.0 * (1.0 - uniform).ln()
                    } else {
                        5.0 / shape * ((1.0 - uniform).powf(-shape) - 1.0)
                    };
                    counts[(76 - 2 * (excess / 2.0).floor() as i64).max(0) as usize] += 1;
                }
                counts[128] = 39_600;
                let Some(model) = TailModel::fit(&counts, 76, 2, excess) else { continue };
                fitted += 1;
                covered += u32::from(model.interval(30, 0.05, 1.0).expect("below the cut").contains(truth));
            }
            println!("{excess:?}, shape {shape}: {covered} of {fitted} intervals cover");
            assert!(
                fitted >= 195 && f64::from(covered) >= 0.9 * f64::from(fitted),
                "{excess:?}: {covered} of {fitted}"
            );
        }
    }

    #[test]
    fn a_design_effect_widens_the_interval() {
        let model = TailModel::fit(&counts(1e3, 6.0, 0.0), 76, 2, Excess::Exponential).expect("a fit");
        let [alone, together] = [1.0, 18.0].map(|deff| model.interval(30, 0.05, deff).expect("an interval"));
        assert!(together.low < alone.low && together.high > alone.high);
        assert_eq!(model.interval(77, 0.05, 1.0), None);
        assert_eq!(model.interval(30, f64::NAN, 1.0), None);
        assert_eq!(model.interval(30, 0.05, f64::NAN), None);
    }

    #[test]
    fn too_little_has_no_fit() {
        assert_eq!(TailModel::fit(&[], 76, 2, Excess::Exponential), None);
        assert_eq!(TailModel::fit(&[100; 10], 76, 0, Excess::Exponential), None);
        assert_eq!(TailModel::fit(&[0, 0, 0, 0, 1000], 4, 2, Excess::Exponential), None, "all at the cut");
        assert_eq!(TailModel::fit(&[1000, 0, 0], 2, 2, Excess::Exponential), None, "all at the end");
        assert_eq!(TailModel::fit(&[0, 5, 0, 4], 3, 1, Excess::Exponential), None, "nine are too few");
        assert_eq!(TailModel::fit(&[u64::MAX, 1, 1], 2, 1, Excess::Exponential), None);
        assert_eq!(tail_cut(&[0, 1, 2, 97], 0.03), Some(2));
        assert_eq!(tail_cut(&[0, 5, 2, 93], 0.03), None);
        assert_eq!(tail_cut(&[], 0.03), None);
    }
}
