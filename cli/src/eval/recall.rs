//! `presend eval recall`: how often edited copies are found.

use std::fs;
use std::ops::ControlFlow;
use std::sync::atomic::Ordering;

use anyhow::{Context, Result};
use clap::Args;
use presend_core::{Algorithm, Effort, ImageHash};
use presend_eval::corpus::Corpus;
use presend_eval::counts::{self, Among, Plan};
use presend_eval::findings::{self, Study};
use presend_eval::recall::{Cache, Identity, Row, RunError, choose, run as measure_all};

use super::args::FindingsArgs;
use super::corpus::{self, CorpusArgs};
use super::print::print;
use crate::output::{Status, count, printable, shown};
use crate::run::{self, Interrupted};

/// Which pictures are edited, and how they are looked up.
#[derive(Debug, Args)]
#[command(next_help_heading = "Edits")]
pub(crate) struct RecallArgs {
    /// Pictures of the corpus that are edited, chosen by the seed; about a second each on one core, and more where they are
    /// large
    #[arg(long, value_name = "NUMBER", default_value_t = 200)]
    pub(crate) pictures: usize,
    /// How hard an edited picture is looked up in a sealed set, beside once: 0 to 6
    #[arg(long, value_name = "STEPS", default_value = "4")]
    pub(crate) effort: Effort,
}

#[derive(Debug, Args)]
pub(crate) struct RecallCommand {
    #[command(flatten)]
    pub(crate) corpus: CorpusArgs,
    #[command(flatten)]
    recall: RecallArgs,
    /// Distances up to which a copy counts as found, separated by commas [default: 16,24 and 31 for pdq and pdq-512, 4 and 8
    /// for the others]
    #[arg(long, value_name = "BITS,…", value_delimiter = ',', help_heading = "Matching")]
    thresholds: Vec<u16>,
    /// What the choice of pictures follows from
    #[arg(long, value_name = "NUMBER", default_value_t = 1, help_heading = "Matching")]
    seed: u64,
    #[command(flatten)]
    findings: FindingsArgs,
}

/// Edits pictures of the corpus, or takes what the cache knows of them. Raises [`Interrupted`] on Ctrl-C; what was measured until
/// then is in the cache.
pub(super) fn edited<A: Algorithm>(
    corpus: &Corpus<A>,
    args: &CorpusArgs,
    recall: &RecallArgs,
    seed: u64,
) -> Result<Vec<Row>> {
    let chosen = choose(corpus, seed, recall.pictures, args.min_quality);
    if chosen.len() < recall.pictures && !args.quiet {
        let pictures = count(chosen.len(), "picture", "pictures");
        anstream::eprintln!("presend: {pictures} of quality {} and more, one of each cluster", args.min_quality);
    }
    let cache = match corpus::caches(args)? {
        Some(folder) => {
            Some(Cache::open(&folder, Identity::of::<A>(recall.effort)).context("--no-cache does without")?)
        }
        None => None,
    };
    for ignored in cache.iter().flat_map(Cache::ignored) {
        anstream::eprintln!("presend: {} is not used: {}", shown(&ignored.path), printable(&ignored.reason));
    }
    let stop = run::on_interrupt(args.quiet)?;
    let bar = run::progress(args.quiet, chosen.len());
    let measure = || {
        measure_all(
            A::default(),
            &chosen,
            recall.effort,
            cache.as_ref(),
            |path| fs::read(path),
            |progress| {
                bar.set_position(progress.done as u64);
                if stop.load(Ordering::Relaxed) { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
            },
        )
    };
    let measured = run::threads(args.jobs)?.install(measure).map_err(|error| match error {
        RunError::Stopped => Interrupted.into(),
        RunError::Cache(error) => anyhow::Error::new(error).context("--no-cache does without"),
    })?;
    bar.finish_and_clear();
    for left in &measured.left {
        anstream::eprintln!("presend: {} is left out: {}", printable(&left.path), printable(&left.reason));
    }
    Ok(measured.rows)
}

pub(super) fn describe<A: Algorithm>(_: A, args: &RecallCommand) -> Result<Status> {
    let (corpus, _) = corpus::load::<A>(&args.corpus)?;
    let rows = edited(&corpus, &args.corpus, &args.recall, args.seed)?;
    let bits = ImageHash::<A>::BITS as u16;
    let in_use = A::DEFAULT_THRESHOLD.bits();
    let mut thresholds = match (args.thresholds.as_slice(), bits) {
        ([], 256) => vec![16, 24],
        ([], _) => vec![4],
        (given, _) => given.to_vec(),
    };
    thresholds.push(in_use);
    thresholds.sort_unstable();
    thresholds.dedup();
    // Nothing is looked up among the corpus here: the counts say what the corpus is, and no more.
    let plan = Plan { cap: 0, gate: args.corpus.min_quality, seed: args.seed, part: 1, parts: 1 };
    let counts = counts::count(&corpus, &[], &Among::Corpus, &plan, || ());
    let study = Study { counts: &counts, recall: &rows, thresholds: &thresholds, threshold: in_use };
    let section = findings::recall(&study).context("no picture could be edited")?;
    print(&[section], args.findings.format, args.findings.output.as_deref())
}
