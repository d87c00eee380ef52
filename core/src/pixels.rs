//! Pixels as they enter the engine, from a decoder or from a browser canvas.

use thiserror::Error;

use crate::hash::Dihedral;

/// How a pixel is laid out: 8-bit samples, interleaved, rows packed without padding.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PixelFormat {
    /// One grey sample.
    Grey8,
    /// Grey, then straight (not premultiplied) alpha.
    GreyAlpha8,
    /// Red, green, blue.
    Rgb8,
    /// Red, green, blue, then straight (not premultiplied) alpha: a canvas's `ImageData`.
    Rgba8,
}

impl PixelFormat {
    /// Samples, and so bytes, per pixel: 1 to 4.
    #[must_use]
    pub const fn channels(self) -> usize {
        match self {
            Self::Grey8 => 1,
            Self::GreyAlpha8 => 2,
            Self::Rgb8 => 3,
            Self::Rgba8 => 4,
        }
    }

    /// Whether the last sample of a pixel is alpha.
    #[must_use]
    pub const fn has_alpha(self) -> bool {
        matches!(self, Self::GreyAlpha8 | Self::Rgba8)
    }
}

/// What lies behind a picture that is not opaque.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Backdrop {
    /// Nothing: alpha is ignored and the stored colours count, as in the PDQ reference.
    Ignored,
    /// The picture composited on white, as a light theme shows it.
    White,
    /// The picture composited on black, as a dark theme shows it.
    Black,
}

impl Backdrop {
    /// The name in output.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Ignored => "ignored",
            Self::White => "white",
            Self::Black => "black",
        }
    }
}

/// The number of bytes does not fit the dimensions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("{width}x{height} pixels of {format:?} need {expected} bytes, found {found}")]
pub struct PixelsError {
    /// Width in pixels.
    pub width: u32,
    /// Height in pixels.
    pub height: u32,
    /// The layout asked for.
    pub format: PixelFormat,
    /// Bytes that these dimensions need; `u64::MAX` when the product overflows.
    pub expected: u64,
    /// Bytes that were given.
    pub found: usize,
}

/// Borrowed pixels: the one type by which a picture reaches a hash.
///
/// A view also says what lies behind a transparent picture ([`Backdrop`]) and how it is turned ([`Dihedral`]). Both
/// happen pixel by pixel while hashing, so a view on white, or from the side, costs no second copy of the picture.
#[derive(Debug, Clone, Copy)]
pub struct PixelView<'a> {
    bytes: &'a [u8],
    /// As stored.
    width: usize,
    /// As stored.
    height: usize,
    format: PixelFormat,
    backdrop: Backdrop,
    turn: Dihedral,
}

impl<'a> PixelView<'a> {
    /// Views `bytes` as `height` rows of `width` pixels, alpha ignored.
    ///
    /// # Errors
    /// [`PixelsError`] unless `bytes` holds exactly `width · height` pixels.
    pub fn new(bytes: &'a [u8], width: u32, height: u32, format: PixelFormat) -> Result<Self, PixelsError> {
        let expected = u64::from(width)
            .checked_mul(u64::from(height))
            .and_then(|pixels| pixels.checked_mul(format.channels() as u64))
            .unwrap_or(u64::MAX);
        if bytes.len() as u64 != expected {
            return Err(PixelsError { width, height, format, expected, found: bytes.len() });
        }
        Ok(Self {
            bytes,
            width: width as usize,
            height: height as usize,
            format,
            backdrop: Backdrop::Ignored,
            turn: Dihedral::Original,
        })
    }

    /// The same pixels on another backdrop. Without an alpha channel it makes no difference.
    #[must_use]
    pub fn on(self, backdrop: Backdrop) -> Self {
        Self { backdrop, ..self }
    }

    /// The stored picture turned or mirrored. A turn that the view had is replaced.
    #[must_use]
    pub fn turned(self, turn: Dihedral) -> Self {
        Self { turn, ..self }
    }

    /// Width in pixels, as turned.
    #[must_use]
    pub fn width(&self) -> usize {
        if self.turn.swaps_sides() { self.height } else { self.width }
    }

    /// Height in pixels, as turned.
    #[must_use]
    pub fn height(&self) -> usize {
        if self.turn.swaps_sides() { self.width } else { self.height }
    }

    /// Whether rows are columns of the stored picture.
    pub(crate) fn swaps_sides(&self) -> bool {
        self.turn.swaps_sides()
    }

    /// The layout of a pixel.
    #[must_use]
    pub fn format(&self) -> PixelFormat {
        self.format
    }

    /// Whether some pixel is not opaque. Reads every pixel of a picture with alpha.
    #[must_use]
    pub fn is_translucent(&self) -> bool {
        let channels = self.format.channels();
        self.format.has_alpha() && self.bytes.chunks_exact(channels).any(|pixel| pixel[channels - 1] != u8::MAX)
    }

    /// The pixel at `x`, `y` of the view as turned: `N` bytes, with alpha where the format has it.
    ///
    /// `N` must be the format's number of channels.
    #[cfg(any(test, feature = "classic"))]
    pub(crate) fn pixel<const N: usize>(&self, x: usize, y: usize) -> [u8; N] {
        self.row(y)(x)
    }

    /// The pixels of row `y`, by their `x`.
    pub(crate) fn row<const N: usize>(&self, y: usize) -> impl Fn(usize) -> [u8; N] + use<'a, N> {
        let (stored, (first, step)) = (self.stored(), self.progression(y));
        move |x| stored[first.wrapping_add_signed(x as isize * step)]
    }

    /// The pixels of the view, from `left`, `top` on, in lines of `length` that lie side by side in memory.
    ///
    /// Lines are rows, or where the picture is turned on its side, columns.
    #[inline(always)]
    pub(crate) fn lines(&self, left: usize, top: usize, length: usize) -> Lines {
        let (first, step) = self.progression(top);
        let at = first.wrapping_add_signed(left as isize * step);
        let backwards = match self.turn {
            Dihedral::Original | Dihedral::FlipX | Dihedral::FlipPlus1 | Dihedral::Rotate270 => false,
            Dihedral::FlipY | Dihedral::Rotate180 | Dihedral::Rotate90 | Dihedral::FlipMinus1 => true,
        };
        let down = match self.turn {
            Dihedral::Original | Dihedral::FlipY => self.width as isize,
            Dihedral::FlipX | Dihedral::Rotate180 => -(self.width as isize),
            _ => step,
        };
        Lines { first: if backwards { at + 1 - length } else { at }, stride: down, backwards }
    }

    /// Where row `y` of the view as turned begins among the stored pixels, and how far apart its pixels lie there: a
    /// row, however the picture is turned, is an arithmetic progression.
    fn progression(&self, y: usize) -> (usize, isize) {
        let (w, h) = (self.width, self.height);
        match self.turn {
            Dihedral::Original => (y * w, 1),
            Dihedral::FlipX => ((h - 1 - y) * w, 1),
            Dihedral::FlipY => (y * w + w - 1, -1),
            Dihedral::Rotate180 => ((h - 1 - y) * w + w - 1, -1),
            Dihedral::FlipPlus1 => (y, w as isize),
            Dihedral::Rotate90 => (w - 1 - y, w as isize),
            Dihedral::Rotate270 => ((h - 1) * w + y, -(w as isize)),
            Dihedral::FlipMinus1 => ((h - 1) * w + w - 1 - y, -(w as isize)),
        }
    }

    /// The pixels as stored; `N` must be the format's number of channels.
    pub(crate) fn stored<const N: usize>(&self) -> &'a [[u8; N]] {
        self.bytes.as_chunks().0
    }

    /// What lies behind the pixels.
    pub(crate) fn backdrop(&self) -> Backdrop {
        self.backdrop
    }

    /// The picture as this view shows it, without alpha: grey stays grey, everything else becomes RGB.
    #[cfg(any(test, feature = "classic"))]
    pub(crate) fn flatten(&self) -> Pixels {
        let mut bytes = Vec::with_capacity(self.width * self.height * self.format.channels());
        let over = |colour, alpha| composite(colour, alpha, self.backdrop);
        for (x, y) in (0..self.height()).flat_map(|y| (0..self.width()).map(move |x| (x, y))) {
            match self.format {
                PixelFormat::Grey8 => bytes.extend(self.pixel::<1>(x, y)),
                PixelFormat::GreyAlpha8 => {
                    let [v, a] = self.pixel(x, y);
                    bytes.push(over(v, a));
                }
                PixelFormat::Rgb8 => bytes.extend(self.pixel::<3>(x, y)),
                PixelFormat::Rgba8 => {
                    let [r, g, b, a] = self.pixel(x, y);
                    bytes.extend([r, g, b].map(|colour| over(colour, a)));
                }
            }
        }
        let format = match self.format {
            PixelFormat::Grey8 | PixelFormat::GreyAlpha8 => PixelFormat::Grey8,
            PixelFormat::Rgb8 | PixelFormat::Rgba8 => PixelFormat::Rgb8,
        };
        Pixels { bytes, width: self.width() as u32, height: self.height() as u32, format }
    }
}

/// Lines of pixels that lie side by side in memory.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Lines {
    /// The first pixel in memory of the first line.
    pub(crate) first: usize,
    /// From a line to the next.
    pub(crate) stride: isize,
    /// Whether the last pixel of a line lies first.
    pub(crate) backwards: bool,
}

/// One colour sample over a backdrop: `(c·a + b·(255 − a)) / 255`, rounded to nearest.
pub(crate) fn composite(colour: u8, alpha: u8, backdrop: Backdrop) -> u8 {
    let behind = match backdrop {
        Backdrop::Ignored => return colour,
        Backdrop::White => u32::from(u8::MAX),
        Backdrop::Black => 0,
    };
    let (colour, alpha) = (u32::from(colour), u32::from(alpha));
    ((colour * alpha + behind * (255 - alpha) + 127) / 255) as u8
}

/// Owned pixels, as a decoder returns them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pixels {
    bytes: Vec<u8>,
    width: u32,
    height: u32,
    format: PixelFormat,
}

impl Pixels {
    /// Takes `height` packed rows of `width` pixels.
    ///
    /// # Errors
    /// [`PixelsError`] unless `bytes` holds exactly `width · height` pixels.
    pub fn new(bytes: Vec<u8>, width: u32, height: u32, format: PixelFormat) -> Result<Self, PixelsError> {
        PixelView::new(&bytes, width, height, format)?;
        Ok(Self { bytes, width, height, format })
    }

    /// Borrows the pixels, alpha ignored.
    #[must_use]
    pub fn view(&self) -> PixelView<'_> {
        PixelView::new(&self.bytes, self.width, self.height, self.format).expect("checked when the pixels were made")
    }

    /// Width in pixels.
    #[must_use]
    pub fn width(&self) -> u32 {
        self.width
    }

    /// Height in pixels.
    #[must_use]
    pub fn height(&self) -> u32 {
        self.height
    }

    /// The layout of a pixel.
    #[must_use]
    pub fn format(&self) -> PixelFormat {
        self.format
    }

    /// Gives the bytes back.
    #[must_use]
    pub fn into_bytes(self) -> Vec<u8> {
        self.bytes
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wrong_length_names_both_lengths() {
        let error = PixelView::new(&[0; 11], 2, 2, PixelFormat::Rgb8).unwrap_err();
        assert_eq!((error.expected, error.found), (12, 11));
        let huge = PixelView::new(&[], u32::MAX, u32::MAX, PixelFormat::Rgba8).unwrap_err();
        assert_eq!(huge.expected, u64::MAX);
    }

    #[test]
    fn compositing_is_exact_at_both_ends_and_rounds_between() {
        for colour in 0..=255 {
            assert_eq!(composite(colour, 255, Backdrop::White), colour);
            assert_eq!(composite(colour, 0, Backdrop::White), 255);
            assert_eq!(composite(colour, 0, Backdrop::Black), 0);
            assert_eq!(composite(colour, 0, Backdrop::Ignored), colour);
        }
        assert_eq!(composite(100, 128, Backdrop::Black), 50); // 50.196
        assert_eq!(composite(101, 127, Backdrop::White), 178); // 178.302
    }

    #[test]
    fn turning_moves_the_corners_where_the_names_say() {
        // a b c
        // d e f
        let pixels = Pixels::new(b"abcdef".to_vec(), 3, 2, PixelFormat::Grey8).unwrap();
        let turned = |way| {
            let pixels = pixels.view().turned(way).flatten();
            (pixels.width(), String::from_utf8(pixels.into_bytes()).unwrap())
        };
        assert_eq!(turned(Dihedral::Original), (3, "abcdef".into()));
        assert_eq!(turned(Dihedral::Rotate90), (2, "cfbead".into()));
        assert_eq!(turned(Dihedral::Rotate180), (3, "fedcba".into()));
        assert_eq!(turned(Dihedral::Rotate270), (2, "daebfc".into()));
        assert_eq!(turned(Dihedral::FlipX), (3, "defabc".into()));
        assert_eq!(turned(Dihedral::FlipY), (3, "cbafed".into()));
        assert_eq!(turned(Dihedral::FlipPlus1), (2, "adbecf".into()));
        assert_eq!(turned(Dihedral::FlipMinus1), (2, "fcebda".into()));
    }

    #[test]
    fn only_a_pixel_that_is_not_opaque_makes_a_picture_translucent() {
        let opaque = [1, 2, 3, 255, 4, 5, 6, 255];
        let view = |bytes| PixelView::new(bytes, 2, 1, PixelFormat::Rgba8).unwrap();
        assert!(!view(&opaque).is_translucent());
        assert!(view(&[1, 2, 3, 255, 4, 5, 6, 254]).is_translucent());
        assert!(!PixelView::new(&[0; 6], 2, 1, PixelFormat::Rgb8).unwrap().is_translucent());
    }
}
