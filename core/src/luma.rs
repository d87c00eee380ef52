//! Luma: how bright each pixel is, as the PDQ reference weighs the colours.

use crate::pixels::{Backdrop, PixelFormat, PixelView, composite};
use crate::simd::lanes::{LANES, Lanes};

// ITU-R BT.601 luma weights, as in the PDQ reference.
const RED: f32 = 0.299;
const GREEN: f32 = 0.587;
const BLUE: f32 = 0.114;

/// The luma of sixteen columns of sixteen pixels, whose first is at `left`, `top` of the view as turned: 0 to 255, and 0
/// where the picture has ended.
///
/// Products and sums are rounded to `f32` one by one, left to right, as the reference rounds them; grey pixels pass
/// through unchanged. Alpha counts only where the view has a backdrop.
// WebAssembly has no features that a function could lack, and a call costs little beside the block; inlined, this is a third
// of all that hashes.
#[cfg_attr(target_arch = "wasm32", inline(never))]
#[cfg_attr(not(target_arch = "wasm32"), inline(always))]
pub(crate) fn block<L: Lanes>(proof: L::Proof, view: PixelView<'_>, left: usize, top: usize) -> [L; LANES] {
    let block = Block { view, left, top };
    let lines = match view.format() {
        PixelFormat::Grey8 => block.lines::<L, 1>(proof),
        PixelFormat::GreyAlpha8 => block.lines::<L, 2>(proof),
        PixelFormat::Rgb8 => block.lines::<L, 3>(proof),
        PixelFormat::Rgba8 => block.lines::<L, 4>(proof),
    };
    // Pixels that lie side by side in memory are a row of the view, or where it is turned on its side, a column.
    if view.swaps_sides() { lines } else { L::transpose(lines) }
}

/// How many columns before they are read pixels are asked for: of so many rows at once, processors do not foresee it.
const AHEAD: usize = 2 * LANES;

/// Sixteen by sixteen pixels of a view.
struct Block<'a> {
    view: PixelView<'a>,
    left: usize,
    top: usize,
}

impl Block<'_> {
    /// The luma of its lines of sixteen pixels that lie side by side in memory.
    #[inline(always)]
    fn lines<L: Lanes, const N: usize>(&self, proof: L::Proof) -> [L; LANES]
    where
        [u8; N]: Pixel,
    {
        let &Self { view, left, top } = self;
        let columns = view.width().saturating_sub(left).min(LANES);
        let rows = view.height().saturating_sub(top).min(LANES);
        let (number, length) = if view.swaps_sides() { (columns, rows) } else { (rows, columns) };
        let mut out = [L::splat(proof, 0.0); LANES];
        if number == 0 || length == 0 {
            return out;
        }
        let stored = view.stored();
        let lines = view.lines(left, top, length);
        // Columns that lie ahead: further along the same rows, or the columns that come then.
        let ahead = if left + AHEAD + columns > view.width() {
            0
        } else if view.swaps_sides() {
            AHEAD as isize * lines.stride
        } else if lines.backwards {
            -(AHEAD as isize)
        } else {
            AHEAD as isize
        };
        let mut first = lines.first;
        for out in out.iter_mut().take(number) {
            let pixels = &stored[first..first + length];
            L::prefetch(proof, &stored[first.wrapping_add_signed(ahead)][0]);
            let values = match pixels.first_chunk() {
                Some(pixels) => Pixel::luma::<L>(proof, pixels, view.backdrop()),
                None => {
                    let mut padded = [<[u8; N]>::BLACK; LANES];
                    let start = if lines.backwards { LANES - length } else { 0 };
                    padded[start..start + length].copy_from_slice(pixels);
                    Pixel::luma::<L>(proof, &padded, view.backdrop())
                }
            };
            *out = if lines.backwards { values.reversed() } else { values };
            first = first.wrapping_add_signed(lines.stride);
        }
        out
    }
}

/// The bytes of a pixel.
trait Pixel: Copy {
    /// One whose luma is 0 on any backdrop.
    const BLACK: Self;

    /// The luma of sixteen.
    fn luma<L: Lanes>(proof: L::Proof, pixels: &[Self; LANES], backdrop: Backdrop) -> L;
}

impl Pixel for [u8; 1] {
    const BLACK: Self = [0];

    #[inline(always)]
    fn luma<L: Lanes>(proof: L::Proof, pixels: &[Self; LANES], _: Backdrop) -> L {
        L::grey(proof, flat(pixels))
    }
}

impl Pixel for [u8; 2] {
    const BLACK: Self = [0, u8::MAX];

    #[inline(always)]
    fn luma<L: Lanes>(proof: L::Proof, pixels: &[Self; LANES], backdrop: Backdrop) -> L {
        L::grey(proof, &pixels.map(|[value, alpha]| composite(value, alpha, backdrop)))
    }
}

impl Pixel for [u8; 3] {
    const BLACK: Self = [0; 3];

    #[inline(always)]
    fn luma<L: Lanes>(proof: L::Proof, pixels: &[Self; LANES], _: Backdrop) -> L {
        weighed(proof, L::rgb(proof, flat(pixels)))
    }
}

impl Pixel for [u8; 4] {
    const BLACK: Self = [0, 0, 0, u8::MAX];

    #[inline(always)]
    fn luma<L: Lanes>(proof: L::Proof, pixels: &[Self; LANES], backdrop: Backdrop) -> L {
        if backdrop == Backdrop::Ignored {
            return weighed(proof, L::rgba(proof, flat(pixels)));
        }
        let shown = pixels.map(|[r, g, b, alpha]| [r, g, b].map(|colour| composite(colour, alpha, backdrop)));
        weighed(proof, L::rgb(proof, flat(&shown)))
    }
}

/// Sixteen pixels as so many bytes.
#[inline(always)]
fn flat<const N: usize, const BYTES: usize>(pixels: &[[u8; N]; LANES]) -> &[u8; BYTES] {
    pixels.as_flattened().try_into().expect("sixteen pixels")
}

/// The luma of red, green and blue.
#[inline(always)]
fn weighed<L: Lanes>(proof: L::Proof, [r, g, b]: [L; 3]) -> L {
    let (red, green, blue) = (L::splat(proof, RED), L::splat(proof, GREEN), L::splat(proof, BLUE));
    red.mul(r).add(green.mul(g)).add(blue.mul(b))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::simd::Backend;
    use crate::simd::lanes::{Job, run};

    /// The first row of a picture.
    fn row(view: PixelView<'_>) -> [f32; LANES] {
        struct Row<'a>(PixelView<'a>);

        impl Job for Row<'_> {
            type Output = [f32; LANES];

            fn run<L: Lanes>(self, proof: L::Proof) -> Self::Output {
                block::<L>(proof, self.0, 0, 0).map(|column| column.values()[0])
            }
        }

        run(Backend::PORTABLE, Row(view))
    }

    #[test]
    fn colours_are_weighed_and_grey_passes_through() {
        let rgb = PixelView::new(&[255, 0, 0, 0, 255, 0, 0, 0, 255], 3, 1, PixelFormat::Rgb8).unwrap();
        assert_eq!(row(rgb)[..4], [RED * 255.0, GREEN * 255.0, BLUE * 255.0, 0.0]);

        let grey = PixelView::new(&[0, 7, 255], 3, 1, PixelFormat::Grey8).unwrap();
        assert_eq!(row(grey)[..4], [0.0, 7.0, 255.0, 0.0]);
    }

    #[test]
    fn a_backdrop_shows_through_where_alpha_says_so() {
        let pixels = PixelView::new(&[10, 20, 30, 0, 10, 20, 30, 255], 2, 1, PixelFormat::Rgba8).unwrap();
        let stored = row(pixels);
        assert_eq!(stored[0], stored[1]);
        let white = row(pixels.on(Backdrop::White));
        assert_eq!(white[0], (RED * 255.0 + GREEN * 255.0) + BLUE * 255.0);
        assert_eq!(white[1..3], [stored[1], 0.0]);
        let black = row(pixels.on(Backdrop::Black));
        assert_eq!(black[..3], [0.0, stored[1], 0.0]);
    }
}
