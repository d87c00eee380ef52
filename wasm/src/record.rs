//! What crosses to JavaScript as JSON.

use presend_core::set::{FileDigest, KnownSet, LastSeen, Manifest, Revocation};
use presend_core::{
    AlgorithmId, DecodeError, Effort, Format, Inconclusive, Limits, Match, Orientations, Pdq, PictureFacts, Policy,
    Quality, Threshold, Verdict,
};
use serde::{Deserialize, Serialize};
use wasm_bindgen::JsValue;

use crate::failure;

/// A record as JSON.
pub(crate) fn json(record: &impl Serialize) -> String {
    serde_json::to_string(record).expect("records have text keys and finite numbers")
}

/// `ScanPolicy`.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "camelCase")]
struct PolicyRecord {
    threshold: Option<u16>,
    min_quality: Option<u8>,
    dihedral: Option<bool>,
    effort: Option<u8>,
    limits: LimitsRecord,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "camelCase")]
struct LimitsRecord {
    bytes: Option<u64>,
    pixels: Option<u64>,
    frames: Option<u32>,
    animation_pixels: Option<u64>,
    memory: Option<u64>,
}

/// The engine's policy, with what the caller wants otherwise.
pub(crate) fn policy(text: &str) -> Result<Policy, JsValue> {
    let wrong = |message: &str| failure("bad-argument", &format!("the policy: {message}"));
    let record: PolicyRecord = serde_json::from_str(text).map_err(|error| wrong(&error.to_string()))?;
    let mut policy = Policy::of::<Pdq>();
    if let Some(bits) = record.threshold {
        policy.threshold = Threshold::new(bits);
    }
    if let Some(quality) = record.min_quality {
        policy.min_quality = Quality::new(quality).ok_or_else(|| wrong("a quality is 0 to 100"))?;
    }
    if record.dihedral == Some(true) {
        policy.orientations = Orientations::Dihedral;
    }
    if let Some(steps) = record.effort {
        policy.effort = Effort::new(steps).ok_or_else(|| wrong(&format!("an effort is 0 to {}", Effort::MAX)))?;
    }
    let Limits { bytes, pixels, frames, animation_pixels, memory, .. } = &mut policy.limits;
    let LimitsRecord { bytes: b, pixels: p, frames: f, animation_pixels: a, memory: m } = record.limits;
    (*bytes, *pixels) = (b.unwrap_or(*bytes), p.unwrap_or(*pixels));
    (*frames, *animation_pixels) = (f.unwrap_or(*frames), a.unwrap_or(*animation_pixels));
    *memory = m.unwrap_or(*memory);
    Ok(policy)
}

/// `Hashed`, but for what the caller knows.
#[derive(Serialize)]
pub(crate) struct HashRecord {
    pub(crate) hash: String,
    pub(crate) quality: u8,
    pub(crate) width: u32,
    pub(crate) height: u32,
    pub(crate) damaged: bool,
}

/// `Verdict`, but for what the caller knows.
#[derive(Serialize, Default)]
pub(crate) struct VerdictRecord {
    kind: &'static str,
    format: Option<&'static str>,
    width: Option<u32>,
    height: Option<u32>,
    frames: Option<u32>,
    quality: Option<u8>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    matches: Vec<FoundRecord>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    message: Option<String>,
}

#[derive(Serialize)]
struct FoundRecord {
    distance: u16,
    entry: usize,
    label: Option<String>,
    frame: u32,
    backdrop: &'static str,
    orientation: &'static str,
    lookup: usize,
    digest: Option<&'static str>,
    reference: Option<Revocation>,
}

impl VerdictRecord {
    /// Of a picture that gave a verdict.
    pub(crate) fn new(verdict: &Verdict, set: &KnownSet<Pdq>) -> Self {
        match verdict {
            Verdict::NoMatch => Self { kind: "clean", ..Self::default() },
            Verdict::Match(found) => {
                let matches = found.iter().map(|found| FoundRecord::new(found, set)).collect();
                Self { kind: "match", matches, ..Self::default() }
            }
            // Not even the first frame could be had.
            Verdict::Inconclusive(Inconclusive::Undecodable { frame: 0, error }) => Self::undecodable(error),
            Verdict::Inconclusive(why) => Self::unscannable(why.code(), why.to_string()),
        }
    }

    /// Of one that could not be decoded.
    pub(crate) fn undecodable(error: &DecodeError) -> Self {
        Self { format: error.format().map(Format::name), ..Self::unscannable(error.code(), error.to_string()) }
    }

    fn unscannable(reason: &'static str, message: String) -> Self {
        Self { kind: "unscannable", reason: Some(reason), message: Some(message), ..Self::default() }
    }

    pub(crate) fn of_picture(self, facts: Option<&PictureFacts>) -> Self {
        let Some(PictureFacts { format, width, height, frames, quality, .. }) = facts else { return self };
        let quality = quality.map(Quality::value);
        let format = Some(format.name());
        Self { format, width: Some(*width), height: Some(*height), frames: Some(*frames), quality, ..self }
    }

    pub(crate) fn of_frames(self, size: Option<(u32, u32)>, frames: u32, quality: Option<Quality>) -> Self {
        let (width, height) = size.unzip();
        Self { width, height, frames: Some(frames), quality: quality.map(Quality::value), ..self }
    }
}

impl FoundRecord {
    fn new(found: &Match, set: &KnownSet<Pdq>) -> Self {
        Self {
            distance: found.distance.bits(),
            entry: found.entry,
            label: found.payload.and_then(|payload| payload.label().map(str::to_owned)),
            frame: found.frame,
            backdrop: found.backdrop.name(),
            orientation: found.orientation.name(),
            lookup: found.lookup,
            digest: found.file.as_ref().map(FileDigest::kind),
            reference: set.revocation(found.entry),
        }
    }
}

/// `SetInfo`.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct SetRecord<'a> {
    name: &'a str,
    version: u64,
    root_digest: String,
    endorsers: &'a [String],
    algorithm: AlgorithmName,
    radius: u16,
    entries: u64,
    images: u64,
    created: String,
    expires: String,
    sources: Vec<&'a str>,
}

#[derive(Serialize)]
#[serde(transparent)]
struct AlgorithmName(&'static str);

impl From<AlgorithmId> for AlgorithmName {
    fn from(id: AlgorithmId) -> Self {
        Self(id.name())
    }
}

impl<'a> SetRecord<'a> {
    pub(crate) fn new(manifest: &'a Manifest, endorsers: &'a [String]) -> Self {
        Self {
            name: &manifest.name,
            version: manifest.version,
            root_digest: manifest.digest().to_string(),
            endorsers,
            algorithm: manifest.algorithm.into(),
            radius: manifest.radius.bits(),
            entries: manifest.entries,
            images: manifest.clusters,
            created: manifest.created.to_string(),
            expires: manifest.expires.to_string(),
            sources: manifest.sources.iter().map(|source| &*source.name).collect(),
        }
    }
}

/// `LastSeen`, as JavaScript names its parts.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct SeenRecord {
    name: String,
    version: u64,
    root_digest: presend_core::set::Digest,
}

impl From<SeenRecord> for LastSeen {
    fn from(SeenRecord { name, version, root_digest }: SeenRecord) -> Self {
        Self { name, version, digest: root_digest }
    }
}

/// `LoadProgress`.
#[derive(Serialize)]
pub(crate) struct ProgressRecord<'a> {
    pub(crate) loaded: u64,
    pub(crate) total: Option<u64>,
    pub(crate) set: Option<SetRecord<'a>>,
}
