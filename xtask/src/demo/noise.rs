//! Randomness that is the same everywhere: integer hashing, and value noise built on it.
//!
//! Only integer operations and IEEE `+ - * /` are used, so that the pictures, and with them the bytes of
//! the demo, do not depend on a machine's mathematical library.

/// Scrambles the bits of `value` (the "lowbias32" construction: multiply and xor-shift, twice).
pub(crate) fn scramble(value: u32) -> u32 {
    let mut bits = value;
    bits ^= bits >> 16;
    bits = bits.wrapping_mul(0x7feb_352d);
    bits ^= bits >> 15;
    bits = bits.wrapping_mul(0x846c_a68b);
    bits ^ (bits >> 16)
}

/// Noise in `0.0..=1.0`: a random value on each lattice point, blended smoothly between them.
pub(crate) fn value(seed: u32, x: f32, y: f32) -> f32 {
    let (left, top) = (x.floor(), y.floor());
    let (column, row) = (left as i32, top as i32);
    let (across, down) = (ease(x - left), ease(y - top));
    let upper = blend(lattice(seed, column, row), lattice(seed, column + 1, row), across);
    let lower = blend(lattice(seed, column, row + 1), lattice(seed, column + 1, row + 1), across);
    blend(upper, lower, down)
}

/// Sums `octaves` layers of [`value`] noise, each twice as fine and half as strong; in `0.0..=1.0`.
pub(crate) fn fractal(seed: u32, x: f32, y: f32, octaves: u32) -> f32 {
    let (mut sum, mut strength, mut total, mut scale) = (0.0, 1.0, 0.0, 1.0);
    for octave in 0..octaves {
        sum += strength * value(seed.wrapping_add(octave * 0x9e37), x * scale, y * scale);
        total += strength;
        strength *= 0.5;
        scale *= 2.0;
    }
    sum / total
}

/// Rises smoothly from 0 at `low` to 1 at `high`.
pub(crate) fn smooth(low: f32, high: f32, at: f32) -> f32 {
    ease(((at - low) / (high - low)).clamp(0.0, 1.0))
}

/// A wave of period 1 between -1 and 1, made of two parabolas: near enough to a sine to look like one.
pub(crate) fn wave(at: f32) -> f32 {
    let phase = at - at.floor();
    if phase < 0.5 { 16.0 * phase * (0.5 - phase) } else { -16.0 * (phase - 0.5) * (1.0 - phase) }
}

/// A value `part` of the way from `from` to `to`.
pub(crate) fn blend(from: f32, to: f32, part: f32) -> f32 {
    from + (to - from) * part
}

/// A sequence of random numbers, for where things stand and what they look like.
pub(crate) struct Dice(u32);

impl Dice {
    /// The sequence that belongs to `seed`.
    pub(crate) fn new(seed: u32) -> Self {
        Self(scramble(seed ^ 0x5eed_cafe))
    }

    /// The next number, between `low` and `high`.
    pub(crate) fn between(&mut self, low: f32, high: f32) -> f32 {
        self.0 = self.0.wrapping_add(0x9e37_79b9);
        blend(low, high, unit(scramble(self.0)))
    }

    /// The next whole number below `limit`.
    pub(crate) fn below(&mut self, limit: usize) -> usize {
        (self.between(0.0, limit as f32) as usize).min(limit - 1)
    }

    /// One of `choices`, which must not be empty.
    pub(crate) fn pick<T: Copy>(&mut self, choices: &[T]) -> T {
        choices[self.below(choices.len())]
    }
}

/// The random value that belongs to one lattice point.
fn lattice(seed: u32, column: i32, row: i32) -> f32 {
    let across = scramble(column.cast_unsigned().wrapping_add(seed.wrapping_mul(0x85eb_ca6b)));
    unit(scramble(across ^ row.cast_unsigned().wrapping_mul(0xc2b2_ae35)))
}

/// The upper 24 bits of `bits`, all that an `f32` holds exactly, as a fraction of one.
fn unit(bits: u32) -> f32 {
    (bits >> 8) as f32 / 16_777_216.0
}

/// The polynomial smoothstep.
fn ease(part: f32) -> f32 {
    part * part * (3.0 - 2.0 * part)
}
