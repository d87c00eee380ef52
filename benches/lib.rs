//! Pictures and hashes for the benches: made from a seed, the same everywhere.
#![forbid(unsafe_code)]

use std::fmt::Display;
use std::io::{self, BufRead as _, Cursor, Write as _};

use image::{DynamicImage, ImageFormat, Rgb, RgbImage};
use presend_core::set::{SetFile, TagCost, Timestamp, Trust};
use presend_core::{ImageHash, Pdq, Radius};
use presend_hashsets::publish::{self, Release};
use presend_hashsets::seal::{self, Cluster, Options};
use presend_hashsets::sign::{self, KeyPair};

/// The sizes that people meet: a thumbnail, a messenger's picture, a camera's.
pub const SIZES: [(&str, u32, u32); 3] = [("0.26MP", 512, 512), ("2MP", 1_600, 1_200), ("12MP", 4_000, 3_000)];

/// The sizes, or with `--test`, one pass which measures nothing, only the smallest.
#[must_use]
pub fn sizes() -> &'static [(&'static str, u32, u32)] {
    if is_test() { &SIZES[..1] } else { &SIZES }
}

/// Whether everything is run once, with `--test`: to see that it runs, not how fast.
#[must_use]
pub fn is_test() -> bool {
    std::env::args().any(|argument| argument == "--test")
}

/// A picture with soft shapes and grain, about as hard to compress as a photograph.
#[must_use]
pub fn picture(width: u32, height: u32) -> RgbImage {
    let mut random = Random(1);
    RgbImage::from_fn(width, height, |x, y| {
        let (u, v) = (x * 1_000 / width, y * 1_000 / height);
        let shapes = (u * u / 900 + v * 3 / 2) % 256;
        let patches = if (u / 130 + v / 170) % 3 == 0 { 70 } else { 0 };
        let grain = (random.next() % 24) as u32;
        let value = (shapes / 2 + patches + grain) as u8;
        Rgb([value, value / 2 + 60, 255 - value])
    })
}

/// The picture as a file.
///
/// # Panics
/// If the encoder fails, which it does not for these formats.
#[must_use]
pub fn encoded(width: u32, height: u32, format: ImageFormat) -> Vec<u8> {
    let mut bytes = Vec::new();
    DynamicImage::from(picture(width, height)).write_to(&mut Cursor::new(&mut bytes), format).expect("encoding");
    bytes
}

/// Answers the commands that come by standard input, a line each with tabs between its parts: `ok` or `error`, a tab, and
/// what there is to say.
///
/// # Errors
/// When standard input or output fails.
pub fn serve<E: Display>(mut answer: impl FnMut(&[&str]) -> Result<String, E>) -> io::Result<()> {
    for line in io::stdin().lock().lines() {
        match answer(&line?.split('\t').collect::<Vec<_>>()) {
            Ok(answer) => println!("ok\t{answer}"),
            Err(error) => println!("error\t{error:#}"),
        }
        io::stdout().flush()?;
    }
    Ok(())
}

/// As many hashes as asked for, of independent fair bits, as those of unrelated pictures nearly are.
///
/// # Panics
/// Never: the bytes have the length of a hash.
#[must_use]
pub fn hashes(count: usize, seed: u64) -> Vec<ImageHash<Pdq>> {
    let mut random = Random(seed);
    (0..count)
        .map(|_| {
            let bytes: Vec<u8> = (0..4).flat_map(|_| random.next().to_be_bytes()).collect();
            ImageHash::from_bytes(&bytes).expect("32 bytes")
        })
        .collect()
}

/// A file of a sealed set of these hashes, signed by the one that [`trust`] names. Tags cost their least: they are not what is measured here.
///
/// # Panics
/// If there are no hashes.
#[must_use]
pub fn set_file(hashes: &[ImageHash<Pdq>], radius: Radius) -> Vec<u8> {
    let mut options = Options::new([1; 32]);
    (options.radius, options.cost) = (radius, TagCost::new(8, 1).expect("the least"));
    signed(hashes, &options, 1)
}

/// The same with the radius and the cost of tags that are the default, for programs that look at the time: it is good
/// until 2100. Sealing a million hashes takes 20 s of processor time.
///
/// # Panics
/// If there are no hashes.
#[must_use]
pub fn lasting_set_file(hashes: &[ImageHash<Pdq>]) -> Vec<u8> {
    signed(hashes, &Options::new([1; 32]), 4_102_444_800)
}

/// The same, as good as expired, its entries in the order of another seed.
///
/// # Panics
/// If there are no hashes.
#[must_use]
pub fn set_file_of(hashes: &[ImageHash<Pdq>], seed: u8) -> Vec<u8> {
    signed(hashes, &Options::new([seed; 32]), 1)
}

fn signed(hashes: &[ImageHash<Pdq>], options: &Options, expires: u64) -> Vec<u8> {
    let clusters: Vec<_> = hashes.iter().map(|&hash| Cluster { hashes: vec![hash], label: None }).collect();
    let sealed = seal::seal(&clusters, &[], options).expect("hashes to seal");
    let time = |seconds| Timestamp::from_seconds(seconds).expect("a time");
    let (name, sources) = ("bench".to_owned(), Vec::new());
    let release = Release { name, version: 1, created: time(0), expires: time(expires), sources };
    let manifest = publish::first(release, &sealed).expect("a manifest");
    let manifest = sign::sign(&manifest.to_bytes(), &key(), &[]).expect("a manifest to sign");
    SetFile::write(&manifest, &[Some(&sealed.bytes)]).expect("a file")
}

/// Who signs the set files.
///
/// # Panics
/// Never: one endorser is as many as have to sign.
#[must_use]
pub fn trust() -> Trust {
    Trust::new(1, vec![key().endorser()]).expect("one endorser")
}

fn key() -> KeyPair {
    KeyPair::from_seed("Bench", &[3; 32]).expect("a name")
}

/// `SplitMix64` (Steele, Lea, Flood 2014).
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }
}
