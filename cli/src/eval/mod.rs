//! `presend eval`: measuring. Every verb measures on a corpus, which [`corpus::load`] reads.

mod corpus;

use anyhow::Result;
use clap::Subcommand;
use corpus::describe;

use crate::algorithm::with_algorithm;
use crate::output::Status;

#[derive(Debug, Subcommand)]
pub(crate) enum EvalCommand {
    /// List pictures, what kind each is, and which are near one another, for a person to judge
    Corpus(corpus::CorpusCommand),
}

pub(crate) fn run(command: &EvalCommand) -> Result<Status> {
    match command {
        EvalCommand::Corpus(args) => with_algorithm!(args.corpus.hashing.algorithm.id(), describe(args)),
    }
}
