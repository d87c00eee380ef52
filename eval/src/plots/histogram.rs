//! How far matching and unrelated pairs lie apart.
use crate::report::Data;

use super::{
    Heading, Mark,
    axis::Axis,
    ink::{Ink, Role},
    panel::Panel,
    sheet::{FILL, Key, LINE, Look, Sheet},
    text,
};

/// Pairs counted by their distance.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Histogram {
    /// Pairs of a picture and its edited copy; at `d` the number of pairs at distance `d`.
    pub matches: Vec<u64>,
    /// Pairs of pictures that do not belong together.
    pub others: Vec<u64>,
    /// How many distances are drawn as one bar; 2 where most distances are even.
    pub bin: usize,
    /// Thresholds to mark.
    pub thresholds: Vec<Mark>,
}

impl Histogram {
    /// The counts at every distance.
    pub fn data(&self, name: &str) -> Data {
        let mut data = Data::new(name, &["distance", "match_pairs", "non_match_pairs"]);
        for distance in 0..self.matches.len().max(self.others.len()) {
            let at = |counts: &[u64]| counts.get(distance).copied().unwrap_or(0);
            data.push([distance.into(), at(&self.matches).into(), at(&self.others).into()]);
        }
        data
    }
}

/// Draws the two histograms over each other, the counts on a logarithmic axis.
pub fn histogram(heading: &Heading, input: &Histogram) -> String {
    let (matches, others) = (Ink::series(0), Ink::series(1));
    let keys = [
        Key::new(&format!("match pairs ({})", text::count(total(&input.matches))), matches, Look::Area),
        Key::new(&format!("non-match pairs ({})", text::count(total(&input.others))), others, Look::Area),
    ];
    let sheet = Sheet::new(heading, &keys, 320.0);
    let bin = input.bin.max(1);
    let bars = [bars(&input.matches, bin), bars(&input.others, bin)];
    let greatest = bars.iter().flatten().map(|(_, count)| *count).max().unwrap_or(0).max(1);
    // A bar of one pair must be seen, so that the axis begins below one.
    let top = (greatest as f64).log10().ceil().max(1.0);
    let label = if bin == 1 { "pairs".into() } else { format!("pairs in {bin} distances") };
    let last = (input.matches.len().max(input.others.len()).div_ceil(bin) * bin).max(8);
    let x = Axis::bits("Hamming distance", 0.0, last as f64);
    let panel = sheet.panel(sheet.area(), x, Axis::powers(&label, 0.5f64.log10(), top));
    for (bars, ink) in bars.iter().zip([matches, others]) {
        outline(&panel, bars, bin, ink);
    }
    for mark in &input.thresholds {
        // The threshold is inclusive: the line stands after its distance.
        panel.upright(mark.at + 1.0, &mark.label, Ink::new(Role::INK).dashed(1));
    }
    sheet.finish(&describe(input))
}

/// The total of each bin, with its first distance.
fn bars(counts: &[u64], bin: usize) -> Vec<(usize, u64)> {
    let total = |counts: &[u64]| counts.iter().fold(0, |sum: u64, count| sum.saturating_add(*count));
    counts.chunks(bin).enumerate().map(|(at, counts)| (at * bin, total(counts))).collect()
}

/// The bars as one area for each run of distances that were seen at all.
fn outline(panel: &Panel<'_>, bars: &[(usize, u64)], bin: usize, ink: Ink) {
    for run in bars.split(|(_, count)| *count == 0).filter(|run| !run.is_empty()) {
        let floor = |x: usize| panel.edge(x as f64, 0.0);
        let mut corners = vec![floor(run[0].0)];
        for (from, count) in run {
            corners.extend([panel.edge(*from as f64, *count as f64), panel.edge((from + bin) as f64, *count as f64)]);
        }
        corners.push(floor(run[run.len() - 1].0 + bin));
        panel.sheet.polygon(&corners, ink.opacity(FILL));
        panel.sheet.path(&corners, ink, LINE - 6);
        panel.sheet.avoid(&corners);
    }
}

fn total(counts: &[u64]) -> u64 {
    counts.iter().fold(0, |sum, count| sum.saturating_add(*count))
}

fn describe(input: &Histogram) -> String {
    let least = |counts: &[u64]| counts.iter().position(|count| *count > 0);
    let words = |name: &str, counts: &[u64]| match least(counts) {
        None => format!("No {name} pairs. "),
        Some(least) => {
            let greatest = counts.iter().rposition(|count| *count > 0).unwrap_or(least);
            format!("{} {name} pairs at distances from {least} to {greatest}. ", text::count(total(counts)))
        }
    };
    let mut description = words("match", &input.matches) + &words("non-match", &input.others);
    for mark in input.thresholds.iter().filter(|mark| mark.at.is_finite()) {
        let end = |counts: &[u64]| counts.len().min((mark.at + 1.0) as usize);
        let below = |counts: &[u64]| total(&counts[..end(counts)]);
        description.push_str(&format!(
            "{}: {} match and {} non-match pairs at or below {}. ",
            mark.label,
            text::count(below(&input.matches)),
            text::count(below(&input.others)),
            mark.at
        ));
    }
    description
}
