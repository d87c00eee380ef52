//! Hashes, qualities and intermediate values against Meta's C++ reference.
//!
//! The tables were made by the reference itself (`hashsets/vectors/pdq/README.md` and the provenance file of the
//! developers' shared folder say how) and are never regenerated from this code.

mod common;

use std::collections::BTreeSet;
use std::path::Path;

use common::{by_name, decoded_png, rows, shared, vectors};
use presend_core::{Algorithm, ImageHash, Index, LinearIndex, Pdq, Pdq512, PixelFormat, Pixels, Scratch, Threshold};

const DIHEDRAL: [&str; 8] = ["orig", "rot90", "rot180", "rot270", "flipx", "flipy", "flipplus1", "flipminus1"];

/// The text and quality of the hash of record; the reference's zero hash where there are too few pixels.
fn record<A: Algorithm>(algorithm: A, pixels: &Pixels) -> (String, String) {
    match algorithm.hash(pixels.view(), &mut Scratch::default()) {
        Ok(hashed) => (hashed.hash.to_string(), hashed.quality.to_string()),
        Err(_) => ("0".repeat(64), "0".into()),
    }
}

fn dihedral<A: Algorithm>(algorithm: A, pixels: &Pixels) -> Vec<String> {
    match algorithm.hash_dihedral(pixels.view(), &mut Scratch::default()) {
        Ok((_, hashes)) => hashes.iter().map(|(_, hash)| hash.to_string()).collect(),
        Err(_) => vec!["0".repeat(64); 8],
    }
}

fn read_ppm(path: &Path) -> Pixels {
    let image = image::open(path).unwrap_or_else(|error| panic!("{}: {error}", path.display())).into_rgb8();
    let (width, height) = image.dimensions();
    Pixels::new(image.into_raw(), width, height, PixelFormat::Rgb8).expect("packed RGB")
}

#[test]
fn synthetic_pictures_hash_as_the_reference_hashes_them() {
    let folder = vectors().join("pdq/synthetic");
    let table = rows(&folder.join("expected.csv"));
    assert_eq!(table.len(), 109);
    for row in table {
        let name = &row["name"];
        let pixels = read_ppm(&folder.join(name));
        let expected = |hash: &str, quality: &str| (row[hash].clone(), row[quality].clone());
        assert_eq!(record(Pdq512, &pixels), expected("hash", "quality"), "{name}: pdq-512");
        let core = expected("core_no_resize_hash", "core_no_resize_quality");
        assert_eq!(record(Pdq, &pixels), core, "{name}: pdq");
        let expected: Vec<&String> = DIHEDRAL.iter().map(|column| &row[*column]).collect();
        assert_eq!(dihedral(Pdq512, &pixels).iter().collect::<Vec<_>>(), expected, "{name}: dihedral");
    }
}

/// The pixels that the reference hashed: some are shared, `cargo xtask decode-vectors` makes the rest with libjpeg-turbo.
fn reference_pixels(shared: &Path, name: &str, channels: &str) -> Option<Pixels> {
    let vectors = shared.join("pdq/vectors");
    if channels == "I" {
        // Of 16-bit samples the reference kept the low byte: no picture, but pixels all the same.
        let image = image::open(vectors.join("images").join(name)).expect("a PNG").into_luma16();
        let low = image.iter().map(|sample| *sample as u8).collect();
        return Some(Pixels::new(low, image.width(), image.height(), PixelFormat::Grey8).expect("packed pixels"));
    }
    let made = Path::new(env!("CARGO_MANIFEST_DIR")).join("../target/vectors/decoded");
    let file = format!("{name}.png");
    let path =
        [vectors.join("decoded"), made].map(|folder| folder.join(&file)).into_iter().find(|path| path.exists())?;
    Some(decoded_png(&path))
}

#[test]
fn real_pictures_hash_as_the_reference_hashes_their_pixels() {
    let Some(shared) = shared() else { return };
    let folder = shared.join("pdq/vectors");
    let tool = by_name(&folder.join("expected.csv"));
    let core = by_name(&folder.join("expected_core_no_resize.csv"));
    let turned = by_name(&folder.join("expected_dihedral.csv"));
    let mut compared = 0;
    for (name, row) in &tool {
        let Some(pixels) = reference_pixels(&shared, name, &core[name]["reference_channels"]) else { continue };
        assert_eq!(record(Pdq512, &pixels), (row["hash"].clone(), row["quality"].clone()), "{name}: pdq-512");
        let row = &core[name];
        assert_eq!(record(Pdq, &pixels), (row["hash"].clone(), row["quality"].clone()), "{name}: pdq");
        let expected: Vec<&String> = DIHEDRAL.iter().map(|column| &turned[name][*column]).collect();
        assert_eq!(dihedral(Pdq512, &pixels).iter().collect::<Vec<_>>(), expected, "{name}: dihedral");
        compared += 1;
    }
    println!("{compared} of {} pictures compared; `cargo xtask decode-vectors` makes the missing pixels", tool.len());
    let expected = if std::env::var_os("PRESEND_ALL_VECTORS").is_some() { tool.len() } else { 24 };
    assert!(compared >= expected, "at least the pixels that are shared; in CI all of them");
}

/// Decoding and hashing together, file by file, against the reference behind its own decoders.
#[cfg(all(feature = "jpeg", feature = "png", feature = "webp"))]
#[test]
fn files_hash_as_the_reference_hashes_them_but_for_decoder_rounding() {
    let Some(shared) = shared() else { return };
    let folder = shared.join("pdq/vectors");
    let mut scratch = Scratch::default();
    let limits = presend_core::Limits::default();
    let mut differing = Vec::new();
    let table = rows(&folder.join("expected_core_no_resize.csv"));
    for row in &table {
        let name = &row["name"];
        let bytes = std::fs::read(folder.join("images").join(name)).expect("a picture");
        let mut picture =
            presend_core::Picture::open(&bytes, &limits).unwrap_or_else(|error| panic!("{name}: {error}"));
        let frame = picture.next().expect("a frame").unwrap_or_else(|error| panic!("{name}: {error}"));
        let ours = Pdq.hash(frame.pixels.view(), &mut scratch).expect("large enough");
        if row["reference_channels"] == "I" {
            // The reference keeps the low byte of 16-bit samples, which is no picture. Ours is the picture's.
            let grey = image::load_from_memory(&bytes).expect("a PNG").into_luma8();
            let pixels = Pixels::new(grey.as_raw().clone(), grey.width(), grey.height(), PixelFormat::Grey8);
            let expected = Pdq.hash(pixels.expect("packed pixels").view(), &mut scratch).expect("large enough");
            assert!(ours.hash.distance(&expected.hash).bits() <= 2, "{name}");
            continue;
        }
        let distance = ours.hash.distance(&row["hash"].parse().expect("a hash")).bits();
        if distance > 0 || ours.quality.to_string() != row["quality"] {
            differing.push((name, distance, ours.quality.to_string(), row["quality"].clone()));
        }
    }
    println!(
        "{} of {} files hash exactly as the reference; the others:",
        table.len() - 1 - differing.len(),
        table.len() - 1
    );
    for (name, distance, ours, theirs) in &differing {
        println!("  {name}: {distance} bits, quality {ours} for {theirs}");
    }
    assert!(differing.len() * 10 <= table.len(), "at least nine of ten equal the reference exactly");
    assert!(differing.iter().all(|(_, distance, ours, theirs)| *distance <= 2 && ours == theirs));
}

#[test]
fn all_matching_pairs_of_the_reference_are_found_and_no_other() {
    let Some(shared) = shared() else { return };
    let folder = shared.join("pdq/vectors/matching");
    let read = |name: &str| -> Vec<ImageHash<Pdq>> {
        let text = std::fs::read_to_string(folder.join(name)).expect("a list");
        text.lines().map(|line| line.parse().expect("a hash")).collect()
    };
    let needles = read("needles.txt");
    let index = LinearIndex::new(read("haystack.txt"));
    for threshold in [0, 16, 31, 32, 47, 63] {
        let expected: BTreeSet<(usize, usize, u16)> = rows(&folder.join("expected_pairs_d63.csv"))
            .iter()
            .map(|row| {
                let number = |column: &str| row[column].parse::<usize>().expect("a number");
                (number("needle_index"), number("haystack_index"), number("distance") as u16)
            })
            .filter(|(_, _, distance)| *distance <= threshold)
            .collect();
        let mut found = Vec::new();
        index.search(&needles, Threshold::new(threshold), &mut found);
        let ours: BTreeSet<_> = found.iter().map(|found| (found.query, found.entry, found.distance.bits())).collect();
        assert_eq!(ours, expected, "threshold {threshold}");
        assert_eq!(ours.len(), found.len(), "every pair once");
        assert!(found.is_sorted());
    }
}
