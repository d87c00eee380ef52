//! Streets of small houses.

use super::scenery::{Sky, leafy};
use crate::demo::canvas::{Area, Canvas, Rgb, area, hex};
use crate::demo::noise::Dice;
use crate::demo::shapes::{Ink, Point};

/// A row of gabled houses in many colours.
pub(crate) fn street(canvas: &mut Canvas, seed: u32) {
    let sky = Sky { horizon: 0.8, top: hex(0x6fb4e0), low: hex(0xe6f2f4), cloud: hex(0xffffff), cover: 0.4 };
    sky.paint(canvas, seed);
    let walls = [0xd96a4a, 0xf0d088, 0x6f9ab0, 0xe8e0d0, 0xa84a48, 0x8fb080];
    row_of_houses(canvas, seed, &walls, hex(0x5a3a38));
    road(canvas, hex(0x7a7a80), hex(0xd8d0c0));
    for (index, x) in [0.3, 1.18].into_iter().enumerate() {
        leafy(canvas, (x, 0.88), 0.34, hex(0x5a9a40), seed + index as u32);
    }
    car(canvas, (0.75, 0.93), hex(0xd03a3a));
}

/// The same kind of street under snow.
pub(crate) fn snowy_village(canvas: &mut Canvas, seed: u32) {
    let sky = Sky { horizon: 0.8, top: hex(0x2c3a60), low: hex(0x8f9ac0), cloud: hex(0x6a76a0), cover: 0.5 };
    sky.paint(canvas, seed);
    row_of_houses(canvas, seed, &[0x8a4a40, 0x705a50, 0x9a7a58], hex(0xf2f6fc));
    road(canvas, hex(0xdce6f4), hex(0xffffff));
    let mut dice = Dice::new(seed);
    for _ in 0..90 {
        let at = (dice.between(0.0, canvas.aspect()), dice.between(0.0, 1.0));
        canvas.ellipse(at, (0.01, 0.01), hex(0xffffff));
    }
}

fn row_of_houses(canvas: &mut Canvas, seed: u32, walls: &[u32], roof: Rgb) {
    let mut dice = Dice::new(seed);
    let mut left = -0.06;
    let mut index = dice.below(walls.len());
    while left < canvas.aspect() {
        let width = dice.between(0.22, 0.32);
        let top = dice.between(0.3, 0.5);
        house(canvas, area(left, top, left + width, 0.86), hex(walls[index % walls.len()]), roof, &mut dice);
        left += width;
        index += 1;
    }
}

/// A house with a gable, a door and windows.
fn house(canvas: &mut Canvas, wall: Area, colour: Rgb, roof: Rgb, dice: &mut Dice) {
    let (middle, width) = ((wall.left + wall.right) / 2.0, wall.right - wall.left);
    let ridge = wall.top - dice.between(0.1, 0.2);
    canvas.rectangle(area(wall.left + width * 0.68, ridge - 0.02, wall.left + width * 0.8, wall.top), hex(0x7a4a40));
    canvas.rectangle(wall, Ink::Across(colour.lit(1.08), colour.lit(0.86)));
    canvas.polygon(
        &[(wall.left - 0.015, wall.top + 0.01), (middle, ridge), (wall.right + 0.015, wall.top + 0.01)],
        Ink::Across(roof.lit(1.1), roof.lit(0.8)),
    );
    let lit = dice.pick(&[0xffe08a, 0x5a7890, 0x486078]);
    let mut top = wall.top + 0.06;
    while top < wall.bottom - 0.22 {
        for column in [0.2, 0.62] {
            pane(canvas, (wall.left + width * column, top), (width * 0.2, 0.085), hex(lit));
        }
        top += 0.14;
    }
    let door = wall.left + width * dice.pick(&[0.18, 0.4, 0.6]);
    canvas.rectangle(
        area(door, wall.bottom - 0.16, door + width * 0.24, wall.bottom),
        hex(dice.pick(&[0x3a5a48, 0x7a2f30, 0x2f4868])),
    );
}

fn pane(canvas: &mut Canvas, corner: Point, size: Point, glass: Rgb) {
    let (right, bottom) = (corner.0 + size.0, corner.1 + size.1);
    canvas.rectangle(area(corner.0 - 0.008, corner.1 - 0.008, right + 0.008, bottom + 0.008), hex(0xfaf6ec));
    canvas.rectangle(area(corner.0, corner.1, right, bottom), glass);
    let middle = f32::midpoint(corner.0, right);
    canvas.rectangle(area(middle - 0.003, corner.1, middle + 0.003, bottom), hex(0xfaf6ec));
}

/// A pavement and a road along the bottom.
fn road(canvas: &mut Canvas, surface: Rgb, kerb: Rgb) {
    let aspect = canvas.aspect();
    canvas.rectangle(area(0.0, 0.86, aspect, 0.89), kerb);
    canvas.rectangle(area(0.0, 0.89, aspect, 1.0), Ink::Down(surface, surface.lit(0.75)));
    let mut left = 0.05;
    while left < aspect {
        canvas.rectangle(area(left, 0.95, left + 0.09, 0.96), kerb);
        left += 0.2;
    }
}

fn car(canvas: &mut Canvas, at: Point, colour: Rgb) {
    let (x, y) = at;
    canvas.shadow((x, y + 0.03), (0.19, 0.03), 0.6);
    canvas.polygon(
        &[(x - 0.1, y - 0.05), (x - 0.06, y - 0.12), (x + 0.06, y - 0.12), (x + 0.11, y - 0.05)],
        hex(0x4a6a80),
    );
    canvas.polygon(
        &[
            (x - 0.17, y + 0.02),
            (x - 0.165, y - 0.05),
            (x + 0.14, y - 0.055),
            (x + 0.17, y - 0.03),
            (x + 0.17, y + 0.02),
        ],
        colour,
    );
    for wheel in [x - 0.1, x + 0.1] {
        canvas.ellipse((wheel, y + 0.02), (0.034, 0.034), hex(0x222226));
        canvas.ellipse((wheel, y + 0.02), (0.016, 0.016), hex(0xb8b8c0));
    }
}
