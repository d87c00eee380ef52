//! Cut, turned, bent, framed.

use image::{Rgb, RgbImage, imageops};
use presend_core::Dihedral;

use crate::ops::{BILINEAR, BLACK, stretch, uniform, within};

/// Which part of the width and of the height is cut from each side.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub(crate) struct Sides {
    pub(crate) left: f64,
    pub(crate) top: f64,
    pub(crate) right: f64,
    pub(crate) bottom: f64,
}

/// Cropped; each side by its share, rounded to pixels and at least one where it is not zero.
pub(crate) fn crop(picture: &RgbImage, sides: Sides) -> RgbImage {
    let (width, height) = picture.dimensions();
    let pixels = |share: f64, length: u32| {
        if share == 0.0 { 0 } else { ((f64::from(length) * share).round() as u32).max(1) }
    };
    crop_pixels(
        picture,
        [
            pixels(sides.left, width),
            pixels(sides.top, height),
            pixels(sides.right, width),
            pixels(sides.bottom, height),
        ],
    )
}

/// Cropped by pixels: left, top, right, bottom.
pub(crate) fn crop_pixels(picture: &RgbImage, [left, top, right, bottom]: [u32; 4]) -> RgbImage {
    let (width, height) = (picture.width() - left - right, picture.height() - top - bottom);
    imageops::crop_imm(picture, left, top, width, height).to_image()
}

/// The largest part around the centre whose width is `aspect` times its height.
pub(crate) fn crop_to(picture: &RgbImage, aspect: f64) -> RgbImage {
    let (width, height) = (f64::from(picture.width()), f64::from(picture.height()));
    let cut = |whole: f64, kept: f64| ((whole - kept).max(0.0) / 2.0).round().min(((whole - 1.0) / 2.0).floor()) as u32;
    let (x, y) = (cut(width, height * aspect), cut(height, width / aspect));
    crop_pixels(picture, [x, y, x, y])
}

/// Turned about its centre by `degrees`, in a frame of the same size, bilinear; open corners are black.
pub(crate) fn rotate(picture: &RgbImage, degrees: f64) -> RgbImage {
    rotate_into(picture, degrees, picture.dimensions())
}

/// Turned, in a frame that holds the whole picture; open corners are black.
pub(crate) fn rotate_whole(picture: &RgbImage, degrees: f64) -> RgbImage {
    let (width, height) = turned_size(picture, degrees);
    rotate_into(picture, degrees, (width.ceil() as u32, height.ceil() as u32))
}

/// Turned and cut to the largest frame of the same shape without open corners, as phones straighten pictures.
pub(crate) fn rotate_inner(picture: &RgbImage, degrees: f64) -> RgbImage {
    let (width, height) = (f64::from(picture.width()), f64::from(picture.height()));
    let turned = turned_size(picture, degrees);
    let share = (width / turned.0).min(height / turned.1);
    let side = |length: f64| ((length * share).floor() as u32).max(1);
    rotate_into(picture, degrees, (side(width), side(height)))
}

/// Width and height of the smallest upright frame around the turned picture.
fn turned_size(picture: &RgbImage, degrees: f64) -> (f64, f64) {
    let (sin, cos) = degrees.to_radians().sin_cos();
    let (width, height) = (f64::from(picture.width()), f64::from(picture.height()));
    (width * cos.abs() + height * sin.abs(), width * sin.abs() + height * cos.abs())
}

/// Turned about its centre, which stays the centre of a frame of this size.
fn rotate_into(picture: &RgbImage, degrees: f64, size: (u32, u32)) -> RgbImage {
    let (sin, cos) = degrees.to_radians().sin_cos();
    let centre = |(width, height): (u32, u32)| (f64::from(width - 1) / 2.0, f64::from(height - 1) / 2.0);
    let (from, to) = (centre(picture.dimensions()), centre(size));
    warp(picture, size, |x, y| {
        let (x, y) = (x - to.0, y - to.1);
        (cos * x - sin * y + from.0, sin * x + cos * y + from.1)
    })
}

/// Seen from aside: a part of which each corner lies up to `share` of the sides inside, stretched to the whole frame.
/// `seed` says where the corners lie.
pub(crate) fn perspective(picture: &RgbImage, share: f64, mut seed: u64) -> RgbImage {
    let (width, height) = picture.dimensions();
    let (right, bottom) = (f64::from(width - 1), f64::from(height - 1));
    let mut inward = || (right * share * uniform(&mut seed), bottom * share * uniform(&mut seed));
    let corners = [(0.0, 0.0), (right, 0.0), (right, bottom), (0.0, bottom)].map(|(x, y)| {
        let (dx, dy) = inward();
        (if x > 0.0 { x - dx } else { dx }, if y > 0.0 { y - dy } else { dy })
    });
    let project = projection(corners);
    warp(picture, (width, height), |x, y| project(x / right.max(1.0), y / bottom.max(1.0)))
}

/// The projection of the unit square to four corners, clockwise from the upper left (Heckbert 1989, section 2.2.3).
fn projection([(x0, y0), (x1, y1), (x2, y2), (x3, y3)]: [(f64, f64); 4]) -> impl Fn(f64, f64) -> (f64, f64) {
    let (dx1, dx2, sx) = (x1 - x2, x3 - x2, x0 - x1 + x2 - x3);
    let (dy1, dy2, sy) = (y1 - y2, y3 - y2, y0 - y1 + y2 - y3);
    let determinant = dx1 * dy2 - dx2 * dy1;
    // No area: a picture of one row or column.
    let divide = |by: f64| if determinant == 0.0 { 0.0 } else { by / determinant };
    let (g, h) = (divide(sx * dy2 - dx2 * sy), divide(dx1 * sy - sx * dy1));
    let (a, b) = (x1 - x0 + g * x1, x3 - x0 + h * x3);
    let (d, e) = (y1 - y0 + g * y1, y3 - y0 + h * y3);
    move |u, v| {
        let w = g * u + h * v + 1.0;
        ((a * u + b * v + x0) / w, (d * u + e * v + y0) / w)
    }
}

/// Slanted by `degrees`, in a frame that holds it whole; open corners are black.
pub(crate) fn shear(picture: &RgbImage, degrees: f64) -> RgbImage {
    let slope = degrees.to_radians().tan();
    let (width, height) = picture.dimensions();
    let grown = (f64::from(height) * slope.abs()).round();
    let first = if slope > 0.0 { grown } else { 0.0 };
    warp(picture, (width + grown as u32, height), |x, y| (x + slope * y - first, y))
}

/// Turned by quarters and mirrored, exactly.
pub(crate) fn turn(picture: &RgbImage, way: Dihedral) -> RgbImage {
    match way {
        Dihedral::Original => picture.clone(),
        Dihedral::Rotate90 => imageops::rotate270(picture),
        Dihedral::Rotate180 => imageops::rotate180(picture),
        Dihedral::Rotate270 => imageops::rotate90(picture),
        Dihedral::FlipX => imageops::flip_vertical(picture),
        Dihedral::FlipY => imageops::flip_horizontal(picture),
        Dihedral::FlipPlus1 => imageops::flip_horizontal(&imageops::rotate90(picture)),
        Dihedral::FlipMinus1 => imageops::flip_horizontal(&imageops::rotate270(picture)),
    }
}

/// A picture of which each pixel comes from where `source` says, bilinear; black outside.
fn warp(picture: &RgbImage, (width, height): (u32, u32), source: impl Fn(f64, f64) -> (f64, f64)) -> RgbImage {
    RgbImage::from_fn(width, height, |x, y| {
        let (x, y) = source(f64::from(x), f64::from(y));
        bilinear(picture, x, y)
    })
}

/// The colour between pixels; black outside.
fn bilinear(picture: &RgbImage, x: f64, y: f64) -> Rgb<u8> {
    let (left, top) = (x.floor(), y.floor());
    let (across, down) = (x - left, y - top);
    let at = |x: f64, y: f64| {
        let inside = x >= 0.0 && y >= 0.0 && x < f64::from(picture.width()) && y < f64::from(picture.height());
        if inside { *picture.get_pixel(x as u32, y as u32) } else { BLACK }
    };
    let corners = [at(left, top), at(left + 1.0, top), at(left, top + 1.0), at(left + 1.0, top + 1.0)];
    let weights = [(1.0 - across) * (1.0 - down), across * (1.0 - down), (1.0 - across) * down, across * down];
    let channel = |c: usize| corners.iter().zip(weights).map(|(corner, weight)| f64::from(corner[c]) * weight).sum();
    // Halves go up: no value is negative.
    let round = |value: f64| (value + 0.5) as u8;
    Rgb([round(channel(0)), round(channel(1)), round(channel(2))])
}

/// A border around the picture: `share` of the longer side on each side, at least a pixel.
pub(crate) fn border(picture: &RgbImage, share: f64, colour: Rgb<u8>) -> RgbImage {
    let thick = ((f64::from(picture.width().max(picture.height())) * share).round() as u32).max(1);
    let mut out = RgbImage::from_pixel(picture.width() + 2 * thick, picture.height() + 2 * thick, colour);
    imageops::replace(&mut out, picture, thick.into(), thick.into());
    out
}

/// A border of a blurred, larger copy, as video players fill frames: `share` of the longer side on each side.
pub(crate) fn border_blurred(picture: &RgbImage, share: f64) -> RgbImage {
    let thick = ((f64::from(picture.width().max(picture.height())) * share).round() as u32).max(1);
    centred(picture, (picture.width() + 2 * thick, picture.height() + 2 * thick), Fill::Blurred)
}

/// What fills the bars beside a picture.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fill {
    Colour(Rgb<u8>),
    Blurred,
}

/// With bars on two sides, so that its width is `aspect` times its height.
pub(crate) fn pad_to(picture: &RgbImage, aspect: f64, fill: Fill) -> RgbImage {
    let (width, height) = picture.dimensions();
    let wide = (f64::from(height) * aspect).round() as u32;
    let high = (f64::from(width) / aspect).round() as u32;
    centred(picture, (width.max(wide), height.max(high)), fill)
}

fn centred(picture: &RgbImage, (width, height): (u32, u32), fill: Fill) -> RgbImage {
    /// Of the longer side of the small copy that is enlarged: about a 25th of the picture is blurred into one.
    const BLURRED: u32 = 24;
    let mut out = match fill {
        Fill::Colour(colour) => RgbImage::from_pixel(width, height, colour),
        Fill::Blurred => stretch(&within(picture, BLURRED, BILINEAR), width.into(), height.into(), BILINEAR),
    };
    imageops::replace(
        &mut out,
        picture,
        ((width - picture.width()) / 2).into(),
        ((height - picture.height()) / 2).into(),
    );
    out
}
