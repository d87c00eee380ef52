//! Files that are searched or signed, read whole: what was verified is what is searched, whatever happens to the file.

use std::fs::{self, File};
use std::io::{self, Read};
use std::path::Path;

use bytes::Bytes;
use presend_core::set::Layout;
use presend_eval::files::State;

/// A file of which the beginning was read.
pub(crate) struct Opened {
    file: File,
    head: Vec<u8>,
    length: u64,
}

/// Reads as much of a file as says what it is.
///
/// A map would spare the copy, and what is in it could change after it was verified: who writes into the file changes what is
/// searched, and who cuts it ends the program.
pub(crate) fn open(path: &Path) -> io::Result<Opened> {
    let file = regular(path)?;
    let length = file.metadata()?.len();
    let mut head = Vec::new();
    (&file).take(Layout::MAX_HEAD as u64).read_to_end(&mut head)?;
    Ok(Opened { file, head, length })
}

/// Opens what is a file, and neither a device nor a pipe whose other end may never come.
pub(crate) fn regular(path: &Path) -> io::Result<File> {
    let check = |found: fs::Metadata| match found.is_file() {
        true => Ok(()),
        false => Err(io::Error::new(io::ErrorKind::InvalidInput, "it is not a file")),
    };
    // Before it is opened, which would wait for the other end; and after, as it may be another by then.
    check(fs::metadata(path)?)?;
    let file = File::open(path)?;
    check(file.metadata()?)?;
    Ok(file)
}

impl Opened {
    /// The first bytes.
    pub(crate) fn head(&self) -> &[u8] {
        &self.head
    }

    /// Bytes of the file when it was opened.
    pub(crate) fn length(&self) -> u64 {
        self.length
    }

    /// The first so many bytes, or all if there are fewer; what was read before is not read again.
    pub(crate) fn until(&mut self, end: u64) -> io::Result<&[u8]> {
        let missing = end.saturating_sub(self.head.len() as u64);
        (&self.file).take(missing).read_to_end(&mut self.head)?;
        Ok(&self.head)
    }

    /// All bytes, which are as many as there were at first: more of a file that goes on are not read.
    pub(crate) fn read(self) -> io::Result<Bytes> {
        let Self { mut file, head: mut bytes, length } = self;
        let rest = length.saturating_sub(bytes.len() as u64);
        usize::try_from(rest).ok().and_then(|rest| bytes.try_reserve_exact(rest).ok()).ok_or_else(|| {
            io::Error::new(io::ErrorKind::OutOfMemory, format!("{length} bytes are too many for memory"))
        })?;
        (&mut file).take(rest).read_to_end(&mut bytes)?;
        let grown = file.read(&mut [0])? > 0;
        if grown || bytes.len() as u64 != length {
            return Err(io::Error::new(io::ErrorKind::InvalidData, "another program wrote to it while it was read"));
        }
        Ok(bytes.into())
    }
}

/// Hands a file to `read` that must be the same before and after: a list has no digest, and one that is just being written is
/// a list of less. Pipes are read as they come.
pub(crate) fn steady<T>(path: &Path, read: impl FnOnce(&mut File) -> io::Result<T>) -> io::Result<T> {
    let mut file = File::open(path)?;
    let before = file.metadata()?;
    let all = read(&mut file)?;
    let state = State::of(&before);
    if before.is_file() && (State::of(&file.metadata()?) != state) {
        return Err(io::Error::new(io::ErrorKind::InvalidData, "another program wrote to it while it was read"));
    }
    Ok(all)
}
