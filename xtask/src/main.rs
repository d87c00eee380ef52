//! One command per chore: `cargo xtask <chore>`.
#![forbid(unsafe_code)]

mod demo;

use std::path::{Path, PathBuf};

use anyhow::Result;
use clap::{Parser, Subcommand};

#[derive(Parser)]
struct Cli {
    #[command(subcommand)]
    chore: Chore,
}

#[derive(Subcommand)]
enum Chore {
    /// Paint the demo's pictures and write its list
    Demo {
        /// Compare with what is there instead of writing
        #[arg(long)]
        check: bool,
    },
}

fn main() -> Result<()> {
    match Cli::parse().chore {
        Chore::Demo { check } => demo::write_or_check(&root().join("hashsets/demo"), &demo::build()?, check),
    }
}

/// The root of the repository.
fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}
