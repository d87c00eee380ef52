//! `presend set enrol`: from a folder of images to a list.

use anyhow::{Context, Result, anyhow};
use presend_core::set::Sealable;
use presend_core::{Limits, Scratch};
use presend_hashsets::enrol::{EnrolError, Enrolled, Variant, enrol};

use super::args::EnrolArgs;
use super::with_sealable;
use crate::input::{self, Input};
use crate::output::{Status, count, printable, shown};
use crate::write::{self, Existing, Readers};

pub(super) fn run(args: &EnrolArgs) -> Result<Status> {
    with_sealable!(args.hashing.algorithm.id(), enrol_of(args))
}

/// Images that cannot be enrolled are named, the others go on.
fn enrol_of<A: Sealable>(args: &EnrolArgs) -> Result<Status> {
    let variants = if args.variants { &Variant::ALL[..] } else { &[Variant::Original] };
    let mut table = csv::Writer::from_writer(Vec::new());
    table.write_record(["algorithm", "hash", "quality", "label", "cluster"])?;
    let (mut images, mut hashes, mut left_out) = (0, 0, 0);
    let limits = args.hashing.limits();
    let mut scratch = Scratch::default();
    for input in input::collect(&args.inputs)? {
        let path = input.path().to_owned();
        let frames = match enrolled::<A>(&input, variants, &limits, &mut scratch) {
            Ok(frames) => frames,
            Err(Fault::PassedOver) => continue,
            Err(Fault::Error(error)) => {
                anstream::eprintln!("{}: {}", shown(&path), printable(&error.to_string()));
                left_out += 1;
                continue;
            }
        };
        for Enrolled { frame, quality, hashes: of_frame, .. } in frames {
            if quality < args.min_quality {
                anstream::eprintln!("{}: quality {quality} is below {}", shown(&path), args.min_quality);
                left_out += 1;
                continue;
            }
            images += 1;
            let name = path.file_name().unwrap_or(path.as_os_str()).to_string_lossy();
            let name = if frame > 0 { format!("{name}, frame {frame}") } else { name.into_owned() };
            for (_, hash) in of_frame {
                hashes += 1;
                let (hash, quality, cluster) = (hash.to_string(), quality.to_string(), images.to_string());
                table.write_record([A::ID.name(), &hash, &quality, &name, &cluster])?;
            }
        }
    }
    let bytes = table.into_inner().map_err(|error| anyhow!("{error}"))?;
    if images == 0 {
        return Err(anyhow!("no image could be enrolled"));
    }
    write::whole(&args.output, &bytes, Readers::Everyone, Existing::Replace).context("the list")?;
    anstream::eprintln!(
        "{}: {} of {}, {left_out} left out",
        shown(&args.output),
        count(hashes, "hash", "hashes"),
        count(images, "image", "images")
    );
    Ok(if left_out > 0 { Status::Error } else { Status::Clean })
}

enum Fault {
    /// Not a picture, and nobody said it was one.
    PassedOver,
    Error(anyhow::Error),
}

fn enrolled<A: Sealable>(
    input: &Input,
    variants: &[Variant],
    limits: &Limits,
    scratch: &mut Scratch,
) -> Result<Vec<Enrolled<A>>, Fault> {
    let mut other = None;
    let read = input.with_bytes(limits, |bytes| match enrol(A::default(), bytes, variants, limits, scratch) {
        Ok(frames) => Ok(frames),
        Err(EnrolError::Decode(error)) => Err(error),
        Err(error) => {
            other = Some(error);
            Ok(Vec::new())
        }
    });
    match (read, other) {
        (_, Some(error)) => Err(Fault::Error(error.into())),
        (Err(error), None) if input.passes_over(&error) => Err(Fault::PassedOver),
        (Err(error), None) => Err(Fault::Error(anyhow!("{error}"))),
        (Ok(frames), None) => Ok(frames),
    }
}
