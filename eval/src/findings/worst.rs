//! The pictures that are not the same work and yet nearest to one another, to look at.

use std::path::Path;

use super::Study;
use crate::corpus::{Class, Digest};
use crate::counts::{Entries, LookedUp};
use crate::ops;
use crate::rates::{Rule, View};
use crate::report::{Block, Group, Media, Picture, Pictures, Section};

/// Pairs that are shown.
const PAIRS: usize = 24;
/// The longer side of a small picture.
const SIDE: u32 = 160;

/// The nearest pairs of pictures that are not the same work, as small pictures where the files are still there and are
/// what they were. `None` unless the corpus is looked up in itself.
#[must_use]
pub fn worst(study: &Study<'_>) -> Option<Section> {
    if study.about().among != Entries::Corpus {
        return None;
    }
    let view = View::new(study.counts, Rule::SCAN);
    let mut pairs = view.pairs();
    pairs.truncate(PAIRS);
    let groups = pairs.iter().map(|pair| Group {
        caption: format!("{} bits, {}", pair.distance, said(pair.class)),
        pictures: [pair.a, pair.b].into_iter().filter_map(small).collect(),
    });
    let groups: Vec<Group> = groups.filter(|group| group.pictures.len() == 2).collect();
    let mut blocks = Vec::new();
    if !groups.is_empty() {
        blocks.push(Block::Pictures(Pictures { caption: String::new(), groups }));
    }
    Some(Section {
        id: "worst".into(),
        heading: "The nearest false pairs".into(),
        paragraphs: vec![if blocks.is_empty() {
            "There are none, or their files are not here any more.".into()
        } else {
            "Pictures of sufficient quality that are not the same work, nearest first. What these are says more than any rate.".into()
        }],
        blocks,
    })
}

fn said(class: Option<Class>) -> &'static str {
    match class {
        None => "not judged",
        Some(Class::SameWork) => "the same work",
        Some(Class::Template) => "one template, different content",
        Some(Class::Unrelated) => "unrelated",
    }
}

/// A small copy, if one of the picture's files is there with the same content.
fn small(of: &LookedUp) -> Option<Picture> {
    let (name, bytes) = of.names.lines().find_map(|name| {
        let bytes = std::fs::read(Path::new(name)).ok()?;
        (Digest::of(&bytes) == of.digest).then_some((name, bytes))
    })?;
    let picture = ops::decode(&bytes)?;
    let picture = if picture.width().max(picture.height()) > SIDE { ops::thumbnail(&picture, SIDE) } else { picture };
    Some(Picture { media: Media::Jpeg, bytes: ops::save(&picture, 80), name: name.to_owned() })
}
