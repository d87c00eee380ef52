//! Exactly the reference's hash, or one near it for less.

use std::fmt;

/// How a picture is hashed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Precision {
    /// From its pixels, bit for bit as the algorithm says.
    #[default]
    Exact,
    /// From the coefficients of its luma, where it is a baseline JPEG and the algorithm has a fast way: nearly as the
    /// algorithm says. Such a hash is looked up among exact ones and never kept.
    Fast,
}

impl Precision {
    /// The name in output.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Exact => "exact",
            Self::Fast => "fast",
        }
    }
}

impl fmt::Display for Precision {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}
