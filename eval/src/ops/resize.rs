//! Larger and smaller.

use fast_image_resize::images::{Image, ImageRef};
use fast_image_resize::{FilterType as Filter, PixelType, ResizeAlg, ResizeOptions, Resizer};
use image::RgbImage;
use image::imageops::{self, FilterType};

/// Scaled by `factor`.
pub(crate) fn scale(picture: &RgbImage, factor: f64, filter: FilterType) -> RgbImage {
    let side = |length: u32| ((f64::from(length) * factor).round() as u32).max(1);
    imageops::resize(picture, side(picture.width()), side(picture.height()), filter)
}

/// Scaled down so that the longer side is `longest`; pictures that fit stay as they are.
pub(crate) fn fit(picture: &RgbImage, longest: u32, filter: FilterType) -> RgbImage {
    let side = picture.width().max(picture.height());
    if side <= longest { picture.clone() } else { scale(picture, f64::from(longest) / f64::from(side), filter) }
}

/// Scaled down by averaging boxes of pixels so that the longer side is `longest`.
pub(crate) fn thumbnail(picture: &RgbImage, longest: u32) -> RgbImage {
    let side = picture.width().max(picture.height());
    if side <= longest {
        return picture.clone();
    }
    let scaled = |length: u32| ((u64::from(length) * u64::from(longest)) as f64 / f64::from(side)).round().max(1.0);
    imageops::thumbnail(picture, scaled(picture.width()) as u32, scaled(picture.height()) as u32)
}

/// Stretched to a size, in whole numbers; at least a pixel each way.
pub(crate) fn stretch(picture: &RgbImage, width: f64, height: f64, how: ResizeAlg) -> RgbImage {
    let side = |length: f64| (length.round() as u32).max(1);
    let mut out = RgbImage::new(side(width), side(height));
    let (width, height) = out.dimensions();
    let from = ImageRef::new(picture.width(), picture.height(), picture, PixelType::U8x3);
    let to = Image::from_slice_u8(width, height, &mut out, PixelType::U8x3);
    let (from, mut to) = (from.expect("three bytes each"), to.expect("three bytes each"));
    let options = ResizeOptions::new().resize_alg(how);
    Resizer::new().resize(&from, &mut to, &options).expect("both have pixels of the same kind");
    out
}

/// As [`scale`], by [`stretch`].
pub(crate) fn times(picture: &RgbImage, factor: f64, how: ResizeAlg) -> RgbImage {
    stretch(picture, f64::from(picture.width()) * factor, f64::from(picture.height()) * factor, how)
}

/// As [`fit`], by [`stretch`].
pub(crate) fn within(picture: &RgbImage, longest: u32, how: ResizeAlg) -> RgbImage {
    let side = picture.width().max(picture.height());
    if side <= longest { picture.clone() } else { times(picture, f64::from(longest) / f64::from(side), how) }
}

/// The nearest pixel.
pub(crate) const NEAREST: ResizeAlg = ResizeAlg::Nearest;
/// Bilinear, over as many pixels as become one.
pub(crate) const BILINEAR: ResizeAlg = ResizeAlg::Convolution(Filter::Bilinear);
/// Bicubic (Catmull and Rom 1974).
pub(crate) const BICUBIC: ResizeAlg = ResizeAlg::Convolution(Filter::CatmullRom);
/// Lanczos' window of three lobes.
pub(crate) const LANCZOS: ResizeAlg = ResizeAlg::Convolution(Filter::Lanczos3);
