//! From the bytes of a file to pixels, under limits.
//!
//! The format is told by content, never by name. Limits are checked against the header before memory is taken for
//! pixels. What comes out is what the file stores: orientation not applied, alpha kept beside the colours, 16-bit
//! samples cut to their high byte, palettes and CMYK resolved to RGB, no colour management. (PDQ's reference sees
//! the same.)
//!
//! In WebAssembly the engine is compiled for speed, the decoders but JPEG's for size: those are generic, and what uses them
//! is `inline`, so that it is compiled in the facade, for size.

mod limits;
#[cfg(feature = "_decode")]
mod orientation;
mod sniff;

#[cfg(feature = "fast")]
mod baseline;
#[cfg(any(feature = "gif", feature = "png"))]
mod canvas;
#[cfg(feature = "tiff")]
mod directory;
#[cfg(feature = "gif")]
mod gif;
#[cfg(feature = "jpeg")]
mod jpeg;
#[cfg(feature = "png")]
mod png;
#[cfg(any(feature = "bmp", feature = "tiff"))]
mod raster;
#[cfg(all(feature = "webp", not(all(target_arch = "wasm32", target_os = "unknown"))))]
mod vp8l;
#[cfg(feature = "webp")]
mod webp;

#[cfg(feature = "fast")]
pub(crate) use baseline::{Baseline, Block};
pub use limits::Limits;

use std::fmt;
use std::panic::{self, AssertUnwindSafe};

use thiserror::Error;

use crate::hash::{Dihedral, Scratch};
#[cfg(feature = "_decode")]
use crate::pixels::PixelFormat;
use crate::pixels::Pixels;

/// A format that is recognised, whether or not it can be decoded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Format {
    /// JPEG (JFIF, Exif, Adobe).
    Jpeg,
    /// PNG and APNG.
    Png,
    /// WebP: lossy, lossless, animated.
    WebP,
    /// GIF 87a and 89a.
    Gif,
    /// Windows bitmap.
    Bmp,
    /// TIFF and `BigTIFF`, of which the first page is decoded.
    Tiff,
    /// AVIF: recognised, not decoded.
    Avif,
    /// HEIC and other HEIF: recognised, not decoded.
    Heif,
    /// JPEG XL: recognised, not decoded.
    JpegXl,
    /// Windows icon or cursor: recognised, not decoded.
    Ico,
    /// SVG: recognised, not drawn. It can hold other pictures.
    Svg,
}

impl Format {
    /// The format of a file's bytes, by its first few, or `None` for anything that is not a known picture format.
    #[must_use]
    pub fn sniff(bytes: &[u8]) -> Option<Self> {
        sniff::format(bytes)
    }

    /// The common name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Jpeg => "JPEG",
            Self::Png => "PNG",
            Self::WebP => "WebP",
            Self::Gif => "GIF",
            Self::Bmp => "BMP",
            Self::Tiff => "TIFF",
            Self::Avif => "AVIF",
            Self::Heif => "HEIF",
            Self::JpegXl => "JPEG XL",
            Self::Ico => "ICO",
            Self::Svg => "SVG",
        }
    }
}

impl fmt::Display for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// Why a file gives no pixels.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum DecodeError {
    /// No bytes at all.
    #[error("the file is empty")]
    Empty,
    /// The content is of no known picture format.
    #[error("not a picture in any known format")]
    UnknownFormat,
    /// The format, or a variant of it, has no decoder here.
    #[error("{format} is not supported{}", .detail.as_ref().map(|detail| format!(": {detail}")).unwrap_or_default())]
    Unsupported {
        /// The format recognised.
        format: Format,
        /// The variant, where the format as such is supported.
        detail: Option<String>,
    },
    /// The file breaks the rules of its format.
    #[error("broken {format}: {reason}")]
    Malformed {
        /// The format recognised.
        format: Format,
        /// What the decoder said.
        reason: String,
    },
    /// The decoder panicked: a defect in it, met by a broken file.
    #[error("the {format} decoder failed: {message}")]
    Panicked {
        /// The format recognised.
        format: Format,
        /// What the panic said.
        message: String,
    },
    /// The file is longer than [`Limits::bytes`].
    #[error("{size} bytes are more than the {limit} allowed")]
    TooManyBytes {
        /// Length of the file in bytes.
        size: u64,
        /// The limit.
        limit: u64,
    },
    /// A frame is larger than [`Limits::pixels`].
    #[error("{width}x{height} pixels are more than the {limit} allowed")]
    TooManyPixels {
        /// Width in pixels.
        width: u32,
        /// Height in pixels.
        height: u32,
        /// The limit.
        limit: u64,
    },
    /// A side is longer than any picture's.
    #[error("{width}x{height}: a side is longer than the {limit} pixels allowed")]
    TooLong {
        /// Width in pixels.
        width: u32,
        /// Height in pixels.
        height: u32,
        /// The limit.
        limit: u32,
    },
    /// The animation is longer than [`Limits::frames`] or [`Limits::animation_pixels`].
    #[error("the animation has more than the {frames} frames that fit the limits")]
    TooManyFrames {
        /// Frames that were within the limits.
        frames: u32,
    },
    /// Decoding would keep more than [`Limits::metadata`].
    #[error("there is more metadata than the {limit} bytes allowed")]
    TooMuchMetadata {
        /// The limit.
        limit: u64,
    },
    /// Decoding needs more than [`Limits::memory`].
    #[error("decoding needs more than the {limit} bytes of memory allowed")]
    TooMuchMemory {
        /// The limit.
        limit: u64,
    },
}

impl DecodeError {
    /// The format recognised, where it is the format that makes trouble.
    #[must_use]
    pub const fn format(&self) -> Option<Format> {
        match self {
            Self::Unsupported { format, .. } | Self::Malformed { format, .. } | Self::Panicked { format, .. } => {
                Some(*format)
            }
            _ => None,
        }
    }

    /// A name that stays the same whatever the message says.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Empty => "empty",
            Self::UnknownFormat => "unknown-format",
            Self::Unsupported { .. } => "unsupported",
            Self::Malformed { .. } => "malformed",
            Self::Panicked { .. } => "decoder-failed",
            Self::TooManyBytes { .. } => "too-many-bytes",
            Self::TooManyPixels { .. } => "too-many-pixels",
            Self::TooLong { .. } => "too-long",
            Self::TooManyFrames { .. } => "too-many-frames",
            Self::TooMuchMetadata { .. } => "too-much-metadata",
            Self::TooMuchMemory { .. } => "too-much-memory",
        }
    }
}

/// One picture of a file: the only one, or a frame of an animation as it is shown.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Frame {
    /// From 0.
    pub index: u32,
    /// Its pixels.
    pub pixels: Pixels,
    /// Data was missing or corrupt and the decoder filled in: other programs may show something else.
    pub damaged: bool,
}

#[cfg(feature = "_decode")]
impl Frame {
    /// What a decoder made of a picture of this size.
    fn new(samples: Vec<u8>, width: u32, height: u32, layout: PixelFormat) -> Self {
        let pixels = Pixels::new(samples, width, height, layout).expect("the decoder filled exactly these dimensions");
        Self { index: 0, pixels, damaged: false }
    }
}

type Frames<'a> = Box<dyn Iterator<Item = Result<Frame, DecodeError>> + 'a>;

/// What a file says of itself before its pixels.
#[derive(Debug, Clone, Copy)]
struct Header {
    width: u32,
    height: u32,
    upright: Option<Dihedral>,
}

/// An opened file: an iterator over its frames, decoded one at a time.
pub struct Picture<'a> {
    format: Format,
    header: Header,
    frames: Frames<'a>,
    limits: Limits,
    next: u32,
    pixels: u64,
    done: bool,
    /// The file, where it may be hashed from the coefficients of its luma.
    #[cfg(feature = "fast")]
    luma: Option<&'a [u8]>,
}

impl<'a> Picture<'a> {
    /// Recognises the format, reads the header and checks it against the limits.
    ///
    /// # Errors
    /// Any [`DecodeError`]; faults behind the header come with the frame that meets them.
    pub fn open(bytes: &'a [u8], limits: &Limits) -> Result<Self, DecodeError> {
        Self::open_in(bytes, limits, &mut Scratch::default())
    }

    /// As [`open`](Self::open), to decode into memory that was [given back](Scratch::recycle).
    ///
    /// # Errors
    /// As [`open`](Self::open).
    #[cfg_attr(target_arch = "wasm32", inline)]
    pub fn open_in(bytes: &'a [u8], limits: &Limits, scratch: &mut Scratch) -> Result<Self, DecodeError> {
        if bytes.is_empty() {
            return Err(DecodeError::Empty);
        }
        let size = bytes.len() as u64;
        if size > limits.bytes {
            return Err(DecodeError::TooManyBytes { size, limit: limits.bytes });
        }
        let format = Format::sniff(bytes).ok_or(DecodeError::UnknownFormat)?;
        #[cfg_attr(not(feature = "default"), allow(unused_variables, reason = "some formats have no use for it"))]
        let memory = std::mem::take(&mut scratch.pixels);
        contained(format, || match format {
            #[cfg(feature = "jpeg")]
            Format::Jpeg => jpeg::open(bytes, limits, memory),
            #[cfg(feature = "png")]
            Format::Png => png::open(bytes, limits, memory),
            #[cfg(feature = "webp")]
            Format::WebP => webp::open(bytes, limits, memory),
            #[cfg(feature = "gif")]
            Format::Gif => gif::open(bytes, limits),
            #[cfg(feature = "bmp")]
            Format::Bmp => raster::bmp(bytes, limits, memory),
            #[cfg(feature = "tiff")]
            Format::Tiff => raster::tiff(bytes, limits, memory),
            _ => Err(DecodeError::Unsupported { format, detail: None }),
        })
    }

    /// Puts together what a decoder found.
    #[cfg(feature = "_decode")]
    fn new(format: Format, header: Header, frames: Frames<'a>, limits: &Limits) -> Self {
        Self {
            format,
            header,
            frames,
            limits: *limits,
            next: 0,
            pixels: 0,
            done: false,
            #[cfg(feature = "fast")]
            luma: None,
        }
    }

    /// A single picture, decoded when its frame is asked for.
    #[cfg(feature = "_decode")]
    fn still(
        format: Format,
        header: Header,
        limits: &Limits,
        read: impl FnOnce() -> Result<Frame, DecodeError> + 'a,
    ) -> Self {
        Self::new(format, header, Box::new(std::iter::once_with(read)), limits)
    }

    /// The luma of the file's only frame, undecoded; `None` where it has to be decoded.
    #[cfg(feature = "fast")]
    pub(crate) fn luma(&self) -> Option<Baseline<'a>> {
        let Header { width, height, .. } = self.header;
        // The coefficients are read from a copy of the scan.
        let bytes = self.luma.filter(|bytes| bytes.len() as u64 <= self.limits.memory)?;
        Baseline::parse(bytes).filter(|luma| (luma.width, luma.height) == (width as usize, height as usize))
    }

    /// Numbers a frame and holds it to the limits of an animation.
    fn admit(&mut self, mut frame: Frame) -> Result<Frame, DecodeError> {
        self.pixels += u64::from(frame.pixels.width()) * u64::from(frame.pixels.height());
        // The first frame has a limit of its own, checked when the file was opened.
        if self.next >= self.limits.frames || (self.next > 0 && self.pixels > self.limits.animation_pixels) {
            return Err(DecodeError::TooManyFrames { frames: self.next });
        }
        frame.index = self.next;
        self.next += 1;
        Ok(frame)
    }

    /// The format recognised.
    #[must_use]
    pub fn format(&self) -> Format {
        self.format
    }

    /// Width as stored, in pixels.
    #[must_use]
    pub fn width(&self) -> u32 {
        self.header.width
    }

    /// Height as stored, in pixels.
    #[must_use]
    pub fn height(&self) -> u32 {
        self.header.height
    }

    /// How to turn the stored picture for viewing, if a tag says so.
    #[must_use]
    pub fn upright(&self) -> Option<Dihedral> {
        self.header.upright
    }
}

impl Iterator for Picture<'_> {
    type Item = Result<Frame, DecodeError>;

    /// The next frame. There is at least one, or an error; after an error there is no further one.
    fn next(&mut self) -> Option<Self::Item> {
        if self.done {
            return None;
        }
        let frame = match contained(self.format, || self.frames.next().transpose()) {
            Ok(None) if self.next == 0 => {
                Err(DecodeError::Malformed { format: self.format, reason: "the file holds no picture".into() })
            }
            Ok(None) => return None,
            Ok(Some(frame)) => self.admit(frame),
            Err(error) => Err(error),
        };
        self.done = frame.is_err();
        Some(frame)
    }
}

/// So many zeros, in this memory if it has room: what a decoder does not write must not show an earlier picture.
#[cfg(feature = "_decode")]
#[cfg_attr(not(feature = "default"), allow(dead_code, reason = "some formats have no use for it"))]
fn zeros(mut memory: Vec<u8>, len: usize) -> Vec<u8> {
    if memory.capacity() < len {
        return vec![0; len];
    }
    memory.clear();
    memory.resize(len, 0);
    memory
}

/// Cuts 16-bit samples to their high byte, in place.
#[cfg(any(feature = "bmp", feature = "png", feature = "tiff"))]
fn keep_high_bytes(bytes: &mut Vec<u8>, sample: fn([u8; 2]) -> u16) {
    for i in 0..bytes.len() / 2 {
        bytes[i] = (sample([bytes[2 * i], bytes[2 * i + 1]]) >> 8) as u8;
    }
    bytes.truncate(bytes.len() / 2);
    bytes.shrink_to_fit();
}

/// Runs a decoder, which is other people's code, and turns a panic in it into an error.
///
/// The one place where panics are caught. What the decoder was working on is dropped, never looked at again.
fn contained<T>(format: Format, decode: impl FnOnce() -> Result<T, DecodeError>) -> Result<T, DecodeError> {
    panic::catch_unwind(AssertUnwindSafe(decode)).unwrap_or_else(|payload| {
        let message = payload.downcast_ref::<&str>().map(|message| (*message).to_owned());
        let message = message.or_else(|| payload.downcast_ref::<String>().cloned());
        Err(DecodeError::Panicked { format, message: message.unwrap_or_else(|| "panic".to_owned()) })
    })
}

impl fmt::Debug for Picture<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Picture").field("format", &self.format).field("header", &self.header).finish_non_exhaustive()
    }
}
