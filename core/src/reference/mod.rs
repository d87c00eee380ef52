//! Each stage of PDQ again, naive, line by line after the specification. The definition that the engine is tested
//! against; compiled for tests only.

mod pdq;
mod random;

use std::path::Path;

use proptest::prelude::*;

pub(crate) use random::Random;

use crate::hash::pdq::{bits, coefficients, downsample, quality};
use crate::hash::{Algorithm, Dihedral, Scratch};
use crate::pixels::{Backdrop, PixelFormat, PixelView, Pixels};
use crate::{Backend, Pdq, Pdq512};

/// Pictures of every layout and of sizes around the filter's window steps.
fn pictures() -> impl Strategy<Value = Pixels> {
    let side = prop_oneof![5..40_usize, 60..70_usize, 120..140_usize, 250..270_usize, Just(513_usize)];
    let format = prop_oneof![
        Just(PixelFormat::Grey8),
        Just(PixelFormat::GreyAlpha8),
        Just(PixelFormat::Rgb8),
        Just(PixelFormat::Rgba8)
    ];
    (side.clone(), side, format, any::<u64>(), 0..4_u32).prop_map(|(width, height, format, seed, smooth)| {
        let mut state = seed | 1;
        let bytes = (0..width * height * format.channels())
            .map(|i| {
                state ^= state << 13;
                state ^= state >> 7;
                state ^= state << 17;
                // Noise, or noise on a ramp: pictures with strong low frequencies.
                ((state >> 32) as u32 >> (24 + smooth)) as u8 ^ if smooth > 0 { (i / 7) as u8 } else { 0 }
            })
            .collect();
        Pixels::new(bytes, width as u32, height as u32, format).expect("packed pixels")
    })
}

fn backdrops() -> impl Strategy<Value = Backdrop> {
    prop_oneof![Just(Backdrop::Ignored), Just(Backdrop::White), Just(Backdrop::Black)]
}

/// Bits of floats, so that signed zeros count.
fn exact(rows: &[[f32; 64]; 64]) -> Vec<u32> {
    rows.as_flattened().iter().map(|value| value.to_bits()).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(if cfg!(target_family = "wasm") { 24 } else { 96 }))]

    #[test]
    fn every_stage_is_its_naive_twin_bit_for_bit(picture in pictures(), backdrop in backdrops()) {
        let view = picture.view().on(backdrop);
        let luma = pdq::luma(view);
        let naive = pdq::downsample(&luma);
        let expected = pdq::dct(&naive);
        for backend in Backend::available() {
            let ours = downsample(view, &mut Scratch::with_backend(backend).pdq);
            prop_assert_eq!(exact(&ours), exact(&naive), "{}", backend.name());
            prop_assert_eq!(quality(&ours, backend).value(), pdq::quality(&naive), "{}", backend.name());
            let found = coefficients(&ours, backend);
            prop_assert_eq!(
                found.as_flattened().iter().map(|value| value.to_bits()).collect::<Vec<_>>(),
                expected.iter().flatten().map(|value| value.to_bits()).collect::<Vec<_>>(),
                "{}", backend.name()
            );
            prop_assert_eq!(bits(&found), pdq::bits(&expected));
        }
    }

    #[test]
    fn scratch_carries_nothing_over(first in pictures(), second in pictures()) {
        let mut reused = Scratch::default();
        let _ = Pdq.hash(first.view(), &mut reused);
        let _ = Pdq512.hash(first.view(), &mut reused);
        prop_assert_eq!(Pdq.hash(second.view(), &mut reused), Pdq.hash(second.view(), &mut Scratch::default()));
        prop_assert_eq!(Pdq512.hash(second.view(), &mut reused), Pdq512.hash(second.view(), &mut Scratch::default()));
    }

    #[test]
    fn sampling_to_512_is_nearest_at_or_left(picture in pictures()) {
        let sampled = pdq::sample_512(&picture);
        let ours = Pdq512.hash(picture.view(), &mut Scratch::default());
        let expected = Pdq.hash(sampled.view(), &mut Scratch::default());
        prop_assert_eq!(ours.map(|found| found.hash.to_string()), expected.map(|found| found.hash.to_string()));
    }
}

/// A picture with structure at every scale, wider than high.
fn landscape() -> Pixels {
    let (width, height) = (200_u32, 150_u32);
    let bytes = (0..height)
        .flat_map(|y| {
            (0..width).map(move |x| {
                let hills = (x * x / 40 + y * 3) % 256;
                let blobs = if (x / 23 + y / 31) % 3 == 0 { 90 } else { 0 };
                (hills / 2 + blobs + (x * 7 + y * 13) % 32) as u8
            })
        })
        .collect();
    Pixels::new(bytes, width, height, PixelFormat::Grey8).expect("packed pixels")
}

/// Distances of the dihedral hashes from the hashes of the pixels really turned.
fn drift(picture: &Pixels) -> Vec<(Dihedral, u16)> {
    let mut scratch = Scratch::default();
    let (_, dihedral) = Pdq.hash_dihedral(picture.view(), &mut scratch).unwrap();
    let mut drift = Vec::new();
    for way in Dihedral::ALL {
        let turned = picture.view().turned(way).flatten();
        let really = Pdq.hash(turned.view(), &mut scratch).unwrap().hash;
        drift.push((way, dihedral[way].distance(&really).bits()));
        // Whatever the drift, no other way is nearer than chance.
        for (other, hash) in dihedral.iter().filter(|(other, _)| *other != way) {
            let distance = hash.distance(&really).bits();
            assert!(distance > 64, "{other} is only {distance} bits from {way}");
        }
    }
    drift
}

#[test]
fn where_the_filter_is_symmetric_dihedral_hashes_are_those_of_turned_pixels() {
    // With sides of 64 the window is one pixel and the samples are the pixels.
    let (width, height) = (64, 64);
    let large = landscape();
    let cut = (0..height).flat_map(|y| (0..width).map(move |x| (x, y))).map(|(x, y)| large.view().pixel::<1>(x, y)[0]);
    let picture = Pixels::new(cut.collect(), 64, 64, PixelFormat::Grey8).unwrap();
    for (way, distance) in drift(&picture) {
        assert!(distance <= 2, "{way}: {distance} bits from the hash of the turned pixels");
    }
}

#[test]
fn where_it_is_not_they_are_near_in_large_pictures() {
    for (way, distance) in drift(&enlarged(&landscape())) {
        assert!(distance <= 24, "{way}: {distance} bits from the hash of the turned pixels");
    }
}

#[test]
fn a_turned_view_hashes_as_the_turned_pixels() {
    let picture = landscape();
    let mut scratch = Scratch::default();
    for way in Dihedral::ALL {
        let turned = picture.view().turned(way);
        let pixels = turned.flatten();
        assert_eq!(Pdq.hash(turned, &mut scratch), Pdq.hash(pixels.view(), &mut scratch), "{way}");
        let large = enlarged(&picture);
        let turned = large.view().turned(way);
        let pixels = turned.flatten();
        assert_eq!(Pdq512.hash(turned, &mut scratch), Pdq512.hash(pixels.view(), &mut scratch), "{way}");
    }
}

/// Every pixel four times along each axis: over 512 pixels wide.
fn enlarged(picture: &Pixels) -> Pixels {
    let (width, height) = (picture.width() * 4, picture.height() * 4);
    let luma = pdq::luma(picture.view());
    let bytes = (0..width * height).map(|i| luma[(i / width / 4) as usize][(i % width / 4) as usize] as u8);
    Pixels::new(bytes.collect(), width, height, PixelFormat::Grey8).expect("packed pixels")
}

#[test]
fn too_few_pixels_are_an_error_and_never_a_hash() {
    for (width, height) in [(1, 1), (4, 4), (4, 100), (100, 4)] {
        let bytes = vec![200; width * height];
        let view = PixelView::new(&bytes, width as u32, height as u32, PixelFormat::Grey8).unwrap();
        let error = Pdq.hash(view, &mut Scratch::default()).unwrap_err();
        assert_eq!((error.width as usize, error.height as usize, error.min), (width, height, 5));
        assert!(Pdq512.hash_dihedral(view, &mut Scratch::default()).is_err());
    }
    let bytes = vec![200; 25];
    let view = PixelView::new(&bytes, 5, 5, PixelFormat::Grey8).unwrap();
    assert_eq!(Pdq.hash(view, &mut Scratch::default()).unwrap().quality.value(), 0);
}

/// The reference's own values between the stages, where the developers' shared folder is present.
#[test]
fn the_stages_agree_with_metas_reference_in_between() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/pdq/vectors/intermediate");
    if !folder.exists() {
        println!("skipped: {} is not on this machine", folder.display());
        return;
    }
    let pictures =
        ["bridge-mods__square-256x256", "bridge-mods__square-512x512", "misc-images__small", "misc-images__wee"];
    for name in pictures {
        let pixels = match image::open(folder.join(format!("{name}.jpg.pnm"))).expect("a PNM file") {
            image::DynamicImage::ImageLuma8(grey) => {
                Pixels::new(grey.as_raw().clone(), grey.width(), grey.height(), PixelFormat::Grey8)
            }
            other => Pixels::new(other.to_rgb8().into_raw(), other.width(), other.height(), PixelFormat::Rgb8),
        }
        .expect("packed pixels");
        let expected = |stage: &str| -> Vec<f32> {
            let bytes = std::fs::read(folder.join(format!("{name}.jpg.pnm.{stage}.f32"))).expect("a table of floats");
            bytes.as_chunks().0.iter().map(|&value| f32::from_le_bytes(value)).collect()
        };
        let luma = downsample(pixels.view(), &mut Scratch::default().pdq);
        assert_eq!(luma.as_flattened(), expected("luma64"), "{name}: luma");
        assert_eq!(coefficients(&luma, Backend::best()).as_flattened(), expected("dct16"), "{name}: DCT");
    }
}
