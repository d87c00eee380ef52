//! The `presend` command: arguments, files, threads, printing and exit codes. What it prints is computed by the
//! libraries.
#![forbid(unsafe_code)]

mod algorithm;
mod args;
mod compare;
mod demo;
mod eval;
mod hash;
mod index;
mod input;
mod known;
mod output;
mod read;
mod redact;
mod run;
mod scan;
mod set;
mod trust;
mod write;

use std::io::Write;
use std::panic;
use std::process::ExitCode;

use anyhow::{Context, Result, anyhow};
use clap::{CommandFactory, Parser};
use tracing::Level;

use crate::args::{Cli, Command};
use crate::known::BadSet;
use crate::output::Status;
use crate::run::Interrupted;

fn main() -> ExitCode {
    let cli = Cli::parse();
    redact::start(&cli.command);
    log(&cli.command);
    quiet_decoder_panics();
    // What fails to say something, as with standard error on a full disk, panics; nothing that was left undone is clean.
    match panic::catch_unwind(|| run(&cli.command))
        .unwrap_or_else(|_| Err(anyhow!("stopped; run with -vv to see where")))
    {
        Ok(status) => status.into(),
        Err(error) if output::is_broken_pipe(&error) => ExitCode::SUCCESS,
        Err(error) => {
            // Where nobody can be told, the status still says it.
            let _ = writeln!(anstream::stderr(), "presend: {}", redact::message(&format!("{error:#}")));
            let status = match &error {
                error if error.is::<BadSet>() => Status::BadSet,
                error if error.is::<Interrupted>() => Status::Interrupted,
                _ => Status::Error,
            };
            status.into()
        }
    }
}

fn run(command: &Command) -> Result<Status> {
    match command {
        Command::Demo(args) => demo::run(args),
        Command::Scan(args) => scan::run(args),
        Command::Hash(args) => hash::run(args),
        Command::Compare(args) => compare::run(args),
        Command::Set { command } => set::run(command),
        Command::Index { command } => index::run(command),
        Command::Eval { command } => eval::run(command),
        Command::Completions { shell } => {
            let mut script = Vec::new();
            clap_complete::generate(*shell, &mut Cli::command(), "presend", &mut script);
            output::write_all(&script)
        }
        Command::Man { command } => {
            let mut cli = Cli::command();
            cli.build();
            let page = match command {
                None => cli,
                Some(name) => {
                    cli.find_subcommand(name).with_context(|| format!("there is no command {name:?}"))?.clone()
                }
            };
            let mut roff = Vec::new();
            let version = concat!("presend ", env!("CARGO_PKG_VERSION"));
            clap_mangen::Man::new(page).source(version).render(&mut roff)?;
            output::write_all(&roff)
        }
    }
}

/// A panicking decoder is contained and becomes an error of its input; where it happened is for `-vv` only.
fn quiet_decoder_panics() {
    let default = panic::take_hook();
    panic::set_hook(Box::new(move |info| {
        let elsewhere = info.location().is_some_and(|place| place.file().contains("/registry/src/"));
        if elsewhere {
            tracing::debug!("{info}");
        } else {
            default(info);
        }
    }));
}

/// Sends what `-v` asks for to standard error.
fn log(command: &Command) {
    let verbose = match command {
        Command::Demo(args) => args.run.verbose,
        Command::Scan(args) => args.run.verbose,
        Command::Hash(args) => args.run.verbose,
        Command::Set { command: set::SetCommand::Enrol(args) } => args.run.verbose,
        _ => 0,
    };
    let level = match verbose {
        0 => Level::WARN,
        1 => Level::INFO,
        _ => Level::DEBUG,
    };
    tracing_subscriber::fmt()
        .with_max_level(level)
        .with_writer(std::io::stderr)
        .without_time()
        .with_target(false)
        .init();
}
