//! Hashes, qualities and intermediate values against Meta's C++ reference.
//!
//! The tables were made by the reference itself (`hashsets/vectors/pdq/README.md` and the provenance file of the
//! developers' shared folder say how) and are never regenerated from this code.

mod common;

use std::path::Path;

use common::{by_name, decoded_png, rows, shared, vectors};
use presend_core::{Algorithm, Pdq, Pdq512, PixelFormat, Pixels, Scratch};

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

#[test]
fn real_pictures_hash_as_the_reference_hashes_their_pixels() {
    let Some(shared) = shared() else { return };
    let folder = shared.join("pdq/vectors");
    let tool = by_name(&folder.join("expected_decoded_png.csv"));
    let core = by_name(&folder.join("expected_core_no_resize.csv"));
    let turned = by_name(&folder.join("expected_dihedral.csv"));
    assert_eq!(tool.len(), 49);
    for (file, row) in &tool {
        let name = file.strip_suffix(".png").expect("a PNG");
        let pixels = decoded_png(&folder.join("decoded").join(file));
        assert_eq!(record(Pdq512, &pixels), (row["hash"].clone(), row["quality"].clone()), "{name}: pdq-512");
        let row = &core[name];
        // The reference library was given the 16-bit and the 1-bit picture in ways it does not support.
        if matches!(row["reference_channels"].as_str(), "RGB" | "L") {
            assert_eq!(record(Pdq, &pixels), (row["hash"].clone(), row["quality"].clone()), "{name}: pdq");
        }
        let expected: Vec<&String> = DIHEDRAL.iter().map(|column| &turned[name][*column]).collect();
        assert_eq!(dihedral(Pdq512, &pixels).iter().collect::<Vec<_>>(), expected, "{name}: dihedral");
    }
}
