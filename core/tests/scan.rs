//! Verdicts: what is looked up of a picture, and how the answers add up.

use std::io::Cursor;

use image::codecs::gif::GifEncoder;
use image::{DynamicImage, ImageEncoder, ImageFormat, Rgb, RgbImage, Rgba, RgbaImage};
use presend_core::{
    Algorithm, Backdrop, DecodeError, Dihedral, Format, FrameScan, ImageHash, Inconclusive, LinearIndex, Match,
    Orientations, Pdq, PictureFacts, PixelFormat, PixelView, Policy, Quality, Scanned, Scanner, Scratch, Threshold,
    Verdict,
};

type Known = LinearIndex<Pdq>;

/// A picture with structure: a patchwork whose shades depend on the seed.
fn picture(seed: u32, width: u32, height: u32) -> RgbImage {
    RgbImage::from_fn(width, height, |x, y| {
        let patch = seed * 1_000 + x * 9 / width * 20 + y * 7 / height;
        let value = (patch.wrapping_mul(2_654_435_761) >> 24) as u8;
        Rgb([value, value / 2 + 60, 255 - value / 3])
    })
}

fn hash(image: &RgbImage) -> ImageHash<Pdq> {
    let view = PixelView::new(image.as_raw(), image.width(), image.height(), PixelFormat::Rgb8).expect("packed");
    let hashed = Pdq.hash(view, &mut Scratch::default()).expect("large enough");
    assert!(hashed.quality >= Quality::DEFAULT_GATE, "the picture must be worth hashing");
    hashed.hash
}

fn scanner(known: &[&RgbImage]) -> Scanner<Pdq, Known> {
    Scanner::new(Pdq, known.iter().map(|image| hash(image)).collect(), Policy::of::<Pdq>())
}

fn scan(scanner: &Scanner<Pdq, Known>, bytes: &[u8]) -> Scanned {
    scanner.scan(bytes, &mut Scratch::default()).expect("a well-formed file")
}

/// What a scan tells of a picture that it decoded.
fn facts(scanned: &Scanned) -> PictureFacts {
    scanned.picture.expect("the picture was decoded")
}

fn encode(image: impl Into<DynamicImage>, format: ImageFormat) -> Vec<u8> {
    let mut bytes = Vec::new();
    image.into().write_to(&mut Cursor::new(&mut bytes), format).expect("encoding to memory");
    bytes
}

fn only_match(verdict: &Verdict) -> &Match {
    match verdict {
        Verdict::Match(found) if found.len() == 1 => &found[0],
        other => panic!("expected one match, found {other:?}"),
    }
}

#[test]
fn a_listed_picture_matches_and_another_does_not() {
    let (known, other) = (picture(1, 200, 150), picture(2, 200, 150));
    let scanner = scanner(&[&known]);
    let found = scan(&scanner, &encode(known, ImageFormat::Png));
    let found = only_match(&found.verdict);
    assert_eq!((found.entry, found.distance.bits(), found.frame), (0, 0, 0));
    assert_eq!((found.backdrop, found.orientation), (Backdrop::Ignored, Dihedral::Original));
    assert_eq!(scan(&scanner, &encode(other, ImageFormat::Png)).verdict, Verdict::NoMatch);
}

#[test]
fn a_picture_hidden_under_alpha_is_found() {
    let known = picture(1, 200, 150);
    let hidden = RgbaImage::from_fn(200, 150, |x, y| {
        let Rgb([r, g, b]) = *known.get_pixel(x, y);
        Rgba([r, g, b, 0])
    });
    let scanned = scan(&scanner(&[&known]), &encode(hidden, ImageFormat::Png));
    assert_eq!(only_match(&scanned.verdict).backdrop, Backdrop::Ignored);
}

#[test]
fn a_picture_visible_only_through_alpha_is_found() {
    let grey = DynamicImage::from(picture(1, 200, 150)).into_luma8();
    for (ink, backdrop) in [(0, Backdrop::White), (255, Backdrop::Black)] {
        let drawn = RgbaImage::from_fn(200, 150, |x, y| {
            let luma = grey.get_pixel(x, y)[0];
            Rgba([ink, ink, ink, if ink == 0 { 255 - luma } else { luma }])
        });
        let known = DynamicImage::from(grey.clone()).into_rgb8();
        let scanned = scan(&scanner(&[&known]), &encode(drawn, ImageFormat::Png));
        assert_eq!(only_match(&scanned.verdict).backdrop, backdrop);
        assert_eq!(facts(&scanned).quality.map(Quality::value), Some(0), "the stored colours are flat");
    }
}

#[test]
fn a_view_that_shows_nothing_casts_no_doubt_but_a_faint_one_does() {
    let grey = DynamicImage::from(picture(1, 200, 150)).into_luma8();
    let ink = RgbaImage::from_fn(200, 150, |x, y| Rgba([0, 0, 0, 255 - grey.get_pixel(x, y)[0]]));
    let scanner = scanner(&[&picture(2, 200, 150)]);
    assert_eq!(scan(&scanner, &encode(ink, ImageFormat::Png)).verdict, Verdict::NoMatch);

    // Colours that are too faint to judge hide below a picture that is clear.
    let faint = RgbaImage::from_fn(200, 150, |x, y| {
        let luma = grey.get_pixel(x, y)[0];
        let value = 120 + luma / 5;
        Rgba([value, value, value, luma])
    });
    let verdict = scan(&scanner, &encode(faint, ImageFormat::Png)).verdict;
    assert!(matches!(verdict, Verdict::Inconclusive(Inconclusive::LowQuality { .. })), "{verdict:?}");
}

#[test]
fn flat_and_tiny_pictures_are_inconclusive_and_never_clean() {
    let scanner = scanner(&[&picture(1, 200, 150)]);
    let flat = scan(&scanner, &encode(RgbImage::from_pixel(80, 60, Rgb([9, 99, 199])), ImageFormat::Png));
    let expected = Inconclusive::LowQuality { quality: Quality::new(0).unwrap(), min: Quality::DEFAULT_GATE, frame: 0 };
    assert_eq!(flat.verdict, Verdict::Inconclusive(expected));
    let tiny = scan(&scanner, &encode(RgbImage::new(1, 1), ImageFormat::Png));
    assert!(matches!(tiny.verdict, Verdict::Inconclusive(Inconclusive::TooSmall(_))), "{tiny:?}");
    assert_eq!(facts(&tiny).quality, None);
}

#[test]
fn an_orientation_tag_is_followed() {
    let upright = picture(3, 150, 200);
    // Exif 6: turn the stored picture clockwise to see it upright.
    let stored = image::imageops::rotate270(&upright);
    let mut exif = b"II*\0\x08\0\0\0\x01\0".to_vec();
    exif.extend_from_slice(&[0x12, 0x01, 3, 0, 1, 0, 0, 0, 6, 0, 0, 0, 0, 0, 0, 0]);
    let mut bytes = Vec::new();
    let mut encoder = image::codecs::png::PngEncoder::new(&mut bytes);
    encoder.set_exif_metadata(exif).expect("PNG holds Exif");
    encoder.write_image(stored.as_raw(), 200, 150, image::ExtendedColorType::Rgb8).expect("encoding to memory");

    let scanned = scan(&scanner(&[&upright]), &bytes);
    let found = only_match(&scanned.verdict);
    assert_eq!((found.orientation, found.distance.bits()), (Dihedral::Rotate270, 0));
    assert_eq!((facts(&scanned).width, facts(&scanned).height), (200, 150), "as stored");
    // The stored orientation stays the hash of record.
    assert_eq!(only_match(&scan(&scanner(&[&stored]), &bytes).verdict).orientation, Dihedral::Original);
    // Without the tag the turned picture is another one.
    let untagged = encode(stored, ImageFormat::Png);
    assert_eq!(scan(&scanner(&[&upright]), &untagged).verdict, Verdict::NoMatch);
}

#[test]
fn turned_and_mirrored_copies_are_found_when_asked_for() {
    let known = picture(3, 150, 200);
    let mut policy = Policy::of::<Pdq>();
    policy.orientations = Orientations::Dihedral;
    let scanner = Scanner::new(Pdq, LinearIndex::new(vec![hash(&known)]), policy);
    let copies = [
        (image::imageops::rotate90(&known), Dihedral::Rotate90),
        (image::imageops::rotate180(&known), Dihedral::Rotate180),
        (image::imageops::rotate270(&known), Dihedral::Rotate270),
        (image::imageops::flip_vertical(&known), Dihedral::FlipX),
        (image::imageops::flip_horizontal(&known), Dihedral::FlipY),
        (image::imageops::flip_horizontal(&image::imageops::rotate90(&known)), Dihedral::FlipPlus1),
        (image::imageops::flip_horizontal(&image::imageops::rotate270(&known)), Dihedral::FlipMinus1),
    ];
    for (copy, orientation) in copies {
        let scanned = scan(&scanner, &encode(copy, ImageFormat::Png));
        let found = only_match(&scanned.verdict);
        assert_eq!((found.orientation, found.distance.bits()), (orientation, 0));
    }
}

fn animation(frames: &[&RgbImage]) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut encoder = GifEncoder::new(&mut bytes);
    let frames = frames.iter().map(|frame| image::Frame::new(DynamicImage::from((*frame).clone()).into_rgba8()));
    encoder.encode_frames(frames).expect("encoding to memory");
    drop(encoder);
    bytes
}

#[test]
fn any_frame_of_an_animation_may_match() {
    let (a, b, c) = (picture(1, 120, 90), picture(2, 120, 90), picture(3, 120, 90));
    let bytes = animation(&[&a, &b, &c]);
    for (frame, known) in [&a, &b, &c].into_iter().enumerate() {
        let scanned = scan(&scanner(&[known]), &bytes);
        assert_eq!(only_match(&scanned.verdict).frame as usize, frame);
        assert_eq!(facts(&scanned).frames, 3);
    }
    let all = scan(&scanner(&[&c, &a]), &bytes);
    let Verdict::Match(found) = all.verdict else { panic!("both are there") };
    assert_eq!(found.len(), 2);
}

#[test]
fn a_flat_frame_leaves_an_animation_inconclusive_unless_another_matches() {
    let (a, b) = (picture(1, 120, 90), picture(2, 120, 90));
    let flat = RgbImage::from_pixel(120, 90, Rgb([7, 7, 7]));
    let bytes = animation(&[&a, &flat]);
    assert!(matches!(
        scan(&scanner(&[&b]), &bytes).verdict,
        Verdict::Inconclusive(Inconclusive::LowQuality { frame: 1, .. })
    ));
    assert!(matches!(scan(&scanner(&[&a]), &bytes).verdict, Verdict::Match(_)));
}

#[test]
fn frames_beyond_the_limit_or_the_end_of_the_file_leave_doubt() {
    let (a, b, c) = (picture(1, 120, 90), picture(2, 120, 90), picture(3, 120, 90));
    let bytes = animation(&[&a, &b]);
    let mut policy = Policy::of::<Pdq>();
    policy.limits.frames = 1;
    let limited = |known: &RgbImage| {
        let scanner = Scanner::new(Pdq, LinearIndex::new(vec![hash(known)]), policy);
        scan(&scanner, &bytes).verdict
    };
    let expected = Inconclusive::Undecodable { frame: 1, error: DecodeError::TooManyFrames { frames: 1 } };
    assert_eq!(limited(&c), Verdict::Inconclusive(expected));
    assert!(matches!(limited(&a), Verdict::Match(_)));

    let cut = &bytes[..bytes.len() - 200];
    let verdict = scan(&scanner(&[&c]), cut).verdict;
    assert!(matches!(verdict, Verdict::Inconclusive(Inconclusive::Undecodable { frame: 1, .. })), "{verdict:?}");
    assert!(matches!(scan(&scanner(&[&a]), cut).verdict, Verdict::Match(_)));
}

/// What becomes of frames that somebody else decoded.
fn scan_frames(scanner: &Scanner<Pdq, Known>, frames: &[&RgbImage]) -> (FrameScan, Vec<bool>) {
    let (mut scan, mut scratch) = (FrameScan::default(), Scratch::default());
    let mut view = |frame: &RgbImage, scan: &mut FrameScan| {
        let pixels = PixelView::new(frame.as_raw(), frame.width(), frame.height(), PixelFormat::Rgb8).expect("packed");
        scanner.scan_frame(pixels, scan, &mut scratch)
    };
    let wanted = frames.iter().map(|frame| view(frame, &mut scan)).collect();
    (scan, wanted)
}

#[test]
fn frames_that_others_decode_are_judged_as_an_animation_is() {
    let frames: Vec<RgbImage> = (1..=3).map(|seed| picture(seed, 200, 150)).collect();
    let frames: Vec<&RgbImage> = frames.iter().collect();
    let (scan, wanted) = scan_frames(&scanner(&[frames[2]]), &frames);
    assert_eq!((scan.frames(), scan.size(), wanted), (3, Some((200, 150)), vec![true; 3]));
    assert!(scan.quality() >= Some(Quality::DEFAULT_GATE));
    let verdict = scan.verdict().expect("three frames");
    assert_eq!(only_match(&verdict).frame, 2);

    let other = picture(9, 200, 150);
    assert_eq!(scan_frames(&scanner(&[&other]), &frames).0.verdict(), Some(Verdict::NoMatch));
    let flat = RgbImage::new(200, 150);
    let verdict = scan_frames(&scanner(&[&other]), &[frames[0], &flat]).0.verdict();
    assert!(matches!(verdict, Some(Verdict::Inconclusive(Inconclusive::LowQuality { frame: 1, .. }))), "{verdict:?}");
    assert_eq!(FrameScan::default().verdict(), None, "nothing was judged");
}

#[test]
fn frames_that_others_decode_are_held_to_the_limits() {
    let frames: Vec<RgbImage> = (1..=3).map(|seed| picture(seed, 200, 150)).collect();
    let frames: Vec<&RgbImage> = frames.iter().collect();
    let limited = |known: &RgbImage, limit: fn(&mut Policy)| {
        let mut policy = Policy::of::<Pdq>();
        limit(&mut policy);
        let (scan, wanted) = scan_frames(&Scanner::new(Pdq, [hash(known)].into_iter().collect(), policy), &frames);
        (scan.verdict().expect("frames"), wanted)
    };
    let doubt = |frame, error| Verdict::Inconclusive(Inconclusive::Undecodable { frame, error });
    let (verdict, wanted) = limited(&picture(9, 200, 150), |policy| policy.limits.frames = 2);
    assert_eq!((verdict, wanted), (doubt(2, DecodeError::TooManyFrames { frames: 2 }), vec![true, true, false]));
    let (verdict, _) = limited(&picture(9, 200, 150), |policy| policy.limits.animation_pixels = 200 * 150);
    assert_eq!(verdict, doubt(1, DecodeError::TooManyFrames { frames: 1 }));
    let (verdict, wanted) = limited(frames[0], |policy| policy.limits.pixels = 29_999);
    let error = DecodeError::TooManyPixels { width: 200, height: 150, limit: 29_999 };
    assert_eq!((verdict, wanted), (doubt(0, error), vec![false; 3]), "too large to look at");
    let (verdict, _) = limited(frames[0], |policy| policy.limits.frames = 1);
    assert_eq!(only_match(&verdict).frame, 0, "what was seen matches");
}

#[test]
fn the_threshold_is_inclusive_and_small_sets_lose_nothing() {
    let known = picture(1, 200, 150);
    let exact = hash(&known);
    let bytes = encode(known, ImageFormat::Png);
    // The hash with its lowest bits flipped.
    let flipped = |bits: usize| -> ImageHash<Pdq> {
        let mut text: Vec<u8> = (0..32)
            .map(|i| u8::from_str_radix(&exact.to_string()[2 * i..2 * i + 2], 16).expect("hexadecimal"))
            .collect();
        (0..bits).for_each(|bit| text[31 - bit / 8] ^= 1 << (bit % 8));
        ImageHash::from_bytes(&text).expect("32 bytes")
    };
    let near = |bits| Scanner::new(Pdq, LinearIndex::new(vec![flipped(bits)]), Policy::of::<Pdq>());
    assert_eq!(only_match(&scan(&near(31), &bytes).verdict).distance.bits(), 31);
    assert_eq!(scan(&near(32), &bytes).verdict, Verdict::NoMatch);
    let mut policy = Policy::of::<Pdq>();
    policy.threshold = Threshold::new(32);
    let wider = Scanner::new(Pdq, LinearIndex::new(vec![flipped(32)]), policy);
    assert_eq!(only_match(&scan(&wider, &bytes).verdict).distance.bits(), 32);

    for count in [1, 2, 3, 4, 8, 16, 17] {
        let set = Scanner::new(Pdq, (0..count).map(flipped).collect::<Known>(), Policy::of::<Pdq>());
        let Verdict::Match(found) = scan(&set, &bytes).verdict else { panic!("{count} near-duplicates") };
        let distances: Vec<u16> = found.iter().map(|found| found.distance.bits()).collect();
        assert_eq!(distances, (0..count as u16).collect::<Vec<_>>(), "all of them, the nearest first");
    }
}

#[test]
fn what_is_no_picture_is_an_error() {
    assert_eq!(DecodeError::Empty.format(), None);
    assert_eq!(DecodeError::Unsupported { format: Format::Avif, detail: None }.format(), Some(Format::Avif));
    let scanner = scanner(&[&picture(1, 200, 150)]);
    let scan = |bytes: &[u8]| scanner.scan(bytes, &mut Scratch::default()).unwrap_err();
    assert_eq!(scan(b""), DecodeError::Empty);
    assert_eq!(scan(b"some text"), DecodeError::UnknownFormat);
    assert!(matches!(scan(b"\x89PNG\r\n\x1a\n"), DecodeError::Malformed { .. }));
    assert!(matches!(scan(b"\0\0\0\x18ftypheic\0\0\0\0mif1heic"), DecodeError::Unsupported { .. }));
}
