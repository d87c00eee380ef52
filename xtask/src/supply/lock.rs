//! `Cargo.lock`, as far as it is needed: which packages, from where, with which checksum.

use std::collections::BTreeMap;

use super::tree::Key;

/// The SHA-256 of each package that comes from a registry.
pub(super) fn checksums(lock: &str) -> BTreeMap<Key, String> {
    let field = |block: &str, name: &str| {
        let line = block.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(" = \"")?.strip_suffix('"'));
        line.map(str::to_owned)
    };
    let entry = |block: &str| {
        let key = Key { name: field(block, "name")?, version: field(block, "version")? };
        Some((key, field(block, "checksum")?))
    };
    lock.split("[[package]]").filter_map(entry).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn packages_with_a_checksum_are_listed_and_ours_have_none() {
        let lock = "version = 4\n\n[[package]]\nname = \"a\"\nversion = \"1.0.0\"\nsource = \"registry\"\n\
                    checksum = \"ab\"\ndependencies = [\n \"b\",\n]\n\n[[package]]\nname = \"b\"\nversion = \"0.1.0\"\n";
        let key = Key { name: "a".into(), version: "1.0.0".into() };
        assert_eq!(checksums(lock), BTreeMap::from([(key, "ab".to_owned())]));
    }
}
