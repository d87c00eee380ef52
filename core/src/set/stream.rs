//! Reading a set file as it arrives, and knowing as early as can be that it is the wrong one.
//!
//! The manifest comes first: whom it is from is known before the first entry arrives. Then every chunk of 64 KiB is held
//! against the Merkle tree that the manifest names, so that a changed or mixed-up download ends at the first wrong chunk.

use bytes::Bytes;

use super::file::{Layout, SetFile};
use super::known::SetError;
use super::manifest::Manifest;
use super::merkle::{CHUNK_LENGTH, ChunkVerifier, Digest};
use super::segment::FormatError;
use super::timestamp::Timestamp;
use super::trust::{LastSeen, Trust, Verified};

/// A set file that is still arriving.
#[derive(Debug)]
pub struct SetStream {
    trust: Trust,
    now: Timestamp,
    last_seen: Option<LastSeen>,
    bytes: Vec<u8>,
    layout: Option<Layout>,
    verified: Option<Verified>,
    /// Segments of the file whose chunks are verified.
    slot: usize,
    /// The leaves of the segment that is arriving, and how many of its chunks were verified.
    arriving: Option<(ChunkVerifier, u64)>,
}

impl SetStream {
    /// A stream of which nothing has arrived, to be accepted by `trust` at the time `now` from somebody who has used
    /// `last_seen`.
    #[must_use]
    pub fn new(trust: Trust, now: Timestamp, last_seen: Option<LastSeen>) -> Self {
        let (bytes, layout, verified) = (Vec::new(), None, None);
        Self { trust, now, last_seen, bytes, layout, verified, slot: 0, arriving: None }
    }

    /// Takes the next bytes, in pieces of any size. Memory grows with what has arrived, never with what is announced.
    ///
    /// # Errors
    /// [`SetError`] at the first byte at which it is certain that the set is not to be used.
    pub fn push(&mut self, bytes: &[u8]) -> Result<(), SetError> {
        self.bytes.extend_from_slice(bytes);
        let layout = match self.layout.take() {
            Some(layout) => layout,
            None => match Layout::parse(&self.bytes) {
                Ok(layout) => layout,
                Err(FormatError::Truncated { .. }) => return Ok(()),
                Err(error) => return Err(error.into()),
            },
        };
        let outcome = self.check(&layout);
        self.layout = Some(layout);
        outcome
    }

    /// What the set says of itself and who vouches for it, once its manifest has arrived and was accepted.
    #[must_use]
    pub fn verified(&self) -> Option<&Verified> {
        self.verified.as_ref()
    }

    /// How many bytes have arrived, and how many there will be, once that is known.
    #[must_use]
    pub fn progress(&self) -> (u64, Option<u64>) {
        (self.bytes.len() as u64, self.layout.as_ref().map(Layout::length))
    }

    /// The file, whole. [`KnownSet::open`](super::KnownSet::open) still has the last word: it puts the files of a set
    /// together.
    ///
    /// # Errors
    /// [`SetError::Format`] if the stream ended too early.
    pub fn finish(self) -> Result<SetFile, SetError> {
        Ok(SetFile::parse(Bytes::from(self.bytes))?)
    }

    /// Checks what has arrived since the last time.
    fn check(&mut self, layout: &Layout) -> Result<(), SetError> {
        let arrived = self.bytes.len() as u64;
        if arrived > layout.length() {
            return Err(FormatError::Length { expected: layout.length(), found: arrived }.into());
        }
        let verified = match self.verified.take() {
            Some(verified) => verified,
            None if arrived < layout.manifest().end => return Ok(()),
            None => {
                let manifest = &self.bytes[layout.manifest().start as usize..layout.manifest().end as usize];
                self.trust.verify(manifest, self.now, self.last_seen.as_ref())?
            }
        };
        let outcome = self.check_segments(layout, verified.manifest());
        self.verified = Some(verified);
        outcome
    }

    fn check_segments(&mut self, layout: &Layout, manifest: &Manifest) -> Result<(), SetError> {
        let arrived = self.bytes.len() as u64;
        let (expected, found) = (manifest.segments.len(), layout.slots().len());
        if expected != found {
            return Err(SetError::Slots { expected, found });
        }
        while let Some(slot) = layout.slots().get(self.slot) {
            let Some(slot) = slot else {
                self.slot += 1;
                continue;
            };
            let (verifier, mut checked) = match self.arriving.take() {
                Some(arriving) => arriving,
                None if arrived < slot.leaves.end => return Ok(()),
                None => {
                    let leaves = &self.bytes[slot.leaves.start as usize..slot.leaves.end as usize];
                    let leaves = leaves.as_chunks::<32>().0.iter().map(|leaf| Digest::from_bytes(*leaf)).collect();
                    let named = &manifest.segments[self.slot];
                    let changed = |_| SetError::Leaves { slot: self.slot };
                    (named.verifier(leaves).map_err(changed)?, 0)
                }
            };
            while checked < verifier.chunks() {
                let start = slot.content.start + checked * CHUNK_LENGTH as u64;
                let end = (start + CHUNK_LENGTH as u64).min(slot.content.end);
                if arrived < end {
                    self.arriving = Some((verifier, checked));
                    return Ok(());
                }
                let chunk = &self.bytes[start as usize..end as usize];
                verifier.verify(checked, chunk).map_err(|_| SetError::Chunk { slot: self.slot, chunk: checked })?;
                checked += 1;
            }
            self.slot += 1;
        }
        Ok(())
    }
}
