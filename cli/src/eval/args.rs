//! What `presend eval` is asked.

use std::path::PathBuf;

use clap::{Args, ValueEnum, ValueHint};
use presend_core::{Effort, Threshold};
use presend_eval::rates::Mix;

use crate::args::{TrustArgs, parse_threshold};

/// How what is found is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum FindingsFormat {
    /// Text and tables for people
    Human,
    /// One JSON object for each row of each table
    Ndjson,
    /// Tables; with -o a folder with one file for each
    Csv,
    /// A folder with one file for each table
    Parquet,
}

/// What pictures are looked up among.
#[derive(Debug, Args)]
#[command(next_help_heading = "Matching")]
pub(crate) struct AmongArgs {
    /// Look the pictures up in a list of known hashes instead of among one another (repeatable)
    #[arg(long = "list", value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(crate) lists: Vec<PathBuf>,
    /// Look the pictures up in a sealed set; repeat for its updates, of which the newest counts
    #[arg(long = "set", value_name = "FILE", value_hint = ValueHint::FilePath, conflicts_with = "lists")]
    pub(crate) sets: Vec<PathBuf>,
    #[command(flatten)]
    pub(crate) trust: TrustArgs,
    /// The threshold in use, in bits [default: 31 for pdq and pdq-512, 8 for the others]
    #[arg(long, value_name = "BITS", value_parser = parse_threshold)]
    pub(crate) threshold: Option<Threshold>,
    /// Thresholds to speak of, separated by commas
    #[arg(long, value_name = "BITS,…", value_delimiter = ',')]
    pub(crate) thresholds: Vec<u16>,
    /// The largest distance at which pairs are kept, and so the largest threshold [default: a quarter of the bits]
    #[arg(long, value_name = "BITS")]
    pub(crate) cap: Option<u16>,
    /// What all choices by chance follow from
    #[arg(long, value_name = "NUMBER", default_value_t = 1)]
    pub(crate) seed: u64,
}

/// Counting in parts.
#[derive(Debug, Args)]
#[command(next_help_heading = "Parts")]
pub(crate) struct PartArgs {
    /// Count only this part of the pictures, such as 2/4; needs --counts
    #[arg(long, value_name = "PART/PARTS", value_parser = parse_part, requires = "counts")]
    pub(crate) part: Option<(u32, u32)>,
    /// Write what was counted to a file, for `presend eval merge`
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(crate) counts: Option<PathBuf>,
}

/// Where what is found goes.
#[derive(Debug, Args)]
#[command(next_help_heading = "Output")]
pub(crate) struct FindingsArgs {
    /// How to print
    #[arg(long, value_enum, default_value_t = FindingsFormat::Human)]
    pub(crate) format: FindingsFormat,
    /// Write to this file, or for CSV and Parquet to this folder
    #[arg(short, long = "output", value_name = "PATH", value_hint = ValueHint::AnyPath)]
    pub(crate) output: Option<PathBuf>,
}

/// What is assumed of those who send pictures.
#[derive(Debug, Args)]
#[command(next_help_heading = "People")]
pub(crate) struct PeopleArgs {
    /// Pictures that are sent in a day
    #[arg(long, value_name = "NUMBER", default_value_t = 6.9e9, value_parser = parse_positive)]
    pub(crate) pictures_per_day: f64,
    /// The share of them that is listed
    #[arg(long, value_name = "SHARE", default_value_t = 1e-7, value_parser = parse_share)]
    pub(crate) prevalence: f64,
    /// The share of listed pictures that is matched
    #[arg(long, value_name = "SHARE", default_value_t = 0.95, value_parser = parse_share)]
    pub(crate) recall: f64,
    /// Pictures of an account
    #[arg(long, value_name = "NUMBER", default_value_t = 100_000)]
    pub(crate) account_pictures: u64,
    /// Matches of an account from which on something is done
    #[arg(long, value_name = "NUMBER", default_value_t = 30, value_parser = clap::value_parser!(u64).range(1..=10_000))]
    pub(crate) account_matches: u64,
    /// How likely an account without listed pictures may come that far
    #[arg(long, value_name = "PROBABILITY", default_value_t = 1e-9, value_parser = parse_share)]
    pub(crate) account_target: f64,
    /// Reckon with this rate of false matches per picture, not with the measured one
    #[arg(long, value_name = "RATE", value_parser = parse_share)]
    pub(crate) rate: Option<f64>,
}

/// A mix of strata.
#[derive(Debug, Args)]
pub(crate) struct MixArgs {
    /// The shares that strata have among what is sent, such as photo=0.8,screenshot=0.2 [default: those of the corpus]
    #[arg(long, value_name = "STRATUM=SHARE,…", help_heading = "Matching")]
    pub(crate) mix: Option<Mix>,
}

/// A part, of so many.
pub(crate) fn parse_part(text: &str) -> Result<(u32, u32), String> {
    let parts = text.split_once('/').and_then(|(part, parts)| Some((part.parse().ok()?, parts.parse().ok()?)));
    match parts {
        Some((part, parts)) if (1..=parts).contains(&part) => Ok((part, parts)),
        _ => Err("expected PART/PARTS, such as 2/4".into()),
    }
}

/// A share above 0 and below 1.
pub(crate) fn parse_share(text: &str) -> Result<f64, String> {
    let share = text.parse().ok().filter(|share: &f64| *share > 0.0 && *share < 1.0);
    share.ok_or_else(|| "expected a number between 0 and 1".into())
}

fn parse_positive(text: &str) -> Result<f64, String> {
    let number = text.parse().ok().filter(|number: &f64| *number > 0.0 && number.is_finite());
    number.ok_or_else(|| "expected a number above 0".into())
}

/// Editing pictures.
#[derive(Debug, Args)]
#[command(next_help_heading = "Edits")]
pub(crate) struct RecallArgs {
    /// How many pictures are edited
    #[arg(long, value_name = "NUMBER", default_value_t = 200)]
    pub(crate) pictures: usize,
    /// The effort with which sealed sets are searched, 0 to 6
    #[arg(long, value_name = "STEPS", default_value = "3")]
    pub(crate) effort: Effort,
}
