//! Enrolment: from an image that its owner holds to the hashes of its ordinary variants.
//!
//! A sealed set is matched within a smaller distance than a plain list. Whoever holds the image can make up for it by
//! enrolling what ordinary edits make of it, too, as further entries of the same image. What that publishes beyond the
//! image's own hash is counted: see [`published`](crate::published).

use image::imageops::{self, FilterType};
use image::{GrayAlphaImage, GrayImage, RgbImage, RgbaImage};
use presend_core::set::Sealable;
use presend_core::{
    DecodeError, Frame, ImageHash, Limits, Picture, PixelFormat, PixelView, Pixels, Quality, Scratch, TooSmall,
};
use thiserror::Error;

/// An ordinary edit whose result is enrolled.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Variant {
    /// The image as it is.
    Original,
    /// Scaled to four fifths.
    FourFifths,
    /// Scaled to one half.
    Half,
    /// A fiftieth cut off at each side.
    Cropped,
    /// Brightened, with an exponent of 0.7.
    Brightened,
}

impl Variant {
    /// What is enrolled, the original first: chosen greedily by what each finds that those before it do not, per entry
    /// (`docs/sealed-recall.md`).
    pub const ALL: [Self; 5] = [Self::Original, Self::FourFifths, Self::Half, Self::Cropped, Self::Brightened];

    /// The name in tables and lists.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Original => "original",
            Self::FourFifths => "0.8×",
            Self::Half => "½",
            Self::Cropped => "centre 2 %",
            Self::Brightened => "gamma 0.7",
        }
    }

    /// The variant of a picture.
    #[must_use]
    pub fn apply(self, picture: &RgbImage) -> RgbImage {
        let scaled = |factor: f64| {
            let side = |length: u32| ((f64::from(length) * factor).round() as u32).max(1);
            imageops::resize(picture, side(picture.width()), side(picture.height()), FilterType::Triangle)
        };
        match self {
            Self::Original => picture.clone(),
            Self::FourFifths => scaled(0.8),
            Self::Half => scaled(0.5),
            Self::Cropped => {
                let cut = |length: u32| if length > 2 { (length / 50).max(1) } else { 0 };
                let (x, y) = (cut(picture.width()), cut(picture.height()));
                imageops::crop_imm(picture, x, y, picture.width() - 2 * x, picture.height() - 2 * y).to_image()
            }
            Self::Brightened => {
                let table: [u8; 256] =
                    std::array::from_fn(|value| ((value as f64 / 255.0).powf(0.7) * 255.0).round() as u8);
                let mut bright = picture.clone();
                bright.iter_mut().for_each(|sample| *sample = table[usize::from(*sample)]);
                bright
            }
        }
    }
}

/// An image with its hashes.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Enrolled<A: Sealable> {
    /// Which frame of the file, from 0.
    pub frame: u32,
    /// The quality of the image as it is.
    pub quality: Quality,
    /// The hash of each variant, the original first; equal ones are left out.
    pub hashes: Vec<(Variant, ImageHash<A>)>,
}

/// Why a file cannot be enrolled.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum EnrolError {
    /// It cannot be decoded.
    #[error("{0}")]
    Decode(#[from] DecodeError),
    /// Data is missing or corrupt: nobody should be matched against what is left.
    #[error("data is missing or corrupt (frame {frame})")]
    Damaged {
        /// Which frame, from 0.
        frame: u32,
    },
    /// It has too few pixels to hash.
    #[error("{0}")]
    TooSmall(#[from] TooSmall),
}

/// The hashes of every frame of a file, each in these variants. Transparency is ignored, as in the hash of record.
///
/// # Errors
/// [`EnrolError`] for a file that cannot be hashed as a whole.
pub fn enrol<A: Sealable>(
    algorithm: A,
    bytes: &[u8],
    variants: &[Variant],
    limits: &Limits,
    scratch: &mut Scratch,
) -> Result<Vec<Enrolled<A>>, EnrolError> {
    let mut frames = Vec::new();
    for frame in Picture::open(bytes, limits)? {
        let Frame { index: frame, pixels, damaged, .. } = frame?;
        if damaged {
            return Err(EnrolError::Damaged { frame });
        }
        let record = algorithm.hash(pixels.view(), scratch)?;
        let picture = rgb(pixels);
        let mut hashes = Vec::new();
        for &variant in variants {
            let varied = variant.apply(&picture);
            let view = PixelView::new(varied.as_raw(), varied.width(), varied.height(), PixelFormat::Rgb8);
            let hash = match variant {
                // From the pixels as they were decoded, which may be grey.
                Variant::Original => record.hash,
                _ => match algorithm.hash(view.expect("three bytes for each pixel"), scratch) {
                    Ok(hashed) => hashed.hash,
                    // Half of a tiny picture may be too small.
                    Err(TooSmall { .. }) => continue,
                },
            };
            if hashes.iter().all(|&(_, other)| other != hash) {
                hashes.push((variant, hash));
            }
        }
        frames.push(Enrolled { frame, quality: record.quality, hashes });
    }
    Ok(frames)
}

/// The colours of a picture, its alpha dropped.
fn rgb(pixels: Pixels) -> RgbImage {
    let (width, height, format) = (pixels.width(), pixels.height(), pixels.format());
    let bytes = pixels.into_bytes();
    let packed = "packed pixels fill their dimensions";
    match format {
        PixelFormat::Rgb8 => RgbImage::from_raw(width, height, bytes).expect(packed),
        PixelFormat::Grey8 => {
            image::DynamicImage::from(GrayImage::from_raw(width, height, bytes).expect(packed)).into_rgb8()
        }
        PixelFormat::GreyAlpha8 => {
            image::DynamicImage::from(GrayAlphaImage::from_raw(width, height, bytes).expect(packed)).into_rgb8()
        }
        PixelFormat::Rgba8 => {
            image::DynamicImage::from(RgbaImage::from_raw(width, height, bytes).expect(packed)).into_rgb8()
        }
    }
}

#[cfg(test)]
mod tests {
    use presend_core::{Algorithm, Pdq};

    use super::*;
    use crate::demo;

    fn picture() -> Vec<u8> {
        let (_, bytes) = demo::OUTBOX.iter().find(|(name, _)| *name == "beach.jpg").expect("part of the demo");
        bytes.to_vec()
    }

    #[test]
    fn the_original_is_the_hash_of_record_and_variants_are_near_it() {
        let mut scratch = Scratch::default();
        let all = enrol(Pdq, &picture(), &Variant::ALL, &Limits::default(), &mut scratch).expect("a picture");
        let [enrolled] = &all[..] else { panic!("one frame") };
        let frame = Picture::open(&picture(), &Limits::default()).expect("a picture").next().expect("a frame");
        let record = Pdq.hash(frame.expect("whole").pixels.view(), &mut scratch).expect("large enough");
        assert_eq!((enrolled.hashes[0], enrolled.quality), ((Variant::Original, record.hash), record.quality));
        assert!(enrolled.hashes.len() >= 4, "{:?}", enrolled.hashes);
        for (variant, hash) in &enrolled.hashes {
            let distance = hash.distance(&record.hash).bits();
            assert!(distance <= 60 && (distance == 0) == (*variant == Variant::Original), "{variant:?}: {distance}");
        }
    }

    #[test]
    fn what_cannot_be_hashed_is_an_error() {
        let enrol = |bytes: &[u8]| enrol(Pdq, bytes, &[Variant::Original], &Limits::default(), &mut Scratch::default());
        assert!(matches!(enrol(b"no picture"), Err(EnrolError::Decode(_))));
        let cut = &picture()[..picture().len() / 2];
        assert!(matches!(enrol(cut), Err(EnrolError::Decode(_) | EnrolError::Damaged { .. })));
    }
}
