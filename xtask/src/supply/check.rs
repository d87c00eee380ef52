//! What every package that anything here is built from must be: under a licence that is allowed, from the registry or from
//! this repository, with a checksum, and asked for by a version.
//!
//! `cargo deny` checks this and more, but takes minutes to compile; this takes a second, so every commit is checked. The
//! licences allowed are those of `deny.toml`, for both.

use std::collections::BTreeMap;

use anyhow::{Context, Result, bail};

use super::licence;
use super::tree::{Key, Metadata, Package};

/// The one registry.
const REGISTRY: &str = "registry+https://github.com/rust-lang/crates.io-index";

/// Checks every package of the workspace with all features, on all platforms.
pub(super) fn packages(metadata: &Metadata) -> Result<()> {
    let deny = std::fs::read_to_string(crate::root().join("deny.toml"))?;
    let allowed = allowed_licences(&deny).context("deny.toml has no line of licences")?;
    let faults: Vec<String> = metadata
        .packages
        .iter()
        .flat_map(|(key, package)| faults(key, package, &allowed, &metadata.checksums))
        .collect();
    if !faults.is_empty() {
        bail!("{}", faults.join("\n"));
    }
    println!("{} packages: their licences, sources and checksums are as they should be", metadata.packages.len());
    Ok(())
}

fn faults(key: &Key, package: &Package, allowed: &[String], checksums: &BTreeMap<Key, String>) -> Vec<String> {
    let mut faults = Vec::new();
    let mut fault = |what: String| faults.push(format!("{key}: {what}"));
    match &package.licence {
        None => fault("names no licence".into()),
        Some(licence) => match licence::is_allowed(licence, allowed) {
            Some(true) => {}
            Some(false) => fault(format!("{licence} is not among the licences of deny.toml")),
            None => fault(format!("{licence} is no licence expression")),
        },
    }
    match package.source.as_deref() {
        None => {
            if !package.folder.starts_with(crate::root()) {
                fault(format!("comes from {}, which is not of this repository", package.folder.display()));
            }
            for name in &package.wildcards {
                fault(format!("takes any version of {name}"));
            }
        }
        Some(REGISTRY) => {
            if !checksums.contains_key(key) {
                fault("has no checksum in Cargo.lock".into());
            }
        }
        Some(elsewhere) => fault(format!("comes from {elsewhere}")),
    }
    faults
}

/// The names in `allow = ["…", …]`.
fn allowed_licences(deny: &str) -> Option<Vec<String>> {
    let line =
        deny.split_once("[licenses]")?.1.lines().find_map(|line| line.strip_prefix("allow = [")?.strip_suffix(']'))?;
    Some(line.split(',').map(|name| name.trim().trim_matches('"').to_owned()).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(change: impl FnOnce(&mut Package)) -> Vec<String> {
        let key = Key { name: "a".into(), version: "1.0.0".into() };
        let mut package = Package {
            licence: Some("MIT OR Apache-2.0".into()),
            source: Some(REGISTRY.into()),
            folder: crate::root().join("core"),
            description: None,
            wildcards: Vec::new(),
        };
        change(&mut package);
        faults(&key, &package, &["MIT".into()], &BTreeMap::from([(key.clone(), "ab".into())]))
    }

    #[test]
    fn a_package_has_a_fault_for_its_licence_its_source_its_checksum_and_its_wildcards() {
        assert_eq!(of(|_| {}), [""; 0]);
        assert_eq!(of(|package| package.licence = None), ["a 1.0.0: names no licence"]);
        let other = of(|package| package.licence = Some("GPL-3.0-only".into()));
        assert_eq!(other, ["a 1.0.0: GPL-3.0-only is not among the licences of deny.toml"]);
        let elsewhere = of(|package| package.source = Some("git+https://example.org/a".into()));
        assert_eq!(elsewhere, ["a 1.0.0: comes from git+https://example.org/a"]);
        let outside = of(|package| (package.source, package.folder) = (None, "/elsewhere".into()));
        assert_eq!(outside, ["a 1.0.0: comes from /elsewhere, which is not of this repository"]);
        let any = of(|package| (package.source, package.wildcards) = (None, vec!["b".into()]));
        assert_eq!(any, ["a 1.0.0: takes any version of b"]);
        let key = Key { name: "a".into(), version: "1.0.0".into() };
        let package = Package {
            licence: Some("MIT".into()),
            source: Some(REGISTRY.into()),
            folder: "/registry".into(),
            description: None,
            wildcards: Vec::new(),
        };
        let unsure = faults(&key, &package, &["MIT".into()], &BTreeMap::new());
        assert_eq!(unsure, ["a 1.0.0: has no checksum in Cargo.lock"]);
    }

    #[test]
    fn the_licences_are_those_of_the_other_tool() {
        let deny = "[licenses]\nallow = [\"Apache-2.0\", \"MIT\"]\n\n[bans]\n";
        assert_eq!(allowed_licences(deny), Some(vec!["Apache-2.0".to_owned(), "MIT".to_owned()]));
        assert_eq!(allowed_licences("[bans]\nallow = [\"a\"]\n"), None);
    }
}
