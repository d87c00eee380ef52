//! What is found against what is found wrongly: the receiver operating characteristic, and the detection error trade-off
//! (Martin and others, "The DET curve in assessment of detection task performance", 1997).
use crate::report::Data;

use super::{
    Heading,
    axis::Axis,
    ink::{Ink, Role},
    panel::Panel,
    sheet::{Key, LINE, Look, Shape, Sheet},
    text,
};

/// The curves of one figure.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Detection {
    /// One for each algorithm or way to look up.
    pub curves: Vec<DetectionCurve>,
    /// The thresholds whose points are marked and labelled.
    pub thresholds: Vec<u16>,
    /// What a false positive is counted by, such as `pair`.
    pub per: String,
}

/// A curve through all thresholds.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct DetectionCurve {
    /// Its name.
    pub name: String,
    /// Its points by ascending threshold.
    pub points: Vec<DetectionPoint>,
}

/// What a threshold gives.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct DetectionPoint {
    /// The threshold, inclusive.
    pub threshold: u16,
    /// The false positive rate; zero when none was seen.
    pub false_rate: f64,
    /// Its one-sided upper bound.
    pub false_upper: f64,
    /// The share of matching pairs that are found.
    pub recall: f64,
}

impl Detection {
    /// All points.
    pub fn data(&self, name: &str) -> Data {
        let columns = ["curve", "threshold", "false_positive_rate", "false_positive_rate_upper", "recall", "miss_rate"];
        let mut data = Data::new(name, &columns);
        for curve in &self.curves {
            for point in &curve.points {
                data.push([
                    curve.name.as_str().into(),
                    point.threshold.into(),
                    point.false_rate.into(),
                    point.false_upper.into(),
                    point.recall.into(),
                    (1.0 - point.recall).into(),
                ]);
            }
        }
        data
    }
}

/// Draws recall against the logarithm of the false positive rate.
pub fn roc(heading: &Heading, input: &Detection) -> String {
    draw(heading, input, Axis::share("recall"), |point| point.recall)
}

/// Draws the miss rate, on a probit axis, against the logarithm of the false positive rate. Where nothing was missed the
/// mark stands on the lower edge.
pub fn det(heading: &Heading, input: &Detection) -> String {
    let misses = input.curves.iter().flat_map(|curve| &curve.points).map(|point| 1.0 - point.recall);
    draw(heading, input, Axis::probit("miss rate (probit scale)", misses), |point| 1.0 - point.recall)
}

fn draw(heading: &Heading, input: &Detection, y: Axis, height: impl Fn(&DetectionPoint) -> f64) -> String {
    let mut keys: Vec<Key> = input
        .curves
        .iter()
        .enumerate()
        .map(|(n, curve)| Key::new(&curve.name, Ink::series(n), Look::Line(Some(Shape::series(n)))))
        .collect();
    let unseen = |point: &DetectionPoint| point.false_rate == 0.0;
    let marked = |point: &DetectionPoint| input.thresholds.contains(&point.threshold);
    if input.curves.iter().flat_map(|curve| &curve.points).any(|point| unseen(point) && marked(point)) {
        keys.push(Key::new("none seen: the rate is left of the bar", Ink::new(Role::MUTED), Look::LeftOf));
    }
    let sheet = Sheet::new(heading, &keys, 340.0);
    let shown = |point: &DetectionPoint| if unseen(point) { point.false_upper } else { point.false_rate };
    let rates = input.curves.iter().flat_map(|curve| &curve.points).map(shown);
    let per = if input.per.is_empty() { String::new() } else { format!(" per {}", input.per) };
    let x = Axis::log(&format!("false positive rate{per} (log scale)"), rates, 12);
    let panel = sheet.panel(sheet.area(), x, y);
    for (n, curve) in input.curves.iter().enumerate() {
        let points: Vec<(f64, f64)> = curve.points.iter().map(|point| (point.false_rate, height(point))).collect();
        panel.line(&points, Ink::series(n), LINE);
    }
    let marks = || input.curves.iter().enumerate().flat_map(|(n, curve)| labelled(n, curve, &input.thresholds));
    for (n, point) in marks() {
        mark(&panel, n, point, shown(point), height(point));
    }
    for (n, point) in marks() {
        panel.label(shown(point), height(point), &point.threshold.to_string(), Ink::new(Role::series(n)));
    }
    sheet.finish(&describe(input))
}

fn labelled<'a>(
    n: usize,
    curve: &'a DetectionCurve,
    thresholds: &'a [u16],
) -> impl Iterator<Item = (usize, &'a DetectionPoint)> {
    curve.points.iter().filter(|point| thresholds.contains(&point.threshold)).map(move |point| (n, point))
}

fn mark(panel: &Panel<'_>, n: usize, point: &DetectionPoint, x: f64, y: f64) {
    panel.keep_free(x, y);
    if point.false_rate == 0.0 {
        let (from, at) = panel.edge(x, y);
        panel.sheet.arrow_left(from, (from - 20.0).max(panel.area.left), at, Ink::series(n));
    } else {
        let (x, y) = panel.edge(x, y);
        panel.sheet.mark(x, y, Shape::series(n), Ink::series(n));
    }
}

fn describe(input: &Detection) -> String {
    let mut description = String::new();
    for (n, curve) in input.curves.iter().enumerate() {
        let mut chosen: Vec<_> = labelled(n, curve, &input.thresholds).map(|(_, point)| point).collect();
        if chosen.is_empty() {
            chosen.extend(curve.points.last());
        }
        for point in chosen {
            let rate = if point.false_rate == 0.0 {
                format!("none seen, below {}", text::rate(point.false_upper))
            } else {
                text::rate(point.false_rate)
            };
            description.push_str(&format!(
                "{}, threshold {}: recall {}, false positive rate {rate}. ",
                curve.name,
                point.threshold,
                text::share(point.recall)
            ));
        }
    }
    description
}
