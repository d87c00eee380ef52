//! How sure a share is: `hits` of `n`.

use serde::{Deserialize, Serialize};

use crate::stats::beta::beta_quantile;
use crate::stats::gamma::gamma_quantile;
use crate::stats::normal::upper_point;
use crate::stats::solve::Tail;

/// Between which values the true one lies.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Interval {
    /// The lower end.
    pub low: f64,
    /// The upper end.
    pub high: f64,
}

impl Interval {
    /// Whether a value lies within, the ends included.
    #[must_use]
    pub fn contains(self, value: f64) -> bool {
        (self.low..=self.high).contains(&value)
    }
}

/// The exact two-sided interval of a share (Clopper & Pearson 1934), which covers the true one with a probability of
/// at least `1 - alpha` whatever it is.
///
/// The `hits` must be those of independent trials. Relative accuracy 1e-9 up to an `n` of 1e15. `None` for an `n` of 0,
/// more hits than `n`, or an `alpha` outside of 0 to 1.
///
/// ```
/// let rate = presend_eval::stats::clopper_pearson(0, 1_000_000, 0.05).unwrap();
/// assert_eq!(rate.low, 0.0);
/// assert!((rate.high - 3.69e-6).abs() < 1e-8);
/// ```
#[must_use]
pub fn clopper_pearson(hits: u64, n: u64, alpha: f64) -> Option<Interval> {
    check(hits, n, alpha)?;
    beta_interval(hits as f64, n as f64, alpha / 2.0)
}

/// The exact one-sided upper bound of a share (Clopper & Pearson 1934): the true one is above it with a probability
/// of at most `alpha`. With no hit it is `1 - alpha^(1/n)`, the "rule of three".
///
/// `None` as for [`clopper_pearson`].
#[must_use]
pub fn clopper_pearson_upper(hits: u64, n: u64, alpha: f64) -> Option<f64> {
    check(hits, n, alpha)?;
    beta_upper(hits as f64, n as f64, alpha)
}

/// The interval of a share by the score test (Wilson 1927): covers the true one with a probability of about
/// `1 - alpha`, on the average over true shares, and is narrower than [`clopper_pearson`]'s.
///
/// `None` as for [`clopper_pearson`].
#[must_use]
pub fn wilson(hits: u64, n: u64, alpha: f64) -> Option<Interval> {
    check(hits, n, alpha)?;
    let z = upper_point(alpha / 2.0);
    let (hits, n) = (hits as f64, n as f64);
    let share = hits / n;
    let scale = 1.0 + z * z / n;
    let centre = share + z * z / (2.0 * n);
    let spread = z * (share * ((n - hits) / n) / n + z * z / (4.0 * n * n)).sqrt();
    let high = if hits == n { 1.0 } else { ((centre + spread) / scale).min(1.0) };
    // The ends are the roots of a quadratic equation, and this is their product.
    let low = (share * share / scale / high).min(high);
    Some(Interval { low, high })
}

/// [`wilson`]'s interval at 95 %, from 0 to 1 when `n` is 0.
///
/// ```
/// let (low, high) = presend_eval::stats::wilson_95(290, 300);
/// assert!((low - 0.940).abs() < 1e-3 && (high - 0.982).abs() < 1e-3);
/// ```
#[must_use]
pub fn wilson_95(hits: usize, n: usize) -> (f64, f64) {
    wilson(hits as u64, n as u64, 0.05).map_or((0.0, 1.0), |Interval { low, high }| (low, high))
}

/// The interval of a share that Jeffreys' prior gives (Brown, Cai & `DasGupta` 2001): quantiles of a beta
/// distribution of `hits + ½` and `n - hits + ½`, with an end of 0 for no hit and of 1 for nothing but hits.
///
/// `None` as for [`clopper_pearson`].
#[must_use]
pub fn jeffreys(hits: u64, n: u64, alpha: f64) -> Option<Interval> {
    check(hits, n, alpha)?;
    let (a, b) = (hits as f64 + 0.5, (n - hits) as f64 + 0.5);
    let low = if hits == 0 { 0.0 } else { beta_quantile(Tail::Lower, alpha / 2.0, a, b)? };
    let high = if hits == n { 1.0 } else { beta_quantile(Tail::Upper, alpha / 2.0, a, b)? };
    Some(Interval { low, high })
}

/// The exact interval of a Poisson rate (Garwood 1936): `hits` events seen in an exposure of `n`, events per unit of
/// exposure. The upper end may exceed 1.
///
/// `None` for an `n` of 0 or an `alpha` outside of 0 to 1.
#[must_use]
pub fn garwood(hits: u64, n: u64, alpha: f64) -> Option<Interval> {
    if n == 0 || !is_alpha(alpha) {
        return None;
    }
    let (k, n) = (hits as f64, n as f64);
    let low = if hits == 0 { 0.0 } else { gamma_quantile(Tail::Lower, alpha / 2.0, k)? / n };
    Some(Interval { low, high: gamma_quantile(Tail::Upper, alpha / 2.0, k + 1.0)? / n })
}

/// The interval of a share whose trials depend on one another (Korn & Graubard 1998): [`clopper_pearson`]'s of
/// `hits / deff` in `n / deff` trials.
///
/// `deff` is the design effect, how many times larger the variance of the share is than it were with independent
/// trials. One below 1 counts as 1: an interval is never narrower than with independent trials, because an estimated
/// design effect is itself uncertain. `None` as for [`clopper_pearson`], or when `deff` is negative or no finite number.
#[must_use]
pub fn korn_graubard(hits: u64, n: u64, deff: f64, alpha: f64) -> Option<Interval> {
    check(hits, n, alpha)?;
    if !deff.is_finite() || deff < 0.0 {
        return None;
    }
    let deff = deff.max(1.0);
    beta_interval(hits as f64 / deff, n as f64 / deff, alpha / 2.0)
}

/// The `alpha` for each of `m` intervals that are to hold all at once with an `alpha` for all (Bonferroni 1936).
///
/// `None` for an `m` of 0 or an `alpha` outside of 0 to 1.
#[must_use]
pub fn bonferroni(alpha: f64, m: u64) -> Option<f64> {
    (m > 0 && is_alpha(alpha)).then(|| alpha / m as f64)
}

/// Both ends, each with a probability of error of `side`, for counts that need not be whole.
fn beta_interval(k: f64, n: f64, side: f64) -> Option<Interval> {
    Some(Interval { low: beta_lower(k, n, side)?, high: beta_upper(k, n, side)? })
}

pub(super) fn beta_lower(k: f64, n: f64, side: f64) -> Option<f64> {
    if k == 0.0 {
        return Some(0.0);
    }
    if k == n {
        return Some((side.ln() / n).exp());
    }
    beta_quantile(Tail::Lower, side, k, n - k + 1.0)
}

pub(super) fn beta_upper(k: f64, n: f64, side: f64) -> Option<f64> {
    if k == n {
        return Some(1.0);
    }
    if k == 0.0 {
        return Some(-(side.ln() / n).exp_m1());
    }
    beta_quantile(Tail::Upper, side, k + 1.0, n - k)
}

fn check(hits: u64, n: u64, alpha: f64) -> Option<()> {
    (n > 0 && hits <= n && is_alpha(alpha)).then_some(())
}

pub(super) fn is_alpha(alpha: f64) -> bool {
    alpha > 0.0 && alpha < 1.0
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stats::vectors::{assert_close, number, rows};

    #[test]
    fn intervals_of_a_share_are_those_of_the_golden_table() {
        let Some(rows) = rows("cp_vectors.csv") else { return };
        for row in &rows {
            let (k, n, alpha) = (number(row, 0) as u64, number(row, 1) as u64, number(row, 2));
            // The digits that the table has: at k = 1, n = 1e6 it is off by 1.6e-12, as 40 digits show.
            let exact = 1e-11;
            let cp = clopper_pearson(k, n, alpha).expect("valid");
            assert_close(cp.low, number(row, 3), exact, row);
            assert_close(cp.high, number(row, 4), exact, row);
            assert_close(clopper_pearson_upper(k, n, alpha).expect("valid"), number(row, 5), exact, row);
            let score = wilson(k, n, alpha).expect("valid");
            assert_close(score.low, number(row, 6), 1e-12, row);
            assert_close(score.high, number(row, 7), 1e-12, row);
            let bayes = jeffreys(k, n, alpha).expect("valid");
            assert_close(bayes.low, number(row, 8), exact, row);
            assert_close(bayes.high, number(row, 9), exact, row);
            let poisson = garwood(k, n, alpha).expect("valid");
            assert_close(poisson.low, number(row, 10), 1e-12, row);
            assert_close(poisson.high, number(row, 11), 1e-12, row);
        }
        assert_eq!(rows.len(), 160);
    }

    #[test]
    fn intervals_of_dependent_trials_are_those_of_the_golden_table() {
        let Some(rows) = rows("kg_vectors.csv") else { return };
        for row in &rows {
            let (k, n) = (number(row, 0) as u64, number(row, 1) as u64);
            let interval = korn_graubard(k, n, number(row, 2), number(row, 3)).expect("valid");
            assert_close(interval.low, number(row, 4), 1e-11, row);
            assert_close(interval.high, number(row, 5), 1e-11, row);
        }
        assert_eq!(rows.len(), 32);
    }

    #[test]
    fn a_design_effect_below_one_narrows_nothing() {
        assert_eq!(korn_graubard(5, 100, 0.3, 0.05), clopper_pearson(5, 100, 0.05));
        assert_eq!(korn_graubard(5, 100, f64::NAN, 0.05), None);
        assert_eq!(korn_graubard(5, 100, f64::INFINITY, 0.05), None);
    }

    #[test]
    fn largest_counts_are_answered_at_once() {
        let n = u64::MAX;
        for k in [0, 1, 1_000_000, n / 3, n / 2, n - 1, n] {
            let share = k as f64 / n as f64;
            for interval in [clopper_pearson(k, n, 0.05), jeffreys(k, n, 0.05), wilson(k, n, 0.05), garwood(k, n, 0.05)]
            {
                let interval = interval.expect("an interval");
                assert!(interval.low <= share && share <= interval.high, "{k}: {interval:?}");
            }
        }
    }

    #[test]
    fn an_alpha_next_to_nothing_leaves_every_end_in_order() {
        for (k, n) in [(0, 1), (1, 1), (1, 2), (7, 7), (3, 1000), (999, 1000), (1_000_000, 1_000_000_000)] {
            for alpha in [1e-300, 1e-20, 0.999] {
                for interval in [clopper_pearson(k, n, alpha), jeffreys(k, n, alpha), wilson(k, n, alpha)] {
                    let Interval { low, high } = interval.expect("an interval");
                    assert!(0.0 <= low && low <= high && high <= 1.0, "{k} of {n}, {alpha}: {low} {high}");
                }
            }
        }
    }

    #[test]
    fn the_ends_of_wilsons_interval_solve_the_equation_they_come_from() {
        for (hits, n) in [(1, 10), (150, 300), (299, 300)] {
            let share = f64::from(hits) / f64::from(n);
            let (low, high) = wilson_95(hits as usize, n as usize);
            for end in [low, high] {
                let z = (share - end).abs() / (end * (1.0 - end) / f64::from(n)).sqrt();
                assert!((z - 1.96).abs() < 1e-3, "{hits} of {n}: {end}");
            }
        }
    }

    #[test]
    fn certain_shares_have_one_open_end() {
        assert_eq!(wilson_95(0, 0), (0.0, 1.0));
        assert!(wilson_95(0, 300).0 < 1e-12 && wilson_95(300, 300).1 > 1.0 - 1e-12);
        assert!(wilson_95(300, 300).0 < 1.0);
    }

    #[test]
    fn what_is_no_share_has_no_interval() {
        for (k, n, alpha) in [(2, 1, 0.05), (0, 0, 0.05), (1, 2, 0.0), (1, 2, 1.0), (1, 2, -0.1), (1, 2, f64::NAN)] {
            assert_eq!(clopper_pearson(k, n, alpha), None);
            assert_eq!(clopper_pearson_upper(k, n, alpha), None);
            assert_eq!(wilson(k, n, alpha), None);
            assert_eq!(jeffreys(k, n, alpha), None);
            assert_eq!(korn_graubard(k, n, 1.0, alpha), None);
        }
        assert_eq!(garwood(1, 0, 0.05), None);
        assert_eq!(bonferroni(0.05, 0), None);
        assert_eq!(bonferroni(0.05, 10), Some(0.005));
    }
}
