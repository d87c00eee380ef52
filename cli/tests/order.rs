//! Which files are read, and in what order.

mod common;

use common::{Sandbox, column, picture};

/// The paths that `presend hash` prints, which are all that it read.
fn paths(sandbox: &Sandbox, args: &str) -> Vec<String> {
    column(&sandbox.presend(&format!("hash --format ndjson {args}")).exits(0).ndjson("presend.hash/1"), "path")
}

/// A folder of pictures.
fn tree(names: &[&str]) -> Sandbox {
    let sandbox = Sandbox::new();
    for (seed, name) in names.iter().enumerate() {
        sandbox.write(name, picture::blocks(seed as u32));
    }
    sandbox
}

#[test]
fn results_come_in_the_order_of_the_inputs_however_many_threads() {
    // Large pictures first, so that the small ones are done before them.
    let sandbox = Sandbox::with_demo(&["outbox/thanks.png", "outbox/slideshow.gif"]);
    let mut names = vec!["thanks.png".to_owned(), "slideshow.gif".to_owned()];
    for seed in (0..40).rev() {
        names.push(format!("{seed}.png"));
        sandbox.write(names.last().expect("just pushed"), picture::blocks(seed));
    }
    let scan = |jobs: u32| {
        let line = format!("scan --quiet --list list.csv --format ndjson -j{jobs} {}", names.join(" "));
        sandbox.presend(&line).exits(1)
    };
    let one = scan(1);
    assert_eq!(column(&one.ndjson("presend.scan/1"), "path"), names);
    for jobs in [1, 2, 8] {
        assert_eq!(scan(jobs).stdout, one.stdout, "{jobs} threads");
    }
}

#[test]
fn a_folder_is_read_in_the_order_of_its_paths() {
    let sandbox = tree(&["f/b.png", "f/a/z.png", "f/a.png", "f/c/a.png", "f/B.png", "last.png"]);
    let expected = ["last.png", "f/B.png", "f/a/z.png", "f/a.png", "f/b.png", "f/c/a.png"];
    assert_eq!(paths(&sandbox, "last.png f"), expected);
}

#[test]
fn files_from_takes_a_path_per_line() {
    let sandbox = tree(&["b.png", "a b.png", "f/c.png"]);
    sandbox.write("list", "b.png\r\n\na b.png\nf");
    assert_eq!(paths(&sandbox, "--files-from list"), ["b.png", "a b.png", "f/c.png"]);
    assert_eq!(paths(&sandbox, "--files-from list f/c.png"), ["f/c.png", "b.png", "a b.png", "f/c.png"]);
}

#[test]
fn files_from_with_null_takes_a_path_per_zero_byte() {
    let sandbox = tree(&["b.png", "a\nb.png"]);
    sandbox.write("list", "b.png\0a\nb.png\0");
    assert_eq!(paths(&sandbox, "-0 --files-from list"), ["b.png", "a\nb.png"]);
}

#[test]
fn files_from_reads_standard_input() {
    let sandbox = tree(&["b.png", "a.png"]);
    let ran = sandbox.presend_reading("hash --format ndjson --files-from -", "b.png\na.png\n").exits(0);
    assert_eq!(column(&ran.ndjson("presend.hash/1"), "path"), ["b.png", "a.png"]);
}

#[test]
fn a_dash_reads_an_image_from_standard_input() {
    let sandbox = tree(&["b.png"]);
    let ran = sandbox.presend_reading("hash --format csv -", picture::blocks(0)).exits(0);
    assert_eq!((ran.csv()[1][0].as_str(), &ran.csv()[1][3]), ("-", &sandbox.hash_of("b.png")));
}

#[test]
fn hidden_files_are_read_when_asked_for_or_named() {
    let sandbox = tree(&["f/.a.png", "f/.b/c.png", "f/d.png"]);
    assert_eq!(paths(&sandbox, "f"), ["f/d.png"]);
    assert_eq!(paths(&sandbox, "--hidden f"), ["f/.a.png", "f/.b/c.png", "f/d.png"]);
    assert_eq!(paths(&sandbox, "f/.a.png f/.b"), ["f/.a.png", "f/.b/c.png"]);
}

#[test]
fn ignore_files_leave_files_out_unless_told_otherwise() {
    let sandbox = tree(&["f/a.png", "f/drafts/b.png", "f/c.png"]);
    sandbox.write("f/.ignore", "drafts/\n");
    assert_eq!(paths(&sandbox, "f"), ["f/a.png", "f/c.png"]);
    assert_eq!(paths(&sandbox, "--no-ignore f"), ["f/a.png", "f/c.png", "f/drafts/b.png"]);
    assert_eq!(paths(&sandbox, "f/drafts/b.png"), ["f/drafts/b.png"]);
}

#[test]
fn gitignore_files_count_in_a_repository() {
    let sandbox = tree(&["f/a.png", "f/b.png"]);
    sandbox.write("f/.gitignore", "b.png\n");
    assert_eq!(paths(&sandbox, "f"), ["f/a.png", "f/b.png"]);
    sandbox.write("f/.git/HEAD", "");
    assert_eq!(paths(&sandbox, "f"), ["f/a.png"]);
    assert_eq!(paths(&sandbox, "--no-ignore f"), ["f/a.png", "f/b.png"]);
}

#[test]
fn globs_choose_what_is_read_in_folders() {
    let sandbox = tree(&["f/a.png", "f/b.jpg", "f/g/c.png", "d.jpg"]);
    assert_eq!(paths(&sandbox, "--glob *.png f d.jpg"), ["f/a.png", "f/g/c.png", "d.jpg"]);
    assert_eq!(paths(&sandbox, "-g !*.png f"), ["f/b.jpg"]);
    assert_eq!(paths(&sandbox, "-g *.png -g !g/ f"), ["f/a.png"]);
}
