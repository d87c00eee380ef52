//! Sets that somebody signed although their parts contradict one another: all are refused, and say why.

use presend_core::set::{
    FileDigest, Hex, KnownSet, Manifest, SetError, SetFile, SetStream, SignedManifest, TagCost, Timestamp, Trust,
    merkle,
};
use presend_core::{ImageHash, Index, Pdq, Radius};
use presend_hashsets::publish::{self, Release};
use presend_hashsets::seal::{self, Cluster, Options, SealedSegment};
use presend_hashsets::sign::{self, KeyPair};

fn time(seconds: u64) -> Timestamp {
    Timestamp::from_seconds(seconds).expect("a time")
}

fn sealed(first: u8, radius: Radius, digests: &[FileDigest]) -> SealedSegment {
    let hash = |byte| ImageHash::<Pdq>::from_bytes(&[byte; 32]).expect("32 bytes");
    let clusters = [first, first + 1].map(|byte| Cluster { hashes: vec![hash(byte)], label: None });
    let mut options = Options::new([first; 32]);
    (options.radius, options.cost) = (radius, TagCost::new(8, 1).expect("the least"));
    seal::seal(&clusters, digests, &options).expect("hashes")
}

fn release(version: u64) -> Release {
    let (created, expires) = (time(1_000_000), time(2_000_000));
    Release { name: "test".into(), version, created, expires, sources: Vec::new() }
}

fn pair() -> KeyPair {
    KeyPair::from_seed("Example Hotline", &[1; 32]).expect("a name")
}

fn trust() -> Trust {
    Trust::new(1, vec![pair().endorser()]).expect("one")
}

/// Signs what it is given, whatever it says.
fn file(manifest: Manifest, segments: &[Option<&[u8]>]) -> SetFile {
    SetFile::parse(bytes(manifest, segments)).expect("a set file")
}

fn bytes(manifest: Manifest, segments: &[Option<&[u8]>]) -> Vec<u8> {
    let unsigned = SignedManifest::new(manifest).expect("a manifest").to_bytes();
    SetFile::write(&sign::sign(&unsigned, &pair(), &[]).expect("signed"), segments).expect("a file")
}

fn refused(files: &[SetFile]) -> SetError {
    KnownSet::<Pdq>::open(files, &trust(), time(1_500_000), None).expect_err("refused")
}

fn first(segment: &SealedSegment) -> Manifest {
    publish::first(release(1), segment).expect("a manifest").manifest().clone()
}

#[test]
fn a_segment_of_another_radius_or_size_contradicts_its_manifest() {
    let segment = sealed(1, Radius::DEFAULT, &[]);
    let root = merkle::root(&segment.bytes);
    let wider = Manifest { radius: Radius::MAX, ..first(&segment) };
    assert_eq!(refused(&[file(wider, &[Some(&segment.bytes)])]), SetError::Contradiction { root });
    let mut longer = first(&segment);
    longer.segments[0].length += 64;
    assert_eq!(refused(&[file(longer, &[Some(&segment.bytes)])]), SetError::Contradiction { root });
}

#[test]
fn a_revocation_must_name_the_tag_of_its_entry() {
    let segment = sealed(1, Radius::DEFAULT, &[]);
    let root = merkle::root(&segment.bytes);
    let set = KnownSet::<Pdq>::open(&[file(first(&segment), &[Some(&segment.bytes)])], &trust(), time(1_500_000), None);
    let mut revocation = set.expect("a set").revocation(1).expect("an entry");
    revocation.tag = Hex(revocation.tag.0.map(|byte| !byte));
    let next = publish::next(&first(&segment), release(2), None, &[revocation]).expect("a version");
    let manifest = next.manifest().clone();
    assert_eq!(refused(&[file(manifest, &[Some(&segment.bytes)])]), SetError::Contradiction { root });
}

#[test]
fn images_and_digests_must_add_up() {
    let segment = sealed(1, Radius::DEFAULT, &[FileDigest::Md5([7; 16])]);
    let fewer = Manifest { clusters: 1, ..first(&segment) };
    assert_eq!(refused(&[file(fewer, &[Some(&segment.bytes)])]), SetError::Counts);
    let mut more = first(&segment);
    more.exact.as_mut().expect("a digest").entries += 1;
    assert_eq!(refused(&[file(more, &[Some(&segment.bytes)])]), SetError::Counts);
}

#[test]
fn files_of_two_sets_or_of_two_sets_of_one_version_are_no_set() {
    let segment = sealed(1, Radius::DEFAULT, &[]);
    let of = |manifest| file(manifest, &[Some(&segment.bytes)]);
    let other = Manifest { name: "other".into(), ..first(&segment) };
    let mixed = SetError::Mixed { one: "test".into(), other: "other".into() };
    assert_eq!(refused(&[of(first(&segment)), of(other)]), mixed);
    let later = Manifest { expires: time(3_000_000), ..first(&segment) };
    assert_eq!(refused(&[of(first(&segment)), of(later)]), SetError::TwoOfOneVersion { version: 1 });
    assert_eq!(refused(&[]), SetError::NoFile);
}

#[test]
fn a_file_that_has_only_the_newer_segment_needs_the_older_file() {
    let (base, added) = (sealed(1, Radius::DEFAULT, &[FileDigest::Md5([7; 16])]), sealed(5, Radius::DEFAULT, &[]));
    let next = publish::next(&first(&base), release(2), Some(&added), &[]).expect("a version");
    let update = bytes(next.manifest().clone(), &[None, Some(&added.bytes)]);
    // As it arrives, what is left out is passed over.
    let mut stream = SetStream::new(trust(), time(1_500_000), None);
    assert_eq!(update.chunks(100).try_for_each(|piece| stream.push(piece)), Ok(()));
    let update = stream.finish().expect("whole");
    let root = merkle::root(&base.bytes);
    assert_eq!(refused(std::slice::from_ref(&update)), SetError::Missing { root });
    let files = [file(first(&base), &[Some(&base.bytes)]), update];
    let set = KnownSet::<Pdq>::open(&files, &trust(), time(1_500_000), None).expect("both");
    assert_eq!((set.len(), set.headers().count(), set.manifest().version), (5, 2, 2));
    assert!(set.find_file(b"anything").is_none());
}

#[test]
fn a_stream_with_places_for_other_segments_than_its_manifest_names_is_refused() {
    let segment = sealed(1, Radius::DEFAULT, &[]);
    let two = bytes(first(&segment), &[Some(&segment.bytes), None]);
    let mut stream = SetStream::new(trust(), time(1_500_000), None);
    assert_eq!(stream.push(&two), Err(SetError::Slots { expected: 1, found: 2 }));
}
