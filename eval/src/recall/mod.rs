//! How often a picture is still found after an ordinary transformation.
//!
//! Pictures are [chosen](choose) from a corpus, each is transformed in every way of [`TRANSFORMS`](crate::edits::TRANSFORMS),
//! and what comes out is looked up as a scan would: one [`Row`] for each picture and transformation says how far it then lies
//! from the picture's hash of record. Rows are whole numbers that depend on nothing but the picture, the transformation, the
//! algorithm and the [`Effort`](presend_core::Effort): they are kept in Parquet files ([`rows`]), and those of several machines
//! are put together by sorting. [`summary`] counts them.
//!
//! A sealed set finds an entry if and only if a lookup lies within its radius, so that its recall needs no set, only the
//! least distance over the lookups.

mod cache;
mod choose;
mod measure;
pub mod rows;
mod run;
mod summary;

pub use crate::cache::{CacheError, Ignored};
pub use cache::Cache;
pub use choose::{Chosen, choose};
pub use measure::measure;
pub use rows::{Distances, Edited, Identity, Row};
pub use run::{Left, Measured, Progress, RunError, run};
pub use summary::{At, Line, Relative, Report, Subset, summary};

#[cfg(test)]
mod tests;
