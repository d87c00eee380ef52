//! Stands in for [crc32fast] wherever a dependency asks for it (`[patch.crates-io]` in the workspace's `Cargo.toml`): the
//! part of its interface that is used.
//!
//! Its 16 KB of tables do not compress, a twelfth of what a browser would download to scan pictures. In WebAssembly they are
//! computed here, when the first PNG is read: a few microseconds. Elsewhere zlib-rs does the work, as fast as crc32fast,
//! by the processor's own instructions.
//!
//! [crc32fast]: https://crates.io/crates/crc32fast
#![forbid(unsafe_code)]

#[cfg(any(target_family = "wasm", test))]
mod tables;

#[cfg(target_family = "wasm")]
use tables::update;
#[cfg(not(target_family = "wasm"))]
use zlib_rs::crc32::crc32 as update;

/// The CRC-32 of these bytes.
#[must_use]
pub fn hash(bytes: &[u8]) -> u32 {
    let mut hasher = Hasher::new();
    hasher.update(bytes);
    hasher.finalize()
}

/// A CRC-32 of bytes that come in pieces.
#[derive(Debug, Clone, Default)]
pub struct Hasher {
    crc: u32,
    length: u64,
}

impl Hasher {
    /// Of nothing yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Of bytes whose CRC-32 is known, and more to come.
    #[must_use]
    pub fn new_with_initial(crc: u32) -> Self {
        Self { crc, length: 0 }
    }

    /// Takes in the next bytes.
    pub fn update(&mut self, bytes: &[u8]) {
        self.length += bytes.len() as u64;
        self.crc = update(self.crc, bytes);
    }

    /// The CRC-32 of all bytes.
    #[must_use]
    pub fn finalize(self) -> u32 {
        self.crc
    }

    /// Begins again.
    pub fn reset(&mut self) {
        *self = Self::new();
    }

    /// Takes in the bytes that another one took in.
    pub fn combine(&mut self, other: &Self) {
        self.length += other.length;
        // `x` to the number of bits behind.
        let (mut shift, mut power, mut bits) = (ONE, ONE >> 1, 8 * u128::from(other.length));
        while bits > 0 {
            if bits & 1 == 1 {
                shift = product(shift, power);
            }
            power = product(power, power);
            bits >>= 1;
        }
        self.crc = product(self.crc, shift) ^ other.crc;
    }
}

/// The polynomial of ISO 3309, and 1, the coefficient of `x⁰` as the highest bit.
const POLYNOMIAL: u32 = 0xedb8_8320;
const ONE: u32 = 1 << 31;

/// A polynomial times `x`.
const fn next(polynomial: u32) -> u32 {
    if polynomial & 1 == 1 { polynomial >> 1 ^ POLYNOMIAL } else { polynomial >> 1 }
}

fn product(one: u32, mut other: u32) -> u32 {
    let mut product = 0;
    for power in 0..32 {
        if one & ONE >> power != 0 {
            product ^= other;
        }
        other = next(other);
    }
    product
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_check_value_is_that_of_the_standard() {
        assert_eq!(hash(b"123456789"), 0xcbf4_3926);
    }

    #[test]
    fn every_length_and_every_cut_give_the_same_with_and_without_tables() {
        let bytes: Vec<u8> = (0..200_u32).map(|i| (i * i * 31 + i) as u8).collect();
        for length in 0..bytes.len() {
            let expected = hash(&bytes[..length]);
            for cut in 0..=length {
                let (first, second) = bytes[..length].split_at(cut);
                assert_eq!(tables::update(tables::update(0, first), second), expected, "{length} bytes cut at {cut}");
                let [mut one, mut two] = [first, second].map(|bytes| Hasher::new_with_initial(hash(bytes)));
                two.length = second.len() as u64;
                one.combine(&two);
                assert_eq!(one.finalize(), expected, "{length} bytes put together at {cut}");
            }
        }
    }
}
