//! From pixels to 64×64 luma: the Jarosz filter, sampled.
//!
//! The filter is two box passes along each axis, in the order rows, columns, rows, columns; two boxes make a tent.
//! Each pass keeps a running sum whose rounding is part of the answer, so the order along a line is the reference's,
//! and sixteen lines run side by side, as [lanes](crate::simd::lanes) of vectors. Of the last two passes only what the
//! 64×64 samples need is computed.
//!
//! A pass over a line of `n` values with window `w` and `h = (w + 2) / 2`: output `o` is the mean of the inputs
//! `o + h - w ..= o + h - 1` that exist. From one output to the next the running sum takes in the value that enters
//! and then drops the value that leaves: two roundings, in that order. Where a value does not exist, zero enters or
//! leaves, which rounds nothing.
//!
//! The picture streams through all four passes once, from top to bottom in bands of rows and from left to right in tiles
//! of columns that stay in the first cache. Passes along rows have rows as lanes, passes along columns have columns; in
//! between, blocks of 16×16 are transposed:
//!
//! ```text
//! pixels → luma ⤾ pass along rows ⤾ pass along columns ⤾ pass along rows, sampled ⤾ pass along columns, sampled
//! ```
//!
//! What is kept: the window of columns that rows need, for one band; the window of rows that columns need, that is
//! 1/128 of the picture's pixels.

use super::SIDE;
use crate::luma;
use crate::pixels::PixelView;
use crate::simd::Backend;
use crate::simd::lanes::{self, Job, LANES, Lanes, Line};

/// A picture reduced to 64 rows of 64 luma values.
pub(crate) type Luma64 = [[f32; SIDE]; SIDE];

/// Vectors that the samples of a row fill.
const SAMPLES: usize = SIDE / LANES;

/// Sixteen rows each that are filtered side by side: a vector of each, to hide the latency of their running sums.
const GROUPS: usize = 2;

/// Columns of a tile.
const TILE: usize = BLOCKS * LANES;
const BLOCKS: usize = 2;

/// Working memory, reused from picture to picture.
#[derive(Debug)]
pub(crate) struct Buffers {
    pub(super) backend: Backend,
    /// Columns of luma, and of what has had one pass along each axis: those of the current tile and the window before.
    luma: Vec<[Line; GROUPS]>,
    twice: Vec<[Line; GROUPS]>,
    /// The first pass along columns, its running sums and the rows that have yet to leave, block by block.
    sums: Vec<Line>,
    rows: Vec<Line>,
    /// The rows that have yet to leave in the second pass along columns.
    samples: Vec<[Line; SAMPLES]>,
    /// The 512×512 pixels of `pdq-512`.
    pub(super) sampled: Vec<u8>,
}

impl Buffers {
    pub(crate) fn new(backend: Backend) -> Self {
        let (luma, twice, sums, rows, samples, sampled) = Default::default();
        Self { backend, luma, twice, sums, rows, samples, sampled }
    }
}

/// The luma of a picture that is 64×64 already.
pub(super) fn copy(pixels: PixelView<'_>, buffers: &Buffers) -> Luma64 {
    lanes::run(buffers.backend, Copy { pixels })
}

struct Copy<'a> {
    pixels: PixelView<'a>,
}

impl Job for Copy<'_> {
    type Output = Luma64;

    #[inline(always)]
    fn run<L: Lanes>(self, proof: L::Proof) -> Luma64 {
        let mut out = [[0.0; SIDE]; SIDE];
        for (top, rows) in out.chunks_exact_mut(LANES).enumerate() {
            for left in 0..SAMPLES {
                let columns = luma::block::<L>(proof, self.pixels, left * LANES, top * LANES);
                for (row, values) in rows.iter_mut().zip(L::transpose(columns)) {
                    row.as_chunks_mut::<LANES>().0[left] = values.values();
                }
            }
        }
        out
    }
}

/// The luma of a picture of any size from 5×5, filtered and sampled to 64×64.
pub(super) fn filter(pixels: PixelView<'_>, buffers: &mut Buffers) -> Luma64 {
    lanes::run(buffers.backend, Filter { pixels, buffers })
}

struct Filter<'a> {
    pixels: PixelView<'a>,
    buffers: &'a mut Buffers,
}

impl Job for Filter<'_> {
    type Output = Luma64;

    #[inline(always)]
    fn run<L: Lanes>(self, proof: L::Proof) -> Luma64 {
        let mut stream = Stream::<L>::new(proof, self.pixels, self.buffers);
        let rows = stream.down.inputs();
        let mut top = 0;
        while top < rows {
            // Rows behind the last change nothing.
            if lanes::COMPACT || rows - top > LANES {
                stream.band::<GROUPS>(top);
                top += GROUPS * LANES;
            } else {
                stream.band::<1>(top);
                top += LANES;
            }
        }
        stream.out
    }
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

    /// How many inputs exist in the window of output `o`; for what is behind the last output, 1.
    #[inline(always)]
    fn count(self, o: usize) -> f32 {
        let end = (o + self.half).min(self.len);
        let start = (o + self.half).saturating_sub(self.window);
        end.saturating_sub(start).max(1) as f32
    }

    /// Where sample `i` of 64 is taken: `floor((i + ½) · len / 64)`.
    #[inline(always)]
    fn sample(self, i: usize) -> usize {
        (2 * i + 1) * self.len / (2 * SIDE)
    }

    /// How many values enter before the last sample of the second pass is known, zeros behind the line included.
    fn inputs(self) -> usize {
        self.sample(SIDE - 1) + 2 * (self.half - 1) + 1
    }

    /// What output `o` is divided by; `whole` is for whole windows.
    #[inline(always)]
    fn divisor<L: Lanes>(self, proof: L::Proof, o: usize, whole: L::Divisor) -> L::Divisor {
        if o + self.half >= self.window && o + self.half <= self.len { whole } else { L::divisor(proof, self.count(o)) }
    }
}

/// Columns that are needed again when they leave the window, one after another in a circle.
struct Window<'a> {
    columns: &'a mut [[Line; GROUPS]],
}

impl<'a> Window<'a> {
    /// Room for the columns of a window, and for so many more. It is not more than that: what is used at once should fit
    /// the first cache.
    fn new(axis: Axis, more: usize, columns: &'a mut Vec<[Line; GROUPS]>) -> Self {
        columns.clear();
        columns.resize((axis.window + more).next_multiple_of(LANES), Default::default());
        Self { columns }
    }

    /// Makes zeros of the columns before the first.
    #[inline(always)]
    fn rewind(&mut self, axis: Axis) {
        let first = self.columns.len() - axis.window;
        self.columns[first..].fill(Default::default());
    }

    /// Where a column is, and the one that leaves when it enters.
    #[inline(always)]
    fn places(&self, axis: Axis, x: usize) -> [usize; 2] {
        [x % self.columns.len(), (x + self.columns.len() - axis.window) % self.columns.len()]
    }

    /// Where the next ones are.
    #[inline(always)]
    fn step(&self, places: &mut [usize; 2]) {
        for place in places {
            *place += 1;
            if *place == self.columns.len() {
                *place = 0;
            }
        }
    }

    /// Sixteen columns from one whose number is a multiple of 16.
    #[inline(always)]
    fn block(&mut self, x: usize) -> &mut [[Line; GROUPS]; LANES] {
        let first = x % self.columns.len();
        self.columns[first..].first_chunk_mut().expect("the circle is whole blocks")
    }
}

/// Running sums of the two passes along the rows of a band.
struct RowSums<L, const G: usize> {
    first: [L; G],
    second: [L; G],
}

/// Which columns are sampled next.
struct Samples {
    axis: Axis,
    next: usize,
}

impl Samples {
    /// Takes the samples from a tile of sums, the first of which has just taken in the column `left`.
    #[inline(always)]
    fn take<const G: usize>(&mut self, left: usize, sums: &[[Line; G]; TILE], sampled: &mut [[Line; G]; SIDE]) {
        let Self { axis, .. } = *self;
        while self.next < SIDE {
            let o = axis.sample(self.next);
            let Some(sums) = sums.get(o + axis.half - 1 - left) else { break };
            let count = axis.count(o);
            for (sample, sum) in sampled[self.next].iter_mut().zip(sums) {
                sample.0 = sum.0.map(|sum| sum / count);
            }
            self.next += 1;
        }
    }
}

struct Stream<'a, L: Lanes> {
    proof: L::Proof,
    pixels: PixelView<'a>,
    across: Axis,
    down: Axis,
    luma: Window<'a>,
    twice: Window<'a>,
    sums: &'a mut [Line],
    rows: &'a mut [Line],
    samples: &'a mut [[Line; SAMPLES]],
    sample_sums: [L; SAMPLES],
    /// The next row of `out` to be sampled.
    next: usize,
    out: Luma64,
}

impl<'a, L: Lanes> Stream<'a, L> {
    #[inline(always)]
    fn new(proof: L::Proof, pixels: PixelView<'a>, buffers: &'a mut Buffers) -> Self {
        let (across, down) = (Axis::new(pixels.width()), Axis::new(pixels.height()));
        let blocks = across.len.next_multiple_of(TILE) / LANES;
        let Buffers { luma, twice, sums, rows, samples, .. } = buffers;
        reset(sums, blocks);
        reset(rows, blocks * down.window);
        reset(samples, down.window);
        Self {
            proof,
            pixels,
            across,
            down,
            luma: Window::new(across, TILE + LANES, luma),
            twice: Window::new(across, TILE, twice),
            sums,
            rows,
            samples,
            sample_sums: [L::splat(proof, 0.0); SAMPLES],
            next: 0,
            out: [[0.0; SIDE]; SIDE],
        }
    }

    /// Sixteen rows, or so many times sixteen.
    #[inline(always)]
    fn band<const G: usize>(&mut self, top: usize) {
        let Self { proof, across, down, .. } = *self;
        let zero = L::splat(proof, 0.0);
        self.luma.rewind(across);
        self.twice.rewind(across);
        let whole = L::divisor(proof, across.window as f32);
        let tall = L::divisor(proof, down.window as f32);
        let mut divisors = [[tall; LANES]; G];
        let mut slots = [[0; LANES]; G];
        for (g, (divisors, slots)) in divisors.iter_mut().zip(&mut slots).enumerate() {
            for (r, (divisor, slot)) in divisors.iter_mut().zip(slots).enumerate() {
                let y = top + g * LANES + r;
                *slot = y % down.window;
                // The sums before the first output are of no use to anybody.
                *divisor = down.divisor::<L>(proof, (y + 1).saturating_sub(down.half), tall);
            }
        }
        let mut sums = RowSums { first: [zero; G], second: [zero; G] };
        let mut once = [[Line::default(); G]; TILE];
        let mut thrice = [[Line::default(); G]; TILE];
        let mut sampled = [[Line::default(); G]; SIDE];
        let mut columns = Samples { axis: across, next: 0 };
        let mut loaded = 0;
        let last = across.sample(SIDE - 1) + across.half;
        for left in (0..last).step_by(TILE) {
            while loaded < left + TILE + across.half - 1 {
                self.load::<G>(top, loaded);
                loaded += LANES;
            }
            if left == 0 {
                for x in 0..across.half - 1 {
                    for (sum, line) in sums.first.iter_mut().zip(&self.luma.columns[x]) {
                        *sum = sum.add(L::load(proof, &line.0));
                    }
                }
                self.along_rows::<G, true, false>(left, &mut sums, whole, &mut once, &mut thrice);
            } else {
                self.along_rows::<G, true, true>(left, &mut sums, whole, &mut once, &mut thrice);
                columns.take(left - TILE, &thrice, &mut sampled);
            }
            self.along_columns(left, &slots, &divisors, &once);
        }
        let end = last.next_multiple_of(TILE);
        self.along_rows::<G, false, true>(end, &mut sums, whole, &mut once, &mut thrice);
        columns.take(end - TILE, &thrice, &mut sampled);
        self.along_sampled_columns(top, &sampled);
    }

    /// The passes along rows: the first one over the tile from `left` on, the second one over the tile before, so that
    /// their sums hide each other's latency.
    #[inline(always)]
    fn along_rows<const G: usize, const FIRST: bool, const SECOND: bool>(
        &self,
        left: usize,
        sums: &mut RowSums<L, G>,
        whole: L::Divisor,
        once: &mut [[Line; G]; TILE],
        thrice: &mut [[Line; G]; TILE],
    ) {
        let Self { proof, across, .. } = *self;
        let mut luma = self.luma.places(across, left + across.half - 1);
        let mut twice = self.twice.places(across, left.saturating_sub(TILE));
        for ((o, once), thrice) in (left..).zip(once).zip(thrice) {
            if FIRST {
                let divisor = across.divisor::<L>(proof, o, whole);
                let [entering, leaving] = luma.map(|place| &self.luma.columns[place]);
                for g in 0..G {
                    let sum = &mut sums.first[g];
                    *sum = sum.add(L::load(proof, &entering[g].0)).sub(L::load(proof, &leaving[g].0));
                    sum.over(divisor).store(&mut once[g].0);
                }
                self.luma.step(&mut luma);
            }
            if SECOND {
                let [entering, leaving] = twice.map(|place| &self.twice.columns[place]);
                for g in 0..G {
                    let sum = &mut sums.second[g];
                    *sum = sum.add(L::load(proof, &entering[g].0)).sub(L::load(proof, &leaving[g].0));
                    sum.store(&mut thrice[g].0);
                }
                self.twice.step(&mut twice);
            }
        }
    }

    /// The first pass along columns, over the tile from `left` on: what has had one pass becomes what has had two.
    #[inline(always)]
    fn along_columns<const G: usize>(
        &mut self,
        left: usize,
        slots: &[[usize; LANES]; G],
        divisors: &[[L::Divisor; LANES]; G],
        once: &[[Line; G]; TILE],
    ) {
        let Self { proof, down, .. } = *self;
        let zero = L::splat(proof, 0.0);
        let numbers = left / LANES..left / LANES + BLOCKS;
        let rings = &mut self.rows[numbers.start * down.window..numbers.end * down.window];
        let mut column_sums = [zero; BLOCKS];
        for (sum, line) in column_sums.iter_mut().zip(&self.sums[numbers.clone()]) {
            *sum = L::load(proof, &line.0);
        }
        for g in 0..G {
            let mut rows = [[Line::default(); BLOCKS]; LANES];
            for block in 0..BLOCKS {
                let mut columns = [zero; LANES];
                for (values, column) in columns.iter_mut().zip(&once[block * LANES..][..LANES]) {
                    *values = L::load(proof, &column[g].0);
                }
                for (row, values) in rows.iter_mut().zip(L::transpose(columns)) {
                    values.store(&mut row[block].0);
                }
            }
            for ((row, &slot), &divisor) in rows.iter_mut().zip(&slots[g]).zip(&divisors[g]) {
                for (block, (line, sum)) in row.iter_mut().zip(&mut column_sums).enumerate() {
                    let leaving = &mut rings[block * down.window + slot].0;
                    let entering = L::load(proof, &line.0);
                    *sum = sum.add(entering).sub(L::load(proof, leaving));
                    entering.store(leaving);
                    sum.over(divisor).store(&mut line.0);
                }
            }
            for block in 0..BLOCKS {
                let mut lines = [zero; LANES];
                for (values, row) in lines.iter_mut().zip(&rows) {
                    *values = L::load(proof, &row[block].0);
                }
                let columns = self.twice.block(left + block * LANES);
                for (column, values) in columns.iter_mut().zip(L::transpose(lines)) {
                    values.store(&mut column[g].0);
                }
            }
        }
        for (sum, line) in column_sums.into_iter().zip(&mut self.sums[numbers]) {
            sum.store(&mut line.0);
        }
    }

    /// The second pass along columns, over the samples of a band's rows.
    #[inline(always)]
    fn along_sampled_columns<const G: usize>(&mut self, top: usize, sampled: &[[Line; G]; SIDE]) {
        let Self { proof, down, .. } = *self;
        let zero = L::splat(proof, 0.0);
        for g in 0..G {
            let mut rows = [[zero; SAMPLES]; LANES];
            for block in 0..SAMPLES {
                let mut columns = [zero; LANES];
                for (column, line) in columns.iter_mut().zip(&sampled[block * LANES..][..LANES]) {
                    *column = L::load(proof, &line[g].0);
                }
                for (row, values) in rows.iter_mut().zip(L::transpose(columns)) {
                    row[block] = values;
                }
            }
            for (r, row) in rows.iter().enumerate() {
                if let Some(y) = (top + g * LANES + r + 1).checked_sub(down.half) {
                    self.enter(y, row);
                }
            }
        }
    }

    /// Takes in a row of samples; keeps what the sums now stand for, as often as it is sampled.
    #[inline(always)]
    fn enter(&mut self, y: usize, row: &[L; SAMPLES]) {
        let Self { proof, down, .. } = *self;
        let leaving = &mut self.samples[y % down.window];
        for ((sum, &value), line) in self.sample_sums.iter_mut().zip(row).zip(leaving) {
            *sum = sum.add(value).sub(L::load(proof, &line.0));
            value.store(&mut line.0);
        }
        let Some(o) = (y + 1).checked_sub(down.half) else { return };
        while self.next < SIDE && down.sample(self.next) == o {
            let count = down.count(o);
            for (out, sum) in self.out[self.next].as_chunks_mut::<LANES>().0.iter_mut().zip(self.sample_sums) {
                *out = sum.values().map(|sum| sum / count);
            }
            self.next += 1;
        }
    }

    /// The luma of sixteen columns.
    #[inline(always)]
    fn load<const G: usize>(&mut self, top: usize, left: usize) {
        let columns = self.luma.block(left);
        for g in 0..G {
            let block = luma::block::<L>(self.proof, self.pixels, left, top + g * LANES);
            for (column, values) in columns.iter_mut().zip(block) {
                values.store(&mut column[g].0);
            }
        }
    }
}

/// Makes a buffer `len` zeros long, in the memory it has.
fn reset<T: Default + Clone>(buffer: &mut Vec<T>, len: usize) {
    buffer.clear();
    buffer.resize(len, T::default());
}
