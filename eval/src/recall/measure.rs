//! One picture, transformed in one way.

use image::RgbImage;
use presend_core::{Algorithm, Dihedral, Effort, ImageHash, Oriented, PixelFormat, PixelView, Scratch};

use super::rows::{Distances, Edited};
use crate::edits::{Subject, Transform};

/// How far a transformed picture lies from the hash of record of the picture: as a scan looks it up, with all eight
/// orientations, and with effort.
pub fn measure<A: Algorithm>(
    algorithm: A,
    subject: &Subject,
    original: &ImageHash<A>,
    transform: &Transform,
    effort: Effort,
    scratch: &mut Scratch,
) -> Edited {
    transform.apply(subject).map_or(Edited::NotApplicable, |edited| {
        distances(algorithm, &edited, original, effort, scratch).map_or(Edited::TooSmall, Edited::Hashed)
    })
}

/// `None` of a picture too small to hash.
fn distances<A: Algorithm>(
    algorithm: A,
    edited: &RgbImage,
    original: &ImageHash<A>,
    effort: Effort,
    scratch: &mut Scratch,
) -> Option<Distances> {
    let view = PixelView::new(edited, edited.width(), edited.height(), PixelFormat::Rgb8)
        .expect("a picture has three bytes for each pixel");
    let (record, lookups) = algorithm.hash_turned(view, &[], effort, scratch).ok()?;
    let (_, turned) = algorithm.hash_turned(view, &Dihedral::ALL, Effort::NONE, scratch).ok()?;
    let upright = original.distance(&record.hash).bits();
    let least = |hashes: &[Oriented<A>]| {
        hashes.iter().map(|oriented| original.distance(&oriented.hash).bits()).fold(upright, u16::min)
    };
    Some(Distances { upright, dihedral: least(&turned), effort: least(&lookups), quality: record.quality })
}
