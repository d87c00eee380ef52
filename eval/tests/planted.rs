//! Corpora of made-up hashes whose answers are known: what was planted comes back.

use presend_core::{ImageHash, LinearIndex, Pdq, Quality, Threshold};
use presend_eval::corpus::{Class, Corpus, Digest, File, Outcome, Sample};
use presend_eval::counts::{Among, Counts, CountsError, Entries, Plan, count, pictures};
use presend_eval::rates::{self, Choice, Role, Rule, View};
use rand_xoshiro::Xoshiro256PlusPlus;
use rand_xoshiro::rand_core::{Rng, SeedableRng};

type Hash = ImageHash<Pdq>;

/// Makes pictures up.
struct Maker {
    random: Xoshiro256PlusPlus,
    made: u64,
}

impl Maker {
    fn new(seed: u64) -> Self {
        Self { random: Xoshiro256PlusPlus::seed_from_u64(seed), made: 0 }
    }

    fn hash(&mut self) -> Hash {
        let mut bytes = [0; 32];
        self.random.fill_bytes(&mut bytes);
        Hash::from_bytes(&bytes).expect("32 bytes")
    }

    /// A hash at exactly this distance.
    fn near(&mut self, hash: &Hash, distance: usize) -> Hash {
        let mut bytes: Vec<u8> = hash.words().iter().rev().flat_map(|word| word.to_be_bytes()).collect();
        let mut left: Vec<usize> = (0..256).collect();
        for _ in 0..distance {
            let place = left.swap_remove((self.random.next_u64() % left.len() as u64) as usize);
            bytes[place / 8] ^= 1 << (place % 8);
        }
        Hash::from_bytes(&bytes).expect("32 bytes")
    }

    fn picture(&mut self, stratum: &str, hash: Hash, quality: u8) -> File<Pdq> {
        self.made += 1;
        let mut dihedral = [hash; 8];
        for turned in &mut dihedral[1..] {
            *turned = self.hash();
        }
        File {
            digest: Some(Digest::of(&self.made.to_le_bytes())),
            paths: vec![format!("{stratum}/{}.png", self.made)],
            bytes: 1,
            stratum: stratum.to_owned(),
            outcome: Outcome::Hashed(Sample {
                hash,
                dihedral,
                quality: Quality::new(quality).expect("at most 100"),
                width: 100,
                height: 100,
                frames: 1,
            }),
        }
    }

    fn strangers(&mut self, count: usize) -> Vec<File<Pdq>> {
        (0..count)
            .map(|_| {
                let hash = self.hash();
                self.picture("photo", hash, 100)
            })
            .collect()
    }
}

const PLAN: Plan = Plan { cap: 64, gate: Quality::DEFAULT_GATE, seed: 7, part: 1, parts: 1 };

fn corpus(files: Vec<File<Pdq>>) -> Corpus<Pdq> {
    Corpus::new(files, Threshold::new(31), false)
}

fn counted(corpus: &Corpus<Pdq>) -> Counts {
    count(corpus, &pictures(corpus), &Among::Corpus, &PLAN, || {})
}

fn judge(corpus: &mut Corpus<Pdq>, class: Class) {
    corpus.near.iter_mut().for_each(|near| near.class = Some(class));
}

#[test]
fn known_false_positives_are_counted_until_somebody_says_that_they_are_one_work() {
    let mut maker = Maker::new(1);
    let mut files = maker.strangers(400);
    for distance in [0, 4, 9, 16, 20, 27, 31] {
        let hash = maker.hash();
        let near = maker.near(&hash, distance);
        files.push(maker.picture("photo", hash, 100));
        files.push(maker.picture("photo", near, 100));
    }
    let mut corpus = corpus(files);
    let counts = counted(&corpus);
    let view = View::new(&counts, Rule::SCAN);
    let matches = |view: &View<'_>, threshold| rates::per_pair(view, threshold).expect("pairs").matches;
    assert_eq!((matches(&view, 31), matches(&view, 16), matches(&view, 3)), (7, 4, 1));
    assert_eq!(rates::per_pair(&view, 31).expect("pairs").pairs, 414 * 413 / 2);
    let distances: Vec<u16> = view.pairs().iter().map(|pair| pair.distance).collect();
    assert_eq!(distances, [0, 4, 9, 16, 20, 27, 31]);
    assert_eq!(counts.about.unadjudicated, 7);
    assert_eq!(rates::hubs(&view, 31).pictures.len(), 14);

    for (class, strict, lenient) in [(Class::Unrelated, 7, 7), (Class::Template, 7, 0), (Class::SameWork, 0, 0)] {
        judge(&mut corpus, class);
        let counts = counted(&corpus);
        assert_eq!(counts.about.unadjudicated, 0);
        let view = View::new(&counts, Rule::SCAN);
        assert_eq!(matches(&view, 31), strict, "{class:?}");
        assert_eq!(matches(&View::new(&counts, Rule { templates: false, ..Rule::SCAN }), 31), lenient, "{class:?}");
        assert_eq!(view.files(), 414);
        assert_eq!(view.units(), if class == Class::SameWork { 407 } else { 414 }, "{class:?}");
        let pairs: u64 = counts.distances.iter().sum();
        let of_one_work = if class == Class::SameWork { 7 } else { 0 };
        assert_eq!(pairs, 414 * 413 - 2 * of_one_work, "{class:?}");
    }
}

#[test]
fn an_exact_duplicate_under_two_names_is_one_picture() {
    let mut maker = Maker::new(2);
    let mut files = maker.strangers(50);
    let mut twin = files[3].clone();
    twin.paths = vec!["elsewhere/copy.png".into()];
    files.push(twin);
    let counts = counted(&corpus(files));
    assert_eq!((counts.about.files.hashed, counts.about.files.duplicates), (50, 1));
    let view = View::new(&counts, Rule::SCAN);
    assert_eq!((view.files(), view.units()), (50, 50));
    assert!(view.pairs().is_empty());
    assert!(counts.looked_up.iter().any(|picture| picture.names == "elsewhere/copy.png\nphoto/4.png"));
}

#[test]
fn a_template_family_is_a_hub() {
    let mut maker = Maker::new(3);
    let mut files = maker.strangers(300);
    let template = maker.hash();
    for _ in 0..12 {
        let card = maker.near(&template, 6);
        files.push(maker.picture("graphic", card, 90));
    }
    let mut corpus = corpus(files);
    judge(&mut corpus, Class::Template);
    let counts = counted(&corpus);
    let view = View::new(&counts, Rule::SCAN);
    let hubs = rates::hubs(&view, 31);
    assert_eq!((hubs.matches, hubs.pictures.len()), (66, 12));
    assert!(hubs.pictures.iter().all(|hub| hub.matches == 11 && hub.alone == 0));
    let pairs = rates::per_pair(&view, 31).expect("pairs");
    assert_eq!(pairs.matches, 66);
    assert!(pairs.design_effect.is_some_and(|effect| effect > 5.0), "{:?}", pairs.design_effect);
    assert!(View::new(&counts, Rule { templates: false, ..Rule::SCAN }).pairs().is_empty());
    let strata = rates::by_stratum(&view, 31, &"graphic=1".parse().expect("a mix")).expect("strata");
    assert_eq!(strata.rates["photo"].seen, 0);
    assert!(strata.rates["graphic"].seen > 0 && strata.total.rate == strata.rates["graphic"].rate);
    assert!(rates::by_stratum(&view, 31, &"screenshot=1".parse().expect("a mix")).is_err());
}

#[test]
fn a_flat_stratum_matches_only_without_the_gate() {
    let mut maker = Maker::new(4);
    let mut files = maker.strangers(200);
    let flat = maker.hash();
    for distance in 0..30 {
        let hash = maker.near(&flat, distance % 5);
        files.push(maker.picture("flat", hash, 12));
    }
    let counts = counted(&corpus(files));
    let gated = View::new(&counts, Rule::SCAN);
    assert_eq!((gated.files(), gated.pairs().len()), (200, 0));
    assert!(rates::by_stratum(&gated, 31, &rates::Mix::default()).expect("strata").rates.keys().eq(["photo"]));
    let open = View::new(&counts, Rule { gate: false, ..Rule::SCAN });
    assert_eq!((open.files(), open.pairs().len()), (230, 30 * 29 / 2));
    let flat = rates::per_image(&open, |_, stratum| stratum == "flat").at[31];
    assert_eq!(flat.seen, flat.of, "each flat picture matches another");
}

#[test]
fn turned_copies_are_found_only_by_who_turns() {
    let mut maker = Maker::new(5);
    let mut files = maker.strangers(40);
    let Outcome::Hashed(sample) = &files[0].outcome else { panic!("hashed") };
    let turned = maker.near(&sample.dihedral[3].clone(), 10);
    files.push(maker.picture("photo", turned, 100));
    let counts = counted(&corpus(files));
    let found = |rule| View::new(&counts, rule).pairs().len();
    assert_eq!(found(Rule::SCAN), 0);
    // The new picture's own orientations are made up, so it is found from one side only.
    let hits: usize = counts.looked_up.iter().map(|picture| picture.near.len()).sum();
    assert_eq!(hits, 1);
    assert!(found(Rule { dihedral: true, ..Rule::SCAN }) <= 1);
}

#[test]
fn parts_make_the_same_whole_as_one_run() {
    let mut maker = Maker::new(6);
    let mut files = maker.strangers(301);
    for distance in 0..20 {
        let hash = maker.hash();
        let near = maker.near(&hash, 2 * distance);
        files.push(maker.picture("photo", hash, 100));
        files.push(maker.picture("graphic", near, 60));
    }
    let corpus = corpus(files);
    let pictures = pictures(&corpus);
    let part = |part, parts| count(&corpus, &pictures, &Among::Corpus, &Plan { part, parts, ..PLAN }, || {});
    let folder = tempfile::tempdir().expect("a folder");
    let parts: Vec<Counts> = [3, 1, 4, 2]
        .into_iter()
        .map(|number| {
            let path = folder.path().join(format!("{number}.parquet"));
            part(number, 4).save(&path).expect("written");
            Counts::open(&path).expect("read")
        })
        .collect();
    assert!(parts.iter().all(|part| part.looked_up.len() > 80));
    let merged = Counts::merge(parts.clone()).expect("a whole");
    let whole = Counts::merge(vec![part(1, 1)]).expect("a whole");
    assert_eq!(merged.looked_up, whole.looked_up);
    assert_eq!(merged.distances, whole.distances);
    let of = |counts: &Counts| {
        let view = View::new(counts, Rule::SCAN);
        let curve = rates::per_image(&view, |_, _| true);
        (curve, rates::per_pair(&view, 31), rates::hubs(&view, 31))
    };
    assert_eq!(of(&merged), of(&whole));

    assert!(matches!(Counts::merge(parts[..3].to_vec()), Err(CountsError::Missing { missing: 2, parts: 4 })));
    let twice = vec![parts[0].clone(), parts[0].clone()];
    assert!(matches!(Counts::merge(twice), Err(CountsError::Twice(3))));
    let other = count(&corpus, &pictures, &Among::Corpus, &Plan { part: 2, parts: 4, seed: 8, ..PLAN }, || {});
    assert!(matches!(Counts::merge(vec![parts[0].clone(), other]), Err(CountsError::Differ("the seed"))));
    assert!(matches!(Counts::merge(Vec::new()), Err(CountsError::Empty)));
}

#[test]
fn a_target_is_kept_or_the_pictures_that_it_would_take_are_told() {
    let mut maker = Maker::new(8);
    let files = maker.strangers(600);
    let counts = counted(&corpus(files));
    let view = View::new(&counts, Rule::SCAN);
    let Some(Choice::TooFew { calibration, needed }) = rates::choose(&view, 1e-6) else { panic!("too few") };
    assert_eq!((calibration.seen, needed), (0, 2_995_731));
    let halves = [Role::Calibration, Role::HeldOut].map(|half| rates::per_image(&view, |role, _| role == half).files);
    assert!(halves.iter().all(|&files| (100..200).contains(&files)), "{halves:?}");
    let Some(Choice::Threshold { threshold, held_out, at_the_cap, .. }) = rates::choose(&view, 0.1) else {
        panic!("a threshold")
    };
    // Strangers of 256 random bits are never within 64 bits of one another.
    assert_eq!((threshold, held_out.seen, at_the_cap), (64, 0, true));
    assert!(rates::choose(&view, 0.0).is_none());
}

/// Draws corpora from a large population whose rate against a fixed set is known, and counts how often the interval
/// covers it.
fn coverage(clique: bool) -> f64 {
    const POPULATION: usize = 20_000;
    const DRAWN: usize = 300;
    const CORPORA: usize = 500;
    let mut maker = Maker::new(if clique { 9 } else { 10 });
    let set: Vec<Hash> = (0..50).map(|_| maker.hash()).collect();
    let hub = set[0];
    let population: Vec<(Hash, bool)> = (0..POPULATION)
        .map(|number| {
            if clique && number % 100 == 0 {
                (maker.near(&hub, 12), true)
            } else if number % 200 == 1 {
                let entry = set[number % set.len()];
                (maker.near(&entry, 30), true)
            } else {
                (maker.hash(), false)
            }
        })
        .collect();
    let truth = population.iter().filter(|(_, matches)| *matches).count() as f64 / POPULATION as f64;
    let index = LinearIndex::new(set.clone());
    let about = Entries::Set { name: "set".into(), identity: String::new(), entries: set.len() as u64, radius: None };
    let among = Among::Set { index: &index, about, hashes: &[] };
    let covered = (0..CORPORA).filter(|_| {
        let files = (0..DRAWN).map(|_| {
            let (hash, _) = population[(maker.random.next_u64() % POPULATION as u64) as usize];
            maker.picture("photo", hash, 100)
        });
        let corpus = Corpus { files: files.collect(), near: Vec::new(), within: Threshold::new(31) };
        let plan = Plan { cap: 31, ..PLAN };
        let counts = count(&corpus, &pictures(&corpus), &among, &plan, || {});
        let rate = rates::per_image(&View::new(&counts, Rule::SCAN), |_, _| true).at[31];
        (rate.low..=rate.high).contains(&truth)
    });
    covered.count() as f64 / CORPORA as f64
}

#[test]
fn the_interval_per_picture_covers_the_truth() {
    let covered = coverage(false);
    assert!(covered >= 0.93, "{covered}");
}

#[test]
fn the_interval_per_picture_covers_the_truth_with_a_hub_clique() {
    let covered = coverage(true);
    assert!(covered >= 0.93, "{covered}");
}
