//! How much unsafe code there is in what is shipped.
//!
//! Every source file of a package is taken apart into tokens, so that comments and texts do not count but macros do; tests,
//! benches, examples and build scripts are left out. Code for other processors and features that are off does count: the
//! numbers bound what is compiled from above. The standard library, of which every Rust program has a part, is not counted.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::Path;

use anyhow::{Context, Result, bail};
use proc_macro2::{Delimiter, TokenStream, TokenTree};

use super::tree::{Key, Metadata, Shipped, Tree};

/// Unsafe code, by its kinds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
struct Count {
    blocks: usize,
    functions: usize,
    impls: usize,
}

impl Count {
    fn total(self) -> usize {
        self.blocks + self.functions + self.impls
    }

    fn add(&mut self, other: Self) {
        self.blocks += other.blocks;
        self.functions += other.functions;
        self.impls += other.impls;
    }
}

/// From so many on, a package has to have its reason here.
const NOTABLE: usize = 50;

/// What the unsafe code of packages is for.
const REASONS: &[(&str, &str)] = &[
    // Who meets the bytes of a file, a list or a set.
    ("zune-jpeg", "decodes JPEG: vector kernels for the transform and colours, chosen at run time"),
    ("zlib-rs", "CRC-32 of PNG chunks, by `wasm/crc32fast`: vector instructions; its inflate is not called"),
    ("flate2", "inflates by `miniz_oxide`, which has none; the rest is for C backends that are off"),
    ("simd-adler32", "checksum of zlib streams: vector kernels"),
    ("image", "BMP, TIFF and pixel buffers; the blocks are casts of samples"),
    ("tiff", "TIFF: casts of samples"),
    ("moxcms", "colour profiles for `image`; not called by the engine, which manages no colours"),
    ("pxfm", "elementary functions for `moxcms`; not called"),
    ("memchr", "searches bytes by vector instructions: lists, names, JSON"),
    ("bytes", "slices of a set that count their owners"),
    ("bytemuck", "casts between samples and bytes, checked by types"),
    ("zerocopy", "the same, for `half`"),
    ("half", "16-bit floats of TIFF and Parquet"),
    ("zmij", "writes floats into JSON, in a buffer on the stack"),
    ("smallvec", "`presend eval`: short vectors on the stack, for fonts"),
    ("hashbrown", "Parquet: hash tables, the same code as the standard library's"),
    ("presend-core", "ours: `core/src/simd`, vector kernels on hashes and pixels"),
    // Cryptography.
    ("sha2", "the processor's instructions for SHA-2"),
    ("curve25519-dalek", "vector arithmetic of Ed25519, chosen at run time"),
    ("argon2", "the block function compiled for AVX2"),
    ("getrandom", "system calls for randomness; keys and seeds"),
    ("chacha20", "random numbers for edited pictures, by vector instructions"),
    // The system and threads.
    ("linux-raw-sys", "generated declarations of Linux's interface, nothing that runs"),
    ("libc", "declarations of C's interface"),
    ("rustix", "system calls: temporary files, the terminal's size"),
    ("nix", "the signal of Ctrl-C; most of it is not used"),
    ("iana-time-zone", "time zones for `chrono`, for Parquet; most of it is for other systems"),
    ("rayon-core", "threads and their queues"),
    ("rayon", "slices that threads fill without locks"),
    ("crossbeam-epoch", "queues without locks, for `rayon` and `ignore`"),
    ("crossbeam-utils", "atomics and scoped threads, for the same"),
    ("portable-atomic", "atomics of 64 bits where there are none, for `indicatif`; declarations for many processors"),
    ("sharded-slab", "storage without locks, for `tracing-subscriber`"),
    ("anyhow", "errors of one word"),
    ("console", "the terminal, for the progress bar; most of it is for Windows"),
    ("wasm-bindgen", "the border to JavaScript"),
    // Folders and their ignore files.
    ("aho-corasick", "searches for several words by vector instructions: ignore files"),
    ("regex-automata", "automata without bounds checks: globs of ignore files"),
    // Other algorithms, and `presend eval`, which nobody needs for scanning.
    ("rustfft", "pHash of `classic`: transforms by vector instructions"),
    ("libwebp-sys", "**libwebp, in C**: `presend eval` encodes edited pictures by it; no scan calls it"),
    ("safe_arch", "`presend eval`: wraps processor instructions in safe functions"),
    ("wide", "`presend eval`: vectors of numbers, for `nalgebra`"),
    ("fast_image_resize", "`presend eval`: resizing by vector instructions"),
    ("nalgebra", "`presend eval`: matrices, for statistics"),
    ("matrixmultiply", "`presend eval`: multiplies them"),
    ("imageproc", "`presend eval`: edits, pixels without bounds checks"),
    ("tiny-skia", "`presend eval`: draws figures"),
    ("arrayvec", "`presend eval`: vectors of a fixed room, for figures"),
    ("slotmap", "`presend eval`: a table of fonts"),
    ("rgb", "`presend eval`: casts of pixels"),
    ("twox-hash", "Parquet: checksums"),
    ("libm", "`presend eval`: elementary functions"),
];

/// The packages of what is shipped that have unsafe code, the most first, and sums.
pub(super) fn table(metadata: &Metadata, shipped: &[(Shipped, Tree)]) -> Result<String> {
    let mut counts = BTreeMap::new();
    for key in shipped.iter().flat_map(|(_, tree)| &tree.inside) {
        if !counts.contains_key(key) {
            counts.insert(key.clone(), count_package(&metadata.package(key)?.folder)?);
        }
    }
    if let Some((name, _)) = REASONS.iter().find(|(name, _)| !counts.keys().any(|key| key.name == *name)) {
        bail!("{name} has a reason in xtask/src/supply/unsafe_code.rs and is in nothing that is shipped");
    }
    let mut table =
        "| | packages | of them without unsafe code | unsafe blocks | unsafe functions | unsafe impls and traits |\n\
                     |---|---|---|---|---|---|\n"
            .to_owned();
    for (shipped, tree) in shipped {
        let mut sum = Count::default();
        tree.inside.iter().for_each(|key| sum.add(counts[key]));
        let without = tree.inside.iter().filter(|key| counts[key].total() == 0).count();
        writeln!(
            table,
            "| `{}` ({}) | {} | {without} | {} | {} | {} |",
            shipped.name,
            shipped.target,
            tree.inside.len(),
            sum.blocks,
            sum.functions,
            sum.impls,
        )?;
    }
    table += "\n| package | in | blocks | functions | impls | what for |\n|---|---|---|---|---|---|\n";
    let mut rows: Vec<(&Key, Count)> = counts.iter().map(|(key, &count)| (key, count)).collect();
    rows.retain(|(_, count)| count.total() > 0);
    rows.sort_by_key(|(key, count)| (std::cmp::Reverse(count.total()), *key));
    for (key, count) in rows {
        let within: Vec<_> =
            shipped.iter().filter(|(_, tree)| tree.inside.contains(key)).map(|(shipped, _)| shipped.name).collect();
        let reason = REASONS.iter().find(|(name, _)| *name == key.name).map_or("", |(_, reason)| reason);
        if reason.is_empty() && count.total() >= NOTABLE {
            bail!("{key} has {} pieces of unsafe code and no reason in xtask/src/supply/unsafe_code.rs", count.total());
        }
        let Count { blocks, functions, impls } = count;
        writeln!(table, "| `{key}` | {} | {blocks} | {functions} | {impls} | {reason} |", within.join(", "))?;
    }
    Ok(table)
}

/// The unsafe code of a package.
fn count_package(folder: &Path) -> Result<Count> {
    let mut count = Count::default();
    let mut folders = vec![folder.to_owned()];
    while let Some(at) = folders.pop() {
        for entry in std::fs::read_dir(&at).with_context(|| format!("cannot read {}", at.display()))? {
            let (path, kind) = entry.and_then(|entry| Ok((entry.path(), entry.file_type()?)))?;
            let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
            let top = at == folder;
            if kind.is_dir() {
                let others = ["tests", "benches", "examples", "fuzz", "target", "node_modules"];
                if !(top && others.contains(&name) || name.starts_with('.')) {
                    folders.push(path);
                }
            } else if name.ends_with(".rs") && !(top && name == "build.rs") {
                let text = std::fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))?;
                // Among the sources are templates for programs that write Rust, and tests of parsers.
                if let Ok(tokens) = text.parse() {
                    count.add(count_tokens(tokens));
                }
            }
        }
    }
    Ok(count)
}

/// The unsafe code of a piece of source.
fn count_tokens(tokens: TokenStream) -> Count {
    let mut count = Count::default();
    let tokens: Vec<TokenTree> = tokens.into_iter().collect();
    let word = |at: usize| match tokens.get(at) {
        Some(TokenTree::Ident(ident)) => ident.to_string(),
        _ => String::new(),
    };
    let is_group = |at: usize, delimiter| matches!(tokens.get(at), Some(TokenTree::Group(group)) if group.delimiter() == delimiter);
    let mut at = 0;
    while at < tokens.len() {
        if is_test(&tokens, at) {
            at += 2;
            // The item goes to its braces, or to a semicolon.
            while at < tokens.len()
                && !is_group(at, Delimiter::Brace)
                && !matches!(&tokens[at], TokenTree::Punct(mark) if mark.as_char() == ';')
            {
                at += 1;
            }
        } else if let TokenTree::Group(group) = &tokens[at] {
            count.add(count_tokens(group.stream()));
        } else if word(at) == "unsafe" {
            match word(at + 1).as_str() {
                "impl" | "trait" | "auto" => count.impls += 1,
                "fn" | "extern" => {
                    // Behind the name of an ABI; what has no name behind it is the type of a function.
                    let function = (at + 1..at + 4).find(|&at| word(at) == "fn");
                    count.functions += usize::from(function.is_some_and(|at| !word(at + 1).is_empty()));
                }
                _ => count.blocks += usize::from(is_group(at + 1, Delimiter::Brace)),
            }
        }
        at += 1;
    }
    count
}

/// Whether `#[cfg(test)]` stands here.
fn is_test(tokens: &[TokenTree], at: usize) -> bool {
    match (&tokens[at], tokens.get(at + 1)) {
        (TokenTree::Punct(mark), Some(TokenTree::Group(group))) if mark.as_char() == '#' => {
            group.stream().to_string().replace(' ', "") == "cfg(test)"
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_functions_and_impls_count_and_texts_and_types_do_not() {
        let source = r##"
            // unsafe { }
            const TEXT: &str = "unsafe { }";
            type Pointer = unsafe extern "C" fn(u8);
            unsafe fn one() { unsafe { two() } }
            pub unsafe extern "C" fn two() {}
            unsafe impl Send for Three {}
            unsafe trait Four { unsafe fn five(); }
            unsafe extern "C" { fn six(); }
            #[unsafe(no_mangle)]
            macro_rules! seven { () => { unsafe { } } }
            #[cfg(test)]
            mod tests { fn eight() { unsafe {} } }
            #[cfg(test)]
            use nine;
            fn ten() { let x = unsafe { 1 }; }
        "##;
        let count = count_tokens(source.parse().expect("Rust"));
        assert_eq!(count, Count { blocks: 3, functions: 3, impls: 2 });
    }
}
