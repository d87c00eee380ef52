//! The engine for JavaScript: converts, calls `presend-core`, converts back. It decides nothing.
//!
//! Two modules are made of it: one that scans (feature `scan`), one that only hashes pixels. Records cross as JSON, whose
//! shapes `wasm/npm/src/types.ts` describes. What goes wrong is thrown as text: a code, a space, a message.
#![forbid(unsafe_code)]

#[cfg(feature = "scan")]
mod engine;
#[cfg(feature = "scan")]
mod record;
#[cfg(feature = "scan")]
mod set;

#[cfg(feature = "scan")]
pub use engine::Engine;
#[cfg(feature = "scan")]
pub use set::{OpenSet, SetLoader};

use presend_core::{Algorithm, Hashed, Pdq, PixelFormat, PixelView, Scratch};
use wasm_bindgen::prelude::*;

/// Hashes pixels by PDQ: `height` rows of `width` pixels, red, green, blue, straight alpha, which is ignored.
///
/// The 32 bytes of the hash, most significant first, and a byte for the quality, 0 to 100.
///
/// # Errors
/// Throws `too-small` for fewer than 5 pixels a side, `bad-argument` where there are not so many bytes.
#[wasm_bindgen(js_name = hashPixels)]
pub fn hash_pixels(rgba: &[u8], width: u32, height: u32) -> Result<Vec<u8>, Failure> {
    let pixels = view(rgba, width, height)?;
    let hashed = hash(pixels, &mut Scratch::default())?;
    let mut bytes: Vec<u8> = hashed.hash.words().iter().rev().flat_map(|word| word.to_be_bytes()).collect();
    bytes.push(hashed.quality.value());
    Ok(bytes)
}

fn hash(pixels: PixelView<'_>, scratch: &mut Scratch) -> Result<Hashed<Pdq>, Failure> {
    Pdq.hash(pixels, scratch).map_err(|error| failure("too-small", &error.to_string()))
}

fn view(rgba: &[u8], width: u32, height: u32) -> Result<PixelView<'_>, Failure> {
    PixelView::new(rgba, width, height, PixelFormat::Rgba8).map_err(|error| failure("bad-argument", &error.to_string()))
}

/// What is thrown: a code, a space, a message.
///
/// A value of JavaScript only once it gets there, so that the facade can be run, and fuzzed, without.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure(String);

impl Failure {
    /// As it is thrown.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.0
    }
}

impl From<Failure> for JsValue {
    fn from(failure: Failure) -> Self {
        Self::from(failure.0)
    }
}

fn failure(code: &str, message: &str) -> Failure {
    Failure(format!("{code} {message}"))
}
