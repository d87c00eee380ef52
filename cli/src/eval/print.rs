//! Printing what was found: for people, and for programs.

use std::fs;
use std::io::{self, Write};
use std::path::Path;

use anyhow::{Context, Result, ensure};
use presend_eval::report::{Block, Cell, Data, Section, Table};
use serde_json::{Map, Value};

use super::args::FindingsFormat;
use crate::output::{Status, printable, shown};
use crate::write::{self, Existing, Readers};

/// Characters on a line of text for people.
const LINE: usize = 100;

/// Prints sections in a format: to standard output, or to a file (human, NDJSON) or a folder (CSV and Parquet, a file for
/// each table).
pub(super) fn print(sections: &[Section], format: FindingsFormat, to: Option<&Path>) -> Result<Status> {
    let mut out = Vec::new();
    match format {
        FindingsFormat::Human => human(sections, &mut out)?,
        FindingsFormat::Ndjson => {
            for data in tables(sections) {
                ndjson(data, &mut out)?;
            }
        }
        FindingsFormat::Csv => match to {
            Some(folder) => {
                return files(sections, folder, "csv", |data| Ok(data.to_csv().into_bytes()));
            }
            None => {
                for (number, data) in tables(sections).into_iter().enumerate() {
                    let gap = if number == 0 { "" } else { "\n" };
                    write!(out, "{gap}# {}\n{}", data.name, data.to_csv())?;
                }
            }
        },
        FindingsFormat::Parquet => {
            let folder = to.context("--format parquet needs a folder: -o DIR")?;
            return files(sections, folder, "parquet", |data| {
                let mut bytes = Vec::new();
                data.to_table().write(&mut bytes)?;
                Ok(bytes)
            });
        }
    }
    match to {
        Some(path) => {
            write::whole(path, &out, Readers::Everyone, Existing::Replace)?;
            Ok(Status::Clean)
        }
        None => {
            let mut stdout = anstream::stdout().lock();
            stdout.write_all(&out)?;
            stdout.flush()?;
            Ok(Status::Clean)
        }
    }
}

/// Every table and every figure's numbers.
fn tables(sections: &[Section]) -> Vec<&Data> {
    let blocks = sections.iter().flat_map(|section| &section.blocks);
    blocks
        .filter_map(|block| match block {
            Block::Table(table) => table.data.as_ref(),
            Block::Figure(figure) => figure.data.as_ref(),
            Block::Data(data) => Some(data),
            _ => None,
        })
        .collect()
}

fn files(
    sections: &[Section],
    folder: &Path,
    extension: &str,
    content: impl Fn(&Data) -> Result<Vec<u8>>,
) -> Result<Status> {
    fs::create_dir_all(folder).with_context(|| format!("cannot make {}", shown(folder)))?;
    ensure!(folder.is_dir(), "{} is not a folder", shown(folder));
    for data in tables(sections) {
        let path = folder.join(format!("{}.{extension}", data.name));
        write::whole(&path, &content(data)?, Readers::Everyone, Existing::Replace)?;
    }
    Ok(Status::Clean)
}

/// One object for each row, with the name of its table.
fn ndjson(data: &Data, out: &mut impl Write) -> io::Result<()> {
    for row in &data.rows {
        let mut record = Map::new();
        record.insert("schema".into(), "presend.eval/1".into());
        record.insert("table".into(), data.name.clone().into());
        for (column, cell) in data.columns.iter().zip(row) {
            record.insert(column.clone(), value(cell));
        }
        serde_json::to_writer(&mut *out, &Value::Object(record))?;
        writeln!(out)?;
    }
    Ok(())
}

fn value(cell: &Cell) -> Value {
    match cell {
        Cell::Integer(value) => (*value).into(),
        Cell::Float(value) => (*value).into(),
        Cell::Text(value) => value.as_str().into(),
        Cell::Empty => Value::Null,
    }
}

fn human(sections: &[Section], out: &mut impl Write) -> io::Result<()> {
    let bold = anstyle::Style::new().bold();
    for (number, section) in sections.iter().enumerate() {
        if number > 0 {
            writeln!(out)?;
        }
        writeln!(out, "{bold}{}{bold:#}", printable(&section.heading))?;
        for paragraph in &section.paragraphs {
            text(paragraph, out)?;
        }
        for block in &section.blocks {
            match block {
                Block::Heading(heading) => writeln!(out, "\n{bold}{}{bold:#}", printable(heading))?,
                Block::Paragraph(paragraph) => text(paragraph, out)?,
                Block::Note(note) => text(&note.text, out)?,
                Block::Table(table) => columns(table, out)?,
                Block::Lines(lines) => writeln!(out, "\n{lines}")?,
                // For the report.
                _ => {}
            }
        }
    }
    Ok(())
}

fn text(paragraph: &str, out: &mut impl Write) -> io::Result<()> {
    let mut length = LINE;
    for word in printable(paragraph).split_whitespace() {
        let wide = word.chars().count();
        if length + 1 + wide > LINE {
            write!(out, "\n{word}")?;
            length = wide;
        } else {
            write!(out, " {word}")?;
            length += 1 + wide;
        }
    }
    writeln!(out)
}

/// A table in columns, numbers at the right.
fn columns(table: &Table, out: &mut impl Write) -> io::Result<()> {
    let head: Vec<String> = table.columns.iter().map(|column| column.name.clone()).collect();
    let rows: Vec<Vec<String>> =
        table.rows.iter().map(|row| row.iter().map(|cell| printable(cell)).collect()).collect();
    let wide = |place: usize| {
        let cells = rows.iter().chain([&head]).map(|row| row[place].chars().count());
        cells.max().unwrap_or(0)
    };
    let widths: Vec<usize> = (0..head.len()).map(wide).collect();
    if !table.caption.is_empty() {
        writeln!(out, "\n{}", printable(&table.caption))?;
    }
    let mut line = |row: &[String]| -> io::Result<()> {
        let mut text = String::new();
        for (place, cell) in row.iter().enumerate() {
            let gap = " ".repeat(widths[place] - cell.chars().count());
            let padded = if table.columns[place].numeric { format!("{gap}{cell}") } else { format!("{cell}{gap}") };
            text.push_str(if place == 0 { "  " } else { "   " });
            text.push_str(&padded);
        }
        writeln!(out, "{}", text.trim_end())
    };
    line(&head)?;
    rows.iter().try_for_each(|row| line(row))
}
