use std::collections::HashSet;

use image::{Rgb, RgbImage};
use presend_core::{Algorithm as _, Pdq, PixelFormat, PixelView, Scratch};

use super::*;
use crate::ops::Jpeg;
use crate::tests::picture;

fn subject(width: u32, height: u32) -> Subject {
    Subject::new(picture(width, height), &[7; 32])
}

fn apply(id: &str, subject: &Subject) -> RgbImage {
    Transform::named(id).expect("a name in the list").apply(subject).expect("it applies")
}

fn distance(a: &RgbImage, b: &RgbImage) -> u16 {
    let hash = |picture: &RgbImage| {
        let view =
            PixelView::new(picture, picture.width(), picture.height(), PixelFormat::Rgb8).expect("three bytes each");
        Pdq.hash(view, &mut Scratch::default()).expect("large enough").hash
    };
    hash(a).distance(&hash(b)).bits()
}

#[test]
fn names_are_unique_and_kebab_case() {
    let names: HashSet<&str> = TRANSFORMS.iter().map(|transform| transform.id).collect();
    assert_eq!(names.len(), TRANSFORMS.len());
    let allowed = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-' || c == '.';
    assert!(names.iter().all(|name| name.chars().all(allowed) && !name.is_empty()), "{names:?}");
}

#[test]
fn families_stand_together_and_count_their_strengths_from_nought() {
    let families: Vec<Family> = TRANSFORMS.iter().map(|transform| transform.family).collect();
    let mut order = families.clone();
    order.dedup();
    assert_eq!(order, Family::ALL);
    for family in Family::ALL {
        let strengths: Vec<u16> = TRANSFORMS
            .iter()
            .filter(|transform| transform.family == family)
            .map(|transform| transform.strength)
            .collect();
        assert_eq!(strengths, (0..strengths.len() as u16).collect::<Vec<_>>(), "{}", family.name());
    }
}

#[test]
fn every_transformation_changes_the_pixels_or_does_not_apply_and_always_in_the_same_way() {
    let (first, second) = (subject(400, 300), subject(400, 300));
    let mut left_out = Vec::new();
    for transform in TRANSFORMS {
        let edited = transform.apply(&first);
        assert_eq!(edited, transform.apply(&second), "{}", transform.id);
        match edited {
            Some(edited) if transform.family == Family::ReEncode => assert_eq!(edited, *first.picture()),
            Some(edited) => assert_ne!(edited, *first.picture(), "{}", transform.id),
            None => left_out.push(transform.id),
        }
    }
    let too_small = ["downscale-4096", "downscale-2048", "downscale-1600", "downscale-1024", "downscale-640"];
    assert_eq!(left_out, too_small);
}

#[test]
fn pictures_of_any_shape_are_transformed_or_left_out() {
    for (width, height) in [(1, 1), (2, 1), (1, 3), (5, 5), (3, 200), (700, 2)] {
        let subject = subject(width, height);
        for transform in TRANSFORMS {
            if let Some(edited) = transform.apply(&subject) {
                assert!(edited.width() > 0 && edited.height() > 0, "{} of {width}x{height}", transform.id);
            }
        }
    }
}

#[test]
fn a_flat_picture_is_left_out_where_nothing_changes() {
    let subject = Subject::new(RgbImage::from_pixel(300, 200, Rgb([120; 3])), &[1; 32]);
    for id in ["blur-2", "grey", "median-3", "flip-y", "rotate-180", "saturation-2"] {
        assert_eq!(Transform::named(id).expect("a name").apply(&subject), None, "{id}");
    }
}

#[test]
fn sizes_are_those_in_the_names() {
    let subject = subject(1000, 500);
    for (id, size) in [
        ("downscale-640", (640, 320)),
        ("downscale-320-box", (320, 160)),
        ("half", (500, 250)),
        ("upscale-2", (2000, 1000)),
        ("stretch-0.8", (800, 500)),
        ("aspect-1x1", (500, 500)),
        ("aspect-16x9", (889, 500)),
        ("crop-centre-2", (960, 480)),
        ("crop-centre-30", (400, 200)),
        ("crop-square", (500, 500)),
        ("border-white-5", (1100, 600)),
        ("border-black-20", (1400, 900)),
        ("pad-square-blur", (1000, 1000)),
        ("letterbox-16x9", (1000, 563)),
        ("rotate-4", (1000, 500)),
        ("rotate-90", (500, 1000)),
        ("flip-x", (1000, 500)),
        ("caption-below-10", (1000, 550)),
        ("caption-above-20", (1000, 600)),
        ("screenshot-20", (1000, 625)),
        ("beside", (2000, 500)),
        ("grid-2x2", (1000, 500)),
        ("signal-low-memory", (768, 384)),
        ("telegram", (1000, 500)),
        ("thumbnail-128-q50", (128, 64)),
    ] {
        assert_eq!(apply(id, &subject).dimensions(), size, "{id}");
    }
}

#[test]
fn presets_scale_large_pictures_and_keep_to_their_bytes() {
    let subject = Subject::new(crate::ops::noise(&picture(3000, 1500), 60.0, 3), &[2; 32]);
    assert_eq!(apply("telegram", &subject).dimensions(), (1280, 640));
    assert_eq!(apply("mastodon", &subject).dimensions(), (1810, 905));
    assert_eq!(apply("whatsapp-2048-q50", &subject).dimensions(), (2048, 1024));
    assert_eq!(apply("signal-high", &subject).dimensions(), (3000, 1500));
    assert_eq!(apply("signal-ios", &subject).dimensions(), (3000, 1500));
    let file = Jpeg::of(70).write(&apply("signal-standard", &subject)).expect("it fits the format");
    assert!(file.len() <= 1 << 20, "{}", file.len());
}

#[test]
fn crops_and_borders_leave_the_rest_as_it_is() {
    let subject = subject(400, 300);
    let original = subject.picture();
    let part =
        |edited: &RgbImage, x, y, width, height| image::imageops::crop_imm(edited, x, y, width, height).to_image();
    assert_eq!(apply("crop-centre-5", &subject), part(original, 20, 15, 360, 270));
    let bordered = apply("border-black-5", &subject);
    assert_eq!(part(&bordered, 20, 20, 400, 300), *original);
    assert!(
        bordered
            .enumerate_pixels()
            .all(|(x, y, pixel)| { (20..420).contains(&x) && (20..320).contains(&y) || pixel.0 == [0; 3] })
    );
    assert_eq!(part(&apply("pad-square-white", &subject), 0, 50, 400, 300), *original);
    assert_eq!(part(&apply("caption-below-10", &subject), 0, 0, 400, 300), *original);
    assert_eq!(part(&apply("caption-over-15", &subject), 0, 0, 400, 255), part(original, 0, 0, 400, 255));
    assert_eq!(part(&apply("beside", &subject), 0, 0, 400, 300), *original);
}

#[test]
fn one_sided_crops_go_around_the_sides() {
    let edited: HashSet<(u32, u32, Rgb<u8>)> = (0..32)
        .map(|digest| apply("crop-side-10", &Subject::new(picture(200, 100), &[digest; 32])))
        .map(|edited| (edited.width(), edited.height(), *edited.get_pixel(0, 0)))
        .collect();
    assert_eq!(edited.len(), 4, "{edited:?}");
}

#[test]
fn turns_are_the_engines() {
    let subject = subject(40, 30);
    let original = subject.picture();
    let at = |id: &str, x, y| *apply(id, &subject).get_pixel(x, y);
    // The upper right corner goes to the upper left when turned counter-clockwise.
    assert_eq!(at("rotate-90", 0, 0), *original.get_pixel(39, 0));
    assert_eq!(at("rotate-270", 29, 0), *original.get_pixel(0, 0));
    assert_eq!(at("flip-x", 3, 0), *original.get_pixel(3, 29));
    assert_eq!(at("flip-y", 0, 4), *original.get_pixel(39, 4));
    assert_eq!(at("flip-plus-1", 5, 2), *original.get_pixel(2, 5));
    assert_eq!(at("flip-minus-1", 29, 39), *original.get_pixel(0, 0));
    for way in presend_core::Dihedral::ALL.into_iter().skip(1) {
        let view = PixelView::new(original, 40, 30, PixelFormat::Rgb8).expect("three bytes each").turned(way);
        let turned = apply(way.name(), &subject);
        assert_eq!((view.width(), view.height()), (turned.width() as usize, turned.height() as usize), "{way}");
        let hashed = Pdq.hash(view, &mut Scratch::default()).expect("large enough").hash;
        let own =
            PixelView::new(&turned, turned.width(), turned.height(), PixelFormat::Rgb8).expect("three bytes each");
        assert_eq!(hashed, Pdq.hash(own, &mut Scratch::default()).expect("large enough").hash, "{way}");
    }
}

#[test]
fn palettes_have_as_many_colours_as_they_say() {
    let subject = subject(300, 200);
    for (id, most) in [("gif-256", 256), ("palette-64-dither", 64), ("palette-16", 16), ("black-and-white", 2)] {
        let colours: HashSet<Rgb<u8>> = apply(id, &subject).pixels().copied().collect();
        assert!(colours.len() <= most && colours.len() * 4 > most, "{id}: {}", colours.len());
    }
}

#[test]
fn tones_are_those_in_the_names() {
    let subject = Subject::new(
        RgbImage::from_fn(20, 20, |x, _| if x < 10 { Rgb([100, 50, 200]) } else { Rgb([10; 3]) }),
        &[0; 32],
    );
    let first = |id: &str| apply(id, &subject).get_pixel(0, 0).0;
    assert_eq!(first("brightness-1.2"), [120, 60, 240]);
    assert_eq!(first("brightness-1.5"), [150, 75, 255]);
    assert_eq!(first("contrast-0.7"), [108, 73, 178]);
    assert_eq!(first("gamma-2"), [39, 10, 157]);
    assert_eq!(first("invert"), [155, 205, 55]);
    assert_eq!(first("warm"), [110, 50, 160]);
    assert_eq!(first("grey"), [82; 3]);
    assert_eq!(first("saturation-2"), [118, 18, 255]);
    // A third of a turn would exchange the colours; the sum stays.
    assert!((first("hue-15").iter().map(|&sample| i32::from(sample)).sum::<i32>() - 350).abs() <= 2);
}

#[test]
fn mild_transformations_keep_the_hash_near() {
    let subject = subject(400, 300);
    for id in [
        "jpeg-q75",
        "jpeg-q50",
        "webp-q50",
        "gif-256",
        "half",
        "upscale-2",
        "aspect-1x1",
        "brightness-0.8",
        "contrast-1.3",
        "gamma-2",
        "grey",
        "blur-1",
        "noise-10",
        "vignette-0.3",
        "signal-standard",
        "telegram",
        "watermark-corner",
    ] {
        let distance = distance(subject.picture(), &apply(id, &subject));
        assert!(distance <= 20, "{id}: {distance}");
    }
}
