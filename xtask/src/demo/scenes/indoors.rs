//! Things on a desk and toys on a floor.

use super::scenery::table;
use crate::demo::canvas::{Area, Canvas, Rgb, area, hex};
use crate::demo::noise::{fractal, smooth, wave};
use crate::demo::shapes::{Ink, Point};

/// A desk: books, a globe, a mug and a lamp.
pub(crate) fn desk(canvas: &mut Canvas, seed: u32) {
    canvas.paint(canvas.everything(), |x, y, _| {
        let stripe = smooth(-0.2, 0.2, wave(x * 7.0));
        hex(0x5e7f78).mix(hex(0x6d9087), stripe).lit(1.1 - 0.35 * y)
    });
    canvas.glow((1.0, 0.36), 0.62, hex(0xffe7a6), 0.85);
    table(canvas, 0.78, hex(0x7a4a2c), seed);
    let books = [
        (0.1, 0.075, 0.42, 0xb23a3a),
        (0.18, 0.06, 0.36, 0xe0b04a),
        (0.245, 0.085, 0.46, 0x2f5f8f),
        (0.335, 0.055, 0.38, 0xece2cc),
        (0.395, 0.08, 0.43, 0x3f7a4a),
    ];
    for (left, width, height, colour) in books {
        book(canvas, area(left, 0.84 - height, left + width, 0.84), hex(colour));
    }
    globe(canvas, (0.68, 0.58), 0.15, seed);
    lamp(canvas, (1.1, 0.86));
    canvas.shadow((0.9, 0.92), (0.14, 0.035), 0.6);
    canvas.cylinder(area(0.8, 0.74, 0.94, 0.91), hex(0xe8e4dc));
    canvas.ellipse((0.87, 0.91), (0.07, 0.022), hex(0xa8a49c));
    canvas.ellipse((0.87, 0.74), (0.07, 0.022), hex(0x4a2c1a));
    canvas.line((0.2, 0.93), (0.52, 0.9), 0.018, hex(0xf0b62c));
    canvas.line((0.52, 0.9), (0.545, 0.898), 0.014, hex(0x2c2420));
}

/// Building blocks and a ball on a rug.
pub(crate) fn toys(canvas: &mut Canvas, seed: u32) {
    canvas.paint(canvas.everything(), |x, y, _| {
        let dots = wave(x * 6.0) * wave(y * 6.0);
        hex(0xf6dfe4).mix(hex(0xe8a9bb), smooth(0.45, 0.6, dots))
    });
    table(canvas, 0.68, hex(0xd6b078), seed);
    canvas.shadow((0.5, 0.9), (0.5, 0.05), 0.5);
    let blocks = [(0.1, 0.62, 0x3f7fd0), (0.39, 0.62, 0xe04a3f), (0.245, 0.34, 0xf2c53a)];
    for (left, top, colour) in blocks {
        block(canvas, (left, top), 0.27, hex(colour));
    }
    canvas.shadow((1.05, 0.92), (0.22, 0.04), 0.5);
    canvas.ball((1.02, 0.74), (0.18, 0.18), hex(0x4fb86a));
}

fn book(canvas: &mut Canvas, place: Area, colour: Rgb) {
    canvas.cylinder(place, colour);
    for (from, to) in [(0.12, 0.15), (0.22, 0.4), (0.85, 0.88)] {
        let height = place.bottom - place.top;
        let band = area(place.left + 0.008, place.top + from * height, place.right - 0.008, place.top + to * height);
        canvas.rectangle(band, colour.mix(hex(0xfff0c8), 0.65));
    }
}

fn globe(canvas: &mut Canvas, centre: Point, radius: f32, seed: u32) {
    canvas.shadow((centre.0, 0.86), (0.16, 0.04), 0.6);
    canvas.polygon(
        &[(centre.0 - 0.1, 0.86), (centre.0 - 0.02, 0.8), (centre.0 + 0.02, 0.8), (centre.0 + 0.1, 0.86)],
        hex(0x4a3020),
    );
    canvas.rectangle(area(centre.0 - 0.015, centre.1, centre.0 + 0.015, 0.82), hex(0x5a3c28));
    canvas.ball(centre, (radius, radius), hex(0x3f86c0));
    canvas.paint(area(centre.0 - radius, centre.1 - radius, centre.0 + radius, centre.1 + radius), |x, y, under| {
        let (across, down) = ((x - centre.0) / radius, (y - centre.1) / radius);
        let rest = 1.0 - across * across - down * down;
        let land = rest > 0.0 && fractal(seed, across * 2.0 + 5.0, down * 2.0, 3) > 0.54;
        if land { hex(0x8fb04a).lit(0.65 + 0.5 * rest) } else { under }
    });
}

fn lamp(canvas: &mut Canvas, foot: Point) {
    let metal = hex(0x2f3540);
    canvas.shadow((foot.0, foot.1 + 0.01), (0.17, 0.04), 0.6);
    canvas.ellipse(foot, (0.13, 0.035), metal);
    canvas.line(foot, (foot.0 + 0.08, foot.1 - 0.33), 0.022, metal);
    canvas.line((foot.0 + 0.08, foot.1 - 0.33), (foot.0 - 0.06, foot.1 - 0.6), 0.022, metal);
    canvas.glow((foot.0 - 0.1, foot.1 - 0.42), 0.2, hex(0xfff6cc), 0.9);
    let shade = [
        (foot.0 - 0.1, foot.1 - 0.68),
        (foot.0 - 0.01, foot.1 - 0.66),
        (foot.0 + 0.04, foot.1 - 0.46),
        (foot.0 - 0.24, foot.1 - 0.5),
    ];
    canvas.polygon(&shade, Ink::Across(hex(0xe05a3c), hex(0x9a3420)));
}

/// A cube seen slightly from above and the right.
fn block(canvas: &mut Canvas, corner: Point, side: f32, colour: Rgb) {
    let ((x, y), skew) = (corner, side * 0.2);
    canvas.rectangle(area(x, y, x + side, y + side), Ink::Down(colour, colour.lit(0.85)));
    canvas.polygon(
        &[(x, y), (x + skew, y - skew), (x + side + skew, y - skew), (x + side, y)],
        colour.mix(hex(0xffffff), 0.35),
    );
    canvas.polygon(
        &[(x + side, y), (x + side + skew, y - skew), (x + side + skew, y + side - skew), (x + side, y + side)],
        colour.lit(0.6),
    );
    canvas.ellipse((x + side * 0.5, y + side * 0.5), (side * 0.26, side * 0.26), hex(0xfdf8ee));
}
