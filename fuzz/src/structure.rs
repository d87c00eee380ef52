//! Sets that are valid, and the same with something changed.

use std::sync::LazyLock;

use arbitrary::{Arbitrary, Unstructured};
use presend_core::set::{
    Exact, FileDigest, Hex, KnownSet, Manifest, Revocation, Segment, SetError, SetFile, SetStream, SignedManifest,
    TagCost, Timestamp, Trust, merkle,
};
use presend_core::{Backend, ImageHash, Index, Pdq, Radius, Threshold};
use presend_hashsets::publish::{self, Release};
use presend_hashsets::seal::{self, Cluster, Options, SealedSegment};
use presend_hashsets::sign::{self, KeyPair};

use crate::index::of_words;

/// A set, and what is done to it.
#[derive(Arbitrary, Debug)]
struct Plan {
    radius: u8,
    seed: [u8; 4],
    first: Content,
    second: Option<Content>,
    /// Entries that the second version takes out.
    revoked: Vec<u8>,
    /// In how large pieces the file arrives.
    piece: u16,
    query: u8,
    flipped: Vec<u8>,
    edits: Vec<Edit>,
}

#[derive(Arbitrary, Debug)]
struct Content {
    /// How many hashes each image has.
    images: Vec<u8>,
    labelled: bool,
    digests: Vec<[u8; 16]>,
}

/// A change after signing, of the kind that a careless or a hostile server makes; or before, by whom the endorsers trust.
#[derive(Arbitrary, Debug)]
enum Edit {
    /// Bytes of the file.
    Flip {
        at: u16,
        by: u8,
    },
    Cut {
        to: u16,
    },
    Append(Vec<u8>),
    Insert {
        at: u16,
        byte: u8,
    },
    Remove {
        at: u16,
    },
    /// A segment says something else, and the manifest names the new bytes.
    Segment {
        slot: u8,
        at: u16,
        by: u8,
    },
    /// As that, where headers are.
    Header {
        slot: u8,
        at: u8,
        bytes: [u8; 4],
    },
    Shorter {
        slot: u8,
        by: u16,
    },
    /// The manifest says something else.
    Entries(u64),
    Clusters(u64),
    SegmentEntries {
        slot: u8,
        entries: u32,
    },
    SegmentLength {
        slot: u8,
        length: u64,
    },
    Exact(Option<u64>),
    Revoke {
        slot: u8,
        entry: u32,
        tag: [u8; 4],
    },
    Twice {
        slot: u8,
    },
    Version(u64),
    PublishedDecibits(u32),
    /// A part of the file is left out.
    Without {
        slot: u8,
    },
}

static KEYS: LazyLock<[KeyPair; 2]> = LazyLock::new(|| {
    ["Example Hotline", "Example Institute"]
        .map(|name| KeyPair::from_seed(name, &[name.len() as u8; 32]).expect("a name that can be shown"))
});

static TRUST: LazyLock<Trust> =
    LazyLock::new(|| Trust::new(2, KEYS.iter().map(KeyPair::endorser).collect()).expect("two"));

fn time(seconds: u64) -> Timestamp {
    Timestamp::from_seconds(seconds).expect("before the year 9999")
}

fn release(version: u64) -> Release {
    let (created, expires) = (time(1_000_000), time(2_000_000));
    Release { name: "fuzzed".into(), version, created, expires, sources: Vec::new() }
}

impl Content {
    /// The images: what a hash is follows from its numbers.
    fn clusters(&self, segment: u8) -> Vec<Cluster<Pdq>> {
        let hash = |image: usize, variant: u8| {
            let mut state = u64::from_le_bytes([1, segment, image as u8, 0, 0, 0, 0, 0]);
            let mut bytes: Vec<u8> = (0..32)
                .map(|_| {
                    // Knuth's MMIX.
                    state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
                    (state >> 56) as u8
                })
                .collect();
            bytes[usize::from(variant) % 32] ^= variant;
            ImageHash::from_bytes(&bytes).expect("32 bytes")
        };
        let images = self.images.iter().take(12).enumerate();
        images
            .map(|(image, &variants)| Cluster {
                hashes: (0..1 + variants % 4).map(|variant| hash(image, variant)).collect(),
                label: self.labelled.then(|| format!("image {image}")),
            })
            .collect()
    }

    fn sealed(&self, plan: &Plan, segment: u8) -> Option<(SealedSegment, Vec<ImageHash<Pdq>>)> {
        let clusters = self.clusters(segment);
        let digests: Vec<_> = self.digests.iter().take(6).map(|&digest| FileDigest::Md5(digest)).collect();
        let mut options = Options::new([plan.seed[usize::from(segment) % 4]; 32]);
        options.radius = Radius::ALL[usize::from(plan.radius) % Radius::ALL.len()];
        options.cost = TagCost::new(8, 1).expect("the least");
        let sealed = seal::seal(&clusters, &digests, &options).ok()?;
        Some((sealed, clusters.into_iter().flat_map(|cluster| cluster.hashes).collect()))
    }
}

/// The bytes of a set, in parts that can be changed before they are signed.
struct Draft {
    manifest: Manifest,
    segments: Vec<Vec<u8>>,
    held: Vec<bool>,
}

impl Draft {
    fn file(&self) -> Option<Vec<u8>> {
        let mut signed = SignedManifest::new(self.manifest.clone()).ok()?.to_bytes();
        for key in KEYS.iter() {
            signed = sign::sign(&signed, key, &[]).ok()?;
        }
        let segments: Vec<_> =
            self.segments.iter().zip(&self.held).map(|(bytes, &held)| held.then_some(&bytes[..])).collect();
        SetFile::write(&signed, &segments).ok()
    }

    fn segment(&mut self, slot: u8) -> Option<(&mut Vec<u8>, &mut Segment)> {
        let slot = usize::from(slot) % self.segments.len();
        Some((self.segments.get_mut(slot)?, self.manifest.segments.get_mut(slot)?))
    }

    /// Changes a segment and has the manifest name what it became.
    fn change(&mut self, slot: u8, change: impl FnOnce(&mut Vec<u8>)) {
        let Some((bytes, named)) = self.segment(slot) else { return };
        change(bytes);
        (named.root, named.length) = (merkle::root(bytes), bytes.len() as u64);
    }

    /// Whether the edit was of what is signed.
    fn edit(&mut self, edit: &Edit) -> bool {
        match edit {
            Edit::Segment { slot, at, by } => self.change(*slot, |bytes| {
                let at = usize::from(*at) % bytes.len().max(1);
                bytes.get_mut(at).into_iter().for_each(|byte| *byte ^= by);
            }),
            Edit::Header { slot, at, bytes: new } => self.change(*slot, |bytes| {
                let at = usize::from(*at);
                if let Some(header) = bytes.get_mut(at..at + new.len()) {
                    header.copy_from_slice(new);
                }
            }),
            Edit::Shorter { slot, by } => self.change(*slot, |bytes| {
                bytes.truncate(bytes.len().saturating_sub(usize::from(*by)));
            }),
            Edit::Entries(entries) => self.manifest.entries = *entries,
            Edit::Clusters(clusters) => self.manifest.clusters = *clusters,
            Edit::SegmentEntries { slot, entries } => {
                if let Some((_, named)) = self.segment(*slot) {
                    let before = std::mem::replace(&mut named.entries, *entries);
                    self.manifest.entries =
                        (self.manifest.entries - u64::from(before)).saturating_add(u64::from(*entries));
                }
            }
            Edit::SegmentLength { slot, length } => {
                if let Some((_, named)) = self.segment(*slot) {
                    named.length = *length;
                }
            }
            Edit::Exact(entries) => {
                let false_positive_rate = "1e-9".into();
                self.manifest.exact = entries.map(|entries| Exact { bloom_bytes: 64, entries, false_positive_rate });
            }
            Edit::Revoke { slot, entry, tag } => {
                if let Some((_, named)) = self.segment(*slot) {
                    let segment = named.root;
                    self.manifest.revoked.push(Revocation { entry: *entry, segment, tag: Hex(*tag) });
                }
            }
            Edit::Twice { slot } => {
                let slot = usize::from(*slot) % self.segments.len();
                let (bytes, named) = (self.segments[slot].clone(), self.manifest.segments[slot].clone());
                self.manifest.entries += u64::from(named.entries);
                self.segments.push(bytes);
                self.manifest.segments.push(named);
                self.held.push(true);
            }
            Edit::Version(version) => self.manifest.version = *version,
            Edit::PublishedDecibits(decibits) => self.manifest.published_decibits = *decibits,
            Edit::Without { slot } => {
                let slot = usize::from(*slot) % self.held.len();
                self.held[slot] = false;
            }
            Edit::Flip { .. } | Edit::Cut { .. } | Edit::Append(_) | Edit::Insert { .. } | Edit::Remove { .. } => {
                return false;
            }
        }
        true
    }
}

/// Changes the bytes of a file.
fn edit(file: &mut Vec<u8>, edit: &Edit) {
    let place = |at: u16, length: usize| usize::from(at) % length.max(1);
    match edit {
        Edit::Flip { at, by } => {
            let at = place(*at, file.len());
            file.get_mut(at).into_iter().for_each(|byte| *byte ^= by);
        }
        Edit::Cut { to } => file.truncate(place(*to, file.len())),
        Edit::Append(bytes) => file.extend_from_slice(bytes),
        Edit::Insert { at, byte } => file.insert(place(*at, file.len() + 1), *byte),
        Edit::Remove { at } => {
            if !file.is_empty() {
                file.remove(place(*at, file.len()));
            }
        }
        _ => {}
    }
}

/// A set opens and finds what was put into it, but for what was taken out; with a byte changed after it was signed it does
/// not open; and whatever its endorsers may have signed, it opens or is refused, whole and streamed alike.
pub fn set_structure(bytes: &[u8]) {
    let Ok(plan) = Plan::arbitrary_take_rest(Unstructured::new(bytes)) else { return };
    let Some((sealed, hashes)) = plan.first.sealed(&plan, 0) else { return };
    let mut manifest = publish::first(release(1), &sealed).expect("a manifest").manifest().clone();
    let (mut segments, mut entries) = (vec![sealed.bytes.clone()], hashes);
    let single = Draft { manifest: manifest.clone(), segments: segments.clone(), held: vec![true] };
    let first = opened(&single.file().expect("a file")).expect("a valid set");
    let revoked: Vec<Revocation> =
        plan.revoked.iter().take(4).filter_map(|&entry| first.revocation(usize::from(entry) % first.len())).collect();
    if let Some((more, hashes)) = plan.second.as_ref().and_then(|content| content.sealed(&plan, 1)) {
        let next = publish::next(&manifest, release(2), Some(&more), &revoked);
        manifest = next.expect("a version that follows").manifest().clone();
        segments.push(more.bytes.clone());
        entries.extend(hashes);
    }
    let held = vec![true; segments.len()];
    let mut draft = Draft { manifest, segments, held };
    let valid = draft.file().expect("a file");
    let set = opened(&valid).expect("a valid set");
    assert_eq!(streamed(&valid, plan.piece).map(|set| set.len()), Ok(set.len()));
    found(&plan, &set, &entries);

    let signed_anew = plan.edits.iter().take(6).fold(false, |any, edit| draft.edit(edit) | any);
    let Some(mut file) = (if signed_anew { draft.file() } else { Some(valid.clone()) }) else { return };
    let signed = file.clone();
    plan.edits.iter().take(6).for_each(|change| edit(&mut file, change));
    let (whole, streamed) = (opened(&file), streamed(&file, plan.piece));
    assert_eq!(whole.is_ok(), streamed.is_ok(), "whole {:?}, streamed {:?}", whole.err(), streamed.err());
    if file != signed {
        assert!(whole.is_err(), "a file that was changed after it was signed was opened");
    }
    if let Ok(mut set) = whole {
        for backend in [Backend::best(), Backend::PORTABLE] {
            set = set.with_backend(backend);
            let mut found = Vec::new();
            set.search(&entries[..entries.len().min(8)], Threshold::new(256), &mut found);
            assert!(found.iter().all(|found| found.entry < set.len()));
            assert!(found.iter().all(|found| found.distance.bits() <= set.manifest().radius.bits()));
        }
    }
}

fn opened(file: &[u8]) -> Result<KnownSet<Pdq>, SetError> {
    KnownSet::open(&[SetFile::parse(file.to_vec())?], &TRUST, time(1_500_000), None)
}

fn streamed(file: &[u8], piece: u16) -> Result<KnownSet<Pdq>, SetError> {
    let mut stream = SetStream::new(TRUST.clone(), time(1_500_000), None);
    file.chunks(1 + usize::from(piece)).try_for_each(|piece| stream.push(piece))?;
    KnownSet::open(&[stream.finish()?], &TRUST, time(1_500_000), None)
}

/// A query near an entry finds what comparing with all entries finds, but for those that were taken out.
fn found(plan: &Plan, set: &KnownSet<Pdq>, entries: &[ImageHash<Pdq>]) {
    let Some(near) = entries.get(usize::from(plan.query) % entries.len().max(1)) else { return };
    let mut words: [u64; 4] = near.words().try_into().expect("four words");
    plan.flipped.iter().take(30).for_each(|bit| words[usize::from(bit / 64)] ^= 1 << (bit % 64));
    let query = of_words::<Pdq>(&words);
    let radius = Threshold::new(set.manifest().radius.bits());
    let mut expected: Vec<_> =
        entries.iter().map(|entry| entry.distance(&query)).filter(|&distance| radius.admits(distance)).collect();
    expected.sort_unstable();
    let mut found = Vec::new();
    set.search(&[query], Threshold::new(256), &mut found);
    let distances: Vec<_> = found.iter().map(|found| found.distance).collect();
    match set.manifest().revoked.len() {
        0 => assert_eq!(distances, expected),
        taken_out => assert!(distances.len() <= expected.len() && distances.len() + taken_out >= expected.len()),
    }
    let digests =
        plan.first.digests.iter().take(6).chain(plan.second.iter().flat_map(|content| content.digests.iter().take(6)));
    digests.for_each(|&digest| assert!(set.find_digest(&FileDigest::Md5(digest)).is_some()));
}
