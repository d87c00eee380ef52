//! What the tests of the importers share: samples, and imports as text that can be compared.
#![allow(dead_code, reason = "not every test file uses everything")]

use std::path::PathBuf;
use std::time::{Duration, SystemTime};

use presend_core::{Algorithm, Pdq};
use presend_hashsets::import::{self, FileDigest, Import, ImportError, Shape, Withdrawal, Withdrawn};

/// The bytes of a file below `tests/samples`.
pub(crate) fn sample(name: &str) -> Vec<u8> {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/samples").join(name);
    std::fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// 2025-01-01.
pub(crate) fn now() -> SystemTime {
    SystemTime::UNIX_EPOCH + Duration::from_secs(1_735_689_600)
}

pub(crate) fn read(bytes: impl AsRef<[u8]>) -> Result<Import<Pdq>, ImportError> {
    import::read(bytes.as_ref(), None, now())
}

pub(crate) fn read_as(shape: Shape, bytes: impl AsRef<[u8]>) -> Result<Import<Pdq>, ImportError> {
    import::read(bytes.as_ref(), Some(shape), now())
}

/// A hash of equal bytes as that byte, any other in full.
pub(crate) fn short(hex: &str) -> String {
    let byte = &hex[..2];
    if byte.repeat(hex.len() / 2) == hex { byte.to_owned() } else { hex.to_owned() }
}

pub(crate) fn digest(digest: &FileDigest) -> String {
    let hex: String = digest.as_bytes().iter().map(|byte| format!("{byte:02x}")).collect();
    format!("{} {}", digest.kind(), short(&hex))
}

/// `hash quality "label" id cluster @place`, with `-` for what is not there.
pub(crate) fn entries<A: Algorithm>(import: &Import<A>) -> Vec<String> {
    let line = |entry: &import::Record<A>| {
        let quality = entry.quality.map_or("-".to_owned(), |quality| quality.to_string());
        let hash = short(&entry.hash.to_string());
        format!("{hash} {quality} {}", rest(&entry.label, &entry.id, &entry.cluster, &entry.place))
    };
    import.entries.iter().map(line).collect()
}

/// `kind digest "label" id cluster @place`.
pub(crate) fn digests<A: Algorithm>(import: &Import<A>) -> Vec<String> {
    let line = |record: &import::DigestRecord| {
        format!("{} {}", digest(&record.digest), rest(&record.label, &record.id, &record.cluster, &record.place))
    };
    import.digests.iter().map(line).collect()
}

fn rest(label: &Option<String>, id: &Option<String>, cluster: &Option<String>, place: &import::Place) -> String {
    let label = label.as_ref().map_or("-".to_owned(), |label| format!("{label:?}"));
    let text = |text: &Option<String>| text.clone().unwrap_or("-".to_owned());
    format!("{label} {} {} @{place}", text(id), text(cluster))
}

/// `id signal @place`.
pub(crate) fn withdrawn<A: Algorithm>(import: &Import<A>) -> Vec<String> {
    let line = |withdrawal: &Withdrawal<A>| {
        let signal = match &withdrawal.signal {
            None => "-".to_owned(),
            Some(Withdrawn::Hash(hash)) => short(&hash.to_string()),
            Some(Withdrawn::Digest(found)) => digest(found),
        };
        format!("{} {signal} @{}", withdrawal.id.as_deref().unwrap_or("-"), withdrawal.place)
    };
    import.withdrawn.iter().map(line).collect()
}

pub(crate) fn faults<A: Algorithm>(import: &Import<A>) -> Vec<String> {
    assert_eq!(import.faulty, import.faults.len(), "samples have few faults");
    import.faults.iter().map(ToString::to_string).collect()
}

/// `name: count`.
pub(crate) fn skipped<A: Algorithm>(import: &Import<A>) -> Vec<String> {
    import.skipped.iter().map(|(name, count)| format!("{name}: {count}")).collect()
}
