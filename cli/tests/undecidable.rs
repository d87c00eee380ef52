//! Every way in which an image can be undecidable, one row each: the rows of the tables in `docs/output.md`, "Under doubt".
//!
//! A row is run through every format and command, and the table in the document is what these runs print: it cannot say
//! anything else.
#![cfg(unix)]

mod common;

use std::collections::BTreeSet;
use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;
use std::process::{Command, Stdio};

use common::unprivileged::{allow, unprivileged};
use common::{Ran, Sandbox, column, demo_bytes, picture};
use presend_core::set::FileDigest;
use serde_json::Value;

/// One way in which an input may leave doubt.
struct Row {
    /// What the document calls it.
    case: &'static str,
    outcome: &'static str,
    /// The code of the reason.
    code: &'static str,
    /// What `hash` says of it: the code of its error, or nothing where it has a hash.
    hash: Option<&'static str>,
    /// The input and its options, behind `scan --list list.csv` or `hash`.
    input: &'static str,
    prepare: fn(&Sandbox),
}

const ROWS: &[Row] = &[
    Row {
        case: "a name that is not there",
        outcome: "unscannable",
        code: "not-found",
        hash: Some("not-found"),
        input: "x.jpg",
        prepare: |_| {},
    },
    Row {
        case: "a link that leads nowhere, named or found in a folder",
        outcome: "unscannable",
        code: "not-found",
        hash: Some("not-found"),
        input: "f",
        prepare: |sandbox| link(sandbox, "nowhere", "f/x"),
    },
    Row {
        case: "a link that leads to itself",
        outcome: "unscannable",
        code: "unreadable",
        hash: Some("unreadable"),
        input: "f",
        prepare: |sandbox| link(sandbox, "x", "f/x"),
    },
    Row {
        case: "a file that may not be read",
        outcome: "unscannable",
        code: "permission-denied",
        hash: Some("permission-denied"),
        input: "x.jpg",
        prepare: |sandbox| allow(sandbox.write("x.jpg", picture::blocks(1)), 0),
    },
    Row {
        case: "a folder that may not be listed",
        outcome: "unscannable",
        code: "permission-denied",
        hash: Some("permission-denied"),
        input: "f",
        prepare: |sandbox| {
            sandbox.write("f/x.jpg", picture::blocks(1));
            allow(sandbox.path().join("f"), 0);
        },
    },
    Row {
        case: "a file without a byte",
        outcome: "unscannable",
        code: "empty",
        hash: Some("empty"),
        input: "x.jpg",
        prepare: |sandbox| _ = sandbox.write("x.jpg", ""),
    },
    Row {
        case: "a file without a byte in a folder, whatever it is called",
        outcome: "unscannable",
        code: "empty",
        hash: Some("empty"),
        input: "f",
        prepare: |sandbox| _ = sandbox.write("f/x.txt", ""),
    },
    Row {
        case: "standard input without a byte",
        outcome: "unscannable",
        code: "empty",
        hash: Some("empty"),
        input: "-",
        prepare: |sandbox| _ = sandbox.write(STDIN, ""),
    },
    Row {
        case: "a file of no known format that somebody named",
        outcome: "unscannable",
        code: "unknown-format",
        hash: Some("unknown-format"),
        input: "x.txt",
        prepare: |sandbox| _ = sandbox.write("x.txt", "Nothing to see.\n"),
    },
    Row {
        case: "standard input of no known format",
        outcome: "unscannable",
        code: "unknown-format",
        hash: Some("unknown-format"),
        input: "-",
        prepare: |sandbox| _ = sandbox.write(STDIN, "Nothing to see.\n"),
    },
    Row {
        case: "a file of no known format in a folder that is called a picture, such as `x.jpg`",
        outcome: "unscannable",
        code: "unknown-format",
        hash: Some("unknown-format"),
        input: "f",
        prepare: |sandbox| _ = sandbox.write("f/x.jpg", "Nothing to see.\n"),
    },
    Row {
        case: "any other file of no known format in a folder: passed over",
        outcome: "skipped",
        code: "unknown-format",
        hash: None,
        input: "f",
        prepare: |sandbox| _ = sandbox.write("f/x.txt", "Nothing to see.\n"),
    },
    Row {
        case: "a format without a decoder here (AVIF, HEIF, JPEG XL, icons, SVG), whatever the file is called",
        outcome: "unscannable",
        code: "unsupported",
        hash: Some("unsupported"),
        input: "f",
        prepare: |sandbox| _ = sandbox.write("f/x", b"\0\0\0\x14ftypavif\0\0\0\0avif"),
    },
    Row {
        case: "a variant without a decoder here, such as a TIFF of 32 bits a sample",
        outcome: "unscannable",
        code: "unsupported",
        hash: Some("unsupported"),
        input: "x.tiff",
        prepare: |sandbox| _ = sandbox.write("x.tiff", tiff(32, 1)),
    },
    Row {
        case: "a file that breaks the rules of its format",
        outcome: "unscannable",
        code: "malformed",
        hash: Some("malformed"),
        input: "x.png",
        prepare: |sandbox| {
            let mut bytes = picture::blocks(1);
            bytes[19] ^= 1; // in the width, so that the checksum of the header is wrong
            sandbox.write("x.png", bytes);
        },
    },
    Row {
        case: "a file cut short before its first picture can be decoded, as every picture but a JPEG is by any cut",
        outcome: "unscannable",
        code: "malformed",
        hash: Some("malformed"),
        input: "x.png",
        prepare: |sandbox| {
            let bytes = picture::blocks(1);
            sandbox.write("x.png", &bytes[..bytes.len() / 2]);
        },
    },
    Row {
        case: "a file of more bytes than allowed",
        outcome: "unscannable",
        code: "too-many-bytes",
        hash: Some("too-many-bytes"),
        input: "x.png",
        prepare: |sandbox| {
            let path = sandbox.write("x.png", picture::blocks(1));
            let file = fs::File::options().write(true).open(path).expect("just written");
            // Without taking room on the disk.
            file.set_len((256 << 20) + 1).expect("the sandbox is writable");
        },
    },
    Row {
        case: "a frame of more pixels than allowed",
        outcome: "unscannable",
        code: "too-many-pixels",
        hash: Some("too-many-pixels"),
        input: "x.png",
        prepare: |sandbox| _ = sandbox.write("x.png", picture::bomb(60_000, 60_000)),
    },
    Row {
        case: "a side longer than any picture's",
        outcome: "unscannable",
        code: "too-long",
        hash: Some("too-long"),
        input: "x.png",
        prepare: |sandbox| _ = sandbox.write("x.png", picture::bomb((1 << 20) + 1, 1)),
    },
    Row {
        case: "a picture that takes more memory to decode than allowed",
        outcome: "unscannable",
        code: "too-much-memory",
        hash: Some("too-much-memory"),
        input: "--max-pixels 4000000000 x.png",
        prepare: |sandbox| _ = sandbox.write("x.png", picture::bomb(60_000, 60_000)),
    },
    Row {
        case: "a picture with more metadata (Exif, ICC, XMP) than allowed",
        outcome: "unscannable",
        code: "too-much-metadata",
        hash: Some("too-much-metadata"),
        input: "x.png",
        prepare: |sandbox| _ = sandbox.write("x.png", picture::exif_bomb()),
    },
    Row {
        case: "a picture that takes longer than allowed",
        outcome: "unscannable",
        code: "timeout",
        hash: Some("timeout"),
        input: "--max-seconds 0.001 x.png",
        prepare: |sandbox| _ = sandbox.write("x.png", picture::slow()),
    },
    Row {
        case: "a picture of which not even one frame is allowed",
        outcome: "unscannable",
        code: "too-many-frames",
        hash: Some("too-many-frames"),
        input: "--max-frames 0 x.png",
        prepare: |sandbox| _ = sandbox.write("x.png", picture::blocks(1)),
    },
    Row {
        case: "a picture of fewer than 5 pixels a side",
        outcome: "inconclusive",
        code: "too-small",
        hash: Some("too-small"),
        input: "x.png",
        prepare: |sandbox| _ = sandbox.write("x.png", picture::png(64, 4, |x, _| [x as u8; 4])),
    },
    Row {
        case: "a picture with less structure than `--min-quality`",
        outcome: "inconclusive",
        code: "low-quality",
        hash: None,
        input: "x.png",
        prepare: |sandbox| _ = sandbox.write("x.png", picture::flat()),
    },
    Row {
        case: "a picture with transparency of which some view shows little",
        outcome: "inconclusive",
        code: "low-quality",
        hash: None,
        input: "x.png",
        prepare: |sandbox| _ = sandbox.write("x.png", picture::faint(1)),
    },
    Row {
        case: "a JPEG with missing or corrupt data behind its header",
        outcome: "inconclusive",
        code: "damaged",
        hash: Some("damaged"),
        input: "x.jpg",
        prepare: |sandbox| _ = sandbox.write("x.jpg", first_part("outbox/beach.jpg", 60)),
    },
    Row {
        case: "an animation cut short behind its first frame",
        outcome: "inconclusive",
        code: "undecodable-frame",
        hash: Some("malformed"),
        input: "x.gif",
        prepare: |sandbox| _ = sandbox.write("x.gif", first_part("outbox/slideshow.gif", 40)),
    },
    Row {
        case: "an animation of more frames, or of more pixels in all frames, than allowed",
        outcome: "inconclusive",
        code: "undecodable-frame",
        hash: Some("too-many-frames"),
        input: "--max-frames 2 x.gif",
        prepare: |sandbox| _ = sandbox.write("x.gif", demo_bytes("outbox/slideshow.gif")),
    },
    Row {
        case: "a TIFF with pages behind the first",
        outcome: "inconclusive",
        code: "undecodable-frame",
        hash: Some("unsupported"),
        input: "x.tiff",
        prepare: |sandbox| _ = sandbox.write("x.tiff", tiff(8, 2)),
    },
];

/// One way in which a picture is found though its file leaves doubt.
struct Found {
    case: &'static str,
    options: &'static str,
    prepare: fn(&Sandbox) -> Vec<u8>,
}

const FOUND: &[Found] = &[
    Found {
        case: "a JPEG with missing or corrupt data whose picture is listed",
        options: "--list known.txt",
        prepare: |sandbox| {
            let bytes = first_part("outbox/beach.jpg", 90);
            sandbox.write("x", &bytes);
            sandbox.write("known.txt", format!("pdq {}\n", sandbox.hash_of("x")));
            bytes
        },
    },
    Found {
        case: "an animation with a listed frame, cut short behind it",
        options: "--list list.csv",
        prepare: |_| first_part("outbox/slideshow.gif", 90),
    },
    Found {
        case: "a file whose digest is in the sealed set, whatever it is",
        options: "--set known.presend --allow-unsigned",
        prepare: |sandbox| {
            let bytes = b"not a picture at all";
            let digest = FileDigest::Sha256([0; 32]).kinds().of_file(bytes).next().expect("one kind");
            sandbox.write("digests.csv", format!("signal_type,signal_str\nsha256,{digest}\n"));
            sandbox.presend("set build digests.csv -o known.presend").exits(0);
            bytes.to_vec()
        },
    },
];

/// Something that a folder holds and a scan of the folder does not read.
struct NoInput {
    case: &'static str,
    prepare: fn(&Sandbox),
    /// The option that has it read; nothing where only naming it does.
    option: Option<&'static str>,
    /// What names it.
    path: &'static str,
}

const NO_INPUTS: &[NoInput] = &[
    NoInput {
        case: "hidden files and folders",
        prepare: |sandbox| _ = sandbox.write("f/.x.png", picture::blocks(1)),
        option: Some("--hidden"),
        path: "f/.x.png",
    },
    NoInput {
        case: "what `.gitignore` and `.ignore` files leave out",
        prepare: |sandbox| {
            sandbox.write("f/.ignore", "x.png\n");
            sandbox.write("f/x.png", picture::blocks(1));
        },
        option: Some("--no-ignore"),
        path: "f/x.png",
    },
    NoInput {
        case: "folders behind links",
        prepare: |sandbox| {
            sandbox.write("elsewhere/x.png", picture::blocks(1));
            link(sandbox, "../elsewhere", "f/x");
        },
        option: None,
        path: "f/x",
    },
    NoInput {
        case: "pipes, sockets and devices",
        prepare: |sandbox| {
            sandbox.write("x.png", picture::blocks(1));
            let made = Command::new("mkfifo").arg(sandbox.path().join("f/x")).status();
            assert!(made.is_ok_and(|status| status.success()), "pipes can be made");
        },
        option: None,
        path: "f/x",
    },
];

/// A way in which a whole run is in doubt.
struct Fault {
    case: &'static str,
    /// The program's arguments; a file `x.png` is there that would be clean.
    line: &'static str,
    prepare: fn(&Sandbox),
    code: i32,
    /// The outcomes of the records that are printed all the same.
    outcomes: &'static [&'static str],
}

const FAULTS: &[Fault] = &[
    Fault {
        case: "a list that is not there, or is a folder",
        line: "scan --list known.txt x.png",
        prepare: |_| {},
        code: 3,
        outcomes: &[],
    },
    Fault {
        case: "a list without a usable hash",
        line: "scan --list known.txt x.png",
        prepare: |sandbox| _ = sandbox.write("known.txt", "# nothing yet\n"),
        code: 3,
        outcomes: &[],
    },
    Fault {
        case: "a list with a line that cannot be used: what that line held was not looked for",
        line: "scan --list known.txt --list list.csv x.png",
        prepare: |sandbox| _ = sandbox.write("known.txt", format!("pdq {}\npdq 12\n", "0f".repeat(32))),
        code: 3,
        outcomes: &["clean"],
    },
    Fault {
        case: "an index file that is not there, damaged, or of another algorithm",
        line: "scan --index known.index x.png",
        prepare: |sandbox| {
            sandbox.presend("index build list.csv -o known.index").exits(0);
            damage(sandbox, "known.index");
        },
        code: 3,
        outcomes: &[],
    },
    Fault {
        case: "a sealed set that is not there, damaged, cut short, or of another algorithm",
        line: "scan --set known.presend --allow-unsigned x.png",
        prepare: |sandbox| {
            sandbox.presend("set build list.csv -o known.presend").exits(0);
            damage(sandbox, "known.presend");
        },
        code: 3,
        outcomes: &[],
    },
    Fault {
        case: "a sealed set without `--trust`, or one that the trust file does not accept (too few endorsers, expired, older \
               than the last one seen)",
        line: "scan --set known.presend x.png",
        prepare: |sandbox| _ = sandbox.presend("set build list.csv -o known.presend").exits(0),
        code: 3,
        outcomes: &[],
    },
    Fault {
        case: "any of these with `--exit-zero`",
        line: "scan --exit-zero --list known.txt --list list.csv x.png",
        prepare: |sandbox| _ = sandbox.write("known.txt", format!("pdq {}\npdq 12\n", "0f".repeat(32))),
        code: 3,
        outcomes: &["clean"],
    },
    Fault {
        case: "standard input named twice",
        line: "scan --list list.csv - - x.png",
        prepare: |_| {},
        code: 2,
        outcomes: &[],
    },
    Fault {
        case: "a `--files-from` that cannot be read",
        line: "scan --list list.csv --files-from paths.txt x.png",
        prepare: |_| {},
        code: 2,
        outcomes: &[],
    },
    Fault {
        case: "no input at all, such as an empty folder: nothing was scanned, and standard error says so",
        line: "scan --list list.csv f",
        prepare: |sandbox| fs::create_dir(sandbox.path().join("f")).expect("the sandbox is writable"),
        code: 0,
        outcomes: &[],
    },
];

/// Ends of a run that only its own test can bring about, and where that is.
const ENDS: &[(&str, i32, &str)] = &[
    (
        "a reader of the results that goes away before all inputs were handled",
        2,
        "pipes.rs: a_reader_that_leaves_early_ends_a_long_run",
    ),
    (
        "Ctrl-C: no record for inputs that were not begun, and the summary says how far it came",
        130,
        "pipes.rs: an_interrupted_run_ends_with_130_and_says_how_far_it_came",
    ),
];

/// Changes a byte in the middle of a file.
fn damage(sandbox: &Sandbox, name: &str) {
    let path = sandbox.path().join(name);
    let mut bytes = fs::read(&path).expect("it was written");
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    fs::write(path, bytes).expect("the sandbox is writable");
}

/// The one row that no file is known for: a unit test of the program gives it a decoder's panic.
const BY_HAND: &[(&str, &str)] =
    &[("a file on which a decoder panics: contained, `-vv` shows where", "decoder-failed")];

/// The name of the file that is the standard input of a row.
const STDIN: &str = ".standard-input";

fn link(sandbox: &Sandbox, to: &str, from: &str) {
    let from = sandbox.path().join(from);
    fs::create_dir_all(from.parent().expect("in the sandbox")).expect("the sandbox is writable");
    symlink(to, from).expect("the sandbox is writable");
}

/// So many hundredths of a file of the demo.
fn first_part(name: &str, hundredths: usize) -> Vec<u8> {
    let mut bytes = demo_bytes(name);
    bytes.truncate(bytes.len() * hundredths / 100);
    bytes
}

/// An uncompressed grey TIFF of 64×64 pixels (TIFF 6.0, section 4), of so many bits a sample and so many pages, all alike.
fn tiff(bits: u32, pages: u32) -> Vec<u8> {
    const SHORT: u32 = 3;
    const LONG: u32 = 4;
    const HEADER: u32 = 8;
    const DIRECTORY: u32 = 2 + 9 * 12 + 4;
    let length = 64 * 64 * bits / 8;
    let fields = [
        (256, SHORT, 64),
        (257, SHORT, 64),
        (258, SHORT, bits),
        (259, SHORT, 1), // not compressed
        (262, SHORT, 1), // 0 is black
        (273, LONG, HEADER + pages * DIRECTORY),
        (277, SHORT, 1),
        (278, SHORT, 64),
        (279, LONG, length),
    ];
    let mut file = b"II*\0".to_vec();
    file.extend(HEADER.to_le_bytes());
    for page in 1..=pages {
        file.extend((fields.len() as u16).to_le_bytes());
        for (tag, kind, value) in fields {
            file.extend((tag as u16).to_le_bytes());
            file.extend((kind as u16).to_le_bytes());
            file.extend(1_u32.to_le_bytes());
            file.extend(value.to_le_bytes());
        }
        let next = if page < pages { HEADER + page * DIRECTORY } else { 0 };
        file.extend(next.to_le_bytes());
    }
    file.extend((0..length).map(|at| picture::grey(1, at % 64 / 8, at / 64 / 8)));
    file
}

/// A sandbox with the input of a row and a picture that is clean, and how to run the program in it.
struct Prepared {
    sandbox: Sandbox,
    program: Vec<String>,
}

impl Prepared {
    /// `None`, and a printed reason, where this machine cannot have such an input.
    fn new(row: &Row) -> Option<Self> {
        let sandbox = Sandbox::with_demo(&["outbox/green-hills.jpg"]);
        (row.prepare)(&sandbox);
        let program = match row.code {
            "permission-denied" => match unprivileged(&sandbox) {
                Ok(program) => program,
                Err(why) => {
                    println!("skipped: {}: {why}", row.case);
                    return None;
                }
            },
            _ => vec![env!("CARGO_BIN_EXE_presend").to_owned()],
        };
        Some(Self { sandbox, program })
    }

    fn run(&self, line: &str) -> Ran {
        let args = self.program[1..].iter().map(String::as_str).chain(line.split_whitespace());
        let mut command = self.sandbox.command_of(&self.program[0], args);
        let stdin = self.sandbox.path().join(STDIN);
        if stdin.exists() {
            command.stdin(fs::File::open(stdin).expect("it is there"));
        }
        command.output().expect("the program starts").into()
    }
}

impl Drop for Prepared {
    /// Lets the sandbox be removed.
    fn drop(&mut self) {
        let folder = self.sandbox.path().join("f");
        if folder.exists() {
            allow(folder, 0o755);
        }
    }
}

/// The exit status of a row.
fn status(row: &Row) -> i32 {
    if row.outcome == "skipped" { 0 } else { 2 }
}

#[test]
fn every_way_to_be_undecidable_has_its_verdict_in_every_format() {
    for row in ROWS {
        let Some(prepared) = Prepared::new(row) else { continue };
        // A clean picture behind it changes nothing, and is scanned; unless the same limit refuses it, too.
        let beside = if ["too-many-frames", "timeout"].contains(&row.code) { "" } else { "green-hills.jpg" };
        let scan = |options: &str, code: i32| {
            let ran = prepared.run(&format!("scan --list list.csv {options} {} {beside}", row.input));
            assert_eq!(ran.code, Some(code), "{}: {options}: {ran:?}", row.case);
            ran
        };
        for exit_zero in ["", "--exit-zero"] {
            let code = if exit_zero.is_empty() { status(row) } else { 0 };
            let records = scan(&format!("--format ndjson {exit_zero}"), code).ndjson("presend.scan/1");
            let record = &records[0];
            assert_eq!((&record["outcome"], &record["reason"]["code"]), (&row.outcome.into(), &row.code.into()));
            assert_eq!(record["matches"], serde_json::json!([]), "{}", row.case);
            let clean = usize::from(!beside.is_empty());
            assert_eq!(column(&records[1..], "outcome"), vec!["clean"; clean], "{}", row.case);
            let rows = scan(&format!("--format csv {exit_zero}"), code).csv();
            let column = |name| rows[0].iter().position(|column| column == name).expect("there is such a column");
            let cell = |name| rows[1][column(name)].as_str();
            assert_eq!((cell("outcome"), cell("matches")), (row.outcome, "0"), "{}", row.case);
            assert_eq!(Some(cell("reason")), record["reason"]["message"].as_str(), "{}", row.case);
            let ran = scan(exit_zero, code);
            let lines = ran.outcomes();
            match row.outcome {
                "skipped" => assert_eq!(lines.len(), clean, "{}", row.case),
                _ => assert_eq!((lines.len(), lines[0].0), (1 + clean, row.outcome), "{}", row.case),
            }
            let counted = |outcome| u8::from(row.outcome == outcome);
            let others = if row.outcome == "skipped" { ", 1 not a picture" } else { "" };
            let [inconclusive, unscannable] = ["inconclusive", "unscannable"].map(counted);
            let summary =
                format!(": 0 matched, {clean} clean, {inconclusive} inconclusive, {unscannable} unscannable{others}\n");
            assert!(ran.stderr.ends_with(&summary), "{}: {}", row.case, ran.stderr);
        }
    }
}

/// A hash is no verdict; but what has none, or a doubtful one, says so.
#[test]
fn what_is_undecidable_has_an_error_or_a_quality_when_it_is_hashed() {
    for row in ROWS {
        let Some(prepared) = Prepared::new(row) else { continue };
        let ran = prepared.run(&format!("hash --format ndjson {}", row.input));
        let ran = ran.exits(if row.hash.is_some() { 2 } else { 0 });
        let records = ran.ndjson("presend.hash/1");
        match (row.outcome, records.last()) {
            ("skipped", last) => assert_eq!(last, None, "{}", row.case),
            (_, None) => panic!("{}: no record", row.case),
            (_, Some(last)) => {
                assert_eq!(last["error"]["code"].as_str(), row.hash, "{}", row.case);
                let doubtful = [None, Some("damaged")].contains(&row.hash);
                assert_eq!(last["hash"].is_string(), doubtful, "{}: {last}", row.case);
            }
        }
    }
}

#[test]
fn what_is_undecidable_is_never_clean_when_it_is_compared() {
    for row in ROWS {
        let Some(prepared) = Prepared::new(row) else { continue };
        // A comparison takes files; of a folder it says that it is none.
        let ran = prepared.run(&format!("compare --format ndjson {} green-hills.jpg", row.input)).exits(2);
        let records = ran.ndjson("presend.compare/1");
        assert!(records.iter().all(|record| record["outcome"] == "inconclusive"), "{}: {records:?}", row.case);
        assert!(!records.is_empty() || ran.stderr.starts_with("presend: "), "{}: {}", row.case, ran.stderr);
    }
}

/// Of the engine, from its source: the strings of the functions that name the reasons.
fn codes_of(source: &str) -> BTreeSet<String> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../core/src").join(source);
    let text = fs::read_to_string(path).expect("the engine is part of the repository");
    let (_, body) = text.split_once("pub const fn code(&self) -> &'static str {").expect("reasons have codes");
    let (body, _) = body.split_once("\n    }\n").expect("the function ends");
    body.split('"').skip(1).step_by(2).map(str::to_owned).collect()
}

#[test]
fn every_reason_of_the_engine_has_a_row() {
    let mut codes = codes_of("decode/mod.rs");
    codes.extend(codes_of("scan.rs"));
    assert!(codes.contains("empty") && codes.contains("low-quality") && codes.len() >= 14, "{codes:?}");
    let rows: BTreeSet<String> =
        ROWS.iter().map(|row| row.code).chain(BY_HAND.iter().map(|(_, code)| *code)).map(str::to_owned).collect();
    let missing: Vec<_> = codes.difference(&rows).collect();
    assert!(missing.is_empty(), "no row has {missing:?}");
}

/// What a record says beside what every record does: the fields that are not null, without the words for people.
fn told(record: &Value) -> String {
    const FIELDS: [&str; 6] = ["format", "width", "height", "frames", "quality", "precision"];
    let facts = FIELDS.iter().map(|name| (*name, record[*name].clone()));
    let reason = record["reason"]["code"].as_str().map(|code| serde_json::json!({ "code": code }));
    let told = facts.chain(reason.map(|reason| ("reason", reason))).filter(|(_, value)| !value.is_null());
    told.map(|(name, value)| format!("\"{name}\":{value}")).collect::<Vec<_>>().join(", ")
}

/// The lines of a table of the document, between two markers.
fn documented(name: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/output.md");
    let text = fs::read_to_string(path).expect("the document is part of the repository");
    let (_, rest) = text.split_once(&format!("<!-- {name} -->\n")).expect("the table begins");
    rest.split_once("<!-- end -->").expect("the table ends").0.to_owned()
}

#[test]
fn a_picture_that_is_found_matches_whatever_else_is_wrong_with_its_file() {
    let mut table = "| file | verdict | exit |\n|---|---|---|\n".to_owned();
    for Found { case, options, prepare } in FOUND {
        let sandbox = Sandbox::with_list();
        sandbox.write("file", prepare(&sandbox));
        let records =
            sandbox.presend(&format!("scan {options} --format ndjson file")).exits(1).ndjson("presend.scan/1");
        assert_eq!(column(&records, "outcome"), ["match"], "{case}");
        table += &format!("| {case} | match | 1 |\n");
    }
    assert_eq!(documented("matches under doubt"), table, "docs/output.md has another table than this:\n{table}");
}

#[test]
fn what_a_folder_holds_that_is_no_input_is_left_alone_until_it_is_asked_for() {
    let mut table = "| in a folder | read with |\n|---|---|\n".to_owned();
    for NoInput { case, prepare, option, path } in NO_INPUTS {
        let sandbox = Sandbox::with_list();
        sandbox.write("f/clean.png", picture::blocks(2));
        prepare(&sandbox);
        let scan = |input: &str| {
            let ran = sandbox.presend(&format!("scan --list list.csv --format ndjson {input}")).exits(0);
            column(&ran.ndjson("presend.scan/1"), "path")
        };
        assert_eq!(scan("f"), ["f/clean.png"], "{case}");
        if let Some(option) = option {
            assert!(scan(&format!("{option} f")).contains(&(*path).to_owned()), "{case}");
        } else if sandbox.path().join(path).is_dir() {
            assert_eq!(scan(path), ["f/x/x.png"], "{case}");
        } else {
            let mut named = sandbox.command(["scan", "--list", "list.csv", path]);
            let mut named = named.stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("the program starts");
            fs::copy(sandbox.path().join("x.png"), sandbox.path().join(path)).expect("the program reads");
            assert!(named.wait().is_ok_and(|status| status.success()), "{case}");
        }
        let with = option.map_or("its name".to_owned(), |option| format!("`{option}`, or its name"));
        table += &format!("| {case} | {with} |\n");
    }
    assert_eq!(documented("not inputs"), table, "docs/output.md has another table than this:\n{table}");
}

#[test]
fn a_run_in_doubt_says_so_by_its_exit_status_and_its_last_words() {
    let mut table = "| fault | exit | records |\n|---|---|---|\n".to_owned();
    for Fault { case, line, prepare, code, outcomes } in FAULTS {
        let sandbox = Sandbox::with_list();
        sandbox.write("x.png", picture::blocks(2));
        prepare(&sandbox);
        let ran = sandbox.presend(&format!("{line} --format ndjson")).exits(*code);
        assert_eq!(column(&ran.ndjson("presend.scan/1"), "outcome"), *outcomes, "{case}");
        assert!(!ran.stderr.is_empty(), "{case}: standard error says what is wrong");
        let records = if outcomes.is_empty() { "none" } else { "all" };
        table += &format!("| {case} | {code} | {records} |\n");
    }
    for (case, code, test) in ENDS {
        let (file, name) = test.split_once(": ").expect("a file and a test");
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests").join(file);
        let tests = fs::read_to_string(path).expect("the test is there");
        assert!(tests.contains(&format!("fn {name}()")), "{test}");
        table += &format!("| {case} | {code} | those before |\n");
    }
    assert_eq!(documented("faults of a run"), table, "docs/output.md has another table than this:\n{table}");
}

#[test]
fn the_documents_table_is_what_the_program_prints() {
    let documented = documented("undecidable inputs");
    let mut table = "| input | verdict | exit | `hash` | in the record |\n|---|---|---|---|---|\n".to_owned();
    for row in ROWS {
        let hash = row.hash.map_or("–".to_owned(), |code| format!("`{code}`"));
        let start = format!("| {} | {} | {} | {hash} | ", row.case, row.outcome, status(row));
        let Some(prepared) = Prepared::new(row) else {
            // Taken from the document: this machine cannot tell.
            table += documented.lines().find(|line| line.starts_with(&start)).expect("the document has this row");
            table.push('\n');
            continue;
        };
        let ran = prepared.run(&format!("scan --list list.csv --format ndjson {}", row.input));
        table += &format!("{start}`{}` |\n", told(&ran.ndjson("presend.scan/1")[0]));
    }
    for (case, code) in BY_HAND {
        table += &format!("| {case} | unscannable | 2 | `{code}` | `\"reason\":{{\"code\":\"{code}\"}}` |\n");
    }
    assert_eq!(documented, table, "docs/output.md has another table than this:\n{table}");
}
