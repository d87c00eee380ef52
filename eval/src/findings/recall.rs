//! How often edited copies are found.

use presend_core::{Quality, Radius, Threshold};

use super::{Study, figure, table, table_showing};
use crate::edits::{Family, Transform};
use crate::plots::{self, Estimate, text};
use crate::recall::{At, Edited, Line, Relative, Report, Subset, summary};
use crate::report::{Block, Cell, Section};
use crate::stats::{Roc, clopper_pearson, clopper_pearson_upper};

/// Recall under every transformation, by family, and what sealed sets find beside a plain list. `None` where recall was not
/// measured.
#[must_use]
pub fn recall(study: &Study<'_>) -> Option<Section> {
    let lines = lines(study)?;
    let in_use = study.thresholds.iter().position(|&threshold| threshold == study.threshold)?;
    let pictures = lines.last()?.pictures;
    let cell = |line: &Line| {
        let Subset::Transform(id) = line.subset else { return None };
        let at = line.upright.get(in_use)?;
        let transform = Transform::named(id)?;
        let (low, high) = at.interval.map_or((0.0, 1.0), |interval| (interval.low, interval.high));
        // The family is the row: what is left of the name is short enough for a cell.
        let strength = transform.id.split_once('-').map_or(transform.id, |(_, rest)| rest).to_owned();
        let cell = plots::HeatCell { strength, found: at.found, of: line.n, low, high };
        Some((transform.family, transform.strength, cell))
    };
    let mut cells: Vec<_> = lines.iter().filter_map(cell).collect();
    cells.sort_by_key(|&(family, strength, _)| (family, strength));
    let row = |family: Family| plots::HeatRow {
        name: family.name().into(),
        cells: cells.iter().filter(|(of, ..)| *of == family).map(|(.., cell)| cell.clone()).collect(),
    };
    let rows: Vec<_> = Family::ALL.map(row).into_iter().filter(|row| !row.cells.is_empty()).collect();
    let input = plots::HeatMap { rows };
    let mut blocks = vec![figure(
        plots::heat(&study.heading(&format!("Recall at a threshold of {}", study.threshold)), &input),
        "The share of edited copies that are found, by transformation; with exact 95 % intervals in the table.",
        input.data("recall-by-transformation"),
    )];
    blocks.push(table_of(
        study,
        "recall-families",
        "By family; a family has each picture several times, and its intervals allow for that (Korn and Graubard)",
        lines.iter().filter(|line| !matches!(line.subset, Subset::Transform(_))),
    ));
    blocks.push(table_of(
        study,
        "recall",
        "By transformation",
        lines.iter().filter(|line| matches!(line.subset, Subset::Transform(_))),
    ));
    blocks.extend(sealed(study, &lines));
    Some(Section {
        id: "recall".into(),
        heading: "Recall under ordinary edits".into(),
        paragraphs: vec![format!(
            "{} pictures of the corpus, of quality {} or more and one of each cluster, were edited in fixed ways, and what came \
             out was looked up as a scan does. A copy that comes out below the quality gate is not found. Where an edit leaves a \
             picture as it is, it is not counted. Nothing looks for edits that evade a match.",
            text::count(pictures),
            study.about().gate,
        )],
        blocks,
    })
}

fn lines(study: &Study<'_>) -> Option<Vec<Line>> {
    if study.recall.is_empty() {
        return None;
    }
    let sealable = study.about().bits == 256;
    let report = Report {
        thresholds: study.thresholds.iter().map(|&bits| Threshold::new(bits)).collect(),
        gate: Quality::new(study.about().gate).unwrap_or(Quality::DEFAULT_GATE),
        radii: if sealable { Radius::ALL.to_vec() } else { Vec::new() },
        plain: Threshold::new(study.threshold),
    };
    Some(summary(study.recall, &report))
}

fn table_of<'l>(study: &Study<'_>, name: &str, caption: &str, lines: impl Iterator<Item = &'l Line> + Clone) -> Block {
    let one_each = lines.clone().all(|line| matches!(line.subset, Subset::Transform(_)));
    let mut columns: Vec<(String, String)> = [
        ("family", "family"),
        ("edit", "edit"),
        ("name", "id"),
        ("n", "n"),
        ("not applicable", "not_applicable"),
        ("below the gate", "below_gate"),
        ("median distance", "median"),
        ("95 % within", "p95"),
    ]
    .map(|(heading, name)| (heading.to_owned(), name.to_owned()))
    .into();
    if !one_each {
        columns.drain(1..3);
    }
    for threshold in study.thresholds {
        columns.push((format!("recall at {threshold}"), format!("recall_{threshold}")));
        columns.push(("95 % from".into(), format!("low_{threshold}")));
        columns.push(("to".into(), format!("high_{threshold}")));
    }
    columns.push((format!("in eight orientations at {}", study.threshold), "recall_dihedral".into()));
    let share = |at: &At, n: u64| (n > 0).then(|| at.found as f64 / n as f64);
    let rows = lines.map(|line| {
        let (family, edit, id) = match line.subset {
            Subset::Transform(id) => {
                let transform = Transform::named(id);
                let family = transform.map_or("", |transform| transform.family.name());
                (family, transform.map_or(id, |transform| transform.parameter), id)
            }
            Subset::Family(family) => (family.name(), "all", ""),
            Subset::All => ("all", "all", ""),
        };
        let mut row = vec![
            Cell::from(family),
            edit.into(),
            id.into(),
            line.n.into(),
            line.not_applicable.into(),
            line.below_gate.into(),
            line.median.into(),
            line.p95.into(),
        ];
        if !one_each {
            row.drain(1..3);
        }
        for at in &line.upright {
            row.push(share(at, line.n).into());
            row.push(at.interval.map(|interval| interval.low).into());
            row.push(at.interval.map(|interval| interval.high).into());
        }
        let turned = line.dihedral.iter().find(|at| at.threshold.bits() == study.threshold);
        row.push(turned.and_then(|at| share(at, line.n)).into());
        row
    });
    let rows: Vec<_> = rows.collect();
    let columns: Vec<(&str, &str)> = columns.iter().map(|(heading, name)| (heading.as_str(), name.as_str())).collect();
    // An interval at every threshold is for programs.
    let in_use = format!("_{}", study.threshold);
    table_showing(name, caption, &columns, rows, |name| {
        !(name.starts_with("low_") || name.starts_with("high_")) || name.ends_with(&in_use)
    })
}

/// What sealed sets find beside a plain list, of all copies together and of each family.
fn sealed(study: &Study<'_>, lines: &[Line]) -> Option<Block> {
    let mut rows = Vec::new();
    for line in lines {
        let name = match line.subset {
            Subset::Transform(_) => continue,
            Subset::Family(family) => family.name(),
            Subset::All => "all",
        };
        for relative in &line.relative {
            rows.push(vec![
                Cell::from(name),
                relative.radius.bits().into(),
                if relative.effort { "with effort" } else { "one lookup" }.into(),
                relative.plain().into(),
                relative.sealed().into(),
                relative.only_plain.into(),
                relative.only_sealed.into(),
                relative.ratio().into(),
            ]);
        }
    }
    let plain = format!("plain list at {}", study.threshold);
    (!rows.is_empty()).then(|| {
        table(
            "recall-sealed",
            "Sealed sets beside a plain list: how many of the same copies each finds",
            &[
                ("family", "family"),
                ("radius", "radius"),
                ("looked up", "lookups"),
                (&plain, "plain"),
                ("sealed set", "sealed"),
                ("only the plain list", "only_plain"),
                ("only the sealed set", "only_sealed"),
                ("sealed / plain", "ratio"),
            ],
            rows,
        )
    })
}

/// What sealed sets find beside a plain list, of all copies together; none where recall was not measured.
pub(super) fn beside_plain(study: &Study<'_>) -> Vec<Relative> {
    lines(study).and_then(|mut lines| lines.pop()).map_or_else(Vec::new, |all| all.relative)
}

/// Of the copies that a plain list finds at the threshold in use, the share that a sealed set finds with effort.
pub(super) fn relative(beside_plain: &[Relative], radius: u16) -> Option<Estimate> {
    let relative = beside_plain.iter().find(|relative| relative.radius.bits() == radius && relative.effort)?;
    let interval = clopper_pearson(relative.both, relative.plain(), crate::rates::ALPHA)?;
    Some(Estimate {
        seen: relative.both,
        of: relative.plain(),
        rate: relative.both as f64 / relative.plain() as f64,
        low: interval.low,
        high: interval.high,
        upper: clopper_pearson_upper(relative.both, relative.plain(), crate::rates::ALPHA)?,
    })
}

/// How many edited copies lie at each distance from their original.
pub(super) fn distances(study: &Study<'_>) -> Vec<u64> {
    let mut counts = vec![0; usize::from(study.about().bits) + 1];
    for row in study.recall {
        if let Edited::Hashed(distances) = row.edited
            && distances.quality.value() >= study.about().gate
        {
            counts[usize::from(distances.upright)] += 1;
        }
    }
    counts
}

/// How well distances tell edited copies from other pictures: ROC and DET per pair. `None` where one of the two was not
/// measured.
#[must_use]
pub fn detection(study: &Study<'_>) -> Option<Section> {
    let others = study.counts.pairs_by_distance();
    let roc = Roc::new(&distances(study), &others)?;
    let all: u64 = others.iter().sum();
    let points: Vec<plots::DetectionPoint> = roc
        .points()
        .filter_map(|point| {
            let seen = (point.fpr * all as f64).round() as u64;
            Some(plots::DetectionPoint {
                threshold: point.threshold?,
                false_rate: point.fpr,
                false_upper: clopper_pearson_upper(seen, all, crate::rates::ALPHA)?,
                recall: point.tpr,
            })
        })
        .collect();
    let curves = vec![plots::DetectionCurve { name: study.about().algorithm.clone(), points }];
    let input = plots::Detection { curves, thresholds: study.thresholds.to_vec(), per: "pair".into() };
    let at = |precision: f64| roc.recall_at_precision(precision);
    let mut rows = vec![
        vec![Cell::from("area under the ROC curve"), roc.auc().into(), Cell::Empty],
        vec!["the same, up to a rate of 0.001 (McClish)".into(), roc.partial_auc(1e-3).into(), Cell::Empty],
        vec!["average precision".into(), roc.average_precision().into(), Cell::Empty],
        vec!["average precision, ties against us".into(), roc.average_precision_worst(0).into(), Cell::Empty],
        vec!["equal error rate".into(), roc.equal_error_rate().into(), Cell::Empty],
    ];
    for precision in [0.9, 0.999] {
        let name = format!("recall at a precision of {precision}");
        let found = at(precision);
        rows.push(vec![name.into(), found.map(|at| at.recall).into(), found.map(|at| at.threshold).into()]);
    }
    for limit in [1e-6, 1e-5, 1e-4] {
        let name = format!("recall at {limit:e} false matches per pair");
        rows.push(vec![name.into(), roc.recall_at_fpr(limit).into(), Cell::Empty]);
    }
    Some(Section {
        id: "detection".into(),
        heading: "Telling copies from other pictures".into(),
        paragraphs: vec![
            "All edits together, each as often as it was made: a mix that is nobody's. Precision and its kin are those of the \
             numbers of pairs here, not of pictures that are sent; the curves and the equal error rate are not affected by \
             these numbers. Bounds of rates per pair are in their own section, with the design effect."
                .into(),
        ],
        blocks: vec![
            figure(
                plots::roc(&study.heading("ROC"), &input),
                "Recall against false matches per pair, by threshold.",
                input.data("roc"),
            ),
            figure(
                plots::det(&study.heading("DET"), &input),
                "Misses against false matches per pair, by threshold.",
                input.data("det"),
            ),
            table(
                "detection",
                "In numbers",
                &[("", "what"), ("value", "value"), ("threshold", "threshold")],
                rows,
            ),
        ],
    })
}
