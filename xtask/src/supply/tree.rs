//! Which packages a thing that is shipped is built from, as cargo tells.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use serde_json::Value;

use super::lock;
use crate::ci::cargo_command;
use crate::root;

/// A thing that reaches its users.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Shipped {
    /// Its name for people.
    pub(super) name: &'static str,
    /// The package it is built from, for this target.
    pub(super) package: &'static str,
    pub(super) target: &'static str,
    /// The file name of its bill of materials; the engine as such is a part of both programs and has none.
    pub(super) file: Option<&'static str>,
    /// Whether npm's packages are among what builds it.
    pub(super) npm: bool,
}

/// All of them.
pub(super) const SHIPPED: [Shipped; 3] = [
    Shipped {
        name: "presend",
        package: "presend",
        target: "x86_64-unknown-linux-gnu",
        file: Some("presend.cdx.json"),
        npm: false,
    },
    Shipped {
        name: "presend-core",
        package: "presend-core",
        target: "x86_64-unknown-linux-gnu",
        file: None,
        npm: false,
    },
    Shipped {
        name: "@presend/scanner",
        package: "presend-wasm",
        target: "wasm32-unknown-unknown",
        file: Some("presend-scanner.cdx.json"),
        npm: true,
    },
];

/// A package of one version.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Key {
    pub(super) name: String,
    pub(super) version: String,
}

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.name, self.version)
    }
}

/// What the manifest of a package says.
#[derive(Debug, Clone)]
pub(super) struct Package {
    pub(super) licence: Option<String>,
    pub(super) description: Option<String>,
    /// Where it comes from; nothing for a folder.
    pub(super) source: Option<String>,
    /// Where its source lies.
    pub(super) folder: PathBuf,
    /// Dependencies of which it takes any version.
    pub(super) wildcards: Vec<String>,
}

/// Every package of the workspace, with all features, on all platforms.
#[derive(Debug)]
pub(super) struct Metadata {
    pub(super) packages: BTreeMap<Key, Package>,
    /// Of those of a registry.
    pub(super) checksums: BTreeMap<Key, String>,
}

impl Metadata {
    pub(super) fn read() -> Result<Self> {
        let json: Value =
            serde_json::from_str(&output(&["metadata", "--format-version", "1", "--all-features", "--quiet"])?)?;
        let text = |value: &Value| value.as_str().map(str::to_owned);
        let packages = json["packages"].as_array().context("cargo's metadata has no packages")?;
        let packages = packages.iter().map(|package| {
            let key = Key {
                name: text(&package["name"]).context("a package has no name")?,
                version: text(&package["version"]).context("a package has no version")?,
            };
            let manifest = text(&package["manifest_path"]).context("a package has no manifest")?;
            let folder = Path::new(&manifest).parent().context("a manifest lies in a folder")?.to_owned();
            let any = |dependency: &&Value| dependency["req"] == "*" && dependency["path"].is_null();
            let dependencies = package["dependencies"].as_array().into_iter().flatten();
            let package = Package {
                licence: text(&package["license"]),
                description: text(&package["description"]).map(|text| text.trim().to_owned()),
                source: text(&package["source"]),
                folder,
                wildcards: dependencies.filter(any).filter_map(|dependency| text(&dependency["name"])).collect(),
            };
            Ok((key, package))
        });
        let lock = std::fs::read_to_string(root().join("Cargo.lock"))?;
        Ok(Self { packages: packages.collect::<Result<_>>()?, checksums: lock::checksums(&lock) })
    }

    pub(super) fn package(&self, key: &Key) -> Result<&Package> {
        self.packages.get(key).with_context(|| format!("cargo does not know {key}"))
    }
}

/// What a thing is built from.
#[derive(Debug, Default)]
pub(super) struct Tree {
    pub(super) root: Option<Key>,
    /// Who depends on whom; those that depend on nobody are among them.
    pub(super) edges: BTreeMap<Key, BTreeSet<Key>>,
    /// Those that are in the thing itself; the others are procedural macros, build scripts, and what those are made of.
    pub(super) inside: BTreeSet<Key>,
}

impl Tree {
    pub(super) fn read(shipped: &Shipped) -> Result<Self> {
        let of = |edges| {
            let options = ["--edges", edges, "--target", shipped.target, "--prefix", "depth", "--format", "|{p}"];
            output(&[&["tree", "--package", shipped.package, "--quiet"], &options[..]].concat())
        };
        let mut tree = Self::default();
        let macros = tree.add(&of("normal,build")?)?;
        let mut normal = Self::default();
        normal.add(&of("normal")?)?;
        let mut next: Vec<Key> = normal.root.into_iter().collect();
        while let Some(key) = next.pop() {
            if !macros.contains(&key) && tree.inside.insert(key.clone()) {
                next.extend(normal.edges.get(&key).into_iter().flatten().cloned());
            }
        }
        Ok(tree)
    }

    /// Adds what `cargo tree` says in lines of depth and package; which are procedural macros.
    fn add(&mut self, text: &str) -> Result<BTreeSet<Key>> {
        let (mut above, mut macros): (Vec<Key>, _) = (Vec::new(), BTreeSet::new());
        // Without the headings of kinds of dependencies.
        for (depth, package) in text.lines().filter_map(|line| line.split_once('|')) {
            let depth: usize = depth.trim().parse().with_context(|| format!("no depth: {depth}"))?;
            let mut words = package.split_whitespace();
            let (Some(name), Some(version)) = (words.next(), words.next().and_then(|word| word.strip_prefix('v')))
            else {
                bail!("no package: {package}");
            };
            let key = Key { name: name.into(), version: version.into() };
            if words.any(|word| word == "(proc-macro)") {
                macros.insert(key.clone());
            }
            self.edges.entry(key.clone()).or_default();
            above.truncate(depth);
            match above.last() {
                Some(parent) => _ = self.edges.entry(parent.clone()).or_default().insert(key.clone()),
                None => self.root = Some(key.clone()),
            }
            above.push(key);
        }
        Ok(macros)
    }
}

/// What a cargo command prints.
fn output(arguments: &[&str]) -> Result<String> {
    let output = cargo_command(arguments).current_dir(root()).output().context("cannot start cargo")?;
    if !output.status.success() {
        bail!("cargo {arguments:?} failed: {}", String::from_utf8_lossy(&output.stderr));
    }
    Ok(String::from_utf8(output.stdout)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn depths_tell_who_depends_on_whom() {
        let text = "0|a v1.0.0 (/somewhere)\n1|b v2.0.0\n2|c v3.0.0 (proc-macro)\n3|d v4.0.0\n1[build-dependencies]\n\
                    1|d v4.0.0 (*)\n";
        let mut tree = Tree::default();
        let macros = tree.add(text).expect("lines");
        let names = |key: &str| -> Vec<&str> {
            let (_, to) = tree.edges.iter().find(|(from, _)| from.name == key).expect("a package");
            to.iter().map(|key| key.name.as_str()).collect()
        };
        assert_eq!((names("a"), names("b"), names("c"), names("d")), (vec!["b", "d"], vec!["c"], vec!["d"], vec![]));
        assert_eq!(tree.root.as_ref().map(ToString::to_string), Some("a 1.0.0".to_owned()));
        assert_eq!(macros.iter().map(|key| key.name.as_str()).collect::<Vec<_>>(), ["c"]);
    }

    #[test]
    fn what_a_macro_is_made_of_is_not_in_the_thing_itself() {
        let engine = Tree::read(&SHIPPED[1]).expect("cargo tells");
        let inside = |name: &str| engine.inside.iter().any(|key| key.name == name);
        assert!(inside("presend-core") && inside("ed25519-dalek"));
        assert!(!inside("thiserror-impl") && !inside("syn"));
        assert!(engine.edges.keys().any(|key| key.name == "syn"));
    }
}
