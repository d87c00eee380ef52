//! Indexes of hashes in clear against comparing one by one.

use arbitrary::{Arbitrary, Unstructured};
use bytes::Bytes;
use presend_core::{Algorithm, Backend, DHash, Found, ImageHash, Index, LinearIndex, ListIndex, Pdq, Threshold};
use sha2::{Digest, Sha256};

#[derive(Arbitrary)]
struct Search {
    threshold: u16,
    queries: Vec<[u64; 4]>,
    /// Which query an entry is like, and in which bits it differs.
    entries: Vec<(u8, Vec<u8>)>,
    parts: u8,
}

/// Plain hashes: what is found is what comparing all with all finds, by every backend, in any number of parts, and after
/// having been a file.
pub fn linear_index(bytes: &[u8]) {
    let Ok(search) = Search::arbitrary_take_rest(Unstructured::new(bytes)) else { return };
    searched::<Pdq>(&search);
    searched::<DHash>(&search);
}

/// The hash of these words, the least significant first; a shorter one has the first of them.
pub(crate) fn of_words<A: Algorithm>(words: &[u64; 4]) -> ImageHash<A> {
    let bytes: Vec<u8> = words.iter().rev().flat_map(|word| word.to_be_bytes()).collect();
    ImageHash::from_bytes(&bytes[bytes.len() - ImageHash::<A>::BITS / 8..]).expect("so many bytes")
}

fn searched<A: Algorithm>(search: &Search) {
    let queries: Vec<_> = search.queries.iter().take(40).map(of_words::<A>).collect();
    let entries: Vec<_> = search
        .entries
        .iter()
        .map(|(query, bits)| {
            let place = usize::from(*query) % search.queries.len().max(1);
            let mut words = search.queries.get(place).copied().unwrap_or_default();
            bits.iter().for_each(|bit| words[usize::from(bit / 64)] ^= 1 << (bit % 64));
            of_words(&words)
        })
        .collect();
    let threshold = Threshold::new(search.threshold % 300);
    let mut expected = Vec::new();
    for (entry, stored) in entries.iter().enumerate() {
        for (query, asked) in queries.iter().enumerate() {
            let distance = stored.distance(asked);
            if threshold.admits(distance) {
                expected.push(Found { distance, entry, query, payload: None });
            }
        }
    }
    expected.sort_unstable();
    for backend in Backend::available() {
        let index = LinearIndex::new(entries.clone()).with_backend(backend);
        let mut found = Vec::new();
        index.search(&queries, threshold, &mut found);
        assert_eq!(found, expected, "{}", backend.name());
        let parts = 1 + usize::from(search.parts % 5);
        let mut of_parts = Vec::new();
        for part in 0..parts {
            index.search_part((part, parts), &queries, threshold, &mut found);
            of_parts.extend_from_slice(&found);
        }
        of_parts.sort_unstable();
        assert_eq!(of_parts, expected, "{} in {parts} parts", backend.name());
    }
    let mut listed = ListIndex::<A>::default();
    listed.add(b"list", entries.iter().zip(1..).map(|(&hash, line)| (hash, line, None))).expect("few");
    let mut file = Vec::new();
    listed.write(&mut file).expect("memory does not fail");
    let mut found = Vec::new();
    ListIndex::<A>::parse(&Bytes::from(file)).expect("what was written").search(&queries, threshold, &mut found);
    assert_eq!(found, expected, "after having been a file");
}

/// Index files: any bytes, with the digest that they say they have put right, so that what is behind it is reached.
pub fn index_file(bytes: &[u8]) {
    opened::<Pdq>(bytes.to_vec());
    let mut bytes = bytes.to_vec();
    if bytes.len() >= 64 {
        let mut digest = Sha256::new();
        digest.update(&bytes[..32]);
        digest.update(&bytes[64..]);
        bytes[32..64].copy_from_slice(&digest.finalize());
    }
    opened::<Pdq>(bytes.clone());
    opened::<DHash>(bytes);
}

fn opened<A: Algorithm>(bytes: Vec<u8>) {
    let bytes = Bytes::from(bytes);
    let algorithm = ListIndex::<A>::algorithm_of(&bytes);
    let Ok(index) = ListIndex::<A>::parse(&bytes) else { return };
    assert_eq!(algorithm, Ok(A::ID));
    assert_eq!(index.lists().map(|(_, entries)| entries).sum::<usize>(), index.len());
    let mut found = Vec::new();
    let query = ImageHash::<A>::from_bytes(&vec![0x5a; ImageHash::<A>::BITS / 8]).expect("so many bytes");
    index.search(&[query], Threshold::new(256), &mut found);
    assert_eq!(found.len(), index.len(), "every hash is within all bits");
    (0..index.len()).for_each(|entry| assert!(index.note(entry).is_some()));
    assert!(index.note(index.len()).is_none());
    // What is read can be written, byte for byte.
    let mut again = Vec::new();
    index.write(&mut again).expect("memory does not fail");
    assert_eq!(bytes, again);
}
