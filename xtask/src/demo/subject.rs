//! A picture as a row of a table: who paints it, from which seed, how large, and how it is stored.

use anyhow::{Context, Result};
use image::RgbImage;

use super::DemoFile;
use super::canvas::{Canvas, hex};
use super::encode::Encoding;
use super::scenes::Painter;

/// One picture that is painted.
pub(crate) struct Subject {
    /// The name of its file, without what follows the dot.
    pub(crate) name: &'static str,
    /// What it shows, for people.
    pub(crate) label: &'static str,
    pub(crate) painter: Painter,
    pub(crate) seed: u32,
    /// Width and height in pixels.
    pub(crate) size: (u32, u32),
    pub(crate) encoding: Encoding,
}

impl Subject {
    /// Paints the picture.
    pub(crate) fn picture(&self) -> RgbImage {
        paint(self.painter, self.seed, self.size)
    }

    /// The name of its file.
    pub(crate) fn file_name(&self) -> String {
        format!("{}.{}", self.name, self.encoding.extension())
    }

    /// Its file in `folder`.
    pub(crate) fn file(&self, folder: &str) -> Result<DemoFile> {
        let path = format!("{folder}/{}", self.file_name());
        let bytes = self.encoding.encode(&self.picture());
        Ok(DemoFile { bytes: bytes.with_context(|| format!("could not make {path}"))?, path })
    }
}

/// Paints one scene, `width` × `height` pixels large.
pub(crate) fn paint(painter: Painter, seed: u32, (width, height): (u32, u32)) -> RgbImage {
    let mut canvas = Canvas::new(width, height, hex(0xffffff));
    painter(&mut canvas, seed);
    canvas.finish()
}
