//! Which entries show one picture, and one entry for each.

use std::collections::BTreeMap;

use presend_core::{Algorithm, ImageHash, Quality, Threshold};

use super::collection::{Collection, Listed, SourceId};
use super::{merge, neighbours};

/// Which entries and digests of a collection belong together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Clusters {
    entries: Vec<usize>,
    digests: Vec<usize>,
    count: usize,
}

impl Clusters {
    /// The cluster of an entry, by its position in [`Collection::entries`].
    ///
    /// # Panics
    /// If there is no such entry.
    #[must_use]
    pub fn of_entry(&self, entry: usize) -> usize {
        self.entries[entry]
    }

    /// The cluster of a digest, by its position in [`Collection::digests`].
    ///
    /// # Panics
    /// If there is no such digest.
    #[must_use]
    pub fn of_digest(&self, digest: usize) -> usize {
        self.digests[digest]
    }

    /// How many clusters there are. They are numbered from 0, in the order of their first entry, those of digests alone last.
    #[must_use]
    pub fn count(&self) -> usize {
        self.count
    }
}

/// Which entry of a cluster is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Keep {
    /// The one of the highest known quality; of several, the medoid of the cluster; of several, the first in the order of
    /// hashes.
    #[default]
    BestQuality,
    /// The medoid: the one with the least sum of distances to the others; of several, the first in the order of hashes.
    Medoid,
    /// Every one.
    All,
}

/// Puts entries together that are within the radius of one another, directly or by way of others, and entries and digests
/// for which a source has the same key.
///
/// Chains count: a cluster can be wider than the radius. Uses rayon's threads; a million spread entries cost seconds up to a
/// radius of 16 and several times that at 31, a crowd of near-duplicates the square of its size.
#[must_use]
pub fn clusters<A: Algorithm>(collection: &Collection<A>, radius: Threshold) -> Clusters {
    let (entries, digests) = (&collection.entries, &collection.digests);
    let mut forest = Forest::new(entries.len() + digests.len());
    let hashes: Vec<ImageHash<A>> = entries.iter().map(|entry| entry.hash).collect();
    neighbours::pairs(&hashes, hashes.len(), radius, |a, b| forest.unite(a, b));
    let keys = entries.iter().map(|entry| &entry.keys).chain(digests.iter().map(|digest| &digest.keys));
    let mut first: BTreeMap<&(SourceId, String), usize> = BTreeMap::new();
    for (node, keys) in keys.enumerate() {
        for key in keys {
            forest.unite(*first.entry(key).or_insert(node), node);
        }
    }
    let (mut entries_of, count) = forest.numbered();
    let digests_of = entries_of.split_off(entries.len());
    Clusters { entries: entries_of, digests: digests_of, count }
}

/// Keeps one entry of every [cluster](clusters), with the sources and keys of all of them, and its own label or else the
/// first of the others. Digests stay: each finds another file.
///
/// What is near a dropped entry may be too far from the kept one to match.
#[must_use]
pub fn deduplicate<A: Algorithm>(collection: Collection<A>, radius: Threshold, keep: Keep) -> Collection<A> {
    if keep == Keep::All {
        return collection;
    }
    let clusters = clusters(&collection, radius);
    let mut members: Vec<Vec<Listed<A>>> = vec![Vec::new(); clusters.count];
    for (entry, cluster) in collection.entries.into_iter().zip(clusters.entries) {
        members[cluster].push(entry);
    }
    let kept = members.into_iter().filter(|members| !members.is_empty());
    let mut entries: Vec<Listed<A>> = kept.map(|members| representative(members, keep)).collect();
    entries.sort_by_key(|entry| entry.hash);
    Collection { entries, ..collection }
}

/// The entry that is kept, with what the others add.
fn representative<A: Algorithm>(mut members: Vec<Listed<A>>, keep: Keep) -> Listed<A> {
    let best: Option<Quality> = match keep {
        Keep::BestQuality => members.iter().filter_map(|member| member.quality).max(),
        Keep::Medoid | Keep::All => None,
    };
    let spread = Spread::of(&members);
    let candidates = (0..members.len()).filter(|&at| best.is_none() || members[at].quality == best);
    let chosen = candidates.min_by_key(|&at| spread.distances(&members[at].hash)).expect("clusters have members");
    let mut kept = members.remove(chosen);
    for other in members {
        let said = (other.label, other.sources, other.keys);
        merge::join(&mut kept.label, &mut kept.sources, &mut kept.keys, said);
    }
    kept
}

/// How many members of a cluster have each bit set: enough to sum up distances without comparing pairs.
struct Spread {
    set: Vec<u64>,
    members: u64,
}

impl Spread {
    fn of<A: Algorithm>(members: &[Listed<A>]) -> Self {
        let mut set = vec![0; ImageHash::<A>::BITS];
        for member in members {
            set.iter_mut().zip(bits(&member.hash)).for_each(|(count, bit)| *count += bit);
        }
        Self { set, members: members.len() as u64 }
    }

    /// The sum of the distances from a hash to all members.
    fn distances<A: Algorithm>(&self, hash: &ImageHash<A>) -> u64 {
        let differing = |(&set, bit): (&u64, u64)| if bit == 1 { self.members - set } else { set };
        self.set.iter().zip(bits(hash)).map(differing).sum()
    }
}

fn bits<A: Algorithm>(hash: &ImageHash<A>) -> impl Iterator<Item = u64> {
    hash.words().iter().flat_map(|&word| (0..64).map(move |bit| word >> bit & 1))
}

/// Disjoint sets of nodes.
struct Forest {
    parents: Vec<usize>,
}

impl Forest {
    fn new(nodes: usize) -> Self {
        Self { parents: (0..nodes).collect() }
    }

    fn root(&mut self, mut node: usize) -> usize {
        while self.parents[node] != node {
            self.parents[node] = self.parents[self.parents[node]];
            node = self.parents[node];
        }
        node
    }

    /// The smaller root becomes the parent, so a root is the first of its set.
    fn unite(&mut self, a: usize, b: usize) {
        let (a, b) = (self.root(a), self.root(b));
        self.parents[a.max(b)] = a.min(b);
    }

    /// The number of each node's set, in the order of their first nodes, and how many sets there are.
    fn numbered(mut self) -> (Vec<usize>, usize) {
        let mut count = 0;
        let mut numbers = vec![0; self.parents.len()];
        for node in 0..numbers.len() {
            let root = self.root(node);
            if root == node {
                numbers[node] = count;
                count += 1;
            } else {
                numbers[node] = numbers[root];
            }
        }
        (numbers, count)
    }
}
