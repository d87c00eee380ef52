//! The rate per picture by the number of entries.

use statrs::function::gamma::ln_gamma;

use super::{ALPHA, View};
use crate::counts::Entries;
use crate::plots::SizePoint;
use crate::stats::{Excess, PairRate, Rarefied, TailModel, tail_cut};

/// The rate per picture at one threshold by the number of entries.
#[derive(Debug, Clone, PartialEq)]
pub struct BySize {
    /// What was measured: the mean over all sets of a size that can be taken from the entries.
    pub measured: Vec<SizePoint>,
    /// What `1 - (1 - p)^N` says, which takes matches to be spread evenly.
    pub naive: Vec<(f64, f64)>,
    /// A model: what larger sets would give.
    pub model: Vec<SizePoint>,
}

/// 10, 20, 50, 100, … up to a number, and that number.
#[must_use]
pub fn sizes(most: u64) -> Vec<u64> {
    let steps = std::iter::successors(Some(10_u64), |power| power.checked_mul(10));
    let mut sizes: Vec<u64> = steps
        .take_while(|&power| power <= most)
        .flat_map(|power| [1, 2, 5].map(|digit| power.saturating_mul(digit)))
        .filter(|&size| size < most)
        .collect();
    sizes.push(most);
    sizes
}

/// The rate per picture for sets of up to all entries, by rarefaction (Hurlbert 1971), one picture of each cluster looked up
/// in the others. `None` without two pictures.
///
/// Beyond the entries there is only a model, of two parts: the rate per pair from the tail of the distances (exponential
/// excesses, peaks over a threshold), and how unevenly it is spread over pictures from the numbers of entries that they
/// match (a beta distribution, by moments).
#[must_use]
pub fn by_size(view: &View<'_>, threshold: u16) -> Option<BySize> {
    let degrees = view.degrees(threshold);
    let measured = match &view.counts.about.among {
        Entries::Corpus => (degrees.len() as u64).checked_sub(1)?,
        Entries::Set { entries, .. } => *entries,
    };
    let pairs = degrees.len() as f64 * measured as f64;
    let per_pair = degrees.iter().sum::<u64>() as f64 / pairs;
    let naive = |entries: f64| -(entries * (-per_pair).ln_1p()).exp_m1();
    let (mut points, mut evenly) = (Vec::new(), Vec::new());
    for entries in sizes(measured) {
        let rarefied = Rarefied::new(&degrees, measured, entries)?;
        let interval = rarefied.interval(ALPHA)?;
        let entries = entries as f64;
        points.push(SizePoint { entries, rate: rarefied.rate, low: interval.low, high: interval.high });
        evenly.push((entries, naive(entries)));
    }
    Some(BySize { measured: points, naive: evenly, model: model(view, threshold, &degrees, measured) })
}

/// What the tail of the distances says of sets up to a thousand times as large.
fn model(view: &View<'_>, threshold: u16, degrees: &[u64], measured: u64) -> Vec<SizePoint> {
    /// The share of pairs that is the tail: what the bulk hardly reaches.
    const TAIL: f64 = 1e-4;
    let about = &view.counts.about;
    let counts = view.counts.pairs_by_distance();
    let odd: u64 = counts.iter().skip(1).step_by(2).sum();
    // Where most distances are even, the odd ones say little, and steps are of two.
    let step = if odd * 4 < counts.iter().sum::<u64>() { 2 } else { 1 };
    let fit = || {
        let cut = tail_cut(&counts, TAIL)?.min(about.bits / 2 - 1);
        let model = TailModel::fit(&counts, cut, step, Excess::Exponential)?;
        let deff = PairRate::new(degrees).and_then(|rate| rate.deff).unwrap_or(1.0);
        Some((model.rate(threshold)?, model.interval(threshold, ALPHA, deff)?))
    };
    let Some((rate, interval)) = fit() else { return Vec::new() };
    let correlation = correlation(degrees, measured as f64);
    let most = measured.saturating_mul(1000);
    sizes(most)
        .into_iter()
        .filter(|&size| size > measured)
        .map(|size| size as f64)
        .map(|entries| SizePoint {
            entries,
            rate: at_least_one(entries, rate, correlation),
            low: at_least_one(entries, interval.low, correlation),
            high: at_least_one(entries, interval.high, correlation),
        })
        .collect()
}

/// How alike the entries are to a picture: the correlation of two of its matches, by moments; 0 where matches are spread as
/// evenly as by chance, or more.
fn correlation(degrees: &[u64], entries: f64) -> f64 {
    let n = degrees.len() as f64;
    let mean = degrees.iter().map(|&degree| degree as f64).sum::<f64>() / n;
    let variance = degrees.iter().map(|&degree| (degree as f64 - mean).powi(2)).sum::<f64>() / (n - 1.0);
    let rate = mean / entries;
    let by_chance = entries * rate * (1.0 - rate);
    if by_chance > 0.0 { ((variance / by_chance - 1.0) / (entries - 1.0)).clamp(0.0, 0.999) } else { 0.0 }
}

/// The share of pictures that match at least one of so many entries, where the rate of a picture is drawn from a beta
/// distribution with this mean and correlation.
fn at_least_one(entries: f64, rate: f64, correlation: f64) -> f64 {
    if correlation == 0.0 || rate == 0.0 {
        return -(entries * (-rate).ln_1p()).exp_m1();
    }
    let spread = (1.0 - correlation) / correlation;
    let (a, b) = (rate * spread, (1.0 - rate) * spread);
    // No match of n: B(a, b + n) / B(a, b).
    -(ln_gamma(b + entries) - ln_gamma(a + b + entries) + ln_gamma(a + b) - ln_gamma(b)).exp_m1()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_go_up_to_the_last() {
        assert_eq!(sizes(120), [10, 20, 50, 100, 120]);
        assert_eq!(sizes(3), [3]);
    }

    #[test]
    fn matches_in_families_make_fewer_pictures_match() {
        let even = at_least_one(1000.0, 1e-4, 0.0);
        assert!((even - (1.0 - 0.9999_f64.powi(1000))).abs() < 1e-12);
        assert!((at_least_one(1000.0, 1e-4, 1e-9) - even).abs() < 1e-5);
        let families = at_least_one(1000.0, 1e-4, 0.01);
        assert!(families < 0.5 * even && families > 0.0);
        // A picture in ten matches ten of a hundred entries: one picture in ten, however large the set.
        let degrees: Vec<u64> = (0..1000).map(|number| if number % 10 == 0 { 100 } else { 0 }).collect();
        let correlation = correlation(&degrees, 100.0);
        assert!((0.08..0.12).contains(&at_least_one(1e6, 0.1, correlation)), "{correlation}");
    }
}
