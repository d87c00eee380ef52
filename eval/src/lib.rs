//! Measuring Presend honestly.
//!
//! The estimators, the edits and the reports grow here; so far there is the one number that every measurement starts
//! from: how many pictures must be looked at before "none matched" says anything.
#![forbid(unsafe_code)]

mod plan;

pub use plan::pictures_needed;
