//! Cards with a few words and a small drawing.

use crate::demo::canvas::{Canvas, Rgb, area, hex};
use crate::demo::noise::{Dice, wave};
use crate::demo::shapes::{CLOCK, Point};

/// A greeting from a cat.
pub(crate) fn cat(canvas: &mut Canvas, seed: u32) {
    sheet(canvas, hex(0xf7d9a8), hex(0xd97b4a));
    confetti(canvas, seed, (0.27, 0.8), &[0xffffff, 0xe8a060, 0x7fb0a0]);
    canvas.text("HELLO!", (canvas.aspect() * 0.5, 0.165), 0.15, hex(0x5a2f2a));
    canvas.text("FROM THE CAT", (canvas.aspect() * 0.5, 0.88), 0.085, hex(0x8a3f2a));
    let (x, y, fur) = (canvas.aspect() * 0.5, 0.56, hex(0x6a6470));
    for side in [-1.0, 1.0] {
        canvas.polygon(
            &[(x + side * 0.23, y - 0.06), (x + side * 0.23, y - 0.28), (x + side * 0.05, y - 0.17)],
            fur.lit(0.85),
        );
        canvas.polygon(
            &[(x + side * 0.2, y - 0.1), (x + side * 0.205, y - 0.22), (x + side * 0.1, y - 0.16)],
            hex(0xe89aa0),
        );
    }
    canvas.ball((x, y), (0.26, 0.21), fur.lit(1.25));
    canvas.ellipse((x, y + 0.08), (0.12, 0.09), hex(0xf2ece4));
    for side in [-1.0, 1.0] {
        canvas.ellipse((x + side * 0.1, y - 0.04), (0.05, 0.055), hex(0xe8f0a0));
        canvas.ellipse((x + side * 0.1, y - 0.04), (0.018, 0.048), hex(0x201c24));
        for rise in [-0.03, 0.0, 0.03] {
            canvas.line((x + side * 0.08, y + 0.07), (x + side * 0.34, y + 0.05 + rise * 2.0), 0.008, hex(0x3a3038));
        }
    }
    canvas.polygon(&[(x - 0.03, y + 0.03), (x + 0.03, y + 0.03), (x, y + 0.065)], hex(0xd05f70));
    canvas.line((x, y + 0.06), (x - 0.045, y + 0.115), 0.01, hex(0x3a3038));
    canvas.line((x, y + 0.06), (x + 0.045, y + 0.115), 0.01, hex(0x3a3038));
}

/// A birthday card with a cake, upright.
pub(crate) fn birthday(canvas: &mut Canvas, seed: u32) {
    sheet(canvas, hex(0xfdf4ec), hex(0x4f7fb8));
    confetti(canvas, seed, (0.36, 0.9), &[0xe05a5a, 0xf0b83c, 0x5fa0d0, 0x7ab86a]);
    let middle = canvas.aspect() * 0.5;
    canvas.text("HAPPY", (middle, 0.15), 0.115, hex(0xc03a50));
    canvas.text("BIRTHDAY", (middle, 0.29), 0.085, hex(0x2f5f9a));
    let tiers = [(0.14, 0.52, 0.62, 0xf0a8b8), (0.22, 0.62, 0.74, 0x9a5a3c), (0.29, 0.74, 0.87, 0x6a3626)];
    canvas.ellipse((middle, 0.875), (0.34, 0.03), hex(0x8fa8c0));
    for (half, top, bottom, colour) in tiers {
        canvas.cylinder(area(middle - half, top, middle + half, bottom), hex(colour));
        icing(canvas, middle, half, top);
    }
    for (index, colour) in [0x3f8fd0, 0xe8c030, 0x5fb05f].into_iter().enumerate() {
        let x = middle - 0.08 + 0.08 * index as f32;
        canvas.rectangle(area(x - 0.009, 0.42, x + 0.009, 0.52), hex(colour));
        canvas.glow((x, 0.395), 0.06, hex(0xffd860), 0.9);
        canvas.ellipse((x, 0.395), (0.011, 0.023), hex(0xf08a20));
    }
}

/// A list of shopping on squared paper.
pub(crate) fn shopping(canvas: &mut Canvas, seed: u32) {
    canvas.paint(canvas.everything(), |x, y, _| {
        let line = wave(x * 10.0) > 0.93 || wave(y * 10.0) > 0.93;
        if line { hex(0xb8d0e4) } else { hex(0xfbf8ea) }
    });
    canvas.rectangle(area(0.13, 0.0, 0.14, 1.0), hex(0xe08080));
    canvas.text_from("SHOPPING", (0.19, 0.07), 0.12, hex(0x2a3a6a));
    for (index, item) in ["MILK", "6 EGGS", "APPLES", "BREAD", "TEA"].into_iter().enumerate() {
        let top = 0.3 + 0.135 * index as f32;
        canvas.rectangle(area(0.19, top, 0.27, top + 0.08), hex(0x2a3a6a));
        canvas.rectangle(area(0.205, top + 0.015, 0.255, top + 0.065), hex(0xfbf8ea));
        canvas.text_from(item, (0.32, top), 0.08, hex(0x3a3a44));
        if Dice::new(seed + index as u32).below(2) == 0 {
            canvas.line((0.2, top + 0.04), (0.225, top + 0.07), 0.018, hex(0xc83a3a));
            canvas.line((0.225, top + 0.07), (0.285, top - 0.015), 0.018, hex(0xc83a3a));
        }
    }
    apple(canvas, (canvas.aspect() - 0.24, 0.68), 0.17);
}

/// A note of thanks with a large flower.
pub(crate) fn thanks(canvas: &mut Canvas, seed: u32) {
    sheet(canvas, hex(0x2f4a5a), hex(0xe8d8b0));
    confetti(canvas, seed, (0.09, 0.91), &[0x4a7080, 0x243c4a, 0xc8a860]);
    let flower: Point = (0.36, 0.4);
    canvas.line(flower, (0.4, 0.95), 0.025, hex(0x6ab06a));
    canvas.petal((0.385, 0.78), CLOCK[2], 0.22, 0.09, hex(0x7fc070));
    canvas.petal((0.39, 0.86), CLOCK[10], 0.2, 0.08, hex(0x5fa060));
    for direction in CLOCK {
        canvas.petal(flower, direction, 0.25, 0.12, hex(0xf6e6f0));
    }
    canvas.ball(flower, (0.1, 0.1), hex(0xf0b030));
    let middle = canvas.aspect() * 0.7;
    canvas.text("MANY", (middle, 0.3), 0.13, hex(0xf8e8c0));
    canvas.text("THANKS", (middle, 0.5), 0.13, hex(0xf8e8c0));
    canvas.line((middle - 0.3, 0.64), (middle + 0.3, 0.64), 0.015, hex(0xc8a860));
    canvas.text("YOURS, EMMA", (middle, 0.75), 0.06, hex(0xd8e4e8));
}

/// Paper of one colour with a border of another.
fn sheet(canvas: &mut Canvas, paper: Rgb, border: Rgb) {
    let aspect = canvas.aspect();
    canvas.rectangle(canvas.everything(), border);
    canvas.rectangle(area(0.035, 0.035, aspect - 0.035, 0.965), paper);
    canvas.rectangle(area(0.05, 0.05, aspect - 0.05, 0.95), border.mix(paper, 0.4));
    canvas.rectangle(area(0.06, 0.06, aspect - 0.06, 0.94), paper);
}

/// Dots between the heights `from` and `to`; words are best written outside them, or after them.
fn confetti(canvas: &mut Canvas, seed: u32, (from, to): (f32, f32), colours: &[u32]) {
    let mut dice = Dice::new(seed);
    for _ in 0..70 {
        let at = (dice.between(0.09, canvas.aspect() - 0.09), dice.between(from, to));
        let radius = dice.between(0.008, 0.017);
        canvas.ellipse(at, (radius, radius), hex(dice.pick(colours)));
    }
}

/// Icing along the top of a tier of cake, running down in drops.
fn icing(canvas: &mut Canvas, middle: f32, half: f32, top: f32) {
    canvas.paint(area(middle - half, top - 0.005, middle + half, top + 0.06), |x, y, under| {
        let drop = top + 0.032 + 0.018 * wave((x - middle) * 11.0);
        if (x - middle).abs() < half && y < drop { hex(0xfff8f2) } else { under }
    });
}

fn apple(canvas: &mut Canvas, at: Point, radius: f32) {
    canvas.shadow((at.0, at.1 + radius), (radius, radius * 0.2), 0.4);
    canvas.line((at.0, at.1 - radius * 0.8), (at.0 + 0.03, at.1 - radius * 1.35), 0.022, hex(0x5a3a20));
    canvas.petal((at.0 + 0.02, at.1 - radius * 1.1), CLOCK[2], 0.14, 0.06, hex(0x5fa040));
    canvas.ball(at, (radius, radius * 0.95), hex(0xe03f38));
}
