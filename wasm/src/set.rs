//! Loading a set.

use presend_core::Pdq;
use presend_core::set::{KnownSet, LastSeen, SetError, SetFile, SetStream, Timestamp, Trust, Verified};
use wasm_bindgen::prelude::*;

use crate::record::{self, ProgressRecord, SetRecord, json};
use crate::{Failure, failure};

/// A set of which the bytes arrive: in one file, verified as they come, or in several, verified together.
#[wasm_bindgen]
#[derive(Debug)]
pub struct SetLoader {
    trust: Trust,
    now: Timestamp,
    last_seen: Option<LastSeen>,
    files: Vec<SetFile>,
    stream: Option<SetStream>,
}

#[wasm_bindgen]
impl SetLoader {
    /// For whom a trust file trusts, at a time in seconds since 1970. `last_seen` is a JSON `LastSeen`.
    ///
    /// # Errors
    /// Throws the code of a `TrustFileError`, or `bad-argument`.
    #[wasm_bindgen(constructor)]
    pub fn new(trust: &[u8], now: f64, last_seen: Option<String>) -> Result<Self, Failure> {
        let trust = Trust::parse(trust).map_err(|error| failure(error.code(), &error.to_string()))?;
        // Casts saturate: times before 1970 are 1970.
        let now = Timestamp::from_seconds(now as u64)
            .ok_or_else(|| failure("bad-argument", "the time is beyond the year 9999"))?;
        let last_seen = last_seen
            .map(|text| record::last_seen(&text))
            .transpose()
            .map_err(|error| failure("bad-argument", &format!("the set last seen: {error}")))?;
        Ok(Self { trust, now, last_seen, files: Vec::new(), stream: None })
    }

    /// Takes the next bytes of a set that is one file: its progress as JSON.
    ///
    /// # Errors
    /// Throws the code of a `SetError` as soon as it is certain that the set is not to be used.
    pub fn push(&mut self, bytes: &[u8]) -> Result<String, Failure> {
        let stream =
            self.stream.get_or_insert_with(|| SetStream::new(self.trust.clone(), self.now, self.last_seen.clone()));
        stream.push(bytes).map_err(|error| refused(&error))?;
        let (loaded, total) = stream.progress();
        let set = stream.verified().map(record_of);
        Ok(json(&ProgressRecord { loaded, total, set }))
    }

    /// Takes one whole file of a set that is several.
    ///
    /// # Errors
    /// Throws the code of a `FormatError`.
    pub fn add(&mut self, file: Vec<u8>) -> Result<(), Failure> {
        self.files.push(SetFile::parse(file).map_err(|error| refused(&error.into()))?);
        Ok(())
    }

    /// Opens what has arrived.
    ///
    /// # Errors
    /// Throws the code of a `SetError`.
    pub fn open(mut self) -> Result<OpenSet, Failure> {
        if let Some(stream) = self.stream.take() {
            self.files.push(stream.finish().map_err(|error| refused(&error))?);
        }
        KnownSet::open(&self.files, &self.trust, self.now, self.last_seen.as_ref())
            .map(OpenSet)
            .map_err(|error| refused(&error))
    }
}

fn record_of(verified: &Verified) -> SetRecord<'_> {
    SetRecord::new(verified.manifest(), verified.endorsers())
}

#[allow(clippy::needless_pass_by_value, reason = "what `map_err` hands over")]
fn refused(error: &SetError) -> Failure {
    failure(error.code(), &error.to_string())
}

/// A set that was verified.
#[wasm_bindgen]
#[derive(Debug)]
pub struct OpenSet(pub(crate) KnownSet<Pdq>);

#[wasm_bindgen]
impl OpenSet {
    /// A JSON `SetInfo`.
    #[must_use]
    pub fn info(&self) -> String {
        json(&SetRecord::new(self.0.manifest(), self.0.endorsers()))
    }
}
