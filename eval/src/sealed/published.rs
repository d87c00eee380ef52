//! What each radius publishes and takes.

/// What an entry of some radius consists of.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Sealed {
    /// Within how many bits it is found.
    pub(crate) radius: u32,
    /// Bits of the hash that its syndrome publishes.
    pub(crate) published: f64,
    /// Bytes of the syndrome and of the tag.
    pub(crate) bytes: usize,
}

/// The radii that are measured, with the ranks and the planes of the universal BCH code, two spare sums included, and
/// a tag of four bytes (`core/src/bch.rs` tests the same figures).
pub(crate) const SEALED: [Sealed; 6] = [
    sealed(12, 108.0, 14),
    sealed(16, 124.0, 16),
    sealed(18, 140.0, 18),
    sealed(20, 148.0, 19),
    sealed(22, 164.0, 21),
    sealed(24, 168.0, 22),
];

const fn sealed(radius: u32, published: f64, planes: usize) -> Sealed {
    Sealed { radius, published, bytes: planes + 4 }
}
