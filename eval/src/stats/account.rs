//! How often an innocent account has many matches.
//!
//! A service that acts only on `t` matches of one account hopes that false ones are independent. They are not: who has
//! one picture of a template has many. So the independent answer is a floor, and two models of dependence stand
//! beside it.

use serde::{Deserialize, Serialize};

use crate::stats::saddle::{ln_binomial, stirling_error};
use crate::stats::{beta, gamma};

/// How the false matches of one account depend on one another.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "model")]
#[non_exhaustive]
pub enum Dependence {
    /// Not at all: binomial. A floor, never an estimate.
    Independent,
    /// Not at all, and without the limit that the number of pictures sets: Poisson.
    Poisson,
    /// Every account has its own rate, drawn from a beta distribution: beta-binomial (Skellam 1948).
    BetaBinomial {
        /// The correlation of two pictures of one account, 0 to below 1.
        rho: f64,
    },
    /// False matches come in bursts (an album, a series): compound Poisson with geometric bursts (Pólya-Aeppli), at
    /// the same mean number of matches.
    Bursts {
        /// The mean number of matches of a burst, from 1.
        mean: f64,
    },
}

/// The probability that an account of `pictures` innocent pictures has at least `matches` false matches, when a picture
/// has one at `rate`.
///
/// Relative accuracy 1e-9 as far down as 1e-300. `None` when `rate` is outside of 0 to 1 or the dependence outside of
/// its range. Costs, for a beta-binomial, up to a step per picture.
///
/// ```
/// use presend_eval::stats::{Dependence, account_probability};
///
/// let independent = account_probability(100_000, 1e-6, 30, Dependence::Independent).unwrap();
/// let bursts = account_probability(100_000, 1e-6, 30, Dependence::Bursts { mean: 10.0 }).unwrap();
/// assert!(independent < 1e-62 && bursts > 1e-4);
/// ```
#[must_use]
pub fn account_probability(pictures: u64, rate: f64, matches: u64, dependence: Dependence) -> Option<f64> {
    let valid = match dependence {
        Dependence::Independent | Dependence::Poisson => true,
        Dependence::BetaBinomial { rho } => (0.0..1.0).contains(&rho),
        Dependence::Bursts { mean } => mean >= 1.0 && mean.is_finite(),
    };
    if !valid || !(0.0..=1.0).contains(&rate) {
        return None;
    }
    if matches == 0 {
        return Some(1.0);
    }
    if rate == 0.0 || pictures == 0 {
        return Some(0.0);
    }
    let (n, t) = (pictures as f64, matches as f64);
    let bounded = matches!(dependence, Dependence::Independent | Dependence::BetaBinomial { .. });
    if bounded && matches > pictures {
        return Some(0.0);
    }
    let ln_probability = match dependence {
        Dependence::Independent => binomial(n, rate, t)?,
        Dependence::Poisson => gamma::ln_tails(t, n * rate)?.0,
        Dependence::BetaBinomial { rho } if rho == 0.0 || rate == 1.0 => binomial(n, rate, t)?,
        Dependence::BetaBinomial { rho } => beta_binomial(pictures, rate, matches, rho),
        Dependence::Bursts { mean } => bursts(n * rate / mean, mean, matches)?,
    };
    Some(ln_probability.exp().min(1.0))
}

/// The smallest number of matches that an innocent account reaches with at most the probability `target`.
///
/// `None` as for [`account_probability`], when `target` is not above 0, or when no number up to that of the pictures is
/// enough.
#[must_use]
pub fn account_threshold(pictures: u64, rate: f64, target: f64, dependence: Dependence) -> Option<u64> {
    if target.is_nan() || target <= 0.0 {
        return None;
    }
    let enough = |matches| Some(account_probability(pictures, rate, matches, dependence)? <= target);
    let mut high = 1;
    while !enough(high)? {
        if high >= pictures {
            return None;
        }
        high = high.saturating_mul(2).min(pictures);
    }
    let mut low = 0;
    while high - low > 1 {
        let middle = low + (high - low) / 2;
        if enough(middle)? {
            high = middle;
        } else {
            low = middle;
        }
    }
    Some(high)
}

/// The probability of at least `t` of `n`, as the tail of a beta distribution (its logarithm, as everything below).
fn binomial(n: f64, rate: f64, t: f64) -> Option<f64> {
    Some(beta::ln_tails(t, n - t + 1.0, rate, 1.0 - rate)?.0)
}

/// The sum of the probabilities on the thin side of `matches`, each from its neighbour.
fn beta_binomial(pictures: u64, rate: f64, matches: u64, rho: f64) -> f64 {
    let n = pictures as f64;
    let scale = (1.0 - rho) / rho;
    let (a, b) = (rate * scale, (1.0 - rate) * scale);
    // P(k + 1) / P(k)
    let ratio = |k: f64| (n - k) / (n - k - 1.0 + b) * ((k + a) / (k + 1.0));
    let ln_none = ln_rise(b, a) - ln_rise(b + n, a);
    let ln_at = |matches: u64| (0..matches).fold(ln_none, |sum, k| sum + ratio(k as f64).ln());
    if matches as f64 <= n * rate {
        // Thin is what lies below: P(matches - 1), and downwards from it.
        let mut term = 1.0;
        let mut sum = 1.0;
        for k in (0..matches - 1).rev() {
            term /= ratio(k as f64);
            sum += term;
        }
        return gamma::ln_1m_exp((ln_at(matches - 1) + f64::ln(sum)).min(0.0));
    }
    let mut term = 1.0;
    let mut sum = 1.0;
    for k in matches..pictures {
        let k = k as f64;
        term *= ratio(k);
        sum += term;
        // All further ratios are smaller than this one where it is below 1 at all.
        let bound = (n - k - 1.0) / (n - k - 2.0 + b) * ((k + 1.0 + a) / (k + 2.0)).max(1.0);
        if bound < 1.0 && term * bound < sum * (1.0 - bound) * 1e-17 {
            break;
        }
    }
    ln_at(matches) + f64::ln(sum)
}

/// `ln Γ(z + a) - ln Γ(z)` for `z, a > 0`.
fn ln_rise(z: f64, a: f64) -> f64 {
    (z - 0.5) * (a / z).ln_1p() + a * (z + a).ln() - a + stirling_error(z + a) - stirling_error(z)
}

/// `bursts` bursts in the mean, each of a geometric number of matches, from 1, of the given mean.
///
/// That `j + 1` bursts have at least `t` matches means that among `t - 1` matches at most `j` end a burst. So the
/// probability is a sum over how many end one, of positive terms.
fn bursts(bursts: f64, mean: f64, matches: u64) -> Option<f64> {
    let before = (matches - 1) as f64;
    let ends = mean.recip();
    let mut terms = Vec::new();
    let mut largest = f64::NEG_INFINITY;
    for j in 0..matches {
        let j = j as f64;
        let ln_ends = if mean == 1.0 {
            if j == before { 0.0 } else { f64::NEG_INFINITY }
        } else {
            ln_binomial(j, before - j, ends, 1.0 - ends)
        };
        if ln_ends == f64::NEG_INFINITY {
            continue;
        }
        let term = ln_ends + gamma::ln_tails(j + 1.0, bursts)?.0;
        largest = largest.max(term);
        terms.push(term);
        // Past the largest term they fall off on both accounts.
        if term < largest - 60.0 && j > before * ends {
            break;
        }
    }
    Some(largest + terms.iter().map(|term| (term - largest).exp()).sum::<f64>().ln())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stats::vectors::{assert_close, number, rows};

    #[test]
    fn accounts_are_those_of_the_golden_table() {
        let Some(rows) = rows("account_vectors.csv") else { return };
        let mut lost = 0;
        for row in &rows {
            let (n, rate, t) = (number(row, 0) as u64, number(row, 1), number(row, 2) as u64);
            let at = |t, dependence| account_probability(n, rate, t, dependence).expect("valid");
            // With 60 digits the columns of bursts are off by up to 2.5e-8, and what is computed here by 1e-15.
            for (field, dependence, digits) in [
                (3, Dependence::Independent, 1e-10),
                (4, Dependence::Poisson, 1e-10),
                (7, Dependence::Bursts { mean: 3.0 }, 1e-7),
                (8, Dependence::Bursts { mean: 10.0 }, 1e-7),
                (9, Dependence::Bursts { mean: 30.0 }, 1e-7),
            ] {
                assert_close(at(t, dependence), number(row, field), digits, &(row, dependence));
            }
            assert_close(at(1, Dependence::Independent), number(row, 10), 1e-12, row);
            // These two columns were computed as 1 minus a sum that is nearly 1: they are off by up to 3e-10, and some
            // are 0.0 between two rows of 1e-12. What 1e-6 of them cannot tell is left to the test below.
            for (field, rho) in [(5, 1e-3), (6, 1e-2)] {
                let (actual, table) = (at(t, Dependence::BetaBinomial { rho }), number(row, field));
                if (actual - table).abs() > 1e-6 * table {
                    lost += 1;
                    assert!((actual - table).abs() < 1e-10 && table < 3e-5, "{row:?}: {actual} instead of {table}");
                }
            }
        }
        assert_eq!(rows.len(), 20);
        assert_eq!(lost, 10, "of 40 beta-binomial values");
    }

    #[test]
    fn beta_binomial_accounts_are_those_of_many_digits() {
        // Computed by mpmath as 1 minus the sum of what is below, with 150 digits.
        let mut reader =
            csv::Reader::from_path(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/vectors/beta_binomial.csv"))
                .expect("a table");
        for row in reader.records() {
            let row = row.expect("a row");
            let dependence = Dependence::BetaBinomial { rho: number(&row, 3) };
            let actual =
                account_probability(number(&row, 0) as u64, number(&row, 1), number(&row, 2) as u64, dependence);
            assert_close(actual.expect("valid"), number(&row, 4), 1e-11, &row);
        }
    }

    #[test]
    fn the_models_meet_at_their_limits() {
        let at = |dependence| account_probability(1000, 0.004, 9, dependence).expect("valid");
        assert_close(at(Dependence::BetaBinomial { rho: 1e-9 }), at(Dependence::Independent), 1e-5, &"rho");
        assert_close(at(Dependence::Bursts { mean: 1.0 }), at(Dependence::Poisson), 1e-12, &"bursts");
    }

    #[test]
    fn thresholds_are_the_smallest_that_hold() {
        let models = [
            Dependence::Independent,
            Dependence::Poisson,
            Dependence::BetaBinomial { rho: 1e-3 },
            Dependence::Bursts { mean: 3.0 },
        ];
        for dependence in models {
            let threshold = account_threshold(10_000, 1e-5, 1e-9, dependence).expect("a threshold");
            let at = |matches| account_probability(10_000, 1e-5, matches, dependence).expect("valid");
            assert!(at(threshold) <= 1e-9 && at(threshold - 1) > 1e-9, "{dependence:?}: {threshold}");
        }
        // A certain match on every picture leaves no threshold.
        assert_eq!(account_threshold(10, 1.0, 0.5, Dependence::Independent), None);
    }

    #[test]
    fn the_ends_are_certain_and_what_is_no_rate_has_no_answer() {
        let independent = Dependence::Independent;
        assert_eq!(account_probability(10, 0.1, 0, independent), Some(1.0));
        assert_eq!(account_probability(10, 0.1, 11, independent), Some(0.0));
        assert_eq!(account_probability(10, 0.0, 1, independent), Some(0.0));
        assert_eq!(account_probability(0, 0.5, 1, Dependence::Poisson), Some(0.0));
        assert_eq!(account_probability(10, 1.0, 10, independent), Some(1.0));
        assert_eq!(account_probability(10, 1.0, 10, Dependence::BetaBinomial { rho: 0.5 }), Some(1.0));
        for rate in [-0.1, 1.1, f64::NAN] {
            assert_eq!(account_probability(10, rate, 1, independent), None);
        }
        for dependence in [
            Dependence::BetaBinomial { rho: 1.0 },
            Dependence::BetaBinomial { rho: f64::NAN },
            Dependence::Bursts { mean: 0.9 },
            Dependence::Bursts { mean: f64::INFINITY },
        ] {
            assert_eq!(account_probability(10, 0.1, 1, dependence), None);
        }
        assert_eq!(account_threshold(10, 0.1, f64::NAN, independent), None);
    }
}
