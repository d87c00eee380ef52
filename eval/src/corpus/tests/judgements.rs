//! What a person says of pairs, there and back.

use std::path::Path;

use presend_core::{Pdq, Quality, Threshold};

use super::super::*;
use super::{failed, file};

/// Three near pairs in a row, and a file far from them.
fn corpus() -> Corpus<Pdq> {
    let mut files: Vec<_> = (0..4).map(|at| file(&format!("/p/{at}.jpg"), 0, at * 8)).collect();
    files.push(file("/p/far.jpg", 90, 60));
    files.push(failed("/p/broken.jpg", Some(Digest::of(b"broken"))));
    Corpus::new(files, Threshold::new(8), false)
}

fn parse(text: &str) -> Result<Judgements, TableError> {
    Judgements::parse(text.as_bytes(), Path::new("/p/judged.csv"), &corpus())
}

fn table(corpus: &Corpus<Pdq>, others: &[Judgement]) -> String {
    let mut out = Vec::new();
    write_pairs(corpus, others, &mut out).expect("memory can be written");
    String::from_utf8(out).expect("names are text")
}

#[test]
fn classes_that_are_written_are_read_again() {
    let mut judged = corpus();
    let classes = [Some(Class::SameWork), Some(Class::Unrelated), Some(Class::Template)];
    judged.near.iter_mut().zip(classes).for_each(|(near, class)| near.class = class);
    let text = table(&judged, &[]);
    let mut again = corpus();
    assert_eq!(again.judge(parse(&text).expect("it is well-formed").pairs), []);
    assert_eq!(again, judged);
    assert_eq!(table(&again, &[]), text);
}

#[test]
fn what_was_said_of_files_that_are_gone_is_kept() {
    let mut judged = corpus();
    judged.near.iter_mut().for_each(|near| near.class = Some(Class::Template));
    let all = parse(&table(&judged, &[])).expect("it is well-formed").pairs;
    let files = corpus().files.into_iter().filter(|file| file.paths != ["/p/1.jpg"]).collect();
    let mut fewer = Corpus::new(files, Threshold::new(8), false);
    let others = fewer.judge(all.clone());
    assert_eq!((fewer.near.len(), others.len()), (1, 2));
    let mut again = parse(&table(&fewer, &others)).expect("it is well-formed").pairs;
    again.sort_by_key(|pair| (pair.a, pair.b));
    assert_eq!(again, all);
}

#[test]
fn a_class_that_is_there_is_not_changed_and_a_judged_pair_counts_however_far() {
    let mut judged = corpus();
    judged.near[0].class = Some(Class::SameWork);
    let near = judged.near[0];
    let [a, b] = [near.a, near.b].map(|at| judged.files[at].paths[0].clone());
    let text = format!("path_a,path_b,verdict\n{a},{b},unrelated\n0.jpg,far.jpg,same\n");
    assert_eq!(judged.judge(parse(&text).expect("it is well-formed").pairs), []);
    assert_eq!(judged.near.iter().filter(|near| near.class == Some(Class::SameWork)).count(), 2);
    let clusters = judged.clusters();
    let at = |path: &str| judged.files.iter().position(|file| file.paths[0] == path).expect("it is there");
    assert_eq!(clusters[at("/p/0.jpg")], clusters[at("/p/far.jpg")]);
}

#[test]
fn verdicts_become_classes() {
    let text = "path_a,path_b,verdict\n0.jpg,1.jpg,same\n1.jpg,./2.jpg,variant\n3.jpg,../p/2.jpg,flat\n0.jpg,3.jpg,unrelated\n";
    let mut classes: Vec<_> = parse(text).expect("it is well-formed").pairs.iter().map(|pair| pair.class).collect();
    classes.sort_unstable();
    assert_eq!(classes, [Class::SameWork, Class::Template, Class::Unrelated, Class::Unrelated]);
}

#[test]
fn a_file_that_exists_elsewhere_is_counted_and_one_that_does_not_is_a_fault() {
    let here = std::env::current_exe().expect("there is one");
    let text = format!("path_a,path_b,verdict\n0.jpg,{},same\n", here.display());
    assert_eq!(parse(&text).expect("it exists"), Judgements { pairs: vec![], elsewhere: 1 });
    let error = parse("path_a,path_b,verdict\n0.jpg,1.jpg,same\n0.jpg,nowhere.jpg,same\n").expect_err("no such file");
    assert_eq!(error.to_string(), "/p/judged.csv:3: unknown file \"nowhere.jpg\"");
}

#[test]
fn every_fault_is_told_with_its_file_and_line() {
    let [a, b] = ["a", "b"].map(|content| Digest::of(content.as_bytes()));
    let header = "a_sha256,b_sha256,class\n";
    let cases = [
        ("name\nx\n".into(), "1: the header has no column a_sha256 or path_a"),
        ("a_sha256,b_sha256\n".into(), "1: the header has no column class"),
        (format!("{header}{a},{b},similar\n"), "2: unknown class \"similar\": expected same, template or unrelated"),
        (format!("{header}{a},{b},\n12,{b},same\n"), "3: \"12\" is no SHA-256: expected 64 hexadecimal digits"),
        (format!("{header}{a},{b},same\n{b},{a},template\n"), "3: line 2 says otherwise"),
        (
            "path_a,path_b,verdict\n0.jpg,1.jpg,alike\n".into(),
            "2: unknown verdict \"alike\": expected same, variant, flat or unrelated",
        ),
    ];
    for (text, expected) in cases {
        assert_eq!(parse(&text).expect_err(expected).to_string(), format!("/p/judged.csv:{expected}"));
    }
    assert!(
        parse(&format!("{header}{a},{b}\n"))
            .expect_err("a field is missing")
            .to_string()
            .starts_with("/p/judged.csv:2")
    );
}

#[test]
fn pairs_worth_a_look_come_first_and_flat_ones_last() {
    let flat = |mut file: File<Pdq>| {
        if let Outcome::Hashed(sample) = &mut file.outcome {
            sample.quality = Quality::new(10).expect("in range");
        }
        file
    };
    let files = vec![file("a", 0, 8), file("b", 0, 16), flat(file("c", 128, 8)), flat(file("d", 128, 9))];
    let corpus = Corpus::new(files, Threshold::new(8), false);
    let order: Vec<u16> = corpus.nearest_first().into_iter().map(|at| corpus.near[at].distance).collect();
    assert_eq!(order, [8, 1]);
    assert_eq!((corpus.unadjudicated(), corpus.unadjudicated_at(Quality::DEFAULT_GATE)), (2, 1));
}
