//! One command per chore: `cargo xtask <chore>`.
#![forbid(unsafe_code)]

mod bench_web;
mod bound;
mod ci;
mod counts;
mod demo;
mod drift;
mod peers;
mod recall;
mod supply;
mod vectors;
mod wasm;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context as _, Result, bail, ensure};
use clap::{Parser, Subcommand};

#[derive(Parser)]
struct Cli {
    #[command(subcommand)]
    chore: Chore,
}

#[derive(Subcommand)]
enum Chore {
    /// Measure for how many photographs another filter could be proved to give the same bits, for `docs/exact.md`
    Bound(bound::Arguments),
    /// Measure ours beside peers in Python and Rust, and write the tables of `docs/performance.md`
    BenchPeers(peers::Arguments),
    /// Measure the npm package in Chromium beside a native program, and write the tables of `docs/performance.md`
    BenchWeb(bench_web::Arguments),
    /// Prove a commit: formatting, lints, all tests native and in WebAssembly, one pass of each bench, instruction counts
    Ci,
    /// Count the instructions of the hot kernels, with Callgrind
    Counts(counts::Arguments),
    /// Decode the golden vectors' pictures with libjpeg-turbo, for the tests to compare with
    DecodeVectors,
    /// Paint the demo's pictures and write its list
    Demo {
        /// Compare with what is there instead of writing
        #[arg(long)]
        check: bool,
    },
    /// Measure how far fast hashes lie from exact ones, and write `docs/fast.md`
    Drift(drift::Arguments),
    /// Measure how often edited photographs are found in sealed sets, and write `docs/sealed-recall.md`
    Recall(recall::Arguments),
    /// Write a bill of materials (CycloneDX) for each thing that is shipped, into `target/sbom`
    Sbom,
    /// Check where all that is built from comes from, its licences and its unsafe code; writes the bills of materials, too
    SupplyChain(supply::Arguments),
    /// Build the npm package, `wasm/npm/dist`
    Wasm(wasm::Arguments),
}

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // Without a backtrace, whatever the environment says: it would hide which step it was.
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run() -> Result<()> {
    match Cli::parse().chore {
        Chore::BenchPeers(arguments) => peers::measure(&arguments),
        Chore::BenchWeb(arguments) => bench_web::measure(&arguments),
        Chore::Bound(arguments) => bound::write(&arguments),
        Chore::Ci => ci::run(),
        Chore::Counts(arguments) => counts::run(&arguments),
        Chore::DecodeVectors => vectors::decode(),
        Chore::Demo { check } => demo::write_or_check(&root().join("hashsets/demo"), &demo::build()?, check),
        Chore::Drift(arguments) => drift::write(&arguments),
        Chore::Recall(arguments) => recall::write(&arguments),
        Chore::Sbom => supply::sboms(),
        Chore::SupplyChain(arguments) => supply::run(&arguments),
        Chore::Wasm(arguments) => wasm::run(&arguments),
    }
}

/// The root of the repository.
fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("xtask lies in the repository").to_owned()
}

/// What comes before the tables of a page and what comes after, the markers between which they lie included.
fn around<'a>(page: &'a str, markers: [&str; 2]) -> Result<[&'a str; 2]> {
    let [Some(start), Some(end)] = markers.map(|marker| page.find(marker)) else {
        bail!("the lines {markers:?} are missing");
    };
    ensure!(start < end, "the lines {markers:?} are in the wrong order");
    Ok([&page[..start + markers[0].len()], &page[end..]])
}

/// Where cargo puts what it builds.
fn target() -> PathBuf {
    std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root().join("target"), |folder| root().join(folder))
}

/// Photographs of a folder to measure, so many; `None`, and a printed reason, where the folder is not.
fn photographs(folder: &Path, count: usize) -> Result<Option<Vec<PathBuf>>> {
    if !folder.is_dir() {
        println!("skipped: {} is not on this machine", folder.display());
        return Ok(None);
    }
    let chosen =
        presend_eval::sealed::sample(folder, count).with_context(|| format!("cannot read {}", folder.display()))?;
    ensure!(!chosen.is_empty(), "{} has no suitable photographs", folder.display());
    Ok(Some(chosen))
}
