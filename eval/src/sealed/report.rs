//! The measured recall of sealed sets as a document.

use std::fmt::Write as _;

use crate::sealed::edits::{EDITS, Edit, Group};
use crate::stats::wilson_95 as wilson;
use presend_hashsets::published::{ENTROPY_BITS as ENTROPY, by_differences};

use crate::sealed::published::{SEALED, Sealed};
use crate::sealed::recall::{Distances, EFFORTS, Measured, Measurements, PLAIN};
use crate::sealed::variants::{CANDIDATES, enrolled};

const SHOWN_EFFORTS: [usize; 4] = [0, 2, 4, 6];
/// The radius and the effort of the goals.
const RADIUS: u32 = 16;
const MOST: usize = EFFORTS - 1;
/// The radius of the goal for lists without pictures.
const BARE_RADIUS: u32 = 20;
/// Bits that must remain.
const RESIDUAL: f64 = 115.0;
/// The share of what plain PDQ finds that every single edit must reach.
const EACH: f64 = 0.97;

/// The document, in Markdown, with costs of so many milliseconds for a lookup in a million entries.
#[must_use]
pub fn report(measurements: &Measurements, ms_per_million: f64) -> String {
    let held = measurements.held_out();
    let report = Report { held: &held, training: &measurements.training(), ms_per_million };
    [
        report.preface(),
        report.goals(),
        report.curve(),
        report.means(),
        report.false_matches(),
        report.variants(),
        report.bits(),
        report.edits(),
    ]
    .concat()
}

struct Report<'a> {
    held: &'a [&'a Measured],
    training: &'a [&'a Measured],
    ms_per_million: f64,
}

/// The entries of an image: places in [`CANDIDATES`].
const ONE: &[usize] = &[0];

/// Whether a lookup of some effort finds one of the entries.
fn finds(edit: &Distances, entries: &[usize], effort: usize, radius: u32) -> bool {
    entries.iter().any(|&entry| edit.lookups[entry][effort] <= radius)
}

/// How many of the photographs are found after an edit.
fn hits(photos: &[&Measured], edit: usize, found: impl Fn(&Distances) -> bool) -> usize {
    photos.iter().filter(|photo| found(&photo.edits[edit])).count()
}

/// The share found, averaged over all edits.
fn mean(photos: &[&Measured], found: impl Fn(&Distances) -> bool) -> f64 {
    let hits: usize = (0..EDITS.len()).map(|edit| hits(photos, edit, &found)).sum();
    hits as f64 / (photos.len() * EDITS.len()) as f64
}

fn plain(edit: &Distances) -> bool {
    edit.plain <= PLAIN
}

impl Report<'_> {
    /// What an edit's photographs are found to, relative to plain PDQ.
    fn relative(&self, edit: usize, found: impl Fn(&Distances) -> bool) -> f64 {
        hits(self.held, edit, found) as f64 / hits(self.held, edit, plain) as f64
    }

    fn cost(&self, effort: usize) -> f64 {
        f64::from(1_u32 << effort) * self.ms_per_million
    }

    fn preface(&self) -> String {
        format!(
            "# Recall of sealed sets\n\n\
             Written by `cargo xtask recall`; what the words mean is in `eval/src`. {} ordinary edits of {} photographs \
             (quality ≥ 50, longer side ≥ 300 pixels); the order of lookups and the variants were chosen on {} others. *Recall* is \
             the share of edited photographs that are found; *plain* is unsealed PDQ at distance ≤ {PLAIN} of the \
             original's hash. No edit was searched for to evade a match. An effort of e stands for 2^e lookups of one \
             picture; a lookup is taken to cost {} ms per million entries. Most of these photographs have 300 to 800 \
             pixels, so messenger presets of 1600 pixels only save them again.\n\n\
             One share of n = {} has a 95 % interval (Wilson) of {}; the means over all edits are surer.\n\n",
            EDITS.len(),
            self.held.len(),
            self.training.len(),
            self.ms_per_million,
            self.held.len(),
            [0.5, 0.9, 0.97, 1.0].map(|share| interval(share, self.held.len())).join(", "),
        )
    }

    fn goals(&self) -> String {
        let list = enrolled();
        let with_list = |edit: &Distances| finds(edit, &list, MOST, RADIUS);
        let bare = |edit: &Distances| finds(edit, ONE, MOST, BARE_RADIUS);
        let mut out = format!(
            "## Goals\n\nRadius {RADIUS}, {} entries per image, effort {MOST} ({:.0} ms per million):\n\n\
             | goal | reached | |\n|---|---|---|\n",
            list.len(),
            self.cost(MOST)
        );
        let messengers = || (0..EDITS.len()).filter(|&edit| EDITS[edit].group == Group::Messenger);
        for edit in messengers() {
            let (found, plain) = (hits(self.held, edit, with_list), hits(self.held, edit, plain));
            row(&mut out, &format!("{} ≥ plain", EDITS[edit].name), found >= plain, &self.of(found, plain));
        }
        let (found, unsealed) = (mean(self.held, with_list), mean(self.held, plain));
        row(&mut out, "mean of all edits ≥ plain", found >= unsealed, &format!("{found:.3} for {unsealed:.3}"));
        let worst = |found: &dyn Fn(&Distances) -> bool, edits: &mut dyn Iterator<Item = usize>| {
            let mut short: Vec<(f64, &str)> =
                edits.map(|edit| (self.relative(edit, found), EDITS[edit].name)).collect();
            short.sort_by(|a, b| a.0.total_cmp(&b.0));
            let named: Vec<String> = short.iter().take(4).map(|(share, name)| format!("{name} {share:.3}")).collect();
            (short[0].0 >= EACH, format!("least: {}", named.join(", ")))
        };
        let (reached, least) = worst(&with_list, &mut (0..EDITS.len()));
        row(&mut out, &format!("each edit ≥ {EACH} of plain"), reached, &least);
        let residual = self.residuals(&list, published(RADIUS));
        let least = residual.iter().copied().fold(f64::INFINITY, f64::min);
        let average = residual.iter().sum::<f64>() / residual.len() as f64;
        let text = format!("mean {average:.1}, least {least:.1}");
        row(&mut out, &format!("≥ {RESIDUAL} bits left"), least >= RESIDUAL, &text);
        let (reached, least) = worst(&bare, &mut messengers());
        let name = format!("lists without pictures, radius {BARE_RADIUS}: messengers ≥ {EACH} of plain");
        row(&mut out, &name, reached, &least);
        let (reached, least) = worst(&bare, &mut (0..EDITS.len()));
        row(&mut out, &format!("the same, each edit (not asked for) ≥ {EACH}"), reached, &least);
        out + "\n"
    }

    /// A count beside the one it is held against.
    fn of(&self, found: usize, plain: usize) -> String {
        let n = self.held.len() as f64;
        format!("{:.3} for {:.3}", found as f64 / n, plain as f64 / n)
    }

    fn curve(&self) -> String {
        let list = enrolled();
        let mut out = format!(
            "## Effort\n\nThe mean recall over all edits; plain: {:.3}. *Chase* is what all combinations of \
             flips of the least reliable bits find with as many lookups.\n\n\
             | effort | lookups | ms per million | radius {RADIUS}, 1 entry | {} entries | 1 entry, Chase \
             | radius {BARE_RADIUS}, 1 entry | {} entries | 1 entry, Chase |\n\
             |---|---|---|---|---|---|---|---|---|\n",
            mean(self.held, plain),
            list.len(),
            list.len()
        );
        for effort in 0..EFFORTS {
            let _ = write!(out, "| {effort} | {} | {:.1} |", 1 << effort, self.cost(effort));
            for radius in [RADIUS, BARE_RADIUS] {
                let _ = write!(
                    out,
                    " {:.3} | {:.3} | {:.3} |",
                    mean(self.held, |edit| finds(edit, ONE, effort, radius)),
                    mean(self.held, |edit| finds(edit, &list, effort, radius)),
                    mean(self.held, |edit| edit.chase[effort] <= radius),
                );
            }
            out.push('\n');
        }
        out + "\n"
    }

    fn means(&self) -> String {
        let list = enrolled();
        let mut out = format!(
            "## Radius, effort, entries\n\nThe mean recall over all edits (plain: {:.3}), beside what each radius costs. \
             Residual bits are the mean over the photographs; bytes are those of syndromes and tags.\n\n\
             | radius | entries | bytes per image | published bits | residual bits | effort 0 | 2 | 4 | 6 |\n\
             |---|---|---|---|---|---|---|---|---|\n",
            mean(self.held, plain)
        );
        for Sealed { radius, published, bytes } in SEALED {
            for entries in [ONE, &list] {
                let residual = self.residuals(entries, published);
                let residual = residual.iter().sum::<f64>() / residual.len() as f64;
                let _ = write!(
                    out,
                    "| {radius} | {} | {} | {:.0} | {residual:.0} |",
                    entries.len(),
                    entries.len() * bytes,
                    ENTROPY - residual
                );
                for effort in SHOWN_EFFORTS {
                    let _ = write!(out, " {:.3} |", mean(self.held, |edit| finds(edit, entries, effort, radius)));
                }
                out.push('\n');
            }
        }
        out + "\n"
    }

    /// How often one photograph is taken for another.
    fn false_matches(&self) -> String {
        let list = enrolled();
        let pairs = self.held.len() * (self.held.len() - 1);
        let count = |near: &dyn Fn(&Measured, &Measured) -> bool| {
            let of = |(i, asked): (usize, &&Measured)| {
                self.held.iter().enumerate().filter(|&(j, known)| i != j && near(asked, known)).count()
            };
            self.held.iter().enumerate().map(of).sum::<usize>()
        };
        let plain = count(&|asked, known| asked.nearest(&known.candidates[0])[0] <= PLAIN);
        let mut out = format!(
            "## False matches\n\nPairs of different photographs, of {pairs}, in which what is looked up of one is within \
             the radius of an entry of the other; plain at {PLAIN}: {plain}. None seen means at most {:.1e} of pairs, with \
             95 % confidence, if pairs were independent; pictures that resemble one another (series of one scene are \
             among them) are counted, too. Rates with proper bounds are for `presend eval`.\n\n\
             | radius | entries | effort 0 | 2 | 4 | 6 |\n|---|---|---|---|---|---|\n",
            3.0 / pairs as f64
        );
        for Sealed { radius, .. } in SEALED {
            for entries in [ONE, &list] {
                let _ = write!(out, "| {radius} | {} |", entries.len());
                for effort in SHOWN_EFFORTS {
                    let near = |asked: &Measured, known: &Measured| {
                        entries.iter().any(|&entry| asked.nearest(&known.candidates[entry])[effort] <= radius)
                    };
                    let _ = write!(out, " {} |", count(&near));
                }
                out.push('\n');
            }
        }
        out + "\n"
    }

    /// The variants that gain most, one after the other, by the photographs that are not reported on.
    fn variants(&self) -> String {
        let mut out = format!(
            "## Variants\n\nWhich variant finds most of what the ones above it do not, at radius {RADIUS} and effort \
             {MOST}: chosen on {} photographs, recall and bits of the other {}. Enrolled by default: {}.\n\n\
             | entry | mean recall | gain | edits below {EACH} of plain | bits by variants: mean | 95 % | most |\n\
             |---|---|---|---|---|---|---|\n",
            self.training.len(),
            self.held.len(),
            enrolled().iter().map(|&place| CANDIDATES[place].name).collect::<Vec<_>>().join(", ")
        );
        let mut chosen: Vec<usize> = Vec::new();
        let mut before = 0.0;
        while chosen.len() < 8.min(CANDIDATES.len()) {
            let gain = |&next: &usize| {
                let entries = [&chosen[..], &[next]].concat();
                (mean(self.training, |edit| finds(edit, &entries, MOST, RADIUS)) * 1e9) as u64
            };
            let rest = (0..CANDIDATES.len()).filter(|candidate| !chosen.contains(candidate));
            // The original comes first whatever it gains; of equal ones the first.
            let next = if chosen.is_empty() { 0 } else { rest.rev().max_by_key(gain).expect("some are left") };
            chosen.push(next);
            let found = |edit: &Distances| finds(edit, &chosen, MOST, RADIUS);
            let recall = mean(self.held, found);
            let below = (0..EDITS.len()).filter(|&edit| self.relative(edit, found) < EACH).count();
            let (average, high, most) = summary(&self.variant_bits(&chosen));
            let _ = writeln!(
                out,
                "| {} | {recall:.4} | {:+.4} | {below} | {average:.1} | {high:.1} | {most:.1} |",
                CANDIDATES[next].name,
                recall - before
            );
            before = recall;
        }
        out + "\n"
    }

    fn bits(&self) -> String {
        let list = enrolled();
        let (average, high, most) = summary(&self.variant_bits(&list));
        let mut out = format!(
            "## Bits\n\nOf the {ENTROPY:.0} bits that a hash has at most, an entry publishes its syndrome, and the entries \
             of one image that half of each of their differences are ones: {average:.1} bits on average with the default \
             variants, {high:.1} for 95 % of the photographs, {most:.1} at most (`hashsets/src/published.rs` has the \
             formula).\n\n\
             | radius | syndrome | left, 1 entry | left, {} entries: mean | 95 % | least |\n|---|---|---|---|---|---|\n",
            list.len()
        );
        for Sealed { radius, published, .. } in SEALED {
            let left = ENTROPY - published;
            let _ = writeln!(
                out,
                "| {radius} | {published:.0} | {left:.0} | {:.1} | {:.1} | {:.1} |",
                left - average,
                left - high,
                left - most
            );
        }
        out + "\n"
    }

    fn variant_bits(&self, entries: &[usize]) -> Vec<f64> {
        let bits = |photo: &&Measured| {
            let hashes: Vec<_> = entries.iter().map(|&entry| photo.candidates[entry]).collect();
            by_differences(&hashes)
        };
        self.held.iter().map(bits).collect()
    }

    fn residuals(&self, entries: &[usize], published: f64) -> Vec<f64> {
        self.variant_bits(entries).iter().map(|bits| ENTROPY - published - bits).collect()
    }

    /// Every edit by radius, one table for each effort and each number of entries.
    fn edits(&self) -> String {
        let list = enrolled();
        let mut out = String::from(
            "## Every edit\n\nRecall relative to plain (1.00: as many; more where plain loses more), after the share that \
             plain finds, with its interval.\n",
        );
        for entries in [ONE, &list] {
            for effort in SHOWN_EFFORTS {
                let count = if entries.len() == 1 { "1 entry".into() } else { format!("{} entries", entries.len()) };
                let heads = SEALED.map(|sealed| format!(" {} |", sealed.radius)).concat();
                let _ = write!(
                    out,
                    "\n### {count}, effort {effort}\n\n| edit | plain |{heads}\n|---|---|{}\n",
                    "---|".repeat(SEALED.len())
                );
                for (place, edit) in EDITS.iter().enumerate() {
                    self.edit_row(&mut out, place, edit, |found, radius| finds(found, entries, effort, radius));
                }
            }
        }
        out
    }

    fn edit_row(&self, out: &mut String, place: usize, edit: &Edit, found: impl Fn(&Distances, u32) -> bool) {
        let count = hits(self.held, place, plain);
        let (low, high) = wilson(count, self.held.len());
        let share = count as f64 / self.held.len() as f64;
        let _ = write!(out, "| {} | {share:.3} ({low:.2}–{high:.2}) |", edit.name);
        for Sealed { radius, .. } in SEALED {
            let _ = match count {
                0 => write!(out, " – |"),
                _ => write!(out, " {:.3} |", self.relative(place, |distances| found(distances, radius))),
            };
        }
        out.push('\n');
    }
}

fn row(out: &mut String, goal: &str, reached: bool, text: &str) {
    let _ = writeln!(out, "| {goal} | {} | {text} |", if reached { "yes" } else { "no" });
}

fn interval(share: f64, n: usize) -> String {
    let (low, high) = wilson((share * n as f64).round() as usize, n);
    format!("{low:.3}–{high:.3} at {share:.2}")
}

/// Mean, 95th percentile and largest.
fn summary(values: &[f64]) -> (f64, f64, f64) {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let at = |share: f64| sorted[((sorted.len() - 1) as f64 * share).round() as usize];
    (sorted.iter().sum::<f64>() / sorted.len() as f64, at(0.95), at(1.0))
}

/// Bits that an entry of some radius publishes.
fn published(radius: u32) -> f64 {
    SEALED.iter().find(|sealed| sealed.radius == radius).expect("the goals' radii are measured").published
}
