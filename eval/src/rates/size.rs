//! The rate per picture by the number of entries.

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

/// 1, 2, 5, 10, … up to a number, and that number.
#[must_use]
pub fn sizes(most: u64) -> Vec<u64> {
    let steps = std::iter::successors(Some(1_u64), |power| power.checked_mul(10));
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
/// Beyond the entries there is only a model: rates per pair from the tail of the distances (peaks over a threshold), which
/// adds up over entries as `1 - (1 - p)^N` does; that is an upper bound of what such families of matches would give.
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
    Some(BySize { measured: points, naive: evenly, model: model(view, threshold, measured) })
}

/// What the tail of the distances says of sets up to a thousand times as large.
fn model(view: &View<'_>, threshold: u16, measured: u64) -> Vec<SizePoint> {
    /// The share of pairs that is the tail: what the bulk hardly reaches.
    const TAIL: f64 = 1e-4;
    let about = &view.counts.about;
    let itself = view.itself();
    let counts: Vec<u64> = view.counts.distances.iter().map(|count| if itself { count / 2 } else { *count }).collect();
    let odd: u64 = counts.iter().skip(1).step_by(2).sum();
    // Where most distances are even, the odd ones say little, and steps are of two.
    let step = if odd * 4 < counts.iter().sum::<u64>() { 2 } else { 1 };
    let fit = || {
        let cut = tail_cut(&counts, TAIL)?.min(about.bits / 2 - 1);
        let model = TailModel::fit(&counts, cut, step, Excess::Exponential)?;
        let deff = PairRate::new(&view.degrees(threshold)).and_then(|rate| rate.deff).unwrap_or(1.0);
        Some((model.rate(threshold)?, model.interval(threshold, ALPHA, deff)?))
    };
    let Some((rate, interval)) = fit() else { return Vec::new() };
    let at = |rate: f64, entries: f64| -(entries * (-rate).ln_1p()).exp_m1();
    let most = measured.saturating_mul(1000);
    sizes(most)
        .into_iter()
        .filter(|&size| size > measured)
        .map(|size| size as f64)
        .map(|entries| SizePoint {
            entries,
            rate: at(rate, entries),
            low: at(interval.low, entries),
            high: at(interval.high, entries),
        })
        .collect()
}
