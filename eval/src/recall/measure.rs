//! One picture, transformed in one way.

use image::RgbImage;
use presend_core::{Algorithm, Dihedral, Effort, ImageHash, Oriented, PixelFormat, PixelView, Scratch};

use super::rows::{Distances, Edited};
use crate::edits::{Family, Subject, Transform};

/// How far a transformed picture lies from the hash of record of the picture: as a scan looks it up, and with effort; of one
/// that was turned or mirrored, also with all eight orientations, which take eight times as long.
pub fn measure<A: Algorithm>(
    algorithm: A,
    subject: &Subject,
    original: &ImageHash<A>,
    transform: &Transform,
    effort: Effort,
    scratch: &mut Scratch,
) -> Edited {
    let ways = if transform.family == Family::Dihedral { Dihedral::ALL.as_slice() } else { &[] };
    transform.apply(subject).map_or(Edited::NotApplicable, |edited| {
        distances(algorithm, &edited, original, ways, effort, scratch).map_or(Edited::TooSmall, Edited::Hashed)
    })
}

/// `None` of a picture too small to hash.
fn distances<A: Algorithm>(
    algorithm: A,
    edited: &RgbImage,
    original: &ImageHash<A>,
    ways: &[Dihedral],
    effort: Effort,
    scratch: &mut Scratch,
) -> Option<Distances> {
    let view = PixelView::new(edited, edited.width(), edited.height(), PixelFormat::Rgb8)
        .expect("a picture has three bytes for each pixel");
    let least = |hashes: &[Oriented<A>]| hashes.iter().map(|oriented| original.distance(&oriented.hash).bits()).min();
    let (record, lookups) = algorithm.hash_turned(view, &[], effort, scratch).ok()?;
    let upright = original.distance(&record.hash).bits();
    let dihedral = match ways {
        [] => None,
        _ => least(&algorithm.hash_turned(view, ways, Effort::NONE, scratch).ok()?.1),
    };
    Some(Distances { upright, dihedral, effort: upright.min(least(&lookups)?), quality: record.quality })
}
