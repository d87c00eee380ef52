//! Times the engine as a native program, one stage at a time, for `cargo xtask bench-web`, which times the same stages in
//! a browser right after.
//!
//! A line of standard input is a command, its words separated by tabs; so is the answer. `seal ENTRIES FILE` and `trust
//! FILE` write what both sides read, `set NAME FILE` and `picture NAME JPEG PIXELS` load files, the second writing the
//! decoded pixels for the other side. `answer STAGE` prints what a stage gives, and `time STAGE MILLISECONDS` the median
//! nanoseconds of the calls that fit into so long, at least three.

use std::collections::HashMap;
use std::fs;
use std::hint::black_box;
use std::rc::Rc;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail, ensure};
use presend_benches::{hashes, lasting_set_file, serve, trust};
use presend_core::set::{KnownSet, SetFile, Timestamp};
use presend_core::{
    Algorithm, Backend, Index as _, Limits, Pdq, Picture, PixelFormat, PixelView, Policy, Scanner, Scratch, Verdict,
};

/// Fewer calls have no median.
const FEWEST_CALLS: usize = 3;

/// Vectors as wide as those of WebAssembly.
const NARROW: [Backend; 2] = [Backend::Sse2, Backend::Neon];

/// Does its work once and says what came of it.
type Stage = Box<dyn FnMut() -> String>;

#[derive(Default)]
struct Server {
    stages: HashMap<String, Stage>,
    /// What pictures are held against: the set that was loaded first.
    set: Option<Rc<KnownSet<Pdq>>>,
}

fn main() -> Result<()> {
    let mut server = Server::default();
    Ok(serve(|command| server.answer(command))?)
}

impl Server {
    fn answer(&mut self, command: &[&str]) -> Result<String> {
        match *command {
            ["backends"] => {
                let [best, narrow] = [Backend::best(), narrow()].map(Backend::name);
                Ok(format!("{best}\t{narrow}"))
            }
            ["seal", entries, file] => {
                let known = hashes(entries.parse()?, 1);
                write(file, &lasting_set_file(&known))?;
                Ok(String::new())
            }
            ["trust", file] => write(file, trust().to_json().as_bytes()).map(|()| String::new()),
            ["set", name, file] => self.load_set(name, read(file)?),
            ["picture", name, jpeg, pixels] => self.load_picture(name, read(jpeg)?, pixels),
            ["answer", name] => Ok(self.stage(name)?()),
            ["time", name, milliseconds] => {
                let span = Duration::from_millis(milliseconds.parse()?);
                Ok(median_nanoseconds(self.stage(name)?, span).to_string())
            }
            _ => bail!("not a command: {command:?}"),
        }
    }

    fn stage(&mut self, name: &str) -> Result<&mut Stage> {
        self.stages.get_mut(name).with_context(|| format!("no stage {name:?} for what is loaded"))
    }

    /// Answers with the hash that is looked up.
    fn load_set(&mut self, name: &str, file: Vec<u8>) -> Result<String> {
        let file = [SetFile::parse(file)?];
        let query = hashes(1, 2)[0];
        for (suffix, backend) in [("", Backend::best()), (" narrow", narrow())] {
            let now = Timestamp::from_seconds(0).expect("a time");
            let set = Rc::new(KnownSet::open(&file, &trust(), now, None)?.with_backend(backend));
            self.set.get_or_insert_with(|| set.clone());
            let mut found = Vec::new();
            let search = move || {
                set.search(&[query], Policy::of::<Pdq>().threshold, &mut found);
                found.len().to_string()
            };
            self.stages.insert(format!("match {name}{suffix}"), Box::new(search));
        }
        Ok(query.to_string())
    }

    /// Answers with the width and the height, and writes the pixels: red, green, blue, opaque.
    fn load_picture(&mut self, name: &str, jpeg: Vec<u8>, pixels: &str) -> Result<String> {
        let frame = Picture::open(&jpeg, &Limits::default())?.next().context("no frame")??;
        let (width, height) = (frame.pixels.width(), frame.pixels.height());
        ensure!(frame.pixels.format() == PixelFormat::Rgb8, "not a picture in colour");
        let rgb = frame.pixels.into_bytes();
        let rgba: Vec<u8> = rgb.chunks_exact(3).flat_map(|rgb| [rgb[0], rgb[1], rgb[2], u8::MAX]).collect();
        write(pixels, &rgba)?;
        let rgba = Rc::new(rgba);
        for (suffix, backend) in [("", Backend::best()), (" narrow", narrow())] {
            let (rgba, mut scratch) = (rgba.clone(), Scratch::with_backend(backend));
            let hash = move || {
                let view = PixelView::new(&rgba, width, height, PixelFormat::Rgba8).expect("packed pixels");
                Pdq.hash(view, &mut scratch).expect("large enough").hash.to_string()
            };
            self.stages.insert(format!("pdq {name}{suffix}"), Box::new(hash));
        }
        let (jpeg, mut scratch) = (Rc::<[u8]>::from(jpeg), Scratch::default());
        let file = jpeg.clone();
        let hash = move || {
            let mut picture = Picture::open_in(&file, &Limits::default(), &mut scratch).expect("a picture");
            let pixels = picture.next().expect("a frame").expect("a whole picture").pixels;
            let hashed = Pdq.hash(pixels.view(), &mut scratch).expect("large enough");
            scratch.recycle(pixels);
            hashed.hash.to_string()
        };
        self.stages.insert(format!("file {name}"), Box::new(hash));
        let (set, mut scratch) = (self.set.clone().context("no set was loaded")?, Scratch::default());
        let scan = move || {
            let scanner = Scanner::new(Pdq, set.as_ref(), Policy::of::<Pdq>());
            match scanner.scan(&jpeg, &mut scratch).expect("a picture").verdict {
                Verdict::NoMatch => "clean".to_owned(),
                other => format!("{other:?}"),
            }
        };
        self.stages.insert(format!("scan {name}"), Box::new(scan));
        Ok(format!("{width}\t{height}"))
    }
}

fn narrow() -> Backend {
    Backend::available().find(|backend| NARROW.contains(backend)).unwrap_or(Backend::PORTABLE)
}

fn median_nanoseconds(stage: &mut Stage, span: Duration) -> u128 {
    let start = Instant::now();
    let mut calls = Vec::new();
    while calls.len() < FEWEST_CALLS || start.elapsed() < span {
        let call = Instant::now();
        black_box(stage());
        calls.push(call.elapsed().as_nanos());
    }
    calls.sort_unstable();
    calls[calls.len() / 2]
}

fn read(path: &str) -> Result<Vec<u8>> {
    fs::read(path).with_context(|| format!("cannot read {path}"))
}

fn write(path: &str, bytes: &[u8]) -> Result<()> {
    fs::write(path, bytes).with_context(|| format!("cannot write {path}"))
}
