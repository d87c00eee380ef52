//! Hashing and scanning.

use presend_core::set::KnownSet;
use presend_core::{FrameScan, ImageHash, Index, Pdq, Picture, Policy, Scanned, Scanner, Scratch};
use wasm_bindgen::prelude::*;

use crate::record::{HashRecord, VerdictRecord, json, policy};
use crate::set::OpenSet;
use crate::{Failure, failure, hash, view};

/// What a worker keeps: memory to work in, the set, and a picture whose frames are coming.
#[wasm_bindgen]
#[derive(Debug, Default)]
pub struct Engine {
    scratch: Scratch,
    set: Option<OpenSet>,
    frames: Option<(FrameScan, Policy)>,
}

#[wasm_bindgen]
impl Engine {
    /// One without a set.
    #[wasm_bindgen(constructor)]
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Scans with this set from now on.
    #[wasm_bindgen(js_name = useSet)]
    pub fn use_set(&mut self, set: OpenSet) {
        self.set = Some(set);
    }

    /// Decodes a file within the limits of a policy, or a browser's, and hashes its first frame: a JSON `Hashed`.
    ///
    /// # Errors
    /// Throws the code of a `DecodeError`, `too-small`, or `bad-argument` for the policy.
    #[allow(clippy::needless_pass_by_value, reason = "text that may be missing crosses by value")]
    pub fn hash(&mut self, bytes: &[u8], policy_record: Option<String>) -> Result<String, Failure> {
        let undecodable = |error: presend_core::DecodeError| failure(error.code(), &error.to_string());
        let limits = policy(policy_record.as_deref().unwrap_or("{}"))?.limits;
        let mut picture = Picture::open_in(bytes, &limits, &mut self.scratch).map_err(undecodable)?;
        let frame = picture.next().expect("a frame or an error").map_err(undecodable)?;
        let pixels = frame.pixels.view();
        let hashed = hash(pixels, &mut self.scratch)?;
        let record = HashRecord {
            hash: hashed.hash.to_string(),
            quality: hashed.quality.value(),
            width: picture.width(),
            height: picture.height(),
            damaged: frame.damaged,
        };
        self.scratch.recycle(frame.pixels);
        Ok(json(&record))
    }

    /// Decodes a file and holds it against the set: a JSON `Verdict`.
    ///
    /// # Errors
    /// Throws `no-set`, or `bad-argument` for the policy.
    pub fn scan(&mut self, bytes: &[u8], policy_record: &str) -> Result<String, Failure> {
        let policy = policy(policy_record)?;
        let set = known(self.set.as_ref())?;
        let record = match Scanner::new(Pdq, set, policy).scan(bytes, &mut self.scratch) {
            Ok(Scanned { verdict, picture, .. }) => VerdictRecord::new(&verdict, set).of_picture(picture.as_ref()),
            Err(error) => VerdictRecord::undecodable(&error),
        };
        Ok(json(&record))
    }

    /// Begins a picture that somebody else decodes.
    ///
    /// # Errors
    /// As [`scan`](Self::scan).
    #[wasm_bindgen(js_name = beginFrames)]
    pub fn begin_frames(&mut self, policy_record: &str) -> Result<(), Failure> {
        known(self.set.as_ref())?;
        self.frames = Some((FrameScan::default(), policy(policy_record)?));
        Ok(())
    }

    /// Its next frame, packed as for `hashPixels`: whether a further one is of any use.
    ///
    /// # Errors
    /// Throws `bad-argument` where there are not so many bytes.
    pub fn frame(&mut self, rgba: &[u8], width: u32, height: u32) -> Result<bool, Failure> {
        let pixels = view(rgba, width, height)?;
        let set = known(self.set.as_ref())?;
        let (frames, policy) = self.frames.as_mut().ok_or_else(|| failure("bad-argument", "no picture was begun"))?;
        Ok(Scanner::new(Pdq, set, *policy).scan_frame(pixels, frames, &mut self.scratch))
    }

    /// Ends it: a JSON `Verdict`.
    ///
    /// # Errors
    /// Throws `bad-argument` where there was no frame.
    #[wasm_bindgen(js_name = endFrames)]
    pub fn end_frames(&mut self) -> Result<String, Failure> {
        let set = known(self.set.as_ref())?;
        let frames = self.frames.take().map(|(frames, _)| frames).unwrap_or_default();
        let (size, number, quality) = (frames.size(), frames.frames(), frames.quality());
        let verdict = frames.verdict().ok_or_else(|| failure("bad-argument", "no frame to judge"))?;
        Ok(json(&VerdictRecord::new(&verdict, set).of_frames(size, number, quality)))
    }

    /// How many entries are near a hash, for measuring.
    ///
    /// # Errors
    /// Throws `no-set`, or `bad-argument` for what is no hash.
    #[wasm_bindgen(js_name = lookUp)]
    pub fn look_up(&self, hash: &str) -> Result<usize, Failure> {
        let set = known(self.set.as_ref())?;
        let hash: ImageHash<Pdq> = hash.parse().map_err(|error| failure("bad-argument", &format!("{error}")))?;
        let mut found = Vec::new();
        set.search(&[hash], Policy::of::<Pdq>().threshold, &mut found);
        Ok(found.len())
    }
}

fn known(set: Option<&OpenSet>) -> Result<&KnownSet<Pdq>, Failure> {
    set.map(|set| &set.0).ok_or_else(|| failure("no-set", "no set was loaded"))
}
