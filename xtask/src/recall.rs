//! How much sealed sets find, measured on photographs and written down.

use std::fs;
use std::path::PathBuf;
use std::time::Instant;

use anyhow::{Context as _, Result, ensure};
use presend_eval::sealed::{Measurements, report};

use crate::{photographs, root};

/// Fewer photographs than this are not worth a table.
const FEWEST: usize = 8;

#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// The folder of photographs
    #[arg(long)]
    photos: PathBuf,
    /// How many of them to take; half are for choosing, half for reporting
    #[arg(long, default_value_t = 600)]
    count: usize,
    /// What one lookup in a million entries costs, in milliseconds
    #[arg(long, default_value_t = 2.7)]
    ms_per_million: f64,
}

/// Writes `docs/sealed-recall.md`; does nothing where the photographs are not.
pub(crate) fn write(arguments: &Arguments) -> Result<()> {
    let Arguments { photos, count, ms_per_million } = arguments;
    let start = Instant::now();
    let Some(chosen) = photographs(photos, *count)? else { return Ok(()) };
    ensure!(chosen.len() >= FEWEST, "{} suitable photographs are too few", chosen.len());
    println!("{} photographs, every one edited in many ways", chosen.len());
    let measurements = Measurements::of(&chosen).with_context(|| format!("cannot read {}", photos.display()))?;
    let path = root().join("docs/sealed-recall.md");
    fs::write(&path, report(&measurements, *ms_per_million))
        .with_context(|| format!("cannot write {}", path.display()))?;
    println!("wrote {} in {:.0} s", path.display(), start.elapsed().as_secs_f64());
    Ok(())
}
