//! Opening sealed sets: whom to trust, and what was seen before.

use std::ops::Range;
use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

use anyhow::{Context, Result, anyhow, bail};
use presend_core::AlgorithmId;
use presend_core::set::{LastSeen, Layout, Manifest, SetError, SetFile, SignedManifest, Timestamp, Trust};
use serde::{Deserialize, Serialize};

use crate::algorithm::{OpenSet, SetAlgorithm, Trusting};
use crate::args::TrustArgs;
use crate::known::BadSet;
use crate::output::shown;
use crate::{read, write};

/// Opens the set of which these files hold the parts, if the person's trust file accepts it: a [`BadSet`] if not.
pub(crate) fn open_set<A: SetAlgorithm>(paths: &[PathBuf], args: &TrustArgs) -> Result<Box<dyn OpenSet<A>>> {
    let begun = paths.iter().map(|path| Begun::open(path)).collect::<Result<Vec<_>>>().map_err(BadSet)?;
    let names = paths.iter().map(|path| shown(path)).collect::<Vec<_>>().join(", ");
    // Its message holds those of its causes.
    let refused = |error: SetError| BadSet(anyhow!("{names}: {error}"));
    let Some(trust) = &args.trust else {
        if !args.allow_unsigned {
            return Err(BadSet(anyhow!(
                "{names}: who vouches for this set? Name a trust file with --trust, or use a set that nobody vouches \
                 for with --allow-unsigned"
            ))
            .into());
        }
        let files = rest_of(begun)?;
        return Ok(A::open(&files, None).map_err(refused)?);
    };
    let (trust, now) = (read_trust(trust).map_err(BadSet)?, now().map_err(BadSet)?);
    // Only one of them needs to be up to date: an update says of the files before it which of their segments still count.
    let verified = begun.iter().map(|file| trust.verify(file.manifest(), now, None));
    if let Some(Err(error)) = verified.reduce(Result::or) {
        return Err(refused(error.into()).into());
    }
    let files = rest_of(begun)?;
    let open = |last_seen: Option<&LastSeen>| {
        A::open(&files, Some(Trusting { trust: &trust, now, last_seen })).map_err(refused)
    };
    match &args.seen {
        None => Ok(open(None)?),
        Some(path) => open_after(path, open),
    }
}

/// Opens a set that is not older than what was seen last, and remembers it: what is remembered never goes back, even if several
/// scans remember at once.
fn open_after<A: SetAlgorithm>(
    path: &Path,
    open: impl Fn(Option<&LastSeen>) -> Result<Box<dyn OpenSet<A>>, BadSet>,
) -> Result<Box<dyn OpenSet<A>>> {
    let mut last_seen = read_seen(path)?;
    let mut set = open(last_seen.as_ref())?;
    let seen = seen(set.manifest());
    if last_seen.as_ref() == Some(&seen) {
        return Ok(set);
    }
    write::update(path, || {
        let newest = read_seen(path)?;
        if newest != last_seen {
            set = open(newest.as_ref())?;
            last_seen = newest;
        }
        if last_seen.as_ref() == Some(&seen) { Ok(None) } else { seen_file(seen.clone()).map(Some) }
    })?;
    Ok(set)
}

/// A set file of which the manifest was read: whoever does not vouch for it has taken no more memory than that.
struct Begun<'a> {
    path: &'a Path,
    opened: read::Opened,
    manifest: Range<usize>,
}

impl<'a> Begun<'a> {
    fn open(path: &'a Path) -> Result<Self> {
        let unreadable = || format!("cannot read {}", shown(path));
        let mut opened = read::open(path).with_context(unreadable)?;
        let layout = Layout::parse(opened.head()).with_context(|| shown(path))?;
        layout.check_length(opened.length()).with_context(|| shown(path))?;
        let Range { start, end } = *layout.manifest();
        let read = opened.until(end).with_context(unreadable)?.len() as u64;
        Ok(Self { path, opened, manifest: start.min(read) as usize..end.min(read) as usize })
    }

    /// Its bytes; fewer than there should be, if the file was cut just now.
    fn manifest(&self) -> &[u8] {
        &self.opened.head()[self.manifest.clone()]
    }

    fn read(self) -> Result<SetFile> {
        let bytes = self.opened.read().with_context(|| format!("cannot read {}", shown(self.path)))?;
        SetFile::parse(bytes).with_context(|| shown(self.path))
    }
}

fn rest_of(begun: Vec<Begun<'_>>) -> Result<Vec<SetFile>, BadSet> {
    begun.into_iter().map(Begun::read).collect::<Result<_>>().map_err(BadSet)
}

/// Set files, read whole.
pub(crate) fn files(paths: &[PathBuf]) -> Result<Vec<SetFile>> {
    paths.iter().map(|path| Begun::open(path)?.read()).collect()
}

/// Set files, and the algorithm of their hashes.
pub(crate) fn files_of_set(paths: &[PathBuf]) -> Result<(Vec<SetFile>, AlgorithmId), BadSet> {
    let files = files(paths).map_err(BadSet)?;
    let manifest = SignedManifest::parse(files[0].manifest()).map_err(|error| BadSet(error.into()))?;
    Ok((files, manifest.manifest().algorithm))
}

/// A trust file.
pub(crate) fn read_trust(path: &Path) -> Result<Trust> {
    let bytes = small(path, Trust::MAX_LENGTH)?;
    Trust::parse(&bytes).with_context(|| shown(path))
}

/// A small file as a whole.
pub(crate) fn small(path: &Path, limit: usize) -> Result<Vec<u8>> {
    use std::io::Read;
    let mut bytes = Vec::new();
    std::fs::File::open(path)
        .and_then(|file| file.take(limit as u64 + 1).read_to_end(&mut bytes))
        .with_context(|| format!("cannot read {}", shown(path)))?;
    if bytes.len() > limit {
        bail!("{}: longer than {limit} bytes", shown(path));
    }
    Ok(bytes)
}

/// The time, for expiry.
pub(crate) fn now() -> Result<Timestamp> {
    let since =
        SystemTime::now().duration_since(UNIX_EPOCH).map_err(|_| anyhow!("this machine's clock is before 1970"))?;
    Timestamp::from_seconds(since.as_secs()).context("this machine's clock is beyond the year 9999")
}

/// What the file given with `--seen` holds.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct SeenFile {
    schema: Schema,
    last: LastSeen,
}

#[derive(Debug, Serialize, Deserialize)]
enum Schema {
    #[serde(rename = "presend.seen/1")]
    V1,
}

/// Which version was seen last; nothing if the file is not there yet.
fn read_seen(path: &Path) -> Result<Option<LastSeen>, BadSet> {
    let read = || -> Result<Option<LastSeen>> {
        if !path.try_exists().with_context(|| format!("cannot read {}", shown(path)))? {
            return Ok(None);
        }
        let file: SeenFile = serde_json::from_slice(&small(path, 64 << 10)?).with_context(|| shown(path))?;
        Ok(Some(file.last))
    };
    read().map_err(BadSet)
}

/// What is to be remembered of a set.
fn seen(manifest: &Manifest) -> LastSeen {
    LastSeen { name: manifest.name.clone(), version: manifest.version, digest: manifest.digest() }
}

fn seen_file(last: LastSeen) -> Result<Vec<u8>> {
    let mut json = serde_json::to_vec_pretty(&SeenFile { schema: Schema::V1, last })?;
    json.push(b'\n');
    Ok(json)
}
