//! `presend index`: files that hold the entries of lists as a scan searches them.

use std::fmt::Write;
use std::path::{Path, PathBuf};

use anyhow::{Result, anyhow};
use clap::{Args, Subcommand, ValueHint};
use presend_core::{Algorithm, AlgorithmId, Index, ListIndex, Pdq};

use crate::algorithm::with_algorithm;
use crate::args::AlgorithmArgs;
use crate::input::InputError;
use crate::known::{self, BadSet};
use crate::output::{self, Status, count, shown};
use crate::write::Held;
use crate::{read, write};

#[derive(Debug, Subcommand)]
pub(crate) enum IndexCommand {
    /// Put lists into an index file
    Build(BuildArgs),
    /// Add lists to an index file; those in it are not read again
    Add(AddArgs),
    /// Print what an index file holds
    Info(InfoArgs),
}

#[derive(Debug, Args)]
pub(crate) struct BuildArgs {
    #[command(flatten)]
    lists: ListArgs,
    #[command(flatten)]
    algorithm: AlgorithmArgs,
    /// Where to write the index
    #[arg(short, long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    output: PathBuf,
}

#[derive(Debug, Args)]
pub(crate) struct AddArgs {
    /// The index file, which is replaced
    #[arg(value_name = "INDEX", value_hint = ValueHint::FilePath)]
    index: PathBuf,
    #[command(flatten)]
    lists: ListArgs,
}

#[derive(Debug, Args)]
pub(crate) struct InfoArgs {
    /// The index file
    #[arg(value_name = "INDEX", value_hint = ValueHint::FilePath)]
    index: PathBuf,
}

#[derive(Debug, Args)]
struct ListArgs {
    /// Lists of known hashes: one per line, or CSV with a `hash` column
    #[arg(value_name = "LIST", required = true, value_hint = ValueHint::FilePath)]
    lists: Vec<PathBuf>,
    /// Go on although lines cannot be used
    #[arg(long)]
    skip_faults: bool,
}

pub(crate) fn run(command: &IndexCommand) -> Result<Status> {
    match command {
        IndexCommand::Build(args) => with_algorithm!(args.algorithm.id(), build(args)),
        IndexCommand::Add(args) => {
            let held = write::hold(&args.index)?;
            with_algorithm!(algorithm_of(&args.index)?, add(args, held))
        }
        IndexCommand::Info(args) => with_algorithm!(algorithm_of(&args.index)?, info(args)),
    }
}

fn algorithm_of(path: &Path) -> Result<AlgorithmId, BadSet> {
    let opened = read::open(path).map_err(|error| BadSet(InputError::from(error).naming(path)))?;
    ListIndex::<Pdq>::algorithm_of(opened.head()).map_err(|error| BadSet(anyhow!("{}: {error}", shown(path))))
}

fn build<A: Algorithm>(_: A, args: &BuildArgs) -> Result<Status> {
    put(ListIndex::<A>::default(), &args.lists, &args.output, None)
}

fn add<A: Algorithm>(_: A, args: &AddArgs, held: Held) -> Result<Status> {
    put(known::open_index::<A>(&args.index)?, &args.lists, &args.index, Some(held))
}

/// Adds lists to an index and writes it. Lines that cannot be used end it unless `--skip-faults` is given.
fn put<A: Algorithm>(mut index: ListIndex<A>, lists: &ListArgs, output: &Path, held: Option<Held>) -> Result<Status> {
    let before = index.len();
    let mut faulty = 0;
    for path in &lists.lists {
        faulty += known::add_list(&mut index, path, false)?;
    }
    if faulty > 0 && !lists.skip_faults {
        let lines = count(faulty, "line", "lines");
        return Err(BadSet(anyhow!("{lines} cannot be used; --skip-faults goes on without them")).into());
    }
    write::put(output, held, |file| index.write(file))?;
    anstream::eprintln!(
        "{}: {} added, {} in all",
        shown(output),
        count(index.len() - before, "entry", "entries"),
        index.len()
    );
    Ok(Status::Clean)
}

fn info<A: Algorithm>(_: A, args: &InfoArgs) -> Result<Status> {
    let index = known::open_index::<A>(&args.index)?;
    let mut text = format!("algorithm  {}\nentries    {}\n", A::ID, index.len());
    for (name, entries) in index.lists() {
        let path = known::path_of_list(name);
        // Writing to memory does not fail.
        let _ = writeln!(text, "list       {}, {}", shown(&path), count(entries, "entry", "entries"));
    }
    output::write_all(text.as_bytes())
}
