//! GIF.

use presend_core::Limits;

use crate::deflate::lzw_zeros;
use crate::{everywhere, outcome, small};

fn header(width: u16, height: u16) -> Vec<u8> {
    // Four colours.
    [b"GIF89a", &width.to_le_bytes()[..], &height.to_le_bytes(), &[0x81, 0, 0], &[9; 12]].concat()
}

fn frame(width: u16, height: u16, data: &[u8]) -> Vec<u8> {
    [&[0x2c, 0, 0, 0, 0][..], &width.to_le_bytes(), &height.to_le_bytes(), &[0, 2], data].concat()
}

fn gif(canvas: (u16, u16), frames: &[Vec<u8>]) -> Vec<u8> {
    [header(canvas.0, canvas.1), frames.concat(), vec![0x3b]].concat()
}

#[test]
fn a_canvas_of_four_gigapixels_is_refused() {
    let one = frame(1, 1, &lzw_zeros(1));
    everywhere(&gif((u16::MAX, u16::MAX), &[one]), "too-many-pixels");
}

#[test]
fn a_frame_beyond_its_canvas_is_held_to_the_limits_too() {
    let large = frame(u16::MAX, u16::MAX, &lzw_zeros(100_000_000));
    everywhere(&gif((64, 64), &[large]), "too-many-pixels");
}

#[test]
fn frames_beyond_their_canvas_count_as_what_they_are() {
    // 30 of 25 megapixels each, in half a megabyte.
    let large = frame(5_000, 5_000, &lzw_zeros(25_000_000));
    assert_eq!(outcome(&gif((64, 64), &vec![large; 30]), Limits::PHONE), "undecodable-frame");
}

#[test]
fn a_thousand_and_one_frames_are_not_judged_to_the_end() {
    let one = frame(1, 1, &lzw_zeros(1));
    everywhere(&gif((16, 16), &vec![one; 1_001]), "undecodable-frame");
}

#[test]
fn a_canvas_that_does_not_fit_is_refused() {
    assert_eq!(outcome(&gif((4_000, 4_000), &[frame(1, 1, &lzw_zeros(1))]), small()), "too-much-memory");
}

#[test]
fn codes_beyond_the_last_pixel_are_left_alone() {
    everywhere(&gif((64, 64), &[frame(64, 64, &lzw_zeros(500_000_000))]), "picture");
}

/// An application extension of so many bytes.
fn extension(name: &[u8; 11], bytes: usize) -> Vec<u8> {
    let mut out = [&[0x21, 0xff, 11][..], name].concat();
    for _ in 0..bytes.div_ceil(255) {
        out.push(255);
        out.extend([7; 255]);
    }
    out.push(0);
    out
}

#[test]
fn profiles_and_xmp_are_kept_within_their_limit_only() {
    let one = frame(64, 64, &lzw_zeros(64 * 64));
    for name in [b"ICCRGBG1012", b"XMP DataXMP"] {
        let file = gif((64, 64), &[extension(name, 3 << 20), one.clone()]);
        assert_eq!(outcome(&file, small()), "too-much-metadata", "{}", name.escape_ascii());
        assert_eq!(outcome(&file, Limits::PHONE), "picture", "{}", name.escape_ascii());
    }
}
