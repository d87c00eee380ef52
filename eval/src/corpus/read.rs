//! From files to what is known of their pictures, on all threads, and only once for each content.

use std::collections::BTreeMap;
use std::ops::ControlFlow;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

use presend_core::{Algorithm, DecodeError, Dihedral, Format, Limits, Picture, Scratch};
use rayon::prelude::*;
use thiserror::Error;

use super::cache::Cache;
use super::features::Features;
use super::{Digest, File, Outcome, Sample};
use crate::cache::CacheError;

/// Where the bytes of a file come from.
pub trait Source: Sync {
    /// What the file is called.
    fn path(&self) -> String;

    /// Its content, if it is within the limits.
    ///
    /// # Errors
    /// [`Unread`] where it cannot be read, is longer than the limit, or need not be read.
    fn bytes(&self, limits: &Limits) -> Result<Vec<u8>, Unread>;
}

/// Why the content of a file is not known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Unread {
    /// It is no picture, and nobody said it was one.
    NotAPicture,
    /// It cannot be read.
    Failed(Fault),
}

/// Why a file gives no hash.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// A name that stays the same whatever the message says.
    pub code: String,
    /// What went wrong, in words.
    pub message: String,
}

impl Fault {
    fn new(code: &str, message: &impl ToString) -> Self {
        Self { code: code.into(), message: message.to_string() }
    }
}

impl From<DecodeError> for Fault {
    fn from(error: DecodeError) -> Self {
        Self::new(error.code(), &error)
    }
}

/// Bytes in memory under a name.
impl Source for (String, Result<Vec<u8>, Fault>) {
    fn path(&self) -> String {
        self.0.clone()
    }

    fn bytes(&self, _: &Limits) -> Result<Vec<u8>, Unread> {
        self.1.clone().map_err(Unread::Failed)
    }
}

/// How far a reading has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Progress {
    /// Files that were read.
    pub done: usize,
    /// All files.
    pub total: usize,
    /// Bytes of those that were read.
    pub bytes: u64,
}

/// Why there is no reading.
#[derive(Debug, Error)]
pub enum ReadError {
    /// The caller said so. What was done is in the cache.
    #[error("stopped")]
    Stopped,
    /// The cache cannot be written.
    #[error(transparent)]
    Cache(#[from] CacheError),
}

/// What is known of the content of a file: a picture with its features, or why there is none.
pub(super) type Record<A> = Result<(Sample<A>, Features), Fault>;

/// What was read: the material of a [`Corpus`](super::Corpus).
#[derive(Debug, Clone)]
pub struct Reading<A: Algorithm> {
    pub(super) found: Vec<Found>,
    pub(super) records: BTreeMap<Digest, Record<A>>,
    /// Contents that the cache knew.
    pub cached: usize,
    /// Contents that were decoded.
    pub measured: usize,
}

/// A file that was named.
#[derive(Debug, Clone)]
pub(super) struct Found {
    pub(super) path: String,
    pub(super) content: Result<Content, Unread>,
}

#[derive(Debug, Clone, Copy)]
pub(super) struct Content {
    pub(super) digest: Digest,
    pub(super) bytes: u64,
    pub(super) format: Option<Format>,
}

impl<A: Algorithm> Reading<A> {
    /// Every file as it was found, in no stratum.
    pub(super) fn files(&self) -> Vec<File<A>> {
        let failed = |fault: &Fault| Outcome::Failed { code: fault.code.clone(), message: fault.message.clone() };
        let file = |found: &Found| {
            let outcome = match &found.content {
                Ok(content) => match &self.records[&content.digest] {
                    Ok((sample, _)) => Outcome::Hashed(*sample),
                    Err(fault) => failed(fault),
                },
                Err(Unread::Failed(fault)) => failed(fault),
                Err(Unread::NotAPicture) => Outcome::NotAPicture,
            };
            File {
                digest: found.content.as_ref().ok().map(|content| content.digest),
                paths: vec![found.path.clone()],
                bytes: found.content.as_ref().map_or(0, |content| content.bytes),
                stratum: String::new(),
                outcome,
            }
        };
        self.found.iter().map(file).collect()
    }

    /// The format of each content, told by its first bytes.
    #[must_use]
    pub fn formats(&self) -> BTreeMap<Digest, Format> {
        let contents = self.found.iter().filter_map(|found| found.content.as_ref().ok());
        contents.filter_map(|content| Some((content.digest, content.format?))).collect()
    }

    /// Bytes that were read.
    #[must_use]
    pub fn bytes(&self) -> u64 {
        self.found.iter().filter_map(|found| found.content.as_ref().ok()).map(|content| content.bytes).sum()
    }
}

/// Reads every file, and hashes the first frame of those that are pictures, each content once; what the cache knows is not
/// decoded. Uses rayon's threads, each with one file in memory.
///
/// `progress` is told after each file, from any thread, and may break off. The result does not depend on the order of the
/// sources, on the threads, or on what was in the cache.
///
/// # Errors
/// [`ReadError::Stopped`] if `progress` breaks off; [`ReadError::Cache`] if the cache cannot be written. Files that cannot be
/// read are no error: they are in the reading.
pub fn read<A: Algorithm, S: Source>(
    algorithm: A,
    sources: &[S],
    limits: &Limits,
    mut cache: Option<&mut Cache<A>>,
    progress: impl Fn(Progress) -> ControlFlow<()> + Sync,
) -> Result<Reading<A>, ReadError> {
    let (done, bytes_read, stop) = (AtomicUsize::new(0), AtomicU64::new(0), AtomicBool::new(false));
    let fresh: Mutex<BTreeMap<Digest, Record<A>>> = Mutex::default();
    let failure: Mutex<Option<CacheError>> = Mutex::default();
    let lock = || fresh.lock().unwrap_or_else(PoisonError::into_inner);
    let known = cache.as_deref();
    let one = |scratch: &mut Scratch, source: &S| {
        if stop.load(Ordering::Relaxed) {
            return None;
        }
        let content = source.bytes(limits).map(|bytes| {
            let digest = Digest::of(&bytes);
            let is_known = known.is_some_and(|cache| cache.knows(&digest)) || lock().contains_key(&digest);
            if !is_known {
                let record = measure(algorithm, &bytes, limits, scratch);
                if let Some(Err(error)) = known.map(|cache| cache.remember(digest, &record)) {
                    *failure.lock().unwrap_or_else(PoisonError::into_inner) = Some(error);
                    stop.store(true, Ordering::Relaxed);
                }
                lock().insert(digest, record);
            }
            Content { digest, bytes: bytes.len() as u64, format: Format::sniff(&bytes) }
        });
        let length = content.as_ref().map_or(0, |content| content.bytes);
        let bytes = bytes_read.fetch_add(length, Ordering::Relaxed) + length;
        let done = done.fetch_add(1, Ordering::Relaxed) + 1;
        if progress(Progress { done, total: sources.len(), bytes }).is_break() {
            stop.store(true, Ordering::Relaxed);
        }
        Some(Found { path: source.path(), content })
    };
    let found: Option<Vec<Found>> = sources.par_iter().map_init(Scratch::default, one).collect();
    if let Some(error) = failure.into_inner().unwrap_or_else(PoisonError::into_inner) {
        return Err(error.into());
    }
    if let Some(cache) = &mut cache {
        cache.checkpoint()?;
    }
    let found = found.filter(|_| !stop.load(Ordering::Relaxed)).ok_or(ReadError::Stopped)?;
    let mut records = fresh.into_inner().unwrap_or_else(PoisonError::into_inner);
    let measured = records.len();
    if let Some(cache) = cache {
        let contents = found.iter().filter_map(|found| found.content.as_ref().ok());
        for Content { digest, .. } in contents {
            if let Some(record) = cache.known(digest) {
                records.insert(*digest, record.clone());
            }
        }
        cache.compact()?;
    }
    Ok(Reading { cached: records.len() - measured, found, records, measured })
}

/// The first frame, and how many there are.
fn measure<A: Algorithm>(algorithm: A, bytes: &[u8], limits: &Limits, scratch: &mut Scratch) -> Record<A> {
    let mut picture = Picture::open_in(bytes, limits, scratch)?;
    let first = picture.next().expect("there is a first frame or an error")?;
    if first.damaged {
        return Err(Fault::new("damaged", &"data is missing or corrupt"));
    }
    let view = first.pixels.view();
    let (record, hashes) =
        algorithm.hash_dihedral(view, scratch).map_err(|too_small| Fault::new("too-small", &too_small))?;
    let (width, height, format) = (first.pixels.width(), first.pixels.height(), view.format());
    let pixels = first.pixels.into_bytes();
    let features = Features::of(&pixels, width as usize, height as usize, format);
    drop(pixels);
    let others = picture.take_while(Result::is_ok).count();
    let sample = Sample {
        hash: record.hash,
        dihedral: Dihedral::ALL.map(|way| hashes[way]),
        quality: record.quality,
        width,
        height,
        frames: 1 + others as u32,
    };
    Ok((sample, features))
}
