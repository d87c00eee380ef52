//! Blurred, sharpened, noisy.

use image::{Rgb, RgbImage, imageops};

use crate::ops::{BLACK, WHITE, splitmix, uniform};

/// Gaussian blur.
pub(crate) fn blur(picture: &RgbImage, sigma: f32) -> RgbImage {
    imageops::blur(picture, sigma)
}

/// Unsharp mask of any strength.
pub(crate) fn sharpen(picture: &RgbImage) -> RgbImage {
    imageops::unsharpen(picture, 1.5, 0)
}

/// Noise of the given standard deviation on every sample: a sum of four uniform numbers, from the sequence of `seed`.
pub(crate) fn noise(picture: &RgbImage, deviation: f64, mut seed: u64) -> RgbImage {
    // Four uniform numbers on 0 to 1 have a variance of 4/12.
    let unit = deviation / (4.0_f64 / 12.0).sqrt();
    let mut out = picture.clone();
    for sample in out.iter_mut() {
        let word = splitmix(&mut seed);
        let sum = (0..4).map(|k| (word >> (16 * k) & 0xffff) as f64 / 65_535.0).sum::<f64>() - 2.0;
        *sample = (f64::from(*sample) + sum * unit).round().clamp(0.0, 255.0) as u8;
    }
    out
}

/// Unsharp mask: what a blur by 1.5 pixels takes away is added `amount` times.
pub(crate) fn unsharp(picture: &RgbImage, amount: f64) -> RgbImage {
    let blurred = blur(picture, 1.5);
    let mut out = picture.clone();
    for (sample, &blurred) in out.iter_mut().zip(blurred.as_raw()) {
        let (own, blurred) = (f64::from(*sample), f64::from(blurred));
        *sample = (own + amount * (own - blurred)).round().clamp(0.0, 255.0) as u8;
    }
    out
}

/// Each sample the median of those up to `radius` away each way.
pub(crate) fn median(picture: &RgbImage, radius: u32) -> RgbImage {
    imageproc::filter::median_filter(picture, radius, radius)
}

/// A `share` of the pixels black or white, from the sequence of `seed`.
pub(crate) fn salt_and_pepper(picture: &RgbImage, share: f64, mut seed: u64) -> RgbImage {
    let mut out = picture.clone();
    for pixel in out.pixels_mut() {
        if uniform(&mut seed) < share {
            *pixel = if splitmix(&mut seed) & 1 == 0 { BLACK } else { WHITE };
        }
    }
    out
}

/// Darker towards the corners, by `strength` in them.
pub(crate) fn vignette(picture: &RgbImage, strength: f64) -> RgbImage {
    let (width, height) = (f64::from(picture.width()), f64::from(picture.height()));
    let mut out = picture.clone();
    for (x, y, pixel) in out.enumerate_pixels_mut() {
        let (across, down) = ((f64::from(x) + 0.5) / width - 0.5, (f64::from(y) + 0.5) / height - 0.5);
        let light = 1.0 - strength * 2.0 * (across * across + down * down);
        pixel.0 = pixel.0.map(|sample| (f64::from(sample) * light).round() as u8);
    }
    out
}

/// In squares of one colour, `count` of them along the longer side.
pub(crate) fn pixelate(picture: &RgbImage, count: u32) -> RgbImage {
    let (width, height) = picture.dimensions();
    let side = width.max(height).div_ceil(count).max(1);
    let mut out = picture.clone();
    for top in (0..height).step_by(side as usize) {
        for left in (0..width).step_by(side as usize) {
            let (wide, high) = (side.min(width - left), side.min(height - top));
            let places = || (top..top + high).flat_map(|y| (left..left + wide).map(move |x| (x, y)));
            let mut sums = [0_u64; 3];
            for (x, y) in places() {
                sums.iter_mut().zip(picture.get_pixel(x, y).0).for_each(|(sum, sample)| *sum += u64::from(sample));
            }
            let area = u64::from(wide) * u64::from(high);
            let mean = Rgb(sums.map(|sum| ((sum + area / 2) / area) as u8));
            places().for_each(|(x, y)| out.put_pixel(x, y, mean));
        }
    }
    out
}
