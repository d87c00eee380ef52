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
mod shapes;
mod subject;
mod unreadable;
mod unrelated;

use anyhow::Result;

pub(crate) use edited::EDITED;
pub(crate) use folder::write_or_check;
pub(crate) use listed::LISTED;
pub(crate) use unrelated::UNRELATED;

/// One file of the set.
pub(crate) struct DemoFile {
    /// Where it goes below `hashsets/demo`, with `/` between folders.
    pub(crate) path: String,
    pub(crate) bytes: Vec<u8>,
}

/// Makes every file of the set but the list itself: `listed/` first, then `outbox/`.
///
/// This takes some seconds; the bytes are the same each time and on each machine.
///
/// # Errors
///
/// When a picture cannot be encoded.
pub(crate) fn build() -> Result<Vec<DemoFile>> {
    let listed = LISTED.iter().map(|subject| subject.file("listed"));
    let unrelated = UNRELATED.iter().map(|subject| subject.file("outbox"));
    let edited = EDITED.iter().map(|edited| edited.file("outbox"));
    let mut files = listed.chain(unrelated).chain(edited).collect::<Result<Vec<_>>>()?;
    files.extend(unreadable::unreadable("outbox")?);
    Ok(files)
}
