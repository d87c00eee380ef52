//! Files that are broken as a whole, and files made to do harm.

mod import_common;

use std::io::Read;

use import_common::{entries, faults, now, read, read_as, sample};
use presend_core::Pdq;
use presend_hashsets::import::{self, ImportError, MAX_DOCUMENT, Shape};

fn error(name: &str) -> String {
    read(sample(&format!("broken/{name}"))).expect_err(name).to_string()
}

#[test]
fn every_broken_file_has_its_error() {
    let table = [
        ("ncmec-cut.xml", "byte 63: not well-formed XML: <image> is not closed"),
        (
            "ncmec-crossed.xml",
            "byte 21: not well-formed XML: ill-formed document: expected `</images>`, but `</queryResult>` was found",
        ),
        (
            "ncmec-tag-cut.xml",
            "byte 21: not well-formed XML: syntax error: tag not closed: `>` not found before end of input",
        ),
        ("ncmec-two-roots.xml", "byte 14: not well-formed XML: content outside of the root element"),
        ("ncmec-text-outside.xml", "byte 14: not well-formed XML: content outside of the root element"),
        ("ncmec-doctype.xml", "byte 22: a document type declaration"),
        ("ncmec-external-entity.xml", "byte 0: a document type declaration"),
        ("ncmec-unknown-entity.xml", "byte 48: not well-formed XML: unknown entity \"b\""),
        ("page-not-found.html", "a list of unknown shape"),
        ("xml-empty.xml", "byte 22: no root element"),
        ("stopncii-cut.json", "not well-formed JSON: EOF while parsing a string at line 2 column 37"),
        ("stopncii-trailing.json", "not well-formed JSON: trailing characters at line 1 column 21"),
        ("stopncii-no-list.json", "$.hashRecords: expected a list, found an object"),
        ("json-not-utf8.json", "byte 33 is not UTF-8 text"),
        ("json-unknown.json", "a list of unknown shape"),
        ("json-ambiguous.json", "a list that could be of the shape stopncii or hma"),
        ("json-empty-data.json", "a list of unknown shape"),
        ("empty.txt", "a list of unknown shape"),
        ("comments-only.txt", "a list of unknown shape"),
        ("prose.txt", "a list of unknown shape"),
        ("binary.bin", "a list of unknown shape"),
    ];
    assert_eq!(table.map(|(name, _)| (name, error(name))), table.map(|(name, error)| (name, error.to_owned())));
}

#[test]
fn a_shape_that_is_named_is_not_guessed() {
    let empty = read_as(Shape::ThreatUpdates, sample("broken/json-empty-data.json")).unwrap();
    assert_eq!((empty.entries.len(), empty.faulty), (0, 0));
    let prose = read_as(Shape::List, sample("broken/prose.txt")).unwrap();
    assert_eq!(faults(&prose)[0], "line 1: 'r' in column 4 is not a hexadecimal digit");
    let html = read_as(Shape::Ncmec, sample("broken/page-not-found.html")).unwrap_err();
    assert_eq!(html.to_string(), "byte 0: expected <queryResult>, found <html>");
    let list = read_as(Shape::Hma, b"7").unwrap_err();
    assert_eq!(list.to_string(), "$: expected a list, found a number");
    let wrong = read_as(Shape::StopNcii, sample("hma_content.json")).unwrap();
    assert_eq!(faults(&wrong), ["$: no signalType"]);
}

#[test]
fn elements_a_thousand_deep_are_refused() {
    let deep = format!("<queryResult>{}", "<a>".repeat(1_000_000));
    assert_eq!(read(deep).unwrap_err().to_string(), "byte 106: elements more than 32 deep");
}

#[test]
fn values_a_million_deep_are_passed_over_or_one_fault() {
    let nest = |open: &str, close: &str| format!("{}{}", open.repeat(1_000_000), close.repeat(1_000_000));
    let hash = "11".repeat(32);
    let list = read(format!(
        "{{\"hashRecords\": [{{\"signalType\": \"ImagePDQ\", \"hashValue\": {deep}, \"hashStatus\": \"Active\"}},
          {{\"signalType\": \"ImagePDQ\", \"hashValue\": \"{hash}\", \"hashStatus\": \"Active\", \"x\": {deep}}}, {deep}]}}",
        deep = nest("[", "]")
    ))
    .unwrap();
    assert_eq!(entries(&list), ["11 - - - - @$.hashRecords[1]"]);
    assert_eq!(
        faults(&list),
        [
            "$.hashRecords[0].hashValue: expected text, found a list",
            "$.hashRecords[2]: expected an object, found a list"
        ]
    );
    assert!(matches!(read("[".repeat(1_000_000)), Err(ImportError::Json(_))));
    let tags = format!(
        "{{\"id\": 1, \"indicator\": \"{hash}\", \"type\": \"HASH_PDQ\", \"descriptors\": {{\"data\": [{{\"tags\": {}}}]}}}}",
        nest("[", "]")
    );
    assert_eq!(faults(&read(tags).unwrap()), ["$.descriptors.data[0].tags[0]: expected text, found a list"]);
}

#[test]
fn numbers_beyond_any_type_are_names_or_faults() {
    let hash = "11".repeat(32);
    let content = |id: &str, until: &str, ratio: &str| {
        format!(
            "{{\"id\": {id}, \"disable_until_ts\": {until}, \"bank\": {{\"matching_enabled_ratio\": {ratio}}}, \
             \"signals\": {{\"pdq\": \"{hash}\"}}}}"
        )
    };
    let long = "9".repeat(10_000);
    let kept = read(content(&long, "1", "1e999")).unwrap();
    assert_eq!(kept.entries[0].id.as_deref(), Some(long.as_str()));
    let list =
        read(format!("[{}, {}]", content("1", "1e400", "1"), content("2", "18446744073709551616", "1"))).unwrap();
    assert_eq!(
        faults(&list),
        [
            "$[0].disable_until_ts: \"1e400\" is no number that makes sense here",
            "$[1].disable_until_ts: \"18446744073709551616\" is no number that makes sense here",
        ]
    );
}

#[test]
fn a_field_twice_or_half_a_character_is_a_fault_of_its_record() {
    let hash = "11".repeat(32);
    let record = |hash: &str, more: &str| {
        format!("{{\"signalType\": \"ImagePDQ\", \"hashValue\": \"{hash}\", \"hashStatus\": \"Active\"{more}}}")
    };
    let list = read(format!(
        "[{}, {}, {}, {}]",
        record(&hash, ", \"hashValue\": \"x\""),
        record("\\ud800", ""),
        record(&hash, ", \"\\udfff\": 1"),
        record(&hash.replacen("11", "\\u0031\\u0031", 1), "")
    ))
    .unwrap();
    assert_eq!(
        faults(&list),
        ["$[0]: \"hashValue\" twice", "$[1].hashValue: text with a broken escape", "$[2]: text with a broken escape"]
    );
    assert_eq!(entries(&list), ["11 - - - - @$[3]"]);
}

#[test]
fn a_document_that_never_ends_is_cut_off() {
    let endless = std::io::BufReader::new(b"{".chain(std::io::repeat(b' ')));
    let error = import::read::<Pdq>(endless, None, now()).unwrap_err();
    assert_eq!(error.to_string(), format!("longer than {MAX_DOCUMENT} bytes"));
}

/// Whatever is cut off or overwritten: an import or an error, never a panic.
#[test]
fn damaged_samples_do_no_harm() {
    let names = [
        "ncmec.xml",
        "stopncii.json",
        "threat_updates.json",
        "tech_against_terrorism.json",
        "hma_bank.json",
        "cpp_details.txt",
    ];
    for name in names {
        let bytes = sample(name);
        let whole = read(&bytes).unwrap();
        let (shape, most) = (whole.shape, whole.entries.len() + whole.withdrawn.len());
        for cut in (0..bytes.len()).step_by(7) {
            if let Ok(list) = read_as(shape, &bytes[..cut]) {
                assert!(shape == Shape::List && list.entries.len() <= most + 1, "{name} cut at {cut}");
            }
            let mut damaged = bytes.clone();
            damaged[cut] = [b'"', b'<', b'[', b'&', 0xff, b'\n'][cut % 6];
            if let Ok(list) = read_as(shape, &damaged) {
                assert!(list.entries.len() + list.withdrawn.len() <= most + 1, "{name} damaged at {cut}");
            }
        }
    }
}
