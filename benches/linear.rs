//! Plain hashes, per query and entry: every size that people meet, every backend, and beside them loops that compare whole
//! hashes, and a BK-tree.
#![allow(missing_docs, reason = "criterion's macros make public items")]

mod naive;

use std::hint::black_box;

use bk_tree::{BKTree, Metric};
use criterion::{BenchmarkGroup, Criterion, Throughput, criterion_group, criterion_main, measurement::WallTime};
use presend_benches::hashes;
use presend_core::{Backend, ImageHash, Index, LinearIndex, Pdq, Threshold};

const RADIUS: u16 = 31;

/// One pass of everything, which measures nothing.
fn testing() -> bool {
    std::env::args().any(|argument| argument == "--test")
}

/// Entries, and queries of which the first is one of them, so that there is something to find.
fn known(entries: usize) -> (Vec<ImageHash<Pdq>>, Vec<ImageHash<Pdq>>) {
    let known = hashes(entries, 1);
    let queries = [known[entries / 2]].into_iter().chain(hashes(63, 2)).collect();
    (known, queries)
}

fn search(group: &mut BenchmarkGroup<'_, WallTime>, name: &str, index: &LinearIndex<Pdq>, queries: &[ImageHash<Pdq>]) {
    group.throughput(Throughput::Elements((index.len() * queries.len()) as u64));
    let mut found = Vec::new();
    group.bench_function(name, |b| {
        b.iter(|| {
            index.search(queries, Threshold::new(RADIUS), &mut found);
            assert_eq!(found.len(), 1);
        });
    });
}

fn sizes(c: &mut Criterion) {
    let mut group = c.benchmark_group("linear");
    group.sample_size(20);
    let sizes = [1, 100, 1_000, 10_000, 100_000, 1_000_000, 10_000_000];
    for entries in sizes.into_iter().filter(|&entries| entries < 10_000_000 || !testing()) {
        let (known, queries) = known(entries);
        let index = LinearIndex::new(known);
        for number in [1, 8] {
            search(&mut group, &format!("{entries}/{number}q"), &index, &queries[..number]);
        }
    }
}

fn backends(c: &mut Criterion) {
    let (known, queries) = known(if testing() { 10_000 } else { 1_000_000 });
    let words: Vec<[u64; 4]> = known.iter().map(|hash| hash.words().try_into().expect("four words")).collect();
    let mut index = LinearIndex::new(known);
    let mut group = c.benchmark_group("linear/1M");
    group.sample_size(20);
    for backend in Backend::available() {
        index = index.with_backend(backend);
        for number in [1, 8, 64] {
            search(&mut group, &format!("{}/{number}q", backend.name()), &index, &queries[..number]);
        }
    }
    group.throughput(Throughput::Elements(words.len() as u64));
    let query = words[words.len() / 2];
    for (name, scan) in naive::scans() {
        group.bench_function(format!("naive/{name}"), |b| {
            b.iter(|| assert_eq!(scan(black_box(&words), black_box(&query), RADIUS.into()), 1));
        });
    }
}

/// The distance of the words of two hashes.
struct Hamming;

impl Metric<[u64; 4]> for Hamming {
    fn distance(&self, a: &[u64; 4], b: &[u64; 4]) -> u32 {
        a.iter().zip(b).map(|(a, b)| (a ^ b).count_ones()).sum()
    }

    fn threshold_distance(&self, a: &[u64; 4], b: &[u64; 4], _: u32) -> Option<u32> {
        Some(self.distance(a, b))
    }
}

fn bk_tree(c: &mut Criterion) {
    let mut group = c.benchmark_group("linear/bk-tree");
    group.sample_size(10);
    for entries in [1_000, 10_000, 100_000] {
        if testing() && entries > 1_000 {
            continue;
        }
        let words = |hashes: Vec<ImageHash<Pdq>>| -> Vec<[u64; 4]> {
            hashes.iter().map(|hash| hash.words().try_into().expect("four words")).collect()
        };
        let (known, queries) = known(entries);
        let (known, queries) = (words(known), words(queries));
        let mut tree = BKTree::new(Hamming);
        tree.extend(known);
        group.throughput(Throughput::Elements(entries as u64));
        group.bench_function(format!("{entries}/1q"), |b| {
            b.iter(|| assert_eq!(tree.find(&queries[0], RADIUS.into()).count(), 1));
        });
    }
}

criterion_group!(benches, sizes, backends, bk_tree);
criterion_main!(benches);
