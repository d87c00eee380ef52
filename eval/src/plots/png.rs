//! A figure as a file of its own: with its dark theme, or as pixels.
use std::sync::Arc;

use resvg::{tiny_skia, usvg};

use super::ink;

/// Why a figure could not be drawn as pixels.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PngError {
    /// It is not SVG.
    #[error("the figure is not SVG: {0}")]
    NotSvg(String),
    /// Nothing or too much to draw.
    #[error("a figure of {width} by {height} pixels cannot be drawn")]
    Size {
        /// The width asked for.
        width: u32,
        /// The height that follows from it.
        height: u32,
    },
    /// The pixels could not be written as PNG.
    #[error("the figure could not be written as PNG: {0}")]
    Write(String),
}

/// The figure as a file that follows the theme of its reader.
pub fn standalone(svg: &str) -> String {
    let style = format!("</desc>\n<style>{}</style>", ink::style());
    format!("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n{}", svg.replacen("</desc>", &style, 1))
}

/// The figure in its light theme, `width` pixels wide, as PNG. Texts are in Ubuntu Light, whatever fonts are installed.
pub fn png(svg: &str, width: u32) -> Result<Vec<u8>, PngError> {
    let mut fonts = usvg::fontdb::Database::new();
    fonts.load_font_data(epaint_default_fonts::UBUNTU_LIGHT.to_vec());
    // For what the other lacks, such as arrows and mathematical signs.
    fonts.load_font_data(epaint_default_fonts::HACK_REGULAR.to_vec());
    fonts.set_sans_serif_family(FONT);
    let options = usvg::Options { fontdb: Arc::new(fonts), font_family: FONT.into(), ..usvg::Options::default() };
    let tree = usvg::Tree::from_str(svg, &options).map_err(|error| PngError::NotSvg(error.to_string()))?;
    let scale = width as f32 / tree.size().width();
    let height = (tree.size().height() * scale).ceil() as u32;
    let fits = width > 0 && u64::from(width) * u64::from(height) <= MOST_PIXELS;
    let mut pixels =
        fits.then(|| tiny_skia::Pixmap::new(width, height)).flatten().ok_or(PngError::Size { width, height })?;
    pixels.fill(tiny_skia::Color::WHITE);
    resvg::render(&tree, tiny_skia::Transform::from_scale(scale, scale), &mut pixels.as_mut());
    pixels.encode_png().map_err(|error| PngError::Write(error.to_string()))
}

/// Its name within the font.
const FONT: &str = "Ubuntu";

/// What is more than any figure and still fits into memory.
const MOST_PIXELS: u64 = 1 << 28;
