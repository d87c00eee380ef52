//! The gamma distribution: tails of Poisson counts, and its quantiles.

use crate::stats::normal::upper_point;
use crate::stats::saddle::ln_poisson;
use crate::stats::solve::{At, Tail, quantile};

/// The logarithms of the two tails of a gamma distribution of shape `a > 0` and scale 1, below and above `x > 0`.
///
/// Series and continued fraction of the incomplete gamma function (DLMF 8.11.4, 8.9.2), each where it converges fast,
/// the latter evaluated by Lentz's method. `None` when neither does, which happens for no `a` up to 1e9.
pub(super) fn ln_tails(a: f64, x: f64) -> Option<(f64, f64)> {
    // x^a e^-x / Γ(a + 1)
    let ln_front = ln_poisson(a, x);
    if x < a + 1.0 {
        let (mut sum, mut term, mut n) = (1.0, 1.0, a);
        for _ in 0..LONGEST {
            n += 1.0;
            term *= x / n;
            sum += term;
            if term < sum * PRECISION {
                let lower = ln_front + f64::ln(sum);
                return Some((lower, ln_1m_exp(lower)));
            }
        }
        return None;
    }
    let mut b = x + 1.0 - a;
    let mut c = f64::MAX;
    let mut d = nonzero(b).recip();
    let mut fraction = d;
    for i in 1..LONGEST {
        let i = f64::from(i);
        let an = -i * (i - a);
        b += 2.0;
        d = nonzero(an * d + b).recip();
        c = nonzero(b + an / c);
        let factor = c * d;
        fraction *= factor;
        if (factor - 1.0).abs() < PRECISION {
            let upper = ln_front + a.ln() + fraction.ln();
            return Some((ln_1m_exp(upper), upper));
        }
    }
    None
}

/// The `x` at which a tail of a gamma distribution of shape `a > 0` and scale 1 has the probability `alpha`.
pub(super) fn gamma_quantile(tail: Tail, alpha: f64, a: f64) -> Option<f64> {
    if !(a > 0.0 && a.is_finite() && alpha > 0.0 && alpha < 1.0) {
        return None;
    }
    if a > MANY {
        let z = match tail {
            Tail::Lower => -upper_point(alpha),
            Tail::Upper => upper_point(alpha),
        };
        return Some(cornish_fisher(z, a, a.sqrt(), 2.0 / a.sqrt(), 6.0 / a));
    }
    // P(X >= a + √(2 a L) + L) <= e^-L (Laurent & Massart 2000), with L for the smallest number there is.
    let high = (a + 39.0 * a.sqrt() + 760.0).ln();
    quantile(tail, alpha, (SMALLEST, a.ln(), high), |u| {
        let x = u.exp();
        let (lower, upper) = ln_tails(a, x)?;
        let ln_tail = if tail == Tail::Lower { lower } else { upper };
        Some(At { ln_tail, ln_density: ln_poisson(a, x) + a.ln() })
    })
}

/// The quantile of a nearly normal distribution from its first four cumulants (Cornish & Fisher 1938).
pub(super) fn cornish_fisher(z: f64, mean: f64, sd: f64, skewness: f64, excess: f64) -> f64 {
    let bent = z + skewness * (z * z - 1.0) / 6.0 + excess * z * (z * z - 3.0) / 24.0
        - skewness * skewness * z * (2.0 * z * z - 5.0) / 36.0;
    mean + sd * bent
}

/// `ln(1 - e^x)` for `x <= 0`.
pub(super) fn ln_1m_exp(x: f64) -> f64 {
    if x > -std::f64::consts::LN_2 { (-x.exp_m1()).max(0.0).ln() } else { (-x.exp()).ln_1p() }
}

/// Lentz's method must not divide by zero.
pub(super) fn nonzero(value: f64) -> f64 {
    if value.abs() < 1e-300 { 1e-300 } else { value }
}

/// Where a series or fraction has all its digits.
pub(super) const PRECISION: f64 = 1e-16;
/// Terms of a series or fraction: near the mean about the square root of the shape, times a few.
pub(super) const LONGEST: u32 = 1_000_000;
/// From this shape on, four cumulants give the quantile to 1e-13: the error falls with its square.
pub(super) const MANY: f64 = 1e8;
/// The logarithm of the smallest normal number.
pub(super) const SMALLEST: f64 = -708.0;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tails_of_whole_shapes_are_sums_of_poisson_probabilities() {
        for a in [1_u32, 2, 7, 40] {
            for x in [0.01, 0.9, 6.0, 39.0, 45.0, 120.0] {
                let sum: f64 = (0..a).map(|k| ln_poisson(f64::from(k), x).exp()).sum();
                let (lower, upper) = ln_tails(f64::from(a), x).expect("converges");
                assert!((upper.exp() - sum).abs() < 1e-14, "{a} {x}");
                assert!((lower.exp() + sum - 1.0).abs() < 1e-14, "{a} {x}");
            }
        }
    }

    #[test]
    fn quantiles_meet_where_the_two_ways_do() {
        for alpha in [1e-12, 1e-3, 0.025, 0.4, 0.975] {
            for tail in [Tail::Lower, Tail::Upper] {
                let solved = gamma_quantile(tail, alpha, MANY).expect("solved");
                let expanded = gamma_quantile(tail, alpha, MANY * (1.0 + 1e-15)).expect("expanded");
                assert!((solved / expanded - 1.0).abs() < 1e-12, "{tail:?} {alpha}: {solved} {expanded}");
            }
        }
    }

    #[test]
    fn what_is_no_shape_or_probability_has_no_quantile() {
        for (alpha, a) in [(0.0, 1.0), (1.0, 1.0), (f64::NAN, 1.0), (0.5, 0.0), (0.5, -1.0), (0.5, f64::INFINITY)] {
            assert_eq!(gamma_quantile(Tail::Lower, alpha, a), None);
        }
        assert_eq!(gamma_quantile(Tail::Lower, 0.5, f64::NAN), None);
    }
}
