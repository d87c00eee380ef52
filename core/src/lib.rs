//! Presend's engine: decodes a picture, hashes it perceptually, and matches the hash against a set of known ones,
//! on the device and offline.
//!
//! Image bytes and a set of hashes go in, a [`Verdict`] comes out. Everything between is a pure function: no files, no
//! network, no clock, no global state, no threads of its own.
//!
//! ```
//! use presend_core::{LinearIndex, Pdq, PixelFormat, PixelView, Policy, Scanner, Scratch, Verdict};
//!
//! // Any picture will do; here a pattern of 64 by 48 grey pixels.
//! let grey: Vec<u8> = (0..64 * 48_u32).map(|i| (i * i / 7 % 251) as u8).collect();
//! let picture = PixelView::new(&grey, 64, 48, PixelFormat::Grey8)?;
//!
//! // A list that knows this picture.
//! let known = presend_core::Algorithm::hash(&Pdq, picture, &mut Scratch::default())?;
//! let scanner = Scanner::new(Pdq, LinearIndex::new(vec![known.hash]), Policy::of::<Pdq>());
//!
//! let verdict = scanner.scan_pixels(picture, &mut Scratch::default());
//! assert!(matches!(verdict, Verdict::Match(found) if found[0].distance.bits() == 0));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! A Cargo feature adds a decoder or an algorithm and never changes a result.
// Denied and not forbidden, so that `simd` can allow it: the one module that does.
#![deny(unsafe_code)]

/// Runs the README's example.
#[cfg(all(doctest, feature = "default"))]
#[doc = include_str!("../../README.md")]
pub struct Readme;

mod bch;
mod decode;
mod distance;
mod gf256;
mod hash;
mod index;
pub mod json;
mod luma;
mod pixels;
#[cfg(test)]
mod reference;
mod scan;
pub mod set;
mod simd;
#[cfg(feature = "_stages")]
#[doc(hidden)]
pub mod stages;

pub use bch::{Radius, RadiusError};
pub use decode::{DecodeError, Format, Frame, Limits, Picture};
pub use distance::{Distance, Threshold};
#[cfg(feature = "classic")]
pub use hash::classic::{AHash, BlockHash, DHash, PHash};
pub use hash::pdq::{Pdq, Pdq512};
pub use hash::{
    Algorithm, AlgorithmId, Bits, Dihedral, DihedralHashes, Effort, Hashed, ImageHash, Oriented, ParseEffortError,
    ParseHashError, Precision, Quality, Scratch, TooSmall, UnknownAlgorithm,
};
pub use index::{Found, Index, IndexFileError, LinearIndex, ListIndex, Note, Payload, SealedIndex};
pub use pixels::{Backdrop, PixelFormat, PixelView, Pixels, PixelsError};
pub use scan::{FrameScan, Inconclusive, Match, Orientations, PictureFacts, Policy, Scanned, Scanner, Verdict};
pub use simd::Backend;
