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
    let least = |hashes: &[Oriented<A>]| hashes.iter().map(|oriented| original.distance(&oriented.hash).bits()).min();
    let (record, lookups) = algorithm.hash_turned(view, &[], effort, scratch).ok()?;
    let upright = original.distance(&record.hash).bits();
    let dihedral = match upright {
        // There is no less, and turning takes eight times as long.
        0 => 0,
        _ => upright.min(least(&algorithm.hash_turned(view, &Dihedral::ALL, Effort::NONE, scratch).ok()?.1)?),
    };
    Some(Distances { upright, dihedral, effort: upright.min(least(&lookups)?), quality: record.quality })
}
