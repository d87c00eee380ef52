//! From pixels to 64×64 luma: the Jarosz filter, sampled.
//!
//! The filter is two box passes along each axis, in the order rows, columns, rows, columns; two boxes make a tent.
//! Each pass keeps a running sum whose rounding is part of the answer, so the order along a line is the reference's
//! and lines run side by side. Here the picture streams through all four passes once, top to bottom. Only what the
//! 64×64 samples need of the last two passes is computed, and the working memory is a few rows.
//!
//! A pass over a line of `n` values with window `w` and `h = (w + 2) / 2`: output `o` is the mean of the inputs
//! `o + h - w ..= o + h - 1` that exist. From one output to the next the running sum takes in the value that enters
//! and then drops the value that leaves: two roundings, in that order.

use crate::luma;
use crate::pixels::PixelView;

const SIDE: usize = 64;

/// A picture reduced to 64 rows of 64 luma values.
pub(crate) type Luma64 = [[f32; SIDE]; SIDE];

/// Rows filtered side by side, to hide the latency of their running sums.
const BAND: usize = 8;

/// One value of each row in a band.
type Column = [f32; BAND];

/// Working memory, reused from picture to picture.
#[derive(Debug, Default)]
pub(crate) struct Buffers {
    /// A band of luma rows.
    luma: Vec<f32>,
    /// The band after its horizontal pass.
    once: Vec<f32>,
    /// A band of rows after one pass along each axis.
    twice: Vec<f32>,
    wide: VerticalBuffers,
    narrow: VerticalBuffers,
    /// The 512×512 pixels of `pdq-512`.
    pub(super) sampled: Vec<u8>,
}

/// The luma of a picture that is 64×64 already.
pub(super) fn copy(pixels: PixelView<'_>) -> Luma64 {
    let mut out = [[0.0; SIDE]; SIDE];
    for (y, row) in out.iter_mut().enumerate() {
        luma::row(pixels, y, row);
    }
    out
}

/// The luma of a picture of any size from 5×5, filtered and sampled to 64×64.
pub(super) fn filter(pixels: PixelView<'_>, buffers: &mut Buffers) -> Luma64 {
    let (width, height) = (pixels.width(), pixels.height());
    let (across, down) = (Axis::new(width), Axis::new(height));
    let Buffers { luma, once, twice, wide, narrow, .. } = buffers;
    for band in [&mut *luma, &mut *once, &mut *twice] {
        reset(band, BAND * width);
    }
    let mut vertical = Vertical::new(down, width, wide);
    let mut second = SecondPasses {
        across,
        band: twice,
        filled: 0,
        vertical: Vertical::new(down, SIDE, narrow),
        next: 0,
        out: [[0.0; SIDE]; SIDE],
    };
    for top in (0..height).step_by(BAND) {
        let rows = BAND.min(height - top);
        for (y, row) in (top..).zip(luma.chunks_exact_mut(width).take(rows)) {
            luma::row(pixels, y, row);
        }
        horizontal(across, luma, |x, sums| {
            let count = across.count(x);
            for (row, sum) in once.chunks_exact_mut(width).zip(sums) {
                row[x] = sum / count;
            }
        });
        for row in once.chunks_exact(width).take(rows) {
            if let Some(y) = vertical.enter(row) {
                second.push(vertical.sums, down.count(y));
            }
        }
    }
    while let Some(y) = vertical.drain() {
        second.push(vertical.sums, down.count(y));
    }
    second.finish()
}

/// One axis of the picture: its length and the window that goes with it.
#[derive(Debug, Clone, Copy)]
struct Axis {
    len: usize,
    window: usize,
    /// Values that must have entered before the first output, that one's own included.
    half: usize,
}

impl Axis {
    fn new(len: usize) -> Self {
        let window = len.div_ceil(2 * SIDE);
        Self { len, window, half: (window + 2) / 2 }
    }

    /// How many inputs exist in the window of output `o`.
    fn count(self, o: usize) -> f32 {
        let end = (o + self.half).min(self.len);
        let start = (o + self.half).saturating_sub(self.window);
        (end - start) as f32
    }

    /// Where sample `i` of 64 is taken: `floor((i + ½) · len / 64)`.
    fn sample(self, i: usize) -> usize {
        (2 * i + 1) * self.len / (2 * SIDE)
    }
}

/// A pass along the rows of a band; `emit` gets each output's place and running sums.
#[inline(always)]
fn horizontal(axis: Axis, band: &[f32], mut emit: impl FnMut(usize, &Column)) {
    let Axis { len, window, half } = axis;
    let rows: [&[f32]; BAND] = std::array::from_fn(|r| &band[r * len..][..len]);
    let mut sums = [0.0; BAND];
    let enter = |sums: &mut Column, x: usize| {
        for (sum, row) in sums.iter_mut().zip(rows) {
            *sum += row[x];
        }
    };
    let leave = |sums: &mut Column, x: usize| {
        for (sum, row) in sums.iter_mut().zip(rows) {
            *sum -= row[x];
        }
    };
    for x in 0..half - 1 {
        enter(&mut sums, x);
    }
    for x in half - 1..window {
        enter(&mut sums, x);
        emit(x + 1 - half, &sums);
    }
    for x in window..len {
        enter(&mut sums, x);
        leave(&mut sums, x - window);
        emit(x + 1 - half, &sums);
    }
    for x in len..len + half - 1 {
        leave(&mut sums, x - window);
        emit(x + 1 - half, &sums);
    }
}

#[derive(Debug, Default)]
struct VerticalBuffers {
    sums: Vec<f32>,
    ring: Vec<f32>,
}

/// A pass along the columns, fed row by row.
struct Vertical<'a> {
    axis: Axis,
    /// Rows that entered, and after the last one, rows drained.
    fed: usize,
    sums: &'a mut [f32],
    /// The last `window` rows: those that have yet to leave.
    ring: &'a mut [f32],
}

impl<'a> Vertical<'a> {
    fn new(axis: Axis, width: usize, buffers: &'a mut VerticalBuffers) -> Self {
        reset(&mut buffers.sums, width);
        reset(&mut buffers.ring, width * axis.window);
        Self { axis, fed: 0, sums: &mut buffers.sums, ring: &mut buffers.ring }
    }

    /// Takes in the next row; says which output the sums now stand for, if any.
    fn enter(&mut self, row: &[f32]) -> Option<usize> {
        let width = self.sums.len();
        let leaving = &mut self.ring[self.fed % self.axis.window * width..][..width];
        if self.fed < self.axis.window {
            for (sum, &value) in self.sums.iter_mut().zip(row) {
                *sum += value;
            }
        } else {
            for ((sum, &value), &old) in self.sums.iter_mut().zip(row).zip(&*leaving) {
                *sum = (*sum + value) - old;
            }
        }
        leaving.copy_from_slice(row);
        self.fed += 1;
        self.fed.checked_sub(self.axis.half)
    }

    /// After the last row: lets one row leave; says which output the sums now stand for, until there is none left.
    fn drain(&mut self) -> Option<usize> {
        if self.fed == self.axis.len + self.axis.half - 1 {
            return None;
        }
        let width = self.sums.len();
        let leaving = &self.ring[self.fed % self.axis.window * width..][..width];
        for (sum, &old) in self.sums.iter_mut().zip(leaving) {
            *sum -= old;
        }
        self.fed += 1;
        Some(self.fed - self.axis.half)
    }
}

/// The second pass along each axis, computed only where it is sampled.
struct SecondPasses<'a> {
    across: Axis,
    band: &'a mut [f32],
    filled: usize,
    vertical: Vertical<'a>,
    /// The next row of `out` to be sampled.
    next: usize,
    out: Luma64,
}

impl SecondPasses<'_> {
    /// Takes in a row that has had one pass along each axis.
    fn push(&mut self, sums: &[f32], count: f32) {
        for (out, sum) in self.band[self.filled * self.across.len..].iter_mut().zip(sums) {
            *out = sum / count;
        }
        self.filled += 1;
        if self.filled == BAND {
            self.flush();
        }
    }

    /// Filters the rows of the band and passes them on.
    fn flush(&mut self) {
        let across = self.across;
        let mut sampled = [[0.0; SIDE]; BAND];
        let mut column = 0;
        horizontal(across, self.band, |x, sums| {
            while column < SIDE && across.sample(column) == x {
                for (row, sum) in sampled.iter_mut().zip(sums) {
                    row[column] = sum / across.count(x);
                }
                column += 1;
            }
        });
        for row in &sampled[..self.filled] {
            if let Some(y) = self.vertical.enter(row) {
                self.sample(y);
            }
        }
        self.filled = 0;
    }

    /// Keeps row `y`, as often as it is sampled.
    fn sample(&mut self, y: usize) {
        let down = self.vertical.axis;
        while self.next < SIDE && down.sample(self.next) == y {
            for (out, sum) in self.out[self.next].iter_mut().zip(&*self.vertical.sums) {
                *out = sum / down.count(y);
            }
            self.next += 1;
        }
    }

    fn finish(mut self) -> Luma64 {
        self.flush();
        while let Some(y) = self.vertical.drain() {
            self.sample(y);
        }
        self.out
    }
}

/// Makes a buffer `len` zeros long, in the memory it has.
fn reset(buffer: &mut Vec<f32>, len: usize) {
    buffer.clear();
    buffer.resize(len, 0.0);
}
