//! The names of errors for programs: one for each, and each its own.

use std::collections::BTreeMap;

use presend_core::set::{
    ChunkError, Digest, FormatError, ManifestError, PublicKey, Section, SegmentError, SetError, Timestamp, TrustError,
    TrustFileError,
};
use presend_core::{AlgorithmId, Radius};

fn digest() -> Digest {
    Digest::of(b"anything")
}

fn time() -> Timestamp {
    Timestamp::from_seconds(0).expect("a time")
}

fn key() -> PublicKey {
    // The key of the first test of RFC 8032, section 7.1.
    "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a".parse().expect("a key")
}

/// That the codes are lower-case words, and that errors have one code only where they are one to whoever gets it.
fn check(codes: &[&'static str], shared: &[&str]) {
    let mut seen = BTreeMap::<_, usize>::new();
    for code in codes {
        assert!(
            code.split('-').all(|word| !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_lowercase())),
            "{code}"
        );
        *seen.entry(*code).or_default() += 1;
    }
    let twice: Vec<_> = seen.iter().filter(|&(_, &times)| times > 1).map(|(code, _)| *code).collect();
    assert_eq!(twice, shared);
}

#[test]
fn every_reason_why_a_set_is_refused_has_a_code() {
    let (version, root) = (1, digest());
    let radius = Radius::new(30).expect_err("too large");
    let format = [
        FormatError::NotASet,
        FormatError::NotASegment,
        FormatError::Unknown { what: "format version", found: 2 },
        FormatError::Radius(radius),
        FormatError::TagCost { memory_kib: 1, passes: 0 },
        FormatError::Truncated { what: "the header", expected: 2, found: 1 },
        FormatError::Length { expected: 2, found: 1 },
        FormatError::Misplaced { section: Section::Bloom },
        FormatError::Reserved { offset: 0 },
        FormatError::TooLarge { what: "manifest", found: 2, max: 1 },
        FormatError::Counts,
    ];
    let sets = [
        SetError::NoFile,
        SetError::Mixed { one: "a".into(), other: "b".into() },
        SetError::TwoOfOneVersion { version },
        SetError::Slots { expected: 1, found: 2 },
        SetError::Algorithm { expected: AlgorithmId::Pdq, found: AlgorithmId::Pdq512 },
        SetError::Missing { root },
        SetError::Leaves { slot: 0 },
        SetError::Chunk { slot: 0, chunk: 0 },
        SetError::Counts,
        SetError::Contradiction { root },
    ];
    let codes: Vec<_> =
        format.into_iter().map(SetError::from).chain(sets).map(|error| (error.code(), error.to_string())).collect();
    assert!(codes.iter().all(|(_, message)| !message.is_empty()));
    // Bytes that were changed are found in two ways, counts that do not add up in two places.
    check(&codes.iter().map(|(code, _)| *code).collect::<Vec<_>>(), &["set-changed", "set-counts"]);
}

#[test]
fn every_reason_why_a_manifest_is_refused_has_a_code() {
    let root = digest();
    let errors = [
        ManifestError::TooLarge { length: 1 },
        ManifestError::Malformed { reason: "nothing".into() },
        ManifestError::NotCanonical { at: 0 },
        ManifestError::RepeatedSignature { keyid: root },
        ManifestError::TooMany { what: "sources", found: 2, limit: 1 },
        ManifestError::Algorithm(AlgorithmId::AHash),
        ManifestError::Text { field: "name", text: " ".into() },
        ManifestError::TooLargeNumber(u64::MAX),
        ManifestError::VersionZero,
        ManifestError::ExpiresTooEarly { created: time(), expires: time() },
        ManifestError::Rate("2".into()),
        ManifestError::NoSegment,
        ManifestError::EntryCount { stated: 1, found: 2 },
        ManifestError::ClusterCount { clusters: 2, entries: 1 },
        ManifestError::RepeatedSegment(root),
        ManifestError::RepeatedSource("a".into()),
        ManifestError::RevokesNothing { segment: root, entry: 0 },
        ManifestError::RepeatedRevocation { segment: root, entry: 0 },
    ];
    let segments =
        [SegmentError::Unknown { root, length: 1 }, SegmentError::Repeated { root }, SegmentError::Missing { root }];
    let chunks = [
        ChunkError::LeafCount { expected: 1, found: 2 },
        ChunkError::Root { expected: root, found: root },
        ChunkError::OutOfRange { chunk: 1, chunks: 1 },
        ChunkError::Length { chunk: 0, expected: 1, found: 2 },
        ChunkError::Content { chunk: 0 },
    ];
    let codes = errors.iter().map(ManifestError::code).chain(segments.iter().map(SegmentError::code));
    check(&codes.chain(chunks.iter().map(ChunkError::code)).collect::<Vec<_>>(), &[]);
}

#[test]
fn every_reason_why_nobody_is_trusted_has_a_code() {
    let (found, seen, now) = (1, 2, time());
    let files = [
        TrustFileError::TooLarge { length: 1 },
        TrustFileError::Malformed { reason: "nothing".into() },
        TrustFileError::Organisation("a".into()),
        TrustFileError::RepeatedOrganisation("a".into()),
        TrustFileError::NoKey { organisation: "a".into() },
        TrustFileError::RepeatedKey { organisation: "a".into(), key: key() },
        TrustFileError::Threshold { threshold: 2, organisations: 1 },
    ];
    let errors = [
        TrustError::UnknownKey { keyid: digest() },
        TrustError::BadSignature { organisation: "a".into(), keyid: digest() },
        TrustError::DuplicateEndorser { organisation: "a".into() },
        TrustError::TooFewEndorsers { needed: 2, found: 1 },
        TrustError::WrongName { expected: "a".into(), found: "b".into() },
        TrustError::Rollback { found, seen },
        TrustError::Equivocation { version: 1, seen: digest(), found: digest() },
        TrustError::Expired { at: now, now },
        TrustError::NotYetValid { created: now, now },
        TrustError::WrongAlgorithm { expected: AlgorithmId::Pdq, found: AlgorithmId::Pdq512 },
    ];
    check(&files.iter().map(TrustFileError::code).chain(errors.iter().map(TrustError::code)).collect::<Vec<_>>(), &[]);
}
