//! Running the program as somebody who may not read everything.

use std::fs::{self, Permissions};
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::Path;
use std::process::Command;

use super::Sandbox;

const DROP: [&str; 3] = ["--reuid=65534", "--regid=65534", "--clear-groups"];

/// Sets the permissions of a file or folder.
pub(crate) fn allow(path: impl AsRef<Path>, mode: u32) {
    fs::set_permissions(path, Permissions::from_mode(mode)).expect("the tests own the file");
}

/// How to run the program as somebody who may not read everything, or why that is not possible here.
pub(crate) fn unprivileged(sandbox: &Sandbox) -> Result<Vec<String>, &'static str> {
    // A temporary folder belongs to whoever made it.
    if fs::metadata(sandbox.path()).expect("it is there").uid() != 0 {
        return Ok(vec![env!("CARGO_BIN_EXE_presend").into()]);
    }
    // Not copied by this process: a file that is open for writing in any thread cannot be run.
    let copied = Command::new("cp").arg(env!("CARGO_BIN_EXE_presend")).arg(sandbox.path().join("presend")).status();
    assert!(copied.is_ok_and(|status| status.success()), "there is room for the program");
    allow(sandbox.path(), 0o755);
    let mut probe = sandbox.command_of("setpriv", DROP.into_iter().chain(["./presend", "--version"]));
    if !probe.output().is_ok_and(|output| output.status.success()) {
        return Err("root can read everything, and setpriv cannot run the program as somebody else");
    }
    Ok(["setpriv"].into_iter().chain(DROP).chain(["./presend"]).map(Into::into).collect())
}
