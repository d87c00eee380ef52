//! How hard a query looks beyond the radius of a sealed set.

use std::fmt;
use std::str::FromStr;

use thiserror::Error;

/// How many hashes are looked up for one picture: its own, and what it may have been before an edit. Each step doubles
/// them, and what a search costs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Effort(u8);

impl Effort {
    /// The hash alone.
    pub const NONE: Self = Self(0);
    /// The hardest: 64 lookups.
    pub const MAX: Self = Self(6);

    /// An effort, or `None` beyond [`MAX`](Self::MAX).
    #[must_use]
    pub const fn new(steps: u8) -> Option<Self> {
        if steps <= Self::MAX.0 { Some(Self(steps)) } else { None }
    }

    /// How often the lookups were doubled.
    #[must_use]
    pub const fn steps(self) -> u8 {
        self.0
    }

    /// Lookups per hash, the hash itself among them.
    #[must_use]
    pub const fn lookups(self) -> usize {
        1 << self.0
    }
}

impl fmt::Display for Effort {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// Not a number from 0 to 6.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("{0:?} is no effort from 0 to 6")]
pub struct ParseEffortError(String);

impl FromStr for Effort {
    type Err = ParseEffortError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        text.parse().ok().and_then(Self::new).ok_or_else(|| ParseEffortError(text.to_owned()))
    }
}
