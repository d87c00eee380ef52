//! How far fast hashes lie from exact ones, and what a fast scan finds in an exact list.

use std::fmt::Write as _;
use std::path::PathBuf;
use std::{fs, io};

use image::RgbImage;
use image::imageops::{self, FilterType};
use presend_core::{Algorithm as _, Effort, Limits, Pdq, Picture};
use rayon::prelude::*;

use crate::ops;
use crate::sealed::corpus::open;
use crate::sealed::edits::{EDITS, Group};
use crate::sealed::recall::{Hash, PLAIN, distance, hash};
use crate::stats::wilson_95 as wilson;

/// Longer sides to which photographs are scaled.
const SIDES: [u32; 4] = [512, 1024, 1920, 4000];
/// Thresholds that are compared. Hashes without ties lie an even number of bits apart, so that 31 is 30.
const THRESHOLDS: [u32; 7] = [20, 24, 26, 28, 30, 31, 32];

/// A photograph's hashes from files.
#[derive(Debug, Clone)]
struct Measured {
    /// Between its fast hash and its exact one: as the file is, and by [`SIDES`]; `None` for what is not hashed fast.
    drift: [Option<u32>; 1 + SIDES.len()],
    /// By edit: from the exact hash of the original to the exact and the fast hash of the edited file.
    edits: Vec<[u32; 2]>,
}

/// Photographs, measured.
#[derive(Debug, Clone)]
pub struct Drift(Vec<Measured>);

impl Drift {
    /// Scales, edits and hashes photographs: several seconds each on one core.
    ///
    /// # Errors
    /// What reading a photograph gives.
    pub fn of(photos: &[PathBuf]) -> io::Result<Self> {
        let measured = photos.par_iter().enumerate().map(|(number, path)| {
            let file = fs::read(path)?;
            Ok(open(path)?.map(|picture| measure(&file, &picture, number)))
        });
        let measured: Vec<Option<Measured>> = measured.collect::<io::Result<_>>()?;
        Ok(Self(measured.into_iter().flatten().collect()))
    }

    /// The document, in Markdown.
    #[must_use]
    pub fn report(&self) -> String {
        [self.preface(), self.sizes(), self.thresholds(), self.groups()].concat()
    }

    fn preface(&self) -> String {
        format!(
            "# Fast hashes\n\n\
             Written by `cargo xtask drift`. With `--fast` a baseline JPEG is hashed from the coefficients of its luma, without \
             decoding it ([ADR 5](adr/0005-fast-is-labelled.md)); how fast that is stands in [performance.md](performance.md). \
             Here is how near such hashes are to exact ones, and what a fast scan finds in a list of exact hashes, on {} \
             photographs (quality ≥ 50, longer side ≥ 300 pixels; most have 300 to 800). Shares have 95 % intervals \
             (Wilson).\n\n\
             What remains between the two is rounding, and clamping: a decoder rounds samples to 8 bits and clamps colours that \
             the screen does not have, coefficients do neither. A file whose mean colours would be clamped is left to the \
             decoder, but not every clamping shows in the means: pictures made for it can differ by more than any photograph \
             here. Where every copy counts, scan exactly.\n",
            self.0.len()
        )
    }

    fn sizes(&self) -> String {
        let mut out = String::from(
            "\n## Bits between fast and exact\n\n\
             Each photograph as its file is, where that is a baseline JPEG; then scaled (Lanczos) so that its longer side has \
             so many pixels, with grain of σ 2 in place of the detail that a larger photograph would have, saved with quality \
             88 and 4:2:0. So the large ones are upscaled: they have the size of large photographs, the number of blocks and \
             of filter weights, but less in them.\n\n\
             | longer side | photographs | mean | 0 bits | ≤ 2 bits | ≤ 4 bits | most |\n|---|---|---|---|---|---|---|\n",
        );
        let names = ["as it is".to_owned()].into_iter().chain(SIDES.map(|side| format!("{side}")));
        for (class, name) in names.enumerate() {
            let bits: Vec<u32> = self.0.iter().filter_map(|photo| photo.drift[class]).collect();
            let n = bits.len();
            let within = |most| share(bits.iter().filter(|&&bits| bits <= most).count(), n);
            let mean = f64::from(bits.iter().sum::<u32>()) / n as f64;
            let most = bits.iter().max().unwrap_or(&0);
            let _ =
                writeln!(out, "| {name} | {n} | {mean:.2} | {} | {} | {} | {most} |", within(0), within(2), within(4));
        }
        out
    }

    fn thresholds(&self) -> String {
        let mut out = format!(
            "\n## Which threshold\n\n\
             The {} edits of [sealed-recall.md](sealed-recall.md), each edited picture saved once more with quality 88 and \
             looked up at the exact hash of the original: *exact* by the exact hash of that file, *fast* by its fast hash.\n\n\
             | threshold | exact | fast |\n|---|---|---|\n",
            EDITS.len()
        );
        let all = self.0.len() * EDITS.len();
        for threshold in THRESHOLDS {
            let shares = [0, 1].map(|way| share(self.found(way, threshold, |_| true), all));
            let _ = writeln!(out, "| {threshold} | {} | {} |", shares[0], shares[1]);
        }
        let (exact, fast) = (self.found(0, PLAIN, |_| true), self.found(1, PLAIN, |_| true));
        let enough = (0..=256).find(|&threshold| self.found(1, threshold, |_| true) >= exact);
        let _ = writeln!(
            out,
            "\nOf {all} edited pictures an exact scan finds {exact} at {PLAIN} and a fast one {fast}. To find as many as the exact \
             scan at {PLAIN}, a fast scan needs a threshold of {}.",
            enough.expect("at 256 everything is found")
        );
        out
    }

    fn groups(&self) -> String {
        let mut out = format!("\n## By edit, at {PLAIN}\n\n| edits | n | exact | fast |\n|---|---|---|---|\n");
        for group in Group::ALL {
            let n = self.0.len() * EDITS.iter().filter(|edit| edit.group == group).count();
            let shares = [0, 1].map(|way| share(self.found(way, PLAIN, |found| found == group), n));
            let _ = writeln!(out, "| {} | {n} | {} | {} |", group.name(), shares[0], shares[1]);
        }
        out
    }

    /// How many edited pictures of some groups one of the ways finds.
    fn found(&self, way: usize, threshold: u32, of: impl Fn(Group) -> bool) -> usize {
        let edits = self.0.iter().flat_map(|photo| EDITS.iter().zip(&photo.edits));
        edits.filter(|(edit, distances)| of(edit.group) && distances[way] <= threshold).count()
    }
}

fn share(hits: usize, n: usize) -> String {
    let (low, high) = wilson(hits, n);
    format!("{:.3} ({low:.3}–{high:.3})", hits as f64 / n.max(1) as f64)
}

fn measure(file: &[u8], picture: &RgbImage, number: usize) -> Measured {
    let mut drift = [drift(file), None, None, None, None];
    for (drift, side) in drift[1..].iter_mut().zip(SIDES) {
        *drift = self::drift(&ops::save(&scaled(picture, side), 88));
    }
    let original = hash(picture);
    let edits = EDITS.iter().map(|edit| {
        let file = ops::save(&edit.apply(picture, number), 88);
        let exact = exact(&file);
        [exact, fast(&file).unwrap_or(exact)].map(|looked_up| distance(&looked_up, &original))
    });
    Measured { drift, edits: edits.collect() }
}

fn drift(file: &[u8]) -> Option<u32> {
    fast(file).map(|fast| distance(&fast, &exact(file)))
}

fn fast(file: &[u8]) -> Option<Hash> {
    let picture = Picture::open(file, &Limits::default()).expect("it was decoded before");
    Pdq.hash_fast(&picture, &[], Effort::NONE).map(|(record, _)| record.hash)
}

fn exact(file: &[u8]) -> Hash {
    hash(&ops::decode(file).expect("it was decoded before"))
}

fn scaled(picture: &RgbImage, side: u32) -> RgbImage {
    let (width, height) = picture.dimensions();
    let scale = |length: u32| (length * side / width.max(height)).max(1);
    ops::noise(&imageops::resize(picture, scale(width), scale(height), FilterType::Lanczos3), 2.0, 0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tests::picture;

    #[test]
    fn files_of_photographs_drift_little_and_what_is_no_jpeg_not_at_all() {
        let file = ops::save(&picture(320, 240), 88);
        assert!(drift(&file).is_some_and(|bits| bits <= 2));
        let mut png = io::Cursor::new(Vec::new());
        picture(320, 240).write_to(&mut png, image::ImageFormat::Png).expect("written to memory");
        assert_eq!(drift(&png.into_inner()), None);
    }

    #[test]
    fn scaling_keeps_the_shape() {
        assert_eq!(scaled(&picture(320, 240), 512).dimensions(), (512, 384));
        assert_eq!(scaled(&picture(240, 320), 512).dimensions(), (384, 512));
    }
}
