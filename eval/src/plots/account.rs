//! How likely an account without any listed picture collects so many matches.
use crate::report::Data;

use super::{
    Heading, Mark,
    axis::Axis,
    ink::{Ink, Role},
    sheet::{Key, LINE, Look, Shape, Sheet},
    text,
};

/// The curves of one figure.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Account {
    /// One for each way in which the matches of an account depend on each other.
    pub curves: Vec<AccountCurve>,
    /// Numbers of matches to mark.
    pub thresholds: Vec<Mark>,
    /// A probability to mark, such as what is thought bearable.
    pub target: Option<Mark>,
}

/// A curve through numbers of matches.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct AccountCurve {
    /// Its name, such as `binomial (all independent)`.
    pub name: String,
    /// A number of matches and the probability of that many or more.
    pub points: Vec<(u64, f64)>,
}

impl Account {
    /// All points.
    pub fn data(&self, name: &str) -> Data {
        let mut data = Data::new(name, &["model", "matches", "probability"]);
        for curve in &self.curves {
            for (matches, probability) in &curve.points {
                data.push([curve.name.as_str().into(), (*matches).into(), (*probability).into()]);
            }
        }
        data
    }
}

/// Draws the probabilities on a logarithmic axis, over eighteen powers of ten at most.
pub fn account(heading: &Heading, input: &Account) -> String {
    let keys: Vec<Key> = input
        .curves
        .iter()
        .enumerate()
        .map(|(n, curve)| Key::new(&curve.name, Ink::series(n), Look::Line(Some(Shape::series(n)))))
        .collect();
    let sheet = Sheet::new(heading, &keys, 340.0);
    let points = || input.curves.iter().flat_map(|curve| &curve.points);
    let last = points().map(|(matches, _)| *matches).max().unwrap_or(10);
    let values = points().map(|(_, p)| *p).chain(input.target.as_ref().map(|mark| mark.at)).chain([1.0]);
    let y = Axis::log("probability of so many matches or more (log scale)", values, 18);
    let x = Axis::linear("matches of an account without listed pictures", 0.0, last as f64);
    let panel = sheet.panel(sheet.area(), x, y);
    for (n, curve) in input.curves.iter().enumerate() {
        let line: Vec<(f64, f64)> = curve.points.iter().map(|(matches, p)| (*matches as f64, *p)).collect();
        panel.line(&line, Ink::series(n), LINE);
        let step = line.len().div_ceil(16).max(1);
        panel.marks(line.into_iter().step_by(step), Shape::series(n), Ink::series(n));
    }
    for mark in &input.thresholds {
        panel.upright(mark.at, &mark.label, Ink::new(Role::INK).dashed(1));
    }
    if let Some(target) = &input.target {
        panel.level(target.at, &target.label, Ink::new(Role::MUTED).dashed(4));
    }
    sheet.finish(&describe(input))
}

fn describe(input: &Account) -> String {
    let mut description = String::new();
    for curve in &input.curves {
        let marked = |(matches, _): &&(u64, f64)| input.thresholds.iter().any(|mark| mark.at == *matches as f64);
        let chosen: Vec<_> = curve.points.iter().filter(marked).collect();
        for (matches, p) in if chosen.is_empty() { curve.points.last().into_iter().collect() } else { chosen } {
            description.push_str(&format!("{}: {matches} or more with probability {}. ", curve.name, text::rate(*p)));
        }
    }
    description
}
