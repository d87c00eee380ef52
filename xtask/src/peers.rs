//! Presend beside its peers in Python and Rust, measured and written down.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context as _, Result, ensure};

use crate::ci::{cargo_command, step};
use crate::{around, root};

/// The peers, and what they need that is not said by their own requirements.
const PACKAGES: [&str; 10] = [
    "faiss-cpu==1.15.1",
    "ImageHash==4.3.2",
    "imgdd==0.1.5",
    "numpy==2.4.6",
    "pdqhash==0.2.8",
    "pillow==13.0.0",
    // Of ImageHash.
    "scipy==1.17.1",
    "PyWavelets==1.9.0",
    "threatexchange==1.2.17",
    "usearch==2.26.6",
];

/// Between these lines of the page the tables lie.
const MARKERS: [&str; 2] = ["<!-- bench-peers: from here -->", "<!-- bench-peers: to here -->"];

#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// A folder of photographs [default: the shared ones, or the demo's pictures where those are not on this machine]
    #[arg(long)]
    photos: Option<PathBuf>,
    /// How many of them to take
    #[arg(long, default_value_t = 4)]
    count: usize,
    /// How often everything is measured in turns; two at least, for there to be a spread
    #[arg(long, default_value_t = 7, value_parser = clap::value_parser!(u32).range(2..))]
    rounds: u32,
    /// Match ten million entries too; takes 2 GB of memory
    #[arg(long)]
    ten_million: bool,
    /// The page whose tables are replaced [default: docs/performance.md of the repository]
    #[arg(long)]
    out: Option<PathBuf>,
}

/// Measures, and replaces the tables of the page.
pub(crate) fn measure(arguments: &Arguments) -> Result<()> {
    let out = arguments.out.clone().unwrap_or_else(|| root().join("docs/performance.md"));
    let page = fs::read_to_string(&out).with_context(|| format!("cannot read {}", out.display()))?;
    let [before, after] =
        around(&page, MARKERS).with_context(|| format!("{} has no place for tables", out.display()))?;
    let photos = photos(arguments.photos.as_deref())?;
    let python = environment()?;
    let server = ["--release", "--package", "presend-benches", "--example", "peers"];
    step("the server", cargo_command(&["build"]).args(server))?;
    println!("==> measuring");
    let mut command = Command::new(python);
    command.arg("xtask/bench_peers.py").arg("--photos").arg(photos).args(["--scratch", "target/peers/files"]);
    command.args(["--count", &arguments.count.to_string(), "--rounds", &arguments.rounds.to_string()]);
    command.args(["--entries", "10000", "100000", "1000000"]);
    if arguments.ten_million {
        command.arg("10000000");
    }
    let run = cargo_command(&["run", "--quiet"]);
    command.arg("--server").arg(run.get_program()).args(run.get_args()).args(server);
    let measured = command.current_dir(root()).stderr(Stdio::inherit()).output().context("cannot start Python")?;
    ensure!(measured.status.success(), "measuring failed");
    let tables = String::from_utf8(measured.stdout).context("the tables are not text")?;
    fs::write(&out, [before, "\n\n", tables.trim(), "\n\n", after].concat())?;
    println!("wrote {}", out.display());
    Ok(())
}

/// The folder that is asked for; without one, the shared photographs or else the demo's pictures.
fn photos(asked: Option<&Path>) -> Result<PathBuf> {
    let (shared, demo) = (root().join("../shared/images/dev/photos"), root().join("hashsets/demo"));
    let folder = asked.unwrap_or(if shared.is_dir() { &shared } else { &demo });
    // Python runs in the root of the repository.
    folder.canonicalize().with_context(|| format!("cannot read {}", folder.display()))
}

/// A Python with the peers; made anew when their versions change.
fn environment() -> Result<PathBuf> {
    let folder = root().join("target/peers/python");
    let (python, complete) = (folder.join("bin/python"), folder.join("packages"));
    let packages = PACKAGES.join("\n");
    if fs::read_to_string(&complete).is_ok_and(|installed| installed == packages) {
        return Ok(python);
    }
    step("a Python environment", Command::new("python3").args(["-m", "venv", "--clear"]).arg(&folder))?;
    let pip = ["-m", "pip", "--quiet", "--disable-pip-version-check", "install"];
    step("the peers", Command::new(&python).args(pip).args(PACKAGES))?;
    fs::write(complete, packages)?;
    Ok(python)
}
