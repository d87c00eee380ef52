//! The report: one HTML file that needs nothing else.
//!
//! It has no scripts and asks nothing of the network, and says so to the browser (a content security policy of nothing
//! but its own styles and `data:` pictures). Figures are SVG in the page, their numbers are beside them as CSV and JSON.
//! It is light or dark as its reader prefers, and fits a telephone as it does a desk. The same [`Report`] gives the same
//! bytes.
//!
//! Texts are texts: nothing in them is read as markup, and characters that could not be seen, or that change how the
//! text around them is read, are spelled out, as names of files come from anywhere.
mod data;
mod export;
mod html;
mod page;

pub use data::{Cell, Data};
pub use page::render;

/// All that a report says.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Report {
    /// Its title.
    pub title: String,
    /// What it was made from and with: seed, digest of the corpus, versions, machine, the command that repeats it.
    pub provenance: Vec<(String, String)>,
    /// What nobody may overlook, such as that a corpus is not adjudicated: at the top, and below every figure.
    pub warnings: Vec<String>,
    /// Its sections, listed in a table of contents.
    pub sections: Vec<Section>,
}

/// A part of a report with a heading.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Section {
    /// The name to link to it by; letters, digits and hyphens are kept.
    pub id: String,
    /// Its heading.
    pub heading: String,
    /// What is said first.
    pub paragraphs: Vec<String>,
    /// What follows.
    pub blocks: Vec<Block>,
}

/// What a section is made of.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Block {
    /// A heading below that of the section.
    Heading(String),
    /// A paragraph.
    Paragraph(String),
    /// A figure.
    Figure(Figure),
    /// A table.
    Table(Table),
    /// A remark that stands apart.
    Note(Note),
    /// Small pictures beside each other.
    Pictures(Pictures),
    /// Numbers without a figure, as CSV and JSON.
    Data(Data),
    /// Text in lines of its own, such as a command.
    Lines(String),
}

/// A figure with what is said of it and the numbers in it.
#[derive(Clone, Debug, PartialEq)]
pub struct Figure {
    /// One of [`crate::plots`], as it came from there: it is not escaped.
    pub svg: String,
    /// What it shows; the report numbers it.
    pub caption: String,
    /// The numbers in it.
    pub data: Option<Data>,
}

/// A table to read.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Table {
    /// What it shows; it may be empty.
    pub caption: String,
    /// Its columns.
    pub columns: Vec<Column>,
    /// Its rows.
    pub rows: Vec<Vec<String>>,
    /// The same, to compute with.
    pub data: Option<Data>,
}

/// A column of a table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Column {
    /// Its heading.
    pub name: String,
    /// Whether it has numbers, which stand at the right.
    pub numeric: bool,
}

impl Column {
    /// A column of texts.
    pub fn text(name: &str) -> Self {
        Self { name: name.into(), numeric: false }
    }

    /// A column of numbers.
    pub fn number(name: &str) -> Self {
        Self { name: name.into(), numeric: true }
    }
}

/// A remark.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Note {
    /// What kind it is.
    pub kind: NoteKind,
    /// What it says.
    pub text: String,
}

/// Kinds of remarks, each with its word.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum NoteKind {
    /// "Note".
    Note,
    /// "Model": what follows is not measured.
    Model,
    /// "Warning".
    Warning,
}

/// Small pictures in rows, such as the worst pairs.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Pictures {
    /// What they are; it may be empty.
    pub caption: String,
    /// The pictures that belong together, each group with its words.
    pub groups: Vec<Group>,
}

/// Pictures that belong together: two, when they are a pair.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Group {
    /// What is said of them, such as their distance.
    pub caption: String,
    /// The pictures.
    pub pictures: Vec<Picture>,
}

/// A small picture.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Picture {
    /// How it is encoded.
    pub media: Media,
    /// The encoded picture.
    pub bytes: Vec<u8>,
    /// What stands below it and for it, such as its path.
    pub name: String,
}

/// How a picture is encoded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Media {
    /// JPEG.
    Jpeg,
    /// PNG.
    Png,
    /// WebP.
    WebP,
}

#[cfg(test)]
mod tests;
