//! Which photographs are measured.

use std::path::{Path, PathBuf};
use std::{fs, io};

use image::RgbImage;
use presend_core::{Algorithm as _, Pdq, PixelFormat, PixelView, Quality, Scratch};
use rayon::prelude::*;

use crate::ops;

/// The shortest "longer side" of a photograph that is measured: less is a thumbnail already.
pub const MIN_SIDE: u32 = 300;

/// Views the pixels of a picture.
pub(crate) fn view(picture: &RgbImage) -> PixelView<'_> {
    PixelView::new(picture, picture.width(), picture.height(), PixelFormat::Rgb8)
        .expect("a picture has three bytes for each pixel")
}

/// Up to `count` photographs of a folder: those that decode whole, have a side of [`MIN_SIDE`] pixels and a quality
/// of at least 50, in an order that looks random and depends on nothing but their paths in the folder.
///
/// # Errors
/// What reading the folder or a file in it gives.
pub fn sample(folder: &Path, count: usize) -> io::Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    list(folder, &mut files)?;
    files.sort_by_cached_key(|path| {
        let name = path.strip_prefix(folder).unwrap_or(path).to_string_lossy().into_owned();
        (scramble(name.as_bytes()), name)
    });
    let mut chosen = Vec::new();
    for batch in files.chunks(64) {
        let suitable: Vec<bool> = batch.par_iter().map(|path| is_suitable(path)).collect::<io::Result<_>>()?;
        chosen.extend(batch.iter().zip(suitable).filter(|&(_, suitable)| suitable).map(|(path, _)| path.clone()));
        if chosen.len() >= count {
            break;
        }
    }
    chosen.truncate(count);
    Ok(chosen)
}

/// The photograph behind a path of [`sample`]; `None` if it no longer decodes.
///
/// # Errors
/// What reading the file gives.
pub fn open(path: &Path) -> io::Result<Option<RgbImage>> {
    Ok(ops::decode(&fs::read(path)?))
}

fn is_suitable(path: &Path) -> io::Result<bool> {
    let Some(picture) = open(path)? else { return Ok(false) };
    let hashed = Pdq.hash(view(&picture), &mut Scratch::default());
    let large = picture.width().max(picture.height()) >= MIN_SIDE;
    Ok(large && hashed.is_ok_and(|hashed| hashed.quality >= Quality::DEFAULT_GATE))
}

fn list(folder: &Path, files: &mut Vec<PathBuf>) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() { list(&path, files)? } else { files.push(path) }
    }
    Ok(())
}

/// A number that looks random, from a name (FNV-1a, then one step of `SplitMix64`).
fn scramble(name: &[u8]) -> u64 {
    let mut hash = name
        .iter()
        .fold(0xcbf2_9ce4_8422_2325, |hash: u64, &byte| (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3));
    ops::splitmix(&mut hash)
}
