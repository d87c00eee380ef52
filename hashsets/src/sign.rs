//! Endorsing a set: an organisation's key pair, and its signature under a manifest.
//!
//! A list owner writes a [`Manifest`](presend_core::set::Manifest), turns it into a file with
//! [`SignedManifest::new`], and sends the file round; each organisation looks at
//! what it says and adds its signature with [`sign`]. Who must sign for a client to believe it is that client's
//! [`Trust`], made of the organisations' [`Endorser`] entries.
//!
//! Signatures are Ed25519 (RFC 8032), which needs no randomness: signing the same content again gives the same bytes.

use std::fmt;

use ed25519_dalek::{Signer, SigningKey};
use presend_core::set::{Endorser, Hex, ManifestError, PublicKey, Signature, SignedManifest, Trust, TrustFileError};
use serde::{Deserialize, Serialize};
use thiserror::Error;
use zeroize::Zeroizing;

/// The key that an organisation signs with. Its secret half leaves memory when it is dropped.
///
/// In a file it is JSON that **is not encrypted**: whoever can read the file can sign in the organisation's name. Write it
/// so that only its owner can.
///
/// ```json
/// {
///   "schema": "presend.key/1",
///   "organisation": "Example Hotline",
///   "public": "8a88e3dd7409f195fd52db2d3cba5d72ca6709bf1d94121bf3748801b40f6f5c",
///   "secret": "…"
/// }
/// ```
#[derive(Clone)]
pub struct KeyPair {
    organisation: String,
    public: PublicKey,
    secret: SigningKey,
}

impl KeyPair {
    /// A new key from the system's randomness.
    ///
    /// # Errors
    /// [`KeyError`] where the organisation's name is no name, or the system has no randomness.
    pub fn generate(organisation: &str) -> Result<Self, KeyError> {
        let mut seed = Zeroizing::new([0; 32]);
        getrandom::fill(&mut *seed).map_err(|error| KeyError::NoRandomness { reason: error.to_string() })?;
        Self::from_seed(organisation, &seed)
    }

    /// The key of this seed, RFC 8032's private key: for keys that are kept elsewhere, and for demos.
    ///
    /// # Errors
    /// [`KeyError::Organisation`].
    pub fn from_seed(organisation: &str, seed: &[u8; 32]) -> Result<Self, KeyError> {
        let secret = SigningKey::from_bytes(seed);
        let public = PublicKey::from_bytes(secret.verifying_key().to_bytes()).expect("a seed gives a sound key");
        let pair = Self { organisation: organisation.to_owned(), public, secret };
        // What can be trusted can be signed with.
        Trust::new(1, vec![pair.endorser()])?;
        Ok(pair)
    }

    /// Reads a key file. The bytes are the caller's to wipe.
    ///
    /// # Errors
    /// [`KeyError`].
    pub fn from_json(bytes: &[u8]) -> Result<Self, KeyError> {
        // The message must not quote the file: it holds a secret.
        let malformed = |line, column| KeyError::Malformed { line, column };
        let file: KeyFile = serde_json::from_slice(bytes).map_err(|error| malformed(error.line(), error.column()))?;
        let mut seed = Zeroizing::new([0; 32]);
        if file.secret.len() != 64 || base16ct::lower::decode(file.secret.as_bytes(), &mut *seed).is_err() {
            return Err(KeyError::Secret);
        }
        let pair = Self::from_seed(&file.organisation, &seed)?;
        if pair.public != file.public {
            return Err(KeyError::Mismatch { stated: file.public, found: pair.public });
        }
        Ok(pair)
    }

    /// The content of a key file: unencrypted, so to be written where only its owner can read it.
    #[must_use]
    pub fn to_json(&self) -> Zeroizing<Vec<u8>> {
        let mut digits = Zeroizing::new([0; 64]);
        let secret = base16ct::lower::encode_str(self.secret.as_bytes(), &mut *digits).expect("two digits a byte");
        let file = KeyFile {
            schema: Schema::V1,
            organisation: self.organisation.clone(),
            public: self.public,
            secret: Zeroizing::new(secret.to_owned()),
        };
        // Large enough from the start, so that growing leaves no copy of the secret behind.
        let mut json = Zeroizing::new(Vec::with_capacity(512 + 2 * self.organisation.len()));
        serde_json::to_writer_pretty(&mut *json, &file).expect("text can be written");
        json.push(b'\n');
        json
    }

    /// Whose key it is.
    #[must_use]
    pub fn organisation(&self) -> &str {
        &self.organisation
    }

    /// The half that is no secret.
    #[must_use]
    pub fn public(&self) -> PublicKey {
        self.public
    }

    /// The organisation's entry in a trust file.
    #[must_use]
    pub fn endorser(&self) -> Endorser {
        Endorser { organisation: self.organisation.clone(), keys: vec![self.public] }
    }
}

impl fmt::Debug for KeyPair {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { organisation, public, .. } = self;
        f.debug_struct("KeyPair").field("organisation", organisation).field("public", public).finish_non_exhaustive()
    }
}

/// The bytes of a manifest with this key's signature: a new one, or one in place of its old. The others stay.
///
/// Of those by `known` keys each must be of this content, so that nobody signs below a manifest that was changed after
/// others had signed it. Those by other keys cannot be told from noise, and nothing is said of them.
///
/// # Errors
/// [`SignError`].
pub fn sign(manifest: &[u8], pair: &KeyPair, known: &[PublicKey]) -> Result<Vec<u8>, SignError> {
    let manifest = SignedManifest::parse(manifest)?;
    let content = manifest.manifest().to_signed_bytes();
    for &key in known.iter().filter(|&&key| key != pair.public) {
        let keyid = key.keyid();
        let signature = manifest.signatures().iter().find(|signature| signature.keyid == keyid);
        if signature.is_some_and(|signature| !key.verify(&content, &signature.sig)) {
            return Err(SignError::NotOfThisContent { key });
        }
    }
    let sig = Hex(pair.secret.sign(&content).to_bytes());
    Ok(manifest.with_signature(Signature { keyid: pair.public.keyid(), sig })?.to_bytes())
}

/// A key file, or what should become one, cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum KeyError {
    /// The organisation's name cannot stand in a trust file.
    #[error(transparent)]
    Organisation(#[from] TrustFileError),
    /// The file is not JSON, or a field is missing, unknown, repeated or not of its kind.
    #[error("not a key file: something is wrong at line {line}, column {column}")]
    Malformed {
        /// The line, from 1.
        line: usize,
        /// The column.
        column: usize,
    },
    /// The secret is not 64 lower-case hexadecimal digits.
    #[error("the key file's secret is not 64 lower-case hexadecimal digits")]
    Secret,
    /// The two halves are not of one key.
    #[error("the key file's public key is {stated}, but that of its secret is {found}")]
    Mismatch {
        /// What the file says.
        stated: PublicKey,
        /// What belongs to its secret.
        found: PublicKey,
    },
    /// The system gives no random bytes.
    #[error("the system gives no randomness: {reason}")]
    NoRandomness {
        /// What it says.
        reason: String,
    },
}

/// A manifest cannot be signed.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum SignError {
    /// It is no manifest, or has no room for a signature.
    #[error(transparent)]
    Manifest(#[from] ManifestError),
    /// Somebody has signed something else: the manifest was changed afterwards.
    #[error("the signature by the key {key} is not of this manifest: it was changed after it was signed")]
    NotOfThisContent {
        /// Whose signature it is.
        key: PublicKey,
    },
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct KeyFile {
    schema: Schema,
    organisation: String,
    public: PublicKey,
    secret: Zeroizing<String>,
}

#[derive(Serialize, Deserialize)]
enum Schema {
    #[serde(rename = "presend.key/1")]
    V1,
}
