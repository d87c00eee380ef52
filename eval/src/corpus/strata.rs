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
use super::read::Record;
use super::{Digest, File, Sample};

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
    /// Puts every file into its stratum, by what is known of contents.
    pub(super) fn assign<'r, A: Algorithm>(
        &self,
        files: &mut [File<A>],
        known: impl Fn(&Digest) -> Option<&'r Record<A>>,
    ) {
        match self {
            Self::Auto { gate } => {
                for file in files {
                    let record = file.digest.as_ref().and_then(&known);
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
    let folder =
        |path: &str| PathBuf::from(normal(Path::new(""), path)).parent().map(Path::to_owned).unwrap_or_default();
    let mut folders = files.iter().flat_map(|file| &file.paths).map(|path| folder(path));
    let Some(first) = folders.next() else { return };
    let root = folders.fold(first, |root, folder| {
        root.components().zip(folder.components()).take_while(|(a, b)| a == b).map(|(component, _)| component).collect()
    });
    let root_name = root.file_name().unwrap_or(root.as_os_str()).to_string_lossy().into_owned();
    for file in files {
        let folder = file.paths.first().map(|path| folder(path)).unwrap_or_default();
        let below = folder.strip_prefix(&root).ok().and_then(|below| below.components().next());
        file.stratum =
            below.map_or_else(|| root_name.clone(), |below| below.as_os_str().to_string_lossy().into_owned());
    }
}

/// The first of these that holds, with shares in thousandths of the grid of [`Features`]. The bounds are set by eye on photographs,
/// clip art, logos, emoji, scans, posters and screenshots that people had sorted; `docs/corpus.md` says how often they are wrong
/// there.
fn auto<A: Algorithm>(sample: &Sample<A>, f: &Features, gate: Quality) -> &'static str {
    let is_opaque = f.translucent < 50;
    let edges = f.row_edges + f.column_edges;
    // Areas of one colour, which neither a lens nor JPEG leaves; overexposed photographs have some, and many colours.
    let is_drawn = f.flat >= 600 || (f.flat >= 350 && (f.colours < 250 || f.commonest >= 300));
    if sample.quality < gate {
        return "flat";
    }
    // Ink on paper, without the bars and frames of a window.
    let is_paper = f.white >= 650 && f.grey >= 950 && is_opaque;
    if is_paper && f.steps >= 5 && f.column_edges <= 10 && f.row_edges <= 60 {
        return "document";
    }
    // A photograph between bands with letters.
    let are_bands = (100..=600).contains(&(f.top_band + f.bottom_band)) && (3..=40).contains(&f.row_edges);
    if are_bands && is_opaque && (30..=400).contains(&f.band_ink) && f.flat_between < 200 && f.colours >= 200 {
        return "meme";
    }
    // Windows, bars and boxes, larger than an icon.
    let is_large = sample.width.min(sample.height) >= 100 && sample.width.max(sample.height) >= 250;
    if is_drawn && is_opaque && (f.row_edges >= 12 || edges >= 25) && is_large {
        return "screenshot";
    }
    if is_drawn || !is_opaque { "graphic" } else { "photo" }
}

#[cfg(test)]
mod tests {
    use presend_core::{ImageHash, Pdq};

    use super::super::TableFault;
    use super::*;

    fn of(quality: u8, features: Features) -> &'static str {
        let hash: ImageHash<Pdq> = ImageHash::from_bytes(&[0; 32]).expect("32 bytes");
        let quality = Quality::new(quality).expect("in range");
        let sample = Sample { hash, dihedral: [hash; 8], quality, width: 800, height: 600, frames: 1 };
        auto(&sample, &features, Quality::DEFAULT_GATE)
    }

    #[test]
    fn the_kinds_are_told_by_their_features() {
        let photo = Features { colours: 430, commonest: 76, flat: 39, steps: 73, grey: 200, ..Features::default() };
        let drawn = Features { colours: 79, commonest: 583, flat: 842, white: 528, grey: 756, ..Features::default() };
        assert_eq!(of(100, photo), "photo");
        assert_eq!(of(49, photo), "flat");
        assert_eq!(of(100, Features { translucent: 496, ..photo }), "graphic");
        assert_eq!(of(100, drawn), "graphic");
        assert_eq!(of(100, Features { row_edges: 70, column_edges: 19, ..drawn }), "screenshot");
        assert_eq!(of(100, Features { white: 824, grey: 1000, steps: 101, ..drawn }), "document");
        let banded = Features { top_band: 150, bottom_band: 100, band_ink: 120, row_edges: 7, ..photo };
        assert_eq!(of(100, banded), "meme");
    }

    fn file(path: &str, content: &str) -> File<Pdq> {
        let digest = (!content.is_empty()).then(|| Digest::of(content.as_bytes()));
        let outcome = super::super::Outcome::NotAPicture;
        File { digest, paths: vec![path.into()], bytes: 0, stratum: String::new(), outcome }
    }

    #[test]
    fn folders_are_those_below_the_one_that_holds_all() {
        let mut files = ["/p/a/1.jpg", "/p/a/b/2.jpg", "/p/c/3.jpg", "/p/4.jpg"].map(|path| file(path, ""));
        by_folder(&mut files);
        assert_eq!(files.map(|file| file.stratum), ["a", "a", "c", "p"]);
        let mut alone = [file("/p/a/1.jpg", "")];
        by_folder(&mut alone);
        assert_eq!(alone[0].stratum, "a");
        by_folder::<Pdq>(&mut []);
    }

    #[test]
    fn a_table_is_asked_for_the_path_then_for_the_digest() {
        let digest = Digest::of(b"x");
        let table = format!("sha256,path,category\n{digest},b.jpg,photo\n,../t/./a.jpg,logo\n");
        let table = StrataTable::parse(table.as_bytes(), Path::new("/t/manifest.csv")).expect("it is well-formed");
        assert_eq!(table.of(&file("/t/a.jpg", "x")), "logo");
        assert_eq!(table.of(&file("/elsewhere.jpg", "x")), "photo");
        assert_eq!(table.of(&file("/t/b.jpg", "")), "photo");
        assert_eq!(table.of(&file("/c.jpg", "y")), "unlisted");
    }

    #[test]
    fn a_table_that_is_broken_says_where() {
        let fault = |text: &str| StrataTable::parse(text.as_bytes(), Path::new("t.csv")).expect_err("it is broken");
        assert_eq!(fault("path,kind\n").fault, TableFault::NoColumn("stratum or category"));
        assert_eq!(fault("name,stratum\n").fault, TableFault::NoColumn("path or sha256"));
        let error = fault("sha256,stratum\n\nabc,photo\n");
        assert_eq!(error.to_string(), "t.csv:3: \"abc\" is no SHA-256: expected 64 hexadecimal digits");
        assert_eq!(fault("path,stratum\na,b,c\n").line, 2);
    }
}
