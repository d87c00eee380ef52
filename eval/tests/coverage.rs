//! Whether intervals cover what they say, on populations of synthetic hashes whose true rates are counted.
//!
//! Every population is finite and every corpus drawn from it with replacement, so that the truth is exact: a false
//! positive is a hash within the threshold of another work's.

use presend_eval::stats::{Interval, PairRate, Rarefied, clopper_pearson};
use rand_xoshiro::Xoshiro256StarStar;
use rand_xoshiro::rand_core::{Rng, SeedableRng as _};

type Hash = [u64; 4];

const THRESHOLD: u32 = 31;
const POPULATION: usize = 6000;
const CORPORA: usize = 500;

/// Hashes of which one in five belongs to one of a hundred templates and differs from it in up to 24 bits, and of which
/// one in a hundred, when `clique`, is near all others of that hundredth.
fn population(clique: bool, random: &mut Xoshiro256StarStar) -> Vec<Hash> {
    let templates: Vec<Hash> = (0..100).map(|_| hash(random)).collect();
    let hub = hash(random);
    (0..POPULATION)
        .map(|i| {
            if clique && i < POPULATION / 100 {
                return flipped(hub, below(13, random), random);
            }
            if below(5, random) > 0 {
                return hash(random);
            }
            let template = templates[below(templates.len(), random)];
            flipped(template, 4 + below(21, random), random)
        })
        .collect()
}

fn hash(random: &mut Xoshiro256StarStar) -> Hash {
    std::array::from_fn(|_| random.next_u64())
}

fn flipped(mut hash: Hash, bits: usize, random: &mut Xoshiro256StarStar) -> Hash {
    for _ in 0..bits {
        let bit = below(256, random);
        hash[bit / 64] ^= 1 << (bit % 64);
    }
    hash
}

fn below(n: usize, random: &mut Xoshiro256StarStar) -> usize {
    ((u128::from(random.next_u64()) * n as u128) >> 64) as usize
}

fn near(a: &Hash, b: &Hash) -> bool {
    a.iter().zip(b).map(|(a, b)| (a ^ b).count_ones()).sum::<u32>() <= THRESHOLD
}

/// How many of 500 corpora have an interval that covers the truth, in percent.
fn coverage(truth: f64, mut interval: impl FnMut() -> Interval) -> f64 {
    let covered = (0..CORPORA).filter(|_| interval().contains(truth)).count();
    100.0 * covered as f64 / CORPORA as f64
}

#[test]
fn the_rate_per_picture_against_a_fixed_set_is_covered() {
    for clique in [false, true] {
        for (entries, queries) in [(60, 1000), (300, 300)] {
            let mut random = Xoshiro256StarStar::seed_from_u64(7);
            let population = population(clique, &mut random);
            // The set holds some of the clique, as it holds some of the templates.
            let set: Vec<Hash> = population.iter().step_by(POPULATION / entries).copied().collect();
            let hits: Vec<bool> = population.iter().map(|query| set.iter().any(|entry| near(query, entry))).collect();
            let truth = hits.iter().filter(|&&hit| hit).count() as f64 / POPULATION as f64;
            let percent = coverage(truth, || {
                let hits = (0..queries).filter(|_| hits[below(POPULATION, &mut random)]).count();
                clopper_pearson(hits as u64, queries as u64, 0.05).expect("an interval")
            });
            println!(
                "per picture, clique {clique}, {entries} entries, {queries} queries, rate {truth:.4}: {percent} %"
            );
            assert!(percent >= 93.0);
        }
    }
}

#[test]
fn the_rarefied_rate_of_a_fixed_set_is_covered() {
    const ENTRIES: usize = 300;
    const QUERIES: usize = 1000;
    for clique in [false, true] {
        let mut random = Xoshiro256StarStar::seed_from_u64(8);
        let population = population(clique, &mut random);
        let set: Vec<Hash> = population.iter().step_by(POPULATION / ENTRIES).copied().collect();
        let degrees: Vec<u64> =
            population.iter().map(|query| set.iter().filter(|entry| near(query, entry)).count() as u64).collect();
        for subset in [1, 10, 100, 300] {
            let truth = Rarefied::new(&degrees, ENTRIES as u64, subset).expect("a rate").rate;
            let percent = coverage(truth, || {
                let corpus: Vec<u64> = (0..QUERIES).map(|_| degrees[below(POPULATION, &mut random)]).collect();
                let rarefied = Rarefied::new(&corpus, ENTRIES as u64, subset).expect("a rate");
                rarefied.interval(0.05).expect("an interval")
            });
            println!("rarefied to {subset} of {ENTRIES} entries, clique {clique}, rate {truth:.2e}: {percent} %");
            assert!(percent >= 93.0);
        }
    }
}

#[test]
fn a_rarefied_rate_is_covered_when_hubs_are_too_rare_to_be_seen() {
    const QUERIES: usize = 200;
    let mut random = Xoshiro256StarStar::seed_from_u64(10);
    for (hubs, matched) in [(3, 500), (10, 500), (3, 100)] {
        // Of 1000 queries a few match much of the set, a hundred match one entry.
        let degrees: Vec<u64> = (0..1000).map(|i| if i < hubs { matched } else { u64::from(i < 100 + hubs) }).collect();
        for subset in [1, 10, 100] {
            let truth = Rarefied::new(&degrees, 1000, subset).expect("a rate").rate;
            let percent = coverage(truth, || {
                let corpus: Vec<u64> = (0..QUERIES).map(|_| degrees[below(1000, &mut random)]).collect();
                let rarefied = Rarefied::new(&corpus, 1000, subset).expect("a rate");
                rarefied.interval(0.05).expect("an interval")
            });
            println!("{hubs} hubs of {matched}, subsets of {subset}, rate {truth:.2e}: {percent} %");
            assert!(percent >= 93.0);
        }
    }
}

#[test]
fn the_rate_per_pair_is_covered_with_the_design_effect() {
    const ITEMS: usize = 400;
    for clique in [false, true] {
        let mut random = Xoshiro256StarStar::seed_from_u64(9);
        let population = population(clique, &mut random);
        // An item drawn twice is near itself, here as in the truth.
        let mut neighbours = vec![[0_u64; POPULATION.div_ceil(64)]; POPULATION];
        let mut pairs = 0_usize;
        for (i, a) in population.iter().enumerate() {
            for (j, b) in population.iter().enumerate().take(i + 1) {
                if near(a, b) {
                    neighbours[i][j / 64] |= 1 << (j % 64);
                    neighbours[j][i / 64] |= 1 << (i % 64);
                    pairs += if i == j { 1 } else { 2 };
                }
            }
        }
        let truth = pairs as f64 / (POPULATION * POPULATION) as f64;
        let mut independent = 0;
        let percent = coverage(truth, || {
            let items: Vec<usize> = (0..ITEMS).map(|_| below(POPULATION, &mut random)).collect();
            let mut degrees = vec![0; ITEMS];
            for (i, &a) in items.iter().enumerate() {
                for (j, &b) in items[..i].iter().enumerate() {
                    let hit = neighbours[a][b / 64] >> (b % 64) & 1;
                    degrees[i] += hit;
                    degrees[j] += hit;
                }
            }
            let rate = PairRate::new(&degrees).expect("a rate");
            independent +=
                u32::from(clopper_pearson(rate.hits, rate.pairs, 0.05).expect("an interval").contains(truth));
            rate.interval(0.05).expect("an interval")
        });
        let naive = 100.0 * f64::from(independent) / CORPORA as f64;
        println!("per pair, clique {clique}, rate {truth:.2e}: {percent} %, as if pairs were independent {naive} %");
        assert!(clique || percent >= 93.0);
        assert!(naive < percent);
    }
}
