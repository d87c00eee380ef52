//! The npm package: the WebAssembly modules and what goes around them.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result, bail, ensure};
use clap::Args;
use wasm_bindgen_cli_support::Bindgen;

use crate::ci::{cargo_command, step, step_in};
use crate::{root, target};

#[derive(Args)]
pub(crate) struct Arguments {
    /// Build once more in another folder, and fail where not every byte of the package is the same
    #[arg(long)]
    check_reproducible: bool,
    /// Share nothing but sources with the first build: crates of others and the standard library are compiled again, too
    #[arg(long, requires = "check_reproducible")]
    afresh: bool,
}

pub(crate) fn run(arguments: &Arguments) -> Result<()> {
    build()?;
    if arguments.check_reproducible { build_again(arguments.afresh) } else { Ok(()) }
}

/// Builds `wasm/npm/dist`, and fails where it is larger than it may be.
pub(crate) fn build() -> Result<()> {
    packages()?;
    step("the standard library's sources", Command::new("rustup").args(["component", "add", "rust-src"]))?;
    Workshop { root: root(), target: target() }.build()
}

/// Builds it once more, and fails where not every byte is the same: with other folders for the sources and for what is
/// built, and, unless `afresh`, with the crates of others and the standard library as the first build compiled them.
/// (The optimiser sees all of it again: it works on whole modules.)
pub(crate) fn build_again(afresh: bool) -> Result<()> {
    let folder = tempfile::tempdir().context("cannot make a folder for another build")?;
    let again = Workshop { root: folder.path().join("another/folder"), target: folder.path().join("built") };
    copy_sources(&root(), &again.root)?;
    let modules = root().join("wasm/node_modules");
    std::os::unix::fs::symlink(&modules, again.root.join("wasm/node_modules"))
        .with_context(|| format!("cannot point to {}", modules.display()))?;
    if !afresh {
        again.take_from(&target())?;
    }
    again.build()?;
    let [first, second] = [root(), again.root].map(|root| {
        let sums = root.join("wasm/npm/dist/SHA256SUMS");
        fs::read_to_string(&sums).with_context(|| format!("cannot read {}", sums.display()))
    });
    let (first, second) = (first?, second?);
    let differing: Vec<_> = first.lines().filter(|line| !second.lines().any(|other| other == *line)).collect();
    if first != second {
        bail!("two builds differ: {}", differing.join(", "));
    }
    ensure!(!first.is_empty(), "the package lists no files");
    println!("two builds give the same {} files:\n{first}", first.lines().count());
    Ok(())
}

/// npm's packages, at the versions of the lock file; nothing to do where they are there.
pub(crate) fn packages() -> Result<()> {
    let (lock, installed) = (root().join("wasm/package-lock.json"), root().join("wasm/node_modules/.presend-lock"));
    let lock = fs::read(&lock).with_context(|| format!("cannot read {}", lock.display()))?;
    if fs::read(&installed).is_ok_and(|of| of == lock) {
        return Ok(());
    }
    step("npm's packages", Command::new("npm").args(["ci", "--no-audit", "--no-fund", "--prefix", "wasm"]))?;
    fs::write(installed, lock)?;
    Ok(())
}

/// Where a package is built: a folder of sources, and one for what cargo makes of them.
struct Workshop {
    root: PathBuf,
    target: PathBuf,
}

impl Workshop {
    fn build(&self) -> Result<()> {
        self.module("presend", &[])?;
        self.module("presend-hash", &["--no-default-features"])?;
        step_in(&self.root, "the package", Command::new("node").arg("wasm/npm/build.mjs"))
    }

    /// A WebAssembly module and its JavaScript, in `target/web`.
    fn module(&self, name: &str, features: &[&str]) -> Result<()> {
        let build = ["--profile", "wasm", "--package", "presend-wasm", "--target", TRIPLE];
        let mut cargo = cargo_command(&["build"]);
        cargo.args(build).args(features).args(WITHOUT_PANICS).arg("--target-dir").arg(&self.target);
        step_in(&self.root, &format!("the module {name}"), cargo.env("RUSTC_BOOTSTRAP", "1"))?;
        let input = self.target.join(TRIPLE).join("wasm/presend_wasm.wasm");
        self.bind(&input, name).with_context(|| format!("cannot write the JavaScript for {}", input.display()))
    }

    /// Writes `NAME_bg.js` and `NAME_bg.wasm`, as for bundlers: without code that fetches the module, which is the
    /// package's business.
    fn bind(&self, input: &Path, name: &str) -> Result<()> {
        let folder = self.root.join("target/web").join(name);
        let mut bindgen = Bindgen::new();
        bindgen.input_path(input).out_name(name).typescript(true).bundler(true)?.generate(&folder)?;
        // The types leave out the function that is given the instance.
        let types = folder.join(format!("{name}.d.ts"));
        let text =
            fs::read_to_string(&types)? + "export function __wbg_set_wasm(exports: WebAssembly.Exports): void;\n";
        Ok(fs::write(types, text)?)
    }

    /// Takes over what another build compiled, but for the crates of this repository.
    fn take_from(&self, target: &Path) -> Result<()> {
        // Of the module, and of what runs while it is compiled.
        for part in [Path::new(TRIPLE), Path::new("")] {
            let (from, to) = (target.join(part).join("wasm"), self.target.join(part));
            fs::create_dir_all(&to)?;
            step("what others have written", Command::new("cp").arg("--archive").arg(&from).arg(&to))?;
            for folder in ["", "deps", ".fingerprint", "build"] {
                remove_ours(&to.join("wasm").join(folder))?;
            }
        }
        Ok(())
    }
}

fn remove_ours(folder: &Path) -> Result<()> {
    let Ok(entries) = fs::read_dir(folder) else { return Ok(()) };
    for entry in entries {
        let path = entry?.path();
        let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        if !["presend", "libpresend"].iter().any(|ours| name.starts_with(ours)) {
            continue;
        }
        if path.is_dir() { fs::remove_dir_all(&path)? } else { fs::remove_file(&path)? }
    }
    Ok(())
}

/// Copies what is not built or fetched. The copies are new, so that cargo compiles them.
fn copy_sources(from: &Path, to: &Path) -> Result<()> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from).with_context(|| format!("cannot list {}", from.display()))? {
        let entry = entry?;
        let (name, path) = (entry.file_name(), entry.path());
        if ["target", "node_modules", "dist", ".git"].iter().any(|made| name == *made) {
            continue;
        }
        if path.is_dir() {
            copy_sources(&path, &to.join(name))?;
        } else {
            fs::copy(&path, to.join(name)).with_context(|| format!("cannot copy {}", path.display()))?;
        }
    }
    Ok(())
}

const TRIPLE: &str = "wasm32-unknown-unknown";

/// With a standard library of the module's own, in which a panic is nothing but the end: in a browser its message reaches
/// nobody, and all that makes messages is a tenth of the module. `docs/adr/0006-a-small-module.md` has the numbers.
const WITHOUT_PANICS: [&str; 4] = [
    "-Zbuild-std=std,panic_abort",
    "-Zbuild-std-features=optimize_for_size",
    "--config",
    r#"target.wasm32-unknown-unknown.rustflags = ["-Zunstable-options", "-Cpanic=immediate-abort", "-Zlocation-detail=none"]"#,
];
