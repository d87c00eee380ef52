//! `presend set info` and `verify`: what a set says of itself, and whether that is true.

use std::fmt::Write;

use anyhow::{Result, anyhow};
use presend_core::Pdq;
use presend_core::set::{KnownSet, Manifest, Sealable, SetFile, SignedManifest};
use presend_hashsets::published;
use serde::Serialize;

use super::args::{InfoArgs, InfoFormat, VerifyArgs};
use super::lists::read_one;
use super::with_sealable;
use crate::algorithm::SetAlgorithm;
use crate::known::BadSet;
use crate::output::{self, Status, count, printable, shown};
use crate::trust;

pub(super) fn info(args: &InfoArgs) -> Result<Status> {
    let starts = |path: &std::path::PathBuf| {
        use std::io::Read;
        let mut start = Vec::new();
        std::fs::File::open(path).and_then(|file| file.take(8).read_to_end(&mut start))?;
        Ok::<_, std::io::Error>(start)
    };
    let first = starts(&args.files[0]).map_err(|error| anyhow!("cannot read {}: {error}", shown(&args.files[0])))?;
    if first != b"PRSNDSET" {
        return list_info(args);
    }
    let (files, algorithm) = trust::files_of_set(&args.files)?;
    with_sealable!(algorithm, set_info(args, &files))
}

/// A list in clear: its records.
fn list_info(args: &InfoArgs) -> Result<Status> {
    for path in &args.files {
        let (import, _) = read_one::<Pdq>(path, None, true)?;
        let text = match args.format {
            InfoFormat::Json => {
                let record = ListInfo {
                    schema: "presend.list-info/1",
                    path: shown(path),
                    shape: import.shape.name(),
                    hashes: import.entries.len(),
                    digests: import.digests.len(),
                    withdrawn: import.withdrawn.len(),
                    faulty: import.faulty,
                };
                serde_json::to_string(&record)? + "\n"
            }
            InfoFormat::Human => format!(
                "{}: a list in clear ({}), {}, {}, {} withdrawn, {} that cannot be used\n",
                shown(path),
                import.shape,
                count(import.entries.len(), "hash", "hashes"),
                count(import.digests.len(), "file digest", "file digests"),
                import.withdrawn.len(),
                import.faulty,
            ),
        };
        output::write_all(text.as_bytes())?;
    }
    Ok(Status::Clean)
}

#[derive(Serialize)]
struct ListInfo {
    schema: &'static str,
    path: String,
    shape: &'static str,
    hashes: usize,
    digests: usize,
    withdrawn: usize,
    faulty: usize,
}

/// What a set says of itself; its bytes are checked against its manifest, its signatures are not.
fn set_info<A: Sealable>(args: &InfoArgs, files: &[SetFile]) -> Result<Status> {
    let set = KnownSet::<A>::open_unsigned(files).map_err(|error| BadSet(error.into()))?;
    let signatures = files.iter().map(|file| SignedManifest::parse(file.manifest()));
    let signatures = signatures.filter_map(Result::ok).find(|signed| signed.manifest() == set.manifest());
    let keys: Vec<String> =
        signatures.iter().flat_map(SignedManifest::signatures).map(|signature| signature.keyid.to_string()).collect();
    let facts = SetInfo::new(&set, keys);
    let text = match args.format {
        InfoFormat::Json => serde_json::to_string(&facts)? + "\n",
        InfoFormat::Human => facts.human(set.manifest()),
    };
    output::write_all(text.as_bytes())
}

#[derive(Serialize)]
struct SetInfo {
    schema: &'static str,
    name: String,
    version: u64,
    created: String,
    expires: String,
    algorithm: &'static str,
    radius: u16,
    entries: u64,
    clusters: u64,
    revoked: usize,
    file_digests: u64,
    bytes_per_entry: usize,
    payload_bytes: u8,
    published_bits: f64,
    residual_bits: f64,
    residual_bits_weakest: f64,
    tag_memory_kib: u32,
    sources: Vec<String>,
    signing_keys: Vec<String>,
    root_digest: String,
    segments: Vec<String>,
}

impl SetInfo {
    fn new<A: Sealable>(set: &KnownSet<A>, signing_keys: Vec<String>) -> Self {
        let manifest = set.manifest();
        let published_bits = f64::from(manifest.published_decibits) / 10.0;
        let header = set.headers().next().expect("a set has a segment");
        Self {
            schema: "presend.set-info/1",
            name: manifest.name.clone(),
            version: manifest.version,
            created: manifest.created.to_string(),
            expires: manifest.expires.to_string(),
            algorithm: manifest.algorithm.name(),
            radius: manifest.radius.bits(),
            entries: manifest.entries,
            clusters: manifest.clusters,
            revoked: manifest.revoked.len(),
            file_digests: manifest.exact.as_ref().map_or(0, |exact| exact.entries),
            bytes_per_entry: header.entry_length(),
            payload_bytes: header.payload_length,
            published_bits,
            residual_bits: published::ENTROPY_BITS - published_bits,
            residual_bits_weakest: published::WEAKEST_ENTROPY_BITS - published_bits,
            tag_memory_kib: header.cost.memory_kib(),
            sources: manifest.sources.iter().map(|source| source.name.clone()).collect(),
            signing_keys,
            root_digest: manifest.digest().to_string(),
            segments: manifest.segments.iter().map(|segment| segment.root.to_string()).collect(),
        }
    }

    fn human(&self, manifest: &Manifest) -> String {
        let mut text = String::new();
        let mut line = |name: &str, value: &str| {
            // Writing to memory does not fail.
            let _ = writeln!(text, "{name:<14}{}", printable(value));
        };
        line("set", &format!("{}, version {}", self.name, self.version));
        line("root digest", &self.root_digest);
        line("created", &self.created);
        line("expires", &self.expires);
        line("algorithm", &format!("{}, matched within {} bits", self.algorithm, self.radius));
        let revoked = if self.revoked > 0 { format!(", {} revoked", self.revoked) } else { String::new() };
        let (entries, clusters) = (self.entries as usize, self.clusters as usize);
        line(
            "entries",
            &format!("{} of {}{revoked}", count(entries, "hash", "hashes"), count(clusters, "image", "images")),
        );
        let payload = match self.payload_bytes {
            0 => String::new(),
            bytes => format!(", and {bytes} that only a match can read"),
        };
        line("each", &format!("{} bytes{payload}", self.bytes_per_entry));
        if self.file_digests > 0 {
            line("exact tier", &count(self.file_digests as usize, "file digest", "file digests"));
        }
        line("published", &format!("{:.1} bits of the worst-off hash", self.published_bits));
        line(
            "left to guess",
            &format!(
                "{:.0} bits on average, {:.0} for the weakest 1 %, of a picture nobody has; each guess is confirmed in \
                 {} KiB of memory",
                self.residual_bits, self.residual_bits_weakest, self.tag_memory_kib
            ),
        );
        line("", "(an upper bound: 249 and 228 bits of entropy were measured for PDQ on 23,951 pictures)");
        line("", "(who has a picture can test whether it is in the set: no offline set can hide that)");
        for source in &manifest.sources {
            line("source", &format!("{}, list {}", source.name, source.commitment));
        }
        for segment in &manifest.segments {
            line("segment", &format!("{}, {} bytes", segment.root, segment.length));
        }
        if self.signing_keys.is_empty() {
            line("signatures", "none: nobody vouches for this set");
        }
        for key in &self.signing_keys {
            line("signed by key", key);
        }
        if !self.signing_keys.is_empty() {
            line("", "(not checked here: `presend set verify --trust FILE` says whose they are)");
        }
        text
    }
}

pub(super) fn verify(args: &VerifyArgs) -> Result<Status> {
    let (_, algorithm) = trust::files_of_set(&args.sets)?;
    with_sealable!(algorithm, verify_of(args))
}

fn verify_of<A: SetAlgorithm>(args: &VerifyArgs) -> Result<Status> {
    let set = trust::open_set::<A>(&args.sets, &args.trust)?;
    let manifest = set.manifest();
    let mut text = format!(
        "{}, version {}: {} as its manifest says\nroot digest   {}\nexpires       {}\n",
        printable(&manifest.name),
        manifest.version,
        count(set.len(), "entry", "entries"),
        manifest.digest(),
        manifest.expires,
    );
    for endorser in set.endorsers() {
        let _ = writeln!(text, "endorsed by   {}", printable(endorser));
    }
    if set.endorsers().is_empty() {
        text += "endorsed by   nobody that was asked for: signatures were not checked\n";
    }
    output::write_all(text.as_bytes())
}
