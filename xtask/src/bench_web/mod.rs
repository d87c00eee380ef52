//! The package in a browser beside the engine as a native program, measured in turns and written down.

mod inputs;
mod numbers;
mod side;
mod tables;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result, ensure};

use self::inputs::Inputs;
use self::side::Side;
use self::tables::{Measurements, Setting};
use crate::ci::{cargo_command, step};
use crate::{around, root, wasm};

/// Between these lines of the page the tables lie.
const MARKERS: [&str; 2] = ["<!-- bench-web: from here -->", "<!-- bench-web: to here -->"];

/// What a stage gets in each round, in milliseconds; a slow one gets three calls.
const TURN: u32 = 300;

/// A name, a width and a height: pictures of the web, of messengers and of cameras.
const PICTURES: [(&str, u32, u32); 3] = [("0.75MP", 1_000, 750), ("2MP", 1_632, 1_224), ("12MP", 4_000, 3_000)];

/// A name, and how many entries. Pictures are held against the first.
const SETS: [(&str, u32); 3] = [("10k", 10_000), ("100k", 100_000), ("1M", 1_000_000)];

/// What is timed of every picture, what is compared one after the other, and of every set.
const PICTURE_STAGES: [&str; 6] = ["pdq", "pixels", "file", "scan", "image-decoder", "canvas"];
const SET_STAGES: [&str; 1] = ["match"];

/// What a native program does with vectors as narrow as those of WebAssembly too.
const NARROW: [&str; 2] = ["pdq", "match"];

/// What a native program has no counterpart of, or has it under another name.
const ONLY_WEB: [&str; 3] = ["pixels", "image-decoder", "canvas"];

#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// A folder of photographs, the most detailed of which is taken [default: the shared ones, or the demo's pictures where
    /// those are not on this machine]
    #[arg(long)]
    photos: Option<PathBuf>,
    /// How often everything is measured in turns; two at least, for there to be a spread
    #[arg(long, default_value_t = 7, value_parser = clap::value_parser!(u32).range(2..))]
    rounds: u32,
    /// A package that is built already [default: build wasm/npm/dist]
    #[arg(long)]
    package: Option<PathBuf>,
    /// The page whose tables are replaced [default: docs/performance.md of the repository]
    #[arg(long)]
    out: Option<PathBuf>,
    /// Only see that it runs: the smallest picture and set, once, nothing printed but answers, nothing written
    #[arg(long, conflicts_with_all = ["rounds", "out"])]
    smoke: bool,
}

/// Measures, prints, and replaces the tables of the page.
pub(crate) fn measure(arguments: &Arguments) -> Result<()> {
    if arguments.smoke {
        return smoke(arguments);
    }
    let out = arguments.out.clone().unwrap_or_else(|| root().join("docs/performance.md"));
    let page = fs::read_to_string(&out).with_context(|| format!("cannot read {}", out.display()))?;
    let [before, after] =
        around(&page, MARKERS).with_context(|| format!("{} has no place for tables", out.display()))?;
    let mut bench = Bench::start(arguments, "--release", &PICTURES, &SETS)?;
    println!("==> measuring");
    bench.compare_answers()?;
    // Browsers compile in earnest what was run a few times.
    bench.round(TURN)?;
    let mut measurements = Measurements::default();
    for round in 1..=arguments.rounds {
        println!("round {round} of {}", arguments.rounds);
        measurements.add(bench.round(TURN)?);
    }
    let tables = measurements.markdown(&bench.setting(arguments.rounds)?);
    println!("\n{tables}");
    fs::write(&out, [before, "\n\n", tables.trim(), "\n\n", after].concat())
        .with_context(|| format!("cannot write {}", out.display()))?;
    println!("wrote {}", out.display());
    Ok(())
}

/// One pass with the package that was built.
pub(crate) fn check() -> Result<()> {
    let package = Some(root().join("wasm/npm/dist"));
    measure(&Arguments { photos: None, rounds: 2, package, out: None, smoke: true })
}

/// One pass, of the tests' profile, which is built anyway.
fn smoke(arguments: &Arguments) -> Result<()> {
    let mut bench = Bench::start(arguments, "--profile=dev", &PICTURES[..1], &SETS[..1])?;
    bench.compare_answers()?;
    let timed = bench.round(0)?.len();
    println!("{timed} stages ran, and gave the same on both sides where both have them");
    Ok(())
}

/// One stage on one side in one round.
struct Timing {
    /// A stage and the name of a picture or set.
    stage: String,
    native: Option<f64>,
    narrow: Option<f64>,
    web: f64,
}

struct Bench {
    native: Side,
    web: Side,
    /// Stages with the names of pictures and sets.
    stages: Vec<String>,
    inputs: Inputs,
}

impl Bench {
    /// Builds both sides and loads into both what is measured.
    fn start(arguments: &Arguments, profile: &str, sizes: &[(&str, u32, u32)], sets: &[(&str, u32)]) -> Result<Self> {
        let package = package(arguments.package.as_deref())?;
        let program = [profile, "--package", "presend-benches", "--example", "web"];
        step("the native side", cargo_command(&["build"]).args(program))?;
        let mut native = Side::start("the native side", cargo_command(&["run", "--quiet"]).args(program))?;
        println!("==> what is measured");
        let inputs = Inputs::prepare(arguments.photos.as_deref(), sizes, sets, &mut native)?;
        println!("==> the browser");
        let mut node = Command::new("node");
        node.arg("wasm/tests/bench.mjs").arg(inputs::folder()).arg(package);
        let mut web = Side::start("the browser's side", &mut node)?;
        web.ask(&["clock"])?;
        for (name, _) in sets {
            let file = inputs::set_file(name);
            let query = native.ask(&["set", name, &inputs::path(&file)])?;
            web.ask(&["set", name, &file, inputs::TRUST, &query])?;
        }
        for (name, ..) in sizes {
            let [jpeg, pixels] = ["jpg", "rgba"].map(|kind| format!("{name}.{kind}"));
            let size = native.ask(&["picture", name, &inputs::path(&jpeg), &inputs::path(&pixels)])?;
            let (width, height) = size.split_once('\t').context("not a size")?;
            web.ask(&["picture", name, &jpeg, &pixels, width, height])?;
        }
        let of_pictures = sizes.iter().flat_map(|(name, ..)| PICTURE_STAGES.map(|stage| format!("{stage} {name}")));
        let of_sets = sets.iter().flat_map(|(name, _)| SET_STAGES.map(|stage| format!("{stage} {name}")));
        let stages = of_pictures.chain(of_sets).collect();
        Ok(Self { native, web, stages, inputs })
    }

    /// Fails where the sides differ, or a picture is anything but clean.
    fn compare_answers(&mut self) -> Result<()> {
        for stage in &self.stages {
            let (kind, of) = stage.split_once(' ').expect("a stage and what it is of");
            let native = match kind {
                "pixels" => self.native.ask(&["answer", &format!("pdq {of}")])?,
                "image-decoder" | "canvas" => "clean".to_owned(),
                _ => self.native.ask(&["answer", stage])?,
            };
            let web = self.web.ask(&["answer", stage])?;
            ensure!(native == web, "{stage} gives {web} in the browser, not {native}");
        }
        Ok(())
    }

    /// Times every stage, natively and in the browser right after.
    fn round(&mut self, milliseconds: u32) -> Result<Vec<Timing>> {
        let milliseconds = milliseconds.to_string();
        let mut timings = Vec::new();
        for stage in &self.stages {
            let (kind, _) = stage.split_once(' ').expect("a stage and what it is of");
            let mut timed = |suffix: &str| {
                let answer = self.native.ask(&["time", &format!("{stage}{suffix}"), &milliseconds])?;
                parse(&answer)
            };
            let native = (!ONLY_WEB.contains(&kind)).then(|| timed("")).transpose()?;
            let narrow = NARROW.contains(&kind).then(|| timed(" narrow")).transpose()?;
            let web = parse(&self.web.ask(&["time", stage, &milliseconds])?)?;
            timings.push(Timing { stage: stage.clone(), native, narrow, web });
        }
        Ok(timings)
    }

    /// Where and on what it was measured.
    fn setting(&mut self, rounds: u32) -> Result<Setting> {
        let backends = self.native.ask(&["backends"])?;
        let (best, narrow) = backends.split_once('\t').context("not two backends")?;
        let chromium = self.web.ask(&["version"])?;
        Ok(Setting {
            best: best.to_owned(),
            narrow: narrow.to_owned(),
            chromium,
            rounds,
            files: self.inputs.describe(),
        })
    }
}

/// The package that is asked for, or a fresh one.
fn package(asked: Option<&Path>) -> Result<PathBuf> {
    wasm::packages()?;
    let Some(folder) = asked else {
        wasm::build()?;
        return Ok(root().join("wasm/npm/dist"));
    };
    ensure!(folder.join("presend.wasm").is_file(), "{} is no built package", folder.display());
    folder.canonicalize().with_context(|| format!("cannot read {}", folder.display()))
}

fn parse(nanoseconds: &str) -> Result<f64> {
    nanoseconds.parse().with_context(|| format!("not a number of nanoseconds: {nanoseconds}"))
}
