//! What a client accepts as a set, and every reason not to.
//!
//! `trust/manifest.json` and `trust/trust.json` were made once by TUF's own Python library (`trust/make.py`).

use std::collections::BTreeSet;
use std::path::Path;

use canon_json::CanonJsonSerialize;
use ed25519_dalek::{Signer, SigningKey};
use presend_core::set::{
    Digest, Endorser, Exact, Hex, LastSeen, Manifest, ManifestError, PublicKey, PublicKeyError, Revocation, Segment,
    SegmentError, Signature, SignedManifest, Source, Timestamp, Trust, TrustError, TrustFileError, merkle,
};
use presend_core::{AlgorithmId, Radius};

const BASE: &[u8] = b"the entries of the base";
const ADDITION: &[u8] = b"the entries of an addition";
/// As `make.py` prints it.
const DIGEST: &str = "19e0927ec24f21f824aa2155fadf54fb6e1502c9f2d0595fed523842ba860ec7";

fn file(name: &str) -> Vec<u8> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/trust").join(name);
    std::fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn golden() -> Vec<u8> {
    file("manifest.json")
}

fn trust() -> Trust {
    Trust::parse(&file("trust.json")).expect("a trust file")
}

fn time(text: &str) -> Timestamp {
    text.parse().expect("a time")
}

fn now() -> Timestamp {
    time("2026-12-01T12:00:00Z")
}

/// The golden manifest's content, to be changed.
fn manifest() -> Manifest {
    SignedManifest::parse(&golden()).expect("a manifest").manifest().clone()
}

fn changed(change: impl FnOnce(&mut Manifest)) -> Manifest {
    let mut manifest = manifest();
    change(&mut manifest);
    manifest
}

fn key(seed: u8) -> SigningKey {
    SigningKey::from_bytes(&[seed; 32])
}

fn public(seed: u8) -> PublicKey {
    PublicKey::from_bytes(key(seed).verifying_key().to_bytes()).expect("a key")
}

/// The manifest's bytes, signed by these keys. Those of the golden one are 1, 2 and 3.
fn signed(manifest: Manifest, seeds: &[u8]) -> Vec<u8> {
    let content = manifest.to_signed_bytes();
    let unsigned = SignedManifest::new(manifest).expect("a manifest");
    let signed = seeds.iter().fold(unsigned, |signed, &seed| {
        let sig = Hex(key(seed).sign(&content).to_bytes());
        signed.with_signature(Signature { keyid: public(seed).keyid(), sig }).expect("few signatures")
    });
    signed.to_bytes()
}

fn endorser(organisation: &str, seeds: &[u8]) -> Endorser {
    Endorser { organisation: organisation.into(), keys: seeds.iter().map(|&seed| public(seed)).collect() }
}

fn error(trust: &Trust, bytes: &[u8]) -> TrustError {
    trust.verify(bytes, now(), None).expect_err("not to be trusted")
}

#[test]
fn what_tufs_own_library_signed_is_verified() {
    let verified = trust().verify(&golden(), now(), None).expect("a trusted set");
    assert_eq!(verified.endorsers(), ["Hotline Utrecht", "Línea Montevideo"]);
    assert_eq!(verified.digest().to_string(), DIGEST);
    assert_eq!(verified.digest(), verified.manifest().digest());
    let manifest = verified.manifest();
    assert_eq!((manifest.name.as_str(), manifest.version, manifest.radius), ("golden", 7, Radius::DEFAULT));
    assert_eq!(manifest.algorithm, AlgorithmId::Pdq);
    assert_eq!((manifest.entries, manifest.clusters, manifest.published_decibits), (24, 5, 1275));
    assert_eq!(manifest.segments[1], Segment { entries: 4, length: 26, root: merkle::root(ADDITION) });
    let revoked = Revocation { entry: 19, segment: merkle::root(BASE), tag: Hex([0x0b, 0xad, 0xca, 0xfe]) };
    assert_eq!(manifest.revoked, [revoked]);
    assert_eq!(manifest.sources[1].name, "Línea Montevideo");
    assert_eq!(manifest.must_not_match.as_deref(), Some("photographs of the \"Presend\" benchmark"));
    let exact = Exact { bloom_bytes: 128, entries: 12, false_positive_rate: "1e-9".into() };
    assert_eq!(manifest.exact, Some(exact));
}

#[test]
fn what_is_signed_here_are_the_same_bytes() {
    assert_eq!(signed(manifest(), &[2, 1]), golden());
}

#[test]
fn signatures_and_keys_are_those_of_rfc_8032() {
    // Section 7.1, tests 1 to 3.
    for (key, message, signature) in [
        (
            "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
            &[][..],
            "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b",
        ),
        (
            "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
            &[0x72],
            "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00",
        ),
        (
            "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025",
            &[0xaf, 0x82],
            "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a",
        ),
    ] {
        let key: PublicKey = key.parse().expect("a key");
        let signature: Hex<64> = signature.parse().expect("a signature");
        assert!(key.verify(message, &signature));
        assert!(!key.verify(b"another message", &signature));
        assert!((0..64).all(|byte| {
            let mut other = signature;
            other.0[byte] ^= 1;
            !key.verify(message, &other)
        }));
    }
}

#[test]
fn keys_that_prove_nothing_are_refused() {
    // The neutral element, a point of order 4, and bytes that are no point of the curve.
    for bytes in [
        Hex({
            let mut one = [0; 32];
            one[0] = 1;
            one
        }),
        Hex([0; 32]),
        Hex([2; 32]),
    ] {
        assert_eq!(PublicKey::from_bytes(bytes.0), Err(PublicKeyError::Invalid(bytes)), "{bytes}");
    }
    let upper = public(1).to_string().to_uppercase();
    assert!(matches!(upper.parse::<PublicKey>(), Err(PublicKeyError::Hex(_))));
}

/// Of a trusted manifest no byte can be replaced by any other.
#[test]
fn every_change_of_a_byte_is_detected() {
    let trust = trust();
    let mut bytes = golden();
    let mut reasons = BTreeSet::new();
    for at in 0..bytes.len() {
        for change in 1..=255 {
            bytes[at] ^= change;
            let error = trust.verify(&bytes, now(), None);
            reasons.insert(error.err().unwrap_or_else(|| panic!("byte {at} changed by {change}")).code());
            bytes[at] ^= change;
        }
    }
    println!("{} bytes, all 255 changes of each: {reasons:?}", bytes.len());
    assert!(reasons.is_superset(&BTreeSet::from(["bad-signature", "unknown-key", "manifest-malformed"])));
    assert!(trust.verify(&bytes, now(), None).is_ok());
}

#[test]
fn every_byte_left_out_or_put_in_is_detected() {
    let (trust, bytes) = (trust(), golden());
    for at in 0..bytes.len() {
        let without = [&bytes[..at], &bytes[at + 1..]].concat();
        assert!(trust.verify(&without, now(), None).is_err(), "without byte {at}");
        assert!(trust.verify(&bytes[..at], now(), None).is_err(), "the first {at} bytes");
    }
    for at in 0..=bytes.len() {
        for byte in *b" \n\t0a,\"}]\\-+." {
            let with = [&bytes[..at], &[byte], &bytes[at..]].concat();
            assert!(trust.verify(&with, now(), None).is_err(), "{:?} before byte {at}", byte as char);
        }
    }
}

#[test]
fn other_ways_to_write_the_same_are_not_canonical() {
    let text = String::from_utf8(golden()).expect("text");
    let value: serde_json::Value = serde_json::from_str(&text).expect("JSON");
    let pretty = serde_json::to_string_pretty(&value).expect("JSON");
    let object = |name: &str| serde_json::to_string(&value[name]).expect("JSON");
    let signatures: Vec<String> =
        value["signatures"].as_array().expect("a list").iter().map(ToString::to_string).collect();
    for other in [
        pretty,
        format!("{text}\n"),
        format!(" {text}"),
        format!("{{\"signed\":{},\"signatures\":{}}}", object("signed"), object("signatures")),
        format!("{{\"signatures\":[{},{}],\"signed\":{}}}", signatures[1], signatures[0], object("signed")),
        text.replace("golden", "gold\\u0065n"),
        text.replace("Línea", "L\\u00ednea"),
        text.replace("benchmark", "benchmar\\u006b"),
        text.replace("{\"bloom_bytes\":128,\"entries\":12,", "{\"entries\":12,\"bloom_bytes\":128,"),
    ] {
        assert_ne!(other, text);
        let error = error(&trust(), other.as_bytes());
        assert!(matches!(error, TrustError::Manifest(ManifestError::NotCanonical { .. })), "{error}: {other}");
    }
    let error = error(&trust(), text.replace(",\"signed\":{", ", \"signed\":{").as_bytes());
    let at = text.find(",\"signed\"").expect("what is signed") + 1;
    assert_eq!(error, TrustError::Manifest(ManifestError::NotCanonical { at }));
}

#[test]
fn what_is_no_manifest_is_malformed() {
    let text = String::from_utf8(golden()).expect("text");
    for (other, reason) in [
        (String::new(), "EOF while parsing"),
        ("[]".into(), "invalid type: sequence"),
        ("[".repeat(1000), "not JSON at byte 16"),
        (format!("{text}{{}}"), "trailing characters"),
        (text.replace("\"version\":7", "\"version\":7,\"version\":7"), "duplicate field `version`"),
        (text.replace("\"version\":7", "\"version\":7,\"extra\":1"), "unknown field `extra`"),
        (text.replace(",\"version\":7", ""), "missing field `version`"),
        (text.replace("\"version\":7", "\"version\":7.0"), "invalid type: floating point"),
        (text.replace("\"version\":7", "\"version\":-7"), "invalid value: integer `-7`"),
        (text.replace("\"version\":7", "\"version\":18446744073709551616"), "invalid type: floating point"),
        (text.replace("\"version\":7", "\"version\":\"7\""), "invalid type: string"),
        (text.replace("presend-set", "targets"), "unknown variant `targets`"),
        (text.replace("\"1.0\"", "\"2.0\""), "unknown variant `2.0`"),
        (text.replace("universal-bch-255", "mine"), "unknown variant `mine`"),
        (text.replace("\"pdq\"", "\"md5\""), "unknown algorithm \"md5\""),
        (text.replace("\"radius\":16", "\"radius\":30"), "the largest is 24"),
        (text.replace("2027-02-20T00", "2027-02-20 00"), "is no time of the form"),
        (text.replace("0badcafe", "0badcaf"), "not 8 lower-case hexadecimal digits"),
        (text.replace("0badcafe", "0BADCAFE"), "not 8 lower-case hexadecimal digits"),
        (text.replace("\"entries\":20", "\"entries\":4294967296"), "expected u32"),
    ] {
        let error = error(&trust(), other.as_bytes());
        let TrustError::Manifest(ManifestError::Malformed { reason: found }) = &error else {
            panic!("{error:?}: {other}")
        };
        assert!(found.contains(reason), "{found} should say {reason}");
        assert_eq!(error.code(), "manifest-malformed");
    }
    let null = text
        .replace("\"exact\":{\"bloom_bytes\":128,\"entries\":12,\"false_positive_rate\":\"1e-9\"}", "\"exact\":null");
    assert_ne!(null, text);
    assert_eq!(error(&trust(), null.as_bytes()).code(), "manifest-not-canonical");
    let long = vec![b' '; Manifest::MAX_LENGTH + 1];
    let too_large = ManifestError::TooLarge { length: Manifest::MAX_LENGTH + 1 };
    assert_eq!(error(&trust(), &long), TrustError::Manifest(too_large));
}

#[test]
fn what_is_written_is_canonical_and_read_as_serde_reads_it() {
    let exotic = changed(|manifest| {
        manifest.name = "Großer \"Satz\" \\ für / 例 \u{1f600}\u{7e}".into();
        manifest.must_not_match = Some("a\u{2028}b".into());
    });
    for manifest in [manifest(), exotic] {
        let canonical = manifest.to_canon_json_vec().expect("text, whole numbers and lists");
        assert_eq!(manifest.to_signed_bytes(), canonical);
        assert_eq!(serde_json::from_slice::<Manifest>(&canonical).expect("the same"), manifest);
        let signed = SignedManifest::new(manifest.clone()).expect("no contradiction");
        assert_eq!(SignedManifest::parse(&signed.to_bytes()).expect("what was written").manifest(), &manifest);
    }
}

#[test]
fn messages_quote_no_more_of_a_file_than_can_be_shown() {
    let text = String::from_utf8(golden()).expect("text");
    let field = format!("\"\\u001b[2J{}\":1,\"version\":7", "x".repeat(1 << 20));
    let message = error(&trust(), text.replace("\"version\":7", &field).as_bytes()).to_string();
    assert!(message.starts_with("not a manifest: unknown field `\u{fffd}[2Jxxx"), "{message}");
    assert!(message.len() < 300);
    let name = SignedManifest::new(changed(|manifest| manifest.name = "x".repeat(1 << 20)));
    assert!(name.expect_err("no name").to_string().len() < 300);
    let trust = String::from_utf8(file("trust.json")).expect("text").replace("schema", &"\\u0007".repeat(1000));
    let message = Trust::parse(trust.as_bytes()).expect_err("no trust file").to_string();
    assert!(message.len() < 1000 && !message.chars().any(char::is_control), "{message}");
}

#[test]
fn what_contradicts_itself_is_refused() {
    let root = merkle::root(BASE);
    let refused = |change: fn(&mut Manifest)| SignedManifest::new(changed(change)).expect_err("a contradiction");
    let text = |field, text: &str| ManifestError::Text { field, text: text.into() };
    let ahash = refused(|manifest| manifest.algorithm = AlgorithmId::AHash);
    assert_eq!(ahash, ManifestError::Algorithm(AlgorithmId::AHash));
    assert_eq!(refused(|manifest| manifest.name.clear()), text("name", ""));
    assert_eq!(refused(|manifest| manifest.name = "a\u{1b}b".into()), text("name", "a\u{1b}b"));
    assert_eq!(refused(|manifest| manifest.name = "a\u{7f}b".into()), text("name", "a\u{7f}b"));
    assert_eq!(refused(|manifest| manifest.must_not_match = Some(" a".into())), text("must_not_match", " a"));
    let long = refused(|manifest| manifest.sources[0].name = "x".repeat(201));
    assert_eq!(long, text("sources", &"x".repeat(201)));
    assert_eq!(refused(|manifest| manifest.version = 0), ManifestError::VersionZero);
    assert_eq!(refused(|manifest| manifest.version = 1 << 53), ManifestError::TooLargeNumber(1 << 53));
    let length = refused(|manifest| manifest.segments[0].length = u64::MAX);
    assert_eq!(length, ManifestError::TooLargeNumber(u64::MAX));
    let at_once = refused(|manifest| manifest.expires = manifest.created);
    let created = manifest().created;
    assert_eq!(at_once, ManifestError::ExpiresTooEarly { created, expires: created });
    for rate in ["0", "1", "-1e-9", "NaN", "inf", "often", "1e-400", ""] {
        let change = |manifest: &mut Manifest| {
            manifest.exact.as_mut().expect("an exact tier").false_positive_rate = rate.into();
        };
        assert_eq!(SignedManifest::new(changed(change)), Err(ManifestError::Rate(rate.into())));
    }
    assert_eq!(refused(|manifest| manifest.segments.clear()), ManifestError::NoSegment);
    let count = refused(|manifest| manifest.entries += 1);
    assert_eq!(count, ManifestError::EntryCount { stated: 25, found: 24 });
    for (clusters, change) in
        [(25, (|manifest| manifest.clusters = 25) as fn(&mut Manifest)), (0, |manifest| manifest.clusters = 0)]
    {
        assert_eq!(refused(change), ManifestError::ClusterCount { clusters, entries: 24 });
    }
    let twice = refused(|manifest| {
        manifest.segments[1].root = manifest.segments[0].root;
    });
    assert_eq!(twice, ManifestError::RepeatedSegment(root));
    let nothing = refused(|manifest| manifest.revoked[0].entry = 20);
    assert_eq!(nothing, ManifestError::RevokesNothing { segment: root, entry: 20 });
    let elsewhere = refused(|manifest| manifest.revoked[0].segment = Digest::of(b"elsewhere"));
    assert_eq!(elsewhere, ManifestError::RevokesNothing { segment: Digest::of(b"elsewhere"), entry: 19 });
    let again = refused(|manifest| manifest.revoked.push(Revocation { tag: Hex([0; 4]), ..manifest.revoked[0] }));
    assert_eq!(again, ManifestError::RepeatedRevocation { segment: root, entry: 19 });
    let source = refused(|manifest| manifest.sources[0].name = manifest.sources[1].name.clone());
    assert_eq!(source, ManifestError::RepeatedSource("Línea Montevideo".into()));
    let many = refused(|manifest| {
        let source = |number| Source { commitment: Digest::of(b""), name: format!("list {number}") };
        manifest.sources = (0..=Manifest::MAX_SOURCES).map(source).collect();
    });
    assert_eq!(many, ManifestError::TooMany { what: "sources", found: 4097, limit: 4096 });
    let many = refused(|manifest| manifest.segments = vec![manifest.segments[0].clone(); 4097]);
    assert_eq!(many, ManifestError::TooMany { what: "segments", found: 4097, limit: 4096 });
}

#[test]
fn contradictions_are_refused_from_bytes_as_well() {
    let text = String::from_utf8(golden()).expect("text").replace("\"version\":7", "\"version\":0");
    assert_eq!(error(&trust(), text.as_bytes()), TrustError::Manifest(ManifestError::VersionZero));
}

#[test]
fn organisations_are_counted_up_to_the_threshold() {
    let too_few = |found| TrustError::TooFewEndorsers { needed: 2, found };
    assert_eq!(error(&trust(), &signed(manifest(), &[])), too_few(0));
    assert_eq!(error(&trust(), &signed(manifest(), &[3])), too_few(1));
    let verified = trust().verify(&signed(manifest(), &[3, 1]), now(), None).expect("two of three");
    assert_eq!(verified.endorsers(), ["Hotline Utrecht", "Hotline Reykjavík"]);
    let verified = trust().verify(&signed(manifest(), &[1, 2, 3]), now(), None).expect("three of three");
    assert_eq!(verified.endorsers().len(), 3);
}

#[test]
fn one_organisation_is_never_counted_twice() {
    let organisation = "Two Keys".to_owned();
    let trust = Trust::new(2, vec![endorser(&organisation, &[1, 2]), endorser("Another", &[3])]).expect("a trust file");
    assert_eq!(
        error(&trust, &signed(manifest(), &[1, 2])),
        TrustError::DuplicateEndorser { organisation: organisation.clone() }
    );
    assert_eq!(error(&trust, &signed(manifest(), &[1, 2, 3])), TrustError::DuplicateEndorser { organisation });
    assert_eq!(error(&trust, &signed(manifest(), &[2])), TrustError::TooFewEndorsers { needed: 2, found: 1 });
    assert!(trust.verify(&signed(manifest(), &[2, 3]), now(), None).is_ok());
}

#[test]
fn the_same_signature_twice_is_refused() {
    let text = String::from_utf8(signed(manifest(), &[1])).expect("text");
    let (start, end) = (text.find('[').expect("a list") + 1, text.find(']').expect("its end"));
    let twice = format!("{},{}", &text[..end], &text[start..]);
    let keyid = public(1).keyid();
    assert_eq!(error(&trust(), twice.as_bytes()), TrustError::Manifest(ManifestError::RepeatedSignature { keyid }));
}

#[test]
fn more_signatures_than_there_can_be_are_refused() {
    let mut manifest = SignedManifest::new(manifest()).expect("a manifest");
    for number in 0..Manifest::MAX_SIGNATURES as u8 {
        let signature = Signature { keyid: Digest::of(&[number]), sig: Hex([number; 64]) };
        manifest = manifest.with_signature(signature).expect("as many as there can be");
    }
    assert_eq!(SignedManifest::parse(&manifest.to_bytes()).as_ref(), Ok(&manifest));
    let one_more = Signature { keyid: Digest::of(b"one more"), sig: Hex([0; 64]) };
    let too_many = ManifestError::TooMany { what: "signatures", found: 65, limit: 64 };
    assert_eq!(manifest.with_signature(one_more), Err(too_many));
}

#[test]
fn signatures_of_something_else_are_refused() {
    let other = signed(changed(|manifest| manifest.version = 8), &[1, 2, 3]);
    let stolen = SignedManifest::parse(&other).expect("a manifest").signatures()[0].clone();
    let mixed = SignedManifest::parse(&golden()).and_then(|manifest| manifest.with_signature(stolen.clone()));
    let error = error(&trust(), &mixed.expect("a manifest").to_bytes());
    // One false signature is too many, however many good ones stand beside it.
    assert_eq!(stolen.keyid, public(1).keyid());
    assert_eq!(error, TrustError::BadSignature { organisation: "Hotline Utrecht".into(), keyid: stolen.keyid });
}

#[test]
fn keys_outside_the_trust_file_are_refused_unless_it_says_otherwise() {
    let bytes = signed(manifest(), &[1, 2, 4]);
    assert_eq!(error(&trust(), &bytes), TrustError::UnknownKey { keyid: public(4).keyid() });
    let open = trust().allow_unknown_keys();
    let verified = open.verify(&bytes, now(), None).expect("two of three, and a stranger");
    assert_eq!(verified.endorsers().len(), 2);
    assert_eq!(error(&open, &signed(manifest(), &[1, 4])), TrustError::TooFewEndorsers { needed: 2, found: 1 });
    let text = String::from_utf8(file("trust.json")).expect("text");
    let text = text.replace("\"threshold\": 2", "\"threshold\": 2, \"allow_unknown_keys\": true");
    assert_eq!(Trust::parse(text.as_bytes()).as_ref(), Ok(&open));
}

#[test]
fn only_the_set_of_the_right_name_is_accepted() {
    let bytes = signed(changed(|manifest| manifest.name = "Golden".into()), &[1, 2]);
    let wrong = TrustError::WrongName { expected: "golden".into(), found: "Golden".into() };
    assert_eq!(error(&trust(), &bytes), wrong);
    let any = Trust::new(2, trust().endorsers().to_vec()).expect("a trust file");
    assert!(any.verify(&bytes, now(), None).is_ok());
    assert_eq!(error(&any.clone().for_set("golden"), &bytes), wrong);
    let seen = LastSeen { name: "golden".into(), version: 1, digest: Digest::of(b"") };
    assert_eq!(any.verify(&bytes, now(), Some(&seen)), Err(wrong));
}

#[test]
fn nobody_goes_back() {
    let verified = trust().verify(&golden(), now(), None).expect("a trusted set");
    let seen = verified.last_seen();
    assert_eq!((seen.name.as_str(), seen.version, seen.digest), ("golden", 7, verified.digest()));
    let verify = |manifest, seeds: &[u8]| trust().verify(&signed(manifest, seeds), now(), Some(&seen));
    assert_eq!(trust().verify(&golden(), now(), Some(&seen)), Ok(verified));
    let next = changed(|manifest| manifest.version = 8);
    assert!(verify(next, &[1, 2]).is_ok());
    let older = changed(|manifest| manifest.version = 6);
    assert_eq!(verify(older, &[1, 2, 3]), Err(TrustError::Rollback { seen: 7, found: 6 }));
    let other = changed(|manifest| manifest.revoked.clear());
    let found = other.digest();
    let equivocation = TrustError::Equivocation { version: 7, seen: seen.digest, found };
    assert_eq!(verify(other, &[1, 2]), Err(equivocation));
    // Other endorsers of the same content are no other content.
    assert!(verify(manifest(), &[1, 3]).is_ok());
}

#[test]
fn what_was_seen_last_can_be_kept_as_json() {
    let seen = trust().verify(&golden(), now(), None).expect("a trusted set").last_seen();
    let text = serde_json::to_string(&seen).expect("JSON");
    assert_eq!(text, format!(r#"{{"name":"golden","version":7,"digest":"{DIGEST}"}}"#));
    assert_eq!(serde_json::from_str::<LastSeen>(&text).ok(), Some(seen));
}

#[test]
fn a_set_expires_to_the_second() {
    let at = time("2027-02-20T00:00:00Z");
    assert!(trust().verify(&golden(), time("2027-02-19T23:59:59Z"), None).is_ok());
    for now in [at, time("2027-02-20T00:00:01Z"), Timestamp::MAX] {
        assert_eq!(trust().verify(&golden(), now, None), Err(TrustError::Expired { at, now }));
    }
}

#[test]
fn a_set_from_the_future_is_refused_but_for_a_days_difference_of_clocks() {
    let created = time("2026-11-22T00:00:00Z");
    assert!(trust().verify(&golden(), time("2026-11-21T00:00:00Z"), None).is_ok());
    for now in [time("2026-11-20T23:59:59Z"), Timestamp::from_seconds(0).expect("1970")] {
        assert_eq!(trust().verify(&golden(), now, None), Err(TrustError::NotYetValid { created, now }));
    }
}

#[test]
fn another_algorithm_is_refused_when_one_is_required() {
    let verified = trust().verify(&golden(), now(), None).expect("a trusted set");
    assert_eq!(verified.require_algorithm(AlgorithmId::Pdq), Ok(()));
    let wrong = TrustError::WrongAlgorithm { expected: AlgorithmId::Pdq512, found: AlgorithmId::Pdq };
    assert_eq!(verified.require_algorithm(AlgorithmId::Pdq512), Err(wrong));
}

#[test]
fn segments_are_all_there_each_once_and_unchanged() {
    let manifest = manifest();
    assert_eq!(manifest.order_segments(&[BASE, ADDITION]), Ok(vec![0, 1]));
    assert_eq!(manifest.order_segments(&[ADDITION, BASE]), Ok(vec![1, 0]));
    let unknown = |bytes: &[u8]| SegmentError::Unknown { root: merkle::root(bytes), length: bytes.len() as u64 };
    assert_eq!(manifest.order_segments(&[BASE]), Err(SegmentError::Missing { root: merkle::root(ADDITION) }));
    assert_eq!(manifest.order_segments(&[]), Err(SegmentError::Missing { root: merkle::root(BASE) }));
    let thrice = manifest.order_segments(&[BASE, ADDITION, BASE]);
    assert_eq!(thrice, Err(SegmentError::Repeated { root: merkle::root(BASE) }));
    assert_eq!(manifest.order_segments(&[BASE, ADDITION, b""]), Err(unknown(b"")));
    for at in 0..BASE.len() {
        let mut damaged = BASE.to_vec();
        damaged[at] ^= 1;
        assert_eq!(manifest.find_segment(&damaged), Err(unknown(&damaged)));
    }
    let lying = changed(|manifest| manifest.segments[0].length += 1);
    assert_eq!(lying.find_segment(BASE), Err(unknown(BASE)));
    let verifier = manifest.segments[1].verifier(merkle::leaves(ADDITION)).expect("the leaves");
    assert_eq!(verifier.verify(0, ADDITION), Ok(()));
}

#[test]
fn trust_files_that_would_count_somebody_twice_are_refused() {
    let two = || vec![endorser("One", &[1]), endorser("Two", &[2, 3])];
    let organisations = two().len();
    assert!(Trust::new(1, two()).is_ok());
    assert!(Trust::new(2, two()).is_ok());
    for threshold in [0, 3, usize::MAX] {
        let expected = TrustFileError::Threshold { threshold, organisations };
        assert_eq!(Trust::new(threshold, two()), Err(expected));
    }
    assert_eq!(Trust::new(0, Vec::new()), Err(TrustFileError::Threshold { threshold: 0, organisations: 0 }));
    let with = |more: Endorser| Trust::new(2, two().into_iter().chain([more]).collect());
    assert_eq!(with(endorser("One", &[4])), Err(TrustFileError::RepeatedOrganisation("One".into())));
    assert_eq!(with(endorser("ONE", &[4])), Err(TrustFileError::RepeatedOrganisation("ONE".into())));
    let repeated = |organisation: &str, seed| {
        Err(TrustFileError::RepeatedKey { organisation: organisation.into(), key: public(seed) })
    };
    assert_eq!(with(endorser("Three", &[4, 2])), repeated("Three", 2));
    assert_eq!(with(endorser("Three", &[4, 4])), repeated("Three", 4));
    assert_eq!(with(endorser("Three", &[])), Err(TrustFileError::NoKey { organisation: "Three".into() }));
    for name in ["", " Three", "Three\n", "Th\u{85}ree"] {
        assert_eq!(with(endorser(name, &[4])), Err(TrustFileError::Organisation(name.into())));
    }
}

#[test]
fn what_is_no_trust_file_is_malformed() {
    let text = String::from_utf8(file("trust.json")).expect("text");
    for (other, reason) in [
        (text.replace("presend.trust/1", "presend.trust/2"), "unknown variant `presend.trust/2`"),
        (text.replace("\"threshold\"", "\"treshold\""), "unknown field `treshold`"),
        (text.replace("8a88", "8A88"), "not 64 lower-case hexadecimal digits"),
        (
            text.replace("8a88e3dd7409f195fd52db2d3cba5d72ca6709bf1d94121bf3748801b40f6f5c", &"0".repeat(64)),
            "is no Ed25519 public key",
        ),
        (text.replace("\"threshold\": 2", "\"threshold\": -2"), "invalid value: integer `-2`"),
    ] {
        let error = Trust::parse(other.as_bytes()).expect_err("no trust file");
        assert!(error.to_string().contains(reason), "{error} should say {reason}");
        assert_eq!(error.code(), "trust-malformed");
    }
    let long = vec![b' '; Trust::MAX_LENGTH + 1];
    assert_eq!(Trust::parse(&long), Err(TrustFileError::TooLarge { length: Trust::MAX_LENGTH + 1 }));
    assert_eq!(Trust::parse(trust().to_json().as_bytes()), Ok(trust()));
    assert_eq!(trust().to_json(), text);
}
