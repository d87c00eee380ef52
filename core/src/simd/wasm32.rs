//! WebAssembly compiled for vectors: a module that has them does not run without.

use std::arch::wasm32::*;

use super::bitsliced::BitSliced;
use super::hamming::{Near, Question};
use super::lanes::quarters::{Quarter, Quarters};
use super::lanes::{Job, LANES};
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

/// Whether vectors are asked for. In a module that was built for them, nothing else is: the compiler then leaves the portable
/// kernels out, most of the code of a hash.
#[inline(always)]
fn asked_for(backend: Backend) -> bool {
    cfg!(presend_backend = "simd128") || backend == Backend::Simd128
}

/// Runs a backend, or returns false where it does not run.
#[inline(always)]
pub(super) fn scan(
    backend: Backend,
    code: &Code,
    blocks: &[u8],
    queries: &[Syndrome],
    out: &mut Vec<Candidate>,
) -> bool {
    let ours = asked_for(backend);
    if ours {
        pass(BitSliced::<v128>::new((), code, queries), code, blocks, queries, out);
    }
    ours
}

/// Runs a backend, or returns false where it does not run.
pub(super) fn near(backend: Backend, question: &Question<'_>, each: &mut dyn FnMut(Near)) -> bool {
    let ours = asked_for(backend);
    if ours {
        near128((), question, each);
    }
    ours
}

/// Does a job with lanes, or returns it where the backend is another.
#[inline(always)]
pub(super) fn run<J: Job>(backend: Backend, job: J) -> Result<J::Output, J> {
    if asked_for(backend) { Ok(job.run::<Quarters<Quarter128>>(())) } else { Err(job) }
}

/// Four values.
#[derive(Clone, Copy)]
struct Quarter128(v128);

impl Quarter for Quarter128 {
    type Proof = ();

    #[inline(always)]
    fn splat((): (), value: f32) -> Self {
        Self(f32x4_splat(value))
    }

    #[inline(always)]
    fn load((): (), values: &[f32; 4]) -> Self {
        // SAFETY: this reads the array, at any alignment.
        Self(unsafe { v128_load(values.as_ptr().cast()) })
    }

    #[inline(always)]
    fn store(self, values: &mut [f32; 4]) {
        // SAFETY: this writes the array, at any alignment.
        unsafe { v128_store(values.as_mut_ptr().cast(), self.0) }
    }

    #[inline(always)]
    fn add(self, other: Self) -> Self {
        Self(f32x4_add(self.0, other.0))
    }

    #[inline(always)]
    fn sub(self, other: Self) -> Self {
        Self(f32x4_sub(self.0, other.0))
    }

    #[inline(always)]
    fn mul(self, other: Self) -> Self {
        Self(f32x4_mul(self.0, other.0))
    }

    #[inline(always)]
    fn div(self, other: Self) -> Self {
        Self(f32x4_div(self.0, other.0))
    }

    #[inline(always)]
    fn whole(self) -> Self {
        Self(f32x4_abs(f32x4_trunc(self.0)))
    }

    #[inline(always)]
    fn reversed(self) -> Self {
        Self(i32x4_shuffle::<3, 2, 1, 0>(self.0, self.0))
    }

    #[inline(always)]
    fn transpose([a, b, c, d]: [Self; 4]) -> [Self; 4] {
        let (ab, ab2) = (i32x4_shuffle::<0, 4, 1, 5>(a.0, b.0), i32x4_shuffle::<2, 6, 3, 7>(a.0, b.0));
        let (cd, cd2) = (i32x4_shuffle::<0, 4, 1, 5>(c.0, d.0), i32x4_shuffle::<2, 6, 3, 7>(c.0, d.0));
        [
            Self(i64x2_shuffle::<0, 2>(ab, cd)),
            Self(i64x2_shuffle::<1, 3>(ab, cd)),
            Self(i64x2_shuffle::<0, 2>(ab2, cd2)),
            Self(i64x2_shuffle::<1, 3>(ab2, cd2)),
        ]
    }

    #[inline(always)]
    fn bytes((): (), bytes: &[u8; LANES]) -> [Self; 4] {
        // SAFETY: this reads the array, at any alignment.
        let bytes = unsafe { v128_load(bytes.as_ptr().cast()) };
        let (low, high) = (u16x8_extend_low_u8x16(bytes), u16x8_extend_high_u8x16(bytes));
        [
            Self(f32x4_convert_u32x4(u32x4_extend_low_u16x8(low))),
            Self(f32x4_convert_u32x4(u32x4_extend_high_u16x8(low))),
            Self(f32x4_convert_u32x4(u32x4_extend_low_u16x8(high))),
            Self(f32x4_convert_u32x4(u32x4_extend_high_u16x8(high))),
        ]
    }

    #[inline(always)]
    fn third((): (), pixels: &[u8; 3 * LANES], sample: usize) -> [u8; LANES] {
        let [a, b, c] = vectors(pixels);
        // Which bytes: of sixteen pixels six, then five, then five of the three vectors have such a sample.
        let samples = match sample {
            0 => {
                let ab = u8x16_shuffle::<0, 3, 6, 9, 12, 15, 18, 21, 24, 27, 30, 0, 0, 0, 0, 0>(a, b);
                u8x16_shuffle::<0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 17, 20, 23, 26, 29>(ab, c)
            }
            1 => {
                let ab = u8x16_shuffle::<1, 4, 7, 10, 13, 16, 19, 22, 25, 28, 31, 0, 0, 0, 0, 0>(a, b);
                u8x16_shuffle::<0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 18, 21, 24, 27, 30>(ab, c)
            }
            _ => {
                let ab = u8x16_shuffle::<2, 5, 8, 11, 14, 17, 20, 23, 26, 29, 0, 0, 0, 0, 0, 0>(a, b);
                u8x16_shuffle::<0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 16, 19, 22, 25, 28, 31>(ab, c)
            }
        };
        bytes(samples)
    }

    #[inline(always)]
    fn fourth((): (), pixels: &[u8; 4 * LANES], sample: usize) -> [u8; LANES] {
        let [a, b, c, d] = vectors(pixels);
        let four = |one, other| match sample {
            0 => u8x16_shuffle::<0, 4, 8, 12, 16, 20, 24, 28, 0, 0, 0, 0, 0, 0, 0, 0>(one, other),
            1 => u8x16_shuffle::<1, 5, 9, 13, 17, 21, 25, 29, 0, 0, 0, 0, 0, 0, 0, 0>(one, other),
            2 => u8x16_shuffle::<2, 6, 10, 14, 18, 22, 26, 30, 0, 0, 0, 0, 0, 0, 0, 0>(one, other),
            _ => u8x16_shuffle::<3, 7, 11, 15, 19, 23, 27, 31, 0, 0, 0, 0, 0, 0, 0, 0>(one, other),
        };
        bytes(i64x2_shuffle::<0, 2>(four(a, b), four(c, d)))
    }
}

/// Bytes as vectors.
#[inline(always)]
fn vectors<const BYTES: usize, const N: usize>(bytes: &[u8; BYTES]) -> [v128; N] {
    let (chunks, _) = bytes.as_chunks::<LANES>();
    // SAFETY: this reads an array of 16 bytes, at any alignment.
    std::array::from_fn(|i| unsafe { v128_load(chunks[i].as_ptr().cast()) })
}

/// A vector as bytes.
#[inline(always)]
fn bytes(vector: v128) -> [u8; LANES] {
    let mut bytes = [0; LANES];
    // SAFETY: this writes the array, at any alignment.
    unsafe { v128_store(bytes.as_mut_ptr().cast(), vector) };
    bytes
}
