//! Opening sealed sets: whom to trust, and what was seen before.

use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

use anyhow::{Context, Result, anyhow, bail};
use presend_core::AlgorithmId;
use presend_core::set::{LastSeen, SetFile, SignedManifest, Timestamp, Trust};
use serde::{Deserialize, Serialize};

use crate::algorithm::{OpenSet, SetAlgorithm, Trusting};
use crate::args::TrustArgs;
use crate::known::BadSet;
use crate::map;
use crate::output::shown;
use crate::write::{self, Existing, Readers};

/// Opens the set of which these files hold the parts, if the person's trust file accepts it.
pub(crate) fn open_set<A: SetAlgorithm>(paths: &[PathBuf], args: &TrustArgs) -> Result<Box<dyn OpenSet<A>>> {
    let files = files(paths)?;
    let names = paths.iter().map(|path| shown(path)).collect::<Vec<_>>().join(", ");
    let Some(trust) = &args.trust else {
        if !args.allow_unsigned {
            bail!(
                "{names}: who vouches for this set? Name a trust file with --trust, or use a set that nobody vouches \
                 for with --allow-unsigned"
            );
        }
        return A::open(&files, None).with_context(|| names);
    };
    let trust = read_trust(trust)?;
    let last_seen = args.seen.as_deref().map(read_seen).transpose()?.flatten();
    let trusting = Trusting { trust: &trust, now: now()?, last_seen: last_seen.as_ref() };
    let set = A::open(&files, Some(trusting)).with_context(|| names)?;
    if let Some(path) = &args.seen {
        let manifest = set.manifest();
        let seen = LastSeen { name: manifest.name.clone(), version: manifest.version, digest: manifest.digest() };
        if last_seen.as_ref() != Some(&seen) {
            write_seen(path, seen)?;
        }
    }
    Ok(set)
}

/// Set files, mapped into memory.
pub(crate) fn files(paths: &[PathBuf]) -> Result<Vec<SetFile>> {
    let file = |path: &PathBuf| {
        let bytes = map::file(path).with_context(|| format!("cannot read {}", shown(path)))?;
        SetFile::parse(bytes).with_context(|| shown(path))
    };
    paths.iter().map(file).collect()
}

/// Set files, and the algorithm of their hashes.
pub(crate) fn files_of_set(paths: &[PathBuf]) -> Result<(Vec<SetFile>, AlgorithmId), BadSet> {
    let files = files(paths).map_err(BadSet)?;
    let manifest = SignedManifest::parse(files[0].manifest()).map_err(|error| BadSet(error.into()))?;
    Ok((files, manifest.manifest().algorithm))
}

/// A trust file.
pub(crate) fn read_trust(path: &Path) -> Result<Trust> {
    let bytes = read(path, Trust::MAX_LENGTH)?;
    Trust::parse(&bytes).with_context(|| shown(path))
}

/// A small file as a whole.
pub(crate) fn read(path: &Path, limit: usize) -> Result<Vec<u8>> {
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
fn read_seen(path: &Path) -> Result<Option<LastSeen>> {
    if !path.try_exists().with_context(|| format!("cannot read {}", shown(path)))? {
        return Ok(None);
    }
    let file: SeenFile = serde_json::from_slice(&read(path, 64 << 10)?).with_context(|| shown(path))?;
    Ok(Some(file.last))
}

fn write_seen(path: &Path, last: LastSeen) -> Result<()> {
    let mut json = serde_json::to_vec_pretty(&SeenFile { schema: Schema::V1, last })?;
    json.push(b'\n');
    write::whole(path, &json, Readers::Everyone, Existing::Replace)
}
