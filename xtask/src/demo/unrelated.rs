//! Pictures in the outbox that have nothing to do with the list.

use super::encode::Encoding::{Bmp, Gif, Jpeg, Png, Tiff, WebP};
use super::scenes::{cards, coast, fish, garden, indoors, landscapes, skylines, town};
use super::subject::Subject;

/// Every unrelated picture, by name.
// One picture a line, so that the table can be read.
#[rustfmt::skip]
pub(crate) const UNRELATED: &[Subject] = &[
    Subject { name: "beach", label: "a beach with kites", painter: coast::beach, seed: 21, size: (440, 320), encoding: Jpeg(84) },
    Subject { name: "desk", label: "a desk with a globe", painter: indoors::desk, seed: 22, size: (400, 300), encoding: Jpeg(84) },
    Subject { name: "goldfish", label: "a goldfish in a bowl", painter: fish::goldfish_bowl, seed: 23, size: (320, 240), encoding: Gif },
    Subject { name: "green-hills", label: "green hills in summer", painter: landscapes::green_hills, seed: 34, size: (450, 300), encoding: Jpeg(82) },
    Subject { name: "shopping", label: "a shopping list", painter: cards::shopping, seed: 25, size: (400, 300), encoding: Png },
    Subject { name: "skyline", label: "a skyline in the morning", painter: skylines::morning, seed: 26, size: (128, 96), encoding: Tiff },
    Subject { name: "snowy-peaks", label: "snowy mountains", painter: landscapes::snowy_peaks, seed: 27, size: (224, 168), encoding: WebP },
    Subject { name: "snowy-village", label: "a village in the snow", painter: town::snowy_village, seed: 28, size: (128, 96), encoding: Bmp },
    Subject { name: "sunflowers", label: "sunflowers", painter: garden::sunflowers, seed: 29, size: (300, 300), encoding: Jpeg(84) },
    Subject { name: "thanks", label: "a note of thanks", painter: cards::thanks, seed: 30, size: (400, 280), encoding: Png },
];
