//! Every shape of list: a realistic sample with good records, withdrawn ones, other signals and broken ones.

mod import_common;

use import_common::{digests, entries, faults, read, read_as, sample, skipped, withdrawn};
use presend_core::{Pdq, Pdq512};
use presend_hashsets::import::{self, Import, MAX_FAULTS, Shape};

/// The sample, whose shape must be told by its content, and is read the same when it is named.
fn import(name: &str, shape: Shape) -> Import<Pdq> {
    let bytes = sample(name);
    let detected = read(&bytes).expect(name);
    assert_eq!((detected.shape, Shape::detect(&bytes).ok()), (shape, Some(shape)));
    assert_eq!(entries(&read_as(shape, &bytes).expect(name)), entries(&detected));
    detected
}

#[test]
fn ncmec() {
    let list = import("ncmec.xml", Shape::Ncmec);
    assert_eq!(
        entries(&list),
        [
            "11 - \"A1\" 42-image1 42-image1 @queryResult/images/image[1]/fingerprints/pdq",
            "13 - - 44-image5 44-image5 @queryResult/images/image[3]/fingerprints/pdq",
            "14 - - 44-image5 44-image5 @queryResult/images/image[3]/fingerprints/pdq[2]",
        ]
    );
    assert_eq!(
        digests(&list),
        [
            "md5 21 \"A1\" 42-image1 42-image1 @queryResult/images/image[1]/fingerprints/md5",
            "sha1 22 \"A1\" 42-image1 42-image1 @queryResult/images/image[1]/fingerprints/sha1",
            "md5 23 \"B2\" 42-image2 42-image2 @queryResult/images/image[2]/fingerprints/md5",
        ]
    );
    assert_eq!(
        withdrawn(&list),
        [
            "43-image4 - @queryResult/images/deletedImage[1]",
            // Listed above it in the same file, and gone from the entries.
            "45-image8 - @queryResult/images/deletedImage[2]",
        ]
    );
    assert_eq!(
        faults(&list),
        [
            "queryResult/images/image[2]/fingerprints/pdq: expected 64 hexadecimal digits, found 63",
            "queryResult/images/image[3]/fingerprints/pdq[3]: no hash",
            "queryResult/images/image[4]: no member id",
            "queryResult/images/image[5]: no id",
            "queryResult/images/deletedImage[3]: no id",
        ]
    );
    assert_eq!(
        skipped(&list),
        ["deletedVideo: 1", "drawing: 1", "pdna: 1", "video md5: 1", "video sha1: 1", "video tmk-pdqf: 1"]
    );
}

#[test]
fn stopncii() {
    let list = import("stopncii.json", Shape::StopNcii);
    // Withdrawn and active again: the last word counts.
    assert_eq!(entries(&list), ["11 - - - - @$.hashRecords[0]", "12 - - - - @$.hashRecords[15]"]);
    assert_eq!(digests(&list), [""; 0]);
    assert_eq!(
        withdrawn(&list),
        ["- 13 @$.hashRecords[3]", "- 14 @$.hashRecords[4]", "- 18 @$.hashRecords[13]", "- 12 @$.hashRecords[14]",]
    );
    assert_eq!(
        faults(&list),
        [
            "$.hashRecords[5].hashValue: expected 64 hexadecimal digits, found 62",
            "$.hashRecords[6].hashStatus: unknown status \"Revoked\"",
            "$.hashRecords[7]: no hashValue",
            "$.hashRecords[8].hashValue: expected text, found a number",
            "$.hashRecords[11]: expected an object, found text",
        ]
    );
    assert_eq!(skipped(&list), ["Text: 1", "VideoMD5: 2"]);
}

#[test]
fn threat_updates() {
    let list = import("threat_updates.json", Shape::ThreatUpdates);
    assert_eq!(
        entries(&list),
        [
            "11 - \"example uploaded_by_hma\" 5080018548714534 - @$.data[0]",
            "13 - \"disputed\" 5080018548714542 - @$.data[8]",
            "1a - \"example violent_extremism\" 5080018548714549 - @$.data[15]",
        ]
    );
    assert_eq!(
        digests(&list),
        [
            "md5 21 \"media_type_photo\" 5080018548714535 - @$.data[1]",
            "sha1 22 - 5080018548714536 - @$.data[2]",
            "sha256 23 - 5080018548714537 - @$.data[3]",
        ]
    );
    assert_eq!(withdrawn(&list), ["5080018548714543 14 @$.data[9]", "5080018548714544 15 @$.data[10]"]);
    assert_eq!(
        faults(&list),
        [
            "$.data[11].indicator: expected 64 hexadecimal digits, found 66",
            "$.data[12].should_delete: expected true or false, found text",
            "$.data[13].descriptors.data[0].tags[1]: expected text, found a number",
            "$.data[14]: no id",
            "$.data[16].descriptors.data: expected a list, found text",
        ]
    );
    assert_eq!(skipped(&list), ["HASH_MD5 of a video: 1", "HASH_PDQ NON_MALICIOUS: 1", "HASH_VIDEO_MD5: 1", "URI: 1"]);
}

#[test]
fn tech_against_terrorism() {
    let list = import("tech_against_terrorism.json", Shape::TechAgainstTerrorism);
    assert_eq!(
        entries(&list),
        [
            "11 - \"islamist\" 2819 - @$.results[0]",
            // The second record of 2828 replaces the first.
            "15 - \"islamist\" 2828 - @$.results[10]",
            "11 - \"far-right\" 2829 - @$.results[11]",
        ]
    );
    assert_eq!(
        digests(&list),
        ["md5 21 \"far-right\" 2820 - @$.results[1]", "sha256 23 \"islamist\" 2823 - @$.results[4]"]
    );
    assert_eq!(withdrawn(&list), ["2822 12 @$.results[3]", "2825 md5 24 @$.results[6]", "2830 16 @$.results[13]"]);
    assert_eq!(
        faults(&list),
        [
            "$.results[5].hash_digest: 'g' in column 4 is not a hexadecimal digit",
            "$.results[8]: no deleted",
            "$.results[14]: no deleted",
        ]
    );
    assert_eq!(skipped(&list), ["MD5 of mp4: 1", "TLSH: 1"]);
}

#[test]
fn hma_bank() {
    let list = import("hma_bank.json", Shape::Hma);
    assert_eq!(
        entries(&list),
        [
            "11 - \"one\\nimage\" 1234 1234 @$.contents[0].signals.pdq",
            // Was disabled until a time that has passed.
            "14 - - 1237 1237 @$.contents[3].signals.pdq",
            "19 - - sample-1243 sample-1243 @$.contents[10].signals.pdq",
        ]
    );
    assert_eq!(
        digests(&list),
        [
            "md5 21 \"one\\nimage\" 1234 1234 @$.contents[0].signals.md5",
            "sha256 23 - 1239 1239 @$.contents[5].signals.sha256",
        ]
    );
    assert_eq!(withdrawn(&list), ["1235 - @$.contents[1]", "1236 - @$.contents[2]", "1241 - @$.contents[7]"]);
    assert_eq!(
        faults(&list),
        [
            "$.contents[4]: no signals",
            "$.contents[5].signals.pdq: 'z' in column 1 is not a hexadecimal digit",
            "$.contents[6].disable_until_ts: \"-5\" is no number that makes sense here",
            "$.contents[8].bank.matching_enabled_ratio: expected a number, found text",
            "$.contents[9]: no id",
        ]
    );
    assert_eq!(skipped(&list), ["clip_b32: 1", "video_md5: 1"]);
}

#[test]
fn hma_contents_alone_and_in_an_array() {
    let one = import("hma_content.json", Shape::Hma);
    assert_eq!(entries(&one), ["11 - \"reported by a user\" 1233 1233 @$.signals.pdq"]);
    assert_eq!((faults(&one), skipped(&one)), (vec![], vec!["video_md5: 1".to_owned()]));
    let content = String::from_utf8(sample("hma_content.json")).unwrap();
    let added = content.replace("1233", "7").replace("11", "33");
    let both = read(format!("[{content},{added}]")).unwrap();
    assert_eq!(
        entries(&both),
        [
            "11 - \"reported by a user\" 1233 1233 @$[0].signals.pdq",
            "33 - \"reported by a user\" 7 7 @$[1].signals.pdq"
        ]
    );
}

#[test]
fn local_file_of_threatexchange() {
    let list = import("threatexchange.txt", Shape::List);
    assert_eq!(
        entries(&list),
        ["11 - - - - @line 1", "12 - \"a label, with a comma\" - - @line 3", "16 - - - - @line 12"]
    );
    assert_eq!(digests(&list), ["md5 21 - - - @line 6", "sha256 23 - - - @line 7"]);
    assert_eq!(
        faults(&list),
        [
            "line 8: expected 64 hexadecimal digits, found 63",
            "line 9: expected 32 hexadecimal digits, found 34",
            "line 10: unknown algorithm \"pqd\"",
            "line 11: the hash is pdq-512, not pdq",
        ]
    );
    assert_eq!(skipped(&list), ["raw_text: 1", "url: 1", "video_md5: 1"]);
    assert_eq!((list.unnamed, withdrawn(&list)), (0, vec![]));
}

#[test]
fn dataset_of_threatexchange() {
    let list = import("threatexchange_dataset.csv", Shape::List);
    assert_eq!(entries(&list), ["11 - \"nudity face\" - - @line 2", "12 - - - - @line 3", "14 - - - - @line 8"]);
    assert_eq!(faults(&list), ["line 7: no hash", "line 9: expected 64 hexadecimal digits, found 65"]);
    assert_eq!(skipped(&list), ["pdq NEGATIVE_CLASS: 1", "raw_text: 1", "video_md5: 1"]);
}

#[test]
fn text_of_the_cpp_tools() {
    let list = import("cpp_photo_hasher.txt", Shape::List);
    assert_eq!(
        entries(&list),
        [
            "11 100 \"../data/bridge-mods/aaa-orig.jpg\" - - @line 1",
            "12 63 \"holiday, 2019.jpg\" - - @line 2",
            "13 - \"bridge without quality.jpg\" - - @line 3",
            "14 - - - - @line 4",
            "16 100 - - - @line 6",
        ]
    );
    assert_eq!(faults(&list), ["line 5: \"101\" is no quality from 0 to 100"]);
    assert_eq!(list.unnamed, 5);
    let sampled: Import<Pdq512> =
        import::read(&sample("cpp_photo_hasher.txt")[..], None, import_common::now()).unwrap();
    assert_eq!(entries(&sampled), entries(&list));
}

#[test]
fn pairs_of_the_cpp_tools() {
    let list = import("cpp_details.txt", Shape::List);
    assert_eq!(
        entries(&list),
        [
            "11 100 \"file1.jpg\" - - @line 1",
            "12 7 \"odd=name, really.jpg\" - - @line 2",
            "13 - \"file3.jpg\" - - @line 3",
            "14 100 \"file4.jpg\" - 4 @line 4",
            "15 99 \"file5.jpg\" - 4 @line 5",
            "16 98 \"file6.jpg\" - - @line 6",
        ]
    );
    assert_eq!(faults(&list), ["line 7: no hash", "line 8: \"high\" is no quality from 0 to 100", "line 9: no hash"]);
}

#[test]
fn tables_of_our_own() {
    let list = import("presend.csv", Shape::List);
    assert_eq!(
        entries(&list),
        ["11 97 \"bridge, at dusk\" - c1 @line 3", "12 - \"bridge\" - c1 @line 4", "15 60 \"unnamed\" - - @line 9"]
    );
    assert_eq!(digests(&list), ["md5 21 \"bridge\" - - @line 5"]);
    assert_eq!(
        faults(&list),
        [
            "line 6: the hash is pdq-512, not pdq",
            "line 7: unknown algorithm \"crc32\"",
            "line 8: \"x\" is no quality from 0 to 100"
        ]
    );
    assert_eq!(list.unnamed, 1);
}

#[test]
fn pages_can_be_collected_in_an_array() {
    let page = String::from_utf8(sample("stopncii.json")).unwrap();
    let list = read(format!("[{page}, {page}]")).unwrap();
    assert_eq!(list.shape, Shape::StopNcii);
    // The second page withdraws 12 and lists it again.
    let places =
        ["11 - - - - @$[0].hashRecords[0]", "11 - - - - @$[1].hashRecords[0]", "12 - - - - @$[1].hashRecords[15]"];
    assert_eq!(entries(&list), places);
    assert_eq!(list.faulty, 10);
}

#[test]
fn hashes_of_an_exchange_are_refused_for_another_algorithm() {
    let bytes = sample("stopncii.json");
    let list: Import<Pdq512> = import::read(&bytes[..], None, import_common::now()).unwrap();
    assert_eq!((list.entries.len(), list.withdrawn.len()), (0, 0));
    assert_eq!(list.faults[0].to_string(), "$.hashRecords[0].hashValue: the hash is pdq, not pdq-512");
}

#[test]
fn a_byte_order_mark_changes_nothing() {
    for name in ["ncmec.xml", "stopncii.json", "presend.csv", "threatexchange.txt"] {
        let bytes = sample(name);
        let marked = [b"\xef\xbb\xbf", bytes.as_slice()].concat();
        assert_eq!(entries(&read(&marked).unwrap()), entries(&read(&bytes).unwrap()), "{name}");
        assert_eq!(Shape::detect(&marked).unwrap(), Shape::detect(&bytes).unwrap(), "{name}");
    }
}

#[test]
fn every_name_leads_back_to_its_shape() {
    for shape in Shape::ALL {
        assert_eq!(shape.name().parse(), Ok(shape));
    }
    assert_eq!("xml".parse::<Shape>().unwrap_err().to_string(), "unknown shape of list \"xml\"");
}

#[test]
fn faults_are_kept_up_to_a_number_and_all_counted() {
    let list = read_as(Shape::StopNcii, format!("[{}1]", "1,".repeat(999))).unwrap();
    assert_eq!((list.faults.len(), list.faulty), (MAX_FAULTS, 1_000));
    assert_eq!(list.faults[99].to_string(), "$[99]: expected an object, found a number");
}

#[test]
fn names_of_signals_are_counted_up_to_a_number_and_the_rest_together() {
    let record = |n: usize| format!("{{\"signalType\": \"Type{n:04}\", \"hashValue\": \"\"}}");
    let records: Vec<String> = (0..300).map(record).collect();
    let list = read(format!("[{}]", records.join(","))).unwrap();
    assert_eq!((list.skipped.len(), list.skipped[Import::<Pdq>::OTHER_TYPES]), (101, 200));
    assert_eq!(list.skipped.values().sum::<usize>(), 300);
}

#[test]
fn labels_are_cut_where_nobody_reads_on() {
    let hash = "11".repeat(32);
    let list = read(format!("pdq {hash} {}é{}\n", "a".repeat(1023), "b".repeat(9))).unwrap();
    assert_eq!(list.entries[0].label.as_deref(), Some("a".repeat(1023).as_str()));
}
