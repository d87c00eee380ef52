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

#[cfg_attr(target_arch = "wasm32", inline)]
pub(super) fn open<'a>(bytes: &'a [u8], limits: &Limits, memory: Vec<u8>) -> Result<Picture<'a>, DecodeError> {
    let Outline { metadata, segments, kept, components, first_is_largest, in_one_scan } = Outline::of(bytes);
    limits.keep(if kept * segments > MOST_PUT_IN_ORDER { u64::MAX } else { metadata })?;
    // Nobody writes such files, and the decoder, which takes the first component for the largest, panics on them. (Where all
    // come together, as in some of CMYK, it does not.)
    if !first_is_largest && !in_one_scan {
        let detail = Some("components larger than the first".to_owned());
        return Err(DecodeError::Unsupported { format: Format::Jpeg, detail });
    }
    let strict = headers(bytes, true);
    let damaged = strict.is_err();
    let decoder = strict.or_else(|_| headers(bytes, false))?;
    let (width, height) = dimensions(&decoder);
    let format = pixel_format(&decoder)?;
    let output = u64::from(width) * u64::from(height) * format.channels() as u64;
    // Beside its output the decoder holds rows of coefficients and samples, or all coefficients where they come in several
    // scans: two bytes each, of whole MCUs, which have up to 32 pixels a side.
    let whole = |side: u32| u64::from(side.next_multiple_of(32));
    let rows = if in_one_scan { 32 * MOST_ROWS } else { whole(height) + 32 * MOST_ROWS };
    limits.check(width, height, output + 2 * components * whole(width) * rows + 2 * metadata)?;
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

/// Some of the segments that it keeps the decoder puts in order again with each segment that follows. Files for which that
/// would be more pieces than this are refused: 4,096 segments that are kept, or 800 among 20,000.
const MOST_PUT_IN_ORDER: u64 = 1 << 24;

/// Rows of MCUs that the decoder holds of each component, in samples of two bytes: as decoded, as enlarged to four times the
/// width and the height, and to work in.
const MOST_ROWS: u64 = 20;

/// What the headers say before anything of them is copied. They are told apart as the decoder does it.
#[derive(Default)]
struct Outline {
    /// Bytes of the segments that hold Exif, ICC profiles, XMP and the like.
    metadata: u64,
    /// How many those are, and how many there are of all kinds.
    kept: u64,
    segments: u64,
    components: u64,
    /// No component has more samples than the first, across or down.
    first_is_largest: bool,
    /// All coefficients come in the first scan, MCU by MCU.
    in_one_scan: bool,
}

impl Outline {
    #[cfg_attr(target_arch = "wasm32", inline)]
    fn of(bytes: &[u8]) -> Self {
        let mut outline = Self { components: 4, first_is_largest: true, ..Self::default() };
        let mut rest = bytes.get(2..).unwrap_or_default();
        let mut sequential = false;
        while let Some(at) = rest.windows(2).position(|pair| pair[0] == 0xff && !matches!(pair[1], 0 | 0xff)) {
            let (marker, segment) = (rest[at + 1], &rest[at + 2..]);
            let Some(&length) = segment.first_chunk() else { break };
            let length = usize::from(u16::from_be_bytes(length));
            outline.segments += 1;
            match (marker, segment.get(2..length)) {
                // Of a frame: precision, height, width, components.
                (0xc0..=0xc2, Some(&[_, _, _, _, _, components, ref factors @ ..])) => {
                    outline.components = components.into();
                    let of_each = factors.as_chunks::<3>().0.iter().take(components.into());
                    let mut of_each = of_each.map(|[_, factors, _]| (factors >> 4, factors & 15));
                    let (across, down) = of_each.next().unwrap_or_default();
                    outline.first_is_largest &= of_each.all(|(h, v)| h <= across && v <= down);
                    sequential = marker != 0xc2;
                }
                (0xda, Some(&[components, ..])) => {
                    outline.in_one_scan = sequential && u64::from(components) == outline.components;
                    break;
                }
                (0xe1 | 0xe2 | 0xed, Some(data)) => {
                    outline.metadata += data.len() as u64;
                    outline.kept += 1;
                }
                _ => {}
            }
            rest = segment.get(length..).unwrap_or_default();
        }
        outline
    }
}

/// Decodes behind the headers.
fn decode(mut decoder: Decoder<'_>, format: PixelFormat, samples: &mut [u8]) -> Result<(), DecodeError> {
    let output = if format == PixelFormat::Grey8 { ColorSpace::Luma } else { ColorSpace::RGB };
    let options = decoder.options().jpeg_set_out_colorspace(output);
    decoder.set_options(options);
    decoder.decode_into(samples).map_err(error)
}

#[cfg_attr(target_arch = "wasm32", inline)]
fn options(strict: bool) -> DecoderOptions {
    // JPEG's own limit on a side; the product is checked against the limits.
    DecoderOptions::default().set_strict_mode(strict).set_max_width(65_535).set_max_height(65_535)
}

fn headers(bytes: &[u8], strict: bool) -> Result<Decoder<'_>, DecodeError> {
    let mut decoder = JpegDecoder::new_with_options(ZCursor::new(bytes), options(strict));
    decoder.decode_headers().map_err(error)?;
    Ok(decoder)
}

#[cfg_attr(target_arch = "wasm32", inline)]
fn dimensions(decoder: &Decoder<'_>) -> (u32, u32) {
    let (width, height) = decoder.dimensions().expect("the headers were read");
    (width as u32, height as u32)
}

/// Grey stays grey; YCbCr, CMYK and YCCK become RGB.
#[cfg_attr(target_arch = "wasm32", inline)]
fn pixel_format(decoder: &Decoder<'_>) -> Result<PixelFormat, DecodeError> {
    match decoder.input_colorspace().expect("the headers were read") {
        ColorSpace::Luma => Ok(PixelFormat::Grey8),
        ColorSpace::RGB | ColorSpace::YCbCr | ColorSpace::CMYK | ColorSpace::YCCK => Ok(PixelFormat::Rgb8),
        other => Err(DecodeError::Unsupported { format: Format::Jpeg, detail: Some(format!("{other:?} colours")) }),
    }
}

#[cfg_attr(target_arch = "wasm32", inline)]
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
