//! Sixteen lanes in one vector of 512 bits, or in two of 256.
//!
//! **Division.** A count `c` divides many sums, and a vector division is slow. With `h` the reciprocal of `c` rounded to
//! `f32` and `l` the rest rounded likewise, `h + l` is `1/c` to within `2⁻⁴⁷/c`, so that `x·h + (x·l)`, the sum of a
//! fused multiply-add before its one rounding, is `x/c` to within `2⁻⁴⁶·x/c`. The quotient of a 24-bit number and a whole
//! number `c ≤ 2²⁰` is never half-way between two neighbours: half-way is an odd multiple of half a unit, of 25 bits, whose
//! product with `c` has more bits than any `x`. And since `x` and that product are whole multiples of half a unit, the
//! quotient is never nearer to half-way than `1/2c` of a unit, which is at least `2⁻²⁵/c`, so `2⁻⁴⁵`, of `x/c`. So the
//! rounding of the sum is the rounding of `x/c`, to the last bit (Brisebarre, Muller, Raina 2004 give the method for any
//! divisor). This holds where nothing underflows: the sums of the first two passes are 0 or at least `2⁻⁶⁴`, as luma is a
//! multiple of `2⁻²⁷` and each division adds no more than 37 places. It is the one use of a fused multiply-add: a way to
//! divide, which changes no result.

use std::arch::x86_64::*;

use super::super::lanes::{LANES, Lanes};
use super::{Avx2Fma, Avx512};

/// The reciprocal of a count, and what its rounding left.
#[inline(always)]
fn reciprocal(count: f32) -> (f32, f32) {
    let exact = 1.0 / f64::from(count);
    let high = exact as f32;
    (high, (exact - f64::from(high)) as f32)
}

/// In one vector.
#[derive(Clone, Copy)]
pub(super) struct Lanes512(__m512);

impl Lanes512 {
    /// One sample of sixteen pixels of so many bytes, which lie four to a quarter of the vector.
    #[inline(always)]
    fn sample(bytes: __m512i, pixel: i8, sample: i8) -> Self {
        let mask = spread(pixel, sample);
        // SAFETY: only `rgb` and `rgba` call this, which have a proof; it reads the array.
        Self(unsafe {
            let mask = _mm512_broadcast_i32x4(_mm_loadu_si128(mask.as_ptr().cast()));
            _mm512_cvtepi32_ps(_mm512_shuffle_epi8(bytes, mask))
        })
    }
}

/// Takes one sample of each of four pixels to a word of 32 bits, as `pshufb` wants it.
#[inline(always)]
const fn spread(pixel: i8, sample: i8) -> [i8; 16] {
    let mut mask = [-1; 16];
    let mut word = 0;
    while word < 4 {
        mask[4 * word] = pixel * word as i8 + sample;
        word += 1;
    }
    mask
}

impl Lanes for Lanes512 {
    type Proof = Avx512;
    type Divisor = (Self, Self);

    #[inline(always)]
    fn splat(_: Avx512, value: f32) -> Self {
        // SAFETY: the proof is of the feature that this needs.
        Self(unsafe { _mm512_set1_ps(value) })
    }

    #[inline(always)]
    fn load(_: Avx512, values: &[f32; LANES]) -> Self {
        // SAFETY: the proof is of the feature that this needs; it reads the array, at any alignment.
        Self(unsafe { _mm512_loadu_ps(values.as_ptr()) })
    }

    #[inline(always)]
    fn store(self, values: &mut [f32; LANES]) {
        // SAFETY: a value is made with a proof only; this writes the array, at any alignment.
        unsafe { _mm512_storeu_ps(values.as_mut_ptr(), self.0) }
    }

    #[inline(always)]
    fn add(self, other: Self) -> Self {
        // SAFETY: a value is made with a proof only.
        Self(unsafe { _mm512_add_ps(self.0, other.0) })
    }

    #[inline(always)]
    fn sub(self, other: Self) -> Self {
        // SAFETY: a value is made with a proof only.
        Self(unsafe { _mm512_sub_ps(self.0, other.0) })
    }

    #[inline(always)]
    fn mul(self, other: Self) -> Self {
        // SAFETY: a value is made with a proof only.
        Self(unsafe { _mm512_mul_ps(self.0, other.0) })
    }

    #[inline(always)]
    fn divisor(proof: Avx512, count: f32) -> (Self, Self) {
        let (high, low) = reciprocal(count);
        (Self::splat(proof, high), Self::splat(proof, low))
    }

    #[inline(always)]
    fn over(self, (high, low): (Self, Self)) -> Self {
        // SAFETY: a value is made with a proof only.
        Self(unsafe { _mm512_fmadd_ps(self.0, high.0, _mm512_mul_ps(self.0, low.0)) })
    }

    #[inline(always)]
    fn whole(self) -> Self {
        // SAFETY: a value is made with a proof only.
        Self(unsafe { _mm512_abs_ps(_mm512_roundscale_ps::<{ _MM_FROUND_TO_ZERO | _MM_FROUND_NO_EXC }>(self.0)) })
    }

    #[inline(always)]
    fn transpose(rows: [Self; LANES]) -> [Self; LANES] {
        let mut pairs = rows;
        let mut fours = rows;
        let mut out = rows;
        // SAFETY: values are made with a proof only.
        unsafe {
            for i in (0..LANES).step_by(2) {
                pairs[i].0 = _mm512_unpacklo_ps(rows[i].0, rows[i + 1].0);
                pairs[i + 1].0 = _mm512_unpackhi_ps(rows[i].0, rows[i + 1].0);
            }
            for i in (0..LANES).step_by(4) {
                let pairs = |k: usize| _mm512_castps_pd(pairs[i + k].0);
                fours[i].0 = _mm512_castpd_ps(_mm512_unpacklo_pd(pairs(0), pairs(2)));
                fours[i + 1].0 = _mm512_castpd_ps(_mm512_unpackhi_pd(pairs(0), pairs(2)));
                fours[i + 2].0 = _mm512_castpd_ps(_mm512_unpacklo_pd(pairs(1), pairs(3)));
                fours[i + 3].0 = _mm512_castpd_ps(_mm512_unpackhi_pd(pairs(1), pairs(3)));
            }
            for i in 0..4 {
                let [a, b, c, d] = [fours[i].0, fours[4 + i].0, fours[8 + i].0, fours[12 + i].0];
                let (even, odd) = (_mm512_shuffle_f32x4::<0x88>(a, b), _mm512_shuffle_f32x4::<0xdd>(a, b));
                let (even2, odd2) = (_mm512_shuffle_f32x4::<0x88>(c, d), _mm512_shuffle_f32x4::<0xdd>(c, d));
                out[i].0 = _mm512_shuffle_f32x4::<0x88>(even, even2);
                out[4 + i].0 = _mm512_shuffle_f32x4::<0x88>(odd, odd2);
                out[8 + i].0 = _mm512_shuffle_f32x4::<0xdd>(even, even2);
                out[12 + i].0 = _mm512_shuffle_f32x4::<0xdd>(odd, odd2);
            }
        }
        out
    }

    #[inline(always)]
    fn reversed(self) -> Self {
        // SAFETY: a value is made with a proof only.
        Self(unsafe {
            let order = _mm512_setr_epi32(15, 14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0);
            _mm512_permutexvar_ps(order, self.0)
        })
    }

    #[inline(always)]
    fn prefetch(_: Avx512, byte: &u8) {
        // SAFETY: x86-64 has the instruction, and the address is a byte's.
        unsafe { _mm_prefetch::<_MM_HINT_T0>(std::ptr::from_ref(byte).cast()) }
    }

    #[inline(always)]
    fn grey(_: Avx512, pixels: &[u8; LANES]) -> Self {
        // SAFETY: the proof is of the feature that this needs; it reads the array.
        Self(unsafe { _mm512_cvtepi32_ps(_mm512_cvtepu8_epi32(_mm_loadu_si128(pixels.as_ptr().cast()))) })
    }

    #[inline(always)]
    fn rgb(_: Avx512, pixels: &[u8; 3 * LANES]) -> [Self; 3] {
        // SAFETY: the proof is of the features that this needs; it reads the 48 bytes of the array.
        let quarters = unsafe {
            let bytes = _mm512_maskz_loadu_epi8((1 << (3 * LANES)) - 1, pixels.as_ptr().cast());
            // Four pixels, twelve bytes, to each quarter.
            let words = _mm512_setr_epi32(0, 1, 2, 2, 3, 4, 5, 5, 6, 7, 8, 8, 9, 10, 11, 11);
            _mm512_permutexvar_epi32(words, bytes)
        };
        [Self::sample(quarters, 3, 0), Self::sample(quarters, 3, 1), Self::sample(quarters, 3, 2)]
    }

    #[inline(always)]
    fn rgba(_: Avx512, pixels: &[u8; 4 * LANES]) -> [Self; 3] {
        // SAFETY: the proof is of the feature that this needs; it reads the array.
        let bytes = unsafe { _mm512_loadu_si512(pixels.as_ptr().cast()) };
        [Self::sample(bytes, 4, 0), Self::sample(bytes, 4, 1), Self::sample(bytes, 4, 2)]
    }
}

/// In two vectors.
#[derive(Clone, Copy)]
pub(super) struct Lanes256([__m256; 2]);

impl Lanes256 {
    #[inline(always)]
    fn zip(self, other: Self, operation: impl Fn(__m256, __m256) -> __m256) -> Self {
        Self([operation(self.0[0], other.0[0]), operation(self.0[1], other.0[1])])
    }

    /// One sample of sixteen pixels of so many bytes, which lie four to each half of two vectors, in the second half of
    /// the second one so many bytes later.
    #[inline(always)]
    fn sample(bytes: [__m256i; 2], pixel: i8, sample: i8, late: i8) -> Self {
        let (mask, last) = (spread(pixel, sample), spread(pixel, sample + late));
        // SAFETY: only `rgb` and `rgba` call this, which have a proof; it reads the arrays.
        Self(unsafe {
            let mask = _mm_loadu_si128(mask.as_ptr().cast());
            let last = _mm_loadu_si128(last.as_ptr().cast());
            [
                _mm256_cvtepi32_ps(_mm256_shuffle_epi8(bytes[0], _mm256_set_m128i(mask, mask))),
                _mm256_cvtepi32_ps(_mm256_shuffle_epi8(bytes[1], _mm256_set_m128i(last, mask))),
            ]
        })
    }
}

/// Eight rows of eight.
///
/// # Safety
/// The processor has AVX.
#[inline(always)]
unsafe fn transpose_8(rows: [__m256; 8]) -> [__m256; 8] {
    let (mut pairs, mut fours, mut out) = (rows, rows, rows);
    // SAFETY: the caller vouches for the feature.
    unsafe {
        for i in (0..8).step_by(2) {
            pairs[i] = _mm256_unpacklo_ps(rows[i], rows[i + 1]);
            pairs[i + 1] = _mm256_unpackhi_ps(rows[i], rows[i + 1]);
        }
        for i in [0, 4] {
            let pairs = |k: usize| _mm256_castps_pd(pairs[i + k]);
            fours[i] = _mm256_castpd_ps(_mm256_unpacklo_pd(pairs(0), pairs(2)));
            fours[i + 1] = _mm256_castpd_ps(_mm256_unpackhi_pd(pairs(0), pairs(2)));
            fours[i + 2] = _mm256_castpd_ps(_mm256_unpacklo_pd(pairs(1), pairs(3)));
            fours[i + 3] = _mm256_castpd_ps(_mm256_unpackhi_pd(pairs(1), pairs(3)));
        }
        for i in 0..4 {
            out[i] = _mm256_permute2f128_ps::<0x20>(fours[i], fours[4 + i]);
            out[4 + i] = _mm256_permute2f128_ps::<0x31>(fours[i], fours[4 + i]);
        }
    }
    out
}

impl Lanes for Lanes256 {
    type Proof = Avx2Fma;
    type Divisor = (Self, Self);

    #[inline(always)]
    fn splat(_: Avx2Fma, value: f32) -> Self {
        // SAFETY: the proof is of the feature that this needs.
        Self([unsafe { _mm256_set1_ps(value) }; 2])
    }

    #[inline(always)]
    fn load(_: Avx2Fma, values: &[f32; LANES]) -> Self {
        // SAFETY: the proof is of the feature that this needs; it reads the array, at any alignment.
        Self(unsafe { [_mm256_loadu_ps(values.as_ptr()), _mm256_loadu_ps(values[8..].as_ptr())] })
    }

    #[inline(always)]
    fn store(self, values: &mut [f32; LANES]) {
        // SAFETY: a value is made with a proof only; this writes the array, at any alignment.
        unsafe {
            _mm256_storeu_ps(values.as_mut_ptr(), self.0[0]);
            _mm256_storeu_ps(values[8..].as_mut_ptr(), self.0[1]);
        }
    }

    #[inline(always)]
    fn add(self, other: Self) -> Self {
        // SAFETY: a value is made with a proof only.
        self.zip(other, |a, b| unsafe { _mm256_add_ps(a, b) })
    }

    #[inline(always)]
    fn sub(self, other: Self) -> Self {
        // SAFETY: a value is made with a proof only.
        self.zip(other, |a, b| unsafe { _mm256_sub_ps(a, b) })
    }

    #[inline(always)]
    fn mul(self, other: Self) -> Self {
        // SAFETY: a value is made with a proof only.
        self.zip(other, |a, b| unsafe { _mm256_mul_ps(a, b) })
    }

    #[inline(always)]
    fn divisor(proof: Avx2Fma, count: f32) -> (Self, Self) {
        let (high, low) = reciprocal(count);
        (Self::splat(proof, high), Self::splat(proof, low))
    }

    #[inline(always)]
    fn over(self, (high, low): (Self, Self)) -> Self {
        let rest = self.mul(low);
        // SAFETY: a value is made with a proof only.
        let quotient = |half: usize| unsafe { _mm256_fmadd_ps(self.0[half], high.0[half], rest.0[half]) };
        Self([quotient(0), quotient(1)])
    }

    #[inline(always)]
    fn whole(self) -> Self {
        // SAFETY: a value is made with a proof only.
        let whole = |half| unsafe {
            let cut = _mm256_round_ps::<{ _MM_FROUND_TO_ZERO | _MM_FROUND_NO_EXC }>(half);
            _mm256_andnot_ps(_mm256_set1_ps(-0.0), cut)
        };
        Self([whole(self.0[0]), whole(self.0[1])])
    }

    #[inline(always)]
    fn transpose(rows: [Self; LANES]) -> [Self; LANES] {
        let mut out = rows;
        for (across, down) in [(0, 0), (0, 1), (1, 0), (1, 1)] {
            let mut block = [rows[0].0[0]; 8];
            for (k, row) in block.iter_mut().enumerate() {
                *row = rows[8 * down + k].0[across];
            }
            // SAFETY: values are made with a proof only.
            let block = unsafe { transpose_8(block) };
            for (k, column) in block.into_iter().enumerate() {
                out[8 * across + k].0[down] = column;
            }
        }
        out
    }

    #[inline(always)]
    fn reversed(self) -> Self {
        // SAFETY: a value is made with a proof only.
        let reversed = |half| unsafe { _mm256_permutevar8x32_ps(half, _mm256_setr_epi32(7, 6, 5, 4, 3, 2, 1, 0)) };
        Self([reversed(self.0[1]), reversed(self.0[0])])
    }

    #[inline(always)]
    fn prefetch(_: Avx2Fma, byte: &u8) {
        // SAFETY: x86-64 has the instruction, and the address is a byte's.
        unsafe { _mm_prefetch::<_MM_HINT_T0>(std::ptr::from_ref(byte).cast()) }
    }

    #[inline(always)]
    fn grey(_: Avx2Fma, pixels: &[u8; LANES]) -> Self {
        // SAFETY: the proof is of the feature that this needs; it reads eight bytes of the array each time.
        let values = |at: usize| unsafe {
            _mm256_cvtepi32_ps(_mm256_cvtepu8_epi32(_mm_loadl_epi64(pixels[at..at + 8].as_ptr().cast())))
        };
        Self([values(0), values(8)])
    }

    #[inline(always)]
    fn rgb(_: Avx2Fma, pixels: &[u8; 3 * LANES]) -> [Self; 3] {
        // SAFETY: the proof is of the feature that this needs; it reads sixteen bytes of the array each time.
        let bytes = |at: usize| unsafe { _mm_loadu_si128(pixels[at..at + 16].as_ptr().cast()) };
        // Four pixels are twelve bytes; the last four are read with the four bytes before them.
        // SAFETY: the proof is of the feature that this needs.
        let halves = unsafe { [_mm256_set_m128i(bytes(12), bytes(0)), _mm256_set_m128i(bytes(32), bytes(24))] };
        [Self::sample(halves, 3, 0, 4), Self::sample(halves, 3, 1, 4), Self::sample(halves, 3, 2, 4)]
    }

    #[inline(always)]
    fn rgba(_: Avx2Fma, pixels: &[u8; 4 * LANES]) -> [Self; 3] {
        // SAFETY: the proof is of the feature that this needs; it reads 32 bytes of the array each time.
        let bytes = |at: usize| unsafe { _mm256_loadu_si256(pixels[at..at + 32].as_ptr().cast()) };
        let halves = [bytes(0), bytes(32)];
        [Self::sample(halves, 4, 0, 0), Self::sample(halves, 4, 1, 0), Self::sample(halves, 4, 2, 0)]
    }
}
