//! The sea and its shore.

use super::scenery::{Ridge, Sky, ground, gull, water};
use crate::demo::canvas::{Canvas, Rgb, area, hex};
use crate::demo::noise::{Dice, fractal, smooth, wave};
use crate::demo::shapes::{CLOCK, Ink, Point};

/// A harbour at dusk: boats, a lighthouse and the low sun.
pub(crate) fn harbour(canvas: &mut Canvas, seed: u32) {
    let sky = Sky { horizon: 0.6, top: hex(0x3b3a72), low: hex(0xffb35c), cloud: hex(0xd86f6a), cover: 0.45 };
    sky.paint(canvas, seed);
    canvas.glow((0.55, 0.5), 0.5, hex(0xfff0b0), 0.9);
    canvas.ellipse((0.55, 0.5), (0.065, 0.065), hex(0xfff7cf));
    let hills =
        Ridge { low: 0.6, high: 0.38, pace: 1.7, detail: 4, crest: hex(0x5c4470), foot: hex(0x7a4a66), snow: None };
    hills.paint(canvas, seed ^ 0x11);
    lighthouse(canvas, 1.28, 0.62);
    water(canvas, 0.6, hex(0x3a3560), seed ^ 0x23);
    sailing_boat(canvas, (0.24, 0.72), 0.46, hex(0xf7ead2), hex(0x8a2f35));
    sailing_boat(canvas, (0.86, 0.68), 0.3, hex(0xf2c9a0), hex(0x2c4a6b));
    sailing_boat(canvas, (0.6, 0.63), 0.14, hex(0xffe9c4), hex(0x543140));
    canvas.rectangle(area(0.0, 0.93, canvas.aspect(), 1.0), Ink::Down(hex(0x6a4b3c), hex(0x3d2a26)));
    for index in 0..9 {
        let x = 0.08 + 0.175 * index as f32;
        canvas.cylinder(area(x, 0.86, x + 0.035, 0.97), hex(0x7b5a48));
    }
    for at in [(0.95, 0.17), (1.06, 0.22), (0.85, 0.12)] {
        gull(canvas, at, 0.07, hex(0x2e2850));
    }
}

/// A beach with a parasol, and kites above it.
pub(crate) fn beach(canvas: &mut Canvas, seed: u32) {
    let sky = Sky { horizon: 0.5, top: hex(0x3aa0e0), low: hex(0xd4f0f8), cloud: hex(0xffffff), cover: 0.3 };
    sky.paint(canvas, seed);
    canvas.paint(area(0.0, 0.5, canvas.aspect(), 0.75), |x, y, _| {
        let swell = wave(y * (30.0 - 22.0 * y) + fractal(seed, x * 3.0, y * 3.0, 2) * 1.5);
        hex(0x0f6f9f).mix(hex(0x4fc3c8), smooth(0.5, 0.72, y)).mix(hex(0xf4fcff), 0.5 * smooth(0.72, 1.0, swell))
    });
    let tide = |x: f32| 0.7 + 0.05 * wave(x * 0.7) + 0.02 * wave(x * 2.3);
    canvas.paint(area(0.0, 0.6, canvas.aspect(), 1.0), |x, y, under| {
        let grain = fractal(seed ^ 2, x * 18.0, y * 34.0, 4) - 0.5;
        let sand = hex(0xe9cf96).mix(hex(0xf7e6b8), smooth(0.7, 1.0, y)).lit(1.0 + 0.45 * grain);
        under
            .mix(hex(0xffffff), 1.0 - smooth(0.0, 0.03, tide(x) - y))
            .mix(sand, smooth(0.0, 0.012, y - tide(x) - 0.012))
    });
    parasol(canvas, (0.34, 0.92), 0.42);
    kite(canvas, (0.95, 0.2), 0.17, hex(0xe03f3f), hex(0xf6c33c));
    kite(canvas, (0.62, 0.12), 0.1, hex(0x3d6fd0), hex(0xf2f2f2));
    canvas.polygon(&[(0.75, 0.9), (1.2, 0.84), (1.27, 0.92), (0.8, 0.985)], Ink::Across(hex(0xd94f6a), hex(0xf094a0)));
    canvas.polygon(&[(0.85, 0.885), (0.92, 0.876), (0.975, 0.963), (0.9, 0.972)], hex(0xfbf3ea));
    canvas.shadow((1.1, 0.82), (0.11, 0.025), 0.4);
    canvas.ball((1.08, 0.76), (0.07, 0.07), hex(0x3fb36a));
}

/// A lighthouse on a stormy point.
pub(crate) fn storm(canvas: &mut Canvas, seed: u32) {
    let sky = Sky { horizon: 0.66, top: hex(0x394654), low: hex(0xa9b7bc), cloud: hex(0x5d6873), cover: 0.9 };
    sky.paint(canvas, seed);
    ground(canvas, 0.66, hex(0x4a6a70), hex(0x1f3c48), seed ^ 1);
    canvas.polygon(
        &[(-0.1, 1.0), (0.0, 0.62), (0.25, 0.56), (0.5, 0.66), (0.66, 0.8), (0.7, 1.0)],
        Ink::Down(hex(0x5a6048), hex(0x2b2c28)),
    );
    lighthouse(canvas, 0.26, 0.6);
    let mut dice = Dice::new(seed);
    for _ in 0..40 {
        let at = (dice.between(0.6, canvas.aspect()), dice.between(0.7, 1.0));
        canvas.ellipse(at, (dice.between(0.03, 0.1), 0.012), hex(0xe8f0f0));
    }
}

/// A striped tower with a light at the top, on its rock.
fn lighthouse(canvas: &mut Canvas, x: f32, foot: f32) {
    canvas
        .polygon(&[(x - 0.24, foot), (x - 0.1, foot - 0.07), (x + 0.1, foot - 0.08), (x + 0.26, foot)], hex(0x4a3a48));
    for band in 0..5 {
        let (top, half) = (foot - 0.44 + 0.075 * band as f32, 0.03 + 0.006 * band as f32);
        let colour = if band % 2 == 0 { hex(0xf6eee6) } else { hex(0xc43c3c) };
        canvas.cylinder(area(x - half, top, x + half, top + 0.078), colour);
    }
    canvas.glow((x, foot - 0.475), 0.16, hex(0xfff3a8), 0.9);
    canvas.rectangle(area(x - 0.042, foot - 0.448, x + 0.042, foot - 0.436), hex(0x2f2a38));
    canvas.rectangle(area(x - 0.022, foot - 0.5, x + 0.022, foot - 0.448), hex(0xfff6c4));
    canvas.polygon(&[(x - 0.036, foot - 0.5), (x, foot - 0.545), (x + 0.036, foot - 0.5)], hex(0x8e2c30));
}

/// A boat with two sails; `at` is the middle of its waterline.
fn sailing_boat(canvas: &mut Canvas, at: Point, height: f32, sail: Rgb, hull: Rgb) {
    let point = |across: f32, up: f32| (at.0 + across * height, at.1 - up * height);
    canvas.shadow((at.0, at.1 + height * 0.03), (height * 0.42, height * 0.09), 0.5);
    canvas.line(point(0.0, 0.05), point(0.0, 1.0), height * 0.022, hex(0x4a342c));
    canvas.polygon(&[point(0.03, 0.96), point(0.33, 0.24), point(0.03, 0.2)], Ink::Across(sail, sail.lit(0.78)));
    canvas.polygon(
        &[point(-0.03, 0.86), point(-0.26, 0.26), point(-0.03, 0.22)],
        Ink::Across(sail.lit(0.7), sail.lit(0.92)),
    );
    canvas.polygon(
        &[point(-0.36, 0.15), point(0.4, 0.17), point(0.28, 0.0), point(-0.26, 0.0)],
        Ink::Down(hull, hull.lit(0.6)),
    );
    canvas.line(point(-0.35, 0.145), point(0.39, 0.165), height * 0.02, hex(0xf3e4cc));
}

/// A striped parasol planted at `foot`.
fn parasol(canvas: &mut Canvas, foot: Point, height: f32) {
    let top = (foot.0 + height * 0.12, foot.1 - height);
    canvas.shadow((foot.0 + 0.1, foot.1), (height * 0.7, 0.035), 0.45);
    canvas.line(foot, top, 0.014, hex(0xf5f0e6));
    for stripe in 0..6 {
        let edge = |index: f32| {
            (top.0 + height * (index - 3.0) * 0.25, top.1 + height * (0.36 + 0.012 * (index - 3.0) * (index - 3.0)))
        };
        let colour = if stripe % 2 == 0 { hex(0xe24a3b) } else { hex(0xfdf8ee) };
        let (from, to) = (edge(stripe as f32), edge(stripe as f32 + 1.0));
        let shoulder = |end: Point| (top.0 + (end.0 - top.0) * 0.68, top.1 + height * 0.11);
        canvas.polygon(&[top, shoulder(from), from, to, shoulder(to)], colour.lit(1.04 - 0.05 * stripe as f32));
    }
}

/// A kite with its tail.
fn kite(canvas: &mut Canvas, at: Point, size: f32, first: Rgb, second: Rgb) {
    let (tip, side, other, tail) =
        ((at.0, at.1 - size * 0.6), (at.0 + size * 0.5, at.1), (at.0 - size * 0.5, at.1), (at.0, at.1 + size));
    canvas.polygon(&[tip, side, at], first);
    canvas.polygon(&[tip, other, at], second);
    canvas.polygon(&[tail, side, at], second);
    canvas.polygon(&[tail, other, at], first);
    let mut knot = tail;
    for hour in [5, 7, 5, 6, 7] {
        let next = (knot.0 + CLOCK[hour].0 * size * 0.25, knot.1 + CLOCK[hour].1 * size * 0.25);
        canvas.line(knot, next, size * 0.03, hex(0x4a4a55));
        canvas.ellipse(next, (size * 0.06, size * 0.035), first);
        knot = next;
    }
}
