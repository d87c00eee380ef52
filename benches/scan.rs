//! From file bytes to a verdict, per pixel: what a messenger waits for.
#![allow(missing_docs, reason = "criterion's macros make public items")]

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use image::ImageFormat;
use presend_benches::{SIZES, encoded, hashes};
use presend_core::{LinearIndex, Pdq, Policy, Scanner, Scratch, Verdict};

fn scan(c: &mut Criterion) {
    let scanner = Scanner::new(Pdq, LinearIndex::new(hashes(100_000, 1)), Policy::of::<Pdq>());
    let mut scratch = Scratch::default();
    let mut group = c.benchmark_group("scan/100k entries");
    group.sample_size(10);
    for (size, width, height) in SIZES {
        let bytes = encoded(width, height, ImageFormat::Jpeg);
        group.throughput(Throughput::Elements(u64::from(width) * u64::from(height)));
        group.bench_function(format!("jpeg/{size}"), |b| {
            b.iter(|| {
                let scanned = scanner.scan(&bytes, &mut scratch).expect("a picture");
                assert_eq!(scanned.verdict, Verdict::NoMatch);
            });
        });
    }
}

criterion_group!(benches, scan);
criterion_main!(benches);
