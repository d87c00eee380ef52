//! Flowers.

use super::scenery::{Sky, blades, ground, leafy};
use crate::demo::canvas::{Canvas, Rgb, area, hex};
use crate::demo::noise::{Dice, fractal, smooth};
use crate::demo::shapes::{CLOCK, Point};

/// A flower bed before a fence, with trees behind.
pub(crate) fn flower_bed(canvas: &mut Canvas, seed: u32) {
    let sky = Sky { horizon: 0.5, top: hex(0x7fc0ea), low: hex(0xe8f6fa), cloud: hex(0xffffff), cover: 0.4 };
    sky.paint(canvas, seed);
    for (index, (x, tall)) in [(0.1, 0.5), (0.42, 0.36), (1.2, 0.56)].into_iter().enumerate() {
        leafy(canvas, (x, 0.52), tall, hex(0x4f8a3c), seed + index as u32);
    }
    fence(canvas);
    ground(canvas, 0.52, hex(0x5a8a38), hex(0x2f5a28), seed);
    let mut dice = Dice::new(seed);
    for row in 0..4 {
        let near = row as f32 / 3.0;
        for _ in 0..9 - row {
            let size = 0.05 + 0.06 * near;
            let root = (dice.between(0.0, canvas.aspect()), 0.68 + 0.3 * near + dice.between(-0.02, 0.06));
            let colour = dice.pick(&[0xe84a5a, 0xf6c83c, 0xf8f0f6, 0xb05fc8, 0xf08a3a]);
            flower(canvas, root, size, hex(colour), &mut dice);
        }
    }
}

/// One large sunflower against the sky, with smaller ones around it.
pub(crate) fn sunflowers(canvas: &mut Canvas, seed: u32) {
    let sky = Sky { horizon: 1.0, top: hex(0x2f7fc8), low: hex(0xbfe0f0), cloud: hex(0xffffff), cover: 0.5 };
    sky.paint(canvas, seed);
    canvas.paint(area(0.0, 0.68, canvas.aspect(), 1.0), |x, y, under| {
        let crop = fractal(seed ^ 4, x * 12.0, y * 14.0, 4);
        let part = smooth(0.0, 0.03, y - 0.72 - 0.06 * (crop - 0.5));
        under.mix(hex(0x4a8030).mix(hex(0xe0b830), smooth(0.5, 0.62, crop)), part)
    });
    sunflower(canvas, (0.84, 0.62), 0.13);
    sunflower(canvas, (0.12, 0.7), 0.1);
    sunflower(canvas, (0.46, 0.42), 0.3);
    blades(canvas, 1.0, 0.14, hex(0x4a8a34), seed);
}

fn fence(canvas: &mut Canvas) {
    let (wood, shade) = (hex(0xf4efe4), hex(0xc8c0b0));
    for top in [0.4, 0.49] {
        canvas.rectangle(area(0.0, top, canvas.aspect(), top + 0.025), shade);
    }
    let mut left = 0.02;
    while left < canvas.aspect() {
        canvas.polygon(
            &[(left, 0.56), (left, 0.37), (left + 0.028, 0.335), (left + 0.056, 0.37), (left + 0.056, 0.56)],
            wood,
        );
        left += 0.098;
    }
}

/// A flower of twelve petals on a stalk with two leaves.
fn flower(canvas: &mut Canvas, root: Point, size: f32, colour: Rgb, dice: &mut Dice) {
    let bloom = (root.0 + dice.between(-0.02, 0.02), root.1 - size * dice.between(1.6, 2.4));
    canvas.line(root, bloom, size * 0.14, hex(0x3a7a30));
    for hour in [2, 10] {
        canvas.petal((root.0, root.1 - size * 0.3), CLOCK[hour], size * 1.1, size * 0.4, hex(0x5aa040));
    }
    for direction in CLOCK {
        canvas.petal(bloom, direction, size, size * 0.5, colour);
    }
    canvas.ball(bloom, (size * 0.32, size * 0.32), hex(0xc88a28));
}

fn sunflower(canvas: &mut Canvas, at: Point, size: f32) {
    canvas.line(at, (at.0 + size * 0.1, 1.05), size * 0.16, hex(0x4f8a30));
    canvas.petal((at.0, at.1 + size * 1.3), CLOCK[2], size * 1.2, size * 0.6, hex(0x5fa03a));
    canvas.petal((at.0, at.1 + size * 1.5), CLOCK[10], size * 1.1, size * 0.5, hex(0x4a8a30));
    for (reach, colour) in [(1.25, 0xd88a18), (1.05, 0xf8c828)] {
        for direction in CLOCK {
            canvas.petal(at, direction, size * reach, size * 0.42, hex(colour));
        }
    }
    canvas.ball(at, (size * 0.5, size * 0.5), hex(0x6a4020));
    let mut dice = Dice::new(size.to_bits());
    for _ in 0..60 {
        let (across, down) = (dice.between(-0.4, 0.4), dice.between(-0.4, 0.4));
        if across * across + down * down < 0.17 {
            let seed = (at.0 + across * size, at.1 + down * size);
            canvas.ellipse(seed, (size * 0.035, size * 0.035), hex(0xb88040));
        }
    }
}
