//! What people, phones and chat programs do to a picture before it is sent.

use image::{GrayImage, Luma, Rgb, RgbImage, Rgba, RgbaImage};

/// Scales a picture to `percent` of its size: each new pixel is the average of the area that it covers.
pub(crate) fn resized(picture: &RgbImage, percent: u32) -> RgbImage {
    let (width, height) = (picture.width() * percent / 100, picture.height() * percent / 100);
    let scale = 100.0 / percent as f32;
    RgbImage::from_fn(width, height, |x, y| {
        let across = covered(x as f32 * scale, scale, picture.width());
        let down = covered(y as f32 * scale, scale, picture.height());
        let (mut sum, mut weight) = ([0.0; 3], 0.0);
        for &(row, row_part) in &down {
            for &(column, column_part) in &across {
                let part = row_part * column_part;
                weight += part;
                for (total, channel) in sum.iter_mut().zip(picture.get_pixel(column, row).0) {
                    *total += part * f32::from(channel);
                }
            }
        }
        Rgb(sum.map(|total| to_byte(total / weight)))
    })
}

/// Makes a picture warmer, brighter and more colourful.
pub(crate) fn warmed(picture: &RgbImage) -> RgbImage {
    map(picture, |pixel| {
        let grey = luma(pixel);
        let [red, green, blue] = pixel.map(|channel| grey + 1.35 * (f32::from(channel) - grey));
        [1.08 * red + 14.0, 1.03 * green + 6.0, 0.9 * blue].map(to_byte)
    })
}

/// Takes the colour out.
pub(crate) fn greyscale(picture: &RgbImage) -> GrayImage {
    GrayImage::from_fn(picture.width(), picture.height(), |x, y| Luma([to_byte(luma(picture.get_pixel(x, y).0))]))
}

/// Softens a picture: each pixel becomes the average of the five by five around it.
pub(crate) fn blurred(picture: &RgbImage) -> RgbImage {
    let (right, bottom) = (picture.width() - 1, picture.height() - 1);
    RgbImage::from_fn(picture.width(), picture.height(), |x, y| {
        let mut sum = [0_u32; 3];
        for row in 0..5 {
            for column in 0..5 {
                let (column, row) = ((x + column).saturating_sub(2), (y + row).saturating_sub(2));
                let pixel = picture.get_pixel(column.min(right), row.min(bottom));
                for (total, channel) in sum.iter_mut().zip(pixel.0) {
                    *total += u32::from(channel);
                }
            }
        }
        Rgb(sum.map(|total| ((total + 12) / 25) as u8))
    })
}

/// Swaps left and right.
pub(crate) fn mirrored(picture: &RgbImage) -> RgbImage {
    let right = picture.width() - 1;
    RgbImage::from_fn(picture.width(), picture.height(), |x, y| *picture.get_pixel(right - x, y))
}

/// Turns a picture a quarter to the left, as a camera stores one that was taken upright.
pub(crate) fn turned_left(picture: &RgbImage) -> RgbImage {
    let right = picture.width() - 1;
    RgbImage::from_fn(picture.height(), picture.width(), |x, y| *picture.get_pixel(right - y, x))
}

/// Keeps only 216 colours, with a fine pattern where a colour lies between two of them.
pub(crate) fn few_colours(picture: &RgbImage) -> RgbImage {
    RgbImage::from_fn(picture.width(), picture.height(), |x, y| {
        let threshold = PATTERN[(y % 4) as usize][(x % 4) as usize];
        Rgb(picture.get_pixel(x, y).0.map(|channel| {
            let steps = (u32::from(channel) * 80 + threshold * 255) / (16 * 255);
            (steps.min(5) * 51) as u8
        }))
    })
}

/// Draws a picture with opacity alone: every pixel is black, and the darker it was the more opaque it is.
pub(crate) fn drawn_in_alpha(picture: &RgbImage) -> RgbaImage {
    RgbaImage::from_fn(picture.width(), picture.height(), |x, y| {
        Rgba([0, 0, 0, 255 - to_byte(luma(picture.get_pixel(x, y).0))])
    })
}

/// Makes every pixel wholly transparent and leaves its colour where it was.
pub(crate) fn hidden_under_alpha(picture: &RgbImage) -> RgbaImage {
    RgbaImage::from_fn(picture.width(), picture.height(), |x, y| {
        let [red, green, blue] = picture.get_pixel(x, y).0;
        Rgba([red, green, blue, 0])
    })
}

fn map(picture: &RgbImage, change: impl Fn([u8; 3]) -> [u8; 3]) -> RgbImage {
    RgbImage::from_fn(picture.width(), picture.height(), |x, y| Rgb(change(picture.get_pixel(x, y).0)))
}

/// The pixels that the stretch of `length` from `start` covers, each with how much of it.
fn covered(start: f32, length: f32, limit: u32) -> Vec<(u32, f32)> {
    let end = start + length;
    (start as u32..(end.ceil() as u32).min(limit))
        .map(|at| (at, (at as f32 + 1.0).min(end) - (at as f32).max(start)))
        .collect()
}

/// ITU-R BT.601 luma weights.
fn luma(pixel: [u8; 3]) -> f32 {
    let [red, green, blue] = pixel.map(f32::from);
    0.299 * red + 0.587 * green + 0.114 * blue
}

fn to_byte(level: f32) -> u8 {
    (level + 0.5).clamp(0.0, 255.0) as u8
}

/// Bayer's ordered dither, 4 × 4.
const PATTERN: [[u32; 4]; 4] = [[0, 8, 2, 10], [12, 4, 14, 6], [3, 11, 1, 9], [15, 7, 13, 5]];
