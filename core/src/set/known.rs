//! A set that can be searched: its segments are there, and somebody vouches for them.

use bytes::Bytes;
use thiserror::Error;

use super::exact::{DigestKinds, ExactTier, FileDigest};
use super::file::SetFile;
use super::manifest::{Manifest, ManifestError, Revocation, SignedManifest};
use super::merkle::{self, Digest, Hex};
use super::segment::{FormatError, Header, Sealable, Segment};
use super::timestamp::Timestamp;
use super::trust::{LastSeen, Trust, TrustError};
use crate::distance::Threshold;
use crate::hash::{AlgorithmId, ImageHash};
use crate::index::{Found, Index, SealedIndex};
use crate::simd::Backend;

/// A sealed set, open for searching.
///
/// Its entries are numbered through all of its segments; those of the exact tier follow the sealed ones of each segment.
#[derive(Debug)]
pub struct KnownSet<A: Sealable> {
    manifest: Manifest,
    /// Who vouches for it; empty if nobody was asked.
    endorsers: Vec<String>,
    parts: Vec<Part<A>>,
}

/// One segment of a set.
#[derive(Debug)]
struct Part<A: Sealable> {
    /// The number of its first entry.
    first: usize,
    header: Header,
    index: SealedIndex<A>,
    exact: Option<ExactTier>,
}

impl<A: Sealable> Part<A> {
    fn len(&self) -> usize {
        self.header.entries as usize + self.header.digests as usize
    }
}

impl<A: Sealable> KnownSet<A> {
    /// Opens a set of which these files hold the parts: the newest manifest counts, if `trust` accepts it, and every
    /// segment it names must be in one of the files, unchanged.
    ///
    /// Reads every byte of the segments once, to verify them.
    ///
    /// # Errors
    /// [`SetError`] unless everything agrees; nothing of a set that is refused can be searched.
    pub fn open(
        files: &[SetFile],
        trust: &Trust,
        now: Timestamp,
        last_seen: Option<&LastSeen>,
    ) -> Result<Self, SetError> {
        let verified = trust.verify(newest(files)?, now, last_seen)?;
        Self::of_manifest(files, verified.manifest().clone(), verified.endorsers().to_vec())
    }

    /// Opens a set that nobody vouches for, and that may be as old as it likes. Its bytes must still be those that its
    /// manifest names.
    ///
    /// # Errors
    /// As [`open`](Self::open), but for those about trust.
    pub fn open_unsigned(files: &[SetFile]) -> Result<Self, SetError> {
        Self::of_manifest(files, SignedManifest::parse(newest(files)?)?.manifest().clone(), Vec::new())
    }

    fn of_manifest(files: &[SetFile], manifest: Manifest, endorsers: Vec<String>) -> Result<Self, SetError> {
        if manifest.algorithm != A::ID {
            return Err(SetError::Algorithm { expected: A::ID, found: manifest.algorithm });
        }
        let held = held_segments(files)?;
        let mut revocations: Vec<&Revocation> = manifest.revoked.iter().collect();
        revocations.sort_unstable_by_key(|revocation| (revocation.segment, revocation.entry));
        let mut parts: Vec<Part<A>> = Vec::with_capacity(manifest.segments.len());
        for named in &manifest.segments {
            let content = held.iter().find(|(root, _)| *root == named.root).map(|(_, content)| content);
            let content = content.ok_or(SetError::Missing { root: named.root })?;
            let segment = Segment::parse(content)?;
            let header = segment.header.clone();
            let agrees = header.algorithm() == A::ID
                && header.radius == manifest.radius
                && header.entries == named.entries
                && content.len() as u64 == named.length;
            if !agrees {
                return Err(SetError::Contradiction { root: named.root });
            }
            let exact = match header.digests {
                0 => None,
                _ => Some(ExactTier::new(header.salt, &segment.bloom, segment.digests.clone())?),
            };
            let first = revocations.partition_point(|revocation| revocation.segment < named.root);
            let end = revocations.partition_point(|revocation| revocation.segment <= named.root);
            let revoked = &revocations[first..end];
            if revoked.iter().any(|revocation| segment.tag(revocation.entry) != Some(revocation.tag.0)) {
                return Err(SetError::Contradiction { root: named.root });
            }
            let index = SealedIndex::new(segment, revoked.iter().map(|revocation| revocation.entry).collect());
            let first = parts.last().map_or(0, |part| part.first + part.len());
            parts.push(Part { first, header, index, exact });
        }
        let sum = |count: fn(&Header) -> u32| parts.iter().map(|part| u64::from(count(&part.header))).sum::<u64>();
        let digests = manifest.exact.as_ref().map_or(0, |exact| exact.entries);
        if sum(|header| header.clusters) != manifest.clusters || sum(|header| header.digests) != digests {
            return Err(SetError::Counts);
        }
        Ok(Self { manifest, endorsers, parts })
    }

    /// What the set says of itself.
    #[must_use]
    pub fn manifest(&self) -> &Manifest {
        &self.manifest
    }

    /// Which organisations vouch for it; none if it was opened unsigned.
    #[must_use]
    pub fn endorsers(&self) -> &[String] {
        &self.endorsers
    }

    /// The headers of its segments.
    pub fn headers(&self) -> impl Iterator<Item = &Header> {
        self.parts.iter().map(|part| &part.header)
    }

    /// What a manifest must say to take an entry out of the set; `None` for one of the exact tier, or none at all.
    #[must_use]
    pub fn revocation(&self, entry: usize) -> Option<Revocation> {
        let place = self.parts.partition_point(|part| part.first <= entry).checked_sub(1)?;
        let local = u32::try_from(entry - self.parts[place].first).ok()?;
        let tag = Hex(self.parts[place].index.segment().tag(local)?);
        Some(Revocation { entry: local, segment: self.manifest.segments[place].root, tag })
    }

    /// The entry of a file digest in the exact tier.
    #[must_use]
    pub fn find_digest(&self, digest: &FileDigest) -> Option<usize> {
        self.parts.iter().find_map(|part| {
            let place = part.exact.as_ref()?.find(digest)?;
            Some(part.first + part.header.entries as usize + place)
        })
    }

    /// The same set, searched by another backend; what is found is the same.
    #[must_use]
    pub fn with_backend(mut self, backend: Backend) -> Self {
        for part in &mut self.parts {
            part.index.set_backend(backend);
        }
        self
    }

    /// Searches a part of every segment, so that several threads can share a search: `part` of `parts`, from 0.
    ///
    /// Together the parts find what [`search`](Index::search) does; each sorts its own.
    pub fn search_part(
        &self,
        (part, parts): (usize, usize),
        queries: &[ImageHash<A>],
        threshold: Threshold,
        found: &mut Vec<Found>,
    ) {
        found.clear();
        let mut of_segment = Vec::new();
        for segment in &self.parts {
            segment.index.search_part((part, parts), queries, threshold, &mut of_segment);
            found.extend(of_segment.iter().map(|found| Found { entry: found.entry + segment.first, ..*found }));
        }
        found.sort_unstable();
    }
}

impl<A: Sealable> Index<A> for KnownSet<A> {
    fn len(&self) -> usize {
        self.parts.iter().map(Part::len).sum()
    }

    fn search(&self, queries: &[ImageHash<A>], threshold: Threshold, found: &mut Vec<Found>) {
        self.search_part((0, 1), queries, threshold, found);
    }

    fn find_file(&self, bytes: &[u8]) -> Option<(usize, FileDigest)> {
        let kinds = self.parts.iter().fold(DigestKinds::NONE, |kinds, part| kinds.union(part.header.digest_kinds));
        kinds.of_file(bytes).find_map(|digest| Some((self.find_digest(&digest)?, digest)))
    }
}

/// The manifest of the highest version among the files of one set.
fn newest(files: &[SetFile]) -> Result<&[u8], SetError> {
    let mut newest: Option<(Manifest, &SetFile)> = None;
    for file in files {
        let manifest = SignedManifest::parse(file.manifest())?.manifest().clone();
        if file.slots() != manifest.segments.len() {
            return Err(SetError::Slots { expected: manifest.segments.len(), found: file.slots() });
        }
        match &newest {
            Some((other, _)) if other.name != manifest.name => {
                return Err(SetError::Mixed { one: other.name.clone(), other: manifest.name });
            }
            Some((other, _)) if other.version == manifest.version && *other != manifest => {
                return Err(SetError::TwoOfOneVersion { version: other.version });
            }
            Some((other, _)) if other.version >= manifest.version => {}
            _ => newest = Some((manifest, file)),
        }
    }
    newest.map(|(_, file)| file.manifest()).ok_or(SetError::NoFile)
}

/// The segments in the files and their roots, which are computed from their bytes.
fn held_segments(files: &[SetFile]) -> Result<Vec<(Digest, Bytes)>, SetError> {
    let mut held = Vec::new();
    for (file, slot) in files.iter().flat_map(|file| (0..file.slots()).map(move |slot| (file, slot))) {
        let Some((leaves, content)) = file.segment(slot) else { continue };
        let computed = merkle::leaves(&content);
        if !computed.iter().flat_map(Digest::as_bytes).eq(leaves.iter()) {
            return Err(SetError::Leaves { slot });
        }
        held.push((merkle::root_of_leaves(&computed), content));
    }
    Ok(held)
}

/// Why a set is not opened.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum SetError {
    /// The bytes are not those of a set.
    #[error("{0}")]
    Format(#[from] FormatError),
    /// The manifest cannot be read.
    #[error("the manifest: {0}")]
    Manifest(#[from] ManifestError),
    /// The manifest is not to be trusted.
    #[error("{0}")]
    Trust(#[from] TrustError),
    /// There is no file to open.
    #[error("no file")]
    NoFile,
    /// Files of different sets.
    #[error("the files are of two sets, {one:?} and {other:?}")]
    Mixed {
        /// The one set.
        one: String,
        /// The other set.
        other: String,
    },
    /// Two files claim to be the same version and are not.
    #[error("the files have two different manifests of version {version}")]
    TwoOfOneVersion {
        /// Which version.
        version: u64,
    },
    /// A file has places for another number of segments than its manifest names.
    #[error("the manifest names {expected} segments, the file has places for {found}")]
    Slots {
        /// How many the manifest names.
        expected: usize,
        /// How many there are.
        found: usize,
    },
    /// The hashes are of another algorithm than the one asked for.
    #[error("the set is of {found} hashes, not {expected}")]
    Algorithm {
        /// What was asked for.
        expected: AlgorithmId,
        /// What the set holds.
        found: AlgorithmId,
    },
    /// A segment that the manifest names is in none of the files, or its bytes are not those that were endorsed.
    #[error("the segment {root} is missing or was changed")]
    Missing {
        /// Its root.
        root: Digest,
    },
    /// The leaves before a segment are not those of its bytes.
    #[error("segment {slot} does not have the digests that stand before it: it was changed")]
    Leaves {
        /// Which segment of the file.
        slot: usize,
    },
    /// The segments have another number of images or digests than the manifest says.
    #[error("the segments do not add up to what the manifest says")]
    Counts,
    /// A chunk of a segment is not what was endorsed.
    #[error("chunk {chunk} of segment {slot} was changed")]
    Chunk {
        /// Which segment of the file.
        slot: usize,
        /// Which chunk of it, from 0.
        chunk: u64,
    },
    /// A segment says otherwise than the manifest.
    #[error("the segment {root} is not what the manifest says of it")]
    Contradiction {
        /// Its root.
        root: Digest,
    },
}

impl SetError {
    /// A name for programs, which stays the same.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Format(error) => error.code(),
            Self::Manifest(error) => error.code(),
            Self::Trust(error) => error.code(),
            Self::NoFile => "set-no-file",
            Self::Mixed { .. } => "set-mixed",
            Self::TwoOfOneVersion { .. } => "set-two-of-one-version",
            Self::Slots { .. } => "set-slots",
            Self::Algorithm { .. } => "wrong-algorithm",
            Self::Missing { .. } => "set-missing-segment",
            Self::Leaves { .. } | Self::Chunk { .. } => "set-changed",
            Self::Counts => "set-counts",
            Self::Contradiction { .. } => "set-contradiction",
        }
    }
}
