//! Something over the picture.

use std::sync::LazyLock;

use ab_glyph::{FontRef, PxScale};
use image::{Rgb, RgbImage, imageops};
use imageproc::drawing::{draw_text_mut, text_size};

use crate::ops::{BILINEAR, BLACK, WHITE, stretch};

/// The typeface of captions and watermarks.
static FONT: LazyLock<FontRef<'static>> = LazyLock::new(|| {
    FontRef::try_from_slice(epaint_default_fonts::UBUNTU_LIGHT).expect("a font that ships with its crate can be read")
});

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

/// A picture over another of the same size, `opacity` from 0 to 1.
pub(crate) fn blend(under: &RgbImage, over: &RgbImage, opacity: f64) -> RgbImage {
    let mut out = under.clone();
    for (sample, &over) in out.iter_mut().zip(over.as_raw()) {
        *sample = (f64::from(*sample) * (1.0 - opacity) + f64::from(over) * opacity + 0.5) as u8;
    }
    out
}

/// Where a line of letters stands: its middle by shares of the sides, and its height in pixels.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Line {
    pub(crate) middle: [f64; 2],
    pub(crate) height: f64,
}

/// A line of letters on the picture itself; smaller where it would be wider than the picture.
pub(crate) fn write(out: &mut RgbImage, words: &str, line: Line, colour: Rgb<u8>) {
    let whole = text_size(PxScale::from(64.0), &*FONT, words).0;
    let fits = f64::from(out.width()) * 0.96 * 64.0 / f64::from(whole.max(1));
    let scale = PxScale::from(line.height.min(fits) as f32);
    let (width, height) = text_size(scale, &*FONT, words);
    let place = |share: f64, side: u32, length: u32| (f64::from(side) * share - f64::from(length) / 2.0).round() as i32;
    let (x, y) = (place(line.middle[0], out.width(), width), place(line.middle[1], out.height(), height));
    draw_text_mut(out, colour, x, y, scale, &*FONT, words);
}

/// A line of letters over the picture, `opacity` from 0 to 1; `height` is a share of the shorter side.
pub(crate) fn lettering(picture: &RgbImage, words: &str, middle: [f64; 2], height: f64, opacity: f64) -> RgbImage {
    let mut over = picture.clone();
    let height = f64::from(picture.width().min(picture.height())) * height;
    write(&mut over, words, Line { middle, height }, WHITE);
    blend(picture, &over, opacity)
}

/// Letters all over the picture, as agencies mark previews, `opacity` from 0 to 1.
pub(crate) fn tiled(picture: &RgbImage, words: &str, opacity: f64) -> RgbImage {
    let mut over = picture.clone();
    let height = f64::from(picture.width().min(picture.height())) / 10.0;
    let places = [0.0, 0.5, 1.0].map(|shift| [0.12, 0.37, 0.62, 0.87].map(|down| (shift, down)));
    for (row, (shift, down)) in places.into_iter().flatten().enumerate() {
        let across = if row % 2 == 0 { shift } else { shift + 0.25 };
        write(&mut over, words, Line { middle: [across, down], height }, WHITE);
    }
    blend(picture, &over, opacity)
}

/// Where a caption stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Place {
    /// Over the lower edge: the picture stays as large.
    Over,
    /// Below it: the picture grows.
    Below,
    /// Above it: the picture grows.
    Above,
}

/// A white bar with a line of black letters, `share` of the picture's height.
pub(crate) fn caption(picture: &RgbImage, share: f64, place: Place) -> RgbImage {
    let (width, height) = picture.dimensions();
    let bar = ((f64::from(height) * share).round() as u32).max(1);
    let mut out = match place {
        Place::Over => picture.clone(),
        Place::Below | Place::Above => RgbImage::from_pixel(width, height + bar, WHITE),
    };
    let top = match place {
        Place::Over => height.saturating_sub(bar),
        Place::Below => height,
        Place::Above => 0,
    };
    if place != Place::Over {
        imageops::replace(&mut out, picture, 0, if place == Place::Above { bar.into() } else { 0 });
    }
    let strip = RgbImage::from_pixel(width, bar, WHITE);
    imageops::replace(&mut out, &strip, 0, top.into());
    let middle = [0.5, (f64::from(top) + f64::from(bar) / 2.0) / f64::from(out.height())];
    write(&mut out, "when you see it, you cannot unsee it", Line { middle, height: f64::from(bar) * 0.7 }, BLACK);
    out
}

/// Large white letters with a black edge, above and below, `share` of the picture's height each.
pub(crate) fn meme(picture: &RgbImage, share: f64) -> RgbImage {
    let mut out = picture.clone();
    let height = f64::from(picture.height()) * share;
    let edge = [height * 0.05 / f64::from(picture.width()), height * 0.05 / f64::from(picture.height())];
    for (words, down) in [("ONE DOES NOT SIMPLY", 0.02 + share / 2.0), ("SEND A PICTURE", 0.98 - share / 2.0)] {
        for (dx, dy) in
            [(-1.0, -1.0), (1.0, -1.0), (-1.0, 1.0), (1.0, 1.0), (0.0, 1.0), (1.0, 0.0), (0.0, -1.0), (-1.0, 0.0)]
        {
            let middle = [0.5 + dx * edge[0], down + dy * edge[1]];
            write(&mut out, words, Line { middle, height }, BLACK);
        }
        write(&mut out, words, Line { middle: [0.5, down], height }, WHITE);
    }
    out
}

/// The date in a corner, as cameras put it there.
pub(crate) fn stamp(picture: &RgbImage) -> RgbImage {
    let mut out = picture.clone();
    let height = f64::from(picture.width().min(picture.height())) * 0.06;
    write(&mut out, "26 11 2026", Line { middle: [0.82, 0.93], height }, Rgb([255, 140, 0]));
    out
}

/// A laughing face that covers `share` of the picture's area, in one of four corners or the middle: `place`, 0 to 4.
pub(crate) fn sticker(picture: &RgbImage, share: f64, place: u64) -> RgbImage {
    const FACE: Rgb<u8> = Rgb([255, 205, 60]);
    let (width, height) = (f64::from(picture.width()), f64::from(picture.height()));
    let radius = (share * width * height / std::f64::consts::PI).sqrt();
    let inside = |length: f64, end: bool| {
        let near = (radius * 1.1).min(length / 2.0);
        if end { length - near } else { near }
    };
    let middle = match place {
        0..4 => (inside(width, place & 1 == 1), inside(height, place & 2 == 2)),
        _ => (width / 2.0, height / 2.0),
    };
    let mut out = picture.clone();
    for (x, y, pixel) in out.enumerate_pixels_mut() {
        let (x, y) = ((f64::from(x) + 0.5 - middle.0) / radius, (f64::from(y) + 0.5 - middle.1) / radius);
        if x * x + y * y > 1.0 {
            continue;
        }
        let eye = |at: f64| (x - at).powi(2) + ((y + 0.25) / 1.6).powi(2) < 0.02;
        let mouth = y > 0.15 && x * x + y * y < 0.5;
        *pixel = if eye(-0.35) || eye(0.35) || mouth { Rgb([90, 50, 20]) } else { FACE };
    }
    out
}

/// A round mark of a company in a corner, its width `share` of the shorter side, `opacity` from 0 to 1.
pub(crate) fn logo(picture: &RgbImage, share: f64, opacity: f64) -> RgbImage {
    let side = f64::from(picture.width().min(picture.height())) * share;
    let mut mark = RgbImage::from_fn(96, 96, |x, y| {
        let far = ((f64::from(x) - 47.5).powi(2) + (f64::from(y) - 47.5).powi(2)).sqrt();
        if (34.0..46.0).contains(&far) || far < 14.0 { WHITE } else { Rgb([200, 30, 60]) }
    });
    write(&mut mark, "TV", Line { middle: [0.5, 0.5], height: 60.0 }, WHITE);
    let mark = stretch(&mark, side, side, BILINEAR);
    let mut over = picture.clone();
    let margin = (side * 0.2).round() as i64;
    imageops::replace(&mut over, &mark, i64::from(picture.width() - mark.width()) - margin, margin);
    blend(picture, &over, opacity)
}
