//! The picture within something larger: screens, collages.

use image::{Rgb, RgbImage, imageops};

use crate::ops::overlay::{Line, write};
use crate::ops::{BILINEAR, BLACK, WHITE, stretch, uniform};

const LIGHT: Rgb<u8> = Rgb([240, 242, 245]);
const DARK: Rgb<u8> = Rgb([24, 26, 30]);
const MIDDLE: Rgb<u8> = Rgb([128, 132, 140]);
const BLUE: Rgb<u8> = Rgb([40, 110, 220]);
const BUBBLE: Rgb<u8> = Rgb([215, 240, 205]);

/// A canvas with things on it, placed by shares of its sides: left, top, right, bottom.
struct Canvas(RgbImage);

impl Canvas {
    fn new(width: f64, height: f64, colour: Rgb<u8>) -> Self {
        Self(RgbImage::from_pixel((width.round() as u32).max(1), (height.round() as u32).max(1), colour))
    }

    fn fill(&mut self, [left, top, right, bottom]: [f64; 4], colour: Rgb<u8>) {
        let (width, height) = (f64::from(self.0.width()), f64::from(self.0.height()));
        let place = |share: f64, side: f64| (share * side).round();
        let (x, y) = (place(left, width), place(top, height));
        let size = (place(right, width) - x, place(bottom, height) - y);
        if size.0 >= 1.0 && size.1 >= 1.0 {
            imageops::replace(
                &mut self.0,
                &RgbImage::from_pixel(size.0 as u32, size.1 as u32, colour),
                x as i64,
                y as i64,
            );
        }
    }

    /// Letters whose height is a share of the canvas' height.
    fn write(&mut self, words: &str, middle: [f64; 2], height: f64, colour: Rgb<u8>) {
        let height = f64::from(self.0.height()) * height;
        write(&mut self.0, words, Line { middle, height }, colour);
    }

    /// Bars like lines of text, from `top` to `bottom`.
    fn paragraph(&mut self, [left, top, right, bottom]: [f64; 4], lines: u32, colour: Rgb<u8>) {
        let step = (bottom - top) / f64::from(lines);
        for line in 0..lines {
            let y = top + step * f64::from(line);
            let end = if line + 1 == lines { left + (right - left) * 0.6 } else { right };
            self.fill([left, y + step * 0.25, end, y + step * 0.7], colour);
        }
    }

    /// The whole picture, as large as it fits the place, in its middle.
    fn show(&mut self, picture: &RgbImage, [left, top, right, bottom]: [f64; 4]) {
        let (width, height) = (f64::from(self.0.width()), f64::from(self.0.height()));
        let (own, high) = (f64::from(picture.width()), f64::from(picture.height()));
        let factor = ((right - left) * width / own).min((bottom - top) * height / high);
        let shown = stretch(picture, own * factor, high * factor, BILINEAR);
        let start =
            |from: f64, to: f64, side: f64, length: u32| ((from + to) * side / 2.0 - f64::from(length) / 2.0).round();
        let (x, y) = (start(left, right, width, shown.width()), start(top, bottom, height, shown.height()));
        imageops::replace(&mut self.0, &shown, x as i64, y as i64);
    }
}

/// A phone's screen as wide as the picture is.
fn phone(picture: &RgbImage, colour: Rgb<u8>, ink: Rgb<u8>) -> Canvas {
    let width = f64::from(picture.width());
    let mut screen = Canvas::new(width, width * 19.5 / 9.0, colour);
    screen.write("12:41", [0.1, 0.02], 0.022, ink);
    screen.fill([0.86, 0.014, 0.94, 0.027], ink);
    screen.fill([0.35, 0.985, 0.65, 0.99], ink);
    screen
}

/// A phone's gallery: the picture as wide as the screen, in black.
pub(crate) fn gallery(picture: &RgbImage) -> RgbImage {
    let mut screen = phone(picture, BLACK, WHITE);
    screen.write("26 November", [0.5, 0.065], 0.022, WHITE);
    for place in [0.14, 0.38, 0.62, 0.86] {
        screen.fill([place - 0.03, 0.925, place + 0.03, 0.952], MIDDLE);
    }
    screen.show(picture, [0.0, 0.1, 1.0, 0.9]);
    screen.0
}

/// A phone's messenger: the picture in a bubble, seven tenths of the screen wide.
pub(crate) fn chat(picture: &RgbImage) -> RgbImage {
    let mut screen = phone(picture, LIGHT, DARK);
    screen.fill([0.0, 0.04, 1.0, 0.1], BLUE);
    screen.write("Family", [0.3, 0.07], 0.03, WHITE);
    screen.fill([0.04, 0.13, 0.6, 0.2], WHITE);
    screen.paragraph([0.07, 0.14, 0.57, 0.19], 2, MIDDLE);
    screen.fill([0.25, 0.24, 0.98, 0.78], BUBBLE);
    screen.show(picture, [0.265, 0.247, 0.965, 0.773]);
    screen.fill([0.04, 0.81, 0.5, 0.86], WHITE);
    screen.paragraph([0.07, 0.82, 0.47, 0.85], 1, MIDDLE);
    screen.fill([0.03, 0.915, 0.85, 0.965], WHITE);
    screen.0
}

/// A browser's window: the picture on the page beside text.
pub(crate) fn browser(picture: &RgbImage) -> RgbImage {
    let width = f64::from(picture.width().max(picture.height())) * 1.4;
    let mut window = Canvas::new(width, width / 1.6, WHITE);
    window.fill([0.0, 0.0, 1.0, 0.05], Rgb([205, 210, 218]));
    window.fill([0.02, 0.01, 0.2, 0.05], WHITE);
    window.fill([0.0, 0.05, 1.0, 0.11], LIGHT);
    window.write("https://example.org/pictures/1", [0.3, 0.08], 0.035, DARK);
    window.paragraph([0.04, 0.16, 0.28, 0.9], 14, MIDDLE);
    window.show(picture, [0.32, 0.15, 0.97, 0.95]);
    window.0
}

/// A picture filling a screen but for bars above and below, which are `share` of the whole area.
pub(crate) fn screen(picture: &RgbImage, share: f64) -> RgbImage {
    let (width, height) = (f64::from(picture.width()), f64::from(picture.height()));
    let whole = height / (1.0 - share);
    let mut screen = Canvas::new(width, whole, DARK);
    let (top, bottom) = (share * 0.4, 1.0 - share * 0.6);
    let inside = |part: f64| top * part;
    screen.write("12:41", [0.12, inside(0.3)], top * 0.35, WHITE);
    screen.write("Photos", [0.5, inside(0.72)], top * 0.45, WHITE);
    for place in [0.15, 0.38, 0.62, 0.85] {
        screen.fill([place - 0.04, bottom + share * 0.2, place + 0.04, bottom + share * 0.4], MIDDLE);
    }
    imageops::replace(&mut screen.0, picture, 0, (whole * top).round() as i64);
    screen.0
}

/// Another picture, made up: soft spots of many sizes in colours that `seed` chooses.
pub(crate) fn other(width: u32, height: u32, mut seed: u64) -> RgbImage {
    /// Of the small picture that is enlarged: its finest spots are four of its pixels apart.
    const SIDE: u32 = 164;
    let mut spots = |cells: u32| {
        let noise = RgbImage::from_fn(cells, cells, |_, _| Rgb([(); 3].map(|()| (uniform(&mut seed) * 256.0) as u8)));
        stretch(&noise, SIDE.into(), SIDE.into(), BILINEAR)
    };
    let mut out = spots(4);
    for (cells, opacity) in [(9, 0.4), (19, 0.3), (41, 0.2)] {
        out = super::blend(&out, &spots(cells), opacity);
    }
    stretch(&out, width.into(), height.into(), BILINEAR)
}

/// Beside another picture of the same size.
pub(crate) fn beside(picture: &RgbImage, seed: u64) -> RgbImage {
    let (width, height) = picture.dimensions();
    let mut out = RgbImage::new(2 * width, height);
    imageops::replace(&mut out, picture, 0, 0);
    imageops::replace(&mut out, &other(width, height, seed), width.into(), 0);
    out
}

/// One of four pictures, two by two, each half as wide and high.
pub(crate) fn grid(picture: &RgbImage, seed: u64) -> RgbImage {
    let (width, height) = picture.dimensions();
    let (wide, high) = (width.div_ceil(2), height.div_ceil(2));
    let own = (seed % 4) as u32;
    let mut out = RgbImage::new(2 * wide, 2 * high);
    for place in 0..4 {
        let shown = if place == own {
            stretch(picture, wide.into(), high.into(), BILINEAR)
        } else {
            other(wide, high, seed.wrapping_add(u64::from(place)))
        };
        imageops::replace(&mut out, &shown, (place % 2 * wide).into(), (place / 2 * high).into());
    }
    out
}

/// On another picture of the same size, `factor` as wide and high, somewhere that `seed` says.
pub(crate) fn on_background(picture: &RgbImage, factor: f64, seed: u64) -> RgbImage {
    let (width, height) = picture.dimensions();
    let shown = stretch(picture, f64::from(width) * factor, f64::from(height) * factor, BILINEAR);
    let mut out = other(width, height, seed);
    let mut places = seed ^ 0x5ca1_ab1e;
    let mut start = |free: u32| (uniform(&mut places) * f64::from(free + 1)) as i64;
    let (x, y) = (start(width - shown.width()), start(height - shown.height()));
    imageops::replace(&mut out, &shown, x, y);
    out
}
