//! The rate per picture by stratum, and for a mix of strata that is not the corpus'.

use std::collections::BTreeMap;

use thiserror::Error;

use super::image::estimate;
use super::{ALPHA, View, per_image};
use crate::plots::Estimate;
use crate::stats::{Stratum, bonferroni, fay_feuer, mixed_rate};

/// Rates by stratum at one threshold.
#[derive(Debug, Clone, PartialEq)]
pub struct Strata {
    /// The threshold.
    pub threshold: u16,
    /// Each stratum's rate, with intervals that hold for all of them together (Bonferroni).
    pub rates: BTreeMap<String, Estimate>,
    /// The rate of the mix, with the interval of Fay and Feuer (1997).
    pub total: Estimate,
    /// The share that each stratum has in the mix.
    pub mix: BTreeMap<String, f64>,
}

/// Which share of the pictures that are sent belongs to each stratum.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Mix(pub BTreeMap<String, f64>);

/// Text that is no mix.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("{0:?} is no mix: expected STRATUM=SHARE,… with shares above 0")]
pub struct MixError(pub String);

impl std::str::FromStr for Mix {
    type Err = MixError;

    /// `photo=0.8,graphic=0.2`; shares are scaled to add up to 1.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let refuse = || MixError(text.to_owned());
        let mut mix = BTreeMap::new();
        for part in text.split(',') {
            let (name, share) = part.rsplit_once('=').ok_or_else(refuse)?;
            let share: f64 = share.trim().parse().map_err(|_| refuse())?;
            if !(share > 0.0 && share.is_finite()) || mix.insert(name.trim().to_owned(), share).is_some() {
                return Err(refuse());
            }
        }
        Ok(Self(mix))
    }
}

/// The rate of every stratum at a threshold, and of the mix: by default that of the corpus.
///
/// # Errors
/// [`MixError`] where the mix names a stratum that the corpus does not have.
pub fn by_stratum(view: &View<'_>, threshold: u16, mix: &Mix) -> Result<Strata, MixError> {
    let mut names: Vec<&str> = view.pictures.iter().map(|seen| seen.of.stratum.as_str()).collect();
    names.sort_unstable();
    names.dedup();
    let alpha = bonferroni(ALPHA, names.len() as u64).unwrap_or(ALPHA);
    let mut rates = BTreeMap::new();
    for name in names {
        let curve = per_image(view, |_, stratum| stratum == name);
        let Some(at) = curve.at.get(usize::from(threshold)).filter(|at| at.of > 0) else { continue };
        rates.insert(name.to_owned(), estimate(at.seen, at.of, alpha));
    }
    if let Some(unknown) = mix.0.keys().find(|name| !rates.contains_key(*name)) {
        return Err(MixError(unknown.clone()));
    }
    let all: f64 = rates.values().map(|rate| rate.of as f64).sum();
    let sum: f64 = mix.0.values().sum();
    let share = |name: &String, rate: &Estimate| {
        if mix.0.is_empty() { rate.of as f64 / all } else { mix.0.get(name).copied().unwrap_or(0.0) / sum }
    };
    let mix: BTreeMap<String, f64> = rates.iter().map(|(name, rate)| (name.clone(), share(name, rate))).collect();
    let cells: Vec<Stratum> =
        rates.iter().map(|(name, rate)| Stratum { hits: rate.seen, n: rate.of, share: mix[name] }).collect();
    let interval = fay_feuer(&cells, ALPHA);
    let total = Estimate {
        seen: cells.iter().map(|cell| cell.hits).sum(),
        of: cells.iter().map(|cell| cell.n).sum(),
        rate: mixed_rate(&cells).unwrap_or(0.0),
        low: interval.map_or(0.0, |interval| interval.low),
        high: interval.map_or(1.0, |interval| interval.high),
        // One-sided at 95 % is the upper end of two-sided 90 %.
        upper: fay_feuer(&cells, 2.0 * ALPHA).map_or(1.0, |interval| interval.high),
    };
    Ok(Strata { threshold, rates, total, mix })
}
