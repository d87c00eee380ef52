//! What a list owner does with lists: merge, compare, cluster, ask for endorsement, write.
//!
//! [`merge`] builds a [`Collection`] from imports, each with the [`Source`] it came from. Everything else is a pure function
//! from collections to collections.

mod cluster;
mod collection;
mod diff;
mod export;
mod filter;
mod merge;
mod neighbours;

pub use cluster::{Clusters, Keep, clusters, deduplicate};
pub use collection::{Collection, Listed, ListedDigest, NoName, Source, SourceId};
pub use diff::{Diff, diff};
pub use export::{write_csv, write_threatexchange};
pub use filter::{min_quality, require_sources};
pub use merge::merge;
pub use neighbours::pairs;
