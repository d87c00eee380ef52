//! `presend compare`.

use std::ffi::OsStr;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Result, anyhow};
use presend_core::{
    Algorithm, Dihedral, Distance, ImageHash, Limits, LinearIndex, Orientations, ParseHashError, Picture, Policy,
    Quality, Scanner, Scratch, Threshold, Verdict,
};
use serde::Serialize;

use crate::algorithm::with_algorithm;
use crate::args::CompareArgs;
use crate::input::{Input, InputError};
use crate::output::{PathRecord, Printer, Results, Row, Status, field, path_field, printable, shown, turned};
use crate::run::within;

pub(crate) fn run(args: &CompareArgs) -> Result<Status> {
    with_algorithm!(args.hashing.algorithm.id(), compare(args))
}

fn compare<A: Algorithm>(algorithm: A, args: &CompareArgs) -> Result<Status> {
    let mut policy = Policy::of::<A>();
    policy.threshold = args.matching.threshold.unwrap_or(policy.threshold);
    policy.min_quality = args.matching.min_quality;
    policy.limits = args.hashing.limits();
    if args.matching.dihedral {
        policy.orientations = Orientations::Dihedral;
    }
    let named = |operand: &Path, why: &str| anyhow!("{}: {}", shown(operand), printable(why));
    let operands = args
        .operands
        .iter()
        .map(|operand| {
            Operand::read(algorithm, operand, policy.limits, args.time.limit())
                .map_err(|why| named(Path::new(operand), &why))
        })
        .collect::<Result<Vec<_>>>()?;
    let scan = |image: &Operand<A>, other: &Operand<A>, policy| {
        image.scan(algorithm, other, policy, args.time.limit()).map_err(|why| named(&image.name, &why))
    };
    let mut rows = Vec::new();
    for (i, left) in operands.iter().enumerate() {
        for right in &operands[i + 1..] {
            rows.push(CompareRow::new(left, right, policy, scan)?);
        }
    }
    let mut printer = Printer::new(args.format, COLUMNS);
    let printed = rows.iter().try_for_each(|row| printer.print(row)).and_then(|()| printer.finish(true));
    // A reader that went away does not change what was found.
    printed.or_else(|error| if error.kind() == io::ErrorKind::BrokenPipe { Ok(()) } else { Err(error) })?;
    Ok(rows.iter().map(CompareRow::status).max().unwrap_or(Status::Clean))
}

/// One side of a comparison.
struct Operand<A: Algorithm> {
    name: PathBuf,
    /// The hash of record.
    hash: ImageHash<A>,
    /// Of an image, with the file; a bare hash has neither.
    image: Option<(Quality, Arc<[u8]>)>,
}

impl<A: Algorithm> Operand<A> {
    /// What reads as a hash is one; everything else is the path of an image.
    fn read(algorithm: A, operand: &OsStr, limits: Limits, time: Option<Duration>) -> Result<Self, String> {
        let name = PathBuf::from(operand);
        if let Some(hash) = operand.to_str().and_then(|text| text.parse().ok()) {
            return Ok(Self { name, hash, image: None });
        }
        let input = if operand == "-" { Input::Stdin } else { Input::File(name.clone()) };
        let read = input.with_bytes(&limits, |bytes| Ok(Arc::<[u8]>::from(bytes)));
        let bytes = read.map_err(|error: InputError| match operand.to_str().map(str::parse::<ImageHash<A>>) {
            // Digits only, but not as many as a hash has: probably meant as one.
            Some(Err(why @ ParseHashError::WrongLength { .. })) if error.code() == "not-found" => {
                format!("{error}, and no {} hash: {why}", A::ID)
            }
            _ => error.to_string(),
        })?;
        let picture = Arc::clone(&bytes);
        let hashed = within(time, move || {
            let frame = Picture::open(&picture, &limits)?.next().expect("a frame or an error")?;
            Ok(algorithm.hash(frame.pixels.view(), &mut Scratch::default()))
        });
        let record = hashed.map_err(|error| error.to_string())?.map_err(|too_small| too_small.to_string())?;
        Ok(Self { name, hash: record.hash, image: Some((record.quality, bytes)) })
    }

    /// What scanning this image for the hash of another says, if this is an image.
    fn scan(
        &self,
        algorithm: A,
        other: &Self,
        policy: Policy,
        time: Option<Duration>,
    ) -> Result<Option<Verdict>, String> {
        let Some((_, bytes)) = &self.image else { return Ok(None) };
        let scanner = Scanner::new(algorithm, LinearIndex::new(vec![other.hash]), policy);
        let picture = Arc::clone(bytes);
        let scanned = within(time, move || Ok(scanner.scan(&picture, &mut Scratch::default())?.verdict));
        scanned.map(Some).map_err(|error| error.to_string())
    }
}

struct CompareRow {
    left: PathBuf,
    right: PathBuf,
    algorithm: &'static str,
    distance: Distance,
    threshold: Threshold,
    outcome: &'static str,
    qualities: [Option<Quality>; 2],
    orientation: Dihedral,
    reason: Option<String>,
}

impl CompareRow {
    /// Scans each image for the other's hash of record: a pair matches if either way matches.
    fn new<A: Algorithm>(
        left: &Operand<A>,
        right: &Operand<A>,
        policy: Policy,
        scan: impl Fn(&Operand<A>, &Operand<A>, Policy) -> Result<Option<Verdict>>,
    ) -> Result<Self> {
        let mut nearest = (left.hash.distance(&right.hash), Dihedral::Original);
        let mut reason = None;
        for (image, other) in [(left, right), (right, left)] {
            // Once for the verdict, and once with every distance admitted, to tell how far the nearest view is.
            let mut boundless = policy;
            boundless.threshold = Threshold::new(u16::MAX);
            for policy in [policy, boundless] {
                match scan(image, other, policy)? {
                    Some(Verdict::Match(found)) => {
                        nearest = nearest.min((found[0].distance, found[0].orientation));
                    }
                    Some(Verdict::Inconclusive(why)) => reason = reason.or_else(|| Some(why.to_string())),
                    Some(Verdict::NoMatch) | None => {}
                }
            }
        }
        let (distance, orientation) = nearest;
        let qualities = [left, right].map(|side| side.image.as_ref().map(|(quality, _)| *quality));
        let poor = qualities.into_iter().flatten().any(|quality| quality < policy.min_quality);
        let outcome = match policy.threshold.admits(distance) {
            true if !poor => "match",
            _ if poor || reason.is_some() => "inconclusive",
            _ => "clean",
        };
        Ok(Self {
            left: left.name.clone(),
            right: right.name.clone(),
            algorithm: A::ID.name(),
            distance,
            threshold: policy.threshold,
            outcome,
            qualities,
            orientation,
            reason: reason.filter(|_| outcome == "inconclusive"),
        })
    }

    fn status(&self) -> Status {
        match self.outcome {
            "inconclusive" => Status::Error,
            "match" => Status::Match,
            _ => Status::Clean,
        }
    }
}

#[derive(Serialize)]
struct CompareRecord<'a> {
    schema: &'static str,
    left: PathRecord,
    right: PathRecord,
    algorithm: &'static str,
    outcome: &'static str,
    distance: u16,
    threshold: u16,
    left_quality: Option<u8>,
    right_quality: Option<u8>,
    orientation: &'static str,
    reason: Option<&'a str>,
}

const COLUMNS: &[&str] = &[
    "left",
    "right",
    "algorithm",
    "outcome",
    "distance",
    "threshold",
    "left_quality",
    "right_quality",
    "orientation",
    "reason",
];

impl Row for CompareRow {
    fn fields(&self) -> Vec<Vec<u8>> {
        vec![
            path_field(&self.left),
            path_field(&self.right),
            field(Some(self.algorithm)),
            field(Some(self.outcome)),
            field(Some(self.distance)),
            field(Some(self.threshold)),
            field(self.qualities[0]),
            field(self.qualities[1]),
            field(Some(self.orientation)),
            field(self.reason.as_ref()),
        ]
    }

    fn record(&self) -> impl Serialize {
        CompareRecord {
            schema: "presend.compare/1",
            left: PathRecord::new(&self.left),
            right: PathRecord::new(&self.right),
            algorithm: self.algorithm,
            outcome: self.outcome,
            distance: self.distance.bits(),
            threshold: self.threshold.bits(),
            left_quality: self.qualities[0].map(Quality::value),
            right_quality: self.qualities[1].map(Quality::value),
            orientation: self.orientation.name(),
            reason: self.reason.as_deref(),
        }
    }

    fn line(&self, out: &mut impl Write) -> io::Result<()> {
        write!(out, "{:>3}  {:<12}  {}  {}", self.distance, self.outcome, shown(&self.left), shown(&self.right))?;
        write!(out, "{}", turned(self.orientation))?;
        if let Some(reason) = &self.reason {
            write!(out, ": {}", printable(reason))?;
        }
        writeln!(out)
    }
}
