//! Recall under every edit at every strength.
use crate::report::Data;

use super::{
    Heading,
    ink::{Ink, Role},
    sheet::{Anchor, Area, MARGIN, NOTE, Sheet},
    text,
};

/// A table of recalls.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct HeatMap {
    /// One for each family of edits.
    pub rows: Vec<HeatRow>,
}

/// A family of edits.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct HeatRow {
    /// Its name.
    pub name: String,
    /// From the gentlest to the strongest.
    pub cells: Vec<HeatCell>,
}

/// An edit at one strength.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct HeatCell {
    /// The strength, such as `q 50` or `5 %`.
    pub strength: String,
    /// How many edited copies were found.
    pub found: u64,
    /// Of how many.
    pub of: u64,
    /// The lower end of the interval of recall.
    pub low: f64,
    /// Its upper end.
    pub high: f64,
}

impl HeatCell {
    fn recall(&self) -> Option<f64> {
        (self.of > 0).then(|| self.found as f64 / self.of as f64)
    }
}

impl HeatMap {
    /// All cells.
    pub fn data(&self, name: &str) -> Data {
        let mut data = Data::new(name, &["edit", "strength", "found", "of", "recall", "low", "high"]);
        for row in &self.rows {
            for cell in &row.cells {
                data.push([
                    row.name.as_str().into(),
                    cell.strength.as_str().into(),
                    cell.found.into(),
                    cell.of.into(),
                    cell.recall().into(),
                    cell.low.into(),
                    cell.high.into(),
                ]);
            }
        }
        data
    }
}

/// Draws a row for each family and a cell for each strength, the gentlest first, coloured by recall; in the cell stand
/// the strength, recall, its interval and the number of copies.
pub fn heat(heading: &Heading, input: &HeatMap) -> String {
    let columns = input.rows.iter().map(|row| row.cells.len()).max().unwrap_or(0).max(1) as f64;
    let names = input.rows.iter().map(|row| text::width(&row.name, NOTE)).fold(40.0, f64::max).min(NAMES);
    let left = MARGIN + names + 8.0;
    let width = (left + columns * WIDTH + MARGIN).max(super::sheet::WIDTH);
    let words = text::wrap(WORDS, NOTE, width - 2.0 * MARGIN);
    let legend = 34.0 + 15.0 * words.len() as f64;
    let sheet = Sheet::sized(heading, &[], width, legend + input.rows.len().max(3) as f64 * HEIGHT);
    draw_legend(&sheet, &words);
    for (row, n) in input.rows.iter().zip(0u32..) {
        let top = sheet.body.top + legend + f64::from(n) * HEIGHT;
        let mut lines = text::wrap(&row.name, NOTE, names);
        if lines.len() > 3 {
            lines.truncate(3);
            lines[2].push('…');
        }
        let first = top + HEIGHT / 2.0 + 4.0 - 7.0 * (lines.len() as f64 - 1.0);
        for (line, at) in lines.iter().zip(0u32..) {
            let y = first + 14.0 * f64::from(at);
            sheet.text(MARGIN + names, y, line, NOTE, Anchor::End, Ink::new(Role::INK));
        }
        for (cell, column) in row.cells.iter().zip(0u32..) {
            draw_cell(&sheet, left + f64::from(column) * WIDTH, top, &row.name, cell);
        }
    }
    sheet.finish(&describe(input))
}

fn draw_cell(sheet: &Sheet, x: f64, y: f64, name: &str, cell: &HeatCell) {
    let area = Area { left: x, top: y, right: x + WIDTH - 2.0, bottom: y + HEIGHT - 2.0 };
    let middle = x + (WIDTH - 2.0) / 2.0;
    let strength = text::cut(&cell.strength, SMALL, WIDTH - 6.0);
    let Some(recall) = cell.recall() else {
        sheet.tip(&format!("{name} {}: no pictures", cell.strength));
        sheet.rectangle(area, Ink::new(Role::GRID));
        let ink = Ink::new(Role::INK);
        sheet.text(middle, y + 13.0, &strength, SMALL, Anchor::Middle, ink);
        sheet.text(middle, y + 53.0, "n 0", SMALL, Anchor::Middle, ink);
        return;
    };
    let step = step(recall);
    let ink = Ink::new(if on_dark(step) { Role::ON_DARK } else { Role::ON_LIGHT });
    let (share, low, high, of) =
        (text::share(recall), text::share(cell.low), text::share(cell.high), text::count(cell.of));
    let found = text::count(cell.found);
    sheet.tip(&format!("{name} {}: recall {share}, interval {low} to {high}, {found} of {of}", cell.strength));
    sheet.rectangle(area, Ink::new(Role::heat(step)));
    sheet.text(middle, y + 13.0, &strength, SMALL, Anchor::Middle, ink);
    sheet.text(middle, y + 28.5, &share, NUMBER, Anchor::Middle, ink);
    sheet.text(middle, y + 41.0, &format!("{}–{}", short(cell.low), short(cell.high)), SMALL, Anchor::Middle, ink);
    sheet.text(middle, y + 53.0, &format!("n {of}"), SMALL, Anchor::Middle, ink);
}

/// The steps of the colours with what they mean.
fn draw_legend(sheet: &Sheet, words: &[String]) {
    let ink = Ink::new(Role::INK);
    let (x, y) = (sheet.body.left, sheet.body.top + 2.0);
    sheet.text(x, y + 12.0, "recall from", NOTE, Anchor::Start, ink);
    let left_most = x + 68.0;
    let labels = std::iter::once(0.0).chain(STEPS);
    for (n, label) in labels.enumerate() {
        let left = left_most + 44.0 * n as f64;
        sheet.rectangle(Area { left, top: y, right: left + 42.0, bottom: y + 17.0 }, Ink::new(Role::heat(n)));
        let ink = Ink::new(if on_dark(n) { Role::ON_DARK } else { Role::ON_LIGHT });
        sheet.text(left + 21.0, y + 12.5, &format!("{label}"), SMALL, Anchor::Middle, ink);
    }
    for (line, at) in words.iter().zip(0u32..) {
        let y = y + 35.0 + 15.0 * f64::from(at);
        sheet.text(sheet.body.left, y, line, NOTE, Anchor::Start, Ink::new(Role::MUTED));
    }
}

/// Whether the text on this step's colour is white.
pub(super) fn on_dark(step: usize) -> bool {
    step < 5
}

fn step(recall: f64) -> usize {
    STEPS.iter().filter(|from| recall >= **from).count()
}

/// `.95`, `1`, for where there is little room; bounds are not rounded to all or nothing.
fn short(share: f64) -> String {
    let text = text::share(share);
    match text.as_str() {
        "0.000" => "0".into(),
        "1.000" => "1".into(),
        text => text.trim_start_matches('0').into(),
    }
}

/// Recalls from which a cell has the next colour: fine where it matters, near 1.
const STEPS: [f64; 9] = [0.05, 0.25, 0.5, 0.75, 0.9, 0.95, 0.98, 0.99, 0.999];

/// Of a cell, with the gap beside it.
const WIDTH: f64 = 76.0;
const HEIGHT: f64 = 60.0;
/// The most that the names of the families take.
const NAMES: f64 = 130.0;
const SMALL: f64 = 10.5;
const NUMBER: f64 = 14.0;
/// What stands above the cells.
const WORDS: &str =
    "in a cell: strength, recall, its 95 % interval, number of copies; gentle edits left, strong ones right";

fn describe(input: &HeatMap) -> String {
    let mut description = String::new();
    for row in &input.rows {
        let cells: Vec<String> = row
            .cells
            .iter()
            .map(|cell| match cell.recall() {
                Some(recall) => format!("{} {} of {}", cell.strength, text::share(recall), text::count(cell.of)),
                None => format!("{} no pictures", cell.strength),
            })
            .collect();
        description.push_str(&format!("{}: {}. ", row.name, cells.join(", ")));
    }
    if description.is_empty() { description } else { format!("Recall. {description}") }
}
