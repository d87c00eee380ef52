//! x86-64: what a processor has is detected when the program runs.

mod bytes;
mod gfni;
mod lanes;
mod quarters;
mod words;

use self::bytes::{Bytes256, Bytes512};
use self::gfni::Gfni;
use self::lanes::{Lanes256, Lanes512};
use self::quarters::Quarter128;
use self::words::{Word128, Word256, Word512};
use super::bitsliced::BitSliced;
use super::hamming::{Near, Question};
use super::lanes::Job;
use super::lanes::quarters::Quarters;
use super::passes::{Kernel, TILE, Tile, Waiting, scan as pass};
use super::{Backend, Candidate};
use crate::bch::{Code, Syndrome};

/// A proof that the processor has some features: there is none otherwise.
macro_rules! proof {
    ($name:ident: $($feature:tt),+) => {
        #[derive(Debug, Clone, Copy)]
        struct $name(());

        impl $name {
            fn detect() -> Option<Self> {
                ($(is_x86_feature_detected!($feature))&&+).then_some(Self(()))
            }
        }
    };
}

proof!(Sse2: "sse2");
proof!(Avx2: "avx2");
proof!(Avx2Fma: "avx2", "fma");
proof!(Avx512: "avx512f", "avx512bw", "avx512dq", "avx512vl");
proof!(Avx2Gfni: "avx2", "gfni");
proof!(Avx512Gfni: "avx512f", "avx512bw", "avx512dq", "avx512vl", "avx512vbmi2", "gfni");

kernel!(BitSliced<Word128>, "sse2");
kernel!(BitSliced<Word256>, "avx2");
kernel!(BitSliced<Word512>, "avx512f,avx512bw,avx512dq,avx512vl");
kernel!(Gfni<Bytes256>, "avx2,gfni");
kernel!(Gfni<Bytes512>, "avx512f,avx512bw,avx512dq,avx512vl,avx512vbmi2,gfni");

near!(near128: Word128, Sse2, "sse2");
near!(near256: Word256, Avx2, "avx2");
near!(near512: Word512, Avx512, "avx512f,avx512bw,avx512dq,avx512vl");

/// The backends that run here, fastest first.
pub(super) fn available() -> impl Iterator<Item = Backend> {
    [
        Avx512Gfni::detect().map(|_| Backend::Avx512Gfni),
        Avx2Gfni::detect().map(|_| Backend::Avx2Gfni),
        Avx512::detect().map(|_| Backend::Avx512),
        Avx2::detect().map(|_| Backend::Avx2),
        Sse2::detect().map(|_| Backend::Sse2),
    ]
    .into_iter()
    .flatten()
}

/// Runs a backend, or returns false where it does not run.
pub(super) fn scan(
    backend: Backend,
    code: &Code,
    blocks: &[u8],
    queries: &[Syndrome],
    out: &mut Vec<Candidate>,
) -> bool {
    let done = match backend {
        Backend::Sse2 => Sse2::detect()
            .map(|proof| pass(BitSliced::<Word128>::new(proof, code, queries), code, blocks, queries, out)),
        Backend::Avx2 => Avx2::detect()
            .map(|proof| pass(BitSliced::<Word256>::new(proof, code, queries), code, blocks, queries, out)),
        Backend::Avx512 => Avx512::detect()
            .map(|proof| pass(BitSliced::<Word512>::new(proof, code, queries), code, blocks, queries, out)),
        Backend::Avx2Gfni => Avx2Gfni::detect()
            .map(|proof| pass(Gfni::<Bytes256>::new(proof, code, queries), code, blocks, queries, out)),
        Backend::Avx512Gfni => Avx512Gfni::detect()
            .map(|proof| pass(Gfni::<Bytes512>::new(proof, code, queries), code, blocks, queries, out)),
        _ => None,
    };
    done.is_some()
}

/// Runs a backend, or returns false where it does not run. Those with instructions for the field have no use for them here.
pub(super) fn near(backend: Backend, question: &Question<'_>, each: &mut dyn FnMut(Near)) -> bool {
    let done = match backend {
        Backend::Sse2 => Sse2::detect().map(|proof| near128(proof, question, each)),
        Backend::Avx2 | Backend::Avx2Gfni => Avx2::detect().map(|proof| near256(proof, question, each)),
        Backend::Avx512 | Backend::Avx512Gfni => Avx512::detect().map(|proof| near512(proof, question, each)),
        _ => None,
    };
    done.is_some()
}

/// Does a job with lanes, or returns it where the backend does not run or has no lanes of its own.
pub(super) fn run<J: Job>(backend: Backend, job: J) -> Result<J::Output, J> {
    #[target_feature(enable = "avx512f,avx512bw,avx512dq,avx512vl")]
    fn run_512<J: Job>(proof: Avx512, job: J) -> J::Output {
        job.run::<Lanes512>(proof)
    }

    #[target_feature(enable = "avx2,fma")]
    fn run_256<J: Job>(proof: Avx2Fma, job: J) -> J::Output {
        job.run::<Lanes256>(proof)
    }

    #[target_feature(enable = "sse2")]
    fn run_128<J: Job>(proof: Sse2, job: J) -> J::Output {
        job.run::<Quarters<Quarter128>>(proof)
    }

    match backend {
        Backend::Avx512 | Backend::Avx512Gfni => match Avx512::detect() {
            // SAFETY: the proof is of the features that the function is compiled for.
            Some(proof) => Ok(unsafe { run_512(proof, job) }),
            None => Err(job),
        },
        Backend::Avx2 | Backend::Avx2Gfni => match Avx2Fma::detect() {
            // SAFETY: the proof is of the features that the function is compiled for.
            Some(proof) => Ok(unsafe { run_256(proof, job) }),
            None => Err(job),
        },
        Backend::Sse2 => match Sse2::detect() {
            // SAFETY: the proof is of the feature that the function is compiled for.
            Some(proof) => Ok(unsafe { run_128(proof, job) }),
            None => Err(job),
        },
        _ => Err(job),
    }
}
