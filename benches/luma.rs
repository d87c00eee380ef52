//! From pixels to luma, per pixel, on every backend.
#![allow(missing_docs, reason = "criterion's macros make public items")]

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use presend_benches::{picture, sizes};
use presend_core::stages::mean_luma;
use presend_core::{Backend, PixelFormat, PixelView};

fn luma(c: &mut Criterion) {
    let mut group = c.benchmark_group("luma");
    group.sample_size(20);
    for &(size, width, height) in sizes() {
        let image = picture(width, height);
        let pixels = PixelView::new(image.as_raw(), width, height, PixelFormat::Rgb8).expect("packed RGB");
        let expected = mean_luma(pixels, Backend::PORTABLE);
        group.throughput(Throughput::Elements(u64::from(width) * u64::from(height)));
        for backend in Backend::available() {
            group.bench_function(format!("{}/{size}", backend.name()), |b| {
                b.iter(|| assert_eq!(mean_luma(pixels, backend), expected));
            });
        }
    }
}

criterion_group!(benches, luma);
criterion_main!(benches);
