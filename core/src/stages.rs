//! The stages of a PDQ hash and of a sealed scan one by one, for benches and fuzzers: no part of the API.

use crate::bch::{Code, Syndrome, shortest_register};
use crate::hash::pdq;
use crate::luma;
use crate::pixels::PixelView;
use crate::simd::lanes::{self, Job, LANES, Lanes};
use crate::simd::{self, Backend};
use crate::{Quality, Radius, Scratch};

/// The mean luma of a picture: every pixel's, computed in blocks as the filter asks for them.
#[must_use]
pub fn mean_luma(pixels: PixelView<'_>, backend: Backend) -> f32 {
    struct Sum<'a>(PixelView<'a>);

    impl Job for Sum<'_> {
        type Output = f32;

        #[inline(always)]
        fn run<L: Lanes>(self, proof: L::Proof) -> f32 {
            let mut total = 0.0;
            for top in (0..self.0.height()).step_by(LANES) {
                let mut sums = L::splat(proof, 0.0);
                for left in (0..self.0.width()).step_by(LANES) {
                    for column in luma::block::<L>(proof, self.0, left, top) {
                        sums = sums.add(column);
                    }
                }
                total += sums.values().iter().sum::<f32>();
            }
            total
        }
    }

    lanes::run(backend, Sum(pixels)) / (pixels.width() * pixels.height()) as f32
}

/// The picture filtered and sampled.
#[must_use]
pub fn luma64(pixels: PixelView<'_>, scratch: &mut Scratch) -> [[f32; 64]; 64] {
    pdq::downsample(pixels, &mut scratch.pdq)
}

/// Quality and bits of what was sampled.
#[must_use]
pub fn bits(luma: &[[f32; 64]; 64], backend: Backend) -> (Quality, [u64; 4]) {
    (pdq::quality(luma, backend), pdq::bits(&pdq::coefficients(luma, backend)))
}

/// Bytes of a block of 64 sealed entries.
#[must_use]
pub fn block_length(radius: Radius) -> usize {
    Code::new(radius).planes() * simd::LANES
}

/// What is stored of a hash, a byte for each plane.
#[must_use]
pub fn sealed(radius: Radius, hash: &[u64; 4]) -> Vec<u8> {
    let syndrome = Syndrome::of(hash);
    Code::new(radius).stored.iter().map(|&place| syndrome.0[place]).collect()
}

/// Which entries of these blocks a backend's reject kernel lets through, and for which query; in ascending order.
#[must_use]
pub fn candidates(backend: Backend, radius: Radius, blocks: &[u8], queries: &[[u64; 4]]) -> Vec<(u32, u32)> {
    let syndromes: Vec<Syndrome> = queries.iter().map(Syndrome::of).collect();
    let mut found = Vec::new();
    simd::candidates(backend, &Code::new(radius), blocks, &syndromes, &mut found);
    let mut found: Vec<_> = found.iter().map(|candidate| (candidate.entry, candidate.query)).collect();
    found.sort_unstable();
    found
}

/// The same by Massey's algorithm, which defines it.
#[must_use]
pub fn candidates_by_registers(radius: Radius, blocks: &[u8], queries: &[[u64; 4]]) -> Vec<(u32, u32)> {
    let code = Code::new(radius);
    let syndromes: Vec<Syndrome> = queries.iter().map(Syndrome::of).collect();
    let block = code.planes() * simd::LANES;
    let entries = blocks.len() / block * simd::LANES;
    let within = |entry: usize, query: &Syndrome| {
        let stored = |plane| blocks[entry / simd::LANES * block + plane * simd::LANES + entry % simd::LANES];
        let difference = code.expand(stored).xor(query);
        shortest_register(&difference.0[..radius.sums()]).1 <= usize::from(radius.bits())
    };
    let pairs = (0..entries).flat_map(|entry| (0..queries.len()).map(move |query| (entry, query)));
    pairs.filter(|&(entry, query)| within(entry, &syndromes[query])).map(|(e, q)| (e as u32, q as u32)).collect()
}
