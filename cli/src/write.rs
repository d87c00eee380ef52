//! Writing files whole or not at all.

use std::fs::{File, Permissions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use tempfile::{Builder, NamedTempFile};

use crate::output::shown;

/// Who may read a file that is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Readers {
    Everyone,
    /// The owner only: secrets.
    Owner,
}

/// Whether a file that is there already may be replaced.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Existing {
    Replace,
    Keep,
}

/// Puts `bytes` under `path`: written to a temporary name beside it, flushed to the disk, then renamed. Whoever opens the
/// path sees the old content or the new, never a part.
pub(crate) fn whole(path: &Path, bytes: &[u8], readers: Readers, existing: Existing) -> Result<()> {
    whole_by(path, readers, existing, |file| file.write_all(bytes))
}

/// As [`whole`], of bytes that `content` writes.
pub(crate) fn whole_by(
    path: &Path,
    readers: Readers,
    existing: Existing,
    content: impl FnOnce(&mut File) -> io::Result<()>,
) -> Result<()> {
    write(path, readers, existing, content).with_context(|| format!("cannot write {}", shown(path)))
}

fn write(
    path: &Path,
    readers: Readers,
    existing: Existing,
    content: impl FnOnce(&mut File) -> io::Result<()>,
) -> io::Result<()> {
    let mut begun = Begun::new(path, readers)?;
    content(begun.file.as_file_mut())?;
    begun.keep(existing)
}

/// A file that is being written under a temporary name. Dropped, it is gone.
#[derive(Debug)]
pub(crate) struct Begun {
    file: NamedTempFile,
    path: PathBuf,
}

impl Begun {
    pub(crate) fn new(path: &Path, readers: Readers) -> io::Result<Self> {
        let mut builder = Builder::new();
        builder.prefix(".presend-").suffix(".tmp");
        if let Some(permissions) = permissions(readers) {
            builder.permissions(permissions);
        }
        Ok(Self { file: builder.tempfile_in(folder(path))?, path: path.to_owned() })
    }

    /// Another handle to write by.
    pub(crate) fn writer(&self) -> io::Result<File> {
        self.file.as_file().try_clone()
    }

    /// Gives the file its name.
    pub(crate) fn keep(self, existing: Existing) -> io::Result<()> {
        self.file.as_file().sync_all()?;
        match existing {
            Existing::Replace => self.file.persist(&self.path)?,
            Existing::Keep => self.file.persist_noclobber(&self.path)?,
        };
        // The name is in the folder, so the folder has to reach the disk, too. Not every system opens folders.
        File::open(folder(&self.path)).and_then(|folder| folder.sync_all()).or_else(|error| match error.kind() {
            io::ErrorKind::PermissionDenied | io::ErrorKind::InvalidInput | io::ErrorKind::Unsupported => Ok(()),
            _ => Err(error),
        })
    }
}

fn folder(path: &Path) -> &Path {
    path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// The mode of the new file, before the person's own mask.
#[cfg(unix)]
fn permissions(readers: Readers) -> Option<Permissions> {
    use std::os::unix::fs::PermissionsExt;
    Some(Permissions::from_mode(match readers {
        Readers::Everyone => 0o666,
        Readers::Owner => 0o600,
    }))
}

#[cfg(not(unix))]
fn permissions(_: Readers) -> Option<Permissions> {
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_replaced_whole_and_leave_nothing_beside_them() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("out");
        for content in [&b"first"[..], b"second"] {
            whole(&path, content, Readers::Everyone, Existing::Replace).expect("written");
            assert_eq!(std::fs::read(&path).expect("there"), content);
        }
        assert!(whole(&path, b"third", Readers::Everyone, Existing::Keep).is_err());
        assert_eq!(std::fs::read(&path).expect("there"), b"second");
        assert_eq!(std::fs::read_dir(folder.path()).expect("a listing").count(), 1);
    }

    #[cfg(unix)]
    #[test]
    fn secrets_are_for_their_owner_only() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("key");
        whole(&path, b"secret", Readers::Owner, Existing::Keep).expect("written");
        assert_eq!(std::fs::metadata(&path).expect("there").permissions().mode() & 0o777, 0o600);
    }
}
