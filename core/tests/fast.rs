//! Fast hashes: near the exact ones where a file can be hashed so, and exact ones where it cannot.

use jpeg_encoder::{ColorType, Encoder, SamplingFactor};
use presend_core::{
    Algorithm, AlgorithmId, DHash, Dihedral, Effort, ImageHash, Limits, LinearIndex, Orientations, Pdq, Pdq512,
    Picture, Pixels, Policy, Precision, Scanned, Scanner, Scratch, Threshold, Verdict,
};

/// Waves and patches in middle tones, which no decoder has to clamp.
fn samples(width: u16, height: u16, channels: usize) -> Vec<u8> {
    let at = |x: u16, y: u16, c: usize| {
        let (u, v) = (f32::from(x) / f32::from(width), f32::from(y) / f32::from(height));
        let waves = ((7.0 * u + 3.0 * v) * 6.0).sin() + ((11.0 * u * v - 5.0 * v + c as f32 * 0.2) * 9.0).cos();
        let patch = f32::from((x * 9 / width * 7 + y * 8 / height * 5) % 11) * 6.0;
        (90.0 + waves * 25.0 + patch) as u8
    };
    let places = (0..height).flat_map(|y| (0..width).map(move |x| (x, y)));
    places.flat_map(|(x, y)| (0..channels).map(move |c| at(x, y, c))).collect()
}

fn jpeg(width: u16, height: u16, colours: ColorType, set: impl FnOnce(&mut Encoder<&mut Vec<u8>>)) -> Vec<u8> {
    let channels = match colours {
        ColorType::Luma => 1,
        ColorType::Rgb => 3,
        _ => 4,
    };
    let mut bytes = Vec::new();
    let mut encoder = Encoder::new(&mut bytes, 88);
    encoder.set_sampling_factor(SamplingFactor::F_2_2);
    set(&mut encoder);
    encoder.encode(&samples(width, height, channels), width, height, colours).expect("encoding to memory");
    bytes
}

fn rgb(width: u16, height: u16) -> Vec<u8> {
    jpeg(width, height, ColorType::Rgb, |_| {})
}

fn fast(bytes: &[u8]) -> Option<ImageHash<Pdq>> {
    let picture = Picture::open(bytes, &Limits::default()).ok()?;
    Pdq.hash_fast(&picture, &[], Effort::NONE).map(|(record, _)| record.hash)
}

fn exact(bytes: &[u8]) -> ImageHash<Pdq> {
    let frame = Picture::open(bytes, &Limits::default()).expect("a picture").next().expect("a frame").expect("whole");
    Pdq.hash(frame.pixels.view(), &mut Scratch::default()).expect("large enough").hash
}

fn scan(bytes: &[u8], known: &[ImageHash<Pdq>], policy: Policy) -> Result<Scanned, presend_core::DecodeError> {
    Scanner::new(Pdq, LinearIndex::new(known.to_vec()), policy).scan(bytes, &mut Scratch::default())
}

fn policy(precision: Precision) -> Policy {
    let mut policy = Policy::of::<Pdq>();
    policy.precision = precision;
    policy
}

/// A scan that may be fast gives the same as one that may not, but for what it says of the precision.
fn assert_exact(bytes: &[u8], what: &str) {
    let known = [exact(&rgb(200, 150))];
    assert_eq!(scan(bytes, &known, policy(Precision::Fast)), scan(bytes, &known, policy(Precision::Exact)), "{what}");
}

#[test]
fn baseline_files_of_every_make_hash_to_within_two_bits_of_exact() {
    let mut files = vec![("grey".to_owned(), jpeg(333, 257, ColorType::Luma, |_| {}))];
    for (width, height) in [(64, 64), (333, 257), (200, 1_001), (640, 480)] {
        for sampling in [SamplingFactor::F_1_1, SamplingFactor::F_2_1, SamplingFactor::F_1_2, SamplingFactor::F_2_2] {
            for restart in [0, 1, 7, 300] {
                let file = jpeg(width, height, ColorType::Rgb, |encoder| {
                    encoder.set_sampling_factor(sampling);
                    encoder.set_restart_interval(restart);
                });
                files.push((format!("{width}x{height}, {sampling:?}, restart {restart}"), file));
            }
        }
    }
    for (name, file) in files {
        let distance = fast(&file).unwrap_or_else(|| panic!("{name}: not fast")).distance(&exact(&file));
        assert!(distance.bits() <= 2, "{name}: {distance} bits");
    }
}

#[test]
fn other_files_are_hashed_exactly() {
    let progressive = jpeg(200, 150, ColorType::Rgb, |encoder| encoder.set_progressive(true));
    let cmyk = jpeg(200, 150, ColorType::Cmyk, |_| {});
    let ycck = jpeg(200, 150, ColorType::CmykAsYcck, |_| {});
    // With tables of their own, this encoder writes a scan for each component.
    let apart = jpeg(200, 150, ColorType::Rgb, |encoder| encoder.set_optimized_huffman_tables(true));
    let small = rgb(63, 150);
    let mut png = std::io::Cursor::new(Vec::new());
    let pixels = image::RgbImage::from_raw(200, 150, samples(200, 150, 3)).expect("packed");
    pixels.write_to(&mut png, image::ImageFormat::Png).expect("encoding to memory");
    let png = png.into_inner();
    for (name, file) in [
        ("progressive", progressive),
        ("CMYK", cmyk),
        ("YCCK", ycck),
        ("three scans", apart),
        ("small", small),
        ("PNG", png),
    ] {
        assert_eq!(fast(&file), None, "{name}");
        assert_exact(&file, name);
        let scanned = scan(&file, &[], policy(Precision::Fast)).expect("a picture");
        assert_eq!(scanned.picture.expect("it was decoded").precision, Precision::Exact, "{name}");
    }
}

#[test]
fn only_pdq_has_a_fast_way() {
    let file = rgb(200, 150);
    let picture = Picture::open(&file, &Limits::default()).expect("a picture");
    assert!(Pdq512.hash_fast(&picture, &[], Effort::NONE).is_none() && Pdq512::FAST.is_none());
    assert!(DHash.hash_fast(&picture, &[], Effort::NONE).is_none() && DHash::FAST.is_none());
    assert_eq!(Pdq::FAST, Some(AlgorithmId::PdqFast));
}

#[test]
fn a_fast_scan_finds_what_is_listed_and_says_that_it_was_fast() {
    let file = rgb(640, 480);
    let scanned = scan(&file, &[exact(&file)], policy(Precision::Fast)).expect("a picture");
    assert!(matches!(&scanned.verdict, Verdict::Match(found) if found[0].distance.bits() <= 2));
    let facts = scanned.picture.expect("it was read");
    assert_eq!((facts.precision, facts.width, facts.height, facts.frames), (Precision::Fast, 640, 480, 1));
    let exact = scan(&file, &[], policy(Precision::Exact)).expect("a picture").picture.expect("it was decoded");
    assert_eq!((exact.precision, exact.quality), (Precision::Exact, facts.quality));
}

#[test]
fn a_fast_scan_finds_turned_copies() {
    let file = rgb(640, 480);
    let frame = Picture::open(&file, &Limits::default()).expect("a picture").next().expect("a frame").expect("whole");
    let mut policy = policy(Precision::Fast);
    policy.orientations = Orientations::Dihedral;
    policy.threshold = Threshold::new(4);
    for way in Dihedral::ALL {
        let turned = Pdq.hash(frame.pixels.view().turned(way), &mut Scratch::default()).expect("large enough").hash;
        let scanned = scan(&file, &[turned], policy).expect("a picture");
        assert!(matches!(&scanned.verdict, Verdict::Match(found) if found[0].orientation == way), "{way}");
        assert_eq!(scanned.picture.expect("it was read").precision, Precision::Fast);
    }
}

#[test]
#[cfg_attr(target_family = "wasm", ignore = "a panic in a decoder cannot be contained in WebAssembly")]
fn a_fast_scan_is_as_hard_on_files_that_are_cut() {
    let file = jpeg(200, 150, ColorType::Rgb, |encoder| encoder.set_restart_interval(5));
    for length in (0..file.len()).step_by(7).chain([file.len() - 2, file.len() - 1]) {
        assert_eq!(fast(&file[..length]), None, "{length} bytes");
        assert_exact(&file[..length], &format!("{length} bytes"));
    }
}

#[test]
#[cfg_attr(target_family = "wasm", ignore = "a panic in a decoder cannot be contained in WebAssembly")]
fn no_byte_that_is_wrong_makes_a_fast_scan_sure_of_what_an_exact_one_doubts() {
    let file = jpeg(72, 64, ColorType::Rgb, |encoder| encoder.set_restart_interval(3));
    let scan = file.windows(2).position(|bytes| bytes == [0xff, 0xda]).expect("the start of the scan");
    // All of the headers, and some of the data, which is all alike.
    let places = (0..scan + 20).chain((scan + 20..file.len()).step_by(5));
    let mut unsure = Vec::new();
    for (at, wrong) in places.flat_map(|at| [0, 0xff, file[at] ^ 1, file[at] ^ 0x80].map(|wrong| (at, wrong))) {
        let mut file = file.clone();
        file[at] = wrong;
        if fast(&file).is_some() {
            let frame = Picture::open(&file, &Limits::default()).expect("it was read").next().expect("a frame");
            if !frame.as_ref().is_ok_and(|frame| !frame.damaged) {
                unsure.push((at, wrong, frame.map(|frame| frame.damaged)));
            }
        }
    }
    assert_eq!(unsure, []);
}

#[test]
fn coefficients_that_no_samples_have_are_left_to_the_decoder_that_clamps_them() {
    let mut file = rgb(200, 150);
    // A quantisation table of 255 everywhere makes every coefficient that large.
    let table = file.windows(2).position(|bytes| bytes == [0xff, 0xdb]).expect("a quantisation table");
    file[table + 5..table + 69].fill(255);
    assert_eq!(fast(&file), None);
    assert_exact(&file, "coefficients out of range");
}

#[test]
fn colours_that_a_decoder_clamps_are_left_to_it() {
    let mut ycc = samples(200, 150, 3);
    for pixel in ycc.chunks_exact_mut(3) {
        // Of such blue and red the screen has no dark ones.
        (pixel[1], pixel[2]) = (255, 255);
    }
    let mut file = Vec::new();
    Encoder::new(&mut file, 88).encode(&ycc, 200, 150, ColorType::Ycbcr).expect("encoding to memory");
    assert_eq!(fast(&file), None);
    assert_exact(&file, "colours out of range");
}

#[test]
fn a_file_longer_than_the_memory_allowed_is_not_copied() {
    let mut file = rgb(200, 150);
    // Comments, as long as they can be.
    let comment = [&[0xff, 0xfe, 0xff, 0xff][..], &[0; 65_533]].concat();
    file.splice(2..2, comment.repeat(20));
    let mut limits = Limits::default();
    let fast = |limits: &Limits| {
        let picture = Picture::open(&file, limits).expect("the pixels fit");
        Pdq.hash_fast(&picture, &[], Effort::NONE).is_some()
    };
    for (memory, expected) in [(file.len(), true), (file.len() - 1, false)] {
        limits.memory = memory as u64;
        assert_eq!(fast(&limits), expected, "{memory} bytes");
    }
}

#[test]
fn nothing_of_an_earlier_picture_shows_in_memory_that_is_used_again() {
    let white = Pixels::new(vec![255; 640 * 480 * 3], 640, 480, presend_core::PixelFormat::Rgb8).expect("packed");
    let file = rgb(200, 150);
    for cut in [&file[..], &file[..file.len() / 2], &file[..700]] {
        let mut scratch = Scratch::default();
        scratch.recycle(white.clone());
        let again = Picture::open_in(cut, &Limits::default(), &mut scratch).map(|mut picture| picture.next());
        let fresh = Picture::open(cut, &Limits::default()).map(|mut picture| picture.next());
        assert_eq!(again, fresh, "{} bytes", cut.len());
    }
}
