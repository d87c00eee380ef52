//! The rate per pair, when every item is in many pairs.
//!
//! Of `n` items all `n (n-1) / 2` pairs are compared. They are not independent trials: an item that is near many others
//! (a hub) makes many hits at once. All that the estimators need is the *degree* of every item, the number of hits it
//! takes part in, so that counts of shards can be added and give the same figures to the last digit.

use serde::{Deserialize, Serialize};

use crate::stats::proportion::{Interval, clopper_pearson, korn_graubard};

/// How often two different items of one collection match, with the variance that the collection itself shows.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct PairRate {
    /// How many items were compared with one another.
    pub items: u64,
    /// How many pairs matched.
    pub hits: u64,
    /// How many pairs there are.
    pub pairs: u64,
    /// The share of pairs that match: a U-statistic of order 2 (Hoeffding 1948).
    pub rate: f64,
    /// The variance of the rate by leaving out one item after the other (Arvesen 1969). Where hits are few and
    /// unconnected it is too large, up to two times.
    pub variance: f64,
    /// The variance that independent pairs would give.
    pub naive_variance: f64,
    /// The design effect: the former over the latter. `None` when no pair matches or all do.
    pub deff: Option<f64>,
    /// The number of independent pairs that would be as informative.
    pub effective_pairs: Option<f64>,
}

impl PairRate {
    /// From the degree of every item. `None` for fewer than three items, a degree above what `n - 1` others allow, or
    /// degrees whose sum is odd: every hit counts for both of its items.
    #[must_use]
    pub fn new(degrees: &[u64]) -> Option<Self> {
        let items = degrees.len() as u64;
        if items < 3 || degrees.iter().any(|&degree| degree >= items) {
            return None;
        }
        let Moments { sum, spread } = Moments::new(degrees)?;
        if sum % 2 != 0 {
            return None;
        }
        let hits = u64::try_from(sum / 2).ok()?;
        let pairs = u64::try_from(u128::from(items) * u128::from(items - 1) / 2).ok()?;
        let (n, all) = (items as f64, pairs as f64);
        let rate = hits as f64 / all;
        // Leaving out item i leaves hits - degree of (n-1)(n-2)/2 pairs; the deviations are those of the degrees.
        let left = (n - 1.0) * (n - 2.0) / 2.0;
        let variance = (n - 1.0) / n * (spread / left / left);
        let naive_variance = rate * ((pairs - hits) as f64 / all) / all;
        let deff = (naive_variance > 0.0).then(|| variance / naive_variance);
        let effective_pairs = deff.filter(|&deff| deff > 0.0).map(|deff| all / deff);
        Some(Self { items, hits, pairs, rate, variance, naive_variance, deff, effective_pairs })
    }

    /// The interval of the rate for other items of the same origin: [`korn_graubard`]'s with the design effect.
    ///
    /// When no pair matches (or all do) the collection shows no design effect, and only pairs without a common item
    /// are sure to be independent: then it is [`clopper_pearson`]'s for half as many pairs as there are items.
    #[must_use]
    pub fn interval(&self, alpha: f64) -> Option<Interval> {
        interval(self.hits, self.pairs, self.deff, self.items / 2, alpha)
    }
}

/// How often a query matches a reference, when all queries are compared with all references and both were drawn.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct CrossRate {
    /// How many queries there are.
    pub queries: u64,
    /// How many references there are.
    pub references: u64,
    /// How many of the comparisons matched.
    pub hits: u64,
    /// How many comparisons there are: queries times references.
    pub comparisons: u64,
    /// The share of comparisons that match: a U-statistic of two samples.
    pub rate: f64,
    /// The part of the variance that comes from drawing queries.
    pub query_variance: f64,
    /// The part of the variance that comes from drawing references.
    pub reference_variance: f64,
    /// The variance that independent comparisons would give, which both parts contain.
    pub cell_variance: f64,
    /// The variance of the rate (two-way clustering: Cameron, Gelbach & Miller 2011): the sum of both parts without
    /// what they have in common, and at least the larger one of them.
    pub variance: f64,
    /// The design effect: the variance over that of independent comparisons. `None` when nothing matches or all does.
    pub deff: Option<f64>,
}

impl CrossRate {
    /// From the number of hits of every query and of every reference. `None` for fewer than two of either, a number
    /// above the size of the other side, or sums that differ.
    #[must_use]
    pub fn new(queries: &[u64], references: &[u64]) -> Option<Self> {
        let (rows, columns) = (queries.len() as u64, references.len() as u64);
        let too_many = |counts: &[u64], others: u64| counts.iter().any(|&count| count > others);
        if rows < 2 || columns < 2 || too_many(queries, columns) || too_many(references, rows) {
            return None;
        }
        let (row, column) = (Moments::new(queries)?, Moments::new(references)?);
        if row.sum != column.sum {
            return None;
        }
        let hits = u64::try_from(row.sum).ok()?;
        let comparisons = rows.checked_mul(columns)?;
        let (q, r, all) = (rows as f64, columns as f64, comparisons as f64);
        let rate = hits as f64 / all;
        let query_variance = row.spread / r / r / (q - 1.0) / q;
        let reference_variance = column.spread / q / q / (r - 1.0) / r;
        let cell_variance = rate * ((comparisons - hits) as f64 / all) / all;
        let variance =
            (query_variance + reference_variance - cell_variance).max(query_variance).max(reference_variance);
        let deff = (cell_variance > 0.0).then(|| variance / cell_variance);
        Some(Self {
            queries: rows,
            references: columns,
            hits,
            comparisons,
            rate,
            query_variance,
            reference_variance,
            cell_variance,
            variance,
            deff,
        })
    }

    /// The interval of the rate for other queries and references of the same origin: [`korn_graubard`]'s with the
    /// design effect.
    ///
    /// When nothing matches (or all does) only comparisons that have neither side in common are sure to be
    /// independent: then it is [`clopper_pearson`]'s for as many as the smaller side has.
    #[must_use]
    pub fn interval(&self, alpha: f64) -> Option<Interval> {
        interval(self.hits, self.comparisons, self.deff, self.queries.min(self.references), alpha)
    }
}

/// [`korn_graubard`]'s interval, or [`clopper_pearson`]'s with as many trials as are `disjoint`.
fn interval(hits: u64, n: u64, deff: Option<f64>, disjoint: u64, alpha: f64) -> Option<Interval> {
    match deff {
        Some(deff) => korn_graubard(hits, n, deff, alpha),
        None => clopper_pearson(if hits == 0 { 0 } else { disjoint }, disjoint, alpha),
    }
}

/// How unevenly hits are spread over items: the "goats, lambs and wolves" of Doddington et al. 1998.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Hubs {
    /// The share of all hits that the 1 % of items with most hits take part in (at least one item; of the sum of
    /// degrees, in which a hit counts for both of its items).
    pub top_share: f64,
    /// The smallest number of items that together have half of the sum of degrees.
    pub half: u64,
    /// The Gini coefficient of the degrees, 0 when all are equal and towards 1 when one item has everything.
    pub gini: f64,
    /// The share of items that take part in any hit.
    pub involved: f64,
}

impl Hubs {
    /// From the degree of every item, in any order. `None` without a hit.
    #[must_use]
    pub fn new(degrees: &[u64]) -> Option<Self> {
        let mut degrees = degrees.to_vec();
        degrees.sort_unstable_by(|a, b| b.cmp(a));
        let n = degrees.len();
        let sum: u128 = degrees.iter().map(|&degree| u128::from(degree)).sum();
        if sum == 0 {
            return None;
        }
        let top: u128 = degrees[..n.div_ceil(100)].iter().map(|&degree| u128::from(degree)).sum();
        let mut reached = 0;
        let half = degrees
            .iter()
            .position(|&degree| {
                reached += u128::from(degree);
                2 * reached >= sum
            })
            .map(|last| last as u64 + 1)?;
        // From largest to smallest: the first one has the weight n - 1, the last one 1 - n.
        let weighted: f64 = (degrees.iter().enumerate())
            .map(|(rank, &degree)| (n as f64 - 1.0 - 2.0 * rank as f64) * degree as f64)
            .sum();
        let involved = degrees.partition_point(|&degree| degree > 0);
        let total = sum as f64;
        Some(Self {
            top_share: top as f64 / total,
            half,
            gini: weighted / (n as f64 * total),
            involved: involved as f64 / n as f64,
        })
    }
}

/// Exact sums of counts.
struct Moments {
    sum: u128,
    /// The sum of squared deviations from the mean.
    spread: f64,
}

impl Moments {
    fn new(counts: &[u64]) -> Option<Self> {
        let n = counts.len() as u128;
        let mut sum = 0_u128;
        let mut squares = 0_u128;
        for &count in counts {
            let count = u128::from(count);
            sum = sum.checked_add(count)?;
            squares = squares.checked_add(count * count)?;
        }
        let scaled = n.checked_mul(squares)?.checked_sub(sum.checked_mul(sum)?)?;
        Some(Self { sum, spread: scaled as f64 / n as f64 })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stats::vectors::{assert_close, number, rows};

    #[test]
    fn rates_per_pair_and_hubs_are_those_of_the_golden_table() {
        let Some(rows) = rows("ustat_vectors.csv") else { return };
        for row in &rows {
            let mut degrees = vec![0; number(row, 1) as usize];
            for edge in row[2].split(';') {
                for end in edge.split('-') {
                    degrees[end.parse::<usize>().expect("an item")] += 1;
                }
            }
            let rate = PairRate::new(&degrees).expect("a rate");
            let values =
                [rate.rate, rate.variance, rate.naive_variance, rate.deff.unwrap(), rate.effective_pairs.unwrap()];
            for (field, value) in (3..).zip(values) {
                assert_close(value, number(row, field), 1e-12, row);
            }
            let hubs = Hubs::new(&degrees).expect("hits");
            for (field, value) in (8..).zip([hubs.top_share, hubs.half as f64, hubs.gini, hubs.involved]) {
                assert_close(value, number(row, field), 1e-12, row);
            }
        }
        assert_eq!(rows.len(), 3);
    }

    #[test]
    fn rates_of_two_samples_are_those_of_the_golden_table() {
        let Some(rows) = rows("twoway_vectors.csv") else { return };
        for row in &rows {
            let cells: Vec<&[u8]> = row[3].split(';').map(str::as_bytes).collect();
            let count = |cell: &u8| u64::from(*cell == b'1');
            let queries: Vec<u64> = cells.iter().map(|line| line.iter().map(count).sum()).collect();
            let references: Vec<u64> =
                (0..cells[0].len()).map(|column| cells.iter().map(|line| count(&line[column])).sum()).collect();
            let rate = CrossRate::new(&queries, &references).expect("a rate");
            let values = [
                rate.rate,
                rate.query_variance,
                rate.reference_variance,
                rate.cell_variance,
                rate.variance,
                rate.deff.unwrap(),
            ];
            for (field, value) in (4..).zip(values) {
                assert_close(value, number(row, field), 1e-12, row);
            }
        }
        assert_eq!(rows.len(), 2);
    }

    #[test]
    fn without_a_hit_only_disjoint_pairs_count() {
        let none = PairRate::new(&[0; 2000]).expect("a rate");
        assert_eq!((none.rate, none.deff), (0.0, None));
        assert_eq!(none.interval(0.05), clopper_pearson(0, 1000, 0.05));
        assert_eq!(Hubs::new(&[0; 5]), None);
        let none = CrossRate::new(&[0; 30], &[0; 20]).expect("a rate");
        assert_eq!(none.interval(0.05), clopper_pearson(0, 20, 0.05));
    }

    #[test]
    fn degrees_that_no_collection_has_are_refused() {
        assert_eq!(PairRate::new(&[]), None);
        assert_eq!(PairRate::new(&[1, 1]), None);
        assert_eq!(PairRate::new(&[3, 1, 0]), None);
        assert_eq!(PairRate::new(&[1, 0, 0]), None);
        assert_eq!(CrossRate::new(&[1, 0], &[1, 1]), None);
        assert_eq!(CrossRate::new(&[3, 0], &[1, 2]), None);
        assert_eq!(CrossRate::new(&[1], &[1, 0]), None);
    }
}
