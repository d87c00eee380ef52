//! `StopNCII`'s `FetchHashes`, as python-threatexchange's client reads it.
//!
//! ```json
//! {"count": 2, "nextPageToken": "…", "nextSetTimestamp": 1735689600, "hasMoreRecords": false, "hashRecords": [
//!   {"lastModtimestamp": 1735689600, "signalType": "ImagePDQ", "hashValue": "f8f8…9b22", "hashStatus": "Active",
//!    "caseNumbers": {"…": "Active"}, "CSPFeedbacks": [{"source": "…", "feedbackValue": "Blocked", "tags": []}]}]}
//! ```
//!
//! The hash itself is the key of a record, whose status sums up its cases. A case is a person's report of any number of
//! pictures: it makes no cluster, and its number is nobody else's business.

use presend_core::Algorithm;

use super::build::pdq;
use super::fault::FaultKind;
use super::json::{FieldFault, JsonRecord};
use super::{Record, Withdrawal, Withdrawn};

pub(super) fn record<A: Algorithm>(record: JsonRecord<'_, '_, A>) -> Result<(), FieldFault> {
    let JsonRecord { fields, place, into, .. } = record;
    let signal = fields.required("signalType")?;
    if signal != "ImagePDQ" {
        into.skip(&signal);
        return Ok(());
    }
    let hash = pdq(&fields.required("hashValue")?).map_err(|kind| FieldFault::at(".hashValue", kind))?;
    match fields.required("hashStatus")?.as_ref() {
        "Active" | "Received" | "Unknown" => {
            into.entry(Record { hash, quality: None, label: None, id: None, cluster: None, place });
        }
        "Withdrawn" | "Deleted" => {
            into.withdraw(Withdrawal { id: None, signal: Some(Withdrawn::Hash(hash)), place });
        }
        other => return Err(FieldFault::at(".hashStatus", FaultKind::UnknownStatus(other.to_owned()))),
    }
    Ok(())
}
