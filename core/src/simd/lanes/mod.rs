//! Sixteen values at once, and jobs written for them.
//!
//! What computes with luma is written once, over [`Lanes`], and works on sixteen lines of a picture side by side: never
//! inside one sum. So every lane does the operations of the reference in its order, each rounded once, and every backend
//! gives the same bits. On a processor with narrower vectors, sixteen lanes are two or four of them, whose latencies hide
//! behind one another.

mod portable;
#[cfg_attr(not(any(target_arch = "aarch64", target_arch = "x86_64", target_feature = "simd128")), allow(dead_code))]
pub(super) mod quarters;

use super::{Backend, arch};

/// Lanes of a vector.
pub(crate) const LANES: usize = 16;

/// Whether code should be compiled once rather than for each case: browsers download it.
pub(crate) const COMPACT: bool = cfg!(target_arch = "wasm32");

/// Sixteen values in memory, in a cache line of their own.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
#[repr(C, align(64))]
pub(crate) struct Line(pub(crate) [f32; LANES]);

/// Sixteen single-precision values, each operation on them rounded as IEEE 754 says.
pub(crate) trait Lanes: Copy {
    /// That the processor has the instructions. Values are made with it only, so whoever has one may use them.
    type Proof: Copy;

    /// What values are divided by: a whole number from 1 to 2^20.
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

    /// The quotients, each rounded once; of values that are 0 or at least 2^-64 in magnitude.
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::reference::Random;

    /// Quotients, by a count.
    struct Quotients([f32; LANES], f32);

    impl Job for Quotients {
        type Output = [f32; LANES];

        #[inline(always)]
        fn run<L: Lanes>(self, proof: L::Proof) -> Self::Output {
            L::load(proof, &self.0).over(L::divisor(proof, self.1)).values()
        }
    }

    #[test]
    fn quotients_are_rounded_as_divisions_are() {
        let mut random = Random::new(1);
        // Sums near a whole multiple of the count, and any.
        let mut sum = |count: f32| {
            let bits = random.next();
            let near = count * (bits as u32 >> 8) as f32 * f32::powi(2.0, (bits >> 32) as i32 % 24 - 12);
            let near = f32::from_bits(near.to_bits().wrapping_add((bits >> 56) as u32 % 5).wrapping_sub(2));
            if bits >> 63 == 1 { near } else { -near }
        };
        for count in (1..=2_100).chain((12..=20).flat_map(|power| [(1 << power) - 1, 1 << power])) {
            let count = count as f32;
            for _ in 0..4 {
                let sums = std::array::from_fn(|_| sum(count));
                let expected = sums.map(|sum| (sum / count).to_bits());
                for backend in Backend::available() {
                    let found = run(backend, Quotients(sums, count)).map(f32::to_bits);
                    assert_eq!(found, expected, "{sums:?} by {count} on {}", backend.name());
                }
            }
        }
    }

    /// What a block and its samples become.
    struct Moved<'a>([[f32; LANES]; LANES], &'a [u8; 4 * LANES]);

    impl Job for Moved<'_> {
        type Output = Vec<[f32; LANES]>;

        #[inline(always)]
        fn run<L: Lanes>(self, proof: L::Proof) -> Self::Output {
            let mut rows = [L::splat(proof, 0.0); LANES];
            for (row, values) in rows.iter_mut().zip(&self.0) {
                *row = L::load(proof, values);
            }
            let mut out: Vec<L> = L::transpose(rows).into();
            out.extend([rows[0].reversed(), rows[1].whole()]);
            out.push(L::grey(proof, self.1.first_chunk().expect("enough bytes")));
            out.extend(L::rgb(proof, self.1.first_chunk().expect("enough bytes")));
            out.extend(L::rgba(proof, self.1));
            out.into_iter().map(L::values).collect()
        }
    }

    #[test]
    fn every_backend_moves_lanes_as_the_portable_one_does() {
        let rows = std::array::from_fn(|y| std::array::from_fn(|x| (y * LANES + x) as f32 / 3.0 - 9.5));
        let bytes = std::array::from_fn(|i| (i * 37 % 256) as u8);
        let expected = run(Backend::PORTABLE, Moved(rows, &bytes));
        assert_eq!(expected[3][5], rows[5][3]);
        assert_eq!(expected[LANES][0], rows[0][LANES - 1]);
        assert_eq!(expected[LANES + 1][2], rows[1][2].abs().trunc());
        for backend in Backend::available() {
            assert_eq!(run(backend, Moved(rows, &bytes)), expected, "{}", backend.name());
        }
    }
}
