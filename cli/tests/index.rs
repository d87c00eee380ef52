//! Index files: the same verdicts as the lists they were made of.

mod common;

use common::{ALGORITHMS, Sandbox};

const PICTURE: &str = "harbour-recompressed.jpg";

fn sandbox() -> Sandbox {
    Sandbox::with_demo(&["outbox/harbour-recompressed.jpg", "outbox/beach.jpg", "outbox/kitchen-resized.png"])
}

#[test]
fn an_index_gives_the_verdicts_of_its_lists() {
    let sandbox = sandbox();
    let hash = sandbox.hash_of(PICTURE);
    sandbox.write("second.txt", format!("# algorithm: pdq\n\n{hash},100,harbour, again\n"));
    let built = sandbox.presend("index build list.csv second.txt -o known.idx").exits(0);
    assert_eq!(built.text(), "");
    assert!(built.stderr.ends_with("known.idx: 13 entries added, 13 in all\n"), "{}", built.stderr);
    for options in ["", "--threshold 60", "--dihedral", "--effort 2 --jobs 1"] {
        let scan = |known: &str| sandbox.presend(&format!("scan --format ndjson {options} {known} .")).exits(1);
        let by_lists = scan("--list list.csv --list second.txt");
        assert_eq!(scan("--index known.idx").text(), by_lists.text(), "{options}");
        assert!(by_lists.text().contains("harbour, again"), "{}", by_lists.text());
    }
}

#[test]
fn every_algorithm_has_indexes() {
    let sandbox = sandbox();
    for algorithm in ALGORITHMS {
        sandbox.write("list", format!("{algorithm} {}\n", sandbox.hash_by(algorithm, PICTURE)));
        sandbox.presend(&format!("index build --algorithm {algorithm} list -o {algorithm}.idx")).exits(0);
        sandbox.presend(&format!("scan --algorithm {algorithm} --index {algorithm}.idx {PICTURE}")).exits(1);
    }
    let refused = sandbox.presend(&format!("scan --index dhash.idx {PICTURE}")).exits(3);
    assert_eq!(refused.stderr, "presend: dhash.idx: the index is of dhash hashes, not pdq\n");
}

#[test]
fn lists_are_added_to_an_index() {
    let sandbox = sandbox();
    let hash = sandbox.hash_of("beach.jpg");
    sandbox.write("more.txt", format!("pdq {hash} the beach\n"));
    sandbox.presend("index build list.csv -o known.idx").exits(0);
    sandbox.presend("scan --index known.idx beach.jpg").exits(0);
    let added = sandbox.presend("index add known.idx more.txt").exits(0);
    assert_eq!(added.stderr, "known.idx: 1 entry added, 13 in all\n");
    let scanned = sandbox.presend("scan --index known.idx beach.jpg").exits(1);
    assert!(scanned.text().contains("more.txt:1"), "{}", scanned.text());
    sandbox.presend("index build list.csv more.txt -o whole.idx").exits(0);
    let read = |name| std::fs::read(sandbox.path().join(name)).expect("written");
    assert!(read("known.idx") == read("whole.idx"), "added or built at once, the bytes are the same");
    let info = sandbox.presend("index info known.idx").exits(0);
    assert_eq!(
        info.text(),
        "algorithm  pdq\nentries    13\nlist       list.csv, 12 entries\nlist       more.txt, 1 entry\n"
    );
}

#[test]
fn an_index_stands_beside_lists_and_a_set() {
    let sandbox = sandbox();
    sandbox.write("more.txt", format!("pdq {}\n", sandbox.hash_of("beach.jpg")));
    sandbox.write("known.presend", common::demo_bytes("known.presend"));
    sandbox.presend("index build list.csv -o known.idx").exits(0);
    let known = "--list more.txt --index known.idx --set known.presend --allow-unsigned";
    let records = sandbox.presend(&format!("scan --format ndjson {known} {PICTURE} beach.jpg")).exits(1);
    let records = records.ndjson("presend.scan/1");
    let matches = records[0]["matches"].as_array().expect("matches");
    assert_eq!(matches.len(), 2, "{matches:#?}");
    assert_eq!((&matches[0]["list"]["path"], &matches[0]["label"]), (&"list.csv".into(), &"a harbour at dusk".into()));
    assert!(matches[1]["set"].is_string(), "{matches:#?}");
    assert_eq!(records[1]["matches"][0]["list"]["path"], "more.txt");
}

#[test]
fn lines_that_cannot_be_used_end_the_building_unless_they_may_be_skipped() {
    let sandbox = sandbox();
    sandbox.write("bad.txt", format!("pdq {}\npdq zz\n", sandbox.hash_of(PICTURE)));
    let refused = sandbox.presend("index build bad.txt -o known.idx").exits(3);
    assert_eq!(
        refused.stderr,
        "bad.txt: line 2: 'z' in column 1 is not a hexadecimal digit\n\
         presend: 1 line cannot be used; --skip-faults goes on without them\n"
    );
    assert!(!sandbox.path().join("known.idx").exists());
    sandbox.presend("index build --skip-faults bad.txt -o known.idx").exits(0);
    sandbox.presend(&format!("scan --index known.idx {PICTURE}")).exits(1);
}

#[test]
fn what_is_no_index_or_was_damaged_is_refused() {
    let sandbox = sandbox();
    sandbox.presend("index build list.csv -o known.idx").exits(0);
    let mut bytes = std::fs::read(sandbox.path().join("known.idx")).expect("written");
    let last = bytes.len() - 1;
    sandbox.write("cut.idx", &bytes[..last]);
    bytes[100] ^= 1;
    sandbox.write("damaged.idx", &bytes);
    for (file, error) in [
        ("list.csv", "not an index file".to_owned()),
        ("cut.idx", format!("{last} bytes, where the header says {}", last + 1)),
        ("damaged.idx", "the file was damaged: its bytes do not have the digest that it says".to_owned()),
        ("gone.idx", "no such file".to_owned()),
    ] {
        for command in [format!("scan --index {file} {PICTURE}"), format!("index info {file}")] {
            let refused = sandbox.presend(&command).exits(3);
            assert_eq!(refused.stderr, format!("presend: {file}: {error}\n"), "{command}");
        }
    }
}
