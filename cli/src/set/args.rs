//! The command line of `presend set`.

use std::path::PathBuf;

use clap::{ArgAction, Args, Subcommand, ValueEnum, ValueHint};
use presend_core::{Quality, Radius, Threshold};
use presend_hashsets::import::Shape;
use presend_hashsets::ops::Source;

use crate::args::{HashingArgs, InputArgs, RunArgs, TimeArgs, TrustArgs, parse_quality, parse_threshold};

#[derive(Debug, Subcommand)]
pub(crate) enum SetCommand {
    /// Seal lists into a set that can be matched but not read
    Build(BuildArgs),
    /// Hash pictures, and their variants, into a list
    Enrol(EnrolArgs),
    /// Print what a set or a list holds, and how well it is protected
    Info(InfoArgs),
    /// Check that a set is what its endorsers signed
    Verify(VerifyArgs),
    /// Endorse a set
    Sign(SignArgs),
    /// Make a key for an endorser
    Keygen(KeygenArgs),
    /// Merge lists into one
    Merge(MergeArgs),
    /// Print what changed from one list to another
    Diff(DiffArgs),
    /// Take entries out of a set, as its next version
    Revoke(RevokeArgs),
    /// Write a list in another shape; a sealed set cannot be exported
    Export(ExportArgs),
}

/// Lists, and who they are from.
#[derive(Debug, Args)]
#[command(next_help_heading = "Lists")]
pub(crate) struct ListArgs {
    /// Lists in any shape that can be told by content: lines, CSV, NCMEC XML, StopNCII, Meta, Tech Against Terrorism or
    /// HMA JSON. The source of each is the name of its file
    #[arg(value_name = "LIST", required_unless_present = "sources", value_hint = ValueHint::FilePath)]
    pub(crate) lists: Vec<PathBuf>,
    /// A list and the organisation it is from (repeatable): later files of one source take precedence
    #[arg(long = "source", num_args = 2, value_names = ["ORGANISATION", "LIST"], action = ArgAction::Append)]
    pub(crate) sources: Vec<String>,
    /// The shape of the lists, where content does not tell
    #[arg(long, value_name = "SHAPE", value_parser = clap::builder::PossibleValuesParser::new(Shape::ALL.map(Shape::name)))]
    pub(crate) from: Option<String>,
    /// The hash algorithm of the lists
    #[arg(long, value_name = "NAME", default_value = "pdq", value_parser = ["pdq", "pdq-512"])]
    pub(crate) algorithm: String,
    /// Go on although records cannot be used
    #[arg(long)]
    pub(crate) skip_faults: bool,
}

/// Which entries are kept.
#[derive(Debug, Args)]
#[command(next_help_heading = "Selection")]
pub(crate) struct SelectArgs {
    /// Keep what at least so many sources list
    #[arg(long, value_name = "K")]
    pub(crate) require_sources: Option<std::num::NonZeroUsize>,
    /// Within which distance two sources list the same picture
    #[arg(long, value_name = "BITS", default_value = "0", value_parser = parse_threshold)]
    pub(crate) within: Threshold,
    /// Put entries within so many bits of one another into one cluster
    #[arg(long, value_name = "BITS", value_parser = parse_threshold)]
    pub(crate) cluster: Option<Threshold>,
}

#[derive(Debug, Args)]
pub(crate) struct BuildArgs {
    #[command(flatten)]
    pub(crate) lists: ListArgs,
    #[command(flatten)]
    pub(crate) select: SelectArgs,
    /// Where to write the set
    #[arg(short, long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(crate) output: PathBuf,
    /// Within which distance entries are found: 8, 12, 16, 18, 20, 22 or 24. A larger one finds more edits and publishes more
    /// of each hash
    #[arg(long, value_name = "BITS", default_value = "16", value_parser = parse_radius, help_heading = "Sealing")]
    pub(crate) radius: Radius,
    /// Drop hashes whose quality is known to be lower: they are easy to guess
    #[arg(long, value_name = "QUALITY", default_value = "80", value_parser = parse_quality, help_heading = "Sealing")]
    pub(crate) min_quality: Quality,
    /// Keep every entry of a cluster, not one: for variants of one image
    #[arg(long, help_heading = "Sealing")]
    pub(crate) all_variants: bool,
    /// Leave labels out
    #[arg(long, help_heading = "Sealing")]
    pub(crate) no_labels: bool,
    /// The set's name [default: the name of the file]
    #[arg(long, help_heading = "Manifest")]
    pub(crate) name: Option<String>,
    /// The version, which must grow from release to release [default: 1, or one more than the set that is added to]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..), help_heading = "Manifest")]
    pub(crate) set_version: Option<u64>,
    /// For how many days the set may be used
    #[arg(long, value_name = "DAYS", default_value = "90", value_parser = clap::value_parser!(u32).range(1..=3660), help_heading = "Manifest")]
    pub(crate) valid_days: u32,
    /// Add the entries to this set: the output is its next version, and holds only the new segment
    #[arg(long, value_name = "SET", value_hint = ValueHint::FilePath, help_heading = "Manifest")]
    pub(crate) add_to: Vec<PathBuf>,
}

#[derive(Debug, Args)]
pub(crate) struct EnrolArgs {
    #[command(flatten)]
    pub(crate) inputs: InputArgs,
    #[command(flatten)]
    pub(crate) hashing: HashingArgs,
    /// Where to write the list
    #[arg(short, long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(crate) output: PathBuf,
    /// Also enrol the hashes of each picture's ordinary edits, as entries of the same cluster
    #[arg(long)]
    pub(crate) variants: bool,
    /// Leave pictures of a lower quality out
    #[arg(long, value_name = "QUALITY", default_value = "80", value_parser = parse_quality)]
    pub(crate) min_quality: Quality,
    #[command(flatten)]
    pub(crate) time: TimeArgs,
    #[command(flatten)]
    pub(crate) run: RunArgs,
}

#[derive(Debug, Args)]
pub(crate) struct InfoArgs {
    /// A sealed set, with its updates, or a list
    #[arg(value_name = "FILE", required = true, value_hint = ValueHint::FilePath)]
    pub(crate) files: Vec<PathBuf>,
    /// How to print
    #[arg(long, value_enum, default_value_t = InfoFormat::Human)]
    pub(crate) format: InfoFormat,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum InfoFormat {
    /// Lines for people
    Human,
    /// One JSON object
    Json,
}

#[derive(Debug, Args)]
pub(crate) struct VerifyArgs {
    /// A sealed set, with its updates
    #[arg(value_name = "SET", required = true, value_hint = ValueHint::FilePath)]
    pub(crate) sets: Vec<PathBuf>,
    #[command(flatten)]
    pub(crate) trust: TrustArgs,
}

#[derive(Debug, Args)]
pub(crate) struct SignArgs {
    /// A sealed set
    #[arg(value_name = "SET", value_hint = ValueHint::FilePath)]
    pub(crate) set: PathBuf,
    /// The endorser's key, made by `presend set keygen`
    #[arg(long, value_name = "FILE", required = true, value_hint = ValueHint::FilePath)]
    pub(crate) key: Vec<PathBuf>,
    /// Where to write the signed set [default: in place]
    #[arg(short, long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(crate) output: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub(crate) struct KeygenArgs {
    /// The organisation that will endorse sets with the key
    #[arg(long, value_name = "NAME")]
    pub(crate) organisation: String,
    /// Where to write the secret key; a file that is there is kept
    #[arg(short, long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(crate) output: PathBuf,
    /// Also add the endorser to this trust file, or begin one
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(crate) trust: Option<PathBuf>,
    /// How many organisations must endorse a set, written into the trust file
    #[arg(long, value_name = "K", requires = "trust")]
    pub(crate) threshold: Option<std::num::NonZeroUsize>,
}

#[derive(Debug, Args)]
pub(crate) struct MergeArgs {
    #[command(flatten)]
    pub(crate) lists: ListArgs,
    #[command(flatten)]
    pub(crate) select: SelectArgs,
    /// Drop hashes whose quality is known to be lower
    #[arg(long, value_name = "QUALITY", default_value = "0", value_parser = parse_quality)]
    pub(crate) min_quality: Quality,
    /// Where to write the list [default: standard output]
    #[arg(short, long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(crate) output: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub(crate) struct DiffArgs {
    /// The old list
    #[arg(value_name = "OLD", value_hint = ValueHint::FilePath)]
    pub(crate) old: PathBuf,
    /// The new list
    #[arg(value_name = "NEW", value_hint = ValueHint::FilePath)]
    pub(crate) new: PathBuf,
    /// The hash algorithm of the lists
    #[arg(long, value_name = "NAME", default_value = "pdq", value_parser = ["pdq", "pdq-512"])]
    pub(crate) algorithm: String,
}

#[derive(Debug, Args)]
pub(crate) struct RevokeArgs {
    /// A sealed set, with its updates
    #[arg(value_name = "SET", required = true, value_hint = ValueHint::FilePath)]
    pub(crate) sets: Vec<PathBuf>,
    /// A list of the hashes to take out
    #[arg(long, value_name = "LIST", required = true, value_hint = ValueHint::FilePath)]
    pub(crate) list: PathBuf,
    /// Where to write the next version, which holds no segments: its readers have them
    #[arg(short, long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(crate) output: PathBuf,
    /// For how many days the new version may be used
    #[arg(long, value_name = "DAYS", default_value = "90", value_parser = clap::value_parser!(u32).range(1..=3660))]
    pub(crate) valid_days: u32,
}

#[derive(Debug, Args)]
pub(crate) struct ExportArgs {
    #[command(flatten)]
    pub(crate) lists: ListArgs,
    /// The shape to write
    #[arg(long, value_enum, default_value_t = ExportFormat::Csv)]
    pub(crate) to: ExportFormat,
    /// Where to write the list [default: standard output]
    #[arg(short, long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(crate) output: Option<PathBuf>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum ExportFormat {
    /// The project's own table
    Csv,
    /// python-threatexchange's typed lines
    Threatexchange,
}

fn parse_radius(text: &str) -> Result<Radius, String> {
    let bits = text.parse().map_err(|_| "expected a whole number of bits".to_owned())?;
    Radius::new(bits).map_err(|error| error.to_string())
}

impl ListArgs {
    /// Every list with its source, in the order in which they take precedence.
    pub(crate) fn named(&self) -> anyhow::Result<Vec<(Source, PathBuf)>> {
        let of_file = |path: &PathBuf| {
            let stem = path.file_stem().unwrap_or(path.as_os_str()).to_string_lossy();
            Ok((stem.parse()?, path.clone()))
        };
        let pairs = self.sources.as_chunks::<2>().0.iter();
        let named = pairs.map(|[source, path]| Ok((source.parse()?, PathBuf::from(path))));
        self.lists.iter().map(of_file).chain(named).collect()
    }
}
