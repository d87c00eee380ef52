//! Ordinary edits: what happens to a picture on its way through messengers, galleries and editors.
//!
//! Fixed lists; nothing here looks for edits that evade a match.

use image::RgbImage;
use image::imageops::FilterType::{CatmullRom, Lanczos3, Triangle};

use crate::ops::{self, BLACK, Sides, WHITE};

/// What an edit belongs to, for the sums and the goals.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Group {
    /// Saved again as JPEG.
    Jpeg,
    /// What a messenger does to a photograph that is sent.
    Messenger,
    /// Made smaller or larger.
    Size,
    /// Cropped evenly on all sides.
    CentreCrop,
    /// Cropped on one side or at a corner.
    OffCentreCrop,
    /// Brightness, contrast, colour.
    Tone,
    /// Blurred, sharpened, noisy.
    Filter,
    /// Turned by less than a degree.
    Turn,
    /// Something over or around the picture.
    Overlay,
}

impl Group {
    /// Every group, in the order of the tables.
    pub const ALL: [Self; 9] = [
        Self::Jpeg,
        Self::Messenger,
        Self::Size,
        Self::CentreCrop,
        Self::OffCentreCrop,
        Self::Tone,
        Self::Filter,
        Self::Turn,
        Self::Overlay,
    ];

    /// The name in tables.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Jpeg => "JPEG",
            Self::Messenger => "messenger",
            Self::Size => "size",
            Self::CentreCrop => "centre crop",
            Self::OffCentreCrop => "off-centre crop",
            Self::Tone => "tone",
            Self::Filter => "filter",
            Self::Turn => "turn",
            Self::Overlay => "overlay",
        }
    }
}

/// One edit.
#[derive(Debug, Clone, Copy)]
pub struct Edit {
    /// The name in tables.
    pub name: &'static str,
    /// What it belongs to.
    pub group: Group,
    make: Make,
}

#[derive(Debug, Clone, Copy)]
enum Make {
    Plain(fn(&RgbImage) -> RgbImage),
    /// An edit of one side, 0 to 3: left, top, right, bottom; or of the corner between that side and the next.
    Sided(fn(&RgbImage, usize) -> RgbImage),
}

impl Edit {
    /// The edited picture. Edits of one side take side `number % 4`, so that over many pictures no side is favoured;
    /// otherwise the same picture gives the same pixels.
    #[must_use]
    pub fn apply(&self, picture: &RgbImage, number: usize) -> RgbImage {
        match self.make {
            Make::Plain(make) => make(picture),
            Make::Sided(make) => make(picture, number % 4),
        }
    }
}

const fn edit(group: Group, name: &'static str, make: fn(&RgbImage) -> RgbImage) -> Edit {
    Edit { name, group, make: Make::Plain(make) }
}

/// Every edit that is measured. Messenger presets after the sources of Signal and Telegram for Android; `WhatsApp`'s
/// is what is commonly reported. Edits that end in an editor are saved at q90.
pub const EDITS: &[Edit] = &[
    edit(Group::Jpeg, "JPEG q75", |p| ops::jpeg(p, 75)),
    edit(Group::Jpeg, "JPEG q50", |p| ops::jpeg(p, 50)),
    edit(Group::Jpeg, "JPEG q30", |p| ops::jpeg(p, 30)),
    edit(Group::Messenger, "Signal-like: 1600 px, q70", |p| ops::jpeg(&ops::fit(p, 1600, Triangle), 70)),
    edit(Group::Messenger, "Signal-like, little memory: 768 px, q70", |p| ops::jpeg(&ops::fit(p, 768, Triangle), 70)),
    edit(Group::Messenger, "Telegram-like: 1280 px, q80", |p| ops::jpeg(&ops::fit(p, 1280, Triangle), 80)),
    edit(Group::Messenger, "WhatsApp-like: 1600 px, q50", |p| ops::jpeg(&ops::fit(p, 1600, Triangle), 50)),
    edit(Group::Messenger, "messenger-like: 0.63×, bicubic, q70", |p| ops::jpeg(&ops::scale(p, 0.63, CatmullRom), 70)),
    edit(Group::Size, "0.8×, Lanczos, q85", |p| ops::jpeg(&ops::scale(p, 0.8, Lanczos3), 85)),
    edit(Group::Size, "½, bilinear, q75", |p| ops::jpeg(&ops::scale(p, 0.5, Triangle), 75)),
    edit(Group::Size, "320 px, box, q60", |p| ops::jpeg(&ops::thumbnail(p, 320), 60)),
    edit(Group::Size, "200 px, bilinear, q75", |p| ops::jpeg(&ops::fit(p, 200, Triangle), 75)),
    edit(Group::Size, "128 px, bilinear, q50", |p| ops::jpeg(&ops::fit(p, 128, Triangle), 50)),
    edit(Group::Size, "1.5×, bicubic, q85", |p| ops::jpeg(&ops::scale(p, 1.5, CatmullRom), 85)),
    edit(Group::Size, "three generations: 0.9× q75, 0.8× q70, q60", three_generations),
    edit(Group::CentreCrop, "centre crop 1 %", |p| saved(&centre(p, 0.01))),
    edit(Group::CentreCrop, "centre crop 2 %", |p| saved(&centre(p, 0.02))),
    edit(Group::CentreCrop, "centre crop 3 %", |p| saved(&centre(p, 0.03))),
    Edit {
        name: "crop one side 1 %",
        group: Group::OffCentreCrop,
        make: Make::Sided(|p, s| saved(&one_side(p, s, 0.01))),
    },
    Edit {
        name: "crop one side 2 %",
        group: Group::OffCentreCrop,
        make: Make::Sided(|p, s| saved(&one_side(p, s, 0.02))),
    },
    Edit {
        name: "crop one side 3 %",
        group: Group::OffCentreCrop,
        make: Make::Sided(|p, s| saved(&one_side(p, s, 0.03))),
    },
    Edit { name: "crop corner 1 %", group: Group::OffCentreCrop, make: Make::Sided(|p, s| saved(&corner(p, s, 0.01))) },
    Edit { name: "crop corner 2 %", group: Group::OffCentreCrop, make: Make::Sided(|p, s| saved(&corner(p, s, 0.02))) },
    Edit { name: "crop corner 3 %", group: Group::OffCentreCrop, make: Make::Sided(|p, s| saved(&corner(p, s, 0.03))) },
    Edit {
        name: "crop 3 px off one side",
        group: Group::OffCentreCrop,
        make: Make::Sided(|p, s| saved(&pixels(p, s, 3))),
    },
    Edit {
        name: "crop 7 px off one side",
        group: Group::OffCentreCrop,
        make: Make::Sided(|p, s| saved(&pixels(p, s, 7))),
    },
    Edit {
        name: "crop 11 px off one side",
        group: Group::OffCentreCrop,
        make: Make::Sided(|p, s| saved(&pixels(p, s, 11))),
    },
    edit(Group::Tone, "gamma 0.7", |p| saved(&ops::curve(p, |v| v.powf(0.7)))),
    edit(Group::Tone, "gamma 1.5", |p| saved(&ops::curve(p, |v| v.powf(1.5)))),
    edit(Group::Tone, "brightness 0.8", |p| saved(&ops::curve(p, |v| 0.8 * v))),
    edit(Group::Tone, "brightness 1.2", |p| saved(&ops::curve(p, |v| 1.2 * v))),
    edit(Group::Tone, "contrast 0.7", |p| saved(&ops::curve(p, |v| 0.5 + 0.7 * (v - 0.5)))),
    edit(Group::Tone, "contrast 1.3", |p| saved(&ops::curve(p, |v| 0.5 + 1.3 * (v - 0.5)))),
    edit(Group::Tone, "grey", |p| saved(&ops::grey(p))),
    edit(Group::Filter, "blur, σ 1 px", |p| saved(&ops::blur(p, 1.0))),
    edit(Group::Filter, "sharpen", |p| saved(&ops::sharpen(p))),
    edit(Group::Filter, "noise, σ 10", |p| saved(&ops::noise(p, 10.0, 0))),
    edit(Group::Turn, "rotate +0.5°", |p| saved(&ops::rotate(p, 0.5))),
    edit(Group::Turn, "rotate −0.5°", |p| saved(&ops::rotate(p, -0.5))),
    edit(Group::Turn, "rotate +0.7°", |p| saved(&ops::rotate(p, 0.7))),
    edit(Group::Turn, "rotate −0.7°", |p| saved(&ops::rotate(p, -0.7))),
    edit(Group::Overlay, "border 0.5 %, white", |p| saved(&ops::border(p, 0.005, WHITE))),
    edit(Group::Overlay, "border 1 %, black", |p| saved(&ops::border(p, 0.01, BLACK))),
    edit(Group::Overlay, "watermark in a corner", |p| saved(&ops::text(p, [0.7, 0.9, 0.97, 0.95], WHITE, 0.5))),
    edit(Group::Overlay, "caption over the bottom 6 %", caption),
];

/// As an editor saves.
fn saved(picture: &RgbImage) -> RgbImage {
    ops::jpeg(picture, 90)
}

fn centre(picture: &RgbImage, share: f64) -> RgbImage {
    sides(picture, [share; 4])
}

fn sides(picture: &RgbImage, [left, top, right, bottom]: [f64; 4]) -> RgbImage {
    ops::crop(picture, Sides { left, top, right, bottom })
}

fn one_side(picture: &RgbImage, side: usize, share: f64) -> RgbImage {
    let mut shares = [0.0; 4];
    shares[side] = share;
    sides(picture, shares)
}

fn corner(picture: &RgbImage, side: usize, share: f64) -> RgbImage {
    let mut shares = [0.0; 4];
    shares[side] = share;
    shares[(side + 1) % 4] = share;
    sides(picture, shares)
}

fn pixels(picture: &RgbImage, side: usize, count: u32) -> RgbImage {
    let mut counts = [0; 4];
    counts[side] = count;
    ops::crop_pixels(picture, counts)
}

fn three_generations(picture: &RgbImage) -> RgbImage {
    let first = ops::jpeg(&ops::scale(picture, 0.9, Triangle), 75);
    let second = ops::jpeg(&ops::scale(&first, 0.8, CatmullRom), 70);
    ops::jpeg(&second, 60)
}

fn caption(picture: &RgbImage) -> RgbImage {
    let strip = ops::band(picture, 0.94, 1.0, WHITE);
    saved(&ops::text(&strip, [0.1, 0.95, 0.9, 0.99], BLACK, 1.0))
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;
    use crate::sealed::recall::{distance, hash};
    use crate::tests::picture;

    fn named(name: &str) -> &'static Edit {
        EDITS.iter().find(|edit| edit.name == name).expect("an edit's name")
    }

    #[test]
    fn every_edit_changes_the_pixels_and_always_in_the_same_way() {
        let original = picture(330, 240);
        for edit in EDITS {
            let edited = edit.apply(&original, 1);
            assert_ne!(edited, original, "{}", edit.name);
            assert_eq!(edited, edit.apply(&original, 1), "{}", edit.name);
        }
        assert_eq!(EDITS.iter().map(|edit| edit.name).collect::<HashSet<_>>().len(), EDITS.len());
    }

    #[test]
    fn mild_edits_keep_the_hash_near() {
        let original = picture(330, 240);
        for name in ["JPEG q75", "Signal-like: 1600 px, q70", "grey", "brightness 0.8"] {
            let distance = distance(&hash(&original), &hash(&named(name).apply(&original, 0)));
            assert!(distance <= 16, "{name}: {distance}");
        }
    }

    #[test]
    fn sizes_are_those_in_the_names() {
        let original = picture(1000, 500);
        let size = |name| named(name).apply(&original, 0).dimensions();
        assert_eq!(size("320 px, box, q60"), (320, 160));
        assert_eq!(size("½, bilinear, q75"), (500, 250));
        assert_eq!(size("Telegram-like: 1280 px, q80"), (1000, 500));
        assert_eq!(size("centre crop 2 %"), (960, 480));
        assert_eq!(size("crop 7 px off one side"), (993, 500));
    }

    #[test]
    fn one_sided_edits_go_around_the_sides() {
        let original = picture(1000, 500);
        let edit = named("crop one side 2 %");
        let sizes = [0, 1, 2, 3].map(|number| edit.apply(&original, number).dimensions());
        assert_eq!(sizes, [(980, 500), (1000, 490), (980, 500), (1000, 490)]);
        let all: HashSet<Vec<u8>> = (0..8).map(|number| edit.apply(&original, number).into_raw()).collect();
        assert_eq!(all.len(), 4);
    }
}
