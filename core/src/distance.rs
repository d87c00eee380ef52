//! Hamming distance between two hashes, and the threshold under which two count as the same picture.

use std::fmt;
use std::str::FromStr;

/// How many bits differ between two hashes of the same algorithm.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Distance(u16);

impl Distance {
    /// No bit differs.
    pub const ZERO: Self = Self(0);

    pub(crate) const fn new(bits: u16) -> Self {
        Self(bits)
    }

    /// The number of differing bits.
    #[must_use]
    pub const fn bits(self) -> u16 {
        self.0
    }
}

impl fmt::Display for Distance {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// The largest [`Distance`] that still counts as a match: inclusive, so 31 admits a distance of 31.
///
/// ```
/// # use presend_core::{ImageHash, Pdq, Threshold};
/// let zeros: ImageHash<Pdq> = "0".repeat(64).parse()?;
/// let ones: ImageHash<Pdq> = format!("{}ff", "0".repeat(62)).parse()?;
/// assert!(Threshold::new(8).admits(zeros.distance(&ones)));
/// assert!(!Threshold::new(7).admits(zeros.distance(&ones)));
/// # Ok::<(), presend_core::ParseHashError>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Threshold(u16);

impl Threshold {
    /// A threshold of so many bits.
    #[must_use]
    pub const fn new(bits: u16) -> Self {
        Self(bits)
    }

    /// The number of bits.
    #[must_use]
    pub const fn bits(self) -> u16 {
        self.0
    }

    /// Whether a distance is within the threshold.
    #[must_use]
    pub const fn admits(self, distance: Distance) -> bool {
        distance.0 <= self.0
    }
}

impl fmt::Display for Threshold {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl FromStr for Threshold {
    type Err = std::num::ParseIntError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        text.parse().map(Self)
    }
}
