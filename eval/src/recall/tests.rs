use std::collections::BTreeMap;
use std::fs;
use std::ops::ControlFlow;
use std::sync::atomic::{AtomicUsize, Ordering};

use image::RgbImage;
use presend_core::set::{KnownSet, SetFile, TagCost, Timestamp};
use presend_core::{
    AHash, Algorithm as _, Effort, Orientations, Pdq, PixelFormat, PixelView, Policy, Quality, Radius, Scanner,
    Scratch, Threshold, Verdict,
};
use presend_hashsets::publish::{self, Release};
use presend_hashsets::seal::{self, Cluster, Options};

use super::*;
use crate::corpus::{Class, Corpus, Digest, File, Outcome, Sample};
use crate::edits::{Family, Subject, TRANSFORMS, Transform};
use crate::ops;
use crate::tests::picture;

/// A dozen pictures, as files of different sizes.
fn files() -> BTreeMap<String, Vec<u8>> {
    let file = |at: u32| {
        let turned = ops::hue(&picture(160 + 8 * at, 120 + 4 * at), f64::from(at) * 30.0);
        let picture = ops::blend(&turned, &ops::other(turned.width(), turned.height(), at.into()), 0.5);
        (format!("{at}.jpg"), ops::save(&picture, 95))
    };
    (0..12).map(file).collect()
}

fn view(picture: &RgbImage) -> PixelView<'_> {
    PixelView::new(picture, picture.width(), picture.height(), PixelFormat::Rgb8).expect("three bytes for each pixel")
}

fn corpus(files: &BTreeMap<String, Vec<u8>>) -> Corpus<Pdq> {
    let hashed = |(path, bytes): (&String, &Vec<u8>)| {
        let picture = ops::decode(bytes).expect("a picture");
        let (record, dihedral) = Pdq.hash_dihedral(view(&picture), &mut Scratch::default()).expect("large enough");
        let (width, height) = picture.dimensions();
        let dihedral = presend_core::Dihedral::ALL.map(|way| dihedral[way]);
        File {
            digest: Some(Digest::of(bytes)),
            paths: vec![path.clone()],
            bytes: bytes.len() as u64,
            stratum: "photo".into(),
            outcome: Outcome::Hashed(Sample {
                hash: record.hash,
                dihedral,
                quality: record.quality,
                width,
                height,
                frames: 1,
            }),
        }
    };
    Corpus::new(files.iter().map(hashed).collect(), Threshold::new(31), false)
}

fn measured(files: &BTreeMap<String, Vec<u8>>, chosen: &[Chosen<Pdq>], cache: Option<&Cache>) -> Measured {
    let open = |path: &str| files.get(path).cloned().ok_or_else(|| std::io::ErrorKind::NotFound.into());
    run(Pdq, chosen, Effort::new(2).expect("an effort"), cache, open, |_| ControlFlow::Continue(()))
        .expect("no cache fails")
}

fn identity() -> Identity {
    Identity::of::<Pdq>(Effort::new(2).expect("an effort"))
}

#[test]
fn the_verdicts_of_a_sealed_set_are_what_the_rows_say() {
    let files = files();
    let chosen = choose(&corpus(&files), 1, 12, Quality::DEFAULT_GATE);
    assert_eq!(chosen.len(), 12);
    let effort = Effort::new(3).expect("an effort");
    let scratch = &mut Scratch::default();
    let mut edits = Vec::new();
    for chosen in &chosen {
        let subject = Subject::new(ops::decode(&files[&chosen.path]).expect("a picture"), chosen.digest.as_bytes());
        for transform in TRANSFORMS.iter().step_by(5) {
            if let Edited::Hashed(distances) = measure(Pdq, &subject, &chosen.hash, transform, effort, scratch) {
                edits.push((transform.id, distances, transform.apply(&subject).expect("it was measured")));
            }
        }
    }
    for radius in [16, 20].map(|radius| Radius::new(radius).expect("a radius")) {
        let set = sealed(&chosen, radius);
        let scanner = |effort, orientations| {
            let set = KnownSet::<Pdq>::open_unsigned(std::slice::from_ref(&set)).expect("a set");
            let mut policy = Policy::of::<Pdq>();
            (policy.threshold, policy.effort, policy.orientations) =
                (Threshold::new(radius.bits()), effort, orientations);
            Scanner::new(Pdq, set, policy)
        };
        let scanners = [
            scanner(Effort::NONE, Orientations::Upright),
            scanner(effort, Orientations::Upright),
            scanner(Effort::NONE, Orientations::Dihedral),
        ];
        let (mut found, mut missed) = (0, 0);
        for (name, distances, edited) in &edits {
            let least = [Some(distances.upright), Some(distances.effort), distances.dihedral];
            for (scanner, least) in scanners.iter().zip(least) {
                let Some(least) = least else { continue };
                let expected = distances.quality >= Quality::DEFAULT_GATE && least <= radius.bits();
                let matched = matches!(scanner.scan_pixels(view(edited), scratch), Verdict::Match(_));
                assert_eq!(matched, expected, "{name}, radius {radius}: {distances:?}");
                if matched { found += 1 } else { missed += 1 }
            }
        }
        assert!(found > 300 && missed > 100, "{found} found, {missed} not");
    }
}

/// A sealed set of the pictures as they are.
fn sealed(chosen: &[Chosen<Pdq>], radius: Radius) -> SetFile {
    let clusters: Vec<_> = chosen.iter().map(|chosen| Cluster { hashes: vec![chosen.hash], label: None }).collect();
    let mut options = Options::new([4; 32]);
    (options.radius, options.cost) = (radius, TagCost::new(8, 1).expect("the least"));
    let sealed = seal::seal(&clusters, &[], &options).expect("hashes to seal");
    let time = |seconds| Timestamp::from_seconds(seconds).expect("a time");
    let (created, expires) = (time(1_000_000), time(2_000_000));
    let release = Release { name: "test".into(), version: 1, created, expires, sources: Vec::new() };
    let manifest = publish::first(release, &sealed).expect("a manifest");
    let file = SetFile::write(&manifest.to_bytes(), &[Some(&sealed.bytes)]).expect("a file");
    SetFile::parse(file).expect("a set file")
}

#[test]
fn rows_are_the_same_whatever_the_cache_knew() {
    let files: BTreeMap<_, _> = files().into_iter().take(3).collect();
    let chosen = choose(&corpus(&files), 1, 3, Quality::DEFAULT_GATE);
    let folder = tempfile::tempdir().expect("a folder");
    let without = measured(&files, &chosen, None);
    assert_eq!((without.rows.len(), without.cached, without.left.len()), (3 * TRANSFORMS.len(), 0, 0));
    assert!(without.rows.is_sorted());
    let cache = || Cache::open(folder.path(), identity()).expect("a folder");
    let first = measured(&files, &chosen[..1], Some(&cache()));
    assert_eq!((first.rows.len(), first.cached), (TRANSFORMS.len(), 0));
    let second = measured(&files, &chosen, Some(&cache()));
    assert_eq!((&second.rows, second.cached), (&without.rows, TRANSFORMS.len()));
    let none = BTreeMap::new();
    let third = measured(&none, &chosen, Some(&cache()));
    assert_eq!((&third.rows, third.cached), (&without.rows, 3 * TRANSFORMS.len()), "no file is opened");
    let parts = fs::read_dir(folder.path().join(cache_folder(folder.path()))).expect("a folder").count();
    assert_eq!(parts, 1, "small files are put into one");
}

fn cache_folder(caches: &std::path::Path) -> std::ffi::OsString {
    fs::read_dir(caches).expect("a folder").next().expect("an entry").expect("an entry").file_name()
}

#[test]
fn what_the_cache_cannot_read_is_named_and_measured_again() {
    let files: BTreeMap<_, _> = files().into_iter().take(1).collect();
    let chosen = choose(&corpus(&files), 1, 1, Quality::DEFAULT_GATE);
    let folder = tempfile::tempdir().expect("a folder");
    let cache = || Cache::open(folder.path(), identity()).expect("a folder");
    let rows = measured(&files, &chosen, Some(&cache())).rows;
    let within = folder.path().join(cache_folder(folder.path()));
    let part = fs::read_dir(&within).expect("a folder").next().expect("a part").expect("a part").path();
    let mut bytes = fs::read(&part).expect("a file");
    let middle = bytes.len() / 2;
    bytes[middle] ^= 0x55;
    fs::write(&part, bytes).expect("a file");
    fs::write(within.join("other.parquet"), b"not one").expect("a file");
    let broken = cache();
    assert_eq!(broken.ignored().len(), 2, "{:?}", broken.ignored());
    let again = measured(&files, &chosen, Some(&broken));
    assert_eq!((again.rows, again.cached), (rows, 0));
}

#[test]
fn pictures_that_are_gone_or_changed_are_left_and_the_rest_is_measured() {
    let mut files: BTreeMap<_, _> = files().into_iter().take(3).collect();
    let chosen = choose(&corpus(&files), 1, 3, Quality::DEFAULT_GATE);
    files.remove(&chosen[0].path);
    files.insert(chosen[2].path.clone(), b"something else".to_vec());
    let measured = measured(&files, &chosen, None);
    assert_eq!(measured.rows.len(), TRANSFORMS.len());
    let left: Vec<&str> = measured.left.iter().map(|left| left.path.as_str()).collect();
    assert_eq!(left, [&chosen[0].path, &chosen[2].path]);
    assert_eq!(measured.left[1].reason, "the file has changed");
}

#[test]
fn a_run_that_is_stopped_keeps_what_it_did() {
    let files: BTreeMap<_, _> = files().into_iter().take(4).collect();
    let chosen = choose(&corpus(&files), 1, 4, Quality::DEFAULT_GATE);
    let folder = tempfile::tempdir().expect("a folder");
    let effort = Effort::new(2).expect("an effort");
    let open = |path: &str| Ok(files[path].clone());
    let calls = AtomicUsize::new(0);
    let stop = |_| {
        calls.fetch_add(1, Ordering::Relaxed);
        ControlFlow::Break(())
    };
    let cache = || Cache::open(folder.path(), identity()).expect("a folder");
    let stopped = run(Pdq, &chosen, effort, Some(&cache()), open, stop);
    assert!(matches!(stopped, Err(RunError::Stopped)), "{stopped:?}");
    let again = measured(&files, &chosen, Some(&cache()));
    assert!(again.cached >= TRANSFORMS.len() && again.rows.len() == 4 * TRANSFORMS.len());
}

#[test]
fn every_algorithm_is_measured() {
    let picture = picture(200, 150);
    let original = AHash.hash(view(&picture), &mut Scratch::default()).expect("large enough").hash;
    let subject = Subject::new(picture, &[1; 32]);
    let of = |id: &str| {
        let transform = Transform::named(id).expect("a name");
        measure(AHash, &subject, &original, transform, Effort::MAX, &mut Scratch::default())
    };
    let Edited::Hashed(mirrored) = of("flip-y") else { panic!("a mirrored picture is hashed") };
    assert!(mirrored.upright > 10 && mirrored.dihedral == Some(0), "{mirrored:?}");
    let Edited::Hashed(saved) = of("jpeg-q75") else { panic!("a saved picture is hashed") };
    assert!(saved.upright <= 2 && saved.effort == saved.upright && saved.dihedral.is_none(), "{saved:?}");
    assert_eq!(of("downscale-4096"), Edited::NotApplicable);
}

#[test]
fn pictures_are_chosen_by_seed_and_digest_one_of_each_cluster() {
    let files = files();
    let mut corpus = corpus(&files);
    let of = |corpus: &Corpus<Pdq>, seed, count| -> Vec<String> {
        choose(corpus, seed, count, Quality::DEFAULT_GATE).into_iter().map(|chosen| chosen.path).collect()
    };
    let (five, all) = (of(&corpus, 1, 5), of(&corpus, 1, 50));
    assert_eq!((five.len(), all.len()), (5, 12));
    assert!(five.iter().all(|path| all.contains(path)) && five != of(&corpus, 2, 5));
    let fewer: BTreeMap<_, _> =
        files.iter().filter(|(path, _)| **path != five[0]).map(|(p, b)| (p.clone(), b.clone())).collect();
    let without = of(&self::corpus(&fewer), 1, 5);
    assert_eq!(five.iter().filter(|path| without.contains(path)).count(), 4, "one is displaced");
    assert_eq!(choose(&corpus, 1, 50, Quality::new(100).expect("at most 100")).len(), {
        corpus.hashed().filter(|(.., sample)| sample.quality.value() == 100).count()
    });
    corpus.near = vec![crate::corpus::Near { a: 0, b: 1, distance: 0, class: Some(Class::SameWork) }];
    assert_eq!(of(&corpus, 1, 50).len(), 11);
}

fn row(picture: u8, transform: &'static str, distance: u16, quality: u8) -> Row {
    let quality = Quality::new(quality).expect("at most 100");
    let distances = Distances {
        upright: distance,
        dihedral: transform.starts_with("flip").then_some(distance / 2),
        effort: distance - distance / 4,
        quality,
    };
    Row { digest: Digest::new([picture; 32]), transform, edited: Edited::Hashed(distances) }
}

fn counted(rows: &[Row]) -> Vec<Line> {
    let thresholds = [16, 31].map(Threshold::new).to_vec();
    let radii = vec![Radius::new(16).expect("a radius")];
    summary(rows, &Report { thresholds, gate: Quality::DEFAULT_GATE, radii, plain: Threshold::new(31) })
}

#[test]
fn lines_count_what_was_planted() {
    let gone = |picture: u8, edited| Row { digest: Digest::new([picture; 32]), transform: "jpeg-q10", edited };
    let rows = [
        row(1, "jpeg-q10", 0, 100),
        row(2, "jpeg-q10", 16, 100),
        row(3, "jpeg-q10", 18, 50),
        row(4, "jpeg-q10", 31, 60),
        row(5, "jpeg-q10", 32, 60),
        row(6, "jpeg-q10", 2, 49),
        gone(7, Edited::TooSmall),
        gone(8, Edited::NotApplicable),
    ];
    let lines = counted(&rows);
    assert_eq!(lines.len(), 3, "the transformation, its family, all");
    let line = &lines[0];
    assert_eq!(line.subset, Subset::Transform("jpeg-q10"));
    assert_eq!((line.n, line.pictures, line.not_applicable, line.below_gate), (7, 7, 1, 2));
    assert_eq!(line.upright.iter().map(|at| at.found).collect::<Vec<_>>(), [2, 4]);
    assert_eq!(line.dihedral, [], "these were not turned");
    assert_eq!((line.median, line.p95), (Some(16), Some(32)));
    let [plainly, hard] = line.relative[..] else { panic!("without effort and with it") };
    assert_eq!((plainly.both, plainly.only_plain, plainly.only_sealed, plainly.effort), (2, 2, 0, false));
    // 18 - 4 is within 16.
    assert_eq!((hard.both, hard.only_plain, hard.only_sealed, hard.ratio()), (3, 1, 0, Some(0.75)));
    let interval = line.upright[1].interval.expect("seven pictures");
    assert!((interval.low - 0.1841).abs() < 1e-4 && (interval.high - 0.9010).abs() < 1e-4, "{interval:?}");
}

#[test]
fn what_was_mirrored_is_counted_in_eight_orientations_too() {
    let lines = counted(&[row(1, "flip-y", 120, 90), row(2, "flip-y", 40, 90), row(3, "flip-y", 20, 40)]);
    for line in &lines {
        assert_eq!(line.upright.iter().map(|at| at.found).collect::<Vec<_>>(), [0, 0]);
        assert_eq!(line.dihedral.iter().map(|at| at.found).collect::<Vec<_>>(), [0, 1]);
    }
}

#[test]
fn what_does_not_apply_to_any_picture_has_a_line_without_a_share() {
    let lines = counted(&[Row { digest: Digest::new([1; 32]), transform: "half", edited: Edited::NotApplicable }]);
    assert_eq!((lines[0].n, lines[0].not_applicable, lines[0].median), (0, 1, None));
    assert_eq!((lines[0].upright[0].found, lines[0].upright[0].interval), (0, None));
    assert_eq!(lines[0].relative[0].ratio(), None);
}

#[test]
fn a_family_of_equal_transformations_knows_no_more_than_one_of_them() {
    let jpegs = || TRANSFORMS.iter().filter(|transform| transform.family == Family::Jpeg);
    let rows: Vec<Row> = (0..40)
        .flat_map(|picture| jpegs().map(move |jpeg| row(picture, jpeg.id, if picture < 30 { 0 } else { 90 }, 90)))
        .collect();
    let lines = counted(&rows);
    let (one, family) = (&lines[0].upright[0], &lines[lines.len() - 2].upright[0]);
    assert_eq!((one.found, family.found), (30, 30 * jpegs().count() as u64));
    let width = |at: &At| at.interval.map(|interval| interval.high - interval.low).expect("an interval");
    assert!((width(family) / width(one) - 1.0).abs() < 0.1, "{family:?} {one:?}");
    // All found: as sure as forty pictures make it.
    let rows: Vec<Row> =
        rows.into_iter().map(|row| self::row(row.digest.as_bytes()[0], row.transform, 0, 90)).collect();
    let lines = counted(&rows);
    let (one, family) = (&lines[0].upright[0], &lines[lines.len() - 2].upright[0]);
    assert!((width(family) / width(one) - 1.0).abs() < 0.05, "{family:?} {one:?}");
}

#[test]
fn rows_of_shards_are_those_of_one_run_and_others_are_refused() {
    let files: BTreeMap<_, _> = files().into_iter().take(3).collect();
    let chosen = choose(&corpus(&files), 1, 3, Quality::DEFAULT_GATE);
    let whole = measured(&files, &chosen, None).rows;
    let folder = tempfile::tempdir().expect("a folder");
    let path = |name: &str| folder.path().join(name);
    rows::write(&path("a"), &measured(&files, &chosen[2..], None).rows, &identity()).expect("a file");
    rows::write(&path("b"), &measured(&files, &chosen[..2], None).rows, &identity()).expect("a file");
    let read = |name: &str| rows::read(&path(name), &identity()).expect("a file");
    assert_eq!(rows::merge(vec![read("a"), read("b"), read("a")]), whole);
    let other = Identity::of::<Pdq>(Effort::MAX);
    let error = rows::read(&path("a"), &other).expect_err("another effort").to_string();
    assert!(error.contains("effort 6, found recall 1, transforms 1, pdq, effort 2"), "{error}");
}
