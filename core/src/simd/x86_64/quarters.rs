//! Four lanes in a vector of 128 bits.

use std::arch::x86_64::*;

use super::super::lanes::LANES;
use super::super::lanes::quarters::Quarter;
use super::Sse2;

/// In one vector.
#[derive(Clone, Copy)]
pub(super) struct Quarter128(__m128);

impl Quarter for Quarter128 {
    type Proof = Sse2;

    #[inline(always)]
    fn splat(_: Sse2, value: f32) -> Self {
        // SAFETY: the proof is of the feature that this needs.
        Self(unsafe { _mm_set1_ps(value) })
    }

    #[inline(always)]
    fn load(_: Sse2, values: &[f32; 4]) -> Self {
        // SAFETY: the proof is of the feature that this needs; it reads the array, at any alignment.
        Self(unsafe { _mm_loadu_ps(values.as_ptr()) })
    }

    #[inline(always)]
    fn store(self, values: &mut [f32; 4]) {
        // SAFETY: a value is made with a proof only; this writes the array, at any alignment.
        unsafe { _mm_storeu_ps(values.as_mut_ptr(), self.0) }
    }

    #[inline(always)]
    fn add(self, other: Self) -> Self {
        // SAFETY: a value is made with a proof only.
        Self(unsafe { _mm_add_ps(self.0, other.0) })
    }

    #[inline(always)]
    fn sub(self, other: Self) -> Self {
        // SAFETY: a value is made with a proof only.
        Self(unsafe { _mm_sub_ps(self.0, other.0) })
    }

    #[inline(always)]
    fn mul(self, other: Self) -> Self {
        // SAFETY: a value is made with a proof only.
        Self(unsafe { _mm_mul_ps(self.0, other.0) })
    }

    #[inline(always)]
    fn div(self, other: Self) -> Self {
        // SAFETY: a value is made with a proof only.
        Self(unsafe { _mm_div_ps(self.0, other.0) })
    }

    #[inline(always)]
    fn whole(self) -> Self {
        // SAFETY: a value is made with a proof only.
        Self(unsafe { _mm_andnot_ps(_mm_set1_ps(-0.0), _mm_cvtepi32_ps(_mm_cvttps_epi32(self.0))) })
    }

    #[inline(always)]
    fn reversed(self) -> Self {
        // SAFETY: a value is made with a proof only.
        Self(unsafe { _mm_shuffle_ps::<0x1b>(self.0, self.0) })
    }

    #[inline(always)]
    fn transpose([a, b, c, d]: [Self; 4]) -> [Self; 4] {
        // SAFETY: values are made with a proof only.
        unsafe {
            let (ab, ab2) = (_mm_unpacklo_ps(a.0, b.0), _mm_unpackhi_ps(a.0, b.0));
            let (cd, cd2) = (_mm_unpacklo_ps(c.0, d.0), _mm_unpackhi_ps(c.0, d.0));
            [
                Self(_mm_movelh_ps(ab, cd)),
                Self(_mm_movehl_ps(cd, ab)),
                Self(_mm_movelh_ps(ab2, cd2)),
                Self(_mm_movehl_ps(cd2, ab2)),
            ]
        }
    }

    #[inline(always)]
    fn bytes(_: Sse2, bytes: &[u8; LANES]) -> [Self; 4] {
        // SAFETY: the proof is of the feature that this needs; it reads the array.
        unsafe {
            let zero = _mm_setzero_si128();
            let bytes = _mm_loadu_si128(bytes.as_ptr().cast());
            let (low, high) = (_mm_unpacklo_epi8(bytes, zero), _mm_unpackhi_epi8(bytes, zero));
            [
                Self(_mm_cvtepi32_ps(_mm_unpacklo_epi16(low, zero))),
                Self(_mm_cvtepi32_ps(_mm_unpackhi_epi16(low, zero))),
                Self(_mm_cvtepi32_ps(_mm_unpacklo_epi16(high, zero))),
                Self(_mm_cvtepi32_ps(_mm_unpackhi_epi16(high, zero))),
            ]
        }
    }
}
