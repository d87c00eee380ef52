//! Every backend against Massey's algorithm.

use super::tower::{self, Word};
use super::{Backend, Candidate, LANES, candidates};
use crate::bch::{Code, MAX_SUMS, Radius, Syndrome, shortest_register};
use crate::gf256;
use crate::reference::Random;

/// Syndromes whose first sums are stored in blocks; what is left of the last block is zeros.
fn blocks(code: &Code, syndromes: &[Syndrome]) -> Vec<u8> {
    let block = LANES * code.planes();
    let mut blocks = vec![0; syndromes.len().div_ceil(LANES) * block];
    for (entry, syndrome) in syndromes.iter().enumerate() {
        for (plane, &place) in code.stored.iter().enumerate() {
            blocks[entry / LANES * block + plane * LANES + entry % LANES] = syndrome.0[place];
        }
    }
    blocks
}

fn accepted(radius: Radius, difference: &Syndrome) -> bool {
    shortest_register(&difference.0[..radius.sums()]).1 <= usize::from(radius.bits())
}

/// The candidates among so many entries, sorted.
fn found(backend: Backend, code: &Code, entries: usize, blocks: &[u8], queries: &[Syndrome]) -> Vec<Candidate> {
    let mut found = Vec::new();
    candidates(backend, code, blocks, queries, &mut found);
    found.retain(|candidate| (candidate.entry as usize) < entries);
    found.sort_unstable();
    found
}

/// A syndrome that is likely to be one of the cases: of a light error, with a sum changed, or with many zeros.
fn degenerate(random: &mut Random, code: &Code) -> Syndrome {
    let sums = code.radius.sums();
    let bits = random.next();
    let light = Syndrome::of(&random.error((bits >> 32) as usize % (usize::from(code.radius.bits()) + 5)));
    let mut sparse = |zeros: u64| {
        Syndrome(std::array::from_fn(|_| {
            let bits = random.next();
            if bits % 16 < zeros { 0 } else { (bits >> 8) as u8 }
        }))
    };
    let mut syndrome = match bits % 8 {
        0 | 1 => light,
        2 => {
            let mut changed = light;
            changed.0[(bits >> 8) as usize % sums] ^= (bits >> 16) as u8;
            changed
        }
        3 => {
            // Zeros first, so that the first steps do not swap.
            let mut late = sparse(4);
            late.0[..(bits >> 8) as usize % sums].fill(0);
            late
        }
        4 => {
            // Zeros last, so that the register stops growing.
            let mut early = sparse(4);
            early.0[(bits >> 8) as usize % sums..].fill(0);
            early
        }
        5 => sparse(12),
        6 => sparse(15),
        _ => {
            let other = sparse(8);
            light.xor(&other)
        }
    };
    // What is not stored follows from what is.
    syndrome = code.expand(|plane| syndrome.0[code.stored[plane]]);
    syndrome.0[sums..].fill(0);
    syndrome
}

#[test]
fn every_backend_accepts_what_masseys_algorithm_does() {
    let mut random = Random::new(3);
    let mut accepted_in_all = 0;
    for radius in Radius::ALL {
        let code = Code::new(radius);
        let syndromes: Vec<_> = (0..DEGENERATE).map(|_| degenerate(&mut random, &code)).collect();
        let blocks = blocks(&code, &syndromes);
        let zero = Syndrome([0; MAX_SUMS]);
        let expected: Vec<_> = (0..).zip(&syndromes).filter(|(_, syndrome)| accepted(radius, syndrome)).collect();
        accepted_in_all += expected.len();
        for backend in Backend::available() {
            let found = found(backend, &code, syndromes.len(), &blocks, &[zero]);
            let entries = found.iter().map(|candidate| candidate.entry);
            assert!(entries.eq(expected.iter().map(|&(entry, _)| entry)), "{} at {radius}", backend.name());
        }
    }
    assert!(accepted_in_all > DEGENERATE);
}

/// Degenerate syndromes for each of the seven radii.
const DEGENERATE: usize = 150_000;

#[test]
fn every_backend_finds_what_is_within_the_radius_of_any_query_and_nothing_else() {
    let mut random = Random::new(4);
    for radius in Radius::ALL {
        let code = Code::new(radius);
        // Sizes around those of words and tiles, the last block not full.
        for entries in (0..=9 * LANES).step_by(LANES).chain([1, 63, 65, 17 * LANES - 1, 40 * LANES + 3]) {
            let hashes: Vec<_> = (0..4).map(|_| random.hash()).collect();
            let queries: Vec<_> = hashes.iter().map(Syndrome::of).collect();
            let near: Vec<_> = (0..entries)
                .map(|entry| {
                    let error = random.error(entry / 4 % (usize::from(radius.bits()) + 5));
                    let hash: [u64; 4] = std::array::from_fn(|i| hashes[entry % 4][i] ^ error[i]);
                    Syndrome::of(&hash)
                })
                .collect();
            let blocks = blocks(&code, &near);
            let within = |entry: usize| entry / 4 % (usize::from(radius.bits()) + 5) <= usize::from(radius.bits());
            let expected: Vec<_> = (0..entries)
                .filter(|&entry| within(entry))
                .map(|entry| Candidate { entry: entry as u32, query: entry as u32 % 4 })
                .collect();
            let portable = found(Backend::PORTABLE, &code, entries, &blocks, &queries);
            for candidate in &portable {
                let difference = near[candidate.entry as usize].xor(&queries[candidate.query as usize]);
                assert!(accepted(radius, &difference));
            }
            assert!(expected.iter().all(|candidate| portable.binary_search(candidate).is_ok()), "{radius} {entries}");
            for backend in Backend::available() {
                assert_eq!(found(backend, &code, entries, &blocks, &queries), portable, "{}", backend.name());
            }
        }
    }
}

#[test]
fn blocks_may_begin_at_any_address() {
    let code = Code::new(Radius::DEFAULT);
    let mut random = Random::new(5);
    let hash = random.hash();
    let entries: Vec<_> = (0..200)
        .map(|weight| {
            let error = random.error(weight % 20);
            Syndrome::of(&std::array::from_fn(|i| hash[i] ^ error[i]))
        })
        .collect();
    let blocks = blocks(&code, &entries);
    for shift in [1, 7, 32] {
        let mut shifted = vec![0; shift];
        shifted.extend_from_slice(&blocks);
        for backend in Backend::available() {
            let query = [Syndrome::of(&hash)];
            let expected = found(backend, &code, entries.len(), &blocks, &query);
            assert_eq!(expected.len(), 170);
            assert_eq!(found(backend, &code, entries.len(), &shifted[shift..], &query), expected);
        }
    }
}

#[test]
fn no_queries_or_no_entries_give_no_candidates() {
    let code = Code::new(Radius::MAX);
    for backend in Backend::available() {
        assert_eq!(found(backend, &code, 64, &vec![0; LANES * code.planes()], &[]), []);
        assert_eq!(found(backend, &code, 0, &[], &[Syndrome([0; MAX_SUMS])]), []);
    }
}

#[test]
#[should_panic(expected = "blocks are whole")]
fn parts_of_blocks_are_refused() {
    candidates(Backend::PORTABLE, &Code::new(Radius::DEFAULT), &[0; 100], &[Syndrome([0; MAX_SUMS])], &mut Vec::new());
}

#[test]
fn backends_that_do_not_run_here_are_replaced() {
    let available: Vec<_> = Backend::available().collect();
    assert_eq!(available.last(), Some(&Backend::Portable));
    assert!(available.contains(&Backend::best()));
    let code = Code::new(Radius::DEFAULT);
    let blocks = vec![0; LANES * code.planes()];
    for backend in [Backend::Avx512Gfni, Backend::Neon, Backend::Simd128] {
        assert_eq!(found(backend, &code, 64, &blocks, &[Syndrome([0; MAX_SUMS])]).len(), 64);
    }
}

#[test]
fn the_build_names_the_best_or_the_first_available_is() {
    let available: Vec<_> = Backend::available().collect();
    match super::FORCED {
        None => assert_eq!(Backend::best(), available[0]),
        Some(name) => {
            let named = available.iter().copied().find(|backend| backend.name() == name);
            assert_eq!(Backend::best(), named.unwrap_or(Backend::PORTABLE));
        }
    }
}

/// The elements of the tower in the lanes of a word, as bytes: the images of all bytes come back to them.
fn bytes(element: tower::Gf256<u64>, images: &[u8; 256]) -> [u8; 64] {
    std::array::from_fn(|lane| {
        let image = (0..8).fold(0, |image, bit| image | ((element[bit] >> lane & 1) as u8) << bit);
        images.iter().position(|&other| other == image).expect("an image") as u8
    })
}

#[test]
fn the_tower_is_the_field() {
    let images: [u8; 256] = std::array::from_fn(|byte| {
        let bits: [u64; 8] = std::array::from_fn(|bit| (byte >> bit & 1) as u64);
        (0..8).zip(tower::to_tower(bits)).fold(0, |image, (bit, word)| image | (word as u8) << bit)
    });
    let all = |byte: u8| tower::to_tower(std::array::from_fn(|bit| u64::from(byte >> bit & 1).wrapping_neg()));
    for quarter in 0..4 {
        // Lane 8 j + k is byte j of word k.
        let words: [u64; 8] =
            std::array::from_fn(|k| u64::from_le_bytes(std::array::from_fn(|j| (64 * quarter + 8 * j + k) as u8)));
        let a = tower::from_bytes((), words);
        let byte = |lane: usize| (64 * quarter + lane) as u8;
        assert_eq!(bytes(a, &images), std::array::from_fn(byte));
        assert_eq!(bytes(tower::square(a), &images), std::array::from_fn(|lane| gf256::square(byte(lane), 1)));
        assert_eq!(bytes(tower::inv(a), &images), std::array::from_fn(|lane| gf256::inv(byte(lane))));
        let nonzero = tower::nonzero(a);
        assert_eq!(nonzero, if quarter == 0 { !1 } else { !0 });
        for b in 0..=255 {
            let product = |lane| gf256::mul(byte(lane), b);
            assert_eq!(bytes(tower::mul(a, &tower::factor(all(b))), &images), std::array::from_fn(product));
            assert_eq!(bytes(tower::mul(all(b), &tower::factor(a)), &images), std::array::from_fn(product));
            let c = b.wrapping_mul(37) ^ 0x5a;
            let dot = tower::dot(Some(all(c)), [a, all(c)], [&tower::factor(all(b)), &tower::factor(a)]);
            let expected = |lane| c ^ product(lane) ^ gf256::mul(c, byte(lane));
            assert_eq!(bytes(dot, &images), std::array::from_fn(expected));
        }
    }
}

#[test]
fn words_agree_with_the_portable_one() {
    assert_eq!(0x1234_u64.select(0x5678, 0x0ff0), 0x1674);
    assert_eq!(5_u64.xor_and(6, 3), 7);
}
