//! `presend set merge`, `diff` and `export`: lists in clear.

use std::io::Write;
use std::path::Path;

use anyhow::Result;
use presend_core::AlgorithmId;
use presend_core::set::Sealable;
use presend_hashsets::ops::{self, Collection, Listed, ListedDigest};

use super::args::{DiffArgs, ExportArgs, ExportFormat, MergeArgs};
use super::lists::{Lists, read_one};
use super::with_sealable;
use crate::output::{self, Status, count, printable};
use crate::write::{self, Existing, Readers};

pub(super) fn merge(args: &MergeArgs) -> Result<Status> {
    let algorithm: AlgorithmId = args.lists.algorithm.parse().expect("clap admits only known names");
    with_sealable!(algorithm, merge_of(args))
}

fn merge_of<A: Sealable>(args: &MergeArgs) -> Result<Status> {
    let Lists { collection, .. } = Lists::<A>::read(&args.lists)?;
    let listed = collection.entries().len();
    let collection = args.select.apply(collection, args.min_quality, args.select.cluster.is_none())?;
    put(&collection, ExportFormat::Csv, args.output.as_deref())?;
    anstream::eprintln!(
        "{} of {} from {}, {}",
        count(collection.entries().len(), "hash", "hashes"),
        listed,
        count(collection.sources().len(), "source", "sources"),
        count(collection.digests().len(), "file digest", "file digests"),
    );
    Ok(Status::Clean)
}

pub(super) fn export(args: &ExportArgs) -> Result<Status> {
    let algorithm: AlgorithmId = args.lists.algorithm.parse().expect("clap admits only known names");
    with_sealable!(algorithm, export_of(args))
}

fn export_of<A: Sealable>(args: &ExportArgs) -> Result<Status> {
    let Lists { collection, .. } = Lists::<A>::read(&args.lists)?;
    put(&collection, args.to, args.output.as_deref())?;
    Ok(Status::Clean)
}

/// Writes a list to a file or to standard output.
pub(super) fn put<A: Sealable>(collection: &Collection<A>, format: ExportFormat, path: Option<&Path>) -> Result<()> {
    let mut bytes = Vec::new();
    match format {
        ExportFormat::Csv => ops::write_csv(collection, &mut bytes)?,
        ExportFormat::Threatexchange => ops::write_threatexchange(collection, &mut bytes)?,
    }
    match path {
        Some(path) => write::whole(path, &bytes, Readers::Everyone, Existing::Replace),
        None => output::write_all(&bytes).map(|_| ()),
    }
}

pub(super) fn diff(args: &DiffArgs) -> Result<Status> {
    let algorithm: AlgorithmId = args.algorithm.parse().expect("clap admits only known names");
    with_sealable!(algorithm, diff_of(args))
}

/// Exits with 1 where the lists differ, as `diff` does.
fn diff_of<A: Sealable>(args: &DiffArgs) -> Result<Status> {
    // Both are read as one source's, whose names are compared.
    let read = |path: &Path| -> Result<Collection<A>> {
        let (import, _) = read_one::<A>(path, None, false)?;
        Ok(ops::merge(vec![("list".parse()?, import)]))
    };
    let (old, new) = (read(&args.old)?, read(&args.new)?);
    let diff = ops::diff(&old, &new);
    let mut out = Vec::new();
    let mut hash = |sign: char, entry: &Listed<A>| {
        let label = entry.label.as_deref().map(|label| format!(" {}", printable(label))).unwrap_or_default();
        writeln!(out, "{sign} {} {}{label}", A::ID, entry.hash)
    };
    diff.removed.iter().try_for_each(|entry| hash('-', entry))?;
    diff.added.iter().try_for_each(|entry| hash('+', entry))?;
    diff.changed.iter().try_for_each(|(_, new)| hash('~', new))?;
    let mut digest =
        |sign: char, listed: &ListedDigest| writeln!(out, "{sign} {} {}", listed.digest.kind(), listed.digest);
    diff.digests_removed.iter().try_for_each(|listed| digest('-', listed))?;
    diff.digests_added.iter().try_for_each(|listed| digest('+', listed))?;
    diff.digests_changed.iter().try_for_each(|(_, new)| digest('~', new))?;
    output::write_all(&out)?;
    let (added, removed) =
        (diff.added.len() + diff.digests_added.len(), diff.removed.len() + diff.digests_removed.len());
    anstream::eprintln!(
        "{added} added, {removed} removed, {} changed",
        diff.changed.len() + diff.digests_changed.len()
    );
    Ok(if diff.is_empty() { Status::Clean } else { Status::Match })
}
