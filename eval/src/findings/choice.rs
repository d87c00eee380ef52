//! Which threshold keeps a target.

use super::{ESTIMATE, Study, cells, table};
use crate::plots::text;
use crate::rates::{Choice, Rule, View, choose};
use crate::report::{Cell, Section};

/// The largest threshold that can be shown to keep a target, or how many pictures are needed for one. `None` unless the
/// target is between 0 and 1.
#[must_use]
pub fn choice(study: &Study<'_>, target: f64) -> Option<Section> {
    let view = View::new(study.counts, Rule::SCAN);
    let chosen = choose(&view, target)?;
    let row = |what: &str, threshold: u16, estimate| {
        [Cell::from(what), threshold.into()].into_iter().chain(cells(estimate)).collect::<Vec<_>>()
    };
    let wanted = text::rate(target);
    let (said, rows) = match &chosen {
        Choice::Threshold { threshold, calibration, held_out, at_the_cap } => {
            let kept = if held_out.upper <= target {
                "The other half shows the same."
            } else {
                "On the other half the bound is above the target: its estimate is what to believe."
            };
            let cap = if *at_the_cap { " Larger ones were not counted." } else { "" };
            (
                format!(
                    "{threshold} is the largest threshold whose rate per picture is at most {wanted} with 95 % confidence \
                     on the half of the pictures that is for choosing. {kept}{cap}"
                ),
                vec![row("choosing", *threshold, calibration), row("held out", *threshold, held_out)],
            )
        }
        Choice::TooFew { calibration, needed } => (
            format!(
                "No threshold can be shown to keep {wanted}: there are {} independent pictures for choosing, and at least \
                 {} are needed, none of which matches.",
                text::count(calibration.of),
                text::count(*needed),
            ),
            vec![row("choosing", 0, calibration)],
        ),
    };
    let columns: Vec<_> = [("half", "half"), ("threshold", "threshold")].into_iter().chain(ESTIMATE).collect();
    Some(Section {
        id: "choice".into(),
        heading: format!("A threshold for {wanted}"),
        paragraphs: vec![
            said,
            "Thresholds are tried from 0 up to the first that fails, on pictures chosen by the seed and their content; \
             what is reported of the threshold comes from pictures that had no part in choosing it."
                .into(),
        ],
        blocks: vec![table("choice", "The threshold and its rate", &columns, rows)],
    })
}
