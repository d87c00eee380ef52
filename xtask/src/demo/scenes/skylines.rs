//! Tall buildings seen from afar.

use super::scenery::{Sky, gull, water};
use crate::demo::canvas::{Area, Canvas, Rgb, area, hex};
use crate::demo::noise::{Dice, fractal, smooth};
use crate::demo::shapes::Ink;

/// A city at night with lit windows, above a river.
pub(crate) fn night(canvas: &mut Canvas, seed: u32) {
    let sky = Sky { horizon: 0.78, top: hex(0x0c1030), low: hex(0x7a4a70), cloud: hex(0x3a2c58), cover: 0.5 };
    sky.paint(canvas, seed);
    canvas.glow((1.06, 0.16), 0.2, hex(0xf0e8c8), 0.6);
    canvas.ellipse((1.06, 0.16), (0.06, 0.06), hex(0xf8f0d4));
    canvas.ellipse((1.05, 0.15), (0.014, 0.012), hex(0xe4d8b4));
    canvas.ellipse((1.075, 0.18), (0.02, 0.017), hex(0xe8dcba));
    let mut dice = Dice::new(seed);
    for (layer, shade) in [(0.0, 0x2c2a58), (1.0, 0x141530)] {
        let mut left = -0.05;
        while left < canvas.aspect() {
            let width = dice.between(0.1, 0.2);
            let top = dice.between(0.2 + 0.16 * layer, 0.58 + 0.06 * layer);
            tower(canvas, area(left, top, left + width, 0.78), hex(shade), hex(0xffd878), &mut dice);
            left += width + dice.between(0.0, 0.05);
        }
    }
    water(canvas, 0.78, hex(0x101430), seed ^ 5);
}

/// A city in morning mist.
pub(crate) fn morning(canvas: &mut Canvas, seed: u32) {
    let sky = Sky { horizon: 1.0, top: hex(0x9fc8e8), low: hex(0xfde8c8), cloud: hex(0xfffaf0), cover: 0.35 };
    sky.paint(canvas, seed);
    canvas.glow((0.3, 0.3), 0.35, hex(0xfff8d8), 0.9);
    canvas.ellipse((0.3, 0.3), (0.07, 0.07), hex(0xfffdf0));
    let mut dice = Dice::new(seed);
    for (layer, shade) in [(0.0, 0xc0b8c0), (1.0, 0x8a8494), (2.0, 0x4f5468)] {
        let mut left = dice.between(-0.1, 0.0);
        while left < canvas.aspect() {
            let width = dice.between(0.1, 0.24);
            let rise = 0.3 + 0.2 * layer + 0.5 * fractal(seed, left * 3.0, layer * 9.0, 2) - 0.16;
            tower(canvas, area(left, rise.min(0.9), left + width, 1.0), hex(shade), hex(shade).lit(1.35), &mut dice);
            left += width + dice.between(0.02, 0.14);
        }
    }
    for at in [(0.72, 0.14), (0.8, 0.19), (0.9, 0.12)] {
        gull(canvas, at, 0.08, hex(0x4a4858));
    }
}

/// A tower block with some of its windows lit.
fn tower(canvas: &mut Canvas, wall: Area, colour: Rgb, light: Rgb, dice: &mut Dice) {
    canvas.rectangle(wall, Ink::Across(colour.lit(1.2), colour.lit(0.85)));
    if dice.below(3) == 0 {
        let middle = f32::midpoint(wall.left, wall.right);
        canvas.line((middle, wall.top), (middle, wall.top - 0.08), 0.008, colour);
    }
    let mut top = wall.top + 0.025;
    while top < wall.bottom - 0.03 {
        let mut left = wall.left + 0.016;
        while left < wall.right - 0.026 {
            if dice.below(5) < 2 {
                let strength = smooth(0.0, 1.0, dice.between(0.4, 1.0));
                canvas.rectangle(area(left, top, left + 0.016, top + 0.022), colour.mix(light, strength));
            }
            left += 0.03;
        }
        top += 0.042;
    }
}
