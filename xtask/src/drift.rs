//! How far fast hashes lie from exact ones, measured on photographs and written down.

use std::fs;
use std::path::PathBuf;

use anyhow::{Context as _, Result, ensure};
use presend_eval::{Drift, sample};

use crate::root;

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
    if !photos.is_dir() {
        println!("skipped: {} is not on this machine", photos.display());
        return Ok(());
    }
    let cannot_read = || format!("cannot read {}", photos.display());
    let chosen = sample(photos, *count).with_context(cannot_read)?;
    ensure!(!chosen.is_empty(), "there are no suitable photographs");
    println!("{} photographs, each scaled and edited in many ways", chosen.len());
    let drift = Drift::of(&chosen).with_context(cannot_read)?;
    let path = root().join("docs/fast.md");
    fs::write(&path, drift.report()).with_context(|| format!("cannot write {}", path.display()))?;
    println!("wrote {}", path.display());
    Ok(())
}
