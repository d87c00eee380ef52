//! Meta `ThreatExchange`'s `threat_updates`, as python-threatexchange's client reads it.
//!
//! ```json
//! {"data": [{"id": "5080018548714534", "indicator": "f8f8…9b22", "type": "HASH_PDQ", "last_updated": 1735689600,
//!   "should_delete": false, "descriptors": {"data": [{"id": "…", "owner": {"id": "…"}, "status": "MALICIOUS",
//!   "tags": ["…"], "reactions": []}]}}], "paging": {"cursors": {"after": "…"}, "next": "https://…"}}
//! ```
//!
//! As that client does, a record without descriptors is taken for a tombstone (facebook/ThreatExchange#834). An indicator
//! that everybody who describes it calls `NON_MALICIOUS` is there to be left alone: counted, not listed.

use std::borrow::Cow;
use std::collections::BTreeSet;

use presend_core::{Algorithm, AlgorithmId};
use serde_json::value::RawValue;

use super::build::image;
use super::fault::FaultKind;
use super::json::{self, FieldFault, JsonRecord, Object};
use super::signal::{DigestKind, Signal};
use super::{DigestRecord, ImportError, Record, Withdrawal, Withdrawn};

pub(super) fn record<A: Algorithm>(record: JsonRecord<'_, '_, A>) -> Result<(), FieldFault> {
    let JsonRecord { fields, place, into, .. } = record;
    let kind = fields.required("type")?;
    let signal = match kind.as_ref() {
        "HASH_PDQ" => Signal::Image(AlgorithmId::Pdq),
        "HASH_MD5" => Signal::File(DigestKind::Md5),
        "HASH_SHA1" => Signal::File(DigestKind::Sha1),
        "HASH_SHA256" => Signal::File(DigestKind::Sha256),
        _ => {
            into.skip(&kind);
            return Ok(());
        }
    };
    let text = fields.required("indicator")?;
    let at = |kind: FaultKind| FieldFault::at(".indicator", kind);
    let signal = match signal {
        Signal::Image(id) => Withdrawn::Hash(image(id, &text).map_err(at)?),
        Signal::File(kind) => Withdrawn::Digest(kind.parse(text.trim()).map_err(|error| at(error.into()))?),
        Signal::Other => unreachable!("no type above is of another signal"),
    };
    let id = Some(fields.name("id")?.ok_or(FaultKind::Missing("id"))?.into_owned());
    let opinions = Opinions::of(fields)?;
    if fields.flag("should_delete")?.unwrap_or(false) || opinions.count == 0 {
        into.withdraw(Withdrawal { id, signal: Some(signal), place });
        return Ok(());
    }
    if opinions.harmless == opinions.count {
        into.skip(&format!("{kind} NON_MALICIOUS"));
        return Ok(());
    }
    let label = Some(opinions.tags.iter().map(AsRef::as_ref).collect::<Vec<&str>>().join(" "));
    match signal {
        Withdrawn::Hash(hash) => into.entry(Record { hash, quality: None, label, id, cluster: None, place }),
        // python-threatexchange's mark of the digest of a video.
        Withdrawn::Digest(_) if opinions.tags.contains("media_type_video") => into.skip(&format!("{kind} of a video")),
        Withdrawn::Digest(digest) => into.digest(DigestRecord { digest, label, id, cluster: None, place }),
    }
    Ok(())
}

/// What the members say of an indicator.
#[derive(Default)]
struct Opinions<'a> {
    count: usize,
    harmless: usize,
    tags: BTreeSet<Cow<'a, str>>,
}

impl<'a> Opinions<'a> {
    fn of(fields: &Object<'a>) -> Result<Self, FieldFault> {
        let mut opinions = Self::default();
        let Some(descriptors) = fields.object("descriptors")? else { return Ok(opinions) };
        let Some(data) = descriptors.raw("data") else { return Ok(opinions) };
        list(data, ".descriptors.data", |index, raw| {
            let path = format!(".descriptors.data[{index}]");
            let descriptor = Object::parse(raw).map_err(|kind| FieldFault::at(path.as_str(), kind))?;
            opinions.count += 1;
            let status = descriptor.raw("status").map(json::text).transpose();
            let status = status.map_err(|kind| FieldFault::at(format!("{path}.status"), kind))?;
            opinions.harmless += usize::from(status.as_deref() == Some("NON_MALICIOUS"));
            opinions.add_tags(descriptor.raw("tags"), &format!("{path}.tags"))
        })?;
        Ok(opinions)
    }

    /// `["a", "b"]`, or as the Graph API nests them: `{"data": [{"id": "1", "text": "a"}]}`.
    fn add_tags(&mut self, tags: Option<&'a RawValue>, path: &str) -> Result<(), FieldFault> {
        let Some(tags) = tags else { return Ok(()) };
        let at = |path: String| |kind| FieldFault::at(path, kind);
        if json::kind(tags) != "an object" {
            return list(tags, path, |index, raw| {
                self.tags.insert(json::text(raw).map_err(at(format!("{path}[{index}]")))?);
                Ok(())
            });
        }
        let Some(data) = Object::parse(tags).map_err(at(path.to_owned()))?.raw("data") else { return Ok(()) };
        let path = format!("{path}.data");
        list(data, &path, |index, raw| {
            let path = format!("{path}[{index}]");
            let tag = Object::parse(raw).map_err(at(path.clone()))?;
            let text = tag.raw("text").ok_or_else(|| FieldFault::at(path.as_str(), FaultKind::Missing("text")))?;
            self.tags.insert(json::text(text).map_err(at(format!("{path}.text")))?);
            Ok(())
        })
    }
}

/// The elements of a list within a record.
fn list<'a>(
    raw: &'a RawValue,
    path: &str,
    mut each: impl FnMut(usize, &'a RawValue) -> Result<(), FieldFault>,
) -> Result<(), FieldFault> {
    let mut failed = Ok(());
    let walked = json::elements(raw, path, |index, raw| {
        if failed.is_ok() {
            failed = each(index, raw);
        }
        Ok(())
    });
    match walked {
        Ok(()) => failed,
        Err(ImportError::NoList { found, .. }) => {
            Err(FieldFault::at(path, FaultKind::WrongType { expected: "a list", found }))
        }
        Err(_) => Err(FieldFault::at(path, FaultKind::BrokenText)),
    }
}
