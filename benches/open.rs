//! From the bytes of a sealed set to something that can be searched, per byte: what a client waits for at its start.
#![allow(missing_docs, reason = "criterion's macros make public items")]

use bytes::Bytes;
use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use presend_benches::{hashes, is_test, set_file, trust};
use presend_core::set::{KnownSet, SetFile, Timestamp};
use presend_core::{Index, Pdq, Radius};

fn open(c: &mut Criterion) {
    let (trust, now) = (trust(), Timestamp::from_seconds(0).expect("a time"));
    let mut group = c.benchmark_group("open");
    group.sample_size(20);
    for (name, entries) in [("1k", 1_000), ("100k", 100_000), ("1M", 1_000_000)] {
        if is_test() && entries > 1_000 {
            continue;
        }
        let file = Bytes::from(set_file(&hashes(entries, 4), Radius::DEFAULT));
        group.throughput(Throughput::Bytes(file.len() as u64));
        group.bench_function(format!("shape/{name}"), |b| {
            b.iter(|| assert_eq!(SetFile::parse(file.clone()).expect("a set file").slots(), 1));
        });
        group.bench_function(format!("trust and every byte/{name}"), |b| {
            b.iter(|| {
                let file = SetFile::parse(file.clone()).expect("a set file");
                let set = KnownSet::<Pdq>::open(&[file], &trust, now, None).expect("a set");
                assert_eq!(set.len(), entries);
            });
        });
    }
}

criterion_group!(benches, open);
criterion_main!(benches);
