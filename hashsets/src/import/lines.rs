//! Lists of one record to a line: bare hashes, typed lines, the C++ tools' text, tables.
//!
//! | shape | example |
//! |---|---|
//! | typed lines (python-threatexchange's local file, `dataset -P -S`) | `pdq f8f8…9b22` |
//! | bare lines | `f8f8…9b22` |
//! | the C++ tools' text (`pdq-photo-hasher`, `mih-query`) | `f8f8…9b22,100,bridge.jpg`, `f8f8…9b22,bridge.jpg` |
//! | their key-value pairs (`pdq-photo-hasher -d`, `clusterize256`) | `clidx=3,hash=f8f8…9b22,norm=128,quality=100,filename=bridge.jpg` |
//! | CSV with a header | columns `hash` or `signal_str`; of the others `algorithm` or `signal_type`, `quality`, `error`, `cluster`, `category`, `tags`, and `label`, `name` or `path` are used |
//!
//! Every line is a record of its own, and one file may mix the shapes. Blank lines and lines that start with `#` are passed
//! over (in a table only if they have no comma), but for `# algorithm: NAME`, which says of what algorithm the bare hashes
//! below it are. The tools write file names unescaped: a name runs to the end of its line.

use std::io::{self, BufRead, Read};

use csv::{ByteRecord, ReaderBuilder};
use presend_core::{Algorithm, AlgorithmId, ImageHash, Quality, UnknownAlgorithm};

use super::build::Builder;
use super::fault::{FaultKind, MAX_LINE, Place};
use super::signal::Signal;
use super::{DigestRecord, Record};

/// What a line holds.
pub(crate) enum Line<'a> {
    /// A record.
    Record(Parts<'a>),
    /// A row that says why it has no hash.
    WithoutHash,
    /// The names of the columns below.
    Header,
}

/// The parts of a record, unread.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Parts<'a> {
    pub(crate) hash: &'a str,
    /// The algorithm or other signal type that the record or a line above it names.
    pub(crate) signal: Option<&'a str>,
    pub(crate) quality: Option<&'a str>,
    pub(crate) label: Option<&'a str>,
    tags: Option<&'a str>,
    category: Option<&'a str>,
    cluster: Option<&'a str>,
}

/// Reads line by line, with the number of each line that is not blank or a comment.
///
/// # Errors
/// Only where the reader fails.
pub(crate) fn each(
    mut reader: impl BufRead,
    mut use_line: impl FnMut(u64, Result<Line<'_>, FaultKind>),
) -> io::Result<()> {
    let mut state = State { stated: None, columns: None };
    let mut line = Vec::new();
    let mut number = 0;
    loop {
        line.clear();
        if reader.by_ref().take(MAX_LINE + 1).read_until(b'\n', &mut line)? == 0 {
            return Ok(());
        }
        number += 1;
        if line.len() as u64 > MAX_LINE {
            use_line(number, Err(FaultKind::TooLong));
            skip_line(&mut reader)?;
            continue;
        }
        state.line(line.trim_ascii(), |read| use_line(number, read));
    }
}

/// Reads a list of lines into an import: other signal types are counted, digests kept.
///
/// # Errors
/// Only where the reader fails.
pub(super) fn read<A: Algorithm>(reader: impl BufRead, into: &mut Builder<A>) -> io::Result<()> {
    each(reader, |number, line| {
        into.begin();
        let place = Place::Line(number);
        let taken = match line {
            Ok(Line::Record(parts)) => take(&parts, &place, into),
            Ok(Line::WithoutHash) => {
                into.without_hash();
                Ok(())
            }
            Ok(Line::Header) => Ok(()),
            Err(kind) => Err(kind),
        };
        if let Err(kind) = taken {
            into.fault(place, kind);
        }
    })
}

/// Whether the start of a file shows a list of lines: some line is a header, names a known signal type, or has a hash.
pub(super) fn is_list(start: &[u8]) -> bool {
    let mut found = false;
    let reading = each(start, |_, line| {
        found |= match line {
            Ok(Line::Header) => true,
            Ok(Line::Record(parts)) => {
                parts.signal.is_some_and(|name| Signal::named(name).is_some())
                    || (parts.hash.len() >= SHORTEST_HASH && parts.hash.bytes().all(|digit| digit.is_ascii_hexdigit()))
            }
            Ok(Line::WithoutHash) | Err(_) => false,
        };
    });
    reading.is_ok() && found
}

fn take<A: Algorithm>(parts: &Parts<'_>, place: &Place, into: &mut Builder<A>) -> Result<(), FaultKind> {
    let label = parts.label().or_else(|| present(parts.tags)).map(str::to_owned);
    let negative = present(parts.category).filter(|category| category.eq_ignore_ascii_case("NEGATIVE_CLASS"));
    match parts.signal.map(|name| (name, Signal::named(name))) {
        Some((name, None)) => return Err(UnknownAlgorithm(name.trim().to_ascii_lowercase()).into()),
        Some((name, Some(Signal::Other))) => into.skip(name.trim()),
        // What the members hold to be harmless is in the list so that it is left alone.
        Some((name, Some(_))) if negative.is_some() => into.skip(&format!("{} NEGATIVE_CLASS", name.trim())),
        Some((_, Some(Signal::File(kind)))) => {
            let digest = parts.present_hash().and_then(|hash| Ok(kind.parse(hash)?))?;
            into.digest(DigestRecord { digest, label, id: None, cluster: None, place: place.clone() });
        }
        None | Some((_, Some(Signal::Image(_)))) => {
            let hash = parts.hash()?;
            let quality = parts.quality()?;
            let cluster = present(parts.cluster).map(str::to_owned);
            into.unnamed(parts.signal.is_none());
            into.entry(Record { hash, quality, label, id: None, cluster, place: place.clone() });
        }
    }
    Ok(())
}

impl<'a> Parts<'a> {
    /// `hash`, `hash,quality,name`, `hash,name`, `type hash [label]` or `key=value,…`.
    fn of_line(text: &'a str) -> Self {
        let typed = text.split_once(char::is_whitespace).filter(|(first, _)| Signal::named(first).is_some());
        if let Some((signal, rest)) = typed {
            return Self::typed(signal, rest);
        }
        if let Some((hash, rest)) = text.split_once(',') {
            if is_pair(hash) {
                return Self::default().with_pairs(text);
            }
            let hash = Self { hash: hash.trim(), ..Self::default() };
            let (second, third) = rest.split_once(',').map_or((rest, None), |(second, third)| (second, Some(third)));
            if is_pair(second) {
                return hash.with_pairs(rest);
            }
            let number = second.trim().parse::<f64>().is_ok();
            return match third {
                None if !number => Self { label: Some(second), ..hash },
                label => Self { quality: Some(second), label, ..hash },
            };
        }
        if is_pair(text) {
            return Self::default().with_pairs(text);
        }
        match text.split_once(char::is_whitespace) {
            None => Self { hash: text, ..Self::default() },
            Some((signal, rest)) => Self::typed(signal, rest),
        }
    }

    fn typed(signal: &'a str, rest: &'a str) -> Self {
        let rest = rest.trim_start();
        let (hash, label) = rest.split_once(char::is_whitespace).unwrap_or((rest, ""));
        Self { hash, signal: Some(signal), label: Some(label), ..Self::default() }
    }

    fn with_pairs(mut self, text: &'a str) -> Self {
        let mut rest = text;
        while !rest.is_empty() {
            let (pair, after) = rest.split_once(',').unwrap_or((rest, ""));
            let (key, value) = pair.split_once('=').unwrap_or(("", pair));
            match key.trim() {
                "hash" => self.hash = value.trim(),
                "algorithm" | "signal_type" => self.signal = Some(value),
                "quality" => self.quality = Some(value),
                "clidx" => self.cluster = Some(value),
                "filename" | "name" | "label" | "path" => {
                    self.label = rest.split_once('=').map(|(_, to_the_end)| to_the_end);
                    return self;
                }
                _ => {}
            }
            rest = after;
        }
        self
    }

    /// The hash as text.
    ///
    /// # Errors
    /// [`FaultKind::MissingHash`].
    fn present_hash(&self) -> Result<&'a str, FaultKind> {
        if self.hash.is_empty() { Err(FaultKind::MissingHash) } else { Ok(self.hash) }
    }

    /// The hash, if it is not said to be of another algorithm.
    ///
    /// # Errors
    /// The fault of the record.
    pub(crate) fn hash<A: Algorithm>(&self) -> Result<ImageHash<A>, FaultKind> {
        if let Some(name) = self.signal {
            let found: AlgorithmId = name.trim().to_ascii_lowercase().parse()?;
            if found != A::ID {
                return Err(FaultKind::WrongAlgorithm { found, expected: A::ID });
            }
        }
        Ok(self.present_hash()?.parse()?)
    }

    /// The quality, if there is one.
    ///
    /// # Errors
    /// [`FaultKind::Quality`].
    pub(crate) fn quality(&self) -> Result<Option<Quality>, FaultKind> {
        let parse = |text: &str| text.parse().ok().and_then(Quality::new);
        present(self.quality).map(|text| parse(text).ok_or_else(|| FaultKind::Quality(text.to_owned()))).transpose()
    }

    /// The label, if it says something.
    pub(crate) fn label(&self) -> Option<&'a str> {
        present(self.label)
    }
}

fn present(text: Option<&str>) -> Option<&str> {
    text.map(str::trim).filter(|text| !text.is_empty())
}

/// Whether a field is `key=value`.
fn is_pair(field: &str) -> bool {
    let key = field.split_once('=').map(|(key, _)| key.trim());
    key.is_some_and(|key| !key.is_empty() && key.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_'))
}

/// What the lines so far say of those that follow.
struct State {
    /// The algorithm of hashes that do not name theirs.
    stated: Option<String>,
    /// Below the header of a table.
    columns: Option<Columns>,
}

impl State {
    fn line(&mut self, line: &[u8], mut use_line: impl FnMut(Result<Line<'_>, FaultKind>)) {
        let line = line.strip_prefix("\u{feff}".as_bytes()).unwrap_or(line);
        // In a table a name may begin with the sign of a comment, but then it does not stand alone.
        let comment = line.strip_prefix(b"#").filter(|_| self.columns.is_none() || !line.contains(&b','));
        if let Some(comment) = comment {
            let comment = String::from_utf8_lossy(comment);
            if let Some(name) = comment.trim_start().strip_prefix("algorithm:") {
                self.stated = Some(name.trim().to_owned());
            }
            return;
        }
        if line.is_empty() {
            return;
        }
        if let Some(columns) = &self.columns {
            return match fields(line) {
                Ok(row) => use_line(columns.line(&row).map(|line| line.of(self.stated.as_deref()))),
                Err(kind) => use_line(Err(kind)),
            };
        }
        let Ok(text) = std::str::from_utf8(line) else { return use_line(Err(FaultKind::NotUtf8)) };
        if let Some(columns) = Columns::find(text) {
            self.columns = Some(columns);
            return use_line(Ok(Line::Header));
        }
        use_line(Ok(Line::Record(Parts::of_line(text)).of(self.stated.as_deref())));
    }
}

impl<'a> Line<'a> {
    /// The line, of the stated algorithm unless it names its own.
    fn of(self, stated: Option<&'a str>) -> Self {
        match self {
            Self::Record(parts) => {
                let named = parts.signal.filter(|name| !name.trim().is_empty());
                Self::Record(Parts { signal: named.or(stated), ..parts })
            }
            other => other,
        }
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

/// Which column of a CSV list holds what.
#[derive(Debug, Clone, Copy)]
struct Columns {
    hash: usize,
    signal: Option<usize>,
    quality: Option<usize>,
    label: Option<usize>,
    tags: Option<usize>,
    category: Option<usize>,
    cluster: Option<usize>,
    error: Option<usize>,
}

impl Columns {
    /// The columns, if the line is a header.
    fn find(header: &str) -> Option<Self> {
        let names: Vec<String> =
            header.split(',').map(|name| name.trim().trim_matches('"').to_ascii_lowercase()).collect();
        // A line with a hash in it is none, whatever its other parts are called.
        if names.iter().any(|name| name.len() >= SHORTEST_HASH && name.bytes().all(|digit| digit.is_ascii_hexdigit())) {
            return None;
        }
        let column = |wanted: &[&str]| wanted.iter().find_map(|name| names.iter().position(|found| found == name));
        Some(Self {
            hash: column(&["hash", "signal_str"])?,
            signal: column(&["algorithm", "signal_type"]),
            quality: column(&["quality"]),
            label: column(&["label", "name", "path"]),
            tags: column(&["tags"]),
            category: column(&["category"]),
            cluster: column(&["cluster"]),
            error: column(&["error"]),
        })
    }

    fn line<'a>(&self, row: &'a ByteRecord) -> Result<Line<'a>, FaultKind> {
        let text =
            |column: usize| std::str::from_utf8(row.get(column).unwrap_or_default()).map_err(|_| FaultKind::NotUtf8);
        let optional = |column: Option<usize>| column.map(text).transpose();
        // A name that is not UTF-8 does not make the hash unusable.
        let lenient = |column: Option<usize>| column.and_then(|column| text(column).ok());
        let hash = text(self.hash)?.trim();
        let explained = optional(self.error)?.is_some_and(|error| !error.trim().is_empty());
        let signal = optional(self.signal)?;
        let quality = optional(self.quality)?;
        if hash.is_empty() && explained {
            return Ok(Line::WithoutHash);
        }
        Ok(Line::Record(Parts {
            hash,
            signal,
            quality,
            label: lenient(self.label),
            tags: lenient(self.tags),
            category: lenient(self.category),
            cluster: lenient(self.cluster),
        }))
    }
}

/// Digits of the shortest perceptual hash.
const SHORTEST_HASH: usize = 16;
