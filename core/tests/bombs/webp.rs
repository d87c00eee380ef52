//! WebP.

use presend_core::Limits;

use crate::deflate::Bits;
use crate::{everywhere, outcome, small};

fn chunk(name: &[u8; 4], data: &[u8]) -> Vec<u8> {
    let padding: &[u8] = if data.len() % 2 == 1 { &[0] } else { &[] };
    [&name[..], &(data.len() as u32).to_le_bytes(), data, padding].concat()
}

fn webp(chunks: &[Vec<u8>]) -> Vec<u8> {
    let chunks = chunks.concat();
    [b"RIFF", &(chunks.len() as u32 + 4).to_le_bytes()[..], b"WEBP", &chunks].concat()
}

fn three(number: u32) -> [u8; 3] {
    let [a, b, c, _] = number.to_le_bytes();
    [a, b, c]
}

/// An extended header with these flags.
fn extended(flags: u8, width: u32, height: u32) -> Vec<u8> {
    chunk(b"VP8X", &[&[flags, 0, 0, 0][..], &three(width - 1), &three(height - 1)].concat())
}

const ALPHA: u8 = 0x10;
const EXIF: u8 = 8;
const ICC: u8 = 0x20;
const ANIMATION: u8 = 2;

/// A lossless picture of one colour: each code has one symbol, so that no pixel has a bit.
fn lossless(width: u32, height: u32) -> Vec<u8> {
    let mut bits = Bits::default();
    bits.put(0x2f, 8);
    bits.put(width - 1, 14);
    bits.put(height - 1, 14);
    // No alpha, version, transforms, colour cache, groups of codes.
    bits.put(0, 1 + 3 + 1 + 1 + 1);
    for _ in 0..5 {
        // A simple code of one symbol of one bit.
        bits.put(0b001, 3);
        bits.put(0, 1);
    }
    bits.put(0, 32);
    chunk(b"VP8L", &bits.into_bytes())
}

/// The head of a lossy picture and some zeros.
fn lossy(width: u16, height: u16) -> Vec<u8> {
    let data = [0x10, 0x20, 0, 0x9d, 1, 0x2a];
    chunk(b"VP8 ", &[&data[..], &width.to_le_bytes(), &height.to_le_bytes(), &[0; 4096]].concat())
}

/// A code of eleven symbols, whose longest have ten bits, so that it takes a table of 1,024 entries.
fn wide_code(bits: &mut Bits) {
    // No simple one; 14 lengths of codes for lengths, for 1 to 10 in three or four bits.
    bits.put(0, 1);
    bits.put(10, 4);
    for length in [0, 0, 0, 3, 3, 3, 3, 3, 0, 3, 4, 4, 4, 4] {
        bits.put(length, 3);
    }
    // Eleven symbols, in a number of four bits.
    bits.put(1, 1);
    bits.put(1, 3);
    bits.put(9, 4);
    for length in (1..=10).chain([10]) {
        // Canonical codes: six of three bits, then four of four.
        if length <= 6 { bits.code(length - 1, 3) } else { bits.code(12 + length - 7, 4) }
    }
}

/// A lossless picture of 16×16 pixels with so many groups of five codes.
fn groups(green: u32, red: u32) -> Vec<u8> {
    let mut bits = Bits::default();
    bits.put(0x2f, 8);
    bits.put(15, 14);
    bits.put(15, 14);
    // No alpha, version.
    bits.put(0, 1 + 3);
    [bits.into_bytes(), without_header(green, red)].concat()
}

fn without_header(green: u32, red: u32) -> Vec<u8> {
    let mut bits = Bits::default();
    // No transforms, colour cache.
    bits.put(0, 1 + 1);
    // Groups, for blocks of 512 pixels a side: an image of one pixel, whose value is the last group.
    bits.put(1, 1);
    bits.put(7, 3);
    bits.put(0, 1);
    for value in [green, red, 0, 0, 0] {
        // A simple code of one symbol of eight bits.
        bits.put(0b101, 3);
        bits.put(value, 8);
    }
    for _ in 0..=(red << 8 | green) {
        (0..5).for_each(|_| wide_code(&mut bits));
    }
    bits.put(0, 32);
    bits.into_bytes()
}

#[test]
fn codes_that_take_a_gigabyte_are_refused() {
    // 8,192 groups: 168 megabytes, in half of one.
    let few = webp(&[chunk(b"VP8L", &groups(255, 31))]);
    assert_eq!(outcome(&few, small()), "too-much-memory");
    assert_eq!(outcome(&few, Limits::PHONE), "malformed");
    let all = groups(255, 255);
    assert_eq!(outcome(&webp(&[chunk(b"VP8L", &all)]), Limits::BROWSER), "too-much-memory");
    assert_eq!(outcome(&animation(16, &[frame(16, 16, &chunk(b"VP8L", &all))]), Limits::BROWSER), "too-much-memory");
    // Alpha has no header of its own.
    let alpha = chunk(b"ALPH", &[&[1], &without_header(255, 31)[..]].concat());
    let file = webp(&[extended(ALPHA, 16, 16), alpha.clone(), lossy(16, 16)]);
    assert_eq!(outcome(&file, small()), "too-much-memory");
    let file = animation(32, &[frame(16, 16, &[alpha, lossy(16, 16)].concat())]);
    assert_eq!(outcome(&file, small()), "too-much-memory");
}

#[test]
fn a_canvas_of_2_to_the_24_pixels_a_side_is_refused() {
    // The decoder refuses products beyond 2^32 itself.
    everywhere(&webp(&[extended(0, 1 << 24, 1 << 24), lossy(16, 16)]), "malformed");
    everywhere(&webp(&[extended(0, 1 << 24, 255), lossy(16, 16)]), "too-long");
    everywhere(&webp(&[extended(0, 1 << 16, 1 << 15), lossy(16, 16)]), "too-many-pixels");
}

#[test]
fn the_largest_pictures_are_refused() {
    everywhere(&webp(&[lossy(16_383, 16_383)]), "too-many-pixels");
    everywhere(&webp(&[lossless(16_383, 16_383)]), "too-many-pixels");
}

#[test]
fn a_lossless_picture_in_forty_bytes_is_decoded_within_the_limits() {
    let file = webp(&[lossless(7_000, 7_000)]);
    assert_eq!(outcome(&file, Limits::PHONE), "too-much-memory");
    assert_eq!(outcome(&webp(&[lossless(5_000, 5_000)]), Limits::PHONE), "picture");
    assert_eq!(outcome(&file, Limits::BROWSER), "picture");
}

#[test]
fn a_picture_larger_than_its_canvas_is_refused_before_it_is_decoded() {
    everywhere(&webp(&[extended(0, 16, 16), lossy(16_383, 16_383)]), "too-many-pixels");
    everywhere(&webp(&[extended(ALPHA, 16, 16), chunk(b"ALPH", &[0; 257]), lossy(16_383, 16_383)]), "too-many-pixels");
}

/// A frame at the top left.
fn frame(width: u32, height: u32, picture: &[u8]) -> Vec<u8> {
    let head = [&[0; 6][..], &three(width - 1), &three(height - 1), &three(10), &[0]].concat();
    chunk(b"ANMF", &[&head, picture].concat())
}

fn animation(side: u32, frames: &[Vec<u8>]) -> Vec<u8> {
    let head = [extended(ANIMATION, side, side), chunk(b"ANIM", &[0; 6])].concat();
    webp(&[head, frames.concat()])
}

#[test]
fn a_flood_of_frames_is_not_judged_to_its_end() {
    let frames = vec![frame(16, 16, &lossless(16, 16)); 20_000];
    everywhere(&animation(16, &frames), "undecodable-frame");
}

#[test]
fn frames_of_many_pixels_together_are_not_judged_to_the_end() {
    let frames = vec![frame(3_500, 3_500, &lossless(3_500, 3_500)); 50];
    assert_eq!(outcome(&animation(3_500, &frames), Limits::PHONE), "undecodable-frame");
}

#[test]
fn a_frame_larger_than_it_says_is_refused_before_it_is_decoded() {
    everywhere(&animation(16, &[frame(16, 16, &lossy(16_383, 16_383))]), "too-many-pixels");
    // However the frames lie one behind the other.
    let hidden = [frame(16, 16, &lossless(16, 16)), vec![0], frame(16, 16, &lossy(16_383, 16_383))];
    everywhere(&animation(16, &hidden), "too-many-pixels");
}

#[test]
fn a_frame_whose_picture_behind_alpha_is_of_another_size_is_refused() {
    let file = |width, height| {
        let picture = [chunk(b"ALPH", &[0; 257]), lossy(width, height)].concat();
        animation(16, &[frame(16, 16, &lossless(16, 16)), frame(16, 16, &picture)])
    };
    everywhere(&file(16, 16), "picture");
    for (width, height) in [(896, 0), (0, 16), (32, 16), (16, 32), (8, 8)] {
        everywhere(&file(width, height), "malformed");
    }
}

#[test]
fn an_animation_whose_canvases_do_not_fit_is_refused() {
    assert_eq!(outcome(&animation(1_500, &[frame(1_500, 1_500, &lossless(1_500, 1_500))]), small()), "too-much-memory");
}

#[test]
fn a_profile_is_not_read_and_exif_within_its_limit_only() {
    let picture = || lossless(64, 64);
    let large = vec![0; 3 << 20];
    let profile = webp(&[extended(ICC, 64, 64), chunk(b"ICCP", &large), picture()]);
    assert_eq!(outcome(&profile, small()), "picture");
    let exif = webp(&[extended(EXIF, 64, 64), picture(), chunk(b"EXIF", &large)]);
    assert_eq!(outcome(&exif, small()), "too-much-metadata");
    everywhere(&exif, "picture");
    // It claims to be of four gigabytes.
    let mut claimed = webp(&[extended(EXIF, 64, 64), picture(), chunk(b"EXIF", &[0; 100])]);
    let at = claimed.len() - 104;
    claimed[at..at + 4].fill(0xff);
    everywhere(&claimed, "too-much-metadata");
}
