//! Why the filter is computed exactly, in numbers.

use std::fs;
use std::path::PathBuf;

use anyhow::{Context as _, Result};
use presend_eval::sealed::Bound;

use crate::{photographs, root};

/// Between these the page is rewritten.
const MARKS: [&str; 2] = ["<!-- bound: from here -->\n", "<!-- bound: to here -->\n"];

#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// The folder of photographs
    #[arg(long)]
    photos: PathBuf,
    /// How many of them to take
    #[arg(long, default_value_t = 300)]
    count: usize,
}

/// Rewrites the table of `docs/exact.md`; does nothing where the photographs are not.
pub(crate) fn write(arguments: &Arguments) -> Result<()> {
    let Arguments { photos, count } = arguments;
    let Some(chosen) = photographs(photos, *count)? else { return Ok(()) };
    let table = Bound::of(&chosen).with_context(|| format!("cannot read {}", photos.display()))?.table();
    print!("{table}");
    let path = root().join("docs/exact.md");
    let page = fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))?;
    let [before, after] =
        MARKS.map(|mark| page.find(mark).with_context(|| format!("{} lacks {mark:?}", path.display())));
    let before = &page[..before? + MARKS[0].len()];
    fs::write(&path, format!("{before}{table}{}", &page[after?..]))
        .with_context(|| format!("cannot write {}", path.display()))
}
