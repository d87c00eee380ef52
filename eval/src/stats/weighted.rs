//! The rate of a mix of strata.

use crate::stats::gamma::gamma_quantile;
use crate::stats::proportion::{Interval, is_alpha};
use crate::stats::solve::Tail;

/// What was counted in one stratum, and how much of the whole it is.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Stratum {
    /// How many of the trials were hits.
    pub hits: u64,
    /// How many trials there were.
    pub n: u64,
    /// The share of the stratum in what is asked about, 0 to 1; all shares together are 1.
    pub share: f64,
}

/// The rate in a mix of strata, `Σ share · hits / n`. `None` without a stratum, with one without trials, with more hits
/// than trials or with a share that is no number of 0 to 1.
#[must_use]
pub fn mixed_rate(strata: &[Stratum]) -> Option<f64> {
    let valid = |stratum: &Stratum| stratum.n > 0 && stratum.hits <= stratum.n && (0.0..=1.0).contains(&stratum.share);
    (!strata.is_empty() && strata.iter().all(valid))
        .then(|| strata.iter().map(|stratum| stratum.share * (stratum.hits as f64 / stratum.n as f64)).sum())
}

/// The interval of [`mixed_rate`] by the gamma distribution (Fay & Feuer 1997): as the number of hits of each stratum
/// is nearly Poisson, it holds for rare hits and for shares as unequal as they come. The upper end counts one more
/// hit where it weighs most.
///
/// `None` as for [`mixed_rate`], for an `alpha` outside of 0 to 1, or when no stratum has a share.
#[must_use]
pub fn fay_feuer(strata: &[Stratum], alpha: f64) -> Option<Interval> {
    let rate = mixed_rate(strata)?;
    let weights = strata.iter().map(|stratum| stratum.share / stratum.n as f64);
    let heaviest = weights.clone().fold(0.0, f64::max);
    if !is_alpha(alpha) || heaviest == 0.0 {
        return None;
    }
    let variance: f64 = weights.zip(strata).map(|(weight, stratum)| weight * weight * stratum.hits as f64).sum();
    let end = |tail, rate: f64, variance: f64| {
        gamma_quantile(tail, alpha / 2.0, rate * rate / variance).map(|quantile| variance / rate * quantile)
    };
    let low = if rate == 0.0 { 0.0 } else { end(Tail::Lower, rate, variance)? };
    Some(Interval { low, high: end(Tail::Upper, rate + heaviest, variance + heaviest * heaviest)? })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stats::proportion::garwood;
    use crate::stats::vectors::{assert_close, number, rows};

    #[test]
    fn intervals_of_a_mix_are_those_of_the_golden_table() {
        let Some(rows) = rows("fayfeuer_vectors.csv") else { return };
        for row in &rows {
            let numbers = |field: usize| row[field].split(' ').map(|value| value.parse::<f64>().expect("a number"));
            let strata: Vec<_> = (numbers(0).zip(numbers(1)).zip(numbers(2)))
                .map(|((hits, n), share)| Stratum { hits: hits as u64, n: n as u64, share })
                .collect();
            let interval = fay_feuer(&strata, 0.05).expect("valid");
            let values = [mixed_rate(&strata).expect("valid"), interval.low, interval.high];
            for (field, value) in (3..).zip(values) {
                assert_close(value, number(row, field), 1e-12, row);
            }
        }
        assert_eq!(rows.len(), 3);
    }

    #[test]
    fn a_single_stratum_has_the_interval_of_a_poisson_rate() {
        let (gamma, poisson) =
            (fay_feuer(&[Stratum { hits: 7, n: 1000, share: 1.0 }], 0.05).unwrap(), garwood(7, 1000, 0.05).unwrap());
        assert_close(gamma.low, poisson.low, 1e-12, &gamma);
        assert_close(gamma.high, poisson.high, 1e-12, &gamma);
    }

    #[test]
    fn what_is_no_mix_has_no_interval() {
        let stratum = Stratum { hits: 1, n: 10, share: 1.0 };
        assert_eq!(fay_feuer(&[], 0.05), None);
        assert_eq!(fay_feuer(&[stratum], 0.0), None);
        for wrong in [
            Stratum { hits: 11, ..stratum },
            Stratum { hits: 0, n: 0, share: 1.0 },
            Stratum { share: f64::NAN, ..stratum },
            Stratum { share: -0.1, ..stratum },
            Stratum { share: 0.0, ..stratum },
        ] {
            assert_eq!(fay_feuer(&[wrong], 0.05), None);
        }
    }
}
