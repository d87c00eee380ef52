//! What tells kinds of pictures apart, in whole numbers: small enough to be kept, so that no picture need be decoded again to
//! be put into a stratum by another rule.

use presend_core::PixelFormat;

/// What a picture looks like, from a grid of at most [`GRID`]×[`GRID`] of its pixels. Shares are in thousandths.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Features {
    /// Colours on the grid, cut to 4 bits a channel.
    pub(super) colours: u16,
    /// The share of the most frequent of them.
    pub(super) commonest: u16,
    /// Pixels that equal their right and their lower neighbour: JPEG artefacts, noise and gradients make few.
    pub(super) flat: u16,
    /// Pixels that are nearly white.
    pub(super) white: u16,
    /// Pixels that are nearly black.
    pub(super) black: u16,
    /// Pixels without colour.
    pub(super) grey: u16,
    /// Pixels that are not opaque.
    pub(super) translucent: u16,
    /// Rows with a long step to the row above: edges of windows, tables and boxes.
    pub(super) row_edges: u16,
    /// Columns with a long step to the column before.
    pub(super) column_edges: u16,
    /// Pixels with a step of any kind to the right or below: contours of drawings, letters.
    pub(super) steps: u16,
    /// Height of a band at the top that is nearly white or black but for some letters.
    pub(super) top_band: u16,
    /// Height of such a band at the bottom.
    pub(super) bottom_band: u16,
    /// The share of letters in the two bands.
    pub(super) band_ink: u16,
    /// Flat pixels between the two bands.
    pub(super) flat_between: u16,
}

/// Rows and columns of the grid at most.
const GRID: usize = 256;

/// A luma step that an eye takes for an edge.
const STEP: u8 = 24;

impl Features {
    /// How many there are.
    pub(super) const COUNT: usize = 14;

    /// What they are called in the cache.
    pub(super) const NAMES: [&str; Self::COUNT] = [
        "colours",
        "commonest",
        "flat",
        "white",
        "black",
        "grey",
        "translucent",
        "row_edges",
        "column_edges",
        "steps",
        "top_band",
        "bottom_band",
        "band_ink",
        "flat_between",
    ];

    /// In the order of their names.
    pub(super) fn to_array(self) -> [u16; Self::COUNT] {
        [
            self.colours,
            self.commonest,
            self.flat,
            self.white,
            self.black,
            self.grey,
            self.translucent,
            self.row_edges,
            self.column_edges,
            self.steps,
            self.top_band,
            self.bottom_band,
            self.band_ink,
            self.flat_between,
        ]
    }

    pub(super) fn from_array(values: [u16; Self::COUNT]) -> Self {
        let [colours, commonest, flat, white, black, grey, translucent, row_edges, column_edges, steps, rest @ ..] =
            values;
        let [top_band, bottom_band, band_ink, flat_between] = rest;
        Self {
            colours,
            commonest,
            flat,
            white,
            black,
            grey,
            translucent,
            row_edges,
            column_edges,
            steps,
            top_band,
            bottom_band,
            band_ink,
            flat_between,
        }
    }

    /// Of packed rows of pixels; of none that make no picture of this size.
    pub(super) fn of(bytes: &[u8], width: usize, height: usize, format: PixelFormat) -> Self {
        let pixels = Grid { bytes, width, height, format };
        if width < 2 || height < 2 || bytes.len() < width * height * format.channels() {
            return Self::default();
        }
        let (columns, rows) = (width.min(GRID), height.min(GRID));
        let cells = columns * rows;
        let mut counts = Counts { colours: vec![0; 1 << 12], rows: vec![Row::default(); rows], ..Counts::default() };
        let mut column_steps = vec![0_usize; columns];
        for (row, y) in spread(rows, height).enumerate() {
            for (column, x) in spread(columns, width).enumerate() {
                let step_left = counts.add(&pixels, x, y, row);
                column_steps[column] += usize::from(step_left);
            }
        }
        let share = |count: usize, of: usize| (count * 1000 / of.max(1)) as u16;
        let long = |steps: usize, length: usize| steps * 100 >= length * LONG;
        let bands = Bands::of(&counts.rows, columns);
        let between = &counts.rows[bands.top..rows - bands.bottom];
        Self {
            colours: counts.colours.iter().filter(|&&count| count > 0).count() as u16,
            commonest: share(counts.colours.iter().copied().max().unwrap_or(0), cells),
            flat: share(counts.rows.iter().map(|row| row.flat).sum(), cells),
            white: share(counts.rows.iter().map(|row| row.white).sum(), cells),
            black: share(counts.rows.iter().map(|row| row.black).sum(), cells),
            grey: share(counts.grey, cells),
            translucent: share(counts.translucent, cells),
            row_edges: share(counts.rows.iter().filter(|row| long(row.steps_up, columns)).count(), rows),
            column_edges: share(column_steps.iter().filter(|&&steps| long(steps, rows)).count(), columns),
            steps: share(counts.steps, cells),
            top_band: share(bands.top, rows),
            bottom_band: share(bands.bottom, rows),
            band_ink: share(bands.ink, (bands.top + bands.bottom) * columns),
            flat_between: share(between.iter().map(|row| row.flat).sum(), between.len() * columns),
        }
    }
}

/// Hundredths of a row or column that make a step along it long.
const LONG: usize = 25;

/// So many places, evenly, of so many.
fn spread(places: usize, of: usize) -> impl Iterator<Item = usize> {
    (0..places).map(move |place| (2 * place + 1) * of / (2 * places))
}

/// Pixels with their neighbours.
struct Grid<'a> {
    bytes: &'a [u8],
    width: usize,
    height: usize,
    format: PixelFormat,
}

impl Grid<'_> {
    fn pixel(&self, x: usize, y: usize) -> &[u8] {
        let channels = self.format.channels();
        let at = (y * self.width + x) * channels;
        &self.bytes[at..at + channels]
    }

    /// As it looks on white.
    fn rgb(&self, x: usize, y: usize) -> [u8; 3] {
        let over = |colour: u8, alpha: u8| {
            let (colour, alpha) = (u32::from(colour), u32::from(alpha));
            ((colour * alpha + 255 * (255 - alpha)) / 255) as u8
        };
        match *self.pixel(x, y) {
            [grey] => [grey; 3],
            [grey, alpha] => [over(grey, alpha); 3],
            [r, g, b] => [r, g, b],
            [r, g, b, alpha] => [r, g, b].map(|colour| over(colour, alpha)),
            _ => [0; 3],
        }
    }

    fn is_translucent(&self, x: usize, y: usize) -> bool {
        self.format.has_alpha() && self.pixel(x, y).last().is_some_and(|&alpha| alpha < u8::MAX)
    }
}

/// ITU-R BT.601, in 256ths.
fn luma([r, g, b]: [u8; 3]) -> u8 {
    ((77 * u32::from(r) + 150 * u32::from(g) + 29 * u32::from(b)) >> 8) as u8
}

#[derive(Default)]
struct Counts {
    colours: Vec<usize>,
    rows: Vec<Row>,
    grey: usize,
    translucent: usize,
    steps: usize,
}

#[derive(Default, Clone, Copy)]
struct Row {
    white: usize,
    black: usize,
    flat: usize,
    steps_up: usize,
}

impl Counts {
    /// Counts a pixel; whether there is a step to its left.
    fn add(&mut self, pixels: &Grid<'_>, x: usize, y: usize, row: usize) -> bool {
        let rgb = pixels.rgb(x, y);
        let colour = rgb.iter().fold(0, |colour, &channel| colour << 4 | usize::from(channel >> 4));
        self.colours[colour] += 1;
        let (least, most) = (rgb.iter().min().copied().unwrap_or(0), rgb.iter().max().copied().unwrap_or(0));
        self.grey += usize::from(most - least <= 16);
        self.translucent += usize::from(pixels.is_translucent(x, y));
        // At the right and lower edge the neighbours on the other side.
        let right = pixels.rgb(if x + 1 < pixels.width { x + 1 } else { x - 1 }, y);
        let below = pixels.rgb(x, if y + 1 < pixels.height { y + 1 } else { y - 1 });
        let step = |other: [u8; 3]| luma(rgb).abs_diff(luma(other)) >= STEP;
        self.steps += usize::from(step(right) || step(below));
        let counts = &mut self.rows[row];
        counts.white += usize::from(least >= 240);
        counts.black += usize::from(most <= 16);
        counts.flat += usize::from(rgb == right && rgb == below);
        counts.steps_up += usize::from(y > 0 && step(pixels.rgb(x, y - 1)));
        x > 0 && step(pixels.rgb(x - 1, y))
    }
}

/// Rows at the top and at the bottom that are of one colour but for letters.
struct Bands {
    top: usize,
    bottom: usize,
    ink: usize,
}

impl Bands {
    fn of(rows: &[Row], columns: usize) -> Self {
        // At least half of a row of letters is what is between them.
        let is_plain = |row: &&Row| row.white.max(row.black) * 2 >= columns;
        let top = rows.iter().take_while(is_plain).count();
        let bottom = rows[top..].iter().rev().take_while(is_plain).count();
        let bands = rows[..top].iter().chain(&rows[rows.len() - bottom..]);
        Self { top, bottom, ink: bands.map(|row| columns - row.white.max(row.black)).sum() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn grey(width: usize, height: usize, pixel: impl Fn(usize, usize) -> u8) -> Features {
        let bytes: Vec<u8> = (0..width * height).map(|at| pixel(at % width, at / width)).collect();
        Features::of(&bytes, width, height, PixelFormat::Grey8)
    }

    #[test]
    fn names_and_values_are_in_one_order() {
        let values = std::array::from_fn(|at| at as u16 + 1);
        let features = Features::from_array(values);
        assert_eq!(features.to_array(), values);
        for name in Features::NAMES {
            let at = Features::NAMES.iter().position(|other| *other == name).expect("it is there") + 1;
            assert!(format!("{features:?}").contains(&format!("{name}: {at}")), "{name}");
        }
    }

    #[test]
    fn one_colour_is_flat_and_a_gradient_is_not() {
        let flat = grey(100, 50, |_, _| 255);
        assert_eq!((flat.colours, flat.commonest, flat.flat, flat.white), (1, 1000, 1000, 1000));
        assert_eq!((flat.black, flat.grey, flat.steps, flat.top_band), (0, 1000, 0, 1000));
        let slope = grey(200, 200, |x, y| ((x + y) / 2 + x % 2) as u8);
        assert!(slope.flat < 300 && slope.colours > 10 && slope.top_band == 0, "{slope:?}");
    }

    #[test]
    fn edges_that_run_along_rows_and_columns_are_counted() {
        let boxes = grey(256, 256, |x, y| if (64..192).contains(&x) && (64..192).contains(&y) { 200 } else { 60 });
        assert_eq!((boxes.row_edges, boxes.column_edges), (2 * 1000 / 256, 2 * 1000 / 256));
        let diagonal = grey(256, 256, |x, y| if x > y { 200 } else { 60 });
        assert_eq!((diagonal.row_edges, diagonal.column_edges), (0, 0));
    }

    #[test]
    fn bands_above_and_below_are_measured_with_their_letters() {
        let meme = grey(200, 200, |x, y| match y {
            0..40 | 180.. => {
                if x % 10 < 2 {
                    0
                } else {
                    255
                }
            }
            _ => 100 + ((x * 7 + y * 13) % 50) as u8,
        });
        assert_eq!((meme.top_band, meme.bottom_band, meme.band_ink, meme.flat_between), (200, 100, 200, 0));
    }

    #[test]
    fn what_is_transparent_is_seen_on_white() {
        let bytes = [0, 0, 0, 0].repeat(16);
        let clear = Features::of(&bytes, 4, 4, PixelFormat::Rgba8);
        assert_eq!((clear.translucent, clear.white, clear.black), (1000, 1000, 0));
    }

    #[test]
    fn a_picture_that_is_smaller_than_it_says_is_no_panic() {
        assert_eq!(Features::of(&[1, 2], 4, 4, PixelFormat::Rgb8), Features::default());
        assert_eq!(Features::of(&[1], 1, 1, PixelFormat::Grey8), Features::default());
    }
}
