//! `presend set`: the list owner's side, and the endorsers'.

mod args;
mod build;
mod enrol;
mod info;
mod keys;
mod lists;
mod merge;

use anyhow::Result;
pub(crate) use args::SetCommand;

use crate::output::Status;

/// Calls a function that is generic over the algorithm with one whose hashes can be sealed.
macro_rules! with_sealable {
    ($name:expr, $function:ident($($argument:expr),* $(,)?)) => {
        match $name {
            presend_core::AlgorithmId::Pdq => $function::<presend_core::Pdq>($($argument),*),
            presend_core::AlgorithmId::Pdq512 => $function::<presend_core::Pdq512>($($argument),*),
            other => anyhow::bail!("hashes by {other} cannot be sealed"),
        }
    };
}

use with_sealable;

pub(crate) fn run(command: &SetCommand) -> Result<Status> {
    match command {
        SetCommand::Build(args) => build::build(args),
        SetCommand::Enrol(args) => enrol::run(args),
        SetCommand::Info(args) => info::info(args),
        SetCommand::Verify(args) => info::verify(args),
        SetCommand::Sign(args) => keys::sign(args),
        SetCommand::Keygen(args) => keys::keygen(args),
        SetCommand::Merge(args) => merge::merge(args),
        SetCommand::Diff(args) => merge::diff(args),
        SetCommand::Revoke(args) => build::revoke(args),
        SetCommand::Export(args) => merge::export(args),
    }
}
