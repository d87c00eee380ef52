//! How well a distance tells matches from others.
//!
//! Distances are small integers and tie by the thousand, so everything is computed from two histograms, how many
//! matching and how many other comparisons there were at each distance, and a threshold `t` accepts all distances up to
//! `t`, ties included.

use serde::{Deserialize, Serialize};

/// A threshold and what it accepts.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct RocPoint {
    /// The largest distance that is accepted; `None` where nothing is.
    pub threshold: Option<u16>,
    /// The share of the others that is accepted: the false positive rate.
    pub fpr: f64,
    /// The share of the matches that is accepted: the recall.
    pub tpr: f64,
}

impl RocPoint {
    /// The share of the matches that is missed: the other axis of a DET curve (Martin et al. 1997), which shows it
    /// against [`fpr`](Self::fpr).
    #[must_use]
    pub fn fnr(&self) -> f64 {
        1.0 - self.tpr
    }
}

/// A threshold chosen for its precision.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct AtPrecision {
    /// The recall there.
    pub recall: f64,
    /// The largest distance that is accepted.
    pub threshold: u16,
}

/// Counts of matching and other comparisons by distance.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Roc {
    /// Accepted up to a distance, where there is any comparison at it: distance, matches, others.
    steps: Vec<Step>,
    matches: u64,
    others: u64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Step {
    distance: u16,
    /// At this distance and below.
    matches: u64,
    others: u64,
    /// At this distance.
    matches_here: u64,
}

impl Roc {
    /// From the number of matching and of other comparisons at each distance from 0 on. The longer one is right:
    /// beyond its end the shorter one has none. `None` when either has no comparison at all, when a sum exceeds
    /// `u64`, or a distance `u16`.
    #[must_use]
    pub fn new(matches: &[u64], others: &[u64]) -> Option<Self> {
        let mut steps = Vec::new();
        let (mut all_matches, mut all_others) = (0_u64, 0_u64);
        for distance in 0..matches.len().max(others.len()) {
            let at = |counts: &[u64]| counts.get(distance).copied().unwrap_or(0);
            let (matches_here, others_here) = (at(matches), at(others));
            if matches_here == 0 && others_here == 0 {
                continue;
            }
            all_matches = all_matches.checked_add(matches_here)?;
            all_others = all_others.checked_add(others_here)?;
            let distance = u16::try_from(distance).ok()?;
            steps.push(Step { distance, matches: all_matches, others: all_others, matches_here });
        }
        (all_matches > 0 && all_others > 0).then_some(Self { steps, matches: all_matches, others: all_others })
    }

    /// The curve, from accepting nothing to accepting everything, one point for each distance that occurs.
    pub fn points(&self) -> impl Iterator<Item = RocPoint> {
        let nothing = RocPoint { threshold: None, fpr: 0.0, tpr: 0.0 };
        let (matches, others) = (self.matches as f64, self.others as f64);
        std::iter::once(nothing).chain(self.steps.iter().map(move |step| RocPoint {
            threshold: Some(step.distance),
            fpr: step.others as f64 / others,
            tpr: step.matches as f64 / matches,
        }))
    }

    /// The area under the curve: the probability that a match is nearer than another, ties counting half (Hanley &
    /// `McNeil` 1982).
    #[must_use]
    pub fn auc(&self) -> f64 {
        let mut twice = 0.0;
        let (mut matches, mut others) = (0, 0);
        for step in &self.steps {
            twice += (step.others - others) as f64 * (step.matches as f64 + matches as f64);
            (matches, others) = (step.matches, step.others);
        }
        twice / 2.0 / self.matches as f64 / self.others as f64
    }

    /// The part of the area with a false positive rate up to `limit`, scaled so that guessing is 0.5 and perfection 1
    /// (`McClish` 1989). `None` for a limit outside of 0 to 1.
    #[must_use]
    pub fn partial_auc(&self, limit: f64) -> Option<f64> {
        if !(limit > 0.0 && limit <= 1.0) {
            return None;
        }
        let mut area = 0.0;
        for (from, to) in self.segments() {
            if to.fpr <= limit {
                area += (to.fpr - from.fpr) * (from.tpr + to.tpr) / 2.0;
                continue;
            }
            let share = (limit - from.fpr) / (to.fpr - from.fpr);
            let tpr = from.tpr + share * (to.tpr - from.tpr);
            area += (limit - from.fpr) * (from.tpr + tpr) / 2.0;
            break;
        }
        let (least, most) = (limit * limit / 2.0, limit);
        if limit == 1.0 {
            return Some(area);
        }
        Some((1.0 + (area - least) / (most - least)) / 2.0)
    }

    /// The average precision when what ties is accepted together: the precision of each threshold, weighted by the
    /// recall that it adds.
    #[must_use]
    pub fn average_precision(&self) -> f64 {
        let sum: f64 = self.steps.iter().map(|step| step.matches_here as f64 * step.precision()).sum();
        sum / self.matches as f64
    }

    /// The average precision in the worst order of what ties, the others first, as the Image Similarity Challenge
    /// scores (Papakipos et al. 2022): `missing` more matches were never compared, and count as not found.
    ///
    /// Costs a step for each matching comparison.
    #[must_use]
    pub fn average_precision_worst(&self, missing: u64) -> f64 {
        let mut sum = 0.0;
        for step in &self.steps {
            let before = step.matches - step.matches_here;
            for rank in before + 1..=step.matches {
                sum += rank as f64 / (rank as f64 + step.others as f64);
            }
        }
        sum / (self.matches as f64 + missing as f64)
    }

    /// The largest threshold at which at least the share `precision` of what is accepted is a match, and its recall.
    /// `None` when there is no such threshold with a match.
    ///
    /// A precision depends on how many others there are for each match: it says nothing about another collection.
    #[must_use]
    pub fn recall_at_precision(&self, precision: f64) -> Option<AtPrecision> {
        let step = self.steps.iter().rev().find(|step| step.matches > 0 && step.precision() >= precision)?;
        Some(AtPrecision { recall: step.matches as f64 / self.matches as f64, threshold: step.distance })
    }

    /// The largest recall of a threshold with a false positive rate of at most `limit`, 0 when there is none.
    #[must_use]
    pub fn recall_at_fpr(&self, limit: f64) -> f64 {
        self.points().filter(|point| point.fpr <= limit).map(|point| point.tpr).fold(0.0, f64::max)
    }

    /// The equal error rate: where the curve, its points joined by lines, has as many false positives as misses.
    #[must_use]
    pub fn equal_error_rate(&self) -> f64 {
        // The false positive rate less the miss rate rises from -1 to 1 along the curve.
        let balance = |point: &RocPoint| point.fpr - point.fnr();
        for (from, to) in self.segments() {
            if balance(&to) >= 0.0 {
                let share = -balance(&from) / (balance(&to) - balance(&from));
                return from.fpr + share * (to.fpr - from.fpr);
            }
        }
        1.0
    }

    fn segments(&self) -> impl Iterator<Item = (RocPoint, RocPoint)> {
        self.points().zip(self.points().skip(1))
    }
}

impl Step {
    fn precision(&self) -> f64 {
        self.matches as f64 / (self.matches as f64 + self.others as f64)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stats::vectors::{number, rows};

    fn read(set: &str) -> Option<Roc> {
        let mut counts = [vec![0; 257], vec![0; 257]];
        for row in rows("roc_data.csv")?.iter().filter(|row| &row[0] == set) {
            counts[usize::from(&row[2] == "0")][number(row, 3) as usize] += 1;
        }
        Roc::new(&counts[0], &counts[1])
    }

    #[test]
    fn summaries_are_those_of_the_golden_table() {
        let Some(rows) = rows("roc_summary.csv") else { return };
        for row in &rows {
            let roc = read(&row[0]).expect("counts");
            let (p90, p999) = (roc.recall_at_precision(0.9), roc.recall_at_precision(0.999));
            let recall = |at: Option<AtPrecision>| at.map(|at| at.recall);
            let threshold = |at: Option<AtPrecision>| at.map(|at| f64::from(at.threshold));
            let values = [
                (Some(roc.auc()), 1e-12),
                (Some(roc.average_precision()), 1e-12),
                (Some(roc.average_precision_worst(0)), 1e-12),
                (Some(roc.average_precision_worst(5)), 1e-12),
                (recall(p90), 1e-12),
                (threshold(p90), 0.0),
                (recall(p999), 1e-12),
                (threshold(p999), 0.0),
                (Some(roc.equal_error_rate()), 1e-9),
                (Some(roc.recall_at_fpr(0.01)), 1e-12),
                (Some(roc.recall_at_fpr(0.1)), 1e-12),
                (roc.partial_auc(0.1), 1e-12),
            ];
            for (field, (value, error)) in (3..).zip(values) {
                let table = (!row[field].is_empty()).then(|| number(row, field));
                let same = match (value, table) {
                    (Some(value), Some(table)) => (value - table).abs() <= error,
                    (value, table) => value == table,
                };
                assert!(same, "field {field}: {value:?} instead of {table:?} in {row:?}");
            }
        }
        assert_eq!(rows.len(), 5);
    }

    #[test]
    fn points_are_those_of_the_golden_table() {
        let Some(rows) = rows("roc_points.csv") else { return };
        let sets = ["tiny_ties", "pdq_like", "heavy_overlap", "perfect", "inverted"];
        let points = sets.iter().flat_map(|set| read(set).expect("counts").points().collect::<Vec<_>>());
        let points: Vec<_> = points.collect();
        assert_eq!(points.len(), rows.len());
        for (point, row) in points.iter().zip(&rows) {
            assert_eq!(point.threshold.map_or(String::new(), |threshold| threshold.to_string()), row[1]);
            assert!(
                (point.fpr - number(row, 2)).abs() < 1e-12 && (point.tpr - number(row, 3)).abs() < 1e-12,
                "{row:?}"
            );
        }
    }

    #[test]
    fn a_tie_of_everything_is_a_guess() {
        let roc = Roc::new(&[0, 1000], &[0, 10]).expect("counts");
        assert_eq!((roc.auc(), roc.equal_error_rate(), roc.partial_auc(0.2)), (0.5, 0.5, Some(0.5)));
    }

    #[test]
    fn others_that_tie_with_the_best_match_do_not_hide_the_matches() {
        // thorn's perception 0.9.3 answers this with a recall of 0.
        let roc = Roc::new(&[1000, 1000], &[1, 0]).expect("counts");
        assert_eq!(roc.recall_at_precision(0.999), Some(AtPrecision { recall: 1.0, threshold: 1 }));
    }

    #[test]
    fn without_both_kinds_of_comparison_there_is_no_curve() {
        assert_eq!(Roc::new(&[], &[1]), None);
        assert_eq!(Roc::new(&[1], &[0, 0]), None);
        assert_eq!(Roc::new(&[u64::MAX, 1], &[1]), None);
        assert_eq!(Roc::new(&[1], &[1]).expect("counts").partial_auc(0.0), None);
        assert_eq!(Roc::new(&[1], &[1]).expect("counts").partial_auc(f64::NAN), None);
    }
}
