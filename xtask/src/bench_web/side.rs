//! A program that times what it is asked for: a line to it, its words separated by tabs, and a line back.

use std::io::{BufRead as _, BufReader, Write as _};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use anyhow::{Context as _, Result, bail};

use crate::root;

pub(super) struct Side {
    name: &'static str,
    child: Child,
    /// Closed to end it.
    to: Option<ChildStdin>,
    from: BufReader<ChildStdout>,
}

impl Side {
    pub(super) fn start(name: &'static str, command: &mut Command) -> Result<Self> {
        let program = command.get_program().display().to_string();
        let command = command.current_dir(root()).stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child = command.spawn().with_context(|| format!("cannot start {program}"))?;
        let (to, from) = (child.stdin.take(), child.stdout.take().context("no output")?);
        Ok(Self { name, child, to, from: BufReader::new(from) })
    }

    /// Its answer.
    pub(super) fn ask(&mut self, words: &[&str]) -> Result<String> {
        let to = self.to.as_mut().expect("open until dropped");
        let mut line = String::new();
        writeln!(to, "{}", words.join("\t")).and_then(|()| self.from.read_line(&mut line)).context(self.name)?;
        match line.trim_end().split_once('\t').unwrap_or((line.trim_end(), "")) {
            ("ok", answer) => Ok(answer.to_owned()),
            ("error", why) => bail!("{}, asked for {words:?}: {why}", self.name),
            _ => bail!("{} stopped", self.name),
        }
    }
}

impl Drop for Side {
    fn drop(&mut self) {
        drop(self.to.take());
        // It ends by itself, the browser first.
        _ = self.child.wait();
    }
}
