//! The numbers behind a figure or a table, to compute with.
use std::fmt::Write;

use crate::plots::text::{hidden, spelled};

/// A table of numbers and texts.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Data {
    /// Its name, which becomes the name of its files.
    pub name: String,
    /// The names of its columns.
    pub columns: Vec<String>,
    /// Its rows, each as long as there are columns.
    pub rows: Vec<Vec<Cell>>,
}

/// One value of a table.
#[derive(Clone, Debug, PartialEq)]
pub enum Cell {
    /// A count or a distance.
    Integer(u64),
    /// A measured value; one that is not a number is written as nothing.
    Float(f64),
    /// A name.
    Text(String),
    /// No value.
    Empty,
}

impl From<u64> for Cell {
    fn from(value: u64) -> Self {
        Self::Integer(value)
    }
}

impl From<u32> for Cell {
    fn from(value: u32) -> Self {
        Self::Integer(value.into())
    }
}

impl From<u16> for Cell {
    fn from(value: u16) -> Self {
        Self::Integer(value.into())
    }
}

impl From<usize> for Cell {
    fn from(value: usize) -> Self {
        Self::Integer(value as u64)
    }
}

impl From<f64> for Cell {
    fn from(value: f64) -> Self {
        Self::Float(value)
    }
}

impl From<&str> for Cell {
    fn from(value: &str) -> Self {
        Self::Text(value.into())
    }
}

impl From<String> for Cell {
    fn from(value: String) -> Self {
        Self::Text(value)
    }
}

impl<T: Into<Self>> From<Option<T>> for Cell {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Empty, Into::into)
    }
}

impl Cell {
    /// The value as text: integers in full, floats in the shortest form that reads back as the same float.
    pub(super) fn text(&self) -> String {
        match self {
            Self::Integer(value) => value.to_string(),
            Self::Float(value) if value.is_finite() => format!("{value:?}"),
            Self::Text(value) => value.clone(),
            Self::Float(_) | Self::Empty => String::new(),
        }
    }
}

impl Data {
    /// A table without rows.
    pub fn new(name: &str, columns: &[&str]) -> Self {
        Self { name: name.into(), columns: columns.iter().map(|column| (*column).into()).collect(), rows: Vec::new() }
    }

    /// Appends a row.
    pub fn push(&mut self, row: impl IntoIterator<Item = Cell>) {
        self.rows.push(row.into_iter().collect());
    }

    /// As CSV (RFC 4180, but lines end in a line feed), the names of the columns first.
    pub fn to_csv(&self) -> String {
        let mut csv = String::new();
        line(&mut csv, self.columns.iter().cloned());
        for row in &self.rows {
            line(&mut csv, row.iter().map(Cell::text));
        }
        csv
    }

    /// As JSON: `{"name": …, "columns": […], "rows": [[…], …]}`, what is empty or not a number as `null`. What could not
    /// be seen in a text is escaped.
    pub fn to_json(&self) -> String {
        let columns: Vec<String> = self.columns.iter().map(|column| quoted(column)).collect();
        let rows: Vec<String> = self
            .rows
            .iter()
            .map(|row| {
                let cells: Vec<String> = row.iter().map(json).collect();
                format!("[{}]", cells.join(","))
            })
            .collect();
        format!(
            "{{\"name\":{},\"columns\":[{}],\"rows\":[\n{}\n]}}\n",
            quoted(&self.name),
            columns.join(","),
            rows.join(",\n")
        )
    }
}

fn line(csv: &mut String, cells: impl Iterator<Item = String>) {
    for (at, cell) in cells.enumerate() {
        if at > 0 {
            csv.push(',');
        }
        if cell.contains([',', '"', '\n', '\r']) {
            csv.push('"');
            csv.push_str(&cell.replace('"', "\"\""));
            csv.push('"');
        } else {
            csv.push_str(&cell);
        }
    }
    csv.push('\n');
}

fn json(cell: &Cell) -> String {
    match cell {
        Cell::Text(value) => quoted(value),
        Cell::Float(value) if !value.is_finite() => "null".into(),
        Cell::Empty => "null".into(),
        cell => cell.text(),
    }
}

/// A JSON string (RFC 8259, section 7).
fn quoted(text: &str) -> String {
    let mut json = String::from("\"");
    for c in text.chars() {
        match c {
            '"' | '\\' => json.extend(['\\', c]),
            c if hidden(c) => {
                for unit in c.encode_utf16(&mut [0; 2]) {
                    write!(json, "\\u{unit:04x}").expect("a string takes all that is written to it");
                }
            }
            c => json.push(c),
        }
    }
    json.push('"');
    json
}

/// A text in which what could not be seen is spelled out, but lines stay lines.
pub(super) fn seen(text: &str) -> String {
    text.chars().map(|c| if c != '\n' && hidden(c) { spelled(c) } else { c.into() }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn data() -> Data {
        let mut data = Data::new("some, data", &["name", "n", "rate", "low"]);
        data.push(["a\"b,c\nd\u{202e}e".into(), 18_446_744_073_709_551_615u64.into(), 0.1.into(), 1e-300.into()]);
        data.push(["plain".into(), 0u64.into(), f64::NAN.into(), None::<f64>.into()]);
        data
    }

    #[test]
    fn csv_reads_back_exactly() {
        let csv = data().to_csv();
        let mut reader = csv::Reader::from_reader(csv.as_bytes());
        let rows: Vec<csv::StringRecord> = reader.records().map(|row| row.expect("CSV")).collect();
        assert_eq!(&rows[0][0], "a\"b,c\nd\u{202e}e");
        assert_eq!(rows[0][1].parse(), Ok(u64::MAX));
        assert_eq!(rows[0][2].parse(), Ok(0.1f64));
        assert_eq!(rows[0][3].parse(), Ok(1e-300f64));
        assert_eq!(&rows[1], vec!["plain", "0", "", ""]);
    }

    #[test]
    fn json_reads_back_exactly() {
        let json: serde_json::Value = serde_json::from_str(&data().to_json()).expect("JSON");
        assert_eq!(json["rows"][0][0], "a\"b,c\nd\u{202e}e");
        assert_eq!(json["rows"][0][1].as_u64(), Some(u64::MAX));
        assert_eq!(json["rows"][0][3].as_f64(), Some(1e-300));
        assert!(json["rows"][1][2].is_null() && json["rows"][1][3].is_null());
        assert!(!data().to_json().contains('\u{202e}'));
    }

    #[test]
    fn floats_read_back_bit_for_bit() {
        for value in [0.1 + 0.2, 1.0 / 3.0, 5e-324, f64::MAX, 1e21, 123_456_789.0, -0.0] {
            let text = Cell::Float(value).text();
            assert_eq!(text.parse::<f64>().map(f64::to_bits), Ok(value.to_bits()), "{text}");
        }
    }
}
