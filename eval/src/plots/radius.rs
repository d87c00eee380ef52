//! What a sealed set's radius costs: recall against the bits that protect an entry.
use crate::report::Data;

use super::{
    Heading, Mark,
    axis::Axis,
    ink::{Ink, Role},
    panel::Panel,
    sheet::{Area, Key, LINE, Look, Shape, Sheet},
    text,
};

/// The points of one figure.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Radii {
    /// By ascending radius.
    pub points: Vec<RadiusPoint>,
    /// Radii to mark.
    pub marks: Vec<Mark>,
}

/// What a radius gives.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct RadiusPoint {
    /// The radius.
    pub radius: u16,
    /// Recall, relative to plain matching or not; the label of the figure says.
    pub recall: f64,
    /// The lower end of its interval.
    pub low: f64,
    /// Its upper end.
    pub high: f64,
    /// The bits of an entry that its published part leaves unknown.
    pub bits: f64,
}

impl Radii {
    /// All points.
    pub fn data(&self, name: &str) -> Data {
        let mut data = Data::new(name, &["radius", "recall", "recall_low", "recall_high", "residual_bits"]);
        for point in &self.points {
            data.push([
                point.radius.into(),
                point.recall.into(),
                point.low.into(),
                point.high.into(),
                point.bits.into(),
            ]);
        }
        data
    }
}

/// Draws recall and residual bits against the radius, one above the other.
pub fn radius(heading: &Heading, input: &Radii) -> String {
    let (recall, bits) = (Ink::series(0), Ink::series(1));
    let keys = [
        Key::new("recall", recall, Look::Line(Some(Shape::series(0)))),
        Key::new("95 % interval", recall, Look::Band),
        Key::new("residual bits", bits, Look::Line(Some(Shape::series(1)))),
    ];
    let sheet = Sheet::new(heading, &keys, 430.0);
    let whole = sheet.area();
    let middle = f64::midpoint(whole.top, whole.bottom);
    let last = input.points.iter().map(|point| point.radius).max().unwrap_or(0).max(8);
    let x = || Axis::bits("radius", 0.0, f64::from(last));
    let greatest = input.points.iter().map(|point| point.bits).filter(|bits| bits.is_finite()).fold(8.0, f64::max);
    let upper = sheet.panel(Area { bottom: middle - 28.0, ..whole }, x(), Axis::share("recall"));
    let residual = Axis::linear("residual bits", 0.0, greatest * 1.05);
    let lower = sheet.panel(Area { top: middle + 34.0, ..whole }, x(), residual);

    let band: Vec<_> = input.points.iter().map(|p| (f64::from(p.radius), p.low, p.high)).collect();
    upper.band(&band, recall);
    draw_curve(&upper, 0, input.points.iter().map(|p| (f64::from(p.radius), p.recall)).collect());
    draw_curve(&lower, 1, input.points.iter().map(|p| (f64::from(p.radius), p.bits)).collect());
    for mark in &input.marks {
        upper.upright(mark.at, &mark.label, Ink::new(Role::INK).dashed(1));
        lower.upright(mark.at, &mark.label, Ink::new(Role::INK).dashed(1));
    }
    sheet.finish(&describe(input))
}

fn draw_curve(panel: &Panel<'_>, n: usize, points: Vec<(f64, f64)>) {
    panel.line(&points, Ink::series(n), LINE);
    let step = points.len().div_ceil(24).max(1);
    panel.marks(points.into_iter().step_by(step), Shape::series(n), Ink::series(n));
}

fn describe(input: &Radii) -> String {
    let words = |point: &RadiusPoint| {
        let RadiusPoint { radius, recall, bits, .. } = point;
        let bits = if bits.is_finite() { format!("{bits:.1}") } else { "unknown".into() };
        format!("Radius {radius}: recall {}, {bits} residual bits. ", text::share(*recall))
    };
    input.points.iter().map(words).collect()
}
