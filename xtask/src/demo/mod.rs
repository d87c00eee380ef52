//! The demonstration set: pictures that an imaginary owner of a list holds, and an outbox of files that a
//! person is about to send, some of them edited copies of those pictures.
//!
//! Nothing here shows, or stands for, anything real: every picture is painted by the code beside this file
//! from a name, a seed and a size, so anyone can read where each came from and make the same bytes again.

mod canvas;
mod edited;
mod edits;
mod encode;
mod folder;
mod font;
mod listed;
mod noise;
mod scenes;
mod sealed;
mod shapes;
mod subject;
mod unreadable;
mod unrelated;

use anyhow::{Context, Result};

use edited::EDITED;
pub(crate) use folder::write_or_check;
use listed::LISTED;
use presend_core::{Algorithm, Pdq, Picture, Scratch};
use unrelated::UNRELATED;

/// One file of the set.
pub(crate) struct DemoFile {
    /// Where it goes below `hashsets/demo`, with `/` between folders.
    pub(crate) path: String,
    pub(crate) bytes: Vec<u8>,
}

/// Makes every file of the set: `listed/`, `outbox/`, and the list of hashes.
///
/// This takes some seconds; the bytes are the same each time and on each machine.
///
/// # Errors
///
/// When a picture cannot be encoded or hashed.
pub(crate) fn build() -> Result<Vec<DemoFile>> {
    let listed = LISTED.iter().map(|subject| subject.file("listed"));
    let unrelated = UNRELATED.iter().map(|subject| subject.file("outbox"));
    let edited = EDITED.iter().map(|edited| edited.file("outbox"));
    let mut files = listed.chain(unrelated).chain(edited).collect::<Result<Vec<_>>>()?;
    let list = list(&files[..LISTED.len()])?;
    files.extend(unreadable::unreadable("outbox")?);
    files.extend(sealed::sealed(&list.bytes)?);
    files.push(list);
    Ok(files)
}

/// The hashes of the listed pictures, by our own engine.
fn list(listed: &[DemoFile]) -> Result<DemoFile> {
    let mut text = String::from(LIST_HEAD);
    for (subject, file) in LISTED.iter().zip(listed) {
        let frame = Picture::open(&file.bytes, &presend_core::Limits::default())?.next().context("no picture")??;
        let hashed = Pdq.hash(frame.pixels.view(), &mut Scratch::default())?;
        text += &format!("{},{},{},{}\n", Pdq::ID, hashed.hash, hashed.quality, subject.label);
    }
    Ok(DemoFile { path: "list.csv".into(), bytes: text.into_bytes() })
}

const LIST_HEAD: &str = "\
# A synthetic list for the demo: the hashes of the painted pictures in listed/, made by `cargo xtask demo`.
algorithm,hash,quality,label
";
