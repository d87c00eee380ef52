//! GIF, by the `gif` crate: the decoder behind the `image` crate's, used directly.

use std::borrow::Cow;
use std::io::Cursor;
use std::iter;
use std::num::NonZeroU64;

use gif::{ColorOutput, DecodeOptions, DecodingError, DisposalMethod, MemoryLimit};

use super::canvas::{self, Area, CLEAR, Canvas};
use super::{DecodeError, Format, Frame, Header, Limits, Picture};
use crate::pixels::PixelFormat;

#[cfg_attr(target_arch = "wasm32", inline)]
pub(super) fn open<'a>(bytes: &'a [u8], limits: &Limits) -> Result<Picture<'a>, DecodeError> {
    // Everybody shows a file that lacks only the mark of its end, so give it one.
    const TRAILER: u8 = 0x3b;
    let whole = bytes.last() == Some(&TRAILER);
    let metadata = limits.metadata.min(bytes.len() as u64);
    let bytes = if whole { Cow::Borrowed(bytes) } else { Cow::Owned([bytes, &[TRAILER]].concat()) };
    let mut options = DecodeOptions::new();
    options.set_color_output(ColorOutput::RGBA);
    // What the decoder keeps beside pixels is XMP and a colour profile, each within this; pixels go to memory of ours.
    options.set_memory_limit(MemoryLimit::Bytes(NonZeroU64::new(limits.metadata / 2).unwrap_or(NonZeroU64::MIN)));
    let error = error(limits.metadata);
    let decoder = options.read_info(Cursor::new(bytes)).map_err(&error)?;
    let (width, height) = (decoder.width().into(), decoder.height().into());
    limits.check(width, height, canvas::bytes(width, height))?;
    let mut animation =
        Animation { decoder, width, height, limits: *limits, held: 2 * metadata, frames: 0, pixels: 0, shown: None };
    let frames = iter::from_fn(move || animation.next().transpose());
    Ok(Picture::new(Format::Gif, Header { width, height, upright: None }, Box::new(frames), limits))
}

/// Frames that are still to come.
struct Animation<'a> {
    decoder: gif::Decoder<Cursor<Cow<'a, [u8]>>>,
    width: u32,
    height: u32,
    limits: Limits,
    /// The most bytes of metadata, in memory that is doubled.
    held: u64,
    /// How many came, and the pixels stored for them: those of a frame need not be on the canvas, but have to be decoded.
    frames: u32,
    pixels: u64,
    /// What remains of the frames so far. There is no background: every program shows it as transparent.
    shown: Option<Canvas>,
}

impl Animation<'_> {
    /// The next frame, as it is shown.
    #[cfg_attr(target_arch = "wasm32", inline)]
    fn next(&mut self) -> Result<Option<Frame>, DecodeError> {
        let Self { width, height, limits, held, frames, .. } = *self;
        let canvas = canvas::bytes(width, height);
        let error = error(limits.metadata);
        let Some(frame) = self.decoder.next_frame_info().map_err(&error)? else { return Ok(None) };
        let dispose = frame.dispose;
        let area = Area {
            left: frame.left.into(),
            top: frame.top.into(),
            width: frame.width.into(),
            height: frame.height.into(),
        };
        let (frame_width, frame_height) = (frame.width.into(), frame.height.into());
        let bytes = canvas::bytes(frame_width, frame_height);
        self.pixels += bytes / 4;
        self.frames += 1;
        if frames > 0 && self.pixels > limits.animation_pixels {
            return Err(DecodeError::TooManyFrames { frames });
        }
        let shown = self.shown.get_or_insert_with(|| Canvas::new(width, height));
        let composed = if area == shown.whole() { 0 } else { canvas };
        limits.check(frame_width, frame_height, held + canvas + bytes + composed)?;
        let mut samples = vec![0; bytes as usize];
        self.decoder.read_into_buffer(&mut samples).map_err(&error)?;
        let samples = compose(shown, area, dispose, samples);
        Ok(Some(Frame::new(samples, width, height, PixelFormat::Rgba8)))
    }
}

/// Draws a frame and disposes of it: what is shown meanwhile.
#[cfg_attr(target_arch = "wasm32", inline)]
fn compose(shown: &mut Canvas, area: Area, dispose: DisposalMethod, mut samples: Vec<u8>) -> Vec<u8> {
    let (pixels, _) = samples.as_chunks_mut();
    let width = area.width.max(1);
    for (row, before) in pixels.chunks_exact_mut(width).zip(shown.rows(area)) {
        for (pixel, before) in row.iter_mut().zip(before) {
            if pixel[3] == 0 {
                *pixel = *before;
            }
        }
    }
    let composed = (area != shown.whole()).then(|| {
        let mut composed = shown.clone();
        composed.draw(area, pixels);
        composed.into_bytes()
    });
    match dispose {
        // Nobody says what is to be done where nothing is said; most keep it.
        DisposalMethod::Any | DisposalMethod::Keep => shown.draw(area, pixels),
        DisposalMethod::Background => shown.rows(area).for_each(|row| row.fill(CLEAR)),
        DisposalMethod::Previous => {}
    }
    composed.unwrap_or(samples)
}

#[cfg_attr(target_arch = "wasm32", inline)]
fn error(metadata: u64) -> impl Fn(DecodingError) -> DecodeError {
    move |error| match error {
        DecodingError::MemoryLimit => DecodeError::TooMuchMetadata { limit: metadata },
        error => DecodeError::Malformed { format: Format::Gif, reason: error.to_string() },
    }
}
