//! The rate per picture as a function of the size of the set.
//!
//! How often a query matches a set of `n` entries is not `1 - (1 - p)^n`: hits are not spread evenly over queries, and a
//! query that matches a hundred entries is one false positive and not a hundred. What a smaller set would have given is
//! known exactly from a larger one, without a model: the share of subsets of `n` of its `N` entries that leave out every
//! entry that the query matches (Hurlbert 1971, "The nonconcept of species diversity").

use serde::{Deserialize, Serialize};

use crate::stats::proportion::{Interval, beta_lower, beta_upper, is_alpha};

/// The false positive rate per picture against a set of `entries` entries, drawn at random from a larger one.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Rarefied {
    /// The size of the smaller set.
    pub entries: u64,
    /// The size of the set that was measured.
    pub measured: u64,
    /// The share of queries that match, in the mean over all sets of that size.
    pub rate: f64,
    /// The variance of the rate by leaving out one cluster of queries after the other (jackknife).
    pub variance: f64,
    /// The number of clusters of queries.
    pub clusters: u64,
}

impl Rarefied {
    /// From how many of the `measured` entries every query matches, each query a cluster of its own. `None` without
    /// a query, when `entries` exceeds `measured`, or when a query matches more.
    ///
    /// Costs at most about `45 measured / entries` steps beyond one per query.
    #[must_use]
    pub fn new(degrees: &[u64], measured: u64, entries: u64) -> Option<Self> {
        let misses = Misses::new(degrees, measured, entries)?;
        let clusters = degrees.iter().map(|&degree| (misses.hit(degree), 1)).collect();
        Some(Self::from_clusters(clusters, measured, entries))
    }

    /// The same where queries are not independent: `clusters` names the cluster of every query, from 0 on, in the order
    /// of `degrees`. `None` also when the two differ in length.
    ///
    /// The result depends on no order, to the last digit.
    #[must_use]
    pub fn of_clusters(degrees: &[u64], clusters: &[usize], measured: u64, entries: u64) -> Option<Self> {
        if degrees.len() != clusters.len() || clusters.iter().any(|&cluster| cluster >= clusters.len()) {
            return None;
        }
        let misses = Misses::new(degrees, measured, entries)?;
        let mut queries: Vec<(u64, usize)> = degrees.iter().copied().zip(clusters.iter().copied()).collect();
        queries.sort_unstable();
        let mut sums = vec![(0.0, 0_u64); clusters.len()];
        for (degree, cluster) in queries {
            sums[cluster].0 += misses.hit(degree);
            sums[cluster].1 += 1;
        }
        sums.retain(|&(_, size)| size > 0);
        Some(Self::from_clusters(sums, measured, entries))
    }

    /// From the sum of the values of every cluster, and its size.
    fn from_clusters(mut clusters: Vec<(f64, u64)>, measured: u64, entries: u64) -> Self {
        clusters.sort_unstable_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
        let all = clusters.iter().map(|&(_, size)| size).sum::<u64>() as f64;
        let rate = (clusters.iter().map(|&(value, _)| value).sum::<f64>() / all).clamp(0.0, 1.0);
        let mut squares = 0.0;
        for &(value, size) in &clusters {
            let size = size as f64;
            if all > size {
                // How far the rate moves when the cluster is left out.
                let moved = (value - rate * size) / (all - size);
                squares += moved * moved;
            }
        }
        let count = clusters.len() as f64;
        let variance = squares * (count - 1.0) / count;
        Self { entries, measured, rate, variance, clusters: clusters.len() as u64 }
    }

    /// The interval of the rate for other queries of the same origin and subsets of this very set.
    ///
    /// Its ends are those of a beta distribution, as [`korn_graubard`](crate::stats::korn_graubard)'s, with as many
    /// independent trials as would have the jackknife's variance. For the lower end they may be more than the clusters,
    /// because a query's part in the rate is the *probability* that a subset hits it, which varies less than hit or no
    /// hit; at most they are as many as the comparisons that `entries` entries make. For the upper end see
    /// [`upper`](Self::upper).
    #[must_use]
    pub fn interval(&self, alpha: f64) -> Option<Interval> {
        let side = alpha / 2.0;
        let high = self.upper(side)?;
        let clusters = self.clusters as f64;
        let most = if self.clusters > 1 { clusters * self.entries as f64 } else { clusters };
        let trials = self.trials().min(most);
        Some(Interval { low: beta_lower(self.rate * trials, trials, side)?, high })
    }

    /// The one-sided upper bound of the rate. It allows for hubs among queries that were not seen, up to one that
    /// matches every subset: with no more trials than clusters, so that it is never below the "rule of three".
    ///
    /// No mean of values from 0 to 1 varies more than that of hit or no hit, which
    /// [`clopper_pearson_upper`](crate::stats::clopper_pearson_upper) bounds. The variance of the queries that were seen
    /// would not do: where a rare query matches half of the set, intervals from it cover in half of all corpora only.
    #[must_use]
    pub fn upper(&self, alpha: f64) -> Option<f64> {
        let trials = self.trials().min(self.clusters as f64);
        is_alpha(alpha).then(|| beta_upper(self.rate * trials, trials, alpha))?
    }

    /// How many independent trials would have this variance; the clusters, when there is none to go by.
    fn trials(&self) -> f64 {
        if self.rate == 0.0 || self.rate == 1.0 {
            return self.clusters as f64;
        }
        self.rate * (1.0 - self.rate) / self.variance
    }
}

/// What subsets leave out.
struct Misses {
    measured: f64,
    entries: u64,
    /// `ln` of the share of subsets that leave out so many entries, from none on; what lies beyond is nothing.
    prefix: Vec<f64>,
}

impl Misses {
    /// Below this the share is no longer seen beside 1.
    const NOTHING: f64 = -45.0;
    /// A subset so small is drawn entry by entry, as that takes fewer steps.
    const FEW: u64 = 64;

    fn new(degrees: &[u64], measured: u64, entries: u64) -> Option<Self> {
        let most = degrees.iter().copied().max()?;
        if entries > measured || most > measured {
            return None;
        }
        let (n, all) = (entries as f64, measured as f64);
        let mut prefix = vec![0.0];
        let mut sum = 0.0;
        if entries > Self::FEW {
            // C(N - m, n) / C(N, n) = Π (N - n - j) / (N - j) over j < m
            for j in 0..most {
                let left = all - j as f64;
                if left <= n || sum < Self::NOTHING {
                    break;
                }
                sum += (-n / left).ln_1p();
                prefix.push(sum);
            }
        }
        Some(Self { measured: all, entries, prefix })
    }

    /// The share of subsets that a query of this degree hits.
    fn hit(&self, degree: u64) -> f64 {
        if self.entries > Self::FEW {
            let position = usize::try_from(degree).unwrap_or(usize::MAX);
            return self.prefix.get(position).map_or(1.0, |missed| -missed.exp_m1());
        }
        let degree = degree as f64;
        let mut sum = 0.0;
        for j in 0..self.entries {
            let left = self.measured - j as f64;
            if left <= degree {
                return 1.0;
            }
            sum += (-degree / left).ln_1p();
        }
        -sum.exp_m1()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stats::proportion::{clopper_pearson, clopper_pearson_upper};
    use crate::stats::vectors::{number, rows};

    #[test]
    fn rarefied_rates_are_those_of_the_golden_table() {
        let Some(rows) = rows("rarefaction_vectors.csv") else { return };
        let mut differ = 0;
        for row in &rows {
            let degrees: Vec<u64> = row[1].split(' ').map(|degree| degree.parse().expect("a degree")).collect();
            let (measured, entries) = (number(row, 2) as u64, number(row, 3) as u64);
            let rarefied = Rarefied::new(&degrees, measured, entries).expect("valid");
            // The table is off by up to 2e-12: it has 0.0010000000023906441 where 0.001 is exact.
            assert!((rarefied.rate - number(row, 4)).abs() <= 1e-11, "{row:?}: {}", rarefied.rate);
            let per_pair = degrees.iter().sum::<u64>() as f64 / degrees.len() as f64 / measured as f64;
            let naive = 1.0 - (1.0 - per_pair).powf(entries as f64);
            assert!((naive - number(row, 5)).abs() <= 1e-9, "{row:?}: {naive}");
            differ += u32::from((rarefied.rate - naive).abs() > 0.1 * naive);
        }
        assert_eq!(rows.len(), 28);
        assert!(differ >= 10, "the naive formula is another one in {differ} rows");
    }

    #[test]
    fn the_two_products_are_the_same_share() {
        let (small, large) = (Misses { measured: 1e6, entries: 60, prefix: vec![0.0] }, 1_000_000);
        for degree in [1, 60, 999, 500_000] {
            let exact: f64 = (0..60).map(|j| (-(degree as f64) / (1e6 - f64::from(j))).ln_1p()).sum();
            assert!((small.hit(degree) + exact.exp_m1()).abs() < 1e-14);
            // By symmetry the roles of subset and matches can be swapped.
            let swapped = Misses::new(&[60], large, degree).expect("valid");
            assert!((swapped.hit(60) / small.hit(degree) - 1.0).abs() < 1e-9, "{degree}");
        }
    }

    #[test]
    fn queries_of_one_cluster_count_once() {
        let degrees = [5, 5, 0, 0, 0, 0, 0, 0];
        let alone = Rarefied::new(&degrees, 100, 30).expect("valid");
        let together = Rarefied::of_clusters(&degrees, &[0, 0, 2, 3, 4, 5, 6, 7], 100, 30).expect("valid");
        let apart = Rarefied::of_clusters(&degrees, &[0, 1, 2, 3, 4, 5, 6, 7], 100, 30).expect("valid");
        assert_eq!(alone, apart);
        assert_eq!((alone.rate, together.clusters), (together.rate, 7));
        assert!(together.variance > 1.5 * alone.variance);
        let turned = Rarefied::of_clusters(&[0, 0, 5, 0, 0, 0, 5, 0], &[7, 0, 4, 1, 2, 3, 4, 5], 100, 30);
        assert_eq!(turned, Some(together));
    }

    #[test]
    fn no_match_is_a_bound_and_not_zero() {
        let none = Rarefied::new(&[0; 300], 1000, 10).expect("valid");
        assert_eq!(none.interval(0.05), clopper_pearson(0, 300, 0.05));
        assert_eq!(none.upper(0.05), clopper_pearson_upper(0, 300, 0.05));
        let even = Rarefied::new(&[1; 300], 1000, 10).expect("valid");
        let interval = even.interval(0.05).expect("valid");
        let ends =
            [clopper_pearson(30, 3000, 0.05), clopper_pearson(3, 300, 0.05)].map(|interval| interval.expect("valid"));
        assert!((interval.low - ends[0].low).abs() < 1e-9 && (interval.high - ends[1].high).abs() < 1e-9);
    }

    #[test]
    fn what_no_set_can_give_is_refused() {
        assert_eq!(Rarefied::new(&[], 10, 5), None);
        assert_eq!(Rarefied::new(&[1], 10, 11), None);
        assert_eq!(Rarefied::new(&[11], 10, 5), None);
        assert_eq!(Rarefied::of_clusters(&[1, 1], &[0], 10, 5), None);
        assert_eq!(Rarefied::of_clusters(&[1, 1], &[0, 2], 10, 5), None);
        assert_eq!(Rarefied::new(&[1, 0], 10, 5).expect("valid").interval(f64::NAN), None);
        assert_eq!(Rarefied::new(&[1, 0], 10, 5).expect("valid").upper(f64::NAN), None);
    }
}
