//! Files that no verdict about a picture can be given on.

use anyhow::Result;
use image::{Rgb, RgbImage};

use super::DemoFile;
use super::encode::Encoding;

/// The three such files of `folder`.
pub(crate) fn unreadable(folder: &str) -> Result<Vec<DemoFile>> {
    let files = [("broken.jpg", broken()?), ("notes.png", NOTES.to_vec()), ("plain-blue.png", plain()?)];
    Ok(files.map(|(name, bytes)| DemoFile { path: format!("{folder}/{name}"), bytes }).into())
}

/// The start of a JPEG, which ends in the middle of its headers.
fn broken() -> Result<Vec<u8>> {
    let mut bytes = Encoding::Jpeg(80).encode(&RgbImage::from_pixel(64, 48, BLUE))?;
    bytes.truncate(300);
    Ok(bytes)
}

/// Every pixel the same: nothing to recognise it by.
fn plain() -> Result<Vec<u8>> {
    Encoding::Png.encode(&RgbImage::from_pixel(320, 240, BLUE))
}

/// Not a picture at all.
const NOTES: &[u8] = b"Things to bring on Saturday: plates, lemonade, the blue lantern.\n\
    This is a text file; only its name says that it is a picture.\n";

const BLUE: Rgb<u8> = Rgb([74, 122, 184]);
