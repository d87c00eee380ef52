//! From pixels to a hash, per pixel, with `img_hash` beside it.
#![allow(missing_docs, reason = "criterion's macros make public items")]

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use img_hash::{HashAlg, HasherConfig};
use presend_benches::{SIZES, picture};
use presend_core::{Algorithm, Dihedral, Pdq, Pdq512, PixelFormat, PixelView, Scratch};

fn hash(c: &mut Criterion) {
    let mut group = c.benchmark_group("hash");
    group.sample_size(20);
    let mut scratch = Scratch::default();
    for (size, width, height) in SIZES {
        let image = picture(width, height);
        let pixels = PixelView::new(image.as_raw(), width, height, PixelFormat::Rgb8).expect("packed RGB");
        let expected = Pdq.hash(pixels, &mut scratch).expect("large enough");
        group.throughput(Throughput::Elements(u64::from(width) * u64::from(height)));
        group.bench_function(format!("pdq/{size}"), |b| {
            b.iter(|| assert_eq!(Pdq.hash(pixels, &mut scratch), Ok(expected)));
        });
        group.bench_function(format!("pdq-turned/{size}"), |b| {
            let turned = pixels.turned(Dihedral::Rotate270);
            b.iter(|| Pdq.hash(turned, &mut scratch));
        });
        group.bench_function(format!("pdq-dihedral/{size}"), |b| {
            b.iter(|| Pdq.hash_dihedral(pixels, &mut scratch));
        });
        group.bench_function(format!("pdq-512/{size}"), |b| b.iter(|| Pdq512.hash(pixels, &mut scratch)));
        let hasher = HasherConfig::new().hash_alg(HashAlg::Gradient).to_hasher();
        group.bench_function(format!("img_hash-dhash/{size}"), |b| b.iter(|| hasher.hash_image(&image)));
    }
}

criterion_group!(benches, hash);
criterion_main!(benches);
