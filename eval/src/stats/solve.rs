//! Where a tail has a wanted probability.

/// Which end of a distribution.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Tail {
    /// At most so much.
    Lower,
    /// At least so much.
    Upper,
}

/// The logarithm of a tail's probability, and of the density, at `u = ln x` (the density per unit of `u`).
pub(super) struct At {
    pub(super) ln_tail: f64,
    pub(super) ln_density: f64,
}

/// The `x` at which `tail` has the probability `alpha`, found as `u = ln x` between `low` and `high`.
///
/// Newton's steps on the logarithm of the tail, which is concave in `u`, so that they run to the root from one side;
/// a step that leaves what is known to enclose the root is replaced by halving. `None` when `at` cannot be computed.
pub(super) fn quantile(
    tail: Tail,
    alpha: f64,
    (mut low, start, mut high): (f64, f64, f64),
    at: impl Fn(f64) -> Option<At>,
) -> Option<f64> {
    /// Halving alone needs 64.
    const STEPS: u32 = 200;
    let target = alpha.ln();
    let mut u = start.clamp(low, high);
    for _ in 0..STEPS {
        let At { ln_tail, ln_density } = at(u)?;
        let miss = ln_tail - target;
        let left_of_root = match tail {
            Tail::Lower => miss < 0.0,
            Tail::Upper => miss > 0.0,
        };
        if miss.is_nan() {
            return None;
        }
        if left_of_root {
            low = u;
        } else {
            high = u;
        }
        let slope = (ln_density - ln_tail).exp();
        let step = match tail {
            Tail::Lower => -miss / slope,
            Tail::Upper => miss / slope,
        };
        // The last digits are those of x itself.
        if step.abs() < 1e-13 {
            return Some(u.exp() * (1.0 + step));
        }
        let next = u + step;
        u = if next > low && next < high { next } else { low + (high - low) / 2.0 };
        if high - low <= f64::EPSILON * u.abs() {
            break;
        }
    }
    Some(u.exp())
}
