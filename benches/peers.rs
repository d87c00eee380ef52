//! Times ours and the peers on crates.io, one stage at a time, for `cargo xtask bench-peers`, which holds the other peers.
//!
//! A line of standard input is a command, its words separated by tabs; so is the answer. `picture JPEG RGB WIDTH HEIGHT`
//! and `lists ENTRIES QUERIES` load files, `stages` lists what can be asked for, `answer STAGE` prints what a stage gives, in hexadecimal, and `time STAGE CALLS`
//! the nanoseconds of so many calls.

mod naive;

use std::collections::HashMap;
use std::fs;
use std::hint::black_box;
use std::rc::Rc;
use std::time::Instant;

use anyhow::{Context as _, Result, bail, ensure};
use bk_tree::{BKTree, Metric};
use pdqhash::image as image_023;
use presend_benches::serve;
use presend_core::{
    Algorithm, Backend, Effort, ImageHash, Index as _, Limits, LinearIndex, Pdq, Pdq512, Picture, PixelFormat,
    PixelView, Scratch, Threshold,
};
use zune_core::bytestream::ZCursor;
use zune_core::colorspace::ColorSpace;
use zune_core::options::DecoderOptions;

/// PDQ's usual threshold.
const THRESHOLD: u16 = 31;

/// A tree of more entries takes minutes to build.
const MAX_TREE: usize = 100_000;

/// Does its work once and returns a hash, or how many entries or bytes it found.
type Stage = Box<dyn FnMut() -> Vec<u8>>;

#[derive(Default)]
struct Server {
    stages: HashMap<String, Stage>,
}

fn main() -> Result<()> {
    let mut server = Server::default();
    Ok(serve(|command| server.answer(command))?)
}

impl Server {
    fn answer(&mut self, command: &[&str]) -> Result<String> {
        match *command {
            ["stages"] => return Ok(self.stages.keys().cloned().collect::<Vec<_>>().join("\t")),
            ["backend"] => return Ok(Backend::best().name().to_owned()),
            ["picture", jpeg, rgb, width, height] => {
                let (files, pixels) =
                    (file_stages(read(jpeg)?), pixel_stages(read(rgb)?, width.parse()?, height.parse()?)?);
                self.stages = files.into_iter().chain(pixels).map(|(name, stage)| (name.to_owned(), stage)).collect();
            }
            ["lists", entries, queries] => {
                self.stages = list_stages(&hashes(entries)?, &hashes(queries)?).into_iter().collect();
            }
            ["answer", name] => return Ok(self.stage(name)?().iter().map(|byte| format!("{byte:02x}")).collect()),
            ["time", name, calls] => {
                let (stage, calls) = (self.stage(name)?, calls.parse::<u32>()?);
                let start = Instant::now();
                for _ in 0..calls {
                    black_box(stage());
                }
                return Ok(start.elapsed().as_nanos().to_string());
            }
            _ => bail!("not a command: {command:?}"),
        }
        Ok(String::new())
    }

    fn stage(&mut self, name: &str) -> Result<&mut Stage> {
        self.stages.get_mut(name).with_context(|| format!("no stage {name:?} for what is loaded"))
    }
}

/// From the pixels of a picture, as Pillow decoded them.
fn pixel_stages(rgb: Vec<u8>, width: u32, height: u32) -> Result<Vec<(&'static str, Stage)>> {
    fn view(image: &image::RgbImage) -> PixelView<'_> {
        PixelView::new(image, image.width(), image.height(), PixelFormat::Rgb8).expect("packed RGB")
    }
    let size = rgb.len();
    let old = image_023::RgbImage::from_raw(width, height, rgb.clone());
    let old = Rc::new(old.with_context(|| format!("{size} bytes are too few for {width} by {height} pixels"))?);
    let dynamic = image_023::DynamicImage::ImageRgb8(old.as_ref().clone());
    let new = Rc::new(image::RgbImage::from_raw(width, height, rgb).expect("as many bytes as for the other one"));

    let mut stages: Vec<(&str, Stage)> = Vec::new();
    let (image, mut scratch) = (new.clone(), Scratch::default());
    stages.push(("pdq", Box::new(move || bytes(&Pdq.hash(view(&image), &mut scratch).expect("large enough").hash))));
    let (image, mut scratch) = (new.clone(), Scratch::default());
    stages.push((
        "pdq-512",
        Box::new(move || bytes(&Pdq512.hash(view(&image), &mut scratch).expect("large enough").hash)),
    ));
    for (name, backend) in
        [("pdq-avx2", Backend::Avx2), ("pdq-sse2", Backend::Sse2), ("pdq-portable", Backend::PORTABLE)]
    {
        if Backend::available().any(|available| available == backend) {
            let (image, mut scratch) = (new.clone(), Scratch::with_backend(backend));
            let hash = move || bytes(&Pdq.hash(view(&image), &mut scratch).expect("large enough").hash);
            stages.push((name, Box::new(hash)));
        }
    }
    let image = dynamic.clone();
    stages.push(("pdqhash", Box::new(move || pdqhash::generate_pdq_full_size(&image).0.to_vec())));
    stages.push(("pdqhash-512", Box::new(move || pdqhash::generate_pdq(&dynamic).expect("large enough").0.to_vec())));
    let config = img_hash::HasherConfig::new;
    let [dhash, phash] = [config().hash_alg(img_hash::HashAlg::Gradient), config().hash_alg(img_hash::HashAlg::Median)];
    for (name, config) in [("image_hasher-dhash", dhash), ("image_hasher-phash", phash.preproc_dct())] {
        let (image, hasher) = (new.clone(), config.to_hasher());
        stages.push((name, Box::new(move || hasher.hash_image(image.as_ref()).as_bytes().to_vec())));
    }
    // Which has no median: its pHash compares with the mean.
    let config = img_hash_3::HasherConfig::new;
    let [dhash, phash] =
        [config().hash_alg(img_hash_3::HashAlg::Gradient), config().hash_alg(img_hash_3::HashAlg::Mean)];
    for (name, config) in [("img_hash-dhash", dhash), ("img_hash-phash", phash.preproc_dct())] {
        let (image, hasher) = (old.clone(), config.to_hasher());
        stages.push((name, Box::new(move || hasher.hash_image(image.as_ref()).as_bytes().to_vec())));
    }
    Ok(stages)
}

/// From the bytes of a JPEG file.
fn file_stages(jpeg: Vec<u8>) -> Vec<(&'static str, Stage)> {
    let jpeg = Rc::<[u8]>::from(jpeg);
    // Into memory that is used again, as a scanner decodes.
    let decode = |jpeg: &[u8], scratch: &mut Scratch| {
        let mut picture = Picture::open_in(jpeg, &Limits::default(), scratch).expect("a picture");
        picture.next().expect("a frame").expect("a whole picture").pixels
    };
    let (file, mut scratch) = (jpeg.clone(), Scratch::default());
    let hash = move || {
        let pixels = decode(&file, &mut scratch);
        let hashed = Pdq.hash(pixels.view(), &mut scratch).expect("large enough");
        scratch.recycle(pixels);
        bytes(&hashed.hash)
    };
    let (file, mut scratch) = (jpeg.clone(), Scratch::default());
    let alone = move || {
        let pixels = decode(&file, &mut scratch);
        let last = pixels.view().width() * pixels.view().height();
        scratch.recycle(pixels);
        count(last)
    };
    let file = jpeg.clone();
    let fast = move || {
        let picture = Picture::open(&file, &Limits::default()).expect("a picture");
        let (record, _) = Pdq.hash_fast(&picture, &[], Effort::NONE).expect("a baseline file");
        bytes(&record.hash)
    };
    let zune = move || {
        let options = DecoderOptions::default().jpeg_set_out_colorspace(ColorSpace::RGB);
        let mut decoder = zune_jpeg::JpegDecoder::new_with_options(ZCursor::new(jpeg.as_ref()), options);
        decoder.decode().expect("a picture").len().to_be_bytes().to_vec()
    };
    vec![("file", Box::new(hash)), ("decode", Box::new(alone)), ("fast", Box::new(fast)), ("zune-jpeg", Box::new(zune))]
}

/// Searching the entries, with the first query and with all at once.
fn list_stages(entries: &[ImageHash<Pdq>], queries: &[ImageHash<Pdq>]) -> Vec<(String, Stage)> {
    let mut stages: Vec<(String, Stage)> = Vec::new();
    let threshold = Threshold::new(THRESHOLD);
    let avx2 = Backend::available().find(|&backend| backend == Backend::Avx2);
    for (suffix, backend) in [("", Some(Backend::best())), ("-avx2", avx2)] {
        let Some(backend) = backend else { continue };
        let index = Rc::new(LinearIndex::new(entries.to_vec()).with_backend(backend));
        for queries in [&queries[..1], queries] {
            let (index, queries, mut found) = (index.clone(), queries.to_vec(), Vec::new());
            let name = format!("linear-{}{suffix}", queries.len());
            let search = move || {
                index.search(&queries, threshold, &mut found);
                let pairs = found.iter().flat_map(|found| [found.query as u32, found.entry as u32]);
                pairs.flat_map(u32::to_be_bytes).collect()
            };
            stages.push((name, Box::new(search)));
        }
    }
    let words: Rc<[[u64; 4]]> = entries.iter().map(words_of).collect();
    let query = words_of(&queries[0]);
    for (name, scan) in naive::scans() {
        let words = words.clone();
        stages.push((
            format!("naive-{name}"),
            Box::new(move || count(scan(&words, black_box(&query), u64::from(THRESHOLD)))),
        ));
    }
    if entries.len() <= MAX_TREE {
        let mut tree = BKTree::new(Bits);
        tree.extend(words.iter().copied());
        let search = move || count(tree.find(black_box(&query), u32::from(THRESHOLD)).count());
        stages.push(("bk-tree".to_owned(), Box::new(search)));
    }
    stages
}

/// The Hamming distance, for the tree.
struct Bits;

impl Metric<[u64; 4]> for Bits {
    fn distance(&self, a: &[u64; 4], b: &[u64; 4]) -> u32 {
        (0..4).map(|word| (a[word] ^ b[word]).count_ones()).sum()
    }

    fn threshold_distance(&self, a: &[u64; 4], b: &[u64; 4], _: u32) -> Option<u32> {
        Some(self.distance(a, b))
    }
}

/// The hashes in a file of 32 bytes each.
fn hashes(path: &str) -> Result<Vec<ImageHash<Pdq>>> {
    let bytes = read(path)?;
    ensure!(!bytes.is_empty() && bytes.len() % 32 == 0, "{path} does not hold whole hashes");
    bytes.chunks(32).map(|bytes| Ok(ImageHash::from_bytes(bytes)?)).collect()
}

fn read(path: &str) -> Result<Vec<u8>> {
    fs::read(path).with_context(|| format!("cannot read {path}"))
}

fn words_of(hash: &ImageHash<Pdq>) -> [u64; 4] {
    hash.words().try_into().expect("256 bits")
}

fn bytes<A: Algorithm>(hash: &ImageHash<A>) -> Vec<u8> {
    hash.words().iter().rev().flat_map(|word| word.to_be_bytes()).collect()
}

fn count(number: usize) -> Vec<u8> {
    (number as u64).to_be_bytes().to_vec()
}
