//! The first directory of a TIFF file, as far as it says what its decoder will ask for (TIFF 6.0, section 2).

use super::{DecodeError, Format, Limits};

/// An image file directory. `BigTIFF` has wider fields.
struct Directory<'a> {
    bytes: &'a [u8],
    little: bool,
    /// Bytes of an offset, and so of what stands in an entry itself.
    offset: u64,
    /// Where its entries begin and end.
    entries: (u64, u64),
}

impl<'a> Directory<'a> {
    fn first(bytes: &'a [u8]) -> Option<Self> {
        let little = bytes.starts_with(b"II");
        let mut directory = Self { bytes, little, offset: 4, entries: (0, 0) };
        let big = directory.number(2, 2)? == 43;
        let (start, count) = if big { (8, 8) } else { (4, 2) };
        directory.offset = if big { 8 } else { 4 };
        let at = directory.number(start, directory.offset)?;
        let entries = at.checked_add(count)?;
        let length = directory.number(at, count)?.checked_mul(directory.entry())?;
        directory.entries = (entries, entries.checked_add(length)?);
        Some(directory)
    }

    /// Bytes of an entry: tag, type, count and value.
    fn entry(&self) -> u64 {
        4 + 2 * self.offset
    }

    fn number(&self, at: u64, length: u64) -> Option<u64> {
        let field = self.data(at, length)?;
        let fold = |value: u64, &byte: &u8| (value << 8) | u64::from(byte);
        Some(if self.little { field.iter().rev().fold(0, fold) } else { field.iter().fold(0, fold) })
    }

    fn data(&self, at: u64, length: u64) -> Option<&'a [u8]> {
        self.bytes.get(usize::try_from(at).ok()?..usize::try_from(at.checked_add(length)?).ok()?)
    }

    /// Where the values of every entry with this tag are, with the bytes of one and their number.
    fn values(&self, tag: u64) -> impl Iterator<Item = (u64, u64, u64)> {
        let (start, end) = self.entries;
        let entries = (start..end.min(self.bytes.len() as u64)).step_by(self.entry() as usize);
        entries.filter(move |&at| self.number(at, 2) == Some(tag)).filter_map(|at| {
            let size = match self.number(at + 2, 2)? {
                1 | 2 | 6 | 7 => 1,
                3 | 8 => 2,
                4 | 9 | 11 | 13 => 4,
                _ => 8,
            };
            let count = self.number(at + 4, self.offset)?;
            let value = at + 4 + self.offset;
            let within = count.saturating_mul(size) <= self.offset;
            Some((if within { value } else { self.number(value, self.offset)? }, size, count))
        })
    }

    /// The first value of every entry with this tag.
    fn numbers(&self, tag: u64) -> impl Iterator<Item = u64> {
        self.values(tag).filter_map(|(at, size, _)| self.number(at, size))
    }
}

/// Whether the first directory leads to another.
pub(super) fn has_further_page(bytes: &[u8]) -> bool {
    let next = |directory: &Directory<'_>| directory.number(directory.entries.1, directory.offset);
    Directory::first(bytes).and_then(|directory| next(&directory)).is_some_and(|offset| offset != 0)
}

/// Refuses what the decoder would hold without asking its own limits: rows of a tile, which may be wider than the picture,
/// and JPEG files within; and what it panics at (`docs/findings.md`).
pub(super) fn check(bytes: &[u8], limits: &Limits) -> Result<(), DecodeError> {
    const HEIGHT: u64 = 257;
    const COMPRESSION: u64 = 259;
    const SAMPLES: u64 = 277;
    const PLANES: u64 = 284;
    const TILE_WIDTH: u64 = 322;
    const TILE_HEIGHT: u64 = 323;
    const JPEG_TABLES: u64 = 347;
    const JPEG: u64 = 7;
    // Without one the decoder says what is wrong.
    let Some(directory) = Directory::first(bytes) else { return Ok(()) };
    // Samples have up to eight bytes.
    let samples = directory.numbers(SAMPLES).max().unwrap_or(1);
    let row = directory.numbers(TILE_WIDTH).max().unwrap_or(0).saturating_mul(samples).saturating_mul(8);
    limits.afford(row)?;
    let filled = |tile: u64| directory.numbers(HEIGHT).all(|height| height.checked_rem(tile) == Some(0));
    if directory.numbers(PLANES).any(|planes| planes != 1) && !directory.numbers(TILE_HEIGHT).all(filled) {
        let detail = Some("planes in tiles that end below the picture".to_owned());
        return Err(DecodeError::Unsupported { format: Format::Tiff, detail });
    }
    if !directory.numbers(COMPRESSION).any(|scheme| scheme == JPEG) {
        return Ok(());
    }
    let mut tables = directory.values(JPEG_TABLES);
    if !tables.all(|(at, size, count)| directory.data(at, size.saturating_mul(count)).is_some_and(are_tables)) {
        return Err(DecodeError::Malformed { format: Format::Tiff, reason: "broken JPEG tables".to_owned() });
    }
    frame_headers(bytes).try_for_each(|(width, height, components)| {
        // Samples, which are copied once, and all coefficients, of two bytes.
        limits.check(width, height, 4 * components * u64::from(width) * u64::from(height))
    })
}

/// Whether these are whole segments between a start and an end of image: what is put before other data must not have half a
/// frame header, whose other half is there.
fn are_tables(bytes: &[u8]) -> bool {
    let mut rest = bytes.strip_prefix(b"\xff\xd8").unwrap_or_default();
    while let [0xff, marker, high, low, ..] = *rest {
        let length = usize::from(u16::from_be_bytes([high, low]));
        if !matches!(marker, 0xc4 | 0xdb | 0xdd | 0xe0..=0xef | 0xfe) || length < 2 {
            return false;
        }
        rest = rest.get(2 + length..).unwrap_or_default();
    }
    rest == b"\xff\xd9"
}

/// Width, height and number of components of all that looks like the header of a frame (ITU-T T.81, section B.2.2), wherever
/// it stands.
fn frame_headers(bytes: &[u8]) -> impl Iterator<Item = (u32, u32, u64)> {
    bytes.windows(10).filter_map(|window| match *window {
        [0xff, 0xc0..=0xc2, 0, length, 8, y1, y0, x1, x0, components] => {
            let side = |high, low| u32::from(u16::from_be_bytes([high, low]));
            let is_header = u16::from(length) == 8 + 3 * u16::from(components);
            is_header.then(|| (side(x1, x0), side(y1, y0), components.into()))
        }
        _ => None,
    })
}
