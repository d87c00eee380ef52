//! The verbs that measure: each counts or edits what it needs, and prints its sections.

use std::path::Path;

use anyhow::{Context, Result, bail, ensure};
use presend_core::set::FileDigest;
use presend_core::{Algorithm, Effort, ImageHash, Index, Quality, Threshold};
use presend_eval::corpus::{Corpus, Digest};
use presend_eval::counts::{self, Among, Counts, Entries, Plan};
use presend_eval::findings::{self, Study};
use presend_eval::recall;
use presend_eval::report::Section;

use super::args::{AmongArgs, FindingsArgs, PartArgs};
use super::corpus::{self, CorpusArgs};
use crate::algorithm::SetAlgorithm;
use crate::args::KnownArgs;
use crate::input::InputError;
use crate::output::{Status, printable, shown};
use crate::{known, run};

/// Looks the pictures of a corpus up, among one another or in what was named.
pub(super) fn count<A: SetAlgorithm>(
    corpus: &Corpus<A>,
    args: &CorpusArgs,
    among: &AmongArgs,
    (part, parts): (u32, u32),
) -> Result<Counts> {
    let bits = ImageHash::<A>::BITS as u16;
    let cap = among.cap.unwrap_or(bits / 4);
    ensure!(cap <= bits, "--cap: hashes of {} have {bits} bits", A::ID);
    let plan = Plan { cap, gate: args.min_quality, seed: among.seed, part, parts };
    let pictures = counts::pictures(corpus);
    let bar = run::progress(args.quiet, pictures.len() / parts as usize);
    let pool = run::threads(args.jobs)?;
    let count = |among: &Among<'_, A>| {
        pool.install(|| counts::count(corpus, &pictures, among, &plan, || bar.inc(1)))
    };
    let counted = match set::<A>(among, args.quiet)? {
        None => count(&Among::Corpus),
        Some(set) => count(&Among::Set { index: &set.known, about: set.about, hashes: &set.hashes }),
    };
    bar.finish_and_clear();
    Ok(counted)
}

/// A list or a sealed set that pictures are looked up in.
struct Set<A: Algorithm> {
    known: known::Known<A>,
    about: Entries,
    hashes: Vec<ImageHash<A>>,
}

fn set<A: SetAlgorithm>(among: &AmongArgs, quiet: bool) -> Result<Option<Set<A>>> {
    if among.lists.is_empty() && among.sets.is_empty() {
        return Ok(None);
    }
    let args = KnownArgs {
        lists: among.lists.clone(),
        indexes: Vec::new(),
        sets: among.sets.clone(),
        trust: among.trust.clone(),
    };
    let known = known::open::<A>(&args, quiet)?;
    let names: Vec<String> = among.lists.iter().chain(&among.sets).map(|path| shown(path)).collect();
    let (identity, radius) = match known.sealed() {
        Some(set) => {
            let manifest = set.manifest();
            (format!("{} version {}", manifest.name, manifest.version), Some(set.radius()))
        }
        None => {
            let mut content = Vec::new();
            for path in &among.lists {
                content.extend(std::fs::read(path).map_err(|error| InputError::from(error).naming(path))?);
            }
            (Digest::of(&content).to_string(), None)
        }
    };
    let hashes = known.hashes();
    let entries = Index::len(&known) as u64;
    let about = Entries::Set { name: names.join(", "), identity, entries, radius };
    Ok(Some(Set { known, about, hashes }))
}
