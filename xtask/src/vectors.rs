//! The pixels behind the golden vectors.

use std::path::PathBuf;
use std::process::Command;

use anyhow::Result;

use crate::ci::step;
use crate::root;

/// The decoder that the vectors were checked with; other versions of libjpeg-turbo may round otherwise.
const PILLOW: &str = "pillow==13.0.0";

/// Writes to `target/vectors/decoded` what the shared folder has no room for; does nothing where there is none.
pub(crate) fn decode() -> Result<()> {
    let source = root().join("../shared/pdq/vectors/images");
    if !source.exists() {
        println!("skipped: {} is not on this machine", source.display());
        return Ok(());
    }
    let target = root().join("target/vectors/decoded");
    if target.exists() {
        return Ok(());
    }
    let environment = root().join("target/vectors/python");
    let python = environment.join("bin/python");
    step("a Python environment", Command::new("python3").args(["-m", "venv"]).arg(&environment))?;
    let pip = ["-m", "pip", "--quiet", "--disable-pip-version-check", "install", PILLOW];
    step("Pillow", Command::new(&python).args(pip))?;
    // Under another name until it is complete.
    let partial: PathBuf = target.with_extension("partial");
    let mut decode = Command::new(&python);
    decode.arg(root().join("xtask/decode_vectors.py")).arg(&source).arg(&partial);
    step("decoding the golden vectors", &mut decode)?;
    Ok(std::fs::rename(partial, target)?)
}
