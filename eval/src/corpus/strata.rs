//! Which kind of picture each is.
//!
//! Rates differ by kind by orders of magnitude, so a rate without the mix of kinds that it was measured on says little. The
//! kind comes from a table, from the folders that pictures lie in, or from their pixels: rules that are simple, always say the
//! same, and are often wrong. They are to sort what nobody has sorted; a table is better.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use presend_core::{Algorithm, Quality};

use super::csv_table::{Table, TableError, normal};
use super::features::Features;
use super::{Digest, File, Reading, Sample};

/// How pictures are put into strata.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Strata {
    /// By their pixels: those below the gate are flat. What cannot be decoded is in no stratum.
    Auto {
        /// The least quality of a picture that is not flat.
        gate: Quality,
    },
    /// By the first folder below the deepest folder that holds all files; what lies in that folder itself is called after it.
    Folder,
    /// By a table.
    Table(StrataTable),
}

/// The stratum of what a table does not list.
const UNLISTED: &str = "unlisted";

impl Strata {
    /// Puts every file into its stratum.
    pub(super) fn assign<A: Algorithm>(&self, files: &mut [File<A>], reading: &Reading<A>) {
        match self {
            Self::Auto { gate } => {
                for file in files {
                    let record = file.digest.and_then(|digest| reading.records.get(&digest));
                    if let Some(Ok((sample, features))) = record {
                        file.stratum = auto(sample, features, *gate).into();
                    }
                }
            }
            Self::Folder => by_folder(files),
            Self::Table(table) => files.iter_mut().for_each(|file| file.stratum = table.of(file)),
        }
    }
}

/// Strata by path, by digest, or by both.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct StrataTable {
    paths: BTreeMap<String, String>,
    digests: BTreeMap<Digest, String>,
}

impl StrataTable {
    /// Reads a CSV with a column `stratum` or `category` and a column `path`, relative to the folder of the table, or
    /// `sha256`, or both. Of two rows for one content with other paths, the first counts where the path is not listed.
    ///
    /// # Errors
    /// [`TableError`] for the first row that is broken or contradicts another.
    pub fn parse(bytes: &[u8], file: &Path) -> Result<Self, TableError> {
        let mut table = Table::parse(bytes, file)?;
        let stratum = table.needed(&["stratum", "category"], "stratum or category")?;
        let (path, digest) = (table.column(&["path"]), table.column(&["sha256"]));
        if path.is_none() {
            table.needed(&["sha256"], "path or sha256")?;
        }
        let folder = file.parent().unwrap_or(Path::new(""));
        let mut strata = Self::default();
        while let Some(row) = table.next() {
            let (line, row) = row?;
            let stratum = row.text(stratum);
            if let Some(path) = path.map(|path| row.text(path)).filter(|path| !path.is_empty()) {
                strata.paths.insert(normal(folder, &path), stratum.clone());
            }
            if let Some(digest) = digest.map(|digest| row.text(digest)).filter(|digest| !digest.is_empty()) {
                let digest = digest.parse().map_err(|error: super::ParseDigestError| table.fault(line, error))?;
                strata.digests.entry(digest).or_insert(stratum);
            }
        }
        Ok(strata)
    }

    /// By the first of its paths that is listed, else by its digest.
    fn of<A: Algorithm>(&self, file: &File<A>) -> String {
        let by_path = file.paths.iter().find_map(|path| self.paths.get(&normal(Path::new(""), path)));
        let stratum = by_path.or_else(|| self.digests.get(&file.digest?));
        stratum.map_or(UNLISTED, String::as_str).into()
    }
}

fn by_folder<A: Algorithm>(files: &mut [File<A>]) {
    let folder = |path: &str| PathBuf::from(normal(Path::new(""), path)).parent().map(Path::to_owned).unwrap_or_default();
    let mut folders = files.iter().flat_map(|file| &file.paths).map(|path| folder(path));
    let Some(first) = folders.next() else { return };
    let root = folders.fold(first, |root, folder| {
        root.components().zip(folder.components()).take_while(|(a, b)| a == b).map(|(component, _)| component).collect()
    });
    let root_name = root.file_name().unwrap_or(root.as_os_str()).to_string_lossy().into_owned();
    for file in files {
        let folder = file.paths.first().map(|path| folder(path)).unwrap_or_default();
        let below = folder.strip_prefix(&root).ok().and_then(|below| below.components().next());
        file.stratum = below.map_or_else(|| root_name.clone(), |below| below.as_os_str().to_string_lossy().into_owned());
    }
}

/// The first of these that holds, with shares in thousandths of the grid of [`Features`].
fn auto<A: Algorithm>(sample: &Sample<A>, features: &Features, gate: Quality) -> &'static str {
    let f = features;
    if sample.quality < gate {
        return "flat";
    }
    // Ink on paper: white, little colour, little that is neither.
    if f.white >= 600 && f.grey >= 900 && f.translucent == 0 && f.steps >= 20 && f.column_edges <= 10 {
        return "document";
    }
    let bands = f.top_band + f.bottom_band;
    let lettered = (30..=400).contains(&f.band_ink);
    if (80..=600).contains(&bands) && f.top_band.max(f.bottom_band) >= 60 && lettered && f.flat_between < 300 {
        return "meme";
    }
    let drawn = f.flat >= 350;
    let (long, short) = (sample.width.max(sample.height), sample.width.min(sample.height));
    if drawn && f.translucent < 100 && f.row_edges + f.column_edges >= 8 && short >= 100 && long <= 8 * short {
        return "screenshot";
    }
    if drawn || f.translucent >= 50 || f.colours <= 64 { "graphic" } else { "photo" }
}
