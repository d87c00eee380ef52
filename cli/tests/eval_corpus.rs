//! `presend eval corpus`: every file is accounted for, nothing is measured twice, and what a person said is kept.

mod common;

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use common::{Ran, Sandbox, demo_bytes, picture};

const RUN: &str = "eval corpus --cache cache -o out pictures";

/// A folder with every kind of file: pictures, a copy under another name, a near copy, an animation, faults, and others.
fn sandbox() -> Sandbox {
    let sandbox = Sandbox::new();
    for (name, file) in [
        ("photos/beach.jpg", "beach.jpg"),
        ("photos/green-hills.jpg", "green-hills.jpg"),
        ("photos/harbour-recompressed.jpg", "harbour-recompressed.jpg"),
        ("copies/sand.jpg", "beach.jpg"),
        ("copies/broken.jpg", "broken.jpg"),
        ("copies/slideshow.gif", "slideshow.gif"),
    ] {
        sandbox.write(Path::new("pictures").join(name), demo_bytes(&format!("outbox/{file}")));
    }
    let harbour =
        fs::read_dir(common::demo("listed")).expect("the demo's pictures").map(|entry| entry.expect("a file"));
    let harbour = harbour.map(|entry| entry.path()).find(|path| path.to_string_lossy().contains("harbour"));
    sandbox.write("pictures/photos/harbour.jpg", fs::read(harbour.expect("it is listed")).expect("it can be read"));
    sandbox.write("pictures/copies/empty.jpg", "");
    sandbox.write("pictures/copies/dot.png", picture::png(1, 1, |_, _| [9, 9, 9, 255]));
    sandbox.write("pictures/copies/flat.png", picture::flat());
    sandbox.write("pictures/copies/called.jpg", "Nothing to see.\n");
    sandbox.write("pictures/readme.txt", "Nothing to see.\n");
    #[cfg(unix)]
    std::os::unix::fs::symlink("nowhere", sandbox.path().join("pictures/photos/gone.jpg")).expect("a link");
    sandbox
}

/// A table that was written, by the names of its columns.
fn table(sandbox: &Sandbox, name: &str) -> Vec<BTreeMap<String, String>> {
    let mut reader = csv::Reader::from_path(sandbox.path().join(name)).expect("it was written");
    reader.deserialize().map(|row| row.expect("every row is as long as the header")).collect()
}

/// A column of the manifest by the file's own name.
fn by_name(sandbox: &Sandbox, column: &str) -> BTreeMap<String, String> {
    let of = |row: &BTreeMap<String, String>| {
        let name = row["path"].rsplit('/').next().expect("a path has a last part").to_owned();
        (name, row[column].clone())
    };
    table(sandbox, "out/manifest.csv").iter().map(of).collect()
}

/// The number that the summary tells behind a name.
fn told(ran: &Ran, name: &str) -> usize {
    let line = ran.lines().into_iter().find(|line| line.trim().starts_with(name));
    let number = line.unwrap_or_else(|| panic!("no {name} in {}", ran.text())).split_whitespace().last();
    number.and_then(|number| number.parse().ok()).expect("a number")
}

#[cfg(unix)]
#[test]
fn every_file_is_accounted_for() {
    let sandbox = sandbox();
    let ran = sandbox.presend(RUN).exits(0);
    let outcomes = by_name(&sandbox, "outcome");
    let expected = [
        ("beach.jpg", "hashed"),
        ("broken.jpg", "malformed"),
        ("called.jpg", "unknown-format"),
        ("dot.png", "too-small"),
        ("empty.jpg", "empty"),
        ("flat.png", "hashed"),
        ("gone.jpg", "not-found"),
        ("green-hills.jpg", "hashed"),
        ("harbour-recompressed.jpg", "hashed"),
        ("harbour.jpg", "hashed"),
        ("readme.txt", "not-a-picture"),
        ("sand.jpg", "hashed"),
        ("slideshow.gif", "hashed"),
    ];
    assert_eq!(outcomes, expected.map(|(name, outcome)| (name.into(), outcome.into())).into());
    let digests = by_name(&sandbox, "sha256");
    assert_eq!(digests["beach.jpg"], digests["sand.jpg"]);
    assert_eq!((digests["gone.jpg"].as_str(), digests["called.jpg"].len()), ("", 64));
    assert_eq!(by_name(&sandbox, "frames")["slideshow.gif"], "4");
    assert_eq!((by_name(&sandbox, "stratum")["flat.png"].as_str(), told(&ran, "files")), ("flat", 13));
    let parts = [
        "hashed",
        "exact duplicates",
        "malformed",
        "unknown-format",
        "too-small",
        "empty",
        "not-found",
        "not a picture",
    ];
    assert_eq!(parts.map(|part| told(&ran, part)), [6, 1, 1, 1, 1, 1, 1, 1]);
}

#[test]
fn a_recompressed_copy_is_a_pair_to_be_judged() {
    let sandbox = sandbox();
    let ran = sandbox.presend(RUN).exits(0);
    let pairs = table(&sandbox, "out/pairs.csv");
    assert_eq!(pairs.len(), 1, "{pairs:?}");
    assert!(
        pairs[0]["a_path"].contains("harbour")
            && pairs[0]["b_path"].contains("harbour")
            && pairs[0]["class"].is_empty()
    );
    assert_eq!((told(&ran, "not judged"), told(&ran, "independent pictures")), (1, 6));
    let page = fs::read_to_string(sandbox.path().join("out/contact-sheet.html")).expect("it was written");
    assert_eq!((page.matches("<article>").count(), page.matches("url(data:image/jpeg").count()), (1, 2));
}

#[test]
fn a_second_run_decodes_nothing_and_writes_the_same_whatever_the_threads_and_the_order() {
    let sandbox = sandbox();
    let first = sandbox.presend(RUN).exits(0);
    let files = ["out/manifest.csv", "out/pairs.csv", "out/contact-sheet.html"];
    let read = || files.map(|file| fs::read(sandbox.path().join(file)).expect("it was written"));
    let before = read();
    let second = sandbox.presend(&format!("{RUN} pictures/copies pictures/photos/beach.jpg --jobs 1")).exits(0);
    assert!(told(&first, "decoded") > 0 && told(&first, "in the cache") == 0);
    assert_eq!((told(&second, "decoded"), told(&second, "in the cache")), (0, told(&first, "decoded")));
    assert_eq!(read(), before);
    sandbox.presend("eval corpus --no-cache -o out pictures --quiet --jobs 4").exits(0);
    assert_eq!(read(), before);
}

#[test]
fn a_broken_part_of_the_cache_is_named_and_measured_again() {
    let sandbox = sandbox();
    let first = sandbox.presend(RUN).exits(0);
    let cache = fs::read_dir(sandbox.path().join("cache")).expect("there").next().expect("one").expect("listed").path();
    let part = fs::read_dir(cache).expect("a folder").next().expect("a part").expect("listed").path();
    fs::write(&part, "no table").expect("the sandbox is writable");
    let again = sandbox.presend(RUN).exits(0);
    let name = part.file_name().expect("it has one").to_string_lossy().into_owned();
    assert!(again.stderr.contains(&name) && again.stderr.contains("is not used"), "{}", again.stderr);
    assert_eq!(told(&again, "decoded"), told(&first, "decoded"));
}

#[test]
fn what_a_person_said_is_kept_from_run_to_run() {
    let sandbox = sandbox();
    sandbox.presend(RUN).exits(0);
    let pairs = sandbox.path().join("out/pairs.csv");
    let text = fs::read_to_string(&pairs).expect("it was written");
    let judged = format!("{}same\n", text.trim_end_matches('\n'));
    fs::write(&pairs, &judged).expect("the sandbox is writable");
    let ran = sandbox.presend(RUN).exits(0);
    assert_eq!((told(&ran, "not judged"), told(&ran, "independent pictures")), (0, 5));
    assert_eq!(fs::read_to_string(&pairs).expect("it was written"), judged);
    // Nor is it lost when a picture is gone, nor when it is back.
    let harbour = sandbox.path().join("pictures/photos/harbour.jpg");
    fs::rename(&harbour, sandbox.path().join("aside")).expect("the sandbox is writable");
    sandbox.presend(RUN).exits(0);
    assert_eq!(table(&sandbox, "out/pairs.csv")[0]["class"], "same");
    fs::rename(sandbox.path().join("aside"), &harbour).expect("the sandbox is writable");
    sandbox.presend(RUN).exits(0);
    assert_eq!(fs::read_to_string(&pairs).expect("it was written"), judged);
}

#[test]
fn judgements_come_from_a_table_of_paths_too() {
    let sandbox = sandbox();
    let table = "path_a,path_b,verdict\nphotos/harbour.jpg,photos/harbour-recompressed.jpg,same\n";
    sandbox.write("pictures/judged.csv", table);
    let ran = sandbox.presend(&format!("{RUN} --adjudicated pictures/judged.csv")).exits(0);
    assert_eq!((told(&ran, "same"), told(&ran, "not judged")), (1, 0));
    sandbox.write("pictures/judged.csv", format!("{table}photos/harbour.jpg,photos/nowhere.jpg,same\n"));
    let ran = sandbox.presend(&format!("{RUN} --adjudicated pictures/judged.csv")).exits(2);
    assert_eq!(ran.stderr, "presend: pictures/judged.csv:3: unknown file \"photos/nowhere.jpg\"\n");
    sandbox.write("wrong.csv", "path_a,path_b,verdict\na,b,alike\n");
    let ran = sandbox.presend(&format!("{RUN} --adjudicated wrong.csv")).exits(2);
    assert!(ran.stderr.starts_with("presend: wrong.csv:2: unknown verdict \"alike\""), "{}", ran.stderr);
}

#[test]
fn strata_come_from_folders_or_from_a_table() {
    let sandbox = sandbox();
    sandbox.presend(&format!("{RUN} --strata folder")).exits(0);
    let strata = by_name(&sandbox, "stratum");
    assert_eq!(
        ["beach.jpg", "green-hills.jpg", "flat.png"].map(|name| strata[name].as_str()),
        ["copies", "photos", "copies"]
    );
    sandbox.write("pictures/kinds.csv", "path,category\nphotos/green-hills.jpg,hills\ncopies/flat.png,blue\n");
    sandbox.presend(&format!("{RUN} --strata pictures/kinds.csv")).exits(0);
    let strata = by_name(&sandbox, "stratum");
    assert_eq!(
        ["beach.jpg", "green-hills.jpg", "flat.png"].map(|name| strata[name].as_str()),
        ["unlisted", "hills", "blue"]
    );
    // The manifest is such a table.
    fs::rename(sandbox.path().join("out/manifest.csv"), sandbox.path().join("kinds.csv")).expect("writable");
    sandbox.presend(&format!("{RUN} --strata kinds.csv")).exits(0);
    assert_eq!(by_name(&sandbox, "stratum"), strata);
}

#[test]
fn every_algorithm_has_a_corpus() {
    let sandbox = sandbox();
    for algorithm in common::ALGORITHMS {
        let ran = sandbox.presend(&format!("{RUN} --algorithm {algorithm}")).exits(0);
        assert_eq!(
            told(&ran, "decoded"),
            told(&sandbox.presend(&format!("{RUN} --algorithm {algorithm}")).exits(0), "in the cache")
        );
        assert!(told(&ran, "pairs within") >= 1, "{algorithm}: {}", ran.text());
    }
}

#[test]
fn a_corpus_is_not_read_from_standard_input() {
    let ran = sandbox().presend("eval corpus --no-cache -o out -").exits(2);
    assert!(ran.stderr.contains("a corpus is read from files"), "{}", ran.stderr);
}
