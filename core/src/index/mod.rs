//! Finding the entries near a query.

mod linear;
mod listed;
mod sealed;
mod store;

pub use linear::LinearIndex;
pub use listed::{IndexFileError, ListIndex, Note};
pub use sealed::SealedIndex;

use crate::distance::{Distance, Threshold};
use crate::hash::{Algorithm, ImageHash};
use crate::set::MAX_PAYLOAD;
use crate::set::exact::FileDigest;

/// An entry within the threshold of a query.
///
/// The order is `(distance, entry, query)`: the nearest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Found {
    /// In how many bits they differ.
    pub distance: Distance,
    /// Which entry, counted from 0 in the order they were added.
    pub entry: usize,
    /// Which query, counted from 0 in the order they were asked.
    pub query: usize,
    /// What the entry says once it is found, where its set gives entries something to say.
    pub payload: Option<Payload>,
}

/// What a sealed entry says of itself to whom it was found by: the image it is a hash of, and a label.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Payload(pub(crate) [u8; MAX_PAYLOAD]);

impl Payload {
    /// Bytes before the label, which say which image the entry belongs to.
    pub const CLUSTER_LENGTH: usize = 4;

    /// The bytes of a payload, as they are sealed. Of a label that is too long for `length` bytes, whole characters are
    /// kept.
    ///
    /// # Panics
    /// If `length` is less than 4 or more than [`MAX_PAYLOAD`].
    #[must_use]
    pub fn encode(cluster: u32, label: &str, length: usize) -> Vec<u8> {
        let mut bytes = cluster.to_le_bytes().to_vec();
        let mut end = label.len().min(length - Self::CLUSTER_LENGTH);
        while !label.is_char_boundary(end) {
            end -= 1;
        }
        bytes.extend_from_slice(&label.as_bytes()[..end]);
        assert!(length <= MAX_PAYLOAD);
        bytes.resize(length, 0);
        bytes
    }

    /// Of no more bytes than a payload has.
    pub(crate) fn of(bytes: &[u8]) -> Self {
        let mut payload = [0; MAX_PAYLOAD];
        payload[..bytes.len()].copy_from_slice(bytes);
        Self(payload)
    }

    /// Which image of the segment, however many entries it has.
    #[must_use]
    pub fn cluster(&self) -> u32 {
        u32::from_le_bytes(*self.0.first_chunk().expect("a payload is longer"))
    }

    /// The label; `None` where there is none or it is no text.
    #[must_use]
    pub fn label(&self) -> Option<&str> {
        let bytes = &self.0[Self::CLUSTER_LENGTH..];
        let end = bytes.iter().rposition(|&byte| byte != 0)? + 1;
        std::str::from_utf8(&bytes[..end]).ok()
    }
}

impl std::fmt::Debug for Payload {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Payload").field("cluster", &self.cluster()).field("label", &self.label()).finish()
    }
}

/// A set of hashes that can be searched.
///
/// Every index has full recall within its radius, if it has one: it finds what [`LinearIndex`] finds, in the same order.
pub trait Index<A: Algorithm>: Send + Sync {
    /// The number of entries.
    fn len(&self) -> usize;

    /// Whether there is no entry.
    fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Replaces the content of `found` by every pair of a query and an entry within the threshold, sorted.
    fn search(&self, queries: &[ImageHash<A>], threshold: Threshold, found: &mut Vec<Found>);

    /// Looks a file up by its bytes, before it is decoded: the entry whose digest it has, and the digest.
    fn find_file(&self, bytes: &[u8]) -> Option<(usize, FileDigest)> {
        let _ = bytes;
        None
    }
}

impl<A: Algorithm, I: Index<A> + ?Sized> Index<A> for &I {
    fn len(&self) -> usize {
        (**self).len()
    }

    fn search(&self, queries: &[ImageHash<A>], threshold: Threshold, found: &mut Vec<Found>) {
        (**self).search(queries, threshold, found);
    }

    fn find_file(&self, bytes: &[u8]) -> Option<(usize, FileDigest)> {
        (**self).find_file(bytes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn payloads_are_read_as_they_were_written() {
        let read = |label: &str, length| Payload::of(&Payload::encode(7, label, length));
        assert_eq!((read("a label", 64).cluster(), read("a label", 64).label()), (7, Some("a label")));
        assert_eq!(read("", 4).label(), None);
        assert_eq!(read("čtyři", 6).label(), Some("č"), "whole characters only");
    }
}
