//! Folders of files that are kept between runs: each is written whole, never changed, and named after what it holds.
//!
//! A run adds files (*parts*) and at its end puts all into one. What another run has put into a larger one is gone, and is no
//! fault: its rows are in that.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::{fs, io};

use parquet::errors::ParquetError;
use thiserror::Error;

/// The cache cannot be used.
#[derive(Debug, Error)]
#[error("cannot {what} {}: {source}", .path.display())]
pub struct CacheError {
    pub(crate) what: &'static str,
    pub(crate) path: PathBuf,
    pub(crate) source: ParquetError,
}

/// A file in the folder of the cache that is not used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ignored {
    /// Where it is.
    pub path: PathBuf,
    /// What is wrong with it.
    pub reason: String,
}

/// The parts in a folder, which is made where it is missing.
pub(crate) fn parts(folder: &Path) -> Result<BTreeSet<PathBuf>, CacheError> {
    let failed = |what| move |source: io::Error| CacheError { what, path: folder.to_owned(), source: source.into() };
    fs::create_dir_all(folder).map_err(failed("make"))?;
    let mut parts = BTreeSet::new();
    for entry in fs::read_dir(folder).map_err(failed("list"))? {
        let path = entry.map_err(failed("list"))?.path();
        if path.extension().is_some_and(|extension| extension == "parquet") {
            parts.insert(path);
        }
    }
    Ok(parts)
}

/// What parts hold, each with its path; and those that cannot be read. A part that is gone is passed over.
pub(crate) fn read<T>(
    parts: BTreeSet<PathBuf>,
    read: impl Fn(&Path) -> Result<T, ParquetError>,
) -> (Vec<(PathBuf, T)>, Vec<Ignored>) {
    let (mut held, mut ignored) = (Vec::new(), Vec::new());
    for path in parts {
        match read(&path) {
            Ok(rows) => held.push((path, rows)),
            Err(ParquetError::External(error)) if is_missing(&*error) => {}
            Err(error) => ignored.push(Ignored { path, reason: error.to_string() }),
        }
    }
    (held, ignored)
}

fn is_missing(error: &(dyn std::error::Error + 'static)) -> bool {
    error.downcast_ref::<io::Error>().is_some_and(|error| error.kind() == io::ErrorKind::NotFound)
}
