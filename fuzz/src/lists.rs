//! Lists of hashes, in every shape they are read in.

use std::time::{Duration, SystemTime};

use bytes::Bytes;
use presend_core::{Algorithm, DHash, Index, ListIndex, Pdq, Threshold};
use presend_hashsets::import::{self, Import, Place, Shape};
use presend_hashsets::list::{HashList, MAX_FAULTS};

/// The most bytes of a label.
const MAX_LABEL: usize = 1024;

/// Lists for the owner's side: the first byte says which shape, or that it is to be found out.
pub fn import(bytes: &[u8]) {
    let Some((&first, bytes)) = bytes.split_first() else { return };
    let shape = Shape::ALL.get(usize::from(first) % (Shape::ALL.len() + 1)).copied();
    imported::<Pdq>(bytes, shape);
    imported::<DHash>(bytes, shape);
}

fn imported<A: Algorithm + PartialEq>(bytes: &[u8], shape: Option<Shape>) {
    let now = SystemTime::UNIX_EPOCH + Duration::from_secs(1_800_000_000);
    let Ok(import) = import::read::<A>(bytes, shape, now) else { return };
    let Import { entries, digests, faults, faulty, unnamed, .. } = &import;
    assert!(shape.is_none_or(|shape| shape == import.shape));
    assert_eq!(faults.len(), (*faulty).min(MAX_FAULTS));
    assert!(*unnamed <= entries.len());
    let labels = entries.iter().map(|record| &record.label).chain(digests.iter().map(|record| &record.label));
    assert!(labels.flatten().all(|label| label.len() <= MAX_LABEL));
    // Told by its content, a file is read as if its shape had been named.
    let named = import::read::<A>(bytes, Some(import.shape), now).expect("it was read before");
    assert_eq!((&named.entries, &named.digests, &named.faults), (entries, digests, faults));
    if import.shape == Shape::List && digests.is_empty() && import.withdrawn.is_empty() {
        // A scan reads the same list in its own way.
        let list = HashList::<A>::read(bytes).expect("memory does not fail");
        let scanned: Vec<_> = list.entries.iter().map(|entry| (entry.hash, Place::Line(entry.line))).collect();
        let imported: Vec<_> = entries.iter().map(|record| (record.hash, record.place.clone())).collect();
        if entries.iter().all(|record| record.id.is_none()) {
            assert_eq!(scanned, imported);
        }
    }
}

/// Lists as a scan reads them, and the index file that is made of one.
pub fn list(bytes: &[u8]) {
    listed::<Pdq>(bytes);
    listed::<DHash>(bytes);
}

fn listed<A: Algorithm>(bytes: &[u8]) {
    let list = HashList::<A>::read(bytes).expect("memory does not fail");
    assert_eq!(list.faults.len(), list.faulty.min(MAX_FAULTS));
    assert!(list.unnamed <= list.entries.len());
    assert!(list.entries.is_sorted_by(|one, next| one.line <= next.line));
    let mut index = ListIndex::<A>::default();
    let entries = list.entries.iter().map(|entry| (entry.hash, entry.line, entry.label.as_deref()));
    index.add(b"list", entries).expect("few");
    let mut file = Vec::new();
    index.write(&mut file).expect("memory does not fail");
    let again = ListIndex::<A>::parse(&Bytes::from(file)).expect("what was written");
    assert_eq!(again.len(), list.entries.len());
    for (place, entry) in list.entries.iter().enumerate().take(32) {
        let note = again.note(place).expect("an entry");
        assert_eq!(
            (u64::from(note.line), note.label),
            (entry.line, entry.label.as_deref().filter(|label| !label.is_empty()))
        );
        let mut found = Vec::new();
        again.search(&[entry.hash], Threshold::new(0), &mut found);
        assert!(found.iter().any(|found| found.entry == place), "entry {place} does not find itself");
    }
}
