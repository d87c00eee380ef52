//! Whom a set comes from: the organisations that a client trusts, and what they have signed.
//!
//! A set is used only if at least `threshold` of the client's organisations have signed its [manifest](super::manifest),
//! as for roles of The Update Framework (TUF 1.0, sections 2.1 and 5.6), with two differences. What is counted is
//! organisations, never keys: one that holds two keys is still one. And every signature must be by a key of the trust
//! file and verify, so that no byte of the file is beside the point; a client that expects endorsers it does not know can
//! say so. The keys come to the client by another way than the set.
//!
//! Then time: an expired set is refused, and one that is older than the client has seen, or of the same version with
//! another content. The caller says what time it is and remembers what it has seen.
//!
//! Signatures are Ed25519 (RFC 8032), verified strictly: no keys of small order, no second form of a signature.

use std::fmt;
use std::str::FromStr;

use ed25519_dalek::VerifyingKey;
use serde::{Deserialize, Serialize};
use thiserror::Error;

use super::case::folded;
use super::manifest::{Manifest, ManifestError, SignedManifest, first_repeated, is_presentable, reason, shortened};
use super::merkle::{Digest, Hex, HexError};
use super::timestamp::Timestamp;
use crate::hash::AlgorithmId;
use crate::json::{FromJson, Value};

/// Whose word counts: the trust file.
///
/// ```
/// # use presend_core::set::Trust;
/// let trust = Trust::parse(br#"{
///     "schema": "presend.trust/1",
///     "set": "demo",
///     "threshold": 1,
///     "endorsers": [{
///         "organisation": "Example Hotline",
///         "keys": ["d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a"]
///     }]
/// }"#)?;
/// assert_eq!(trust.threshold(), 1);
/// # Ok::<(), presend_core::set::TrustFileError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trust {
    file: TrustFile,
    /// Each key's identifier, the key and the place of its organisation, in the order of the identifiers.
    keys: Vec<(Digest, PublicKey, usize)>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(super) struct TrustFile {
    pub(super) schema: Schema,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) set: Option<String>,
    pub(super) threshold: usize,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub(super) allow_unknown_keys: bool,
    pub(super) endorsers: Vec<Endorser>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub(super) enum Schema {
    #[serde(rename = "presend.trust/1")]
    V1,
}

/// An organisation that endorses sets.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Endorser {
    /// Its name, as people are shown it.
    pub organisation: String,
    /// The keys it signs with.
    pub keys: Vec<PublicKey>,
}

impl Trust {
    /// The most bytes of a trust file.
    pub const MAX_LENGTH: usize = 1 << 20;

    /// Trust in whatever `threshold` of these organisations sign.
    ///
    /// # Errors
    /// [`TrustFileError`] where a name or a key is there twice, or there are not so many organisations.
    pub fn new(threshold: usize, endorsers: Vec<Endorser>) -> Result<Self, TrustFileError> {
        Self::check(TrustFile { schema: Schema::V1, set: None, threshold, allow_unknown_keys: false, endorsers })
    }

    /// The same for the set of this name only.
    #[must_use]
    pub fn for_set(mut self, name: impl Into<String>) -> Self {
        self.file.set = Some(name.into());
        self
    }

    /// The same, but signatures by keys that are not in the trust file are passed over: the endorsements of organisations
    /// that others trust. Of all bytes of a manifest, only those signatures are then unchecked.
    #[must_use]
    pub fn allow_unknown_keys(mut self) -> Self {
        self.file.allow_unknown_keys = true;
        self
    }

    /// Reads a trust file.
    ///
    /// # Errors
    /// [`TrustFileError`].
    pub fn parse(bytes: &[u8]) -> Result<Self, TrustFileError> {
        if bytes.len() > Self::MAX_LENGTH {
            return Err(TrustFileError::TooLarge { length: bytes.len() });
        }
        let file = Value::parse(bytes).and_then(TrustFile::from_json);
        Self::check(file.map_err(|error| TrustFileError::Malformed { reason: reason(&error) })?)
    }

    fn check(file: TrustFile) -> Result<Self, TrustFileError> {
        let names: Vec<String> = file.endorsers.iter().map(|endorser| folded(&endorser.organisation)).collect();
        let repeated_name = first_repeated(names.iter().map(|name| (name.as_bytes(), 0)));
        let mut keys = Vec::new();
        for (place, endorser) in file.endorsers.iter().enumerate() {
            keys.extend(endorser.keys.iter().map(|key| (key.keyid(), *key, place)));
        }
        let repeated_key = first_repeated(keys.iter().map(|(keyid, ..)| (&keyid.as_bytes()[..], 0)));
        for (place, Endorser { organisation, keys: its_keys }) in file.endorsers.iter().enumerate() {
            let organisation = || organisation.clone();
            if !is_presentable(&organisation()) {
                return Err(TrustFileError::Organisation(shortened(&organisation())));
            }
            if repeated_name == Some(place) {
                return Err(TrustFileError::RepeatedOrganisation(organisation()));
            }
            if its_keys.is_empty() {
                return Err(TrustFileError::NoKey { organisation: organisation() });
            }
            if let Some((_, key, _)) = repeated_key.map(|key| keys[key]).filter(|&(_, _, holder)| holder == place) {
                return Err(TrustFileError::RepeatedKey { organisation: organisation(), key });
            }
        }
        if !(1..=file.endorsers.len()).contains(&file.threshold) {
            return Err(TrustFileError::Threshold { threshold: file.threshold, organisations: file.endorsers.len() });
        }
        keys.sort_unstable();
        Ok(Self { file, keys })
    }

    /// The text of the trust file.
    #[must_use]
    pub fn to_json(&self) -> String {
        let json = serde_json::to_string_pretty(&self.file);
        json.expect("text, whole numbers and lists can be written") + "\n"
    }

    /// How many organisations must have signed.
    #[must_use]
    pub fn threshold(&self) -> usize {
        self.file.threshold
    }

    /// The organisations.
    #[must_use]
    pub fn endorsers(&self) -> &[Endorser] {
        &self.file.endorsers
    }

    /// The name of the only set that it is about, if it says so.
    #[must_use]
    pub fn set(&self) -> Option<&str> {
        self.file.set.as_deref()
    }

    /// Verifies the bytes of a manifest: who signed it, and whether it is to be used at the time `now` by somebody who
    /// has used `last_seen`.
    ///
    /// # Errors
    /// [`TrustError`], the first of: not a manifest, signatures, name, older or other than seen, outside its time.
    pub fn verify(&self, bytes: &[u8], now: Timestamp, last_seen: Option<&LastSeen>) -> Result<Verified, TrustError> {
        let signed = SignedManifest::parse(bytes)?;
        let endorsers = self.endorsers_of(&signed)?;
        let manifest = signed.manifest();
        let digest = manifest.digest();
        for expected in self.set().into_iter().chain(last_seen.map(|seen| seen.name.as_str())) {
            if manifest.name != expected {
                return Err(TrustError::WrongName { expected: expected.to_owned(), found: manifest.name.clone() });
            }
        }
        if let Some(seen) = last_seen {
            if manifest.version < seen.version {
                return Err(TrustError::Rollback { seen: seen.version, found: manifest.version });
            }
            if manifest.version == seen.version && digest != seen.digest {
                let version = seen.version;
                return Err(TrustError::Equivocation { version, seen: seen.digest, found: digest });
            }
        }
        if now >= manifest.expires {
            return Err(TrustError::Expired { at: manifest.expires, now });
        }
        if manifest.created.seconds() > now.seconds().saturating_add(Self::CLOCK_SKEW) {
            return Err(TrustError::NotYetValid { created: manifest.created, now });
        }
        Ok(Verified { manifest: manifest.clone(), digest, endorsers })
    }

    /// How far, in seconds, a client's clock may be behind the list owner's: a day.
    pub const CLOCK_SKEW: u64 = 86_400;

    /// The organisations that signed, in the order of the trust file.
    fn endorsers_of(&self, signed: &SignedManifest) -> Result<Vec<String>, TrustError> {
        let content = signed.manifest().to_signed_bytes();
        let mut endorsers = Vec::new();
        for signature in signed.signatures() {
            let keyid = signature.keyid;
            let Ok(key) = self.keys.binary_search_by_key(&keyid, |&(keyid, ..)| keyid) else {
                if self.file.allow_unknown_keys {
                    continue;
                }
                return Err(TrustError::UnknownKey { keyid });
            };
            let (_, key, place) = &self.keys[key];
            let organisation = || self.file.endorsers[*place].organisation.clone();
            if !key.verify(&content, &signature.sig) {
                return Err(TrustError::BadSignature { organisation: organisation(), keyid });
            }
            if endorsers.contains(place) {
                return Err(TrustError::DuplicateEndorser { organisation: organisation() });
            }
            endorsers.push(*place);
        }
        if endorsers.len() < self.file.threshold {
            return Err(TrustError::TooFewEndorsers { needed: self.file.threshold, found: endorsers.len() });
        }
        endorsers.sort_unstable();
        Ok(endorsers.into_iter().map(|place| self.file.endorsers[place].organisation.clone()).collect())
    }
}

/// A manifest that enough trusted organisations have signed and that is to be used now.
///
/// There is no other way to get one than [`Trust::verify`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verified {
    manifest: Manifest,
    digest: Digest,
    endorsers: Vec<String>,
}

impl Verified {
    /// What is said of the set.
    #[must_use]
    pub fn manifest(&self) -> &Manifest {
        &self.manifest
    }

    /// The digest to show to people, [`Manifest::digest`].
    #[must_use]
    pub fn digest(&self) -> Digest {
        self.digest
    }

    /// The trusted organisations that signed, in the order of the trust file.
    #[must_use]
    pub fn endorsers(&self) -> &[String] {
        &self.endorsers
    }

    /// What to remember for next time.
    #[must_use]
    pub fn last_seen(&self) -> LastSeen {
        LastSeen { name: self.manifest.name.clone(), version: self.manifest.version, digest: self.digest }
    }

    /// Refuses a set of hashes by another algorithm.
    ///
    /// # Errors
    /// [`TrustError::WrongAlgorithm`].
    pub fn require_algorithm(&self, expected: AlgorithmId) -> Result<(), TrustError> {
        let found = self.manifest.algorithm;
        if found == expected { Ok(()) } else { Err(TrustError::WrongAlgorithm { expected, found }) }
    }
}

/// Which set a client used last, so that it never goes back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LastSeen {
    /// Its name.
    pub name: String,
    /// Its version.
    pub version: u64,
    /// The digest of its manifest.
    pub digest: Digest,
}

/// An Ed25519 public key, written as 64 lower-case hexadecimal digits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(into = "Hex<32>", try_from = "Hex<32>")]
pub struct PublicKey(Hex<32>);

impl PublicKey {
    /// A key from its 32 bytes.
    ///
    /// # Errors
    /// [`PublicKeyError::Invalid`] where they are no point of the curve, or one of small order, under which a signature
    /// says nothing.
    pub fn from_bytes(bytes: [u8; 32]) -> Result<Self, PublicKeyError> {
        match VerifyingKey::from_bytes(&bytes) {
            Ok(key) if !key.is_weak() => Ok(Self(Hex(bytes))),
            _ => Err(PublicKeyError::Invalid(Hex(bytes))),
        }
    }

    /// The identifier of the key in a manifest: the SHA-256 of TUF's key object in canonical form,
    /// `{"keytype":"ed25519","keyval":{"public":"…"},"scheme":"ed25519"}`.
    #[must_use]
    pub fn keyid(&self) -> Digest {
        let key = format!(r#"{{"keytype":"ed25519","keyval":{{"public":"{self}"}},"scheme":"ed25519"}}"#);
        Digest::of(key.as_bytes())
    }

    /// Whether this is the key's signature of these bytes.
    #[must_use]
    pub fn verify(&self, content: &[u8], signature: &Hex<64>) -> bool {
        let signature = ed25519_dalek::Signature::from_bytes(&signature.0);
        VerifyingKey::from_bytes(&self.0.0).is_ok_and(|key| key.verify_strict(content, &signature).is_ok())
    }
}

impl fmt::Display for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl FromStr for PublicKey {
    type Err = PublicKeyError;

    fn from_str(text: &str) -> Result<Self, PublicKeyError> {
        Self::from_bytes(text.parse::<Hex<32>>()?.0)
    }
}

impl From<PublicKey> for Hex<32> {
    fn from(key: PublicKey) -> Self {
        key.0
    }
}

impl TryFrom<Hex<32>> for PublicKey {
    type Error = PublicKeyError;

    fn try_from(bytes: Hex<32>) -> Result<Self, PublicKeyError> {
        Self::from_bytes(bytes.0)
    }
}

/// Not a public key.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum PublicKeyError {
    /// The text is not 64 lower-case hexadecimal digits.
    #[error("a public key is {0}")]
    Hex(#[from] HexError),
    /// The bytes are no point of the curve, or one of small order.
    #[error("{0} is no Ed25519 public key")]
    Invalid(Hex<32>),
}

/// The trust file cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum TrustFileError {
    /// The file is longer than any trust file.
    #[error("a trust file of {length} bytes: the most is {}", Trust::MAX_LENGTH)]
    TooLarge {
        /// How long it is.
        length: usize,
    },
    /// The file is not JSON, or a field is missing, unknown, repeated or not of its kind.
    #[error("not a trust file: {reason}")]
    Malformed {
        /// What is wrong, and where.
        reason: String,
    },
    /// A name is empty, long, starts or ends with a space, or has control characters.
    #[error("{0:?} is no name of an organisation")]
    Organisation(String),
    /// An organisation is listed twice, capitals apart: it would count twice.
    #[error("organisation {0:?} is listed twice")]
    RepeatedOrganisation(String),
    /// An organisation has no key.
    #[error("organisation {organisation:?} has no key")]
    NoKey {
        /// Which one.
        organisation: String,
    },
    /// A key is listed twice: its signature would count twice.
    #[error("the key {key} of {organisation:?} is listed twice")]
    RepeatedKey {
        /// Where it is listed again.
        organisation: String,
        /// The key.
        key: PublicKey,
    },
    /// No signature is asked for, or more than there can be.
    #[error("a threshold of {threshold} among {organisations} organisations")]
    Threshold {
        /// How many must sign.
        threshold: usize,
        /// How many there are.
        organisations: usize,
    },
}

impl TrustFileError {
    /// A name for programs, which stays the same.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::TooLarge { .. } => "trust-too-large",
            Self::Malformed { .. } => "trust-malformed",
            Self::Organisation(_) => "trust-organisation",
            Self::RepeatedOrganisation(_) => "trust-repeated-organisation",
            Self::NoKey { .. } => "trust-no-key",
            Self::RepeatedKey { .. } => "trust-repeated-key",
            Self::Threshold { .. } => "trust-threshold",
        }
    }
}

/// A set is not to be used.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum TrustError {
    /// The manifest itself is no good.
    #[error(transparent)]
    Manifest(#[from] ManifestError),
    /// A signature is by a key that is not in the trust file.
    #[error("signed by the key {keyid}, which is not in the trust file")]
    UnknownKey {
        /// The key's identifier.
        keyid: Digest,
    },
    /// A signature is not the organisation's, or not of this content.
    #[error("the signature of {organisation:?} is not of this manifest")]
    BadSignature {
        /// Whose it is said to be.
        organisation: String,
        /// By which of its keys.
        keyid: Digest,
    },
    /// An organisation signed with two of its keys: it is one endorser all the same.
    #[error("{organisation:?} signed twice")]
    DuplicateEndorser {
        /// Which one.
        organisation: String,
    },
    /// Not enough organisations have signed.
    #[error("endorsed by {found} trusted organisations where {needed} are needed")]
    TooFewEndorsers {
        /// How many must sign.
        needed: usize,
        /// How many have.
        found: usize,
    },
    /// It is another set.
    #[error("the set is {found:?}, not {expected:?}")]
    WrongName {
        /// The name in the trust file, or of the set seen last.
        expected: String,
        /// The name in the manifest.
        found: String,
    },
    /// It is older than the one seen last.
    #[error("version {found} is older than {seen}, which was seen already")]
    Rollback {
        /// The version seen last.
        seen: u64,
        /// This one.
        found: u64,
    },
    /// There are two sets of this version: somebody is shown another one than others are.
    #[error("version {version} was seen with the digest {seen}, and now has {found}")]
    Equivocation {
        /// The version of both.
        version: u64,
        /// The digest seen last.
        seen: Digest,
        /// This one.
        found: Digest,
    },
    /// It is too old.
    #[error("expired at {at}; it is {now}")]
    Expired {
        /// The first second at which it must not be used.
        at: Timestamp,
        /// What time it is, the caller says.
        now: Timestamp,
    },
    /// It was made more than a day from now: one of the clocks is wrong.
    #[error("created at {created}; it is {now}")]
    NotYetValid {
        /// When it was made.
        created: Timestamp,
        /// What time it is, the caller says.
        now: Timestamp,
    },
    /// Its hashes are by another algorithm.
    #[error("the set is of {found} hashes, not {expected}")]
    WrongAlgorithm {
        /// The one that was asked for.
        expected: AlgorithmId,
        /// The one of the manifest.
        found: AlgorithmId,
    },
}

impl TrustError {
    /// A name for programs, which stays the same.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Manifest(error) => error.code(),
            Self::UnknownKey { .. } => "unknown-key",
            Self::BadSignature { .. } => "bad-signature",
            Self::DuplicateEndorser { .. } => "duplicate-endorser",
            Self::TooFewEndorsers { .. } => "too-few-endorsers",
            Self::WrongName { .. } => "wrong-name",
            Self::Rollback { .. } => "rollback",
            Self::Equivocation { .. } => "equivocation",
            Self::Expired { .. } => "expired",
            Self::NotYetValid { .. } => "not-yet-valid",
            Self::WrongAlgorithm { .. } => "wrong-algorithm",
        }
    }
}
