//! Instructions of the hot kernels, counted by Callgrind: a regression shows without a clock, on a busy machine too.
//!
//! The counts are of the portable code and of AVX2, the most that Debian's Valgrind knows, and of the tests' profile, which
//! is optimised and which CI has built anyway.

use std::fmt::Write as _;
use std::fs;
use std::process::{Command, Stdio};

use anyhow::{Context as _, Result, bail, ensure};

use crate::ci::{cargo_command, step};
use crate::root;

const FILE: &str = "benches/counts.csv";
const BACKENDS: [&str; 2] = ["avx2", "portable"];

/// More than this many times the stored count is a regression.
const WORST: f64 = 1.25;
/// Less than this many times is worth storing, so that it cannot be lost unseen.
const BEST: f64 = 0.8;

#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// Fail where a kernel takes much more than it did
    #[arg(long)]
    check: bool,
    /// Store the counts
    #[arg(long, conflicts_with = "check")]
    write: bool,
    /// Count one lookup in a sealed set by the place of the entry that matches, for `docs/threat-model.md`
    #[arg(long, conflicts_with_all = ["check", "write"])]
    which: bool,
}

struct Count {
    kernel: String,
    backend: String,
    instructions: u64,
}

pub(crate) fn run(arguments: &Arguments) -> Result<()> {
    match arguments {
        Arguments { check: true, .. } => check(),
        Arguments { which: true, .. } => which(),
        Arguments { write, .. } => show(*write),
    }
}

/// Prints how many instructions a lookup among 4,096 entries takes, by the place of the one that matches and its distance.
fn which() -> Result<()> {
    let program = ["--package", "presend-benches", "--example", "which"];
    step("the lookup", cargo_command(&["build"]).args(program))?;
    println!("| distance | entry | instructions, AVX2 | portable |\n|---|---|---|---|");
    for (distance, seeds) in [("none", 1..=3), ("0", 1..=8), ("8", 1..=3), ("16", 1..=3)] {
        let mut rows = Vec::new();
        for seed in seeds {
            let [fast, portable] =
                BACKENDS.map(|backend| callgrind(&program, &[&format!("{seed}"), distance, backend]));
            let (entry, fast) = fast?;
            rows.push((entry, fast, portable?.1));
        }
        rows.sort_by_key(|(entry, ..)| entry.trim().parse::<u32>().ok());
        for (entry, fast, portable) in rows {
            println!("| {distance} | {} | {fast} | {portable} |", entry.trim());
        }
    }
    Ok(())
}

/// What a program prints, and the instructions of what it wants counted.
fn callgrind(program: &[&str], arguments: &[&str]) -> Result<(String, u64)> {
    let file = "target/counts.callgrind";
    let callgrind = "valgrind --quiet --tool=callgrind --collect-atstart=no --toggle-collect=*counted*";
    let mut run = cargo_command(&["run", "--quiet"]);
    run.args(program).arg("--").args(arguments);
    run.env("CARGO_TARGET_X86_64_UNKNOWN_LINUX_GNU_RUNNER", format!("{callgrind} --callgrind-out-file={file}"));
    let printed = output(&mut run)?;
    let counted = fs::read_to_string(root().join(file)).context("Callgrind wrote nothing")?;
    let total = counted.lines().find_map(|line| line.strip_prefix("totals: ")).context("no total")?;
    let instructions = total.parse().with_context(|| format!("not a number: {total}"))?;
    ensure!(instructions > 0, "nothing of {arguments:?} was counted");
    Ok((printed, instructions))
}

/// Compares with the stored counts.
pub(crate) fn check() -> Result<()> {
    let stored = fs::read_to_string(root().join(FILE)).with_context(|| format!("cannot read {FILE}"))?;
    let stored = parse(&stored).with_context(|| format!("{FILE} is damaged"))?;
    let Some(counts) = counts()? else { return Ok(()) };
    let mut worse = Vec::new();
    for Count { kernel, backend, instructions } in &counts {
        let Some(before) = stored.iter().find(|stored| stored.kernel == *kernel && stored.backend == *backend) else {
            bail!("{FILE} lacks {kernel} ({backend}): add it with `cargo xtask counts --write`");
        };
        let ratio = *instructions as f64 / before.instructions as f64;
        println!("{kernel:24} {backend:8} {instructions:>12} {ratio:.3} of {}", before.instructions);
        if ratio > WORST {
            worse.push(format!("{kernel} ({backend}) takes {ratio:.2} times as many instructions as before"));
        } else if ratio < BEST {
            println!("    much fewer: store them with `cargo xtask counts --write`");
        }
    }
    ensure!(stored.len() == counts.len(), "{FILE} names kernels that are gone: `cargo xtask counts --write`");
    ensure!(worse.is_empty(), "{}; if it must be, `cargo xtask counts --write`", worse.join(", "));
    Ok(())
}

fn show(write: bool) -> Result<()> {
    let Some(counts) = counts()? else { return Ok(()) };
    let mut table = "kernel,backend,instructions\n".to_owned();
    for Count { kernel, backend, instructions } in counts {
        writeln!(table, "{kernel},{backend},{instructions}")?;
    }
    if write {
        fs::write(root().join(FILE), table).with_context(|| format!("cannot write {FILE}"))?;
    } else {
        print!("{table}");
    }
    Ok(())
}

fn parse(table: &str) -> Result<Vec<Count>> {
    let lines = table.lines().skip(1);
    lines
        .map(|line| match line.split(',').collect::<Vec<_>>()[..] {
            [kernel, backend, instructions] => Ok(Count {
                kernel: kernel.to_owned(),
                backend: backend.to_owned(),
                instructions: instructions.parse().with_context(|| format!("not a number: {instructions}"))?,
            }),
            _ => bail!("not a count: {line}"),
        })
        .collect()
}

/// Counts everything; nothing where the processor is another one, whose counts cannot be compared.
fn counts() -> Result<Option<Vec<Count>>> {
    #[cfg(target_arch = "x86_64")]
    let comparable = cfg!(target_os = "linux") && std::arch::is_x86_feature_detected!("avx2");
    #[cfg(not(target_arch = "x86_64"))]
    let comparable = false;
    if !comparable {
        println!("skipped: the counts are those of Linux on x86-64 with AVX2");
        return Ok(None);
    }
    let program = ["--package", "presend-benches", "--example", "counts"];
    step("the kernels", cargo_command(&["build"]).args(program))?;
    let kernels = output(cargo_command(&["run", "--quiet"]).args(program))?;
    fs::create_dir_all(root().join("target"))?;
    let mut counts = Vec::new();
    for kernel in kernels.lines() {
        for backend in BACKENDS {
            let (_, instructions) = callgrind(&program, &[kernel, backend])?;
            counts.push(Count { kernel: kernel.to_owned(), backend: backend.to_owned(), instructions });
        }
    }
    Ok(Some(counts))
}

fn output(command: &mut Command) -> Result<String> {
    let output = command.current_dir(root()).stderr(Stdio::inherit()).output().context("cannot start cargo")?;
    ensure!(output.status.success(), "failed: {command:?}");
    Ok(String::from_utf8(output.stdout)?)
}
