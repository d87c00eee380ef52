//! JPEG.

use presend_core::Limits;

use crate::{everywhere, outcome, small};

fn segment(marker: u8, data: &[u8]) -> Vec<u8> {
    [&[0xff, marker][..], &(data.len() as u16 + 2).to_be_bytes(), data].concat()
}

/// The tables that the files here need: differences of nothing in one bit; no further coefficients, in one bit, or in up to
/// 32,767 blocks.
fn tables() -> Vec<u8> {
    let quantisation = [vec![0], vec![1; 64]].concat();
    let mut dc = vec![0; 18];
    dc[1] = 1;
    let mut ac = vec![0; 19];
    (ac[0], ac[2], ac[18]) = (0x10, 2, 0xe0);
    [segment(0xdb, &quantisation), segment(0xc4, &dc), segment(0xc4, &ac)].concat()
}

fn frame(kind: u8, width: u16, height: u16, sampling: &[u8]) -> Vec<u8> {
    let mut data = vec![8];
    data.extend([height.to_be_bytes(), width.to_be_bytes()].concat());
    data.push(sampling.len() as u8);
    (1_u8..).zip(sampling).for_each(|(id, &sampling)| data.extend([id, sampling, 0]));
    segment(kind, &data)
}

fn scan(components: &[u8], spectrum: (u8, u8), approximation: u8, data: &[u8]) -> Vec<u8> {
    let mut header = vec![components.len() as u8];
    components.iter().for_each(|&id| header.extend([id, 0]));
    header.extend([spectrum.0, spectrum.1, approximation]);
    [segment(0xda, &header), data.to_vec()].concat()
}

fn jpeg(parts: &[Vec<u8>]) -> Vec<u8> {
    [vec![0xff, 0xd8], parts.concat(), vec![0xff, 0xd9]].concat()
}

/// A grey picture of zeros with these segments before it.
fn with(before: &[Vec<u8>]) -> Vec<u8> {
    // A block has three bits, which are zero.
    let data = scan(&[1], (0, 63), 0, &[0; 24]);
    jpeg(&[before.concat(), tables(), frame(0xc0, 64, 64, &[0x11]), data])
}

#[test]
fn a_picture_of_four_gigapixels_is_refused() {
    for kind in [0xc0, 0xc1, 0xc2] {
        let file = jpeg(&[
            tables(),
            frame(kind, u16::MAX, u16::MAX, &[0x22, 0x11, 0x11]),
            scan(&[1, 2, 3], (0, 0), 0, &[0; 99]),
        ]);
        everywhere(&file, "too-many-pixels");
    }
}

#[test]
fn components_larger_than_the_first_are_decoded_only_where_all_come_together() {
    for (kind, of_scan, expected) in
        [(0xc0, &[1, 2, 3][..], None), (0xc0, &[1], Some("unsupported")), (0xc2, &[1, 2, 3], Some("unsupported"))]
    {
        let spectrum = (0, if kind == 0xc2 { 0 } else { 63 });
        let file = |sampling: [u8; 3]| {
            jpeg(&[tables(), frame(kind, 64, 64, &sampling), scan(of_scan, spectrum, 0, &[0; 999])])
        };
        for sampling in [[0x11, 0x11, 0x22], [0x12, 0x21, 0x11]] {
            match expected {
                Some(expected) => everywhere(&file(sampling), expected),
                None => assert_ne!(outcome(&file(sampling), Limits::PHONE), "unsupported"),
            }
        }
        assert_ne!(outcome(&file([0x22, 0x11, 0x11]), Limits::PHONE), "unsupported");
    }
}

#[test]
fn a_progressive_picture_whose_coefficients_do_not_fit_is_refused() {
    // 49 million pixels: 147 megabytes, and 294 of coefficients.
    let file = |kind| jpeg(&[tables(), frame(kind, 7_000, 7_000, &[0x11; 3]), scan(&[1, 2, 3], (0, 0), 0, &[0; 99])]);
    assert_eq!(outcome(&file(0xc2), Limits::PHONE), "too-much-memory");
    // In one sequential scan, only rows of them are held.
    assert_eq!(outcome(&file(0xc0), Limits::PHONE), "picture");
    assert_eq!(outcome(&file(0xc0), small()), "too-much-memory");
}

#[test]
fn a_sequential_picture_in_several_scans_counts_as_a_progressive_one() {
    let parts = [tables(), frame(0xc0, 7_000, 7_000, &[0x11; 3]), scan(&[1], (0, 63), 0, &[0; 99])];
    assert_eq!(outcome(&jpeg(&parts), Limits::PHONE), "too-much-memory");
}

#[test]
fn long_thin_pictures_take_what_they_are_counted_for() {
    for sampling in [[0x11, 0x11, 0x11], [0x22, 0x11, 0x11], [0x44, 0x11, 0x11], [0x41, 0x14, 0x11], [0x11, 0x44, 0x44]]
    {
        for kind in [0xc0, 0xc2] {
            for (width, height) in [(u16::MAX, 1), (1, u16::MAX), (u16::MAX, 40), (3_000, 3_000)] {
                let spectrum = if kind == 0xc0 { (0, 63) } else { (0, 0) };
                let file =
                    jpeg(&[tables(), frame(kind, width, height, &sampling), scan(&[1, 2, 3], spectrum, 0, &[0; 999])]);
                // As much as it takes, or not at all: both are checked to be within the memory allowed.
                for memory in [4, 16, 64, 256, 512] {
                    let mut limits = Limits::PHONE;
                    limits.memory = memory << 20;
                    let code = outcome(&file, limits);
                    assert!(
                        ["damaged", "too-much-memory", "malformed", "unsupported", "too-small", "picture"]
                            .contains(&code),
                        "{code}"
                    );
                }
            }
        }
    }
}

#[test]
fn thousands_of_scans_are_refused() {
    // 65,536 blocks: their first coefficients in a bit each, then the others, again and again, in runs of 32,767 blocks.
    let first = scan(&[1], (0, 0), 0, &[0; 8192]);
    let run = [0x7f, 0xff, 0, 0x7f, 0xff, 0, 0x0f];
    let further = scan(&[1], (1, 63), 0, &run);
    let file =
        |scans: usize| jpeg(&[tables(), frame(0xc2, 2_048, 2_048, &[0x11]), first.clone(), further.repeat(scans)]);
    everywhere(&file(20), "picture");
    everywhere(&file(5_000), "malformed");
}

#[test]
fn restarts_after_every_block_are_counted_on() {
    let blocks: Vec<u8> = (0..64_u8).flat_map(|block| [0x1f, 0xff, 0xd0 + block % 8]).collect();
    let data = scan(&[1], (0, 63), 0, &blocks[..blocks.len() - 2]);
    let file = |restart: u16| {
        jpeg(&[tables(), segment(0xdd, &restart.to_be_bytes()), frame(0xc0, 64, 64, &[0x11]), data.clone()])
    };
    everywhere(&file(1), "picture");
    // The markers come too early.
    everywhere(&file(u16::MAX), "damaged");
}

#[test]
fn segments_beyond_the_metadata_allowed_are_refused() {
    let filling = vec![7; 65_000];
    for (marker, name) in
        [(0xe1, &b"Exif\0\0"[..]), (0xe1, b"http://ns.adobe.com/xap/1.0/\0"), (0xed, b"Photoshop 3.0\0")]
    {
        let file = with(&vec![segment(marker, &[name, &filling].concat()); 20]);
        assert_eq!(outcome(&file, small()), "too-much-metadata", "{}", name.escape_ascii());
        everywhere(&file, "picture");
    }
    // Nobody keeps these.
    assert_eq!(outcome(&with(&vec![segment(0xe7, &filling); 20]), small()), "picture");
}

#[test]
fn a_profile_in_255_parts_is_metadata_like_other() {
    let parts: Vec<_> = (1..=255_u8)
        .map(|part| segment(0xe2, &[&b"ICC_PROFILE\0"[..], &[part, 255], &vec![part; 65_519]].concat()))
        .collect();
    let file = with(&parts);
    assert_eq!(outcome(&file, Limits::PHONE), "too-much-metadata");
    assert_eq!(outcome(&file, Limits::SERVER), "picture");
}

#[test]
fn more_segments_than_anybody_writes_are_refused() {
    // The decoder puts parts of XMP in order again with each segment that follows.
    let part = [&b"http://ns.adobe.com/xmp/extension/\0"[..], &[b'A'; 32], &[0, 0x0f, 0, 0], &[0; 4], b"x"].concat();
    everywhere(&with(&vec![segment(0xe1, &part); 100_000]), "too-much-metadata");
    // Among other segments, fewer are too many.
    let comments = vec![segment(0xfe, b""); 100_000];
    everywhere(&with(&[comments.clone(), vec![segment(0xe1, &part); 200]].concat()), "too-much-metadata");
    everywhere(&with(&[comments, vec![segment(0xe1, &part); 100]].concat()), "picture");
}

#[test]
fn metadata_between_scans_takes_no_more_than_the_file() {
    let first = scan(&[1], (0, 0), 0, &[0; 8192]);
    let profile = segment(0xe2, &[&b"ICC_PROFILE\0\x01\xff"[..], &vec![0; 65_000]].concat());
    let file = jpeg(&[tables(), frame(0xc2, 2_048, 2_048, &[0x11]), first, profile.repeat(100)]);
    everywhere(&file, "picture");
}
