//! What a rate per picture means per day.

use serde::{Deserialize, Serialize};

/// What a service sees.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct BaseRate {
    /// False alarms per day: `pictures · (1 - prevalence) · false positive rate`.
    pub false_per_day: f64,
    /// Pictures found rightly per day: `pictures · prevalence · recall`.
    pub true_per_day: f64,
    /// The share of alarms that are right (positive predictive value). `None` when there is no alarm at all.
    pub ppv: Option<f64>,
}

impl BaseRate {
    /// From the pictures per day, the false positive rate per picture, the share of pictures that are searched for
    /// (prevalence), and the share of those that are found (recall). `None` when a share is outside of 0 to 1, or the
    /// number of pictures negative or no finite number.
    ///
    /// ```
    /// use presend_eval::stats::BaseRate;
    ///
    /// let day = BaseRate::new(6.9e9, 1e-6, 1e-7, 0.95).unwrap();
    /// assert_eq!(day.false_per_day.round(), 6900.0);
    /// assert!((day.ppv.unwrap() - 0.087).abs() < 1e-3);
    /// ```
    #[must_use]
    pub fn new(pictures_per_day: f64, false_positive_rate: f64, prevalence: f64, recall: f64) -> Option<Self> {
        let shares = [false_positive_rate, prevalence, recall].iter().all(|share| (0.0..=1.0).contains(share));
        if !shares || !pictures_per_day.is_finite() || pictures_per_day < 0.0 {
            return None;
        }
        let false_per_day = pictures_per_day * (1.0 - prevalence) * false_positive_rate;
        let true_per_day = pictures_per_day * prevalence * recall;
        let alarms = false_per_day + true_per_day;
        Some(Self { false_per_day, true_per_day, ppv: (alarms > 0.0).then(|| true_per_day / alarms) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stats::vectors::{assert_close, number, rows};

    #[test]
    fn days_are_those_of_the_golden_table() {
        let Some(rows) = rows("baserate_vectors.csv") else { return };
        for row in &rows {
            let day = BaseRate::new(number(row, 0), number(row, 1), number(row, 2), number(row, 3)).expect("valid");
            for (field, value) in (4..).zip([day.false_per_day, day.true_per_day, day.ppv.expect("alarms")]) {
                assert_close(value, number(row, field), 1e-12, row);
            }
        }
        assert_eq!(rows.len(), 96);
    }

    #[test]
    fn what_is_no_share_has_no_day() {
        assert_eq!(BaseRate::new(1e9, 1.1, 1e-7, 0.95), None);
        assert_eq!(BaseRate::new(1e9, 1e-6, f64::NAN, 0.95), None);
        assert_eq!(BaseRate::new(f64::INFINITY, 1e-6, 1e-7, 0.95), None);
        assert_eq!(BaseRate::new(1e9, 0.0, 0.0, 0.95).expect("valid").ppv, None);
    }
}
