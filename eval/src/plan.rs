//! How large a corpus must be.

/// The smallest number of independent pictures of which none may match wrongly, so that the false positive rate per
/// picture is shown to be at most `rate` with a confidence of `1 - alpha`.
///
/// It is the smallest `n` with `(1 - rate)^n <= alpha` (one-sided Clopper-Pearson with no hit; for `alpha` of 0.05 the
/// "rule of three", `n ≈ 3 / rate`). `None` unless both arguments lie between 0 and 1.
///
/// ```
/// // Three million pictures without a false match show one in a million.
/// assert_eq!(presend_eval::pictures_needed(1e-6, 0.05), Some(2_995_731));
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
    use std::path::Path;

    use super::*;

    #[test]
    fn planned_sizes_are_those_of_the_golden_table() {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/eval/plan_vectors.csv");
        if !path.exists() {
            println!("skipped: {} is not on this machine", path.display());
            return;
        }
        let mut reader = csv::Reader::from_path(path).expect("a table");
        let mut rows = 0;
        for row in reader.deserialize() {
            let (rate, alpha, n): (f64, f64, f64) = row.expect("three numbers");
            assert_eq!(pictures_needed(rate, alpha), Some(n as u64), "rate {rate}, alpha {alpha}");
            rows += 1;
        }
        assert!(rows > 5);
    }

    #[test]
    fn what_is_no_probability_has_no_answer() {
        for (rate, alpha) in [(0.0, 0.05), (1.0, 0.05), (1e-6, 0.0), (1e-6, 1.0), (-0.1, 0.05), (f64::NAN, 0.05)] {
            assert_eq!(pictures_needed(rate, alpha), None);
        }
    }
}
