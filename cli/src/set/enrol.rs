//! `presend set enrol`: from a folder of images to a list.

use std::io;
use std::marker::PhantomData;
use std::time::Duration;

use anyhow::{Context, Result, anyhow};
use presend_core::set::Sealable;
use presend_core::{Limits, Quality, Scratch};
use presend_hashsets::enrol::{EnrolError, Enrolled, Variant, enrol};

use super::args::EnrolArgs;
use super::with_sealable;
use crate::input::{self, Input, InputError};
use crate::output::{Results, Status, count, printable, shown};
use crate::run::{self, Clock, End, Work};
use crate::write::{self, Existing, Readers};

pub(super) fn run(args: &EnrolArgs) -> Result<Status> {
    with_sealable!(args.hashing.algorithm.id(), enrol_of(args))
}

/// Images that cannot be enrolled are named, the others go on.
fn enrol_of<A: Sealable>(args: &EnrolArgs) -> Result<Status> {
    let variants = if args.variants { &Variant::ALL[..] } else { &[Variant::Original] };
    let inputs = input::collect(&args.inputs)?;
    let work = Enrolling::<A> { variants, limits: args.hashing.limits(), algorithm: PhantomData };
    let mut list = List::new(args.min_quality)?;
    let run =
        run::ordered(&args.run, args.time.limit(), inputs, work, Kept, |_, input, enrolled| list.add(input, enrolled))?;
    if run.end == End::Interrupted {
        anstream::eprintln!("presend: interrupted, no list was written");
        return Ok(Status::Interrupted);
    }
    let List { table, images, hashes, left_out, .. } = list;
    let bytes = table.into_inner().map_err(|error| anyhow!("{error}"))?;
    if images == 0 {
        return Err(anyhow!("no image could be enrolled"));
    }
    write::whole(&args.output, &bytes, Readers::Everyone, Existing::Replace).context("the list")?;
    if !args.run.quiet {
        anstream::eprintln!(
            "{}: {} of {}, {left_out} left out",
            shown(&args.output),
            count(hashes, "hash", "hashes"),
            count(images, "image", "images")
        );
    }
    Ok(if left_out > 0 { Status::Error } else { Status::Clean })
}

/// Nothing is printed before the end.
struct Kept;

impl Results for Kept {
    fn finish(self, _: bool) -> io::Result<()> {
        Ok(())
    }
}

/// The list that is to be written.
struct List {
    table: csv::Writer<Vec<u8>>,
    min_quality: Quality,
    images: usize,
    hashes: usize,
    left_out: usize,
}

impl List {
    fn new(min_quality: Quality) -> Result<Self> {
        let mut table = csv::Writer::from_writer(Vec::new());
        table.write_record(["algorithm", "hash", "quality", "label", "cluster"])?;
        Ok(Self { table, min_quality, images: 0, hashes: 0, left_out: 0 })
    }

    /// Adds what came of an input, or says why not.
    fn add<A: Sealable>(&mut self, input: &Input, enrolled: Result<Vec<Enrolled<A>>, Fault>) -> io::Result<()> {
        let path = input.path();
        let frames = match enrolled {
            Ok(frames) => frames,
            Err(Fault::PassedOver) => return Ok(()),
            Err(Fault::Said(why)) => {
                anstream::eprintln!("{}: {}", shown(path), printable(&why));
                self.left_out += 1;
                return Ok(());
            }
        };
        for Enrolled { frame, quality, hashes, .. } in frames {
            if quality < self.min_quality {
                anstream::eprintln!("{}: quality {quality} is below {}", shown(path), self.min_quality);
                self.left_out += 1;
                continue;
            }
            self.images += 1;
            self.hashes += hashes.len();
            let name = path.file_name().unwrap_or(path.as_os_str()).to_string_lossy();
            let name = if frame > 0 { format!("{name}, frame {frame}") } else { name.into_owned() };
            for (_, hash) in hashes {
                let (hash, quality, cluster) = (hash.to_string(), quality.to_string(), self.images.to_string());
                self.table.write_record([A::ID.name(), &hash, &quality, &name, &cluster])?;
            }
        }
        Ok(())
    }
}

/// Why an input gives no entry.
enum Fault {
    /// Not a picture, and nobody said it was one.
    PassedOver,
    Said(String),
}

struct Enrolling<A: Sealable> {
    variants: &'static [Variant],
    limits: Limits,
    algorithm: PhantomData<A>,
}

impl<A: Sealable> Work for Enrolling<A> {
    type Outcome = Result<Vec<Enrolled<A>>, Fault>;

    fn outcome(&self, input: &Input, scratch: &mut Scratch, clock: &Clock) -> Self::Outcome {
        let read = input.with_bytes(&self.limits, |bytes| {
            clock.start();
            Ok(enrol(A::default(), bytes, self.variants, &self.limits, scratch))
        });
        let error = match read {
            Ok(Ok(frames)) => return Ok(frames),
            Ok(Err(EnrolError::Decode(error))) => error.into(),
            Ok(Err(error)) => return Err(Fault::Said(error.to_string())),
            Err(error) => error,
        };
        Err(if input.passes_over(&error) { Fault::PassedOver } else { Fault::Said(error.to_string()) })
    }

    fn late(&self, _: &Input, limit: Duration) -> Self::Outcome {
        Err(Fault::Said(InputError::Late { limit }.to_string()))
    }
}
