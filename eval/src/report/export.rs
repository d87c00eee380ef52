//! Tables of a report as Parquet.

use super::{Cell, Data};
use crate::table::{Column, Table};

impl Data {
    /// The same as a table with typed columns: whole numbers where all values are, floating-point numbers where all are
    /// numbers, text otherwise.
    #[must_use]
    pub fn to_table(&self) -> Table {
        let columns = self.columns.iter().enumerate().map(|(place, name)| {
            let cells = || self.rows.iter().map(move |row| &row[place]);
            let whole = cells().all(|cell| matches!(cell, Cell::Integer(_) | Cell::Empty));
            let text = cells().any(|cell| matches!(cell, Cell::Text(_)));
            let column = if text {
                Column::Text(cells().map(Cell::text_if_any).collect())
            } else if whole {
                Column::Int(
                    cells()
                        .map(|cell| match cell {
                            Cell::Integer(value) => i64::try_from(*value).ok(),
                            _ => None,
                        })
                        .collect(),
                )
            } else {
                Column::Float(
                    cells()
                        .map(|cell| match cell {
                            Cell::Integer(value) => Some(*value as f64),
                            Cell::Float(value) => Some(*value),
                            Cell::Text(_) | Cell::Empty => None,
                        })
                        .collect(),
                )
            };
            (name.clone(), column)
        });
        Table { about: vec![("presend.table".into(), self.name.clone())], columns: columns.collect() }
    }
}

impl Cell {
    fn text_if_any(&self) -> Option<String> {
        (*self != Self::Empty).then(|| self.text())
    }
}
