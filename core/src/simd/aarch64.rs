//! ARM of 64 bits, whose processors all have NEON.

use std::arch::aarch64::*;

use super::bitsliced::BitSliced;
use super::hamming::{Near, Question};
use super::lanes::Job;
use super::passes::{Kernel, TILE, Tile, Waiting, scan as pass};
use super::tower::Word;
use super::{Backend, Candidate};
use crate::bch::{Code, Syndrome};

/// A proof that the processor has NEON.
#[derive(Debug, Clone, Copy)]
struct Neon(());

impl Neon {
    fn detect() -> Option<Self> {
        std::arch::is_aarch64_feature_detected!("neon").then_some(Self(()))
    }
}

/// 128 lanes.
#[derive(Clone, Copy)]
struct Word128(uint64x2_t);

impl Word for Word128 {
    type Proof = Neon;
    const BYTES: usize = 16;
    const FUSED: bool = false;

    #[inline(always)]
    fn splat(_: Neon, bits: u64) -> Self {
        // SAFETY: the proof is of the feature that this needs.
        Self(unsafe { vdupq_n_u64(bits) })
    }

    #[inline(always)]
    fn load(_: Neon, bytes: &[u8]) -> Self {
        let bytes: &[u8; 16] = bytes.first_chunk().expect("a word of bytes");
        // SAFETY: the proof is of the feature that this needs; it reads the array, at any alignment.
        Self(unsafe { vreinterpretq_u64_u8(vld1q_u8(bytes.as_ptr())) })
    }

    #[inline(always)]
    fn store(self, words: &mut [u64]) {
        let words: &mut [u64; 2] = words.first_chunk_mut().expect("a word of bytes");
        // SAFETY: a word is made with a proof only; this writes the array.
        unsafe { vst1q_u64(words.as_mut_ptr(), self.0) }
    }

    #[inline(always)]
    fn xor(self, other: Self) -> Self {
        // SAFETY: a word is made with a proof only.
        Self(unsafe { veorq_u64(self.0, other.0) })
    }

    #[inline(always)]
    fn and(self, other: Self) -> Self {
        // SAFETY: a word is made with a proof only.
        Self(unsafe { vandq_u64(self.0, other.0) })
    }

    #[inline(always)]
    fn or(self, other: Self) -> Self {
        // SAFETY: a word is made with a proof only.
        Self(unsafe { vorrq_u64(self.0, other.0) })
    }

    #[inline(always)]
    fn select(self, other: Self, mask: Self) -> Self {
        // SAFETY: a word is made with a proof only.
        Self(unsafe { vbslq_u64(mask.0, other.0, self.0) })
    }

    #[inline(always)]
    fn up<const BITS: i32>(self) -> Self {
        // SAFETY: a word is made with a proof only.
        Self(unsafe { vshlq_n_u64::<BITS>(self.0) })
    }

    #[inline(always)]
    fn down<const BITS: i32>(self) -> Self {
        // SAFETY: a word is made with a proof only.
        Self(unsafe { vshrq_n_u64::<BITS>(self.0) })
    }
}

kernel!(BitSliced<Word128>, "neon");
near!(near128: Word128, Neon, "neon");

/// The backends that run here.
pub(super) fn available() -> impl Iterator<Item = Backend> {
    Neon::detect().map(|_| Backend::Neon).into_iter()
}

/// Runs a backend, or returns false where it does not run.
pub(super) fn scan(
    backend: Backend,
    code: &Code,
    blocks: &[u8],
    queries: &[Syndrome],
    out: &mut Vec<Candidate>,
) -> bool {
    let Some(proof) = Neon::detect().filter(|_| backend == Backend::Neon) else { return false };
    pass(BitSliced::<Word128>::new(proof, code, queries), code, blocks, queries, out);
    true
}

/// Runs a backend, or returns false where it does not run.
pub(super) fn near(backend: Backend, question: &Question<'_>, each: &mut dyn FnMut(Near)) -> bool {
    let Some(proof) = Neon::detect().filter(|_| backend == Backend::Neon) else { return false };
    near128(proof, question, each);
    true
}

/// Compilers make vectors of the portable lanes, as this architecture always has them.
pub(super) fn run<J: Job>(_: Backend, job: J) -> Result<J::Output, J> {
    Err(job)
}
