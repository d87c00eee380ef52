//! `presend eval report` and `presend eval merge`.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, anyhow, bail, ensure};
use clap::{Args, ValueEnum, ValueHint};
use presend_core::{AlgorithmId, Effort, ImageHash, Pdq, Threshold};
use presend_eval::counts::{Counts, CountsError};
use presend_eval::findings::{self, AccountPlan, Study};
use presend_eval::plots;
use presend_eval::rates::Mix;
use presend_eval::recall::rows::{self, Identity};
use presend_eval::report::{Block, Report, Section, render};

use super::args::{AmongArgs, FindingsFormat, MixArgs, PeopleArgs, RecallArgs, parse_share};
use super::corpus::CorpusArgs;
use super::{false_matches, measure, plan, print, studied};
use crate::algorithm::SetAlgorithm;
use crate::args::parse_threshold;
use crate::output::{Status, shown};
use crate::write::{self, Existing, Readers};

/// How a report is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum ReportFormat {
    /// One page with figures, tables and their numbers
    Html,
    /// One JSON object for each row of each table
    Ndjson,
    /// A folder with one file for each table
    Csv,
    /// A folder with one file for each table
    Parquet,
}

#[derive(Debug, Args)]
pub(crate) struct ReportCommand {
    #[command(flatten)]
    pub(super) corpus: CorpusArgs,
    #[command(flatten)]
    among: AmongArgs,
    #[command(flatten)]
    recall: RecallArgs,
    #[command(flatten)]
    options: ReportArgs,
}

/// What a report is to say, and where.
#[derive(Debug, Args)]
pub(crate) struct ReportArgs {
    #[command(flatten)]
    mix: MixArgs,
    /// The rate of false matches per picture that a threshold is chosen for
    #[arg(long, value_name = "RATE", default_value_t = 1e-6, value_parser = parse_share, help_heading = "Matching")]
    target_fpr: f64,
    #[command(flatten)]
    people: PeopleArgs,
    /// How to write
    #[arg(long, value_enum, default_value_t = ReportFormat::Html, help_heading = "Output")]
    format: ReportFormat,
    /// The file to write, or for CSV and Parquet the folder
    #[arg(short, long, value_name = "PATH", help_heading = "Output", value_hint = ValueHint::AnyPath)]
    output: PathBuf,
    /// Also write each figure as a PNG to this folder
    #[arg(long, value_name = "DIR", help_heading = "Output", value_hint = ValueHint::DirPath)]
    png: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub(crate) struct MergeCommand {
    /// Count files of `presend eval fpr --part … --counts`, and files of `presend eval recall --part … --rows`: all of one
    /// corpus
    #[arg(value_name = "FILE", required = true, value_hint = ValueHint::FilePath)]
    files: Vec<PathBuf>,
    /// The threshold in use, in bits [default: 31 for hashes of 256 bits, 8 for the others]
    #[arg(long, value_name = "BITS", value_parser = parse_threshold, help_heading = "Matching")]
    threshold: Option<Threshold>,
    /// Thresholds to speak of, separated by commas
    #[arg(long, value_name = "BITS,…", value_delimiter = ',', help_heading = "Matching")]
    thresholds: Vec<u16>,
    /// The effort that the rows of recall were measured with
    #[arg(long, value_name = "STEPS", default_value = "3", help_heading = "Edits")]
    effort: Effort,
    #[command(flatten)]
    options: ReportArgs,
}

pub(super) fn make_report<A: SetAlgorithm>(_: A, args: &ReportCommand) -> Result<Status> {
    studied::<A, _>(&args.corpus, &args.among, Some(&args.recall), |study| write(study, &args.options))
}

pub(super) fn merge(args: &MergeCommand) -> Result<Status> {
    let (mut parts, mut recall_files) = (Vec::new(), Vec::new());
    for path in &args.files {
        match Counts::open(path) {
            Ok(part) => parts.push(part),
            Err(counts) => {
                ensure!(path.exists(), "{}: no such file", shown(path));
                recall_files.push((path, counts));
            }
        }
    }
    let first = parts.first().ok_or(CountsError::Empty)?;
    let algorithm: AlgorithmId = first.about.algorithm.parse()?;
    let identity = Identity::named(algorithm, args.effort);
    let mut rows_of = Vec::new();
    for (path, counts) in recall_files {
        let read = rows::read(path, &identity);
        let neither = |rows| anyhow!("{}: neither counts ({counts}) nor rows of recall ({rows})", shown(path));
        rows_of.push(read.map_err(neither)?);
    }
    let whole = Counts::merge(parts).context("these parts do not make one whole")?;
    let rows = rows::merge(rows_of);
    let default = if whole.about.bits == ImageHash::<Pdq>::BITS as u16 { 31 } else { 8 };
    let threshold = args.threshold.map_or(default, Threshold::bits);
    let thresholds = measure::thresholds(&args.thresholds, whole.about.bits, threshold);
    write(&Study { counts: &whole, recall: &rows, thresholds: &thresholds, threshold }, &args.options)
}

fn write(study: &Study<'_>, options: &ReportArgs) -> Result<Status> {
    let mix = options.mix.mix.clone().unwrap_or_default();
    let sections = sections(study, &mix, options.target_fpr, &plan(&options.people))?;
    if let Some(folder) = &options.png {
        pictures(&sections, folder)?;
    }
    let output = Some(options.output.as_path());
    match options.format {
        ReportFormat::Html => {
            let report = Report {
                title: format!("Presend: how {} does on these pictures", study.counts.about.algorithm),
                provenance: provenance(study),
                warnings: study.warnings(),
                sections,
            };
            write::whole(&options.output, render(&report).as_bytes(), Readers::Everyone, Existing::Replace)?;
            Ok(Status::Clean)
        }
        ReportFormat::Ndjson => print::print(&sections, FindingsFormat::Ndjson, output),
        ReportFormat::Csv => print::print(&sections, FindingsFormat::Csv, output),
        ReportFormat::Parquet => print::print(&sections, FindingsFormat::Parquet, output),
    }
}

fn sections(study: &Study<'_>, mix: &Mix, target: f64, people: &AccountPlan) -> Result<Vec<Section>> {
    let mut sections = false_matches(study, mix)?;
    sections.extend(findings::worst(study));
    sections.extend(findings::choice(study, target));
    sections.push(findings::account(study, people));
    sections.extend(findings::recall(study));
    sections.extend(findings::detection(study));
    sections.push(findings::leakage(study, |_| None));
    Ok(sections)
}

/// What a report was made from and with.
fn provenance(study: &Study<'_>) -> Vec<(String, String)> {
    let about = &study.counts.about;
    let command: Vec<String> = std::env::args_os().map(|argument| quoted(&argument.to_string_lossy())).collect();
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    [
        ("program", format!("presend {}", env!("CARGO_PKG_VERSION"))),
        ("algorithm", format!("{}, threshold {}, quality gate {}", about.algorithm, study.threshold, about.gate)),
        ("seed", about.seed.to_string()),
        ("corpus", format!("sha256 {} (digests, clusters, hashes, qualities and strata)", about.corpus)),
        ("parts", about.parts.to_string()),
        ("machine", format!("{} {}, {threads} threads", std::env::consts::OS, std::env::consts::ARCH)),
        ("command", command.join(" ")),
    ]
    .map(|(name, value)| (name.to_owned(), value))
    .into()
}

/// An argument as a shell takes it.
fn quoted(argument: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_./=,:@%+".contains(c);
    if !argument.is_empty() && argument.chars().all(plain) {
        return argument.to_owned();
    }
    format!("'{}'", argument.replace('\'', "'\\''"))
}

/// Writes each figure as a PNG.
fn pictures(sections: &[Section], folder: &Path) -> Result<()> {
    /// Pixels across.
    const WIDTH: u32 = 1280;
    fs::create_dir_all(folder).with_context(|| format!("cannot make {}", shown(folder)))?;
    for block in sections.iter().flat_map(|section| &section.blocks) {
        let Block::Figure(figure) = block else { continue };
        let Some(data) = &figure.data else { bail!("a figure without a name") };
        let png = plots::png(&figure.svg, WIDTH).with_context(|| format!("the figure {}", data.name))?;
        let path = folder.join(format!("{}.png", data.name));
        write::whole(&path, &png, Readers::Everyone, Existing::Replace)?;
    }
    Ok(())
}
