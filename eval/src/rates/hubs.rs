//! Which pictures and which entries carry the false matches: Doddington's "lambs" and "wolves" (1998), here hubs.

use std::collections::BTreeMap;

use super::View;

/// The false matches at one threshold by who has them.
#[derive(Debug, Clone, PartialEq)]
pub struct Hubs {
    /// The threshold.
    pub threshold: u16,
    /// All false matches: pairs of a picture and an entry; of a corpus with itself each pair once.
    pub matches: u64,
    /// Pictures that have any, those with the most first.
    pub pictures: Vec<Hub>,
    /// Pictures that were looked up.
    pub looked_up: u64,
    /// Entries that have any, those with the most first. Of a corpus with itself these are the pictures again.
    pub entries: Vec<Hub>,
    /// How many entries there are.
    pub listed: u64,
}

/// Who has false matches.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hub {
    /// The position of a picture, or the number of an entry.
    pub number: u32,
    /// What it is called; an entry of a set has no name.
    pub name: Option<String>,
    /// How many false matches it has.
    pub matches: u64,
    /// How many of them are with what is no hub itself: partners that have no other match.
    pub alone: u64,
}

/// Who has the false matches at a threshold. Every file counts, clusters are not joined.
#[must_use]
pub fn hubs(view: &View<'_>, threshold: u16) -> Hubs {
    let itself = view.itself();
    let (mut of_picture, mut of_entry): (BTreeMap<u32, Vec<u32>>, BTreeMap<u32, Vec<u32>>) = Default::default();
    for seen in &view.pictures {
        for (entry, distance) in view.false_matches(seen.of) {
            if distance <= threshold {
                of_picture.entry(seen.of.position).or_default().push(entry);
                of_entry.entry(entry).or_default().push(seen.of.position);
            }
        }
    }
    let names: BTreeMap<u32, &str> =
        view.pictures.iter().map(|seen| (seen.of.position, seen.of.names.as_str())).collect();
    let first = |position: &u32| names.get(position).map(|names| names.lines().next().unwrap_or_default().to_owned());
    let pairs: u64 = of_picture.values().map(|matches| matches.len() as u64).sum();
    let sorted = |of: &BTreeMap<u32, Vec<u32>>, partners: &BTreeMap<u32, Vec<u32>>, named: bool| {
        let alone = |partner: &&u32| partners.get(partner).is_some_and(|matches| matches.len() == 1);
        let hub = |(&number, matches): (&u32, &Vec<u32>)| Hub {
            number,
            name: if named { first(&number) } else { None },
            matches: matches.len() as u64,
            alone: matches.iter().filter(alone).count() as u64,
        };
        let mut hubs: Vec<Hub> = of.iter().map(hub).collect();
        hubs.sort_by_key(|hub| (std::cmp::Reverse(hub.matches), hub.number));
        hubs
    };
    Hubs {
        threshold,
        matches: if itself { pairs / 2 } else { pairs },
        pictures: sorted(&of_picture, &of_entry, true),
        looked_up: view.files() as u64,
        entries: sorted(&of_entry, &of_picture, itself),
        listed: match &view.counts.about.among {
            crate::counts::Entries::Corpus => view.files() as u64,
            crate::counts::Entries::Set { entries, .. } => *entries,
        },
    }
}

impl Hubs {
    /// The share of the false matches that the given share of pictures, those with the most first, takes part in: points
    /// for a curve, at every picture that has any.
    #[must_use]
    pub fn curve(hubs: &[Hub], of: u64) -> Vec<(f64, f64)> {
        let all: u64 = hubs.iter().map(|hub| hub.matches).sum();
        let mut sum = 0;
        let points = hubs.iter().zip(1_u64..).map(|(hub, number)| {
            sum += hub.matches;
            (number as f64 / of as f64, sum as f64 / all as f64)
        });
        let mut points: Vec<(f64, f64)> = std::iter::once((0.0, 0.0)).chain(points).collect();
        if points.len() > 1 {
            points.push((1.0, 1.0));
        }
        points
    }
}
