//! From imports to one collection, and what is done with it.

mod import_common;

use std::collections::BTreeSet;
use std::num::NonZeroUsize;

use import_common::{digest, read, read_as, sample, short};
use presend_core::{ImageHash, Pdq, Quality, Threshold};
use presend_hashsets::import::{Import, Shape};
use presend_hashsets::ops::{
    Collection, Keep, Listed, Source, clusters, deduplicate, diff, merge, min_quality, require_sources, write_csv,
    write_threatexchange,
};
use proptest::prelude::*;

fn source(name: &str) -> Source {
    name.parse().expect("a name")
}

fn list(text: &str) -> Import<Pdq> {
    read_as(Shape::List, text).expect("memory does not fail")
}

/// A collection of lists, each `(source, text)`.
fn collection(lists: &[(&str, &str)]) -> Collection<Pdq> {
    merge(lists.iter().map(|(name, text)| (source(name), list(text))).collect())
}

/// `hash quality "label" sources`.
fn lines(collection: &Collection<Pdq>) -> Vec<String> {
    let line = |entry: &Listed<Pdq>| {
        let quality = entry.quality.map_or("-".to_owned(), |quality| quality.to_string());
        let label = entry.label.as_ref().map_or("-".to_owned(), |label| format!("{label:?}"));
        let sources: Vec<&str> = collection.sources_of(&entry.sources).map(Source::name).collect();
        format!("{} {quality} {label} {}", short(&entry.hash.to_string()), sources.join("+"))
    };
    collection.entries().iter().map(line).collect()
}

fn hashes(collection: &Collection<Pdq>) -> Vec<String> {
    collection.entries().iter().map(|entry| short(&entry.hash.to_string())).collect()
}

fn digests(collection: &Collection<Pdq>) -> Vec<String> {
    let sources = |ids| collection.sources_of(ids).map(Source::name).collect::<Vec<_>>().join("+");
    collection
        .digests()
        .iter()
        .map(|listed| format!("{} {}", digest(&listed.digest), sources(&listed.sources)))
        .collect()
}

/// A hash of zeros but for its last hexadecimal digits.
fn near_zero(digits: &str) -> String {
    format!("{digits:0>64}")
}

fn pdq(byte: &str) -> String {
    byte.repeat(32)
}

#[test]
fn equal_hashes_become_one_entry_of_all_their_sources() {
    let (a, b, md5) = (pdq("11"), pdq("22"), "33".repeat(16));
    let merged = collection(&[
        ("Alpha", &format!("{b},60,\n{a},40,first\nmd5 {md5}\n")),
        ("Beta", &format!("{a},90,second\n{a},10,third\nmd5 {md5} digest\n")),
        ("alpha ", &format!("{b},,named later\n")),
    ]);
    assert_eq!(lines(&merged), ["11 90 \"first\" Alpha+Beta", "22 60 \"named later\" Alpha"]);
    assert_eq!(digests(&merged), ["md5 33 Alpha+Beta"]);
    assert_eq!(merged.digests()[0].label.as_deref(), Some("digest"));
    assert_eq!(merged.sources(), [source("ALPHA"), source("beta")]);
}

#[test]
fn sources_need_a_name() {
    assert_eq!(" \t".parse::<Source>().unwrap_err().to_string(), "a source needs a name");
    assert_eq!(source("  Tech  Against Terrorism ").name(), "Tech Against Terrorism");
}

#[test]
fn a_withdrawal_ends_what_the_same_source_listed_before_and_nothing_else() {
    let stopncii = |status: &str| {
        let record = format!(
            "{{\"hashRecords\": [{{\"signalType\": \"ImagePDQ\", \"hashValue\": \"{}\", \"hashStatus\": \"{status}\"}}]}}",
            pdq("11")
        );
        read(record).unwrap()
    };
    let (active, withdrawn) = (|| stopncii("Active"), || stopncii("Withdrawn"));
    let other = || list(&format!("pdq {}\n", pdq("11")));
    let merged = |imports: Vec<(&str, Import<Pdq>)>| {
        lines(&merge(imports.into_iter().map(|(name, import)| (source(name), import)).collect()))
    };
    assert_eq!(merged(vec![("S", active()), ("T", other()), ("S", withdrawn())]), ["11 - - T"]);
    assert_eq!(merged(vec![("S", active()), ("T", withdrawn())]), ["11 - - S"]);
    assert_eq!(merged(vec![("S", withdrawn()), ("S", active())]), ["11 - - S"]);
    assert_eq!(merged(vec![("S", active()), ("S", withdrawn()), ("S", active())]), ["11 - - S"]);
    // A list without ids is withdrawn by hash too.
    assert_eq!(merged(vec![("S", other()), ("S", withdrawn())]), [""; 0]);
}

#[test]
fn a_withdrawal_with_an_id_ends_that_record_only() {
    let tat = |id: u32, deleted: bool| {
        let record = format!(
            "{{\"results\": [{{\"hash_digest\": \"{}\", \"algorithm\": \"PDQ\", \"deleted\": {deleted}, \"id\": {id}}}]}}",
            pdq("11")
        );
        (source("TAT"), read(record).unwrap())
    };
    assert_eq!(hashes(&merge(vec![tat(1, false), tat(2, false), tat(1, true)])), ["11"]);
    assert_eq!(hashes(&merge(vec![tat(1, false), tat(2, false), tat(1, true), tat(2, true)])), [""; 0]);
    // What has no id is known by its hash.
    let plain = (source("TAT"), list(&format!("pdq {}\n", pdq("11"))));
    assert_eq!(hashes(&merge(vec![plain, tat(1, true)])), [""; 0]);
}

#[test]
fn a_record_with_the_same_id_replaces_what_its_source_said_before() {
    let image = |member: u32, fingerprints: &str| {
        let text = format!(
            "<queryResult><images><image><member id=\"{member}\"/><id>a</id>\
             <fingerprints>{fingerprints}</fingerprints></image></images></queryResult>"
        );
        (source("NCMEC"), read(text).unwrap())
    };
    let (first, second) = (format!("<pdq>{}</pdq>", pdq("11")), format!("<pdq>{}</pdq>", pdq("22")));
    let md5 = format!("<md5>{}</md5>", "33".repeat(16));
    assert_eq!(hashes(&merge(vec![image(1, &first), image(1, &second)])), ["22"]);
    assert_eq!(hashes(&merge(vec![image(1, &first), image(2, &second)])), ["11", "22"]);
    let merged = merge(vec![image(1, &(first.clone() + &md5)), image(1, &md5)]);
    assert_eq!((hashes(&merged), digests(&merged)), (vec![], vec!["md5 33 NCMEC".to_owned()]));
}

#[test]
fn differences_are_told() {
    let [a, b, c, d] = ["11", "22", "33", "44"].map(pdq);
    let md5 = |byte: &str| byte.repeat(16);
    let old = collection(&[
        ("One", &format!("{a},50,\n{b},50,\n{c},50,\nmd5 {}\nmd5 {}\n", md5("aa"), md5("bb"))),
        ("Two", &format!("{c},,\n")),
    ]);
    let new = collection(&[
        ("Two", &format!("{c},,\nmd5 {}\n", md5("bb"))),
        ("ONE", &format!("{b},60,\n{c},50,\n{d},50,\nmd5 {}\n", md5("cc"))),
    ]);
    let changes = diff(&old, &new);
    let names =
        |entries: &[&Listed<Pdq>]| entries.iter().map(|entry| short(&entry.hash.to_string())).collect::<Vec<_>>();
    assert_eq!((names(&changes.added), names(&changes.removed)), (vec!["44".to_owned()], vec!["11".to_owned()]));
    let changed: Vec<_> = changes.changed.iter().map(|(old, new)| (old.quality, new.quality)).collect();
    // The sources of the third are the same, in another order.
    assert_eq!(changed, [(Quality::new(50), Quality::new(60))]);
    let of = |listed: &presend_hashsets::ops::ListedDigest| digest(&listed.digest);
    assert_eq!(changes.digests_added.iter().map(|listed| of(listed)).collect::<Vec<_>>(), ["md5 cc"]);
    assert_eq!(changes.digests_removed.iter().map(|listed| of(listed)).collect::<Vec<_>>(), ["md5 aa"]);
    assert_eq!(changes.digests_changed.iter().map(|(listed, _)| of(listed)).collect::<Vec<_>>(), ["md5 bb"]);
    assert!(!changes.is_empty() && diff(&old, &old).is_empty() && diff(&new, &new).is_empty());
}

#[test]
fn clusters_are_made_of_distance_and_of_keys() {
    let md5 = "33".repeat(16);
    let [a, b, c, far, keyed] = ["0", "f", "ff", "ffffff0000", "ffffffffffffffffffff"].map(near_zero);
    let table =
        format!("algorithm,hash,cluster\npdq,{a},\npdq,{b},\npdq,{c},\npdq,{far},picture\npdq,{keyed},picture\n");
    let of = |collection: &Collection<Pdq>, radius: u16| {
        let clusters = clusters(collection, Threshold::new(radius));
        (0..collection.entries().len()).map(|entry| clusters.of_entry(entry)).collect::<Vec<_>>()
    };
    let one = collection(&[("S", &table)]);
    assert_eq!(of(&one, 3), [0, 1, 2, 3, 3]);
    assert_eq!(of(&one, 4), [0, 0, 0, 3 - 2, 1]);
    // Another source's key of the same name is another key.
    let two = collection(&[("S", &table.replace(&keyed, &near_zero("1ffffffffffffffffffff"))), ("T", &table)]);
    let last = of(&two, 0);
    assert_eq!(last, [0, 1, 2, 3, 3, 3]);
    let apart = collection(&[
        ("S", &format!("hash,cluster\n{a},picture\n")),
        ("T", &format!("hash,cluster\n{keyed},picture\n")),
    ]);
    assert_eq!(of(&apart, 31), [0, 1]);
    assert_eq!(clusters(&apart, Threshold::new(31)).count(), 2);

    let xml = format!(
        "<queryResult><images><image><member id=\"1\"/><id>a</id><fingerprints><pdq>{a}</pdq><md5>{md5}</md5>\
         </fingerprints></image></images></queryResult>"
    );
    let alone = list(&format!("md5 {}\n", "44".repeat(16)));
    let digests = merge(vec![(source("N"), read(xml).unwrap()), (source("L"), alone)]);
    let clusters = clusters(&digests, Threshold::new(0));
    assert_eq!((clusters.of_entry(0), clusters.of_digest(0), clusters.of_digest(1), clusters.count()), (0, 0, 1, 2));
}

#[test]
fn one_entry_of_a_cluster_is_kept_with_the_sources_of_all() {
    let [a, b, c] = ["0", "f", "ff"].map(near_zero);
    let far = pdq("ee");
    let lists = [
        ("One", format!("{a},80,\n{far},10,far\n")),
        ("Two", format!("{b},70,middle\n")),
        ("Three", format!("{c},80,end\n")),
    ];
    let lists: Vec<(&str, &str)> = lists.iter().map(|(name, text)| (*name, text.as_str())).collect();
    let all = || collection(&lists);
    let kept = |keep| {
        let kept = deduplicate(all(), Threshold::new(4), keep);
        let hashes = kept.entries().iter().map(|entry| entry.hash.to_string()).collect::<Vec<_>>();
        (hashes, kept.entries()[0].label.clone(), kept.entries()[0].sources.len())
    };
    // Of the two of quality 80 both are as far from the others: the first hash wins.
    assert_eq!(kept(Keep::BestQuality), (vec![a.clone(), far.clone()], Some("middle".to_owned()), 3));
    assert_eq!(kept(Keep::Medoid), (vec![b.clone(), far.clone()], Some("middle".to_owned()), 3));
    assert_eq!(kept(Keep::All), (vec![a, b, c, far], None, 1));
}

#[test]
fn entries_need_as_many_sources_as_are_asked_for() {
    let [a, b, c, lone] = ["0", "f", "ff", "ffffffffffffffff"].map(near_zero);
    let md5 = "33".repeat(16);
    let lists = [
        ("One", format!("{a},,\n{lone},,\nmd5 {md5}\n")),
        ("two", format!("{b},,\n")),
        ("Two", format!("{c},,\nmd5 {md5}\n")),
        (" one", format!("{lone},,again\nmd5 {}\n", "44".repeat(16))),
    ];
    let lists: Vec<(&str, &str)> = lists.iter().map(|(name, text)| (*name, text.as_str())).collect();
    let required = |count: usize, distance: u16| {
        let count = NonZeroUsize::new(count).unwrap();
        require_sources(collection(&lists), count, Threshold::new(distance))
    };
    let names = |collection: Collection<Pdq>| {
        collection.entries().iter().map(|entry| entry.hash.to_string()).collect::<Vec<_>>()
    };
    assert_eq!(names(required(1, 0)), [a.clone(), b.clone(), c.clone(), lone]);
    // One and Two are near each other at `a` and `b`. `c` is near `b` only, which Two lists as well.
    assert_eq!(names(required(2, 4)), [a.clone(), b.clone()]);
    assert_eq!(names(required(2, 8)), [a, b, c]);
    assert_eq!(names(required(3, 31)), [""; 0]);
    assert_eq!(digests(&required(2, 0)), ["md5 33 One+two"]);
}

#[test]
fn more_sources_than_a_word_has_bits_are_counted() {
    let lists: Vec<(String, String)> = (0..70).map(|n| (format!("S{n}"), format!("{},,\n", pdq("11")))).collect();
    let lists: Vec<(&str, &str)> = lists.iter().map(|(name, text)| (name.as_str(), text.as_str())).collect();
    let required = |count| require_sources(collection(&lists), NonZeroUsize::new(count).unwrap(), Threshold::new(0));
    assert_eq!((hashes(&required(70)), hashes(&required(71))), (vec!["11".to_owned()], vec![]));
    assert_eq!(hashes(&require_sources(merge(vec![]), NonZeroUsize::MIN, Threshold::new(31))), [""; 0]);
}

#[test]
fn known_qualities_below_the_gate_go() {
    let [a, b, c] = ["11", "22", "33"].map(pdq);
    let all = collection(&[("S", &format!("{a},49,\n{b},50,\n{c}\nmd5 {}\n", "44".repeat(16)))]);
    let good = min_quality(all, Quality::DEFAULT_GATE);
    assert_eq!((hashes(&good), good.digests().len()), (vec!["22".to_owned(), "33".to_owned()], 1));
}

#[test]
fn what_is_written_reads_back() {
    let odd = format!("algorithm,hash,quality,label\npdq,{},7,\"#1, \"\"é\"\" = x\"\n", pdq("01"));
    let names = ["ncmec.xml", "hma_bank.json", "threat_updates.json", "cpp_details.txt"];
    let mut imports: Vec<_> = names.into_iter().map(|name| (source(name), read(sample(name)).unwrap())).collect();
    imports.push((source("odd, \"name\""), list(&odd)));
    let all = merge(imports);

    let mut table = Vec::new();
    write_csv(&all, &mut table).unwrap();
    let read_back = list(std::str::from_utf8(&table).unwrap());
    assert_eq!((read_back.faulty, read_back.unnamed, read_back.skipped.len()), (0, 0, 0));
    let again = merge(vec![(source("X"), read_back)]);
    let changes = diff(&all, &again);
    assert_eq!((changes.added.len(), changes.removed.len()), (0, 0));
    assert_eq!((changes.digests_added.len(), changes.digests_removed.len()), (0, 0));
    assert_eq!((all.entries().len(), all.digests().len()), (9, 4));
    for (old, new) in all.entries().iter().zip(again.entries()) {
        let label = old.label.as_ref().map(|label| label.replace('\n', " "));
        assert_eq!((old.quality, &label), (new.quality, &new.label));
    }
    let text = String::from_utf8(table).unwrap();
    assert_eq!(text.lines().next(), Some("algorithm,hash,quality,label,source"));
    let first = format!("pdq,{},7,\"#1, \"\"é\"\" = x\",\"odd, \"\"name\"\"\"", pdq("01"));
    assert_eq!(text.lines().nth(1), Some(first.as_str()));
    let md5 = format!("md5,{},,A1,ncmec.xml; hma_bank.json; threat_updates.json", "21".repeat(16));
    assert!(text.lines().any(|line| line == md5), "{text}");

    let mut typed = Vec::new();
    write_threatexchange(&all, &mut typed).unwrap();
    let again = list(std::str::from_utf8(&typed).unwrap());
    assert_eq!((again.faulty, again.unnamed), (0, 0));
    assert_eq!(hashes(&merge(vec![(source("X"), again)])), hashes(&all));
}

/// Few bytes, so that hashes meet.
fn some_lists() -> impl Strategy<Value = Vec<(u8, Vec<[u8; 3]>)>> {
    proptest::collection::vec((0..4_u8, proptest::collection::vec(any::<[u8; 3]>(), 0..12)), 0..6)
}

fn of_bytes(lists: &[(u8, Vec<[u8; 3]>)]) -> Collection<Pdq> {
    let text = |bytes: &[[u8; 3]]| {
        let line = |[a, b, quality]: &[u8; 3]| format!("{a:02x}{:0>62x},{},\n", b & 0x1f, quality % 101);
        bytes.iter().map(line).collect::<String>()
    };
    merge(lists.iter().map(|(name, bytes)| (source(&name.to_string()), list(&text(bytes)))).collect())
}

proptest! {
    #[test]
    fn merging_is_a_union(lists in some_lists()) {
        let merged = of_bytes(&lists);
        let expected: BTreeSet<(u8, u8)> =
            lists.iter().flat_map(|(_, bytes)| bytes.iter().map(|[a, b, _]| (*a, b & 0x1f))).collect();
        prop_assert_eq!(merged.entries().len(), expected.len());
        prop_assert!(merged.entries().is_sorted_by(|a, b| a.hash < b.hash));
        for entry in merged.entries() {
            let listing = |bytes: &Vec<[u8; 3]>| bytes.iter().any(|[a, b, _]| {
                format!("{a:02x}{:0>62x}", b & 0x1f) == entry.hash.to_string()
            });
            let by: BTreeSet<String> = lists.iter().filter(|(_, bytes)| listing(bytes)).map(|(name, _)| name.to_string()).collect();
            let sources: BTreeSet<String> = merged.sources_of(&entry.sources).map(|source| source.name().to_owned()).collect();
            prop_assert_eq!(sources, by);
        }
    }

    #[test]
    fn endorsement_is_what_counting_by_hand_gives(lists in some_lists(), count in 1..4_usize, distance in 0..12_u16) {
        let all = of_bytes(&lists);
        let distance = Threshold::new(distance);
        let vouched = |hash: &ImageHash<Pdq>| {
            let near = all.entries().iter().filter(|other| distance.admits(other.hash.distance(hash)));
            near.flat_map(|other| other.sources.iter().copied()).collect::<BTreeSet<_>>().len() >= count
        };
        let expected: Vec<ImageHash<Pdq>> = all.entries().iter().map(|entry| entry.hash).filter(vouched).collect();
        let kept = require_sources(all.clone(), NonZeroUsize::new(count).unwrap(), distance);
        prop_assert_eq!(kept.entries().iter().map(|entry| entry.hash).collect::<Vec<_>>(), expected);
    }

    #[test]
    fn what_is_kept_is_the_medoid_of_its_component(lists in some_lists(), radius in 0..6_u16) {
        let all = of_bytes(&lists);
        let radius = Threshold::new(radius);
        let hashes: Vec<ImageHash<Pdq>> = all.entries().iter().map(|entry| entry.hash).collect();
        // Components by following neighbours from each entry that has none yet.
        let mut component: Vec<Option<usize>> = vec![None; hashes.len()];
        let mut medoids = Vec::new();
        for start in 0..hashes.len() {
            if component[start].is_some() {
                continue;
            }
            let mut members = vec![start];
            component[start] = Some(medoids.len());
            let mut at = 0;
            while at < members.len() {
                for next in 0..hashes.len() {
                    if component[next].is_none() && radius.admits(hashes[members[at]].distance(&hashes[next])) {
                        component[next] = Some(medoids.len());
                        members.push(next);
                    }
                }
                at += 1;
            }
            let sum = |&a: &usize| members.iter().map(|&b| u32::from(hashes[a].distance(&hashes[b]).bits())).sum::<u32>();
            medoids.push(members.iter().copied().min_by_key(|a| (sum(a), hashes[*a])).unwrap());
        }
        let found = clusters(&all, radius);
        prop_assert_eq!(found.count(), medoids.len());
        let numbers: Vec<Option<usize>> = (0..hashes.len()).map(|entry| Some(found.of_entry(entry))).collect();
        prop_assert_eq!(numbers, component);
        let kept = deduplicate(all, radius, Keep::Medoid);
        let mut expected: Vec<ImageHash<Pdq>> = medoids.into_iter().map(|medoid| hashes[medoid]).collect();
        expected.sort();
        prop_assert_eq!(kept.entries().iter().map(|entry| entry.hash).collect::<Vec<_>>(), expected);
    }
}
