//! PNG and APNG.

use presend_core::Limits;

use crate::deflate::zlib_zeros;
use crate::{everywhere, outcome, small};

fn chunk(name: &[u8; 4], data: &[u8]) -> Vec<u8> {
    // ISO 3309.
    let crc = name.iter().chain(data).fold(u32::MAX, |crc, &byte| {
        (0..8).fold(crc ^ u32::from(byte), |crc, _| if crc & 1 == 1 { crc >> 1 ^ 0xedb8_8320 } else { crc >> 1 })
    });
    [&(data.len() as u32).to_be_bytes()[..], name, data, &(!crc).to_be_bytes()].concat()
}

/// A file of grey samples of so many bits with these chunks before its data.
fn png(width: u32, height: u32, bits: u8, colour: u8, before: &[Vec<u8>], data: &[u8]) -> Vec<u8> {
    let header = [&width.to_be_bytes()[..], &height.to_be_bytes(), &[bits, colour, 0, 0, 0]].concat();
    let chunks = [chunk(b"IHDR", &header), before.concat(), chunk(b"IDAT", data), chunk(b"IEND", b"")];
    [b"\x89PNG\r\n\x1a\n".to_vec(), chunks.concat()].concat()
}

/// A picture of 64×64 pixels with these chunks.
fn with(chunks: &[Vec<u8>]) -> Vec<u8> {
    png(64, 64, 8, 0, chunks, &zlib_zeros(65 * 64))
}

/// Profiles and texts that inflate to this much.
const INFLATED: usize = 200 << 20;

#[test]
fn a_profile_that_inflates_to_200_megabytes_is_left_alone() {
    let profile = [b"all of it\0\0".to_vec(), zlib_zeros(INFLATED)].concat();
    everywhere(&with(&[chunk(b"iCCP", &profile)]), "picture");
}

#[test]
fn texts_that_inflate_to_200_megabytes_each_are_left_alone() {
    let text = zlib_zeros(INFLATED);
    let compressed = chunk(b"zTXt", &[b"Comment\0\0".to_vec(), text.clone()].concat());
    let international = chunk(b"iTXt", &[b"Comment\0\x01\0en\0\0".to_vec(), text].concat());
    everywhere(&with(&[compressed, international]), "picture");
}

#[test]
fn exif_is_kept_within_its_limit_only() {
    let exif = chunk(b"eXIf", &vec![0; (2 << 20) + 1]);
    let file = with(std::slice::from_ref(&exif));
    assert_eq!(outcome(&file, small()), "too-much-metadata");
    everywhere(&file, "picture");
    let two = with(&[exif.clone(), exif]);
    assert_eq!(outcome(&two, two_megabytes()), "too-much-metadata");
}

fn two_megabytes() -> Limits {
    let mut limits = Limits::PHONE;
    limits.metadata = (2 << 20) + 1;
    limits
}

#[test]
fn exif_that_claims_to_be_of_two_gigabytes_is_refused() {
    let mut file = with(&[chunk(b"eXIf", &[0; 100])]);
    let at = file.windows(4).position(|name| name == b"eXIf").expect("it was put there") - 4;
    file[at..at + 4].copy_from_slice(&0x7fff_ffff_u32.to_be_bytes());
    everywhere(&file, "too-much-metadata");
}

#[test]
fn a_picture_of_18_exapixels_is_refused() {
    everywhere(&png(0x7fff_ffff, 0x7fff_ffff, 16, 6, &[], &[]), "too-long");
    everywhere(&png(1_000_000, 1_000_000, 16, 6, &[], &[]), "too-many-pixels");
}

#[test]
fn pixels_within_the_limit_that_need_more_memory_are_refused() {
    // 48 million pixels of 8 bytes are 384 million; a telephone has 403 million, this one 33.
    assert_eq!(outcome(&png(8_000, 6_000, 16, 6, &[], &[]), small()), "too-much-memory");
}

#[test]
fn data_beyond_the_last_row_is_left_alone() {
    everywhere(&png(64, 64, 8, 0, &[], &zlib_zeros(INFLATED)), "picture");
}

#[test]
fn a_row_of_a_million_pixels_is_one_like_others() {
    let limits = Limits::SERVER;
    assert_eq!(outcome(&png(1 << 20, 100, 16, 6, &[], &zlib_zeros(((8 << 20) + 1) * 100)), limits), "picture");
    // Interlaced there are seven pictures in one.
    let mut interlaced = png(1 << 20, 16, 16, 6, &[], &[]);
    interlaced[28] = 1;
    assert_eq!(outcome(&interlaced, limits), "malformed");
}

/// An animation that claims so many frames and has this many, of its whole canvas, after a default picture of none.
fn animation(side: u32, claimed: u32, frames: u32) -> Vec<u8> {
    let data = zlib_zeros((side as usize + 1) * side as usize);
    let mut chunks = vec![chunk(b"acTL", &[claimed.to_be_bytes(), [0; 4]].concat())];
    let control = |number: u32| {
        let zero = [0; 4];
        chunk(
            b"fcTL",
            &[&number.to_be_bytes()[..], &side.to_be_bytes(), &side.to_be_bytes(), &zero, &zero, &zero, &[0; 2]]
                .concat(),
        )
    };
    let mut file = b"\x89PNG\r\n\x1a\n".to_vec();
    file.extend(chunk(b"IHDR", &[&side.to_be_bytes()[..], &side.to_be_bytes(), &[8, 0, 0, 0, 0]].concat()));
    chunks.push(control(0));
    chunks.push(chunk(b"IDAT", &data));
    for frame in 1..frames {
        chunks.push(control(2 * frame - 1));
        chunks.push(chunk(b"fdAT", &[(2 * frame).to_be_bytes().to_vec(), data.clone()].concat()));
    }
    file.extend(chunks.concat());
    file.extend(chunk(b"IEND", b""));
    file
}

#[test]
fn an_animation_of_more_frames_than_allowed_is_not_judged_to_its_end() {
    everywhere(&animation(8, 1_100, 1_100), "undecodable-frame");
}

#[test]
fn an_animation_that_claims_two_billion_frames_ends_with_its_file() {
    everywhere(&animation(64, 0x7fff_ffff, 3), "undecodable-frame");
}

#[test]
fn an_animation_whose_canvases_do_not_fit_is_refused() {
    // 9 million pixels: 9 megabytes in grey, and three canvases of 36.
    assert_eq!(outcome(&animation(3_000, 2, 2), small()), "too-much-memory");
}
