//! Bytes that are owned, or lie in a file.

use std::ops::Deref;

use bytes::Bytes;

/// Bytes of an index: those of a file as they are, until something is added.
#[derive(Debug, Clone)]
pub(super) enum Store {
    Owned(Vec<u8>),
    Shared(Bytes),
}

impl Store {
    pub(super) const fn new() -> Self {
        Self::Owned(Vec::new())
    }

    /// The bytes, to be added to; shared ones are copied before.
    pub(super) fn to_mut(&mut self) -> &mut Vec<u8> {
        if let Self::Shared(bytes) = self {
            *self = Self::Owned(bytes.to_vec());
        }
        match self {
            Self::Owned(bytes) => bytes,
            Self::Shared(_) => unreachable!("they were just copied"),
        }
    }
}

impl Deref for Store {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        match self {
            Self::Owned(bytes) => bytes,
            Self::Shared(bytes) => bytes,
        }
    }
}
