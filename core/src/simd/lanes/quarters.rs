//! Sixteen lanes in four vectors of 128 bits.

use super::{LANES, Lanes};

/// A vector of four values.
pub(crate) trait Quarter: Copy {
    /// That the processor has the instructions.
    type Proof: Copy;

    fn splat(proof: Self::Proof, value: f32) -> Self;
    fn load(proof: Self::Proof, values: &[f32; 4]) -> Self;
    fn store(self, values: &mut [f32; 4]);
    fn add(self, other: Self) -> Self;
    fn sub(self, other: Self) -> Self;
    fn mul(self, other: Self) -> Self;
    fn div(self, other: Self) -> Self;
    fn whole(self) -> Self;
    fn reversed(self) -> Self;

    /// The columns of four by four.
    fn transpose(rows: [Self; 4]) -> [Self; 4];

    /// Bytes as values.
    fn bytes(proof: Self::Proof, bytes: &[u8; LANES]) -> [Self; 4];

    /// One of the three samples of each pixel.
    #[inline(always)]
    fn third(proof: Self::Proof, pixels: &[u8; 3 * LANES], sample: usize) -> [u8; LANES] {
        let _ = proof;
        every(pixels.as_chunks::<3>().0, sample)
    }

    /// One of the four samples of each pixel.
    #[inline(always)]
    fn fourth(proof: Self::Proof, pixels: &[u8; 4 * LANES], sample: usize) -> [u8; LANES] {
        let _ = proof;
        every(pixels.as_chunks::<4>().0, sample)
    }
}

#[inline(always)]
fn every<const N: usize>(pixels: &[[u8; N]], sample: usize) -> [u8; LANES] {
    let mut samples = [0; LANES];
    for (value, pixel) in samples.iter_mut().zip(pixels) {
        *value = pixel[sample];
    }
    samples
}

/// Four of them.
#[derive(Clone, Copy)]
pub(crate) struct Quarters<Q>([Q; 4]);

impl<Q: Quarter> Quarters<Q> {
    #[inline(always)]
    fn zip(self, other: Self, operation: impl Fn(Q, Q) -> Q) -> Self {
        let ([a, b, c, d], [e, f, g, h]) = (self.0, other.0);
        Self([operation(a, e), operation(b, f), operation(c, g), operation(d, h)])
    }
}

impl<Q: Quarter> Lanes for Quarters<Q> {
    type Proof = Q::Proof;
    type Divisor = Q;

    #[inline(always)]
    fn splat(proof: Q::Proof, value: f32) -> Self {
        Self([Q::splat(proof, value); 4])
    }

    #[inline(always)]
    fn load(proof: Q::Proof, values: &[f32; LANES]) -> Self {
        let (quarters, _) = values.as_chunks();
        Self([
            Q::load(proof, &quarters[0]),
            Q::load(proof, &quarters[1]),
            Q::load(proof, &quarters[2]),
            Q::load(proof, &quarters[3]),
        ])
    }

    #[inline(always)]
    fn store(self, values: &mut [f32; LANES]) {
        for (quarter, values) in self.0.into_iter().zip(values.as_chunks_mut().0) {
            quarter.store(values);
        }
    }

    #[inline(always)]
    fn add(self, other: Self) -> Self {
        self.zip(other, Q::add)
    }

    #[inline(always)]
    fn sub(self, other: Self) -> Self {
        self.zip(other, Q::sub)
    }

    #[inline(always)]
    fn mul(self, other: Self) -> Self {
        self.zip(other, Q::mul)
    }

    #[inline(always)]
    fn divisor(proof: Q::Proof, count: f32) -> Q {
        Q::splat(proof, count)
    }

    #[inline(always)]
    fn over(self, divisor: Q) -> Self {
        self.zip(Self([divisor; 4]), Q::div)
    }

    #[inline(always)]
    fn whole(self) -> Self {
        self.zip(self, |quarter, _| quarter.whole())
    }

    // As for luma: one in WebAssembly.
    #[cfg_attr(target_arch = "wasm32", inline(never))]
    #[cfg_attr(not(target_arch = "wasm32"), inline(always))]
    fn transpose(rows: [Self; LANES]) -> [Self; LANES] {
        let mut out = rows;
        for (i, rows) in rows.as_chunks::<4>().0.iter().enumerate() {
            let [a, b, c, d] = rows;
            for j in 0..4 {
                let columns = Q::transpose([a.0[j], b.0[j], c.0[j], d.0[j]]);
                for (out, column) in out[4 * j..].iter_mut().zip(columns) {
                    out.0[i] = column;
                }
            }
        }
        out
    }

    #[inline(always)]
    fn reversed(self) -> Self {
        let [a, b, c, d] = self.0;
        Self([d.reversed(), c.reversed(), b.reversed(), a.reversed()])
    }

    #[inline(always)]
    fn grey(proof: Q::Proof, pixels: &[u8; LANES]) -> Self {
        Self(Q::bytes(proof, pixels))
    }

    #[inline(always)]
    fn rgb(proof: Q::Proof, pixels: &[u8; 3 * LANES]) -> [Self; 3] {
        [
            Self::grey(proof, &Q::third(proof, pixels, 0)),
            Self::grey(proof, &Q::third(proof, pixels, 1)),
            Self::grey(proof, &Q::third(proof, pixels, 2)),
        ]
    }

    #[inline(always)]
    fn rgba(proof: Q::Proof, pixels: &[u8; 4 * LANES]) -> [Self; 3] {
        [
            Self::grey(proof, &Q::fourth(proof, pixels, 0)),
            Self::grey(proof, &Q::fourth(proof, pixels, 1)),
            Self::grey(proof, &Q::fourth(proof, pixels, 2)),
        ]
    }
}
