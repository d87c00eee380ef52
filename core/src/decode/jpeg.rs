//! JPEG, by zune-jpeg: the decoder behind the `image` crate, used directly.
//!
//! A file with missing or corrupt data is still shown by most programs, so it is decoded as far as it goes, but
//! marked as damaged when the strict decoder refuses it.

use zune_core::bytestream::ZCursor;
use zune_core::colorspace::ColorSpace;
use zune_core::options::DecoderOptions;
use zune_jpeg::JpegDecoder;
use zune_jpeg::errors::DecodeErrors;

use super::{DecodeError, Format, Frame, Header, Limits, Picture, orientation, zeros};
use crate::pixels::PixelFormat;

type Decoder<'a> = JpegDecoder<ZCursor<&'a [u8]>>;

pub(super) fn open<'a>(bytes: &'a [u8], limits: &Limits, memory: Vec<u8>) -> Result<Picture<'a>, DecodeError> {
    let strict = headers(bytes, true);
    let damaged = strict.is_err();
    let decoder = strict.or_else(|_| headers(bytes, false))?;
    let (width, height) = dimensions(&decoder);
    let format = pixel_format(&decoder)?;
    let pixels = u64::from(width) * u64::from(height);
    // Beside its output a decoder may hold all coefficients: two bytes for each of up to four components.
    limits.check(width, height, pixels * (format.channels() as u64 + 8))?;
    let upright = decoder.exif().and_then(|exif| orientation::of_exif(exif));
    #[cfg(feature = "fast")]
    let luma = matches!(decoder.input_colorspace(), Some(ColorSpace::Luma | ColorSpace::YCbCr)) && !damaged;
    let read = move || {
        let mut samples = zeros(memory, width as usize * height as usize * format.channels());
        let damaged = match decode(decoder, format, &mut samples) {
            Ok(()) => damaged,
            Err(error) if damaged => return Err(error),
            Err(_) => {
                samples.fill(0);
                decode(headers(bytes, false)?, format, &mut samples)?;
                true
            }
        };
        Ok(Frame { damaged, ..Frame::new(samples, width, height, format) })
    };
    let picture = Picture::still(Format::Jpeg, Header { width, height, upright }, limits, read);
    #[cfg(feature = "fast")]
    let picture = Picture { luma: luma.then_some(bytes), ..picture };
    Ok(picture)
}

/// Decodes behind the headers.
fn decode(mut decoder: Decoder<'_>, format: PixelFormat, samples: &mut [u8]) -> Result<(), DecodeError> {
    let output = if format == PixelFormat::Grey8 { ColorSpace::Luma } else { ColorSpace::RGB };
    let options = decoder.options().jpeg_set_out_colorspace(output);
    decoder.set_options(options);
    decoder.decode_into(samples).map_err(error)
}

fn options(strict: bool) -> DecoderOptions {
    // JPEG's own limit on a side; the product is checked against the limits.
    DecoderOptions::default().set_strict_mode(strict).set_max_width(65_535).set_max_height(65_535)
}

fn headers(bytes: &[u8], strict: bool) -> Result<Decoder<'_>, DecodeError> {
    let mut decoder = JpegDecoder::new_with_options(ZCursor::new(bytes), options(strict));
    decoder.decode_headers().map_err(error)?;
    Ok(decoder)
}

fn dimensions(decoder: &Decoder<'_>) -> (u32, u32) {
    let (width, height) = decoder.dimensions().expect("the headers were read");
    (width as u32, height as u32)
}

/// Grey stays grey; YCbCr, CMYK and YCCK become RGB.
fn pixel_format(decoder: &Decoder<'_>) -> Result<PixelFormat, DecodeError> {
    match decoder.input_colorspace().expect("the headers were read") {
        ColorSpace::Luma => Ok(PixelFormat::Grey8),
        ColorSpace::RGB | ColorSpace::YCbCr | ColorSpace::CMYK | ColorSpace::YCCK => Ok(PixelFormat::Rgb8),
        other => Err(DecodeError::Unsupported { format: Format::Jpeg, detail: Some(format!("{other:?} colours")) }),
    }
}

fn error(error: DecodeErrors) -> DecodeError {
    match error {
        DecodeErrors::Unsupported(scheme) => {
            DecodeError::Unsupported { format: Format::Jpeg, detail: Some(format!("{scheme:?}")) }
        }
        // The input is in memory: reading can only fail at its end.
        DecodeErrors::IoErrors(_) => {
            DecodeError::Malformed { format: Format::Jpeg, reason: "the file ends too early".to_owned() }
        }
        error => DecodeError::Malformed { format: Format::Jpeg, reason: format!("{error:?}").trim().to_owned() },
    }
}
