//! Files as memory, without reading them first.

use std::fs::File;
use std::io;
use std::path::Path;

use bytes::Bytes;

/// The bytes of a file, mapped into memory: a set of a million hashes is there at once, and only what is looked at is
/// read.
///
/// Nothing else may change the file meanwhile; sets are replaced by renaming, which leaves the mapped bytes as they were.
#[allow(unsafe_code, reason = "a memory map is the one thing here that cannot be had without")]
pub(crate) fn file(path: &Path) -> io::Result<Bytes> {
    let file = File::open(path)?;
    if !file.metadata()?.is_file() {
        return Err(io::Error::new(io::ErrorKind::InvalidInput, "not a file"));
    }
    // SAFETY: the map is only read, and stays for as long as the `Bytes` that own it. What it cannot exclude is another
    // program that writes into the same file; `write::whole` never does, it puts a new file in the place of the old one.
    let map = unsafe { memmap2::Mmap::map(&file)? };
    Ok(Bytes::from_owner(map))
}
