//! Luma: how bright each pixel is, as the PDQ reference weighs the colours.

use crate::pixels::{Backdrop, PixelFormat, PixelView, composite};

// ITU-R BT.601 luma weights, as in the PDQ reference.
const RED: f32 = 0.299;
const GREEN: f32 = 0.587;
const BLUE: f32 = 0.114;

/// The luma of row `y`, 0 to 255, one value per pixel into `out`.
///
/// Products and sums are rounded to `f32` one by one, left to right, as the reference rounds them; grey pixels pass
/// through unchanged. Alpha counts only where the view has a backdrop.
pub(crate) fn row(view: PixelView<'_>, y: usize, out: &mut [f32]) {
    let backdrop = view.backdrop();
    match view.format() {
        PixelFormat::Grey8 => view.map_row::<1, _>(y, out, |[v]| f32::from(v)),
        PixelFormat::Rgb8 => view.map_row::<3, _>(y, out, rgb),
        PixelFormat::GreyAlpha8 => view.map_row::<2, _>(y, out, |[v, a]| f32::from(composite(v, a, backdrop))),
        PixelFormat::Rgba8 if backdrop == Backdrop::Ignored => {
            view.map_row::<4, _>(y, out, |[r, g, b, _]| rgb([r, g, b]));
        }
        PixelFormat::Rgba8 => {
            view.map_row::<4, _>(y, out, |[r, g, b, a]| rgb([r, g, b].map(|c| composite(c, a, backdrop))));
        }
    }
}

#[inline(always)]
fn rgb([r, g, b]: [u8; 3]) -> f32 {
    (RED * f32::from(r) + GREEN * f32::from(g)) + BLUE * f32::from(b)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn colours_are_weighed_and_grey_passes_through() {
        let rgb = PixelView::new(&[255, 0, 0, 0, 255, 0, 0, 0, 255], 3, 1, PixelFormat::Rgb8).unwrap();
        let mut out = [0.0; 3];
        row(rgb, 0, &mut out);
        assert_eq!(out, [RED * 255.0, GREEN * 255.0, BLUE * 255.0]);

        let grey = PixelView::new(&[0, 7, 255], 3, 1, PixelFormat::Grey8).unwrap();
        row(grey, 0, &mut out);
        assert_eq!(out, [0.0, 7.0, 255.0]);
    }

    #[test]
    fn a_backdrop_shows_through_where_alpha_says_so() {
        let pixels = PixelView::new(&[10, 20, 30, 0, 10, 20, 30, 255], 2, 1, PixelFormat::Rgba8).unwrap();
        let mut stored = [0.0; 2];
        row(pixels, 0, &mut stored);
        assert_eq!(stored[0], stored[1]);
        let mut white = [0.0; 2];
        row(pixels.on(Backdrop::White), 0, &mut white);
        assert_eq!(white[0], (RED * 255.0 + GREEN * 255.0) + BLUE * 255.0);
        assert_eq!(white[1], stored[1]);
        let mut black = [0.0; 2];
        row(pixels.on(Backdrop::Black), 0, &mut black);
        assert_eq!(black, [0.0, stored[1]]);
    }
}
