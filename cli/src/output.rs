//! Printing results, in three formats, and the exit status.

use std::io::{self, BufWriter, IsTerminal, Write};
use std::path::Path;
use std::process::ExitCode;

use anyhow::Result;
use presend_core::Dihedral;
use serde::Serialize;

use crate::args::OutputFormat;
use crate::redact::called;
use crate::write::{Begun, Existing};

/// The exit status. The worst thing that happened wins, in this order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Status {
    /// Nothing matched.
    Clean = 0,
    /// At least one match.
    Match = 1,
    /// An error, or an input that could not be scanned or judged.
    Error = 2,
    /// A bad or untrusted set or list.
    BadSet = 3,
    /// Stopped by the person.
    Interrupted = 130,
}

impl From<Status> for ExitCode {
    fn from(status: Status) -> Self {
        Self::from(status as u8)
    }
}

/// A result that can be printed in every format.
pub(crate) trait Row {
    /// The CSV fields, as bytes because paths are bytes.
    fn fields(&self) -> Vec<Vec<u8>>;

    /// The NDJSON record.
    fn record(&self) -> impl Serialize;

    /// One line for people.
    fn line(&self, out: &mut impl Write) -> io::Result<()>;
}

/// Where the results of a run go, one after the other.
pub(crate) trait Results {
    /// Hands everything to the reader. What is incomplete does not take the place of a file.
    fn finish(self, complete: bool) -> io::Result<()>;
}

/// Text in one of the formats, to standard output or a file.
pub(crate) struct Printer {
    format: OutputFormat,
    out: BufWriter<Box<dyn Write>>,
    file: Option<Begun>,
    /// The names of the CSV columns, until they are printed.
    columns: Option<Vec<&'static str>>,
    to_terminal: bool,
}

impl Printer {
    pub(crate) fn new(format: OutputFormat, columns: impl Into<Vec<&'static str>>) -> Self {
        // What is for programs passes through as it is; only lines for people lose their colours where need be.
        let out = match format {
            OutputFormat::Human => anstream::AutoStream::auto(io::stdout()),
            OutputFormat::Ndjson | OutputFormat::Csv => anstream::AutoStream::always_ansi(io::stdout()),
        };
        Self {
            format,
            out: BufWriter::new(Box::new(out.lock())),
            file: None,
            columns: (format == OutputFormat::Csv).then(|| columns.into()),
            to_terminal: io::stdout().is_terminal(),
        }
    }

    /// To a file, which is there when all is written.
    pub(crate) fn to_file(
        format: OutputFormat,
        columns: impl Into<Vec<&'static str>>,
        file: Begun,
    ) -> io::Result<Self> {
        let out: Box<dyn Write> = Box::new(anstream::AutoStream::never(file.writer()?));
        let columns = (format == OutputFormat::Csv).then(|| columns.into());
        Ok(Self { format, out: BufWriter::new(out), file: Some(file), columns, to_terminal: false })
    }

    pub(crate) fn print(&mut self, row: &impl Row) -> io::Result<()> {
        match self.format {
            OutputFormat::Human => row.line(&mut self.out)?,
            OutputFormat::Ndjson => {
                serde_json::to_writer(&mut self.out, &row.record())?;
                writeln!(self.out)?;
            }
            OutputFormat::Csv => {
                self.header()?;
                self.csv(row.fields())?;
            }
        }
        if self.to_terminal { self.out.flush() } else { Ok(()) }
    }

    fn header(&mut self) -> io::Result<()> {
        self.columns.take().map_or(Ok(()), |columns| self.csv(columns))
    }

    fn csv(&mut self, fields: impl IntoIterator<Item = impl AsRef<[u8]>>) -> io::Result<()> {
        // By way of memory: the writer of the table would flush ours with each of its records.
        let mut csv = csv::Writer::from_writer(Vec::new());
        csv.write_record(fields)?;
        self.out.write_all(&csv.into_inner().map_err(csv::IntoInnerError::into_error)?)
    }
}

impl Results for Printer {
    /// Prints the header, too, that a table without rows has.
    fn finish(mut self, complete: bool) -> io::Result<()> {
        self.header()?;
        self.out.flush()?;
        match self.file {
            Some(file) if complete => file.keep(Existing::Replace),
            _ => Ok(()),
        }
    }
}

/// Writes a whole text to standard output.
pub(crate) fn write_all(text: &[u8]) -> Result<Status> {
    let mut out = io::stdout().lock();
    out.write_all(text)?;
    out.flush()?;
    Ok(Status::Clean)
}

/// For people: how a picture was turned, as the end of a sentence.
pub(crate) fn turned(orientation: Dihedral) -> &'static str {
    match orientation {
        Dihedral::Original => "",
        Dihedral::Rotate90 => ", once turned left",
        Dihedral::Rotate180 => ", once turned upside down",
        Dihedral::Rotate270 => ", once turned right",
        Dihedral::FlipX => ", once mirrored top to bottom",
        Dihedral::FlipY => ", once mirrored left to right",
        Dihedral::FlipPlus1 => ", once mirrored and turned left",
        Dihedral::FlipMinus1 => ", once mirrored and turned right",
    }
}

/// The end of a summary: how many files of folders were none of our business.
pub(crate) fn passed_over(number: usize) -> String {
    if number == 0 { String::new() } else { format!(", {}", count(number, "not a picture", "not pictures")) }
}

/// `1 file`, `2 files`: a number with its noun.
pub(crate) fn count(number: usize, singular: &str, plural: &str) -> String {
    format!("{number} {}", if number == 1 { singular } else { plural })
}

/// Whether all that went wrong is that nobody reads the output any more.
pub(crate) fn is_broken_pipe(error: &anyhow::Error) -> bool {
    error
        .chain()
        .any(|cause| cause.downcast_ref::<io::Error>().is_some_and(|error| error.kind() == io::ErrorKind::BrokenPipe))
}

/// A path for people: control characters, which could command the terminal, are escaped.
pub(crate) fn shown(path: &Path) -> String {
    printable(&called(path).to_string_lossy())
}

/// Text from a file for people, on one line.
pub(crate) fn printable(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        // Bidirectional controls would let a name read as another.
        if c.is_control() || matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}') {
            out.extend(c.escape_default());
        } else {
            out.push(c);
        }
    }
    out
}

/// A path in an NDJSON record: text, and where that is not faithful, the bytes in hexadecimal.
#[derive(Debug, Serialize)]
pub(crate) struct PathRecord {
    pub(crate) path: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) path_hex: Option<String>,
}

impl PathRecord {
    pub(crate) fn new(path: &Path) -> Self {
        let path = called(path);
        let path_hex = path
            .to_str()
            .is_none()
            .then(|| path.as_os_str().as_encoded_bytes().iter().map(|byte| format!("{byte:02x}")).collect());
        Self { path: path.to_string_lossy().into_owned(), path_hex }
    }
}

/// A path as a CSV field.
pub(crate) fn path_field(path: &Path) -> Vec<u8> {
    called(path).as_os_str().as_encoded_bytes().to_vec()
}

/// A value as a CSV field; nothing is the empty field.
pub(crate) fn field(value: Option<impl ToString>) -> Vec<u8> {
    value.map(|value| value.to_string().into_bytes()).unwrap_or_default()
}

/// An error in a record: a stable code, and words.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Reason {
    pub(crate) code: &'static str,
    pub(crate) message: String,
}
