//! The kitchen.

use super::scenery::table;
use crate::demo::canvas::{Area, Canvas, Rgb, area, hex};
use crate::demo::noise::{blend, wave};
use crate::demo::shapes::{CLOCK, Ink, Point};

/// A kitchen table: a vase of flowers, a bowl of fruit, a jug, and a tiled wall.
pub(crate) fn kitchen(canvas: &mut Canvas, seed: u32) {
    tiles(canvas);
    window(canvas, area(0.84, 0.06, 1.22, 0.5));
    table(canvas, 0.66, hex(0xb98252), seed);
    cloth(canvas, 0.74);
    canvas.shadow((0.36, 0.8), (0.2, 0.05), 0.6);
    bouquet(canvas, (0.3, 0.5));
    vase(canvas, (0.3, 0.8), 0.34, hex(0x3f6fb5));
    canvas.shadow((0.86, 0.86), (0.34, 0.06), 0.6);
    for (at, radius, colour) in [
        ((0.68, 0.66), 0.075, 0xd83a30),
        ((0.82, 0.63), 0.08, 0xf09a28),
        ((0.95, 0.67), 0.07, 0x8fb83a),
        ((0.75, 0.7), 0.07, 0xf2c230),
        ((0.89, 0.71), 0.068, 0xc92f44),
    ] {
        canvas.ball(at, (radius, radius), hex(colour));
    }
    bowl(canvas, (0.81, 0.72), 0.23, hex(0xf0e8da));
    canvas.shadow((0.53, 0.93), (0.1, 0.03), 0.5);
    canvas.ball((0.5, 0.87), (0.07, 0.065), hex(0xe97a2a));
    canvas.line((0.5, 0.81), (0.515, 0.785), 0.01, hex(0x4d3a20));
}

fn tiles(canvas: &mut Canvas) {
    canvas.paint(canvas.everything(), |x, y, _| {
        let (across, down) = (x * 7.0, y * 7.0);
        let (column, row) = (across.floor(), down.floor());
        let seam = (across - column).min(down - row) < 0.06;
        let dark = (column + row) * 0.5 == ((column + row) * 0.5).floor();
        let tile = if dark { hex(0xdce6e2) } else { hex(0xf3efe4) };
        if seam { hex(0xb8b4a8) } else { tile.lit(1.02 - 0.22 * y) }
    });
}

fn window(canvas: &mut Canvas, frame: Area) {
    canvas.rectangle(frame, hex(0xfbf8f0));
    let (middle, half) = ((frame.left + frame.right) / 2.0, (frame.top + frame.bottom) / 2.0);
    for (left, right) in [(frame.left, middle), (middle, frame.right)] {
        for (top, bottom) in [(frame.top, half), (half, frame.bottom)] {
            let pane = area(left + 0.018, top + 0.018, right - 0.018, bottom - 0.018);
            canvas.rectangle(pane, Ink::Down(hex(0x5fa0d8), hex(0x8fc0a0)));
        }
    }
}

/// A checked cloth hanging over the front of the table.
fn cloth(canvas: &mut Canvas, top: f32) {
    canvas.paint(area(0.08, top, 1.2, 1.0), |x, y, under| {
        let depth = y - top;
        if x < 0.2 - 0.35 * depth || x > 1.08 + 0.35 * depth {
            return under;
        }
        let across = wave((x - 0.64) / (0.5 + depth) * 5.0) > 0.0;
        let down = wave(depth * (16.0 - 14.0 * depth)) > 0.0;
        match (across, down) {
            (true, true) => hex(0xb53a40),
            (false, false) => hex(0xf6f0e6),
            _ => hex(0xd98f8a),
        }
    });
}

/// A vase: its half width is given at even steps from the rim down, and blended between them.
fn vase(canvas: &mut Canvas, foot: Point, height: f32, colour: Rgb) {
    let profile = [0.2, 0.17, 0.16, 0.19, 0.26, 0.33, 0.37, 0.38, 0.36, 0.31, 0.25, 0.2, 0.21];
    let slices = 120;
    for index in 0..slices {
        let part = index as f32 / slices as f32;
        let at = part * (profile.len() - 1) as f32;
        let (above, below) = (profile[at as usize], profile[at as usize + 1]);
        let half = blend(above, below, at - at.floor()) * height;
        let top = foot.1 - height * (1.0 - part);
        let banded = (0.42..0.5).contains(&part) || (0.74..0.78).contains(&part);
        let glaze = if banded { hex(0xf2ead8) } else { colour };
        canvas.cylinder(area(foot.0 - half, top, foot.0 + half, top + height * 0.012), glaze);
    }
}

/// Flowers whose stalks meet at `at`.
fn bouquet(canvas: &mut Canvas, at: Point) {
    for (across, up, colour) in [
        (-0.17, 0.18, 0xf25f7a),
        (0.15, 0.2, 0xf7c83a),
        (-0.04, 0.32, 0xf4f0fa),
        (-0.2, 0.36, 0xf09a3a),
        (0.11, 0.4, 0xd05fb8),
    ] {
        let bloom = (at.0 + across, at.1 - up);
        canvas.line(at, bloom, 0.014, hex(0x3f7a3a));
        canvas.petal(
            (at.0 + across * 0.5, at.1 - up * 0.5),
            CLOCK[if across < 0.0 { 10 } else { 2 }],
            0.1,
            0.045,
            hex(0x569a48),
        );
        for direction in CLOCK {
            canvas.petal(bloom, direction, 0.085, 0.045, hex(colour));
        }
        canvas.ball(bloom, (0.03, 0.03), hex(0x7a4a1c));
    }
}

/// The front half of a bowl, whose rim is centred on `at`.
fn bowl(canvas: &mut Canvas, at: Point, half: f32, colour: Rgb) {
    canvas.paint(area(at.0 - half, at.1, at.0 + half, at.1 + half * 0.75), |x, y, under| {
        let (across, down) = ((x - at.0) / half, (y - at.1) / (half * 0.7));
        if across * across + down * down * down.abs() >= 1.0 {
            return under;
        }
        let band = (0.12..0.24).contains(&down);
        let glaze = if band { hex(0x3f6fb5) } else { colour };
        glaze.lit(1.02 - 0.3 * (across + 0.35) * (across + 0.35) - 0.25 * down)
    });
}
