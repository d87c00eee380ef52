//! Pairs of pictures that may be near-duplicates, and what a person says of them.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use presend_core::{Algorithm, ImageHash, Threshold};
use presend_hashsets::ops;
use thiserror::Error;

use super::File;

/// Two files whose hashes are near one another.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Near {
    /// The position of the first among the files of the corpus.
    pub a: usize,
    /// The position of the second, which is larger.
    pub b: usize,
    /// The least distance between their hashes, of turned and mirrored copies too where those count.
    pub distance: u16,
    /// What a person said of them; `None` if nobody has.
    pub class: Option<Class>,
}

/// What two pictures with near hashes have to do with one another.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Class {
    /// The same work, edited perhaps: a match is right.
    SameWork,
    /// Different content of one template, layout or background: a match is wrong.
    Template,
    /// Nothing: a match is wrong.
    Unrelated,
}

impl Class {
    /// All three.
    pub const ALL: [Self; 3] = [Self::SameWork, Self::Template, Self::Unrelated];

    /// The name in tables.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::SameWork => "same",
            Self::Template => "template",
            Self::Unrelated => "unrelated",
        }
    }
}

impl fmt::Display for Class {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// The name belongs to no class.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("unknown class {0:?}: expected same, template or unrelated")]
pub struct UnknownClass(pub String);

impl FromStr for Class {
    type Err = UnknownClass;

    fn from_str(name: &str) -> Result<Self, Self::Err> {
        Self::ALL.into_iter().find(|class| class.name() == name).ok_or_else(|| UnknownClass(name.to_owned()))
    }
}

/// Every two hashed files within the distance of one another, in order.
pub(super) fn candidates<A: Algorithm>(files: &[File<A>], within: Threshold, dihedral: bool) -> Vec<Near> {
    // The hashes of record first, then those of turned copies: of a pair, one is as it is stored.
    let (mut owners, mut hashes): (Vec<usize>, Vec<ImageHash<A>>) =
        files.iter().enumerate().filter_map(|(at, file)| Some((at, file.sample()?.hash))).unzip();
    let first = hashes.len();
    if dihedral {
        for at in 0..first {
            let sample = files[owners[at]].sample().expect("its hash is here");
            for &hash in sample.dihedral.iter().filter(|&&hash| hash != sample.hash) {
                owners.push(owners[at]);
                hashes.push(hash);
            }
        }
    }
    let mut least: BTreeMap<(usize, usize), u16> = BTreeMap::new();
    ops::pairs(&hashes, first, within, |x, y| {
        let (a, b) = (owners[x].min(owners[y]), owners[x].max(owners[y]));
        if a != b {
            let distance = hashes[x].distance(&hashes[y]).bits();
            least.entry((a, b)).and_modify(|least| *least = distance.min(*least)).or_insert(distance);
        }
    });
    least.into_iter().map(|((a, b), distance)| Near { a, b, distance, class: None }).collect()
}

/// For each of so many nodes the first one that it is connected to.
pub(super) fn components(nodes: usize, edges: impl Iterator<Item = (usize, usize)>) -> Vec<usize> {
    let mut parents: Vec<usize> = (0..nodes).collect();
    fn root(parents: &mut [usize], mut node: usize) -> usize {
        while parents[node] != node {
            parents[node] = parents[parents[node]];
            node = parents[node];
        }
        node
    }
    for (a, b) in edges {
        let (a, b) = (root(&mut parents, a), root(&mut parents, b));
        // The smaller root becomes the parent, so a root is the first of its component.
        parents[a.max(b)] = a.min(b);
    }
    (0..nodes).map(|node| root(&mut parents, node)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_class_has_a_name_of_its_own() {
        for class in Class::ALL {
            assert_eq!(class.name().parse(), Ok(class));
        }
        assert_eq!("".parse::<Class>(), Err(UnknownClass(String::new())));
    }

    #[test]
    fn components_are_named_after_their_first_member_whatever_the_order_of_the_edges() {
        let mut edges = [(4, 5), (1, 2), (2, 4), (6, 6)];
        for _ in 0..edges.len() {
            edges.rotate_left(1);
            assert_eq!(components(7, edges.into_iter()), [0, 1, 1, 3, 1, 1, 6]);
        }
    }
}
