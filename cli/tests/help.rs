//! What the program says of itself.

mod common;

use common::{Ran, Sandbox};

/// Name and version, in the footer of manual pages.
const SOURCE: &str = concat!("\"presend ", env!("CARGO_PKG_VERSION"), "\"");

fn told(line: &str) -> Ran {
    let ran = Sandbox::new().presend(line).exits(0);
    assert_eq!(ran.stderr, "");
    ran
}

#[test]
fn help_reads_as_the_snapshots() {
    insta::assert_snapshot!("help", told("--help").text());
    for command in ["scan", "hash", "compare", "demo", "index"] {
        insta::assert_snapshot!(format!("help_{command}"), told(&format!("{command} --help")).text());
    }
    insta::assert_snapshot!("help_eval_corpus", told("eval corpus --help").text());
}

#[test]
fn options_are_grouped_by_what_they_are_about() {
    for (command, groups) in [
        ("scan", ["Matching:", "Input:", "Hashing:", "Output:"].as_slice()),
        ("hash", &["Input:", "Hashing:", "Output:"]),
        ("compare", &["Matching:", "Hashing:", "Output:"]),
    ] {
        let help = told(&format!("{command} --help"));
        let headings = help.lines().into_iter().filter(|line| groups.contains(line)).collect::<Vec<_>>();
        assert_eq!(headings, groups, "{command}");
        assert!(help.text().contains("\nExit status:"), "{command}");
    }
}

#[test]
fn completions_know_the_commands() {
    for shell in ["bash", "zsh", "fish"] {
        let script = told(&format!("completions {shell}"));
        for word in ["scan", "compare", "files-from", "blockhash"] {
            assert!(script.text().contains(word), "{shell} does not know {word}");
        }
    }
}

#[test]
fn manual_pages_have_a_title_and_the_options() {
    let program = told("man");
    assert!(program.text().contains(&format!(".TH presend 1  {SOURCE}")), "{}", program.text());
    assert!(program.text().contains("interrupted"), "the exit codes are part of it");
    for command in ["scan", "hash", "compare", "demo"] {
        let page = told(&format!("man {command}"));
        assert!(page.text().contains(&format!(".TH presend-{command} 1  {SOURCE}")), "{}", page.text());
        assert!(page.text().contains(r"\fB\-\-dihedral\fR"), "{}", page.text());
    }
}

#[test]
fn there_is_no_manual_page_of_an_unknown_command() {
    let ran = Sandbox::new().presend("man burn").exits(2);
    assert_eq!((ran.text(), ran.stderr.as_str()), ("", "presend: there is no command \"burn\"\n"));
}

#[test]
fn version_is_that_of_the_package() {
    assert_eq!(told("--version").text(), concat!("presend ", env!("CARGO_PKG_VERSION"), "\n"));
}
