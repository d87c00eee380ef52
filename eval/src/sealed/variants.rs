//! Ordinary variants of a picture that its owner may enrol beside the original.

use image::RgbImage;
use image::imageops::FilterType::Triangle;
use presend_hashsets::enrol::Variant as Enrolled;

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
    enrolled_variant(Enrolled::Original),
    enrolled_variant(Enrolled::Half),
    variant("320 px", |p| ops::fit(p, 320, Triangle)),
    variant("200 px", |p| ops::fit(p, 200, Triangle)),
    variant("128 px", |p| ops::fit(p, 128, Triangle)),
    enrolled_variant(Enrolled::FourFifths),
    variant("centre 1 %", |p| centre(p, 0.01)),
    enrolled_variant(Enrolled::Cropped),
    variant("centre 2.5 %", |p| centre(p, 0.025)),
    variant("left 2.5 %", |p| sides(p, 0.025, 0.0, 0.0, 0.0)),
    variant("bottom 2.5 %", |p| sides(p, 0.0, 0.0, 0.0, 0.025)),
    variant("top and bottom 1 %", |p| sides(p, 0.0, 0.01, 0.0, 0.01)),
    variant("rotate +0.5°", |p| ops::rotate(p, 0.5)),
    variant("rotate −0.5°", |p| ops::rotate(p, -0.5)),
    enrolled_variant(Enrolled::Brightened),
    variant("gamma 1.5", |p| ops::curve(p, |v| v.powf(1.5))),
    variant("border 0.5 %", |p| ops::border(p, 0.005, WHITE)),
];

/// Where what is enrolled stands among the candidates, the original first.
pub(crate) fn enrolled() -> Vec<usize> {
    let place = |variant: &Enrolled| CANDIDATES.iter().position(|candidate| candidate.name == variant.name());
    Enrolled::ALL.iter().map(|variant| place(variant).expect("every enrolled variant is a candidate")).collect()
}

/// A variant that is enrolled, as it is enrolled.
const fn enrolled_variant(variant: Enrolled) -> Variant {
    let make: fn(&RgbImage) -> RgbImage = match variant {
        Enrolled::FourFifths => |picture| Enrolled::FourFifths.apply(picture),
        Enrolled::Half => |picture| Enrolled::Half.apply(picture),
        Enrolled::Cropped => |picture| Enrolled::Cropped.apply(picture),
        Enrolled::Brightened => |picture| Enrolled::Brightened.apply(picture),
        _ => RgbImage::clone,
    };
    Variant { name: variant.name(), make }
}

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
        let places = enrolled();
        assert_eq!((places[0], places.len()), (0, Enrolled::ALL.len()));
        assert!(places.len() <= 8);
    }
}
