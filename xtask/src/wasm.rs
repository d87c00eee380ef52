//! The npm package: the WebAssembly modules and what goes around them.

use std::path::Path;
use std::process::Command;

use anyhow::{Context as _, Result};
use wasm_bindgen_cli_support::Bindgen;

use crate::ci::{cargo_command, step};
use crate::{root, target};

/// Builds `wasm/npm/dist`, and fails where it is larger than it may be.
pub(crate) fn build() -> Result<()> {
    packages()?;
    step("the standard library's sources", Command::new("rustup").args(["component", "add", "rust-src"]))?;
    module("presend", &[])?;
    module("presend-hash", &["--no-default-features"])?;
    step("the package", Command::new("node").arg("wasm/npm/build.mjs"))
}

/// npm's packages, at the versions of the lock file; nothing to do where they are there.
pub(crate) fn packages() -> Result<()> {
    let (lock, installed) = (root().join("wasm/package-lock.json"), root().join("wasm/node_modules/.presend-lock"));
    let lock = std::fs::read(&lock).with_context(|| format!("cannot read {}", lock.display()))?;
    if std::fs::read(&installed).is_ok_and(|of| of == lock) {
        return Ok(());
    }
    step("npm's packages", Command::new("npm").args(["ci", "--no-audit", "--no-fund", "--prefix", "wasm"]))?;
    std::fs::write(installed, lock)?;
    Ok(())
}

/// A WebAssembly module and its JavaScript, in `target/web`.
fn module(name: &str, features: &[&str]) -> Result<()> {
    let build = ["--profile", "wasm", "--package", "presend-wasm", "--target", "wasm32-unknown-unknown"];
    let mut cargo = cargo_command(&["build"]);
    cargo.args(build).args(features).args(WITHOUT_PANICS).env("RUSTC_BOOTSTRAP", "1");
    step(&format!("the module {name}"), &mut cargo)?;
    let input = target().join("wasm32-unknown-unknown/wasm/presend_wasm.wasm");
    bind(&input, name).with_context(|| format!("cannot write the JavaScript for {}", input.display()))
}

/// With a standard library of the module's own, in which a panic is nothing but the end: in a browser its message reaches
/// nobody, and all that makes messages is a tenth of the module. `docs/adr/0006-a-small-module.md` has the numbers.
const WITHOUT_PANICS: [&str; 4] = [
    "-Zbuild-std=std,panic_abort",
    "-Zbuild-std-features=optimize_for_size",
    "--config",
    r#"target.wasm32-unknown-unknown.rustflags = ["-Zunstable-options", "-Cpanic=immediate-abort", "-Zlocation-detail=none"]"#,
];

/// Writes `NAME_bg.js` and `NAME_bg.wasm`, as for bundlers: without code that fetches the module, which is the package's
/// business.
fn bind(input: &Path, name: &str) -> Result<()> {
    let folder = root().join("target/web").join(name);
    let mut bindgen = Bindgen::new();
    bindgen.input_path(input).out_name(name).typescript(true).bundler(true)?.generate(&folder)?;
    // The types leave out the function that is given the instance.
    let types = folder.join(format!("{name}.d.ts"));
    let text =
        std::fs::read_to_string(&types)? + "export function __wbg_set_wasm(exports: WebAssembly.Exports): void;\n";
    Ok(std::fs::write(types, text)?)
}
