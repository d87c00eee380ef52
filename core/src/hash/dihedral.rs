//! The eight ways to turn and mirror a picture.

use std::fmt;
use std::ops::Index;

use super::{Algorithm, ImageHash};

/// One of the eight symmetries of a rectangle's picture, named as the PDQ reference names them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Dihedral {
    /// As stored.
    Original,
    /// Turned a quarter counter-clockwise.
    Rotate90,
    /// Turned a half.
    Rotate180,
    /// Turned a quarter clockwise.
    Rotate270,
    /// Top and bottom exchanged.
    FlipX,
    /// Left and right exchanged: the mirror image.
    FlipY,
    /// Rows and columns exchanged (transposed).
    FlipPlus1,
    /// Rows and columns exchanged along the other diagonal (anti-transposed).
    FlipMinus1,
}

impl Dihedral {
    /// All eight, in the reference's order.
    pub const ALL: [Self; 8] = [
        Self::Original,
        Self::Rotate90,
        Self::Rotate180,
        Self::Rotate270,
        Self::FlipX,
        Self::FlipY,
        Self::FlipPlus1,
        Self::FlipMinus1,
    ];

    /// The reference's name, for output.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Original => "original",
            Self::Rotate90 => "rotate-90",
            Self::Rotate180 => "rotate-180",
            Self::Rotate270 => "rotate-270",
            Self::FlipX => "flip-x",
            Self::FlipY => "flip-y",
            Self::FlipPlus1 => "flip-plus-1",
            Self::FlipMinus1 => "flip-minus-1",
        }
    }

    /// Whether width and height change places.
    #[must_use]
    pub const fn swaps_sides(self) -> bool {
        matches!(self, Self::Rotate90 | Self::Rotate270 | Self::FlipPlus1 | Self::FlipMinus1)
    }
}

impl fmt::Display for Dihedral {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// The hashes of a picture turned and mirrored in all eight ways.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DihedralHashes<A: Algorithm>(pub(crate) [ImageHash<A>; 8]);

impl<A: Algorithm> DihedralHashes<A> {
    /// Each symmetry with its hash, in the reference's order.
    pub fn iter(&self) -> impl Iterator<Item = (Dihedral, ImageHash<A>)> + '_ {
        Dihedral::ALL.into_iter().zip(self.0)
    }
}

impl<A: Algorithm> Index<Dihedral> for DihedralHashes<A> {
    type Output = ImageHash<A>;

    fn index(&self, symmetry: Dihedral) -> &ImageHash<A> {
        &self.0[symmetry as usize]
    }
}
