//! How long a search of a sealed set takes, on this machine.

use std::time::{Duration, Instant};

use presend_core::set::{KnownSet, SetFile, TagCost, Timestamp};
use presend_core::{Algorithm, ImageHash, Index, Pdq, Radius};
use presend_hashsets::publish::{self, Release};
use presend_hashsets::seal::{self, Cluster, Options};
use rand_xoshiro::Xoshiro256PlusPlus;
use rand_xoshiro::rand_core::{Rng, SeedableRng};

/// Entries of the set that is searched: enough that memory is read as in larger ones.
const ENTRIES: usize = 1 << 16;
/// Searches, of which the middle one counts.
const SEARCHES: usize = 15;

/// How long one lookup takes in a sealed set of a million made-up hashes, in milliseconds, on one thread: measured on
/// 65,536, the median of fifteen. `None` if such a set cannot be made.
#[must_use]
pub fn milliseconds_per_million(radius: Radius) -> Option<f64> {
    let mut random = Xoshiro256PlusPlus::seed_from_u64(radius.bits().into());
    let clusters: Vec<Cluster<Pdq>> =
        (0..ENTRIES).map(|_| Cluster { hashes: vec![hash(&mut random)], label: None }).collect();
    let mut options = Options::new([0; 32]);
    // The tags are looked at only for what is found.
    (options.radius, options.cost) = (radius, TagCost::new(8, 1)?);
    let sealed = seal::seal(&clusters, &[], &options).ok()?;
    let time = |seconds| Timestamp::from_seconds(seconds);
    let release = Release {
        name: "speed".into(),
        version: 1,
        created: time(1_000_000)?,
        expires: time(2_000_000)?,
        sources: Vec::new(),
    };
    let manifest = publish::first(release, &sealed).ok()?;
    let file = SetFile::write(&manifest.to_bytes(), &[Some(&sealed.bytes)]).ok()?;
    let set = KnownSet::<Pdq>::open_unsigned(&[SetFile::parse(file).ok()?]).ok()?;
    let mut found = Vec::new();
    let mut times: Vec<Duration> = (0..SEARCHES)
        .map(|_| {
            let query = hash(&mut random);
            let start = Instant::now();
            set.search(&[query], Pdq::DEFAULT_THRESHOLD, &mut found);
            start.elapsed()
        })
        .collect();
    times.sort_unstable();
    Some(times[SEARCHES / 2].as_secs_f64() * 1e3 * 1e6 / ENTRIES as f64)
}

fn hash(random: &mut Xoshiro256PlusPlus) -> ImageHash<Pdq> {
    let mut bytes = [0; 32];
    random.fill_bytes(&mut bytes);
    ImageHash::from_bytes(&bytes).expect("a hash has 32 bytes")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_search_takes_some_time_and_ends() {
        let milliseconds = milliseconds_per_million(Radius::DEFAULT).expect("a set");
        assert!(milliseconds > 0.0 && milliseconds.is_finite());
    }
}
