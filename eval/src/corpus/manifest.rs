//! The table of everything that was named.

use std::collections::BTreeMap;
use std::io;

use presend_core::{Algorithm, Format};

use super::{Corpus, Digest, Outcome};

/// The columns of `manifest.csv`.
const COLUMNS: [&str; 13] = [
    "sha256", "path", "bytes", "format", "width", "height", "frames", "stratum", "quality", "hash", "cluster",
    "outcome", "message",
];

/// Writes `manifest.csv`: a row for each name of each file, in the order of the corpus.
///
/// `outcome` is `hashed`, `not-a-picture`, or the code of a fault. `cluster` is the digest of the first file of the cluster,
/// for what was hashed.
///
/// # Errors
/// What the writer says.
pub fn write_manifest<A: Algorithm>(
    corpus: &Corpus<A>,
    formats: &BTreeMap<Digest, Format>,
    out: impl io::Write,
) -> io::Result<()> {
    let mut csv = csv::Writer::from_writer(out);
    csv.write_record(COLUMNS)?;
    let clusters = corpus.clusters();
    let text = |value: Option<&dyn ToString>| value.map(ToString::to_string).unwrap_or_default();
    for (file, cluster) in corpus.files.iter().zip(clusters) {
        let sample = file.sample();
        let digest = |file: &super::File<A>| file.digest.map(|digest| digest.to_string()).unwrap_or_default();
        let (outcome, message) = match &file.outcome {
            Outcome::Hashed(_) => ("hashed", ""),
            Outcome::Failed { code, message } => (code.as_str(), message.as_str()),
            Outcome::NotAPicture => ("not-a-picture", ""),
        };
        for path in &file.paths {
            csv.write_record([
                digest(file),
                path.clone(),
                file.digest.map(|_| file.bytes.to_string()).unwrap_or_default(),
                text(file.digest.and_then(|digest| formats.get(&digest)).map(|format| format as &dyn ToString)),
                text(sample.map(|sample| &sample.width as &dyn ToString)),
                text(sample.map(|sample| &sample.height as &dyn ToString)),
                text(sample.map(|sample| &sample.frames as &dyn ToString)),
                file.stratum.clone(),
                text(sample.map(|sample| &sample.quality as &dyn ToString)),
                text(sample.map(|sample| &sample.hash as &dyn ToString)),
                sample.map(|_| digest(&corpus.files[cluster])).unwrap_or_default(),
                outcome.into(),
                message.into(),
            ])?;
        }
    }
    csv.flush()
}
