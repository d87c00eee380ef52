//! The rate per pair.

use super::{ALPHA, View};
use crate::counts::Entries;
use crate::stats::{CrossRate, Interval, PairRate};

/// The rate per pair of a picture and an entry, and how sure it is.
#[derive(Debug, Clone, PartialEq)]
pub struct PerPair {
    /// The threshold.
    pub threshold: u16,
    /// Pairs that match falsely.
    pub matches: u64,
    /// All pairs.
    pub pairs: u64,
    /// The share.
    pub rate: f64,
    /// The normal interval with the jackknife's variance, cut at 0; `None` where none was seen, as that variance is 0 then.
    pub jackknife: Option<Interval>,
    /// The interval of Korn and Graubard (1998): exact, for as many pairs as these are worth.
    pub korn_graubard: Interval,
    /// How much larger the variance is than that of independent pairs; `None` where none was seen.
    pub design_effect: Option<f64>,
    /// How many independent pairs these are worth.
    pub effective_pairs: Option<f64>,
}

/// The rate per pair at a threshold, from one picture of each cluster: a U-statistic of one sample where the corpus is
/// looked up in itself, of two where it is looked up in a set. `None` of fewer than three pictures, and of a sealed set or a
/// list with a single entry.
#[must_use]
pub fn per_pair(view: &View<'_>, threshold: u16) -> Option<PerPair> {
    /// The 97.5 % point of the normal distribution.
    const Z: f64 = 1.959_963_984_540_054;
    let degrees = view.degrees(threshold);
    let (matches, pairs, rate, variance, korn_graubard, design_effect) = match &view.counts.about.among {
        Entries::Corpus => {
            let rate = PairRate::new(&degrees)?;
            (rate.hits, rate.pairs, rate.rate, rate.variance, rate.interval(ALPHA)?, rate.deff)
        }
        Entries::Set { entries, .. } => {
            let mut of_entries = vec![0; usize::try_from(*entries).ok()?];
            for seen in view.representatives() {
                for (entry, distance) in view.false_matches(seen.of) {
                    if distance <= threshold {
                        *of_entries.get_mut(entry as usize)? += 1;
                    }
                }
            }
            let rate = CrossRate::new(&degrees, &of_entries)?;
            let fewest = entries.min(&(degrees.len() as u64)).to_owned();
            // Without a match only pairs that share neither picture nor entry are sure to be independent.
            let interval = rate.interval(ALPHA).or_else(|| crate::stats::clopper_pearson(0, fewest, ALPHA))?;
            (rate.hits, rate.comparisons, rate.rate, rate.variance, interval, rate.deff)
        }
    };
    let spread = Z * variance.sqrt();
    Some(PerPair {
        threshold,
        matches,
        pairs,
        rate,
        jackknife: (matches > 0).then_some(Interval { low: (rate - spread).max(0.0), high: (rate + spread).min(1.0) }),
        korn_graubard,
        design_effect,
        effective_pairs: design_effect.filter(|&effect| effect > 0.0).map(|effect| pairs as f64 / effect),
    })
}
