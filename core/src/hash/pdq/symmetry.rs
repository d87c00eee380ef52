//! Turning and mirroring a picture in the frequency domain.
//!
//! Mirroring an axis negates its odd cosines; transposing the picture transposes its coefficients. So all eight
//! hashes come from one DCT. Index 0 is the first cosine after the constant one, hence odd frequencies have even
//! indices.

use super::dct::Coefficients;
use crate::hash::Dihedral;

/// The coefficients of the picture after `way`.
pub(super) fn apply(coefficients: &Coefficients, way: Dihedral) -> Coefficients {
    let mut out = [[0.0; 16]; 16];
    for (i, row) in coefficients.iter().enumerate() {
        for (j, &value) in row.iter().enumerate() {
            let (odd_i, odd_j) = (i % 2 == 1, j % 2 == 1);
            let negative = match way {
                Dihedral::Original | Dihedral::FlipPlus1 => false,
                Dihedral::Rotate90 | Dihedral::FlipY => !odd_j,
                Dihedral::Rotate270 | Dihedral::FlipX => !odd_i,
                Dihedral::Rotate180 | Dihedral::FlipMinus1 => odd_i != odd_j,
            };
            let (row, column) = if way.swaps_sides() { (j, i) } else { (i, j) };
            out[row][column] = if negative { -value } else { value };
        }
    }
    out
}
