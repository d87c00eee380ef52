//! Hashes as a Parquet file, written as they come: a group of rows is in memory, whatever the number of files.

use std::io::{self, Write};
use std::sync::Arc;

use parquet::basic::Compression;
use parquet::data_type::{ByteArray, ByteArrayType, Int32Type, Int64Type};
use parquet::errors::ParquetError;
use parquet::file::metadata::KeyValue;
use parquet::file::properties::WriterProperties;
use parquet::file::writer::SerializedFileWriter;
use parquet::schema::parser::parse_message_type;
use presend_core::Dihedral;
use presend_eval::columns::{put, put_some};

use super::{Columns, HashRow};
use crate::output::{PathRecord, Results};
use crate::write::{Begun, Existing};

/// Rows of a group.
const ROWS: usize = 8192;

/// A Parquet file that is being written.
pub(super) struct HashTable {
    writer: SerializedFileWriter<Box<dyn Write + Send>>,
    file: Option<Begun>,
    rows: Vec<HashRow>,
    columns: Columns,
}

impl HashTable {
    /// To a file, or to standard output.
    pub(super) fn begin(file: Option<Begun>, columns: Columns) -> io::Result<Self> {
        let out: Box<dyn Write + Send> = match &file {
            Some(file) => Box::new(file.writer()?),
            None => Box::new(io::stdout()),
        };
        let orientation = if columns.orientation { "optional binary orientation (UTF8); " } else { "" };
        let content = if columns.digest {
            "optional binary sha256 (UTF8); optional int64 bytes; optional binary record (UTF8); "
        } else {
            ""
        };
        let message = format!(
            "message presend_hash {{ required binary path (UTF8); optional binary path_hex (UTF8); required int32 frame; \
             required binary algorithm (UTF8); optional binary hash (UTF8); optional int32 quality; optional int32 width; \
             optional int32 height; optional binary error_code (UTF8); optional binary error (UTF8); {orientation}{content}}}"
        );
        let schema = parse_message_type(&message).map_err(of_parquet)?;
        let schema_name = KeyValue::new("presend.schema".into(), "presend.hash/1".to_owned());
        let properties = WriterProperties::builder()
            .set_compression(Compression::SNAPPY)
            .set_created_by(concat!("presend ", env!("CARGO_PKG_VERSION")).into())
            .set_key_value_metadata(Some(vec![schema_name]))
            .build();
        let writer = SerializedFileWriter::new(out, Arc::new(schema), Arc::new(properties)).map_err(of_parquet)?;
        Ok(Self { writer, file, rows: Vec::new(), columns })
    }

    pub(super) fn add(&mut self, row: HashRow) -> io::Result<()> {
        self.rows.push(row);
        if self.rows.len() >= ROWS { self.write_group().map_err(of_parquet) } else { Ok(()) }
    }

    fn write_group(&mut self) -> Result<(), ParquetError> {
        let rows = std::mem::take(&mut self.rows);
        let mut group = self.writer.next_row_group()?;
        let paths: Vec<PathRecord> = rows.iter().map(|row| PathRecord::new(&row.path)).collect();
        let text = |text: &str| ByteArray::from(text);
        put::<ByteArrayType, _>(&mut group, paths.iter().map(|path| text(&path.path)))?;
        put_some::<ByteArrayType, _>(&mut group, paths.iter().map(|path| path.path_hex.as_deref().map(text)))?;
        // Frames and sides are within the engine's limits.
        put::<Int32Type, _>(&mut group, rows.iter().map(|row| row.frame as i32))?;
        put::<ByteArrayType, _>(&mut group, rows.iter().map(|row| text(row.algorithm.name())))?;
        put_some::<ByteArrayType, _>(&mut group, rows.iter().map(|row| row.hash.as_deref().map(text)))?;
        put_some::<Int32Type, _>(&mut group, rows.iter().map(|row| row.quality.map(i32::from)))?;
        put_some::<Int32Type, _>(&mut group, rows.iter().map(|row| row.width.map(|width| width as i32)))?;
        put_some::<Int32Type, _>(&mut group, rows.iter().map(|row| row.height.map(|height| height as i32)))?;
        let errors = || rows.iter().map(|row| row.error.as_ref());
        put_some::<ByteArrayType, _>(&mut group, errors().map(|error| error.map(|error| text(error.code))))?;
        put_some::<ByteArrayType, _>(&mut group, errors().map(|error| error.map(|error| text(&error.message))))?;
        if self.columns.orientation {
            let names = rows.iter().map(|row| row.orientation.map(|way| text(Dihedral::name(way))));
            put_some::<ByteArrayType, _>(&mut group, names)?;
        }
        if self.columns.digest {
            let digests = rows.iter().map(|row| row.content.map(|(digest, _)| text(&digest.to_string())));
            put_some::<ByteArrayType, _>(&mut group, digests)?;
            put_some::<Int64Type, _>(&mut group, rows.iter().map(|row| row.content.map(|(_, bytes)| bytes as i64)))?;
            put_some::<ByteArrayType, _>(&mut group, rows.iter().map(|row| row.record.as_deref().map(text)))?;
        }
        group.close()?;
        Ok(())
    }
}

impl Results for HashTable {
    fn finish(mut self, complete: bool) -> io::Result<()> {
        if !self.rows.is_empty() {
            self.write_group().map_err(of_parquet)?;
        }
        self.writer.close().map_err(of_parquet)?;
        match self.file {
            Some(file) if complete => file.keep(Existing::Replace),
            _ => Ok(()),
        }
    }
}

/// What the disk or the pipe said, where it is that.
fn of_parquet(error: ParquetError) -> io::Error {
    match error {
        ParquetError::External(error) => match error.downcast::<io::Error>() {
            Ok(error) => *error,
            Err(error) => io::Error::other(error),
        },
        error => io::Error::other(error),
    }
}
