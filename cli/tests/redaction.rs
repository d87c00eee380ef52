//! What is printed says no path where it was asked not to, and messages say no hash and no match in any case.

mod common;

use common::{Ran, Sandbox, demo_bytes, picture};

/// A part of every path.
const SECRET: &str = "grandmother";

/// A sandbox of files with telling names: a picture that is listed in a list, an index and a set, one that is not, some that
/// cannot be judged, and a folder.
fn sandbox() -> Sandbox {
    let sandbox = Sandbox::with_demo(&["outbox/harbour-recompressed.jpg"]);
    let list = std::fs::read_to_string(sandbox.path().join("list.csv")).expect("text");
    sandbox.write("grandmother.list", &list);
    sandbox.write("faulty.grandmother", format!("{list}pdq,12,100,a broken one\n"));
    sandbox.presend("index build grandmother.list -o grandmother.index").exits(0);
    sandbox.presend("set build --name known grandmother.list -o grandmother.presend").exits(0);
    sandbox.write("grandmother/listed.jpg", demo_bytes("outbox/harbour-recompressed.jpg"));
    sandbox.write("grandmother/other.png", picture::blocks(1));
    sandbox.write("grandmother/flat.png", picture::flat());
    sandbox.write("grandmother/notes.txt", "Nothing to see.\n");
    sandbox.write("grandmother/empty.png", "");
    sandbox.write("paths-of-grandmother", "grandmother/other.png\nmissing-grandmother.jpg\n");
    sandbox
}

const INPUTS: &str = "grandmother missing-grandmother.jpg grandmother/listed.jpg";

/// Every way to run a command over the inputs: formats, and how much is said.
fn ways(command: &str) -> Vec<String> {
    let formats = ["human", "ndjson", "csv"];
    let said = ["-q", "-v", "-vvv"];
    formats.iter().flat_map(|format| said.map(|said| format!("{command} --format {format} {said} {INPUTS}"))).collect()
}

fn scans() -> Vec<String> {
    [
        "scan --list grandmother.list",
        "scan --list grandmother.list --list faulty.grandmother",
        "scan --index grandmother.index",
        "scan --set grandmother.presend --allow-unsigned",
        "scan --list grandmother.list --files-from paths-of-grandmother",
    ]
    .iter()
    .flat_map(|command| ways(command))
    .collect()
}

/// Commands that end before anything is scanned.
const REFUSED: [&str; 9] = [
    "scan --list no-grandmother.list x.png",
    "scan --index no-grandmother.index x.png",
    "scan --index grandmother.list x.png",
    "scan --set no-grandmother.presend --allow-unsigned x.png",
    "scan --set grandmother.list --allow-unsigned x.png",
    "scan --set grandmother.presend --trust no-grandmother.json x.png",
    "scan --set grandmother.presend --trust grandmother.list x.png",
    "scan --list grandmother.list --files-from no-grandmother x.png",
    "hash --output no-grandmother/hashes.csv grandmother/other.png",
];

fn texts(ran: &Ran) -> [&str; 2] {
    [ran.text(), &ran.stderr]
}

#[test]
fn no_path_is_printed_where_paths_are_not_to_be_shown() {
    let sandbox = sandbox();
    let refused = REFUSED.iter().flat_map(|line| ["", "-vv"].map(|said| format!("{line} {said}")));
    for line in scans().into_iter().chain(ways("hash")).chain(ways("hash --digest --dihedral")).chain(refused) {
        let ran = sandbox.presend(&format!("{line} --redact-paths"));
        assert!(ran.code.is_some_and(|code| code != 101), "{line}: {ran:?}");
        for text in texts(&ran) {
            assert!(!text.contains(SECRET), "{line}:\n{text}");
        }
        let shown = sandbox.presend(&line);
        assert_eq!(shown.code, ran.code, "{line}");
        assert!(texts(&shown).iter().any(|text| text.contains(SECRET)), "{line}: nothing to hide: {shown:?}");
    }
}

#[test]
fn files_are_numbered_in_order_and_the_same_file_has_the_same_number() {
    let sandbox = sandbox();
    let scan = format!("scan --redact-paths --list grandmother.list --format ndjson {INPUTS}");
    let records = sandbox.presend(&scan).exits(2).ndjson("presend.scan/1");
    let paths = common::column(&records, "path");
    // empty.png, flat.png, listed.jpg, notes.txt, other.png; then a missing one, and the third again.
    assert_eq!(paths, ["input 1", "input 2", "input 3", "input 4", "input 5", "input 6", "input 3"]);
    assert_eq!(
        (&records[2]["outcome"], &records[2]["matches"][0]["list"]["path"]),
        (&"match".into(), &"list 1".into())
    );
    let human = sandbox.presend(&format!("scan --redact-paths --list grandmother.list {INPUTS}")).exits(2);
    assert!(
        human.text().contains("match         input 3: 0 bits from \"a harbour at dusk\" (list 1:8)\n"),
        "{human:?}"
    );
    // An index file knows the lists it was made of by their paths.
    let index = "scan --redact-paths --index grandmother.index --format ndjson grandmother/listed.jpg";
    let records = sandbox.presend(index).exits(1).ndjson("presend.scan/1");
    assert_eq!(records[0]["matches"][0]["list"]["path"], "a file");
    let rows = sandbox.presend(&format!("hash --redact-paths --format csv {INPUTS}")).exits(2).csv();
    assert_eq!(
        rows[1..].iter().map(|row| row[0].as_str()).collect::<Vec<_>>(),
        ["input 1", "input 2", "input 3", "input 5", "input 6", "input 3"]
    );
    let refused = sandbox.presend("scan --redact-paths --set no-grandmother.presend --allow-unsigned x.png").exits(3);
    assert!(refused.stderr.starts_with("presend: cannot read set 1: "), "{}", refused.stderr);
}

/// With paths or without them. The summary says how many matched, unless told to be quiet; not which.
#[test]
fn messages_hold_no_hash_and_no_match() {
    let sandbox = sandbox();
    let hashes = [sandbox.hash_of("grandmother/listed.jpg"), sandbox.hash_of("grandmother/other.png")];
    for redacted in ["", "--redact-paths"] {
        for line in scans().into_iter().chain(ways("hash")) {
            let ran = sandbox.presend(&format!("{line} {redacted}"));
            let told = ran.stderr.to_lowercase();
            for hash in &hashes {
                assert!(!told.contains(&hash[..16]), "{line}: {told}");
            }
            for word in ["harbour", "bits from", "list:8", "listed.jpg", "entry 6"] {
                assert!(!told.contains(word), "{line}: {told}");
            }
        }
    }
}

/// Whoever sees the messages need not be whoever may see the list.
#[test]
fn a_line_of_a_list_that_cannot_be_used_is_not_quoted() {
    let sandbox = sandbox();
    let hash = "f8f8f0cee0f4a84f06370a22038f63f0b36e2ed596621e1d33e6b39c4e9c9b22";
    let broken = [
        format!("{hash} a label\n"),
        format!("{hash}00\n"),
        format!("pdq {hash}0\n"),
        format!("pdq {}x\n", &hash[1..]),
        format!("algorithm,hash\n{hash},pdq\n"),
        format!("algorithm,hash,quality\npdq,{hash},{hash}\n"),
        format!("pdq,{hash},{hash}\n"),
        format!("\"{hash}\n"),
    ];
    for (number, line) in broken.iter().enumerate() {
        sandbox.write("broken.list", line);
        let scan = "scan -vv --list grandmother.list --list broken.list grandmother/other.png";
        let ran = sandbox.presend(scan);
        assert!(!ran.stderr.contains(&hash[1..40]), "{number}: {}", ran.stderr);
    }
}
