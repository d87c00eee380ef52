//! What the integration tests share: where vectors are, and how tables are read.
#![allow(dead_code, unreachable_pub, reason = "each test file uses its own part")]

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use presend_core::{PixelFormat, Pixels};

pub type Row = BTreeMap<String, String>;

/// The vectors that the repository ships.
pub fn vectors() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../hashsets/vectors")
}

/// The developers' shared folder, or `None`, said aloud, on a machine that lacks it.
pub fn shared() -> Option<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared");
    if folder.join("README.md").exists() {
        return Some(folder);
    }
    println!("skipped: {} is not on this machine", folder.display());
    None
}

/// A CSV table with a header, row by row.
pub fn rows(path: &Path) -> Vec<Row> {
    let mut reader = csv::Reader::from_path(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    reader.deserialize().map(|row| row.expect("a well-formed table")).collect()
}

/// A CSV table by its `name` column.
pub fn by_name(path: &Path) -> BTreeMap<String, Row> {
    rows(path).into_iter().map(|row| (row["name"].clone(), row)).collect()
}

/// An 8-bit grey or RGB PNG, read without this project's own decoding.
pub fn decoded_png(path: &Path) -> Pixels {
    let image = image::open(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let (width, height) = (image.width(), image.height());
    match image {
        image::DynamicImage::ImageLuma8(grey) => Pixels::new(grey.into_raw(), width, height, PixelFormat::Grey8),
        image::DynamicImage::ImageRgb8(rgb) => Pixels::new(rgb.into_raw(), width, height, PixelFormat::Rgb8),
        other => panic!("{}: {:?} is neither grey nor RGB", path.display(), other.color()),
    }
    .expect("packed pixels")
}
