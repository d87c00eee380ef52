//! The figures of a report: numbers in, SVG out.
//!
//! Every figure is a string of SVG that stands in a page as it does in a file of its own, without width, scripts or
//! references to anything outside: it scales to its place, names itself (`role="img"`, `<title>`) and says in words what
//! it shows (`<desc>`). It is in the colours of a light theme; [`style`] has the rules that give it those of a dark one,
//! and [`standalone`] puts them into it. [`png`] draws it as pixels with a font of our own, the same on every machine.
//!
//! Where nothing was seen among `n`, no figure shows zero: an arrow comes down from the upper bound.
mod account;
mod axis;
mod canvas;
mod det;
mod forest;
mod fpir;
mod fpr;
mod heat;
mod histogram;
mod hubs;
mod ink;
mod panel;
mod png;
mod radius;
mod sheet;
pub(crate) mod text;

pub use account::{Account, AccountCurve, account};
pub use det::{Detection, DetectionCurve, DetectionPoint, det, roc};
pub use forest::{Forest, Stratum, forest};
pub use fpir::{SetSize, SizeCurve, SizePoint, fpir};
pub use fpr::{FalseRate, FalseRates, RatePoint, fpr};
pub use heat::{HeatCell, HeatMap, HeatRow, heat};
pub use histogram::{Histogram, histogram};
pub use hubs::{HubCurve, Hubs, hubs};
pub use ink::style;
pub use png::{PngError, png, standalone};
pub use radius::{Radii, RadiusPoint, radius};

/// What stands above and below every figure.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Heading {
    /// What is shown.
    pub title: String,
    /// What must be known to read it right, such as that a corpus is not adjudicated; below the figure.
    pub notes: Vec<String>,
}

/// A value on an axis that deserves a line and a few words, such as a threshold in use.
#[derive(Clone, Debug, PartialEq)]
pub struct Mark {
    /// The value.
    pub at: f64,
    /// The words.
    pub label: String,
}

/// A rate that was measured, with its bounds.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Estimate {
    /// How many of them.
    pub seen: u64,
    /// Of how many.
    pub of: u64,
    /// The rate: usually `seen / of`, but other things when it is weighted. Zero when nothing was seen.
    pub rate: f64,
    /// The lower end of the two-sided interval.
    pub low: f64,
    /// Its upper end.
    pub high: f64,
    /// The one-sided upper bound.
    pub upper: f64,
}

impl Estimate {
    /// Whether there is a rate and it is not zero.
    fn some(&self) -> bool {
        self.of > 0 && self.rate > 0.0
    }

    /// Whether something was looked at and nothing seen.
    fn none_seen(&self) -> bool {
        self.of > 0 && self.rate == 0.0
    }

    /// `4.1e-5 (3 of 73,000; 95 % interval 1e-5 to 2e-4)`, or what can be said when none was seen.
    fn in_words(&self) -> String {
        let Self { seen, of, rate, low, high, upper } = self;
        let (seen, of) = (text::count(*seen), text::count(*of));
        if self.of == 0 {
            "nothing was looked at".into()
        } else if self.none_seen() {
            format!("none seen among {of}; below {} with one-sided confidence", text::rate(*upper))
        } else {
            let (rate, low, high) = (text::rate(*rate), text::rate(*low), text::rate(*high));
            format!("{rate} ({seen} of {of}; interval {low} to {high})")
        }
    }
}

#[cfg(test)]
pub(crate) mod tests;
