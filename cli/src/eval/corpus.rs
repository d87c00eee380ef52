//! `presend eval corpus`, and the corpus of every other verb.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::io::{self, Write as _};
use std::num::NonZeroUsize;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use clap::{Args, ValueHint};
use presend_core::{Algorithm, Format, Limits, Quality, Threshold};
use presend_eval::corpus::{
    Cache, Class, Corpus, Digest, File, HashedFiles, Judgement, Judgements, Outcome, ReadError, RowsError, Strata,
    StrataTable, contact_sheet, read, thumbnail, write_manifest, write_pairs,
};
use rayon::ThreadPool;

use crate::args::{HashingArgs, InputArgs, parse_quality, parse_threshold};
use crate::input::{self, Input};
use crate::output::{self, Status, count, printable, shown};
use crate::run::{self, Interrupted};
use crate::write::{self, Existing, Readers};

/// The pictures to measure on: the same for every verb.
#[derive(Debug, Args)]
#[command(mut_arg("paths", |paths| paths.required_unless_present("hashes")))]
pub(crate) struct CorpusArgs {
    #[command(flatten)]
    pub(crate) inputs: InputArgs,
    /// Instead of pictures, what `presend hash --dihedral --digest` has made of them: NDJSON, CSV or Parquet, a file or a
    /// folder of parts (repeatable)
    #[arg(
        long,
        value_name = "PATH",
        conflicts_with_all = ["paths", "files_from", "hidden", "no_ignore", "globs"],
        help_heading = "Input",
        value_hint = ValueHint::AnyPath
    )]
    pub(crate) hashes: Vec<PathBuf>,
    #[command(flatten)]
    pub(crate) hashing: HashingArgs,
    /// How pictures are sorted into kinds: `auto`, by their pixels; `folder`, by the first folder below the one that holds
    /// them all; or a CSV with the columns `path` or `sha256`, and `stratum` or `category` [default:
    /// auto; with --hashes, which tell no pixels, folder]
    #[arg(long, value_name = "auto|folder|FILE", help_heading = "Corpus", value_hint = ValueHint::FilePath)]
    pub(crate) strata: Option<PathBuf>,
    /// What a person said of near pairs (repeatable): a `pairs.csv` of `presend eval corpus`, or a CSV with the columns
    /// `path_a`, `path_b` and `verdict`
    #[arg(long, value_name = "FILE", help_heading = "Corpus", value_hint = ValueHint::FilePath)]
    pub(crate) adjudicated: Vec<PathBuf>,
    /// The largest distance at which two pictures are a pair to be judged, in bits [default: 31 for pdq and pdq-512, 8 for the
    /// others]
    #[arg(long, value_name = "BITS", value_parser = parse_threshold, help_heading = "Corpus")]
    pub(crate) within: Option<Threshold>,
    /// Do not take a picture for near another that only a turned or mirrored copy is near
    #[arg(long, help_heading = "Corpus")]
    pub(crate) no_dihedral: bool,
    /// Below this quality a picture counts as flat, 0 to 100
    #[arg(long, value_name = "QUALITY", default_value = "50", value_parser = parse_quality, help_heading = "Corpus")]
    pub(crate) min_quality: Quality,
    /// Where hashes are kept from run to run [default: presend/eval in the folder for caches]
    #[arg(long, value_name = "DIR", help_heading = "Corpus", value_hint = ValueHint::DirPath)]
    pub(crate) cache: Option<PathBuf>,
    /// Keep no hashes, and use none that were kept
    #[arg(long, conflicts_with = "cache", help_heading = "Corpus")]
    pub(crate) no_cache: bool,
    /// Threads [default: one per core]
    #[arg(short, long, value_name = "N", help_heading = "Output")]
    pub(crate) jobs: Option<NonZeroUsize>,
    /// Results and errors only: no progress, no summary, no hints
    #[arg(short, long, help_heading = "Output")]
    pub(crate) quiet: bool,
}

#[derive(Debug, Args)]
pub(crate) struct CorpusCommand {
    #[command(flatten)]
    pub(crate) corpus: CorpusArgs,
    /// The folder to write manifest.csv, pairs.csv and contact-sheet.html to. A pairs.csv that is there keeps its classes
    #[arg(short, long, value_name = "DIR", help_heading = "Output", value_hint = ValueHint::DirPath)]
    output: PathBuf,
}

/// What reading a corpus took, and what is known beside it.
#[derive(Debug)]
pub(crate) struct Summary {
    /// The format of each content.
    pub(crate) formats: BTreeMap<Digest, Format>,
    /// Contents that were in the cache, and those that were decoded.
    pub(crate) cached: usize,
    pub(crate) measured: usize,
    /// Bytes that were read.
    pub(crate) bytes: u64,
    pub(crate) threads: usize,
    pub(crate) elapsed: Duration,
    /// What was said of files that are not of the corpus.
    pub(crate) others: Vec<Judgement>,
}

/// Reads the pictures, or what the cache knows of them, sorts them into strata, finds the near pairs and adds what was said of
/// them. Raises [`Interrupted`] on Ctrl-C; what was hashed until then is in the cache.
pub(crate) fn load<A: Algorithm>(args: &CorpusArgs) -> Result<(Corpus<A>, Summary)> {
    load_judged(args, None)
}

/// As [`load`], with judgements that take precedence over those of `--adjudicated`.
fn load_judged<A: Algorithm>(args: &CorpusArgs, first: Option<&Path>) -> Result<(Corpus<A>, Summary)> {
    let start = Instant::now();
    let strata = strata(args)?;
    let stop = run::on_interrupt(args.quiet)?;
    let pool = run::threads(args.jobs)?;
    let (mut corpus, mut summary) = if args.hashes.is_empty() {
        read_pictures::<A>(args, &strata, &pool, &stop)?
    } else {
        read_hashes::<A>(args, &strata, &pool, &stop)?
    };
    let mut others = Vec::new();
    for file in first.into_iter().chain(args.adjudicated.iter().map(PathBuf::as_path)) {
        let bytes = fs::read(file).map_err(|error| input::InputError::from(error).naming(file))?;
        let Judgements { pairs, elsewhere } =
            Judgements::parse(&bytes, file, &corpus).map_err(|error| anyhow::anyhow!(printable(&error.to_string())))?;
        if elsewhere > 0 && !args.quiet {
            let rows = count(elsewhere, "row is", "rows are");
            anstream::eprintln!("{}: {rows} of files that are not of the corpus", shown(file));
        }
        others.extend(corpus.judge(pairs));
    }
    others.sort_by_key(|pair| (pair.a, pair.b));
    others.dedup_by_key(|pair| (pair.a, pair.b));
    (summary.others, summary.elapsed) = (others, start.elapsed());
    Ok((corpus, summary))
}

/// The corpus of pictures that are read here.
fn read_pictures<A: Algorithm>(
    args: &CorpusArgs,
    strata: &Strata,
    pool: &ThreadPool,
    stop: &AtomicBool,
) -> Result<(Corpus<A>, Summary)> {
    let inputs = inputs(args)?;
    let limits = args.hashing.limits();
    let mut cache = cache::<A>(args, &limits)?;
    let bar = run::progress(args.quiet, inputs.len());
    let within = args.within.unwrap_or(A::DEFAULT_THRESHOLD);
    let read = || -> Result<_, ReadError> {
        let reading = read(A::default(), &inputs, &limits, cache.as_mut(), |progress| {
            bar.set_position(progress.done as u64);
            if stop.load(Ordering::Relaxed) { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        })?;
        bar.finish_and_clear();
        Ok((Corpus::of(&reading, strata, within, !args.no_dihedral), reading))
    };
    let (corpus, reading) = pool.install(read).map_err(|error| match error {
        ReadError::Stopped => Interrupted.into(),
        ReadError::Cache(error) => anyhow::Error::new(error).context("--no-cache does without"),
    })?;
    let summary = Summary {
        formats: reading.formats(),
        cached: reading.cached,
        measured: reading.measured,
        bytes: reading.bytes(),
        threads: pool.current_num_threads(),
        elapsed: Duration::ZERO,
        others: Vec::new(),
    };
    Ok((corpus, summary))
}

/// The corpus of pictures that were hashed elsewhere; none of them is opened.
fn read_hashes<A: Algorithm>(
    args: &CorpusArgs,
    strata: &Strata,
    pool: &ThreadPool,
    stop: &AtomicBool,
) -> Result<(Corpus<A>, Summary)> {
    let told = |error: RowsError| anyhow::anyhow!(printable(&error.to_string()));
    let mut hashed = HashedFiles::<A>::default();
    for part in parts(&args.hashes)? {
        if stop.load(Ordering::Relaxed) {
            return Err(Interrupted.into());
        }
        hashed.add(&part).map_err(told)?;
    }
    let summary = Summary {
        formats: BTreeMap::new(),
        cached: 0,
        measured: 0,
        bytes: hashed.bytes(),
        threads: pool.current_num_threads(),
        elapsed: Duration::ZERO,
        others: Vec::new(),
    };
    let within = args.within.unwrap_or(A::DEFAULT_THRESHOLD);
    let corpus = pool.install(|| Corpus::hashed_elsewhere(hashed, strata, within, !args.no_dihedral)).map_err(told)?;
    if corpus.files.is_empty() && !args.quiet {
        anstream::eprintln!("presend: no hashes to read");
    }
    Ok((corpus, summary))
}

/// The part files that are named, and those of folders, in the order of their paths. Names that begin with a dot or an
/// underscore are those of files that are being written, and of notes of the engines that write parts.
fn parts(paths: &[PathBuf]) -> Result<Vec<PathBuf>> {
    let mut parts = Vec::new();
    for path in paths {
        if !path.is_dir() {
            parts.push(path.clone());
            continue;
        }
        let list = |folder: &Path| -> io::Result<Vec<PathBuf>> {
            let entries = fs::read_dir(folder)?.map(|entry| Ok(entry?.path())).collect::<io::Result<Vec<_>>>()?;
            let is_part = |path: &PathBuf| {
                path.file_name().is_some_and(|name| !matches!(name.as_encoded_bytes().first(), Some(b'.' | b'_')))
            };
            Ok(entries.into_iter().filter(is_part).collect())
        };
        let mut left = vec![path.clone()];
        while let Some(folder) = left.pop() {
            let entries = list(&folder).map_err(|error| input::InputError::from(error).naming(&folder))?;
            let (folders, files): (Vec<_>, Vec<_>) =
                entries.into_iter().partition(|entry| entry.is_dir() && !entry.is_symlink());
            left.extend(folders);
            parts.extend(files);
        }
    }
    parts.sort();
    parts.dedup();
    Ok(parts)
}

/// Every file once, whatever names it more than once.
fn inputs(args: &CorpusArgs) -> Result<Vec<Input>> {
    let mut inputs = input::collect(&args.inputs)?;
    if inputs.iter().any(|input| matches!(input, Input::Stdin)) {
        bail!("a corpus is read from files: name them, or their names with --files-from");
    }
    inputs.sort_by(|a, b| a.path().cmp(b.path()));
    inputs.dedup_by(|a, b| a.path() == b.path());
    if inputs.is_empty() && !args.quiet {
        anstream::eprintln!("presend: no files to read");
    }
    Ok(inputs)
}

fn strata(args: &CorpusArgs) -> Result<Strata> {
    let elsewhere = !args.hashes.is_empty();
    let strata = args.strata.as_deref().unwrap_or(Path::new(if elsewhere { "folder" } else { "auto" }));
    Ok(match strata.to_str() {
        Some("auto") if elsewhere => {
            bail!("--strata auto goes by pixels, which --hashes does not tell: do --strata folder, or name a table")
        }
        Some("auto") => Strata::Auto { gate: args.min_quality },
        Some("folder") => Strata::Folder,
        _ => {
            let file = strata;
            let bytes = fs::read(file).map_err(|error| input::InputError::from(error).naming(file))?;
            let table =
                StrataTable::parse(&bytes, file).map_err(|error| anyhow::anyhow!(printable(&error.to_string())))?;
            Strata::Table(table)
        }
    })
}

/// The folder for caches; none with `--no-cache`.
pub(super) fn cache_folder(args: &CorpusArgs) -> Result<Option<PathBuf>> {
    if args.no_cache {
        return Ok(None);
    }
    let folder_of = |name| std::env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    let caches = || folder_of("XDG_CACHE_HOME").or_else(|| Some(folder_of("HOME")?.join(".cache")));
    let folder = args.cache.clone().or_else(|| Some(caches()?.join("presend").join("eval")));
    Ok(Some(folder.context("there is no folder for caches: name one with --cache, or do --no-cache")?))
}

fn cache<A: Algorithm>(args: &CorpusArgs, limits: &Limits) -> Result<Option<Cache<A>>> {
    let Some(folder) = cache_folder(args)? else { return Ok(None) };
    let cache = Cache::open(&folder, limits).context("--no-cache does without")?;
    for ignored in cache.ignored() {
        let reason = printable(&ignored.reason);
        anstream::eprintln!("presend: {} is not used: {reason}", shown(&ignored.path));
    }
    Ok(Some(cache))
}

pub(super) fn describe<A: Algorithm>(_: A, args: &CorpusCommand) -> Result<Status> {
    let folder = &args.output;
    fs::create_dir_all(folder).with_context(|| format!("cannot make {}", shown(folder)))?;
    let pairs = folder.join("pairs.csv");
    // What a person says in it meanwhile is not to be lost.
    let held = write::hold(&pairs)?;
    let (corpus, summary) = load_judged::<A>(&args.corpus, held.exists().then_some(&pairs))?;
    put(&folder.join("manifest.csv"), |file| write_manifest(&corpus, &summary.formats, file))?;
    write::put(&pairs, Some(held), |file| write_pairs(&corpus, &summary.others, file))?;
    let limits = args.corpus.hashing.limits();
    let sheet = contact_sheet(&corpus, &summary.others, |file| small_picture(&corpus.files[file], &limits));
    put(&folder.join("contact-sheet.html"), |file| file.write_all(sheet.as_bytes()))?;
    if !args.corpus.quiet {
        output::write_all(told(&corpus, &summary).as_bytes())?;
    }
    Ok(Status::Clean)
}

fn put(path: &Path, content: impl FnOnce(&mut fs::File) -> io::Result<()>) -> Result<()> {
    write::whole_by(path, Readers::Everyone, Existing::Replace, content)
}

/// A small JPEG of a file, by the first of its names that can be read and still holds it.
pub(super) fn small_picture<A: Algorithm>(file: &File<A>, limits: &Limits) -> Option<Vec<u8>> {
    file.paths.iter().find_map(|path| {
        let bytes = fs::read(path).ok()?;
        thumbnail(&bytes, limits).ok().filter(|_| Some(Digest::of(&bytes)) == file.digest)
    })
}

/// The corpus for people.
fn told<A: Algorithm>(corpus: &Corpus<A>, summary: &Summary) -> String {
    let mut outcomes: BTreeMap<&str, usize> = BTreeMap::new();
    let mut strata: BTreeMap<&str, usize> = BTreeMap::new();
    for file in &corpus.files {
        let outcome = match &file.outcome {
            Outcome::Hashed(_) => continue,
            Outcome::Failed { code, .. } => code.as_str(),
            Outcome::NotAPicture => "not a picture",
        };
        *outcomes.entry(outcome).or_default() += 1;
    }
    corpus.hashed().for_each(|(_, file, _)| *strata.entry(&file.stratum).or_default() += 1);
    let hashed = corpus.hashed().count();
    let clusters = corpus.clusters();
    let independent = corpus.hashed().filter(|&(at, ..)| clusters[at] == at).count();
    let classed = |class| corpus.near.iter().filter(|near| near.class == class).count();
    let mut text = String::new();
    let mut row = |name: &str, number: usize| {
        // Writing to memory does not fail.
        let _ = writeln!(text, "{name:<24}{number:>9}");
    };
    row("files", corpus.named());
    row("  hashed", hashed);
    row("  exact duplicates", corpus.duplicates());
    outcomes.iter().for_each(|(outcome, &number)| row(&format!("  {outcome}"), number));
    row("hashed, by kind", hashed);
    strata.iter().for_each(|(stratum, &number)| row(&format!("  {}", printable(stratum)), number));
    row(&format!("pairs within {} bits", corpus.within), corpus.near.len());
    Class::ALL.into_iter().for_each(|class| row(&format!("  {class}"), classed(Some(class))));
    row("  not judged", corpus.unadjudicated());
    row("    of low quality", corpus.unadjudicated() - corpus.unadjudicated_at(Quality::DEFAULT_GATE));
    row("independent pictures", independent);
    row("in the cache", summary.cached);
    row("decoded", summary.measured);
    let seconds = summary.elapsed.as_secs_f64();
    let _ = writeln!(
        text,
        "{:.1} MB in {seconds:.1} s ({:.0} files/s, {})",
        summary.bytes as f64 / 1e6,
        corpus.named() as f64 / seconds.max(1e-9),
        count(summary.threads, "thread", "threads")
    );
    text
}
