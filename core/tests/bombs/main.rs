//! Files that ask for far more than they are: each is refused for what it asks for, or gives a picture, and takes no more
//! memory than the limits allow.
//!
//! All are made here, byte by byte. What each claims is what its name says; `docs/limits.md` lists them.

#[path = "../common/counting.rs"]
mod counting;
mod deflate;
mod gif;
mod jpeg;
mod png;
mod raster;
mod webp;

use counting::peak_of;
use presend_core::{Limits, LinearIndex, Pdq, Policy, Quality, Scanner, Scratch, Verdict};

/// What a scan may take beside [`Limits::memory`]: the windows of the hash (10 bytes for each pixel of width, of which there
/// are up to 2^20), tables, and what decoders take without asking, of which a lossy WebP's partitions are the most.
const BESIDE: usize = 24 << 20;

/// What a scan makes of a file: the code of the error or of the doubt, or `picture`; checked for what it takes.
#[track_caller]
fn outcome(bytes: &[u8], limits: Limits) -> &'static str {
    let mut policy = Policy::of::<Pdq>();
    policy.limits = limits;
    // Whatever it shows is judged: nearly all are black.
    policy.min_quality = Quality::new(0).expect("the least");
    let scanner = Scanner::new(Pdq, LinearIndex::new(Vec::new()), policy);
    let (scanned, peak) = peak_of(|| scanner.scan(bytes, &mut Scratch::default()));
    let code = match scanned {
        Err(error) => error.code(),
        Ok(scanned) => match scanned.verdict {
            Verdict::Inconclusive(why) => why.code(),
            _ => "picture",
        },
    };
    let bound = limits.memory as usize + BESIDE;
    assert!(peak <= bound, "{code} after {peak} bytes, of {bound}");
    code
}

/// Asserts the same outcome within every named set of limits.
#[track_caller]
fn everywhere(bytes: &[u8], expected: &str) {
    for limits in [Limits::PHONE, Limits::BROWSER, Limits::SERVER] {
        assert_eq!(outcome(bytes, limits), expected, "{limits:?}");
    }
}

/// Little memory, so that a bomb need not be large to be more.
fn small() -> Limits {
    let mut limits = Limits::PHONE;
    limits.metadata = 1 << 20;
    limits.memory = 32 << 20;
    limits
}
