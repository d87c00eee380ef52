//! Processors without vectors that we know.

use super::hamming::{Near, Question};
use super::lanes::Job;
use super::{Backend, Candidate};
use crate::bch::{Code, Syndrome};

pub(super) fn available() -> impl Iterator<Item = Backend> {
    std::iter::empty()
}

pub(super) fn scan(_: Backend, _: &Code, _: &[u8], _: &[Syndrome], _: &mut Vec<Candidate>) -> bool {
    false
}

pub(super) fn near(_: Backend, _: &Question<'_>, _: &mut dyn FnMut(Near)) -> bool {
    false
}

/// Compilers make vectors of the portable lanes, as this architecture always has them.
pub(super) fn run<J: Job>(_: Backend, job: J) -> Result<J::Output, J> {
    Err(job)
}
