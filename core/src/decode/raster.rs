//! The formats that the `image` crate decodes as a whole: BMP and TIFF.

use std::io::Cursor;
#[cfg(feature = "tiff")]
use std::iter;

use image::error::ImageError;
use image::{ColorType, ImageDecoder};

#[cfg(feature = "tiff")]
use super::directory;
use super::{DecodeError, Format, Frame, Header, Limits, Picture, keep_high_bytes, orientation, zeros};
use crate::pixels::PixelFormat;

#[cfg(feature = "bmp")]
pub(super) fn bmp<'a>(bytes: &'a [u8], limits: &Limits, memory: Vec<u8>) -> Result<Picture<'a>, DecodeError> {
    let decoder = image::codecs::bmp::BmpDecoder::new(Cursor::new(bytes)).map_err(error(Format::Bmp, limits))?;
    let (decoder, header) = prepare(decoder, Format::Bmp, limits)?;
    let captured = *limits;
    Ok(Picture::still(Format::Bmp, header, limits, move || read(decoder, Format::Bmp, &captured, memory)))
}

#[cfg(feature = "tiff")]
pub(super) fn tiff<'a>(bytes: &'a [u8], limits: &Limits, memory: Vec<u8>) -> Result<Picture<'a>, DecodeError> {
    directory::check(bytes, limits)?;
    let decoder = image::codecs::tiff::TiffDecoder::new(Cursor::new(bytes)).map_err(error(Format::Tiff, limits))?;
    let (decoder, header) = prepare(decoder, Format::Tiff, limits)?;
    let captured = *limits;
    let first = iter::once_with(move || read(decoder, Format::Tiff, &captured, memory));
    let further = directory::has_further_page(bytes)
        .then(|| Err(DecodeError::Unsupported { format: Format::Tiff, detail: Some("a further page".to_owned()) }));
    Ok(Picture::new(Format::Tiff, header, Box::new(first.chain(further)), limits))
}

/// Checks the header against the limits, hands them to the decoder, and reads the orientation.
fn prepare<D: ImageDecoder>(mut decoder: D, format: Format, limits: &Limits) -> Result<(D, Header), DecodeError> {
    let (width, height) = decoder.dimensions();
    limits.check(width, height, decoder.total_bytes())?;
    // What is left beside the output, which is memory of ours.
    let mut bounds = image::Limits::no_limits();
    bounds.max_alloc = Some(limits.memory - decoder.total_bytes());
    decoder.set_limits(bounds).map_err(error(format, limits))?;
    // A broken tag is no tag: the picture is then shown as stored.
    let upright = decoder.orientation().ok().and_then(|tag| orientation::of_tag(tag.to_exif().into()));
    Ok((decoder, Header { width, height, upright }))
}

/// Decodes a single picture, into this memory if it has room, and brings its samples to 8 bits.
fn read(decoder: impl ImageDecoder, format: Format, limits: &Limits, memory: Vec<u8>) -> Result<Frame, DecodeError> {
    let (width, height) = decoder.dimensions();
    let colour = decoder.color_type();
    let wide = match colour {
        ColorType::L8 | ColorType::La8 | ColorType::Rgb8 | ColorType::Rgba8 => false,
        ColorType::L16 | ColorType::La16 | ColorType::Rgb16 | ColorType::Rgba16 => true,
        // Among them 32-bit TIFF, where the decoder takes integers for floats when no tag says which they are.
        other => return Err(DecodeError::Unsupported { format, detail: Some(format!("{other:?} samples")) }),
    };
    let mut bytes = zeros(memory, decoder.total_bytes() as usize);
    decoder.read_image(&mut bytes).map_err(error(format, limits))?;
    if wide {
        keep_high_bytes(&mut bytes, u16::from_ne_bytes);
    }
    let layout = match colour.channel_count() {
        1 => PixelFormat::Grey8,
        2 => PixelFormat::GreyAlpha8,
        3 => PixelFormat::Rgb8,
        _ => PixelFormat::Rgba8,
    };
    Ok(Frame::new(bytes, width, height, layout))
}

fn error(format: Format, limits: &Limits) -> impl Fn(ImageError) -> DecodeError + use<> {
    let limit = limits.memory;
    move |error| match error {
        ImageError::Limits(_) => DecodeError::TooMuchMemory { limit },
        ImageError::Unsupported(error) => DecodeError::Unsupported { format, detail: Some(error.to_string()) },
        error => DecodeError::Malformed { format, reason: error.to_string() },
    }
}
