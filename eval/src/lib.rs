//! Measuring Presend honestly.
//!
//! The estimators are in [`stats`]: rates with their intervals, curves, and what they mean for accounts and services.
//!
//! A [`corpus`] is read, its pictures are looked up among one another or in a set and what is near is counted
//! ([`counts`]), and [`rates`] with their bounds follow from the counts, by way of [`stats`]. Pictures are changed as
//! ordinary [`edits`] do and looked up again ([`recall`]). [`findings`] says all that in words, tables and [`plots`], a
//! [`report`] puts it on a page. The older studies of [`sealed`] sets stand beside.
#![forbid(unsafe_code)]

mod cache;
pub mod columns;
pub mod corpus;
pub mod counts;
pub mod edits;
pub mod files;
pub mod findings;
mod ops;
pub mod plots;
pub mod rates;
pub mod recall;
pub mod report;
pub mod sealed;
pub mod speed;
pub mod stats;
mod table;

pub use table::{Column, Table, TableError};

#[cfg(test)]
mod tests {
    use image::{Rgb, RgbImage};

    /// A picture with structure at many scales, the same every time.
    pub(crate) fn picture(width: u32, height: u32) -> RgbImage {
        RgbImage::from_fn(width, height, |x, y| {
            let (u, v) = (f64::from(x) / f64::from(width), f64::from(y) / f64::from(height));
            let wave =
                |a: f64, b: f64, c: f64| ((a * u + b * v + c) * 6.0).sin() + ((b * u * v - a * v) * 9.0 + c).cos();
            let sample =
                |c: f64| (wave(3.0, 1.0, c) + wave(1.3, 5.1, c) + wave(7.7, 2.9, c) + wave(11.0, 9.0, c)) * 15.0;
            Rgb([0.0, 0.4, 0.9].map(|c| (128.0 + sample(c)).clamp(0.0, 255.0) as u8))
        })
    }
}
