//! `presend hash`.

mod table;

use std::io::{self, IsTerminal, Write};
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, Result, bail};
use presend_core::{Algorithm, AlgorithmId, Dihedral, Effort, ImageHash, Limits, Picture, Precision, Scratch};
use presend_eval::corpus::Digest;
use serde::Serialize;

use crate::algorithm::with_algorithm;
use crate::args::{HashArgs, HashFormat, OutputFormat};
use crate::input::{self, Input, InputError, Kind};
use crate::output::{
    PathRecord, Printer, Reason, Results, Row, Status, field, passed_over, path_field, printable, shown,
};
use crate::run::{self, Clock, End, Work};
use crate::write::{Begun, Readers};

pub(crate) fn run(args: &HashArgs) -> Result<Status> {
    with_algorithm!(args.hashing.algorithm.id(), hash_all(args))
}

fn hash_all<A: Algorithm>(algorithm: A, args: &HashArgs) -> Result<Status> {
    let inputs = input::collect(&args.inputs)?;
    let limits = args.hashing.limits();
    let precision = args.precision.of::<A>()?;
    let results = HashResults::begin(args)?;
    let (mut hashed, mut failed, mut skipped) = (0, 0, 0);
    let run = run::ordered(
        &args.run,
        args.time.limit(),
        inputs,
        Hashing { algorithm, limits, precision, columns: Columns::of(args) },
        results,
        |results, _, rows| {
            *match rows.as_slice() {
                [] => &mut skipped,
                rows if rows.iter().any(|row| row.error.is_some()) => &mut failed,
                _ => &mut hashed,
            } += 1;
            rows.into_iter().try_for_each(|row| results.print(row))
        },
    )?;
    if !args.run.quiet && run.end != End::Unread {
        anstream::eprintln!("{}: {hashed} hashed, {failed} failed{}", run.rate(skipped), passed_over(skipped));
    }
    Ok(match run.end {
        End::Interrupted => Status::Interrupted,
        _ if failed > 0 => Status::Error,
        _ => Status::Clean,
    })
}

/// Where rows go.
struct HashResults {
    rows: Rows,
    /// The file that they go to, if to any.
    output: Option<PathBuf>,
}

/// Rows as text, or as a Parquet file.
enum Rows {
    Text(Printer),
    Table(Box<table::HashTable>),
}

impl HashResults {
    fn begin(args: &HashArgs) -> Result<Self> {
        let file = args.output.as_ref().map(|path| Begun::new(path, Readers::Everyone)).transpose();
        let file =
            file.with_context(|| format!("cannot write {}", args.output.as_deref().map(shown).unwrap_or_default()))?;
        let format = match args.format {
            HashFormat::Human => OutputFormat::Human,
            HashFormat::Ndjson => OutputFormat::Ndjson,
            HashFormat::Csv => OutputFormat::Csv,
            HashFormat::Parquet if file.is_none() && io::stdout().is_terminal() => {
                bail!("Parquet is not for a terminal: name a file with --output")
            }
            HashFormat::Parquet => {
                let rows = Rows::Table(Box::new(table::HashTable::begin(file, Columns::of(args))?));
                return Ok(Self { rows, output: args.output.clone() });
            }
        };
        let columns = Columns::of(args).names();
        let rows = Rows::Text(match file {
            None => Printer::new(format, columns),
            Some(file) => Printer::to_file(format, columns, file)?,
        });
        Ok(Self { rows, output: args.output.clone() })
    }

    fn print(&mut self, row: HashRow) -> io::Result<()> {
        let printed = match &mut self.rows {
            Rows::Text(printer) => printer.print(&row),
            Rows::Table(table) => table.add(row),
        };
        printed.map_err(|error| naming(self.output.as_deref(), error))
    }
}

/// An error of the file that rows go to.
fn naming(output: Option<&Path>, error: io::Error) -> io::Error {
    match output {
        Some(path) => io::Error::new(error.kind(), format!("{}: {error}", shown(path))),
        None => error,
    }
}

impl Results for HashResults {
    fn finish(self, complete: bool) -> io::Result<()> {
        let finished = match self.rows {
            Rows::Text(printer) => printer.finish(complete),
            Rows::Table(table) => table.finish(complete),
        };
        finished.map_err(|error| naming(self.output.as_deref(), error))
    }
}

/// Which columns there are beside those that always are.
#[derive(Debug, Clone, Copy)]
struct Columns {
    /// Eight rows for each frame, with their orientation.
    orientation: bool,
    /// What tells the content of the file, and what else a corpus is made of.
    digest: bool,
}

impl Columns {
    fn of(args: &HashArgs) -> Self {
        Self { orientation: args.dihedral, digest: args.digest }
    }

    /// Of a CSV.
    fn names(self) -> Vec<&'static str> {
        let mut names = vec!["path", "frame", "algorithm", "hash", "quality", "width", "height", "error"];
        if self.orientation {
            names.push("orientation");
        }
        if self.digest {
            names.extend(["sha256", "bytes", "record", "error_code"]);
        }
        names
    }
}

/// What is done with every input.
struct Hashing<A: Algorithm> {
    algorithm: A,
    limits: Limits,
    precision: Precision,
    columns: Columns,
}

impl<A: Algorithm> Work for Hashing<A> {
    type Outcome = Vec<HashRow>;

    fn outcome(&self, input: &Input, scratch: &mut Scratch, clock: &Clock) -> Self::Outcome {
        rows(self, input, scratch, clock)
    }

    fn late(&self, input: &Input, limit: Duration) -> Self::Outcome {
        let late = InputError::Late { limit };
        let error = Some(Reason { code: late.code(), message: late.to_string() });
        vec![HashRow { error, ..self.blank(input) }]
    }
}

impl<A: Algorithm> Hashing<A> {
    /// A row that says nothing yet.
    fn blank(&self, input: &Input) -> HashRow {
        HashRow {
            path: input.path().to_owned(),
            frame: 0,
            algorithm: A::ID,
            hash: None,
            quality: None,
            width: None,
            height: None,
            error: None,
            digits: ImageHash::<A>::BITS / 4,
            columns: self.columns,
            orientation: None,
            content: None,
            record: None,
        }
    }
}

/// One row per frame (eight with all orientations), and one for the fault that ended the file, if any; none for a file
/// that is passed over.
fn rows<A: Algorithm>(hashing: &Hashing<A>, input: &Input, scratch: &mut Scratch, clock: &Clock) -> Vec<HashRow> {
    let &Hashing { algorithm, ref limits, precision, columns } = hashing;
    let blank = hashing.blank(input);
    let (mut rows, mut frames, mut content) = (Vec::new(), 0, None);
    let kind = if columns.digest { input.kind() } else { Kind::Pictures };
    let result = input.with_bytes_of(kind, limits, |bytes| {
        clock.start();
        content = columns.digest.then(|| (Digest::of(bytes), bytes.len() as u64));
        let picture = Picture::open_in(bytes, limits, scratch)?;
        if precision == Precision::Fast
            && let Some((record, _)) = algorithm.hash_fast(&picture, &[], Effort::NONE)
        {
            rows.push(HashRow {
                algorithm: A::FAST.expect("there was a fast hash"),
                hash: Some(record.hash.to_string()),
                quality: Some(record.quality.value()),
                width: Some(picture.width()),
                height: Some(picture.height()),
                ..blank.clone()
            });
            return Ok(());
        }
        for frame in picture {
            let frame = frame?;
            frames = frame.index + 1;
            let pixels = frame.pixels.view();
            let mut row = HashRow {
                frame: frame.index,
                width: Some(frame.pixels.width()),
                height: Some(frame.pixels.height()),
                ..blank.clone()
            };
            if frame.damaged {
                row.error = Some(Reason { code: "damaged", message: "data is missing or corrupt".into() });
            }
            let hashed = if columns.orientation {
                algorithm.hash_dihedral(pixels, scratch).map(|(record, hashes)| {
                    row.record = (record.hash != hashes[Dihedral::Original]).then(|| record.hash.to_string());
                    let turned = hashes.iter().map(|(way, hash)| (Some(way), hash.to_string())).collect();
                    (record.quality, turned)
                })
            } else {
                algorithm.hash(pixels, scratch).map(|hashed| (hashed.quality, vec![(None, hashed.hash.to_string())]))
            };
            match hashed {
                Ok((quality, hashes)) => rows.extend(hashes.into_iter().map(|(orientation, hash)| HashRow {
                    hash: Some(hash),
                    quality: Some(quality.value()),
                    orientation,
                    ..row.clone()
                })),
                Err(too_small) => {
                    row.error = Some(Reason { code: "too-small", message: too_small.to_string() });
                    rows.push(row);
                }
            }
            scratch.recycle(frame.pixels);
        }
        Ok(())
    });
    if let Err(error) = result
        && !input.passes_over(&error)
    {
        let error = Some(Reason { code: error.code(), message: error.to_string() });
        rows.push(HashRow { frame: frames, error, ..blank });
    }
    rows.iter_mut().for_each(|row| row.content = content);
    rows
}

#[derive(Debug, Clone)]
struct HashRow {
    path: PathBuf,
    frame: u32,
    algorithm: AlgorithmId,
    hash: Option<String>,
    quality: Option<u8>,
    width: Option<u32>,
    height: Option<u32>,
    error: Option<Reason>,
    /// Hexadecimal digits of a hash.
    digits: usize,
    columns: Columns,
    orientation: Option<Dihedral>,
    /// Digest and length of the file, if they are wanted and it could be read.
    content: Option<(Digest, u64)>,
    /// The hash of record of the frame, where it is another than that of the original orientation.
    record: Option<String>,
}

#[derive(Serialize)]
struct HashRecord<'a> {
    schema: &'static str,
    #[serde(flatten)]
    path: PathRecord,
    frame: u32,
    #[serde(skip_serializing_if = "Option::is_none")]
    orientation: Option<&'static str>,
    algorithm: &'static str,
    hash: Option<&'a str>,
    quality: Option<u8>,
    width: Option<u32>,
    height: Option<u32>,
    error: Option<&'a Reason>,
    #[serde(flatten)]
    content: Option<ContentRecord<'a>>,
}

#[derive(Serialize)]
struct ContentRecord<'a> {
    sha256: Option<String>,
    bytes: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    record: Option<&'a str>,
}

impl Row for HashRow {
    fn fields(&self) -> Vec<Vec<u8>> {
        let mut fields = vec![
            path_field(&self.path),
            field(Some(self.frame)),
            field(Some(self.algorithm)),
            field(self.hash.as_ref()),
            field(self.quality),
            field(self.width),
            field(self.height),
            field(self.error.as_ref().map(|error| &error.message)),
        ];
        if self.columns.orientation {
            fields.push(field(self.orientation));
        }
        if self.columns.digest {
            fields.push(field(self.content.map(|(digest, _)| digest)));
            fields.push(field(self.content.map(|(_, bytes)| bytes)));
            fields.push(field(self.record.as_ref()));
            fields.push(field(self.error.as_ref().map(|error| error.code)));
        }
        fields
    }

    fn record(&self) -> impl Serialize {
        HashRecord {
            schema: "presend.hash/1",
            path: PathRecord::new(&self.path),
            frame: self.frame,
            orientation: self.orientation.map(Dihedral::name),
            algorithm: self.algorithm.name(),
            hash: self.hash.as_deref(),
            quality: self.quality,
            width: self.width,
            height: self.height,
            error: self.error.as_ref(),
            content: self.columns.digest.then(|| ContentRecord {
                sha256: self.content.map(|(digest, _)| digest.to_string()),
                bytes: self.content.map(|(_, bytes)| bytes),
                record: self.record.as_deref(),
            }),
        }
    }

    fn line(&self, out: &mut impl Write) -> io::Result<()> {
        let path = shown(Path::new(&self.path));
        match (&self.hash, self.quality) {
            (Some(hash), Some(quality)) => write!(out, "{hash}  {quality:>3}  {path}")?,
            _ => write!(out, "{:<digits$}    -  {path}", "-", digits = self.digits)?,
        }
        if self.frame > 0 {
            write!(out, " frame {}", self.frame)?;
        }
        if let Some(orientation) = self.orientation {
            write!(out, " {orientation}")?;
        }
        if self.algorithm == AlgorithmId::PdqFast {
            write!(out, " ({})", self.algorithm)?;
        }
        if let Some((digest, _)) = self.content {
            write!(out, " sha256 {digest}")?;
        }
        match &self.error {
            Some(error) => writeln!(out, ": {}", printable(&error.message)),
            None => writeln!(out),
        }
    }
}
