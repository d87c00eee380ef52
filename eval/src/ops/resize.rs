//! Larger and smaller.

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

/// Stretched to a size; at least a pixel each way.
pub(crate) fn stretch(picture: &RgbImage, width: f64, height: f64, filter: FilterType) -> RgbImage {
    imageops::resize(picture, (width.round() as u32).max(1), (height.round() as u32).max(1), filter)
}
