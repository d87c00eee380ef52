//! The normal distribution.

use statrs::function::erf::erfc_inv;
use std::f64::consts::SQRT_2;

/// The point above which a standard normal value lies with probability `alpha`, between 0 and 1.
pub(super) fn upper_point(alpha: f64) -> f64 {
    SQRT_2 * erfc_inv(2.0 * alpha)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_points_are_those_of_the_tables() {
        // Abramowitz & Stegun, table 26.5.
        for (alpha, point) in [
            (0.025, 1.959_963_984_540_054),
            (0.05, 1.644_853_626_951_472_7),
            (0.005, 2.575_829_303_548_900_4),
            (1e-9, 5.997_807_015_007_687),
            (0.5, 0.0),
            (0.975, -1.959_963_984_540_054),
        ] {
            assert!((upper_point(alpha) - point).abs() < 1e-13, "{alpha}: {}", upper_point(alpha));
        }
    }
}
