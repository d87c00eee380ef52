//! How few pictures carry how many of the false matches (a Lorenz curve; Doddington's "wolves" and "lambs").
use crate::report::Data;

use super::{
    Heading,
    axis::Axis,
    ink::{Ink, Role},
    sheet::{Key, LINE, Look, Shape, Sheet},
    text,
};

/// The curves of one figure.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Hubs {
    /// One for pictures and one for entries, say.
    pub curves: Vec<HubCurve>,
    /// Shares of pictures at which the curves are marked and what they reach is written, such as 0.01.
    pub shares: Vec<f64>,
}

/// A curve from `(0, 0)` to `(1, 1)`.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct HubCurve {
    /// Its name.
    pub name: String,
    /// The share of pictures, those with the most hits first, and the share of all hits that they have.
    pub points: Vec<(f64, f64)>,
}

impl HubCurve {
    /// The share of hits that so large a share of pictures has.
    fn at(&self, share: f64) -> Option<f64> {
        let after = self.points.iter().position(|(x, _)| *x >= share)?;
        let (x1, y1) = self.points[after];
        let (x0, y0) = if after == 0 { (0.0, 0.0) } else { self.points[after - 1] };
        let y = if x1 > x0 { y0 + (y1 - y0) * (share - x0) / (x1 - x0) } else { y1 };
        (share.is_finite() && y.is_finite()).then_some(y)
    }
}

impl Hubs {
    /// All points.
    pub fn data(&self, name: &str) -> Data {
        let mut data = Data::new(name, &["curve", "share_of_pictures", "share_of_hits"]);
        for curve in &self.curves {
            for (pictures, hits) in &curve.points {
                data.push([curve.name.as_str().into(), (*pictures).into(), (*hits).into()]);
            }
        }
        data
    }
}

/// Draws the share of hits against the share of pictures that have them, and the line of equal shares.
pub fn hubs(heading: &Heading, input: &Hubs) -> String {
    let mut keys: Vec<Key> = input
        .curves
        .iter()
        .enumerate()
        .map(|(n, curve)| Key::new(&words(curve, &input.shares), Ink::series(n), Look::Line(Some(Shape::series(n)))))
        .collect();
    let equal = Ink::new(Role::MUTED).dashed(2);
    keys.push(Key::new("if all had the same", equal, Look::Line(None)));
    let sheet = Sheet::new(heading, &keys, 330.0);
    let x = Axis::share("share of pictures, those with the most hits first");
    let panel = sheet.panel(sheet.area(), x, Axis::share("share of hits"));
    panel.line(&[(0.0, 0.0), (1.0, 1.0)], equal, 12);
    for (n, curve) in input.curves.iter().enumerate() {
        let start = std::iter::once((0.0, 0.0)).chain(curve.points.iter().copied());
        panel.line(&start.collect::<Vec<_>>(), Ink::series(n), LINE);
    }
    for (n, curve) in input.curves.iter().enumerate() {
        let marks = input.shares.iter().filter_map(|share| Some((*share, curve.at(*share)?)));
        panel.marks(marks, Shape::series(n), Ink::series(n));
    }
    let description: String = input.curves.iter().map(|curve| words(curve, &input.shares) + ". ").collect();
    sheet.finish(&description)
}

/// The name of a curve, and what those with the most hits have of all: `entries: top 1 % have 23.5 % of hits`.
fn words(curve: &HubCurve, shares: &[f64]) -> String {
    let at = |share: &f64| {
        let hits = curve.at(*share)?;
        Some(format!("top {} % have {} %", text::percent(*share), text::percent(hits)))
    };
    let at: Vec<String> = shares.iter().filter_map(at).collect();
    if at.is_empty() { curve.name.clone() } else { format!("{}: {} of hits", curve.name, at.join(", ")) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_between_the_points_lie_on_the_line_between_them() {
        let curve = HubCurve { name: "entries".into(), points: vec![(0.1, 0.5), (1.0, 1.0)] };
        assert_eq!(curve.at(0.05), Some(0.25));
        assert_eq!(curve.at(0.1), Some(0.5));
        assert_eq!(curve.at(1.0), Some(1.0));
        assert_eq!(curve.at(1.1), None);
        assert_eq!(words(&curve, &[0.05]), "entries: top 5 % have 25 % of hits");
    }
}
