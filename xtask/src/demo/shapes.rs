//! The shapes that scenes are made of: flat ones, and round ones with light from the upper left.

use super::canvas::{Area, Canvas, Rgb, area, hex};
use super::noise::{blend, smooth};

/// A position on the canvas.
pub(crate) type Point = (f32, f32);

/// What a shape is filled with.
#[derive(Clone, Copy)]
pub(crate) enum Ink {
    /// One colour.
    Flat(Rgb),
    /// One colour at the top of the shape, turning into another at its bottom.
    Down(Rgb, Rgb),
    /// One colour at the left of the shape, turning into another at its right.
    Across(Rgb, Rgb),
}

impl From<Rgb> for Ink {
    fn from(colour: Rgb) -> Self {
        Self::Flat(colour)
    }
}

impl Ink {
    fn at(self, x: f32, y: f32, bounds: Area) -> Rgb {
        match self {
            Self::Flat(colour) => colour,
            Self::Down(top, bottom) => {
                top.mix(bottom, ((y - bounds.top) / (bounds.bottom - bounds.top)).clamp(0.0, 1.0))
            }
            Self::Across(left, right) => {
                left.mix(right, ((x - bounds.left) / (bounds.right - bounds.left)).clamp(0.0, 1.0))
            }
        }
    }
}

/// Twelve directions, as on a clock face: the sines of multiples of 30 degrees.
pub(crate) const CLOCK: [Point; 12] = [
    (0.0, -1.0),
    (0.5, -0.866_025_4),
    (0.866_025_4, -0.5),
    (1.0, 0.0),
    (0.866_025_4, 0.5),
    (0.5, 0.866_025_4),
    (0.0, 1.0),
    (-0.5, 0.866_025_4),
    (-0.866_025_4, 0.5),
    (-1.0, 0.0),
    (-0.866_025_4, -0.5),
    (-0.5, -0.866_025_4),
];

impl Canvas {
    /// A rectangle.
    pub(crate) fn rectangle(&mut self, place: Area, ink: impl Into<Ink>) {
        let ink = ink.into();
        self.paint(place, |x, y, under| {
            let inside = x >= place.left && x < place.right && y >= place.top && y < place.bottom;
            if inside { ink.at(x, y, place) } else { under }
        });
    }

    /// An ellipse.
    pub(crate) fn ellipse(&mut self, centre: Point, radii: Point, ink: impl Into<Ink>) {
        let (ink, bounds) = (ink.into(), around(centre, radii));
        self.paint(
            bounds,
            |x, y, under| {
                if distance(x, y, centre, radii) < 1.0 { ink.at(x, y, bounds) } else { under }
            },
        );
    }

    /// A polygon, which may be concave.
    pub(crate) fn polygon(&mut self, corners: &[Point], ink: impl Into<Ink>) {
        let (ink, bounds) = (ink.into(), bounds(corners));
        self.paint(bounds, |x, y, under| if encloses(corners, x, y) { ink.at(x, y, bounds) } else { under });
    }

    /// A line with round ends.
    pub(crate) fn line(&mut self, from: Point, to: Point, width: f32, colour: Rgb) {
        let (along_x, along_y) = (to.0 - from.0, to.1 - from.1);
        let length_squared = (along_x * along_x + along_y * along_y).max(1e-12);
        let half = width / 2.0;
        let within = grown(bounds(&[from, to]), half);
        self.paint(within, |x, y, under| {
            let part = (((x - from.0) * along_x + (y - from.1) * along_y) / length_squared).clamp(0.0, 1.0);
            let (off_x, off_y) = (x - from.0 - part * along_x, y - from.1 - part * along_y);
            if off_x * off_x + off_y * off_y < half * half { colour } else { under }
        });
    }

    /// A leaf or petal: an ellipse that starts at `root` and points along `direction`, a unit vector.
    pub(crate) fn petal(&mut self, root: Point, direction: Point, length: f32, width: f32, colour: Rgb) {
        let tip = (root.0 + direction.0 * length, root.1 + direction.1 * length);
        let middle = (blend(root.0, tip.0, 0.5), blend(root.1, tip.1, 0.5));
        self.paint(grown(bounds(&[root, tip]), width), |x, y, under| {
            let (off_x, off_y) = (x - middle.0, y - middle.1);
            let along = (off_x * direction.0 + off_y * direction.1) / (length / 2.0);
            let across = (off_x * direction.1 - off_y * direction.0) / (width / 2.0);
            let inside = along * along + across * across < 1.0;
            if inside { colour.lit(0.92 + 0.16 * along + 0.1 * across) } else { under }
        });
    }

    /// A ball, or an egg: shaded, with a highlight.
    pub(crate) fn ball(&mut self, centre: Point, radii: Point, colour: Rgb) {
        self.paint(around(centre, radii), |x, y, under| {
            let (across, down) = ((x - centre.0) / radii.0, (y - centre.1) / radii.1);
            let rest = 1.0 - across * across - down * down;
            if rest <= 0.0 {
                return under;
            }
            let light = (0.62 * rest.sqrt() - 0.48 * across - 0.62 * down).max(0.0);
            let shine = smooth(0.955, 1.0, light);
            colour.lit(0.42 + 0.72 * light).mix(hex(0xffffff), 0.75 * shine)
        });
    }

    /// An upright cylinder: shaded across, the rest is up to what stands on it.
    pub(crate) fn cylinder(&mut self, place: Area, colour: Rgb) {
        self.paint(place, |x, y, under| {
            let across = (x - place.left) / (place.right - place.left);
            if !(0.0..1.0).contains(&across) || y < place.top || y >= place.bottom {
                return under;
            }
            let lit = 1.0 - (across - 0.3) * (across - 0.3) * 2.1;
            colour.lit(0.35 + 0.75 * lit.max(0.0))
        });
    }

    /// A soft dark patch, as lies under things.
    pub(crate) fn shadow(&mut self, centre: Point, radii: Point, strength: f32) {
        self.paint(around(centre, radii), |x, y, under| {
            let part = 1.0 - smooth(0.35, 1.0, distance(x, y, centre, radii).sqrt());
            under.lit(1.0 - strength * part)
        });
    }

    /// A soft patch of light.
    pub(crate) fn glow(&mut self, centre: Point, radius: f32, colour: Rgb, strength: f32) {
        let radii = (radius, radius);
        self.paint(around(centre, radii), |x, y, under| {
            let part = 1.0 - smooth(0.0, 1.0, distance(x, y, centre, radii).sqrt());
            under.mix(colour, strength * part * part)
        });
    }
}

/// The squared distance from an ellipse's centre, where 1 is its rim.
fn distance(x: f32, y: f32, centre: Point, radii: Point) -> f32 {
    let (across, down) = ((x - centre.0) / radii.0, (y - centre.1) / radii.1);
    across * across + down * down
}

fn around(centre: Point, radii: Point) -> Area {
    area(centre.0 - radii.0, centre.1 - radii.1, centre.0 + radii.0, centre.1 + radii.1)
}

fn bounds(corners: &[Point]) -> Area {
    let nothing = area(f32::MAX, f32::MAX, f32::MIN, f32::MIN);
    corners.iter().fold(nothing, |so_far, &(x, y)| {
        area(so_far.left.min(x), so_far.top.min(y), so_far.right.max(x), so_far.bottom.max(y))
    })
}

fn grown(place: Area, by: f32) -> Area {
    area(place.left - by, place.top - by, place.right + by, place.bottom + by)
}

/// Whether a polygon encloses a point: a ray to the right crosses its outline an odd number of times.
fn encloses(corners: &[Point], x: f32, y: f32) -> bool {
    let mut inside = false;
    let mut previous = corners[corners.len() - 1];
    for &corner in corners {
        if (corner.1 > y) != (previous.1 > y) {
            let part = (y - corner.1) / (previous.1 - corner.1);
            if x < blend(corner.0, previous.0, part) {
                inside = !inside;
            }
        }
        previous = corner;
    }
    inside
}
