//! `presend set build` and `revoke`: versions of a set.

use std::io::Write;
use std::path::Path;

use anyhow::{Context, Result, anyhow, bail};
use presend_core::set::{FileDigest, KnownSet, Sealable, SetFile, SignedManifest, Timestamp};
use presend_core::{AlgorithmId, Index, Threshold};
use presend_hashsets::ops::{self, Collection};
use presend_hashsets::publish::{self, Release};
use presend_hashsets::seal::{self, Cluster, Options};
use zeroize::Zeroizing;

use super::args::{BuildArgs, RevokeArgs};
use super::lists::{Lists, read_one};
use super::with_sealable;
use crate::known::BadSet;
use crate::output::{Status, count, shown};
use crate::trust;
use crate::write::{self, Held};

pub(super) fn build(args: &BuildArgs) -> Result<Status> {
    let algorithm: AlgorithmId = args.lists.algorithm.parse().expect("clap admits only known names");
    with_sealable!(algorithm, build_of(args))
}

fn build_of<A: Sealable>(args: &BuildArgs) -> Result<Status> {
    let held = write::hold_among(&args.output, &args.add_to)?;
    let Lists { collection, commitments } = Lists::<A>::read(&args.lists)?;
    let listed = collection.entries().len();
    let collection = args.select.apply(collection, args.min_quality, args.all_variants)?;
    let clusters = clusters(&collection, args.select.cluster.unwrap_or(Threshold::new(0)), !args.no_labels);
    let digests: Vec<FileDigest> = collection.digests().iter().map(|listed| listed.digest).collect();
    if clusters.is_empty() && digests.is_empty() {
        return Err(BadSet(anyhow!("nothing of the lists is left to seal")).into());
    }
    let base = trust::files(&args.add_to).map_err(BadSet)?;
    let base =
        if base.is_empty() { None } else { Some(KnownSet::<A>::open_unsigned(&base).map_err(|e| BadSet(e.into()))?) };
    let mut options = Options::new(seed()?);
    options.radius = base.as_ref().map_or(args.radius, |base| base.manifest().radius);
    let sealed = seal::seal(&clusters, &digests, &options).map_err(|error| BadSet(error.into()))?;
    let previous = base.as_ref().map(KnownSet::manifest);
    let release = Release {
        name: match (&args.name, previous) {
            (Some(name), _) => name.clone(),
            (None, Some(previous)) => previous.name.clone(),
            (None, None) => args.output.file_stem().unwrap_or_default().to_string_lossy().into_owned(),
        },
        version: args.set_version.unwrap_or(previous.map_or(1, |previous| previous.version + 1)),
        sources: commitments,
        ..dated(args.valid_days)?
    };
    let manifest = match previous {
        None => publish::first(release, &sealed)?,
        Some(previous) => publish::next(previous, release, Some(&sealed), &[])?,
    };
    let mut segments = vec![None; manifest.manifest().segments.len() - 1];
    segments.push(Some(&sealed.bytes[..]));
    put(&args.output, held, &manifest, &segments)?;
    let header = &sealed.header;
    anstream::eprintln!(
        "{}: {} of {} sealed at radius {}, {}; {:.1} bits of each hash are published. Nobody vouches for it yet: `presend \
         set sign`",
        shown(&args.output),
        count(header.entries as usize, "entry", "entries"),
        count(listed, "listed hash", "listed hashes"),
        header.radius,
        count(header.digests as usize, "file digest", "file digests"),
        header.published_bits(),
    );
    Ok(Status::Clean)
}

/// The images of a collection with what a match may say of them.
fn clusters<A: Sealable>(collection: &Collection<A>, radius: Threshold, labels: bool) -> Vec<Cluster<A>> {
    let found = ops::clusters(collection, radius);
    let mut clusters: Vec<Cluster<A>> = Vec::new();
    clusters.resize_with(found.count(), || Cluster { hashes: Vec::new(), label: None });
    for (place, entry) in collection.entries().iter().enumerate() {
        let cluster = &mut clusters[found.of_entry(place)];
        cluster.hashes.push(entry.hash);
        if labels && cluster.label.is_none() {
            cluster.label.clone_from(&entry.label);
        }
    }
    clusters.retain(|cluster| !cluster.hashes.is_empty());
    clusters
}

pub(super) fn revoke(args: &RevokeArgs) -> Result<Status> {
    let held = write::hold_among(&args.output, &args.sets)?;
    let (files, algorithm) = trust::files_of_set(&args.sets)?;
    with_sealable!(algorithm, revoke_of(args, held, &files))
}

fn revoke_of<A: Sealable>(args: &RevokeArgs, held: Option<Held>, files: &[SetFile]) -> Result<Status> {
    let set = KnownSet::<A>::open_unsigned(files).map_err(|error| BadSet(error.into()))?;
    let (list, _) = read_one::<A>(&args.list, None, false)?;
    let hashes: Vec<_> = list.entries.iter().map(|entry| entry.hash).collect();
    let mut found = Vec::new();
    set.search(&hashes, Threshold::new(0), &mut found);
    let mut revoked: Vec<_> = found.iter().filter_map(|found| set.revocation(found.entry)).collect();
    let digests = list.digests.iter().filter_map(|listed| set.find_digest(&listed.digest));
    if digests.count() > 0 {
        bail!("file digests cannot be revoked one by one: build the set again without them");
    }
    revoked.dedup();
    if revoked.is_empty() {
        bail!("no hash of {} is in the set", shown(&args.list));
    }
    let previous = set.manifest();
    let release = Release { name: previous.name.clone(), version: previous.version + 1, ..dated(args.valid_days)? };
    let manifest = publish::next(previous, release, None, &revoked)?;
    let segments = vec![None; manifest.manifest().segments.len()];
    put(&args.output, held, &manifest, &segments)?;
    anstream::eprintln!(
        "{}: version {} revokes {}; sign it again, and hand it out to those who have the set",
        shown(&args.output),
        manifest.manifest().version,
        count(manifest.manifest().revoked.len(), "entry", "entries"),
    );
    Ok(Status::Clean)
}

/// A release that is made now and valid for so many days, otherwise blank.
fn dated(days: u32) -> Result<Release> {
    let created = trust::now()?;
    let expires = Timestamp::from_seconds(created.seconds() + u64::from(days) * 86_400)
        .context("the set would expire beyond the year 9999")?;
    Ok(Release { name: String::new(), version: 0, created, expires, sources: Vec::new() })
}

/// Writes a set file.
fn put(path: &Path, held: Option<Held>, manifest: &SignedManifest, segments: &[Option<&[u8]>]) -> Result<()> {
    let bytes = SetFile::write(&manifest.to_bytes(), segments)?;
    write::put(path, held, |file| file.write_all(&bytes))
}

/// What only this build knows.
fn seed() -> Result<Zeroizing<[u8; 32]>> {
    let mut seed = Zeroizing::new([0; 32]);
    getrandom::fill(&mut *seed).map_err(|error| anyhow!("the system gives no randomness: {error}"))?;
    Ok(seed)
}
