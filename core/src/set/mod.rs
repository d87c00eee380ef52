//! Sealed sets: what they are made of, whom they come from, and searching them.
//!
//! A set is a signed [`Manifest`] and the segments that it names; a [`SetFile`] holds the one and some of the others.
//! [`KnownSet::open`] puts them together, if a [`Trust`] accepts them. `hashsets/FORMAT.md` describes every byte.

mod case;
pub(crate) mod exact;
mod file;
mod known;
mod manifest;
pub mod merkle;
#[cfg(test)]
mod rank;
mod reading;
pub(crate) mod seal;
pub(crate) mod segment;
mod stream;
pub(crate) mod tag;
mod timestamp;
mod trust;

pub use exact::{BLOOM_RATE, DigestKinds, FileDigest};
pub use file::{Layout, SetFile};
pub use known::{KnownSet, SetError};
pub use manifest::{
    Exact, Kind, Manifest, ManifestError, Revocation, Scheme, Segment, SegmentError, Signature, SignedManifest, Source,
    SpecVersion,
};
pub use merkle::{ChunkError, ChunkVerifier, Digest, Hex, HexError};
pub use seal::{Sealer, exact_tier};
pub use segment::{FormatError, HEADER_LENGTH, Header, MAX_PAYLOAD, Sealable, Section};
pub use stream::SetStream;
pub use tag::TagCost;
pub use timestamp::{Timestamp, TimestampError};
pub use trust::{Endorser, LastSeen, PublicKey, PublicKeyError, Trust, TrustError, TrustFileError, Verified};

pub use crate::index::Payload;
