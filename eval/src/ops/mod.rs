//! What edits and variants are made of: one operation on pixels per function, each a pure function of its arguments.

mod encode;
mod filter;
mod geometry;
mod overlay;
mod palette;
mod resize;
mod scene;
mod tone;

use image::Rgb;

pub(crate) use encode::{Jpeg, Sampling, decode, gif, jpeg, png, save, through_jpeg, webp, webp_lossless};
pub(crate) use filter::{blur, median, noise, pixelate, salt_and_pepper, sharpen, unsharp, vignette};
pub(crate) use geometry::{
    Fill, Sides, border, border_blurred, crop, crop_pixels, crop_to, pad_to, perspective, rotate, rotate_inner,
    rotate_whole, shear, turn,
};
pub(crate) use overlay::{Place, band, blend, caption, lettering, logo, meme, stamp, sticker, text, tiled};
pub(crate) use palette::{black_and_white, reduce};
pub(crate) use resize::{BICUBIC, BILINEAR, LANCZOS, NEAREST, fit, scale, stretch, thumbnail, times, within};
pub(crate) use scene::{beside, browser, chat, gallery, grid, on_background, other, screen};
pub(crate) use tone::{autocontrast, curve, equalise, grey, hue, invert, saturate, sepia, tint};

/// Black, as image editors fill what a turned picture leaves open.
pub(crate) const BLACK: Rgb<u8> = Rgb([0; 3]);
/// White.
pub(crate) const WHITE: Rgb<u8> = Rgb([255; 3]);

/// The next of a fixed sequence of numbers (Vigna's `SplitMix64`, <https://prng.di.unimi.it/splitmix64.c>).
pub(crate) fn splitmix(state: &mut u64) -> u64 {
    *state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let z = (*state ^ (*state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

/// The next number of the sequence, at least 0 and less than 1.
pub(crate) fn uniform(state: &mut u64) -> f64 {
    (splitmix(state) >> 11) as f64 / (1_u64 << 53) as f64
}
