//! The engine for JavaScript: converts, calls `presend-core`, converts back. It decides nothing.
#![forbid(unsafe_code)]

use presend_core::set::{KnownSet, SetFile, Timestamp, Trust};
use presend_core::{Algorithm, Index, Limits, Pdq, Picture, Scratch};
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

/// A sealed set whose endorsers were verified and whose bytes are those that they signed.
#[wasm_bindgen]
#[derive(Debug)]
pub struct VerifiedSet {
    set: KnownSet<Pdq>,
}

#[wasm_bindgen]
impl VerifiedSet {
    /// The set's name.
    #[wasm_bindgen(getter)]
    #[must_use]
    pub fn name(&self) -> String {
        self.set.manifest().name.clone()
    }

    /// The set's version.
    #[wasm_bindgen(getter)]
    #[must_use]
    pub fn version(&self) -> f64 {
        self.set.manifest().version as f64
    }

    /// The digest that is the same for everybody who has this set, as 64 hexadecimal digits.
    #[wasm_bindgen(getter, js_name = rootDigest)]
    #[must_use]
    pub fn root_digest(&self) -> String {
        self.set.manifest().digest().to_string()
    }

    /// Who endorsed it.
    #[wasm_bindgen(getter)]
    #[must_use]
    pub fn endorsers(&self) -> Vec<String> {
        self.set.endorsers().to_vec()
    }

    /// How many entries it has.
    #[wasm_bindgen(getter)]
    #[must_use]
    pub fn entries(&self) -> f64 {
        self.set.len() as f64
    }
}

/// Verifies a sealed set of PDQ hashes against a trust file, at a time in seconds since 1970.
///
/// # Errors
/// A JavaScript error that says why the set is not to be used.
#[wasm_bindgen(js_name = verifySet)]
pub fn verify_set(file: Vec<u8>, trust: &[u8], now: f64) -> Result<VerifiedSet, JsError> {
    // Casts saturate: times before 1970 are 1970.
    let now = Timestamp::from_seconds(now as u64).ok_or_else(|| JsError::new("the time is beyond the year 9999"))?;
    let set = KnownSet::open(&[SetFile::parse(file)?], &Trust::parse(trust)?, now, None)?;
    Ok(VerifiedSet { set })
}
