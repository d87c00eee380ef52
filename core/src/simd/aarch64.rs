//! ARM of 64 bits, whose processors all have NEON.

use std::arch::aarch64::*;

use super::bitsliced::BitSliced;
use super::hamming::{Near, Question};
use super::lanes::quarters::{Quarter, Quarters};
use super::lanes::{Job, LANES};
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

/// Does a job with lanes, or returns it where the backend is another.
pub(super) fn run<J: Job>(backend: Backend, job: J) -> Result<J::Output, J> {
    #[target_feature(enable = "neon")]
    fn run_128<J: Job>(proof: Neon, job: J) -> J::Output {
        job.run::<Quarters<Quarter128>>(proof)
    }

    match Neon::detect().filter(|_| backend == Backend::Neon) {
        // SAFETY: the proof is of the feature that the function is compiled for.
        Some(proof) => Ok(unsafe { run_128(proof, job) }),
        None => Err(job),
    }
}

/// Four values.
#[derive(Clone, Copy)]
struct Quarter128(float32x4_t);

impl Quarter for Quarter128 {
    type Proof = Neon;

    #[inline(always)]
    fn splat(_: Neon, value: f32) -> Self {
        // SAFETY: the proof is of the feature that this needs.
        Self(unsafe { vdupq_n_f32(value) })
    }

    #[inline(always)]
    fn load(_: Neon, values: &[f32; 4]) -> Self {
        // SAFETY: the proof is of the feature that this needs; it reads the array.
        Self(unsafe { vld1q_f32(values.as_ptr()) })
    }

    #[inline(always)]
    fn store(self, values: &mut [f32; 4]) {
        // SAFETY: a value is made with a proof only; this writes the array.
        unsafe { vst1q_f32(values.as_mut_ptr(), self.0) }
    }

    #[inline(always)]
    fn add(self, other: Self) -> Self {
        // SAFETY: a value is made with a proof only.
        Self(unsafe { vaddq_f32(self.0, other.0) })
    }

    #[inline(always)]
    fn sub(self, other: Self) -> Self {
        // SAFETY: a value is made with a proof only.
        Self(unsafe { vsubq_f32(self.0, other.0) })
    }

    #[inline(always)]
    fn mul(self, other: Self) -> Self {
        // SAFETY: a value is made with a proof only.
        Self(unsafe { vmulq_f32(self.0, other.0) })
    }

    #[inline(always)]
    fn div(self, other: Self) -> Self {
        // SAFETY: a value is made with a proof only.
        Self(unsafe { vdivq_f32(self.0, other.0) })
    }

    #[inline(always)]
    fn whole(self) -> Self {
        // SAFETY: a value is made with a proof only.
        Self(unsafe { vabsq_f32(vrndq_f32(self.0)) })
    }

    #[inline(always)]
    fn reversed(self) -> Self {
        // SAFETY: a value is made with a proof only.
        Self(unsafe {
            let pairs = vrev64q_f32(self.0);
            vextq_f32::<2>(pairs, pairs)
        })
    }

    #[inline(always)]
    fn transpose([a, b, c, d]: [Self; 4]) -> [Self; 4] {
        // SAFETY: values are made with a proof only.
        unsafe {
            let (ab, ab2) = (vzip1q_f32(a.0, b.0), vzip2q_f32(a.0, b.0));
            let (cd, cd2) = (vzip1q_f32(c.0, d.0), vzip2q_f32(c.0, d.0));
            let pair = |low: bool, x: float32x4_t, y: float32x4_t| {
                let (x, y) = (vreinterpretq_f64_f32(x), vreinterpretq_f64_f32(y));
                Self(vreinterpretq_f32_f64(if low { vzip1q_f64(x, y) } else { vzip2q_f64(x, y) }))
            };
            [pair(true, ab, cd), pair(false, ab, cd), pair(true, ab2, cd2), pair(false, ab2, cd2)]
        }
    }

    #[inline(always)]
    fn bytes(_: Neon, bytes: &[u8; LANES]) -> [Self; 4] {
        // SAFETY: the proof is of the feature that this needs; it reads the array.
        unsafe {
            let bytes = vld1q_u8(bytes.as_ptr());
            let (low, high) = (vmovl_u8(vget_low_u8(bytes)), vmovl_u8(vget_high_u8(bytes)));
            [
                Self(vcvtq_f32_u32(vmovl_u16(vget_low_u16(low)))),
                Self(vcvtq_f32_u32(vmovl_u16(vget_high_u16(low)))),
                Self(vcvtq_f32_u32(vmovl_u16(vget_low_u16(high)))),
                Self(vcvtq_f32_u32(vmovl_u16(vget_high_u16(high)))),
            ]
        }
    }
}
