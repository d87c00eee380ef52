//! A small source of reproducible hashes for tests.

/// `SplitMix64` (Steele, Lea and Flood 2014).
pub(crate) struct Random(u64);

impl Random {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed)
    }

    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// Any hash.
    pub(crate) fn hash(&mut self) -> [u64; 4] {
        std::array::from_fn(|_| self.next())
    }

    /// So many of the 255 positions of a syndrome.
    pub(crate) fn error(&mut self, weight: usize) -> [u64; 4] {
        let mut error = [0_u64; 4];
        let mut left = weight;
        while left > 0 {
            let position = (self.next() % 255) as usize;
            let (word, bit) = (&mut error[position / 64], 1 << (position % 64));
            left -= usize::from(*word & bit == 0);
            *word |= bit;
        }
        error
    }
}
