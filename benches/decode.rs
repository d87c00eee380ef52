//! From file bytes to pixels, per pixel, with other decoders beside it; and past them, to a fast hash.
//!
//! `zune-jpeg` is the decoder that ours calls, with its own defaults.
#![allow(missing_docs, reason = "criterion's macros make public items")]

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use image::ImageFormat;
use presend_benches::{encoded, sizes};
use presend_core::{Algorithm, Effort, Limits, Pdq, Picture, Scratch};
use zune_core::bytestream::ZCursor;
use zune_core::colorspace::ColorSpace;
use zune_core::options::DecoderOptions;

fn decode(c: &mut Criterion) {
    for (format, name) in [(ImageFormat::Jpeg, "jpeg"), (ImageFormat::Png, "png"), (ImageFormat::WebP, "webp")] {
        let mut group = c.benchmark_group(format!("decode/{name}"));
        group.sample_size(10);
        for &(size, width, height) in sizes() {
            let bytes = encoded(width, height, format);
            let samples = width as usize * height as usize * 3;
            group.throughput(Throughput::Elements(u64::from(width) * u64::from(height)));
            group.bench_function(format!("presend/{size}"), |b| {
                b.iter(|| {
                    let mut picture = Picture::open(&bytes, &Limits::default()).expect("a picture");
                    let frame = picture.next().expect("a frame").expect("a whole picture");
                    assert_eq!((frame.pixels.width(), frame.pixels.height()), (width, height));
                });
            });
            group.bench_function(format!("presend-again/{size}"), |b| {
                let mut scratch = Scratch::default();
                b.iter(|| {
                    let mut picture = Picture::open_in(&bytes, &Limits::default(), &mut scratch).expect("a picture");
                    let frame = picture.next().expect("a frame").expect("a whole picture");
                    assert_eq!((frame.pixels.width(), frame.pixels.height()), (width, height));
                    scratch.recycle(frame.pixels);
                });
            });
            if format == ImageFormat::Jpeg {
                group.bench_function(format!("presend-fast-hash/{size}"), |b| {
                    b.iter(|| {
                        let picture = Picture::open(&bytes, &Limits::default()).expect("a picture");
                        Pdq.hash_fast(&picture, &[], Effort::NONE).expect("a baseline file")
                    });
                });
            }
            group.bench_function(format!("image/{size}"), |b| {
                b.iter(|| {
                    let picture = image::load_from_memory_with_format(&bytes, format).expect("a picture");
                    assert_eq!((picture.width(), picture.height()), (width, height));
                });
            });
            if format != ImageFormat::Jpeg {
                continue;
            }
            group.bench_function(format!("zune-jpeg/{size}"), |b| {
                b.iter(|| {
                    let options = DecoderOptions::default().jpeg_set_out_colorspace(ColorSpace::RGB);
                    let mut decoder = zune_jpeg::JpegDecoder::new_with_options(ZCursor::new(&bytes), options);
                    assert_eq!(decoder.decode().expect("a picture").len(), samples);
                });
            });
            group.bench_function(format!("jpeg-decoder/{size}"), |b| {
                b.iter(|| {
                    let mut decoder = jpeg_decoder::Decoder::new(&bytes[..]);
                    assert_eq!(decoder.decode().expect("a picture").len(), samples);
                });
            });
        }
    }
}

criterion_group!(benches, decode);
criterion_main!(benches);
