//! What crosses to JavaScript as JSON.

use presend_core::json::{Fields, JsonError, Value};
use presend_core::set::{FileDigest, KnownSet, LastSeen, Manifest, Revocation};
use presend_core::{
    AlgorithmId, DecodeError, Effort, Format, Inconclusive, Limits, Match, Orientations, Pdq, PictureFacts, Policy,
    Quality, Threshold, Verdict,
};
use serde::Serialize;

use crate::{Failure, failure};

/// A record as JSON.
pub(crate) fn json(record: &impl Serialize) -> String {
    serde_json::to_string(record).expect("records have text keys and finite numbers")
}

/// `ScanPolicy`: the engine's policy, with what the caller wants otherwise.
pub(crate) fn policy(text: &str) -> Result<Policy, Failure> {
    read_policy(text).map_err(|error| failure("bad-argument", &format!("the policy: {error}")))
}

fn read_policy(text: &str) -> Result<Policy, JsonError> {
    let names = ["threshold", "minQuality", "dihedral", "effort", "limits"];
    let mut fields = Fields::of(Value::parse(text.as_bytes())?, &names)?;
    let mut policy = Policy::of::<Pdq>();
    policy.limits = Limits::BROWSER;
    if let Some(bits) = fields.maybe("threshold")? {
        policy.threshold = Threshold::new(bits);
    }
    if let Some(quality) = fields.maybe("minQuality")? {
        policy.min_quality = Quality::new(quality).ok_or_else(|| JsonError::new("a quality is 0 to 100"))?;
    }
    if fields.maybe("dihedral")? == Some(true) {
        policy.orientations = Orientations::Dihedral;
    }
    if let Some(steps) = fields.maybe("effort")? {
        let beyond = || JsonError::new(format!("an effort is 0 to {}", Effort::MAX));
        policy.effort = Effort::new(steps).ok_or_else(beyond)?;
    }
    if let Ok(limits) = fields.value("limits") {
        read_limits(limits, &mut policy.limits)?;
    }
    Ok(policy)
}

fn read_limits(value: Value<'_>, limits: &mut Limits) -> Result<(), JsonError> {
    let mut fields = Fields::of(value, &["bytes", "pixels", "frames", "animationPixels", "metadata", "memory"])?;
    limits.bytes = fields.maybe("bytes")?.unwrap_or(limits.bytes);
    limits.pixels = fields.maybe("pixels")?.unwrap_or(limits.pixels);
    limits.frames = fields.maybe("frames")?.unwrap_or(limits.frames);
    limits.animation_pixels = fields.maybe("animationPixels")?.unwrap_or(limits.animation_pixels);
    limits.metadata = fields.maybe("metadata")?.unwrap_or(limits.metadata);
    limits.memory = fields.maybe("memory")?.unwrap_or(limits.memory);
    Ok(())
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
pub(crate) fn last_seen(text: &str) -> Result<LastSeen, JsonError> {
    let mut fields = Fields::of(Value::parse(text.as_bytes())?, &["name", "version", "rootDigest"])?;
    Ok(LastSeen { name: fields.field("name")?, version: fields.field("version")?, digest: fields.field("rootDigest")? })
}

/// `LoadProgress`.
#[derive(Serialize)]
pub(crate) struct ProgressRecord<'a> {
    pub(crate) loaded: u64,
    pub(crate) total: Option<u64>,
    pub(crate) set: Option<SetRecord<'a>>,
}
