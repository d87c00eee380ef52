//! WebP, by `image-webp`: the decoder behind the `image` crate's, used directly.

use std::io::Cursor;

use image_webp::{DecodingError, WebPDecoder};

use super::{DecodeError, Format, Frame, Header, Limits, Picture, orientation, zeros};
use crate::pixels::PixelFormat;

#[cfg_attr(target_arch = "wasm32", inline)]
pub(super) fn open<'a>(bytes: &'a [u8], limits: &Limits, memory: Vec<u8>) -> Result<Picture<'a>, DecodeError> {
    check_frames(bytes, limits)?;
    let mut decoder = WebPDecoder::new(Cursor::new(bytes)).map_err(error)?;
    let (width, height) = decoder.dimensions();
    let layout = if decoder.has_alpha() { PixelFormat::Rgba8 } else { PixelFormat::Rgb8 };
    let pixels = u64::from(width) * u64::from(height);
    let length = pixels * layout.channels() as u64;
    // Beside its output the decoder holds pixels of four bytes before they are that, or planes, and alpha; of an animation
    // also the canvas and the frame. Of lossy data there is a copy.
    let held = if decoder.is_animated() { 15 * pixels } else { 7 * pixels };
    limits.check(width, height, length + held + 2 * bytes.len() as u64)?;
    // Of what it counts, only metadata is asked for, and of that only Exif.
    decoder.set_memory_limit(usize::try_from(limits.metadata).unwrap_or(usize::MAX));
    let exif = match decoder.exif_metadata() {
        Err(DecodingError::MemoryLimitExceeded) => {
            return Err(DecodeError::TooMuchMetadata { limit: limits.metadata });
        }
        exif => exif.ok().flatten(),
    };
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

/// Holds lossy pictures to the limits, which the decoder decodes before it finds that they are larger than their canvas.
///
/// Wherever it looks for one, the name of a chunk has to stand there, and a start code (RFC 6386, section 9.1).
fn check_frames(bytes: &[u8], limits: &Limits) -> Result<(), DecodeError> {
    if bytes.get(12..16) != Some(b"VP8X") {
        return Ok(());
    }
    for window in bytes.windows(18).filter(|window| window[0] == b'V') {
        if window.starts_with(b"VP8 ") && window[11..14] == [0x9d, 1, 0x2a] {
            let side = |at: usize| u32::from(u16::from_le_bytes([window[at], window[at + 1]]) & 0x3fff);
            limits.check(side(14), side(16), 0)?;
        }
    }
    Ok(())
}

#[allow(clippy::needless_pass_by_value, reason = "what `map_err` hands over")]
fn error(error: DecodingError) -> DecodeError {
    DecodeError::Malformed { format: Format::WebP, reason: error.to_string() }
}
