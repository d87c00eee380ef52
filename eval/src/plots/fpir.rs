//! How the false positive rate of a picture grows with the set.
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
pub struct SetSize {
    /// One for each threshold or algorithm.
    pub curves: Vec<SizeCurve>,
    /// What the bands are, such as `95 % interval`.
    pub bands: String,
}

/// The rate against the number of entries.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct SizeCurve {
    /// Its name.
    pub name: String,
    /// What was measured, by rarefaction, by ascending size.
    pub measured: Vec<SizePoint>,
    /// What `1 - (1 - p)^N` says, for contrast.
    pub naive: Vec<(f64, f64)>,
    /// What a model of the tail says of sets larger than were measured.
    pub model: Vec<SizePoint>,
}

/// The rate with a set of some size.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SizePoint {
    /// How many entries the set has.
    pub entries: f64,
    /// The rate; zero when none was seen.
    pub rate: f64,
    /// The lower end of the interval, or of the spread between sets.
    pub low: f64,
    /// Its upper end.
    pub high: f64,
}

impl SetSize {
    /// All points; `kind` is `measured`, `naive` or `model`.
    pub fn data(&self, name: &str) -> Data {
        let mut data = Data::new(name, &["curve", "kind", "entries", "rate", "low", "high"]);
        for curve in &self.curves {
            let mut push = |kind: &str, entries: f64, rate: f64, bounds: Option<(f64, f64)>| {
                let (low, high) = bounds.unzip();
                let name = curve.name.as_str();
                data.push([name.into(), kind.into(), entries.into(), rate.into(), low.into(), high.into()]);
            };
            for point in &curve.measured {
                push("measured", point.entries, point.rate, Some((point.low, point.high)));
            }
            for (entries, rate) in &curve.naive {
                push("naive", *entries, *rate, None);
            }
            for point in &curve.model {
                push("model", point.entries, point.rate, Some((point.low, point.high)));
            }
        }
        data
    }

    fn points(&self) -> impl Iterator<Item = &SizePoint> {
        self.curves.iter().flat_map(|curve| curve.measured.iter().chain(&curve.model))
    }
}

/// Draws the rate against the number of entries, both on logarithmic axes: what was measured as a line in a band, what
/// independence would give thin and dotted, and the model with long dashes and the word beside it.
pub fn fpir(heading: &Heading, input: &SetSize) -> String {
    let sheet = Sheet::new(heading, &keys(input), 340.0);
    let naive = || input.curves.iter().flat_map(|curve| &curve.naive);
    let sizes = input.points().map(|point| point.entries).chain(naive().map(|(entries, _)| *entries));
    let seen = input.points().flat_map(|point| [point.rate, point.high]).chain(naive().map(|(_, rate)| *rate));
    let x = Axis::log("entries in the set (log scale)", sizes, 12);
    let y = Axis::log("rate of pictures with a false match (log scale)", seen, 10);
    let panel = sheet.panel(sheet.area(), x, y);
    let end = input.curves.iter().filter_map(|curve| curve.measured.last()).map(|point| point.entries);
    let end = end.fold(0.0, f64::max);
    for (n, curve) in input.curves.iter().enumerate() {
        draw_curve(&panel, n, curve);
    }
    if end > 0.0 && input.curves.iter().any(|curve| !curve.model.is_empty()) {
        panel.upright(end, "measured up to here", Ink::new(Role::MUTED).dashed(2));
    }
    for (n, curve) in input.curves.iter().enumerate() {
        if let Some(point) = curve.model.get(curve.model.len() * 2 / 3) {
            panel.label(point.entries, point.rate, "model", Ink::series(n).dashed(0));
        }
    }
    sheet.finish(&describe(input))
}

fn draw_curve(panel: &Panel<'_>, n: usize, curve: &SizeCurve) {
    let solid = Ink::series(n).dashed(0);
    let band = |points: &[SizePoint]| points.iter().map(|p| (p.entries, p.low, p.high)).collect::<Vec<_>>();
    let line = |points: &[SizePoint]| points.iter().map(|p| (p.entries, p.rate)).collect::<Vec<_>>();
    panel.band(&band(&curve.measured), solid);
    panel.band(&band(&curve.model), solid.opacity(0.5));
    panel.line(&curve.naive, solid.dashed(2), 12);
    panel.line(&line(&curve.model), solid.dashed(1), LINE);
    panel.line(&line(&curve.measured), solid, LINE);
    let step = curve.measured.len().div_ceil(12).max(1);
    panel.marks(line(&curve.measured).into_iter().step_by(step), Shape::series(n), solid);
    for point in curve.measured.iter().step_by(step).filter(|point| none_seen(point)) {
        let (x, y) = panel.edge(point.entries, point.high);
        panel.sheet.arrow_down(x, y, (y + 16.0).min(panel.area.bottom), solid);
    }
}

fn none_seen(point: &SizePoint) -> bool {
    point.rate == 0.0 && point.high > 0.0
}

fn keys(input: &SetSize) -> Vec<Key> {
    let mut keys: Vec<Key> = input
        .curves
        .iter()
        .enumerate()
        .map(|(n, curve)| Key::new(&curve.name, Ink::series(n).dashed(0), Look::Line(Some(Shape::series(n)))))
        .collect();
    let muted = Ink::new(Role::MUTED);
    if input.curves.iter().any(|curve| curve.measured.len() > 1) {
        keys.push(Key::new(&input.bands, muted, Look::Band));
    }
    if input.curves.iter().flat_map(|curve| &curve.measured).any(none_seen) {
        keys.push(Key::new("none seen: the rate is below the bar", muted, Look::Below));
    }
    if input.curves.iter().any(|curve| !curve.model.is_empty()) {
        keys.push(Key::new("model of the tail, not measured", muted.dashed(1), Look::Line(None)));
    }
    if input.curves.iter().any(|curve| !curve.naive.is_empty()) {
        keys.push(Key::new("1 − (1 − p)^N, if all pairs were independent", muted.dashed(2), Look::Line(None)));
    }
    keys
}

fn describe(input: &SetSize) -> String {
    let mut description = String::new();
    for curve in &input.curves {
        if let Some(last) = curve.measured.last() {
            description.push_str(&format!(
                "{}: {} with {} entries, measured. ",
                curve.name,
                if last.rate > 0.0 { text::rate(last.rate) } else { format!("below {}", text::rate(last.high)) },
                text::count(last.entries as u64)
            ));
        }
        if let Some((entries, rate)) = curve.naive.last() {
            let (rate, entries) = (text::rate(*rate), text::count(*entries as u64));
            description.push_str(&format!("Independence would give {rate} with {entries}. "));
        }
        if let Some(last) = curve.model.last() {
            let (rate, entries) = (text::rate(last.rate), text::count(last.entries as u64));
            description.push_str(&format!("The model, which is not measured, says {rate} with {entries}. "));
        }
    }
    description
}
