//! What was measured of each content, kept in Parquet files between runs.
//!
//! A folder holds what was measured in one way: by one algorithm, as this version defines it, under the same limits. Its files
//! (*parts*) are written whole, never changed, and named after what they hold. A run adds a part every now and then and
//! at its end puts all into one, so a run that is killed loses little, and two runs at a time lose nothing.
//!
//! A part is used only if its columns, its identity, the lengths of its hashes and the SHA-256 of its rows are right. What
//! is not right is named ([`Cache::ignored`]) and measured again.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, File};
use std::io::Write;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use parquet::basic::Compression;
use parquet::data_type::{ByteArray, ByteArrayType, FixedLenByteArray, FixedLenByteArrayType, Int32Type};
use parquet::errors::ParquetError;
use parquet::file::metadata::KeyValue;
use parquet::file::properties::WriterProperties;
use parquet::file::reader::{FileReader, RowGroupReader, SerializedFileReader};
use parquet::file::writer::SerializedFileWriter;
use parquet::schema::parser::parse_message_type;
use parquet::schema::types::Type;
use presend_core::{Algorithm, ImageHash, Limits, Quality};
use sha2::{Digest as _, Sha256};

use super::features::Features;
use super::read::{Fault, Record};
use super::{Digest, Sample};
use crate::cache::{self, CacheError, Ignored};
use crate::columns::{put, put_some, take};
use crate::files::{Begun, Existing, Readers};

/// Changes whenever the same content could give another row: another hash, fault or feature.
const DEFINITION: u32 = 1;

/// Rows that are written at the latest when there are so many.
const ROWS_OF_A_CHECKPOINT: usize = 2_000;

/// Rows that are written at the latest after this time.
const TIME_OF_A_CHECKPOINT: Duration = Duration::from_secs(30);

/// Rows of a row group at most.
const ROWS_OF_A_GROUP: usize = 16_384;

/// The keys of a part's metadata.
const IDENTITY: &str = "presend.identity";
const ROWS: &str = "presend.rows.sha256";

/// What is known of contents from earlier runs, and what this run adds.
#[derive(Debug)]
pub struct Cache<A: Algorithm> {
    folder: PathBuf,
    identity: String,
    known: BTreeMap<Digest, Record<A>>,
    ignored: Vec<Ignored>,
    added: Mutex<Added<A>>,
}

/// What a run adds.
#[derive(Debug)]
struct Added<A: Algorithm> {
    rows: BTreeMap<Digest, Record<A>>,
    since: Instant,
    /// Those that were read, and those that were written.
    parts: BTreeSet<PathBuf>,
}

impl<A: Algorithm> Cache<A> {
    /// Reads what is known of hashes by `A` under these limits, in a folder for all caches, which is made where it is missing.
    ///
    /// # Errors
    /// [`CacheError`] if the folder cannot be made or listed. Parts that cannot be used are no error but [ignored](Self::ignored).
    pub fn open(caches: &Path, limits: &Limits) -> Result<Self, CacheError> {
        let Limits { bytes, pixels, frames, animation_pixels, metadata, memory, .. } = limits;
        let identity = format!(
            "{} definition {DEFINITION}, limits: {bytes} bytes, {pixels} pixels, {frames} frames of {animation_pixels} \
             pixels, {metadata} bytes of metadata, {memory} bytes of memory",
            A::ID
        );
        let digest = Digest::of(identity.as_bytes()).to_string();
        let folder = caches.join(format!("{}-{DEFINITION}-{}", A::ID, &digest[..8]));
        // The reader is other people's code: where it panics, what it has read is dropped.
        let read = |path: &Path| {
            let part = catch_unwind(AssertUnwindSafe(|| read_part::<A>(path, &identity)));
            part.unwrap_or_else(|_| Err(broken("the reader of Parquet failed")))
        };
        let (held, ignored) = cache::read(cache::parts(&folder)?, read);
        let (mut known, mut read) = (BTreeMap::new(), BTreeSet::new());
        for (path, rows) in held {
            known.extend(rows);
            read.insert(path);
        }
        let added = Mutex::new(Added { rows: BTreeMap::new(), since: Instant::now(), parts: read });
        Ok(Self { folder, identity, known, ignored, added })
    }

    /// Parts that are not used, and why.
    #[must_use]
    pub fn ignored(&self) -> &[Ignored] {
        &self.ignored
    }

    pub(super) fn knows(&self, digest: &Digest) -> bool {
        self.known.contains_key(digest)
    }

    pub(super) fn known(&self, digest: &Digest) -> Option<&Record<A>> {
        self.known.get(digest)
    }

    /// Adds what was measured, and writes a part when it is time.
    pub(super) fn remember(&self, digest: Digest, record: &Record<A>) -> Result<(), CacheError> {
        let mut added = self.added();
        added.rows.insert(digest, record.clone());
        if added.rows.len() >= ROWS_OF_A_CHECKPOINT || added.since.elapsed() >= TIME_OF_A_CHECKPOINT {
            self.write_added(&mut added)?;
        }
        Ok(())
    }

    /// Writes what was added since the last part.
    pub(super) fn checkpoint(&self) -> Result<(), CacheError> {
        self.write_added(&mut self.added())
    }

    /// Puts everything into one part.
    pub(super) fn compact(&mut self) -> Result<(), CacheError> {
        self.checkpoint()?;
        let parts = std::mem::take(&mut self.added().parts);
        if parts.len() < 2 {
            self.added().parts = parts;
            return Ok(());
        }
        // Those that this run has written are not known yet. What was broken meanwhile stays, for the next run to name.
        let (held, _) = cache::read(parts, |path| read_part::<A>(path, &self.identity));
        let (paths, rows): (Vec<PathBuf>, Vec<_>) = held.into_iter().unzip();
        rows.into_iter().for_each(|rows| self.known.extend(rows));
        let whole = self.write(&self.known)?;
        // Whoever reads one that is gone reads the whole.
        paths.iter().filter(|part| **part != whole).for_each(|part| _ = fs::remove_file(part));
        self.added().parts.insert(whole);
        Ok(())
    }

    fn added(&self) -> MutexGuard<'_, Added<A>> {
        self.added.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn write_added(&self, added: &mut Added<A>) -> Result<(), CacheError> {
        added.since = Instant::now();
        let rows = std::mem::take(&mut added.rows);
        if !rows.is_empty() {
            added.parts.insert(self.write(&rows)?);
        }
        Ok(())
    }

    /// Writes a part, named after its rows.
    fn write(&self, rows: &BTreeMap<Digest, Record<A>>) -> Result<PathBuf, CacheError> {
        let checksum = checksum(rows.iter());
        let path = self.folder.join(format!("part-{}.parquet", &checksum[..24]));
        let write = || -> Result<(), ParquetError> {
            let mut begun = Begun::new(&path, Readers::Everyone)?;
            write_part(begun.file(), rows, &self.identity, checksum)?;
            Ok(begun.keep(Existing::Replace)?)
        };
        write().map_err(|source| CacheError { what: "write", path: path.clone(), source })?;
        Ok(path)
    }
}

fn broken(what: &str) -> ParquetError {
    ParquetError::General(what.into())
}

/// The columns of a part.
fn schema<A: Algorithm>() -> Type {
    let hash = ImageHash::<A>::BITS / 8;
    let features: String = Features::NAMES.iter().map(|name| format!("optional int32 {name}; ")).collect();
    let message = format!(
        "message pictures {{ required fixed_len_byte_array(32) digest; optional fixed_len_byte_array({hash}) hash; \
         optional fixed_len_byte_array({}) dihedral; optional int32 quality; optional int32 width; optional int32 height; \
         optional int32 frames; {features} optional binary code (UTF8); optional binary message (UTF8); }}",
        8 * hash
    );
    parse_message_type(&message).expect("the message is well-formed")
}

fn write_part<A: Algorithm>(
    file: &mut (impl Write + Send),
    rows: &BTreeMap<Digest, Record<A>>,
    identity: &str,
    checksum: String,
) -> Result<(), ParquetError> {
    let properties = WriterProperties::builder()
        .set_compression(Compression::SNAPPY)
        .set_key_value_metadata(Some(vec![
            KeyValue::new(IDENTITY.into(), identity.to_owned()),
            KeyValue::new(ROWS.into(), checksum),
        ]))
        .build();
    let mut writer = SerializedFileWriter::new(file, Arc::new(schema::<A>()), Arc::new(properties))?;
    let rows: Vec<(&Digest, &Record<A>)> = rows.iter().collect();
    for rows in rows.chunks(ROWS_OF_A_GROUP) {
        let mut group = writer.next_row_group()?;
        let fixed = |bytes: &[u8]| FixedLenByteArray::from(bytes.to_vec());
        let samples = || rows.iter().map(|(_, record)| record.as_ref().ok());
        let faults = || rows.iter().map(|(_, record)| record.as_ref().err());
        put::<FixedLenByteArrayType, _>(&mut group, rows.iter().map(|(digest, _)| fixed(digest.as_bytes())))?;
        let hashes = samples().map(|row| row.map(|(sample, _)| fixed(&bytes_of(&sample.hash))));
        put_some::<FixedLenByteArrayType, _>(&mut group, hashes)?;
        let dihedral = |sample: &Sample<A>| fixed(&sample.dihedral.iter().flat_map(bytes_of).collect::<Vec<_>>());
        put_some::<FixedLenByteArrayType, _>(&mut group, samples().map(|row| row.map(|(sample, _)| dihedral(sample))))?;
        for number in 0..NUMBERS {
            let numbers = samples().map(|row| row.map(|(sample, features)| numbers(sample, features)[number]));
            put_some::<Int32Type, _>(&mut group, numbers)?;
        }
        let text = |text: &str| ByteArray::from(text);
        put_some::<ByteArrayType, _>(&mut group, faults().map(|fault| fault.map(|fault| text(&fault.code))))?;
        put_some::<ByteArrayType, _>(&mut group, faults().map(|fault| fault.map(|fault| text(&fault.message))))?;
        group.close()?;
    }
    writer.close()?;
    Ok(())
}

/// The columns of numbers: those of a sample, then the features.
const NUMBERS: usize = 4 + Features::COUNT;

fn numbers<A: Algorithm>(sample: &Sample<A>, features: &Features) -> [i32; NUMBERS] {
    let features = features.to_array();
    std::array::from_fn(|at| match at {
        0 => i32::from(sample.quality.value()),
        // Sides and frames are within the engine's limits.
        1 => sample.width as i32,
        2 => sample.height as i32,
        3 => sample.frames as i32,
        feature => i32::from(features[feature - 4]),
    })
}

fn read_part<A: Algorithm>(path: &Path, identity: &str) -> Result<BTreeMap<Digest, Record<A>>, ParquetError> {
    let reader = SerializedFileReader::new(File::open(path)?)?;
    let metadata = reader.metadata().file_metadata();
    let value = |key: &str| {
        let pairs = metadata.key_value_metadata().into_iter().flatten();
        pairs.filter(|pair| pair.key == key).find_map(|pair| pair.value.clone())
    };
    if value(IDENTITY).as_deref() != Some(identity) {
        return Err(broken("it holds something else"));
    }
    if *metadata.schema_descr().root_schema() != schema::<A>() {
        return Err(broken("it has other columns"));
    }
    let mut rows = BTreeMap::new();
    for group in 0..reader.num_row_groups() {
        read_group(&*reader.get_row_group(group)?, &mut rows)?;
    }
    if value(ROWS) != Some(checksum(rows.iter())) {
        return Err(broken("its rows are not those that were written"));
    }
    Ok(rows)
}

fn read_group<A: Algorithm>(
    group: &dyn RowGroupReader,
    rows: &mut BTreeMap<Digest, Record<A>>,
) -> Result<(), ParquetError> {
    let count = usize::try_from(group.metadata().num_rows()).ok().filter(|&rows| rows <= ROWS_OF_A_GROUP);
    let count = count.ok_or_else(|| broken("it has too many rows"))?;
    let digests = take::<FixedLenByteArrayType>(group, 0, count)?;
    let hashes = take::<FixedLenByteArrayType>(group, 1, count)?;
    let dihedral = take::<FixedLenByteArrayType>(group, 2, count)?;
    let numbers =
        (3..3 + NUMBERS).map(|column| take::<Int32Type>(group, column, count)).collect::<Result<Vec<_>, _>>()?;
    let codes = take::<ByteArrayType>(group, 3 + NUMBERS, count)?;
    let messages = take::<ByteArrayType>(group, 4 + NUMBERS, count)?;
    for row in 0..count {
        let digest = digests[row].as_ref().and_then(|digest| digest.data().try_into().ok());
        let digest = Digest::new(digest.ok_or_else(|| broken("a digest has another length"))?);
        let text = |value: &ByteArray| value.as_utf8().map(str::to_owned);
        let record = match (&hashes[row], &dihedral[row], &codes[row], &messages[row]) {
            (Some(hash), Some(dihedral), None, None) => {
                let numbers: Option<Vec<i32>> = numbers.iter().map(|column| column[row]).collect();
                let numbers = numbers.ok_or_else(|| broken("a number is missing"))?;
                Ok(sample(hash.data(), dihedral.data(), &numbers)
                    .ok_or_else(|| broken("a hash or a number is wrong"))?)
            }
            (None, None, Some(code), Some(message)) => Err(Fault { code: text(code)?, message: text(message)? }),
            _ => return Err(broken("a row is neither a picture nor a fault")),
        };
        rows.insert(digest, record);
    }
    Ok(())
}

fn sample<A: Algorithm>(hash: &[u8], dihedral: &[u8], numbers: &[i32]) -> Option<(Sample<A>, Features)> {
    let numbers: Vec<u32> = numbers.iter().map(|&number| number.try_into().ok()).collect::<Option<_>>()?;
    let [quality, width, height, frames, features @ ..] = numbers.as_slice() else { return None };
    let dihedral: Option<Vec<_>> =
        dihedral.chunks(ImageHash::<A>::BITS / 8).map(|hash| ImageHash::from_bytes(hash).ok()).collect();
    let features: Option<Vec<u16>> = features.iter().map(|&feature| feature.try_into().ok()).collect();
    let sample = Sample {
        hash: ImageHash::from_bytes(hash).ok()?,
        dihedral: dihedral?.try_into().ok()?,
        quality: Quality::new(u8::try_from(*quality).ok()?)?,
        width: *width,
        height: *height,
        frames: *frames,
    };
    Some((sample, Features::from_array(features?.try_into().ok()?)))
}

/// The bytes of a hash, most significant first.
pub(crate) fn bytes_of<A: Algorithm>(hash: &ImageHash<A>) -> Vec<u8> {
    hash.words().iter().rev().flat_map(|word| word.to_be_bytes()).collect()
}

/// The SHA-256 of everything that rows hold.
fn checksum<'a, A: Algorithm>(rows: impl Iterator<Item = (&'a Digest, &'a Record<A>)>) -> String {
    let mut hasher = Sha256::new();
    for (digest, record) in rows {
        hasher.update(digest.as_bytes());
        match record {
            Ok((sample, features)) => {
                hasher.update([1]);
                hasher.update(bytes_of(&sample.hash));
                sample.dihedral.iter().for_each(|hash| hasher.update(bytes_of(hash)));
                numbers(sample, features).iter().for_each(|number| hasher.update(number.to_be_bytes()));
            }
            Err(fault) => {
                hasher.update([0]);
                for text in [&fault.code, &fault.message] {
                    hasher.update((text.len() as u64).to_be_bytes());
                    hasher.update(text);
                }
            }
        }
    }
    Digest::new(hasher.finalize().into()).to_string()
}
