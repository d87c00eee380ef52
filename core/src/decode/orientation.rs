//! The orientation tag: how a camera says which way was up.

use crate::hash::Dihedral;

/// How to turn a stored picture with this Exif block for viewing; `None` when it is stored upright. A broken block says
/// nothing: the picture is then shown as stored.
#[cfg(any(feature = "jpeg", feature = "png", feature = "webp"))]
pub(super) fn of_exif(exif: &[u8]) -> Option<Dihedral> {
    let little = match exif.first_chunk()? {
        b"II*\0" => true,
        b"MM\0*" => false,
        _ => return None,
    };
    let number = |at: usize, length: usize| {
        let field = exif.get(at..)?.get(..length)?;
        let fold = |number, &byte: &u8| number << 8 | u32::from(byte);
        Some(if little { field.iter().rev().fold(0, fold) } else { field.iter().fold(0, fold) })
    };
    // The first directory (TIFF 6.0, section 2): how many entries it has, then 12 bytes for each.
    let directory = number(4, 4)? as usize;
    for entry in 0..number(directory, 2)? as usize {
        let at = directory.checked_add(2 + 12 * entry)?;
        let (tag, kind, count, value) = (number(at, 2)?, number(at + 2, 2)?, number(at + 4, 4)?, number(at + 8, 2)?);
        // The other half of the field's four bytes must be there, whatever is in it.
        number(at + 10, 2)?;
        if (tag, kind, count) == (0x112, 3, 1) {
            return of_tag(value);
        }
    }
    None
}

/// How to turn a picture whose orientation tag has this value (Exif 2.32, section 4.6.4).
pub(super) fn of_tag(value: u32) -> Option<Dihedral> {
    match value {
        2 => Some(Dihedral::FlipY),
        3 => Some(Dihedral::Rotate180),
        4 => Some(Dihedral::FlipX),
        5 => Some(Dihedral::FlipPlus1),
        // Exif turns clockwise, PDQ's names counter-clockwise.
        6 => Some(Dihedral::Rotate270),
        7 => Some(Dihedral::FlipMinus1),
        8 => Some(Dihedral::Rotate90),
        _ => None,
    }
}

#[cfg(all(test, any(feature = "jpeg", feature = "png", feature = "webp")))]
mod tests {
    use image::metadata::Orientation;

    use super::*;

    /// A block with one other entry and this one, numbers the one way round or the other.
    fn exif(little: bool, tag: u16, kind: u16, count: u32, value: u16) -> Vec<u8> {
        let two = |number: u16| if little { number.to_le_bytes() } else { number.to_be_bytes() };
        let four = |number: u32| if little { number.to_le_bytes() } else { number.to_be_bytes() };
        let mut block = if little { b"II*\0".to_vec() } else { b"MM\0*".to_vec() };
        block.extend([four(8).as_slice(), &two(2), &two(0x10f), &two(2), &four(4), b"abc\0"].concat());
        block.extend([two(tag).as_slice(), &two(kind), &four(count), &two(value), &two(0)].concat());
        block
    }

    /// What the `image` crate makes of it.
    fn expected(block: &[u8]) -> Option<Dihedral> {
        of_tag(Orientation::from_exif_chunk(block)?.to_exif().into())
    }

    #[test]
    fn blocks_are_read_as_the_image_crate_reads_them() {
        for little in [true, false] {
            for (tag, kind, count) in [(0x112, 3, 1), (0x112, 4, 1), (0x112, 3, 2), (0x113, 3, 1)] {
                for value in (0..12).chain([256, 262, u16::MAX]) {
                    let block = exif(little, tag, kind, count, value);
                    assert_eq!(of_exif(&block), expected(&block), "{block:02x?}");
                }
            }
            let block = exif(little, 0x112, 3, 1, 6);
            assert_eq!(of_exif(&block), Some(Dihedral::Rotate270));
            for length in 0..block.len() {
                assert_eq!(of_exif(&block[..length]), None, "{length} bytes");
            }
        }
        assert_eq!(of_exif(b"II*\0\xff\xff\xff\xff"), None);
    }
}
