//! WebP, by `image-webp`: the decoder behind the `image` crate's, used directly.

use std::io::Cursor;

use image_webp::{DecodingError, WebPDecoder};

use super::{DecodeError, Format, Frame, Header, Limits, Picture, orientation, zeros};
use crate::pixels::PixelFormat;

#[cfg_attr(target_arch = "wasm32", inline)]
pub(super) fn open<'a>(bytes: &'a [u8], limits: &Limits, memory: Vec<u8>) -> Result<Picture<'a>, DecodeError> {
    let mut decoder = WebPDecoder::new(Cursor::new(bytes)).map_err(error)?;
    let (width, height) = decoder.dimensions();
    let layout = if decoder.has_alpha() { PixelFormat::Rgba8 } else { PixelFormat::Rgb8 };
    let length = u64::from(width) * u64::from(height) * layout.channels() as u64;
    limits.check(width, height, length)?;
    decoder.set_memory_limit(usize::try_from(limits.memory).unwrap_or(usize::MAX));
    let exif = decoder.exif_metadata().ok().flatten();
    let upright = exif.and_then(|exif| orientation::of_exif(&exif));
    let header = Header { width, height, upright };
    if !decoder.is_animated() {
        return Ok(Picture::still(Format::WebP, header, limits, move || {
            let mut samples = zeros(memory, length as usize);
            decoder.read_image(&mut samples).map_err(error)?;
            Ok(Frame::new(samples, width, height, layout))
        }));
    }
    // The decoder composes them.
    let frames = (0..decoder.num_frames()).map_while(move |_| {
        let mut samples = vec![0; length as usize];
        match decoder.read_frame(&mut samples) {
            Ok(_) => Some(Ok(Frame::new(samples, width, height, layout))),
            Err(DecodingError::NoMoreFrames) => None,
            Err(other) => Some(Err(error(other))),
        }
    });
    Ok(Picture::new(Format::WebP, header, Box::new(frames), limits))
}

#[allow(clippy::needless_pass_by_value, reason = "what `map_err` hands over")]
fn error(error: DecodingError) -> DecodeError {
    DecodeError::Malformed { format: Format::WebP, reason: error.to_string() }
}
