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
    variant("200 px", |p| ops::fit(p, 200, Triangle)),
    variant("128 px", |p| ops::fit(p, 128, Triangle)),
    variant("0.8×", |p| ops::scale(p, 0.8, Triangle)),
    variant("centre 1 %", |p| centre(p, 0.01)),
    variant("centre 2 %", |p| centre(p, 0.02)),
    variant("centre 2.5 %", |p| centre(p, 0.025)),
    variant("left 2.5 %", |p| sides(p, 0.025, 0.0, 0.0, 0.0)),
    variant("bottom 2.5 %", |p| sides(p, 0.0, 0.0, 0.0, 0.025)),
    variant("top and bottom 1 %", |p| sides(p, 0.0, 0.01, 0.0, 0.01)),
    variant("rotate +0.5°", |p| ops::rotate(p, 0.5)),
    variant("rotate −0.5°", |p| ops::rotate(p, -0.5)),
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_enrolled_is_among_the_candidates_and_starts_with_the_original() {
        assert_eq!((ENROLLED[0], CANDIDATES[0].name), ("original", "original"));
        assert!(ENROLLED.len() <= 8);
        assert!(ENROLLED.iter().all(|name| CANDIDATES.iter().any(|candidate| candidate.name == *name)));
    }
}
