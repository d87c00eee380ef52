//! How sure a share is.

/// The Wilson interval at 95 % for `hits` of `n` (Wilson 1927): between which shares the true one lies.
///
/// ```
/// let (low, high) = presend_eval::wilson(290, 300);
/// assert!((low - 0.940).abs() < 1e-3 && (high - 0.982).abs() < 1e-3);
/// ```
#[must_use]
pub fn wilson(hits: usize, n: usize) -> (f64, f64) {
    /// The 97.5 % point of the normal distribution.
    const Z: f64 = 1.959_963_984_540_054;
    if n == 0 {
        return (0.0, 1.0);
    }
    let (hits, n) = (hits as f64, n as f64);
    let share = hits / n;
    let centre = share + Z * Z / (2.0 * n);
    let spread = Z * (share * (1.0 - share) / n + Z * Z / (4.0 * n * n)).sqrt();
    let scale = 1.0 + Z * Z / n;
    (((centre - spread) / scale).max(0.0), ((centre + spread) / scale).min(1.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_ends_solve_the_equation_they_come_from() {
        for (hits, n) in [(1, 10), (150, 300), (299, 300)] {
            let share = f64::from(hits) / f64::from(n);
            let (low, high) = wilson(hits as usize, n as usize);
            for end in [low, high] {
                let z = (share - end).abs() / (end * (1.0 - end) / f64::from(n)).sqrt();
                assert!((z - 1.96).abs() < 1e-3, "{hits} of {n}: {end}");
            }
        }
    }

    #[test]
    fn certain_shares_have_one_open_end() {
        assert_eq!(wilson(0, 0), (0.0, 1.0));
        assert!(wilson(0, 300).0 < 1e-12 && wilson(300, 300).1 > 1.0 - 1e-12);
        assert!(wilson(300, 300).0 < 1.0);
    }
}
