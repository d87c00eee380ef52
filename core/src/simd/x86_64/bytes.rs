//! Vectors of field elements, for the kernel with GFNI.

use std::arch::x86_64::*;

use super::super::LANES;
use super::super::passes::{Tile, Waiting, set_bits};
use super::{Avx2Gfni, Avx512Gfni};

/// A vector of elements of GF(2^8), one a byte.
pub(super) trait Bytes: Copy {
    /// That the processor has the instructions. Vectors are made with it only, so whoever has one may use them.
    type Proof: Copy;

    /// Elements of a vector.
    const LANES: usize;

    /// The same 8 bytes all over.
    fn splat(proof: Self::Proof, bytes: u64) -> Self;

    /// From the first bytes of a slice.
    fn load(proof: Self::Proof, bytes: &[u8]) -> Self;

    /// The lanes that are zero.
    fn zeros(self) -> u64;

    /// Has those of a block wait whose bits are set.
    fn collect(proof: Self::Proof, waiting: &mut Waiting, tile: &Tile, block: usize, query: usize, set: u64);

    fn and(self, other: Self) -> Self;
    fn xor(self, other: Self) -> Self;

    /// `self ^ a ^ b`.
    fn xor3(self, a: Self, b: Self) -> Self;

    /// This where the mask is 0, and other where it is 1.
    #[inline(always)]
    fn select(self, other: Self, mask: Self) -> Self {
        self.xor(mask.and(self.xor(other)))
    }

    /// Sums of integers, modulo 256.
    fn add(self, other: Self) -> Self;

    /// The lesser of integers without sign.
    fn min(self, other: Self) -> Self;

    /// Products in the field.
    fn mul(self, other: Self) -> Self;

    /// Inverses in the field; of zero, zero.
    fn inv(self) -> Self;

    /// The linear map of a [matrix](super::gfni::matrix).
    fn map(self, matrix: Self) -> Self;
}

/// Of [`Bytes::map`], what leaves everything as it is.
pub(super) const IDENTITY: u64 = 0x0102_0408_1020_4080;

macro_rules! bytes {
    (
        $(#[$doc:meta])* $name:ident($vector:ty), $proof:ty, $lanes:literal,
        $splat:ident, $load:ident, $and:ident, $xor:ident, $add:ident, $min:ident, $mul:ident, $inv:ident, $map:ident,
        $($more:item)+
    ) => {
        $(#[$doc])*
        #[derive(Clone, Copy)]
        pub(super) struct $name($vector);

        impl Bytes for $name {
            type Proof = $proof;
            const LANES: usize = $lanes;

            #[inline(always)]
            fn splat(_: $proof, bytes: u64) -> Self {
                // SAFETY: the proof is of the features that this needs.
                Self(unsafe { $splat(bytes.cast_signed()) })
            }

            #[inline(always)]
            fn load(_: $proof, bytes: &[u8]) -> Self {
                let bytes: &[u8; $lanes] = bytes.first_chunk().expect("a vector of bytes");
                // SAFETY: the proof is of the features that this needs; it reads the array, at any alignment.
                Self(unsafe { $load(bytes.as_ptr().cast()) })
            }

            #[inline(always)]
            fn and(self, other: Self) -> Self {
                // SAFETY: a vector is made with a proof only.
                Self(unsafe { $and(self.0, other.0) })
            }

            #[inline(always)]
            fn xor(self, other: Self) -> Self {
                // SAFETY: a vector is made with a proof only.
                Self(unsafe { $xor(self.0, other.0) })
            }

            #[inline(always)]
            fn add(self, other: Self) -> Self {
                // SAFETY: a vector is made with a proof only.
                Self(unsafe { $add(self.0, other.0) })
            }

            #[inline(always)]
            fn min(self, other: Self) -> Self {
                // SAFETY: a vector is made with a proof only.
                Self(unsafe { $min(self.0, other.0) })
            }

            #[inline(always)]
            fn mul(self, other: Self) -> Self {
                // SAFETY: a vector is made with a proof only.
                Self(unsafe { $mul(self.0, other.0) })
            }

            #[inline(always)]
            fn inv(self) -> Self {
                // SAFETY: a vector is made with a proof only.
                Self(unsafe { $inv::<0>(self.0, $splat(IDENTITY.cast_signed())) })
            }

            #[inline(always)]
            fn map(self, matrix: Self) -> Self {
                // SAFETY: a vector is made with a proof only.
                Self(unsafe { $map::<0>(self.0, matrix.0) })
            }

            $(#[inline(always)] $more)+
        }
    };
}

bytes!(
    /// 32 elements.
    Bytes256(__m256i), Avx2Gfni, 32,
    _mm256_set1_epi64x, _mm256_loadu_si256, _mm256_and_si256, _mm256_xor_si256, _mm256_add_epi8, _mm256_min_epu8,
    _mm256_gf2p8mul_epi8, _mm256_gf2p8affineinv_epi64_epi8, _mm256_gf2p8affine_epi64_epi8,
    fn zeros(self) -> u64 {
        // SAFETY: a vector is made with a proof only.
        let zeros = unsafe { _mm256_movemask_epi8(_mm256_cmpeq_epi8(self.0, _mm256_setzero_si256())) };
        u64::from(zeros.cast_unsigned())
    }
    fn collect(_: Avx2Gfni, waiting: &mut Waiting, tile: &Tile, block: usize, query: usize, set: u64) {
        for lane in set_bits(&[set]) {
            waiting.push(tile, block * LANES + lane, query);
        }
    }
    fn xor3(self, a: Self, b: Self) -> Self {
        self.xor(a).xor(b)
    }
);
bytes!(
    /// 64 elements.
    Bytes512(__m512i), Avx512Gfni, 64,
    _mm512_set1_epi64, _mm512_loadu_si512, _mm512_and_si512, _mm512_xor_si512, _mm512_add_epi8, _mm512_min_epu8,
    _mm512_gf2p8mul_epi8, _mm512_gf2p8affineinv_epi64_epi8, _mm512_gf2p8affine_epi64_epi8,
    fn zeros(self) -> u64 {
        // SAFETY: a vector is made with a proof only.
        unsafe { _mm512_testn_epi8_mask(self.0, self.0) }
    }
    fn collect(proof: Avx512Gfni, waiting: &mut Waiting, tile: &Tile, block: usize, query: usize, set: u64) {
        waiting.push_all(tile, block, query, set.count_ones() as usize, |from, sum, to| {
            let differences = Self::load(proof, from).xor(Self::splat(proof, sum));
            // SAFETY: the proof is of the features that these need; what is written is the array, at any alignment.
            unsafe { _mm512_storeu_si512(to.as_mut_ptr().cast(), _mm512_maskz_compress_epi8(set, differences.0)) }
        });
    }
    fn xor3(self, a: Self, b: Self) -> Self {
        // SAFETY: a vector is made with a proof only.
        Self(unsafe { _mm512_ternarylogic_epi64::<0x96>(self.0, a.0, b.0) })
    }
);
