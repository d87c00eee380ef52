//! From pixels through the filter to 64×64 luma, per pixel, on every backend; and from there to the bits.
#![allow(missing_docs, reason = "criterion's macros make public items")]

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use presend_benches::{picture, sizes};
use presend_core::stages::{bits, luma64};
use presend_core::{Backend, PixelFormat, PixelView, Scratch};

fn filter(c: &mut Criterion) {
    let mut group = c.benchmark_group("filter");
    group.sample_size(20);
    for &(size, width, height) in sizes() {
        let image = picture(width, height);
        let pixels = PixelView::new(image.as_raw(), width, height, PixelFormat::Rgb8).expect("packed RGB");
        let expected = luma64(pixels, &mut Scratch::with_backend(Backend::PORTABLE));
        group.throughput(Throughput::Elements(u64::from(width) * u64::from(height)));
        for backend in Backend::available() {
            let mut scratch = Scratch::with_backend(backend);
            group.bench_function(format!("{}/{size}", backend.name()), |b| {
                b.iter(|| assert_eq!(luma64(pixels, &mut scratch), expected));
            });
        }
    }
    group.finish();

    let image = picture(512, 512);
    let pixels = PixelView::new(image.as_raw(), 512, 512, PixelFormat::Rgb8).expect("packed RGB");
    let luma = luma64(pixels, &mut Scratch::default());
    let expected = bits(&luma, Backend::PORTABLE);
    let mut group = c.benchmark_group("bits");
    for backend in Backend::available() {
        group.bench_function(backend.name(), |b| b.iter(|| assert_eq!(bits(&luma, backend), expected)));
    }
}

criterion_group!(benches, filter);
criterion_main!(benches);
