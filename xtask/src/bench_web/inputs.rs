//! Pictures and sealed sets to measure, made once and kept in `target/web/bench`.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Instant;

use anyhow::{Context as _, Result, ensure};
use image::imageops::{FilterType, resize};
use image::{ImageFormat, RgbImage};
use jpeg_encoder::{ColorType, Encoder, SamplingFactor};

use super::side::Side;
use crate::{photographs, root};

/// The trust file of the sets.
pub(super) const TRUST: &str = "trust.json";

/// As peers are measured (`bench_peers.py`): about what messengers send.
const QUALITY: u8 = 88;

/// So many photographs are looked at for the most detailed.
const CHOICE: usize = 64;

pub(super) struct Inputs {
    /// Names and bytes.
    pictures: Vec<(String, u64)>,
    /// Whether the picture is a photograph.
    photographed: bool,
}

/// Where everything lies, and what the browser is served.
pub(super) fn folder() -> PathBuf {
    root().join("target/web/bench")
}

pub(super) fn path(file: &str) -> String {
    folder().join(file).display().to_string()
}

pub(super) fn set_file(name: &str) -> String {
    format!("{name}.presend")
}

impl Inputs {
    /// Makes what is missing; the native side seals.
    pub(super) fn prepare(
        photos: Option<&Path>,
        sizes: &[(&str, u32, u32)],
        sets: &[(&str, u32)],
        native: &mut Side,
    ) -> Result<Self> {
        fs::create_dir_all(folder())?;
        let (picture, photographed) = detailed(photos)?;
        let mut pictures = Vec::new();
        for &(name, width, height) in sizes {
            let file = path(&format!("{name}.jpg"));
            let scaled = covering(&picture, width, height);
            let mut encoder = Encoder::new_file(&file, QUALITY).with_context(|| format!("cannot write {file}"))?;
            encoder.set_sampling_factor(SamplingFactor::F_2_2);
            encoder.encode(&scaled, width as u16, height as u16, ColorType::Rgb)?;
            pictures.push((name.to_owned(), fs::metadata(&file)?.len()));
        }
        native.ask(&["trust", &path(TRUST)])?;
        for &(name, entries) in sets {
            let file = path(&set_file(name));
            if !Path::new(&file).exists() {
                let start = Instant::now();
                // Under another name until it is whole.
                let part = format!("{file}.part");
                native.ask(&["seal", &entries.to_string(), &part])?;
                fs::rename(part, file)?;
                println!("sealed {entries} hashes in {:.1} s", start.elapsed().as_secs_f64());
            }
        }
        Ok(Self { pictures, photographed })
    }

    /// What the pictures are, in words.
    pub(super) fn describe(&self) -> String {
        let what = if self.photographed { "a photograph" } else { "a painted picture" };
        let sizes: Vec<_> = self.pictures.iter().map(|(_, bytes)| format!("{:.2}", *bytes as f64 / 1e6)).collect();
        format!("{what} as JPEG files of quality {QUALITY}, 4:2:0, of {} MB", sizes.join(", "))
    }
}

/// The most detailed of some photographs, by the bytes of its file; without photographs, a picture of the demo.
fn detailed(asked: Option<&Path>) -> Result<(RgbImage, bool)> {
    let (shared, demo) = (root().join("../shared/images/dev/photos"), root().join("hashsets/demo/outbox"));
    if let Some(folder) = asked {
        ensure!(folder.is_dir(), "{} is not a folder", folder.display());
    }
    let (photographed, paths) = match photographs(asked.unwrap_or(&shared), CHOICE)? {
        Some(paths) => (true, paths),
        None => (false, photographs(&demo, CHOICE)?.context("the demo's pictures are missing")?),
    };
    // Of formats without loss, bytes say less.
    let is_jpeg = |path: &Path| ImageFormat::from_path(path).is_ok_and(|format| format == ImageFormat::Jpeg);
    let bytes = |path: &Path| path.metadata().map_or(0, |about| about.len());
    let path = paths.iter().max_by_key(|path| (is_jpeg(path), bytes(path)));
    let path = path.expect("there are some, or an error");
    println!("the picture: {}", path.display());
    let picture = presend_eval::sealed::open(path)?.with_context(|| format!("{} does not decode", path.display()))?;
    Ok((picture, photographed))
}

/// Scaled down to cover so many pixels and cut; one that is smaller is tiled with its mirror images, so that detail stays
/// that of a photograph.
fn covering(picture: &RgbImage, width: u32, height: u32) -> RgbImage {
    let scale = (f64::from(width) / f64::from(picture.width())).max(f64::from(height) / f64::from(picture.height()));
    let scaled = |side: u32, least: u32| ((f64::from(side) * scale).round() as u32).max(least);
    let smaller = (scale < 1.0).then(|| {
        resize(picture, scaled(picture.width(), width), scaled(picture.height(), height), FilterType::Lanczos3)
    });
    let source = smaller.as_ref().unwrap_or(picture);
    let mirrored = |at: u32, side: u32| if (at / side).is_multiple_of(2) { at % side } else { side - 1 - at % side };
    RgbImage::from_fn(width, height, |x, y| {
        *source.get_pixel(mirrored(x, source.width()), mirrored(y, source.height()))
    })
}
