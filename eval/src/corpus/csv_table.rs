//! Tables that a person keeps: rows with their lines, and faults that say where they are.

use std::path::{Component, Path, PathBuf};

use thiserror::Error;

use super::digest::ParseDigestError;
use super::near::UnknownClass;

/// A table that cannot be used as it is.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("{}:{line}: {fault}", .file.display())]
pub struct TableError {
    /// The table.
    pub file: PathBuf,
    /// The line, from 1.
    pub line: u64,
    /// What is wrong there.
    pub fault: TableFault,
}

/// What is wrong with a row.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum TableFault {
    /// It is no row of the table.
    #[error("{0}")]
    Csv(String),
    /// The header has no such column.
    #[error("the header has no column {0}")]
    NoColumn(&'static str),
    /// A digest is none.
    #[error(transparent)]
    Digest(#[from] ParseDigestError),
    /// A class is none.
    #[error(transparent)]
    Class(#[from] UnknownClass),
    /// A verdict is none.
    #[error("unknown verdict {0:?}: expected same, variant, flat or unrelated")]
    Verdict(String),
    /// There is no such file, neither in the corpus nor outside.
    #[error("unknown file {0:?}")]
    UnknownFile(String),
    /// The same was said otherwise before.
    #[error("line {0} says otherwise")]
    Contradiction(u64),
}

/// A table with a header.
pub(super) struct Table<'a> {
    file: &'a Path,
    bytes: &'a [u8],
    headers: csv::ByteRecord,
    rows: csv::ByteRecordsIntoIter<&'a [u8]>,
}

impl<'a> Table<'a> {
    pub(super) fn parse(bytes: &'a [u8], file: &'a Path) -> Result<Self, TableError> {
        let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
        let mut reader = csv::Reader::from_reader(bytes);
        let headers = reader.byte_headers().map_err(|error| of_csv(file, &error))?.clone();
        Ok(Self { file, bytes, headers, rows: reader.into_byte_records() })
    }

    /// The first of these columns that there is.
    pub(super) fn column(&self, names: &[&str]) -> Option<usize> {
        names.iter().find_map(|name| self.headers.iter().position(|header| header.trim_ascii() == name.as_bytes()))
    }

    /// As [`column`](Self::column), which the table must have.
    pub(super) fn needed(&self, names: &[&str], told: &'static str) -> Result<usize, TableError> {
        self.column(names).ok_or_else(|| self.fault(1, TableFault::NoColumn(told)))
    }

    pub(super) fn fault(&self, line: u64, fault: impl Into<TableFault>) -> TableError {
        TableError { file: self.file.to_owned(), line, fault: fault.into() }
    }

    /// The next row with its line.
    pub(super) fn next(&mut self) -> Option<Result<(u64, Row), TableError>> {
        let row = self.rows.next()?.map_err(|error| of_csv(self.file, &error));
        Some(row.map(|row| (row.position().map_or(0, |position| self.line(position)), Row(row))))
    }

    /// The line of a row, which may begin with empty lines.
    fn line(&self, position: &csv::Position) -> u64 {
        let rest = usize::try_from(position.byte()).ok().and_then(|at| self.bytes.get(at..)).unwrap_or_default();
        let blank = rest.iter().take_while(|byte| matches!(byte, b'\r' | b'\n'));
        position.line() + blank.filter(|&&byte| byte == b'\n').count() as u64
    }
}

fn of_csv(file: &Path, error: &csv::Error) -> TableError {
    let line = error.position().map_or(1, csv::Position::line);
    TableError { file: file.to_owned(), line, fault: TableFault::Csv(error.to_string()) }
}

/// A row of a table.
pub(super) struct Row(csv::ByteRecord);

impl Row {
    /// A field as text, trimmed.
    pub(super) fn text(&self, column: usize) -> String {
        String::from_utf8_lossy(self.0.get(column).unwrap_or_default()).trim().to_owned()
    }
}

/// A path as a table below `folder` names it, written so that every name of one place is the same text: absolute, without
/// `.` and `..`. Links are not followed.
pub(super) fn normal(folder: &Path, path: &str) -> String {
    let joined = folder.join(path);
    let absolute = std::path::absolute(&joined).unwrap_or(joined);
    let mut normal = PathBuf::new();
    for component in absolute.components() {
        match component {
            Component::CurDir => {}
            Component::ParentDir => _ = normal.pop(),
            other => normal.push(other),
        }
    }
    normal.to_string_lossy().into_owned()
}
