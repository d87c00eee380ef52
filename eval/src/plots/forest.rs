//! Rates by stratum, below each other.
use crate::report::Data;

use super::{
    Estimate, Heading,
    axis::Axis,
    ink::{Ink, Role},
    panel::Panel,
    sheet::{Anchor, Area, Key, LABEL, LINE, Look, MARGIN, NOTE, Shape, Sheet},
    text,
};

/// The rates of one figure.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Forest {
    /// One for each stratum.
    pub strata: Vec<Stratum>,
    /// All together, such as weighted by a mix; apart from the others.
    pub total: Option<Stratum>,
    /// What the axis measures.
    pub label: String,
    /// What the intervals are, such as `95 % intervals, Bonferroni over 6 strata`.
    pub intervals: String,
}

/// The rate of a stratum.
#[derive(Clone, Debug, PartialEq)]
pub struct Stratum {
    /// Its name.
    pub name: String,
    /// The rate.
    pub estimate: Estimate,
}

impl Forest {
    /// All rates.
    pub fn data(&self, name: &str) -> Data {
        let columns = ["stratum", "seen", "of", "rate", "low", "high", "upper_one_sided"];
        let mut data = Data::new(name, &columns);
        for Stratum { name, estimate } in self.strata.iter().chain(&self.total) {
            data.push([
                name.as_str().into(),
                estimate.seen.into(),
                estimate.of.into(),
                estimate.rate.into(),
                estimate.low.into(),
                estimate.high.into(),
                estimate.upper.into(),
            ]);
        }
        data
    }
}

/// Draws each rate with its interval on a logarithmic axis; where none was seen, an arrow to the left of the bound.
pub fn forest(heading: &Heading, input: &Forest) -> String {
    let ink = Ink::series(0).dashed(0);
    let mut keys = vec![Key::new(&input.intervals, ink, Look::Line(Some(Shape::Square)))];
    if input.strata.iter().chain(&input.total).any(|stratum| stratum.estimate.none_seen()) {
        keys.push(Key::new("none seen: the rate is left of the bar", Ink::new(Role::MUTED), Look::LeftOf));
    }
    let rows = input.strata.len() + usize::from(input.total.is_some());
    let sheet = Sheet::new(heading, &keys, 46.0 + ROW * rows.max(1) as f64);
    let all = || input.strata.iter().chain(&input.total);
    let values = all()
        .map(|stratum| &stratum.estimate)
        .filter(|estimate| estimate.of > 0)
        .flat_map(|e| if e.none_seen() { [e.upper, e.upper / 3.0, 0.0] } else { [e.rate, e.low, e.high] });
    let x = Axis::log(&input.label, values, 10);
    let mut y = Axis::linear("", 0.0, rows.max(1) as f64);
    (y.ticks, y.minor) = (Vec::new(), Vec::new());
    let names = all().map(|stratum| text::width(&stratum.name, LABEL)).fold(40.0, f64::max).min(NAMES);
    let area = Area {
        left: MARGIN + names + 8.0,
        top: sheet.body.top + 6.0,
        right: sheet.body.right - COUNTS,
        bottom: sheet.body.bottom - 40.0,
    };
    let panel = sheet.panel(area, x, y);
    for (stratum, n) in all().zip(0u32..) {
        let y = area.top + ROW * (f64::from(n) + 0.5);
        let (ink, shape) = match stratum {
            stratum if Some(stratum) == input.total.as_ref() => (Ink::series(1).dashed(0), Shape::Diamond),
            _ => (ink, Shape::Square),
        };
        draw_row(&panel, y, stratum, ink, shape, names);
    }
    if input.total.is_some() && !input.strata.is_empty() {
        let y = area.top + ROW * input.strata.len() as f64;
        sheet.path(&[(MARGIN, y), (sheet.body.right, y)], Ink::new(Role::MUTED), 8);
    }
    sheet.finish(&describe(input))
}

fn draw_row(panel: &Panel<'_>, y: f64, stratum: &Stratum, ink: Ink, shape: Shape, names: f64) {
    let (sheet, estimate, area) = (panel.sheet, &stratum.estimate, panel.area);
    let name = text::cut(&stratum.name, LABEL, names);
    sheet.text(MARGIN + names, y + 4.0, &name, LABEL, Anchor::End, Ink::new(Role::INK));
    let counts = format!("{} / {}", text::count(estimate.seen), text::count(estimate.of));
    let counts = text::cut(&counts, NOTE, COUNTS - 10.0);
    sheet.text(sheet.body.right, y + 4.0, &counts, NOTE, Anchor::End, Ink::new(Role::MUTED));
    if estimate.none_seen() {
        let (x, _) = panel.edge(estimate.upper, 0.0);
        sheet.arrow_left(x, (x - 24.0).max(area.left), y, ink);
    } else if estimate.some() {
        let ((low, _), (at, _), (high, _)) =
            (panel.edge(estimate.low, 0.0), panel.edge(estimate.rate, 0.0), panel.edge(estimate.high, 0.0));
        sheet.path(&[(low, y), (high, y)], ink, LINE);
        for end in [low, high] {
            sheet.path(&[(end, y - 4.0), (end, y + 4.0)], ink, LINE);
        }
        sheet.mark(at, y, shape, ink);
    }
}

/// Between two rates.
const ROW: f64 = 24.0;
/// The most that the names of the strata take.
const NAMES: f64 = 170.0;
/// What the counts at the right take.
const COUNTS: f64 = 120.0;

fn describe(input: &Forest) -> String {
    let words = |stratum: &Stratum| format!("{}: {}. ", stratum.name, stratum.estimate.in_words());
    input.strata.iter().chain(&input.total).map(words).collect()
}
