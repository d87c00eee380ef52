//! PDQ by the book: whole buffers, one line at a time, nothing skipped.

use crate::pixels::{Backdrop, PixelFormat, PixelView, Pixels};

/// Section 2: luma, row by row, with the picture on its backdrop first.
pub(super) fn luma(view: PixelView<'_>) -> Vec<Vec<f32>> {
    let over = |colour: u8, alpha: u8| match view.backdrop() {
        Backdrop::Ignored => colour,
        Backdrop::White => ((u32::from(colour) * u32::from(alpha) + 255 * (255 - u32::from(alpha)) + 127) / 255) as u8,
        Backdrop::Black => ((u32::from(colour) * u32::from(alpha) + 127) / 255) as u8,
    };
    let rgb = |r: u8, g: u8, b: u8| {
        let mut sum = 0.299_f32 * f32::from(r);
        sum += 0.587_f32 * f32::from(g);
        sum += 0.114_f32 * f32::from(b);
        sum
    };
    (0..view.height())
        .map(|y| {
            let luma = |x| match view.format() {
                PixelFormat::Grey8 => f32::from(view.pixel::<1>(x, y)[0]),
                PixelFormat::GreyAlpha8 => {
                    let [v, a] = view.pixel(x, y);
                    f32::from(over(v, a))
                }
                PixelFormat::Rgb8 => {
                    let [r, g, b] = view.pixel(x, y);
                    rgb(r, g, b)
                }
                PixelFormat::Rgba8 => {
                    let [r, g, b, a] = view.pixel(x, y);
                    rgb(over(r, a), over(g, a), over(b, a))
                }
            };
            (0..view.width()).map(luma).collect()
        })
        .collect()
}

/// Section 3: the box filter along one line, phase by phase.
fn box_1d(input: &[f32], window: usize) -> Vec<f32> {
    let n = input.len();
    let half = (window + 2) / 2;
    let mut output = Vec::new();
    let (mut left, mut right) = (0, 0);
    let (mut sum, mut count) = (0.0_f32, 0_usize);
    for _ in 0..half - 1 {
        sum += input[right];
        right += 1;
        count += 1;
    }
    for _ in 0..window - half + 1 {
        sum += input[right];
        right += 1;
        count += 1;
        output.push(sum / count as f32);
    }
    for _ in 0..n - window {
        sum += input[right];
        right += 1;
        sum -= input[left];
        left += 1;
        output.push(sum / count as f32);
    }
    for _ in 0..half - 1 {
        sum -= input[left];
        left += 1;
        count -= 1;
        output.push(sum / count as f32);
    }
    output
}

fn transpose(rows: &[Vec<f32>]) -> Vec<Vec<f32>> {
    (0..rows[0].len()).map(|x| rows.iter().map(|row| row[x]).collect()).collect()
}

/// Section 3: two passes along rows and columns, then every 64th.
pub(super) fn downsample(luma: &[Vec<f32>]) -> [[f32; 64]; 64] {
    let (height, width) = (luma.len(), luma[0].len());
    let mut rows = luma.to_vec();
    if (width, height) != (64, 64) {
        for _ in 0..2 {
            rows = rows.iter().map(|row| box_1d(row, width.div_ceil(128))).collect();
            let columns: Vec<Vec<f32>> =
                transpose(&rows).iter().map(|column| box_1d(column, height.div_ceil(128))).collect();
            rows = transpose(&columns);
        }
    }
    let place = |i: usize, n: usize| ((i as f64 + 0.5) * n as f64 / 64.0) as usize;
    std::array::from_fn(|i| std::array::from_fn(|j| rows[place(i, height)][place(j, width)]))
}

/// Section 4.
pub(super) fn quality(luma: &[[f32; 64]; 64]) -> u8 {
    let percent = |u: f32, v: f32| ((((u - v) * 100.0) / 255.0) as i32).abs();
    let mut sum = 0;
    for (i, j) in (0..63).flat_map(|i| (0..64).map(move |j| (i, j))) {
        sum += percent(luma[i][j], luma[i + 1][j]);
        sum += percent(luma[j][i], luma[j][i + 1]);
    }
    (sum / 90).min(100) as u8
}

/// Section 5. The table is the engine's: a test of its own holds it to the formula.
pub(super) fn dct(luma: &[[f32; 64]; 64]) -> Vec<Vec<f32>> {
    let table = &crate::hash::pdq::DCT;
    let mut half = vec![vec![0.0_f32; 64]; 16];
    for i in 0..16 {
        for j in 0..64 {
            let mut sum = 0.0_f32;
            for k in 0..64 {
                sum += table[i][k] * luma[k][j];
            }
            half[i][j] = sum;
        }
    }
    let mut out = vec![vec![0.0_f32; 16]; 16];
    for i in 0..16 {
        for j in 0..16 {
            let mut sum = 0.0_f32;
            for k in 0..64 {
                sum += half[i][k] * table[j][k];
            }
            out[i][j] = sum;
        }
    }
    out
}

/// Sections 6 and 7.
pub(super) fn bits(coefficients: &[Vec<f32>]) -> [u64; 4] {
    let mut sorted: Vec<f32> = coefficients.iter().flatten().copied().collect();
    sorted.sort_by(f32::total_cmp);
    let median = sorted[127];
    let mut words = [0; 4];
    for k in (0..256).filter(|k| coefficients[k / 16][k % 16] > median) {
        words[k / 64] |= 1 << (k % 64);
    }
    words
}

/// Section 0, family A.
pub(super) fn sample_512(picture: &Pixels) -> Pixels {
    let (width, height) = (picture.width() as usize, picture.height() as usize);
    if width <= 512 && height <= 512 {
        return picture.clone();
    }
    let view = picture.view();
    let mut bytes = Vec::new();
    let place = |i: u32, side: usize| (f64::from(i) * side as f64 / 512.0) as usize;
    for (x, y) in (0..512).flat_map(|y| (0..512).map(move |x| (place(x, width), place(y, height)))) {
        match view.format() {
            PixelFormat::Grey8 => bytes.extend(view.pixel::<1>(x, y)),
            PixelFormat::GreyAlpha8 => bytes.extend(view.pixel::<2>(x, y)),
            PixelFormat::Rgb8 => bytes.extend(view.pixel::<3>(x, y)),
            PixelFormat::Rgba8 => bytes.extend(view.pixel::<4>(x, y)),
        }
    }
    Pixels::new(bytes, 512, 512, view.format()).expect("512 rows of 512 pixels")
}
