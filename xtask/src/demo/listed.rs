//! The pictures that the imaginary owner of the list holds.

use anyhow::{Context, Result};
use image::RgbImage;

use super::encode::Encoding::{Jpeg, Png};
use super::scenes::{cards, coast, fish, garden, kitchen, landscapes, sky, skylines, town};
use super::subject::Subject;

/// Paints the listed picture called `name`.
pub(crate) fn listed_picture(name: &str) -> Result<RgbImage> {
    let subject = LISTED.iter().find(|subject| subject.name == name);
    Ok(subject.with_context(|| format!("no listed picture is called {name}"))?.picture())
}

/// Every listed picture, by name.
// One picture a line, so that the table can be read.
#[rustfmt::skip]
pub(crate) const LISTED: &[Subject] = &[
    Subject { name: "aquarium", label: "fish in an aquarium", painter: fish::aquarium, seed: 3, size: (352, 264), encoding: Jpeg(90) },
    Subject { name: "autumn-wood", label: "a path through an autumn wood", painter: landscapes::autumn_wood, seed: 11, size: (344, 344), encoding: Jpeg(90) },
    Subject { name: "birthday", label: "a birthday card with a cake", painter: cards::birthday, seed: 4, size: (320, 420), encoding: Png },
    Subject { name: "cat-card", label: "a card from a cat", painter: cards::cat, seed: 8, size: (400, 300), encoding: Png },
    Subject { name: "flower-bed", label: "a flower bed by a fence", painter: garden::flower_bed, seed: 5, size: (352, 264), encoding: Jpeg(90) },
    Subject { name: "harbour", label: "a harbour at dusk", painter: coast::harbour, seed: 2, size: (480, 320), encoding: Jpeg(90) },
    Subject { name: "hot-air-balloons", label: "hot-air balloons over hills", painter: sky::hot_air_balloons, seed: 6, size: (288, 396), encoding: Jpeg(90) },
    Subject { name: "kitchen", label: "a kitchen table with fruit and flowers", painter: kitchen::kitchen, seed: 7, size: (400, 300), encoding: Jpeg(90) },
    Subject { name: "mountain-lake", label: "a mountain lake by moonlight", painter: landscapes::mountain_lake, seed: 9, size: (448, 336), encoding: Jpeg(90) },
    Subject { name: "night-city", label: "a city at night", painter: skylines::night, seed: 12, size: (352, 256), encoding: Png },
    Subject { name: "party", label: "party balloons and a present", painter: sky::party_balloons, seed: 10, size: (288, 360), encoding: Png },
    Subject { name: "street", label: "a street of coloured houses", painter: town::street, seed: 13, size: (384, 272), encoding: Png },
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_in_the_order_of_the_names() {
        assert!(LISTED.is_sorted_by(|one, next| one.name < next.name));
    }
}
