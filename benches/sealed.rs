//! Sealed sets against hashes in clear: one scan, batches, threads, sealing.
//!
//! The clear scans read whole 32-byte entries, as the sealed one reads every byte of its own; [`LinearIndex`], which reads
//! half of them, is beside them.
#![allow(missing_docs, reason = "criterion's macros make public items")]

mod naive;

use std::hint::black_box;

use criterion::{BenchmarkGroup, Criterion, Throughput, criterion_group, criterion_main, measurement::WallTime};
use presend_benches::{hashes, is_test, set_file};
use presend_core::set::{KnownSet, SetFile};
use presend_core::{Backend, ImageHash, Index, LinearIndex, Pdq, Radius, Threshold};
use presend_hashsets::seal::{self, Cluster, Options};

/// Entries of the sets; `--test`, one pass of everything, measures nothing and takes few.
fn entries(millions: usize) -> usize {
    millions * if is_test() { 10_000 } else { 1_000_000 }
}

fn open(file: Vec<u8>) -> KnownSet<Pdq> {
    KnownSet::open_unsigned(&[SetFile::parse(file).expect("a set file")]).expect("a set")
}

fn search(group: &mut BenchmarkGroup<'_, WallTime>, name: String, set: &KnownSet<Pdq>, queries: &[ImageHash<Pdq>]) {
    group.throughput(Throughput::Elements((set.len() * queries.len()) as u64));
    let mut found = Vec::new();
    group.bench_function(name, |b| {
        b.iter(|| {
            set.search(queries, Threshold::new(31), &mut found);
            assert_eq!(found.len(), 1);
        });
    });
}

fn scans(c: &mut Criterion) {
    let known = hashes(entries(1), 1);
    let one = known[known.len() / 2];
    let queries: Vec<_> = [one].into_iter().chain(hashes(63, 2)).collect();
    let words: Vec<[u64; 4]> = known.iter().map(|hash| hash.words().try_into().expect("four words")).collect();
    let query = words[known.len() / 2];
    let mut group = c.benchmark_group("sealed/1M");
    group.sample_size(20);
    group.throughput(Throughput::Elements(known.len() as u64));
    for (name, scan) in naive::scans() {
        group.bench_function(format!("clear/{name}"), |b| {
            b.iter(|| assert_eq!(scan(black_box(&words), black_box(&query), 31), 1));
        });
    }
    let mut found = Vec::new();
    let linear = LinearIndex::new(known.clone());
    group.bench_function("clear/index", |b| {
        b.iter(|| {
            linear.search(&[one], Threshold::new(31), &mut found);
            assert_eq!(found.len(), 1);
        });
    });
    for radius in Radius::ALL {
        let mut set = open(set_file(&known, radius));
        for backend in Backend::available() {
            set = set.with_backend(backend);
            search(&mut group, format!("{}/t{radius}", backend.name()), &set, &[one]);
        }
        if radius == Radius::DEFAULT {
            set = set.with_backend(Backend::best());
            for number in [8, 64] {
                search(&mut group, format!("{}/t{radius}/{number}q", Backend::best().name()), &set, &queries[..number]);
            }
        }
    }
}

fn threads(c: &mut Criterion) {
    let known = hashes(entries(4), 3);
    let queries = [known[7]];
    let set = open(set_file(&known, Radius::DEFAULT));
    let mut group = c.benchmark_group("sealed/4M");
    group.sample_size(10);
    group.throughput(Throughput::Elements(known.len() as u64));
    for threads in [1, 2] {
        group.bench_function(format!("{threads} threads"), |b| {
            b.iter(|| {
                let found: usize = std::thread::scope(|scope| {
                    let parts: Vec<_> = (0..threads)
                        .map(|part| {
                            let (set, queries) = (&set, &queries);
                            scope.spawn(move || {
                                let mut found = Vec::new();
                                set.search_part((part, threads), queries, Threshold::new(31), &mut found);
                                found.len()
                            })
                        })
                        .collect();
                    parts.into_iter().map(|part| part.join().expect("a search does not panic")).sum()
                });
                assert_eq!(found, 1);
            });
        });
    }
}

fn sealing(c: &mut Criterion) {
    let known = hashes(if is_test() { 100 } else { 10_000 }, 4);
    let mut group = c.benchmark_group("sealed/set");
    group.sample_size(10);
    let clusters: Vec<_> = known.iter().map(|&hash| Cluster { hashes: vec![hash], label: None }).collect();
    group.throughput(Throughput::Elements(clusters.len() as u64));
    group.bench_function("seal 10k, default cost", |b| {
        b.iter(|| seal::seal(&clusters, &[], &Options::new([2; 32])).expect("hashes to seal").bytes.len());
    });
}

criterion_group!(benches, scans, threads, sealing);
criterion_main!(benches);
