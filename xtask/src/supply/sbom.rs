//! Bills of materials: CycloneDX 1.6, in JSON.
//!
//! The same sources give the same bytes: no time, no serial number, no path. What is in the thing itself is `required`;
//! procedural macros, build scripts and npm's build tools, which shape it but are not in it, are `excluded`, the
//! specification's word for what is not there when it runs.

use std::collections::BTreeMap;

use anyhow::{Context, Result};
use serde_json::{Value, json};

use super::tree::{Key, Metadata, Shipped, Tree};
use crate::root;

/// The bill of a thing.
pub(super) fn bill(shipped: &Shipped, tree: &Tree, metadata: &Metadata) -> Result<String> {
    let top = tree.root.as_ref().context("a tree has a root")?;
    let mut components = Vec::new();
    let mut dependencies = BTreeMap::new();
    for (key, needs) in &tree.edges {
        dependencies.insert(
            reference(key, metadata)?,
            needs.iter().map(|key| reference(key, metadata)).collect::<Result<Vec<_>>>()?,
        );
        if key != top {
            components.push(component(key, tree.inside.contains(key), metadata)?);
        }
    }
    let mut itself = component(top, true, metadata)?;
    itself["type"] = "application".into();
    itself["name"] = shipped.name.into();
    itself.as_object_mut().context("a component is an object")?.remove("scope");
    if shipped.npm {
        itself["purl"] = format!("pkg:npm/{}@{}", shipped.name.replace('@', "%40"), top.version).into();
        let tools = npm_tools()?;
        let needs = dependencies.entry(reference(top, metadata)?).or_default();
        needs.extend(tools.iter().filter_map(|tool| tool["bom-ref"].as_str().map(str::to_owned)));
        for tool in &tools {
            dependencies.insert(tool["bom-ref"].as_str().unwrap_or_default().to_owned(), Vec::new());
        }
        components.extend(tools);
    }
    let dependencies: Vec<Value> =
        dependencies.into_iter().map(|(of, needs)| json!({ "ref": of, "dependsOn": needs })).collect();
    let bill = json!({
        "$schema": "http://cyclonedx.org/schema/bom-1.6.schema.json",
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "version": 1,
        "metadata": {
            "component": itself,
            "properties": [
                { "name": "presend:target", "value": shipped.target },
                { "name": "presend:toolchain", "value": toolchain()? },
            ],
        },
        "components": components,
        "dependencies": dependencies,
    });
    Ok(serde_json::to_string_pretty(&bill)? + "\n")
}

fn component(key: &Key, inside: bool, metadata: &Metadata) -> Result<Value> {
    let package = metadata.package(key)?;
    let mut component = json!({
        "type": "library",
        "bom-ref": reference(key, metadata)?,
        "name": key.name,
        "version": key.version,
        "scope": if inside { "required" } else { "excluded" },
    });
    if let Some(licence) = &package.licence {
        component["licenses"] = json!([{ "expression": licence.replace('/', " OR ") }]);
    }
    if let Some(description) = &package.description {
        component["description"] = description.split_whitespace().collect::<Vec<_>>().join(" ").into();
    }
    match metadata.checksums.get(key) {
        Some(checksum) => {
            component["purl"] = reference(key, metadata)?.into();
            component["hashes"] = json!([{ "alg": "SHA-256", "content": checksum }]);
        }
        // Of this repository: not published, so without a package URL.
        None => {
            let folder = package.folder.strip_prefix(root()).context("what has no checksum is ours")?;
            let folder = folder.to_string_lossy().replace('\\', "/");
            component["properties"] = json!([{ "name": "presend:folder", "value": folder }]);
        }
    }
    Ok(component)
}

/// The name of a package in the bill: its package URL, where it comes from the registry.
fn reference(key: &Key, metadata: &Metadata) -> Result<String> {
    let kind = if metadata.package(key)?.source.is_some() { "pkg:cargo/" } else { "presend:" };
    Ok(format!("{kind}{}@{}", key.name, key.version))
}

/// What of npm turns the sources into the package: the tools that are named, each as the lock file has it.
fn npm_tools() -> Result<Vec<Value>> {
    let lock: Value = serde_json::from_str(&std::fs::read_to_string(root().join("wasm/package-lock.json"))?)?;
    let named = lock["packages"][""]["devDependencies"].as_object().context("the lock file names build tools")?;
    let tool = |name: &String| {
        let package = &lock["packages"][format!("node_modules/{name}")];
        let version = package["version"].as_str().with_context(|| format!("{name} is not in the lock file"))?;
        let integrity = package["integrity"].as_str().and_then(|text| text.strip_prefix("sha512-"));
        let digest = hexadecimal(integrity.with_context(|| format!("{name} has no digest"))?)?;
        let url = format!("pkg:npm/{}@{version}", name.replace('@', "%40"));
        Ok(json!({
            "type": "library",
            "bom-ref": url,
            "name": name,
            "version": version,
            "scope": "excluded",
            "licenses": [{ "expression": package["license"].as_str().unwrap_or("NOASSERTION") }],
            "purl": url,
            "hashes": [{ "alg": "SHA-512", "content": digest }],
        }))
    };
    named.keys().map(tool).collect()
}

/// Base 64 (RFC 4648, section 4) as hexadecimal digits.
fn hexadecimal(base64: &str) -> Result<String> {
    const ALPHABET: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let (mut bits, mut count, mut digits) = (0_u32, 0, String::new());
    for letter in base64.trim_end_matches('=').bytes() {
        let value = ALPHABET.iter().position(|&of| of == letter).context("not base 64")?;
        bits = (bits << 6 | value as u32) & 0xffff;
        count += 6;
        if count >= 8 {
            count -= 8;
            digits += &format!("{:02x}", bits >> count & 0xff);
        }
    }
    Ok(digits)
}

/// The version of Rust that it is built with.
fn toolchain() -> Result<String> {
    let text = std::fs::read_to_string(root().join("rust-toolchain.toml"))?;
    let channel = text.lines().find_map(|line| line.strip_prefix("channel = \"")?.strip_suffix('"'));
    Ok(channel.context("rust-toolchain.toml names a version")?.to_owned())
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::super::tree::SHIPPED;
    use super::*;

    fn bills() -> Vec<(Shipped, String)> {
        let metadata = Metadata::read().expect("cargo tells");
        let shipped = SHIPPED.into_iter().filter(|shipped| shipped.file.is_some());
        let bill = |shipped: &Shipped| bill(shipped, &Tree::read(shipped).expect("cargo tells"), &metadata);
        shipped.map(|shipped| (shipped, bill(&shipped).expect("a bill"))).collect()
    }

    #[test]
    fn a_bill_names_what_is_shipped_once_with_licence_and_digest_and_the_same_every_time() {
        let bills = bills();
        assert_eq!(bills.len(), 2);
        assert_eq!(bills, self::bills(), "the same bytes");
        for (shipped, text) in bills {
            let bill: Value = serde_json::from_str(&text).expect("JSON");
            assert_eq!((&bill["bomFormat"], &bill["specVersion"]), (&"CycloneDX".into(), &"1.6".into()));
            assert_eq!(bill["metadata"]["component"]["name"], shipped.name);
            let components = bill["components"].as_array().expect("components");
            let mut names = BTreeSet::from([bill["metadata"]["component"]["bom-ref"].as_str().expect("a name")]);
            for component in components {
                let name = component["bom-ref"].as_str().expect("a name");
                assert!(names.insert(name), "{name} is there twice");
                assert!(component["licenses"][0]["expression"].is_string(), "{name}");
                let ours = name.starts_with("presend:");
                assert_eq!(component["purl"].as_str(), (!ours).then_some(name));
                let digest = component["hashes"][0]["content"].as_str().map(str::len);
                let length = if name.starts_with("pkg:npm/") { 128 } else { 64 };
                assert_eq!(digest, (!ours).then_some(length), "{name}");
            }
            let dependencies = bill["dependencies"].as_array().expect("dependencies");
            let of: BTreeSet<_> = dependencies.iter().map(|one| one["ref"].as_str().expect("a name")).collect();
            assert_eq!(of, names, "each component says what it depends on, and no other does");
            let needs = |one: &Value| one["dependsOn"].as_array().expect("names").clone();
            assert!(dependencies.iter().flat_map(needs).all(|name| names.contains(name.as_str().expect("a name"))));
            let scope = |name: &str| {
                let of = |component: &&Value| component["name"] == name;
                components.iter().find(of).map(|component| component["scope"].clone())
            };
            assert_eq!(scope("zune-jpeg"), Some("required".into()));
            assert_eq!(scope("thiserror-impl"), Some("excluded".into()), "a macro");
            assert_eq!(scope("binaryen").is_some(), shipped.npm);
            assert!(!text.contains(root().to_str().expect("a path")), "no path of this machine");
        }
    }

    #[test]
    fn base_64_is_read_as_its_test_vectors() {
        // RFC 4648, section 10.
        for (text, digits) in [("Zg==", "66"), ("Zm8=", "666f"), ("Zm9v", "666f6f"), ("Zm9vYmFy", "666f6f626172")] {
            assert_eq!(hexadecimal(text).expect("base 64"), digits);
        }
        assert!(hexadecimal("Zm9*").is_err());
    }
}
