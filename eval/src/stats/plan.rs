//! How large a corpus must be.

/// The smallest number of independent pictures of which none may match wrongly, so that the false positive rate per
/// picture is shown to be at most `rate` with a confidence of `1 - alpha`.
///
/// It is the smallest `n` with `(1 - rate)^n <= alpha` (one-sided Clopper-Pearson with no hit; for `alpha` of 0.05 the
/// "rule of three", `n ≈ 3 / rate`). `None` unless both arguments lie between 0 and 1.
///
/// ```
/// // Three million pictures without a false match show one in a million.
/// assert_eq!(presend_eval::stats::pictures_needed(1e-6, 0.05), Some(2_995_731));
/// ```
#[must_use]
pub fn pictures_needed(rate: f64, alpha: f64) -> Option<u64> {
    let open = 0.0..1.0;
    let within = |value: f64| value > 0.0 && open.contains(&value);
    if !within(rate) || !within(alpha) {
        return None;
    }
    // ln_1p keeps the digits of a small rate that 1 - rate would lose.
    Some((alpha.ln() / (-rate).ln_1p()).ceil() as u64)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stats::vectors::{number, rows};

    #[test]
    fn planned_sizes_are_those_of_the_golden_table() {
        let Some(rows) = rows("plan_vectors.csv") else { return };
        for row in &rows {
            assert_eq!(pictures_needed(number(row, 0), number(row, 1)), Some(number(row, 2) as u64), "{row:?}");
        }
        assert!(rows.len() > 5);
    }

    #[test]
    fn what_is_no_probability_has_no_answer() {
        for (rate, alpha) in [(0.0, 0.05), (1.0, 0.05), (1e-6, 0.0), (1e-6, 1.0), (-0.1, 0.05), (f64::NAN, 0.05)] {
            assert_eq!(pictures_needed(rate, alpha), None);
        }
    }
}
