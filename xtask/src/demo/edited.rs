//! Copies of listed pictures, as they look after what people, phones and chat programs do to them.

use anyhow::{Context, Result};
use image::{DynamicImage, RgbImage};

use super::DemoFile;
use super::edits;
use super::encode::{Encoding, animation, jpeg, jpeg_to_turn_right, png};
use super::listed::listed_picture;
use super::scenes::{coast, garden, indoors};
use super::subject::paint;

/// A file that holds a listed picture, whether or not it can be seen or recognised in it.
pub(crate) struct Edited {
    /// The name of its file.
    pub(crate) name: &'static str,
    /// The name of the listed picture.
    pub(crate) of: &'static str,
    make: fn(&RgbImage) -> Result<Vec<u8>>,
}

impl Edited {
    /// Its file in `folder`.
    pub(crate) fn file(&self, folder: &str) -> Result<DemoFile> {
        let path = format!("{folder}/{}", self.name);
        let bytes = listed_picture(self.of).and_then(|picture| (self.make)(&picture));
        Ok(DemoFile { bytes: bytes.with_context(|| format!("could not make {path}"))?, path })
    }
}

/// Every edited copy in the outbox, by name.
pub(crate) const EDITED: &[Edited] = &[
    Edited {
        name: "aquarium-greyscale.jpg",
        of: "aquarium",
        make: |picture| jpeg(&DynamicImage::from(edits::greyscale(picture)), 85),
    },
    Edited {
        name: "autumn-wood-mirrored.jpg",
        of: "autumn-wood",
        make: |picture| Encoding::Jpeg(80).encode(&edits::mirrored(picture)),
    },
    // Blank to a program that looks at colours only; shown on white it is the card in shades of grey.
    Edited {
        name: "birthday-drawn-in-alpha.png",
        of: "birthday",
        make: |picture| png(&DynamicImage::from(edits::drawn_in_alpha(&edits::resized(picture, 75)))),
    },
    // Shown, it is an empty sheet; the colours of the card are still in the file.
    Edited {
        name: "cat-card-hidden-under-alpha.png",
        of: "cat-card",
        make: |picture| png(&DynamicImage::from(edits::hidden_under_alpha(picture))),
    },
    Edited {
        name: "flower-bed-blurred.jpg",
        of: "flower-bed",
        make: |picture| Encoding::Jpeg(85).encode(&edits::blurred(picture)),
    },
    Edited { name: "harbour-recompressed.jpg", of: "harbour", make: |picture| Encoding::Jpeg(35).encode(picture) },
    Edited {
        name: "hot-air-balloons-recoloured.jpg",
        of: "hot-air-balloons",
        make: |picture| Encoding::Jpeg(80).encode(&edits::warmed(picture)),
    },
    Edited {
        name: "kitchen-resized.png",
        of: "kitchen",
        make: |picture| Encoding::Png.encode(&edits::resized(picture, 60)),
    },
    // As a camera stores a picture that was taken upright: sideways, with a note that says how to show it.
    Edited {
        name: "mountain-lake-stored-sideways.jpg",
        of: "mountain-lake",
        make: |picture| jpeg_to_turn_right(&edits::turned_left(picture), 80),
    },
    Edited {
        name: "party-converted.webp",
        of: "party",
        make: |picture| Encoding::WebP.encode(&edits::resized(picture, 70)),
    },
    Edited { name: "slideshow.gif", of: "street", make: slideshow },
];

/// Four pictures in turn; the third is the listed one.
fn slideshow(picture: &RgbImage) -> Result<Vec<u8>> {
    let third = edits::resized(picture, 66);
    let size = third.dimensions();
    let [toys, storm, flowers] = [(indoors::toys as _, 41), (coast::storm as _, 42), (garden::sunflowers as _, 43)]
        .map(|(painter, seed)| paint(painter, seed, size));
    animation(&[toys, storm, third, flowers])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::demo::listed::LISTED;

    #[test]
    fn every_edit_is_of_a_listed_picture() {
        for edited in EDITED {
            assert!(LISTED.iter().any(|subject| subject.name == edited.of), "{}", edited.name);
        }
    }
}
