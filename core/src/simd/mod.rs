//! Vectors of the processor, and what is computed with them: luma, filter and transform of PDQ ([`lanes`]), distances of
//! plain hashes ([`hamming`]), and the reject kernels of sealed sets, described here: which of many entries might be within
//! the radius of a query?
//!
//! **The question.** The sum of an entry's and a query's syndrome is the odd power sums `S_1, S_3, …` of their
//! difference. It is within the radius `t` only if a linear feedback register no longer than `t` makes all
//! `n = t + 2` of them; of a million random entries about 15 are accepted so. These kernels answer exactly what
//! Massey's algorithm (`bch::shortest_register`) does, for hundreds of entries at once.
//!
//! **Half the work.** The register is the locator `σ(x)`. Split into even and odd coefficients,
//! `σ(x) = u(x²) + x·v(x²)`, and with `E = Σ S_(2i+1)·yⁱ` and `T = 1 + Σ S_i²·yⁱ`, the equation to solve is
//! `u·E ≡ v·T (mod yⁿ)`, half as long as Massey's: Euclid's algorithm on `T` and `E` solves it. Its division steps are
//! taken one symbol at a time, as Bernstein and Yang (2019) do:
//!
//! ```text
//! f, g, lead ← T, E, 0
//! n times:   c ← g₀ / f₀
//!            if lead ≥ 0 and g₀ ≠ 0:  (f, g, lead) ← (g, (g + c·f) / y, -lead - 1)
//!            else:                    (f, g, lead) ← (f, (g + c·f) / y,  lead + 1)
//! accepted where lead ≥ 2
//! ```
//!
//! That is the exact pass. **The regular case** is that no `g₀` at an even step is zero. Then every even step swaps and
//! every odd one does not, so that two of them are one step without cases,
//!
//! ```text
//! c₁ ← g₀ / f₀      h ← g₁ + c₁·f₁      c₂ ← h / g₀      (f, g) ← (g, (g + c₁·f + c₂·y·g) / y²)
//! ```
//!
//! and after `t` symbols the register is as long as the radius; if `g₀` is then not zero, it grows beyond. So the
//! regular pass runs these steps and rejects an entry if none of its `t/2 + 1` values of `g₀` is zero. The others, one in
//! 28 at `t = 16`, wait for the exact pass. An entry within the radius is always among them.
//!
//! `unsafe` is allowed in this folder only: for vectors of the processor, each behind a proof that it has them.
#![allow(unsafe_code)]

#[macro_use]
mod passes;
#[macro_use]
pub(crate) mod hamming;

#[cfg_attr(target_arch = "aarch64", path = "aarch64.rs")]
#[cfg_attr(target_arch = "x86_64", path = "x86_64/mod.rs")]
#[cfg_attr(all(target_arch = "wasm32", target_feature = "simd128"), path = "wasm32.rs")]
#[cfg_attr(
    not(any(
        target_arch = "aarch64",
        target_arch = "x86_64",
        all(target_arch = "wasm32", target_feature = "simd128")
    )),
    path = "none.rs"
)]
mod arch;
mod bitsliced;
pub(crate) mod lanes;
mod portable;
#[cfg(test)]
mod tests;
mod tower;

use self::hamming::{Near, Question};
use crate::bch::{Code, Syndrome};

/// One way to run what vectors speed up: hashing, matching, rejecting entries of sealed sets. All give the same.
///
/// `--cfg presend_backend="…"` with the [name](Backend::name) of one makes it the [best](Backend::best).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Backend {
    /// Words of 64 bits; on every processor.
    Portable,
    /// x86-64's vectors of 128 bits; on every such processor.
    Sse2,
    /// x86-64's vectors of 256 bits.
    Avx2,
    /// x86-64's vectors of 512 bits: AVX-512 F, BW, DQ and VL.
    Avx512,
    /// x86-64's vectors of 256 bits, and instructions for the field itself.
    Avx2Gfni,
    /// x86-64's vectors of 512 bits, and instructions for the field itself.
    Avx512Gfni,
    /// ARM's vectors of 128 bits; on every processor of 64 bits.
    Neon,
    /// WebAssembly's vectors of 128 bits; where the module was compiled for them.
    Simd128,
}

impl Backend {
    /// The one that runs everywhere.
    pub const PORTABLE: Self = Self::Portable;

    /// The fastest here; or the one that `presend_backend` names, and if that does not run here, the portable one.
    #[must_use]
    pub fn best() -> Self {
        let mut available = Self::available();
        match FORCED {
            None => available.next(),
            Some(name) => available.find(|backend| backend.name() == name),
        }
        .unwrap_or(Self::PORTABLE)
    }

    /// Those that run on this machine, the fastest first and the portable one last. What is detected is remembered.
    pub fn available() -> impl Iterator<Item = Self> {
        arch::available().chain([Self::Portable])
    }

    /// Its name, as `presend_backend` takes it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Portable => "portable",
            Self::Sse2 => "sse2",
            Self::Avx2 => "avx2",
            Self::Avx512 => "avx512",
            Self::Avx2Gfni => "avx2-gfni",
            Self::Avx512Gfni => "avx512-gfni",
            Self::Neon => "neon",
            Self::Simd128 => "simd128",
        }
    }
}

/// The backend that the build asks for.
const FORCED: Option<&str> = if cfg!(presend_backend = "portable") {
    Some("portable")
} else if cfg!(presend_backend = "sse2") {
    Some("sse2")
} else if cfg!(presend_backend = "avx2") {
    Some("avx2")
} else if cfg!(presend_backend = "avx512") {
    Some("avx512")
} else if cfg!(presend_backend = "avx2-gfni") {
    Some("avx2-gfni")
} else if cfg!(presend_backend = "avx512-gfni") {
    Some("avx512-gfni")
} else if cfg!(presend_backend = "neon") {
    Some("neon")
} else if cfg!(presend_backend = "simd128") {
    Some("simd128")
} else {
    None
};

/// Entries of a block, whose sums are stored together: plane `p` of a block is the stored sum `p` of all its entries, a
/// byte each, and the block is its planes one after another.
pub(crate) const LANES: usize = 64;

/// An entry that might be within the radius of a query.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Candidate {
    /// Counted from the first lane of the blocks.
    pub(crate) entry: u32,
    /// Counted from the first of the queries.
    pub(crate) query: u32,
}

/// Appends every pair of an entry and a query whose difference the shortest register explains with at most so many
/// errors as the radius, in an order that depends on the backend. What pads the last block is reported as well.
///
/// Every block is read once, for all queries. A backend that does not run on this machine is replaced by the portable one.
///
/// # Panics
/// If the bytes are not whole blocks, or more than 2^32 entries.
pub(crate) fn candidates(backend: Backend, code: &Code, blocks: &[u8], queries: &[Syndrome], out: &mut Vec<Candidate>) {
    assert!(blocks.len().is_multiple_of(LANES * code.planes()), "blocks are whole");
    assert!(u32::try_from(blocks.len() / code.planes()).is_ok(), "entries are numbered by 32 bits");
    if queries.is_empty() {
        return;
    }
    if !arch::scan(backend, code, blocks, queries, out) {
        let kernel = bitsliced::BitSliced::<u64>::new((), code, queries);
        passes::scan(kernel, code, blocks, queries, out);
    }
}

/// Hands every pair of a query and an entry whose prefixes are near to `each`; see [`hamming`].
///
/// Every block is read once, for all queries. A backend that does not run on this machine is replaced by the portable one.
///
/// # Panics
/// If the bytes are not whole blocks, a block does not have whole groups of planes, or a probe has others.
pub(crate) fn near(backend: Backend, question: &Question<'_>, each: &mut dyn FnMut(Near)) {
    if !arch::near(backend, question, each) {
        portable::near((), question, each);
    }
}
