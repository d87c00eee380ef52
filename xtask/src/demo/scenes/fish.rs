//! Under water.

use super::scenery::ground;
use crate::demo::canvas::{Canvas, Rgb, area, hex};
use crate::demo::noise::{Dice, fractal, smooth, wave};
use crate::demo::shapes::{Ink, Point};

/// A tank of striped fish, with weeds and stones.
pub(crate) fn aquarium(canvas: &mut Canvas, seed: u32) {
    depths(canvas, hex(0x4fc0d8), hex(0x0c3f78), seed);
    ground(canvas, 0.84, hex(0xd8c08a), hex(0xa88850), seed ^ 1);
    let mut dice = Dice::new(seed);
    for (x, tall) in [(0.08, 0.5), (0.2, 0.36), (1.12, 0.62), (1.28, 0.44), (0.72, 0.26)] {
        weed(canvas, (x, 0.9), tall, hex(0x3f9a50));
    }
    for (at, size) in [((0.5, 0.88), 0.08), ((0.6, 0.91), 0.055), ((0.95, 0.9), 0.09), ((0.32, 0.93), 0.05)] {
        canvas.ball(at, (size, size * 0.75), hex(0x8f8a90));
    }
    let shoal = [
        ((0.38, 0.3), 0.34, 1.0, 0xf08030, 0xfff4e0),
        ((0.95, 0.42), 0.28, -1.0, 0xf8d030, 0x2c3a58),
        ((0.52, 0.62), 0.2, 1.0, 0xd84a70, 0xf8c8d0),
        ((1.05, 0.16), 0.17, 1.0, 0x5f70d8, 0xe8f0ff),
    ];
    for (at, length, heading, body, stripe) in shoal {
        fish(canvas, at, length, heading, hex(body), hex(stripe));
    }
    bubbles(canvas, &mut dice);
}

/// One goldfish in a round bowl on a sill.
pub(crate) fn goldfish_bowl(canvas: &mut Canvas, seed: u32) {
    canvas.paint(canvas.everything(), |x, y, _| {
        let spots = fractal(seed, x * 4.0, y * 4.0, 3);
        hex(0xf8e8d8).mix(hex(0xe0b898), smooth(0.5, 0.56, spots)).lit(1.05 - 0.2 * y)
    });
    canvas.rectangle(area(0.0, 0.84, canvas.aspect(), 1.0), Ink::Down(hex(0x8a5a3a), hex(0x5a3824)));
    for left in [0.05, 1.1] {
        canvas.rectangle(area(left, 0.0, left + 0.18, 0.84), Ink::Across(hex(0xc84a50), hex(0x8a2c38)));
    }
    let (x, y) = (canvas.aspect() * 0.5, 0.52);
    canvas.shadow((x, 0.88), (0.4, 0.05), 0.6);
    canvas.ellipse((x, y), (0.4, 0.37), hex(0xf4fafa));
    canvas.ellipse((x, y + 0.02), (0.38, 0.34), Ink::Down(hex(0xb8e4f0), hex(0x4fa8c8)));
    canvas.rectangle(area(x - 0.28, 0.14, x + 0.28, 0.24), Ink::Down(hex(0xf6e4d4), hex(0xf8f4f0)));
    canvas.ellipse((x, 0.145), (0.28, 0.025), hex(0xffffff));
    canvas.ellipse((x, 0.8), (0.24, 0.05), hex(0xd8b070));
    weed(canvas, (x - 0.2, 0.8), 0.36, hex(0x4fa048));
    fish(canvas, (x + 0.05, 0.5), 0.38, -1.0, hex(0xf07020), hex(0xf8a850));
    for (across, up) in [(-0.2, 0.36), (-0.22, 0.3), (-0.17, 0.26)] {
        canvas.ellipse((x + across, up + 0.04), (0.014, 0.014), hex(0xffffff));
    }
}

/// Water that darkens downwards, with slanting light.
fn depths(canvas: &mut Canvas, top: Rgb, bottom: Rgb, seed: u32) {
    canvas.paint(canvas.everything(), |x, y, _| {
        let beam = wave(x * 2.2 - y * 0.9 + 0.3 * fractal(seed, x * 2.0, y, 2));
        let light = 0.3 * smooth(0.0, 1.0, beam) * (1.0 - y);
        let murk = fractal(seed ^ 3, x * 6.0, y * 9.0, 4) - 0.5;
        top.mix(bottom, smooth(0.0, 1.0, y)).mix(hex(0xe8ffff), light).lit(1.0 + 0.35 * murk)
    });
}

/// A fish; `heading` is 1 when it swims to the right and -1 to the left.
fn fish(canvas: &mut Canvas, at: Point, length: f32, heading: f32, body: Rgb, stripe: Rgb) {
    let point = |along: f32, down: f32| (at.0 + along * heading * length, at.1 + down * length);
    canvas.polygon(&[point(-0.34, 0.0), point(-0.6, -0.22), point(-0.52, 0.0), point(-0.6, 0.22)], body.lit(0.8));
    canvas.polygon(&[point(-0.2, -0.2), point(0.02, -0.4), point(0.2, -0.2)], body.lit(0.7));
    canvas.polygon(&[point(-0.12, 0.2), point(-0.16, 0.36), point(0.1, 0.22)], body.lit(0.7));
    canvas.ball(at, (length * 0.44, length * 0.26), body);
    for place in [-0.2, 0.06] {
        canvas.paint(area(at.0 - length, at.1 - length, at.0 + length, at.1 + length), |x, y, under| {
            let (along, down) = ((x - at.0) * heading / length, (y - at.1) / length);
            let curve = along - place + 0.5 * down * down;
            let inside = along * along / 0.18 + down * down / 0.062 < 1.0;
            if inside && curve.abs() < 0.045 { stripe.lit(1.05 - 0.9 * down.abs()) } else { under }
        });
    }
    canvas.ellipse(point(0.28, -0.06), (length * 0.055, length * 0.055), hex(0xffffff));
    canvas.ellipse(point(0.295, -0.06), (length * 0.028, length * 0.028), hex(0x181820));
    canvas.line(point(0.36, 0.08), point(0.42, 0.06), length * 0.02, body.lit(0.5));
}

/// A waving strand of weed.
fn weed(canvas: &mut Canvas, root: Point, tall: f32, colour: Rgb) {
    let mut previous = root;
    for step in 1..=12 {
        let part = step as f32 / 12.0;
        let next = (root.0 + 0.03 * wave(part * 1.4 + root.0), root.1 - tall * part);
        canvas.line(previous, next, 0.04 * (1.05 - part), colour.lit(0.7 + 0.5 * part));
        previous = next;
    }
}

fn bubbles(canvas: &mut Canvas, dice: &mut Dice) {
    for _ in 0..22 {
        let at = (dice.between(0.0, canvas.aspect()), dice.between(0.0, 0.75));
        let radius = dice.between(0.008, 0.02);
        canvas.glow(at, radius * 2.0, hex(0xffffff), 0.5);
        canvas.ellipse(at, (radius, radius), hex(0xd8f4fc));
        canvas.ellipse(at, (radius * 0.75, radius * 0.75), hex(0x7fc8e0));
    }
}
