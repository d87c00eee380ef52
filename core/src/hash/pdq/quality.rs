//! How much structure a picture has: PDQ's gradient measure.

use super::jarosz::Luma64;
use crate::hash::Quality;

/// The sum of all vertical and horizontal differences in the 64×64 luma, each cut to whole percent of the range (so
/// that faint texture counts nothing), divided by 90 and capped at 100.
pub(crate) fn of(luma: &Luma64) -> Quality {
    let percent = |u: f32, v: f32| (((u - v) * 100.0) / 255.0) as i32;
    let vertical = luma.windows(2).flat_map(|rows| rows[0].iter().zip(&rows[1]).map(|(&u, &v)| percent(u, v)));
    let horizontal = luma.iter().flat_map(|row| row.windows(2).map(|pair| percent(pair[0], pair[1])));
    let sum: u32 = vertical.chain(horizontal).map(i32::unsigned_abs).sum();
    Quality::new((sum / 90).min(100) as u8).expect("capped at 100")
}
