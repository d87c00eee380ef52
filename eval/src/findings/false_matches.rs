//! Rates of false matches: per picture, per pair, by the size of the set, and who has them.

use super::{ESTIMATE, Study, cells, figure, table};
use crate::counts::Entries;
use crate::plots::{self, Mark, text};
use crate::rates::{self, Curve, Hub, Mix, MixError, Rule, View};
use crate::report::{Block, Cell, Note, NoteKind, Section};

/// The rate per picture against a fixed set, at every threshold, in every way of looking; by stratum at the threshold in
/// use.
///
/// # Errors
/// [`MixError`] where the mix names a stratum that the corpus does not have.
pub fn per_picture(study: &Study<'_>, mix: &Mix) -> Result<Section, MixError> {
    let views = Rule::WAYS.map(|(name, rule)| (name, View::new(study.counts, rule)));
    let curves: Vec<(&str, Curve)> =
        views.iter().map(|(name, view)| (*name, rates::per_image(view, |_, _| true))).collect();
    let first = &curves[0].1;
    let looked_up = first.at[0].of;
    let set = match &study.about().among {
        Entries::Corpus => format!(
            "The set is half of the pictures, chosen by the seed: {} entries. The other half is looked up in it",
            text::count(first.entries)
        ),
        Entries::Set { name, .. } => {
            format!("The set is {name}, of {} entries. All pictures are looked up in it", text::count(first.entries))
        }
    };
    let points = |curve: &Curve| {
        let points = curve.at.iter().zip(0..).map(|(&estimate, threshold)| plots::RatePoint { threshold, estimate });
        points.collect()
    };
    let input = plots::FalseRates {
        curves: curves
            .iter()
            .map(|(name, curve)| plots::FalseRate { name: (*name).into(), points: points(curve) })
            .collect(),
        per: "picture".into(),
        floor: (looked_up > 0).then(|| Mark {
            at: 3.0 / looked_up as f64,
            label: format!("3 / {}: the rule of three", text::count(looked_up)),
        }),
        thresholds: vec![Mark { at: study.threshold.into(), label: format!("{} in use", study.threshold) }],
    };
    let mut rows = Vec::new();
    for (name, curve) in &curves {
        for threshold in study.within(curve.at.len() as u16 - 1) {
            let start = [Cell::from(*name), threshold.into()];
            rows.push(start.into_iter().chain(cells(&curve.at[usize::from(threshold)])).collect());
        }
    }
    let mut columns = vec![("looked up with", "way"), ("threshold", "threshold")];
    columns.extend(ESTIMATE);
    let mut blocks = vec![
        figure(
            plots::fpr(&study.heading("False matches per picture against the threshold"), &input),
            "The share of independent pictures that match some entry of the set falsely, with exact 95 % intervals \
             (Clopper and Pearson); where none was seen, the one-sided bound.",
            input.data("false-matches-per-picture"),
        ),
        table("per-picture", "False matches per picture", &columns, rows),
    ];
    if study.about().candidates > study.about().unadjudicated {
        let view = View::new(study.counts, Rule { templates: false, ..Rule::SCAN });
        let curve = rates::per_image(&view, |_, _| true);
        let rows = study.within(view.cap()).map(|threshold| {
            [Cell::from(threshold)].into_iter().chain(cells(&curve.at[usize::from(threshold)])).collect()
        });
        let columns: Vec<_> = [("threshold", "threshold")].into_iter().chain(ESTIMATE).collect();
        let caption = "The same, without matches that a person judged to be different content of one template";
        blocks.push(table("per-picture-without-templates", caption, &columns, rows.collect()));
    }
    blocks.extend(by_stratum(study, &views[0].1, mix)?);
    Ok(Section {
        id: "per-picture".into(),
        heading: "False matches per picture".into(),
        paragraphs: vec![format!(
            "{set}: {} files, {} independent pictures. The rate holds for this set and for pictures like these; another set \
             of this size has another rate (see the size of the set).",
            text::count(first.files),
            text::count(looked_up),
        )],
        blocks,
    })
}

fn by_stratum(study: &Study<'_>, view: &View<'_>, mix: &Mix) -> Result<Vec<Block>, MixError> {
    let threshold = study.threshold.min(view.cap());
    let strata = rates::by_stratum(view, threshold, mix)?;
    if strata.rates.is_empty() {
        return Ok(Vec::new());
    }
    let intervals = format!("95 % for all together (Bonferroni over {} strata)", strata.rates.len());
    let input = plots::Forest {
        strata: strata.rates.iter().map(|(name, &estimate)| plots::Stratum { name: name.clone(), estimate }).collect(),
        total: Some(plots::Stratum { name: "mix".into(), estimate: strata.total }),
        label: format!("false matches per picture at {threshold}"),
        intervals: intervals.clone(),
    };
    let row = |name: &str, share: Option<f64>, estimate| {
        [Cell::from(name), share.into()].into_iter().chain(cells(estimate)).collect::<Vec<_>>()
    };
    let mut rows: Vec<_> =
        strata.rates.iter().map(|(name, rate)| row(name, strata.mix.get(name).copied(), rate)).collect();
    rows.push(row("mix", Some(1.0), &strata.total));
    let worst = strata.rates.iter().max_by(|a, b| a.1.upper.total_cmp(&b.1.upper));
    let worst = worst.map_or(String::new(), |(name, rate)| {
        format!(" The worst is {name}: at most {} a picture.", text::rate(rate.upper))
    });
    let columns: Vec<_> = [("stratum", "stratum"), ("share of the mix", "share")].into_iter().chain(ESTIMATE).collect();
    Ok(vec![
        Block::Heading(format!("By stratum, at {threshold}")),
        Block::Paragraph(format!(
            "Intervals are {intervals}; that of the mix, weighted by its shares, is that of Fay and Feuer.{worst}"
        )),
        figure(
            plots::forest(&study.heading("False matches per picture by stratum"), &input),
            "The rate of each stratum and of the mix.",
            input.data("false-matches-by-stratum"),
        ),
        table("by-stratum", "False matches by stratum", &columns, rows),
    ])
}

/// The rate per pair of a picture and an entry, with the distances of all pairs.
#[must_use]
pub fn per_pair(study: &Study<'_>) -> Section {
    let view = View::new(study.counts, Rule::SCAN);
    let mut blocks = Vec::new();
    if !study.counts.distances.is_empty() {
        let input = plots::Histogram {
            matches: super::recall::distances(study),
            others: study.counts.pairs_by_distance(),
            bin: if study.about().bits >= 256 { 2 } else { 1 },
            thresholds: vec![Mark { at: study.threshold.into(), label: format!("{} in use", study.threshold) }],
        };
        blocks.push(figure(
            plots::histogram(&study.heading("Distances"), &input),
            "How many pairs lie at each distance: edited copies and their originals, and pictures that are not the same \
             work. Both are judged pictures only.",
            input.data("distances"),
        ));
    }
    let rows = study.within(view.cap()).filter_map(|threshold| {
        let pairs = rates::per_pair(&view, threshold)?;
        let seen = pairs.matches > 0;
        Some(vec![
            threshold.into(),
            pairs.matches.into(),
            pairs.pairs.into(),
            seen.then_some(pairs.rate).into(),
            pairs.jackknife.map(|interval| interval.low).into(),
            pairs.jackknife.map(|interval| interval.high).into(),
            seen.then_some(pairs.korn_graubard.low).into(),
            pairs.korn_graubard.high.into(),
            pairs.design_effect.into(),
            pairs.effective_pairs.into(),
        ])
    });
    let columns = [
        ("threshold", "threshold"),
        ("matches", "matches"),
        ("pairs", "pairs"),
        ("rate", "rate"),
        ("jackknife 95 % from", "jackknife_low"),
        ("to", "jackknife_high"),
        ("Korn–Graubard 95 % from", "korn_graubard_low"),
        ("to", "korn_graubard_high"),
        ("design effect", "design_effect"),
        ("effective pairs", "effective_pairs"),
    ];
    blocks.push(table("per-pair", "False matches per pair", &columns, rows.collect()));
    Section {
        id: "per-pair".into(),
        heading: "False matches per pair".into(),
        paragraphs: vec![
            "Pairs that share a picture are not independent: the rate is a U-statistic, its variance by the jackknife over \
             pictures. The design effect says how much larger that is than for independent pairs, and so how many \
             independent pairs these are worth. One picture of each cluster counts."
                .into(),
        ],
        blocks,
    }
}

/// The rate per picture by the number of entries.
#[must_use]
pub fn by_set_size(study: &Study<'_>) -> Section {
    let view = View::new(study.counts, Rule::SCAN);
    let mut curves = Vec::new();
    let mut rows = Vec::new();
    // The threshold in use, and the usual radius of sealed sets.
    let mut spoken = vec![study.threshold.min(view.cap())];
    if study.about().bits == 256 && !spoken.contains(&16) {
        spoken.insert(0, 16);
    }
    for threshold in spoken {
        let Some(by_size) = rates::by_size(&view, threshold) else { continue };
        let name = format!("threshold {threshold}");
        for (kind, points) in [("measured", &by_size.measured), ("model", &by_size.model)] {
            for point in points {
                rows.push(vec![
                    Cell::from(name.as_str()),
                    kind.into(),
                    (point.entries as u64).into(),
                    (point.rate > 0.0).then_some(point.rate).into(),
                    point.low.into(),
                    point.high.into(),
                ]);
            }
        }
        if by_size.measured.last().is_some_and(|point| point.rate > 0.0) {
            let rates::BySize { measured, naive, model } = by_size;
            curves.push(plots::SizeCurve { name, measured, naive, model });
        }
    }
    let input = plots::SetSize { curves, bands: "95 % intervals (jackknife over pictures)".into() };
    let mut blocks = vec![Block::Note(Note {
        kind: NoteKind::Model,
        text: "what goes beyond the number of entries that were looked at (dashed, kind \"model\") is a model: excesses over \
               a threshold in the tail of the distances, fitted to these pictures, spread over pictures as unevenly as their \
               matches are. It is not a measurement."
            .into(),
    })];
    if !input.curves.is_empty() {
        blocks.push(figure(
            plots::fpir(&study.heading("False matches per picture against the size of the set"), &input),
            "The share of pictures that match some entry falsely, averaged over all sets of that size that can be taken from \
             the entries (rarefaction), and what 1 - (1 - p)^N would say, which ignores that some pictures match many \
             entries.",
            input.data("set-size"),
        ));
    }
    let columns = [
        ("curve", "curve"),
        ("kind", "kind"),
        ("entries", "entries"),
        ("rate", "rate"),
        ("95 % from", "low"),
        ("to", "high"),
    ];
    blocks.push(table("by-set-size", "False matches per picture by the size of the set", &columns, rows));
    Section {
        id: "set-size".into(),
        heading: "The size of the set".into(),
        paragraphs: vec![
            "The rate per picture grows with the set, but not as for independent entries: false matches come in families."
                .into(),
        ],
        blocks,
    }
}

/// Which pictures and entries have the false matches at the threshold in use.
#[must_use]
pub fn hubs(study: &Study<'_>) -> Section {
    /// So many are listed.
    const LISTED: usize = 20;
    let view = View::new(study.counts, Rule::SCAN);
    let threshold = study.threshold.min(view.cap());
    let hubs = rates::hubs(&view, threshold);
    let itself = study.about().among == Entries::Corpus;
    let mut curves = Vec::new();
    if !hubs.pictures.is_empty() {
        let points = rates::Hubs::curve(&hubs.pictures, hubs.looked_up);
        curves.push(plots::HubCurve { name: "pictures".into(), points });
        if !itself {
            let points = rates::Hubs::curve(&hubs.entries, hubs.listed);
            curves.push(plots::HubCurve { name: "entries".into(), points });
        }
    }
    let input = plots::Hubs { curves, shares: vec![0.01, 0.1] };
    let row = |hub: &Hub| {
        let name = hub.name.clone().unwrap_or_else(|| format!("entry {}", hub.number));
        vec![Cell::from(name), hub.matches.into(), hub.alone.into()]
    };
    let columns =
        [("name", "name"), ("false matches", "matches"), ("with pictures or entries that have no other", "alone")];
    let list = |name: &str, caption: &str, hubs: &[Hub]| {
        table(name, caption, &columns, hubs.iter().take(LISTED).map(row).collect())
    };
    let mut blocks = Vec::new();
    if !input.curves.is_empty() {
        blocks.push(figure(
            plots::hubs(&study.heading("Who has the false matches"), &input),
            "The share of all false matches in which the given share of pictures takes part, those with the most first.",
            input.data("hubs"),
        ));
    }
    blocks.push(list("hub-pictures", "Pictures with the most false matches", &hubs.pictures));
    if !itself {
        blocks.push(list("hub-entries", "Entries with the most false matches", &hubs.entries));
    }
    Section {
        id: "hubs".into(),
        heading: "Hubs".into(),
        paragraphs: vec![format!(
            "At a threshold of {threshold} there are {} false matches, of {} of {} pictures{}.",
            text::count(hubs.matches),
            text::count(hubs.pictures.len() as u64),
            text::count(hubs.looked_up),
            if itself {
                String::new()
            } else {
                format!(", with {} of {} entries", text::count(hubs.entries.len() as u64), text::count(hubs.listed))
            },
        )],
        blocks,
    }
}
