//! What a sealed image gives away, in bits.
//!
//! The differences between the entries of one image can be read off a sealed set (they decode). Of a difference it is
//! then known that half of its bits are ones, because every untied hash has 128 ones. For fair bits the count of ones
//! in a difference `e` has the variance `v = |e| / 4` and is nearly normal, so that it is exactly the mean has the
//! probability `1 / sqrt(2π·v)`: that publishes `½ log2(2π·v)` bits. Several
//! differences overlap, with covariances `|e_i AND e_j| / 4`; their joint density has the product of the conditional
//! variances, the pivots of the Cholesky decomposition, in place of `v`.

/// Bits of a hash that one who knows other photographs' hashes cannot predict, at most: the bound that a
/// cross-validated autoregressive model gives on 23,951 photographs (the design of sealed sets, measured there).
pub(crate) const ENTROPY: f64 = 249.0;

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

/// Bits that the variants of an image publish beside its original: by the halves of their differences.
#[must_use]
pub(crate) fn by_variants(original: [u64; 4], variants: &[[u64; 4]]) -> f64 {
    let differences: Vec<[u64; 4]> = variants.iter().map(|hash| xor(original, *hash)).collect();
    let covariance = |i: usize, j: usize| f64::from(common(differences[i], differences[j])) / 4.0;
    let mut factor: Vec<Vec<f64>> = Vec::new();
    let mut bits = 0.0;
    for i in 0..differences.len() {
        let mut row: Vec<f64> = Vec::with_capacity(i + 1);
        for (j, other) in factor.iter().enumerate() {
            let known: f64 = row.iter().zip(other).map(|(a, b)| a * b).sum();
            // A difference that says nothing new has a pivot of zero, and nothing depends on it.
            row.push(if other[j] > 1e-6 { (covariance(i, j) - known) / other[j] } else { 0.0 });
        }
        let variance = (covariance(i, i) - row.iter().map(|a| a * a).sum::<f64>()).max(0.0);
        bits += (0.5 * (std::f64::consts::TAU * variance).log2()).max(0.0);
        row.push(variance.sqrt());
        factor.push(row);
    }
    bits
}

fn xor(a: [u64; 4], b: [u64; 4]) -> [u64; 4] {
    std::array::from_fn(|word| a[word] ^ b[word])
}

fn common(a: [u64; 4], b: [u64; 4]) -> u32 {
    a.iter().zip(b).map(|(a, b)| (a & b).count_ones()).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `-log2` of the share of all assignments to the bits of the differences in which each difference is half ones.
    fn counted(differences: &[u64], width: u32) -> f64 {
        let balanced = |bits: u64| differences.iter().all(|&e| 2 * (bits & e).count_ones() == e.count_ones());
        let hits = (0..1_u64 << width).filter(|&bits| balanced(bits)).count();
        f64::from(width) - (hits as f64).log2()
    }

    #[test]
    fn the_formula_is_near_what_counting_finds() {
        for differences in
            [vec![0xff], vec![0xffff], vec![0xff, 0xff00], vec![0xfff, 0x3ffc0], vec![0x3ff, 0xff0, 0x3_fc03]]
        {
            let variants: Vec<[u64; 4]> = differences.iter().map(|&e| [e, 0, 0, 0]).collect();
            let (formula, counted) = (by_variants([0; 4], &variants), counted(&differences, 18));
            // Differences of 8 to 16 bits are not quite normal yet: a tenth of a bit each.
            let slack = 0.1 * differences.len() as f64;
            assert!((formula - counted).abs() < slack, "{differences:x?}: {formula} for {counted}");
        }
    }

    #[test]
    fn what_is_known_already_costs_nothing() {
        let e = [0xffff, 0, 0, 0];
        let once = by_variants([0; 4], &[e]);
        assert!((by_variants([0; 4], &[e, e]) - once).abs() < 1e-9);
        assert_eq!(by_variants(e, &[e]), 0.0);
        assert_eq!(by_variants([0; 4], &[]), 0.0);
    }
}
