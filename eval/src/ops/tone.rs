//! Brightness, contrast, colour.

use image::RgbImage;

/// Each sample through a curve on 0 to 1.
pub(crate) fn curve(picture: &RgbImage, curve: impl Fn(f64) -> f64) -> RgbImage {
    let table: [u8; 256] =
        std::array::from_fn(|value| (curve(value as f64 / 255.0) * 255.0).round().clamp(0.0, 255.0) as u8);
    let mut out = picture.clone();
    for sample in out.iter_mut() {
        *sample = table[usize::from(*sample)];
    }
    out
}

/// Without colour (ITU-R BT.601 luma).
pub(crate) fn grey(picture: &RgbImage) -> RgbImage {
    let mut out = picture.clone();
    for pixel in out.pixels_mut() {
        let [r, g, b] = pixel.0.map(f64::from);
        pixel.0 = [(0.299 * r + 0.587 * g + 0.114 * b).round() as u8; 3];
    }
    out
}

/// Each pixel through a matrix: the rows are what goes into red, green and blue. Halves go up, and what is beyond black or white
/// is cut.
fn matrix(picture: &RgbImage, rows: [[f64; 3]; 3]) -> RgbImage {
    let mut out = picture.clone();
    for pixel in out.pixels_mut() {
        let [r, g, b] = pixel.0.map(f64::from);
        pixel.0 = rows.map(|[of_r, of_g, of_b]| (of_r * r + of_g * g + of_b * b + 0.5) as u8);
    }
    out
}

/// ITU-R BT.601 luma weights.
const LUMA: [f64; 3] = [0.299, 0.587, 0.114];

/// Colours `factor` times as far from grey.
pub(crate) fn saturate(picture: &RgbImage, factor: f64) -> RgbImage {
    let own = |row: usize, column: usize| if row == column { factor } else { 0.0 };
    matrix(picture, [0, 1, 2].map(|row| [0, 1, 2].map(|column| LUMA[column] * (1.0 - factor) + own(row, column))))
}

/// Colours turned around the axis of greys.
pub(crate) fn hue(picture: &RgbImage, degrees: f64) -> RgbImage {
    // Rodrigues' rotation about (1, 1, 1)/√3.
    let (sin, cos) = degrees.to_radians().sin_cos();
    let (third, cross) = ((1.0 - cos) / 3.0, sin / 3.0_f64.sqrt());
    let (same, before, after) = (cos + third, third - cross, third + cross);
    matrix(picture, [[same, before, after], [after, same, before], [before, after, same]])
}

/// As an old photograph, with the weights that image editors use.
pub(crate) fn sepia(picture: &RgbImage) -> RgbImage {
    matrix(picture, [[0.393, 0.769, 0.189], [0.349, 0.686, 0.168], [0.272, 0.534, 0.131]])
}

/// Red, green and blue times these factors.
pub(crate) fn tint(picture: &RgbImage, [r, g, b]: [f64; 3]) -> RgbImage {
    matrix(picture, [[r, 0.0, 0.0], [0.0, g, 0.0], [0.0, 0.0, b]])
}

/// The negative.
pub(crate) fn invert(picture: &RgbImage) -> RgbImage {
    curve(picture, |v| 1.0 - v)
}

/// Each colour stretched so that all but a two-hundredth at either end spans black to white.
pub(crate) fn autocontrast(picture: &RgbImage) -> RgbImage {
    by_histogram(picture, |histogram, count| {
        let beyond = |value_at: fn(usize) -> usize| {
            let mut seen = 0;
            let found = (0..256).map(value_at).find(|&value| {
                seen += histogram[value];
                seen * 200 > count
            });
            found.unwrap_or(0)
        };
        let (low, high) = (beyond(|place| place), beyond(|place| 255 - place));
        std::array::from_fn(|value| {
            if high <= low {
                return value as u8;
            }
            ((value as f64 - low as f64) * 255.0 / (high - low) as f64).round().clamp(0.0, 255.0) as u8
        })
    })
}

/// Each colour spread so that every brightness is about as frequent.
pub(crate) fn equalise(picture: &RgbImage) -> RgbImage {
    by_histogram(picture, |histogram, count| {
        let mut below = 0;
        std::array::from_fn(|value| {
            let middle = 2 * below + histogram[value];
            below += histogram[value];
            (middle * 255).checked_div(2 * count).unwrap_or(0) as u8
        })
    })
}

/// Each colour through a table made of its histogram and the number of pixels.
fn by_histogram(picture: &RgbImage, table: impl Fn(&[u64; 256], u64) -> [u8; 256]) -> RgbImage {
    let mut histograms = [[0_u64; 256]; 3];
    for pixel in picture.pixels() {
        for (histogram, &sample) in histograms.iter_mut().zip(&pixel.0) {
            histogram[usize::from(sample)] += 1;
        }
    }
    let count = u64::from(picture.width()) * u64::from(picture.height());
    let tables = histograms.map(|histogram| table(&histogram, count));
    let mut out = picture.clone();
    for pixel in out.pixels_mut() {
        for (table, sample) in tables.iter().zip(&mut pixel.0) {
            *sample = table[usize::from(*sample)];
        }
    }
    out
}
