//! Hills, mountains and woods.

use super::scenery::{Ridge, Sky, blades, fir, ground, leafy, water};
use crate::demo::canvas::{Canvas, area, hex};
use crate::demo::noise::{Dice, fractal, smooth};

/// A lake between mountains at night, with the moon and its reflection.
pub(crate) fn mountain_lake(canvas: &mut Canvas, seed: u32) {
    let sky = Sky { horizon: 0.66, top: hex(0x0f1b3d), low: hex(0x6c86b8), cloud: hex(0x8d9cc4), cover: 0.25 };
    sky.paint(canvas, seed);
    let mut dice = Dice::new(seed);
    for _ in 0..70 {
        let star = (dice.between(0.0, canvas.aspect()), dice.between(0.0, 0.4));
        canvas.glow(star, dice.between(0.006, 0.014), hex(0xffffff), 0.9);
    }
    canvas.glow((0.34, 0.19), 0.34, hex(0xdfe6ff), 0.7);
    canvas.ellipse((0.34, 0.19), (0.075, 0.075), hex(0xfbf6df));
    canvas.ellipse((0.36, 0.17), (0.018, 0.015), hex(0xe2dbc2));
    canvas.ellipse((0.32, 0.21), (0.024, 0.02), hex(0xe6dfc6));
    let far = Ridge {
        low: 0.6,
        high: 0.16,
        pace: 2.1,
        detail: 6,
        crest: hex(0x7d8db5),
        foot: hex(0x576a97),
        snow: Some(0.36),
    };
    far.paint(canvas, seed ^ 0x23);
    let near =
        Ridge { low: 0.68, high: 0.4, pace: 1.5, detail: 6, crest: hex(0x2d4161), foot: hex(0x1c2c45), snow: None };
    near.paint(canvas, seed ^ 0x31);
    for _ in 0..34 {
        let x = dice.between(0.55, canvas.aspect());
        fir(canvas, (x, 0.665), dice.between(0.08, 0.2) * smooth(0.5, 1.0, x), hex(0x173238));
    }
    water(canvas, 0.66, hex(0x142440), seed ^ 0x47);
    for (x, tall) in [(0.03, 0.5), (0.16, 0.62), (0.29, 0.4)] {
        fir(canvas, (x, 1.03), tall, hex(0x0d211f));
    }
    blades(canvas, 1.0, 0.12, hex(0x162b26), seed ^ 0x53);
}

/// Fields and lone trees on a bright day.
pub(crate) fn green_hills(canvas: &mut Canvas, seed: u32) {
    let sky = Sky { horizon: 0.6, top: hex(0x3f8fd8), low: hex(0xcfe7f5), cloud: hex(0xffffff), cover: 0.62 };
    sky.paint(canvas, seed);
    let layers = [(0.58, 0.4, 0x7fb2a0, 0x9cc48e), (0.74, 0.48, 0x6fad4e, 0xa8c860), (0.92, 0.66, 0x4b8f35, 0x7fb43c)];
    for (index, (low, high, crest, foot)) in layers.into_iter().enumerate() {
        let seed = seed + index as u32 * 17;
        let hill = Ridge { low, high, pace: 1.4, detail: 2, crest: hex(crest), foot: hex(foot), snow: None };
        hill.paint(canvas, seed);
        let mut dice = Dice::new(seed);
        for _ in 0..6 {
            let x = dice.between(0.0, canvas.aspect());
            let foot = (x, hill.crest_at(seed, x) + 0.02);
            leafy(canvas, foot, 0.08 + 0.07 * index as f32, hex(0x4f8a33), seed ^ x.to_bits());
        }
    }
    farmhouse(canvas);
    blades(canvas, 1.0, 0.1, hex(0x5c9a35), seed ^ 3);
}

/// White peaks above a dark wood.
pub(crate) fn snowy_peaks(canvas: &mut Canvas, seed: u32) {
    let sky = Sky { horizon: 0.7, top: hex(0x5a9bd6), low: hex(0xf6ddc9), cloud: hex(0xfff3e6), cover: 0.2 };
    sky.paint(canvas, seed);
    let peaks = [
        [(0.1, 0.78), (0.58, 0.12), (1.15, 0.78)],
        [(-0.3, 0.8), (0.12, 0.33), (0.6, 0.8)],
        [(0.75, 0.8), (1.12, 0.27), (1.6, 0.8)],
    ];
    for [left, top, right] in peaks {
        let jag = |x: f32, y: f32| 0.1 * (fractal(seed, x * 7.0, y * 7.0, 4) - 0.5);
        canvas.paint(area(left.0, top.1 - 0.05, right.0, 0.8), |x, y, under| {
            let down = (y + jag(x, y) - top.1) / (left.1 - top.1);
            let edge = top.0 + jag(y, x) * 1.4;
            let lit = x < edge + 0.25 * jag(x * 2.0, y);
            let reach = if x < top.0 { top.0 - left.0 } else { right.0 - top.0 };
            if (x - top.0).abs() > reach * down {
                return under;
            }
            let rock = smooth(0.5, 0.62, fractal(seed ^ 5, x * 8.0, y * 5.0, 4) * 0.75 + 0.35 * down);
            let snow = if lit { hex(0xfffbf5) } else { hex(0x9fb6d8) };
            snow.mix(if lit { hex(0x8d7d78) } else { hex(0x4b5878) }, rock)
        });
    }
    ground(canvas, 0.78, hex(0xe9eff7), hex(0xc9d6e8), seed ^ 6);
    let mut dice = Dice::new(seed);
    for row in 0..3 {
        for _ in 0..16 {
            let x = dice.between(0.0, canvas.aspect());
            let foot = 0.8 + 0.05 * row as f32;
            fir(canvas, (x, foot + dice.between(0.0, 0.04)), dice.between(0.12, 0.22), hex(0x2c4f4a));
        }
    }
}

/// A path through a wood in autumn.
pub(crate) fn autumn_wood(canvas: &mut Canvas, seed: u32) {
    canvas.paint(canvas.everything(), |x, y, _| {
        let leaves = fractal(seed, x * 9.0, y * 9.0, 4);
        hex(0xfbe9b0).mix(hex(0xd98a35), smooth(0.35, 0.7, leaves)).lit(1.06 - 0.3 * y)
    });
    canvas.glow((0.62, 0.3), 0.5, hex(0xfffbe2), 0.9);
    ground(canvas, 0.66, hex(0xc98a3f), hex(0x8a4a20), seed ^ 1);
    path(canvas, seed);
    let trees = [
        (0.2, 0.7, 0.5, 0xd07a2a),
        (0.82, 0.69, 0.46, 0xd89a30),
        (0.45, 0.68, 0.36, 0xe0b040),
        (1.02, 0.76, 0.8, 0xb84a22),
        (0.06, 0.83, 0.95, 0xc25520),
        (0.33, 0.76, 0.62, 0xe29c2c),
    ];
    for (index, (x, foot, height, colour)) in trees.into_iter().enumerate() {
        canvas.shadow((x - 0.1, foot), (height * 0.3, 0.03), 0.5);
        leafy(canvas, (x * canvas.aspect(), foot), height, hex(colour), seed + index as u32);
    }
    let mut dice = Dice::new(seed);
    for _ in 0..150 {
        let (x, y) = (dice.between(0.0, canvas.aspect()), dice.between(0.7, 1.0));
        let colour = dice.pick(&[0xe8a030, 0xc84a20, 0xf0c850, 0xa03a1c]);
        canvas.ellipse((x, y), (0.012, 0.007), hex(colour));
    }
}

/// The path, narrower with distance.
fn path(canvas: &mut Canvas, seed: u32) {
    canvas.paint(area(0.0, 0.66, canvas.aspect(), 1.0), |x, y, under| {
        let near = (y - 0.66) / 0.34;
        let middle = 0.62 + 0.1 * near * (1.0 - near) * 4.0 - 0.12 * near;
        let off = (x - middle).abs() + 0.03 * (fractal(seed, x * 20.0, y * 20.0, 2) - 0.5);
        let part = 1.0 - smooth(0.0, 0.02, off - 0.02 - 0.2 * near);
        under.mix(hex(0xe3cda0).lit(0.85 + 0.3 * fractal(seed, x * 30.0, y * 60.0, 2)), part)
    });
}

/// A small house with a red roof, in the middle distance.
fn farmhouse(canvas: &mut Canvas) {
    canvas.shadow((0.86, 0.735), (0.16, 0.03), 0.4);
    canvas.rectangle(area(0.76, 0.61, 0.94, 0.73), hex(0xf5ecd8));
    canvas.polygon(&[(0.73, 0.62), (0.79, 0.52), (0.91, 0.52), (0.97, 0.62)], hex(0xb8402f));
    canvas.rectangle(area(0.82, 0.66, 0.86, 0.73), hex(0x6b4630));
    for left in [0.775, 0.885] {
        canvas.rectangle(area(left, 0.65, left + 0.03, 0.685), hex(0x4f6f8f));
    }
}
