//! What the counts say: rates of false matches, each with its bounds.
//!
//! A match is false unless a person said that the two are the same work. The unit of an interval is an independent picture:
//! a cluster of files of one work counts once. All figures are computed from whole numbers in one order.

mod choose;
mod hubs;
mod image;
mod leakage;
mod pair;
mod size;
mod strata;

use std::collections::{BTreeSet, HashMap};

use sha2::{Digest as _, Sha256};

pub use choose::{Choice, choose};
pub use hubs::{Hub, Hubs, hubs};
pub use image::{Curve, per_image};
pub use leakage::{Leakage, Sealed, leakage};
pub use pair::{PerPair, per_pair};
pub use size::{BySize, by_size, sizes};
pub use strata::{Mix, MixError, Strata, by_stratum};

use crate::corpus::{Class, Digest};
use crate::counts::{Counts, Entries, Hit, LookedUp};

/// The error that intervals allow: they are of 95 %.
pub const ALPHA: f64 = 0.05;

/// Which matches count.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rule {
    /// Whether pictures and entries below the quality gate are left out, as a scan does.
    pub gate: bool,
    /// Whether pictures are looked up in all eight orientations.
    pub dihedral: bool,
    /// Whether different content of one template counts as well as what is unrelated. A pair that nobody judged always
    /// counts.
    pub templates: bool,
}

impl Rule {
    /// As a scan does: with the gate, as stored, and nothing is excused.
    pub const SCAN: Self = Self { gate: true, dihedral: false, templates: true };

    /// With and without the gate, as stored and in eight orientations.
    pub const WAYS: [(&'static str, Self); 4] = [
        ("quality gate", Self::SCAN),
        ("quality gate, eight orientations", Self { dihedral: true, ..Self::SCAN }),
        ("no gate", Self { gate: false, ..Self::SCAN }),
        ("no gate, eight orientations", Self { gate: false, dihedral: true, ..Self::SCAN }),
    ];
}

/// What a picture of the corpus is used for, by chance: half of the pictures are the set that the others are looked up in,
/// where there is no other set; the rest are for choosing a threshold, and for saying what it does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Role {
    /// An entry of the set.
    Entry,
    /// To choose by.
    Calibration,
    /// To report on.
    HeldOut,
}

impl Role {
    /// What a unit is used for: it follows from the seed and the unit's digest, so that neither the order of files nor the
    /// number of parts matters.
    #[must_use]
    pub fn of(seed: u64, unit: &Digest, itself: bool) -> Self {
        let state = Sha256::new().chain_update(b"presend role").chain_update(seed.to_le_bytes());
        let chance = state.chain_update(unit.as_bytes()).finalize()[0];
        match chance & 3 {
            0 | 1 if itself => Self::Entry,
            0 | 2 => Self::Calibration,
            _ => Self::HeldOut,
        }
    }
}

/// The counts by one rule.
#[derive(Debug)]
pub struct View<'c> {
    counts: &'c Counts,
    rule: Rule,
    /// The pictures that are judged, in the order of the corpus.
    pictures: Vec<Seen<'c>>,
    /// Which positions of the corpus are judged, and what as.
    roles: HashMap<u32, Role>,
    /// The first judged picture of each unit, by position.
    firsts: BTreeSet<u32>,
}

/// A picture that is judged.
#[derive(Debug)]
struct Seen<'c> {
    of: &'c LookedUp,
    unit: usize,
    role: Role,
}

impl<'c> View<'c> {
    /// Looks at counts by a rule.
    #[must_use]
    pub fn new(counts: &'c Counts, rule: Rule) -> Self {
        let itself = counts.about.among == Entries::Corpus;
        let mut units: HashMap<&Digest, usize> = HashMap::new();
        let (mut pictures, mut roles, mut firsts) = (Vec::new(), HashMap::new(), BTreeSet::new());
        for of in &counts.looked_up {
            if rule.gate && of.quality < counts.about.gate {
                continue;
            }
            let next = units.len();
            let unit = *units.entry(&of.unit).or_insert(next);
            if unit == next {
                firsts.insert(of.position);
            }
            let role = Role::of(counts.about.seed, &of.unit, itself);
            roles.insert(of.position, role);
            pictures.push(Seen { of, unit, role });
        }
        Self { counts, rule, pictures, roles, firsts }
    }

    /// Whether the corpus is looked up in itself.
    fn itself(&self) -> bool {
        self.counts.about.among == Entries::Corpus
    }

    /// How many files are judged.
    #[must_use]
    pub fn files(&self) -> usize {
        self.pictures.len()
    }

    /// How many independent pictures they are.
    #[must_use]
    pub fn units(&self) -> usize {
        self.firsts.len()
    }

    /// The largest threshold that can be asked for.
    #[must_use]
    pub fn cap(&self) -> u16 {
        match &self.counts.about.among {
            Entries::Set { radius: Some(radius), .. } => self.counts.about.cap.min(*radius),
            _ => self.counts.about.cap,
        }
    }

    /// One picture of each cluster: the first.
    fn representatives(&self) -> impl Iterator<Item = &Seen<'c>> {
        self.pictures.iter().filter(|seen| self.firsts.contains(&seen.of.position))
    }

    /// For one picture of each cluster, how many entries it matches falsely within a threshold; of a corpus with itself
    /// such pictures are the entries, too.
    fn degrees(&self, threshold: u16) -> Vec<u64> {
        let counted = |entry: &u32| !self.itself() || self.firsts.contains(entry);
        let degree = |seen: &Seen<'c>| {
            let near = self.false_matches(seen.of).filter(|(entry, distance)| *distance <= threshold && counted(entry));
            near.count() as u64
        };
        self.representatives().map(degree).collect()
    }

    /// The false matches of a picture: entry and distance.
    fn false_matches(&self, of: &'c LookedUp) -> impl Iterator<Item = (u32, u16)> {
        let of_rule = move |hit: &Hit| {
            let class = match hit.class {
                Some(Class::SameWork) => false,
                Some(Class::Template) => self.rule.templates,
                Some(Class::Unrelated) | None => true,
            };
            let distance = if self.rule.dihedral { hit.turned } else { hit.distance };
            let judged = !self.itself() || self.roles.contains_key(&hit.entry);
            (class && judged && distance <= self.cap()).then_some((hit.entry, distance))
        };
        of.near.iter().filter_map(of_rule)
    }
}

/// Two pictures of the corpus that match falsely.
#[derive(Debug, Clone, Copy)]
pub struct FalsePair<'c> {
    /// One.
    pub a: &'c LookedUp,
    /// The other, behind it in the corpus.
    pub b: &'c LookedUp,
    /// How far apart they are.
    pub distance: u16,
    /// What a person said of them.
    pub class: Option<Class>,
}

impl<'c> View<'c> {
    /// All pairs of pictures of the corpus that match falsely, the nearest first. None where it was looked up in a set.
    #[must_use]
    pub fn pairs(&self) -> Vec<FalsePair<'c>> {
        if !self.itself() {
            return Vec::new();
        }
        let by_position: HashMap<u32, &LookedUp> =
            self.pictures.iter().map(|seen| (seen.of.position, seen.of)).collect();
        let mut pairs = Vec::new();
        for seen in &self.pictures {
            for (entry, distance) in self.false_matches(seen.of) {
                if let Some(&b) = by_position.get(&entry).filter(|_| entry > seen.of.position) {
                    let class = seen.of.near.iter().find(|hit| hit.entry == entry).and_then(|hit| hit.class);
                    pairs.push(FalsePair { a: seen.of, b, distance, class });
                }
            }
        }
        pairs.sort_by_key(|pair| (pair.distance, pair.a.position, pair.b.position));
        pairs
    }
}
