//! Count files: Parquet, one row for each picture that was looked up.
//!
//! | column | kind | meaning |
//! |---|---|---|
//! | `position` | integer | the picture's place in the corpus, in the order of digests |
//! | `digest`, `unit` | 32 bytes | SHA-256 of its file, and of the first file of its cluster |
//! | `stratum`, `names` | text | its stratum; its paths, one a line |
//! | `quality` | integer | 0 to 100 |
//! | `hash` | bytes | the hash of record, most significant byte first |
//! | `near_entry`, `near_distance`, `near_turned`, `near_class` | lists of integers | the entries near it: which, how far the picture as stored is (65,535: beyond), how far the nearest orientation is, and what a person said (0 nothing, 1 same work, 2 template, 3 unrelated) |
//!
//! What was counted is JSON under `presend.counts`, the histogram of distances under `presend.distances`, the parts under
//! `presend.parts`.

use std::path::Path;

use super::{About, Counts, CountsError, Hit, LookedUp};
use crate::corpus::{Class, Digest};
use crate::table::{Column, Table, TableError};

/// The version of this layout.
const VERSION: &str = "1";

impl Counts {
    /// Writes a count file, whole or not at all.
    ///
    /// # Errors
    /// [`CountsError::Table`].
    pub fn save(&self, path: &Path) -> Result<(), CountsError> {
        Ok(self.table()?.save(path)?)
    }

    /// Reads a count file.
    ///
    /// # Errors
    /// [`CountsError::Table`] where it is no Parquet file, [`CountsError::Format`] where it does not hold counts.
    pub fn open(path: &Path) -> Result<Self, CountsError> {
        Self::read(Table::open(path)?)
    }

    fn table(&self) -> Result<Table, CountsError> {
        let json =
            |value: Result<String, serde_json::Error>| value.map_err(|error| CountsError::Format(error.to_string()));
        let all = &self.looked_up;
        let numbers = |of: fn(&LookedUp) -> i64| Column::Int(all.iter().map(|picture| Some(of(picture))).collect());
        let digests = |of: fn(&LookedUp) -> &Digest| {
            Column::Bytes(all.iter().map(|picture| Some(of(picture).as_bytes().to_vec())).collect())
        };
        let texts =
            |of: fn(&LookedUp) -> &String| Column::Text(all.iter().map(|picture| Some(of(picture).clone())).collect());
        let near = |of: fn(&Hit) -> i64| {
            Column::Ints(all.iter().map(|picture| picture.near.iter().map(of).collect()).collect())
        };
        Ok(Table {
            about: vec![
                ("presend.version".into(), VERSION.into()),
                ("presend.counts".into(), json(serde_json::to_string(&self.about))?),
                ("presend.parts".into(), json(serde_json::to_string(&self.parts))?),
                ("presend.distances".into(), json(serde_json::to_string(&self.distances))?),
            ],
            columns: vec![
                ("position".into(), numbers(|picture| picture.position.into())),
                ("digest".into(), digests(|picture| &picture.digest)),
                ("unit".into(), digests(|picture| &picture.unit)),
                ("stratum".into(), texts(|picture| &picture.stratum)),
                ("names".into(), texts(|picture| &picture.names)),
                ("quality".into(), numbers(|picture| picture.quality.into())),
                ("hash".into(), Column::Bytes(all.iter().map(|picture| Some(picture.hash.clone())).collect())),
                ("near_entry".into(), near(|hit| hit.entry.into())),
                ("near_distance".into(), near(|hit| hit.distance.into())),
                ("near_turned".into(), near(|hit| hit.turned.into())),
                ("near_class".into(), near(|hit| code(hit.class))),
            ],
        })
    }

    fn read(mut table: Table) -> Result<Self, CountsError> {
        let json = |name: &str| table.about(name).ok_or_else(|| CountsError::Format(format!("{name} is missing")));
        let broken = |error: serde_json::Error| CountsError::Format(error.to_string());
        if json("presend.version")? != VERSION {
            return Err(CountsError::Format("another version".into()));
        }
        let about: About = serde_json::from_str(json("presend.counts")?).map_err(broken)?;
        let parts = serde_json::from_str(json("presend.parts")?).map_err(broken)?;
        let distances: Vec<u64> = serde_json::from_str(json("presend.distances")?).map_err(broken)?;
        if !distances.is_empty() && distances.len() != usize::from(about.bits) + 1 {
            return Err(CountsError::Format("a histogram of another length".into()));
        }
        let mut numbers = |name| match table.take(name)? {
            Column::Int(values) => Ok(values),
            _ => Err(TableError::Kind(name.to_owned())),
        };
        let (positions, qualities) = (numbers("position")?, numbers("quality")?);
        let mut digests = |name| match table.take(name)? {
            Column::Bytes(values) => Ok(values),
            _ => Err(TableError::Kind(name.to_owned())),
        };
        let (files, units, hashes) = (digests("digest")?, digests("unit")?, digests("hash")?);
        let mut texts = |name| match table.take(name)? {
            Column::Text(values) => Ok(values),
            _ => Err(TableError::Kind(name.to_owned())),
        };
        let (strata, names) = (texts("stratum")?, texts("names")?);
        let mut lists = |name| match table.take(name)? {
            Column::Ints(values) => Ok(values),
            _ => Err(TableError::Kind(name.to_owned())),
        };
        let near = [lists("near_entry")?, lists("near_distance")?, lists("near_turned")?, lists("near_class")?];
        let looked_up = (0..positions.len()).map(|row| {
            let [entries, distances, turned, classes] = near.each_ref().map(|lists| lists[row].as_slice());
            if [distances, turned, classes].iter().any(|list| list.len() != entries.len()) {
                return None;
            }
            let hit = |place: usize| {
                Some(Hit {
                    entry: entries[place].try_into().ok()?,
                    distance: distances[place].try_into().ok()?,
                    turned: turned[place].try_into().ok()?,
                    class: class(classes[place])?,
                })
            };
            let digest = |bytes: &Option<Vec<u8>>| Some(Digest::new(bytes.as_deref()?.try_into().ok()?));
            Some(LookedUp {
                position: positions[row]?.try_into().ok()?,
                digest: digest(&files[row])?,
                unit: digest(&units[row])?,
                stratum: strata[row].clone()?,
                quality: qualities[row]?.try_into().ok()?,
                names: names[row].clone()?,
                hash: hashes[row].clone().filter(|hash| hash.len() * 8 == usize::from(about.bits))?,
                near: (0..entries.len()).map(hit).collect::<Option<_>>()?,
            })
        });
        let looked_up: Option<Vec<LookedUp>> = looked_up.collect();
        let looked_up = looked_up.ok_or_else(|| CountsError::Format("a value that no count has".into()))?;
        Ok(Self { about, parts, looked_up, distances })
    }
}

fn code(class: Option<Class>) -> i64 {
    match class {
        None => 0,
        Some(Class::SameWork) => 1,
        Some(Class::Template) => 2,
        Some(Class::Unrelated) => 3,
    }
}

#[expect(clippy::option_option, reason = "no class is a value, and no such number is none")]
fn class(code: i64) -> Option<Option<Class>> {
    Some(match code {
        0 => None,
        1 => Some(Class::SameWork),
        2 => Some(Class::Template),
        3 => Some(Class::Unrelated),
        _ => return None,
    })
}
