//! The bits of a hash: one word for the 64-bit family, four for PDQ.

use std::fmt::Debug;

/// A fixed number of 64-bit words, least significant first. Sealed: `[u64; 1]` and `[u64; 4]`.
pub trait Bits: Copy + Eq + Debug + Send + Sync + sealed::Sealed + 'static {
    /// Words in a hash.
    const WORDS: usize;
    /// No bit set.
    const ZERO: Self;

    /// The words.
    fn words(&self) -> &[u64];

    /// The words, to be written.
    fn words_mut(&mut self) -> &mut [u64];
}

macro_rules! impl_bits {
    ($($words:literal),*) => {$(
        impl sealed::Sealed for [u64; $words] {}
        impl Bits for [u64; $words] {
            const WORDS: usize = $words;
            const ZERO: Self = [0; $words];

            fn words(&self) -> &[u64] {
                self
            }

            fn words_mut(&mut self) -> &mut [u64] {
                self
            }
        }
    )*};
}

impl_bits!(1, 4);

mod sealed {
    pub trait Sealed {}
}
