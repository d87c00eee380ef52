//! Finding the entries near a query.

mod linear;

pub use linear::LinearIndex;

use crate::distance::{Distance, Threshold};
use crate::hash::{Algorithm, ImageHash};

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
}

/// A set of hashes that can be searched.
///
/// Every index has full recall: it finds what [`LinearIndex`] finds, in the same order.
pub trait Index<A: Algorithm>: Send + Sync {
    /// The number of entries.
    fn len(&self) -> usize;

    /// Whether there is no entry.
    fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Replaces the content of `found` by every pair of a query and an entry within the threshold, sorted.
    fn search(&self, queries: &[ImageHash<A>], threshold: Threshold, found: &mut Vec<Found>);
}

impl<A: Algorithm, I: Index<A> + ?Sized> Index<A> for &I {
    fn len(&self) -> usize {
        (**self).len()
    }

    fn search(&self, queries: &[ImageHash<A>], threshold: Threshold, found: &mut Vec<Found>) {
        (**self).search(queries, threshold, found);
    }
}
