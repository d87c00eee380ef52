//! How much a hash says.

use std::f64::consts::LN_2;
use std::ops::{Add, Mul};

use rayon::prelude::*;
use serde::{Deserialize, Serialize};

/// What the distances of unrelated hashes say about how many of their bits are free.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct FreeBits {
    /// The mean distance, as a share of all bits.
    pub mean: f64,
    /// The standard deviation of the distance, as a share of all bits.
    pub sd: f64,
    /// The number of independent bits whose distances spread as much, `mean (1 - mean) / sd²` (Daugman 2003, "The
    /// importance of being random"). It describes the bulk of the distances and says nothing about their tail.
    /// `None` when all distances are equal.
    pub degrees_of_freedom: Option<f64>,
    /// The share of distances that are odd.
    pub odd_share: f64,
}

impl FreeBits {
    /// From the number of comparisons of unrelated hashes of `bits` bits at each distance from 0 on. `None` without a
    /// comparison, for no bits, or with a distance above their number.
    #[must_use]
    pub fn new(counts: &[u64], bits: u16) -> Option<Self> {
        if bits == 0 || counts.iter().skip(usize::from(bits) + 1).any(|&count| count > 0) {
            return None;
        }
        let (mut n, mut sum, mut squares, mut odd) = (0_u128, 0_u128, 0_u128, 0_u128);
        for (distance, &count) in (0_u128..).zip(counts) {
            let count = u128::from(count);
            n += count;
            sum += distance * count;
            squares += distance * distance * count;
            odd += distance % 2 * count;
        }
        if n == 0 {
            return None;
        }
        let (all, bits) = (n as f64, f64::from(bits));
        let mean = sum as f64 / all / bits;
        // n Σd² - (Σd)² is whole, where it is not too large.
        let spread = match (n.checked_mul(squares), sum.checked_mul(sum)) {
            (Some(squares), Some(square)) => (squares - square) as f64 / all / all,
            _ => (squares as f64 / all - (sum as f64 / all) * (sum as f64 / all)).max(0.0),
        };
        let variance = spread / bits / bits;
        let degrees_of_freedom = (variance > 0.0).then(|| mean * (1.0 - mean) / variance);
        Some(Self { mean, sd: variance.sqrt(), degrees_of_freedom, odd_share: odd as f64 / all })
    }
}

/// An upper bound of the entropy of hashes.
///
/// A hash is coded bit by bit, each with its probability given those before it, by a model that was fitted to other
/// hashes. The length of the code is, in the mean, the entropy of where the hashes come from *plus* what the model does
/// not see: never less. A better model would give a smaller bound, so this is no lower bound of what an attacker needs.
///
/// It is Shannon's entropy of a hash drawn like these. The most frequent hashes (flat pictures, templates) are far
/// easier to guess than that.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct EntropyBound {
    /// How many hashes were coded.
    pub hashes: u64,
    /// The mean length of a code, in bits: the bound.
    pub bits: f64,
    /// The standard error of that mean, when the hashes are independent.
    pub standard_error: f64,
    /// The mean length when every bit is coded with its own frequency alone, in bits.
    pub independent_bits: f64,
}

impl EntropyBound {
    /// The fewest hashes that are coded.
    pub const FEWEST: usize = 20;

    /// Codes `hashes` of `bits` bits, each `bits.div_ceil(64)` words of which bit `j` is `words[j / 64] >> (j % 64) & 1`,
    /// in `folds` parts: each part with models fitted to all others.
    ///
    /// The hashes must come from different works, one for each cluster: a copy in another part is no new evidence. The
    /// part of a hash is its position modulo `folds`. The model of a bit is a logistic regression on the bits before
    /// it with a normal prior, whose strength is chosen by the evidence of the hashes it is fitted to (`MacKay` 1992),
    /// so that few hashes do no harm; fitted by a fixed number of steps (Böhning & Lindsay 1988, with their bound of the
    /// curvature), so that the result is the same with any number of threads.
    ///
    /// `None` for fewer than [`EntropyBound::FEWEST`] hashes, fewer than 2 parts or more than hashes, no bits or more
    /// than 1024, or words that are no whole number of hashes. Costs about `24 · hashes · bits² · folds` multiplications:
    /// 5,000 hashes of 256 bits in 5 parts take a few seconds.
    #[must_use]
    pub fn new(words: &[u64], bits: usize, folds: usize) -> Option<Self> {
        let each = bits.div_ceil(64);
        if bits == 0 || bits > 1024 || !words.len().is_multiple_of(each) {
            return None;
        }
        let hashes = words.len() / each;
        if hashes < Self::FEWEST || folds < 2 || folds > hashes {
            return None;
        }
        let rows = Rows::new(words, each, bits);
        let mut lengths = vec![0.0; hashes];
        let mut alone = 0.0;
        for fold in 0..folds {
            let part = Part::new(&rows, fold, folds);
            let coded: Vec<Coded> = (0..bits).into_par_iter().map(|bit| part.code(bit)).collect();
            for bit in coded {
                alone += bit.alone;
                for (length, bits) in lengths.iter_mut().skip(fold).step_by(folds).zip(bit.lengths) {
                    *length += bits;
                }
            }
        }
        let n = hashes as f64;
        let mean = lengths.iter().sum::<f64>() / n;
        let spread: f64 = lengths.iter().map(|length| (length - mean) * (length - mean)).sum();
        Some(Self {
            hashes: hashes as u64,
            bits: mean,
            standard_error: (spread / (n - 1.0) / n).sqrt(),
            independent_bits: alone / n,
        })
    }
}

/// The bits of hashes as signs, with a 1 before them.
struct Rows {
    signs: Vec<f32>,
    width: usize,
}

impl Rows {
    fn new(words: &[u64], each: usize, bits: usize) -> Self {
        let sign = |set: bool| if set { 1.0 } else { -1.0 };
        let mut signs = Vec::with_capacity(words.len() / each * (bits + 1));
        for hash in words.chunks_exact(each) {
            signs.push(1.0);
            signs.extend((0..bits).map(|bit| sign(hash[bit / 64] >> (bit % 64) & 1 == 1)));
        }
        Self { signs, width: bits + 1 }
    }
}

/// The hashes to code, and the others that models are fitted to.
struct Part<'a> {
    coded: Vec<&'a [f32]>,
    training: Vec<&'a [f32]>,
    /// The sums of products of any two columns of the training hashes.
    products: Vec<f64>,
}

/// The lengths of one bit's code.
struct Coded {
    /// Of every hash of the part.
    lengths: Vec<f64>,
    /// Their sum, when no other bit is looked at.
    alone: f64,
}

impl<'a> Part<'a> {
    fn new(rows: &'a Rows, fold: usize, folds: usize) -> Self {
        let all = || rows.signs.chunks_exact(rows.width).enumerate();
        let coded = all().filter(|(hash, _)| hash % folds == fold).map(|(_, row)| row).collect();
        let training: Vec<&[f32]> = all().filter(|(hash, _)| hash % folds != fold).map(|(_, row)| row).collect();
        // Signs are multiplied 64 at a time: where they differ the product is -1.
        let negative: Vec<Vec<u64>> = (0..rows.width)
            .map(|column| {
                let pack =
                    |rows: &[&[f32]]| rows.iter().rev().fold(0, |word, row| word << 1 | u64::from(row[column] < 0.0));
                training.chunks(64).map(pack).collect()
            })
            .collect();
        let n = training.len() as f64;
        let mut products = Vec::with_capacity(rows.width * rows.width);
        for one in &negative {
            for other in &negative {
                let differ: u32 = one.iter().zip(other).map(|(a, b)| (a ^ b).count_ones()).sum();
                products.push(n - 2.0 * f64::from(differ));
            }
        }
        Self { coded, training, products }
    }

    /// Codes one bit of the part's hashes.
    fn code(&self, bit: usize) -> Coded {
        let n = self.training.len() as f64;
        let ones = self.training.iter().filter(|row| row[bit + 1] > 0.0).count() as f64;
        // Krichevsky & Trofimov 1981
        let frequency = (ones + 0.5) / (n + 1.0);
        let weights = self.fit(bit + 1);
        // What was never seen in n is no less likely than 1 in n.
        let surest = n.ln();
        let mut alone = 0.0;
        let mut lengths = Vec::with_capacity(self.coded.len());
        for row in &self.coded {
            let sign = f64::from(row[bit + 1]);
            let logit = f64::from(dot(&row[..=bit], &weights)).clamp(-surest, surest);
            lengths.push((-sign * logit).exp().ln_1p() / LN_2);
            alone -= (if sign > 0.0 { frequency } else { 1.0 - frequency }).log2();
        }
        Coded { lengths, alone }
    }

    /// The weights of a logistic regression of the column `size` on the `size` columns before it.
    fn fit(&self, size: usize) -> Vec<f32> {
        /// How much the strongest prior and every further one bind, relative to the next.
        const RELATIVE: f64 = 8.0;
        /// How many priors are tried, from the strongest on.
        const PRIORS: i32 = 4;
        /// Steps with each, and then with the best one.
        const STEPS: (u32, u32) = (4, 8);
        /// The standard deviation of a logit in the weakest prior: probabilities of 0.1 to 0.9 are common.
        const DEVIATION: f64 = 2.0;
        let width = self.training[0].len();
        let mut weights = vec![0.0; size];
        let mut best: Option<(f64, f64, Vec<f64>, Cholesky)> = None;
        for prior in (0..PRIORS).rev() {
            // All weights together have the deviation.
            let ridge = size as f64 / (DEVIATION * DEVIATION) * RELATIVE.powi(prior);
            // No curvature of the likelihood exceeds a quarter of the products.
            let factor =
                Cholesky::new(size, |i, j| self.products[i * width + j] / 4.0 + if i == j { ridge } else { 0.0 });
            for _ in 0..STEPS.0 {
                self.step(&mut weights, ridge, &factor);
            }
            let square: f64 = weights.iter().map(|weight| weight * weight).sum();
            // The logarithm of the evidence by Laplace's method (MacKay 1992).
            let evidence = self.ln_likelihood(&weights) - ridge * square / 2.0 + size as f64 * ridge.ln() / 2.0
                - factor.ln_determinant() / 2.0;
            if best.as_ref().is_none_or(|(most, ..)| evidence > *most) {
                best = Some((evidence, ridge, weights.clone(), factor));
            }
        }
        if let Some((_, ridge, start, factor)) = best {
            weights = start;
            for _ in 0..STEPS.1 {
                self.step(&mut weights, ridge, &factor);
            }
        }
        single(&weights)
    }

    /// A step towards the most probable weights, which never overshoots.
    fn step(&self, weights: &mut [f64], ridge: f64, factor: &Cholesky) {
        let size = weights.len();
        let single = single(weights);
        let mut gradient = vec![0.0_f32; size];
        for row in &self.training {
            let (before, sign) = (&row[..size], f64::from(row[size]));
            let logit = f64::from(dot(before, &single));
            let miss = (sign / (1.0 + (sign * logit).exp())) as f32;
            for (sum, &value) in gradient.iter_mut().zip(before) {
                *sum += miss * value;
            }
        }
        let slope = gradient.iter().zip(&*weights).map(|(&sum, weight)| f64::from(sum) - ridge * weight).collect();
        for (weight, step) in weights.iter_mut().zip(factor.solve(slope)) {
            *weight += step;
        }
    }

    fn ln_likelihood(&self, weights: &[f64]) -> f64 {
        let (size, single) = (weights.len(), single(weights));
        let ln = |row: &&[f32]| -(-f64::from(row[size] * dot(&row[..size], &single))).exp().ln_1p();
        self.training.iter().map(ln).sum()
    }
}

fn single(weights: &[f64]) -> Vec<f32> {
    weights.iter().map(|&weight| weight as f32).collect()
}

/// The sum of products, in an order that does not depend on the machine: every eighth one apart.
fn dot<T: Copy + Default + Add<Output = T> + Mul<Output = T>>(a: &[T], b: &[T]) -> T {
    const LANES: usize = 8;
    let mut sums = [T::default(); LANES];
    let (a_chunks, b_chunks) = (a.chunks_exact(LANES), b.chunks_exact(LANES));
    let rest = a_chunks.remainder().iter().zip(b_chunks.remainder());
    let rest = rest.fold(T::default(), |sum, (&a, &b)| sum + a * b);
    for (a, b) in a_chunks.zip(b_chunks) {
        for lane in 0..LANES {
            sums[lane] = sums[lane] + a[lane] * b[lane];
        }
    }
    sums.into_iter().fold(rest, |sum, lane| sum + lane)
}

/// A positive definite matrix as the product of a triangular one and its transpose.
struct Cholesky {
    /// Row by row, the lower triangle.
    rows: Vec<Vec<f64>>,
}

impl Cholesky {
    /// `entry` of row and column, of which the lower triangle is asked for.
    fn new(size: usize, entry: impl Fn(usize, usize) -> f64) -> Self {
        let mut rows: Vec<Vec<f64>> = Vec::with_capacity(size);
        for i in 0..size {
            let mut row: Vec<f64> = (0..=i).map(|j| entry(i, j)).collect();
            for (j, known) in rows.iter().enumerate() {
                row[j] = (row[j] - dot(&known[..j], &row[..j])) / known[j];
            }
            row[i] = (row[i] - dot(&row[..i], &row[..i])).max(f64::MIN_POSITIVE).sqrt();
            rows.push(row);
        }
        Self { rows }
    }

    fn ln_determinant(&self) -> f64 {
        self.rows.iter().enumerate().map(|(i, row)| 2.0 * row[i].ln()).sum()
    }

    /// What the matrix maps to `values`.
    fn solve(&self, mut values: Vec<f64>) -> Vec<f64> {
        for (i, row) in self.rows.iter().enumerate() {
            values[i] = (values[i] - dot(&row[..i], &values[..i])) / row[i];
        }
        for (i, row) in self.rows.iter().enumerate().rev() {
            values[i] /= row[i];
            let value = values[i];
            for (other, a) in values[..i].iter_mut().zip(row) {
                *other -= a * value;
            }
        }
        values
    }
}

#[cfg(test)]
mod tests {
    use rand_xoshiro::Xoshiro256StarStar;
    use rand_xoshiro::rand_core::{Rng as _, SeedableRng as _};

    use super::*;

    /// Hashes of which each bit is the one before it, changed with the probability `flip` out of 256.
    fn chain(hashes: usize, bits: usize, flip: u8) -> Vec<u64> {
        let mut random = Xoshiro256StarStar::seed_from_u64(1);
        let mut words = Vec::new();
        for _ in 0..hashes {
            let mut hash = vec![0_u64; bits.div_ceil(64)];
            let mut last = random.next_u64() & 1;
            for bit in 0..bits {
                last ^= u64::from((random.next_u64() >> 56) < u64::from(flip));
                hash[bit / 64] |= last << (bit % 64);
            }
            words.extend(hash);
        }
        words
    }

    fn binary_entropy(p: f64) -> f64 {
        -p * p.log2() - (1.0 - p) * (1.0 - p).log2()
    }

    #[test]
    fn the_bound_of_a_chain_is_just_above_its_entropy() {
        let words = chain(2000, 64, 26);
        let truth = 1.0 + 63.0 * binary_entropy(26.0 / 256.0);
        let bound = EntropyBound::new(&words, 64, 5).expect("a bound");
        assert!(bound.bits > truth - 3.0 * bound.standard_error, "{bound:?}, truth {truth}");
        assert!(bound.bits < truth + 2.0, "{bound:?}, truth {truth}");
        assert!((bound.independent_bits - 64.0).abs() < 0.5, "{bound:?}");
        println!("a chain of {truth} bits: {bound:?}");
    }

    #[test]
    fn coins_are_worth_a_bit_each_however_few() {
        let few = EntropyBound::new(&chain(200, 128, 128), 128, 5).expect("a bound");
        assert!((127.5..129.5).contains(&few.bits), "{few:?}");
        let many = EntropyBound::new(&chain(4000, 64, 128), 64, 5).expect("a bound");
        assert!((63.9..64.5).contains(&many.bits), "{many:?}");
        println!("200 of 128 coins: {few:?}; 4000 of 64 coins: {many:?}");
    }

    #[test]
    fn the_bound_does_not_depend_on_threads() {
        let words = chain(300, 100, 40);
        let with = |threads| {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().expect("threads");
            pool.install(|| EntropyBound::new(&words, 100, 3))
        };
        assert_eq!(with(1), with(3));
        assert!(with(1).is_some());
    }

    #[test]
    fn equal_hashes_say_next_to_nothing() {
        let bound = EntropyBound::new(&vec![0x1234_5678; 1000], 64, 5).expect("a bound");
        assert!(bound.bits < 2.0, "{bound:?}");
    }

    #[test]
    fn what_is_no_list_of_hashes_has_no_bound() {
        let words = chain(100, 128, 128);
        for (words, bits, folds) in
            [(&words[..3], 128, 2), (&words[..], 128, 1), (&words, 128, 101), (&words, 0, 5), (&words[..38], 128, 2)]
        {
            assert_eq!(EntropyBound::new(words, bits, folds), None);
        }
        assert_eq!(EntropyBound::new(&[], 64, 2), None);
    }

    #[test]
    fn free_bits_are_those_of_a_binomial_spread() {
        // Binomial distances of 40 bits.
        let mut counts = vec![1_u64; 41];
        for k in 1..=40 {
            counts[k] = counts[k - 1] * (41 - k as u64) / k as u64;
        }
        let free = FreeBits::new(&counts, 40).expect("counts");
        assert!((free.degrees_of_freedom.expect("spread") - 40.0).abs() < 1e-9, "{free:?}");
        assert!((free.mean - 0.5).abs() < 1e-12 && (free.odd_share - 0.5).abs() < 1e-12);
        // Each bit twice: half as many are free.
        let doubled: Vec<u64> = counts.iter().flat_map(|&count| [count, 0]).take(81).collect();
        let free = FreeBits::new(&doubled, 80).expect("counts");
        assert!((free.degrees_of_freedom.expect("spread") - 40.0).abs() < 1e-9, "{free:?}");
        assert_eq!(free.odd_share, 0.0);
    }

    #[test]
    fn no_distances_have_no_free_bits() {
        assert_eq!(FreeBits::new(&[], 256), None);
        assert_eq!(FreeBits::new(&[0, 0], 256), None);
        assert_eq!(FreeBits::new(&[0, 0, 1], 1), None);
        assert_eq!(FreeBits::new(&[1], 0), None);
        assert_eq!(FreeBits::new(&[0, 5], 64).expect("counts").degrees_of_freedom, None);
    }
}
