//! What a scan matches against: lists of known hashes, index files of such, and a sealed set.

use std::fmt;
use std::io::BufReader;
use std::path::{Path, PathBuf};

use anyhow::{Result, anyhow};
use presend_core::set::FileDigest;
use presend_core::{Algorithm, AlgorithmId, Found, ImageHash, Index, IndexFileError, ListIndex, Note, Threshold};
use presend_hashsets::list::HashList;
use rayon::ThreadPool;
use rayon::iter::{IntoParallelIterator, ParallelIterator};

use crate::algorithm::{OpenSet, SetAlgorithm};
use crate::args::KnownArgs;
use crate::input::{InputError, Kind};
use crate::output::{printable, shown};
use crate::{read, trust};

/// Every entry of every list, of every index file, and of the sealed set, searchable, in this order.
pub(crate) struct Known<A: Algorithm> {
    /// In clear: the lists together, then each index file.
    lists: Vec<ListIndex<A>>,
    set: Option<Box<dyn OpenSet<A>>>,
    /// Records of the lists that could not be used.
    faulty: usize,
    /// Threads that share a large search.
    pool: Option<ThreadPool>,
}

/// Where an entry comes from.
pub(crate) enum Source<'a, A: Algorithm> {
    List(Note<'a>),
    Set { set: &'a dyn OpenSet<A>, entry: usize },
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

/// Reads lists, telling standard error of every record that cannot be used, and opens index files and the set.
pub(crate) fn open<A: SetAlgorithm>(args: &KnownArgs, quiet: bool) -> Result<Known<A>> {
    let (mut lists, mut faulty) = (Vec::new(), 0);
    if !args.lists.is_empty() {
        let mut index = ListIndex::default();
        for path in &args.lists {
            faulty += add_list(&mut index, path, quiet)?;
        }
        lists.push(index);
    }
    for path in &args.indexes {
        let index = open_index(path)?;
        if index.is_empty() {
            return Err(BadSet(anyhow!("{}: no usable {} hash", shown(path), A::ID)).into());
        }
        lists.push(index);
    }
    let set = match &args.sets[..] {
        [] => None,
        paths => Some(trust::open_set::<A>(paths, &args.trust)?),
    };
    Ok(Known { lists, set, faulty, pool: None })
}

/// An index file, read whole.
pub(crate) fn open_index<A: Algorithm>(path: &Path) -> Result<ListIndex<A>, BadSet> {
    let unreadable = |error| BadSet(InputError::from(error).naming(path));
    let broken = |error: IndexFileError| BadSet(anyhow!("{}: {error}", shown(path)));
    let opened = read::open(path).map_err(unreadable)?;
    ListIndex::<A>::check_length(opened.head(), opened.length()).map_err(broken)?;
    ListIndex::parse(&opened.read().map_err(unreadable)?).map_err(broken)
}

impl<A: Algorithm> Known<A> {
    /// Lists that are read.
    #[cfg(test)]
    pub(crate) fn of_lists(lists: Vec<ListIndex<A>>) -> Self {
        Self { lists, set: None, faulty: 0, pool: None }
    }

    /// A sealed set that is open.
    pub(crate) fn of_set(set: Box<dyn OpenSet<A>>) -> Self {
        Self { lists: Vec::new(), set: Some(set), faulty: 0, pool: None }
    }

    /// The same, with these threads to share large searches: for a run over fewer pictures than there are threads. With a
    /// picture for every thread, sharing only makes threads wait for one another.
    pub(crate) fn shared(self, pool: ThreadPool) -> Self {
        Self { pool: Some(pool), ..self }
    }

    /// Where an entry comes from.
    pub(crate) fn source(&self, mut entry: usize) -> Source<'_, A> {
        for list in &self.lists {
            match list.note(entry) {
                Some(note) => return Source::List(note),
                None => entry -= list.len(),
            }
        }
        Source::Set { set: &**self.set.as_ref().expect("an entry is in a list or in the set"), entry }
    }

    /// How many entries are in clear.
    fn listed(&self) -> usize {
        self.lists.iter().map(Index::len).sum()
    }

    /// Which files have to be read to their end: all, where some are listed by their digests.
    pub(crate) fn kind(&self) -> Kind {
        let digests = self.set.as_ref().is_some_and(|set| set.manifest().exact.is_some());
        if digests { Kind::Any } else { Kind::Pictures }
    }

    /// Who shares so many comparisons, if it pays.
    fn sharing(&self, comparisons: usize) -> Option<&ThreadPool> {
        self.pool.as_ref().filter(|_| comparisons >= WORTH_SHARING)
    }

    /// Records of the lists that could not be used.
    pub(crate) fn faulty(&self) -> usize {
        self.faulty
    }
}

impl<A: Algorithm> Index<A> for Known<A> {
    fn len(&self) -> usize {
        self.listed() + self.set.as_ref().map_or(0, |set| set.len())
    }

    fn search(&self, queries: &[ImageHash<A>], threshold: Threshold, found: &mut Vec<Found>) {
        found.clear();
        let mut first = 0;
        for list in &self.lists {
            let search = |part, found: &mut _| list.search_part(part, queries, threshold, found);
            search_on_threads(self.sharing(list.len() * queries.len()), search, first, found);
            first += list.len();
        }
        if let Some(set) = &self.set {
            let search = |part, found: &mut _| set.search_part(part, queries, threshold, found);
            search_on_threads(self.sharing(set.len() * queries.len()), search, first, found);
        }
        found.sort_unstable();
    }

    fn find_file(&self, bytes: &[u8]) -> Option<(usize, FileDigest)> {
        let (entry, digest) = self.set.as_ref()?.find_file(bytes)?;
        Some((entry + self.listed(), digest))
    }
}

/// Comparisons that pay for sharing a search between threads: from 2^18 on for one query, from 2^19 for eight at once, as
/// measured in `docs/performance.md`; and the most that is lost where no core is free is a sixth.
const WORTH_SHARING: usize = 1 << 20;

/// Appends what a search finds, its entries counted from `first`, in parts for all threads of a pool if there is one.
fn search_on_threads(
    pool: Option<&ThreadPool>,
    search: impl Fn((usize, usize), &mut Vec<Found>) + Sync,
    first: usize,
    found: &mut Vec<Found>,
) {
    let part = |part, parts| {
        let mut found = Vec::new();
        search((part, parts), &mut found);
        found
    };
    let of_parts: Vec<_> = match pool {
        None => vec![part(0, 1)],
        Some(pool) => {
            let parts = 2 * pool.current_num_threads();
            pool.install(|| (0..parts).into_par_iter().map(|number| part(number, parts)).collect())
        }
    };
    found.extend(of_parts.into_iter().flatten().map(|found| Found { entry: found.entry + first, ..found }));
}

/// Reads a list, telling standard error of every record that cannot be used; how many those are.
pub(crate) fn add_list<A: Algorithm>(index: &mut ListIndex<A>, path: &Path, quiet: bool) -> Result<usize, BadSet> {
    let named = |error| BadSet(InputError::from(error).naming(path));
    let list = read::steady(path, |file| HashList::<A>::read(BufReader::new(file))).map_err(named)?;
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
    // An empty list finds nothing, which must not look like a clean bill.
    if list.entries.is_empty() {
        return Err(BadSet(anyhow!("{}: no usable {} hash", shown(path), A::ID)));
    }
    let entries = list.entries.iter().map(|entry| (entry.hash, entry.line, entry.label.as_deref()));
    index
        .add(path.as_os_str().as_encoded_bytes(), entries)
        .map_err(|error| BadSet(anyhow!("{}: {error}", shown(path))))?;
    Ok(list.faulty)
}

/// The path that a list was read from, by its name in an index.
#[cfg(unix)]
pub(crate) fn path_of_list(name: &[u8]) -> PathBuf {
    use std::os::unix::ffi::OsStrExt;
    PathBuf::from(std::ffi::OsStr::from_bytes(name))
}

#[cfg(not(unix))]
pub(crate) fn path_of_list(name: &[u8]) -> PathBuf {
    PathBuf::from(String::from_utf8_lossy(name).into_owned())
}

#[cfg(test)]
mod tests {
    use presend_core::Pdq;

    use super::*;

    #[test]
    fn a_shared_search_finds_what_one_thread_does() {
        let mut state = 1_u64;
        let mut hash = || {
            let bytes: Vec<u8> = (0..32)
                .map(|_| {
                    // Knuth's MMIX.
                    state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
                    (state >> 56) as u8
                })
                .collect();
            ImageHash::<Pdq>::from_bytes(&bytes).expect("32 bytes")
        };
        let lists = [40_000, 700].map(|number| {
            let mut list = ListIndex::default();
            list.add(b"list", (1..=number).map(|line| (hash(), line, None))).expect("few");
            list
        });
        let queries: Vec<_> = (0..32).map(|_| hash()).collect();
        assert!(lists[0].len() * queries.len() > WORTH_SHARING);
        let pool = || rayon::ThreadPoolBuilder::new().num_threads(4).build().expect("threads");
        let search = |pool| {
            let known = Known { pool, ..Known::of_lists(lists.to_vec()) };
            let mut found = Vec::new();
            known.search(&queries, Threshold::new(95), &mut found);
            found
        };
        let shared = search(Some(pool()));
        assert!(shared.iter().any(|found| found.entry >= 40_000), "of both lists");
        assert_eq!(shared, search(None));
    }
}
