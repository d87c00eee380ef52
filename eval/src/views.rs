//! Looking at a query again: slightly cropped, extended, shifted or turned.
//!
//! Who asks has the picture. The hash of a view that undoes an edit (nearly) is the hash of the original: a picture
//! whose lower edge was cut is extended there, one with a border is cropped. It costs one lookup each and publishes
//! nothing, since nothing is enrolled. A view is sampled from the 64×64 luma that the hash is made of anyway, so it
//! takes no decoding and no filtering: two samplings of 64×64 values and one more transform.

use crate::luma::{Luma, SIDE};

/// One way to look again.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum View {
    /// As it is.
    Plain,
    /// The frame moved: left, top, right, bottom, as shares of the sides. Positive cuts, negative extends by repeating
    /// the outermost luma.
    Frame([f32; 4]),
    /// Turned about the centre by so many degrees.
    Turned(f32),
    /// Without what lies over the lowest sixteenth: the row above it is repeated.
    WithoutCaption,
    /// With darker tones raised: luma to the power of ¾. (PDQ does not see by what all luma is multiplied.)
    Brightened,
}

impl View {
    /// The luma seen so.
    #[must_use]
    pub fn of(self, luma: &Luma) -> Luma {
        match self {
            Self::Plain => *luma,
            Self::Frame([left, top, right, bottom]) => {
                let across = |x: usize| place(x, left, right);
                let down = |y: usize| place(y, top, bottom);
                sampled(luma, |x, y| (across(x), down(y)))
            }
            Self::Turned(degrees) => {
                let (sin, cos) = degrees.to_radians().sin_cos();
                let centre = (SIDE - 1) as f32 / 2.0;
                sampled(luma, |x, y| {
                    let (x, y) = (x as f32 - centre, y as f32 - centre);
                    (cos * x - sin * y + centre, sin * x + cos * y + centre)
                })
            }
            Self::WithoutCaption => {
                let mut out = *luma;
                let last = SIDE - SIDE / 16 - 1;
                let row = out[last];
                out[last + 1..].fill(row);
                out
            }
            // Square roots are exact on every machine, powers are not.
            Self::Brightened => {
                luma.map(|row| row.map(|value| value.max(0.0)).map(|value| (value * value.sqrt()).sqrt()))
            }
        }
    }
}

/// Where sample `i` of 64 falls on an axis that loses the shares `before` and `after`.
fn place(i: usize, before: f32, after: f32) -> f32 {
    SIDE as f32 * before + (1.0 - before - after) * (i as f32 + 0.5) - 0.5
}

/// Luma at places between samples, bilinear; outside lies the nearest sample.
fn sampled(luma: &Luma, place: impl Fn(usize, usize) -> (f32, f32)) -> Luma {
    let at = |value: f32| {
        let value = value.clamp(0.0, (SIDE - 1) as f32);
        let cell = (value as usize).min(SIDE - 2);
        (cell, value - cell as f32)
    };
    std::array::from_fn(|y| {
        std::array::from_fn(|x| {
            let (across, down) = place(x, y);
            let ((column, across), (row, down)) = (at(across), at(down));
            let above = luma[row][column] * (1.0 - across) + luma[row][column + 1] * across;
            let below = luma[row + 1][column] * (1.0 - across) + luma[row + 1][column + 1] * across;
            above * (1.0 - down) + below * down
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Luma that rises by one per column and by two per row.
    fn slope() -> Luma {
        std::array::from_fn(|y| std::array::from_fn(|x| (x + 2 * y) as f32))
    }

    #[test]
    fn views_that_change_nothing_return_the_luma() {
        for view in [View::Plain, View::Frame([0.0; 4]), View::Turned(0.0)] {
            assert_eq!(view.of(&slope()), slope(), "{view:?}");
        }
    }

    #[test]
    fn a_cut_view_spreads_what_is_left() {
        let cut = View::Frame([0.25, 0.0, 0.0, 0.0]).of(&slope());
        // Three quarters of the columns over 64 samples: steps of 0.75 from the middle of the first.
        assert!((cut[10][0] - (16.0 - 0.125 + 20.0)).abs() < 1e-4);
        assert!((cut[10][21] - cut[10][20] - 0.75).abs() < 1e-4);
    }

    #[test]
    fn an_extended_view_repeats_the_edge() {
        let extended = View::Frame([0.0, 0.0, 0.0, -0.1]).of(&slope());
        assert_eq!(extended[63], slope()[63]);
        assert_eq!(extended[60], slope()[63]);
    }

    #[test]
    fn a_caption_is_covered_by_the_row_above_it() {
        let covered = View::WithoutCaption.of(&slope());
        assert_eq!(covered[59], slope()[59]);
        assert!(covered[60..].iter().all(|row| row == &slope()[59]));
    }
}
