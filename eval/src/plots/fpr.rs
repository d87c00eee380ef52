//! The false positive rate at each threshold, with its bounds.
use crate::report::Data;

use super::{
    Estimate, Heading, Mark,
    axis::Axis,
    ink::{Ink, Role},
    panel::Panel,
    sheet::{Key, LINE, Look, Shape, Sheet},
};

/// The rates of one figure.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct FalseRates {
    /// One for each way to look, such as with and without the quality gate.
    pub curves: Vec<FalseRate>,
    /// What a rate is counted by, such as `picture`.
    pub per: String,
    /// What could be shown with so many pictures at best: about `3 / n`, the upper bound when none is seen.
    pub floor: Option<Mark>,
    /// Thresholds to mark.
    pub thresholds: Vec<Mark>,
}

/// A curve through thresholds.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct FalseRate {
    /// Its name.
    pub name: String,
    /// Its points by ascending threshold.
    pub points: Vec<RatePoint>,
}

/// The rate at a threshold.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct RatePoint {
    /// The threshold, inclusive.
    pub threshold: u16,
    /// The rate.
    pub estimate: Estimate,
}

impl FalseRates {
    /// All points.
    pub fn data(&self, name: &str) -> Data {
        let columns = ["curve", "threshold", "seen", "of", "rate", "low", "high", "upper_one_sided"];
        let mut data = Data::new(name, &columns);
        for curve in &self.curves {
            for RatePoint { threshold, estimate } in &curve.points {
                data.push([
                    curve.name.as_str().into(),
                    (*threshold).into(),
                    estimate.seen.into(),
                    estimate.of.into(),
                    estimate.rate.into(),
                    estimate.low.into(),
                    estimate.high.into(),
                    estimate.upper.into(),
                ]);
            }
        }
        data
    }
}

/// Draws the rates on a logarithmic axis: a line with marks, the interval as a band, the one-sided upper bound as a thin
/// line. Where none was seen there is only the bound, with arrows down from it.
pub fn fpr(heading: &Heading, input: &FalseRates) -> String {
    let sheet = Sheet::new(heading, &keys(input), 340.0);
    let points = || input.curves.iter().flat_map(|curve| &curve.points);
    let least = points().filter(|point| point.estimate.none_seen()).map(|point| point.estimate.upper / 4.0);
    let values = points()
        .filter(|point| point.estimate.of > 0)
        .flat_map(|point| [point.estimate.rate, point.estimate.upper, point.estimate.high])
        .chain(least)
        .chain(input.floor.as_ref().map(|floor| floor.at / 2.0));
    let per = if input.per.is_empty() { String::new() } else { format!(" per {}", input.per) };
    let y = Axis::log(&format!("false positive rate{per} (log scale)"), values, 14);
    let last = points().map(|point| point.threshold).max().unwrap_or(0);
    let panel = sheet.panel(sheet.area(), Axis::bits("threshold", 0.0, f64::from(last.max(8))), y);

    for (n, curve) in input.curves.iter().enumerate() {
        let looked = curve.points.iter().filter(|point| point.estimate.of > 0);
        let band: Vec<_> =
            looked.clone().map(|RatePoint { threshold, estimate: e }| (f64::from(*threshold), e.low, e.high)).collect();
        panel.band(&band, Ink::series(n));
        let upper: Vec<_> = looked.map(|point| (f64::from(point.threshold), point.estimate.upper)).collect();
        panel.line(&upper, Ink::series(n).dashed(2), 10);
    }
    for (n, curve) in input.curves.iter().enumerate() {
        draw_curve(&panel, n, curve);
    }
    for mark in &input.thresholds {
        panel.upright(mark.at, &mark.label, Ink::new(Role::INK).dashed(1));
    }
    if let Some(floor) = &input.floor {
        panel.level(floor.at, &floor.label, Ink::new(Role::MUTED).dashed(4));
    }
    sheet.finish(&describe(input))
}

fn draw_curve(panel: &Panel<'_>, n: usize, curve: &FalseRate) {
    let ink = Ink::series(n);
    let line: Vec<_> = curve.points.iter().map(|point| (f64::from(point.threshold), point.estimate.rate)).collect();
    panel.line(&line, ink, LINE);
    // Marks as dense as can be told apart, those of one curve beside those of another.
    let step = curve.points.len().div_ceil(24).max(1);
    for point in curve.points.iter().skip(n % step).step_by(step) {
        let x = f64::from(point.threshold);
        if point.estimate.some() {
            panel.marks([(x, point.estimate.rate)], Shape::series(n), ink);
        } else if point.estimate.none_seen() {
            let (x, y) = panel.edge(x, point.estimate.upper);
            panel.sheet.arrow_down(x, y, (y + 16.0).min(panel.area.bottom), ink);
        }
    }
}

fn keys(input: &FalseRates) -> Vec<Key> {
    let mut keys: Vec<Key> = input
        .curves
        .iter()
        .enumerate()
        .map(|(n, curve)| Key::new(&curve.name, Ink::series(n), Look::Line(Some(Shape::series(n)))))
        .collect();
    let muted = Ink::new(Role::MUTED);
    if !keys.is_empty() {
        keys.push(Key::new("95 % interval", muted, Look::Band));
        keys.push(Key::new("one-sided 95 % upper bound", muted.dashed(2), Look::Line(None)));
    }
    if input.curves.iter().flat_map(|curve| &curve.points).any(|point| point.estimate.none_seen()) {
        keys.push(Key::new("none seen: the rate is below the bar", muted, Look::Below));
    }
    keys
}

fn describe(input: &FalseRates) -> String {
    let mut description = String::new();
    for curve in &input.curves {
        let marked = |point: &&RatePoint| input.thresholds.iter().any(|mark| mark.at == f64::from(point.threshold));
        let ends = curve.points.first().into_iter().chain(curve.points.last());
        let chosen: Vec<&RatePoint> = curve.points.iter().filter(marked).collect();
        let chosen = if chosen.is_empty() { ends.collect() } else { chosen };
        for point in chosen {
            let words = point.estimate.in_words();
            description.push_str(&format!("{}, threshold {}: {words}. ", curve.name, point.threshold));
        }
    }
    if let Some(floor) = &input.floor {
        description.push_str(&format!("{}: {}.", floor.label, super::text::rate(floor.at)));
    }
    description
}
