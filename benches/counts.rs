//! One hot kernel on fixed input, once, for `cargo xtask counts`, which has Callgrind count its instructions.
#![forbid(unsafe_code)]

use std::hint::black_box;

use image::ImageFormat;
use presend_benches::{encoded, hashes, picture, set_file};
use presend_core::set::{KnownSet, SetFile};
use presend_core::{
    Algorithm, Backend, ImageHash, Index, Limits, LinearIndex, Pdq, Pdq512, Picture, PixelFormat, PixelView, Radius,
    Scratch, Threshold,
};

/// A kernel; the work that it prepares is not counted.
type Kernel = fn(Backend);

const KERNELS: [(&str, Kernel); 10] = [
    ("pdq 512×512", |backend| rgb(Pdq, 512, 512, backend)),
    ("pdq 1600×1200", |backend| rgb(Pdq, 1_600, 1_200, backend)),
    ("pdq-512 1600×1200", |backend| rgb(Pdq512, 1_600, 1_200, backend)),
    ("pdq grey 512×512", grey),
    ("pdq dihedral 512×512", dihedral),
    ("jpeg 512×512", jpeg),
    ("linear 100k × 1", |backend| linear(1, backend)),
    ("linear 100k × 8", |backend| linear(8, backend)),
    ("sealed 2k × 1", |backend| sealed(1, backend)),
    ("sealed 2k × 8", |backend| sealed(8, backend)),
];

/// Without arguments, lists the kernels, a line each; otherwise runs one with a backend.
fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [name, backend] = &arguments[..] else {
        KERNELS.iter().for_each(|(name, _)| println!("{name}"));
        return;
    };
    let (_, kernel) = KERNELS.iter().find(|(known, _)| known == name).expect("a kernel's name");
    let mut available = Backend::available();
    kernel(available.find(|available| available.name() == backend).expect("a backend that runs here"));
}

/// What Callgrind counts: it looks for this name.
#[inline(never)]
fn counted<T>(kernel: impl FnOnce() -> T) -> T {
    black_box(kernel())
}

fn rgb<A: Algorithm>(algorithm: A, width: u32, height: u32, backend: Backend) {
    let image = picture(width, height);
    hash(algorithm, PixelView::new(&image, width, height, PixelFormat::Rgb8).expect("packed RGB"), backend);
}

fn grey(backend: Backend) {
    let image = image::DynamicImage::from(picture(512, 512)).into_luma8();
    hash(Pdq, PixelView::new(&image, 512, 512, PixelFormat::Grey8).expect("packed grey"), backend);
}

fn hash<A: Algorithm>(algorithm: A, pixels: PixelView<'_>, backend: Backend) {
    let mut scratch = Scratch::with_backend(backend);
    // Once before, so that its memory is there.
    let expected = algorithm.hash(pixels, &mut scratch).expect("large enough");
    let hashed = counted(|| algorithm.hash(pixels, &mut scratch)).expect("large enough");
    assert_eq!(hashed.hash, expected.hash);
}

fn dihedral(backend: Backend) {
    let image = picture(512, 512);
    let pixels = PixelView::new(&image, 512, 512, PixelFormat::Rgb8).expect("packed RGB");
    let mut scratch = Scratch::with_backend(backend);
    let expected = Pdq.hash(pixels, &mut scratch);
    let (hashed, _) = counted(|| Pdq.hash_dihedral(pixels, &mut scratch)).expect("large enough");
    assert_eq!(Ok(hashed), expected);
}

fn jpeg(_: Backend) {
    let file = encoded(512, 512, ImageFormat::Jpeg);
    let frame = counted(|| Picture::open(&file, &Limits::default()).expect("a picture").next());
    assert_eq!(frame.expect("a frame").expect("a whole picture").pixels.width(), 512);
}

fn linear(queries: usize, backend: Backend) {
    let known = hashes(100_000, 1);
    let index = LinearIndex::new(known.clone()).with_backend(backend);
    search(&index, &known, queries);
}

fn sealed(queries: usize, backend: Backend) {
    let known = hashes(2_000, 1);
    let file = SetFile::parse(set_file(&known, Radius::DEFAULT)).expect("a set file");
    let set = KnownSet::open_unsigned(&[file]).expect("a set").with_backend(backend);
    search(&set, &known, queries);
}

/// One entry among the queries, so that there is something to find.
fn search(index: &impl Index<Pdq>, known: &[ImageHash<Pdq>], queries: usize) {
    let queries: Vec<_> = [known[known.len() / 2]].into_iter().chain(hashes(queries - 1, 2)).collect();
    let mut found = Vec::with_capacity(queries.len());
    counted(|| index.search(&queries, Threshold::new(31), &mut found));
    assert_eq!(found.len(), 1);
}
