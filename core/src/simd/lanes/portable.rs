//! Arrays of sixteen: run everywhere, and define the answer. Compilers make vectors of them where there are any.

use super::{LANES, Lanes};

/// Sixteen values.
#[derive(Clone, Copy)]
pub(crate) struct Portable([f32; LANES]);

impl Portable {
    #[inline(always)]
    fn zip(self, other: Self, operation: impl Fn(f32, f32) -> f32) -> Self {
        let mut out = self.0;
        for (value, other) in out.iter_mut().zip(other.0) {
            *value = operation(*value, other);
        }
        Self(out)
    }

    /// One of the samples of each pixel.
    #[inline(always)]
    fn samples<const N: usize>(pixels: &[[u8; N]], sample: usize) -> Self {
        let mut out = [0.0; LANES];
        for (value, pixel) in out.iter_mut().zip(pixels) {
            *value = f32::from(pixel[sample]);
        }
        Self(out)
    }
}

impl Lanes for Portable {
    type Proof = ();
    type Divisor = f32;

    #[inline(always)]
    fn splat((): (), value: f32) -> Self {
        Self([value; LANES])
    }

    #[inline(always)]
    fn load((): (), values: &[f32; LANES]) -> Self {
        Self(*values)
    }

    #[inline(always)]
    fn store(self, values: &mut [f32; LANES]) {
        *values = self.0;
    }

    #[inline(always)]
    fn add(self, other: Self) -> Self {
        self.zip(other, |a, b| a + b)
    }

    #[inline(always)]
    fn sub(self, other: Self) -> Self {
        self.zip(other, |a, b| a - b)
    }

    #[inline(always)]
    fn mul(self, other: Self) -> Self {
        self.zip(other, |a, b| a * b)
    }

    #[inline(always)]
    fn divisor((): (), count: f32) -> f32 {
        count
    }

    #[inline(always)]
    fn over(self, divisor: f32) -> Self {
        Self(self.0.map(|value| value / divisor))
    }

    #[inline(always)]
    fn whole(self) -> Self {
        // Not `trunc`, which is a call where the processor has no instruction for it.
        Self(self.0.map(|value| (value as i32).unsigned_abs() as f32))
    }

    #[inline(always)]
    fn transpose(rows: [Self; LANES]) -> [Self; LANES] {
        let mut out = rows;
        for (i, column) in out.iter_mut().enumerate() {
            for (value, row) in column.0.iter_mut().zip(&rows) {
                *value = row.0[i];
            }
        }
        out
    }

    #[inline(always)]
    fn reversed(self) -> Self {
        let mut out = self.0;
        out.reverse();
        Self(out)
    }

    #[inline(always)]
    fn grey((): (), pixels: &[u8; LANES]) -> Self {
        Self::samples::<1>(pixels.as_chunks().0, 0)
    }

    #[inline(always)]
    fn rgb((): (), pixels: &[u8; 3 * LANES]) -> [Self; 3] {
        let pixels = pixels.as_chunks::<3>().0;
        [Self::samples(pixels, 0), Self::samples(pixels, 1), Self::samples(pixels, 2)]
    }

    #[inline(always)]
    fn rgba((): (), pixels: &[u8; 4 * LANES]) -> [Self; 3] {
        let pixels = pixels.as_chunks::<4>().0;
        [Self::samples(pixels, 0), Self::samples(pixels, 1), Self::samples(pixels, 2)]
    }
}
