//! The folder that the files are kept in: bringing it up to date, or finding where it is not.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use anyhow::{Context, Result, bail};

use super::DemoFile;

/// Makes `root` hold exactly `files`, or, with `check`, only compares them.
///
/// Each file is written under a temporary name and then renamed, so that a half-written one is never left
/// under its own name. A check prints every file that differs, is missing or should not be there.
///
/// # Errors
///
/// When the folder cannot be read or written, or when a check finds a difference.
pub(crate) fn write_or_check(root: &Path, files: &[DemoFile], check: bool) -> Result<()> {
    let wanted: BTreeSet<&str> = files.iter().map(|file| file.path.as_str()).collect();
    let present = present(root)?;
    let extra = present.iter().filter(|path| !wanted.contains(path.as_str()));
    if check {
        let mut faults: Vec<String> = files.iter().filter_map(|file| fault(root, file)).collect();
        faults.extend(extra.map(|path| format!("not ours: {path}")));
        return report(root, &faults);
    }
    for path in extra {
        let stale = root.join(path);
        fs::remove_file(&stale).with_context(|| format!("could not remove {}", stale.display()))?;
    }
    files.iter().try_for_each(|file| write(root, file))
}

/// What is wrong with one file on disk, if anything.
fn fault(root: &Path, file: &DemoFile) -> Option<String> {
    match fs::read(root.join(&file.path)) {
        Ok(bytes) if bytes == file.bytes => None,
        Ok(_) => Some(format!("differs: {}", file.path)),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Some(format!("missing: {}", file.path)),
        Err(error) => Some(format!("unreadable: {}: {error}", file.path)),
    }
}

fn report(root: &Path, faults: &[String]) -> Result<()> {
    for fault in faults {
        eprintln!("{fault}");
    }
    if !faults.is_empty() {
        bail!("{} files in {} are not what this program makes", faults.len(), root.display());
    }
    Ok(())
}

fn write(root: &Path, file: &DemoFile) -> Result<()> {
    let target = root.join(&file.path);
    if fs::read(&target).is_ok_and(|bytes| bytes == file.bytes) {
        return Ok(());
    }
    if let Some(folder) = target.parent() {
        fs::create_dir_all(folder).with_context(|| format!("could not make {}", folder.display()))?;
    }
    let mut name = target.as_os_str().to_owned();
    name.push(".partial");
    fs::write(&name, &file.bytes)
        .and_then(|()| fs::rename(&name, &target))
        .with_context(|| format!("could not write {}", target.display()))
}

/// The files below `root`, with `/` between folders, in order; none when there is no such folder.
fn present(root: &Path) -> Result<BTreeSet<String>> {
    let mut found = BTreeSet::new();
    let mut folders = vec![String::new()];
    while let Some(folder) = folders.pop() {
        let path = root.join(&folder);
        if folder.is_empty() && !path.exists() {
            return Ok(found);
        }
        let entries = fs::read_dir(&path).with_context(|| format!("could not list {}", path.display()))?;
        for entry in entries {
            let entry = entry?;
            let name = entry.file_name();
            let name = name.to_str().with_context(|| format!("{} is not Unicode", entry.path().display()))?;
            // A link is not followed: what it leads to is not ours to remove.
            if entry.file_type()?.is_dir() {
                folders.push(format!("{folder}{name}/"));
            } else {
                found.insert(format!("{folder}{name}"));
            }
        }
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn writing_makes_the_check_pass_and_clears_what_is_stale() -> Result<()> {
        let root = std::env::temp_dir().join(format!("presend-demo-folder-{}", std::process::id()));
        let file = |path: &str| DemoFile { path: path.to_owned(), bytes: path.as_bytes().to_vec() };
        let files = [file("one.txt"), file("inner/two.txt")];
        assert!(write_or_check(&root, &files, true).is_err(), "nothing is there yet");
        write_or_check(&root, &files, false)?;
        write_or_check(&root, &files, true)?;
        fs::write(root.join("inner/stale.txt"), "")?;
        fs::write(root.join("one.txt"), "changed")?;
        assert!(write_or_check(&root, &files, true).is_err(), "one file differs and one is extra");
        write_or_check(&root, &files, false)?;
        write_or_check(&root, &files, true)?;
        fs::remove_dir_all(&root)?;
        Ok(())
    }
}
