//! How much a file may ask for: the contract that `docs/limits.md` states, limit by limit.

#[cfg(feature = "_decode")]
use super::DecodeError;

/// How much a file may ask for. Checked before memory is taken.
///
/// There is no limit on time among them, as there is no clock here: who scans on a thread or in a worker of its own stops
/// waiting for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Limits {
    /// Bytes of the file.
    pub bytes: u64,
    /// Pixels of one frame.
    pub pixels: u64,
    /// Frames of an animation.
    pub frames: u32,
    /// Pixels of all frames of an animation together.
    pub animation_pixels: u64,
    /// Bytes of Exif, ICC profiles and XMP that a decoder may keep. Texts and profiles of a PNG are neither inflated nor
    /// kept.
    pub metadata: u64,
    /// Bytes a decoder may hold at once, its output included.
    pub memory: u64,
}

impl Limits {
    /// For a telephone, beside the app that scans: 32 MiB files, 50 megapixels, 300 frames of 150 megapixels together,
    /// 8 MiB of metadata, 384 MiB of memory.
    pub const PHONE: Self = Self {
        bytes: 32 << 20,
        pixels: 50_000_000,
        frames: 300,
        animation_pixels: 150_000_000,
        metadata: 8 << 20,
        memory: 384 << 20,
    };

    /// For a worker in a browser: 64 MiB files, 64 megapixels, 500 frames of 250 megapixels together, 16 MiB of metadata,
    /// 768 MiB of memory.
    pub const BROWSER: Self = Self {
        bytes: 64 << 20,
        pixels: 64_000_000,
        frames: 500,
        animation_pixels: 250_000_000,
        metadata: 16 << 20,
        memory: 768 << 20,
    };

    /// For a server or a desktop, on each thread: 256 MiB files, 128 megapixels, 1,000 frames of 500 megapixels together,
    /// 64 MiB of metadata, 1.5 GiB of memory.
    pub const SERVER: Self = Self {
        bytes: 256 << 20,
        pixels: 128_000_000,
        frames: 1_000,
        animation_pixels: 500_000_000,
        metadata: 64 << 20,
        memory: 3 << 29,
    };
}

impl Default for Limits {
    /// [`SERVER`](Self::SERVER).
    fn default() -> Self {
        Self::SERVER
    }
}

/// The longest side. It bounds what a hash keeps of the columns in a window: 10 bytes for each pixel of width.
#[cfg(feature = "_decode")]
const MAX_SIDE: u32 = 1 << 20;

#[cfg(feature = "_decode")]
impl Limits {
    /// Refuses a frame of more pixels, or a decoder of more memory, than allowed.
    pub(super) fn check(&self, width: u32, height: u32, memory: u64) -> Result<(), DecodeError> {
        if width.max(height) > MAX_SIDE {
            return Err(DecodeError::TooLong { width, height, limit: MAX_SIDE });
        }
        if u64::from(width) * u64::from(height) > self.pixels {
            return Err(DecodeError::TooManyPixels { width, height, limit: self.pixels });
        }
        self.afford(memory)
    }

    /// Refuses to hold more bytes than allowed.
    pub(super) fn afford(&self, memory: u64) -> Result<(), DecodeError> {
        if memory <= self.memory { Ok(()) } else { Err(DecodeError::TooMuchMemory { limit: self.memory }) }
    }

    /// Refuses to keep more bytes of metadata than allowed.
    #[cfg(any(feature = "jpeg", feature = "png", feature = "webp"))]
    pub(super) fn keep(&self, metadata: u64) -> Result<(), DecodeError> {
        if metadata <= self.metadata { Ok(()) } else { Err(DecodeError::TooMuchMetadata { limit: self.metadata }) }
    }
}
