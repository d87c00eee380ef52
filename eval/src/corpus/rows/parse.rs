//! Reading part files: NDJSON, CSV and Parquet.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Seek, SeekFrom};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;

use parquet::basic::Type as Physical;
use parquet::data_type::{ByteArray, ByteArrayType, Int32Type, Int64Type};
use parquet::errors::ParquetError;
use parquet::file::reader::{FileReader, RowGroupReader, SerializedFileReader};
use serde::Deserialize;

use super::{Place, Row, RowFault};
use crate::columns::take;

type Failure = (Place, RowFault);

/// Hands every row of a part file to `next`.
pub(super) fn rows(file: &Path, mut next: impl FnMut(Place, Row) -> Result<(), Failure>) -> Result<(), Failure> {
    let unread = |error: io::Error| (Place::File, error.into());
    let mut reader = BufReader::with_capacity(BUFFER, File::open(file).map_err(unread)?);
    let buffer = reader.fill_buf().map_err(unread)?;
    let start = buffer.strip_prefix(BYTE_ORDER_MARK).unwrap_or(buffer).trim_ascii_start();
    let (before, start) = (buffer.len() - start.len(), start.get(..4).unwrap_or(start));
    if start == PARQUET {
        reader.seek(SeekFrom::Start(0)).map_err(unread)?;
        return parquet(reader.into_inner(), &mut next);
    }
    let (is_empty, is_json) = (start.is_empty(), start.starts_with(b"{"));
    let lines = buffer[..before].iter().filter(|&&byte| byte == b'\n').count() as u64;
    reader.consume(before);
    match (is_empty, is_json) {
        (true, _) => Ok(()),
        (_, true) => ndjson(reader, lines, &mut next),
        (_, false) => csv(reader, lines, &mut next),
    }
}

/// A record of `presend.hash/1`.
#[derive(Deserialize)]
struct Record {
    schema: String,
    path: String,
    path_hex: Option<String>,
    frame: u32,
    orientation: Option<String>,
    algorithm: String,
    hash: Option<String>,
    quality: Option<u8>,
    width: Option<u32>,
    height: Option<u32>,
    error: Option<Reason>,
    sha256: Option<String>,
    bytes: Option<u64>,
    record: Option<String>,
}

#[derive(Deserialize)]
struct Reason {
    code: String,
    message: String,
}

fn ndjson(
    mut reader: impl BufRead,
    mut line: u64,
    next: &mut impl FnMut(Place, Row) -> Result<(), Failure>,
) -> Result<(), Failure> {
    let mut text = Vec::new();
    loop {
        text.clear();
        line += 1;
        let place = Place::Line(line);
        if reader.read_until(b'\n', &mut text).map_err(|error| (place, error.into()))? == 0 {
            return Ok(());
        }
        if text.trim_ascii().is_empty() {
            continue;
        }
        let malformed = |what: String| (place, RowFault::Malformed(what));
        let record: Record = serde_json::from_slice(&text).map_err(|error| malformed(error.to_string()))?;
        if record.schema != SCHEMA {
            return Err(malformed(format!("schema {:?}, not {SCHEMA:?}", record.schema)));
        }
        let path = path(record.path, record.path_hex).ok_or_else(|| malformed("path_hex is not hexadecimal".into()))?;
        let row = Row {
            path,
            frame: record.frame,
            orientation: record.orientation,
            algorithm: record.algorithm,
            hash: record.hash,
            quality: record.quality,
            width: record.width,
            height: record.height,
            error: record.error.map(|reason| (reason.code, reason.message)),
            sha256: record.sha256,
            bytes: record.bytes,
            record: record.record,
        };
        next(place, row)?;
    }
}

/// A record of a CSV. Paths are bytes; an empty field is a value that is not there.
#[derive(Deserialize)]
struct Fields<'a> {
    path: &'a [u8],
    frame: u32,
    orientation: Option<String>,
    algorithm: String,
    hash: Option<String>,
    quality: Option<u8>,
    width: Option<u32>,
    height: Option<u32>,
    error: Option<String>,
    error_code: Option<String>,
    sha256: Option<String>,
    bytes: Option<u64>,
    record: Option<String>,
}

fn csv(
    reader: impl io::Read,
    lines: u64,
    next: &mut impl FnMut(Place, Row) -> Result<(), Failure>,
) -> Result<(), Failure> {
    let mut reader = csv::Reader::from_reader(reader);
    let malformed = |error: &csv::Error| {
        let line = error.position().map_or(1, csv::Position::line);
        (Place::Line(lines + line), RowFault::Malformed(error.to_string()))
    };
    let header = reader.byte_headers().map_err(|error| malformed(&error))?.clone();
    for record in reader.into_byte_records() {
        let record = record.map_err(|error| malformed(&error))?;
        let place = Place::Line(lines + record.position().map_or(0, csv::Position::line));
        let fields: Fields<'_> =
            record.deserialize(Some(&header)).map_err(|error| (place, RowFault::Malformed(error.to_string())))?;
        let row = Row {
            path: fields.path.to_owned(),
            frame: fields.frame,
            orientation: fields.orientation,
            algorithm: fields.algorithm,
            hash: fields.hash,
            quality: fields.quality,
            width: fields.width,
            height: fields.height,
            error: fields.error_code.map(|code| (code, fields.error.unwrap_or_default())),
            sha256: fields.sha256,
            bytes: fields.bytes,
            record: fields.record,
        };
        next(place, row)?;
    }
    Ok(())
}

fn parquet(file: File, next: &mut impl FnMut(Place, Row) -> Result<(), Failure>) -> Result<(), Failure> {
    let broken = |error: ParquetError| (Place::File, RowFault::Parquet(error.to_string()));
    // What was checked is unwound into nothing but an error. The reader is other people's code.
    let panicked = |_| broken(ParquetError::General("the reader of Parquet failed".into()));
    let open = catch_unwind(|| SerializedFileReader::new(file)).map_err(panicked)?;
    let table = open.map_err(broken)?;
    let mut before = 0;
    for group in 0..table.num_row_groups() {
        let read = || table.get_row_group(group).map_err(broken).and_then(|group| rows_of(&*group, before));
        for row in catch_unwind(AssertUnwindSafe(read)).map_err(panicked)?? {
            before += 1;
            next(Place::Row(before), row)?;
        }
    }
    Ok(())
}

/// The rows of a group, with so many rows before it.
fn rows_of(group: &dyn RowGroupReader, before: u64) -> Result<Vec<Row>, Failure> {
    let broken = |error: ParquetError| (Place::File, RowFault::Parquet(error.to_string()));
    let rows = usize::try_from(group.metadata().num_rows()).map_err(|error| broken(error.into()))?;
    let column = |name: &str| group.metadata().columns().iter().position(|c| c.column_path().string() == name);
    // A column without values may be left out by who writes tables otherwise.
    let text = |name: &str| -> Result<std::vec::IntoIter<Option<String>>, Failure> {
        let Some(column) = column(name) else { return Ok(vec![None; rows].into_iter()) };
        let values = take::<ByteArrayType>(group, column, rows).map_err(broken)?;
        let text = |value: ByteArray| value.as_utf8().map(str::to_owned).map_err(broken);
        let text: Result<Vec<_>, _> = values.into_iter().map(|value| value.map(text).transpose()).collect();
        Ok(text?.into_iter())
    };
    let number = |name: &str| -> Result<std::vec::IntoIter<Option<i64>>, Failure> {
        let Some(column) = column(name) else { return Ok(vec![None; rows].into_iter()) };
        if group.metadata().column(column).column_type() == Physical::INT64 {
            return Ok(take::<Int64Type>(group, column, rows).map_err(broken)?.into_iter());
        }
        let values = take::<Int32Type>(group, column, rows).map_err(broken)?;
        let long: Vec<_> = values.into_iter().map(|value| value.map(i64::from)).collect();
        Ok(long.into_iter())
    };
    let (mut paths, mut path_hex) = (text("path")?, text("path_hex")?);
    let (mut frames, mut orientations) = (number("frame")?, text("orientation")?);
    let (mut algorithms, mut hashes, mut records) = (text("algorithm")?, text("hash")?, text("record")?);
    let (mut qualities, mut widths, mut heights) = (number("quality")?, number("width")?, number("height")?);
    let (mut codes, mut messages) = (text("error_code")?, text("error")?);
    let (mut digests, mut lengths) = (text("sha256")?, number("bytes")?);
    let row = |at| {
        let malformed = |what: &str| (Place::Row(before + at + 1), RowFault::Malformed(what.into()));
        let unfit = |_| malformed("a number is negative or too large");
        let text = paths.next().flatten().ok_or_else(|| malformed("no path"))?;
        let path = path(text, path_hex.next().flatten());
        let (code, message) = (codes.next().flatten(), messages.next().flatten());
        Ok(Row {
            path: path.ok_or_else(|| malformed("path_hex is not hexadecimal"))?,
            frame: frames.next().flatten().ok_or_else(|| malformed("no frame"))?.try_into().map_err(unfit)?,
            orientation: orientations.next().flatten(),
            algorithm: algorithms.next().flatten().ok_or_else(|| malformed("no algorithm"))?,
            hash: hashes.next().flatten(),
            quality: qualities.next().flatten().map(u8::try_from).transpose().map_err(unfit)?,
            width: widths.next().flatten().map(u32::try_from).transpose().map_err(unfit)?,
            height: heights.next().flatten().map(u32::try_from).transpose().map_err(unfit)?,
            error: code.map(|code| (code, message.unwrap_or_default())),
            sha256: digests.next().flatten(),
            bytes: lengths.next().flatten().map(u64::try_from).transpose().map_err(unfit)?,
            record: records.next().flatten(),
        })
    };
    (0..rows as u64).map(row).collect()
}

/// The bytes of a path: of its text, or where that is not faithful those in hexadecimal.
fn path(text: String, hex: Option<String>) -> Option<Vec<u8>> {
    let Some(hex) = hex else { return Some(text.into_bytes()) };
    let (pairs, rest) = hex.as_bytes().as_chunks::<2>();
    let digit = |digit: u8| char::from(digit).to_digit(16);
    let byte = |pair: &[u8; 2]| Some((digit(pair[0])? << 4 | digit(pair[1])?) as u8);
    if rest.is_empty() { pairs.iter().map(byte).collect() } else { None }
}

const SCHEMA: &str = "presend.hash/1";
const PARQUET: &[u8] = b"PAR1";
const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

/// Bytes read at a time.
const BUFFER: usize = 1 << 16;
