//! PNG and APNG, by the `png` crate: the decoder behind the `image` crate's, used directly.

use std::io::Cursor;
use std::iter;

use png::{BlendOp, ColorType, DecodingError, DisposeOp, Reader, Transformations};

use super::canvas::{self, Area, CLEAR, Canvas, Rgba};
use super::{DecodeError, Format, Frame, Frames, Header, Limits, Picture, keep_high_bytes, orientation, zeros};
use crate::pixels::PixelFormat;

#[cfg_attr(target_arch = "wasm32", inline)]
pub(super) fn open<'a>(bytes: &'a [u8], limits: &Limits, memory: Vec<u8>) -> Result<Picture<'a>, DecodeError> {
    let decoder = Decoder::new(bytes, limits)?;
    let (width, height) = decoder.size();
    let info = decoder.reader.info();
    let upright = info.exif_metadata.as_deref().and_then(orientation::of_exif);
    let header = Header { width, height, upright };
    if info.animation_control.is_none() {
        return Ok(Picture::still(Format::Png, header, limits, move || decoder.read(memory)));
    }
    let mut animation = Animation::new(decoder);
    let animated = iter::from_fn(move || animation.next().transpose());
    let all: Frames<'a> = if default_image_is_a_frame(bytes) {
        Box::new(animated)
    } else {
        // Programs that do not animate show the default image, so it counts, and first: it is the hash of record.
        let limits = *limits;
        let default = iter::once_with(move || Decoder::new(bytes, &limits)?.read(memory));
        Box::new(default.chain(animated))
    };
    Ok(Picture::new(Format::Png, header, all, limits))
}

/// A file whose headers were read.
struct Decoder<'a> {
    reader: Reader<Cursor<&'a [u8]>>,
    layout: PixelFormat,
    /// Whether samples have 16 bits.
    wide: bool,
    limits: Limits,
    /// Bytes it holds beside pixels.
    held: u64,
}

impl<'a> Decoder<'a> {
    #[cfg_attr(target_arch = "wasm32", inline)]
    fn new(bytes: &'a [u8], limits: &Limits) -> Result<Self, DecodeError> {
        let exif = exif_bytes(bytes);
        limits.keep(exif)?;
        let bounds = png::Limits { bytes: usize::try_from(limits.memory).unwrap_or(usize::MAX) };
        let mut decoder = png::Decoder::new_with_limits(Cursor::new(bytes), bounds);
        // Nobody here reads them, so nobody has to inflate them.
        decoder.set_ignore_text_chunk(true);
        decoder.set_ignore_iccp_chunk(true);
        // Palettes, colour keys and samples of few bits become plain ones.
        decoder.set_transformations(Transformations::EXPAND);
        let error = error(limits.memory);
        let (width, height) = decoder.read_header_info().map_err(&error)?.size();
        limits.check(width, height, exif)?;
        let reader = decoder.read_info().map_err(&error)?;
        let (colour, depth) = reader.output_color_type();
        let layout = match colour {
            ColorType::Grayscale => PixelFormat::Grey8,
            ColorType::GrayscaleAlpha => PixelFormat::GreyAlpha8,
            ColorType::Rgb | ColorType::Indexed => PixelFormat::Rgb8,
            ColorType::Rgba => PixelFormat::Rgba8,
        };
        let decoder = Self { reader, layout, wide: depth == png::BitDepth::Sixteen, limits: *limits, held: 3 * exif };
        limits.afford(decoder.held + decoder.bytes())?;
        Ok(decoder)
    }

    fn size(&self) -> (u32, u32) {
        self.reader.info().size()
    }

    /// Bytes of the decoded picture.
    fn bytes(&self) -> u64 {
        let (width, height) = self.size();
        u64::from(width) * u64::from(height) * (self.layout.channels() << u32::from(self.wide)) as u64
    }

    /// Decodes the default image, into this memory if it has room.
    #[cfg_attr(target_arch = "wasm32", inline)]
    fn read(mut self, memory: Vec<u8>) -> Result<Frame, DecodeError> {
        let (width, height) = self.size();
        let mut samples = zeros(memory, self.bytes() as usize);
        self.reader.next_frame(&mut samples).map_err(error(self.limits.memory))?;
        if self.wide {
            // PNG has the high byte first.
            keep_high_bytes(&mut samples, u16::from_be_bytes);
        }
        Ok(Frame::new(samples, width, height, self.layout))
    }
}

/// Frames that are still to come.
struct Animation<'a> {
    decoder: Decoder<'a>,
    canvases: Option<Canvases>,
    /// Frames that the file says are still to come.
    remaining: u32,
    /// The default image comes first and is none of the frames.
    skip: bool,
}

/// What frames are drawn on.
struct Canvases {
    shown: Canvas,
    /// What was shown before the last frame.
    before: Canvas,
    /// What is to be done to the last frame, and where it lies.
    dispose: DisposeOp,
    area: Area,
}

impl<'a> Animation<'a> {
    fn new(decoder: Decoder<'a>) -> Self {
        let info = decoder.reader.info();
        let remaining = info.animation_control.map_or(0, |control| control.num_frames);
        let skip = info.frame_control.is_none();
        Self { decoder, canvases: None, remaining, skip }
    }

    /// The next frame, as it is shown.
    #[cfg_attr(target_arch = "wasm32", inline)]
    fn next(&mut self) -> Result<Option<Frame>, DecodeError> {
        let Self { decoder: Decoder { reader, layout, wide, limits, held }, canvases, remaining, skip } = self;
        let (width, height) = reader.info().size();
        // Beside the two canvases the decoded frame is held, and the picture that is handed out.
        let held = *held + 3 * canvas::bytes(width, height);
        limits.afford(held)?;
        let error = error(limits.memory);
        let Some(further) = remaining.checked_sub(1) else { return Ok(None) };
        *remaining = further;
        let length = reader.output_buffer_size().ok_or(DecodeError::TooMuchMemory { limit: limits.memory })?;
        limits.afford(held + length as u64)?;
        let mut samples = vec![0; length];
        if std::mem::take(skip) {
            reader.next_frame(&mut samples).map_err(&error)?;
        }
        if *wide {
            let detail = Some("animation with samples of 16 bits".to_owned());
            return Err(DecodeError::Unsupported { format: Format::Png, detail });
        }
        let canvases = canvases.get_or_insert_with(|| Canvases::new(width, height));
        canvases.dispose();
        reader.next_frame(&mut samples).map_err(&error)?;
        let mut blend = BlendOp::Source;
        canvases.area = canvases.shown.whole();
        if let Some(control) = reader.info().frame_control {
            let number = |number: u32| number as usize;
            canvases.area = Area {
                left: number(control.x_offset),
                top: number(control.y_offset),
                width: number(control.width),
                height: number(control.height),
            };
            (canvases.dispose, blend) = (control.dispose_op, control.blend_op);
        }
        canvases.draw(&samples, *layout, blend);
        let samples = canvases.shown.clone().into_bytes();
        Ok(Some(Frame::new(samples, width, height, PixelFormat::Rgba8)))
    }
}

impl Canvases {
    /// Clear ones; there is no background in an animation.
    fn new(width: u32, height: u32) -> Self {
        let shown = Canvas::new(width, height);
        Self { area: shown.whole(), before: shown.clone(), shown, dispose: DisposeOp::Background }
    }

    /// Does to the last frame what it asked for.
    fn dispose(&mut self) {
        if self.dispose == DisposeOp::Previous {
            self.shown.copy(&mut self.before, self.area);
            return;
        }
        let whole = self.shown.whole();
        self.before.copy(&mut self.shown, whole);
        if self.dispose == DisposeOp::Background {
            self.shown.rows(self.area).for_each(|row| row.fill(CLEAR));
        }
    }

    /// Draws a frame.
    fn draw(&mut self, samples: &[u8], layout: PixelFormat, blend: BlendOp) {
        let channels = layout.channels();
        let rows = samples.chunks_exact((self.area.width * channels).max(1));
        for (row, samples) in self.shown.rows(self.area).zip(rows) {
            for (pixel, samples) in row.iter_mut().zip(samples.chunks_exact(channels)) {
                let new = match *samples {
                    [grey] => [grey, grey, grey, u8::MAX],
                    [grey, alpha] => [grey, grey, grey, alpha],
                    [red, green, blue] => [red, green, blue, u8::MAX],
                    [red, green, blue, alpha, ..] => [red, green, blue, alpha],
                    [] => continue,
                };
                *pixel = if blend == BlendOp::Over { over(*pixel, new) } else { new };
            }
        }
    }
}

/// A pixel over another (Porter and Duff 1984), rounded as the `image` crate rounds: what it decoded was hashed.
#[cfg_attr(target_arch = "wasm32", inline)]
fn over(below: Rgba, above: Rgba) -> Rgba {
    match above[3] {
        0 => return below,
        u8::MAX => return above,
        _ => {}
    }
    let [below, above] = [below, above].map(|pixel| pixel.map(|sample| f32::from(sample) / 255.0));
    let alpha = below[3] + above[3] - below[3] * above[3];
    let mut out = [0; 4];
    for ((out, below_sample), above_sample) in out.iter_mut().zip(below).zip(above).take(3) {
        let sample = above_sample * above[3] + below_sample * below[3] * (1.0 - above[3]);
        *out = (255.0 * (sample / alpha)) as u8;
    }
    out[3] = (255.0 * alpha) as u8;
    out
}

#[cfg_attr(target_arch = "wasm32", inline)]
fn error(memory: u64) -> impl Fn(DecodingError) -> DecodeError {
    move |error| match error {
        DecodingError::LimitsExceeded => DecodeError::TooMuchMemory { limit: memory },
        error => DecodeError::Malformed { format: Format::Png, reason: error.to_string() },
    }
}

/// The names and lengths of a file's chunks.
#[cfg_attr(target_arch = "wasm32", inline)]
fn chunks(bytes: &[u8]) -> impl Iterator<Item = (&[u8], u32)> {
    const SIGNATURE: usize = 8;
    // Length, name and checksum around the data of a chunk.
    const FRAMING: usize = 12;
    let mut rest = bytes.get(SIGNATURE..).unwrap_or_default();
    iter::from_fn(move || {
        let (length, name) = rest.get(..8)?.split_at(4);
        let length = u32::from_be_bytes([length[0], length[1], length[2], length[3]]);
        rest = (length as usize).checked_add(FRAMING).and_then(|skip| rest.get(skip..)).unwrap_or_default();
        Some((name, length))
    })
}

/// Bytes of Exif, which the decoder collects in memory that it doubles, and copies.
#[cfg_attr(target_arch = "wasm32", inline)]
fn exif_bytes(bytes: &[u8]) -> u64 {
    chunks(bytes).filter(|(name, _)| name == b"eXIf").map(|(_, length)| u64::from(length)).sum()
}

/// Whether a frame control chunk stands before the image data (APNG specification, "Frame Control Chunk").
#[cfg_attr(target_arch = "wasm32", inline)]
fn default_image_is_a_frame(bytes: &[u8]) -> bool {
    chunks(bytes).find_map(|(name, _)| match name {
        b"fcTL" => Some(true),
        b"IDAT" => Some(false),
        _ => None,
    }) == Some(true)
}
