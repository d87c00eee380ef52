//! `presend compare`.

use std::ffi::OsStr;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use anyhow::{Result, anyhow};
use presend_core::{
    Algorithm, Dihedral, Distance, ImageHash, Limits, Oriented, ParseHashError, Picture, Quality, Scratch, Threshold,
};
use serde::Serialize;

use crate::algorithm::with_algorithm;
use crate::args::CompareArgs;
use crate::input::{Input, InputError};
use crate::output::{PathRecord, Printer, Row, Status, field, path_field, printable, shown, turned};

pub(crate) fn run(args: &CompareArgs) -> Result<Status> {
    with_algorithm!(args.hashing.algorithm(), compare(args))
}

fn compare<A: Algorithm>(algorithm: A, args: &CompareArgs) -> Result<Status> {
    let threshold = args.matching.threshold.unwrap_or(A::DEFAULT_THRESHOLD);
    let limits = args.hashing.limits();
    let mut scratch = Scratch::default();
    let operands = args
        .operands
        .iter()
        .map(|operand| {
            Operand::read(algorithm, operand, &limits, args.matching.dihedral, &mut scratch)
                .map_err(|why| anyhow!("{}: {}", shown(Path::new(operand)), printable(&why)))
        })
        .collect::<Result<Vec<_>>>()?;
    let mut rows = Vec::new();
    for (i, left) in operands.iter().enumerate() {
        rows.extend(
            operands[i + 1..].iter().map(|right| CompareRow::new(left, right, threshold, args.matching.min_quality)),
        );
    }
    let mut printer = Printer::new(args.format, COLUMNS);
    let printed = rows.iter().try_for_each(|row| printer.print(row)).and_then(|()| printer.finish());
    // A reader that went away does not change what was found.
    printed.or_else(|error| if error.kind() == io::ErrorKind::BrokenPipe { Ok(()) } else { Err(error) })?;
    Ok(rows.iter().map(CompareRow::status).max().unwrap_or(Status::Clean))
}

/// One side of a comparison.
struct Operand<A: Algorithm> {
    name: PathBuf,
    hash: ImageHash<A>,
    /// Of an image; a bare hash has none.
    quality: Option<Quality>,
    /// As stored, and in every orientation asked for.
    turned: Vec<Oriented<A>>,
}

impl<A: Algorithm> Operand<A> {
    /// What reads as a hash is one; everything else is the path of an image, of which the first frame counts.
    fn read(
        algorithm: A,
        operand: &OsStr,
        limits: &Limits,
        dihedral: bool,
        scratch: &mut Scratch,
    ) -> Result<Self, String> {
        let name = PathBuf::from(operand);
        if let Some(hash) = operand.to_str().and_then(|text| text.parse().ok()) {
            return Ok(Self { name, hash, quality: None, turned: vec![(Dihedral::Original, hash)] });
        }
        let input = if operand == "-" { Input::Stdin } else { Input::File(name.clone()) };
        let frame =
            input.with_bytes(limits, |bytes| Picture::open(bytes, limits)?.next().expect("a frame or an error"));
        let frame = frame.map_err(|error: InputError| match operand.to_str().map(str::parse::<ImageHash<A>>) {
            // Digits only, but not as many as a hash has: probably meant as one.
            Some(Err(why @ ParseHashError::WrongLength { .. })) if error.code() == "not-found" => {
                format!("{error}, and no {} hash: {why}", A::ID)
            }
            _ => error.to_string(),
        })?;
        let ways: &[Dihedral] = if dihedral { &Dihedral::ALL } else { &[] };
        let (record, turned) =
            algorithm.hash_turned(frame.pixels.view(), ways, scratch).map_err(|too_small| too_small.to_string())?;
        Ok(Self { name, hash: record.hash, quality: Some(record.quality), turned })
    }

    /// The distance, over all orientations of the image among the two, and the nearest orientation.
    fn nearest(&self, other: &Self) -> (Distance, Dihedral) {
        let (turned, fixed) =
            if self.quality.is_some() { (&self.turned, other.hash) } else { (&other.turned, self.hash) };
        let distances = turned.iter().map(|&(way, hash)| (hash.distance(&fixed), way));
        distances.min_by_key(|(distance, _)| *distance).expect("at least as stored")
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
    min_quality: Quality,
    orientation: Dihedral,
}

#[derive(Serialize)]
struct CompareRecord {
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
}

impl CompareRow {
    fn new<A: Algorithm>(left: &Operand<A>, right: &Operand<A>, threshold: Threshold, min_quality: Quality) -> Self {
        let (distance, orientation) = left.nearest(right);
        let qualities = [left.quality, right.quality];
        let outcome = if qualities.into_iter().flatten().any(|quality| quality < min_quality) {
            "inconclusive"
        } else if threshold.admits(distance) {
            "match"
        } else {
            "clean"
        };
        Self {
            left: left.name.clone(),
            right: right.name.clone(),
            algorithm: A::ID.name(),
            distance,
            threshold,
            outcome,
            qualities,
            min_quality,
            orientation,
        }
    }

    fn status(&self) -> Status {
        match self.outcome {
            "inconclusive" => Status::Error,
            "match" => Status::Match,
            _ => Status::Clean,
        }
    }
}

const COLUMNS: &[&str] =
    &["left", "right", "algorithm", "outcome", "distance", "threshold", "left_quality", "right_quality", "orientation"];

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
        }
    }

    fn line(&self, out: &mut impl Write) -> io::Result<()> {
        write!(out, "{:>3}  {:<12}  {}  {}", self.distance, self.outcome, shown(&self.left), shown(&self.right))?;
        write!(out, "{}", turned(self.orientation))?;
        let worst = self.qualities.into_iter().flatten().min();
        if let Some(quality) = worst.filter(|_| self.outcome == "inconclusive") {
            write!(out, ": quality {quality} is below {}: too little structure to judge", self.min_quality)?;
        }
        writeln!(out)
    }
}
