//! Files that appear whole or not at all, and that two programs do not change at once.
//!
//! A file is written under a name of its own beside the one it is to have, flushed to the disk, and renamed. A program that is
//! killed meanwhile leaves what it had written under that name, `.presend-….tmp`, and the next that writes to the folder
//! removes it: whoever writes holds a lock on its file, which ends with the program, so what is locked is never taken away.
//!
//! Whoever changes what a file holds, reads it first and [holds](Held) it: others of these programs wait, and what yet another
//! program puts there is not written over.

use std::fs::{self, File, Metadata, Permissions, TryLockError};
use std::io;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use tempfile::{Builder, NamedTempFile};

/// What the names of files begin and end with that are being written.
const TEMPORARY: [&str; 2] = [".presend-", ".tmp"];

/// A file that is being written and locked by nobody was left behind, if nothing was written to it for so long: there is a
/// moment between making a file and locking it.
const LEFT_BEHIND: Duration = Duration::from_secs(60);

/// Who may read a file that is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Readers {
    /// Whom the person's mask admits.
    Everyone,
    /// The owner only: secrets.
    Owner,
}

/// Whether a file that is there already may be replaced.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Existing {
    /// It is.
    Replace,
    /// It is kept, and that is an error.
    Keep,
}

/// A file that is being written under a temporary name. Dropped, it is gone.
#[derive(Debug)]
pub struct Begun {
    file: NamedTempFile,
    path: PathBuf,
}

impl Begun {
    /// Begins a file that is to be found under `path`, or where the link at `path` leads. Removes what programs that were killed
    /// have left in its folder.
    ///
    /// # Errors
    /// Where a file cannot be made, or what is at `path` is no file.
    pub fn new(path: &Path, readers: Readers) -> io::Result<Self> {
        let path = target(path)?;
        let folder = folder(&path);
        sweep(folder);
        let mut builder = Builder::new();
        builder.prefix(TEMPORARY[0]).suffix(TEMPORARY[1]);
        if let Some(permissions) = permissions(readers) {
            builder.permissions(permissions);
        }
        let file = builder.tempfile_in(folder)?;
        // Where there are no locks, nothing is swept either.
        let _ = file.as_file().try_lock();
        Ok(Self { file, path })
    }

    /// The file, to be written to.
    pub fn file(&mut self) -> &mut File {
        self.file.as_file_mut()
    }

    /// Another handle to write by.
    ///
    /// # Errors
    /// Where there cannot be more of them.
    pub fn writer(&self) -> io::Result<File> {
        self.file.as_file().try_clone()
    }

    /// Gives the file its name. Waits for whoever [holds](Held) the file that is to be replaced.
    ///
    /// # Errors
    /// Where it cannot be flushed or renamed; the file that was there is as it was. Where the folder cannot be flushed, the new
    /// file is in its place but may not outlast a power cut.
    pub fn keep(self, existing: Existing) -> io::Result<()> {
        let held = match existing {
            // Who cannot open it has not read it either, and changes nothing that others do.
            Existing::Replace => Held::of(&self.path, || ()).ok(),
            Existing::Keep => None,
        };
        self.name(existing, || Ok(()))?;
        drop(held);
        Ok(())
    }

    /// Flushes the file and gives it its name, if that is still right when it comes to it.
    fn name(self, existing: Existing, still: impl FnOnce() -> io::Result<()>) -> io::Result<()> {
        self.file.as_file().sync_all()?;
        still()?;
        match existing {
            Existing::Replace => self.file.persist(&self.path)?,
            Existing::Keep => self.file.persist_noclobber(&self.path)?,
        };
        // The name is in the folder, so the folder has to reach the disk, too. Not every system opens folders.
        File::open(folder(&self.path)).and_then(|folder| folder.sync_all()).or_else(|error| match error.kind() {
            io::ErrorKind::PermissionDenied | io::ErrorKind::InvalidInput | io::ErrorKind::Unsupported => Ok(()),
            kind => Err(io::Error::new(kind, format!("it is there, but its folder cannot be flushed: {error}"))),
        })
    }
}

/// A file that is being changed: read, and replaced by what follows from it. Until this is dropped, others who would hold or
/// replace it wait.
#[derive(Debug)]
pub struct Held {
    path: PathBuf,
    /// What was there, and its lock.
    before: Option<(File, State)>,
}

impl Held {
    /// Holds the file at `path`; where there is none, there is nothing to hold. Calls `waiting` before it waits for somebody else.
    ///
    /// # Errors
    /// Where the file cannot be opened, or is none.
    pub fn of(path: &Path, waiting: impl FnOnce()) -> io::Result<Self> {
        let path = target(path)?;
        let mut waiting = Some(waiting);
        loop {
            let file = match File::open(&path) {
                Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Self { path, before: None }),
                opened => opened?,
            };
            match file.try_lock() {
                Err(TryLockError::WouldBlock) => {
                    if let Some(waiting) = waiting.take() {
                        waiting();
                    }
                    file.lock()?;
                }
                // A file system without locks leaves the comparison at the end.
                Ok(()) | Err(TryLockError::Error(_)) => {}
            }
            let state = State::of(&file.metadata()?);
            // Whom we waited for has put another file there.
            if fs::metadata(&path).is_ok_and(|now| State::of(&now).is_same_file(&state)) {
                return Ok(Self { path, before: Some((file, state)) });
            }
        }
    }

    /// Whether there is a file.
    #[must_use]
    pub fn exists(&self) -> bool {
        self.before.is_some()
    }

    /// Puts a file in the place of the one that was held.
    ///
    /// # Errors
    /// As [`Begun::keep`]; and [`AlreadyExists`](io::ErrorKind::AlreadyExists) or [`ResourceBusy`](io::ErrorKind::ResourceBusy) if
    /// somebody who waits for nobody has put or changed a file there meanwhile, which is kept.
    pub fn replace(self, begun: Begun) -> io::Result<()> {
        match &self.before {
            None => begun.name(Existing::Keep, || Ok(())),
            Some((_, before)) => begun.name(Existing::Replace, || {
                let now = fs::metadata(&self.path).map(|now| State::of(&now));
                if now.is_ok_and(|now| now == *before) {
                    return Ok(());
                }
                Err(io::Error::new(io::ErrorKind::ResourceBusy, "another program has changed it meanwhile: it is kept"))
            }),
        }
    }
}

/// What tells whether a file was replaced or written to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct State {
    file: Option<(u64, u64)>,
    length: u64,
    modified: Option<SystemTime>,
}

impl State {
    /// The state of a file.
    #[must_use]
    pub fn of(metadata: &Metadata) -> Self {
        Self { file: number(metadata), length: metadata.len(), modified: metadata.modified().ok() }
    }

    fn is_same_file(&self, other: &Self) -> bool {
        self.file == other.file
    }
}

/// Where a file to be written is: behind the links at its path, if there are any.
fn target(path: &Path) -> io::Result<PathBuf> {
    let is_link = fs::symlink_metadata(path).is_ok_and(|found| found.is_symlink());
    let path = if is_link { fs::canonicalize(path)? } else { path.to_owned() };
    match fs::metadata(&path) {
        Ok(found) if found.is_dir() => Err(io::ErrorKind::IsADirectory.into()),
        // Devices and pipes hold nothing that could be replaced.
        Ok(found) if !found.is_file() => Err(io::Error::new(io::ErrorKind::InvalidInput, "it is not a file")),
        _ => Ok(path),
    }
}

fn folder(path: &Path) -> &Path {
    path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// Removes what programs that were killed have left in a folder. What cannot be removed stays: nobody reads it.
fn sweep(folder: &Path) {
    let [start, end] = TEMPORARY;
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let name = entry.file_name();
        if name.to_str().is_some_and(|name| name.starts_with(start) && name.ends_with(end)) && abandoned(&entry.path())
        {
            let _ = fs::remove_file(entry.path());
        }
    }
}

fn abandoned(path: &Path) -> bool {
    let age = |found: &Metadata| found.modified().ok()?.elapsed().ok();
    let old = |found: Metadata| found.is_file() && age(&found).is_some_and(|age| age >= LEFT_BEHIND);
    fs::symlink_metadata(path).is_ok_and(old) && File::open(path).is_ok_and(|file| file.try_lock().is_ok())
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

/// The numbers of the device and of the file on it.
#[cfg(unix)]
fn number(metadata: &Metadata) -> Option<(u64, u64)> {
    use std::os::unix::fs::MetadataExt;
    Some((metadata.dev(), metadata.ino()))
}

#[cfg(not(unix))]
fn number(_: &Metadata) -> Option<(u64, u64)> {
    None
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    fn put(path: &Path, bytes: &[u8], readers: Readers, existing: Existing) -> io::Result<()> {
        let mut begun = Begun::new(path, readers)?;
        begun.file().write_all(bytes)?;
        begun.keep(existing)
    }

    fn begun(path: &Path, bytes: &[u8]) -> Begun {
        let mut begun = Begun::new(path, Readers::Everyone).expect("a folder of ours");
        begun.file().write_all(bytes).expect("room");
        begun
    }

    fn names(folder: &Path) -> Vec<String> {
        let entries = fs::read_dir(folder).expect("a listing").map(|entry| entry.expect("listed").file_name());
        let mut names: Vec<String> = entries.map(|name| name.to_string_lossy().into_owned()).collect();
        names.sort();
        names
    }

    #[test]
    fn files_are_replaced_whole_and_leave_nothing_beside_them() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("out");
        for content in [&b"first"[..], b"second"] {
            put(&path, content, Readers::Everyone, Existing::Replace).expect("written");
            assert_eq!(fs::read(&path).expect("there"), content);
        }
        assert!(put(&path, b"third", Readers::Everyone, Existing::Keep).is_err());
        assert_eq!(fs::read(&path).expect("there"), b"second");
        assert_eq!(names(folder.path()), ["out"]);
    }

    #[cfg(unix)]
    #[test]
    fn secrets_are_for_their_owner_only() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("key");
        put(&path, b"secret", Readers::Owner, Existing::Keep).expect("written");
        assert_eq!(fs::metadata(&path).expect("there").permissions().mode() & 0o777, 0o600);
    }

    #[cfg(unix)]
    #[test]
    fn a_link_is_followed_and_a_pipe_or_a_folder_is_not_replaced() {
        let folder = tempfile::tempdir().expect("a folder");
        let (path, link) = (folder.path().join("out"), folder.path().join("link"));
        fs::write(&path, b"first").expect("a folder of ours");
        std::os::unix::fs::symlink("out", &link).expect("a folder of ours");
        put(&link, b"second", Readers::Everyone, Existing::Replace).expect("written");
        assert_eq!(fs::read(&path).expect("there"), b"second");
        assert!(fs::symlink_metadata(&link).expect("there").is_symlink());
        assert_eq!(
            Begun::new(Path::new("/dev/null"), Readers::Everyone).err().map(|error| error.to_string()),
            Some("it is not a file".into())
        );
        let is_folder = Begun::new(folder.path(), Readers::Everyone).err().map(|error| error.kind());
        assert_eq!(is_folder, Some(io::ErrorKind::IsADirectory));
    }

    #[test]
    fn what_was_left_behind_is_removed_and_what_is_being_written_is_not() {
        let folder = tempfile::tempdir().expect("a folder");
        let old = SystemTime::now() - 2 * LEFT_BEHIND;
        let being_written = begun(&folder.path().join("slow"), b"so far");
        being_written.file.as_file().set_modified(old).expect("our file");
        let slow = being_written.file.path().file_name().expect("a name").to_string_lossy().into_owned();
        for (name, age) in [(".presend-1.tmp", old), (".presend-2.tmp", SystemTime::now()), (".other-1.tmp", old)] {
            let file = File::create(folder.path().join(name)).expect("a folder of ours");
            file.set_modified(age).expect("our file");
        }
        put(&folder.path().join("out"), b"", Readers::Everyone, Existing::Replace).expect("written");
        let mut left = vec![".other-1.tmp", ".presend-2.tmp", &slow, "out"];
        left.sort_unstable();
        assert_eq!(names(folder.path()), left);
        being_written.keep(Existing::Replace).expect("it is still there");
        assert_eq!(fs::read(folder.path().join("slow")).expect("there"), b"so far");
    }

    #[test]
    fn who_would_change_a_file_waits_for_who_does() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = &folder.path().join("sum");
        fs::write(path, b"0").expect("a folder of ours");
        let add = || {
            let held = Held::of(path, || ()).expect("it is there");
            let sum: u32 = fs::read_to_string(path).expect("whole").parse().expect("a number");
            held.replace(begun(path, (sum + 1).to_string().as_bytes())).expect("ours alone");
        };
        std::thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| (0..25).for_each(|_| add()));
            }
        });
        assert_eq!(fs::read(path).expect("there"), b"100");
    }

    #[test]
    fn what_another_program_puts_there_meanwhile_is_kept() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = &folder.path().join("file");
        let replaced = |held: Held| held.replace(begun(path, b"ours")).err().map(|error| error.kind());
        let held = Held::of(path, || ()).expect("nothing to hold");
        assert!(!held.exists());
        fs::write(path, b"theirs").expect("a folder of ours");
        assert_eq!(replaced(held), Some(io::ErrorKind::AlreadyExists));
        let held = Held::of(path, || ()).expect("it is there");
        fs::write(path, b"theirs, longer").expect("a folder of ours");
        assert_eq!(replaced(held), Some(io::ErrorKind::ResourceBusy));
        let held = Held::of(path, || ()).expect("it is there");
        fs::remove_file(path).expect("a folder of ours");
        assert_eq!(replaced(held), Some(io::ErrorKind::ResourceBusy));
        fs::write(path, b"theirs").expect("a folder of ours");
        let held = Held::of(path, || ()).expect("it is there");
        assert_eq!(replaced(held), None);
        assert_eq!(fs::read(path).expect("there"), b"ours");
    }
}
