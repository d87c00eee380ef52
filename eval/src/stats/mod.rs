//! Estimators: numbers in, numbers out.
//!
//! Nothing here reads a file, a clock or a random generator. Counts are integers (`u64`), rates and probabilities are
//! shares between 0 and 1, and `alpha` is the probability of error that is accepted: an interval at 95 % has an
//! `alpha` of 0.05. What cannot be answered (more hits than trials, no trial, an `alpha` outside of 0 to 1, NaN) is
//! `None` and never a panic. Every function names the paper that it follows, and is checked in its tests against
//! numbers that other programs computed (`shared/eval/*_vectors.csv`).

mod account;
mod base_rate;
mod beta;
mod entropy;
mod gamma;
mod normal;
mod pairs;
mod plan;
mod proportion;
mod rarefaction;
mod roc;
mod saddle;
mod solve;
mod tail;
#[cfg(test)]
mod vectors;
mod weighted;

pub use account::{Dependence, account_probability, account_threshold};
pub use base_rate::BaseRate;
pub use entropy::{EntropyBound, FreeBits};
pub use pairs::{CrossRate, Hubs, PairRate};
pub use plan::pictures_needed;
pub use proportion::{
    Interval, bonferroni, clopper_pearson, clopper_pearson_upper, garwood, jeffreys, korn_graubard, wilson, wilson_95,
};
pub use rarefaction::Rarefied;
pub use roc::{AtPrecision, Roc, RocPoint};
pub use tail::{Excess, TailModel, tail_cut};
pub use weighted::{Stratum, fay_feuer, mixed_rate};
