//! Words of 64 bits: runs everywhere, and is the definition of the answer.

use super::bitsliced::BitSliced;
use super::hamming::{Near, Question};
use super::passes::{Kernel, TILE, Tile, Waiting};
use super::tower::Word;

impl Word for u64 {
    type Proof = ();
    const BYTES: usize = 8;
    const FUSED: bool = false;

    #[inline(always)]
    fn splat((): (), bits: u64) -> Self {
        bits
    }

    #[inline(always)]
    fn load((): (), bytes: &[u8]) -> Self {
        Self::from_le_bytes(*bytes.first_chunk().expect("eight bytes"))
    }

    #[inline(always)]
    fn store(self, words: &mut [u64]) {
        words[0] = self;
    }

    #[inline(always)]
    fn xor(self, other: Self) -> Self {
        self ^ other
    }

    #[inline(always)]
    fn and(self, other: Self) -> Self {
        self & other
    }

    #[inline(always)]
    fn or(self, other: Self) -> Self {
        self | other
    }

    #[inline(always)]
    fn up<const BITS: i32>(self) -> Self {
        self << BITS
    }

    #[inline(always)]
    fn down<const BITS: i32>(self) -> Self {
        self >> BITS
    }
}

kernel!(BitSliced<u64>);
near!(pub(super) near: u64, ());
