//! From pixels to a hash, per pixel, with the other crates that hash beside it.
#![allow(missing_docs, reason = "criterion's macros make public items")]

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use pdqhash::image as image_023;
use presend_benches::{picture, sizes};
use presend_core::{Algorithm, Dihedral, Pdq, Pdq512, PixelFormat, PixelView, Scratch};

fn hash(c: &mut Criterion) {
    let mut group = c.benchmark_group("hash");
    group.sample_size(20);
    let mut scratch = Scratch::default();
    for &(size, width, height) in sizes() {
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
            b.iter(|| {
                let (hashed, _) = Pdq.hash_dihedral(pixels, &mut scratch).expect("large enough");
                assert_eq!(hashed, expected);
            });
        });
        group.bench_function(format!("pdq-512/{size}"), |b| b.iter(|| Pdq512.hash(pixels, &mut scratch)));

        // The `image` of the peers is of 2021.
        let old = image_023::RgbImage::from_raw(width, height, image.as_raw().clone()).expect("as many samples");
        let dynamic = image_023::DynamicImage::ImageRgb8(old.clone());
        group.bench_function(format!("pdqhash/{size}"), |b| {
            b.iter(|| pdqhash::generate_pdq_full_size(&dynamic));
        });
        group.bench_function(format!("pdqhash-512/{size}"), |b| {
            b.iter(|| pdqhash::generate_pdq(&dynamic).expect("large enough"));
        });
        let hasher = img_hash::HasherConfig::new().hash_alg(img_hash::HashAlg::Gradient).to_hasher();
        group.bench_function(format!("image_hasher-dhash/{size}"), |b| b.iter(|| hasher.hash_image(&image)));
        let hasher = img_hash_3::HasherConfig::new().hash_alg(img_hash_3::HashAlg::Gradient).to_hasher();
        group.bench_function(format!("img_hash-dhash/{size}"), |b| b.iter(|| hasher.hash_image(&old)));
    }
}

criterion_group!(benches, hash);
criterion_main!(benches);
