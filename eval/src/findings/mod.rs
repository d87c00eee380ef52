//! What is found, in words, tables and figures: the sections of a report.
//!
//! Every verb of `presend eval` prints some of these sections; the report has all of them. They follow from the counts, the
//! rows of recall and the options alone.

mod account;
mod choice;
mod corpus;
mod false_matches;
mod leakage;
mod recall;
mod worst;

pub use account::{AccountPlan, account};
pub use choice::choice;
pub use corpus::corpus;
pub use false_matches::{by_set_size, hubs, per_pair, per_picture};
pub use leakage::leakage;
pub use recall::{detection, recall};
pub use worst::worst;

use crate::counts::{About, Counts, Entries};
use crate::plots::{Estimate, Heading, text};
use crate::recall::Row;
use crate::report::{Block, Cell, Column, Data, Figure, Table};

/// What sections are made from.
#[derive(Debug, Clone, Copy)]
pub struct Study<'a> {
    /// The false matches.
    pub counts: &'a Counts,
    /// The edited pictures; none where recall was not measured.
    pub recall: &'a [Row],
    /// Thresholds to speak of, ascending.
    pub thresholds: &'a [u16],
    /// The threshold that is in use.
    pub threshold: u16,
}

/// The thresholds that are spoken of unless others are asked for.
#[must_use]
pub fn usual_thresholds(bits: u16, in_use: u16) -> Vec<u16> {
    let mut thresholds: Vec<u16> =
        if bits >= 256 { vec![0, 8, 16, 20, 24, 31, 40, 48] } else { vec![0, 2, 4, 6, 8, 10, 12] };
    thresholds.push(in_use);
    thresholds.sort_unstable();
    thresholds.dedup();
    thresholds
}

impl Study<'_> {
    fn about(&self) -> &About {
        &self.counts.about
    }

    /// The thresholds up to the largest that was counted.
    fn within(&self, cap: u16) -> impl Iterator<Item = u16> {
        self.thresholds.iter().copied().filter(move |&threshold| threshold <= cap)
    }

    /// What nobody may overlook.
    #[must_use]
    pub fn warnings(&self) -> Vec<String> {
        let About { unadjudicated, candidates, within, .. } = self.about();
        let mut warnings = Vec::new();
        if let Entries::Set { .. } = self.about().among {
            warnings.push(
                "matches with the set are not adjudicated: each counts as false, though the picture may be a copy of \
                 what is listed"
                    .into(),
            );
        } else if *unadjudicated > 0 {
            warnings.push(format!(
                "not adjudicated: of {} pairs of near-duplicates within {within} bits nobody has judged {}, and these count \
                 as false matches; true rates are lower",
                text::count(*candidates as u64),
                text::count(*unadjudicated as u64),
            ));
        }
        warnings
    }

    fn heading(&self, title: &str) -> Heading {
        Heading { title: title.into(), notes: self.warnings() }
    }
}

/// A table to read and to compute with. Columns have a heading for people and a name for programs.
fn table(name: &str, caption: &str, columns: &[(&str, &str)], rows: Vec<Vec<Cell>>) -> Block {
    table_showing(name, caption, columns, rows, |_| true)
}

/// As [`table`], of which people are shown only the columns with these names.
fn table_showing(
    name: &str,
    caption: &str,
    columns: &[(&str, &str)],
    rows: Vec<Vec<Cell>>,
    shows: impl Fn(&str) -> bool,
) -> Block {
    let shown: Vec<usize> = (0..columns.len()).filter(|&place| shows(columns[place].1)).collect();
    let number = |place: usize| rows.iter().all(|row| !matches!(row[place], Cell::Text(_)));
    let head = |&place: &usize| {
        let heading = columns[place].0;
        if number(place) { Column::number(heading) } else { Column::text(heading) }
    };
    let read = |row: &Vec<Cell>| shown.iter().map(|&place| in_words(&row[place])).collect();
    Block::Table(Table {
        caption: caption.into(),
        columns: shown.iter().map(head).collect(),
        rows: rows.iter().map(read).collect(),
        data: Some(Data {
            name: name.into(),
            columns: columns.iter().map(|(_, name)| (*name).to_owned()).collect(),
            rows,
        }),
    })
}

fn in_words(cell: &Cell) -> String {
    match cell {
        Cell::Integer(value) => text::count(*value),
        // Large ones are effective numbers of something, or numbers of a day.
        Cell::Float(value) if (1000.0..1e15).contains(&value.abs()) => text::count(value.round() as u64),
        Cell::Float(value) => text::rate(*value),
        Cell::Text(value) => value.clone(),
        Cell::Empty => "–".into(),
    }
}

fn figure(svg: String, caption: &str, data: Data) -> Block {
    Block::Figure(Figure { svg, caption: caption.into(), data: Some(data) })
}

/// The columns of an estimate in a table. Where none was seen there is no rate, only a bound.
const ESTIMATE: [(&str, &str); 6] = [
    ("matched", "seen"),
    ("of", "of"),
    ("rate", "rate"),
    ("95 % from", "low"),
    ("to", "high"),
    ("at most (one-sided 95 %)", "upper"),
];

fn cells(estimate: &Estimate) -> [Cell; 6] {
    let seen = estimate.seen > 0;
    [
        estimate.seen.into(),
        estimate.of.into(),
        seen.then_some(estimate.rate).into(),
        seen.then_some(estimate.low).into(),
        estimate.high.into(),
        estimate.upper.into(),
    ]
}
