//! Tech Against Terrorism's hash list, version 2, as python-threatexchange's client reads it.
//!
//! ```json
//! {"count": 100, "next": "https://…", "previous": null, "checkpoint": "1724856487.709035,10594", "results": [
//!   {"hash_digest": "f8f8…9b22", "algorithm": "PDQ", "ideology": "islamist", "file_type": "jpg", "deleted": false,
//!    "updated_on": 1704901040.222779, "created_on": "2025-03-03T23:05:22.587000Z", "id": 2819}]}
//! ```
//!
//! A record is one digest of one file. Digests of videos are no use here: they are counted as `MD5 of mp4`.

use presend_core::Algorithm;

use super::build::image;
use super::fault::FaultKind;
use super::json::{FieldFault, JsonRecord};
use super::signal::Signal;
use super::{DigestRecord, Record, Withdrawal, Withdrawn};

pub(super) fn record<A: Algorithm>(record: JsonRecord<'_, '_, A>) -> Result<(), FieldFault> {
    let JsonRecord { fields, place, into, .. } = record;
    let algorithm = fields.required("algorithm")?;
    let file_type = fields.text("file_type")?.filter(|name| VIDEO.contains(&name.to_ascii_lowercase().as_str()));
    let signal = Signal::named(&algorithm).unwrap_or(Signal::Other);
    if let (Signal::File(_), Some(video)) = (signal, file_type) {
        into.skip(&format!("{algorithm} of {video}"));
        return Ok(());
    }
    let text = fields.required("hash_digest")?;
    let at = |kind: FaultKind| FieldFault::at(".hash_digest", kind);
    let signal = match signal {
        Signal::Image(id) => Withdrawn::Hash(image(id, &text).map_err(at)?),
        Signal::File(kind) => Withdrawn::Digest(kind.parse(text.trim()).map_err(|error| at(error.into()))?),
        Signal::Other => {
            into.skip(&algorithm);
            return Ok(());
        }
    };
    let id = Some(fields.name("id")?.ok_or(FaultKind::Missing("id"))?.into_owned());
    let label = fields.text("ideology")?.map(Into::into);
    if fields.flag("deleted")?.ok_or(FaultKind::Missing("deleted"))? {
        into.withdraw(Withdrawal { id, signal: Some(signal), place });
        return Ok(());
    }
    match signal {
        Withdrawn::Hash(hash) => into.entry(Record { hash, quality: None, label, id, cluster: None, place }),
        Withdrawn::Digest(digest) => into.digest(DigestRecord { digest, label, id, cluster: None, place }),
    }
    Ok(())
}

/// The `file_type` of videos.
const VIDEO: [&str; 8] = ["avi", "flv", "m4v", "mkv", "mov", "mp4", "mpeg", "webm"];
