//! From file bytes to a verdict, per pixel: what a messenger waits for, beside decoding alone.
#![allow(missing_docs, reason = "criterion's macros make public items")]

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use image::ImageFormat;
use presend_benches::{encoded, hashes, is_test, sizes};
use presend_core::{LinearIndex, Pdq, Picture, Policy, Scanner, Scratch, Verdict};

fn scan(c: &mut Criterion) {
    let entries = if is_test() { 1_000 } else { 100_000 };
    let policy = Policy::of::<Pdq>();
    let scanner = Scanner::new(Pdq, LinearIndex::new(hashes(entries, 1)), policy);
    let mut scratch = Scratch::default();
    let mut group = c.benchmark_group("scan/100k entries");
    group.sample_size(10);
    for (format, name) in [(ImageFormat::Jpeg, "jpeg"), (ImageFormat::Png, "png"), (ImageFormat::WebP, "webp")] {
        for &(size, width, height) in sizes() {
            let bytes = encoded(width, height, format);
            group.throughput(Throughput::Elements(u64::from(width) * u64::from(height)));
            group.bench_function(format!("{name}/{size}"), |b| {
                b.iter(|| {
                    let scanned = scanner.scan(&bytes, &mut scratch).expect("a picture");
                    assert_eq!(scanned.verdict, Verdict::NoMatch);
                });
            });
            group.bench_function(format!("{name}/{size}/decoding alone"), |b| {
                b.iter(|| {
                    let frame = Picture::open(&bytes, &policy.limits).expect("a picture").next();
                    assert_eq!(frame.expect("a frame").expect("a whole picture").pixels.width(), width);
                });
            });
        }
    }
}

criterion_group!(benches, scan);
criterion_main!(benches);
