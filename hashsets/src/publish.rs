//! Publishing: the manifest of a set's first version, and of those that follow.

use presend_core::set::{
    BLOOM_RATE, Digest, Exact, Kind, Manifest, ManifestError, Revocation, Scheme, Segment, SignedManifest, Source,
    SpecVersion, Timestamp, merkle,
};
use thiserror::Error;

use crate::seal::SealedSegment;

/// What is said of a version beside what is in it.
#[derive(Debug, Clone)]
pub struct Release {
    /// The set's name, the same in all its versions.
    pub name: String,
    /// From 1, growing.
    pub version: u64,
    /// When it was made.
    pub created: Timestamp,
    /// From when on it must not be used.
    pub expires: Timestamp,
    /// Whose lists it was made from.
    pub sources: Vec<Source>,
}

/// Why a version cannot follow another.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum PublishError {
    /// The manifest's fields contradict one another.
    #[error("{0}")]
    Manifest(#[from] ManifestError),
    /// Readers refuse a version that is not newer.
    #[error("version {found} does not follow version {previous}")]
    Version {
        /// The version before.
        previous: u64,
        /// The one that should follow.
        found: u64,
    },
    /// A version that follows has the name of the one before.
    #[error("a version of {previous:?} cannot be called {found:?}")]
    Name {
        /// The set's name.
        previous: String,
        /// The other one.
        found: String,
    },
    /// Segments of one set are of one algorithm and radius.
    #[error("the segment's algorithm or radius is not that of the set")]
    Mixed,
}

/// The manifest of a set of one segment, not yet signed.
///
/// # Errors
/// [`PublishError::Manifest`].
pub fn first(release: Release, sealed: &SealedSegment) -> Result<SignedManifest, PublishError> {
    let manifest = Manifest {
        kind: Kind::Set,
        algorithm: sealed.header.algorithm(),
        clusters: 0,
        created: release.created,
        entries: 0,
        exact: None,
        expires: release.expires,
        must_not_match: None,
        name: release.name,
        published_decibits: 0,
        radius: sealed.header.radius,
        revoked: Vec::new(),
        scheme: Scheme::UniversalBch255,
        segments: Vec::new(),
        sources: release.sources,
        spec_version: SpecVersion::V1,
        version: release.version,
    };
    Ok(SignedManifest::new(with_segment(manifest, sealed))?)
}

/// The manifest of the version that follows `previous`: with one more segment, or fewer entries, or both. Signatures are of
/// one version, so it has none.
///
/// # Errors
/// [`PublishError`] unless the version is higher, and name, algorithm and radius are the same.
pub fn next(
    previous: &Manifest,
    release: Release,
    added: Option<&SealedSegment>,
    revoked: &[Revocation],
) -> Result<SignedManifest, PublishError> {
    if release.version <= previous.version {
        return Err(PublishError::Version { previous: previous.version, found: release.version });
    }
    if release.name != previous.name {
        return Err(PublishError::Name { previous: previous.name.clone(), found: release.name });
    }
    let mut manifest = previous.clone();
    manifest.version = release.version;
    (manifest.created, manifest.expires) = (release.created, release.expires);
    for source in release.sources {
        match manifest.sources.iter_mut().find(|known| known.name == source.name) {
            Some(known) => *known = source,
            None => manifest.sources.push(source),
        }
    }
    for revocation in revoked {
        let known = |known: &Revocation| (known.segment, known.entry) == (revocation.segment, revocation.entry);
        if !manifest.revoked.iter().any(known) {
            manifest.revoked.push(revocation.clone());
        }
    }
    if let Some(sealed) = added {
        if (sealed.header.algorithm(), sealed.header.radius) != (manifest.algorithm, manifest.radius) {
            return Err(PublishError::Mixed);
        }
        manifest = with_segment(manifest, sealed);
    }
    Ok(SignedManifest::new(manifest)?)
}

/// What a source gave, so that it can show later that it was this.
#[must_use]
pub fn commitment(list: &[u8]) -> Digest {
    Digest::of(list)
}

fn with_segment(mut manifest: Manifest, sealed: &SealedSegment) -> Manifest {
    let header = &sealed.header;
    manifest.entries += u64::from(header.entries);
    manifest.clusters += u64::from(header.clusters);
    manifest.published_decibits = manifest.published_decibits.max((header.published_bits() * 10.0).round() as u32);
    if header.digests > 0 {
        let before = manifest.exact.take();
        let (entries, bytes) = before.map_or((0, 0), |exact| (exact.entries, exact.bloom_bytes));
        manifest.exact = Some(Exact {
            bloom_bytes: bytes + header.bloom_length,
            entries: entries + u64::from(header.digests),
            false_positive_rate: format!("{BLOOM_RATE:e}"),
        });
    }
    let (root, length) = (merkle::root(&sealed.bytes), sealed.bytes.len() as u64);
    manifest.segments.push(Segment { entries: header.entries, length, root });
    manifest
}
