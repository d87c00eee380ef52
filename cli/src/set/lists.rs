//! Reading the lists that a set command is given.

use std::collections::BTreeMap;
use std::io::Read;
use std::path::Path;
use std::time::SystemTime;

use anyhow::{Context, Result, anyhow, bail};
use presend_core::set::{Sealable, Source as Commitment};
use presend_hashsets::import::{self, Import, Shape};
use presend_hashsets::ops::{self, Collection, Keep, Source};
use presend_hashsets::publish;

use super::args::{ListArgs, SelectArgs};
use crate::known::BadSet;
use crate::output::{count, printable, shown};
use crate::read;

/// The lists, merged, and what their sources commit to.
pub(super) struct Lists<A: Sealable> {
    pub(super) collection: Collection<A>,
    pub(super) commitments: Vec<Commitment>,
}

impl<A: Sealable> Lists<A> {
    /// Reads every list, telling standard error of every record that cannot be used. Those end it unless `--skip-faults`
    /// is given.
    pub(super) fn read(args: &ListArgs) -> Result<Self> {
        let shape = args.from.as_deref().map(|name| name.parse::<Shape>().expect("clap admits only known names"));
        let mut imports: Vec<(Source, Import<A>)> = Vec::new();
        let mut given: BTreeMap<String, Vec<u8>> = BTreeMap::new();
        for (source, path) in args.named()? {
            let (import, digest) = read_one(&path, shape, args.skip_faults)?;
            given.entry(source.name().to_owned()).or_default().extend(digest);
            imports.push((source, import));
        }
        let commitment =
            |(name, digests): (String, Vec<u8>)| Commitment { commitment: publish::commitment(&digests), name };
        Ok(Self { commitments: given.into_iter().map(commitment).collect(), collection: ops::merge(imports) })
    }
}

/// One list, and the digest of its bytes.
pub(super) fn read_one<A: Sealable>(
    path: &Path,
    shape: Option<Shape>,
    skip_faults: bool,
) -> Result<(Import<A>, [u8; 32])> {
    let bad = |error: anyhow::Error| anyhow::Error::new(BadSet(error.context(shown(path))));
    let read = read::steady(path, |file| {
        let mut bytes = Vec::new();
        file.read_to_end(&mut bytes)?;
        Ok(bytes)
    });
    let bytes = read.with_context(|| format!("cannot read {}", shown(path)))?;
    if bytes.starts_with(b"PRSNDSET") {
        return Err(bad(anyhow!("a sealed set: its hashes cannot be read back by anybody, so it is no list")));
    }
    let import = import::read::<A>(&bytes[..], shape, SystemTime::now()).map_err(|error| bad(error.into()))?;
    for fault in &import.faults {
        anstream::eprintln!("{}: {}", shown(path), printable(&fault.to_string()));
    }
    if import.faulty > import.faults.len() {
        anstream::eprintln!(
            "{}: {} more records that cannot be used",
            shown(path),
            import.faulty - import.faults.len()
        );
    }
    for (kind, number) in &import.skipped {
        anstream::eprintln!(
            "{}: passed over {} of type {}",
            shown(path),
            count(*number, "signal", "signals"),
            printable(kind)
        );
    }
    if import.unnamed > 0 {
        anstream::eprintln!("{}: names no algorithm, read as {}", shown(path), A::ID);
    }
    if import.faulty > 0 && !skip_faults {
        let records = count(import.faulty, "record", "records");
        return Err(bad(anyhow!("{records} cannot be used; --skip-faults goes on without them")));
    }
    Ok((import, *presend_core::set::Digest::of(&bytes).as_bytes()))
}

impl SelectArgs {
    /// What is to be kept of a collection, of each cluster one entry unless `all_variants`.
    pub(super) fn apply<A: Sealable>(
        &self,
        mut collection: Collection<A>,
        min_quality: presend_core::Quality,
        all_variants: bool,
    ) -> Result<Collection<A>> {
        if self.within.bits() > 31 || self.cluster.is_some_and(|radius| radius.bits() > 31) {
            bail!("two hashes more than 31 bits apart are not of one picture");
        }
        collection = ops::min_quality(collection, min_quality);
        if let Some(sources) = self.require_sources {
            collection = ops::require_sources(collection, sources, self.within);
        }
        if !all_variants {
            let radius = self.cluster.unwrap_or(presend_core::Threshold::new(0));
            collection = ops::deduplicate(collection, radius, Keep::default());
        }
        Ok(collection)
    }
}
