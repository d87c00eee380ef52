//! Balloons, with and without people in them.

use super::scenery::{Ridge, Sky, blades};
use crate::demo::canvas::{Area, Canvas, Rgb, area, hex};
use crate::demo::noise::{Dice, smooth, wave};
use crate::demo::shapes::{Ink, Point};

/// Striped hot-air balloons over hills.
pub(crate) fn hot_air_balloons(canvas: &mut Canvas, seed: u32) {
    let sky = Sky { horizon: 0.86, top: hex(0x3f8ac8), low: hex(0xffe4b8), cloud: hex(0xfff8ee), cover: 0.4 };
    sky.paint(canvas, seed);
    for (index, (low, high, crest)) in
        [(0.84, 0.7, 0x8fa8b8), (0.92, 0.78, 0x5a8a6a), (1.0, 0.88, 0x3a6a3c)].into_iter().enumerate()
    {
        let hill = Ridge { low, high, pace: 2.4, detail: 4, crest: hex(crest), foot: hex(crest).lit(0.75), snow: None };
        hill.paint(canvas, seed + index as u32);
    }
    let flight = [
        ((0.62, 0.62), 0.07, 0x5f8fd0, 0xf2f2ee),
        ((0.16, 0.56), 0.085, 0xe8a030, 0x7a3a60),
        ((0.56, 0.2), 0.12, 0x3f9a70, 0xf8f0d0),
        ((0.27, 0.27), 0.19, 0xd83f3a, 0xf8d048),
    ];
    for (at, radius, first, second) in flight {
        hot_air_balloon(canvas, at, radius, hex(first), hex(second));
    }
    blades(canvas, 1.0, 0.05, hex(0x3f7a38), seed);
}

/// A bunch of party balloons, bunting and a present.
pub(crate) fn party_balloons(canvas: &mut Canvas, seed: u32) {
    canvas.paint(canvas.everything(), |x, y, _| {
        let stripe = smooth(-0.1, 0.1, wave(x * 6.0));
        hex(0xfbecd4).mix(hex(0xf2d8b8), stripe).lit(1.03 - 0.12 * y)
    });
    canvas.rectangle(area(0.0, 0.82, canvas.aspect(), 1.0), Ink::Down(hex(0xa87850), hex(0x7a5034)));
    bunting(canvas);
    let knot = (0.4, 0.8);
    let bunch = [
        ((0.2, 0.36), 0x3f7fd0),
        ((0.55, 0.34), 0xf0b030),
        ((0.38, 0.27), 0xd83f4f),
        ((0.28, 0.51), 0x5fb05a),
        ((0.49, 0.5), 0x9a5fc0),
    ];
    for (at, _) in bunch {
        canvas.line((at.0, at.1 + 0.11), knot, 0.005, hex(0x6a6058));
    }
    for (at, colour) in bunch {
        canvas.polygon(
            &[(at.0, at.1 + 0.11), (at.0 - 0.018, at.1 + 0.14), (at.0 + 0.018, at.1 + 0.14)],
            hex(colour).lit(0.7),
        );
        canvas.ball(at, (0.105, 0.125), hex(colour));
    }
    present(canvas, area(0.46, 0.72, 0.68, 0.92));
    let mut dice = Dice::new(seed);
    for _ in 0..40 {
        let at = (dice.between(0.0, canvas.aspect()), dice.between(0.84, 0.99));
        canvas.ellipse(at, (0.009, 0.006), hex(dice.pick(&[0xf0c040, 0xe05a6a, 0x6fb8d8])));
    }
}

/// A balloon with stripes and a basket; `at` is the middle of the envelope.
fn hot_air_balloon(canvas: &mut Canvas, at: Point, radius: f32, first: Rgb, second: Rgb) {
    let (x, y) = at;
    let mouth = y + radius * 1.3;
    canvas.paint(area(x - radius, y - radius, x + radius, mouth), |px, py, under| {
        let (across, down) = ((px - x) / radius, (py - y) / radius);
        let half = if down < 0.0 { (1.0 - down * down).max(0.0).sqrt() } else { 1.0 - 0.42 * down * down };
        if across.abs() >= half {
            return under;
        }
        let seam = across / half;
        let stripe = wave(seam * (1.6 - 0.45 * seam.abs()));
        let cloth = if stripe > 0.0 { first } else { second };
        let band = if (0.1..0.26).contains(&down) { second.mix(first, 0.5).lit(0.8) } else { cloth };
        band.lit(1.12 - 0.3 * (seam + 0.4) * (seam + 0.4) - 0.12 * down)
    });
    let basket = area(x - radius * 0.17, y + radius * 1.6, x + radius * 0.17, y + radius * 1.85);
    for side in [-1.0, 1.0] {
        canvas.line(
            (x + side * radius * 0.28, mouth),
            (x + side * radius * 0.15, basket.top),
            radius * 0.03,
            hex(0x5a4030),
        );
    }
    canvas.cylinder(basket, hex(0xa86a38));
}

fn bunting(canvas: &mut Canvas) {
    let cord = |x: f32| 0.06 + 0.16 * (x / NAILS) * (1.0 - x / NAILS);
    let colours = [0xd83f4f, 0x3f7fd0, 0xf0b030, 0x5fb05a];
    for index in 0..8 {
        let (from, to) = (index as f32 * 0.1, (index + 1) as f32 * 0.1);
        canvas.line((from, cord(from)), (to, cord(to)), 0.006, hex(0x6a6058));
        let tip = (from + 0.05, cord(from + 0.05) + 0.1);
        canvas.polygon(&[(from + 0.008, cord(from)), (to - 0.008, cord(to)), tip], hex(colours[index % 4]));
    }
}

/// How far apart the nails are that the bunting hangs from.
const NAILS: f32 = 0.8;

/// A wrapped box with a ribbon.
fn present(canvas: &mut Canvas, place: Area) {
    let middle = f32::midpoint(place.left, place.right);
    canvas.shadow((middle, place.bottom), (0.15, 0.025), 0.6);
    canvas.rectangle(place, Ink::Across(hex(0x4fa0b8), hex(0x2f6a88)));
    canvas.rectangle(area(place.left - 0.01, place.top, place.right + 0.01, place.top + 0.04), hex(0x5fb4cc));
    canvas.rectangle(area(middle - 0.018, place.top, middle + 0.018, place.bottom), hex(0xf8e0e0));
    for side in [-1.0, 1.0] {
        canvas.polygon(
            &[
                (middle, place.top),
                (middle + side * 0.075, place.top - 0.05),
                (middle + side * 0.07, place.top + 0.005),
            ],
            hex(0xf0b8c0),
        );
    }
}
