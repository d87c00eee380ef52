//! What several scenes share: skies, ridges, water, ground, trees and tables.

use crate::demo::canvas::{Canvas, Rgb, area, hex};
use crate::demo::noise::{Dice, blend, fractal, smooth, wave};
use crate::demo::shapes::Point;

/// A sky with clouds, from the top of the canvas down to `horizon`.
pub(super) struct Sky {
    pub(super) horizon: f32,
    pub(super) top: Rgb,
    pub(super) low: Rgb,
    pub(super) cloud: Rgb,
    /// How much of the sky the clouds cover, from 0 to 1.
    pub(super) cover: f32,
}

impl Sky {
    /// Paints the sky; `seed` shapes the clouds.
    pub(super) fn paint(&self, canvas: &mut Canvas, seed: u32) {
        let start = 0.72 - 0.42 * self.cover;
        canvas.paint(area(0.0, 0.0, canvas.aspect(), self.horizon), |x, y, _| {
            let billows = fractal(seed, x * 2.6, y * 6.5, 5);
            let part = smooth(start, start + 0.24, billows);
            let shade = 0.86 + 0.22 * fractal(seed ^ 1, x * 3.0, y * 8.0 + 0.4, 4);
            self.top.mix(self.low, smooth(0.0, self.horizon, y)).mix(self.cloud.lit(shade), 0.92 * part)
        });
    }
}

/// A layer of hills or mountains.
pub(super) struct Ridge {
    /// The height on the canvas of its lowest and its highest possible points.
    pub(super) low: f32,
    pub(super) high: f32,
    /// Peaks per unit of width, roughly.
    pub(super) pace: f32,
    /// How jagged it is: the number of octaves of its outline.
    pub(super) detail: u32,
    pub(super) crest: Rgb,
    pub(super) foot: Rgb,
    /// Where the snow ends, if there is any.
    pub(super) snow: Option<f32>,
}

impl Ridge {
    /// Paints the ridge down to the bottom of the canvas.
    pub(super) fn paint(&self, canvas: &mut Canvas, seed: u32) {
        canvas.paint(area(0.0, self.high, canvas.aspect(), 1.0), |x, y, under| {
            let crest = self.crest_at(seed, x);
            if y < crest {
                return under;
            }
            let slope = fractal(seed ^ 7, x * 9.0 + 0.25, y * 6.0, 4) - fractal(seed ^ 7, x * 9.0, y * 6.0, 4);
            let ground = self.crest.mix(self.foot, smooth(self.high, self.low + 0.1, y));
            let covered = self.snow.map_or(ground, |line| {
                let ragged = line + 0.16 * (fractal(seed ^ 9, x * 11.0, y * 4.0, 3) - 0.5);
                ground.mix(hex(0xf4f7fb), 1.0 - smooth(ragged - 0.02, ragged + 0.02, y))
            });
            covered.lit(1.0 + 1.5 * slope)
        });
    }

    /// Where the outline is at `x`.
    pub(super) fn crest_at(&self, seed: u32, x: f32) -> f32 {
        let rise = smooth(0.12, 0.88, fractal(seed, x * self.pace, 0.0, self.detail));
        blend(self.low, self.high, rise)
    }
}

/// Water from `shore` to the bottom: a rippled, tinted reflection of what is above.
pub(super) fn water(canvas: &mut Canvas, shore: f32, tint: Rgb, seed: u32) {
    let above = canvas.clone();
    canvas.paint(area(0.0, shore, canvas.aspect(), 1.0), |x, y, _| {
        let depth = y - shore;
        let ripple = fractal(seed, x * 5.0, y * 46.0 / (0.6 + depth), 3) - 0.5;
        let mirrored = above.colour_at(x + ripple * 0.05, shore - depth * 1.05 + ripple * (0.03 + 0.16 * depth));
        mirrored.mix(tint, 0.22 + 0.35 * depth).lit(1.0 + 0.75 * ripple)
    });
}

/// Grass or sand: mottled ground from `top` to the bottom.
pub(super) fn ground(canvas: &mut Canvas, top: f32, far: Rgb, near: Rgb, seed: u32) {
    canvas.paint(area(0.0, top, canvas.aspect(), 1.0), |x, y, _| {
        let tufts = fractal(seed, x * 16.0, y * 30.0, 4) - 0.5;
        far.mix(near, smooth(top, 1.0, y)).lit(1.0 + 0.7 * tufts)
    });
}

/// A fir tree whose trunk stands at `foot`.
pub(super) fn fir(canvas: &mut Canvas, foot: Point, height: f32, colour: Rgb) {
    let (x, y) = foot;
    canvas.rectangle(area(x - height * 0.03, y - height * 0.2, x + height * 0.03, y), hex(0x4a3527));
    for (tier, reach) in [(0.12, 0.27), (0.34, 0.21), (0.56, 0.15)] {
        let (base, half) = (y - height * tier, height * reach);
        let tip = (x, base - height * 0.44);
        canvas.polygon(&[tip, (x + half, base), (x, base - height * 0.05)], colour.lit(0.72));
        canvas.polygon(&[tip, (x - half, base), (x, base - height * 0.05)], colour.lit(1.08));
    }
}

/// A round, leafy tree whose trunk stands at `foot`.
pub(super) fn leafy(canvas: &mut Canvas, foot: Point, height: f32, colour: Rgb, seed: u32) {
    let (x, y) = foot;
    let trunk = hex(0x5b4030);
    canvas.line(foot, (x, y - height * 0.55), height * 0.075, trunk);
    canvas.line((x, y - height * 0.3), (x + height * 0.16, y - height * 0.55), height * 0.04, trunk);
    let mut dice = Dice::new(seed);
    for step in 0..26 {
        let part = step as f32 / 26.0;
        let (across, up) = (dice.between(-0.26, 0.26), dice.between(0.5, 0.9));
        let spread = 1.0 - (up - 0.68) * (up - 0.68) * 9.0;
        let centre = (x + across * spread * height, y - up * height);
        let radius = height * dice.between(0.07, 0.13);
        canvas.ellipse(centre, (radius, radius), colour.lit(0.68 + 0.3 * part + 0.35 * (up - 0.7) - 0.4 * across));
    }
}

/// Reeds, grass blades or stalks along the bottom edge.
pub(super) fn blades(canvas: &mut Canvas, root: f32, tall: f32, colour: Rgb, seed: u32) {
    let mut dice = Dice::new(seed);
    let count = (canvas.aspect() * 60.0) as usize;
    for _ in 0..count {
        let x = dice.between(0.0, canvas.aspect());
        let tip = (x + dice.between(-0.03, 0.03), root - tall * dice.between(0.35, 1.0));
        canvas.line((x, root + 0.02), tip, 0.007, colour.lit(dice.between(0.6, 1.3)));
    }
}

/// A gull far away: two bent wings.
pub(super) fn gull(canvas: &mut Canvas, at: Point, span: f32, colour: Rgb) {
    for side in [-1.0, 1.0] {
        let mut previous = at;
        for step in 1..=4 {
            let part = step as f32 / 4.0;
            let next = (at.0 + side * span * part / 2.0, at.1 - wave(part * 0.4) * span * 0.22);
            canvas.line(previous, next, span * 0.07, colour);
            previous = next;
        }
    }
}

/// A wooden table top from `edge` down.
pub(super) fn table(canvas: &mut Canvas, edge: f32, wood: Rgb, seed: u32) {
    canvas.paint(area(0.0, edge, canvas.aspect(), 1.0), |x, y, _| {
        let grain = fractal(seed, x * 2.5, y * 34.0, 3) - 0.5;
        let rim = if y < edge + 0.015 { 1.25 } else { 1.0 };
        wood.lit((1.08 - 0.3 * (y - edge) + 0.4 * grain) * rim)
    });
}
