//! The content of a bank of hasher-matcher-actioner (HMA).
//!
//! HMA has no bulk export. This reads what its REST interface returns, one content or many collected:
//!
//! - `GET /c/bank/NAME/content/ID?include_signals=true`, as it is:
//!   ```json
//!   {"id": 1234, "disable_until_ts": 1, "original_media_uri": null,
//!    "bank": {"name": "SAMPLE", "matching_enabled_ratio": 1.0},
//!    "signals": {"pdq": "f8f8…9b22", "video_md5": "…"}, "metadata": {"content_id": "…"}, "note": "…"}
//!   ```
//! - an array of such contents, also what adding to a bank returns: `{"id": 1234, "signals": {…}}`;
//! - `{"name": "SAMPLE", "matching_enabled_ratio": 1.0, "contents": […]}`: a bank as `GET /c/bank/NAME` returns it, with its
//!   contents added.
//!
//! The signals of one content are one cluster. `disable_until_ts` is 0 for content that is disabled, 1 for content that is
//! not, and otherwise the time until which it is. A bank of ratio 0 matches nothing: its contents count as disabled. A ratio
//! between throws a coin for each query, which is the server's way to go easy on its matches and says nothing of the hash.

use presend_core::Algorithm;

use super::build::{Builder, image};
use super::fault::{FaultKind, Place};
use super::json::{self, FieldFault, JsonRecord, Object};
use super::signal::Signal;
use super::{DigestRecord, Record, Withdrawal};

/// `now` in seconds since 1970.
pub(super) fn record<A: Algorithm>(record: JsonRecord<'_, '_, A>, now: u64) -> Result<(), FieldFault> {
    let JsonRecord { fields, page, place, into } = record;
    let id = fields.name("id")?.ok_or(FaultKind::Missing("id"))?.into_owned();
    if !enabled(fields, now)? || !matching(fields, page)? {
        into.withdraw(Withdrawal { id: Some(id), signal: None, place });
        return Ok(());
    }
    let signals = fields.object("signals")?.ok_or(FaultKind::Missing("signals"))?;
    let label = fields.text("note")?.map(String::from);
    for (name, raw) in signals.iter() {
        let path = Place::Path(format!("{place}.signals.{name}"));
        if let Err(kind) = take(name, raw, &id, label.as_deref(), path.clone(), into) {
            into.fault(path, kind);
        }
    }
    Ok(())
}

fn take<A: Algorithm>(
    name: &str,
    raw: &serde_json::value::RawValue,
    id: &str,
    label: Option<&str>,
    place: Place,
    into: &mut Builder<A>,
) -> Result<(), FaultKind> {
    let (label, id) = (label.map(str::to_owned), Some(id.to_owned()));
    let cluster = id.clone();
    match Signal::named(name) {
        Some(Signal::Image(algorithm)) => {
            let hash = image(algorithm, &json::text(raw)?)?;
            into.entry(Record { hash, quality: None, label, id, cluster, place });
        }
        Some(Signal::File(kind)) => {
            let digest = kind.parse(json::text(raw)?.trim())?;
            into.digest(DigestRecord { digest, label, id, cluster, place });
        }
        Some(Signal::Other) | None => into.skip(name),
    }
    Ok(())
}

fn enabled(fields: &Object<'_>, now: u64) -> Result<bool, FieldFault> {
    Ok(match fields.number::<u64>("disable_until_ts")? {
        None | Some(1) => true,
        Some(0) => false,
        Some(until) => until <= now,
    })
}

/// Whether the bank, named by the content or by the page, matches at all.
fn matching(fields: &Object<'_>, page: &Object<'_>) -> Result<bool, FieldFault> {
    let bank = fields.object("bank")?;
    let ratio = bank.as_ref().unwrap_or(page).number::<f64>("matching_enabled_ratio");
    let ratio = ratio.map_err(|fault| if bank.is_some() { fault.below(".bank") } else { fault })?;
    Ok(ratio.is_none_or(|ratio| ratio > 0.0))
}
