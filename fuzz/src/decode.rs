//! Every decoder, through our limits.

use presend_core::{
    Algorithm, DecodeError, Format, Frame, Limits, LinearIndex, Pdq, Picture, PixelFormat, Pixels, Policy, Precision,
    Scanner, Scratch,
};

/// What a file may ask for here: little, so that the fuzzer is quick, and more than its inputs can fill.
fn limits() -> Limits {
    let mut limits = Limits::default();
    limits.bytes = 1 << 20;
    limits.pixels = 1 << 14;
    limits.frames = 4;
    limits.animation_pixels = 1 << 15;
    limits.memory = 8 << 20;
    limits
}

/// JPEG files.
pub fn jpeg(bytes: &[u8]) {
    decoded(Format::Jpeg, bytes);
}

/// PNG and APNG files.
pub fn png(bytes: &[u8]) {
    decoded(Format::Png, bytes);
}

/// GIF files.
pub fn gif(bytes: &[u8]) {
    decoded(Format::Gif, bytes);
}

/// WebP files.
pub fn webp(bytes: &[u8]) {
    decoded(Format::WebP, bytes);
}

/// BMP files.
pub fn bmp(bytes: &[u8]) {
    decoded(Format::Bmp, bytes);
}

/// TIFF files.
pub fn tiff(bytes: &[u8]) {
    decoded(Format::Tiff, bytes);
}

/// Gives pictures within the limits or an error, the same ones whatever the memory held that it is decoded into; and a
/// verdict.
fn decoded(format: Format, bytes: &[u8]) {
    if Format::sniff(bytes) != Some(format) {
        return;
    }
    let limits = limits();
    let frames = frames(bytes, &mut Scratch::default());
    assert!(!frames.is_empty(), "neither a frame nor an error");
    let mut pixels = 0;
    for (index, frame) in frames.iter().enumerate() {
        match frame {
            Ok(frame) => {
                assert_eq!(frame.index as usize, index);
                let area = u64::from(frame.pixels.width()) * u64::from(frame.pixels.height());
                pixels += area;
                assert!(area <= limits.pixels && (index == 0 || pixels <= limits.animation_pixels));
                assert!(frame.index < limits.frames);
                // Too small, or a hash; nothing else.
                let _ = Pdq.hash(frame.pixels.view(), &mut Scratch::default());
            }
            Err(error) => {
                assert_eq!(index + 1, frames.len(), "an error is the end");
                assert!(!matches!(error, DecodeError::Panicked { .. }), "{error}");
            }
        }
    }
    let mut dirty = Scratch::default();
    let earlier = Pixels::new(vec![0xa5; 3 << 16], 1 << 8, 1 << 8, PixelFormat::Rgb8).expect("so many bytes");
    dirty.recycle(earlier);
    assert_eq!(self::frames(bytes, &mut dirty), frames, "an earlier picture shows");
    for precision in [Precision::Exact, Precision::Fast] {
        let mut policy = Policy::of::<Pdq>();
        policy.limits = limits;
        policy.precision = precision;
        let scanner = Scanner::new(Pdq, LinearIndex::new(Vec::new()), policy);
        let scanned = scanner.scan(bytes, &mut Scratch::default());
        assert_eq!(scanned.is_err(), frames[0].is_err(), "{precision:?}");
    }
}

fn frames(bytes: &[u8], scratch: &mut Scratch) -> Vec<Result<Frame, DecodeError>> {
    match Picture::open_in(bytes, &limits(), scratch) {
        Ok(picture) => picture.collect(),
        Err(error) => vec![Err(error)],
    }
}
