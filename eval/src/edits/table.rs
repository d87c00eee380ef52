//! The list of transformations.

use fast_image_resize::ResizeAlg;
use image::{Rgb, RgbImage};
use presend_core::Dihedral;

use super::{Family, Subject, Transform};
use crate::ops::{self, BICUBIC, BILINEAR, BLACK, Fill, Jpeg, LANCZOS, NEAREST, Place, Sampling, Sides, WHITE};

use Family::{
    Aspect, Blur, Border, Brightness, Collage, Colour, Contrast, CropCentre, CropSide, Downscale, Generations, Noise,
    Overlay, Palette, Perspective, Platform, ReEncode, Rotation, Screenshot, Upscale, Vignette, WebP,
};

type Make = fn(&Subject) -> Option<RgbImage>;

const fn of(family: Family, id: &'static str, parameter: &'static str, make: Make) -> Transform {
    Transform { id, family, parameter, strength: 0, make }
}

/// Every transformation that is measured, by family, the weakest of a family first.
///
/// The presets of Signal and Telegram are after their sources, that of Mastodon after a commit of 2020. `WhatsApp`'s is what
/// is commonly reported, and reports disagree: a sweep. Bluesky's is its limit in size and bytes.
pub static TRANSFORMS: &[Transform] = &ranked([
    of(ReEncode, "png", "PNG: the same pixels", |s| ops::png(s.picture())),
    of(ReEncode, "webp-lossless", "lossless WebP: the same pixels", |s| ops::webp_lossless(s.picture())),
    of(Family::Jpeg, "jpeg-q95-444", "quality 95, 4:4:4", |s| full(s, 95)),
    of(Family::Jpeg, "jpeg-q90", "quality 90, 4:2:0", |s| jpeg(s, 90)),
    of(Family::Jpeg, "jpeg-q75-444", "quality 75, 4:4:4", |s| full(s, 75)),
    of(Family::Jpeg, "jpeg-q75", "quality 75, 4:2:0", |s| jpeg(s, 75)),
    of(Family::Jpeg, "jpeg-q75-progressive", "quality 75, 4:2:0, progressive", |s| {
        ops::through_jpeg(s.picture(), Jpeg { progressive: true, ..Jpeg::of(75) })
    }),
    of(Family::Jpeg, "jpeg-q60", "quality 60, 4:2:0", |s| jpeg(s, 60)),
    of(Family::Jpeg, "jpeg-q50", "quality 50, 4:2:0", |s| jpeg(s, 50)),
    of(Family::Jpeg, "jpeg-q30", "quality 30, 4:2:0", |s| jpeg(s, 30)),
    of(Family::Jpeg, "jpeg-q20", "quality 20, 4:2:0", |s| jpeg(s, 20)),
    of(Family::Jpeg, "jpeg-q10", "quality 10, 4:2:0", |s| jpeg(s, 10)),
    of(Generations, "generations-2", "quality 85, then 70", |s| generations(s, &[(1.0, 85), (1.0, 70)])),
    of(Generations, "generations-3", "0.9× at quality 75, 0.8× at 70, then 60", |s| {
        generations(s, &[(0.9, 75), (0.8, 70), (1.0, 60)])
    }),
    of(Generations, "generations-5", "five times 0.95× at quality 60", |s| generations(s, &[(0.95, 60); 5])),
    of(WebP, "webp-q80", "quality 80", |s| ops::webp(s.picture(), 80)),
    of(WebP, "webp-q50", "quality 50", |s| ops::webp(s.picture(), 50)),
    of(WebP, "webp-q20", "quality 20", |s| ops::webp(s.picture(), 20)),
    of(Palette, "gif-256", "GIF of 256 colours", |s| ops::gif(s.picture())),
    of(Palette, "palette-64-dither", "64 colours, dithered", |s| Some(ops::reduce(s.picture(), 64, true))),
    of(Palette, "palette-16-dither", "16 colours, dithered", |s| Some(ops::reduce(s.picture(), 16, true))),
    of(Palette, "palette-16", "16 colours, not dithered", |s| Some(ops::reduce(s.picture(), 16, false))),
    of(Palette, "black-and-white", "black and white, dithered", |s| Some(ops::black_and_white(s.picture()))),
    of(Downscale, "downscale-4096", "longer side 4096 px, bilinear", |s| smaller(s, 4096)),
    of(Downscale, "downscale-2048", "longer side 2048 px, bilinear", |s| smaller(s, 2048)),
    of(Downscale, "downscale-1600", "longer side 1600 px, bilinear", |s| smaller(s, 1600)),
    of(Downscale, "downscale-1024", "longer side 1024 px, bilinear", |s| smaller(s, 1024)),
    of(Downscale, "downscale-640", "longer side 640 px, bilinear", |s| smaller(s, 640)),
    of(Downscale, "half", "0.5×, bilinear", |s| Some(ops::times(s.picture(), 0.5, BILINEAR))),
    of(Downscale, "downscale-320", "longer side 320 px, bilinear", |s| smaller(s, 320)),
    of(Downscale, "downscale-320-lanczos", "longer side 320 px, Lanczos", |s| smaller_by(s, 320, LANCZOS)),
    of(Downscale, "downscale-320-box", "longer side 320 px, box", |s| {
        (s.longest() > 320).then(|| ops::thumbnail(s.picture(), 320))
    }),
    of(Downscale, "downscale-320-nearest", "longer side 320 px, nearest pixel", |s| smaller_by(s, 320, NEAREST)),
    of(Downscale, "downscale-128", "longer side 128 px, bilinear", |s| smaller(s, 128)),
    of(Downscale, "downscale-64", "longer side 64 px, bilinear", |s| smaller(s, 64)),
    of(Upscale, "upscale-1.5", "1.5×, bicubic", |s| s.grown(2.25, |p| ops::times(p, 1.5, BICUBIC))),
    of(Upscale, "upscale-2", "2×, bicubic", |s| s.grown(4.0, |p| ops::times(p, 2.0, BICUBIC))),
    of(Aspect, "stretch-0.8", "width 0.8×", |s| Some(stretch(s.picture(), 0.8, 1.0))),
    of(Aspect, "stretch-1.25", "width 1.25×", |s| s.grown(1.25, |p| stretch(p, 1.25, 1.0))),
    of(Aspect, "aspect-16x9", "16:9, same height", |s| to_aspect(s, 16.0 / 9.0)),
    of(Aspect, "aspect-1x1", "1:1, same height", |s| to_aspect(s, 1.0)),
    of(CropCentre, "crop-centre-1", "1 % off each side", |s| cropped(s, [0.01; 4])),
    of(CropCentre, "crop-centre-2", "2 % off each side", |s| cropped(s, [0.02; 4])),
    of(CropCentre, "crop-centre-5", "5 % off each side", |s| cropped(s, [0.05; 4])),
    of(CropCentre, "crop-centre-10", "10 % off each side", |s| cropped(s, [0.1; 4])),
    of(CropCentre, "crop-centre-20", "20 % off each side", |s| cropped(s, [0.2; 4])),
    of(CropCentre, "crop-centre-30", "30 % off each side", |s| cropped(s, [0.3; 4])),
    of(CropCentre, "crop-square", "to 1:1, around the centre", |s| Some(ops::crop_to(s.picture(), 1.0))),
    of(CropSide, "crop-side-1", "1 % off one side", |s| cropped(s, one_side(s, 0.01))),
    of(CropSide, "crop-side-2", "2 % off one side", |s| cropped(s, one_side(s, 0.02))),
    of(CropSide, "crop-side-5", "5 % off one side", |s| cropped(s, one_side(s, 0.05))),
    of(CropSide, "crop-corner-5", "5 % off two sides that meet", |s| cropped(s, corner(s, 0.05))),
    of(CropSide, "crop-side-10", "10 % off one side", |s| cropped(s, one_side(s, 0.1))),
    of(CropSide, "crop-side-20", "20 % off one side", |s| cropped(s, one_side(s, 0.2))),
    of(CropSide, "crop-side-30", "30 % off one side", |s| cropped(s, one_side(s, 0.3))),
    of(Border, "border-white-1", "1 % of the longer side, white", |s| bordered(s, 0.01, WHITE)),
    of(Border, "border-black-1", "1 % of the longer side, black", |s| bordered(s, 0.01, BLACK)),
    of(Border, "border-white-5", "5 % of the longer side, white", |s| bordered(s, 0.05, WHITE)),
    of(Border, "border-black-5", "5 % of the longer side, black", |s| bordered(s, 0.05, BLACK)),
    of(Border, "border-white-10", "10 % of the longer side, white", |s| bordered(s, 0.1, WHITE)),
    of(Border, "border-blur-10", "10 % of the longer side, blurred", |s| s.grown(9.0, |p| ops::border_blurred(p, 0.1))),
    of(Border, "border-black-20", "20 % of the longer side, black", |s| bordered(s, 0.2, BLACK)),
    of(Border, "pad-square-white", "to 1:1, white bars", |s| padded(s, 1.0, Fill::Colour(WHITE))),
    of(Border, "pad-square-blur", "to 1:1, blurred bars", |s| padded(s, 1.0, Fill::Blurred)),
    of(Border, "letterbox-16x9", "to 16:9, black bars", |s| padded(s, 16.0 / 9.0, Fill::Colour(BLACK))),
    of(Rotation, "rotate-0.5", "0.5°, same frame", |s| Some(ops::rotate(s.picture(), s.either_way(0.5)))),
    of(Rotation, "rotate-1", "1°, same frame", |s| Some(ops::rotate(s.picture(), s.either_way(1.0)))),
    of(Rotation, "rotate-1-straightened", "1°, no open corners", |s| {
        Some(ops::rotate_inner(s.picture(), s.either_way(1.0)))
    }),
    of(Rotation, "rotate-2", "2°, same frame", |s| Some(ops::rotate(s.picture(), s.either_way(2.0)))),
    of(Rotation, "rotate-4", "4°, same frame", |s| Some(ops::rotate(s.picture(), s.either_way(4.0)))),
    of(Rotation, "rotate-5-straightened", "5°, no open corners", |s| {
        Some(ops::rotate_inner(s.picture(), s.either_way(5.0)))
    }),
    of(Rotation, "rotate-5-whole", "5°, grown frame", |s| turned_whole(s, 5.0)),
    of(Rotation, "rotate-10", "10°, same frame", |s| Some(ops::rotate(s.picture(), s.either_way(10.0)))),
    of(Rotation, "rotate-15-whole", "15°, grown frame", |s| turned_whole(s, 15.0)),
    of(Rotation, "rotate-25", "25°, same frame", |s| Some(ops::rotate(s.picture(), s.either_way(25.0)))),
    of(Family::Dihedral, "flip-y", "left and right exchanged", |s| s.turned(Dihedral::FlipY)),
    of(Family::Dihedral, "flip-x", "top and bottom exchanged", |s| s.turned(Dihedral::FlipX)),
    of(Family::Dihedral, "rotate-180", "a half turn", |s| s.turned(Dihedral::Rotate180)),
    of(Family::Dihedral, "rotate-90", "a quarter counter-clockwise", |s| s.turned(Dihedral::Rotate90)),
    of(Family::Dihedral, "rotate-270", "a quarter clockwise", |s| s.turned(Dihedral::Rotate270)),
    of(Family::Dihedral, "flip-plus-1", "rows and columns exchanged", |s| s.turned(Dihedral::FlipPlus1)),
    of(Family::Dihedral, "flip-minus-1", "rows and columns exchanged, the other way", |s| {
        s.turned(Dihedral::FlipMinus1)
    }),
    of(Perspective, "perspective-2", "corners up to 2 % inside, stretched", |s| perspective(s, 0.02)),
    of(Perspective, "perspective-5", "corners up to 5 % inside, stretched", |s| perspective(s, 0.05)),
    of(Perspective, "perspective-10", "corners up to 10 % inside, stretched", |s| perspective(s, 0.1)),
    of(Perspective, "shear-2", "slanted by 2°", |s| slanted(s, 2.0)),
    of(Perspective, "shear-10", "slanted by 10°", |s| slanted(s, 10.0)),
    of(Brightness, "brightness-0.8", "0.8×", |s| curve(s, |v| 0.8 * v)),
    of(Brightness, "brightness-1.2", "1.2×", |s| curve(s, |v| 1.2 * v)),
    of(Brightness, "brightness-0.6", "0.6×", |s| curve(s, |v| 0.6 * v)),
    of(Brightness, "brightness-1.5", "1.5×", |s| curve(s, |v| 1.5 * v)),
    of(Contrast, "contrast-0.7", "contrast 0.7×", |s| curve(s, |v| 0.5 + 0.7 * (v - 0.5))),
    of(Contrast, "contrast-1.3", "contrast 1.3×", |s| curve(s, |v| 0.5 + 1.3 * (v - 0.5))),
    of(Contrast, "contrast-1.5", "contrast 1.5×", |s| curve(s, |v| 0.5 + 1.5 * (v - 0.5))),
    of(Contrast, "gamma-0.5", "exponent 0.5: brighter", |s| curve(s, f64::sqrt)),
    of(Contrast, "gamma-2", "exponent 2: darker", |s| curve(s, |v| v * v)),
    of(Contrast, "autocontrast", "each colour stretched", |s| Some(ops::autocontrast(s.picture()))),
    of(Contrast, "equalise", "each colour's histogram levelled", |s| Some(ops::equalise(s.picture()))),
    of(Colour, "saturation-0.5", "saturation 0.5×", |s| Some(ops::saturate(s.picture(), 0.5))),
    of(Colour, "saturation-2", "saturation 2×", |s| Some(ops::saturate(s.picture(), 2.0))),
    of(Colour, "grey", "no colour", |s| Some(ops::grey(s.picture()))),
    of(Colour, "warm", "red 1.1×, blue 0.8×", |s| Some(ops::tint(s.picture(), [1.1, 1.0, 0.8]))),
    of(Colour, "hue-15", "hue by 15°", |s| Some(ops::hue(s.picture(), 15.0))),
    of(Colour, "hue-90", "hue by 90°", |s| Some(ops::hue(s.picture(), 90.0))),
    of(Colour, "sepia", "sepia", |s| Some(ops::sepia(s.picture()))),
    of(Colour, "invert", "the negative", |s| Some(ops::invert(s.picture()))),
    of(Blur, "blur-0.5", "Gaussian, σ 0.5 px", |s| Some(ops::blur(s.picture(), 0.5))),
    of(Blur, "blur-1", "Gaussian, σ 1 px", |s| Some(ops::blur(s.picture(), 1.0))),
    of(Blur, "median-3", "median of 3×3", |s| Some(ops::median(s.picture(), 1))),
    of(Blur, "sharpen-1", "unsharp mask, 1×", |s| Some(ops::unsharp(s.picture(), 1.0))),
    of(Blur, "sharpen-2", "unsharp mask, 2×", |s| Some(ops::unsharp(s.picture(), 2.0))),
    of(Blur, "blur-2", "Gaussian, σ 2 px", |s| Some(ops::blur(s.picture(), 2.0))),
    of(Blur, "blur-4", "Gaussian, σ 4 px", |s| Some(ops::blur(s.picture(), 4.0))),
    of(Noise, "noise-5", "about Gaussian, σ 5", |s| Some(ops::noise(s.picture(), 5.0, s.seed(1)))),
    of(Noise, "noise-10", "about Gaussian, σ 10", |s| Some(ops::noise(s.picture(), 10.0, s.seed(2)))),
    of(Noise, "salt-and-pepper-0.5", "0.5 % of the pixels", |s| {
        Some(ops::salt_and_pepper(s.picture(), 0.005, s.seed(3)))
    }),
    of(Noise, "noise-20", "about Gaussian, σ 20", |s| Some(ops::noise(s.picture(), 20.0, s.seed(4)))),
    of(Vignette, "vignette-0.3", "corners 0.3 darker", |s| Some(ops::vignette(s.picture(), 0.3))),
    of(Vignette, "pixelate-128", "128 squares along the longer side", |s| Some(ops::pixelate(s.picture(), 128))),
    of(Vignette, "vignette-0.6", "corners 0.6 darker", |s| Some(ops::vignette(s.picture(), 0.6))),
    of(Vignette, "pixelate-32", "32 squares along the longer side", |s| Some(ops::pixelate(s.picture(), 32))),
    of(Overlay, "watermark-corner", "small letters in a corner, opacity 0.6", |s| {
        Some(ops::lettering(s.picture(), "© example.org", [0.8, 0.94], 0.06, 0.6))
    }),
    of(Overlay, "date-stamp", "the date in a corner", |s| Some(ops::stamp(s.picture()))),
    of(Overlay, "logo-10", "a mark in a corner, 10 % of the shorter side, opacity 0.6", |s| {
        Some(ops::logo(s.picture(), 0.1, 0.6))
    }),
    of(Overlay, "watermark-centre", "large letters in the middle, opacity 0.3", |s| {
        Some(ops::lettering(s.picture(), "PREVIEW", [0.5, 0.5], 0.25, 0.3))
    }),
    of(Overlay, "watermark-tiled", "letters all over, opacity 0.3", |s| Some(ops::tiled(s.picture(), "preview", 0.3))),
    of(Overlay, "logo-20", "a mark in a corner, 20 % of the shorter side, opacity 1", |s| {
        Some(ops::logo(s.picture(), 0.2, 1.0))
    }),
    of(Overlay, "sticker-5", "a face over 5 % of the area", |s| Some(ops::sticker(s.picture(), 0.05, s.choose(5)))),
    of(Overlay, "caption-over-6", "white bar over the lower 6 %", |s| {
        Some(ops::caption(s.picture(), 0.06, Place::Over))
    }),
    of(Overlay, "meme", "large letters above and below, 14 % each", |s| Some(ops::meme(s.picture(), 0.14))),
    of(Overlay, "sticker-10", "a face over 10 % of the area", |s| Some(ops::sticker(s.picture(), 0.1, s.choose(5)))),
    of(Overlay, "caption-over-15", "white bar over the lower 15 %", |s| {
        Some(ops::caption(s.picture(), 0.15, Place::Over))
    }),
    of(Overlay, "sticker-20", "a face over 20 % of the area", |s| Some(ops::sticker(s.picture(), 0.2, s.choose(5)))),
    of(Overlay, "caption-below-10", "white bar below, 10 % of the height", |s| captioned(s, 0.1, Place::Below)),
    of(Overlay, "caption-above-20", "white bar above, 20 % of the height", |s| captioned(s, 0.2, Place::Above)),
    of(Screenshot, "screenshot-10", "bars above and below, 10 % of the area", |s| {
        s.grown(1.2, |p| ops::screen(p, 0.1))
    }),
    of(Screenshot, "screenshot-20", "bars above and below, 20 % of the area", |s| {
        s.grown(1.3, |p| ops::screen(p, 0.2))
    }),
    of(Screenshot, "screenshot-40", "bars above and below, 40 % of the area", |s| {
        s.grown(1.7, |p| ops::screen(p, 0.4))
    }),
    of(Screenshot, "screenshot-gallery", "a phone's gallery", |s| on_phone(s, ops::gallery)),
    of(Screenshot, "screenshot-chat", "a phone's messenger", |s| on_phone(s, ops::chat)),
    of(Screenshot, "screenshot-browser", "a page in a window", |s| s.grown(1.3 * elongation(s), ops::browser)),
    of(Collage, "blend-0.1", "another picture over it, opacity 0.1", |s| Some(blended(s, 0.1))),
    of(Collage, "blend-0.3", "another picture over it, opacity 0.3", |s| Some(blended(s, 0.3))),
    of(Collage, "blend-0.5", "another picture over it, opacity 0.5", |s| Some(blended(s, 0.5))),
    of(Collage, "on-background-0.7", "0.7× on another picture", |s| Some(on_background(s, 0.7))),
    of(Collage, "on-background-0.5", "0.5× on another picture", |s| Some(on_background(s, 0.5))),
    of(Collage, "beside", "beside another picture", |s| s.grown(2.0, |p| ops::beside(p, s.seed(5)))),
    of(Collage, "grid-2x2", "one of four", |s| Some(ops::grid(s.picture(), s.seed(6)))),
    of(Platform, "signal-high", "Signal Android, high: 4096 px, quality 75, 3 MB", |s| signal(s, 4096, 75, 3 << 20)),
    of(Platform, "signal-level-2", "Signal Android, good networks: 2048 px, quality 75, 1.5 MB", |s| {
        signal(s, 2048, 75, 3 << 19)
    }),
    of(Platform, "signal-standard", "Signal Android, standard: 1600 px, quality 70, 1 MB", |s| {
        signal(s, 1600, 70, 1 << 20)
    }),
    of(Platform, "signal-low-memory", "Signal Android, little memory: 768 px, quality 70", |s| s.sent(768, 70)),
    of(Platform, "signal-ios", "Signal iOS: quality 60, 55 from 3072 px", |s| {
        s.sent(u32::MAX, if s.longest() >= 3072 { 55 } else { 60 })
    }),
    of(Platform, "telegram", "Telegram Android: 1280 px, quality 80", |s| s.sent(1280, 80)),
    of(Platform, "bluesky", "Bluesky: 2000 px, at most 1 MB", |s| {
        s.sent_within(1_000_000, &[(2000, 92), (2000, 80), (2000, 70), (2000, 60), (2000, 50)])
    }),
    of(Platform, "mastodon", "Mastodon 2020: 1280² pixels, quality 90", mastodon),
    of(Platform, "whatsapp-4096-q80", "WhatsApp-like: 4096 px, quality 80", |s| s.sent(4096, 80)),
    of(Platform, "whatsapp-4096-q75", "WhatsApp-like: 4096 px, quality 75", |s| s.sent(4096, 75)),
    of(Platform, "whatsapp-4096-q60", "WhatsApp-like: 4096 px, quality 60", |s| s.sent(4096, 60)),
    of(Platform, "whatsapp-4096-q50", "WhatsApp-like: 4096 px, quality 50", |s| s.sent(4096, 50)),
    of(Platform, "whatsapp-2048-q80", "WhatsApp-like: 2048 px, quality 80", |s| s.sent(2048, 80)),
    of(Platform, "whatsapp-2048-q75", "WhatsApp-like: 2048 px, quality 75", |s| s.sent(2048, 75)),
    of(Platform, "whatsapp-2048-q60", "WhatsApp-like: 2048 px, quality 60", |s| s.sent(2048, 60)),
    of(Platform, "whatsapp-2048-q50", "WhatsApp-like: 2048 px, quality 50", |s| s.sent(2048, 50)),
    of(Platform, "whatsapp-1600-q80", "WhatsApp-like: 1600 px, quality 80", |s| s.sent(1600, 80)),
    of(Platform, "whatsapp-1600-q75", "WhatsApp-like: 1600 px, quality 75", |s| s.sent(1600, 75)),
    of(Platform, "whatsapp-1600-q60", "WhatsApp-like: 1600 px, quality 60", |s| s.sent(1600, 60)),
    of(Platform, "whatsapp-1600-q50", "WhatsApp-like: 1600 px, quality 50", |s| s.sent(1600, 50)),
    of(Platform, "thumbnail-320-q60", "a preview: 320 px, quality 60", |s| s.sent(320, 60)),
    of(Platform, "thumbnail-128-q50", "a preview: 128 px, quality 50", |s| s.sent(128, 50)),
]);

/// Counts the entries of each family.
const fn ranked<const N: usize>(mut list: [Transform; N]) -> [Transform; N] {
    let mut at = 1;
    while at < N {
        if list[at].family as u8 == list[at - 1].family as u8 {
            list[at].strength = list[at - 1].strength + 1;
        }
        at += 1;
    }
    list
}

fn jpeg(subject: &Subject, quality: u8) -> Option<RgbImage> {
    subject.sent(u32::MAX, quality)
}

fn full(subject: &Subject, quality: u8) -> Option<RgbImage> {
    ops::through_jpeg(subject.picture(), Jpeg { sampling: Sampling::Full, ..Jpeg::of(quality) })
}

/// Scaled, bilinear, and saved, again and again.
fn generations(subject: &Subject, steps: &[(f64, u8)]) -> Option<RgbImage> {
    steps.iter().try_fold(subject.picture().clone(), |picture, &(factor, quality)| {
        let scaled = if factor == 1.0 { picture } else { ops::times(&picture, factor, BILINEAR) };
        ops::through_jpeg(&scaled, Jpeg::of(quality))
    })
}

fn smaller(subject: &Subject, longest: u32) -> Option<RgbImage> {
    (subject.longest() > longest).then(|| RgbImage::clone(&subject.fitted(longest)))
}

fn smaller_by(subject: &Subject, longest: u32, how: ResizeAlg) -> Option<RgbImage> {
    (subject.longest() > longest).then(|| ops::within(subject.picture(), longest, how))
}

fn stretch(picture: &RgbImage, across: f64, down: f64) -> RgbImage {
    ops::stretch(picture, f64::from(picture.width()) * across, f64::from(picture.height()) * down, BILINEAR)
}

/// Wider or narrower, as high.
fn to_aspect(subject: &Subject, aspect: f64) -> Option<RgbImage> {
    let factor = f64::from(subject.picture().height()) * aspect / f64::from(subject.picture().width());
    subject.grown(factor.max(1.0), |picture| stretch(picture, factor, 1.0))
}

/// `None` where nothing would be left.
fn cropped(subject: &Subject, [left, top, right, bottom]: [f64; 4]) -> Option<RgbImage> {
    let (width, height) = subject.picture().dimensions();
    // A crop takes a pixel at least.
    (width > 2 && height > 2).then(|| ops::crop(subject.picture(), Sides { left, top, right, bottom }))
}

fn one_side(subject: &Subject, share: f64) -> [f64; 4] {
    let side = subject.choose(4);
    [0, 1, 2, 3].map(|own| if own == side { share } else { 0.0 })
}

fn corner(subject: &Subject, share: f64) -> [f64; 4] {
    let side = subject.choose(4);
    [0, 1, 2, 3].map(|own| if own == side || own == (side + 1) % 4 { share } else { 0.0 })
}

/// How many times as long as wide, or wide as long.
fn elongation(subject: &Subject) -> f64 {
    let (width, height) = subject.picture().dimensions();
    f64::from(width.max(height)) / f64::from(width.min(height))
}

fn bordered(subject: &Subject, share: f64, colour: Rgb<u8>) -> Option<RgbImage> {
    // A border is a pixel at least: a picture of one row triples.
    subject.grown(9.0 * elongation(subject), |picture| ops::border(picture, share, colour))
}

fn padded(subject: &Subject, aspect: f64, fill: Fill) -> Option<RgbImage> {
    subject.grown(elongation(subject) * 2.0, |picture| ops::pad_to(picture, aspect, fill))
}

fn turned_whole(subject: &Subject, degrees: f64) -> Option<RgbImage> {
    subject.grown(2.0 * elongation(subject), |picture| ops::rotate_whole(picture, subject.either_way(degrees)))
}

fn slanted(subject: &Subject, degrees: f64) -> Option<RgbImage> {
    subject.grown(1.0 + elongation(subject), |picture| ops::shear(picture, subject.either_way(degrees)))
}

fn perspective(subject: &Subject, share: f64) -> Option<RgbImage> {
    Some(ops::perspective(subject.picture(), share, subject.seed(7)))
}

fn curve(subject: &Subject, curve: fn(f64) -> f64) -> Option<RgbImage> {
    Some(ops::curve(subject.picture(), curve))
}

fn captioned(subject: &Subject, share: f64, place: Place) -> Option<RgbImage> {
    subject.grown(2.0, |picture| ops::caption(picture, share, place))
}

/// A phone's screen is as wide as the picture.
fn on_phone(subject: &Subject, scene: fn(&RgbImage) -> RgbImage) -> Option<RgbImage> {
    subject.grown(2.2 * elongation(subject), scene)
}

fn blended(subject: &Subject, opacity: f64) -> RgbImage {
    let (width, height) = subject.picture().dimensions();
    ops::blend(subject.picture(), &ops::other(width, height, subject.seed(8)), opacity)
}

fn on_background(subject: &Subject, factor: f64) -> RgbImage {
    ops::on_background(subject.picture(), factor, subject.seed(9))
}

/// At 1600 px and more the file must also be small enough, or the next smaller size is taken.
fn signal(subject: &Subject, longest: u32, quality: u8, bytes: usize) -> Option<RgbImage> {
    subject.sent_within(bytes, &[(longest, quality), (1600, quality), (1024, quality), (768, quality), (512, quality)])
}

fn mastodon(subject: &Subject) -> Option<RgbImage> {
    let (width, height) = subject.picture().dimensions();
    let pixels = f64::from(width) * f64::from(height);
    let longest = f64::from(subject.longest()) * (1280.0 * 1280.0 / pixels).sqrt().min(1.0);
    subject.sent(longest.round() as u32, 90)
}
