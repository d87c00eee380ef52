//! Choosing a threshold on some pictures, and saying on others what it does.

use super::{ALPHA, Role, View, per_image};
use crate::plots::Estimate;
use crate::stats::pictures_needed;

/// A threshold that keeps a target, or why there is none.
#[derive(Debug, Clone, PartialEq)]
pub enum Choice {
    /// The largest threshold whose bound holds.
    Threshold {
        /// It.
        threshold: u16,
        /// Its rate on the pictures it was chosen on.
        calibration: Estimate,
        /// Its rate on pictures that had no part in the choice.
        held_out: Estimate,
        /// Whether a larger one could not be tried, because pairs beyond it were not counted.
        at_the_cap: bool,
    },
    /// Not even a threshold of 0 can be shown to keep the target.
    TooFew {
        /// The rate of a threshold of 0 on the pictures for choosing.
        calibration: Estimate,
        /// How many independent pictures without any match would be needed for choosing.
        needed: u64,
    },
}

/// The largest threshold whose one-sided upper bound at 95 % is at most the target, on the half of the pictures that is for
/// choosing; and its rate on the other half. Thresholds are tried from 0 up to the first that fails: a fixed sequence of
/// nested hypotheses needs no correction for trying several (Maurer, Hothorn, Lehmacher 1995).
///
/// `None` unless the target is between 0 and 1.
#[must_use]
pub fn choose(view: &View<'_>, target: f64) -> Option<Choice> {
    let needed = pictures_needed(target, ALPHA)?;
    let calibration = per_image(view, |role, _| role == Role::Calibration);
    let holding = calibration.at.iter().take_while(|estimate| estimate.of > 0 && estimate.upper <= target).count();
    if holding == 0 {
        return Some(Choice::TooFew { calibration: calibration.at[0], needed });
    }
    let threshold = holding - 1;
    let held_out = per_image(view, |role, _| role == Role::HeldOut);
    Some(Choice::Threshold {
        threshold: threshold as u16,
        calibration: calibration.at[threshold],
        held_out: held_out.at[threshold],
        at_the_cap: holding == calibration.at.len(),
    })
}
