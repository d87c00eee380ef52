//! What a sealed set of such pictures gives away.

use super::{Study, figure, table};
use crate::plots::{self, Mark, text};
use crate::rates;
use crate::report::{Cell, Section};

/// Entropy, and for each radius what it costs, finds, publishes and leaves to guess.
///
/// `speed` gives the milliseconds of a lookup in a million entries; whoever wants the same figures from every run leaves it
/// out.
#[must_use]
pub fn leakage(study: &Study<'_>, speed: impl Fn(u16) -> Option<f64>) -> Section {
    let leakage = rates::leakage(study.counts);
    let row = |what: &str, value: Cell| vec![Cell::from(what), value];
    let free = leakage.free.as_ref();
    let entropy = leakage.entropy.as_ref();
    let rows = vec![
        row("hashes measured", leakage.hashes.into()),
        row("share of pairs at odd distances", free.map(|free| free.odd_share).into()),
        row("degrees of freedom of the bulk of distances", free.and_then(|free| free.degrees_of_freedom).into()),
        row("bits, each by its own frequency alone", entropy.map(|entropy| entropy.independent_bits).into()),
        row(
            "entropy, at most, in bits (autoregressive model, cross-validated)",
            entropy.map(|entropy| entropy.bits).into(),
        ),
        row("standard error of that", entropy.map(|entropy| entropy.standard_error).into()),
    ];
    let mut blocks = vec![table("entropy", "Hashes of these pictures", &[("", "what"), ("value", "value")], rows)];
    let beside_plain = super::recall::beside_plain(study);
    let mut points = Vec::new();
    let rows = leakage.radii.iter().map(|sealed| {
        let recall = super::recall::relative(&beside_plain, sealed.radius);
        if let (Some(recall), Some(bits)) = (&recall, sealed.residual) {
            points.push(plots::RadiusPoint {
                radius: sealed.radius,
                recall: recall.rate,
                low: recall.low,
                high: recall.high,
                bits,
            });
        }
        let million = |rate: f64| rate * 1e6;
        vec![
            sealed.radius.into(),
            sealed.bytes.into(),
            sealed.published.into(),
            sealed.residual.into(),
            recall.map(|recall| recall.rate).into(),
            speed(sealed.radius).into(),
            (sealed.unlocks.seen > 0).then_some(million(sealed.unlocks.rate)).into(),
            million(sealed.unlocks.upper).into(),
            sealed.visible_pairs.into(),
            sealed.visible_entries.into(),
        ]
    });
    let rows: Vec<_> = rows.collect();
    if rows.is_empty() {
        let text = "hashes of this algorithm cannot be sealed, or no radius was counted";
        return Section { blocks, ..section(vec![text.into()]) };
    }
    let input = plots::Radii { points, marks: vec![Mark { at: 16.0, label: "16: the usual radius".into() }] };
    if !input.points.is_empty() {
        blocks.push(figure(
            plots::radius(&study.heading("What a radius finds and what it leaves to guess"), &input),
            "Above: of the edited copies that plain matching finds at the threshold in use, the share that a sealed set \
             finds. Below: bits left to guess, at most.",
            input.data("radius-curves"),
        ));
    }
    blocks.push(table(
        "radius",
        "By radius: cost, secrecy, recall",
        &[
            ("radius", "radius"),
            ("bytes an entry", "bytes"),
            ("bits published of a hash", "published_bits"),
            ("bits left, at most", "residual_bits"),
            ("recall relative to plain", "relative_recall"),
            ("ms a lookup in a million", "ms_per_million"),
            ("unlocks per million pictures", "unlocks_per_million"),
            ("at most (one-sided 95 %)", "unlocks_per_million_upper"),
            ("pairs of entries seen to be near", "visible_pairs"),
            ("entries in them", "visible_entries"),
        ],
        rows,
    ));
    Section {
        blocks,
        ..section(vec![
            "A sealed entry publishes linear equations about its hash. What is left is the entropy less these: at most, \
             because the model of the entropy sees some dependence between bits and not all, sees less of it the fewer the \
             hashes, and because an attacker may know more about the pictures than this model does. It is a mean: whoever \
             guesses the likeliest hashes first needs less for the weakest entries."
                .to_owned(),
            format!(
                "Whoever has pictures can ask for them: at {} entries, of a million pictures that are in no list so many \
                 would unlock some entry. And whoever has the file sees which of its entries are within the radius of one \
                 another. How long a lookup takes depends on the machine: `presend eval leakage --speed` measures it, the \
                 report leaves it out.",
                text::count(rates::per_image(&rates::View::new(study.counts, rates::Rule::SCAN), |_, _| true).entries),
            ),
        ])
    }
}

fn section(paragraphs: Vec<String>) -> Section {
    Section { id: "leakage".into(), heading: "What a sealed set gives away".into(), paragraphs, blocks: Vec::new() }
}
