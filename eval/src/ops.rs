//! What edits and variants are made of: one operation on pixels per function, each a pure function of its arguments.

use image::imageops::{self, FilterType};
use image::{Rgb, RgbImage};
use jpeg_encoder::{ColorType, Encoder};
use presend_core::{Limits, Picture, PixelFormat, Pixels};

/// Black, as image editors fill what a turned picture leaves open.
pub(crate) const BLACK: Rgb<u8> = Rgb([0; 3]);
/// White.
pub(crate) const WHITE: Rgb<u8> = Rgb([255; 3]);

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

/// Turned about its centre by `degrees`, in a frame of the same size, bilinear; open corners are black.
pub(crate) fn rotate(picture: &RgbImage, degrees: f64) -> RgbImage {
    let (sin, cos) = degrees.to_radians().sin_cos();
    let (width, height) = picture.dimensions();
    let (centre_x, centre_y) = (f64::from(width - 1) / 2.0, f64::from(height - 1) / 2.0);
    RgbImage::from_fn(width, height, |x, y| {
        let (x, y) = (f64::from(x) - centre_x, f64::from(y) - centre_y);
        bilinear(picture, cos * x - sin * y + centre_x, sin * x + cos * y + centre_y)
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
    let round = |value: f64| value.round() as u8;
    Rgb([round(channel(0)), round(channel(1)), round(channel(2))])
}

/// Each sample through a curve on 0 to 1.
pub(crate) fn curve(picture: &RgbImage, curve: impl Fn(f64) -> f64) -> RgbImage {
    let table: [u8; 256] =
        std::array::from_fn(|value| (curve(value as f64 / 255.0) * 255.0).round().clamp(0.0, 255.0) as u8);
    let mut out = picture.clone();
    for sample in out.iter_mut() {
        *sample = table[usize::from(*sample)];
    }
    out
}

/// Without colour (ITU-R BT.601 luma).
pub(crate) fn grey(picture: &RgbImage) -> RgbImage {
    let mut out = picture.clone();
    for pixel in out.pixels_mut() {
        let [r, g, b] = pixel.0.map(f64::from);
        pixel.0 = [(0.299 * r + 0.587 * g + 0.114 * b).round() as u8; 3];
    }
    out
}

/// Gaussian blur.
pub(crate) fn blur(picture: &RgbImage, sigma: f32) -> RgbImage {
    imageops::blur(picture, sigma)
}

/// Unsharp mask of any strength.
pub(crate) fn sharpen(picture: &RgbImage) -> RgbImage {
    imageops::unsharpen(picture, 1.5, 0)
}

/// Noise of the given standard deviation on every sample: a sum of four uniform numbers, from a fixed sequence.
pub(crate) fn noise(picture: &RgbImage, deviation: f64) -> RgbImage {
    // Four uniform numbers on 0 to 1 have a variance of 4/12.
    let unit = deviation / (4.0_f64 / 12.0).sqrt();
    let mut state = 0;
    let mut out = picture.clone();
    for sample in out.iter_mut() {
        let word = splitmix(&mut state);
        let sum = (0..4).map(|k| (word >> (16 * k) & 0xffff) as f64 / 65_535.0).sum::<f64>() - 2.0;
        *sample = (f64::from(*sample) + sum * unit).round().clamp(0.0, 255.0) as u8;
    }
    out
}

/// The next of a fixed sequence of numbers (Vigna's `SplitMix64`, <https://prng.di.unimi.it/splitmix64.c>).
pub(crate) fn splitmix(state: &mut u64) -> u64 {
    *state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let z = (*state ^ (*state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

/// A border around the picture: `share` of the longer side on each side, at least a pixel.
pub(crate) fn border(picture: &RgbImage, share: f64, colour: Rgb<u8>) -> RgbImage {
    let thick = ((f64::from(picture.width().max(picture.height())) * share).round() as u32).max(1);
    let mut out = RgbImage::from_pixel(picture.width() + 2 * thick, picture.height() + 2 * thick, colour);
    imageops::replace(&mut out, picture, thick.into(), thick.into());
    out
}

/// A line of made-up text over the picture: bars like words, in the band that `place` names by shares of the sides
/// (left, top, right, bottom), `opacity` from 0 to 1.
pub(crate) fn text(
    picture: &RgbImage,
    [left, top, right, bottom]: [f64; 4],
    colour: Rgb<u8>,
    opacity: f64,
) -> RgbImage {
    let (width, height) = (f64::from(picture.width()), f64::from(picture.height()));
    let mut out = picture.clone();
    for (x, y, pixel) in out.enumerate_pixels_mut() {
        let across = ((f64::from(x) + 0.5) / width - left) / (right - left);
        let down = ((f64::from(y) + 0.5) / height - top) / (bottom - top);
        if !(0.0..1.0).contains(&across) || !(0.0..1.0).contains(&down) || !is_ink(across, down) {
            continue;
        }
        for (sample, ink) in pixel.0.iter_mut().zip(colour.0) {
            *sample = (f64::from(*sample) * (1.0 - opacity) + f64::from(ink) * opacity).round() as u8;
        }
    }
    out
}

/// Whether a point of a line of text is ink: twenty letters, each two strokes and a bar, every fifth a space.
fn is_ink(across: f64, down: f64) -> bool {
    let letter = (across * 20.0) as u32;
    let within = across * 20.0 - f64::from(letter);
    let stroke = (0.1..0.3).contains(&within) || (0.6..0.8).contains(&within);
    let bar = (0.1..0.8).contains(&within) && (0.4..0.6).contains(&down);
    letter % 5 != 4 && (stroke || bar)
}

/// A filled band over the picture, by shares of its height.
pub(crate) fn band(picture: &RgbImage, top: f64, bottom: f64, colour: Rgb<u8>) -> RgbImage {
    let height = f64::from(picture.height());
    let mut out = picture.clone();
    for (_, y, pixel) in out.enumerate_pixels_mut() {
        if (top..bottom).contains(&((f64::from(y) + 0.5) / height)) {
            *pixel = colour;
        }
    }
    out
}
