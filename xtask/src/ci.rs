//! Everything that proves a commit, step by step, the quick ones first.

use std::path::Path;
use std::process::{Command, ExitStatus, Stdio};
use std::time::Instant;

use anyhow::{Context, Result, bail};

use crate::{bench_web, counts, demo, root, supply, target, vectors, wasm};

pub(crate) fn run() -> Result<()> {
    let start = Instant::now();
    targets()?;
    // Downloads, mostly: while the first steps compile.
    let installing = std::thread::spawn(install);
    cargo("formatting", &["fmt", "--all", "--check"])?;
    let deny = ["--", "--deny", "warnings"];
    cargo("lints", &[&["clippy", "--workspace", "--all-targets"][..], &deny].concat())?;
    let bare = ["clippy", "--package", "presend-core", "--all-targets", "--no-default-features"];
    cargo("lints without features", &[&bare[..], &deny].concat())?;
    let wasm = ["clippy", "--package", "presend-wasm", "--target", "wasm32-unknown-unknown"];
    cargo("lints for WebAssembly", &[&wasm[..], &deny].concat())?;
    supply::check()?;
    step("documentation", cargo_command(&["doc", "--workspace", "--no-deps"]).env("RUSTDOCFLAGS", "--deny warnings"))?;
    installing.join().expect("the thread does not panic")?;
    println!("==> the demo's bytes");
    demo::write_or_check(&root().join("hashsets/demo"), &demo::build()?, true)?;
    vectors::decode()?;
    // With what passing tests print: tables of differences, and why a test was skipped.
    let mut tests = cargo_command(&["test", "--workspace", "--", "--show-output"]);
    step("tests", tests.env("PRESEND_ALL_VECTORS", "1"))?;
    fuzzed()?;
    cargo("tests without features", &["test", "--package", "presend-core", "--no-default-features"])?;
    wasm::build()?;
    // Most of the time browsers and servers wait for one another.
    let web = std::thread::spawn(web);
    let module = wasi();
    web.join().expect("the thread does not panic")?;
    module?;
    // The tests' profile: one pass measures nothing, so what is built need not be built again.
    let benches = ["bench", "--profile", "dev", "--package", "presend-benches", "--benches", "--", "--test"];
    cargo("one pass of each bench", &benches)?;
    bench_web::check()?;
    println!("==> instruction counts");
    counts::check()?;
    println!("==> all passed in {:.0} s", start.elapsed().as_secs_f64());
    Ok(())
}

/// What compiles for other machines, and runs in Node.
fn wasi() -> Result<()> {
    // The runner's own path must not depend on the folder that cargo runs it in.
    // Node 20's fast calls into WASI corrupt its heap: a program that reads many files and ends well crashes it afterwards
    // (the same program runs under Wasmtime).
    let node = "node --no-warnings --no-turbo-fast-api-calls";
    let runner = format!("{node} {}", root().join("xtask/wasi.mjs").display());
    let mut wasi = cargo_command(&["test", "--package", "presend-core", "--tests", "--target", "wasm32-wasip1"]);
    wasi.env("CARGO_TARGET_WASM32_WASIP1_RUNNER", runner);
    // With vectors, so that both the portable and the vector kernels are tested.
    wasi.env("CARGO_TARGET_WASM32_WASIP1_RUSTFLAGS", "-Ctarget-feature=+simd128");
    step_aside("tests in WebAssembly", &mut wasi)?;
    let neon = ["check", "--package", "presend-core", "--target", "aarch64-unknown-linux-gnu"];
    cargo("the kernels for ARM", &neon)?;
    wasm::build_again(false)
}

/// The corpora of the fuzz targets, replayed; they are a workspace of their own.
fn fuzzed() -> Result<()> {
    let manifest = ["--manifest-path", "fuzz/Cargo.toml"];
    step("formatting of the fuzz targets", cargo_command(&["fmt", "--check"]).args(manifest))?;
    // The same folder: the libraries are those of the tests before.
    let inputs = ["--no-default-features", "--lib"];
    let mut replay = cargo_command(&["test"]);
    step("fuzz corpora", replay.args(manifest).args(inputs).env("CARGO_TARGET_DIR", target()))
}

/// The package and the demo, in Node and in browsers; then a cluster. What fails does not keep the rest from being tested.
fn web() -> Result<()> {
    // The tests have built it, and cargo is at work.
    let presend = target().join("debug/presend");
    let mut types = Command::new("wasm/node_modules/.bin/tsc");
    types.args(["--noEmit", "--project", "wasm/demo"]);
    let mut failures = Vec::from_iter(step_aside("the demo's types", &mut types).err());
    for (name, tests) in [
        ("the package in Node", "node.test.mjs"),
        ("the boundary to the engine", "boundary.test.mjs"),
        ("the package in browsers", "browsers.test.mjs"),
        ("hostile files in browsers", "hostile.test.mjs"),
        ("the package in somebody else's project", "consumer.test.mjs"),
        ("the demo messenger", "messenger.test.mjs"),
    ] {
        let mut node = Command::new("node");
        node.args(["--test", "--test-reporter=spec"]).arg(format!("wasm/tests/{tests}"));
        failures.extend(step_aside(name, node.env("PRESEND", &presend)).err());
    }
    let mut nodes = Command::new(target().join("ray/bin/python"));
    nodes.arg("eval/scale-out/test_scale_out.py");
    failures.extend(step_aside("measuring on two nodes", nodes.env("PRESEND", &presend)).err());
    match failures.is_empty() {
        true => Ok(()),
        false => bail!("{}", failures.iter().map(|failure| format!("{failure:#}")).collect::<Vec<_>>().join("\n\n")),
    }
}

fn targets() -> Result<()> {
    let targets = ["target", "add", "wasm32-unknown-unknown", "wasm32-wasip1", "aarch64-unknown-linux-gnu"];
    step("targets", Command::new("rustup").args(targets))?;
    // The WebAssembly modules have a standard library of their own.
    step("the standard library's source", Command::new("rustup").args(["component", "add", "rust-src"]))
}

/// What a fresh machine lacks.
fn install() -> Result<()> {
    let mut missing: Vec<_> = ["node", "npm", "valgrind", "chromium", "firefox-esr"]
        .into_iter()
        .filter(|program| Command::new(program).arg("--version").output().is_err())
        .map(|program| if program == "node" { "nodejs" } else { program })
        .collect();
    let venv = Command::new("python3").args(["-c", "import ensurepip"]).output();
    if !venv.is_ok_and(|output| output.status.success()) {
        missing.push("python3-venv");
    }
    if !missing.is_empty() {
        step("Debian's package lists", Command::new("apt-get").args(["update", "--quiet"]))?;
        let mut install = Command::new("apt-get");
        install.args(["install", "--yes"]).args(missing);
        // What it unpacks is of no interest, and it must not ask.
        step("Debian's packages", install.env("DEBIAN_FRONTEND", "noninteractive").stdout(Stdio::null()))?;
    }
    wasm::packages()?;
    // A minute of downloads, which the messenger's tests would otherwise wait for.
    let synapse = "import('./wasm/tests/synapse.mjs').then(({ environment }) => environment())";
    step("a homeserver", Command::new("node").args(["--eval", synapse]))?;
    let ray = target().join("ray");
    step("an environment for Ray", Command::new("python3").args(["-m", "venv"]).arg(&ray))?;
    let install =
        ["install", "--quiet", "--disable-pip-version-check", "--requirement", "eval/scale-out/requirements.txt"];
    step("Ray", Command::new(ray.join("bin/pip")).args(install))
}

fn cargo(name: &str, arguments: &[&str]) -> Result<()> {
    step(name, &mut cargo_command(arguments))
}

/// A command of the cargo that runs this one.
pub(crate) fn cargo_command(arguments: &[&str]) -> Command {
    let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    let (verb, rest) = arguments.split_first().expect("a cargo command has a verb");
    command.arg(verb);
    if *verb != "fmt" {
        command.arg("--locked");
    }
    command.args(rest);
    command
}

/// Runs a command in the root of the repository, saying which.
pub(crate) fn step(name: &str, command: &mut Command) -> Result<()> {
    step_in(&root(), name, command)
}

/// As `step`, for one that others run beside: what it printed comes in one piece, and the end of it again with the error,
/// which is the last that is said.
fn step_aside(name: &str, command: &mut Command) -> Result<()> {
    let folder = target().join("ci");
    std::fs::create_dir_all(&folder)?;
    let path = folder.join(format!("{}.txt", name.replace(' ', "-")));
    let said = std::fs::File::create(&path).with_context(|| format!("cannot write {}", path.display()))?;
    let (status, took) = timed(&root(), name, command.stdout(said.try_clone()?).stderr(said))?;
    let said = std::fs::read(&path).with_context(|| format!("cannot read {}", path.display()))?;
    let said = String::from_utf8_lossy(&said);
    println!("==> {name} printed\n{said}<== {name}: {took:.0} s");
    if !status.success() {
        let lines: Vec<_> = said.lines().collect();
        let end = lines[lines.len().saturating_sub(100)..].join("\n");
        bail!("{name} failed after {took:.0} s: {command:?}\nThe last that it printed:\n{end}");
    }
    Ok(())
}

/// Runs a command in another folder.
pub(crate) fn step_in(folder: &Path, name: &str, command: &mut Command) -> Result<()> {
    let (status, took) = timed(folder, name, command)?;
    if !status.success() {
        bail!("{name} failed: {command:?}");
    }
    println!("<== {name}: {took:.0} s");
    Ok(())
}

/// Runs a command in a folder: how it ended, and after how many seconds.
fn timed(folder: &Path, name: &str, command: &mut Command) -> Result<(ExitStatus, f64)> {
    println!("==> {name}");
    let start = Instant::now();
    let program = Path::new(command.get_program()).display().to_string();
    let status = command.current_dir(folder).status().with_context(|| format!("cannot start {program}"))?;
    Ok((status, start.elapsed().as_secs_f64()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_step_that_fails_beside_others_says_last_what_it_printed_last() {
        let run = |script: &str| step_aside("a step of a test", Command::new("sh").args(["-c", script]));
        let lines = "i=0; while [ $i -lt 300 ]; do i=$((i+1)); echo line $i; done; echo error >&2";
        assert!(run(lines).is_ok());
        let error = run(&format!("{lines}; exit 3")).expect_err("it ends with 3").to_string();
        assert!(error.starts_with("a step of a test failed after ") && error.ends_with("line 300\nerror"), "{error}");
        assert!(!error.contains("line 200\n"), "only its end: {error}");
    }
}
