//! The command line.

use std::ffi::OsString;
use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::time::Duration;

use clap::builder::PossibleValuesParser;
use clap::{ArgAction, Args, Parser, Subcommand, ValueEnum, ValueHint};
use presend_core::{Algorithm, AlgorithmId, Effort, Limits, Precision, Quality, Threshold};

use crate::eval::EvalCommand;
use crate::index::IndexCommand;
use crate::set::SetCommand;

/// Hash images perceptually and match them against lists of known hashes, on this machine.
///
/// Nothing is uploaded and nothing is reported: the outcome is the output and the exit status.
#[derive(Debug, Parser)]
#[command(version, max_term_width = 100, after_help = EXIT_CODES)]
pub(crate) struct Cli {
    #[command(subcommand)]
    pub(crate) command: Command,
}

const EXIT_CODES: &str = "\
Exit status:
    0  nothing matched
    1  at least one match
    2  an error, or an input that could not be scanned or judged (the summary has all counts)
    3  a bad or untrusted set or list
  130  interrupted";

const HASH_EXIT_CODES: &str = "\
Exit status:
    0  every picture was hashed
    2  an error, or a file that could not be hashed
  130  interrupted";

const COMPARE_EXIT_CODES: &str = "\
Exit status:
    0  no pair matches
    1  at least one pair matches
    2  an error, or a picture of too low a quality to judge";

const SET_EXIT_CODES: &str = "\
Exit status:
    0  done
    1  `diff`: the lists differ
    2  an error
    3  a bad or untrusted set or list
  130  `enrol`: interrupted, and no list written";

const INDEX_EXIT_CODES: &str = "\
Exit status:
    0  done
    2  an error
    3  a bad list or index file";

const EVAL_EXIT_CODES: &str = "\
Exit status:
    0  done; pictures that cannot be hashed are counted
    2  an error
  130  interrupted";

#[derive(Debug, Subcommand)]
#[expect(clippy::large_enum_variant, reason = "there is one")]
pub(crate) enum Command {
    /// Show what scanning is like, on pictures that come with the program
    Demo(DemoArgs),
    /// Match images against lists of known hashes
    #[command(after_help = EXIT_CODES)]
    Scan(ScanArgs),
    /// Print the hash of each image
    #[command(after_help = HASH_EXIT_CODES)]
    Hash(HashArgs),
    /// Print how far images or hashes are from one another
    #[command(after_help = COMPARE_EXIT_CODES)]
    Compare(CompareArgs),
    /// Make, sign and inspect sealed sets, and the lists they are made from
    #[command(after_help = SET_EXIT_CODES)]
    Set {
        #[command(subcommand)]
        command: SetCommand,
    },
    /// Put lists of known hashes into a file that a scan need not parse
    #[command(after_help = INDEX_EXIT_CODES)]
    Index {
        #[command(subcommand)]
        command: IndexCommand,
    },
    /// Measure how often matches are wrong and copies are missed
    #[command(after_help = EVAL_EXIT_CODES)]
    Eval {
        #[command(subcommand)]
        command: EvalCommand,
    },
    /// Print a shell's completions
    Completions {
        /// The shell
        shell: clap_complete::Shell,
    },
    /// Print the manual page, of the program or of one of its commands
    Man {
        /// The command
        command: Option<String>,
    },
}

#[derive(Debug, Args)]
pub(crate) struct DemoArgs {
    /// Also look for turned and mirrored copies
    #[arg(long)]
    pub(crate) dihedral: bool,
    /// How to print results; the formats are described in docs/output.md
    #[arg(long, value_enum, default_value_t = OutputFormat::Human, help_heading = "Output")]
    pub(crate) format: OutputFormat,
    #[command(flatten)]
    pub(crate) run: RunArgs,
}

#[derive(Debug, Args)]
pub(crate) struct ScanArgs {
    #[command(flatten)]
    pub(crate) known: KnownArgs,
    #[command(flatten)]
    pub(crate) matching: MatchingArgs,
    /// Also look up what a picture may have been before an edit, 0 to 6: each step doubles the lookups and their cost
    #[arg(long, value_name = "STEPS", default_value = "0", help_heading = "Matching")]
    pub(crate) effort: Effort,
    #[command(flatten)]
    pub(crate) inputs: InputArgs,
    #[command(flatten)]
    pub(crate) hashing: HashingArgs,
    #[command(flatten)]
    pub(crate) precision: PrecisionArgs,
    #[command(flatten)]
    pub(crate) time: TimeArgs,
    /// How to print results; the formats are described in docs/output.md
    #[arg(long, value_enum, default_value_t = OutputFormat::Human, help_heading = "Output")]
    pub(crate) format: OutputFormat,
    #[command(flatten)]
    pub(crate) run: RunArgs,
    /// Number files instead of naming them, in results and messages
    #[arg(long, help_heading = "Output")]
    pub(crate) redact_paths: bool,
    /// Exit with 0 where it would be 1 or 2
    #[arg(long, help_heading = "Output")]
    pub(crate) exit_zero: bool,
}

#[derive(Debug, Args)]
pub(crate) struct HashArgs {
    #[command(flatten)]
    pub(crate) inputs: InputArgs,
    #[command(flatten)]
    pub(crate) hashing: HashingArgs,
    #[command(flatten)]
    pub(crate) precision: PrecisionArgs,
    #[command(flatten)]
    pub(crate) time: TimeArgs,
    /// Print the hashes of the picture turned and mirrored in all eight ways
    #[arg(long, conflicts_with = "fast")]
    pub(crate) dihedral: bool,
    /// Also print the SHA-256 of each file and its length: with --dihedral, all that `presend eval --hashes` needs
    #[arg(long)]
    pub(crate) digest: bool,
    /// How to print results; the formats are described in docs/output.md
    #[arg(long, value_enum, default_value_t = HashFormat::Human, help_heading = "Output")]
    pub(crate) format: HashFormat,
    /// Where to write results, all or nothing [default: standard output]
    #[arg(short, long, value_name = "FILE", help_heading = "Output", value_hint = ValueHint::FilePath)]
    pub(crate) output: Option<PathBuf>,
    /// Number files instead of naming them, in results and messages
    #[arg(long, help_heading = "Output")]
    pub(crate) redact_paths: bool,
    #[command(flatten)]
    pub(crate) run: RunArgs,
}

#[derive(Debug, Args)]
pub(crate) struct CompareArgs {
    /// Image files or hashes, two or more; `-` reads an image from standard input
    #[arg(value_name = "IMAGE|HASH", required = true, num_args = 2.., value_hint = ValueHint::FilePath)]
    pub(crate) operands: Vec<OsString>,
    #[command(flatten)]
    pub(crate) matching: MatchingArgs,
    #[command(flatten)]
    pub(crate) hashing: HashingArgs,
    #[command(flatten)]
    pub(crate) time: TimeArgs,
    /// How to print; the formats are described in docs/output.md
    #[arg(long, value_enum, default_value_t = OutputFormat::Human, help_heading = "Output")]
    pub(crate) format: OutputFormat,
}

/// What pictures are matched against.
#[derive(Debug, Args)]
#[command(next_help_heading = "Matching")]
pub(crate) struct KnownArgs {
    /// A list of known hashes (repeatable): one per line, or CSV with a `hash` column
    #[arg(long = "list", value_name = "FILE", required_unless_present_any = ["sets", "indexes"], value_hint = ValueHint::FilePath)]
    pub(crate) lists: Vec<PathBuf>,
    /// An index file that `presend index build` has made of lists (repeatable): they need not be read again
    #[arg(long = "index", value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(crate) indexes: Vec<PathBuf>,
    /// A sealed set; repeat for its updates, of which the newest counts
    #[arg(long = "set", value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(crate) sets: Vec<PathBuf>,
    #[command(flatten)]
    pub(crate) trust: TrustArgs,
}

/// Whom a sealed set must be endorsed by.
#[derive(Debug, Args)]
#[command(next_help_heading = "Trust")]
pub(crate) struct TrustArgs {
    /// Whose endorsements count, and how many are needed: a trust file
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(crate) trust: Option<PathBuf>,
    /// Use a set that nobody vouches for
    #[arg(long, conflicts_with = "trust")]
    pub(crate) allow_unsigned: bool,
    /// Remember in a file which version was seen last, and refuse older ones
    #[arg(long, value_name = "FILE", requires = "trust", value_hint = ValueHint::FilePath)]
    pub(crate) seen: Option<PathBuf>,
}

/// When pictures count as the same.
#[derive(Debug, Args)]
#[command(next_help_heading = "Matching")]
pub(crate) struct MatchingArgs {
    /// The largest distance that is a match, in bits [default: 31 for pdq and pdq-512, 8 for the others]
    #[arg(long, value_name = "BITS", value_parser = parse_threshold)]
    pub(crate) threshold: Option<Threshold>,
    /// Do not judge pictures of a lower quality, 0 to 100: they are inconclusive
    #[arg(long, value_name = "QUALITY", default_value = "50", value_parser = parse_quality)]
    pub(crate) min_quality: Quality,
    /// Also look for turned and mirrored copies
    #[arg(long)]
    pub(crate) dihedral: bool,
}

/// What is read.
#[derive(Debug, Args)]
#[command(next_help_heading = "Input")]
pub(crate) struct InputArgs {
    /// Image files and folders; `-` reads one image from standard input
    #[arg(value_name = "PATH", required_unless_present = "files_from", value_hint = ValueHint::AnyPath)]
    pub(crate) paths: Vec<PathBuf>,
    /// Read paths from a file, one per line; `-` reads them from standard input
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(crate) files_from: Option<PathBuf>,
    /// Paths in --files-from end with a zero byte, not a line feed
    #[arg(short = '0', long = "null", requires = "files_from")]
    pub(crate) null: bool,
    /// In folders, also read hidden files and folders
    #[arg(long)]
    pub(crate) hidden: bool,
    /// In folders, also read what .gitignore and .ignore files leave out
    #[arg(long)]
    pub(crate) no_ignore: bool,
    /// In folders, read only files that match, or with a leading `!` only those that do not (repeatable)
    #[arg(short, long = "glob", value_name = "GLOB")]
    pub(crate) globs: Vec<String>,
}

/// How pictures become hashes.
#[derive(Debug, Args)]
#[command(next_help_heading = "Hashing")]
pub(crate) struct HashingArgs {
    #[command(flatten)]
    pub(crate) algorithm: AlgorithmArgs,
    #[command(flatten)]
    limits: LimitArgs,
}

impl HashingArgs {
    /// The limits chosen.
    pub(crate) fn limits(&self) -> Limits {
        self.limits.limits()
    }
}

/// What a picture may ask for.
#[derive(Debug, Args)]
#[command(next_help_heading = "Limits")]
pub(crate) struct LimitArgs {
    /// Limits on pictures; docs/limits.md says which there are
    #[arg(long, value_name = "WHERE", value_enum, default_value_t = LimitsName::Server)]
    limits: LimitsName,
    /// The longest file to read, in bytes [default: that of --limits]
    #[arg(long, value_name = "BYTES")]
    max_bytes: Option<u64>,
    /// The largest picture or frame to decode, in pixels [default: that of --limits]
    #[arg(long, value_name = "PIXELS")]
    max_pixels: Option<u64>,
    /// The longest animation to decode to its end, in frames [default: that of --limits]
    #[arg(long, value_name = "FRAMES")]
    max_frames: Option<u32>,
    /// The most memory to decode a picture in, in bytes, for each thread [default: that of --limits]
    #[arg(long, value_name = "BYTES")]
    max_memory: Option<u64>,
}

/// Named limits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum LimitsName {
    /// Those of an app on a telephone
    Phone,
    /// Those of a worker in a browser
    Browser,
    /// Those of a server or a desktop
    Server,
}

impl LimitArgs {
    fn limits(&self) -> Limits {
        let mut limits = match self.limits {
            LimitsName::Phone => Limits::PHONE,
            LimitsName::Browser => Limits::BROWSER,
            LimitsName::Server => Limits::SERVER,
        };
        limits.bytes = self.max_bytes.unwrap_or(limits.bytes);
        limits.pixels = self.max_pixels.unwrap_or(limits.pixels);
        limits.frames = self.max_frames.unwrap_or(limits.frames);
        limits.memory = self.max_memory.unwrap_or(limits.memory);
        limits
    }
}

/// Which hashes.
#[derive(Debug, Args)]
pub(crate) struct AlgorithmArgs {
    /// The hash algorithm
    #[arg(
        long,
        value_name = "NAME",
        default_value = AlgorithmId::Pdq.name(),
        value_parser = PossibleValuesParser::new(AlgorithmId::ALL.map(AlgorithmId::name))
    )]
    algorithm: String,
}

impl AlgorithmArgs {
    /// The algorithm chosen.
    pub(crate) fn id(&self) -> AlgorithmId {
        self.algorithm.parse().expect("clap admits only known names")
    }
}

/// How exactly pictures are hashed.
#[derive(Debug, Args)]
#[command(next_help_heading = "Hashing")]
pub(crate) struct PrecisionArgs {
    /// Hash most JPEG files without decoding them: quicker, to within a few bits (pdq only)
    #[arg(long)]
    pub(crate) fast: bool,
}

impl PrecisionArgs {
    /// The precision chosen, if the algorithm has it.
    pub(crate) fn of<A: Algorithm>(&self) -> anyhow::Result<Precision> {
        match self.fast {
            false => Ok(Precision::Exact),
            true if A::FAST.is_some() => Ok(Precision::Fast),
            true => anyhow::bail!("--fast is for pdq: there is no fast way to hash by {}", A::ID),
        }
    }
}

/// How long a picture may take.
#[derive(Debug, Args)]
#[command(next_help_heading = "Limits")]
pub(crate) struct TimeArgs {
    /// Give a picture up after so many seconds, without the time to read the file; 0 to wait for ever
    #[arg(long, value_name = "SECONDS", default_value = "60", value_parser = parse_seconds)]
    max_seconds: Duration,
}

impl TimeArgs {
    /// The limit chosen, if there is one.
    pub(crate) fn limit(&self) -> Option<Duration> {
        Some(self.max_seconds).filter(|limit| !limit.is_zero())
    }
}

/// How the work is done and shown.
#[derive(Debug, Args)]
#[command(next_help_heading = "Output")]
pub(crate) struct RunArgs {
    /// Threads [default: one per core]
    #[arg(short, long, value_name = "N")]
    pub(crate) jobs: Option<NonZeroUsize>,
    /// Results and errors only: no progress, no summary, no hints
    #[arg(short, long, conflicts_with = "verbose")]
    pub(crate) quiet: bool,
    /// Say what is done, on standard error (repeat for more)
    #[arg(short, long, action = ArgAction::Count)]
    pub(crate) verbose: u8,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum OutputFormat {
    /// Lines for people
    Human,
    /// One JSON object per line
    Ndjson,
    /// Comma-separated values with a header
    Csv,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum HashFormat {
    /// Lines for people
    Human,
    /// One JSON object per line
    Ndjson,
    /// Comma-separated values with a header
    Csv,
    /// Parquet, compressed by Snappy
    Parquet,
}

pub(crate) fn parse_threshold(text: &str) -> Result<Threshold, String> {
    text.parse().map_err(|_| "expected a whole number of bits".into())
}

pub(crate) fn parse_quality(text: &str) -> Result<Quality, String> {
    text.parse().ok().and_then(Quality::new).ok_or_else(|| "expected a whole number from 0 to 100".into())
}

fn parse_seconds(text: &str) -> Result<Duration, String> {
    let seconds = text.parse().ok().and_then(|seconds| Duration::try_from_secs_f64(seconds).ok());
    seconds.ok_or_else(|| "expected a number of seconds".into())
}
