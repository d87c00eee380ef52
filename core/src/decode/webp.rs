//! WebP, by `image-webp`: the decoder behind the `image` crate's, used directly.

use std::io::Cursor;

use image_webp::{DecodingError, WebPDecoder};

#[cfg(not(all(target_arch = "wasm32", target_os = "unknown")))]
use super::vp8l;
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
    // Beside its output the decoder holds planes of lossy data; or pixels of four bytes, alpha, and what transforms and groups
    // of codes there are, for blocks of four pixels a side or more; of an animation also the canvas and the frame. Of lossy
    // data there is a copy.
    let held = match decoder.is_lossy() {
        _ if decoder.is_animated() => 15 * pixels,
        true if !decoder.has_alpha() => 2 * pixels,
        _ => 8 * pixels,
    };
    limits.check(width, height, length + held + 2 * bytes.len() as u64)?;
    #[cfg(not(all(target_arch = "wasm32", target_os = "unknown")))]
    check_codes(bytes, (width, height), length + held + 2 * bytes.len() as u64, limits)?;
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
#[cfg_attr(target_arch = "wasm32", inline)]
fn check_frames(bytes: &[u8], limits: &Limits) -> Result<(), DecodeError> {
    if bytes.get(12..16) != Some(b"VP8X") {
        return Ok(());
    }
    for window in bytes.windows(18).filter(|window| window[0] == b'V') {
        if window.starts_with(b"VP8 ") && window[11..14] == [0x9d, 1, 0x2a] {
            let (width, height) = sides_of_lossy(&window[8..]);
            limits.check(width, height, 0)?;
        }
    }
    // Where alpha comes first, the decoder does not compare the picture with its frame, and panics if it is larger or empty.
    for (at, frame) in bytes.windows(32).enumerate().filter(|(_, window)| window.starts_with(b"ANMF")) {
        let side = |at: usize| u32::from_le_bytes([frame[at], frame[at + 1], frame[at + 2], 0]) + 1;
        let alpha = u32::from_le_bytes([frame[28], frame[29], frame[30], frame[31]]) as usize;
        // Where addresses have 32 bits, a length may have no even number above it; a file does not go on behind that.
        let behind = alpha.saturating_add(alpha % 2).saturating_add(at + 40);
        let Some(lossy) = bytes.get(behind..).filter(|lossy| frame[24..28] == *b"ALPH" && lossy.len() >= 10) else {
            continue;
        };
        if sides_of_lossy(lossy) != (side(14), side(17)) {
            let reason = "a picture is not of the size of its frame".to_owned();
            return Err(DecodeError::Malformed { format: Format::WebP, reason });
        }
    }
    Ok(())
}

/// Width and height of lossy data.
#[cfg_attr(target_arch = "wasm32", inline)]
fn sides_of_lossy(data: &[u8]) -> (u32, u32) {
    let side = |at: usize| u32::from(u16::from_le_bytes([data[at], data[at + 1]]) & 0x3fff);
    (side(6), side(8))
}

/// Holds the codes of lossless data to what is left of the memory allowed.
///
/// Not in a browser: a module's memory has an end of its own, a worker that reaches it is replaced, and the code would be three
/// kilobytes of what is downloaded.
#[cfg(not(all(target_arch = "wasm32", target_os = "unknown")))]
fn check_codes(bytes: &[u8], (width, height): (u32, u32), held: u64, limits: &Limits) -> Result<(), DecodeError> {
    let left = limits.memory - held;
    if bytes.len() as u64 * vp8l::MOST_FOR_A_BYTE <= left {
        return Ok(());
    }
    // What stands before a chunk is, in an animation, the head of its frame: the sides, less one, begin ten bytes before.
    let frame = |at: usize| {
        let [a, b, c, d, e, f] = *bytes.get(at.checked_sub(10)?..)?.first_chunk()?;
        Some((u32::from_le_bytes([a, b, c, 0]) + 1, u32::from_le_bytes([d, e, f, 0]) + 1))
    };
    for (at, chunk) in bytes.windows(13).enumerate().filter(|(_, chunk)| matches!(chunk[0], b'V' | b'A')) {
        let length = u32::from_le_bytes([chunk[4], chunk[5], chunk[6], chunk[7]]) as usize;
        let data =
            |skip: usize| bytes[at + skip..].get(..length.saturating_sub(skip - 8)).unwrap_or(&bytes[at + skip..]);
        let codes = |data: &[u8], (width, height)| vp8l::codes_of(data, width, height, left).unwrap_or(0);
        let most = match &chunk[..4] {
            // A signature of eight bits, the sides of 14 each, alpha and version of four.
            b"VP8L" if chunk[8] == 0x2f => {
                let head = u32::from_le_bytes([chunk[9], chunk[10], chunk[11], chunk[12]]);
                codes(data(13), ((head & 0x3fff) + 1, (head >> 14 & 0x3fff) + 1))
            }
            // The sides are those of the frame or of the canvas.
            b"ALPH" if chunk[8] & 3 == 1 => {
                let sides = [Some((width, height)), frame(at)].into_iter().flatten();
                sides.map(|sides| codes(data(9), sides)).max().unwrap_or(0)
            }
            _ => 0,
        };
        limits.afford(held + most)?;
    }
    Ok(())
}

#[allow(clippy::needless_pass_by_value, reason = "what `map_err` hands over")]
#[cfg_attr(target_arch = "wasm32", inline)]
fn error(error: DecodingError) -> DecodeError {
    DecodeError::Malformed { format: Format::WebP, reason: error.to_string() }
}
