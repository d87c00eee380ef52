//! The lists of known hashes that a scan is given.

use std::fs::File;
use std::io::{self, BufReader, Read};
use std::path::{Path, PathBuf};

use presend_core::{Algorithm, AlgorithmId, LinearIndex};
use presend_hashsets::list::HashList;

use crate::input::InputError;
use crate::output::{printable, shown};

/// Every entry of every list, searchable.
pub(crate) struct Known<A: Algorithm> {
    pub(crate) index: LinearIndex<A>,
    /// What the lists say of each entry of the index.
    pub(crate) notes: Vec<Note>,
    /// Where the lists came from.
    pub(crate) sources: Vec<PathBuf>,
    /// Records that could not be used.
    pub(crate) faulty: usize,
}

/// Where an entry stands, and its label.
#[derive(Debug, Clone)]
pub(crate) struct Note {
    pub(crate) source: usize,
    pub(crate) line: u64,
    pub(crate) label: Option<String>,
}

/// A list that cannot be used at all.
#[derive(Debug)]
pub(crate) struct BadList(pub(crate) anyhow::Error);

/// Reads list files, telling standard error of every record that cannot be used.
pub(crate) fn read<A: Algorithm>(paths: &[PathBuf], quiet: bool) -> Result<Known<A>, BadList> {
    let mut known = Known::empty();
    for path in paths {
        let named = |error| BadList(InputError::from(error).naming(path));
        let file = File::open(path).map_err(named)?;
        let before = known.notes.len();
        known.add(path, file, quiet).map_err(named)?;
        // An empty list finds nothing, which must not look like a clean bill.
        if known.notes.len() == before {
            return Err(BadList(anyhow::anyhow!("{}: no usable {} hash", shown(path), A::ID)));
        }
    }
    Ok(known)
}

impl<A: Algorithm> Known<A> {
    fn empty() -> Self {
        Self { index: LinearIndex::new(Vec::new()), notes: Vec::new(), sources: Vec::new(), faulty: 0 }
    }

    /// A list that is in memory.
    pub(crate) fn embedded(name: &str, bytes: &[u8]) -> io::Result<Self> {
        let mut known = Self::empty();
        known.add(Path::new(name), bytes, false)?;
        Ok(known)
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
