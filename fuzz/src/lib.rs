//! What hostile bytes may not do, as functions from bytes that fail where they did.
//!
//! `cargo fuzz` looks for such bytes ([`TARGETS`] are its targets, one program each in `fuzz_targets/`); the corpora it found
//! and the inputs that once failed are replayed by this crate's tests, without a fuzzer. docs/robustness.md says how to run
//! them, what they hold, and what they have found.

mod boundary;
mod decode;
mod index;
mod kernels;
mod lists;
mod sets;
mod structure;

pub use boundary::boundary;
pub use decode::{bmp, gif, jpeg, png, tiff, webp};
pub use index::{index_file, linear_index};
pub use kernels::{pixels, sealed_kernels};
pub use lists::{import, list};
pub use sets::{manifest, set_file, trust};
pub use structure::set_structure;

/// What a target does with the fuzzer's bytes.
pub type Target = fn(&[u8]);

/// Every target, by the name of its program and its corpus.
pub const TARGETS: &[(&str, Target)] = &[
    ("bmp", bmp),
    ("boundary", boundary),
    ("gif", gif),
    ("import", import),
    ("index_file", index_file),
    ("jpeg", jpeg),
    ("linear_index", linear_index),
    ("list", list),
    ("manifest", manifest),
    ("pixels", pixels),
    ("png", png),
    ("sealed_kernels", sealed_kernels),
    ("set_file", set_file),
    ("set_structure", set_structure),
    ("tiff", tiff),
    ("trust", trust),
    ("webp", webp),
];

#[cfg(test)]
mod tests {
    use std::path::{Path, PathBuf};

    use super::*;

    /// The inputs of a corpus, in the order of their names.
    fn corpus(name: &str) -> Vec<PathBuf> {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus").join(name);
        let entries = std::fs::read_dir(&folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
        let mut files: Vec<_> = entries.map(|entry| entry.expect("a listing").path()).collect();
        files.sort();
        files
    }

    #[test]
    fn every_corpus_can_be_replayed() {
        for (name, target) in TARGETS {
            let files = corpus(name);
            assert!(!files.is_empty(), "the corpus of {name} is empty");
            for file in &files {
                // Shown where a target fails.
                println!("{}", file.display());
                target(&std::fs::read(file).expect("an input"));
            }
        }
    }

    #[test]
    fn what_is_fuzzed_is_what_ships() {
        // Of a lock file, every package with its version.
        let packages = |path: &str| -> std::collections::BTreeSet<String> {
            let text = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(path)).expect("a lock file");
            let blocks = text.split("[[package]]").skip(1);
            blocks.map(|block| block.trim().lines().take(2).collect::<Vec<_>>().join(" ")).collect()
        };
        let (ours, theirs) = (packages("Cargo.lock"), packages("../Cargo.lock"));
        let own = ["arbitrary", "derive_arbitrary", "libfuzzer-sys", "presend-fuzz"];
        let own = |package: &str| own.iter().any(|name| package.contains(&format!("\"{name}\"")));
        let other: Vec<_> = ours.difference(&theirs).filter(|package| !own(package)).collect();
        assert!(other.is_empty(), "of another version than the program's: {other:?}");
    }

    #[test]
    fn every_target_has_a_program_and_every_program_is_a_target() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz_targets");
        let mut programs: Vec<String> = std::fs::read_dir(folder)
            .expect("a listing")
            .map(|entry| entry.expect("a listing").path().file_stem().expect("a name").to_string_lossy().into_owned())
            .collect();
        programs.sort();
        assert!(programs.iter().eq(TARGETS.iter().map(|(name, _)| name)), "{programs:?}");
    }
}
