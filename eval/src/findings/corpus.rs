//! What was measured on.

use std::collections::BTreeMap;

use super::{Study, table};
use crate::counts::Entries;
use crate::plots::text;
use crate::rates::{Rule, View};
use crate::report::{Cell, Section};

/// What became of every file that was named, and how many independent pictures there are.
#[must_use]
pub fn corpus(study: &Study<'_>) -> Section {
    let about = study.about();
    let files = &about.files;
    let failed: usize = files.failed.values().sum();
    let named = files.hashed + files.duplicates + failed + files.not_pictures;
    let row = |what: &str, count: usize| vec![Cell::from(what), Cell::from(count)];
    let mut rows = vec![
        row("named", named),
        row("hashed", files.hashed),
        row("further names of the same content", files.duplicates),
    ];
    rows.extend(files.failed.iter().map(|(code, count)| row(&format!("not hashed: {code}"), *count)));
    rows.push(row("no pictures", files.not_pictures));
    let mut strata: BTreeMap<&str, (u64, u64)> = BTreeMap::new();
    for picture in &study.counts.looked_up {
        let (all, judged) = strata.entry(&picture.stratum).or_default();
        *all += 1;
        *judged += u64::from(picture.quality >= about.gate);
    }
    let by_stratum =
        strata.into_iter().map(|(name, (all, judged))| vec![name.into(), all.into(), judged.into()]).collect();
    let view = View::new(study.counts, Rule::SCAN);
    let among = match &about.among {
        Entries::Corpus => "They are looked up among one another.".to_owned(),
        Entries::Set { name, identity, entries, radius } => format!(
            "They are looked up in {name} ({} entries{}, {identity}).",
            text::count(*entries),
            radius.map(|radius| format!(", sealed with radius {radius}")).unwrap_or_default(),
        ),
    };
    Section {
        id: "corpus".into(),
        heading: "Pictures".into(),
        paragraphs: vec![
            format!(
                "Every file that was named is one of these. {} pictures have a quality of at least {} and are judged; they \
                 are {} independent ones, as files that were said to be the same work count once. {among}",
                text::count(view.files() as u64),
                about.gate,
                text::count(view.units() as u64),
            ),
            format!(
                "Of {} pairs of judged pictures within {} bits of one another, a person judged {}. Pairs that are further \
                 apart, and {} with a picture of too low a quality, were not judged and count as false wherever they count.",
                text::count(about.candidates as u64),
                about.within,
                text::count((about.candidates - about.unadjudicated) as u64),
                text::count(about.unadjudicated_below as u64),
            ),
        ],
        blocks: vec![
            table("files", "What became of the files", &[("files", "outcome"), ("number", "files")], rows),
            table(
                "strata",
                "Pictures by stratum",
                &[("stratum", "stratum"), ("hashed", "hashed"), ("of sufficient quality", "judged")],
                by_stratum,
            ),
        ],
    }
}
