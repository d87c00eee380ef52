//! The list, sealed and endorsed: what a device would be given.
//!
//! Seeds and keys are derived from fixed words, so that the bytes are the same each time. **Whoever reads this file can
//! sign in the name of the two organisations**: they, and the keys, are for the demo only.

use anyhow::Result;
use presend_core::Pdq;
use presend_core::set::{Digest, SetFile, Timestamp, Trust};
use presend_hashsets::list::HashList;
use presend_hashsets::publish::{self, Release};
use presend_hashsets::seal::{self, Cluster, Options};
use presend_hashsets::sign::{self, KeyPair};

use super::DemoFile;

const ENDORSERS: [&str; 2] = ["Demo Hotline", "Demo Child Safety Institute"];

/// The sealed set, and the trust file that asks for both endorsers.
pub(super) fn sealed(list: &[u8]) -> Result<[DemoFile; 2]> {
    let entries = HashList::<Pdq>::read(list)?.entries;
    let clusters: Vec<Cluster<Pdq>> =
        entries.into_iter().map(|entry| Cluster { hashes: vec![entry.hash], label: entry.label }).collect();
    let sealed = seal::seal(&clusters, &[], &Options::new(secret("seed")))?;
    let release = Release {
        name: "presend-demo".into(),
        version: 1,
        created: "2026-11-22T00:00:00Z".parse::<Timestamp>()?,
        // A demo should work whenever it is tried; a real set expires within months.
        expires: "2126-11-22T00:00:00Z".parse()?,
        sources: vec![presend_core::set::Source { commitment: publish::commitment(list), name: "Demo Hotline".into() }],
    };
    let mut manifest = publish::first(release, &sealed)?.to_bytes();
    let keys = ENDORSERS.map(|name| KeyPair::from_seed(name, &secret(name)));
    let keys = keys.into_iter().collect::<Result<Vec<_>, _>>()?;
    let public: Vec<_> = keys.iter().map(KeyPair::public).collect();
    for key in &keys {
        manifest = sign::sign(&manifest, key, &public)?;
    }
    let trust = Trust::new(2, keys.iter().map(KeyPair::endorser).collect())?.for_set("presend-demo");
    Ok([
        DemoFile { path: "known.presend".into(), bytes: SetFile::write(&manifest, &[Some(&sealed.bytes)])? },
        DemoFile { path: "trust.json".into(), bytes: trust.to_json().into_bytes() },
    ])
}

/// No secret at all: anybody can compute it.
fn secret(word: &str) -> [u8; 32] {
    *Digest::of(format!("presend demo {word}").as_bytes()).as_bytes()
}
