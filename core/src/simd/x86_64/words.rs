//! Words of vector registers, for the kernel in bit slices.

use std::arch::x86_64::*;

use super::super::tower::Word;
use super::{Avx2, Avx512, Sse2};

macro_rules! word {
    (
        $(#[$doc:meta])* $name:ident($vector:ty), $proof:ty, $bytes:literal, fused: $fused:literal,
        $splat:ident, $load:ident, $store:ident, $xor:ident, $and:ident, $or:ident, $up:ident, $down:ident
        $(, $method:item)*
    ) => {
        $(#[$doc])*
        #[derive(Clone, Copy)]
        pub(super) struct $name($vector);

        impl Word for $name {
            type Proof = $proof;
            const BYTES: usize = $bytes;
            const FUSED: bool = $fused;

            #[inline(always)]
            fn splat(_: $proof, bits: u64) -> Self {
                // SAFETY: the proof is of the feature that this needs.
                Self(unsafe { $splat(bits.cast_signed()) })
            }

            #[inline(always)]
            fn load(_: $proof, bytes: &[u8]) -> Self {
                let bytes: &[u8; $bytes] = bytes.first_chunk().expect("a word of bytes");
                // SAFETY: the proof is of the feature that this needs; it reads the array, at any alignment.
                Self(unsafe { $load(bytes.as_ptr().cast()) })
            }

            #[inline(always)]
            fn store(self, words: &mut [u64]) {
                let words: &mut [u64; $bytes / 8] = words.first_chunk_mut().expect("a word of bytes");
                // SAFETY: a word is made with a proof only; this writes the array, at any alignment.
                unsafe { $store(words.as_mut_ptr().cast(), self.0) }
            }

            #[inline(always)]
            fn xor(self, other: Self) -> Self {
                // SAFETY: a word is made with a proof only.
                Self(unsafe { $xor(self.0, other.0) })
            }

            #[inline(always)]
            fn and(self, other: Self) -> Self {
                // SAFETY: a word is made with a proof only.
                Self(unsafe { $and(self.0, other.0) })
            }

            #[inline(always)]
            fn or(self, other: Self) -> Self {
                // SAFETY: a word is made with a proof only.
                Self(unsafe { $or(self.0, other.0) })
            }

            $(#[inline(always)] $method)*

            #[inline(always)]
            fn up<const BITS: i32>(self) -> Self {
                // SAFETY: a word is made with a proof only.
                Self(unsafe { $up(self.0, _mm_cvtsi32_si128(BITS)) })
            }

            #[inline(always)]
            fn down<const BITS: i32>(self) -> Self {
                // SAFETY: a word is made with a proof only.
                Self(unsafe { $down(self.0, _mm_cvtsi32_si128(BITS)) })
            }
        }
    };
}

word!(
    /// 128 lanes.
    Word128(__m128i), Sse2, 16, fused: false,
    _mm_set1_epi64x, _mm_loadu_si128, _mm_storeu_si128, _mm_xor_si128, _mm_and_si128, _mm_or_si128,
    _mm_sll_epi64, _mm_srl_epi64
);
word!(
    /// 256 lanes.
    Word256(__m256i), Avx2, 32, fused: false,
    _mm256_set1_epi64x, _mm256_loadu_si256, _mm256_storeu_si256, _mm256_xor_si256, _mm256_and_si256,
    _mm256_or_si256, _mm256_sll_epi64, _mm256_srl_epi64
);
word!(
    /// 512 lanes.
    Word512(__m512i), Avx512, 64, fused: true,
    _mm512_set1_epi64, _mm512_loadu_si512, _mm512_storeu_si512, _mm512_xor_si512, _mm512_and_si512,
    _mm512_or_si512, _mm512_sll_epi64, _mm512_srl_epi64,
    fn xor_and(self, a: Self, b: Self) -> Self {
        // SAFETY: a word is made with a proof only.
        Self(unsafe { _mm512_ternarylogic_epi64::<0x78>(self.0, a.0, b.0) })
    },
    fn majority(self, a: Self, b: Self) -> Self {
        // SAFETY: a word is made with a proof only.
        Self(unsafe { _mm512_ternarylogic_epi64::<0xe8>(self.0, a.0, b.0) })
    },
    fn xor3(self, a: Self, b: Self) -> Self {
        // SAFETY: a word is made with a proof only.
        Self(unsafe { _mm512_ternarylogic_epi64::<0x96>(self.0, a.0, b.0) })
    }
);
