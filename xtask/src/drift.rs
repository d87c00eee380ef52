//! How far fast hashes lie from exact ones, measured on photographs and written down.

use std::fs;
use std::path::PathBuf;

use anyhow::{Context as _, Result};
use presend_eval::sealed::Drift;

use crate::{photographs, root};

#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// The folder of photographs
    #[arg(long)]
    photos: PathBuf,
    /// How many of them to take
    #[arg(long, default_value_t = 150)]
    count: usize,
}

/// Writes `docs/fast.md`; does nothing where the photographs are not.
pub(crate) fn write(arguments: &Arguments) -> Result<()> {
    let Arguments { photos, count } = arguments;
    let Some(chosen) = photographs(photos, *count)? else { return Ok(()) };
    println!("{} photographs, each scaled and edited in many ways", chosen.len());
    let drift = Drift::of(&chosen).with_context(|| format!("cannot read {}", photos.display()))?;
    let path = root().join("docs/fast.md");
    fs::write(&path, drift.report()).with_context(|| format!("cannot write {}", path.display()))?;
    println!("wrote {}", path.display());
    Ok(())
}
