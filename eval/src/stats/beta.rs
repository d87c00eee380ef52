//! The beta distribution: tails of binomial counts, and its quantiles.
//!
//! The quantile functions of `statrs` and `puruspe` hang, panic or are wrong by up to a half from `b` of 1e8 on, hence
//! these.

use crate::stats::gamma::{LONGEST, MANY, PRECISION, SMALLEST, cornish_fisher, ln_1m_exp, nonzero};
use crate::stats::normal::upper_point;
use crate::stats::saddle::ln_binomial;
use crate::stats::solve::{At, Tail, quantile};

/// The logarithms of the two tails of a beta distribution of shapes `a, b > 0`, below and above `x`, with `y = 1 - x`
/// given apart because a small one would lose its digits.
///
/// The continued fraction of the incomplete beta function (DLMF 8.17.22), by Lentz's method. `None` when it does not
/// converge, which happens for no pair of shapes of which the smaller one is at most 1e9.
pub(super) fn ln_tails(a: f64, b: f64, x: f64, y: f64) -> Option<(f64, f64)> {
    if x <= 0.0 {
        return Some((f64::NEG_INFINITY, 0.0));
    }
    if y <= 0.0 {
        return Some((0.0, f64::NEG_INFINITY));
    }
    if x > (a + 1.0) / (a + b + 2.0) {
        let (upper, lower) = ln_lower_tail(b, a, y, x)?;
        return Some((lower, upper));
    }
    ln_lower_tail(a, b, x, y)
}

/// The same where `x` lies below the mean, about.
fn ln_lower_tail(a: f64, b: f64, x: f64, y: f64) -> Option<(f64, f64)> {
    // The even part of the fraction, each denominator multiplied by `a + 2n`: in this form, and with `a - (a + b) x`
    // as `a y - b x`, nothing near 1 is subtracted from 1.
    let lead = 1.0 + (a * y - b * x);
    let mut fraction = nonzero(a / (a + 1.0) * lead);
    let mut c = fraction;
    let mut d = 0.0;
    for n in 1..LONGEST {
        let n = f64::from(n);
        let odd = a + 2.0 * n - 1.0;
        let rest = n * (b - n) * x / odd;
        let numerator = (a + n - 1.0) * x * (a + b + n - 1.0) / odd * rest;
        let denominator = n + rest + (a + n) / (odd + 2.0) * (lead + n * (1.0 + y));
        d = nonzero(denominator + numerator * d).recip();
        c = nonzero(denominator + numerator / c);
        let factor = c * d;
        fraction *= factor;
        if (factor - 1.0).abs() <= PRECISION {
            let lower = ln_kernel(a, b, x, y) - fraction.ln();
            return Some((lower, ln_1m_exp(lower)));
        }
    }
    None
}

/// The logarithm of `x^a y^b / B(a, b)`.
fn ln_kernel(a: f64, b: f64, x: f64, y: f64) -> f64 {
    ln_binomial(a, b, x, y) + (a * (b / (a + b))).ln()
}

/// The `x` at which a tail of a beta distribution of shapes `a, b > 0` has the probability `alpha`.
pub(super) fn beta_quantile(tail: Tail, alpha: f64, a: f64, b: f64) -> Option<f64> {
    let shape = |value: f64| value > 0.0 && value.is_finite();
    if !(shape(a) && shape(b) && alpha > 0.0 && alpha < 1.0) {
        return None;
    }
    if a.min(b) > MANY {
        return Some(expanded(tail, alpha, a, b));
    }
    let (lower, upper) = ln_tails(a, b, 0.5, 0.5)?;
    // A value near 1 is found as its small complement.
    match tail {
        Tail::Lower if lower < alpha.ln() => Some(1.0 - small_quantile(Tail::Upper, alpha, b, a)?),
        Tail::Upper if upper > alpha.ln() => Some(1.0 - small_quantile(Tail::Lower, alpha, b, a)?),
        _ => small_quantile(tail, alpha, a, b),
    }
}

/// The same by four cumulants, which is as exact for large shapes.
fn expanded(tail: Tail, alpha: f64, a: f64, b: f64) -> f64 {
    let z = if tail == Tail::Lower { -upper_point(alpha) } else { upper_point(alpha) };
    let n = a + b;
    let variance = a / n * (b / n) / (n + 1.0);
    let skewness = 2.0 * (b - a) / (n + 2.0) * ((n + 1.0) / a / b).sqrt();
    let excess = 6.0 * ((a - b) / n * ((a - b) / a) * ((n + 1.0) / b) - (n + 2.0) / n) / (n + 2.0) * n / (n + 3.0);
    cornish_fisher(z, a / n, variance.sqrt(), skewness, excess).clamp(0.0, 1.0)
}

/// The same where it is at most a half.
fn small_quantile(tail: Tail, alpha: f64, a: f64, b: f64) -> Option<f64> {
    quantile(tail, alpha, (SMALLEST, (a / (a + b)).ln(), 0.0), |u| {
        let (x, y) = (u.exp(), -u.exp_m1());
        let (lower, upper) = ln_tails(a, b, x, y)?;
        let ln_tail = if tail == Tail::Lower { lower } else { upper };
        Some(At { ln_tail, ln_density: ln_kernel(a, b, x, y) - y.ln() })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tails_of_whole_shapes_are_sums_of_binomial_probabilities() {
        for (k, n) in [(1_u32, 1_u32), (1, 5), (3, 10), (29, 30), (20, 100)] {
            for x in [1e-9, 0.02, 0.3, 0.5, 0.77, 0.999] {
                // P(at least k of n successes) = I_x(k, n - k + 1)
                let at_least: f64 =
                    (k..=n).map(|i| ln_binomial(f64::from(i), f64::from(n - i), x, 1.0 - x).exp()).sum();
                let (lower, upper) = ln_tails(f64::from(k), f64::from(n - k + 1), x, 1.0 - x).expect("converges");
                assert!((lower.exp() - at_least).abs() < 1e-14 * at_least.max(1e-3), "{k} {n} {x}");
                assert!((upper.exp() + at_least - 1.0).abs() < 1e-14, "{k} {n} {x}");
            }
        }
    }

    #[test]
    fn quantiles_meet_where_the_two_ways_do() {
        for b in [MANY * 1.1, MANY * 3.0, 1e10, 1e14] {
            for alpha in [1e-12, 1e-3, 0.025, 0.4, 0.975] {
                for tail in [Tail::Lower, Tail::Upper] {
                    let solved = beta_quantile(tail, alpha, MANY, b).expect("solved");
                    let expanded = beta_quantile(tail, alpha, MANY * (1.0 + 1e-15), b).expect("expanded");
                    assert!((solved / expanded - 1.0).abs() < 1e-12, "{tail:?} {alpha} {b}: {solved} {expanded}");
                }
            }
        }
    }

    #[test]
    fn a_quantile_below_the_smallest_number_is_nearly_zero() {
        let x = beta_quantile(Tail::Lower, 0.025, 1e-4, 10.0).expect("a number");
        assert!((0.0..1e-300).contains(&x), "{x}");
    }

    #[test]
    fn what_is_no_shape_or_probability_has_no_quantile() {
        for (alpha, a, b) in [(0.0, 1.0, 1.0), (1.0, 1.0, 1.0), (0.5, 0.0, 1.0), (0.5, 1.0, f64::NAN), (0.5, -1.0, 2.0)]
        {
            assert_eq!(beta_quantile(Tail::Upper, alpha, a, b), None);
        }
        assert_eq!(beta_quantile(Tail::Upper, f64::NAN, 1.0, 1.0), None);
    }
}
