//! Sealed sets, from hashes to verdicts: what is found, by every backend, and that nothing can be changed.

use std::collections::BTreeSet;
use std::path::Path;

use presend_core::set::{
    FileDigest, FormatError, KnownSet, Payload, SetError, SetFile, SetStream, TagCost, Timestamp, Trust, TrustError,
    Verified,
};
use presend_core::{Backend, Distance, Found, ImageHash, Index, LinearIndex, Pdq, Pdq512, Radius, Threshold};
use presend_hashsets::publish::{self, Release};
use presend_hashsets::seal::{self, Cluster, Options, SealedSegment};
use presend_hashsets::sign::{self, KeyPair};
use rayon::prelude::*;

/// `SplitMix64` (Steele, Lea and Flood 2014).
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    fn hash(&mut self) -> ImageHash<Pdq> {
        of_words(std::array::from_fn(|_| self.next()))
    }

    /// The hash with so many of its 256 bits flipped.
    fn edited(&mut self, hash: &ImageHash<Pdq>, weight: usize) -> ImageHash<Pdq> {
        let mut words: [u64; 4] = hash.words().try_into().expect("four words");
        let mut bits = BTreeSet::new();
        while bits.len() < weight {
            bits.insert((self.next() % 256) as usize);
        }
        bits.into_iter().for_each(|bit| words[bit / 64] ^= 1 << (bit % 64));
        of_words(words)
    }
}

fn of_words(words: [u64; 4]) -> ImageHash<Pdq> {
    let bytes: Vec<u8> = words.iter().rev().flat_map(|word| word.to_be_bytes()).collect();
    ImageHash::from_bytes(&bytes).expect("32 bytes")
}

fn sealed(hashes: &[ImageHash<Pdq>], radius: Radius, seed: u8) -> SealedSegment {
    let clusters: Vec<_> = hashes.iter().map(|&hash| Cluster { hashes: vec![hash], label: None }).collect();
    let mut options = Options::new([seed; 32]);
    options.radius = radius;
    options.cost = TagCost::new(8, 1).expect("the least");
    seal::seal(&clusters, &[], &options).expect("hashes to seal")
}

fn release(version: u64) -> Release {
    Release {
        name: "test".into(),
        version,
        created: Timestamp::from_seconds(1_000_000).expect("a time"),
        expires: Timestamp::from_seconds(2_000_000).expect("a time"),
        sources: Vec::new(),
    }
}

fn set_of(sealed: &SealedSegment) -> KnownSet<Pdq> {
    let manifest = publish::first(release(1), sealed).expect("a manifest");
    let file = SetFile::write(&manifest.to_bytes(), &[Some(&sealed.bytes)]).expect("a file");
    KnownSet::open_unsigned(&[SetFile::parse(file).expect("a set file")]).expect("a set")
}

/// The entries that hashes became: sealing shuffles them, and a hash finds itself.
fn found(set: &KnownSet<Pdq>, queries: &[ImageHash<Pdq>], threshold: u16) -> Vec<Found> {
    let mut found = Vec::new();
    set.search(queries, Threshold::new(threshold), &mut found);
    found
}

/// Ten thousand real hashes: those of the pictures of `images/dev`, and of their mirror images, whose bits follow from
/// them.
fn real() -> Option<Vec<ImageHash<Pdq>>> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/images/dev/manifest.csv");
    if !path.exists() {
        println!("skipped: {} is not on this machine", path.display());
        return None;
    }
    let mut table = csv::Reader::from_path(path).expect("a table");
    let column = table.headers().expect("a header").iter().position(|name| name == "pdq").expect("a column of hashes");
    let mut hashes = BTreeSet::new();
    for row in table.records() {
        let row = row.expect("a row");
        let Ok(hash) = row[column].parse::<ImageHash<Pdq>>() else { continue };
        let words: [u64; 4] = hash.words().try_into().expect("four words");
        // Mirroring left to right negates the odd frequencies, which have even columns.
        let mirrored = words.map(|word| word ^ 0x5555_5555_5555_5555);
        let upside_down = words.map(|word| word ^ 0x0000_ffff_0000_ffff);
        let turned = mirrored.map(|word| word ^ 0x0000_ffff_0000_ffff);
        hashes.extend([words, mirrored, upside_down, turned].map(of_words));
    }
    Some(hashes.into_iter().take(10_000).collect())
}

/// Every weight up to the radius is found with its distance and no larger one, for each of the hashes.
fn check_weights(hashes: &[ImageHash<Pdq>], radius: Radius) {
    hashes.par_chunks(256).enumerate().for_each(|(chunk, hashes)| {
        let set = set_of(&sealed(hashes, radius, 1));
        let mut random = Random(chunk as u64);
        let limit = usize::from(radius.bits());
        let weights: Vec<usize> = (0..hashes.len()).map(|i| (i + chunk) % (limit + 9)).collect();
        let queries: Vec<_> = hashes.iter().zip(&weights).map(|(hash, &weight)| random.edited(hash, weight)).collect();
        let mut expected = Vec::new();
        LinearIndex::new(hashes.to_vec()).search(&queries, Threshold::new(radius.bits()), &mut expected);
        let mut expected: Vec<(usize, Distance)> = expected.iter().map(|found| (found.query, found.distance)).collect();
        let mut found: Vec<_> = found(&set, &queries, 256).iter().map(|found| (found.query, found.distance)).collect();
        expected.sort_unstable();
        found.sort_unstable();
        assert_eq!(found, expected, "radius {radius}, hashes from {}", chunk * 256);
        let own = |query: usize| (query, weights[query] as u16);
        for query in (0..queries.len()).filter(|&query| weights[query] <= limit) {
            assert!(found.iter().any(|&(query_found, distance)| (query_found, distance.bits()) == own(query)));
        }
    });
}

#[test]
fn weights_up_to_the_radius_are_found_in_a_hundred_thousand_random_hashes() {
    let mut random = Random(7);
    let hashes: Vec<_> = (0..100_000).map(|_| random.hash()).collect();
    for radius in Radius::ALL {
        check_weights(&hashes, radius);
    }
}

#[test]
fn weights_up_to_the_radius_are_found_in_ten_thousand_real_hashes() {
    let Some(hashes) = real() else { return };
    assert_eq!(hashes.len(), 10_000);
    for radius in Radius::ALL {
        check_weights(&hashes, radius);
    }
}

#[test]
fn every_backend_finds_in_real_hashes_what_the_linear_index_finds() {
    let Some(hashes) = real() else { return };
    let hashes = &hashes[..2_000];
    let mut random = Random(8);
    // Edited copies, and pictures that are near one another by themselves.
    let queries: Vec<_> = (0..40).map(|i| random.edited(&hashes[i * 37], i % 28)).collect();
    let by_hash: Vec<(ImageHash<Pdq>, usize)> = hashes.iter().copied().zip(0..).collect();
    for radius in Radius::ALL {
        let threshold = Threshold::new(radius.bits());
        let mut expected = Vec::new();
        LinearIndex::new(hashes.to_vec()).search(&queries, threshold, &mut expected);
        let labelled: Vec<_> = by_hash
            .iter()
            .map(|(hash, place)| Cluster { hashes: vec![*hash], label: Some(place.to_string()) })
            .collect();
        let mut options = Options::new([3; 32]);
        (options.radius, options.cost) = (radius, TagCost::new(8, 1).expect("the least"));
        let sealed = seal::seal(&labelled, &[], &options).expect("hashes to seal");
        let mut set = set_of(&sealed);
        for backend in Backend::available() {
            set = set.with_backend(backend);
            // Labels say which hash an entry was.
            let mut found: Vec<_> = found(&set, &queries, radius.bits())
                .iter()
                .map(|found| {
                    let place = found.payload.expect("a label").label().expect("text").parse().expect("a number");
                    Found { entry: place, payload: None, ..*found }
                })
                .collect();
            found.sort_unstable();
            assert_eq!(found, expected, "{backend:?} at radius {radius}");
        }
    }
}

/// A small set of everything: several segments, labels, variants, digests, revocations, two endorsers.
struct Small {
    file: Vec<u8>,
    trust: Trust,
    hashes: Vec<ImageHash<Pdq>>,
}

const NOW: u64 = 1_500_000;

fn now() -> Timestamp {
    Timestamp::from_seconds(NOW).expect("a time")
}

fn two_keys() -> [KeyPair; 2] {
    [("One", 1), ("Two", 2)].map(|(name, seed)| KeyPair::from_seed(name, &[seed; 32]).expect("a key"))
}

fn small() -> Small {
    let mut random = Random(9);
    let hashes: Vec<_> = (0..6).map(|_| random.hash()).collect();
    let cluster =
        |hashes: &[ImageHash<Pdq>], label: &str| Cluster { hashes: hashes.to_vec(), label: Some(label.into()) };
    let options = |seed| {
        let mut options = Options::new([seed; 32]);
        options.cost = TagCost::new(8, 1).expect("the least");
        options
    };
    let digests = [FileDigest::Md5([1; 16]), FileDigest::Sha256([2; 32])];
    let base = [cluster(&hashes[..2], "a"), cluster(&hashes[2..3], "b")];
    let base = seal::seal(&base, &digests, &options(1)).expect("hashes to seal");
    let added = seal::seal(&[cluster(&hashes[3..], "c")], &[], &options(2)).expect("hashes to seal");
    let first = publish::first(release(1), &base).expect("a manifest");
    let unsigned = SetFile::write(&first.to_bytes(), &[Some(&base.bytes)]).expect("a file");
    let set = KnownSet::<Pdq>::open_unsigned(&[SetFile::parse(unsigned).expect("a set file")]).expect("a set");
    let revoked = found(&set, &hashes[2..3], 0)[0].entry;
    let revoked = set.revocation(revoked).expect("a sealed entry");
    let next = publish::next(first.manifest(), release(2), Some(&added), &[revoked]).expect("a manifest");
    let keys = two_keys();
    let mut manifest = next.to_bytes();
    for key in &keys {
        manifest = sign::sign(&manifest, key, &[]).expect("signed");
    }
    Small {
        file: SetFile::write(&manifest, &[Some(&base.bytes), Some(&added.bytes)]).expect("a file"),
        trust: Trust::new(2, keys.iter().map(KeyPair::endorser).collect()).expect("two endorsers"),
        hashes,
    }
}

#[test]
fn a_set_of_several_segments_finds_what_is_in_it_and_not_what_was_revoked() {
    let small = small();
    let file = SetFile::parse(small.file).expect("a set file");
    let set = KnownSet::<Pdq>::open(&[file], &small.trust, now(), None).expect("a set");
    assert_eq!(set.endorsers(), ["One", "Two"]);
    let labels: Vec<Option<String>> = small
        .hashes
        .iter()
        .map(|hash| {
            let found = found(&set, &[*hash], 16);
            found.first().map(|found| found.payload.expect("a payload").label().expect("a label").to_owned())
        })
        .collect();
    let expected = [Some("a"), Some("a"), None, Some("c"), Some("c"), Some("c")];
    assert_eq!(labels, expected.map(|label| label.map(str::to_owned)));
    assert!(set.find_digest(&FileDigest::Md5([1; 16])).is_some_and(|entry| (3..5).contains(&entry)));
    assert_eq!(set.find_digest(&FileDigest::Md5([2; 16])), None);
    assert_eq!(set.len(), 3 + 2 + 3);
}

#[test]
fn every_single_changed_byte_is_refused_before_anything_is_matched() {
    let small = small();
    let refused = |at: usize, flip: u8| {
        let mut bytes = small.file.clone();
        bytes[at] ^= flip;
        SetFile::parse(bytes).map_or(true, |file| KnownSet::<Pdq>::open(&[file], &small.trust, now(), None).is_err())
    };
    let file = SetFile::parse(small.file.clone()).expect("a set file");
    assert!(KnownSet::<Pdq>::open(&[file], &small.trust, now(), None).is_ok());
    (0..small.file.len()).into_par_iter().for_each(|at| {
        for flip in [0x01, 0x20, 0x80, 0xff] {
            assert!(refused(at, flip), "byte {at} changed by {flip:#x}");
        }
    });
    println!("{} bytes, each changed in four ways: all refused", small.file.len());
}

#[test]
fn a_stream_is_accepted_in_pieces_of_any_size_and_refused_at_the_first_wrong_chunk() {
    let small = small();
    for size in [1, 7, 64, 4096, small.file.len()] {
        let mut stream = SetStream::new(small.trust.clone(), now(), None);
        for piece in small.file.chunks(size) {
            stream.push(piece).expect("a good set");
        }
        assert_eq!(stream.progress(), (small.file.len() as u64, Some(small.file.len() as u64)));
        assert_eq!(stream.verified().map(|verified| verified.manifest().version), Some(2));
        let file = stream.finish().expect("a whole file");
        assert!(KnownSet::<Pdq>::open(&[file], &small.trust, now(), None).is_ok());
    }
    let push = |bytes: &[u8]| {
        let mut stream = SetStream::new(small.trust.clone(), now(), None);
        bytes.chunks(64).try_for_each(|piece| stream.push(piece)).map(|()| stream)
    };
    let mut changed = small.file.clone();
    *changed.last_mut().expect("not empty") ^= 1;
    assert_eq!(push(&changed).err(), Some(SetError::Chunk { slot: 1, chunk: 0 }));
    let mut manifest = small.file.clone();
    let name = manifest.windows(4).position(|window| window == b"test").expect("the set's name");
    manifest[name] ^= 1;
    let mut stream = SetStream::new(small.trust.clone(), now(), None);
    let early = manifest.iter().position(|byte| stream.push(&[*byte]).is_err()).expect("refused");
    assert!(early < small.file.len() / 2, "as soon as the manifest is there");
    assert!(matches!(push(&[&small.file[..], b"x"].concat()), Err(SetError::Format(FormatError::Length { .. }))));
    let cut = push(&small.file[..small.file.len() - 1]).expect("nothing wrong so far").finish();
    assert!(matches!(cut, Err(SetError::Format(FormatError::Truncated { .. }))));
    assert!(matches!(push(b"hash,quality\n"), Err(SetError::Format(FormatError::NotASet))));
}

#[test]
fn the_golden_file_is_read_and_written_as_ever() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("vectors/sealed");
    let read = |name: &str| std::fs::read(folder.join(name)).expect("part of the repository");
    let small = small();
    assert!(read("version-1.presend") == small.file, "what is sealed now differs from what was sealed");
    let trust = Trust::parse(&read("trust.json")).expect("a trust file");
    let file = SetFile::parse(read("version-1.presend")).expect("a set file");
    let set = KnownSet::<Pdq>::open(&[file], &trust, now(), None).expect("a set");
    let hashes = String::from_utf8(read("hashes.csv")).expect("text");
    for row in hashes.lines().skip(1) {
        let (hash, label) = row.split_once(',').expect("a hash and a label");
        let found = found(&set, &[hash.parse().expect("a hash")], 0);
        let labels: Vec<&str> =
            found.iter().map(|found| found.payload.as_ref().and_then(Payload::label).unwrap_or("")).collect();
        let expected: &[&str] = if label == "revoked" { &[] } else { &[label] };
        assert_eq!(labels, expected, "{hash}");
    }
    assert_eq!(hashes.lines().count(), 7);
}

#[test]
fn each_way_to_be_untrusted_has_its_own_error() {
    let small = small();
    let file = || SetFile::parse(small.file.clone()).expect("a set file");
    let open = |trust: &Trust, at: u64| {
        let at = Timestamp::from_seconds(at).expect("a time");
        KnownSet::<Pdq>::open(&[file()], trust, at, None).map(|_| ())
    };
    let keys = two_keys();
    let (one, two) = (keys[0].endorser(), keys[1].endorser());
    let third = KeyPair::from_seed("Three", &[3; 32]).expect("a key").endorser();
    let unknown = Trust::new(1, vec![one.clone()]).expect("an endorser");
    assert!(matches!(open(&unknown, NOW), Err(SetError::Trust(TrustError::UnknownKey { .. }))));
    let three = Trust::new(3, vec![one.clone(), two.clone(), third]).expect("three endorsers");
    let too_few = TrustError::TooFewEndorsers { needed: 3, found: 2 };
    assert_eq!(open(&three, NOW), Err(SetError::Trust(too_few)));
    let mut both = one;
    both.keys.extend(two.keys);
    let twice = Trust::new(1, vec![both]).expect("one endorser with two keys");
    assert!(matches!(open(&twice, NOW), Err(SetError::Trust(TrustError::DuplicateEndorser { .. }))));
    assert!(matches!(open(&small.trust, 2_000_000), Err(SetError::Trust(TrustError::Expired { .. }))));
    assert!(open(&small.trust, 1_999_999).is_ok());
    let wrong = KnownSet::<Pdq512>::open(&[file()], &small.trust, now(), None).map(|_| ());
    let (expected, found) = (presend_core::AlgorithmId::Pdq512, presend_core::AlgorithmId::Pdq);
    assert_eq!(wrong, Err(SetError::Algorithm { expected, found }));
    let verified: Verified = small.trust.verify(file().manifest(), now(), None).expect("trusted");
    let mut seen = verified.last_seen();
    seen.version = 3;
    let older = KnownSet::<Pdq>::open(&[file()], &small.trust, now(), Some(&seen)).map(|_| ());
    assert_eq!(older, Err(SetError::Trust(TrustError::Rollback { seen: 3, found: 2 })));
}

#[test]
fn an_update_needs_the_base_and_nothing_else() {
    let mut random = Random(11);
    let hashes: Vec<_> = (0..2).map(|_| random.hash()).collect();
    let (base, added) = (sealed(&hashes[..1], Radius::DEFAULT, 1), sealed(&hashes[1..], Radius::DEFAULT, 2));
    let first = publish::first(release(1), &base).expect("a manifest");
    let next = publish::next(first.manifest(), release(2), Some(&added), &[]).expect("a manifest");
    let parse = |manifest: &[u8], segments: &[Option<&[u8]>]| {
        SetFile::parse(SetFile::write(manifest, segments).expect("a file")).expect("a set file")
    };
    let base_file = parse(&first.to_bytes(), &[Some(&base.bytes)]);
    let update = parse(&next.to_bytes(), &[None, Some(&added.bytes)]);
    let alone = KnownSet::<Pdq>::open_unsigned(std::slice::from_ref(&update)).map(|_| ());
    assert_eq!(alone, Err(SetError::Missing { root: next.manifest().segments[0].root }));
    for files in [[base_file.clone(), update.clone()], [update, base_file.clone()]] {
        let set = KnownSet::<Pdq>::open_unsigned(&files).expect("a set");
        assert_eq!(set.manifest().version, 2);
        assert_eq!(found(&set, &hashes, 16).len(), 2);
    }
    // A segment of another set in the place of one that was endorsed.
    let other = parse(&first.to_bytes(), &[Some(&added.bytes)]);
    let mixed = KnownSet::<Pdq>::open_unsigned(&[other]).map(|_| ());
    assert_eq!(mixed, Err(SetError::Missing { root: first.manifest().segments[0].root }));
}
