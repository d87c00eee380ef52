//! What was measured, as a table: one row for each picture and transformation.
//!
//! A file of rows says by which algorithm they were measured, with which list of transformations and with which effort
//! ([`Identity`]); rows of one identity from several files are put together by [`merge`]. The columns are `digest` (32 bytes),
//! `transform` (its name), `outcome` (`hashed`, `not-applicable`, `too-small`) and, of what was hashed, `distance`,
//! `distance_dihedral` (where it was turned or mirrored), `distance_effort` and `quality`.

use std::fmt;
use std::fs::File;
use std::io::Write;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::sync::Arc;

use parquet::basic::Compression;
use parquet::data_type::{ByteArray, ByteArrayType, FixedLenByteArray, FixedLenByteArrayType, Int32Type};
use parquet::errors::ParquetError;
use parquet::file::metadata::KeyValue;
use parquet::file::properties::WriterProperties;
use parquet::file::reader::{FileReader, RowGroupReader, SerializedFileReader};
use parquet::file::writer::SerializedFileWriter;
use parquet::schema::parser::parse_message_type;
use parquet::schema::types::Type;
use presend_core::{Algorithm, AlgorithmId, Effort, Quality};
use sha2::{Digest as _, Sha256};

use crate::columns::{put, put_some, take};
use crate::corpus::Digest;
use crate::edits::{TRANSFORMS_VERSION, Transform};
use crate::files::{Begun, Existing, Readers};

/// How a picture fared under a transformation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Row {
    /// The digest of the picture's file.
    pub digest: Digest,
    /// The name of the transformation.
    pub transform: &'static str,
    /// What became of it.
    pub edited: Edited,
}

/// What became of a transformed picture.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Edited {
    /// It was hashed.
    Hashed(Distances),
    /// The transformation leaves the picture as it is, or the format cannot hold it: not to be counted.
    NotApplicable,
    /// It has too few pixels to be hashed: not found.
    TooSmall,
}

/// How far a transformed picture lies from the hash of record of the original.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Distances {
    /// As it is.
    pub upright: u16,
    /// The least of all that is looked up for its eight orientations; only of what was turned or mirrored.
    pub dihedral: Option<u16>,
    /// The least of all that is looked up with effort.
    pub effort: u16,
    /// The quality of the transformed picture.
    pub quality: Quality,
}

impl Distances {
    /// The columns of numbers.
    fn numbers(self) -> [Option<i32>; NUMBERS] {
        let Self { upright, dihedral, effort, quality } = self;
        [Some(upright.into()), dihedral.map(i32::from), Some(effort.into()), Some(quality.value().into())]
    }
}

/// The number of [`Distances::numbers`].
const NUMBERS: usize = 4;

/// How rows were measured: only rows of the same identity belong together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Identity(String);

impl Identity {
    /// Rows by this algorithm with this effort, of the transformations as this version makes them.
    #[must_use]
    pub fn of<A: Algorithm>(effort: Effort) -> Self {
        Self::named(A::ID, effort)
    }

    /// As [`of`](Self::of), by name.
    #[must_use]
    pub fn named(algorithm: AlgorithmId, effort: Effort) -> Self {
        Self(format!("recall {DEFINITION}, transforms {TRANSFORMS_VERSION}, {algorithm}, effort {effort}"))
    }
}

/// Changes whenever the same transformed picture could give another row.
const DEFINITION: u32 = 1;

impl fmt::Display for Identity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Rows from several files as if they had been measured at once: sorted, each once.
#[must_use]
pub fn merge(files: Vec<Vec<Row>>) -> Vec<Row> {
    let mut rows: Vec<Row> = files.into_iter().flatten().collect();
    rows.sort();
    rows.dedup();
    rows
}

/// Writes rows to a file that appears whole or not at all.
///
/// # Errors
/// What writing the file gives.
pub fn write(path: &Path, rows: &[Row], identity: &Identity) -> Result<(), ParquetError> {
    let mut begun = Begun::new(path, Readers::Everyone)?;
    write_to(begun.file(), rows, identity)?;
    Ok(begun.keep(Existing::Replace)?)
}

fn write_to(file: &mut (impl Write + Send), rows: &[Row], identity: &Identity) -> Result<(), ParquetError> {
    let properties = WriterProperties::builder()
        .set_compression(Compression::SNAPPY)
        .set_key_value_metadata(Some(vec![
            KeyValue::new(IDENTITY.into(), identity.to_string()),
            KeyValue::new(CHECKSUM.into(), checksum(rows)),
        ]))
        .build();
    let mut writer = SerializedFileWriter::new(file, Arc::new(schema()), Arc::new(properties))?;
    for rows in rows.chunks(ROWS_OF_A_GROUP) {
        let mut group = writer.next_row_group()?;
        let digest = |row: &Row| FixedLenByteArray::from(row.digest.as_bytes().to_vec());
        put::<FixedLenByteArrayType, _>(&mut group, rows.iter().map(digest))?;
        put::<ByteArrayType, _>(&mut group, rows.iter().map(|row| ByteArray::from(row.transform)))?;
        put::<ByteArrayType, _>(&mut group, rows.iter().map(|row| ByteArray::from(outcome(&row.edited))))?;
        for number in 0..NUMBERS {
            let value = |row: &Row| match row.edited {
                Edited::Hashed(distances) => distances.numbers()[number],
                Edited::NotApplicable | Edited::TooSmall => None,
            };
            put_some::<Int32Type, _>(&mut group, rows.iter().map(value))?;
        }
        group.close()?;
    }
    writer.close()?;
    Ok(())
}

/// Reads rows of this identity.
///
/// # Errors
/// For a file that cannot be read, is of another identity, or does not hold what was written.
pub fn read(path: &Path, identity: &Identity) -> Result<Vec<Row>, ParquetError> {
    // What was read is dropped if the reader, which is other people's code, panics.
    let rows = catch_unwind(AssertUnwindSafe(|| read_from(File::open(path)?, identity)));
    rows.unwrap_or_else(|_| Err(broken("the reader of Parquet failed")))
}

fn read_from(file: File, identity: &Identity) -> Result<Vec<Row>, ParquetError> {
    let reader = SerializedFileReader::new(file)?;
    let metadata = reader.metadata().file_metadata();
    let value = |key: &str| {
        let pairs = metadata.key_value_metadata().into_iter().flatten();
        pairs.filter(|pair| pair.key == key).find_map(|pair| pair.value.as_deref())
    };
    match value(IDENTITY) {
        Some(found) if found == identity.0 => {}
        found => {
            return Err(ParquetError::General(format!(
                "expected {identity}, found {}",
                found.unwrap_or("no identity")
            )));
        }
    }
    if *metadata.schema_descr().root_schema() != schema() {
        return Err(broken("it has other columns"));
    }
    let mut rows = Vec::new();
    for group in 0..reader.num_row_groups() {
        read_group(&*reader.get_row_group(group)?, &mut rows)?;
    }
    if value(CHECKSUM) != Some(checksum(&rows).as_str()) {
        return Err(broken("its rows are not those that were written"));
    }
    Ok(rows)
}

fn read_group(group: &dyn RowGroupReader, rows: &mut Vec<Row>) -> Result<(), ParquetError> {
    let count = usize::try_from(group.metadata().num_rows()).ok().filter(|&rows| rows <= ROWS_OF_A_GROUP);
    let count = count.ok_or_else(|| broken("it has too many rows"))?;
    let digests = take::<FixedLenByteArrayType>(group, 0, count)?;
    let transforms = take::<ByteArrayType>(group, 1, count)?;
    let outcomes = take::<ByteArrayType>(group, 2, count)?;
    let numbers =
        (3..3 + NUMBERS).map(|column| take::<Int32Type>(group, column, count)).collect::<Result<Vec<_>, _>>()?;
    for row in 0..count {
        let digest = digests[row].as_ref().and_then(|digest| digest.data().try_into().ok());
        let digest = Digest::new(digest.ok_or_else(|| broken("a digest has another length"))?);
        let text = |value: &Option<ByteArray>| {
            Ok::<_, ParquetError>(value.as_ref().map_or("", |value| value.as_utf8().unwrap_or("")).to_owned())
        };
        let name = text(&transforms[row])?;
        let transform = Transform::named(&name).ok_or_else(|| broken("a transformation is unknown"))?.id;
        let numbers: Vec<Option<i32>> = numbers.iter().map(|column| column[row]).collect();
        let edited =
            edited(&text(&outcomes[row])?, &numbers).ok_or_else(|| broken("an outcome or a number is wrong"))?;
        rows.push(Row { digest, transform, edited });
    }
    Ok(())
}

/// The name of an outcome.
const fn outcome(edited: &Edited) -> &'static str {
    match edited {
        Edited::Hashed(_) => "hashed",
        Edited::NotApplicable => "not-applicable",
        Edited::TooSmall => "too-small",
    }
}

fn edited(outcome: &str, numbers: &[Option<i32>]) -> Option<Edited> {
    let distance = |number: i32| u16::try_from(number).ok();
    match (outcome, numbers) {
        ("hashed", &[Some(upright), dihedral, Some(effort), Some(quality)]) => Some(Edited::Hashed(Distances {
            upright: distance(upright)?,
            dihedral: dihedral.map(|number| distance(number).ok_or(())).transpose().ok()?,
            effort: distance(effort)?,
            quality: Quality::new(quality.try_into().ok()?)?,
        })),
        ("not-applicable", [None, None, None, None]) => Some(Edited::NotApplicable),
        ("too-small", [None, None, None, None]) => Some(Edited::TooSmall),
        _ => None,
    }
}

fn schema() -> Type {
    parse_message_type(
        "message recall { required fixed_len_byte_array(32) digest; required binary transform (UTF8); required binary outcome (UTF8); \
         optional int32 distance; optional int32 distance_dihedral; optional int32 distance_effort; optional int32 quality; }",
    )
    .expect("the message is well-formed")
}

/// The SHA-256 of everything that rows hold.
pub(super) fn checksum(rows: &[Row]) -> String {
    let mut hasher = Sha256::new();
    for row in rows {
        hasher.update(row.digest.as_bytes());
        for text in [row.transform, outcome(&row.edited)] {
            hasher.update((text.len() as u64).to_be_bytes());
            hasher.update(text);
        }
        if let Edited::Hashed(distances) = row.edited {
            for number in distances.numbers() {
                // No number is negative.
                hasher.update(number.unwrap_or(-1).to_be_bytes());
            }
        }
    }
    Digest::new(hasher.finalize().into()).to_string()
}

fn broken(what: &str) -> ParquetError {
    ParquetError::General(what.into())
}

/// The keys of a file's metadata.
const IDENTITY: &str = "presend.identity";
const CHECKSUM: &str = "presend.rows.sha256";

/// Rows of a row group at most.
const ROWS_OF_A_GROUP: usize = 65_536;
