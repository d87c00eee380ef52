//! The universal BCH code of sealed sets: syndromes of hashes, and the difference of two hashes from the difference of
//! their syndromes.
//!
//! A hash has 256 bits; bit 255, the highest frequency, is left out. Bit `k` stands for the field element `α^k`, where `α`
//! is the generator of [`gf256`]. What is stored of a hash are its odd **power sums**
//! `S_j = Σ α^(jk)` over the positions `k` of its ones, for `j = 1, 3, …, 2n - 1`: the syndrome of the binary BCH code of
//! length 255 that corrects `n` errors. Even sums follow (`S_2j = S_j²`), and so do some odd ones, because squaring maps
//! `S_j` to `S_(2j mod 255)`; those are neither stored nor published twice.
//!
//! Sums are linear: the XOR of two syndromes is the syndrome of the XOR of the hashes. Two hashes within the radius `t` of
//! one another are found by decoding it (Berlekamp 1968, Massey 1969); `n = t + 2` sums are kept, two more than decoding
//! needs, so that an entry that is not near fails early.
//!
//! **One code for ever.** Every set, version and segment uses these sums in this order of bits. Two codes or two orders
//! for one hash are two systems of equations that together give the hash away (Tams, arXiv 1406.1154). Transposing a hash,
//! as turned pictures do, multiplies every position by 16: that is squaring the sums four times and gives nothing new.

use std::sync::LazyLock;

use thiserror::Error;

use crate::gf256::{self, ORDER};

/// Bits of one hash, least significant word first.
pub(crate) type Words = [u64; 4];

/// Power sums that are kept beyond the radius, so that what is not near is rejected without a root search.
const SPARE: usize = 2;

/// The most power sums that any radius has.
pub(crate) const MAX_SUMS: usize = Radius::MAX.sums();

/// The distance within which a sealed set is matched.
///
/// The larger, the more edits it survives, and the more of each hash is published.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Radius(u8);

impl Radius {
    /// What sets are sealed with unless asked otherwise: 16 bits, of which 125 bits of work protect an entry.
    pub const DEFAULT: Self = Self(16);

    /// The largest: beyond it an entry can be guessed.
    pub const MAX: Self = Self(24);

    /// Every radius there is. Untied hashes are at even distances, so odd ones would add nothing.
    pub const ALL: [Self; 7] = [Self(8), Self(12), Self(16), Self(18), Self(20), Self(22), Self(24)];

    /// A radius of so many bits.
    ///
    /// # Errors
    /// [`RadiusError`] where there is none.
    pub fn new(bits: u16) -> Result<Self, RadiusError> {
        if bits > u16::from(Self::MAX.0) {
            return Err(RadiusError::TooLarge(bits));
        }
        Self::ALL.into_iter().find(|radius| radius.bits() == bits).ok_or(RadiusError::Unavailable(bits))
    }

    /// The number of bits.
    #[must_use]
    pub const fn bits(self) -> u16 {
        self.0 as u16
    }

    /// The number of odd power sums of the code.
    pub(crate) const fn sums(self) -> usize {
        self.0 as usize + SPARE
    }
}

impl std::fmt::Display for Radius {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(f)
    }
}

/// There is no such radius.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum RadiusError {
    /// So much of each hash would be published that it could be guessed.
    #[error(
        "a radius of {0} publishes so much of each hash that the rest can be guessed (at 30, in 2^43 steps): the \
         largest is 24"
    )]
    TooLarge(u16),
    /// Not one of the radii that sets are sealed with.
    #[error("{0} is no radius that sets are sealed with: 8, 12, 16, 18, 20, 22 or 24")]
    Unavailable(u16),
}

/// Where a power sum comes from: a stored one, squared some times.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Source {
    /// Which of the stored sums.
    pub(crate) plane: usize,
    /// How often it is squared.
    pub(crate) squarings: usize,
}

/// The code for one radius: which power sums are stored, and how the others follow.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Code {
    pub(crate) radius: Radius,
    /// Which of the sums are stored, as places in a [`Syndrome`]; one byte plane each.
    pub(crate) stored: Vec<usize>,
    /// For each sum of the syndrome where it comes from.
    pub(crate) sources: Vec<Source>,
    /// How many independent linear equations about a hash are stored.
    pub(crate) published_bits: u32,
}

impl Code {
    pub(crate) fn new(radius: Radius) -> Self {
        let mut code = Self { radius, stored: Vec::new(), sources: Vec::new(), published_bits: 0 };
        for place in 0..radius.sums() {
            let power = 2 * place + 1;
            let source = code.stored.iter().enumerate().find_map(|(plane, &stored)| {
                let squarings = coset(2 * stored + 1).position(|conjugate| conjugate == power)?;
                Some(Source { plane, squarings })
            });
            code.sources.push(source.unwrap_or_else(|| {
                code.stored.push(place);
                code.published_bits += coset(power).count() as u32;
                Source { plane: code.stored.len() - 1, squarings: 0 }
            }));
        }
        code
    }

    /// Bytes of the syndrome that an entry stores.
    pub(crate) fn planes(&self) -> usize {
        self.stored.len()
    }

    /// The whole syndrome from its stored sums.
    pub(crate) fn expand(&self, stored: impl Fn(usize) -> u8) -> Syndrome {
        let mut sums = [0; MAX_SUMS];
        for (sum, source) in sums.iter_mut().zip(&self.sources) {
            *sum = gf256::square(stored(source.plane), source.squarings);
        }
        Syndrome(sums)
    }

    /// The difference of two hashes, whose syndromes differ by this one, if they are within the radius of one another
    /// (bit 255 apart, of which the syndrome says nothing).
    pub(crate) fn decode(&self, difference: &Syndrome) -> Option<Words> {
        let sums = &difference.0[..self.radius.sums()];
        let locator = berlekamp_massey(sums).filter(|locator| locator.len() - 1 <= usize::from(self.radius.0))?;
        let mut found = [0; 4];
        let mut roots = 0;
        for position in 0..ORDER {
            if evaluate(&locator, ORDER - position) == 0 {
                found[position / 64] |= 1 << (position % 64);
                roots += 1;
            }
        }
        (roots + 1 == locator.len()).then_some(found)
    }
}

/// The powers that follow from one by doubling, as squaring does to power sums.
pub(crate) fn coset(power: usize) -> impl Iterator<Item = usize> {
    let mut next = Some(power);
    std::iter::from_fn(move || {
        let current = next?;
        next = Some(current * 2 % ORDER).filter(|&doubled| doubled != power);
        Some(current)
    })
}

/// The odd power sums `S_1, S_3, …` of a hash.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Syndrome(pub(crate) [u8; MAX_SUMS]);

impl Syndrome {
    /// The sums over the ones of a hash.
    pub(crate) fn of(hash: &Words) -> Self {
        let powers = &*POWERS;
        let mut sums = [0; MAX_SUMS];
        for (word, &bits) in hash.iter().enumerate() {
            let mut bits = if word == 3 { bits & !DROPPED } else { bits };
            while bits != 0 {
                let position = 64 * word + bits.trailing_zeros() as usize;
                for (sum, power) in sums.iter_mut().zip(&powers[position]) {
                    *sum ^= power;
                }
                bits &= bits - 1;
            }
        }
        Self(sums)
    }

    /// The syndrome of the difference.
    #[must_use]
    pub(crate) fn xor(&self, other: &Self) -> Self {
        Self(std::array::from_fn(|place| self.0[place] ^ other.0[place]))
    }
}

/// The bit of the last word that syndromes leave out.
pub(crate) const DROPPED: u64 = 1 << 63;

/// For each position the odd powers of its element. Computed when it is needed first: as a constant it would be a
/// thirtieth of what browsers download.
static POWERS: LazyLock<[[u8; MAX_SUMS]; ORDER]> = LazyLock::new(|| {
    std::array::from_fn(|position| std::array::from_fn(|place| gf256::exp(position * (2 * place + 1))))
});

/// The shortest error locator that explains all the sums, lowest coefficient first and without leading zeros, or nothing
/// where its degree is not its length: no set of positions explains the sums then.
fn berlekamp_massey(odd: &[u8]) -> Option<Vec<u8>> {
    let (locator, length) = shortest_register(odd);
    let degree = locator.iter().rposition(|&coefficient| coefficient != 0)?;
    (degree == length).then(|| locator[..=degree].to_vec())
}

/// Massey's algorithm: the shortest linear feedback register that makes `S_1, …, S_2n`, and its length.
pub(crate) fn shortest_register(odd: &[u8]) -> (Vec<u8>, usize) {
    let sums = 2 * odd.len();
    let mut all = vec![0; sums + 1];
    for j in 1..=sums {
        all[j] = if j % 2 == 1 { odd[j / 2] } else { gf256::square(all[j / 2], 1) };
    }
    let mut register = vec![0; sums + 2];
    register[0] = 1;
    let mut previous = register.clone();
    let (mut length, mut shift, mut divisor) = (0, 1, 1);
    for step in 0..sums {
        let discrepancy = (0..=length.min(step)).fold(0, |sum, i| sum ^ gf256::mul(register[i], all[step + 1 - i]));
        if discrepancy == 0 {
            shift += 1;
            continue;
        }
        let factor = gf256::mul(discrepancy, gf256::inv(divisor));
        let before = (2 * length <= step).then(|| register.clone());
        for i in 0..register.len() - shift {
            register[i + shift] ^= gf256::mul(factor, previous[i]);
        }
        match before {
            Some(before) => {
                length = step + 1 - length;
                (previous, divisor, shift) = (before, discrepancy, 1);
            }
            None => shift += 1,
        }
    }
    (register, length)
}

/// A polynomial's value at a power of the generator.
fn evaluate(coefficients: &[u8], power: usize) -> u8 {
    coefficients.iter().rev().fold(0, |value, &coefficient| gf256::mul(value, gf256::exp(power)) ^ coefficient)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::reference::Random;

    #[test]
    fn stored_sums_and_published_bits_are_those_of_the_design() {
        let table: Vec<_> = Radius::ALL
            .into_iter()
            .map(|radius| {
                let code = Code::new(radius);
                (radius.bits(), code.planes(), code.published_bits)
            })
            .collect();
        assert_eq!(
            table,
            [(8, 10, 76), (12, 14, 108), (16, 16, 124), (18, 18, 140), (20, 19, 148), (22, 21, 164), (24, 22, 168)]
        );
    }

    #[test]
    fn other_radii_are_refused_with_the_reason() {
        assert_eq!(Radius::new(25), Err(RadiusError::TooLarge(25)));
        assert_eq!(Radius::new(31), Err(RadiusError::TooLarge(31)));
        assert_eq!(Radius::new(17), Err(RadiusError::Unavailable(17)));
        assert_eq!(Radius::new(0), Err(RadiusError::Unavailable(0)));
        assert_eq!(Radius::new(16), Ok(Radius::DEFAULT));
    }

    #[test]
    fn the_stored_sums_give_the_whole_syndrome() {
        let mut random = Random::new(1);
        for radius in Radius::ALL {
            let code = Code::new(radius);
            let syndrome = Syndrome::of(&random.hash());
            let expanded = code.expand(|plane| syndrome.0[code.stored[plane]]);
            assert_eq!(expanded.0[..radius.sums()], syndrome.0[..radius.sums()]);
        }
    }

    #[test]
    fn syndromes_are_sums_of_powers() {
        let hash = [1 << 5, 0, 1, DROPPED];
        let syndrome = Syndrome::of(&hash);
        for (place, &sum) in syndrome.0.iter().enumerate() {
            let power = 2 * place + 1;
            assert_eq!(sum, gf256::exp(5 * power) ^ gf256::exp(128 * power));
        }
    }

    #[test]
    fn differences_up_to_the_radius_are_found_and_no_others() {
        let mut random = Random::new(2);
        for radius in Radius::ALL {
            let code = Code::new(radius);
            for weight in 0..=usize::from(radius.bits()) + 12 {
                for _ in 0..20 {
                    let hash = random.hash();
                    let error = random.error(weight);
                    let other = std::array::from_fn(|i| hash[i] ^ error[i]);
                    let found = code.decode(&Syndrome::of(&hash).xor(&Syndrome::of(&other)));
                    assert_eq!(found, (weight <= usize::from(radius.bits())).then_some(error), "{radius} {weight}");
                }
            }
        }
    }
}
