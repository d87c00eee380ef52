//! `presend eval`: measuring. Every verb measures on a corpus, which [`corpus::load`] reads.

mod args;
mod corpus;
mod print;
mod recall;

use anyhow::Result;
use clap::Subcommand;
use corpus::describe;
use recall::describe as edits;

use crate::algorithm::with_algorithm;
use crate::output::Status;

#[derive(Debug, Subcommand)]
pub(crate) enum EvalCommand {
    /// List pictures, what kind each is, and which are near one another, for a person to judge
    Corpus(corpus::CorpusCommand),
    /// Measure how often copies are still found after ordinary edits
    Recall(recall::RecallCommand),
}

pub(crate) fn run(command: &EvalCommand) -> Result<Status> {
    match command {
        EvalCommand::Corpus(args) => with_algorithm!(args.corpus.hashing.algorithm.id(), describe(args)),
        EvalCommand::Recall(args) => with_algorithm!(args.corpus.hashing.algorithm.id(), edits(args)),
    }
}
