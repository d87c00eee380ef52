//! Densities without cancellation.
//!
//! `x^a (1-x)^b / B(a, b)` written with log-gamma subtracts numbers near `a ln a`: at `a` of 1e9 six digits are left.
//! Written as a saddle point (Loader 2000, "Fast and accurate computation of binomial probabilities") it is a product
//! of small corrections, and all digits stay.

use std::f64::consts::TAU;

/// `ln Γ(n + 1) - (n + ½) ln n + n - ½ ln 2π`, for `n > 0`: what Stirling's formula leaves out.
pub(super) fn stirling_error(n: f64) -> f64 {
    /// From here on the series below is exact to the last digit.
    const ENOUGH: f64 = 16.0;
    let mut n = n;
    let mut sum = 0.0;
    while n < ENOUGH {
        // The difference between two neighbours.
        sum += (n + 0.5) * n.recip().ln_1p() - 1.0;
        n += 1.0;
    }
    let square = (n * n).recip();
    // Bernoulli numbers B(2i) / (2i (2i - 1)).
    let series = [-691.0 / 360_360.0, 1.0 / 1188.0, -1.0 / 1680.0, 1.0 / 1260.0, -1.0 / 360.0, 1.0 / 12.0]
        .into_iter()
        .fold(0.0, |sum, term| sum * square + term);
    sum + series / n
}

/// `x ln(x / mean) + mean - x`, for `x >= 0` and `mean > 0`: half the deviance of a Poisson count.
pub(super) fn deviance(x: f64, mean: f64) -> f64 {
    if x == 0.0 {
        return mean;
    }
    let difference = x - mean;
    if difference.abs() >= 0.1 * (x + mean) {
        return x * (x / mean).ln() - difference;
    }
    let v = difference / (x + mean);
    let mut sum = difference * v;
    let mut power = 2.0 * x * v;
    for odd in (3..1000).step_by(2) {
        power *= v * v;
        let next = sum + power / f64::from(odd);
        if next == sum {
            break;
        }
        sum = next;
    }
    sum
}

/// The logarithm of `Γ(a+b+1) / (Γ(a+1) Γ(b+1)) x^a y^b`, for `a, b >= 0` and `x + y = 1`: for whole numbers, the
/// probability of `a` successes in `a + b` trials.
pub(super) fn ln_binomial(a: f64, b: f64, x: f64, y: f64) -> f64 {
    if a == 0.0 {
        return b * ln_complement(x, y);
    }
    if b == 0.0 {
        return a * ln_complement(y, x);
    }
    let n = a + b;
    // 2π a b / n without overflow.
    let spread = -0.5 * (TAU * a * (b / n)).ln();
    spread + stirling_error(n) - stirling_error(a) - stirling_error(b) - deviance(a, n * x) - deviance(b, n * y)
}

/// The logarithm of `mean^k e^-mean / Γ(k + 1)`, for `k >= 0` and `mean > 0`: for a whole `k`, the Poisson probability.
pub(super) fn ln_poisson(k: f64, mean: f64) -> f64 {
    if k == 0.0 {
        return -mean;
    }
    -0.5 * (TAU * k).ln() - stirling_error(k) - deviance(k, mean)
}

/// `ln y` of `y = 1 - x`, from the one of the two that has all its digits.
pub(super) fn ln_complement(x: f64, y: f64) -> f64 {
    if x < 0.5 { (-x).ln_1p() } else { y.ln() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stirlings_error_is_that_of_exact_factorials() {
        let mut factorial = 1.0_f64;
        for n in 1..=18_u32 {
            factorial *= f64::from(n);
            let n = f64::from(n);
            let exact = factorial.ln() - (n + 0.5) * n.ln() + n - 0.5 * TAU.ln();
            assert!((stirling_error(n) - exact).abs() < 2e-14, "{n}");
        }
        // Γ(3/2) = √π / 2.
        let exact = (std::f64::consts::PI.sqrt() / 2.0).ln() - 0.5_f64.ln() + 0.5 - 0.5 * TAU.ln();
        assert!((stirling_error(0.5) - exact).abs() < 1e-15);
    }

    #[test]
    fn densities_sum_to_one() {
        let binomial: f64 = (0..=40).map(|k| ln_binomial(f64::from(k), f64::from(40 - k), 0.3, 0.7).exp()).sum();
        let poisson: f64 = (0..200).map(|k| ln_poisson(f64::from(k), 25.0).exp()).sum();
        assert!((binomial - 1.0).abs() < 1e-14 && (poisson - 1.0).abs() < 1e-14, "{binomial} {poisson}");
    }

    #[test]
    fn the_deviance_is_smooth_where_its_two_formulas_meet() {
        for x in [1.0_f64, 1e6, 1e12] {
            for mean in [x * 0.8181, x * 0.8182, x * 1.2222, x * 1.2223] {
                let plain = x * (x / mean).ln() + mean - x;
                assert!((deviance(x, mean) / plain - 1.0).abs() < 1e-13, "{x} {mean}");
            }
        }
    }
}
