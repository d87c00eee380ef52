//! Key files, and signing a manifest one after another.

use presend_core::set::{
    Digest, Kind, Manifest, ManifestError, PublicKey, Scheme, Segment, SignedManifest, SpecVersion, Timestamp, Trust,
    TrustError, TrustFileError, merkle,
};
use presend_core::{AlgorithmId, Radius};
use presend_hashsets::sign::{KeyError, KeyPair, SignError, sign};

fn pair(organisation: &str, seed: u8) -> KeyPair {
    KeyPair::from_seed(organisation, &[seed; 32]).expect("a name")
}

fn now() -> Timestamp {
    "2026-12-01T00:00:00Z".parse().expect("a time")
}

fn manifest(version: u64) -> Manifest {
    let bytes = b"entries";
    Manifest {
        kind: Kind::Set,
        algorithm: AlgorithmId::Pdq,
        clusters: 1,
        created: "2026-11-22T00:00:00Z".parse().expect("a time"),
        entries: 2,
        exact: None,
        expires: "2027-02-20T00:00:00Z".parse().expect("a time"),
        must_not_match: None,
        name: "test".into(),
        published_decibits: 1240,
        radius: Radius::DEFAULT,
        revoked: Vec::new(),
        scheme: Scheme::UniversalBch255,
        segments: vec![Segment { entries: 2, length: bytes.len() as u64, root: merkle::root(bytes) }],
        sources: Vec::new(),
        spec_version: SpecVersion::V1,
        version,
    }
}

fn unsigned(version: u64) -> Vec<u8> {
    SignedManifest::new(manifest(version)).expect("a manifest").to_bytes()
}

#[test]
fn what_enough_organisations_sign_is_trusted() {
    let pairs = [pair("One", 1), pair("Two", 2), pair("Three", 3)];
    let trust = Trust::new(2, pairs.iter().map(KeyPair::endorser).collect()).expect("a trust file");
    let keys: Vec<PublicKey> = pairs.iter().map(KeyPair::public).collect();
    let once = sign(&unsigned(1), &pairs[2], &keys).expect("signed");
    let too_few = TrustError::TooFewEndorsers { needed: 2, found: 1 };
    assert_eq!(trust.verify(&once, now(), None), Err(too_few));
    let twice = sign(&once, &pairs[0], &keys).expect("signed");
    let verified = trust.verify(&twice, now(), None).expect("trusted");
    assert_eq!(verified.endorsers(), ["One", "Three"]);
    assert_eq!(verified.manifest(), &manifest(1));
}

#[test]
fn the_order_of_signing_leaves_no_trace_and_signing_again_changes_nothing() {
    let (one, two) = (pair("One", 1), pair("Two", 2));
    let there = sign(&sign(&unsigned(1), &one, &[]).expect("signed"), &two, &[]).expect("signed");
    let back = sign(&sign(&unsigned(1), &two, &[]).expect("signed"), &one, &[]).expect("signed");
    assert_eq!(there, back);
    assert_eq!(sign(&there, &one, &[two.public()]), Ok(there));
}

#[test]
fn nobody_signs_below_a_manifest_that_was_changed_after_signing() {
    let (one, two) = (pair("One", 1), pair("Two", 2));
    let signed = SignedManifest::parse(&sign(&unsigned(1), &one, &[]).expect("signed")).expect("a manifest");
    let changed = SignedManifest::new(manifest(2)).expect("a manifest");
    let changed = changed.with_signature(signed.signatures()[0].clone()).expect("one signature").to_bytes();
    let refused = SignError::NotOfThisContent { key: one.public() };
    assert_eq!(sign(&changed, &two, &[two.public(), one.public()]), Err(refused));
    // One's own old signature is replaced.
    assert_eq!(sign(&changed, &one, &[one.public()]), sign(&unsigned(2), &one, &[]));
}

#[test]
fn what_is_no_manifest_is_not_signed() {
    let spaced = [&unsigned(1)[..], b"\n"].concat();
    let at = spaced.len() - 1;
    let refused = SignError::Manifest(ManifestError::NotCanonical { at });
    assert_eq!(sign(&spaced, &pair("One", 1), &[]), Err(refused));
}

#[test]
fn a_key_file_gives_the_key_back() {
    let made = KeyPair::generate("Hotline \"Å\" \\ Utrecht").expect("randomness");
    let text = made.to_json();
    let read = KeyPair::from_json(&text).expect("a key file");
    assert_eq!((read.organisation(), read.public()), (made.organisation(), made.public()));
    assert_eq!(sign(&unsigned(1), &read, &[]), sign(&unsigned(1), &made, &[]));
    assert_eq!(read.to_json(), text);
    let other = KeyPair::generate("Another").expect("randomness");
    assert_ne!(other.public(), made.public());
}

#[test]
fn key_files_are_written_as_documented() {
    // RFC 8032, section 7.1, test 1.
    let seed = "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60";
    let public = "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a";
    let text = format!(
        "{{\n  \"schema\": \"presend.key/1\",\n  \"organisation\": \"Example Hotline\",\n  \"public\": \"{public}\",\n  \
         \"secret\": \"{seed}\"\n}}\n"
    );
    let pair = KeyPair::from_json(text.as_bytes()).expect("a key file");
    assert_eq!(pair.public().to_string(), public);
    assert_eq!(*pair.to_json(), text.as_bytes());
}

#[test]
fn broken_key_files_are_refused_and_not_quoted() {
    let text = String::from_utf8(pair("One", 1).to_json().to_vec()).expect("text");
    let secret = "01".repeat(32);
    assert!(text.contains(&secret));
    let read = |text: &str| KeyPair::from_json(text.as_bytes()).expect_err("no key file");
    let stated = pair("Two", 2).public();
    let mismatch = KeyError::Mismatch { stated, found: pair("One", 1).public() };
    assert_eq!(read(&text.replace(&pair("One", 1).public().to_string(), &stated.to_string())), mismatch);
    assert_eq!(read(&text.replace("One", "")), KeyError::Organisation(TrustFileError::Organisation(String::new())));
    for broken in [&secret[1..], &secret[2..], &format!("{secret}01"), &"zz".repeat(32), &"0A".repeat(32), ""] {
        assert_eq!(read(&text.replace(&secret, broken)), KeyError::Secret, "{broken}");
    }
    for (broken, line) in [
        (text.replace("presend.key/1", "presend.key/2"), 2),
        (text.replace("\"secret\"", "\"sekret\""), 5),
        (text.replace(&format!("\"{secret}\""), &format!("\"{secret}")), 6),
        (text.replace(&format!("\"{secret}\""), "17"), 5),
        (text.replace(&format!("\"{secret}\""), &format!("[\"{secret}\"]")), 5),
        (format!("{text}{secret}"), 7),
    ] {
        let error = read(&broken);
        assert!(matches!(error, KeyError::Malformed { line: found, .. } if found == line), "{error:?}: {broken}");
        assert!(!error.to_string().contains(&secret) && !format!("{error:?}").contains(&secret));
    }
    assert_eq!(read(""), KeyError::Malformed { line: 1, column: 0 });
}

#[test]
fn a_key_pair_does_not_show_its_secret() {
    let shown = format!("{:?}", pair("One", 1));
    assert!(shown.contains("One") && shown.contains("8a88e3dd7409f195"), "{shown}");
    assert!(!shown.contains("01010101") && !shown.contains("1, 1, 1, 1"), "{shown}");
}

#[test]
fn names_that_no_trust_file_takes_get_no_key() {
    for name in ["", " One", "One\n"] {
        let refused = KeyError::Organisation(TrustFileError::Organisation(name.into()));
        assert_eq!(KeyPair::generate(name).expect_err("no name"), refused);
    }
}

#[test]
fn digests_are_of_what_is_said_and_not_of_who_says_it() {
    let digest = |bytes: &[u8]| -> Digest { SignedManifest::parse(bytes).expect("a manifest").manifest().digest() };
    let signed = sign(&unsigned(1), &pair("One", 1), &[]).expect("signed");
    assert_eq!(digest(&signed), digest(&unsigned(1)));
    assert_ne!(digest(&signed), digest(&unsigned(2)));
}
