//! The pictures that are looked up.

use presend_core::{Algorithm, ImageHash, Quality};

use crate::corpus::{Corpus, Digest, Outcome};

/// A hashed picture of a corpus.
#[derive(Debug, Clone)]
pub struct Picture<A: Algorithm> {
    /// The digest of its file.
    pub digest: Digest,
    /// The digest of the first file of its cluster.
    pub unit: Digest,
    /// Its stratum.
    pub stratum: String,
    /// Its names, one path a line.
    pub names: String,
    /// Its quality.
    pub quality: Quality,
    /// Its hash of record.
    pub hash: ImageHash<A>,
    /// The hashes of its eight orientations.
    pub dihedral: [ImageHash<A>; 8],
    /// Its place among the corpus' files.
    pub(crate) file: usize,
}

/// The hashed pictures of a corpus, in the order of their digests.
#[must_use]
pub fn pictures<A: Algorithm>(corpus: &Corpus<A>) -> Vec<Picture<A>> {
    let clusters = corpus.clusters();
    let mut pictures: Vec<Picture<A>> = corpus
        .files
        .iter()
        .enumerate()
        .filter_map(|(file, of)| {
            let Outcome::Hashed(sample) = &of.outcome else { return None };
            let digest = of.digest?;
            Some(Picture {
                digest,
                unit: corpus.files[clusters[file]].digest.unwrap_or(digest),
                stratum: of.stratum.clone(),
                names: of.paths.join("\n"),
                quality: sample.quality,
                hash: sample.hash,
                dihedral: sample.dihedral,
                file,
            })
        })
        .collect();
    pictures.sort_by_key(|picture| picture.digest);
    pictures
}
