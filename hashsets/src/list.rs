//! Plain hash lists, in the shapes people have them.
//!
//! | shape | example |
//! |---|---|
//! | typed lines (python-threatexchange's local file) | `pdq f8f8…9b22` |
//! | bare lines | `f8f8…9b22` |
//! | the C++ tools' text | `f8f8…9b22,100,bridge.jpg` |
//! | CSV with a header | columns `hash` or `signal_str`; of the others `algorithm` or `signal_type`, `quality`, `error`, and `label`, `name` or `path` are used |
//!
//! Every line is a record of its own. Blank lines and lines that start with `#` are passed over (in a table only if they
//! have no comma), but for `# algorithm: NAME`, which says of what algorithm the bare hashes below it are. A hash that is said to be of another algorithm than the one asked for is a
//! fault, never an entry.

use std::io::{self, BufRead, Read};

use csv::{ByteRecord, ReaderBuilder};
use presend_core::{Algorithm, AlgorithmId, ImageHash, ParseHashError, Quality, UnknownAlgorithm};
use thiserror::Error;

/// A list as read: what can be used, and what cannot.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct HashList<A: Algorithm> {
    /// The entries, in the order of the file. Duplicates are kept.
    pub entries: Vec<Entry<A>>,
    /// The first [`MAX_FAULTS`] records that cannot be used.
    pub faults: Vec<Fault>,
    /// How many records cannot be used.
    pub faulty: usize,
    /// Entries whose algorithm the file does not name. They are taken to be of the algorithm asked for.
    pub unnamed: usize,
    /// Rows that hold no hash but say why, as `presend hash` writes them for files it could not hash.
    pub without_hash: usize,
}

/// A list of nothing but broken lines should not fill the memory.
pub const MAX_FAULTS: usize = 100;

/// No hash, name or comment is longer; what is, is no list.
const MAX_LINE: u64 = 64 << 10;

/// A known hash, with what its list says of it.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Entry<A: Algorithm> {
    /// The hash.
    pub hash: ImageHash<A>,
    /// The quality of the picture it was made from.
    pub quality: Option<Quality>,
    /// The name or label the list gives it.
    pub label: Option<String>,
    /// Where it stands, from 1.
    pub line: u64,
}

/// A record that cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("line {line}: {kind}")]
#[non_exhaustive]
pub struct Fault {
    /// Where it stands, from 1.
    pub line: u64,
    /// What is wrong with it.
    pub kind: FaultKind,
}

/// What is wrong with a record.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum FaultKind {
    /// The hash cannot be read.
    #[error("{0}")]
    Hash(#[from] ParseHashError),
    /// The hash is of another algorithm than the one asked for.
    #[error("the hash is {found}, not {expected}")]
    WrongAlgorithm {
        /// What the list says.
        found: AlgorithmId,
        /// What was asked for.
        expected: AlgorithmId,
    },
    /// The hash is of an algorithm that does not exist here.
    #[error("{0}")]
    UnknownAlgorithm(#[from] UnknownAlgorithm),
    /// The quality is no number from 0 to 100.
    #[error("{0:?} is no quality from 0 to 100")]
    Quality(String),
    /// The record has no hash and no error that explains it.
    #[error("no hash")]
    MissingHash,
    /// The record is not text.
    #[error("not UTF-8 text")]
    NotUtf8,
    /// A quoted field does not end in its line.
    #[error("a quote that is not closed in its line")]
    UnclosedQuote,
    /// The line is longer than any record.
    #[error("longer than {MAX_LINE} bytes")]
    TooLong,
}

impl<A: Algorithm> HashList<A> {
    /// Reads a list of hashes by algorithm `A`, line by line; memory grows with the entries only.
    ///
    /// # Errors
    /// Only where the reader fails. Records that cannot be used are [`faults`](Self::faults) of the list.
    pub fn read(mut reader: impl BufRead) -> io::Result<Self> {
        let mut list = Self { entries: Vec::new(), faults: Vec::new(), faulty: 0, unnamed: 0, without_hash: 0 };
        let mut shape = Shape { stated: None, columns: None };
        let mut line = Vec::new();
        let mut number = 0;
        loop {
            line.clear();
            if reader.by_ref().take(MAX_LINE + 1).read_until(b'\n', &mut line)? == 0 {
                return Ok(list);
            }
            number += 1;
            if line.len() as u64 > MAX_LINE {
                list.fault(number, FaultKind::TooLong);
                skip_line(&mut reader)?;
                continue;
            }
            match shape.line(line.trim_ascii(), number) {
                Ok(Line::Entry(entry, named)) => list.add((entry, named)),
                Ok(Line::WithoutHash) => list.without_hash += 1,
                Ok(Line::Nothing) => {}
                Err(kind) => list.fault(number, kind),
            }
        }
    }

    fn add(&mut self, (entry, named): (Entry<A>, bool)) {
        self.unnamed += usize::from(!named);
        self.entries.push(entry);
    }

    fn fault(&mut self, line: u64, kind: FaultKind) {
        self.faulty += 1;
        if self.faults.len() < MAX_FAULTS {
            self.faults.push(Fault { line, kind });
        }
    }
}

/// What the lines so far say of those that follow.
struct Shape {
    /// The algorithm of hashes that do not name theirs.
    stated: Option<String>,
    /// Below the header of a table.
    columns: Option<Columns>,
}

/// What a line holds.
enum Line<A: Algorithm> {
    /// An entry, and whether its algorithm is named.
    Entry(Entry<A>, bool),
    /// A row that says why it has no hash.
    WithoutHash,
    /// A comment, a header, or blank space.
    Nothing,
}

impl Shape {
    fn line<A: Algorithm>(&mut self, line: &[u8], number: u64) -> Result<Line<A>, FaultKind> {
        let line = line.strip_prefix("\u{feff}".as_bytes()).unwrap_or(line);
        // In a table a name may begin with the sign of a comment, but then it does not stand alone.
        let comment = line.strip_prefix(b"#").filter(|_| self.columns.is_none() || !line.contains(&b','));
        if let Some(comment) = comment {
            let comment = String::from_utf8_lossy(comment);
            if let Some(name) = comment.trim_start().strip_prefix("algorithm:") {
                self.stated = Some(name.trim().to_owned());
            }
            return Ok(Line::Nothing);
        }
        if line.is_empty() {
            return Ok(Line::Nothing);
        }
        if let Some(columns) = &self.columns {
            let row = fields(line)?;
            let record = columns.record(&row)?;
            if record.hash.is_empty() && record.explained {
                return Ok(Line::WithoutHash);
            }
            return record.parse(self.stated.as_deref(), number).map(|(entry, named)| Line::Entry(entry, named));
        }
        let text = std::str::from_utf8(line).map_err(|_| FaultKind::NotUtf8)?;
        if let Some(columns) = Columns::find(text) {
            self.columns = Some(columns);
            return Ok(Line::Nothing);
        }
        Record::of_line(text).parse(self.stated.as_deref(), number).map(|(entry, named)| Line::Entry(entry, named))
    }
}

/// The fields of one row. A field that runs on into the next line is a fault: a quote that is never closed would
/// swallow the entries below it.
fn fields(line: &[u8]) -> Result<ByteRecord, FaultKind> {
    if line.iter().filter(|&&byte| byte == b'"').count() % 2 == 1 {
        return Err(FaultKind::UnclosedQuote);
    }
    let mut reader = ReaderBuilder::new().has_headers(false).buffer_capacity(line.len()).from_reader(line);
    let mut row = ByteRecord::new();
    reader.read_byte_record(&mut row).expect("memory does not fail, and one row has as many fields as it has");
    Ok(row)
}

/// Reads to the end of a line without keeping it.
fn skip_line(reader: &mut impl BufRead) -> io::Result<()> {
    loop {
        let buffer = reader.fill_buf()?;
        if buffer.is_empty() {
            return Ok(());
        }
        match buffer.iter().position(|&byte| byte == b'\n') {
            Some(end) => {
                reader.consume(end + 1);
                return Ok(());
            }
            None => {
                let all = buffer.len();
                reader.consume(all);
            }
        }
    }
}

/// The parts of a record, unread.
#[derive(Debug, Clone, Copy, Default)]
struct Record<'a> {
    hash: &'a str,
    algorithm: Option<&'a str>,
    quality: Option<&'a str>,
    label: Option<&'a str>,
    /// The record says why it has no hash.
    explained: bool,
}

impl<'a> Record<'a> {
    /// `hash`, `hash,quality,name` or `type hash [label]`.
    fn of_line(text: &'a str) -> Self {
        if let Some((hash, rest)) = text.split_once(',') {
            let (quality, label) = rest.split_once(',').map_or((rest, None), |(quality, name)| (quality, Some(name)));
            return Self { hash: hash.trim(), quality: Some(quality), label, ..Self::default() };
        }
        match text.split_once(char::is_whitespace) {
            None => Self { hash: text, ..Self::default() },
            Some((algorithm, rest)) => {
                let (hash, label) = rest.trim_start().split_once(char::is_whitespace).unwrap_or((rest.trim(), ""));
                Self { hash, algorithm: Some(algorithm), label: Some(label), ..Self::default() }
            }
        }
    }

    /// The entry, and whether the list names its algorithm.
    fn parse<A: Algorithm>(self, stated: Option<&str>, line: u64) -> Result<(Entry<A>, bool), FaultKind> {
        let present = |text: &&str| !text.trim().is_empty();
        let named = self.algorithm.filter(present).or(stated);
        if let Some(name) = named {
            let found: AlgorithmId = name.trim().to_ascii_lowercase().parse()?;
            if found != A::ID {
                return Err(FaultKind::WrongAlgorithm { found, expected: A::ID });
            }
        }
        if self.hash.is_empty() {
            return Err(FaultKind::MissingHash);
        }
        let quality = self.quality.filter(present).map(|text| {
            let value = text.trim().parse().ok().and_then(Quality::new);
            value.ok_or_else(|| FaultKind::Quality(text.trim().to_owned()))
        });
        let entry = Entry {
            hash: self.hash.parse()?,
            quality: quality.transpose()?,
            label: self.label.filter(present).map(|label| label.trim().to_owned()),
            line,
        };
        Ok((entry, named.is_some()))
    }
}

/// Which column of a CSV list holds what.
#[derive(Debug, Clone, Copy)]
struct Columns {
    hash: usize,
    algorithm: Option<usize>,
    quality: Option<usize>,
    label: Option<usize>,
    error: Option<usize>,
}

impl Columns {
    /// The columns, if the line is a header.
    fn find(header: &str) -> Option<Self> {
        let names: Vec<String> =
            header.split(',').map(|name| name.trim().trim_matches('"').to_ascii_lowercase()).collect();
        // A line with a hash in it is none, whatever its other parts are called.
        if names.iter().any(|name| name.len() >= 16 && name.bytes().all(|digit| digit.is_ascii_hexdigit())) {
            return None;
        }
        let column = |wanted: &[&str]| wanted.iter().find_map(|name| names.iter().position(|found| found == name));
        Some(Self {
            hash: column(&["hash", "signal_str"])?,
            algorithm: column(&["algorithm", "signal_type"]),
            quality: column(&["quality"]),
            label: column(&["label", "name", "path"]),
            error: column(&["error"]),
        })
    }

    fn record<'a>(&self, row: &'a ByteRecord) -> Result<Record<'a>, FaultKind> {
        let text =
            |column: usize| std::str::from_utf8(row.get(column).unwrap_or_default()).map_err(|_| FaultKind::NotUtf8);
        Ok(Record {
            hash: text(self.hash)?.trim(),
            algorithm: self.algorithm.map(text).transpose()?,
            quality: self.quality.map(text).transpose()?,
            // A name that is not UTF-8 does not make the hash unusable.
            label: self.label.and_then(|column| text(column).ok()),
            explained: self.error.map(text).transpose()?.is_some_and(|error| !error.trim().is_empty()),
        })
    }
}

#[cfg(test)]
mod tests {
    use presend_core::{AHash, Pdq, Pdq512};

    use super::*;

    const A: &str = "f8f8f0cee0f4a84f06370a22038f63f0b36e2ed596621e1d33e6b39c4e9c9b22";
    const B: &str = "0007001f003f003f007f00ff00ff00ff01ff01ff01ff03ff03ff03ff03ff03ff";

    fn read(text: impl AsRef<[u8]>) -> HashList<Pdq> {
        HashList::read(text.as_ref()).expect("memory does not fail")
    }

    fn hashes(list: &HashList<Pdq>) -> Vec<String> {
        list.entries.iter().map(|entry| entry.hash.to_string()).collect()
    }

    fn faults(list: &HashList<Pdq>) -> Vec<String> {
        list.faults.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn every_shape_gives_the_same_entries() {
        let shapes = [
            format!("pdq {A}\npdq {B}\n"),
            format!("{A}\n{B}"),
            format!("\u{feff}{A}\r\n\r\n  {B}  \r\n"),
            format!("{A},100,a.jpg\n{B},0,b.jpg\n"),
            format!("hash\n{A}\n{B}\n"),
            format!("signal_type,signal_str,collab,category,tags\npdq,{A},c,,x y\npdq,{B},c,,\n"),
            format!(
                "path,frame,algorithm,hash,quality,width,height,error\na.jpg,0,pdq,{A},100,9,9,\n\"b, c\",0,pdq,{B},0,9,9,\n"
            ),
        ];
        for shape in shapes {
            let list = read(&shape);
            assert_eq!(hashes(&list), [A, B], "{shape}");
            assert_eq!(faults(&list), [""; 0], "{shape}");
        }
    }

    #[test]
    fn labels_qualities_and_lines_are_kept() {
        let list = read(format!("# a comment\n{A},97,name, with comma.jpg\n\npdq {B} two words\n"));
        let [a, b] = list.entries.as_slice() else { panic!("two entries") };
        assert_eq!((a.line, a.quality, a.label.as_deref()), (2, Quality::new(97), Some("name, with comma.jpg")));
        assert_eq!((b.line, b.quality, b.label.as_deref()), (4, None, Some("two words")));
        assert_eq!(list.unnamed, 1);

        let list = read(format!("# made by hand\nquality,label,hash\n50,\"a\"\"b\",{A}\n,,{B}\n"));
        let [a, b] = list.entries.as_slice() else { panic!("two entries") };
        assert_eq!((a.line, a.quality, a.label.as_deref()), (3, Quality::new(50), Some("a\"b")));
        assert_eq!((b.line, b.quality, b.label.as_deref()), (4, None, None));
    }

    #[test]
    fn every_fault_names_its_line_and_spares_the_rest() {
        let long = "x".repeat(MAX_LINE as usize + 1);
        let text = format!("{A}\nabc\nnot a hash\npdq zz\npdq-512 {A}\n{A},101,x\nvideo_md5 {A}\n{long}\n{B}\n");
        let mut bytes = text.into_bytes();
        bytes.extend_from_slice(b"\xff\xfe\n");
        bytes.extend_from_slice(format!("pdq {A}").as_bytes());
        let list = read(bytes);
        assert_eq!(hashes(&list), [A, B, A]);
        assert_eq!(
            faults(&list),
            [
                "line 2: expected 64 hexadecimal digits, found 3",
                "line 3: unknown algorithm \"not\"",
                "line 4: 'z' in column 1 is not a hexadecimal digit",
                "line 5: the hash is pdq-512, not pdq",
                "line 6: \"101\" is no quality from 0 to 100",
                "line 7: unknown algorithm \"video_md5\"",
                "line 8: longer than 65536 bytes",
                "line 10: not UTF-8 text",
            ]
        );
    }

    #[test]
    fn faults_in_a_table_name_the_line_of_the_file() {
        let list = read(format!("# x\nhash,quality,error\n{A},1,\n,,cannot decode\n,,\nabc,,\n{B},x,\n"));
        assert_eq!(hashes(&list), [A]);
        assert_eq!(list.without_hash, 1);
        assert_eq!(
            faults(&list),
            [
                "line 5: no hash",
                "line 6: expected 64 hexadecimal digits, found 3",
                "line 7: \"x\" is no quality from 0 to 100"
            ]
        );
    }

    #[test]
    fn an_algorithm_can_be_stated_once_for_bare_hashes() {
        let text = format!("# algorithm: pdq-512\n{A}\n{B},100,b.jpg\n");
        let list: HashList<Pdq512> = HashList::read(text.as_bytes()).unwrap();
        assert_eq!((list.entries.len(), list.unnamed), (2, 0));
        let list = read(text);
        assert_eq!(list.entries.len(), 0);
        assert_eq!(faults(&list)[0], "line 2: the hash is pdq-512, not pdq");
        let list: HashList<AHash> = HashList::read(&b"ahash 0123456789abcdef\n"[..]).unwrap();
        assert_eq!(list.entries[0].hash.to_string(), "0123456789abcdef");
    }

    #[test]
    fn a_file_of_nothing_but_faults_keeps_the_first_and_counts_all() {
        let list = read("x\n".repeat(1_000));
        assert_eq!((list.faults.len(), list.faulty), (MAX_FAULTS, 1_000));
    }

    #[test]
    fn names_in_a_table_may_look_like_comments_or_headers() {
        let list = read(format!("path,hash\n#1.jpg,{A}\n# a comment\n\"#2, \"\"x\"\".jpg\",{B}\n"));
        assert_eq!(hashes(&list), [A, B]);
        assert_eq!(list.entries[1].label.as_deref(), Some("#2, \"x\".jpg"));
        let list = read(format!("{A},100,hash\n{B},100,path\n"));
        assert_eq!(hashes(&list), [A, B]);
    }

    #[test]
    fn a_quote_left_open_costs_its_own_line_only() {
        let list = read(format!("hash,label\n{A},\"open\n{B},x\n"));
        assert_eq!(hashes(&list), [B]);
        assert_eq!(faults(&list), ["line 2: a quote that is not closed in its line"]);
    }

    #[test]
    fn names_of_columns_and_algorithms_may_be_in_capitals() {
        assert_eq!(hashes(&read(format!("Hash,Algorithm\n{A},PDQ\n"))), [A]);
        assert_eq!(hashes(&read(format!("PDQ {}\n", A.to_uppercase()))), [A]);
    }

    #[test]
    fn an_algorithm_stated_below_a_header_counts() {
        let list = read(format!("hash,label\n# algorithm: pdq-512\n{A},x\n"));
        assert_eq!(faults(&list), ["line 3: the hash is pdq-512, not pdq"]);
    }

    #[test]
    fn an_empty_list_has_no_entries() {
        for text in ["", "\n\n", "# nothing\n", "hash,quality\n"] {
            assert!(read(text).entries.is_empty());
        }
    }
}
