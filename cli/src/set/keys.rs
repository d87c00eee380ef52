//! `presend set sign` and `keygen`: the endorsers' side.

use std::fs::File;
use std::io::Read;
use std::path::Path;

use anyhow::{Context, Result, anyhow, bail};
use presend_core::set::{SetFile, SignedManifest, Trust};
use presend_hashsets::sign::{self, KeyPair};
use zeroize::Zeroizing;

use super::args::{KeygenArgs, SignArgs};
use crate::known::BadSet;
use crate::output::{Status, count, printable, shown};
use crate::trust;
use crate::write::{self, Existing, Readers};

/// No key file is longer.
const MAX_KEY: usize = 64 << 10;

pub(super) fn sign(args: &SignArgs) -> Result<Status> {
    let files = trust::files(std::slice::from_ref(&args.set)).map_err(BadSet)?;
    let file = &files[0];
    let mut manifest = file.manifest().to_vec();
    let mut keys = Vec::new();
    for path in &args.key {
        let json = read(path)?;
        let key = KeyPair::from_json(&json).with_context(|| shown(path))?;
        keys.push(key.public());
        manifest =
            sign::sign(&manifest, &key, &keys).map_err(|error| BadSet(anyhow!(error).context(shown(&args.set))))?;
        anstream::eprintln!("{}: signed by {}", shown(&args.set), printable(key.organisation()));
    }
    let segments: Vec<_> = (0..file.slots()).map(|slot| file.segment(slot).map(|(_, content)| content)).collect();
    let segments: Vec<Option<&[u8]>> = segments.iter().map(|content| content.as_deref()).collect();
    let bytes = SetFile::write(&manifest, &segments)?;
    write::whole(args.output.as_ref().unwrap_or(&args.set), &bytes, Readers::Everyone, Existing::Replace)?;
    let signed = SignedManifest::parse(&manifest)?;
    anstream::eprintln!(
        "{} in all, of version {} with the root digest {}",
        count(signed.signatures().len(), "signature", "signatures"),
        signed.manifest().version,
        signed.manifest().digest(),
    );
    Ok(Status::Clean)
}

/// A key file. It never grows, so that no copy of the secret is left behind in memory that was given back.
fn read(path: &Path) -> Result<Zeroizing<Vec<u8>>> {
    let mut json = Zeroizing::new(Vec::with_capacity(MAX_KEY + 1));
    File::open(path)
        .and_then(|file| file.take(MAX_KEY as u64 + 1).read_to_end(&mut json))
        .with_context(|| format!("cannot read {}", shown(path)))?;
    if json.len() > MAX_KEY {
        bail!("{}: longer than {MAX_KEY} bytes", shown(path));
    }
    Ok(json)
}

pub(super) fn keygen(args: &KeygenArgs) -> Result<Status> {
    let key = KeyPair::generate(&args.organisation)?;
    // Everything that can fail comes before the secret is written.
    let trusting = args.trust.as_ref().map(|path| {
        let before = path.try_exists()?.then(|| trust::read_trust(path)).transpose()?;
        let mut endorsers = before.as_ref().map_or_else(Vec::new, |trust| trust.endorsers().to_vec());
        match endorsers.iter_mut().find(|endorser| endorser.organisation == args.organisation) {
            Some(endorser) => endorser.keys.push(key.public()),
            None => endorsers.push(key.endorser()),
        }
        let threshold = args.threshold.map(std::num::NonZeroUsize::get);
        let threshold = threshold.or(before.as_ref().map(Trust::threshold)).unwrap_or(1);
        let mut trust = Trust::new(threshold.min(endorsers.len()), endorsers)?;
        if let Some(set) = before.as_ref().and_then(Trust::set) {
            trust = trust.for_set(set);
        }
        Ok::<_, anyhow::Error>((path, trust))
    });
    let trusting = trusting.transpose()?;
    write::whole(&args.output, &key.to_json(), Readers::Owner, Existing::Keep)?;
    anstream::eprintln!(
        "{}: the secret key of {}, not encrypted: keep it to yourself",
        shown(&args.output),
        printable(key.organisation())
    );
    if let Some((path, trust)) = trusting {
        write::whole(path, trust.to_json().as_bytes(), Readers::Everyone, Existing::Replace)?;
        anstream::eprintln!(
            "{}: trusts what {} of {} sign",
            shown(path),
            trust.threshold(),
            count(trust.endorsers().len(), "organisation", "organisations")
        );
    } else {
        anstream::println!("{}", key.public());
    }
    Ok(Status::Clean)
}
