//! Ordinary variants of a picture that its owner may enrol beside the original.

use image::RgbImage;
use image::imageops::FilterType::Triangle;

use crate::ops::{self, Sides, WHITE};

/// One way to vary a picture before hashing it.
#[derive(Debug, Clone, Copy)]
pub struct Variant {
    /// The name in tables.
    pub name: &'static str,
    make: fn(&RgbImage) -> RgbImage,
}

impl Variant {
    /// The varied picture. The same picture gives the same pixels.
    #[must_use]
    pub fn apply(&self, picture: &RgbImage) -> RgbImage {
        (self.make)(picture)
    }
}

const fn variant(name: &'static str, make: fn(&RgbImage) -> RgbImage) -> Variant {
    Variant { name, make }
}

/// Every variant that is considered, the original first.
pub const CANDIDATES: &[Variant] = &[
    variant("original", RgbImage::clone),
    variant("½", |p| ops::scale(p, 0.5, Triangle)),
    variant("320 px", |p| ops::fit(p, 320, Triangle)),
    variant("256 px", |p| ops::fit(p, 256, Triangle)),
    variant("200 px", |p| ops::fit(p, 200, Triangle)),
    variant("160 px", |p| ops::fit(p, 160, Triangle)),
    variant("128 px", |p| ops::fit(p, 128, Triangle)),
    variant("640 px, q75", |p| ops::jpeg(&ops::fit(p, 640, Triangle), 75)),
    variant("0.8×", |p| ops::scale(p, 0.8, Triangle)),
    variant("centre 0.5 %", |p| centre(p, 0.005)),
    variant("centre 1 %", |p| centre(p, 0.01)),
    variant("centre 1.5 %", |p| centre(p, 0.015)),
    variant("centre 2 %", |p| centre(p, 0.02)),
    variant("centre 2.5 %", |p| centre(p, 0.025)),
    variant("left 1.5 %", |p| sides(p, 0.015, 0.0, 0.0, 0.0)),
    variant("right 1.5 %", |p| sides(p, 0.0, 0.0, 0.015, 0.0)),
    variant("top 1.5 %", |p| sides(p, 0.0, 0.015, 0.0, 0.0)),
    variant("bottom 1.5 %", |p| sides(p, 0.0, 0.0, 0.0, 0.015)),
    variant("left 2.5 %", |p| sides(p, 0.025, 0.0, 0.0, 0.0)),
    variant("right 2.5 %", |p| sides(p, 0.0, 0.0, 0.025, 0.0)),
    variant("top 2.5 %", |p| sides(p, 0.0, 0.025, 0.0, 0.0)),
    variant("bottom 2.5 %", |p| sides(p, 0.0, 0.0, 0.0, 0.025)),
    variant("left and top 1.5 %", |p| sides(p, 0.015, 0.015, 0.0, 0.0)),
    variant("right and top 1.5 %", |p| sides(p, 0.0, 0.015, 0.015, 0.0)),
    variant("left and bottom 1.5 %", |p| sides(p, 0.015, 0.0, 0.0, 0.015)),
    variant("right and bottom 1.5 %", |p| sides(p, 0.0, 0.0, 0.015, 0.015)),
    variant("left and right 1 %", |p| sides(p, 0.01, 0.0, 0.01, 0.0)),
    variant("top and bottom 1 %", |p| sides(p, 0.0, 0.01, 0.0, 0.01)),
    variant("left and top 2.5 %", |p| sides(p, 0.025, 0.025, 0.0, 0.0)),
    variant("right and top 2.5 %", |p| sides(p, 0.0, 0.025, 0.025, 0.0)),
    variant("left and bottom 2.5 %", |p| sides(p, 0.025, 0.0, 0.0, 0.025)),
    variant("right and bottom 2.5 %", |p| sides(p, 0.0, 0.0, 0.025, 0.025)),
    variant("rotate +0.5°", |p| ops::rotate(p, 0.5)),
    variant("rotate −0.5°", |p| ops::rotate(p, -0.5)),
    variant("rotate +0.8°", |p| ops::rotate(p, 0.8)),
    variant("rotate −0.8°", |p| ops::rotate(p, -0.8)),
    variant("gamma 0.7", |p| ops::curve(p, |v| v.powf(0.7))),
    variant("gamma 1.5", |p| ops::curve(p, |v| v.powf(1.5))),
    variant("border 0.5 %", |p| ops::border(p, 0.005, WHITE)),
];

/// What is enrolled of every picture unless its owner chooses otherwise, the original first.
pub const ENROLLED: &[&str] = &["original", "0.8×", "½", "centre 2 %", "gamma 0.7"];

fn centre(picture: &RgbImage, share: f64) -> RgbImage {
    sides(picture, share, share, share, share)
}

fn sides(picture: &RgbImage, left: f64, top: f64, right: f64, bottom: f64) -> RgbImage {
    ops::crop(picture, Sides { left, top, right, bottom })
}
