//! What the verbs measure: false matches, and recall.

use std::fs;
use std::io::Read;
use std::ops::ControlFlow;
use std::path::Path;
use std::sync::atomic::Ordering;

use anyhow::{Context, Result, anyhow, bail, ensure};
use presend_core::{Algorithm, ImageHash, LinearIndex};
use presend_eval::corpus::{Corpus, Digest};
use presend_eval::counts::{self, Among, Counts, Entries, Plan};
use presend_eval::findings::usual_thresholds;
use presend_eval::recall::{self, Identity, Row, RunError};
use presend_hashsets::list::HashList;

use super::args::{AmongArgs, RecallArgs};
use super::corpus::{self, CorpusArgs};
use crate::algorithm::SetAlgorithm;
use crate::input::InputError;
use crate::known::BadSet;
use crate::output::{printable, shown};
use crate::run::{self, Interrupted};
use crate::{read, trust};

/// Looks the pictures of a corpus up, among one another or in what was named; of so many parts one.
pub(super) fn count<A: SetAlgorithm>(
    corpus: &Corpus<A>,
    args: &CorpusArgs,
    among: &AmongArgs,
    (part, parts): (u32, u32),
) -> Result<Counts> {
    let bits = ImageHash::<A>::BITS as u16;
    let cap = among.cap.unwrap_or(bits / 4);
    ensure!(cap <= bits, "--cap: hashes by {} have {bits} bits", A::ID);
    let threshold = threshold::<A>(among);
    ensure!(threshold <= cap, "a threshold of {threshold} is beyond --cap {cap}");
    let plan = Plan { cap, gate: args.min_quality, seed: among.seed, part, parts };
    let pictures = counts::pictures(corpus);
    let bar = run::progress(args.quiet, pictures.len() / parts as usize);
    let pool = run::threads(args.jobs)?;
    let count = |among: &Among<'_, A>| pool.install(|| counts::count(corpus, &pictures, among, &plan, || bar.inc(1)));
    let counted = if !among.sets.is_empty() {
        let set = trust::open_set::<A>(&among.sets, &among.trust)?;
        let manifest = set.manifest();
        let about = Entries::Set {
            name: manifest.name.clone(),
            identity: format!("version {}, {}", manifest.version, manifest.digest()),
            entries: set.len() as u64,
            radius: Some(manifest.radius.bits()),
        };
        count(&Among::Set { index: &*set, about, hashes: &[] })
    } else if !among.lists.is_empty() {
        let (hashes, about) = lists::<A>(&among.lists)?;
        count(&Among::Set { index: &LinearIndex::new(hashes.clone()), about, hashes: &hashes })
    } else {
        count(&Among::Corpus)
    };
    bar.finish_and_clear();
    Ok(counted)
}

/// The hashes of lists, and what they are. A list with a line that cannot be used is refused: what it held would be
/// missing from the rate.
fn lists<A: Algorithm>(paths: &[std::path::PathBuf]) -> Result<(Vec<ImageHash<A>>, Entries)> {
    let (mut hashes, mut digests) = (Vec::new(), Vec::new());
    for path in paths {
        let named = |error| BadSet(InputError::from(error).naming(path));
        let read = read::steady(path, |file| {
            let mut bytes = Vec::new();
            file.read_to_end(&mut bytes)?;
            Ok(bytes)
        });
        let bytes = read.map_err(named)?;
        let list = HashList::<A>::read(&bytes[..]).map_err(named)?;
        if let Some(fault) = list.faults.first() {
            let fault = printable(&fault.to_string());
            return Err(BadSet(anyhow!("{}: {fault}", shown(path))).into());
        }
        if list.entries.is_empty() {
            return Err(BadSet(anyhow!("{}: no usable {} hash", shown(path), A::ID)).into());
        }
        hashes.extend(list.entries.iter().map(|entry| entry.hash));
        digests.push(Digest::of(&bytes).to_string());
    }
    let name = paths.iter().map(|path| shown(path)).collect::<Vec<_>>().join(", ");
    let entries = hashes.len() as u64;
    Ok((hashes, Entries::Set { name, identity: format!("sha256 {}", digests.join(", ")), entries, radius: None }))
}

/// The threshold in use.
pub(super) fn threshold<A: Algorithm>(among: &AmongArgs) -> u16 {
    among.threshold.unwrap_or(A::DEFAULT_THRESHOLD).bits()
}

/// The thresholds to speak of.
pub(super) fn thresholds(asked: &[u16], bits: u16, in_use: u16) -> Vec<u16> {
    if asked.is_empty() {
        return usual_thresholds(bits, in_use);
    }
    let mut thresholds = asked.to_vec();
    thresholds.push(in_use);
    thresholds.sort_unstable();
    thresholds.dedup();
    thresholds
}

/// Edits pictures of a corpus and looks them up; of so many parts one.
pub(super) fn edit<A: Algorithm>(
    corpus: &Corpus<A>,
    args: &CorpusArgs,
    seed: u64,
    recall_args: &RecallArgs,
    (part, parts): (u32, u32),
) -> Result<Vec<Row>> {
    let mut chosen = recall::choose(corpus, seed, recall_args.pictures, args.min_quality);
    let all = chosen.len();
    let mut place = 0;
    chosen.retain(|_| {
        place += 1;
        (place - 1) % parts == part - 1
    });
    if all == 0 {
        bail!("no picture of sufficient quality to edit");
    }
    let effort = recall_args.effort;
    let cache = match corpus::cache_folder(args)? {
        Some(folder) => {
            let cache = recall::Cache::open(&folder, Identity::of::<A>(effort)).context("--no-cache does without")?;
            for ignored in cache.ignored() {
                let reason = printable(&ignored.reason);
                anstream::eprintln!("presend: {} is not used: {reason}", shown(&ignored.path));
            }
            Some(cache)
        }
        None => None,
    };
    let stop = run::on_interrupt(args.quiet)?;
    let bar = run::progress(args.quiet, chosen.len());
    let pool = run::threads(args.jobs)?;
    let open = |path: &str| fs::read(Path::new(path));
    let progress = |progress: recall::Progress| {
        bar.set_position(progress.done as u64);
        if stop.load(Ordering::Relaxed) { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    };
    let measured = pool
        .install(|| recall::run(A::default(), &chosen, effort, cache.as_ref(), open, progress))
        .map_err(|error| match error {
            RunError::Stopped => anyhow::Error::from(Interrupted),
            RunError::Cache(error) => anyhow::Error::new(error).context("--no-cache does without"),
        })?;
    bar.finish_and_clear();
    for left in &measured.left {
        anstream::eprintln!("{}: not edited: {}", shown(Path::new(&left.path)), printable(&left.reason));
    }
    Ok(measured.rows)
}
