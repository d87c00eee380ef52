//! From the name of an algorithm to its type.

use presend_core::set::{KnownSet, LastSeen, Manifest, Sealable, SetError, SetFile, SignedManifest, Timestamp, Trust};
use presend_core::{Algorithm, Found, ImageHash, Index, Threshold};

/// Calls a function that is generic over the algorithm with the one that was chosen on the command line.
macro_rules! with_algorithm {
    ($id:expr, $function:ident($($argument:expr),* $(,)?)) => {
        match $id {
            presend_core::AlgorithmId::Pdq => $function(presend_core::Pdq, $($argument),*),
            presend_core::AlgorithmId::Pdq512 => $function(presend_core::Pdq512, $($argument),*),
            presend_core::AlgorithmId::AHash => $function(presend_core::AHash, $($argument),*),
            presend_core::AlgorithmId::DHash => $function(presend_core::DHash, $($argument),*),
            presend_core::AlgorithmId::PHash => $function(presend_core::PHash, $($argument),*),
            presend_core::AlgorithmId::BlockHash => $function(presend_core::BlockHash, $($argument),*),
            other => anyhow::bail!("{other} is not built into this program"),
        }
    };
}

pub(crate) use with_algorithm;

/// What the command line does with sealed sets, for algorithms that have them and for those that do not.
pub(crate) trait SetAlgorithm: Algorithm {
    /// Opens a set of hashes by this algorithm.
    fn open(files: &[SetFile], trust: Option<Trusting<'_>>) -> Result<Box<dyn OpenSet<Self>>, SetError>;
}

/// On whose word, at what time, and after which version a set is accepted.
pub(crate) struct Trusting<'a> {
    pub(crate) trust: &'a Trust,
    pub(crate) now: Timestamp,
    pub(crate) last_seen: Option<&'a LastSeen>,
}

/// A sealed set that is open for searching.
pub(crate) trait OpenSet<A: Algorithm>: Index<A> {
    fn manifest(&self) -> &Manifest;
    fn endorsers(&self) -> &[String];

    /// See [`KnownSet::search_part`].
    fn search_part(&self, part: (usize, usize), queries: &[ImageHash<A>], threshold: Threshold, found: &mut Vec<Found>);
}

impl<A: Sealable> OpenSet<A> for KnownSet<A> {
    fn manifest(&self) -> &Manifest {
        KnownSet::manifest(self)
    }

    fn endorsers(&self) -> &[String] {
        KnownSet::endorsers(self)
    }

    fn search_part(
        &self,
        part: (usize, usize),
        queries: &[ImageHash<A>],
        threshold: Threshold,
        found: &mut Vec<Found>,
    ) {
        KnownSet::search_part(self, part, queries, threshold, found);
    }
}

macro_rules! sealable {
    ($($algorithm:ty),*) => {$(
        impl SetAlgorithm for $algorithm {
            fn open(files: &[SetFile], trust: Option<Trusting<'_>>) -> Result<Box<dyn OpenSet<Self>>, SetError> {
                Ok(Box::new(match trust {
                    Some(trusting) => KnownSet::open(files, trusting.trust, trusting.now, trusting.last_seen)?,
                    None => KnownSet::open_unsigned(files)?,
                }))
            }
        }
    )*};
}

sealable!(presend_core::Pdq, presend_core::Pdq512);

macro_rules! not_sealable {
    ($($algorithm:ty),*) => {$(
        impl SetAlgorithm for $algorithm {
            fn open(files: &[SetFile], _: Option<Trusting<'_>>) -> Result<Box<dyn OpenSet<Self>>, SetError> {
                let file = files.first().ok_or(SetError::NoFile)?;
                let found = SignedManifest::parse(file.manifest())?.manifest().algorithm;
                Err(SetError::Algorithm { expected: Self::ID, found })
            }
        }
    )*};
}

not_sealable!(presend_core::AHash, presend_core::DHash, presend_core::PHash, presend_core::BlockHash);
