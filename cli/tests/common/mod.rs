//! Running the `presend` binary in a folder of its own, and the pictures to run it on.
#![allow(dead_code, reason = "every test file is a crate of its own and uses a part of this")]

pub(crate) mod picture;
#[cfg(unix)]
pub(crate) mod unprivileged;

use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use serde_json::Value;
use tempfile::TempDir;

/// Every algorithm by its name on the command line.
pub(crate) const ALGORITHMS: [&str; 6] = ["pdq", "pdq-512", "ahash", "dhash", "phash", "blockhash"];

/// A file of the demo, `list.csv` or below `listed/` or `outbox/`.
pub(crate) fn demo(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../hashsets/demo").join(name)
}

pub(crate) fn demo_bytes(name: &str) -> Vec<u8> {
    fs::read(demo(name)).expect("the demo is part of the repository")
}

/// A folder that is the working directory of the program, so that no output names a temporary path.
pub(crate) struct Sandbox {
    folder: TempDir,
}

impl Sandbox {
    pub(crate) fn new() -> Self {
        Self { folder: TempDir::new().expect("a temporary folder can be made") }
    }

    /// With `list.csv` of the demo.
    pub(crate) fn with_list() -> Self {
        Self::with_demo::<&str>(&[])
    }

    /// With `list.csv` of the demo, and copies of the named demo files under their own names.
    pub(crate) fn with_demo<S: AsRef<str>>(files: &[S]) -> Self {
        let sandbox = Self::new();
        for file in ["list.csv"].into_iter().chain(files.iter().map(AsRef::as_ref)) {
            let name = Path::new(file).file_name().expect("a file has a name");
            sandbox.write(name, demo_bytes(file));
        }
        sandbox
    }

    pub(crate) fn path(&self) -> &Path {
        self.folder.path()
    }

    /// Writes a file, and the folders above it.
    pub(crate) fn write(&self, name: impl AsRef<Path>, bytes: impl AsRef<[u8]>) -> PathBuf {
        let path = self.path().join(name);
        fs::create_dir_all(path.parent().expect("below the sandbox")).expect("the sandbox is writable");
        fs::write(&path, bytes).expect("the sandbox is writable");
        path
    }

    /// The program with arguments, in the sandbox, deaf to the settings of whoever runs the tests.
    pub(crate) fn command<S: AsRef<OsStr>>(&self, args: impl IntoIterator<Item = S>) -> Command {
        self.command_of(env!("CARGO_BIN_EXE_presend"), args)
    }

    /// As [`command`](Self::command), of another program.
    pub(crate) fn command_of<S: AsRef<OsStr>>(
        &self,
        program: impl AsRef<OsStr>,
        args: impl IntoIterator<Item = S>,
    ) -> Command {
        let mut command = Command::new(program);
        command.args(args).current_dir(self.path()).stdin(Stdio::null());
        // Global ignore files of git are found through these two.
        command.env("HOME", self.path()).env("XDG_CONFIG_HOME", self.path());
        for name in
            ["CLICOLOR", "CLICOLOR_FORCE", "NO_COLOR", "COLUMNS", "LINES", "RAYON_NUM_THREADS", "RUST_BACKTRACE"]
        {
            command.env_remove(name);
        }
        command
    }

    /// Runs the program to its end.
    pub(crate) fn run<S: AsRef<OsStr>>(&self, args: impl IntoIterator<Item = S>) -> Ran {
        self.command(args).output().expect("the program starts").into()
    }

    /// Runs the program on a command line that has no blanks in its arguments.
    pub(crate) fn presend(&self, line: &str) -> Ran {
        self.run(line.split_whitespace())
    }

    /// Runs the program with bytes on its standard input.
    pub(crate) fn presend_reading(&self, line: &str, input: impl AsRef<[u8]>) -> Ran {
        let file = self.write(".standard-input", input);
        let file = fs::File::open(file).expect("just written");
        self.command(line.split_whitespace()).stdin(file).output().expect("the program starts").into()
    }

    /// The PDQ hash of a file's first frame.
    pub(crate) fn hash_of(&self, file: &str) -> String {
        self.hash_by("pdq", file)
    }

    /// The hash of a file's first frame by an algorithm.
    pub(crate) fn hash_by(&self, algorithm: &str, file: &str) -> String {
        let rows = self.run(["hash", "--format", "csv", "--algorithm", algorithm, file]).csv();
        rows.get(1).and_then(|row| row.get(3)).expect("the file can be hashed").clone()
    }
}

/// What a run left behind.
#[derive(Debug)]
pub(crate) struct Ran {
    /// `None` when a signal ended the program.
    pub(crate) code: Option<i32>,
    pub(crate) stdout: Vec<u8>,
    pub(crate) stderr: String,
}

impl From<Output> for Ran {
    fn from(output: Output) -> Self {
        let stderr = String::from_utf8(output.stderr).expect("messages are UTF-8");
        Self { code: output.status.code(), stdout: output.stdout, stderr }
    }
}

impl Ran {
    /// Asserts the exit status.
    #[track_caller]
    pub(crate) fn exits(self, code: i32) -> Self {
        assert_eq!(self.code, Some(code), "{}\n{}", String::from_utf8_lossy(&self.stdout), self.stderr);
        self
    }

    pub(crate) fn text(&self) -> &str {
        std::str::from_utf8(&self.stdout).expect("the output is UTF-8")
    }

    pub(crate) fn lines(&self) -> Vec<&str> {
        self.text().lines().collect()
    }

    /// One JSON object per line, all of one schema.
    #[track_caller]
    pub(crate) fn ndjson(&self, schema: &str) -> Vec<Value> {
        let parse = |line: &&str| serde_json::from_str::<Value>(line).expect("every line is JSON");
        let records: Vec<Value> = self.lines().iter().map(parse).collect();
        assert!(records.iter().all(|record| record["schema"] == schema), "{records:#?}");
        records
    }

    /// The records of a CSV output, the header first.
    pub(crate) fn csv(&self) -> Vec<Vec<String>> {
        let mut reader = csv::ReaderBuilder::new().has_headers(false).from_reader(self.stdout.as_slice());
        let rows = reader.records().map(|row| row.expect("every row is as long as the header"));
        rows.map(|row| row.iter().map(str::to_owned).collect()).collect()
    }

    /// The rest of each line of a scan for people that starts with an outcome.
    pub(crate) fn outcomes(&self) -> Vec<(&str, &str)> {
        self.lines().iter().filter_map(|line| line.split_once(' ')).map(|(o, rest)| (o, rest.trim())).collect()
    }

    /// Standard error without what differs from run to run: times, rates, thread counts.
    pub(crate) fn stderr_without_rate(&self) -> String {
        let mut lines = String::new();
        for line in self.stderr.lines() {
            match (line.split_once(" in "), line.split_once("s)").or(line.split_once("thread)"))) {
                (Some((before, _)), Some((_, after))) => lines += &format!("{before} in TIME{after}\n"),
                _ => lines += &format!("{line}\n"),
            }
        }
        lines
    }
}

/// What a path or another field of every record is.
pub(crate) fn column(records: &[Value], name: &str) -> Vec<String> {
    records.iter().map(|record| record[name].as_str().unwrap_or("").to_owned()).collect()
}
