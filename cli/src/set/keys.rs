//! `presend set sign` and `keygen`: the endorsers' side.

use std::fs::File;
use std::io::{Read, Write};
use std::num::NonZeroUsize;
use std::path::Path;

use anyhow::{Context, Result, anyhow, bail};
use presend_core::set::{SetFile, SignedManifest, Trust};
use presend_hashsets::sign::{self, KeyPair};
use zeroize::Zeroizing;

use super::args::{KeygenArgs, SignArgs};
use crate::known::BadSet;
use crate::output::{self, Status, count, printable, shown};
use crate::trust;
use crate::write::{self, Existing, Readers};

/// No key file is longer.
const MAX_KEY: usize = 64 << 10;

pub(super) fn sign(args: &SignArgs) -> Result<Status> {
    let output = args.output.as_ref().unwrap_or(&args.set);
    let held = write::hold_among(output, std::slice::from_ref(&args.set))?;
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
    write::put(output, held, |file| file.write_all(&bytes))?;
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
    let Some(path) = &args.trust else {
        write_secret(&args.output, &key)?;
        return output::write_all(format!("{}\n", key.public()).as_bytes());
    };
    let (mut trusted, mut secret) = (None, None);
    let written = write::update(path, || {
        // Everything that can fail comes before the secret is written. The secret comes before the file that names it: nobody is
        // to wait for signatures by a key that was lost.
        let trust = trusting(path, &key, args.threshold)?;
        if secret.is_none() {
            secret = Some(write_secret(&args.output, &key)?);
        }
        let json = trust.to_json().into_bytes();
        trusted = Some(trust);
        Ok(Some(json))
    });
    if secret.is_some() {
        let key = shown(&args.output);
        written.with_context(|| format!("{key} was written, but nobody trusts it: remove it, and make another"))?;
    } else {
        written?;
    }
    if let Some(trust) = trusted {
        anstream::eprintln!(
            "{}: trusts what {} of {} sign",
            shown(path),
            trust.threshold(),
            count(trust.endorsers().len(), "organisation", "organisations")
        );
    }
    Ok(Status::Clean)
}

fn write_secret(path: &Path, key: &KeyPair) -> Result<()> {
    write::whole(path, &key.to_json(), Readers::Owner, Existing::Keep)?;
    anstream::eprintln!(
        "{}: the secret key of {}, not encrypted: keep it to yourself",
        shown(path),
        printable(key.organisation())
    );
    Ok(())
}

/// What a trust file says, or a new one, with this key added.
fn trusting(path: &Path, key: &KeyPair, threshold: Option<NonZeroUsize>) -> Result<Trust> {
    let before = path.try_exists()?.then(|| trust::read_trust(path)).transpose()?;
    let mut endorsers = before.as_ref().map_or_else(Vec::new, |trust| trust.endorsers().to_vec());
    match endorsers.iter_mut().find(|endorser| endorser.organisation == key.organisation()) {
        Some(endorser) => endorser.keys.push(key.public()),
        None => endorsers.push(key.endorser()),
    }
    let threshold = threshold.map(NonZeroUsize::get);
    let threshold = threshold.or(before.as_ref().map(Trust::threshold)).unwrap_or(1);
    let trust = Trust::new(threshold.min(endorsers.len()), endorsers)?;
    Ok(match before.as_ref().and_then(Trust::set) {
        Some(set) => trust.for_set(set),
        None => trust,
    })
}
