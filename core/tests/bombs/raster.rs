//! TIFF and BMP.

use presend_core::Limits;

use crate::deflate::zlib_zeros;
use crate::{everywhere, outcome, small};

/// A directory entry: tag, type, count, value or its place.
type Entry = (u16, u16, u32, u32);

const SHORT: u16 = 3;
const LONG: u16 = 4;
const UNDEFINED: u16 = 7;

/// A TIFF file with this data at offset 8, and one directory behind it, which leads to `next`.
fn tiff(data: &[u8], entries: &[Entry], next: u32) -> Vec<u8> {
    let mut file = b"II*\0".to_vec();
    file.extend((8 + data.len() as u32).to_le_bytes());
    file.extend(data);
    file.extend((entries.len() as u16).to_le_bytes());
    let mut entries = entries.to_vec();
    entries.sort_by_key(|&(tag, ..)| tag);
    for (tag, kind, count, value) in entries {
        file.extend([&tag.to_le_bytes()[..], &kind.to_le_bytes(), &count.to_le_bytes(), &value.to_le_bytes()].concat());
    }
    file.extend(next.to_le_bytes());
    file
}

/// The entries of a grey picture, compressed in this way.
fn grey(width: u32, height: u32, scheme: u32) -> Vec<Entry> {
    vec![(256, LONG, 1, width), (257, LONG, 1, height), (258, SHORT, 1, 8), (259, SHORT, 1, scheme), (262, SHORT, 1, 1)]
}

/// All in one strip.
fn strip(width: u32, height: u32, scheme: u32, data: &[u8], next: u32) -> Vec<u8> {
    let mut entries = grey(width, height, scheme);
    entries.extend([(273, LONG, 1, 8), (278, LONG, 1, height), (279, LONG, 1, data.len() as u32)]);
    tiff(data, &entries, next)
}

const PLAIN: u32 = 1;
const LZW: u32 = 5;
const JPEG: u32 = 7;
const DEFLATE: u32 = 8;
const PACK_BITS: u32 = 32_773;

#[test]
fn absurd_dimensions_are_refused() {
    everywhere(&strip(u32::MAX, u32::MAX, PLAIN, &[0; 9], 0), "too-long");
    everywhere(&strip(1_000_000, 1_000_000, PLAIN, &[0; 9], 0), "too-many-pixels");
}

#[test]
fn pixels_that_the_file_does_not_have_are_missed_within_the_limits() {
    for scheme in [PLAIN, LZW, DEFLATE, PACK_BITS] {
        everywhere(&strip(6_000, 6_000, scheme, &[0; 9], 0), "malformed");
    }
    // The decoder has a picture of its own beside ours.
    assert_eq!(outcome(&strip(5_000, 5_000, PLAIN, &[0; 9], 0), small()), "too-much-memory");
}

#[test]
fn compression_bombs_give_the_picture_and_no_more() {
    everywhere(&strip(64, 64, DEFLATE, &zlib_zeros(200 << 20), 0), "picture");
    // 128 zeros in two bytes.
    everywhere(&strip(64, 64, PACK_BITS, &[0x81, 0].repeat(1 << 20), 0), "picture");
}

#[test]
fn a_directory_that_leads_to_itself_is_refused() {
    let file = strip(64, 64, DEFLATE, &zlib_zeros(64 * 64), 0);
    let directory = u32::from_le_bytes(*file[4..].first_chunk().expect("a header"));
    everywhere(&file, "picture");
    everywhere(&strip(64, 64, DEFLATE, &zlib_zeros(64 * 64), directory), "malformed");
    // Whatever lies at another place is a further page, which is not read.
    everywhere(&strip(64, 64, DEFLATE, &zlib_zeros(64 * 64), 9), "undecodable-frame");
}

#[test]
fn four_billion_strips_are_refused() {
    let mut entries = grey(64, 64, PLAIN);
    entries.extend([(273, LONG, u32::MAX, 8), (278, LONG, 1, 1), (279, LONG, u32::MAX, 8)]);
    everywhere(&tiff(&[0; 64], &entries, 0), "too-much-memory");
}

/// One tile of this size.
fn tile(width: u32, height: u32, scheme: u32, data: &[u8], further: &[Entry]) -> Vec<u8> {
    let mut entries = grey(64, 64, scheme);
    entries.extend([
        (322, LONG, 1, width),
        (323, LONG, 1, height),
        (324, LONG, 1, 8),
        (325, LONG, 1, data.len() as u32),
    ]);
    entries.extend(further);
    tiff(data, &entries, 0)
}

#[test]
fn a_tile_much_larger_than_its_picture_is_refused() {
    everywhere(&tile(1 << 31, 16, DEFLATE, &zlib_zeros(1 << 20), &[]), "too-much-memory");
    everywhere(&tile(1 << 24, 1 << 24, DEFLATE, &zlib_zeros(1 << 30), &[]), "picture");
}

/// A JPEG file of this size, whose first block is all it has.
fn jpeg(width: u16, height: u16) -> Vec<u8> {
    let (x, y) = (width.to_be_bytes(), height.to_be_bytes());
    let quantisation = [vec![0xff, 0xdb, 0, 67, 0], vec![1; 64]].concat();
    let frame = vec![0xff, 0xc0, 0, 11, 8, y[0], y[1], x[0], x[1], 1, 1, 0x11, 0];
    let dc = [&[0xff, 0xc4, 0, 20, 0, 1][..], &[0; 15], &[0]].concat();
    let ac = [&[0xff, 0xc4, 0, 20, 0x10, 1][..], &[0; 15], &[0]].concat();
    let scan = vec![0xff, 0xda, 0, 8, 1, 1, 0, 0, 63, 0, 0, 0, 0xff, 0xd9];
    [vec![0xff, 0xd8], quantisation, frame, dc, ac, scan].concat()
}

#[test]
fn a_jpeg_within_is_held_to_the_limits() {
    everywhere(&strip(8, 8, JPEG, &jpeg(8, 8), 0), "picture");
    everywhere(&strip(64, 64, JPEG, &jpeg(16_384, 16_384), 0), "too-many-pixels");
    assert_eq!(outcome(&strip(64, 64, JPEG, &jpeg(5_000, 5_000), 0), small()), "too-much-memory");
}

#[test]
fn a_jpeg_header_in_two_halves_is_refused() {
    // The tables end with the first byte of a frame's header, and the strip begins, after two bytes that are left out, with
    // the others.
    let whole = jpeg(16_384, 16_384);
    let at = whole.windows(2).position(|marker| marker == [0xff, 0xc0]).expect("a frame") + 1;
    let tables = [&whole[..at], &[0xff, 0xd9]].concat();
    let data = [&[0xff, 0xd8], &whole[at..], &tables].concat();
    let place = 8 + data.len() as u32 - tables.len() as u32;
    let mut entries = grey(64, 64, JPEG);
    entries.extend([(273, LONG, 1, 8), (278, LONG, 1, 64), (279, LONG, 1, place - 8)]);
    entries.push((347, UNDEFINED, tables.len() as u32, place));
    everywhere(&tiff(&data, &entries, 0), "malformed");
}

#[test]
fn planes_in_tiles_that_end_below_the_picture_are_not_decoded() {
    // The decoder takes tiles of the second plane for ones below those of the first, and panics.
    let planes = |height: u32| {
        let data = zlib_zeros(16 * 16);
        let length = data.len() as u32;
        let places = [8_u32; 3].map(u32::to_le_bytes).concat();
        let lengths = [length; 3].map(u32::to_le_bytes).concat();
        let entries = vec![
            (256, LONG, 1, 16),
            (257, LONG, 1, height),
            (258, SHORT, 1, 8),
            (259, SHORT, 1, DEFLATE),
            (262, SHORT, 1, 2),
            (277, SHORT, 1, 3),
            (284, SHORT, 1, 2),
            (322, LONG, 1, 16),
            (323, LONG, 1, 16),
            (324, LONG, 3, 8 + length),
            (325, LONG, 3, 20 + length),
        ];
        tiff(&[data, places, lengths].concat(), &entries, 0)
    };
    everywhere(&planes(16), "picture");
    everywhere(&planes(15), "unsupported");
}

fn bmp(width: i32, height: i32, bits: u16, scheme: u32, data: &[u8]) -> Vec<u8> {
    let palette = if bits <= 8 { 4 << bits } else { 0 };
    let mut file = b"BM".to_vec();
    [54 + palette + data.len() as u32, 0, 54 + palette, 40].iter().for_each(|field| file.extend(field.to_le_bytes()));
    [width, height].iter().for_each(|side| file.extend(side.to_le_bytes()));
    [1, bits].iter().for_each(|field| file.extend(field.to_le_bytes()));
    [scheme, 0, 0, 0, 0, 0].iter().for_each(|field: &u32| file.extend(field.to_le_bytes()));
    file.extend(vec![0; palette as usize]);
    file.extend(data);
    file
}

#[test]
#[cfg_attr(
    target_pointer_width = "32",
    ignore = "where addresses have 32 bits, the decoder refuses some of them itself"
)]
fn bitmaps_of_absurd_dimensions_are_refused() {
    everywhere(&bmp(i32::MAX, i32::MAX, 24, 0, &[0; 9]), "malformed");
    everywhere(&bmp(60_000, -60_000, 24, 0, &[0; 9]), "too-many-pixels");
    assert_eq!(outcome(&bmp(4_000, 4_000, 32, 0, &[0; 9]), small()), "too-much-memory");
}

#[test]
fn run_lengths_beyond_the_picture_are_refused() {
    // 255 pixels in two bytes, and no end of a line.
    let runs = [255, 0].repeat(1 << 20);
    everywhere(&bmp(64, 64, 8, 1, &runs), "malformed");
    everywhere(&bmp(64, 64, 4, 2, &runs), "malformed");
    // Jumps to where no line is.
    let jumps = [0, 2, 255, 255].repeat(1 << 20);
    everywhere(&bmp(64, 64, 8, 1, &jumps), "malformed");
    // A picture in six bytes.
    assert_eq!(outcome(&bmp(7_000, 7_000, 8, 1, &[0, 1]), Limits::PHONE), "picture");
}
