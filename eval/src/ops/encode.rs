//! Files: a picture written by a real encoder, and read by the engine.

use image::codecs::gif::GifEncoder;
use image::codecs::png::PngEncoder;
use image::{ExtendedColorType, ImageEncoder as _, RgbImage};
use jpeg_encoder::{ChromaSubsamplingMethod, ColorType, Encoder, SamplingFactor};
use presend_core::{Limits, Picture, PixelFormat, Pixels};

/// How a JPEG file is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Jpeg {
    /// 1 to 100.
    pub(crate) quality: u8,
    pub(crate) sampling: Sampling,
    pub(crate) progressive: bool,
}

/// How much colour a JPEG file keeps.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Sampling {
    /// 4:4:4, all of it.
    Full,
    /// 4:2:0, the mean of each two by two pixels.
    Quarter,
}

impl Jpeg {
    /// As most programs write: 4:2:0, baseline.
    pub(crate) const fn of(quality: u8) -> Self {
        Self { quality, sampling: Sampling::Quarter, progressive: false }
    }

    /// The file of a picture; `None` of one too wide or high for the format.
    pub(crate) fn write(self, picture: &RgbImage) -> Option<Vec<u8>> {
        let mut bytes = Vec::new();
        let mut encoder = Encoder::new(&mut bytes, self.quality);
        encoder.set_progressive(self.progressive);
        encoder.set_chroma_subsampling_method(ChromaSubsamplingMethod::Average);
        encoder.set_sampling_factor(match self.sampling {
            Sampling::Full => SamplingFactor::F_1_1,
            Sampling::Quarter => SamplingFactor::F_2_2,
        });
        let (width, height) = (u16::try_from(picture.width()).ok()?, u16::try_from(picture.height()).ok()?);
        encoder.encode(picture, width, height, ColorType::Rgb).ok()?;
        Some(bytes)
    }
}

/// Saved as JPEG and opened again; `None` where the format cannot hold the picture.
pub(crate) fn through_jpeg(picture: &RgbImage, how: Jpeg) -> Option<RgbImage> {
    decode(&how.write(picture)?)
}

/// Saved as lossy WebP and opened again; `None` where the format cannot hold the picture.
pub(crate) fn webp(picture: &RgbImage, quality: u8) -> Option<RgbImage> {
    let encoder = webp::Encoder::from_rgb(picture, picture.width(), picture.height());
    decode(&encoder.encode_simple(false, f32::from(quality)).ok()?)
}

/// Saved as lossless WebP, with little effort, and opened again; `None` where the format cannot hold the picture.
pub(crate) fn webp_lossless(picture: &RgbImage) -> Option<RgbImage> {
    let mut config = webp::WebPConfig::new().ok()?;
    (config.lossless, config.method, config.quality) = (1, 0, 0.0);
    let encoder = webp::Encoder::from_rgb(picture, picture.width(), picture.height());
    decode(&encoder.encode_advanced(&config).ok()?)
}

/// Saved as PNG and opened again.
pub(crate) fn png(picture: &RgbImage) -> Option<RgbImage> {
    let mut bytes = Vec::new();
    let (width, height) = picture.dimensions();
    PngEncoder::new(&mut bytes).write_image(picture, width, height, ExtendedColorType::Rgb8).ok()?;
    decode(&bytes)
}

/// Saved as GIF with 256 colours of its own and opened again; `None` where the format cannot hold the picture.
pub(crate) fn gif(picture: &RgbImage) -> Option<RgbImage> {
    /// What the quantiser's authors call fast without visible loss (`NeuQuant`'s sampling factor, 1 to 30).
    const SPEED: i32 = 10;
    let mut bytes = Vec::new();
    let (width, height) = picture.dimensions();
    GifEncoder::new_with_speed(&mut bytes, SPEED).encode(picture, width, height, ExtendedColorType::Rgb8).ok()?;
    decode(&bytes)
}

/// The first frame of a file in RGB, alpha ignored as in the hash of record; `None` if it does not decode whole.
pub(crate) fn decode(bytes: &[u8]) -> Option<RgbImage> {
    let frame = Picture::open(bytes, &Limits::default()).ok()?.next()?.ok()?;
    (!frame.damaged).then(|| rgb(frame.pixels))
}

fn rgb(pixels: Pixels) -> RgbImage {
    let (width, height) = (pixels.width(), pixels.height());
    let format = pixels.format();
    let bytes = pixels.into_bytes();
    let bytes = match format {
        PixelFormat::Rgb8 => bytes,
        PixelFormat::Rgba8 => bytes.as_chunks::<4>().0.iter().flat_map(|&[r, g, b, _]| [r, g, b]).collect(),
        PixelFormat::Grey8 => bytes.iter().flat_map(|&grey| [grey; 3]).collect(),
        PixelFormat::GreyAlpha8 => bytes.as_chunks::<2>().0.iter().flat_map(|&[grey, _]| [grey; 3]).collect(),
    };
    RgbImage::from_raw(width, height, bytes).expect("three bytes were written for each pixel")
}

/// Saved as JPEG and opened again.
pub(crate) fn jpeg(picture: &RgbImage, quality: u8) -> RgbImage {
    decode(&save(picture, quality)).expect("what was just written can be read")
}

/// A JPEG file of a picture (4:2:0 below quality 90, as the encoder's default).
pub(crate) fn save(picture: &RgbImage, quality: u8) -> Vec<u8> {
    let mut bytes = Vec::new();
    let side = |length: u32| u16::try_from(length).expect("photographs are less than 65,536 pixels wide and high");
    Encoder::new(&mut bytes, quality)
        .encode(picture, side(picture.width()), side(picture.height()), ColorType::Rgb)
        .expect("a picture with pixels is written to memory");
    bytes
}
