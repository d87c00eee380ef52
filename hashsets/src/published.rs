//! What sealing several hashes of one image gives away beyond the code's own equations.
//!
//! The difference between two entries of one image can be found from their syndromes (directly if they are within the
//! radius of one another, with more work beyond). It says nothing linear about the hash that the code does not say
//! already, but every untied hash has 128 ones, so half of the differing bits are ones in one hash and half in the
//! other. Of a hash whose other bits are independent coin flips, the number of ones among the bits of `k` differences
//! `e_1, …, e_k` is nearly normal with covariances `|e_i ∧ e_j| / 4`; that all are exactly at their middle has the
//! probability `(2π)^(-k/2) det^(-1/2)`. Its logarithm is what is published: about 2 bits for a first variant, less for
//! those whose differences overlap with earlier ones.

use presend_core::ImageHash;
use presend_core::set::Sealable;

/// How many bits of entropy a PDQ hash of a picture of quality has at most: a cross-validated autoregressive model on
/// 23,951 deduplicated pictures bounds it by so many on average.
pub const ENTROPY_BITS: f64 = 249.0;
/// The same bound for the weakest hundredth of them.
pub const WEAKEST_ENTROPY_BITS: f64 = 228.0;

/// Bits that are published by the differences among the hashes of one image, counted from the first.
///
/// Pivots of the covariances' Cholesky decomposition are conditional variances; one that says nothing new (a difference
/// that follows from others) counts as nothing.
#[must_use]
pub fn by_differences<A: Sealable>(hashes: &[ImageHash<A>]) -> f64 {
    let Some((first, variants)) = hashes.split_first() else { return 0.0 };
    let differences: Vec<[u64; 4]> =
        variants.iter().map(|hash| std::array::from_fn(|word| hash.words()[word] ^ first.words()[word])).collect();
    let common = |a: &[u64; 4], b: &[u64; 4]| a.iter().zip(b).map(|(a, b)| (a & b).count_ones()).sum::<u32>();
    let mut rows: Vec<Vec<f64>> = Vec::new();
    let mut bits = 0.0;
    for (i, difference) in differences.iter().enumerate() {
        let mut row: Vec<f64> = Vec::with_capacity(i + 1);
        for (j, other) in rows.iter().enumerate() {
            let covariance = f64::from(common(difference, &differences[j])) / 4.0;
            let known: f64 = row.iter().zip(other).map(|(a, b)| a * b).sum();
            let pivot = other[j];
            row.push(if pivot > 0.0 { (covariance - known) / pivot } else { 0.0 });
        }
        let explained: f64 = row.iter().map(|value| value * value).sum();
        let variance = (f64::from(common(difference, difference)) / 4.0 - explained).max(0.0);
        bits += (0.5 * (std::f64::consts::TAU * variance).log2()).max(0.0);
        row.push(variance.sqrt());
        rows.push(row);
    }
    bits
}

#[cfg(test)]
mod tests {
    use presend_core::Pdq;

    use super::*;

    fn hash(words: [u64; 4]) -> ImageHash<Pdq> {
        let bytes: Vec<u8> = words.iter().rev().flat_map(|word| word.to_be_bytes()).collect();
        ImageHash::from_bytes(&bytes).expect("32 bytes")
    }

    #[test]
    fn one_variant_publishes_the_chance_of_an_even_split() {
        // log2(2^20 / C(20, 10)) = 2.505.
        let exact = 20.0 - f64::from(184_756).log2();
        let found = by_differences(&[hash([0; 4]), hash([(1 << 20) - 1, 0, 0, 0])]);
        assert!((found - exact).abs() < 0.05, "{found} {exact}");
    }

    #[test]
    fn differences_apart_add_up_and_repeated_ones_do_not() {
        let (a, b) = ([0xfffff, 0, 0, 0], [0, 0xffff, 0, 0]);
        let alone = |difference| by_differences(&[hash([0; 4]), hash(difference)]);
        let both = by_differences(&[hash([0; 4]), hash(a), hash(b)]);
        assert!((both - alone(a) - alone(b)).abs() < 1e-9);
        let again = by_differences(&[hash([0; 4]), hash(a), hash(a)]);
        assert!((again - alone(a)).abs() < 1e-9);
        // The third follows from the other two.
        let sum = by_differences(&[hash([0; 4]), hash(a), hash(b), hash([0xfffff, 0xffff, 0, 0])]);
        assert!((sum - both).abs() < 1e-6, "{sum} {both}");
    }

    #[test]
    fn overlapping_differences_publish_less_than_their_sum() {
        let (a, b) = ([0xfffff, 0, 0, 0], [0xffff_ff00, 0, 0, 0]);
        let alone = |difference| by_differences(&[hash([0; 4]), hash(difference)]);
        let both = by_differences(&[hash([0; 4]), hash(a), hash(b)]);
        assert!(both < alone(a) + alone(b) && both > alone(a).max(alone(b)));
        assert!(by_differences(&[hash([7; 4])]) == 0.0 && by_differences::<Pdq>(&[]) == 0.0);
    }

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
            let hashes: Vec<_> = [0].iter().chain(&differences).map(|&e| hash([e, 0, 0, 0])).collect();
            let (formula, counted) = (by_differences(&hashes), counted(&differences, 18));
            // Differences of 8 to 16 bits are not quite normal yet: a tenth of a bit each.
            let slack = 0.1 * differences.len() as f64;
            assert!((formula - counted).abs() < slack, "{differences:x?}: {formula} for {counted}");
        }
    }
}
