//! Few colours.

use image::{Rgb, RgbImage};

/// With so many colours, chosen for the picture by median cut (Heckbert 1982), each pixel the nearest of them; with
/// `dither`, what is lost goes to the neighbours (Floyd and Steinberg 1976).
pub(crate) fn reduce(picture: &RgbImage, colours: usize, dither: bool) -> RgbImage {
    let mut nearest = Nearest { palette: median_cut(picture, colours), known: vec![None; 1 << 15] };
    if dither {
        return dithered(picture, |colour| nearest.of(colour));
    }
    let mut out = picture.clone();
    for pixel in out.pixels_mut() {
        *pixel = nearest.of(*pixel);
    }
    out
}

/// Black and white dots.
pub(crate) fn black_and_white(picture: &RgbImage) -> RgbImage {
    dithered(&super::grey(picture), |Rgb([grey, ..])| Rgb([if grey < 128 { 0 } else { 255 }; 3]))
}

/// A palette, and the nearest of it to colours cut to five bits.
struct Nearest {
    palette: Vec<Rgb<u8>>,
    known: Vec<Option<Rgb<u8>>>,
}

impl Nearest {
    fn of(&mut self, colour: Rgb<u8>) -> Rgb<u8> {
        let place = bin(colour);
        if let Some(known) = self.known[place] {
            return known;
        }
        let middle = centre(place);
        let far = |other: &Rgb<u8>| {
            other.0.iter().zip(middle.0).map(|(&a, b)| (i32::from(a) - i32::from(b)).pow(2)).sum::<i32>()
        };
        let found = self.palette.iter().min_by_key(|&other| far(other)).copied().unwrap_or(middle);
        self.known[place] = Some(found);
        found
    }
}

/// Which of 32×32×32 boxes a colour is in.
fn bin(Rgb(colour): Rgb<u8>) -> usize {
    colour.iter().fold(0, |place, &sample| (place << 5) | usize::from(sample >> 3))
}

/// The colour in the middle of a box.
fn centre(place: usize) -> Rgb<u8> {
    Rgb([10, 5, 0].map(|shift| ((place >> shift & 31) << 3) as u8 + 4))
}

/// Up to `count` colours: the boxes of the picture, halved where they are most and spread widest.
fn median_cut(picture: &RgbImage, count: usize) -> Vec<Rgb<u8>> {
    let mut pixels = vec![0_u64; 1 << 15];
    for &pixel in picture.pixels() {
        pixels[bin(pixel)] += 1;
    }
    let used: Vec<(Rgb<u8>, u64)> =
        pixels.into_iter().enumerate().filter(|&(_, n)| n > 0).map(|(place, n)| (centre(place), n)).collect();
    let mut boxes = vec![used];
    while boxes.len() < count {
        let weight = |part: &Vec<(Rgb<u8>, u64)>| part.iter().map(|(_, n)| n).sum::<u64>() * u64::from(widest(part).1);
        // The first of equals, so that nothing depends on an order of its own.
        let Some(largest) = (0..boxes.len()).rev().max_by_key(|&place| weight(&boxes[place])) else { break };
        let mut part = std::mem::take(&mut boxes[largest]);
        let (channel, spread) = widest(&part);
        if spread == 0 {
            boxes[largest] = part;
            break;
        }
        part.sort_by_key(|(colour, _)| (colour.0[channel], colour.0));
        let half = part.iter().map(|(_, n)| n).sum::<u64>() / 2;
        let mut seen = 0;
        let behind = part.iter().position(|(_, n)| {
            seen += n;
            seen > half
        });
        let cut = behind.unwrap_or(0).clamp(1, part.len() - 1);
        boxes.push(part.split_off(cut));
        boxes[largest] = part;
    }
    boxes.iter().map(|part| mean(part)).collect()
}

/// In which of red, green and blue a box is widest, and how wide.
fn widest(part: &[(Rgb<u8>, u64)]) -> (usize, u8) {
    let spread = |channel: usize| {
        let values = || part.iter().map(|(colour, _)| colour.0[channel]);
        values().max().unwrap_or(0) - values().min().unwrap_or(0)
    };
    (0..3).rev().map(|channel| (channel, spread(channel))).max_by_key(|&(_, spread)| spread).unwrap_or((0, 0))
}

fn mean(part: &[(Rgb<u8>, u64)]) -> Rgb<u8> {
    let count = part.iter().map(|(_, n)| n).sum::<u64>().max(1);
    Rgb([0, 1, 2]
        .map(|channel| (part.iter().map(|(colour, n)| u64::from(colour.0[channel]) * n).sum::<u64>() / count) as u8))
}

/// Each pixel what `nearest` makes of it and of what its neighbours lost.
fn dithered(picture: &RgbImage, mut nearest: impl FnMut(Rgb<u8>) -> Rgb<u8>) -> RgbImage {
    let (width, height) = picture.dimensions();
    let mut out = picture.clone();
    // Sixteenths owed to this row and to the next, with a place beyond either end.
    let mut owed = [vec![[0_i32; 3]; width as usize + 2], vec![[0_i32; 3]; width as usize + 2]];
    for y in 0..height {
        for x in 0..width {
            let at = x as usize + 1;
            let due = owed[0][at];
            let wanted: [i32; 3] = std::array::from_fn(|c| i32::from(picture.get_pixel(x, y).0[c]) + due[c] / 16);
            let shown = nearest(Rgb(wanted.map(|sample| sample.clamp(0, 255) as u8)));
            for c in 0..3 {
                let lost = wanted[c].clamp(0, 255) - i32::from(shown.0[c]);
                owed[0][at + 1][c] += 7 * lost;
                owed[1][at - 1][c] += 3 * lost;
                owed[1][at][c] += 5 * lost;
                owed[1][at + 1][c] += lost;
            }
            out.put_pixel(x, y, shown);
        }
        owed.swap(0, 1);
        owed[1].fill([0; 3]);
    }
    out
}
