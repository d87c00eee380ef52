//! Writing files whole or not at all, and changing them alone: [`presend_eval::files`] with words for people.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
pub(crate) use presend_eval::files::{Begun, Existing, Held, Readers};

use crate::output::shown;

/// Puts `bytes` under `path`: whoever opens it sees the old content or the new, never a part.
pub(crate) fn whole(path: &Path, bytes: &[u8], readers: Readers, existing: Existing) -> Result<()> {
    whole_by(path, readers, existing, |file| file.write_all(bytes))
}

/// As [`whole`], of bytes that `content` writes.
pub(crate) fn whole_by(
    path: &Path,
    readers: Readers,
    existing: Existing,
    content: impl FnOnce(&mut File) -> io::Result<()>,
) -> Result<()> {
    begun(path, readers, content).and_then(|begun| begun.keep(existing)).with_context(|| cannot_write(path))
}

fn begun(path: &Path, readers: Readers, content: impl FnOnce(&mut File) -> io::Result<()>) -> io::Result<Begun> {
    let mut begun = Begun::new(path, readers)?;
    content(begun.file())?;
    Ok(begun)
}

fn cannot_write(path: &Path) -> String {
    format!("cannot write {}", shown(path))
}

/// Holds a file that is about to be read and replaced.
pub(crate) fn hold(path: &Path) -> Result<Held> {
    let waiting = || anstream::eprintln!("presend: waiting for another program that changes {}", shown(path));
    Held::of(path, waiting).with_context(|| cannot_write(path))
}

/// As [`hold`], where the output is one of the files that are read.
pub(crate) fn hold_among(output: &Path, inputs: &[PathBuf]) -> Result<Option<Held>> {
    let Ok(place) = fs::canonicalize(output) else { return Ok(None) };
    let is_read = inputs.iter().any(|input| fs::canonicalize(input).is_ok_and(|input| input == place));
    is_read.then(|| hold(output)).transpose()
}

/// Puts a file in the place of the one that was held, or of any.
pub(crate) fn put(path: &Path, held: Option<Held>, content: impl FnOnce(&mut File) -> io::Result<()>) -> Result<()> {
    let put = |begun: Begun| match held {
        Some(held) => held.replace(begun),
        None => begun.keep(Existing::Replace),
    };
    begun(path, Readers::Everyone, content).and_then(put).with_context(|| cannot_write(path))
}

/// Puts what `change` makes of a file in its place, if it makes anything of it; nobody else changes the file meanwhile. Where
/// there was none and another program has begun one, `change` is asked again.
pub(crate) fn update(path: &Path, mut change: impl FnMut() -> Result<Option<Vec<u8>>>) -> Result<()> {
    loop {
        let held = hold(path)?;
        let fresh = !held.exists();
        let Some(bytes) = change()? else { return Ok(()) };
        let written =
            begun(path, Readers::Everyone, |file| file.write_all(&bytes)).and_then(|begun| held.replace(begun));
        match written {
            Err(error) if fresh && error.kind() == io::ErrorKind::AlreadyExists => {}
            written => return written.with_context(|| cannot_write(path)),
        }
    }
}
