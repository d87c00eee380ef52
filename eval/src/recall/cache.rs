//! Rows kept between runs.
//!
//! As the [corpus](crate::corpus)' cache: a folder for each [`Identity`], in it files of rows that are written whole, never
//! changed, and named after what they hold. A run that is killed loses half a minute; what is not right is named
//! ([`Cache::ignored`]) and measured again.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use super::rows::{self, Identity, Row};
use crate::cache::{self, CacheError, Ignored};
use crate::corpus::Digest;

/// Rows that are written at the latest after this time.
const TIME_OF_A_CHECKPOINT: Duration = Duration::from_secs(30);

/// What is known of pictures from earlier runs, and what this run adds.
#[derive(Debug)]
pub struct Cache {
    folder: PathBuf,
    identity: Identity,
    known: BTreeMap<Digest, Vec<Row>>,
    ignored: Vec<Ignored>,
    added: Mutex<Added>,
}

#[derive(Debug)]
struct Added {
    rows: Vec<Row>,
    since: Instant,
    /// Those that were read, and those that were written.
    parts: BTreeSet<PathBuf>,
}

impl Cache {
    /// Reads the rows of this identity in a folder for all caches, which is made where it is missing.
    ///
    /// # Errors
    /// [`CacheError`] if the folder cannot be made or listed. Files that cannot be used are no error but
    /// [ignored](Self::ignored).
    pub fn open(caches: &Path, identity: Identity) -> Result<Self, CacheError> {
        let name = Digest::of(identity.to_string().as_bytes()).to_string();
        let folder = caches.join(format!("recall-{}", &name[..8]));
        let (held, ignored) = cache::read(cache::parts(&folder)?, |path| rows::read(path, &identity));
        let (parts, read): (BTreeSet<PathBuf>, Vec<_>) = held.into_iter().unzip();
        let mut known: BTreeMap<Digest, Vec<Row>> = BTreeMap::new();
        for row in rows::merge(read) {
            known.entry(row.digest).or_default().push(row);
        }
        let added = Mutex::new(Added { rows: Vec::new(), since: Instant::now(), parts });
        Ok(Self { folder, identity, known, ignored, added })
    }

    /// Files that are not used, and why.
    #[must_use]
    pub fn ignored(&self) -> &[Ignored] {
        &self.ignored
    }

    /// What earlier runs know of a picture.
    pub(super) fn rows(&self, digest: &Digest) -> Vec<Row> {
        self.known.get(digest).cloned().unwrap_or_default()
    }

    /// Adds rows, and writes a file when it is time.
    pub(super) fn remember(&self, rows: &[Row]) -> Result<(), CacheError> {
        let mut added = self.added();
        added.rows.extend_from_slice(rows);
        if added.since.elapsed() >= TIME_OF_A_CHECKPOINT { self.write(&mut added) } else { Ok(()) }
    }

    /// Writes what was added, and puts many files into one.
    pub(super) fn finish(&self) -> Result<(), CacheError> {
        let mut added = self.added();
        self.write(&mut added)?;
        if added.parts.len() > 1 {
            let parts = std::mem::take(&mut added.parts);
            // What was broken meanwhile stays, for the next run to name.
            let (held, _) = cache::read(parts, |path| rows::read(path, &self.identity));
            let (parts, read): (BTreeSet<PathBuf>, Vec<_>) = held.into_iter().unzip();
            added.rows = rows::merge(read);
            self.write(&mut added)?;
            for part in parts.difference(&added.parts) {
                // What stays behind is read again, and says the same.
                let _ = fs::remove_file(part);
            }
        }
        Ok(())
    }

    fn added(&self) -> MutexGuard<'_, Added> {
        self.added.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn write(&self, added: &mut Added) -> Result<(), CacheError> {
        added.since = Instant::now();
        let mut rows = std::mem::take(&mut added.rows);
        if rows.is_empty() {
            return Ok(());
        }
        rows.sort();
        let path = self.folder.join(format!("rows-{}.parquet", &rows::checksum(&rows)[..24]));
        let failed = |source| CacheError { what: "write", path: path.clone(), source };
        rows::write(&path, &rows, &self.identity).map_err(failed)?;
        added.parts.insert(path);
        Ok(())
    }
}
