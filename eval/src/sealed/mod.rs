//! The studies behind the documents about sealed sets and fast hashes.
//!
//! Photographs ([`sample`]) are edited ([`EDITS`]), looked up as a client does among what an owner enrols
//! ([`CANDIDATES`]), and counted ([`report`]: `docs/sealed-recall.md`). And how far fast hashes lie from exact ones
//! ([`Drift`]), and why the exact ones are not computed otherwise ([`Bound`]).

mod bound;
mod corpus;
mod drift;
mod edits;
mod luma;
mod published;
pub(crate) mod recall;
mod report;
mod variants;

pub use bound::Bound;
pub use corpus::{MIN_SIDE, open, sample};
pub use drift::Drift;
pub use edits::{EDITS, Edit, Group};
pub use recall::Measurements;
pub use report::report;
pub use variants::{CANDIDATES, Variant};
