//! Sixteen values at once, and jobs written for them.
//!
//! What computes with luma is written once, over [`Lanes`], and works on sixteen lines of a picture side by side: never
//! inside one sum. So every lane does the operations of the reference in its order, each rounded once, and every backend
//! gives the same bits. On a processor with narrower vectors, sixteen lanes are two or four of them, whose latencies hide
//! behind one another.

mod portable;

use super::{Backend, arch};

/// Lanes of a vector.
pub(crate) const LANES: usize = 16;

/// Sixteen values in memory, in a cache line of their own.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
#[repr(C, align(64))]
pub(crate) struct Line(pub(crate) [f32; LANES]);

/// Sixteen single-precision values, each operation on them rounded as IEEE 754 says.
pub(crate) trait Lanes: Copy {
    /// That the processor has the instructions. Values are made with it only, so whoever has one may use them.
    type Proof: Copy;

    /// What values are divided by: a whole number from 1 to 2^13.
    type Divisor: Copy;

    fn splat(proof: Self::Proof, value: f32) -> Self;
    fn load(proof: Self::Proof, values: &[f32; LANES]) -> Self;
    fn store(self, values: &mut [f32; LANES]);

    #[inline(always)]
    fn values(self) -> [f32; LANES] {
        let mut values = [0.0; LANES];
        self.store(&mut values);
        values
    }

    fn add(self, other: Self) -> Self;
    fn sub(self, other: Self) -> Self;
    fn mul(self, other: Self) -> Self;

    fn divisor(proof: Self::Proof, count: f32) -> Self::Divisor;

    /// The quotients, each rounded once.
    fn over(self, divisor: Self::Divisor) -> Self;

    /// The magnitudes, cut to whole numbers; of magnitudes below 2^23.
    fn whole(self) -> Self;

    /// Lane `i` of value `j` becomes lane `j` of value `i`.
    fn transpose(rows: [Self; LANES]) -> [Self; LANES];

    /// The last lane first.
    fn reversed(self) -> Self;

    /// Has memory brought into the cache, where the processor can be told to. It is a hint.
    #[inline(always)]
    fn prefetch(proof: Self::Proof, byte: &u8) {
        let _ = (proof, byte);
    }

    /// Bytes as values.
    fn grey(proof: Self::Proof, pixels: &[u8; LANES]) -> Self;

    /// The red, green and blue of packed pixels.
    fn rgb(proof: Self::Proof, pixels: &[u8; 3 * LANES]) -> [Self; 3];

    /// The red, green and blue of packed pixels with alpha.
    fn rgba(proof: Self::Proof, pixels: &[u8; 4 * LANES]) -> [Self; 3];
}

/// What is computed with lanes.
///
/// Everything that `run` calls must be inlined into it: it is compiled once for each backend.
pub(crate) trait Job {
    type Output;

    fn run<L: Lanes>(self, proof: L::Proof) -> Self::Output;
}

/// Does a job. A backend that does not run on this machine is replaced by the portable one.
pub(crate) fn run<J: Job>(backend: Backend, job: J) -> J::Output {
    match arch::run(backend, job) {
        Ok(output) => output,
        Err(job) => job.run::<portable::Portable>(()),
    }
}
