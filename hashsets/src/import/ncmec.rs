//! NCMEC's hash sharing API, version 2: what `GET /v2/entries` returns, as python-threatexchange's client reads it.
//!
//! ```xml
//! <queryResult xmlns="https://hashsharing.ncmec.org/hashsharing/v2">
//!   <images count="2" maxTimestamp="2024-10-24T15:10:00Z">
//!     <image>
//!       <member id="42">Example Member</member> <timestamp>2024-10-24T15:00:00Z</timestamp> <id>image1</id>
//!       <classification>A1</classification>
//!       <fingerprints> <md5>…</md5> <sha1>…</sha1> <pdna>…</pdna> <pdq>f8f8…9b22</pdq> </fingerprints>
//!       <feedback/>
//!     </image>
//!     <deletedImage> <member id="43">…</member> <id>image4</id> <timestamp>2024-10-24T15:10:00Z</timestamp> </deletedImage>
//!   </images>
//!   <videos>…</videos> <paging> <next>/v2/entries?…</next> </paging>
//! </queryResult>
//! ```
//!
//! An id is the member's own, so a record is known by both, as `42-image1`, and is one cluster. The label is the
//! classification. The fingerprints of videos are counted as `video md5` and so on.
//!
//! Read event by event. A document type declaration is refused, so there are no entities to expand and nothing to fetch.

use std::collections::BTreeMap;

use presend_core::Algorithm;
use quick_xml::events::{BytesStart, Event};
use quick_xml::{Reader, XmlVersion};
use thiserror::Error;

use super::build::{Builder, pdq};
use super::fault::{FaultKind, Place};
use super::shape::Shape;
use super::signal::Signal;
use super::{DigestRecord, ImportError, Record, Withdrawal};

/// Why XML cannot be used as a whole.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum XmlError {
    /// It breaks the rules of XML.
    #[error("not well-formed XML: {0}")]
    Malformed(#[from] quick_xml::Error),
    /// It ends inside an element.
    #[error("not well-formed XML: <{0}> is not closed")]
    Unclosed(String),
    /// Something stands outside the one root element.
    #[error("not well-formed XML: content outside of the root element")]
    OutsideRoot,
    /// A reference to an entity that XML does not define by itself.
    #[error("not well-formed XML: unknown entity {0:?}")]
    UnknownEntity(String),
    /// A document type declaration, which no list has and which can do harm.
    #[error("a document type declaration")]
    Doctype,
    /// Elements in elements in elements.
    #[error("elements more than {MAX_DEPTH} deep")]
    TooDeep,
    /// Some other kind of document.
    #[error("expected <queryResult>, found <{0}>")]
    WrongRoot(String),
    /// No element at all.
    #[error("no root element")]
    NoRoot,
}

/// NCMEC's shape, if that is what the document's root says.
pub(super) fn detect(text: &str) -> Result<Shape, ImportError> {
    let mut root = None;
    walk(text, |path, _| {
        root = path.first().cloned();
        Ok(false)
    })?;
    match root.as_deref() {
        Some(ROOT) => Ok(Shape::Ncmec),
        _ => Err(ImportError::UnknownShape),
    }
}

/// Reads a page of entries.
///
/// # Errors
/// [`ImportError::Xml`].
pub(super) fn read<A: Algorithm>(text: &str, into: &mut Builder<A>) -> Result<(), ImportError> {
    let mut document = Document { children: Default::default(), item: None, into };
    walk(text, |path, node| {
        match node {
            Node::Start(element) => document.start(path, element)?,
            Node::Text(text) => document.text(path, text),
            Node::End => document.end(path),
        }
        Ok(true)
    })
}

/// A part of a document.
enum Node<'n, 'a> {
    Start(&'n BytesStart<'a>),
    /// A piece of text: several may follow one another.
    Text(&'n str),
    End,
}

/// Hands on every part of a well-formed document, while told to go on, with the names of the elements it is in, its own
/// included.
fn walk(
    text: &str,
    mut node: impl FnMut(&[String], Node<'_, '_>) -> Result<bool, XmlError>,
) -> Result<(), ImportError> {
    let mut reader = Reader::from_str(text);
    reader.config_mut().expand_empty_elements = true;
    let mut open: Vec<String> = Vec::new();
    let mut rooted = false;
    loop {
        let at = reader.buffer_position();
        let fail = |error| ImportError::Xml { at, error };
        let event = reader
            .read_event()
            .map_err(|error| ImportError::Xml { at: reader.error_position(), error: error.into() })?;
        let outside = open.is_empty();
        let node = match &event {
            Event::Start(element) => {
                if outside && rooted {
                    return Err(fail(XmlError::OutsideRoot));
                }
                if open.len() == MAX_DEPTH {
                    return Err(fail(XmlError::TooDeep));
                }
                rooted = true;
                open.push(local_name(element));
                node(&open, Node::Start(element))
            }
            Event::End(_) => {
                let ended = node(&open, Node::End);
                open.pop();
                ended
            }
            Event::Text(text) if outside => match text.trim_ascii().is_empty() {
                true => Ok(true),
                false => Err(XmlError::OutsideRoot),
            },
            Event::CData(_) | Event::GeneralRef(_) if outside => Err(XmlError::OutsideRoot),
            Event::Text(text) => node(&open, Node::Text(text)),
            Event::CData(text) => node(&open, Node::Text(text)),
            Event::GeneralRef(entity) => {
                let character = entity.resolve_char_ref().map_err(|error| fail(error.into()))?;
                match character.map(String::from).or_else(|| predefined(entity).map(str::to_owned)) {
                    Some(text) => node(&open, Node::Text(&text)),
                    None => Err(XmlError::UnknownEntity(entity.chars().take(MAX_NAME).collect())),
                }
            }
            Event::DocType(_) => Err(XmlError::Doctype),
            Event::Eof => {
                return match open.pop() {
                    Some(name) => Err(fail(XmlError::Unclosed(name))),
                    None if !rooted => Err(fail(XmlError::NoRoot)),
                    None => Ok(()),
                };
            }
            Event::Empty(_) | Event::Comment(_) | Event::Decl(_) | Event::PI(_) => Ok(true),
        };
        if !node.map_err(fail)? {
            return Ok(());
        }
    }
}

/// The five entities that XML defines by itself.
fn predefined(name: &str) -> Option<&'static str> {
    quick_xml::escape::resolve_xml_entity(name)
}

/// Where in the document the reader is.
struct Document<'b, A: Algorithm> {
    /// How many children of each name there were of the root, of the list of records, and of the list of fingerprints.
    children: [BTreeMap<String, usize>; 3],
    /// The image or video that is being read.
    item: Option<Item>,
    into: &'b mut Builder<A>,
}

/// An `image`, `deletedImage`, `video` or `deletedVideo`.
#[derive(Default)]
struct Item {
    /// Which of its name in its list, from 1.
    index: usize,
    member: Option<String>,
    id: String,
    classification: String,
    fingerprints: Vec<Fingerprint>,
}

#[derive(Default)]
struct Fingerprint {
    name: String,
    /// Which of its name, from 1.
    index: usize,
    value: String,
}

impl<A: Algorithm> Document<'_, A> {
    fn start(&mut self, path: &[String], start: &BytesStart<'_>) -> Result<(), XmlError> {
        match (path, &mut self.item) {
            ([root], _) if root != ROOT => return Err(XmlError::WrongRoot(root.clone())),
            ([_, list], _) => {
                count(&mut self.children[0], list);
                self.children[1].clear();
            }
            ([_, list, name], _) if is_entries(list) => {
                self.into.begin();
                let index = count(&mut self.children[1], name);
                self.children[2] = BTreeMap::new();
                self.item = Some(Item { index, ..Item::default() });
            }
            ([_, _, _, field], Some(item)) if field == "member" => {
                let id = start.try_get_attribute("id").map_err(quick_xml::Error::from)?;
                item.member = id.map(|id| id.normalized_value(XmlVersion::Explicit1_0)).transpose()?.map(Into::into);
            }
            ([_, _, _, field, name], Some(item)) if field == "fingerprints" => {
                let index = count(&mut self.children[2], name);
                item.fingerprints.push(Fingerprint { name: name.clone(), index, value: String::new() });
            }
            _ => {}
        }
        Ok(())
    }

    fn text(&mut self, path: &[String], text: &str) {
        let Some(item) = &mut self.item else { return };
        match path {
            [_, _, _, field] if field == "id" => item.id.push_str(text),
            [_, _, _, field] if field == "classification" => item.classification.push_str(text),
            [_, _, _, field, _] if field == "fingerprints" => {
                if let Some(fingerprint) = item.fingerprints.last_mut() {
                    fingerprint.value.push_str(text);
                }
            }
            _ => {}
        }
    }

    fn end(&mut self, path: &[String]) {
        if let [root, list, record] = path
            && let Some(item) = self.item.take()
        {
            let which = self.children[0].get(list).copied().unwrap_or(1);
            let place = format!("{root}/{}/{record}[{}]", step(list, which), item.index);
            if let Err(kind) = self.take(list, record, item, &place) {
                self.into.fault(Place::Path(place), kind);
            }
        }
    }

    fn take(&mut self, list: &str, record: &str, item: Item, place: &str) -> Result<(), FaultKind> {
        let video = list == "videos";
        match record {
            "image" | "deletedImage" if !video => {}
            "video" if video => {
                item.fingerprints.iter().for_each(|kind| self.into.skip(&format!("video {}", kind.name)));
                return Ok(());
            }
            other => {
                self.into.skip(other);
                return Ok(());
            }
        }
        let member = item.member.filter(|member| !member.trim().is_empty()).ok_or(FaultKind::Missing("member id"))?;
        let id = Some(item.id.trim()).filter(|id| !id.is_empty()).ok_or(FaultKind::Missing("id"))?;
        let id = format!("{}-{id}", member.trim());
        if record == "deletedImage" {
            self.into.withdraw(Withdrawal { id: Some(id), signal: None, place: Place::Path(place.to_owned()) });
            return Ok(());
        }
        let label = Some(item.classification.trim().to_owned());
        for Fingerprint { name, index, value } in &item.fingerprints {
            let place = Place::Path(format!("{place}/fingerprints/{}", step(name, *index)));
            if let Err(fault) = self.fingerprint(name, value.trim(), &id, &label, place.clone()) {
                self.into.fault(place, fault);
            }
        }
        Ok(())
    }

    fn fingerprint(
        &mut self,
        name: &str,
        value: &str,
        id: &str,
        label: &Option<String>,
        place: Place,
    ) -> Result<(), FaultKind> {
        let (id, cluster, label) = (Some(id.to_owned()), Some(id.to_owned()), label.clone());
        match Signal::named(name) {
            Some(Signal::Image(_) | Signal::File(_)) if value.is_empty() => return Err(FaultKind::MissingHash),
            Some(Signal::Image(presend_core::AlgorithmId::Pdq)) => {
                self.into.entry(Record { hash: pdq(value)?, quality: None, label, id, cluster, place });
            }
            Some(Signal::File(kind)) => {
                self.into.digest(DigestRecord { digest: kind.parse(value)?, label, id, cluster, place });
            }
            Some(_) | None => self.into.skip(name),
        }
        Ok(())
    }
}

/// Whether the children of an element are records.
fn is_entries(list: &str) -> bool {
    matches!(list, "images" | "videos")
}

/// Counts one more of a name.
fn count(children: &mut BTreeMap<String, usize>, name: &str) -> usize {
    if !children.contains_key(name) {
        children.insert(name.to_owned(), 0);
    }
    children.get_mut(name).map_or(1, |count| {
        *count += 1;
        *count
    })
}

/// A step of a path: the name, and which of that name it is unless it is the first.
fn step(name: &str, index: usize) -> String {
    if index == 1 { name.to_owned() } else { format!("{name}[{index}]") }
}

/// The name without its prefix, shortened if it is absurd.
fn local_name(element: &BytesStart<'_>) -> String {
    element.local_name().as_ref().chars().take(MAX_NAME).collect()
}

const ROOT: &str = "queryResult";

/// `feedback/negativeFeedback/reasons/members/member` is the deepest that is defined, eight from the root.
const MAX_DEPTH: usize = 32;

/// Characters of a name that are told.
const MAX_NAME: usize = 64;
