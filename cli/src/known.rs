//! What a scan matches against: lists of known hashes, and a sealed set.

use std::fmt;
use std::fs::File;
use std::io::{self, BufReader, Read};
use std::path::{Path, PathBuf};

use anyhow::anyhow;
use presend_core::set::FileDigest;
use presend_core::{Algorithm, AlgorithmId, Found, ImageHash, Index, LinearIndex, Threshold};
use presend_hashsets::list::HashList;

use crate::algorithm::{OpenSet, SetAlgorithm};
use crate::args::KnownArgs;
use crate::input::{InputError, Kind};
use crate::output::{printable, shown};
use crate::trust;

/// Every entry of every list and of the sealed set, searchable: the lists' entries first.
pub(crate) struct Known<A: Algorithm> {
    lists: Lists<A>,
    set: Option<Box<dyn OpenSet<A>>>,
}

/// Where an entry comes from.
pub(crate) enum Source<'a, A: Algorithm> {
    List { path: &'a Path, note: &'a Note },
    Set { set: &'a dyn OpenSet<A>, entry: usize },
}

/// Lists in clear.
struct Lists<A: Algorithm> {
    index: LinearIndex<A>,
    /// What the lists say of each entry of the index.
    notes: Vec<Note>,
    /// Where the lists came from.
    sources: Vec<PathBuf>,
    /// Records that could not be used.
    faulty: usize,
}

/// Where an entry stands, and its label.
#[derive(Debug, Clone)]
pub(crate) struct Note {
    pub(crate) source: usize,
    pub(crate) line: u64,
    pub(crate) label: Option<String>,
}

/// A list or set that cannot be used at all: the program's status says so.
#[derive(Debug)]
pub(crate) struct BadSet(pub(crate) anyhow::Error);

impl fmt::Display for BadSet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:#}", self.0)
    }
}

impl std::error::Error for BadSet {}

/// Reads lists, telling standard error of every record that cannot be used, and opens the set.
pub(crate) fn open<A: SetAlgorithm>(args: &KnownArgs, quiet: bool) -> Result<Known<A>, BadSet> {
    let mut lists = Lists::empty();
    for path in &args.lists {
        let named = |error| BadSet(InputError::from(error).naming(path));
        let file = File::open(path).map_err(named)?;
        let before = lists.notes.len();
        lists.add(path, file, quiet).map_err(named)?;
        // An empty list finds nothing, which must not look like a clean bill.
        if lists.notes.len() == before {
            return Err(BadSet(anyhow!("{}: no usable {} hash", shown(path), A::ID)));
        }
    }
    let set = match &args.sets[..] {
        [] => None,
        paths => Some(trust::open_set::<A>(paths, &args.trust).map_err(BadSet)?),
    };
    Ok(Known { lists, set })
}

impl<A: Algorithm> Known<A> {
    /// A sealed set that is open.
    pub(crate) fn of_set(set: Box<dyn OpenSet<A>>) -> Self {
        Self { lists: Lists::empty(), set: Some(set) }
    }

    /// Where an entry comes from.
    pub(crate) fn source(&self, entry: usize) -> Source<'_, A> {
        match (self.lists.notes.get(entry), &self.set) {
            (Some(note), _) => Source::List { path: &self.lists.sources[note.source], note },
            (None, Some(set)) => Source::Set { set: &**set, entry: entry - self.lists.notes.len() },
            (None, None) => unreachable!("an entry is in a list or in the set"),
        }
    }

    /// Which files have to be read to their end: all, where some are listed by their digests.
    pub(crate) fn kind(&self) -> Kind {
        let digests = self.set.as_ref().is_some_and(|set| set.manifest().exact.is_some());
        if digests { Kind::Any } else { Kind::Pictures }
    }

    /// Records of the lists that could not be used.
    pub(crate) fn faulty(&self) -> usize {
        self.lists.faulty
    }
}

impl<A: Algorithm> Index<A> for Known<A> {
    fn len(&self) -> usize {
        self.lists.index.len() + self.set.as_ref().map_or(0, |set| set.len())
    }

    fn search(&self, queries: &[ImageHash<A>], threshold: Threshold, found: &mut Vec<Found>) {
        self.lists.index.search(queries, threshold, found);
        if let Some(set) = &self.set {
            let mut sealed = Vec::new();
            set.search(queries, threshold, &mut sealed);
            let first = self.lists.index.len();
            found.extend(sealed.into_iter().map(|found| Found { entry: found.entry + first, ..found }));
            found.sort_unstable();
        }
    }

    fn find_file(&self, bytes: &[u8]) -> Option<(usize, FileDigest)> {
        let (entry, digest) = self.set.as_ref()?.find_file(bytes)?;
        Some((entry + self.lists.index.len(), digest))
    }
}

impl<A: Algorithm> Lists<A> {
    fn empty() -> Self {
        Self { index: LinearIndex::new(Vec::new()), notes: Vec::new(), sources: Vec::new(), faulty: 0 }
    }

    fn add(&mut self, path: &Path, file: impl Read, quiet: bool) -> io::Result<()> {
        let list = HashList::<A>::read(BufReader::new(file))?;
        let source = self.sources.len();
        self.sources.push(path.to_owned());
        self.faulty += list.faulty;
        for fault in &list.faults {
            anstream::eprintln!("{}: {}", shown(path), printable(&fault.to_string()));
        }
        if list.faulty > list.faults.len() {
            anstream::eprintln!("{}: {} more lines that cannot be used", shown(path), list.faulty - list.faults.len());
        }
        if list.unnamed > 0 && !quiet {
            let hint = if A::ID == AlgorithmId::Pdq { "; hashes from Meta's C++ tool are pdq-512" } else { "" };
            anstream::eprintln!("{}: names no algorithm, read as {}{hint}", shown(path), A::ID);
        }
        tracing::info!("{}: {} entries, {} unusable", shown(path), list.entries.len(), list.faulty);
        self.index.extend(list.entries.iter().map(|entry| entry.hash));
        self.notes.extend(list.entries.into_iter().map(|entry| Note { source, line: entry.line, label: entry.label }));
        Ok(())
    }
}
