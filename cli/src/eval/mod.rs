//! `presend eval`: measuring. Every verb measures on a corpus, which [`corpus::load`] reads, and prints what was found.

mod args;
mod corpus;
mod measure;
mod print;
mod report;

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, anyhow};
use clap::{Args, Subcommand, ValueHint};
use corpus::describe;
use presend_core::{ImageHash, Radius};
use presend_eval::counts::Counts;
use presend_eval::findings::{self, AccountPlan, Study};
use presend_eval::rates::Mix;
use presend_eval::report::Section;
use presend_eval::speed::milliseconds_per_million;
use report::{make_report, merge};

use self::args::{AmongArgs, FindingsArgs, MixArgs, PartArgs, PeopleArgs, RecallArgs, parse_share};
use self::corpus::CorpusArgs;
use crate::algorithm::{SetAlgorithm, with_algorithm};
use crate::output::{Status, shown};

#[derive(Debug, Subcommand)]
pub(crate) enum EvalCommand {
    /// List pictures, what kind each is, and which are near one another, for a person to judge
    Corpus(corpus::CorpusCommand),
    /// How often pictures match falsely: per picture, per pair, by stratum, by the size of the set, and who does
    Fpr(FprCommand),
    /// How often pictures are still found after ordinary edits
    Recall(RecallCommand),
    /// The largest threshold that can be shown to keep a rate of false matches
    Choose(ChooseCommand),
    /// What a sealed set of such pictures would give away
    Leakage(LeakageCommand),
    /// What a rate of false matches means for people: alarms a day, and accounts
    Account(AccountCommand),
    /// Everything, in one HTML file
    Report(report::ReportCommand),
    /// The same report from the parts of a corpus that were counted apart
    Merge(report::MergeCommand),
}

#[derive(Debug, Args)]
pub(crate) struct FprCommand {
    #[command(flatten)]
    corpus: CorpusArgs,
    #[command(flatten)]
    among: AmongArgs,
    #[command(flatten)]
    mix: MixArgs,
    #[command(flatten)]
    part: PartArgs,
    #[command(flatten)]
    findings: FindingsArgs,
}

#[derive(Debug, Args)]
pub(crate) struct RecallCommand {
    #[command(flatten)]
    corpus: CorpusArgs,
    #[command(flatten)]
    among: AmongArgs,
    #[command(flatten)]
    recall: RecallArgs,
    /// Edit only this part of the pictures, such as 2/4; needs --rows
    #[arg(long, value_name = "PART/PARTS", value_parser = args::parse_part, requires = "rows", help_heading = "Parts")]
    part: Option<(u32, u32)>,
    /// Write what was measured to a file, for `presend eval merge`
    #[arg(long, value_name = "FILE", help_heading = "Parts", value_hint = ValueHint::FilePath)]
    rows: Option<PathBuf>,
    #[command(flatten)]
    findings: FindingsArgs,
}

#[derive(Debug, Args)]
pub(crate) struct ChooseCommand {
    #[command(flatten)]
    corpus: CorpusArgs,
    #[command(flatten)]
    among: AmongArgs,
    /// The rate of false matches per picture that is to be kept
    #[arg(long, value_name = "RATE", default_value_t = 1e-6, value_parser = parse_share, help_heading = "Matching")]
    target_fpr: f64,
    #[command(flatten)]
    findings: FindingsArgs,
}

#[derive(Debug, Args)]
pub(crate) struct LeakageCommand {
    #[command(flatten)]
    corpus: CorpusArgs,
    #[command(flatten)]
    among: AmongArgs,
    #[command(flatten)]
    recall: RecallArgs,
    /// Also measure how long a lookup takes on this machine
    #[arg(long, help_heading = "Output")]
    speed: bool,
    #[command(flatten)]
    findings: FindingsArgs,
}

#[derive(Debug, Args)]
pub(crate) struct AccountCommand {
    #[command(flatten)]
    corpus: CorpusArgs,
    #[command(flatten)]
    among: AmongArgs,
    #[command(flatten)]
    people: PeopleArgs,
    #[command(flatten)]
    findings: FindingsArgs,
}

pub(crate) fn run(command: &EvalCommand) -> Result<Status> {
    match command {
        EvalCommand::Corpus(args) => with_algorithm!(args.corpus.hashing.algorithm.id(), describe(args)),
        EvalCommand::Fpr(args) => with_algorithm!(args.corpus.hashing.algorithm.id(), fpr(args)),
        EvalCommand::Recall(args) => with_algorithm!(args.corpus.hashing.algorithm.id(), recall(args)),
        EvalCommand::Choose(args) => with_algorithm!(args.corpus.hashing.algorithm.id(), choose(args)),
        EvalCommand::Leakage(args) => with_algorithm!(args.corpus.hashing.algorithm.id(), leakage(args)),
        EvalCommand::Account(args) => with_algorithm!(args.corpus.hashing.algorithm.id(), account(args)),
        EvalCommand::Report(args) => with_algorithm!(args.corpus.hashing.algorithm.id(), make_report(args)),
        EvalCommand::Merge(args) => merge(args),
    }
}

/// The whole of a corpus.
const WHOLE: (u32, u32) = (1, 1);

/// Measures what the verbs of a whole corpus speak of, and hands it on.
fn studied<A: SetAlgorithm, T>(
    corpus: &CorpusArgs,
    among: &AmongArgs,
    edits: Option<&RecallArgs>,
    then: impl FnOnce(&Study<'_>) -> Result<T>,
) -> Result<T> {
    let (pictures, _) = corpus::load::<A>(corpus)?;
    let counts = measure::count(&pictures, corpus, among, WHOLE)?;
    let rows = edits.map(|edits| measure::edit(&pictures, corpus, among.seed, edits, WHOLE)).transpose()?;
    let threshold = measure::threshold::<A>(among);
    let thresholds = measure::thresholds(&among.thresholds, ImageHash::<A>::BITS as u16, threshold);
    let recall = rows.as_deref().unwrap_or_default();
    then(&Study { counts: &counts, recall, thresholds: &thresholds, threshold })
}

/// Measures, and prints the sections that follow.
fn printed<A: SetAlgorithm>(
    (corpus, among, findings): (&CorpusArgs, &AmongArgs, &FindingsArgs),
    edits: Option<&RecallArgs>,
    sections: impl FnOnce(&Study<'_>) -> Result<Vec<Section>>,
) -> Result<Status> {
    studied::<A, _>(corpus, among, edits, |study| {
        let sections = sections(study)?;
        if !corpus.quiet {
            for warning in study.warnings() {
                anstream::eprintln!("presend: {warning}");
            }
        }
        print::print(&sections, findings.format, findings.output.as_deref())
    })
}

/// All that is said of false matches.
fn false_matches(study: &Study<'_>, mix: &Mix) -> Result<Vec<Section>> {
    Ok(vec![
        findings::corpus(study),
        findings::per_picture(study, mix)?,
        findings::per_pair(study),
        findings::by_set_size(study),
        findings::hubs(study),
    ])
}

fn fpr<A: SetAlgorithm>(_: A, args: &FprCommand) -> Result<Status> {
    if let Some(path) = &args.part.counts {
        let (pictures, _) = corpus::load::<A>(&args.corpus)?;
        let counts = measure::count(&pictures, &args.corpus, &args.among, args.part.part.unwrap_or(WHOLE))?;
        save(&counts, path)?;
        return Ok(Status::Clean);
    }
    let mix = args.mix.mix.clone().unwrap_or_default();
    printed::<A>((&args.corpus, &args.among, &args.findings), None, |study| false_matches(study, &mix))
}

fn save(counts: &Counts, path: &Path) -> Result<()> {
    counts.save(path).with_context(|| format!("cannot write {}", shown(path)))
}

fn recall<A: SetAlgorithm>(_: A, args: &RecallCommand) -> Result<Status> {
    if let Some(path) = &args.rows {
        let (pictures, _) = corpus::load::<A>(&args.corpus)?;
        let part = args.part.unwrap_or(WHOLE);
        let rows = measure::edit(&pictures, &args.corpus, args.among.seed, &args.recall, part)?;
        let identity = presend_eval::recall::Identity::of::<A>(args.recall.effort);
        presend_eval::recall::rows::write(path, &rows, &identity)
            .with_context(|| format!("cannot write {}", shown(path)))?;
        return Ok(Status::Clean);
    }
    printed::<A>((&args.corpus, &args.among, &args.findings), Some(&args.recall), |study| {
        Ok(findings::recall(study).into_iter().chain(findings::detection(study)).collect())
    })
}

fn choose<A: SetAlgorithm>(_: A, args: &ChooseCommand) -> Result<Status> {
    printed::<A>((&args.corpus, &args.among, &args.findings), None, |study| {
        let section = findings::choice(study, args.target_fpr).ok_or_else(|| anyhow!("--target-fpr is no rate"))?;
        Ok(vec![section])
    })
}

fn leakage<A: SetAlgorithm>(_: A, args: &LeakageCommand) -> Result<Status> {
    printed::<A>((&args.corpus, &args.among, &args.findings), Some(&args.recall), |study| {
        let speed = |radius| milliseconds_per_million(Radius::new(radius).ok()?);
        Ok(vec![findings::leakage(study, |radius| if args.speed { speed(radius) } else { None })])
    })
}

fn account<A: SetAlgorithm>(_: A, args: &AccountCommand) -> Result<Status> {
    let plan = plan(&args.people);
    printed::<A>((&args.corpus, &args.among, &args.findings), None, |study| Ok(vec![findings::account(study, &plan)]))
}

fn plan(people: &PeopleArgs) -> AccountPlan {
    AccountPlan {
        pictures_per_day: people.pictures_per_day,
        prevalence: people.prevalence,
        recall: people.recall,
        pictures: people.account_pictures,
        matches: people.account_matches,
        target: people.account_target,
        rate: people.rate,
    }
}
