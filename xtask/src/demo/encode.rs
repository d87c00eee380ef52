//! Pictures as bytes of a file.
//!
//! The encoders are those of the `image` crate, whose version the lock file fixes. Where one would choose
//! a palette by a method of its own, the picture is first brought down to colours that fit exactly.

use std::io::Cursor;

use anyhow::Result;
use image::codecs::gif::{GifEncoder, Repeat};
use image::codecs::jpeg::JpegEncoder;
use image::codecs::png::{CompressionType, FilterType, PngEncoder};
use image::{Delay, DynamicImage, Frame, ImageEncoder, ImageFormat, RgbImage};

use super::edits::few_colours;

/// How a picture is stored.
#[derive(Clone, Copy)]
pub(crate) enum Encoding {
    Bmp,
    Gif,
    /// With this quality, up to 100.
    Jpeg(u8),
    Png,
    Tiff,
    /// Without loss.
    WebP,
}

impl Encoding {
    /// Stores an ordinary picture.
    pub(crate) fn encode(self, picture: &RgbImage) -> Result<Vec<u8>> {
        match self {
            Self::Bmp => plain(picture, ImageFormat::Bmp),
            Self::Gif => animation(std::slice::from_ref(picture)),
            Self::Jpeg(quality) => jpeg(&DynamicImage::from(picture.clone()), quality),
            Self::Png => png(&DynamicImage::from(picture.clone())),
            Self::Tiff => plain(picture, ImageFormat::Tiff),
            Self::WebP => plain(picture, ImageFormat::WebP),
        }
    }

    /// What follows the dot in the file's name.
    pub(crate) fn extension(self) -> &'static str {
        match self {
            Self::Bmp => "bmp",
            Self::Gif => "gif",
            Self::Jpeg(_) => "jpg",
            Self::Png => "png",
            Self::Tiff => "tiff",
            Self::WebP => "webp",
        }
    }
}

/// A PNG of any kind of pixel, packed as tightly as the encoder can.
pub(crate) fn png(picture: &DynamicImage) -> Result<Vec<u8>> {
    let mut bytes = Vec::new();
    let encoder = PngEncoder::new_with_quality(&mut bytes, CompressionType::Best, FilterType::Adaptive);
    picture.write_with_encoder(encoder)?;
    Ok(bytes)
}

/// A JPEG, in colour or in shades of grey.
pub(crate) fn jpeg(picture: &DynamicImage, quality: u8) -> Result<Vec<u8>> {
    let mut bytes = Vec::new();
    picture.write_with_encoder(JpegEncoder::new_with_quality(&mut bytes, quality))?;
    Ok(bytes)
}

/// A JPEG whose pixels lie a quarter turn to the left, and which says so.
pub(crate) fn jpeg_to_turn_right(picture: &RgbImage, quality: u8) -> Result<Vec<u8>> {
    let mut bytes = Vec::new();
    let mut encoder = JpegEncoder::new_with_quality(&mut bytes, quality);
    encoder.set_exif_metadata(TURN_RIGHT.to_vec())?;
    picture.write_with_encoder(encoder)?;
    Ok(bytes)
}

/// A GIF that shows `pictures`, all of one size, for a second each and starts over.
pub(crate) fn animation(pictures: &[RgbImage]) -> Result<Vec<u8>> {
    let mut bytes = Vec::new();
    let mut encoder = GifEncoder::new(&mut bytes);
    if pictures.len() > 1 {
        encoder.set_repeat(Repeat::Infinite)?;
    }
    for picture in pictures {
        let pixels = DynamicImage::from(few_colours(picture)).into_rgba8();
        encoder.encode_frame(Frame::from_parts(pixels, 0, 0, Delay::from_numer_denom_ms(1000, 1)))?;
    }
    drop(encoder);
    Ok(bytes)
}

fn plain(picture: &RgbImage, format: ImageFormat) -> Result<Vec<u8>> {
    let mut bytes = Cursor::new(Vec::new());
    picture.write_to(&mut bytes, format)?;
    Ok(bytes.into_inner())
}

/// The smallest EXIF block that says "turn a quarter to the right to show": a TIFF header, one directory
/// and in it the one entry Orientation (tag 0x0112, one SHORT) with the value 6.
const TURN_RIGHT: [u8; 26] = [
    b'M', b'M', 0, 42, 0, 0, 0, 8, // big endian, the directory starts at byte 8
    0, 1, // entries in it
    0x01, 0x12, 0, 3, 0, 0, 0, 1, 0, 6, 0, 0, // Orientation
    0, 0, 0, 0, // no further directory
];
