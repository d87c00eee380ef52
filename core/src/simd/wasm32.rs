//! WebAssembly compiled for vectors: a module that has them does not run without.

use std::arch::wasm32::*;

use super::bitsliced::BitSliced;
use super::hamming::{Near, Question};
use super::lanes::Job;
use super::passes::{Kernel, TILE, Tile, Waiting, scan as pass};
use super::tower::Word;
use super::{Backend, Candidate};
use crate::bch::{Code, Syndrome};

impl Word for v128 {
    type Proof = ();
    const BYTES: usize = 16;
    const FUSED: bool = false;

    #[inline(always)]
    fn splat((): (), bits: u64) -> Self {
        u64x2_splat(bits)
    }

    #[inline(always)]
    fn load((): (), bytes: &[u8]) -> Self {
        let bytes: &[u8; 16] = bytes.first_chunk().expect("a word of bytes");
        // SAFETY: this reads the array, at any alignment.
        unsafe { v128_load(bytes.as_ptr().cast()) }
    }

    #[inline(always)]
    fn store(self, words: &mut [u64]) {
        words[0] = u64x2_extract_lane::<0>(self);
        words[1] = u64x2_extract_lane::<1>(self);
    }

    #[inline(always)]
    fn xor(self, other: Self) -> Self {
        v128_xor(self, other)
    }

    #[inline(always)]
    fn and(self, other: Self) -> Self {
        v128_and(self, other)
    }

    #[inline(always)]
    fn or(self, other: Self) -> Self {
        v128_or(self, other)
    }

    #[inline(always)]
    fn select(self, other: Self, mask: Self) -> Self {
        v128_bitselect(other, self, mask)
    }

    #[inline(always)]
    fn up<const BITS: i32>(self) -> Self {
        u64x2_shl(self, BITS.cast_unsigned())
    }

    #[inline(always)]
    fn down<const BITS: i32>(self) -> Self {
        u64x2_shr(self, BITS.cast_unsigned())
    }
}

kernel!(BitSliced<v128>);
near!(near128: v128, ());

/// The backends that run here.
pub(super) fn available() -> impl Iterator<Item = Backend> {
    std::iter::once(Backend::Simd128)
}

/// Runs a backend, or returns false where it does not run.
pub(super) fn scan(
    backend: Backend,
    code: &Code,
    blocks: &[u8],
    queries: &[Syndrome],
    out: &mut Vec<Candidate>,
) -> bool {
    let ours = backend == Backend::Simd128;
    if ours {
        pass(BitSliced::<v128>::new((), code, queries), code, blocks, queries, out);
    }
    ours
}

/// Runs a backend, or returns false where it does not run.
pub(super) fn near(backend: Backend, question: &Question<'_>, each: &mut dyn FnMut(Near)) -> bool {
    let ours = backend == Backend::Simd128;
    if ours {
        near128((), question, each);
    }
    ours
}

/// Compilers make vectors of the portable lanes, as this architecture always has them.
pub(super) fn run<J: Job>(_: Backend, job: J) -> Result<J::Output, J> {
    Err(job)
}
