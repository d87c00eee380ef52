//! The engine for JavaScript: converts, calls `presend-core`, converts back. It decides nothing.
#![forbid(unsafe_code)]

use presend_core::{Algorithm, Limits, Pdq, Picture, Scratch};
use wasm_bindgen::prelude::*;

/// A PDQ hash and the quality of the picture, 0 to 100.
#[wasm_bindgen]
#[derive(Debug)]
pub struct Hashed {
    hash: String,
    quality: u8,
}

#[wasm_bindgen]
impl Hashed {
    /// The hash as 64 hexadecimal digits.
    #[wasm_bindgen(getter)]
    #[must_use]
    pub fn hash(&self) -> String {
        self.hash.clone()
    }

    /// The quality, 0 to 100.
    #[wasm_bindgen(getter)]
    #[must_use]
    pub fn quality(&self) -> u8 {
        self.quality
    }
}

/// Decodes an image file and hashes its first frame by PDQ.
///
/// # Errors
/// A JavaScript error that says why the bytes give no hash.
#[wasm_bindgen(js_name = hashFile)]
pub fn hash_file(bytes: &[u8]) -> Result<Hashed, JsError> {
    let frame = Picture::open(bytes, &Limits::default())?.next().expect("a frame or an error")?;
    let hashed = Pdq.hash(frame.pixels.view(), &mut Scratch::default())?;
    Ok(Hashed { hash: hashed.hash.to_string(), quality: hashed.quality.value() })
}
