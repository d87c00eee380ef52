//! Names in place of paths, for people who keep or pass on what is printed.
//!
//! A path tells more than a picture does: names, places, dates. Its digest is no better, because whoever guesses the path can
//! compute it. So files are numbered: inputs in the order in which they are read, the same path with the same number.
//!
//! What is printed of a path goes through [`called`], and a path that nobody has registered is `a file`: forgetting one gives
//! nothing away.

use std::borrow::Cow;
use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, OnceLock, PoisonError};

use crate::args::{Command, KnownArgs};

/// The names, if paths are not to be shown. It is set once, before anything is read: every message of the program is under it.
static NAMES: OnceLock<Mutex<HashMap<PathBuf, String>>> = OnceLock::new();

/// From here on no path is shown, if the command asks for that.
pub(crate) fn start(command: &Command) {
    match command {
        Command::Scan(args) if args.redact_paths => {
            NAMES.get_or_init(Mutex::default);
            known(&args.known);
            args.inputs.files_from.iter().for_each(|path| name(path, || "the list of inputs".into()));
        }
        Command::Hash(args) if args.redact_paths => {
            NAMES.get_or_init(Mutex::default);
            args.inputs.files_from.iter().for_each(|path| name(path, || "the list of inputs".into()));
            args.output.iter().for_each(|path| name(path, || "the output".into()));
        }
        _ => {}
    }
}

fn known(args: &KnownArgs) {
    for (kind, paths) in [("list", &args.lists), ("index", &args.indexes), ("set", &args.sets)] {
        paths.iter().zip(1..).for_each(|(path, number)| name(path, || format!("{kind} {number}")));
    }
    args.trust.trust.iter().for_each(|path| name(path, || "the trust file".into()));
    args.trust.seen.iter().for_each(|path| name(path, || "the last version seen".into()));
}

/// Numbers an input.
pub(crate) fn input(path: &Path, number: usize) {
    name(path, || format!("input {number}"));
}

/// Names a path, if paths are not to be shown. The first name stays.
fn name(path: &Path, name: impl FnOnce() -> String) {
    if let Some(names) = NAMES.get() {
        let mut names = names.lock().unwrap_or_else(PoisonError::into_inner);
        names.entry(path.to_owned()).or_insert_with(name);
    }
}

/// What a path is called in the output and in messages.
pub(crate) fn called(path: &Path) -> Cow<'_, Path> {
    let Some(names) = NAMES.get() else { return Cow::Borrowed(path) };
    let names = names.lock().unwrap_or_else(PoisonError::into_inner);
    Cow::Owned(names.get(path).map_or("a file", String::as_str).into())
}

/// A message of a library, which may quote a path, with names in place of all that is registered.
pub(crate) fn message(text: &str) -> Cow<'_, str> {
    let Some(names) = NAMES.get() else { return Cow::Borrowed(text) };
    // What `tempfile` adds to an error.
    let mut text = text.split_once(" at path \"").map_or(text, |(before, _)| before).to_owned();
    let names = names.lock().unwrap_or_else(PoisonError::into_inner);
    // The longest first, so that none is taken for the start of another.
    let mut names: Vec<_> = names.iter().filter_map(|(path, name)| Some((path.to_str()?, name))).collect();
    names.sort_by_key(|(path, _)| std::cmp::Reverse(path.len()));
    for (path, name) in names.into_iter().filter(|(path, _)| path.contains(['/', '.'])) {
        text = text.replace(path, name);
    }
    Cow::Owned(text)
}
