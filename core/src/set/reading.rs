//! Manifests and trust files, read from JSON: what their `Deserialize` accepts, in a tenth of its code.

use super::manifest::{Envelope, Exact, Kind, Manifest, Revocation, Scheme, Segment, Signature, Source, SpecVersion};
use super::merkle::{Digest, Hex};
use super::trust::{Endorser, PublicKey, Schema, TrustFile};
use crate::bch::Radius;
use crate::json::{Fields, FromJson, JsonError, Value};

impl FromJson for Envelope {
    fn from_json(value: Value<'_>) -> Result<Self, JsonError> {
        let mut fields = Fields::of(value, &["signatures", "signed"])?;
        Ok(Self { signatures: fields.field("signatures")?, signed: fields.field("signed")? })
    }
}

impl FromJson for Signature {
    fn from_json(value: Value<'_>) -> Result<Self, JsonError> {
        let mut fields = Fields::of(value, &["keyid", "sig"])?;
        Ok(Self { keyid: fields.field("keyid")?, sig: fields.field("sig")? })
    }
}

impl FromJson for Manifest {
    fn from_json(value: Value<'_>) -> Result<Self, JsonError> {
        let mut fields = Fields::of(value, &MANIFEST)?;
        fields.value("_type")?.only("presend-set")?;
        fields.value("scheme")?.only("universal-bch-255")?;
        fields.value("spec_version")?.only("1.0")?;
        Ok(Self {
            kind: Kind::Set,
            algorithm: fields.value("algorithm")?.parsed()?,
            clusters: fields.field("clusters")?,
            created: fields.value("created")?.parsed()?,
            entries: fields.field("entries")?,
            exact: fields.maybe("exact")?,
            expires: fields.value("expires")?.parsed()?,
            must_not_match: fields.maybe("must_not_match")?,
            name: fields.field("name")?,
            published_decibits: fields.field("published_decibits")?,
            radius: Radius::new(fields.field("radius")?).map_err(|error| JsonError::new(error.to_string()))?,
            revoked: fields.field("revoked")?,
            scheme: Scheme::UniversalBch255,
            segments: fields.field("segments")?,
            sources: fields.field("sources")?,
            spec_version: SpecVersion::V1,
            version: fields.field("version")?,
        })
    }
}

const MANIFEST: [&str; 17] = [
    "_type",
    "algorithm",
    "clusters",
    "created",
    "entries",
    "exact",
    "expires",
    "must_not_match",
    "name",
    "published_decibits",
    "radius",
    "revoked",
    "scheme",
    "segments",
    "sources",
    "spec_version",
    "version",
];

impl FromJson for Exact {
    fn from_json(value: Value<'_>) -> Result<Self, JsonError> {
        let mut fields = Fields::of(value, &["bloom_bytes", "entries", "false_positive_rate"])?;
        Ok(Self {
            bloom_bytes: fields.field("bloom_bytes")?,
            entries: fields.field("entries")?,
            false_positive_rate: fields.field("false_positive_rate")?,
        })
    }
}

impl FromJson for Revocation {
    fn from_json(value: Value<'_>) -> Result<Self, JsonError> {
        let mut fields = Fields::of(value, &["entry", "segment", "tag"])?;
        Ok(Self { entry: fields.field("entry")?, segment: fields.field("segment")?, tag: fields.field("tag")? })
    }
}

impl FromJson for Segment {
    fn from_json(value: Value<'_>) -> Result<Self, JsonError> {
        let mut fields = Fields::of(value, &["entries", "length", "root"])?;
        Ok(Self { entries: fields.field("entries")?, length: fields.field("length")?, root: fields.field("root")? })
    }
}

impl FromJson for Source {
    fn from_json(value: Value<'_>) -> Result<Self, JsonError> {
        let mut fields = Fields::of(value, &["commitment", "name"])?;
        Ok(Self { commitment: fields.field("commitment")?, name: fields.field("name")? })
    }
}

impl FromJson for TrustFile {
    fn from_json(value: Value<'_>) -> Result<Self, JsonError> {
        let mut fields = Fields::of(value, &["schema", "set", "threshold", "allow_unknown_keys", "endorsers"])?;
        fields.value("schema")?.only("presend.trust/1")?;
        Ok(Self {
            schema: Schema::V1,
            set: fields.maybe("set")?,
            threshold: fields.field("threshold")?,
            allow_unknown_keys: fields.maybe("allow_unknown_keys")?.unwrap_or_default(),
            endorsers: fields.field("endorsers")?,
        })
    }
}

impl FromJson for Endorser {
    fn from_json(value: Value<'_>) -> Result<Self, JsonError> {
        let mut fields = Fields::of(value, &["organisation", "keys"])?;
        Ok(Self { organisation: fields.field("organisation")?, keys: fields.field("keys")? })
    }
}

impl FromJson for PublicKey {
    fn from_json(value: Value<'_>) -> Result<Self, JsonError> {
        value.parsed()
    }
}

impl FromJson for Digest {
    fn from_json(value: Value<'_>) -> Result<Self, JsonError> {
        value.parsed()
    }
}

impl<const N: usize> FromJson for Hex<N> {
    fn from_json(value: Value<'_>) -> Result<Self, JsonError> {
        value.parsed()
    }
}
