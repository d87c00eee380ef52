//! What the JSON importers share: pages of records, fields, and where each stands.
//!
//! A document is one page (an object with a list of records under the key of its shape), one record, or an array of pages
//! or records. `serde_json` first checks the whole text without recursion; records are then taken apart one level at a time,
//! so that a record with a broken value is one fault, however deep that value is.

use std::borrow::Cow;
use std::fmt;

use presend_core::Algorithm;
use serde::de::{Deserialize, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;

use super::ImportError;
use super::build::Builder;
use super::fault::{FaultKind, Place};
use super::shape::Shape;

/// A record, the page it stands on, and where what is in it goes.
pub(super) struct JsonRecord<'r, 'a, A: Algorithm> {
    pub(super) fields: &'r Object<'a>,
    /// Empty where records stand on no page.
    pub(super) page: &'r Object<'a>,
    pub(super) place: Place,
    pub(super) into: &'r mut Builder<A>,
}

/// What is wrong with a field of a record.
pub(super) struct FieldFault {
    /// From the record to the field: `.hashValue`.
    path: String,
    kind: FaultKind,
}

impl FieldFault {
    pub(super) fn at(path: impl Into<String>, kind: impl Into<FaultKind>) -> Self {
        Self { path: path.into(), kind: kind.into() }
    }

    /// The same, seen from the object that holds the one it is in.
    pub(super) fn below(self, path: &str) -> Self {
        Self { path: format!("{path}{}", self.path), ..self }
    }
}

impl From<FaultKind> for FieldFault {
    /// The record as such.
    fn from(kind: FaultKind) -> Self {
        Self::at("", kind)
    }
}

/// Reads every record of a document whose pages hold them under `key`.
///
/// # Errors
/// If the text is not JSON, or not of the shape of pages.
pub(super) fn read<A: Algorithm>(
    text: &str,
    key: &'static str,
    into: &mut Builder<A>,
    mut record: impl FnMut(JsonRecord<'_, '_, A>) -> Result<(), FieldFault>,
) -> Result<(), ImportError> {
    let document: &RawValue = serde_json::from_str(text)?;
    let empty = Object::default();
    let mut one = |place: Place, raw: &RawValue, page: &Object<'_>| {
        into.begin();
        let done = Object::parse(raw)
            .map_err(FieldFault::from)
            .and_then(|fields| record(JsonRecord { fields: &fields, page, place: place.clone(), into }));
        if let Err(FieldFault { path, kind }) = done {
            into.fault(Place::Path(format!("{place}{path}")), kind);
        }
    };
    // A page is walked, anything else is a record.
    let mut page_or_record = |path: &str, raw: &RawValue| {
        let page = Object::parse(raw).ok().and_then(|page| page.raw(key).map(|records| (page, records)));
        let Some((page, records)) = page else {
            one(Place::Path(path.to_owned()), raw, &empty);
            return Ok(());
        };
        let path = format!("{path}.{key}");
        elements(records, &path, |index, raw| {
            one(Place::Path(format!("{path}[{index}]")), raw, &page);
            Ok(())
        })
    };
    match document.get().as_bytes().first() {
        Some(b'{') => page_or_record("$", document),
        _ => elements(document, "$", |index, raw| page_or_record(&format!("$[{index}]"), raw)),
    }
}

/// The shape of a document by its fields, as [`Shape::detect`] says.
pub(super) fn detect(text: &str) -> Result<Shape, ImportError> {
    let document: &RawValue = serde_json::from_str(text)?;
    let object = match document.get().as_bytes().first() {
        Some(b'{') => Object::lenient(document).ok(),
        _ => first_object(document),
    };
    let object = object.unwrap_or_default();
    let inner = |key: &str| object.raw(key).and_then(first_object).unwrap_or_default();
    let (results, data) = (inner("results"), inner("data"));
    let indicator = |object: &Object<'_>| object.has("indicator") || object.has("should_delete");
    let shows = [
        (Shape::StopNcii, object.has("hashRecords") || object.has("hashValue")),
        (
            Shape::TechAgainstTerrorism,
            object.has("hash_digest")
                || results.has("hash_digest")
                || (object.has("results") && object.has("checkpoint")),
        ),
        (Shape::ThreatUpdates, indicator(&object) || indicator(&data)),
        (Shape::Hma, object.has("contents") || object.has("signals") || object.has("disable_until_ts")),
    ];
    let mut found = shows.into_iter().filter(|(_, shows)| *shows).map(|(shape, _)| shape);
    match (found.next(), found.next()) {
        (None, _) => Err(ImportError::UnknownShape),
        (Some(shape), None) => Ok(shape),
        (Some(one), Some(other)) => Err(ImportError::AmbiguousShape(one, other)),
    }
}

/// The fields of an object, each yet to be read.
#[derive(Debug, Default)]
pub(super) struct Object<'a>(Vec<(Cow<'a, str>, &'a RawValue)>);

impl<'a> Object<'a> {
    /// The fields, each of which must be there once.
    pub(super) fn parse(raw: &'a RawValue) -> Result<Self, FaultKind> {
        let object = Self::lenient(raw)?;
        match object.0.windows(2).find(|pair| pair[0].0 == pair[1].0) {
            Some(twice) => Err(FaultKind::Twice(twice[0].0.to_string())),
            None => Ok(object),
        }
    }

    /// The fields, in the order of their keys.
    fn lenient(raw: &'a RawValue) -> Result<Self, FaultKind> {
        if !raw.get().starts_with('{') {
            return Err(FaultKind::WrongType { expected: "an object", found: kind(raw) });
        }
        // The text is well-formed: what can be wrong is an escape in a key.
        let Self(mut fields) = serde_json::from_str(raw.get()).map_err(|_| FaultKind::BrokenText)?;
        fields.sort_by(|(a, _), (b, _)| a.cmp(b));
        Ok(Self(fields))
    }

    pub(super) fn has(&self, key: &str) -> bool {
        self.0.iter().any(|(found, _)| found == key)
    }

    /// The field, unless it is absent or null.
    pub(super) fn raw(&self, key: &str) -> Option<&'a RawValue> {
        let field = self.0.iter().find(|(found, _)| found == key);
        field.map(|&(_, raw)| raw).filter(|raw| raw.get() != "null")
    }

    /// The fields and their keys, in the order of the keys.
    pub(super) fn iter(&self) -> impl Iterator<Item = (&str, &'a RawValue)> {
        self.0.iter().map(|(key, raw)| (key.as_ref(), *raw))
    }

    /// A text.
    pub(super) fn text(&self, key: &'static str) -> Result<Option<Cow<'a, str>>, FieldFault> {
        self.raw(key).map(|raw| text(raw).map_err(|kind| FieldFault::at(format!(".{key}"), kind))).transpose()
    }

    /// A text that has to be there.
    pub(super) fn required(&self, key: &'static str) -> Result<Cow<'a, str>, FieldFault> {
        self.text(key)?.ok_or_else(|| FaultKind::Missing(key).into())
    }

    /// A name: a text or a number as it is written.
    pub(super) fn name(&self, key: &'static str) -> Result<Option<Cow<'a, str>>, FieldFault> {
        match self.raw(key) {
            Some(raw) if kind(raw) == "a number" => Ok(Some(raw.get().into())),
            _ => self.text(key),
        }
    }

    /// A number.
    pub(super) fn number<N: std::str::FromStr>(&self, key: &'static str) -> Result<Option<N>, FieldFault> {
        let at = |kind| FieldFault::at(format!(".{key}"), kind);
        let Some(raw) = self.raw(key) else { return Ok(None) };
        if kind(raw) != "a number" {
            return Err(at(FaultKind::WrongType { expected: "a number", found: kind(raw) }));
        }
        raw.get().parse().map(Some).map_err(|_| at(FaultKind::Number(raw.get().to_owned())))
    }

    /// A truth value.
    pub(super) fn flag(&self, key: &'static str) -> Result<Option<bool>, FieldFault> {
        match self.raw(key).map(RawValue::get) {
            None => Ok(None),
            Some("true") => Ok(Some(true)),
            Some("false") => Ok(Some(false)),
            Some(_) => {
                let found = self.raw(key).map_or("null", kind);
                Err(FieldFault::at(format!(".{key}"), FaultKind::WrongType { expected: "true or false", found }))
            }
        }
    }

    /// An object.
    pub(super) fn object(&self, key: &'static str) -> Result<Option<Object<'a>>, FieldFault> {
        self.raw(key).map(|raw| Object::parse(raw).map_err(|kind| FieldFault::at(format!(".{key}"), kind))).transpose()
    }
}

/// The text that a value is.
pub(super) fn text(raw: &RawValue) -> Result<Cow<'_, str>, FaultKind> {
    if !raw.get().starts_with('"') {
        return Err(FaultKind::WrongType { expected: "text", found: kind(raw) });
    }
    serde_json::from_str(raw.get()).map(|Text(text)| text).map_err(|_| FaultKind::BrokenText)
}

/// The elements of a list.
///
/// # Errors
/// [`ImportError::NoList`], and what `each` returns first.
pub(super) fn elements<'a>(
    raw: &'a RawValue,
    path: &str,
    mut each: impl FnMut(usize, &'a RawValue) -> Result<(), ImportError>,
) -> Result<(), ImportError> {
    if !raw.get().starts_with('[') {
        return Err(ImportError::NoList { path: path.to_owned(), found: kind(raw) });
    }
    let mut failed = Ok(());
    let mut deserializer = serde_json::Deserializer::from_str(raw.get());
    deserializer.deserialize_seq(Elements(|index, raw| {
        failed = each(index, raw);
        failed.is_ok()
    }))?;
    failed
}

/// The first element of a list that is an object.
fn first_object(raw: &RawValue) -> Option<Object<'_>> {
    let mut first = None;
    let found = elements(raw, "", |_, raw| {
        if first.is_none() {
            first = Object::lenient(raw).ok();
        }
        Ok(())
    });
    found.ok().and(first)
}

/// What a value is, for people.
pub(super) fn kind(raw: &RawValue) -> &'static str {
    match raw.get().as_bytes().first() {
        Some(b'{') => "an object",
        Some(b'[') => "a list",
        Some(b'"') => "text",
        Some(b't' | b'f') => "true or false",
        Some(b'n') => "null",
        _ => "a number",
    }
}

/// A string, borrowed if it has no escapes.
#[derive(serde::Deserialize)]
#[serde(transparent)]
struct Text<'a>(#[serde(borrow)] Cow<'a, str>);

impl<'de: 'a, 'a> Deserialize<'de> for Object<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(Fields)
    }
}

struct Fields;

impl<'de> Visitor<'de> for Fields {
    type Value = Object<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<M: MapAccess<'de>>(self, mut map: M) -> Result<Self::Value, M::Error> {
        let mut fields = Vec::new();
        while let Some((Text(key), raw)) = map.next_entry()? {
            fields.push((key, raw));
        }
        Ok(Object(fields))
    }
}

/// Hands on every element, until told not to.
struct Elements<F>(F);

impl<'de, F: FnMut(usize, &'de RawValue) -> bool> Visitor<'de> for Elements<F> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list")
    }

    fn visit_seq<S: SeqAccess<'de>>(mut self, mut list: S) -> Result<(), S::Error> {
        let mut index = 0;
        while let Some(raw) = list.next_element()? {
            if !(self.0)(index, raw) {
                while list.next_element::<IgnoredAny>()?.is_some() {}
                return Ok(());
            }
            index += 1;
        }
        Ok(())
    }
}
