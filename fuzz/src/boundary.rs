//! The WebAssembly facade, called as a worker calls it, in any order and with anything.

use arbitrary::{Arbitrary, Unstructured};
use presend_hashsets::demo;
use presend_wasm::{Engine, Failure, SetLoader, hash_pixels};
use serde_json::Value;

/// What a page can ask of the engine.
#[derive(Arbitrary, Debug)]
enum Call<'a> {
    Hash { bytes: &'a [u8], policy: Option<Policy<'a>> },
    HashListed { picture: u8 },
    Scan { bytes: &'a [u8], policy: Policy<'a> },
    ScanListed { picture: u8, policy: Policy<'a> },
    Begin(Policy<'a>),
    Frame { rgba: &'a [u8], width: u32, height: u32 },
    FittingFrame { colour: [u8; 4], width: u8, height: u8 },
    End,
    LookUp(&'a str),
    HashPixels { rgba: &'a [u8], width: u32, height: u32 },
    Load { trust: Option<&'a [u8]>, now: f64, last_seen: Option<&'a str>, pieces: Vec<&'a [u8]> },
    LoadListed { now: f64, piece: u16, changed: Option<(u16, u8)>, whole: bool },
}

/// A policy as text: any, or with fields of any size.
#[derive(Arbitrary, Debug)]
enum Policy<'a> {
    Text(&'a str),
    Default,
    Fields {
        threshold: Option<u64>,
        min_quality: Option<i16>,
        dihedral: Option<bool>,
        effort: Option<u8>,
        limits: Option<[u64; 5]>,
    },
}

impl Policy<'_> {
    fn text(&self) -> String {
        match self {
            Self::Text(text) => (*text).to_owned(),
            Self::Default => "{}".to_owned(),
            Self::Fields { threshold, min_quality, dihedral, effort, limits } => {
                let mut fields = serde_json::Map::new();
                let mut put = |name: &str, value: Option<Value>| value.map(|value| fields.insert(name.into(), value));
                put("threshold", threshold.map(Value::from));
                put("minQuality", min_quality.map(Value::from));
                put("dihedral", dihedral.map(Value::from));
                // Each step doubles the lookups.
                put("effort", effort.map(|effort| Value::from(effort % 3)));
                put(
                    "limits",
                    limits.map(|[bytes, pixels, frames, animation, memory]| {
                        serde_json::json!({
                            "bytes": bytes,
                            // As in the decoders' own targets: what is within is decoded for real.
                            "pixels": pixels % (1 << 14),
                            "frames": frames,
                            "animationPixels": animation % (1 << 16),
                            "memory": memory % (32 << 20),
                        })
                    }),
                );
                Value::from(fields).to_string()
            }
        }
    }
}

/// Every answer is a record as the package expects it or a failure with a code, and the engine goes on.
pub fn boundary(bytes: &[u8]) {
    let mut bytes = Unstructured::new(bytes);
    let mut engine = Engine::new();
    let mut with_set = false;
    for _ in 0..8 {
        let Ok(call) = Call::arbitrary(&mut bytes) else { return };
        match &call {
            Call::Hash { bytes, policy } => {
                hashed(engine.hash(bytes, Some(small(policy.as_ref().unwrap_or(&Policy::Default)))));
            }
            Call::HashListed { picture } => hashed(engine.hash(listed(*picture), None)),
            Call::Scan { bytes, policy } => judged(with_set, engine.scan(bytes, &small(policy))),
            Call::ScanListed { picture, policy } => judged(with_set, engine.scan(listed(*picture), &policy.text())),
            Call::Begin(policy) => {
                answered(engine.begin_frames(&policy.text()));
            }
            Call::Frame { rgba, width, height } => {
                answered(engine.frame(rgba, *width, *height));
            }
            Call::FittingFrame { colour, width, height } => {
                let rgba = colour.repeat(usize::from(*width) * usize::from(*height));
                answered(engine.frame(&rgba, u32::from(*width), u32::from(*height)));
            }
            Call::End => judged(with_set, engine.end_frames()),
            Call::LookUp(hash) => {
                answered(engine.look_up(hash));
            }
            Call::HashPixels { rgba, width, height } => {
                assert!(answered(hash_pixels(rgba, *width, *height)).is_none_or(|hash| hash.len() == 33));
            }
            Call::Load { trust, now, last_seen, pieces } => {
                let loader = SetLoader::new(trust.unwrap_or(demo::TRUST), *now, last_seen.map(str::to_owned));
                let Some(mut loader) = answered(loader) else { continue };
                if pieces.iter().all(|piece| answered(loader.push(piece)).is_some_and(|progress| is_json(&progress))) {
                    // Nobody but the demo's endorsers can be trusted, and nothing here was signed by them.
                    answered(loader.open());
                }
            }
            Call::LoadListed { now, piece, changed, whole } => {
                let mut set = demo::SET.to_vec();
                if let Some((at, by)) = changed {
                    set[usize::from(*at) % demo::SET.len()] ^= by;
                }
                let unchanged = set == demo::SET;
                let Some(mut loader) = answered(SetLoader::new(demo::TRUST, *now, None)) else { continue };
                let arrived = if *whole {
                    answered(loader.add(set)).is_some()
                } else {
                    set.chunks(1 + usize::from(*piece)).all(|piece| answered(loader.push(piece)).is_some())
                };
                if let Some(set) = arrived.then(|| answered(loader.open())).flatten() {
                    assert!(unchanged, "a changed set was opened");
                    assert!(is_json(&set.info()));
                    engine.use_set(set);
                    with_set = true;
                }
            }
        }
    }
}

/// A picture of the demo's outbox.
fn listed(picture: u8) -> &'static [u8] {
    demo::OUTBOX[usize::from(picture) % demo::OUTBOX.len()].1
}

/// A policy for bytes of which nobody knows how large a picture they are.
fn small(policy: &Policy<'_>) -> String {
    match policy {
        Policy::Default => r#"{"limits":{"pixels":16384,"animationPixels":65536,"memory":33554432}}"#.to_owned(),
        policy => policy.text(),
    }
}

/// The answer, unless it is a failure, which has a code and a message.
fn answered<T>(answer: Result<T, Failure>) -> Option<T> {
    let failure = match answer {
        Ok(answer) => return Some(answer),
        Err(failure) => failure,
    };
    let (code, message) = failure.text().split_once(' ').expect("a code, a space, a message");
    assert!(!code.is_empty() && code.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'-'), "{code:?}");
    assert!(!message.is_empty());
    None
}

fn is_json(text: &str) -> bool {
    serde_json::from_str::<Value>(text).is_ok()
}

fn hashed(answer: Result<String, Failure>) {
    let Some(answer) = answered(answer) else { return };
    let record: Value = serde_json::from_str(&answer).expect("JSON");
    assert!(record["hash"].as_str().is_some_and(|hash| hash.len() == 64));
    assert!(record["quality"].as_u64().is_some_and(|quality| quality <= 100));
}

fn judged(with_set: bool, answer: Result<String, Failure>) {
    let Some(answer) = answered(answer) else { return };
    assert!(with_set, "a verdict without a set");
    let record: Value = serde_json::from_str(&answer).expect("JSON");
    match record["kind"].as_str() {
        Some("clean") => assert!(record["reason"].is_null()),
        Some("match") => assert!(record["matches"].as_array().is_some_and(|found| !found.is_empty())),
        Some("unscannable") => assert!(record["reason"].is_string() && record["message"].is_string()),
        other => panic!("no verdict: {other:?}"),
    }
}
