//! `presend scan`.

use std::fmt;
use std::io::{self, Write};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use anstyle::{AnsiColor, Style};
use anyhow::Result;
use presend_core::{
    Algorithm, AlgorithmId, Backdrop, Dihedral, Index, Match, Orientations, PictureFacts, Policy, Quality, Scanned,
    Scanner, Scratch, Threshold, Verdict,
};
use serde::{Serialize, Serializer};

use crate::algorithm::{SetAlgorithm, with_algorithm};
use crate::args::{OutputFormat, RunArgs, ScanArgs};
use crate::input::{self, Input, InputError};
use crate::known::{self, Known, Source};
use crate::output::{
    PathRecord, Printer, Reason, Row, Status, count, field, passed_over, path_field, printable, shown, turned,
};
use crate::run::{self, Clock, End, Run, Work};

pub(crate) fn run(args: &ScanArgs) -> Result<Status> {
    let status = with_algorithm!(args.hashing.algorithm.id(), scan_files(args))?;
    Ok(if args.exit_zero && status <= Status::Error { Status::Clean } else { status })
}

fn scan_files<A: SetAlgorithm>(algorithm: A, args: &ScanArgs) -> Result<Status> {
    let mut policy = Policy::of::<A>();
    policy.precision = args.precision.of::<A>()?;
    let known = known::open::<A>(&args.known, args.run.quiet)?;
    policy.threshold = args.matching.threshold.unwrap_or(policy.threshold);
    policy.min_quality = args.matching.min_quality;
    policy.effort = args.effort;
    policy.limits = args.hashing.limits();
    if args.matching.dihedral {
        policy.orientations = Orientations::Dihedral;
    }
    let inputs = input::collect(&args.inputs)?;
    tracing::info!("{} inputs", inputs.len());
    scan(algorithm, known, policy, args.time.limit(), inputs, args.format, &args.run)
}

/// Scans every input, prints a row for each and a summary at the end.
pub(crate) fn scan<A: Algorithm>(
    algorithm: A,
    known: Known<A>,
    policy: Policy,
    time: Option<Duration>,
    inputs: Vec<Input>,
    format: OutputFormat,
    args: &RunArgs,
) -> Result<Status> {
    let threads = run::number_of_threads(args.jobs);
    let known = Arc::new(if inputs.len() < threads { known.shared(run::threads(args.jobs)?) } else { known });
    let mut counts = Counts::default();
    let run = run::ordered(
        args,
        time,
        inputs,
        Scanning { algorithm, known: Arc::clone(&known), policy },
        Printer::new(format, COLUMNS),
        |printer, input, result| {
            let row = ScanRow::new::<A>(input, result, &known, policy.threshold);
            counts.add(&row);
            printer.print(&row)
        },
    )?;
    if !args.quiet && run.end != End::Unread {
        counts.summarise(&run, known.len(), known.faulty());
    }
    Ok(match run.end {
        End::Interrupted => Status::Interrupted,
        _ if known.faulty() > 0 => Status::BadSet,
        // Nobody reads on, and inputs remain that nobody looked at.
        End::Unread if run.handled < run.total => Status::Error,
        _ => counts.status(),
    })
}

/// What is done with every input.
struct Scanning<A: Algorithm> {
    algorithm: A,
    known: Arc<Known<A>>,
    policy: Policy,
}

impl<A: Algorithm> Work for Scanning<A> {
    type Outcome = Result<Scanned, InputError>;

    fn outcome(&self, input: &Input, scratch: &mut Scratch, clock: &Clock) -> Self::Outcome {
        let scanner = Scanner::new(self.algorithm, &*self.known, self.policy);
        input.with_bytes_of(self.known.kind(), &self.policy.limits, |bytes| {
            clock.start();
            scanner.scan(bytes, scratch)
        })
    }

    fn late(&self, _: &Input, limit: Duration) -> Self::Outcome {
        Err(InputError::Late { limit })
    }
}

/// How many inputs had which outcome.
#[derive(Debug, Default)]
struct Counts {
    matched: usize,
    clean: usize,
    inconclusive: usize,
    unscannable: usize,
    skipped: usize,
}

impl Counts {
    fn add(&mut self, row: &ScanRow) {
        *match row.outcome {
            Outcome::Match => &mut self.matched,
            Outcome::Clean => &mut self.clean,
            Outcome::Inconclusive => &mut self.inconclusive,
            Outcome::Unscannable => &mut self.unscannable,
            Outcome::Skipped => &mut self.skipped,
        } += 1;
    }

    fn status(&self) -> Status {
        match self {
            Self { inconclusive: 1.., .. } | Self { unscannable: 1.., .. } => Status::Error,
            Self { matched: 1.., .. } => Status::Match,
            _ => Status::Clean,
        }
    }

    fn summarise(&self, run: &Run, entries: usize, faulty: usize) {
        let Self { matched, clean, inconclusive, unscannable, skipped } = self;
        let lines = count(faulty, "line", "lines");
        let faulty = if faulty > 0 { format!(" ({lines} of the lists could not be used)") } else { String::new() };
        let others = passed_over(*skipped);
        anstream::eprintln!(
            "{} against {}{faulty}: \
             {matched} matched, {clean} clean, {inconclusive} inconclusive, {unscannable} unscannable{others}",
            run.rate(*skipped),
            count(entries, "entry", "entries"),
        );
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Outcome {
    Match,
    Clean,
    Inconclusive,
    Unscannable,
    /// Not a picture, and nobody said it was one.
    Skipped,
}

impl Outcome {
    const fn name(self) -> &'static str {
        match self {
            Self::Match => "match",
            Self::Clean => "clean",
            Self::Inconclusive => "inconclusive",
            Self::Unscannable => "unscannable",
            Self::Skipped => "skipped",
        }
    }

    fn style(self) -> Style {
        let colour = match self {
            Self::Match => AnsiColor::Red,
            Self::Clean => AnsiColor::Green,
            Self::Inconclusive | Self::Unscannable | Self::Skipped => AnsiColor::Yellow,
        };
        colour.on_default()
    }
}

/// Where an entry stands that matched.
#[derive(Debug, Serialize)]
#[serde(untagged)]
enum Place {
    List { list: PathRecord, line: u32 },
    Set { set: String, version: u64, entry: usize, digest: Option<&'static str> },
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::List { list, line } => write!(f, "{}:{line}", printable(&list.path)),
            Self::Set { set, version, entry, .. } => write!(f, "{}:{version}, entry {entry}", printable(set)),
        }
    }
}

/// The result for one input.
#[derive(Debug)]
struct ScanRow {
    path: PathBuf,
    outcome: Outcome,
    algorithm: AlgorithmId,
    threshold: Threshold,
    picture: Option<PictureFacts>,
    matches: Vec<MatchRecord>,
    reason: Option<Reason>,
}

#[derive(Debug, Serialize)]
struct MatchRecord {
    distance: u16,
    #[serde(flatten)]
    place: Place,
    label: Option<String>,
    frame: u32,
    backdrop: &'static str,
    #[serde(serialize_with = "name")]
    orientation: Dihedral,
    lookup: usize,
}

fn name<S: Serializer>(orientation: &Dihedral, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(orientation.name())
}

impl ScanRow {
    fn new<A: Algorithm>(
        input: &Input,
        result: Result<Scanned, InputError>,
        known: &Known<A>,
        threshold: Threshold,
    ) -> Self {
        let mut matches = Vec::new();
        let (outcome, reason, picture) = match result {
            Err(error) => {
                let outcome = if input.passes_over(&error) { Outcome::Skipped } else { Outcome::Unscannable };
                (outcome, Some(Reason { code: error.code(), message: error.to_string() }), None)
            }
            Ok(scanned) => {
                let (outcome, reason) = match &scanned.verdict {
                    Verdict::NoMatch => (Outcome::Clean, None),
                    Verdict::Inconclusive(why) => {
                        (Outcome::Inconclusive, Some(Reason { code: why.code(), message: why.to_string() }))
                    }
                    Verdict::Match(found) => {
                        matches.extend(found.iter().map(|found| {
                            let (place, label) = place(known, found);
                            MatchRecord {
                                distance: found.distance.bits(),
                                place,
                                label,
                                frame: found.frame,
                                backdrop: found.backdrop.name(),
                                orientation: found.orientation,
                                lookup: found.lookup,
                            }
                        }));
                        (Outcome::Match, None)
                    }
                };
                (outcome, reason, scanned.picture)
            }
        };
        Self { path: input.path().to_owned(), outcome, algorithm: A::ID, threshold, picture, matches, reason }
    }
}

/// Where a match stands, and its label.
fn place<A: Algorithm>(known: &Known<A>, found: &Match) -> (Place, Option<String>) {
    match known.source(found.entry) {
        Source::List(note) => {
            let list = PathRecord::new(&known::path_of_list(note.list));
            (Place::List { list, line: note.line }, note.label.map(str::to_owned))
        }
        Source::Set { set, entry } => {
            let manifest = set.manifest();
            let place = Place::Set {
                set: manifest.name.clone(),
                version: manifest.version,
                entry,
                digest: found.file.map(|digest| digest.kind()),
            };
            (place, found.payload.and_then(|payload| payload.label().map(str::to_owned)))
        }
    }
}

#[derive(Serialize)]
struct ScanRecord<'a> {
    schema: &'static str,
    #[serde(flatten)]
    path: PathRecord,
    outcome: &'static str,
    algorithm: &'static str,
    threshold: u16,
    format: Option<&'static str>,
    width: Option<u32>,
    height: Option<u32>,
    frames: Option<u32>,
    quality: Option<u8>,
    precision: Option<&'static str>,
    matches: &'a [MatchRecord],
    reason: Option<&'a Reason>,
}

const COLUMNS: &[&str] = &[
    "path",
    "outcome",
    "algorithm",
    "threshold",
    "format",
    "width",
    "height",
    "frames",
    "quality",
    "matches",
    "distance",
    "list",
    "line",
    "label",
    "frame",
    "backdrop",
    "orientation",
    "reason",
    "set",
    "set_version",
    "entry",
    "digest",
    "lookup",
    "precision",
];

impl Row for ScanRow {
    fn fields(&self) -> Vec<Vec<u8>> {
        let picture = self.picture.as_ref();
        let nearest = self.matches.first();
        let (list, set) = match nearest.map(|nearest| &nearest.place) {
            Some(Place::List { list, line }) => (Some((&list.path, line)), None),
            Some(Place::Set { set, version, entry, digest }) => (None, Some((set, version, entry, *digest))),
            None => (None, None),
        };
        vec![
            path_field(&self.path),
            field(Some(self.outcome.name())),
            field(Some(self.algorithm)),
            field(Some(self.threshold)),
            field(picture.map(|picture| picture.format)),
            field(picture.map(|picture| picture.width)),
            field(picture.map(|picture| picture.height)),
            field(picture.map(|picture| picture.frames)),
            field(picture.and_then(|picture| picture.quality)),
            field(Some(self.matches.len())),
            field(nearest.map(|nearest| nearest.distance)),
            field(list.map(|(path, _)| path)),
            field(list.map(|(_, line)| line)),
            field(nearest.and_then(|nearest| nearest.label.as_ref())),
            field(nearest.map(|nearest| nearest.frame)),
            field(nearest.map(|nearest| nearest.backdrop)),
            field(nearest.map(|nearest| nearest.orientation)),
            field(self.reason.as_ref().map(|reason| &reason.message)),
            field(set.map(|(set, ..)| set)),
            field(set.map(|(_, version, ..)| version)),
            field(set.map(|(_, _, entry, _)| entry)),
            field(set.and_then(|(.., digest)| digest)),
            field(nearest.map(|nearest| nearest.lookup)),
            field(picture.map(|picture| picture.precision)),
        ]
    }

    fn record(&self) -> impl Serialize {
        let picture = self.picture.as_ref();
        ScanRecord {
            schema: "presend.scan/1",
            path: PathRecord::new(&self.path),
            outcome: self.outcome.name(),
            algorithm: self.algorithm.name(),
            threshold: self.threshold.bits(),
            format: picture.map(|picture| picture.format.name()),
            width: picture.map(|picture| picture.width),
            height: picture.map(|picture| picture.height),
            frames: picture.map(|picture| picture.frames),
            quality: picture.and_then(|picture| picture.quality).map(Quality::value),
            precision: picture.map(|picture| picture.precision.name()),
            matches: &self.matches,
            reason: self.reason.as_ref(),
        }
    }

    fn line(&self, out: &mut impl Write) -> io::Result<()> {
        if self.outcome == Outcome::Skipped {
            return Ok(());
        }
        let style = self.outcome.style();
        write!(out, "{style}{:<12}{style:#}  {}", self.outcome.name(), shown(&self.path))?;
        if let Some(reason) = &self.reason {
            write!(out, ": {}", printable(&reason.message))?;
        }
        if let Some(nearest) = self.matches.first() {
            match nearest.place {
                Place::Set { digest: Some(kind), .. } => write!(out, ": its {kind} is that of ")?,
                _ => write!(out, ": {} bits from ", nearest.distance)?,
            }
            match &nearest.label {
                Some(label) => write!(out, "{label:?} ({})", nearest.place)?,
                None => write!(out, "{}", nearest.place)?,
            }
            if nearest.frame > 0 {
                write!(out, ", frame {}", nearest.frame)?;
            }
            if nearest.backdrop != Backdrop::Ignored.name() {
                write!(out, ", shown on {}", nearest.backdrop)?;
            }
            write!(out, "{}", turned(nearest.orientation))?;
            if nearest.lookup > 0 {
                write!(out, ", once an edit is undone")?;
            }
            if self.matches.len() > 1 {
                write!(out, ", and {} more", self.matches.len() - 1)?;
            }
        }
        writeln!(out)
    }
}

#[cfg(test)]
mod tests {
    use presend_core::{DecodeError, Format, Pdq};

    use super::*;

    /// The row of `docs/output.md` that no file is known for; the others are tested in `tests/undecidable.rs`.
    #[test]
    fn a_decoder_that_panics_leaves_its_file_unscannable() {
        let error = DecodeError::Panicked { format: Format::WebP, message: "index out of bounds".into() };
        let known = Known::<Pdq>::of_lists(Vec::new());
        for input in [Input::File("x.webp".into()), Input::Found("x".into()), Input::Stdin] {
            let row = ScanRow::new(&input, Err(error.clone().into()), &known, Threshold::new(31));
            assert_eq!(row.outcome, Outcome::Unscannable);
            let record = serde_json::to_value(row.record()).expect("a record");
            assert_eq!(record["reason"]["code"], "decoder-failed");
            let mut counts = Counts::default();
            counts.add(&row);
            assert_eq!(counts.status(), Status::Error);
        }
    }
}
