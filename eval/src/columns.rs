//! Columns of a Parquet file, one after the other: what [`parquet`] has for those who do not use Arrow, made short.

use std::io::Write;

use parquet::column::reader::{ColumnReader, ColumnReaderImpl};
use parquet::data_type::{ByteArrayType, DataType, DoubleType, FixedLenByteArrayType, Int32Type, Int64Type};
use parquet::errors::{ParquetError, Result};
use parquet::file::reader::RowGroupReader;
use parquet::file::writer::SerializedRowGroupWriter;

/// A type of values with the reader of its columns.
pub trait Column: DataType + Sized {
    /// The reader, if the column is of this type.
    fn reader(column: ColumnReader) -> Option<ColumnReaderImpl<Self>>;
}

macro_rules! columns {
    ($($data_type:ty => $reader:ident),*) => {$(
        impl Column for $data_type {
            fn reader(column: ColumnReader) -> Option<ColumnReaderImpl<Self>> {
                match column {
                    ColumnReader::$reader(reader) => Some(reader),
                    _ => None,
                }
            }
        }
    )*};
}

columns!(
    Int32Type => Int32ColumnReader,
    Int64Type => Int64ColumnReader,
    DoubleType => DoubleColumnReader,
    ByteArrayType => ByteArrayColumnReader,
    FixedLenByteArrayType => FixedLenByteArrayColumnReader
);

/// Writes the next column of a row group, in which every row has a value.
///
/// # Errors
/// What the writer says, or that there is no further column.
pub fn put<T: DataType, W: Write + Send>(
    group: &mut SerializedRowGroupWriter<'_, W>,
    values: impl IntoIterator<Item = T::T>,
) -> Result<()> {
    write::<T, W>(group, &values.into_iter().collect::<Vec<_>>(), None)
}

/// Writes the next column of a row group, in which some rows have a value.
///
/// # Errors
/// As [`put`].
pub fn put_some<T: DataType, W: Write + Send>(
    group: &mut SerializedRowGroupWriter<'_, W>,
    values: impl IntoIterator<Item = Option<T::T>>,
) -> Result<()> {
    let values: Vec<Option<T::T>> = values.into_iter().collect();
    let levels: Vec<i16> = values.iter().map(|value| i16::from(value.is_some())).collect();
    write::<T, W>(group, &values.into_iter().flatten().collect::<Vec<_>>(), Some(&levels))
}

fn write<T: DataType, W: Write + Send>(
    group: &mut SerializedRowGroupWriter<'_, W>,
    values: &[T::T],
    levels: Option<&[i16]>,
) -> Result<()> {
    let mut column = group.next_column()?.ok_or_else(|| ParquetError::General("too many columns".into()))?;
    column.typed::<T>().write_batch(values, levels, None)?;
    column.close()
}

/// Every value of a column of a row group, which has so many rows; `None` where a row has none.
///
/// # Errors
/// What the reader says, or that the column is of another type or length.
pub fn take<T: Column>(group: &dyn RowGroupReader, column: usize, rows: usize) -> Result<Vec<Option<T::T>>> {
    let broken = |what: &str| ParquetError::General(format!("column {column} {what}"));
    let optional = group.metadata().column(column).column_descr().max_def_level() > 0;
    let mut reader = T::reader(group.get_column_reader(column)?).ok_or_else(|| broken("is of another type"))?;
    let (mut values, mut levels) = (Vec::new(), Vec::new());
    loop {
        let (records, _, _) = reader.read_records(BATCH, optional.then_some(&mut levels), None, &mut values)?;
        if records == 0 {
            break;
        }
        if values.len().max(levels.len()) > rows {
            return Err(broken("has too many rows"));
        }
    }
    if !optional {
        return if values.len() == rows { Ok(values.into_iter().map(Some).collect()) } else { Err(broken("is cut")) };
    }
    let mut values = values.into_iter();
    let taken: Vec<_> = levels.iter().map(|&level| if level > 0 { values.next() } else { None }).collect();
    let as_levelled = taken.len() == rows && values.next().is_none();
    let all_there = taken.iter().zip(&levels).all(|(value, &level)| value.is_some() == (level > 0));
    if as_levelled && all_there { Ok(taken) } else { Err(broken("is cut")) }
}

/// Rows read at a time.
const BATCH: usize = 4096;
