//! Every chosen picture, on all threads.

use std::ops::ControlFlow;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use presend_core::{Algorithm, Effort, Scratch};
use rayon::prelude::*;
use thiserror::Error;

use super::cache::Cache;
use super::rows::Row;
use super::{Chosen, measure};
use crate::cache::CacheError;
use crate::corpus::Digest;
use crate::edits::{Subject, TRANSFORMS, Transform};
use crate::ops;

/// How far a measurement has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Progress {
    /// Pictures that are done.
    pub done: usize,
    /// All pictures.
    pub total: usize,
}

/// What was measured.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Measured {
    /// Sorted by digest, then by transformation.
    pub rows: Vec<Row>,
    /// Pictures that could not be measured after all.
    pub left: Vec<Left>,
    /// Rows that the cache knew.
    pub cached: usize,
}

/// A picture that could not be measured.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Left {
    /// The digest that it had.
    pub digest: Digest,
    /// Where it was.
    pub path: String,
    /// Why not.
    pub reason: String,
}

/// Why nothing was measured.
#[derive(Debug, Error)]
pub enum RunError {
    /// The caller said so. What was done is in the cache.
    #[error("stopped")]
    Stopped,
    /// The cache cannot be written.
    #[error(transparent)]
    Cache(#[from] CacheError),
}

/// Transforms and hashes pictures, of which `open` gives the files' bytes; what the cache knows is not done again. Uses rayon's
/// threads, each with one picture in memory.
///
/// `progress` is told after each picture, from any thread, and may break off. The rows depend neither on the threads nor on what
/// was in the cache. Costs about 4 s of a core for each megapixel of a picture.
///
/// # Errors
/// [`RunError::Stopped`] if `progress` breaks off; [`RunError::Cache`] if the cache cannot be written. A file that is gone or has
/// changed is no error: it is [left](Measured::left).
pub fn run<A: Algorithm>(
    algorithm: A,
    pictures: &[Chosen<A>],
    effort: Effort,
    cache: Option<&Cache>,
    open: impl Fn(&str) -> std::io::Result<Vec<u8>> + Sync,
    progress: impl Fn(Progress) -> ControlFlow<()> + Sync,
) -> Result<Measured, RunError> {
    let (done, stop) = (AtomicUsize::new(0), AtomicBool::new(false));
    let one = |scratch: &mut Scratch, chosen: &Chosen<A>| {
        if stop.load(Ordering::Relaxed) {
            return Err(RunError::Stopped);
        }
        let known = cache.map(|cache| cache.rows(&chosen.digest)).unwrap_or_default();
        let cached = known.len();
        let picture = picture(algorithm, chosen, effort, known, &open, scratch);
        if let (Some(cache), Ok((_, fresh))) = (cache, &picture) {
            cache.remember(fresh)?;
        }
        if progress(Progress { done: done.fetch_add(1, Ordering::Relaxed) + 1, total: pictures.len() }).is_break() {
            stop.store(true, Ordering::Relaxed);
        }
        Ok((cached, picture))
    };
    let outcomes: Result<Vec<_>, RunError> = pictures.par_iter().map_init(Scratch::default, one).collect();
    if let Some(cache) = cache {
        cache.finish()?;
    }
    let mut measured = Measured { rows: Vec::new(), left: Vec::new(), cached: 0 };
    for (chosen, (cached, outcome)) in pictures.iter().zip(outcomes?) {
        match outcome {
            Ok((known, fresh)) => {
                measured.cached += cached;
                measured.rows.extend(known.into_iter().chain(fresh));
            }
            Err(reason) => measured.left.push(Left { digest: chosen.digest, path: chosen.path.clone(), reason }),
        }
    }
    if stop.load(Ordering::Relaxed) {
        return Err(RunError::Stopped);
    }
    measured.rows.sort();
    Ok(measured)
}

/// The rows of a picture that were known, and those that were not; or why it cannot be measured.
fn picture<A: Algorithm>(
    algorithm: A,
    chosen: &Chosen<A>,
    effort: Effort,
    known: Vec<Row>,
    open: impl Fn(&str) -> std::io::Result<Vec<u8>>,
    scratch: &mut Scratch,
) -> Result<(Vec<Row>, Vec<Row>), String> {
    let missing: Vec<_> =
        TRANSFORMS.iter().filter(|transform| known.iter().all(|row| row.transform != transform.id)).collect();
    if missing.is_empty() {
        return Ok((known, Vec::new()));
    }
    let bytes = open(&chosen.path).map_err(|error| error.to_string())?;
    if Digest::of(&bytes) != chosen.digest {
        return Err("the file has changed".into());
    }
    let picture = ops::decode(&bytes).ok_or("the picture does not decode whole")?;
    drop(bytes);
    let subject = Subject::new(picture, chosen.digest.as_bytes());
    let row = |transform: &'static Transform| {
        let edited = measure(algorithm, &subject, &chosen.hash, transform, effort, scratch);
        Row { digest: chosen.digest, transform: transform.id, edited }
    };
    Ok((known, missing.into_iter().map(row).collect()))
}
