//! The rate per picture: how many of the pictures that are looked up in a fixed set match an entry.

use std::collections::BTreeMap;

use super::{ALPHA, Role, View};
use crate::plots::Estimate;
use crate::stats::{clopper_pearson, clopper_pearson_upper};

/// The rate at every threshold, from 0.
#[derive(Debug, Clone, PartialEq)]
pub struct Curve {
    /// How many entries the set has.
    pub entries: u64,
    /// How many files were looked up.
    pub files: u64,
    /// By threshold: of how many independent pictures how many matched.
    pub at: Vec<Estimate>,
}

/// The rate per picture against one fixed set: that which the corpus was counted against, or else half of the corpus for
/// the other half. With the exact intervals of Clopper and Pearson (1934); the unit is the cluster, which matches if any of
/// its files does.
///
/// `only` chooses the pictures that are looked up.
#[must_use]
pub fn per_image(view: &View<'_>, only: impl Fn(Role, &str) -> bool) -> Curve {
    let mut nearest: BTreeMap<usize, Option<u16>> = BTreeMap::new();
    let mut files = 0;
    for seen in &view.pictures {
        if seen.role == Role::Entry || !only(seen.role, &seen.of.stratum) {
            continue;
        }
        files += 1;
        let listed = |entry: u32| !view.itself() || view.roles.get(&entry) == Some(&Role::Entry);
        let own = view.false_matches(seen.of).filter(|&(entry, _)| listed(entry)).map(|(_, distance)| distance).min();
        let unit = nearest.entry(seen.unit).or_default();
        *unit = (*unit).into_iter().chain(own).min();
    }
    let entries = match &view.counts.about.among {
        crate::counts::Entries::Corpus => view.roles.values().filter(|&&role| role == Role::Entry).count() as u64,
        crate::counts::Entries::Set { entries, .. } => *entries,
    };
    let mut at_distance = vec![0_u64; usize::from(view.cap()) + 1];
    for distance in nearest.values().flatten() {
        at_distance[usize::from(*distance)] += 1;
    }
    let units = nearest.len() as u64;
    let mut hits = 0;
    let at = at_distance.into_iter().map(|here| {
        hits += here;
        estimate(hits, units, ALPHA)
    });
    Curve { entries, files, at: at.collect() }
}

/// A share with its exact bounds. Of nothing, anything is possible.
pub(super) fn estimate(hits: u64, units: u64, alpha: f64) -> Estimate {
    let interval = clopper_pearson(hits, units, alpha);
    Estimate {
        seen: hits,
        of: units,
        rate: if units == 0 { 0.0 } else { hits as f64 / units as f64 },
        low: interval.map_or(0.0, |interval| interval.low),
        high: interval.map_or(1.0, |interval| interval.high),
        upper: clopper_pearson_upper(hits, units, alpha).unwrap_or(1.0),
    }
}
