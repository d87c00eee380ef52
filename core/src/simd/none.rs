//! Processors without vectors that we know.

use super::hamming::{Near, Question};
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
