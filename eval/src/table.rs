//! Tables as Parquet files hold them: columns of whole numbers, shares, text, bytes and lists of whole numbers.
//!
//! The format is that of Apache Parquet; every column is optional, but for lists, which may be empty. What a file has beyond
//! these kinds is refused, not guessed at.

use std::fs::File;
use std::io::{self, Write};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::sync::Arc;

use parquet::basic::{Compression, ConvertedType, Repetition, Type as Physical};
use parquet::column::reader::ColumnReader;
use parquet::data_type::{ByteArray, ByteArrayType, DoubleType, Int64Type};
use parquet::errors::ParquetError;
use parquet::file::metadata::KeyValue;
use parquet::file::properties::WriterProperties;
use parquet::file::reader::{FileReader as _, RowGroupReader, SerializedFileReader};
use parquet::file::writer::{SerializedFileWriter, SerializedRowGroupWriter};
use parquet::schema::types::{Type, TypePtr};
use thiserror::Error;

use crate::files::{Begun, Existing, Readers};

use crate::columns::{put_some, take};

/// Rows that are written together: a reader needs memory for so many.
const ROWS_TOGETHER: usize = 1 << 16;

/// Named columns of the same length, and what the file says of itself.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Table {
    /// What the columns mean, by name.
    pub about: Vec<(String, String)>,
    /// The columns, in their order.
    pub columns: Vec<(String, Column)>,
}

/// The values of one column.
#[derive(Debug, Clone, PartialEq)]
pub enum Column {
    /// Whole numbers.
    Int(Vec<Option<i64>>),
    /// Shares, rates and other floating-point numbers.
    Float(Vec<Option<f64>>),
    /// Text.
    Text(Vec<Option<String>>),
    /// Bytes.
    Bytes(Vec<Option<Vec<u8>>>),
    /// Any number of whole numbers in each row.
    Ints(Vec<Vec<i64>>),
}

/// A file is not such a table.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum TableError {
    /// Reading or writing failed.
    #[error(transparent)]
    Io(#[from] io::Error),
    /// The bytes are no Parquet file, or a broken one.
    #[error("no readable Parquet file: {0}")]
    Parquet(#[from] ParquetError),
    /// A column of a kind that is not read here.
    #[error("column {0:?} is of another kind than expected")]
    Kind(String),
    /// A column is missing.
    #[error("column {0:?} is missing")]
    Missing(String),
}

impl Column {
    /// The number of rows.
    #[must_use]
    pub fn len(&self) -> usize {
        match self {
            Self::Int(values) => values.len(),
            Self::Float(values) => values.len(),
            Self::Text(values) => values.len(),
            Self::Bytes(values) => values.len(),
            Self::Ints(values) => values.len(),
        }
    }

    /// Whether there is no row.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    fn field(&self, name: &str) -> Result<TypePtr, ParquetError> {
        let (physical, converted, repetition) = match self {
            Self::Int(_) => (Physical::INT64, ConvertedType::NONE, Repetition::OPTIONAL),
            Self::Float(_) => (Physical::DOUBLE, ConvertedType::NONE, Repetition::OPTIONAL),
            Self::Text(_) => (Physical::BYTE_ARRAY, ConvertedType::UTF8, Repetition::OPTIONAL),
            Self::Bytes(_) => (Physical::BYTE_ARRAY, ConvertedType::NONE, Repetition::OPTIONAL),
            Self::Ints(_) => (Physical::INT64, ConvertedType::NONE, Repetition::REPEATED),
        };
        let field = Type::primitive_type_builder(name, physical)
            .with_repetition(repetition)
            .with_converted_type(converted)
            .build()?;
        Ok(Arc::new(field))
    }

    fn write<W: Write + Send>(
        &self,
        rows: std::ops::Range<usize>,
        group: &mut SerializedRowGroupWriter<'_, W>,
    ) -> Result<(), ParquetError> {
        match self {
            Self::Int(values) => put_some::<Int64Type, _>(group, values[rows].iter().copied()),
            Self::Float(values) => put_some::<DoubleType, _>(group, values[rows].iter().copied()),
            Self::Text(values) => {
                let text = |text: &Option<String>| text.as_deref().map(ByteArray::from);
                put_some::<ByteArrayType, _>(group, values[rows].iter().map(text))
            }
            Self::Bytes(values) => {
                let bytes = |bytes: &Option<Vec<u8>>| bytes.clone().map(ByteArray::from);
                put_some::<ByteArrayType, _>(group, values[rows].iter().map(bytes))
            }
            Self::Ints(values) => {
                let lists = &values[rows];
                let flat: Vec<i64> = lists.iter().flatten().copied().collect();
                let levels = |of: fn(usize) -> i16| -> Vec<i16> {
                    lists.iter().flat_map(|list| (0..list.len().max(1)).map(of)).collect()
                };
                let again = levels(|place| i16::from(place > 0));
                let there: Vec<i16> =
                    lists.iter().flat_map(|list| (0..list.len().max(1)).map(|_| i16::from(!list.is_empty()))).collect();
                let mut column = group.next_column()?.expect("a column for each that was declared");
                column.typed::<Int64Type>().write_batch(&flat, Some(&there), Some(&again))?;
                column.close()
            }
        }
    }
}

impl Table {
    /// The number of rows.
    #[must_use]
    pub fn rows(&self) -> usize {
        self.columns.first().map_or(0, |(_, column)| column.len())
    }

    /// What the file says of itself under a name.
    #[must_use]
    pub fn about(&self, name: &str) -> Option<&str> {
        self.about.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    /// Takes a column out.
    ///
    /// # Errors
    /// [`TableError::Missing`].
    pub fn take(&mut self, name: &str) -> Result<Column, TableError> {
        let place = self.columns.iter().position(|(column, _)| column == name);
        place.map(|place| self.columns.remove(place).1).ok_or_else(|| TableError::Missing(name.to_owned()))
    }

    /// Writes a Parquet file, compressed with Snappy; the same table gives the same bytes.
    ///
    /// # Errors
    /// What writing gives.
    ///
    /// # Panics
    /// If the columns are not of the same length.
    pub fn write(&self, out: impl Write + Send) -> Result<(), TableError> {
        assert!(self.columns.iter().all(|(_, column)| column.len() == self.rows()), "columns of the same length");
        let fields = self.columns.iter().map(|(name, column)| column.field(name)).collect::<Result<_, _>>()?;
        let schema = Arc::new(Type::group_type_builder("table").with_fields(fields).build()?);
        let about = self.about.iter().map(|(key, value)| KeyValue::new(key.clone(), value.clone())).collect();
        let properties = WriterProperties::builder()
            .set_compression(Compression::SNAPPY)
            .set_key_value_metadata(Some(about))
            .set_created_by("presend".to_owned())
            .build();
        let mut file = SerializedFileWriter::new(out, schema, Arc::new(properties))?;
        for start in (0..self.rows()).step_by(ROWS_TOGETHER) {
            let rows = start..self.rows().min(start + ROWS_TOGETHER);
            let mut group = file.next_row_group()?;
            for (_, column) in &self.columns {
                column.write(rows.clone(), &mut group)?;
            }
            group.close()?;
        }
        file.close()?;
        Ok(())
    }

    /// Writes the file whole or not at all: under another name in the same folder, then renamed.
    ///
    /// # Errors
    /// What writing gives.
    pub fn save(&self, path: &Path) -> Result<(), TableError> {
        let mut begun = Begun::new(path, Readers::Everyone)?;
        self.write(begun.file())?;
        Ok(begun.keep(Existing::Replace)?)
    }

    /// Reads a Parquet file.
    ///
    /// # Errors
    /// [`TableError`]; a file that is cut short or is none is [`TableError::Parquet`].
    pub fn open(path: &Path) -> Result<Self, TableError> {
        // What was read is dropped if the reader, which is other people's code, panics.
        let read = catch_unwind(AssertUnwindSafe(|| Self::read(File::open(path)?)));
        read.unwrap_or_else(|_| Err(ParquetError::General("the reader failed".into()).into()))
    }

    fn read(file: File) -> Result<Self, TableError> {
        let file = SerializedFileReader::new(file)?;
        let metadata = file.metadata().file_metadata();
        let about = metadata.key_value_metadata().into_iter().flatten();
        let about = about.map(|pair| (pair.key.clone(), pair.value.clone().unwrap_or_default())).collect();
        let mut columns = Vec::new();
        for column in metadata.schema_descr().columns() {
            let text = column.converted_type() == ConvertedType::UTF8;
            let values = match (column.physical_type(), column.max_rep_level(), text) {
                (Physical::INT64, 0, _) => Column::Int(Vec::new()),
                (Physical::DOUBLE, 0, _) => Column::Float(Vec::new()),
                (Physical::BYTE_ARRAY, 0, true) => Column::Text(Vec::new()),
                (Physical::BYTE_ARRAY, 0, false) => Column::Bytes(Vec::new()),
                (Physical::INT64, 1, _) if column.max_def_level() == 1 => Column::Ints(Vec::new()),
                _ => return Err(TableError::Kind(column.path().string())),
            };
            columns.push((column.path().string(), values));
        }
        for number in 0..file.num_row_groups() {
            let group = file.get_row_group(number)?;
            for (place, (name, column)) in columns.iter_mut().enumerate() {
                read_column(column, name, &*group, place)?;
            }
        }
        Ok(Self { about, columns })
    }
}

fn read_column(column: &mut Column, name: &str, group: &dyn RowGroupReader, place: usize) -> Result<(), TableError> {
    let rows = usize::try_from(group.metadata().num_rows()).map_err(|_| TableError::Kind(name.to_owned()))?;
    match column {
        Column::Int(values) => values.extend(take::<Int64Type>(group, place, rows)?),
        Column::Float(values) => values.extend(take::<DoubleType>(group, place, rows)?),
        Column::Text(values) => {
            for text in take::<ByteArrayType>(group, place, rows)? {
                values.push(text.map(|text| text.as_utf8().map(str::to_owned)).transpose()?);
            }
        }
        Column::Bytes(values) => {
            let taken = take::<ByteArrayType>(group, place, rows)?;
            values.extend(taken.into_iter().map(|bytes| bytes.map(|bytes| bytes.data().to_vec())));
        }
        Column::Ints(lists) => {
            let ColumnReader::Int64ColumnReader(mut reader) = group.get_column_reader(place)? else {
                return Err(TableError::Kind(name.to_owned()));
            };
            let (mut values, mut there, mut again) = (Vec::new(), Vec::new(), Vec::new());
            loop {
                let (_, _, levels) =
                    reader.read_records(ROWS_TOGETHER, Some(&mut there), Some(&mut again), &mut values)?;
                if levels == 0 {
                    break;
                }
            }
            let mut values = values.into_iter();
            for (there, again) in there.into_iter().zip(again) {
                if again == 0 {
                    lists.push(Vec::new());
                }
                if there == 1 {
                    let list = lists.last_mut().ok_or_else(|| TableError::Kind(name.to_owned()))?;
                    list.extend(values.next());
                }
            }
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table(rows: usize) -> Table {
        let every = |n: usize| move |row: usize| row % n != 1;
        let column = |rows: usize, n: usize| (0..rows).map(move |row| every(n)(row).then_some(row));
        Table {
            about: vec![("kind".into(), "test".into())],
            columns: vec![
                ("int".into(), Column::Int(column(rows, 3).map(|row| row.map(|row| row as i64 - 7)).collect())),
                ("float".into(), Column::Float(column(rows, 5).map(|row| row.map(|row| row as f64 / 3.0)).collect())),
                ("text".into(), Column::Text(column(rows, 7).map(|row| row.map(|row| format!("é{row}"))).collect())),
                ("bytes".into(), Column::Bytes(column(rows, 4).map(|row| row.map(|row| vec![255; row % 5])).collect())),
                ("ints".into(), Column::Ints((0..rows).map(|row| (0..row as i64 % 4).collect()).collect())),
            ],
        }
    }

    #[test]
    fn a_table_is_read_as_it_was_written() {
        let folder = tempfile::tempdir().expect("a folder");
        for rows in [0, 1, 5, ROWS_TOGETHER + 11] {
            let path = folder.path().join(format!("{rows}.parquet"));
            table(rows).save(&path).expect("written");
            assert_eq!(Table::open(&path).expect("read"), table(rows), "{rows} rows");
        }
    }

    #[test]
    fn what_is_cut_short_or_is_no_such_file_is_an_error() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("broken.parquet");
        let mut bytes = Vec::new();
        table(100).write(&mut bytes).expect("written");
        for length in [0, 3, 4, 8, 100, bytes.len() / 2, bytes.len() - 1] {
            std::fs::write(&path, &bytes[..length]).expect("written");
            assert!(matches!(Table::open(&path), Err(TableError::Parquet(_))), "{length} bytes");
        }
    }
}
