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
    /// Shares of pictures at which the curve is marked and its height written, such as 0.01.
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
        .map(|(n, curve)| Key::new(&curve.name, Ink::series(n), Look::Line(Some(Shape::series(n)))))
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
    let marks = || {
        let of = |(n, curve): (usize, &HubCurve)| {
            let at: Vec<_> = input.shares.iter().filter_map(|x| Some((n, *x, curve.at(*x)?))).collect();
            at
        };
        input.curves.iter().enumerate().flat_map(of)
    };
    for (n, x, y) in marks() {
        panel.marks([(x, y)], Shape::series(n), Ink::series(n));
        panel.keep_free(x, y);
    }
    for (n, x, y) in marks() {
        panel.label(x, y, &words(x, y), Ink::series(n));
    }
    sheet.finish(&describe(input))
}

fn words(pictures: f64, hits: f64) -> String {
    format!("top {} %: {} % of hits", text::percent(pictures), text::percent(hits))
}

fn describe(input: &Hubs) -> String {
    let mut description = String::new();
    for curve in &input.curves {
        let at = input.shares.iter().filter_map(|x| Some(words(*x, curve.at(*x)?)));
        description.push_str(&format!("{}: {}. ", curve.name, at.collect::<Vec<_>>().join(", ")));
    }
    if description.is_empty() { "No hits.".into() } else { description }
}
