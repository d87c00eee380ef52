//! Axes: where a value lies, and which values are written beside it.
//!
//! A logarithmic axis has no place for zero and a probit axis none for zero and one: such values have no place
//! ([`Axis::place`] says so), and the figures draw bounds in their stead.
use statrs::distribution::{ContinuousCDF, Normal};

use super::text;

/// One axis of a panel.
#[derive(Clone, Debug)]
pub(super) struct Axis {
    scale: Scale,
    /// Places, not values.
    low: f64,
    high: f64,
    /// Places and what is written there.
    pub(super) ticks: Vec<(f64, String)>,
    /// Places of lines of the grid without a text.
    pub(super) minor: Vec<f64>,
    /// What is measured along it.
    pub(super) label: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Scale {
    Linear,
    Log,
    Probit,
}

impl Axis {
    /// From `low` to `high` in equal steps of a round number.
    pub(super) fn linear(label: &str, low: f64, high: f64) -> Self {
        let (low, high) = span(low, high);
        let rough = (high - low) / 6.0;
        let power = 10f64.powf(rough.log10().floor());
        let step = [1.0, 2.0, 5.0, 10.0].map(|round| round * power).into_iter().find(|step| *step >= rough * 0.999);
        Self::stepped(label, low, high, step.unwrap_or(rough))
    }

    /// Of distances and thresholds: from `low` to `high` in steps of a power of two.
    pub(super) fn bits(label: &str, low: f64, high: f64) -> Self {
        let (low, high) = span(low, high);
        let mut step = 1.0;
        while (high - low) / step > 9.0 {
            step *= 2.0;
        }
        Self::stepped(label, low, high, step)
    }

    /// From 0 to 1.
    pub(super) fn share(label: &str) -> Self {
        Self::stepped(label, 0.0, 1.0, 0.2)
    }

    fn stepped(label: &str, low: f64, high: f64, step: f64) -> Self {
        let decimals = (-step.log10().floor()).clamp(0.0, 12.0) as usize;
        let first = (low / step - 1e-9).ceil();
        let ticks = (0..64)
            .map(|n| (first + f64::from(n)) * step)
            .take_while(|at| *at <= high + step * 1e-9)
            .map(|at| {
                let at = if at.abs() < step * 1e-9 { 0.0 } else { at };
                let whole = decimals == 0 && (1000.0..1e15).contains(&at);
                (at, if whole { text::count(at as u64) } else { format!("{at:.decimals$}") })
            })
            .collect();
        Self { scale: Scale::Linear, low, high, ticks, minor: Vec::new(), label: label.into() }
    }

    /// Of powers of ten, around all values that have a place on it, but over no more than `decades` below the greatest.
    pub(super) fn log(label: &str, values: impl IntoIterator<Item = f64>, decades: u32) -> Self {
        let (mut low, mut high) = (f64::INFINITY, f64::NEG_INFINITY);
        for place in values.into_iter().filter(|v| *v > 0.0 && v.is_finite()).map(f64::log10) {
            let place = place.clamp(-300.0, 300.0);
            (low, high) = (low.min(place), high.max(place));
        }
        if low > high {
            (low, high) = (-6.0, 0.0);
        }
        let high = (high - 1e-9).ceil();
        let low = (low + 1e-9).floor().max(high - f64::from(decades)).min(high - 1.0);
        Self::powers(label, low, high)
    }

    /// From the powers of ten `low` to `high`, which are whole numbers but for counts, whose axis begins below one.
    pub(super) fn powers(label: &str, low: f64, high: f64) -> Self {
        let every = ((high - low) / 8.0).ceil().max(1.0) as i32;
        let (first, last) = (low.ceil() as i32, high.floor() as i32);
        let mut ticks = Vec::new();
        let mut minor = Vec::new();
        for power in first..=last {
            if power.rem_euclid(every) == 0 || last - first < every {
                ticks.push((f64::from(power), power_of_ten(power)));
            } else {
                minor.push(f64::from(power));
            }
        }
        if last - first <= 3 {
            for power in first..last {
                for digit in 2..10 {
                    let place = f64::from(power) + f64::from(digit).log10();
                    match (digit, last - first) {
                        (2 | 5, 1) => ticks.push((place, text::rate(f64::from(digit) * 10f64.powi(power)))),
                        _ => minor.push(place),
                    }
                }
            }
            ticks.sort_by(|a, b| a.0.total_cmp(&b.0));
        }
        Self { scale: Scale::Log, low, high, ticks, minor, label: label.into() }
    }

    /// Of probabilities by the quantiles of a normal distribution, around all values that have a place on it.
    pub(super) fn probit(label: &str, values: impl IntoIterator<Item = f64>) -> Self {
        let (mut low, mut high) = (probit(0.01), probit(0.5));
        for place in values.into_iter().filter(|v| *v > 0.0 && *v < 1.0).map(probit) {
            (low, high) = (low.min(place), high.max(place));
        }
        let room = (high - low) * 0.04;
        let (low, high) = ((low - room).max(probit(1e-6)), (high + room).min(probit(1.0 - 1e-6)));
        let ticks = PROBABILITIES
            .into_iter()
            .map(|p| (probit(p), text::rate(p)))
            .filter(|(place, _)| (low..=high).contains(place))
            .collect();
        Self { scale: Scale::Probit, low, high, ticks, minor: Vec::new(), label: label.into() }
    }

    /// From the least to the greatest place.
    pub(super) fn range(&self) -> std::ops::Range<f64> {
        self.low..self.high
    }

    /// Where a value lies; none when it has no place on such an axis. It may lie beyond the ends.
    pub(super) fn place(&self, value: f64) -> Option<f64> {
        let place = match self.scale {
            Scale::Linear => value,
            Scale::Log if value > 0.0 => value.log10(),
            Scale::Probit if value > 0.0 && value < 1.0 => probit(value),
            Scale::Log | Scale::Probit => return None,
        };
        place.is_finite().then_some(place)
    }

    /// Where a value lies, or the end it lies beyond: zero at the lower end.
    pub(super) fn edge(&self, value: f64) -> f64 {
        let end = if value >= 1.0 && self.scale == Scale::Probit { self.high } else { self.low };
        self.place(value).unwrap_or(end).clamp(self.low, self.high)
    }
}

/// The bounds in order and apart, whatever came in.
fn span(low: f64, high: f64) -> (f64, f64) {
    let finite = |value: f64| if value.is_finite() { value.clamp(-1e12, 1e12) } else { 0.0 };
    let (low, high) = (finite(low), finite(high));
    let (low, high) = (low.min(high), low.max(high));
    if high - low > low.abs().max(1e-9) * 1e-9 { (low, high) } else { (low, low + low.abs().max(1.0)) }
}

/// `1,000`, `0.001`, `1e-6`.
fn power_of_ten(power: i32) -> String {
    match power {
        0..=4 => text::count(10u64.pow(power.unsigned_abs())),
        -3..0 => format!("{}", 10f64.powi(power)),
        _ => format!("1e{power}"),
    }
}

/// The quantile of the standard normal distribution.
fn probit(p: f64) -> f64 {
    Normal::standard().inverse_cdf(p)
}

/// What is written along a probit axis, as far as there is room.
const PROBABILITIES: [f64; 23] = [
    1e-6, 1e-5, 1e-4, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.3, 0.5, 0.7, 0.8, 0.9, 0.95, 0.98, 0.99,
    0.995, 0.999, 0.9999, 0.99999,
];

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(axis: &Axis) -> Vec<&str> {
        axis.ticks.iter().map(|(_, text)| text.as_str()).collect()
    }

    #[test]
    fn linear_steps_are_round() {
        assert_eq!(texts(&Axis::linear("", 0.0, 1.0)), ["0.0", "0.2", "0.4", "0.6", "0.8", "1.0"]);
        assert_eq!(texts(&Axis::bits("", 0.0, 256.0)), ["0", "32", "64", "96", "128", "160", "192", "224", "256"]);
        assert_eq!(texts(&Axis::bits("", 10.0, 14.0)), ["10", "11", "12", "13", "14"]);
    }

    #[test]
    fn a_logarithmic_axis_has_whole_decades_and_no_zero() {
        let axis = Axis::log("", [0.0, 3e-4, 0.02, f64::NAN, f64::INFINITY, -1.0], 20);
        assert_eq!(texts(&axis), ["1e-4", "0.001", "0.01", "0.1"]);
        assert_eq!(axis.place(0.0), None);
        assert_eq!(axis.edge(0.0), -4.0);
        assert_eq!(axis.place(1e-3), Some(-3.0));
        assert_eq!(
            texts(&Axis::log("", [3e-60, 1.0], 16)),
            ["1e-16", "1e-14", "1e-12", "1e-10", "1e-8", "1e-6", "1e-4", "0.01", "1"]
        );
    }

    #[test]
    fn axes_of_nothing_or_of_one_value_have_a_length() {
        for axis in [
            Axis::linear("", f64::NAN, f64::INFINITY),
            Axis::linear("", 3.0, 3.0),
            Axis::linear("", f64::MIN, f64::MAX),
            Axis::bits("", 0.0, 0.0),
            Axis::log("", [], 10),
            Axis::log("", [1.0], 10),
            Axis::log("", [5e-324, f64::MAX], 10),
            Axis::probit("", []),
            Axis::probit("", [0.0, 1.0, 0.3]),
        ] {
            let range = axis.range();
            assert!(range.end > range.start && range.end.is_finite(), "{axis:?}");
            assert!(!axis.ticks.is_empty() && axis.ticks.len() < 65, "{axis:?}");
        }
    }
}
