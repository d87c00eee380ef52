//! What is read of a sealed set: files, manifests, trust files. Bytes as they come; `structure` makes valid ones.

use presend_core::Pdq;
use presend_core::json::Value;
use presend_core::set::{KnownSet, SetFile, SetStream, SignedManifest, Timestamp, Trust};
use presend_hashsets::demo;
use serde::de::IgnoredAny;

/// A time at which the demo's set has not expired.
fn now() -> Timestamp {
    Timestamp::from_seconds(1_770_000_000).expect("before the year 9999")
}

/// Set files: whole, and as they arrive, in pieces as long as the first byte says.
pub fn set_file(bytes: &[u8]) {
    let Some((&piece, bytes)) = bytes.split_first() else { return };
    let trust = Trust::parse(demo::TRUST).expect("the demo's");
    let whole = SetFile::parse(bytes.to_vec()).map(|file| [file]);
    if let Ok(files) = &whole {
        let opened = KnownSet::<Pdq>::open(files, &trust, now(), None);
        let unsigned = KnownSet::<Pdq>::open_unsigned(files);
        assert!(opened.is_err() || unsigned.is_ok(), "trusted and yet broken");
    }
    let mut stream = SetStream::new(trust.clone(), now(), None);
    let pushed = bytes.chunks(64 * usize::from(piece) + 1).try_for_each(|piece| stream.push(piece));
    let streamed = pushed.and_then(|()| stream.finish()).and_then(|file| {
        // The last word.
        KnownSet::<Pdq>::open(&[file], &trust, now(), None)
    });
    let opened = whole.map_err(Into::into).and_then(|files| KnownSet::<Pdq>::open(&files, &trust, now(), None));
    assert_eq!(streamed.is_ok(), opened.is_ok(), "streamed {:?}, whole {:?}", streamed.err(), opened.err());
}

/// Manifests: what is read can be written, and is read again as it was.
pub fn manifest(bytes: &[u8]) {
    let Ok(manifest) = SignedManifest::parse(bytes) else { return };
    let written = manifest.to_bytes();
    let again = SignedManifest::parse(&written).expect("what was written");
    assert_eq!(again.manifest(), manifest.manifest());
    assert_eq!(again.signatures(), manifest.signatures());
    assert_eq!(again.to_bytes(), written);
    let trust = Trust::parse(demo::TRUST).expect("the demo's");
    let _ = trust.verify(bytes, now(), None);
}

/// Trust files, and JSON: what the engine's own reader takes, the usual one takes, too.
pub fn trust(bytes: &[u8]) {
    if Value::parse(bytes).is_ok() {
        // Passed over and not kept: numbers may be beyond what a float holds.
        serde_json::from_slice::<IgnoredAny>(bytes).expect("JSON");
    }
    let Ok(trust) = Trust::parse(bytes) else { return };
    let again = Trust::parse(trust.to_json().as_bytes()).expect("what was written");
    assert_eq!(again, trust);
}
