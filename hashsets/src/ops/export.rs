//! Writing collections as plain lists, which [`import`](crate::import) reads.

use std::io::{self, Write};

use presend_core::Algorithm;

use super::collection::{Collection, Source};
use crate::import::{DigestKind, hex};

/// Writes a table with the columns `algorithm`, `hash`, `quality`, `label` and `source`, entries first, then digests.
///
/// Sources are joined by `; `. A reader of the table takes them for a note: who lists an entry is what it is told, not what
/// the file says. Line breaks within labels become spaces: every line is a record.
///
/// # Errors
/// If writing fails.
pub fn write_csv<A: Algorithm>(collection: &Collection<A>, to: impl Write) -> io::Result<()> {
    let mut table = csv::Writer::from_writer(to);
    table.write_record(["algorithm", "hash", "quality", "label", "source"])?;
    let label = |label: &Option<String>| one_line(label.as_deref().unwrap_or_default());
    for entry in &collection.entries {
        let quality = entry.quality.map(|quality| quality.to_string()).unwrap_or_default();
        let sources = names(collection.sources_of(&entry.sources));
        table.write_record([A::ID.name(), &entry.hash.to_string(), &quality, &label(&entry.label), &sources])?;
    }
    for digest in &collection.digests {
        let kind = DigestKind::of(&digest.digest).name();
        let sources = names(collection.sources_of(&digest.sources));
        table.write_record([kind, &hex(&digest.digest), "", &label(&digest.label), &sources])?;
    }
    table.flush()
}

/// Writes typed lines, `pdq f8f8…9b22`, for python-threatexchange's local file exchange.
///
/// The format holds a hash to a line and nothing else. Digests are left out: that program has no such signals for pictures.
///
/// # Errors
/// If writing fails.
pub fn write_threatexchange<A: Algorithm>(collection: &Collection<A>, mut to: impl Write) -> io::Result<()> {
    for entry in &collection.entries {
        writeln!(to, "{} {}", A::ID, entry.hash)?;
    }
    to.flush()
}

fn names<'a>(sources: impl Iterator<Item = &'a Source>) -> String {
    one_line(&sources.map(Source::name).collect::<Vec<_>>().join("; "))
}

fn one_line(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
}
