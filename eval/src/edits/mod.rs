//! Ordinary transformations: what happens to a picture on its way through messengers, galleries and editors.
//!
//! A fixed list ([`TRANSFORMS`]), after those that perception, PHASER, `AugLy`, Copydays and DISC measure, with the presets
//! of messengers; nothing here looks for edits that evade a match. Each entry is one step alone: only where a file format
//! is meant is the result saved in one, so that what a crop costs is not mixed with what a JPEG costs. AVIF and HEIC are
//! missing because the engine has no decoder for them, and so could not hash what comes out.
//!
//! A transformation that leaves the pixels of a picture as they are (4096 px of a smaller picture, the square crop of a
//! square) does not apply to it and must not be counted; the lossless formats are the exception, a control that the files
//! of all formats hash alike.

mod subject;
mod table;

use image::RgbImage;

pub use subject::Subject;
pub use table::TRANSFORMS;

/// What one transformation belongs to: a row of the heat map.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Family {
    /// Another file, the same pixels: a control.
    ReEncode,
    /// Saved as JPEG.
    Jpeg,
    /// Saved several times.
    Generations,
    /// Saved as lossy WebP.
    WebP,
    /// Few colours.
    Palette,
    /// Made smaller.
    Downscale,
    /// Made larger.
    Upscale,
    /// Stretched in one direction.
    Aspect,
    /// Cropped on all sides.
    CropCentre,
    /// Cropped on one side or at a corner.
    CropSide,
    /// Something empty around it.
    Border,
    /// Turned by less than a quarter.
    Rotation,
    /// Turned by quarters or mirrored.
    Dihedral,
    /// Seen from aside.
    Perspective,
    /// Brighter or darker.
    Brightness,
    /// Contrast and gamma.
    Contrast,
    /// Other colours.
    Colour,
    /// Blurred or sharpened.
    Blur,
    /// Noisy.
    Noise,
    /// Darker corners, or large pixels.
    Vignette,
    /// Writing and stickers over it or beside it.
    Overlay,
    /// On a screen with what else is on it.
    Screenshot,
    /// Together with another picture.
    Collage,
    /// What a messenger or network does.
    Platform,
}

impl Family {
    /// Every family, in the order of tables.
    pub const ALL: [Self; 24] = [
        Self::ReEncode,
        Self::Jpeg,
        Self::Generations,
        Self::WebP,
        Self::Palette,
        Self::Downscale,
        Self::Upscale,
        Self::Aspect,
        Self::CropCentre,
        Self::CropSide,
        Self::Border,
        Self::Rotation,
        Self::Dihedral,
        Self::Perspective,
        Self::Brightness,
        Self::Contrast,
        Self::Colour,
        Self::Blur,
        Self::Noise,
        Self::Vignette,
        Self::Overlay,
        Self::Screenshot,
        Self::Collage,
        Self::Platform,
    ];

    /// The name in tables.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::ReEncode => "lossless re-encode",
            Self::Jpeg => "JPEG",
            Self::Generations => "generations",
            Self::WebP => "WebP",
            Self::Palette => "palette",
            Self::Downscale => "downscale",
            Self::Upscale => "upscale",
            Self::Aspect => "aspect",
            Self::CropCentre => "crop, centre",
            Self::CropSide => "crop, side",
            Self::Border => "border",
            Self::Rotation => "rotation",
            Self::Dihedral => "quarter turns, mirror",
            Self::Perspective => "perspective",
            Self::Brightness => "brightness",
            Self::Contrast => "contrast, gamma",
            Self::Colour => "colour",
            Self::Blur => "blur, sharpen",
            Self::Noise => "noise",
            Self::Vignette => "vignette, pixelate",
            Self::Overlay => "text, stickers",
            Self::Screenshot => "screenshot",
            Self::Collage => "collage",
            Self::Platform => "platform",
        }
    }
}

/// One transformation.
#[derive(Debug, Clone, Copy)]
pub struct Transform {
    /// Its name wherever it is written down: stable, in kebab-case.
    pub id: &'static str,
    /// What it belongs to.
    pub family: Family,
    /// What is done, for people.
    pub parameter: &'static str,
    /// Its place in its family, from 0, the weakest: a column of the heat map.
    pub strength: u16,
    make: fn(&Subject) -> Option<RgbImage>,
}

/// The version of [`TRANSFORMS`]: raised whenever an entry gives other pixels, so that what was measured with another is
/// not taken for it. A new entry has a new name and needs no new version.
pub const TRANSFORMS_VERSION: u32 = 1;

impl Transform {
    /// The entry with this name.
    #[must_use]
    pub fn named(id: &str) -> Option<&'static Self> {
        TRANSFORMS.iter().find(|transform| transform.id == id)
    }

    /// The transformed picture, the same pixels every time; `None` where it does not apply: the picture stays as it is, or
    /// the format cannot hold it, or the result would be larger than the engine decodes.
    #[must_use]
    pub fn apply(&self, subject: &Subject) -> Option<RgbImage> {
        let edited = (self.make)(subject)?;
        (self.family == Family::ReEncode || edited != *subject.picture()).then_some(edited)
    }
}

#[cfg(test)]
mod tests;
