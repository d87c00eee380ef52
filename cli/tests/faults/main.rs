//! What faults leave behind: programs that are killed, disks that are full, files that change while they are read, and two
//! programs at once. Never half a file under its name, and never *clean* without a search of what was verified.
//!
//! `docs/faults.md` lists every fault with its outcome. `PRESEND_FAULTS=200` kills each command at so many moments,
//! and those that take seconds, too.
#![cfg(unix)]

#[path = "../common/mod.rs"]
mod common;

mod disk;
mod kill;
mod pictures;
mod sets;
mod writers;

use std::fs;
use std::path::Path;

use common::{Ran, Sandbox};

/// Whether more than the short form is asked for.
fn full() -> bool {
    std::env::var_os("PRESEND_FAULTS").is_some()
}

/// The names in a folder of the sandbox, sorted.
fn names(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("listed").file_name());
    let mut names: Vec<String> = entries.map(|name| name.to_string_lossy().into_owned()).collect();
    names.sort();
    names
}

/// Whether a name is that of a file that was being written.
fn is_temporary(name: &str) -> bool {
    name.starts_with(".presend-") && name.ends_with(".tmp")
}

/// What was left behind in a folder by programs that were killed.
fn left_behind(folder: &Path) -> Vec<String> {
    let mut names = names(folder);
    names.retain(|name| is_temporary(name));
    names
}

/// A sandbox with a signed set of the demo's list, an outbox of one listed and one other picture, and lists to add.
fn signed() -> Sandbox {
    let sandbox = Sandbox::with_demo(&["outbox/harbour-recompressed.jpg", "outbox/beach.jpg"]);
    sandbox.presend("set keygen --organisation One -o one.key --trust trust.json").exits(0);
    sandbox.presend("set build --name known list.csv -o known.presend").exits(0);
    sandbox.presend("set sign known.presend --key one.key").exits(0);
    sandbox
}

/// Runs the program by a shell, after a command of the shell.
fn by_shell(sandbox: &Sandbox, before: &str, line: &str) -> Ran {
    let script = format!("{before} && exec \"$0\" \"$@\"");
    let program = env!("CARGO_BIN_EXE_presend");
    let args = ["-c", &script, program].into_iter().chain(line.split_whitespace());
    sandbox.command_of("sh", args).output().expect("there is a shell").into()
}

/// A seeded stream of numbers, by `SplitMix64`.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ z >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ z >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ z >> 31
    }

    /// Below 1.
    fn share(&mut self) -> f64 {
        (self.next() >> 11) as f64 / (1_u64 << 53) as f64
    }
}
