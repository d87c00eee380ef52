//! The manifest of a sealed set: what is said of it, in a form that can be signed.
//!
//! The shape is that of metadata of The Update Framework (TUF 1.0, section 4.2): `{"signed": …, "signatures": …}`, where
//! each signature is Ed25519 (RFC 8032) over the canonical form of `signed`. That form is RFC 8785: keys sorted, no
//! spaces. Numbers are whole and text has no control characters, and for such values it is byte for byte TUF's own
//! canonical JSON too, so TUF's tools can sign and verify a manifest.
//!
//! A manifest is accepted only as the very bytes that its content is written as. Whatever changes a byte changes what is
//! signed, or a signature, or is refused as not canonical: there are no bytes in between.
//!
//! Nothing here is trusted yet: [`Trust::verify`](super::trust::Trust::verify) says whom it comes from.

use serde::{Deserialize, Serialize};
use thiserror::Error;

use super::merkle::{self, ChunkError, ChunkVerifier, Digest, Hex};
use super::timestamp::Timestamp;
use crate::bch::Radius;
use crate::hash::AlgorithmId;
use crate::json::{FromJson, JsonError, Value};

/// What is said of a set: the part of the file that is signed.
///
/// The fields are written in this order, which is that of RFC 8785. A list owner fills them in and gives them to
/// [`SignedManifest::new`], which checks them against one another.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Manifest {
    /// What kind of file this is.
    #[serde(rename = "_type")]
    pub kind: Kind,
    /// The algorithm of the hashes: PDQ or PDQ-512.
    #[serde(with = "as_text")]
    pub algorithm: AlgorithmId,
    /// How many images the entries are of.
    pub clusters: u64,
    /// When it was made.
    #[serde(with = "as_text")]
    pub created: Timestamp,
    /// How many entries the segments have, the revoked ones included.
    pub entries: u64,
    /// The tier of cryptographic digests, where the set has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub exact: Option<Exact>,
    /// From when on it must not be used any more.
    #[serde(with = "as_text")]
    pub expires: Timestamp,
    /// A corpus that the set must not match, by which anybody can test it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub must_not_match: Option<String>,
    /// The set's name, the same in all its versions.
    pub name: String,
    /// How much of each hash is published, in tenths of a bit.
    pub published_decibits: u32,
    /// Within which distance entries are found.
    #[serde(with = "as_bits")]
    pub radius: Radius,
    /// Entries that must not be matched any more.
    pub revoked: Vec<Revocation>,
    /// How entries are sealed.
    pub scheme: Scheme,
    /// The files with the entries, in the order in which entries are counted.
    pub segments: Vec<Segment>,
    /// Whose lists the set was made from.
    pub sources: Vec<Source>,
    /// The version of this format.
    pub spec_version: SpecVersion,
    /// The version of the set, from 1. A client never goes back.
    pub version: u64,
}

/// What kind of file a manifest is: its signature means nothing elsewhere.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Kind {
    /// The manifest of a sealed set.
    #[serde(rename = "presend-set")]
    Set,
}

/// The version of the manifest's format.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum SpecVersion {
    /// This one.
    #[serde(rename = "1.0")]
    V1,
}

/// How entries are sealed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub enum Scheme {
    /// Syndromes of the one BCH code of length 255 that all sets share.
    #[serde(rename = "universal-bch-255")]
    UniversalBch255,
}

/// A file with entries, which never changes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Segment {
    /// How many entries it has.
    pub entries: u32,
    /// How many bytes.
    pub length: u64,
    /// The root of the Merkle tree over its bytes, by which it is known.
    pub root: Digest,
}

impl Segment {
    /// What checks this segment chunk by chunk as it arrives, given the hashes of its chunks from anybody.
    ///
    /// # Errors
    /// [`ChunkError`] where they are the hashes of something else.
    pub fn verifier(&self, leaves: Vec<Digest>) -> Result<ChunkVerifier, ChunkError> {
        ChunkVerifier::new(leaves, &self.root, self.length)
    }
}

/// An entry that must not be matched any more.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Revocation {
    /// Which entry of the segment, from 0.
    pub entry: u32,
    /// The root of its segment.
    pub segment: Digest,
    /// The entry's tag.
    pub tag: Hex<4>,
}

/// A list that a set was made from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Source {
    /// The SHA-256 of the list, by which its owner can show that it was this one.
    pub commitment: Digest,
    /// Whose list it is.
    pub name: String,
}

/// The tier of cryptographic digests.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Exact {
    /// Bytes of the Bloom filters.
    pub bloom_bytes: u64,
    /// How many digests there are.
    pub entries: u64,
    /// How often a filter passes a digest it should not, as text, because canonical JSON has no fractions: `1e-9`.
    pub false_positive_rate: String,
}

impl Manifest {
    /// The most bytes that a manifest can have, signatures included. It bounds everything in it, revocations first.
    pub const MAX_LENGTH: usize = 16 << 20;
    /// The most segments.
    pub const MAX_SEGMENTS: usize = 4096;
    /// The most sources.
    pub const MAX_SOURCES: usize = 4096;
    /// The most signatures.
    pub const MAX_SIGNATURES: usize = 64;

    /// The bytes that are signed: canonical JSON.
    #[must_use]
    pub fn to_signed_bytes(&self) -> Vec<u8> {
        canonical(self)
    }

    /// The digest to show to people: two who see the same one have the same set.
    #[must_use]
    pub fn digest(&self) -> Digest {
        Digest::of(&self.to_signed_bytes())
    }

    /// Which segment these bytes are; costs their hash.
    ///
    /// # Errors
    /// [`SegmentError::Unknown`] where they are none of this set.
    pub fn find_segment(&self, bytes: &[u8]) -> Result<usize, SegmentError> {
        let (root, length) = (merkle::root(bytes), bytes.len() as u64);
        let place = self.segments.iter().position(|segment| segment.root == root && segment.length == length);
        place.ok_or(SegmentError::Unknown { root, length })
    }

    /// For each segment which of these files it is. All must be there, each once, and nothing else.
    ///
    /// # Errors
    /// [`SegmentError`].
    pub fn order_segments(&self, files: &[&[u8]]) -> Result<Vec<usize>, SegmentError> {
        let mut places = vec![None; self.segments.len()];
        for (file, bytes) in files.iter().enumerate() {
            let segment = self.find_segment(bytes)?;
            if places[segment].replace(file).is_some() {
                return Err(SegmentError::Repeated { root: self.segments[segment].root });
            }
        }
        let missing = |segment: &Segment| SegmentError::Missing { root: segment.root };
        self.segments.iter().zip(places).map(|(segment, file)| file.ok_or_else(|| missing(segment))).collect()
    }

    /// Whether the fields make sense together.
    fn check(&self) -> Result<(), ManifestError> {
        if !matches!(self.algorithm, AlgorithmId::Pdq | AlgorithmId::Pdq512) {
            return Err(ManifestError::Algorithm(self.algorithm));
        }
        let texts = [("name", Some(&self.name)), ("must_not_match", self.must_not_match.as_ref())];
        let texts = texts.into_iter().filter_map(|(field, text)| Some((field, text?)));
        for (field, text) in texts.chain(self.sources.iter().map(|source| ("sources", &source.name))) {
            if !is_presentable(text) {
                return Err(ManifestError::Text { field, text: shortened(text) });
            }
        }
        let exact = self.exact.iter().flat_map(|exact| [exact.entries, exact.bloom_bytes]);
        for number in exact.chain([self.version]).chain(self.segments.iter().map(|segment| segment.length)) {
            if number > MAX_NUMBER {
                return Err(ManifestError::TooLargeNumber(number));
            }
        }
        if self.version == 0 {
            return Err(ManifestError::VersionZero);
        }
        if self.expires <= self.created {
            return Err(ManifestError::ExpiresTooEarly { created: self.created, expires: self.expires });
        }
        if let Some(exact) = &self.exact
            && !rate(&exact.false_positive_rate).is_some_and(|rate| rate > 0.0 && rate < 1.0)
        {
            return Err(ManifestError::Rate(shortened(&exact.false_positive_rate)));
        }
        limit("segments", self.segments.len(), Self::MAX_SEGMENTS)?;
        limit("sources", self.sources.len(), Self::MAX_SOURCES)?;
        self.check_entries()?;
        let names = self.sources.iter().map(|source| (source.name.as_bytes(), 0));
        match first_repeated(names) {
            Some(place) => Err(ManifestError::RepeatedSource(self.sources[place].name.clone())),
            None => Ok(()),
        }
    }

    /// Whether entries, segments and revocations agree.
    fn check_entries(&self) -> Result<(), ManifestError> {
        if self.segments.is_empty() {
            return Err(ManifestError::NoSegment);
        }
        // At most 4096 times 2^32.
        let found: u64 = self.segments.iter().map(|segment| u64::from(segment.entries)).sum();
        if self.entries != found {
            return Err(ManifestError::EntryCount { stated: self.entries, found });
        }
        if self.clusters > self.entries || (self.clusters == 0 && self.entries > 0) {
            return Err(ManifestError::ClusterCount { clusters: self.clusters, entries: self.entries });
        }
        if let Some(place) = first_repeated(self.segments.iter().map(|segment| (&segment.root.as_bytes()[..], 0))) {
            return Err(ManifestError::RepeatedSegment(self.segments[place].root));
        }
        let mut segments: Vec<(Digest, u32)> =
            self.segments.iter().map(|segment| (segment.root, segment.entries)).collect();
        segments.sort_unstable();
        let entries = |root: &Digest| {
            let place = segments.binary_search_by_key(root, |&(root, _)| root).ok()?;
            Some(segments[place].1)
        };
        let revoked = self.revoked.iter().map(|revocation| (&revocation.segment.as_bytes()[..], revocation.entry));
        let repeated = first_repeated(revoked);
        for (place, &Revocation { entry, segment, .. }) in self.revoked.iter().enumerate() {
            if entries(&segment).is_none_or(|entries| entry >= entries) {
                return Err(ManifestError::RevokesNothing { segment, entry });
            }
            if repeated == Some(place) {
                return Err(ManifestError::RepeatedRevocation { segment, entry });
            }
        }
        Ok(())
    }
}

/// A manifest and its signatures, well-formed, but not yet trusted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignedManifest(Envelope);

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(super) struct Envelope {
    pub(super) signatures: Vec<Signature>,
    pub(super) signed: Manifest,
}

/// A signature as it stands in the file; anybody can have put it there.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Signature {
    /// Whose it is said to be: the [identifier](super::trust::PublicKey::keyid) of a public key.
    pub keyid: Digest,
    /// The 64 bytes of an Ed25519 signature.
    pub sig: Hex<64>,
}

impl SignedManifest {
    /// A manifest that nobody has signed yet.
    ///
    /// # Errors
    /// [`ManifestError`] where its fields contradict one another.
    pub fn new(manifest: Manifest) -> Result<Self, ManifestError> {
        manifest.check()?;
        Self(Envelope { signatures: Vec::new(), signed: manifest }).within_limits()
    }

    /// Reads a manifest.
    ///
    /// # Errors
    /// [`ManifestError`] unless these are the very bytes that [`to_bytes`](Self::to_bytes) gives back. Longer ones than
    /// [`Manifest::MAX_LENGTH`] are refused unread, and memory stays in proportion to that.
    pub fn parse(bytes: &[u8]) -> Result<Self, ManifestError> {
        check_length(bytes.len())?;
        let envelope = Value::parse(bytes).and_then(Envelope::from_json);
        let mut envelope = envelope.map_err(|error| ManifestError::Malformed { reason: reason(&error) })?;
        envelope.signed.check()?;
        limit("signatures", envelope.signatures.len(), Manifest::MAX_SIGNATURES)?;
        envelope.signatures.sort_by_key(|signature| signature.keyid);
        if let Some(pair) = envelope.signatures.windows(2).find(|pair| pair[0].keyid == pair[1].keyid) {
            return Err(ManifestError::RepeatedSignature { keyid: pair[0].keyid });
        }
        let canonical = canonical(&envelope);
        if canonical != bytes {
            let same = canonical.iter().zip(bytes).take_while(|(ours, theirs)| ours == theirs).count();
            return Err(ManifestError::NotCanonical { at: same });
        }
        Ok(Self(envelope))
    }

    /// The bytes of the file: canonical JSON, the signatures in the order of their keys' identifiers.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        canonical(&self.0)
    }

    /// What is said of the set, by whomever.
    #[must_use]
    pub fn manifest(&self) -> &Manifest {
        &self.0.signed
    }

    /// The signatures, unverified, in the order of their keys' identifiers.
    #[must_use]
    pub fn signatures(&self) -> &[Signature] {
        &self.0.signatures
    }

    /// The same with one more signature, or another one by the same key. It is not verified.
    ///
    /// # Errors
    /// [`ManifestError::TooMany`] or [`ManifestError::TooLarge`].
    pub fn with_signature(mut self, signature: Signature) -> Result<Self, ManifestError> {
        let signatures = &mut self.0.signatures;
        match signatures.binary_search_by_key(&signature.keyid, |other| other.keyid) {
            Ok(place) => signatures[place] = signature,
            Err(place) => signatures.insert(place, signature),
        }
        self.within_limits()
    }

    fn within_limits(self) -> Result<Self, ManifestError> {
        limit("signatures", self.0.signatures.len(), Manifest::MAX_SIGNATURES)?;
        check_length(self.to_bytes().len())?;
        Ok(self)
    }
}

/// A manifest that says nothing, or nothing that can be used.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum ManifestError {
    /// The file is longer than any manifest.
    #[error("a manifest of {length} bytes: the most is {}", Manifest::MAX_LENGTH)]
    TooLarge {
        /// How long it is.
        length: usize,
    },
    /// The file is not JSON, or a field is missing, unknown, repeated or not of its kind.
    #[error("not a manifest: {reason}")]
    Malformed {
        /// What is wrong, and where.
        reason: String,
    },
    /// The same content is written in other bytes: spaces, another order, another notation, something after it.
    #[error("not the canonical form of its content, from byte {at} on")]
    NotCanonical {
        /// The first byte that differs, from 0.
        at: usize,
    },
    /// One key signs twice.
    #[error("key {keyid} signs twice")]
    RepeatedSignature {
        /// Which key.
        keyid: Digest,
    },
    /// A list is too long.
    #[error("{found} {what}: the most is {limit}")]
    TooMany {
        /// What there is too much of.
        what: &'static str,
        /// How many there are.
        found: usize,
        /// How many there can be.
        limit: usize,
    },
    /// No hashes of this algorithm can be sealed.
    #[error("hashes by {0} cannot be sealed")]
    Algorithm(AlgorithmId),
    /// A text is empty, long, starts or ends with a space, or has control characters.
    #[error("{field}: {text:?} is no name")]
    Text {
        /// Which field.
        field: &'static str,
        /// The text.
        text: String,
    },
    /// A number is beyond 2^53 - 1, where JSON's are no longer exact everywhere.
    #[error("{0} is more than 2^53 - 1")]
    TooLargeNumber(u64),
    /// Versions start at 1.
    #[error("a set has no version 0")]
    VersionZero,
    /// It was never valid.
    #[error("expires at {expires}, but was created at {created}")]
    ExpiresTooEarly {
        /// When it was made.
        created: Timestamp,
        /// When it expires.
        expires: Timestamp,
    },
    /// Not a probability between 0 and 1.
    #[error("{0:?} is no false positive rate")]
    Rate(String),
    /// A set without a file.
    #[error("no segment")]
    NoSegment,
    /// The number of entries is not that of the segments together.
    #[error("{stated} entries, but the segments have {found}")]
    EntryCount {
        /// What the manifest says of the set.
        stated: u64,
        /// What it says of the segments.
        found: u64,
    },
    /// There are more images than entries, or none of them.
    #[error("{clusters} clusters of {entries} entries")]
    ClusterCount {
        /// How many clusters.
        clusters: u64,
        /// How many entries.
        entries: u64,
    },
    /// A segment is named twice.
    #[error("segment {0} is named twice")]
    RepeatedSegment(Digest),
    /// A source is named twice.
    #[error("source {0:?} is named twice")]
    RepeatedSource(String),
    /// There is no entry to revoke.
    #[error("there is no entry {entry} in segment {segment} to revoke")]
    RevokesNothing {
        /// Which segment.
        segment: Digest,
        /// Which entry.
        entry: u32,
    },
    /// An entry is revoked twice.
    #[error("entry {entry} of segment {segment} is revoked twice")]
    RepeatedRevocation {
        /// Which segment.
        segment: Digest,
        /// Which entry.
        entry: u32,
    },
}

impl ManifestError {
    /// A name for programs, which stays the same.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::TooLarge { .. } => "manifest-too-large",
            Self::Malformed { .. } => "manifest-malformed",
            Self::NotCanonical { .. } => "manifest-not-canonical",
            Self::RepeatedSignature { .. } => "manifest-repeated-signature",
            Self::TooMany { .. } => "manifest-too-many",
            Self::Algorithm(_) => "manifest-algorithm",
            Self::Text { .. } => "manifest-text",
            Self::TooLargeNumber(_) => "manifest-too-large-number",
            Self::VersionZero => "manifest-version-zero",
            Self::ExpiresTooEarly { .. } => "manifest-expires-too-early",
            Self::Rate(_) => "manifest-rate",
            Self::NoSegment => "manifest-no-segment",
            Self::EntryCount { .. } => "manifest-entry-count",
            Self::ClusterCount { .. } => "manifest-cluster-count",
            Self::RepeatedSegment(_) => "manifest-repeated-segment",
            Self::RepeatedSource(_) => "manifest-repeated-source",
            Self::RevokesNothing { .. } => "manifest-revokes-nothing",
            Self::RepeatedRevocation { .. } => "manifest-repeated-revocation",
        }
    }
}

/// The files are not those of the manifest.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum SegmentError {
    /// A file is no segment of this set: damaged, or of another set or version.
    #[error("a file of {length} bytes with the root {root} is not part of this set")]
    Unknown {
        /// The root of its tree.
        root: Digest,
        /// Its length.
        length: u64,
    },
    /// A segment is there twice.
    #[error("segment {root} is there twice")]
    Repeated {
        /// Its root.
        root: Digest,
    },
    /// A segment is not there.
    #[error("segment {root} is missing")]
    Missing {
        /// Its root.
        root: Digest,
    },
}

impl SegmentError {
    /// A name for programs, which stays the same.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Unknown { .. } => "segment-unknown",
            Self::Repeated { .. } => "segment-repeated",
            Self::Missing { .. } => "segment-missing",
        }
    }
}

/// JSON numbers are exact up to here in every language.
const MAX_NUMBER: u64 = (1 << 53) - 1;

/// Whether a text can be shown to people as a name.
pub(crate) fn is_presentable(text: &str) -> bool {
    let length = text.chars().count();
    (1..=MAX_NAME).contains(&length) && text.trim() == text && !text.chars().any(char::is_control)
}

/// The most characters of a name.
const MAX_NAME: usize = 200;

/// The beginning of a text that may be as long as a file, to be shown in a message.
pub(crate) fn shortened(text: &str) -> String {
    text.chars().take(MAX_NAME + 1).collect()
}

/// What is wrong with JSON. The message quotes the file, so it may be long and try to steer a terminal.
pub(crate) fn reason(error: &JsonError) -> String {
    shortened(&error.to_string()).replace(char::is_control, "\u{fffd}")
}

fn limit(what: &'static str, found: usize, limit: usize) -> Result<(), ManifestError> {
    if found <= limit { Ok(()) } else { Err(ManifestError::TooMany { what, found, limit }) }
}

fn check_length(length: usize) -> Result<(), ManifestError> {
    if length <= Manifest::MAX_LENGTH { Ok(()) } else { Err(ManifestError::TooLarge { length }) }
}

/// The canonical form of a value whose fields are declared in the order of their names: with whole numbers and text without
/// control characters, it is what is written without spaces.
fn canonical(value: &impl Serialize) -> Vec<u8> {
    serde_json::to_vec(value).expect("text, whole numbers and lists can be written")
}

/// The first place whose key an earlier one has: bytes and a number.
pub(super) fn first_repeated<'a>(keys: impl Iterator<Item = (&'a [u8], u32)>) -> Option<usize> {
    let mut keys: Vec<_> = keys.enumerate().map(|(place, key)| (key, place)).collect();
    keys.sort_unstable();
    keys.windows(2).filter(|pair| pair[0].0 == pair[1].0).map(|pair| pair[1].1).min()
}

/// The number that a text is in decimal notation; `None` for another text, and for infinity. It is near enough to be told
/// from 0 and 1.
///
/// The standard library reads numbers to the last bit, with tables that are a twentieth of what a browser downloads.
fn rate(text: &str) -> Option<f64> {
    let (number, exponent) = text.split_once(['e', 'E']).unwrap_or((text, "0"));
    let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
    let whole = whole.strip_prefix('+').unwrap_or(whole);
    if whole.len() + fraction.len() == 0 || !whole.bytes().chain(fraction.bytes()).all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let digit = |byte: u8| f64::from(byte - b'0');
    let mut value = whole.bytes().fold(0.0, |value, byte| 10.0 * value + digit(byte));
    let mut place = 1.0;
    for byte in fraction.bytes() {
        place /= 10.0;
        value += place * digit(byte);
    }
    Some(value * 10_f64.powi(exponent.parse().ok()?)).filter(|value| value.is_finite())
}

/// Fields that are written as they are shown.
mod as_text {
    use std::fmt::Display;
    use std::str::FromStr;

    use serde::{Deserialize, Deserializer, Serializer, de};

    pub(super) fn serialize<S: Serializer>(value: &impl Display, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(value)
    }

    pub(super) fn deserialize<'de, T: FromStr<Err: Display>, D: Deserializer<'de>>(from: D) -> Result<T, D::Error> {
        String::deserialize(from)?.parse().map_err(de::Error::custom)
    }
}

/// A radius as its number of bits.
mod as_bits {
    use serde::{Deserialize, Deserializer, Serializer, de};

    use crate::bch::Radius;

    pub(super) fn serialize<S: Serializer>(radius: &Radius, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_u16(radius.bits())
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Radius, D::Error> {
        Radius::new(u16::deserialize(from)?).map_err(de::Error::custom)
    }
}
