//! What an animation is drawn on, frame by frame.

/// A pixel: red, green, blue, straight alpha.
pub(super) type Rgba = [u8; 4];

pub(super) const CLEAR: Rgba = [0; 4];

/// Where a frame lies on the canvas.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Area {
    pub(super) left: usize,
    pub(super) top: usize,
    pub(super) width: usize,
    pub(super) height: usize,
}

/// Rows of pixels.
#[derive(Debug, Clone)]
pub(super) struct Canvas {
    width: usize,
    height: usize,
    pixels: Vec<Rgba>,
}

impl Canvas {
    pub(super) fn new(width: u32, height: u32) -> Self {
        let (width, height) = (width as usize, height as usize);
        Self { width, height, pixels: vec![CLEAR; width * height] }
    }

    /// All of it.
    pub(super) fn whole(&self) -> Area {
        Area { left: 0, top: 0, width: self.width, height: self.height }
    }

    /// The rows within an area, as far as they are on the canvas.
    pub(super) fn rows(&mut self, area: Area) -> impl Iterator<Item = &mut [Rgba]> {
        let columns = area.left.min(self.width)..(area.left + area.width).min(self.width);
        let rows = self.pixels.chunks_exact_mut(self.width.max(1)).skip(area.top).take(area.height);
        rows.map(move |row| &mut row[columns.clone()])
    }

    /// Makes an area what these pixels are, rows of its width.
    #[cfg(feature = "gif")]
    pub(super) fn draw(&mut self, area: Area, pixels: &[Rgba]) {
        for (row, pixels) in self.rows(area).zip(pixels.chunks_exact(area.width.max(1))) {
            row.copy_from_slice(&pixels[..row.len()]);
        }
    }

    /// Makes an area what it is on another canvas of this size.
    #[cfg(feature = "png")]
    pub(super) fn copy(&mut self, other: &mut Self, area: Area) {
        for (row, other) in self.rows(area).zip(other.rows(area)) {
            row.copy_from_slice(other);
        }
    }

    /// Its bytes, row by row.
    pub(super) fn into_bytes(self) -> Vec<u8> {
        self.pixels.into_flattened()
    }
}

/// The bytes of pixels on a canvas of this size; what limits are held against.
pub(super) fn bytes(width: u32, height: u32) -> u64 {
    u64::from(width) * u64::from(height) * 4
}
