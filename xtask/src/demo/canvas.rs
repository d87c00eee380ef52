//! The canvas that every picture is painted on.
//!
//! Scenes use one unit for both axes: the height of the picture. So `y` runs from 0 at the top to 1 at the
//! bottom and `x` from 0 to [`Canvas::aspect`], whatever the size in pixels. Shapes have hard edges; the
//! canvas is kept [`FINE`] times finer in both directions and averaged at the end, which smooths them.

use image::RgbImage;

/// How many fine pixels make the side of one pixel of the finished picture.
const FINE: u32 = 3;

/// A colour; each part runs from 0 to 1.
#[derive(Clone, Copy)]
pub(crate) struct Rgb {
    red: f32,
    green: f32,
    blue: f32,
}

/// The colour written `0xRRGGBB`.
pub(crate) const fn hex(code: u32) -> Rgb {
    Rgb {
        red: ((code >> 16) & 255) as f32 / 255.0,
        green: ((code >> 8) & 255) as f32 / 255.0,
        blue: (code & 255) as f32 / 255.0,
    }
}

impl Rgb {
    /// The colour `part` of the way from this one to `other`.
    pub(crate) fn mix(self, other: Self, part: f32) -> Self {
        Self {
            red: self.red + (other.red - self.red) * part,
            green: self.green + (other.green - self.green) * part,
            blue: self.blue + (other.blue - self.blue) * part,
        }
    }

    /// This colour with its light multiplied by `factor`; above 1 it is brighter.
    pub(crate) fn lit(self, factor: f32) -> Self {
        Self { red: self.red * factor, green: self.green * factor, blue: self.blue * factor }
    }

    fn add(self, other: Self) -> Self {
        Self { red: self.red + other.red, green: self.green + other.green, blue: self.blue + other.blue }
    }

    fn to_bytes(self) -> [u8; 3] {
        [self.red, self.green, self.blue].map(|part| (part.clamp(0.0, 1.0) * 255.0 + 0.5) as u8)
    }
}

/// A rectangle of the canvas.
#[derive(Clone, Copy)]
pub(crate) struct Area {
    pub(crate) left: f32,
    pub(crate) top: f32,
    pub(crate) right: f32,
    pub(crate) bottom: f32,
}

/// The rectangle between two corners.
pub(crate) const fn area(left: f32, top: f32, right: f32, bottom: f32) -> Area {
    Area { left, top, right, bottom }
}

/// A picture being painted.
#[derive(Clone)]
pub(crate) struct Canvas {
    width: u32,
    height: u32,
    fine: Vec<Rgb>,
}

impl Canvas {
    /// An empty canvas of one colour, for a picture of `width` × `height` pixels.
    pub(crate) fn new(width: u32, height: u32, ground: Rgb) -> Self {
        let fine = vec![ground; (width * FINE * height * FINE) as usize];
        Self { width, height, fine }
    }

    /// The width of the picture in units of its height.
    pub(crate) fn aspect(&self) -> f32 {
        self.width as f32 / self.height as f32
    }

    /// The whole canvas.
    pub(crate) fn everything(&self) -> Area {
        area(0.0, 0.0, self.aspect(), 1.0)
    }

    /// Replaces each point of `within` by what `brush` makes of its `x`, its `y` and the colour there.
    pub(crate) fn paint(&mut self, within: Area, brush: impl Fn(f32, f32, Rgb) -> Rgb) {
        let unit = (self.height * FINE) as f32;
        let columns = span(within.left, within.right, unit, self.width * FINE);
        let rows = span(within.top, within.bottom, unit, self.height * FINE);
        for row in rows {
            let y = (row as f32 + 0.5) / unit;
            for column in columns.clone() {
                let x = (column as f32 + 0.5) / unit;
                let point = &mut self.fine[(row * self.width * FINE + column) as usize];
                *point = brush(x, y, *point);
            }
        }
    }

    /// The colour at a point; a point outside is taken from the nearest edge.
    pub(crate) fn colour_at(&self, x: f32, y: f32) -> Rgb {
        let unit = (self.height * FINE) as f32;
        let column = ((x * unit).max(0.0) as u32).min(self.width * FINE - 1);
        let row = ((y * unit).max(0.0) as u32).min(self.height * FINE - 1);
        self.fine[(row * self.width * FINE + column) as usize]
    }

    /// The finished picture: each pixel is the average of its fine ones.
    pub(crate) fn finish(&self) -> RgbImage {
        RgbImage::from_fn(self.width, self.height, |x, y| {
            let mut sum = hex(0);
            for row in y * FINE..(y + 1) * FINE {
                for column in x * FINE..(x + 1) * FINE {
                    sum = sum.add(self.fine[(row * self.width * FINE + column) as usize]);
                }
            }
            image::Rgb(sum.lit(1.0 / (FINE * FINE) as f32).to_bytes())
        })
    }
}

/// The fine pixels between two positions, kept inside the canvas.
fn span(from: f32, to: f32, unit: f32, limit: u32) -> std::ops::Range<u32> {
    let first = (from * unit).max(0.0) as u32;
    let past = ((to * unit).max(0.0) as u32).saturating_add(1);
    first.min(limit)..past.min(limit)
}
