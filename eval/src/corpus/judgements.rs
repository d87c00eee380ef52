//! What a person said of pairs, in tables that a person edits.

use std::collections::BTreeMap;
use std::io;
use std::path::Path;

use presend_core::{Algorithm, Quality};

use super::csv_table::{Table, TableError, TableFault, normal};
use super::{Class, Corpus, Digest, Near, ParseDigestError};

/// What a person said of two contents.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Judgement {
    /// The smaller digest.
    pub a: Digest,
    /// The larger digest.
    pub b: Digest,
    /// A name of the first.
    pub a_path: String,
    /// A name of the second.
    pub b_path: String,
    /// What they have to do with one another.
    pub class: Class,
}

/// What a table of judgements holds.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Judgements {
    /// In the order of their digests.
    pub pairs: Vec<Judgement>,
    /// Rows of files that are not of the corpus and whose content is not known.
    pub elsewhere: usize,
}

impl Judgements {
    /// Reads `pairs.csv` as [`write_pairs`] writes it, or a table with the columns `path_a`, `path_b` (relative to the
    /// folder of the table) and `verdict`.
    ///
    /// The verdicts `same` and `unrelated` are the classes of these names. A `variant`, which shows something else in the same
    /// frame, is of one template. Two that are `flat` are unrelated: what their hashes share is that there is nothing to see.
    /// Rows without a class are passed over, and so are rows of one content.
    ///
    /// # Errors
    /// [`TableError`] for the first row that is broken, has an unknown class, names a file that does not exist, or contradicts
    /// another.
    pub fn parse<A: Algorithm>(bytes: &[u8], file: &Path, corpus: &Corpus<A>) -> Result<Self, TableError> {
        let mut table = Table::parse(bytes, file)?;
        let columns = match table.column(&["a_sha256"]) {
            Some(a) => Columns::Digests {
                digests: [a, table.needed(&["b_sha256"], "b_sha256")?],
                paths: ["a_path", "b_path"].map(|name| table.column(&[name])),
                class: table.needed(&["class"], "class")?,
            },
            None => Columns::Paths {
                paths: [table.needed(&["path_a"], "a_sha256 or path_a")?, table.needed(&["path_b"], "path_b")?],
                verdict: table.needed(&["verdict"], "verdict")?,
            },
        };
        let folder = file.parent().unwrap_or(Path::new(""));
        let names = names(corpus);
        let mut said: BTreeMap<(Digest, Digest), (u64, Judgement)> = BTreeMap::new();
        let mut elsewhere = 0;
        while let Some(row) = table.next() {
            let (line, row) = row?;
            let (digests, paths, class) = match &columns {
                Columns::Digests { digests, paths, class } => {
                    let class = row.text(*class);
                    if class.is_empty() {
                        continue;
                    }
                    let digest = |at: usize| {
                        row.text(digests[at]).parse().map_err(|error: ParseDigestError| table.fault(line, error))
                    };
                    let class = class.parse().map_err(|error: super::UnknownClass| table.fault(line, error))?;
                    (
                        [digest(0)?, digest(1)?],
                        paths.map(|path| path.map_or(String::new(), |path| row.text(path))),
                        class,
                    )
                }
                Columns::Paths { paths, verdict } => {
                    let class = of_verdict(&row.text(*verdict)).map_err(|fault| table.fault(line, fault))?;
                    let paths = paths.map(|path| row.text(path));
                    let mut known = Vec::new();
                    for path in &paths {
                        let place = normal(folder, path);
                        match names.get(&place) {
                            Some(digest) => known.push(*digest),
                            None if Path::new(&place).exists() => {}
                            None => return Err(table.fault(line, TableFault::UnknownFile(path.clone()))),
                        }
                    }
                    let &[a, b] = known.as_slice() else {
                        elsewhere += 1;
                        continue;
                    };
                    ([a, b], paths, class)
                }
            };
            let ([a, b], [a_path, b_path]) = (digests, paths);
            let judgement = if a <= b {
                Judgement { a, b, a_path, b_path, class }
            } else {
                Judgement { a: b, b: a, a_path: b_path, b_path: a_path, class }
            };
            if a == b {
                continue;
            }
            match said.get(&(judgement.a, judgement.b)) {
                Some((before, other)) if other.class != class => {
                    return Err(table.fault(line, TableFault::Contradiction(*before)));
                }
                Some(_) => {}
                None => _ = said.insert((judgement.a, judgement.b), (line, judgement)),
            }
        }
        Ok(Self { pairs: said.into_values().map(|(_, judgement)| judgement).collect(), elsewhere })
    }
}

/// What is where in a table.
enum Columns {
    Digests { digests: [usize; 2], paths: [Option<usize>; 2], class: usize },
    Paths { paths: [usize; 2], verdict: usize },
}

fn of_verdict(verdict: &str) -> Result<Class, TableFault> {
    match verdict {
        "same" => Ok(Class::SameWork),
        "variant" => Ok(Class::Template),
        "flat" | "unrelated" => Ok(Class::Unrelated),
        _ => Err(TableFault::Verdict(verdict.into())),
    }
}

/// The digest of every file that has one, by its names.
fn names<A: Algorithm>(corpus: &Corpus<A>) -> BTreeMap<String, Digest> {
    let digests = corpus.files.iter().filter_map(|file| Some((file, file.digest?)));
    digests
        .flat_map(|(file, digest)| file.paths.iter().map(move |path| (normal(Path::new(""), path), digest)))
        .collect()
}

impl<A: Algorithm> Corpus<A> {
    /// Gives pairs that have no class yet the class that a person gave them, and adds those that were judged though they
    /// are not within the threshold. What is left is returned: judgements of files that this corpus has not, or has no hash
    /// of.
    #[must_use = "judgements of other files are to be kept"]
    pub fn judge(&mut self, judgements: Vec<Judgement>) -> Vec<Judgement> {
        let hashed: BTreeMap<Digest, usize> =
            self.hashed().filter_map(|(at, file, _)| Some((file.digest?, at))).collect();
        let mut near: BTreeMap<(usize, usize), Near> = self.near.iter().map(|near| ((near.a, near.b), *near)).collect();
        let mut others = Vec::new();
        for judgement in judgements {
            let (Some(&a), Some(&b)) = (hashed.get(&judgement.a), hashed.get(&judgement.b)) else {
                others.push(judgement);
                continue;
            };
            let pair = near.entry((a, b)).or_insert_with(|| {
                let [x, y] = [a, b].map(|at| self.files[at].sample().expect("it is among the hashed"));
                Near { a, b, distance: x.hash.distance(&y.hash).bits(), class: None }
            });
            pair.class = pair.class.or(Some(judgement.class));
        }
        self.near = near.into_values().collect();
        others
    }

    /// The positions of the pairs in [`near`](Self::near) in the order in which they are worth a look: nearest first, those
    /// of pictures with too little structure last.
    #[must_use]
    pub fn nearest_first(&self) -> Vec<usize> {
        let mut order: Vec<usize> = (0..self.near.len()).collect();
        let is_flat = |near: &Near| self.quality_of(near) < Quality::DEFAULT_GATE;
        order.sort_by_key(|&at| (is_flat(&self.near[at]), self.near[at].distance, at));
        order
    }
}

/// The columns of `pairs.csv`.
const COLUMNS: [&str; 8] = ["a_sha256", "b_sha256", "a_path", "b_path", "distance", "a_quality", "b_quality", "class"];

/// Writes `pairs.csv`: a row for each pair, in the order of [`Corpus::nearest_first`], with the class to be filled in or
/// changed; then what was said of files that are not here.
///
/// # Errors
/// What the writer says.
pub fn write_pairs<A: Algorithm>(corpus: &Corpus<A>, others: &[Judgement], out: impl io::Write) -> io::Result<()> {
    write_some(corpus, &corpus.nearest_first(), others, out)
}

/// As [`write_pairs`], of these pairs.
pub(super) fn write_some<A: Algorithm>(
    corpus: &Corpus<A>,
    pairs: &[usize],
    others: &[Judgement],
    out: impl io::Write,
) -> io::Result<()> {
    let mut csv = csv::Writer::from_writer(out);
    csv.write_record(COLUMNS)?;
    for &at in pairs {
        csv.write_record(fields(corpus, &corpus.near[at]))?;
    }
    for Judgement { a, b, a_path, b_path, class } in others {
        let [a, b] = [a, b].map(ToString::to_string);
        csv.write_record([&a, &b, a_path, b_path, "", "", "", class.name()])?;
    }
    csv.flush()
}

/// The row of a pair.
pub(super) fn fields<A: Algorithm>(corpus: &Corpus<A>, near: &Near) -> [String; 8] {
    let [a, b] = [near.a, near.b].map(|at| &corpus.files[at]);
    let digest = |file: &super::File<A>| file.digest.map(|digest| digest.to_string()).unwrap_or_default();
    let path = |file: &super::File<A>| file.paths.first().cloned().unwrap_or_default();
    let quality = |file: &super::File<A>| file.sample().map_or(0, |sample| Quality::value(sample.quality)).to_string();
    [
        digest(a),
        digest(b),
        path(a),
        path(b),
        near.distance.to_string(),
        quality(a),
        quality(b),
        near.class.map(|class| class.to_string()).unwrap_or_default(),
    ]
}
