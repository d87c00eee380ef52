//! One query against sets of plain hashes, per entry.
#![allow(missing_docs, reason = "criterion's macros make public items")]

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use presend_benches::hashes;
use presend_core::{Index, LinearIndex, Threshold};

fn linear(c: &mut Criterion) {
    let mut group = c.benchmark_group("index/linear");
    group.sample_size(20);
    for entries in [10_000, 100_000, 1_000_000] {
        let known = hashes(entries, 1);
        // One of the entries among the queries, so that there is something to find.
        let one = [known[entries / 2]];
        let eight: Vec<_> = one.into_iter().chain(hashes(7, 2)).collect();
        let index = LinearIndex::new(known);
        let mut found = Vec::new();
        for queries in [&one[..], &eight] {
            group.throughput(Throughput::Elements((entries * queries.len()) as u64));
            group.bench_function(format!("{}q/{entries}", queries.len()), |b| {
                b.iter(|| {
                    index.search(queries, Threshold::new(31), &mut found);
                    assert_eq!(found.len(), 1);
                });
            });
        }
    }
}

criterion_group!(benches, linear);
criterion_main!(benches);
