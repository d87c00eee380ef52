//! Plain hashes, compared one by one: the definition of what an index finds.

use super::{Found, Index};
use crate::distance::Threshold;
use crate::hash::{Algorithm, ImageHash};

/// The hashes themselves, in the order they were added.
#[derive(Debug, Clone)]
pub struct LinearIndex<A: Algorithm> {
    entries: Vec<ImageHash<A>>,
}

impl<A: Algorithm> LinearIndex<A> {
    /// An index over these entries.
    #[must_use]
    pub fn new(entries: Vec<ImageHash<A>>) -> Self {
        Self { entries }
    }
}

impl<A: Algorithm> FromIterator<ImageHash<A>> for LinearIndex<A> {
    fn from_iter<T: IntoIterator<Item = ImageHash<A>>>(entries: T) -> Self {
        Self::new(entries.into_iter().collect())
    }
}

impl<A: Algorithm> Extend<ImageHash<A>> for LinearIndex<A> {
    fn extend<T: IntoIterator<Item = ImageHash<A>>>(&mut self, entries: T) {
        self.entries.extend(entries);
    }
}

impl<A: Algorithm> Index<A> for LinearIndex<A> {
    fn len(&self) -> usize {
        self.entries.len()
    }

    /// Costs one comparison per entry and query; every entry is read once.
    fn search(&self, queries: &[ImageHash<A>], threshold: Threshold, found: &mut Vec<Found>) {
        found.clear();
        for (entry, known) in self.entries.iter().enumerate() {
            for (query, hash) in queries.iter().enumerate() {
                let distance = known.distance(hash);
                if threshold.admits(distance) {
                    found.push(Found { distance, entry, query, payload: None });
                }
            }
        }
        found.sort_unstable();
    }
}
