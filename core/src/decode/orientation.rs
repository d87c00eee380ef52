//! The orientation tag: how a camera says which way was up.

use image::metadata::Orientation;

use crate::hash::Dihedral;

/// How to turn a stored picture for viewing; `None` when it is stored upright.
pub(super) fn upright(tag: Orientation) -> Option<Dihedral> {
    match tag {
        Orientation::NoTransforms => None,
        Orientation::FlipHorizontal => Some(Dihedral::FlipY),
        Orientation::Rotate180 => Some(Dihedral::Rotate180),
        Orientation::FlipVertical => Some(Dihedral::FlipX),
        Orientation::Rotate90FlipH => Some(Dihedral::FlipPlus1),
        // EXIF turns clockwise, PDQ's names counter-clockwise.
        Orientation::Rotate90 => Some(Dihedral::Rotate270),
        Orientation::Rotate270FlipH => Some(Dihedral::FlipMinus1),
        Orientation::Rotate270 => Some(Dihedral::Rotate90),
    }
}
