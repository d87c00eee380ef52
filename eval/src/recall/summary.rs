//! Rows, counted.

use presend_core::{Quality, Radius, Threshold};

use super::rows::{Distances, Edited, Row};
use crate::edits::{Family, TRANSFORMS, Transform};
use crate::stats::{Interval, clopper_pearson, korn_graubard};

/// What is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Subset {
    /// One transformation.
    Transform(&'static str),
    /// All of a family.
    Family(Family),
    /// Everything.
    All,
}

impl Subset {
    fn holds(self, transform: &Transform) -> bool {
        match self {
            Self::Transform(id) => transform.id == id,
            Self::Family(family) => transform.family == family,
            Self::All => true,
        }
    }
}

/// How rows are counted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report {
    /// The distances up to which a picture counts as found.
    pub thresholds: Vec<Threshold>,
    /// A transformed picture of less quality is not looked up, and so is not found.
    pub gate: Quality,
    /// The radii of sealed sets that are compared.
    pub radii: Vec<Radius>,
    /// With what they are compared: a plain list at this threshold.
    pub plain: Threshold,
}

/// How a share of pictures is found.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct At {
    /// Up to which distance.
    pub threshold: Threshold,
    /// How many were found.
    pub found: u64,
    /// Between which shares the true one lies, at 95 %; `None` where there was nothing to find.
    pub interval: Option<Interval>,
}

/// What a sealed set finds, and what a plain list does, of the same pictures.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Relative {
    /// The radius of the sealed set.
    pub radius: Radius,
    /// Whether it was searched with effort.
    pub effort: bool,
    /// Found by both.
    pub both: u64,
    /// Found by the plain list only.
    pub only_plain: u64,
    /// Found in the sealed set only.
    pub only_sealed: u64,
}

impl Relative {
    /// What the sealed set finds.
    #[must_use]
    pub const fn sealed(&self) -> u64 {
        self.both + self.only_sealed
    }

    /// What the plain list finds.
    #[must_use]
    pub const fn plain(&self) -> u64 {
        self.both + self.only_plain
    }

    /// The first over the second; `None` where the plain list finds nothing.
    #[must_use]
    pub fn ratio(&self) -> Option<f64> {
        (self.plain() > 0).then(|| self.sealed() as f64 / self.plain() as f64)
    }
}

/// One line of the table.
#[derive(Debug, Clone, PartialEq)]
pub struct Line {
    /// What was counted.
    pub subset: Subset,
    /// Transformed pictures.
    pub n: u64,
    /// Pictures that they are of: what is independent of one another.
    pub pictures: u64,
    /// Pictures that were left as they are, and are not counted.
    pub not_applicable: u64,
    /// Of `n`, those that came out below the quality gate, or too small: inconclusive, not found.
    pub below_gate: u64,
    /// Found as they are, at each threshold.
    pub upright: Vec<At>,
    /// Found in one of eight orientations, at each threshold; empty unless all were turned or mirrored.
    pub dihedral: Vec<At>,
    /// Half of the distances are at most this; of those that were hashed.
    pub median: Option<u16>,
    /// Nineteen of twenty distances are at most this.
    pub p95: Option<u16>,
    /// Sealed sets beside a plain list: each radius without effort, then with it.
    pub relative: Vec<Relative>,
}

/// Counts rows: each transformation, then each family, then all. What no row is of has no line.
///
/// Intervals are Clopper and Pearson's of one transformation, which a picture has once. A family counts a picture several
/// times, so that its interval is Korn and Graubard's, with the design effect of the pictures.
#[must_use]
pub fn summary(rows: &[Row], report: &Report) -> Vec<Line> {
    let mut sorted: Vec<(&Row, &Transform)> =
        rows.iter().filter_map(|row| Some((row, Transform::named(row.transform)?))).collect();
    sorted.sort_by_key(|(row, _)| **row);
    let transforms = TRANSFORMS.iter().map(|transform| Subset::Transform(transform.id));
    let subsets = transforms.chain(Family::ALL.map(Subset::Family)).chain([Subset::All]);
    subsets
        .filter_map(|subset| {
            let rows: Vec<&Row> =
                sorted.iter().filter(|(_, transform)| subset.holds(transform)).map(|&(row, _)| row).collect();
            (!rows.is_empty()).then(|| line(subset, &rows, report))
        })
        .collect()
}

/// Counts rows that are sorted by picture.
fn line(subset: Subset, rows: &[&Row], report: &Report) -> Line {
    let counted: Vec<&Row> = rows.iter().filter(|row| row.edited != Edited::NotApplicable).copied().collect();
    let hashed: Vec<Distances> = counted
        .iter()
        .filter_map(|row| match row.edited {
            Edited::Hashed(distances) => Some(distances),
            Edited::NotApplicable | Edited::TooSmall => None,
        })
        .collect();
    let passing: Vec<Distances> = hashed.iter().filter(|distances| distances.quality >= report.gate).copied().collect();
    let mut sorted: Vec<u16> = hashed.iter().map(|distances| distances.upright).collect();
    sorted.sort_unstable();
    let n = counted.len() as u64;
    let at = |distance: fn(&Distances) -> Option<u16>| {
        report.thresholds.iter().map(|&threshold| found(&counted, report.gate, threshold, distance)).collect()
    };
    let turned = hashed.iter().all(|distances| distances.dihedral.is_some());
    Line {
        subset,
        n,
        pictures: counted.chunk_by(|a, b| a.digest == b.digest).count() as u64,
        not_applicable: (rows.len() - counted.len()) as u64,
        below_gate: n - passing.len() as u64,
        upright: at(|distances| Some(distances.upright)),
        dihedral: if turned && !hashed.is_empty() { at(|distances| distances.dihedral) } else { Vec::new() },
        median: rank(&sorted, 50),
        p95: rank(&sorted, 95),
        relative: report
            .radii
            .iter()
            .flat_map(|&radius| [false, true].map(|effort| relative(&passing, report.plain, radius, effort)))
            .collect(),
    }
}

/// The least value that `percent` of all are at most.
fn rank(sorted: &[u16], percent: usize) -> Option<u16> {
    sorted.get((sorted.len() * percent).div_ceil(100).saturating_sub(1)).copied()
}

fn found(rows: &[&Row], gate: Quality, threshold: Threshold, distance: fn(&Distances) -> Option<u16>) -> At {
    let is_found = |row: &&&Row| match &row.edited {
        Edited::Hashed(distances) => {
            distances.quality >= gate && distance(distances).is_some_and(|bits| bits <= threshold.bits())
        }
        Edited::NotApplicable | Edited::TooSmall => false,
    };
    let pictures: Vec<(u64, u64)> = rows
        .chunk_by(|a, b| a.digest == b.digest)
        .map(|rows| (rows.iter().filter(is_found).count() as u64, rows.len() as u64))
        .collect();
    let found = pictures.iter().map(|(found, _)| found).sum();
    At { threshold, found, interval: interval(&pictures) }
}

/// Between which shares the true one lies at 95 %, from how many were found of how many of each picture.
fn interval(pictures: &[(u64, u64)]) -> Option<Interval> {
    const ALPHA: f64 = 0.05;
    let (found, n) = pictures.iter().fold((0, 0), |(found, n), picture| (found + picture.0, n + picture.1));
    if pictures.iter().all(|&(_, of)| of == 1) {
        return clopper_pearson(found, n, ALPHA);
    }
    korn_graubard(found, n, design_effect(pictures, found, n), ALPHA)
}

/// How much further a share of so many is from the true one than if all had been of different pictures (Kish 1965, of a
/// ratio). Where all or none were found it cannot be estimated: then each picture counts as one.
fn design_effect(pictures: &[(u64, u64)], found: u64, n: u64) -> f64 {
    let (count, all) = (pictures.len() as f64, n as f64);
    if found == 0 || found == n || pictures.len() < 2 {
        return all / count;
    }
    let share = found as f64 / all;
    let squares: f64 = pictures.iter().map(|&(found, of)| (found as f64 - share * of as f64).powi(2)).sum();
    let variance = squares * count / (count - 1.0) / (all * all);
    variance / (share * (1.0 - share) / all)
}

fn relative(passing: &[Distances], plain: Threshold, radius: Radius, effort: bool) -> Relative {
    let (mut both, mut only_plain, mut only_sealed) = (0, 0, 0);
    for distances in passing {
        let sealed = if effort { distances.effort } else { distances.upright };
        match (distances.upright <= plain.bits(), sealed <= radius.bits()) {
            (true, true) => both += 1,
            (true, false) => only_plain += 1,
            (false, true) => only_sealed += 1,
            (false, false) => {}
        }
    }
    Relative { radius, effort, both, only_plain, only_sealed }
}
