//! What a query looks up beside its own hash.
//!
//! Two kinds of guesses at what the hash was before an edit. *Views* undo what moved the whole picture ([`View`](crate::View)).
//! *Flips* undo what remains: the bits whose coefficients lie nearest to the median are the ones that edits flip, and
//! of the 24 nearest an edit that is not quite found has flipped nearly half. So a guess that flips one of them does
//! little; the best guesses flip eight or ten at once, as many ones as zeros (every untied hash has 128 of each), and
//! the table of guesses acts as a covering code over the least reliable bits. (Chase 1972 flips all combinations of a
//! few bits: with 64 lookups that finds less than 16 of these guesses do.)
//!
//! Both tables were learnt greedily from edited photographs, one lookup after the other, each the one that finds most
//! of what was not found yet; `docs/sealed-recall.md` has what they find in other photographs.

use presend_core::Margins;

use crate::luma::{self, Luma};
use crate::tables::{FLIPS, ORDER, VIEWS};

/// The most lookups there are.
pub const MAX_EFFORT: u8 = 6;

/// Guesses from the margins of a hash alone: at most `2^effort` masks to flip, the first of which flips nothing. Those
/// of a lower effort come first.
#[must_use]
pub fn guesses(margins: &Margins, effort: u8) -> Vec<[u64; 4]> {
    let order = Unreliable::of(margins);
    (0..lookups(effort).min(FLIPS.len())).map(|flip| order.mask(FLIPS[flip])).collect()
}

/// Hashes to look up for a picture of this luma: at most `2^effort`, the first of which is its own. Those of a lower
/// effort come first.
#[must_use]
pub fn queries(luma: &Luma, effort: u8) -> Vec<[u64; 4]> {
    let mut views: Vec<Option<([u64; 4], Unreliable)>> = (0..VIEWS.len()).map(|_| None).collect();
    let lookups = ORDER.iter().take(lookups(effort));
    lookups
        .map(|&(view, flip)| {
            let (hash, order) = views[usize::from(view)].get_or_insert_with(|| {
                let margins = luma::margins(&VIEWS[usize::from(view)].of(luma));
                (luma::bits(&margins), Unreliable::of(&margins))
            });
            let mask = order.mask(FLIPS[usize::from(flip)]);
            std::array::from_fn(|word| hash[word] ^ mask[word])
        })
        .collect()
}

fn lookups(effort: u8) -> usize {
    1 << effort.min(MAX_EFFORT)
}

/// The bits of a hash that are likeliest to flip, the least reliable first.
struct Unreliable {
    ones: [u8; 32],
    zeros: [u8; 32],
}

impl Unreliable {
    fn of(margins: &Margins) -> Self {
        let mut bits: [u8; 256] = std::array::from_fn(|k| k as u8);
        // Equal margins keep the order of the bits.
        bits.sort_by(|&a, &b| margins[usize::from(a)].abs().total_cmp(&margins[usize::from(b)].abs()));
        let nearest = |one: bool| {
            let mut chosen = bits.into_iter().filter(|&k| (margins[usize::from(k)] > 0.0) == one);
            // Hashes of pictures so flat that fewer than 32 bits are ones have the last one several times.
            let mut last = 0;
            std::array::from_fn(|_| {
                last = chosen.next().unwrap_or(last);
                last
            })
        };
        Self { ones: nearest(true), zeros: nearest(false) }
    }

    /// The bits that a flip names by their ranks among the ones and among the zeros.
    fn mask(&self, [ones, zeros]: [u32; 2]) -> [u64; 4] {
        let mut mask = [0; 4];
        for (ranks, bits) in [(ones, &self.ones), (zeros, &self.zeros)] {
            for (_, &bit) in bits.iter().enumerate().filter(|(rank, _)| ranks >> rank & 1 == 1) {
                mask[usize::from(bit / 64)] |= 1 << (bit % 64);
            }
        }
        mask
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;
    use crate::tests::picture;

    fn photograph() -> Luma {
        luma::luma(&picture(480, 360))
    }

    fn ones(words: [u64; 4]) -> u32 {
        words.iter().map(|word| word.count_ones()).sum()
    }

    #[test]
    fn the_first_lookup_is_the_hash_itself() {
        let margins = luma::margins(&photograph());
        assert_eq!(queries(&photograph(), 0), [luma::bits(&margins)]);
        assert_eq!(guesses(&margins, 0), [[0; 4]]);
    }

    #[test]
    fn lower_efforts_are_prefixes() {
        let (margins, luma) = (luma::margins(&photograph()), photograph());
        let (all, every) = (guesses(&margins, MAX_EFFORT), queries(&luma, MAX_EFFORT));
        assert_eq!((all.len(), every.len()), (64, 64));
        for effort in 0..MAX_EFFORT {
            assert_eq!(guesses(&margins, effort), all[..1 << effort]);
            assert_eq!(queries(&luma, effort), every[..1 << effort]);
        }
    }

    #[test]
    fn no_lookup_is_made_twice() {
        let margins = luma::margins(&photograph());
        assert_eq!(guesses(&margins, MAX_EFFORT).into_iter().collect::<HashSet<_>>().len(), 64);
        assert_eq!(queries(&photograph(), MAX_EFFORT).into_iter().collect::<HashSet<_>>().len(), 64);
        assert_eq!(ORDER.iter().collect::<HashSet<_>>().len(), ORDER.len());
    }

    #[test]
    fn guesses_flip_about_as_many_ones_as_zeros() {
        let margins = luma::margins(&photograph());
        let hash = luma::bits(&margins);
        for mask in guesses(&margins, MAX_EFFORT) {
            let of_ones = ones(std::array::from_fn(|word| mask[word] & hash[word]));
            assert!((2 * of_ones).abs_diff(ones(mask)) <= 3, "{of_ones} of {}", ones(mask));
        }
    }

    #[test]
    fn flipped_bits_are_among_the_least_reliable() {
        let margins = luma::margins(&photograph());
        let mut sizes = margins.map(f32::abs);
        sizes.sort_by(f32::total_cmp);
        for mask in guesses(&margins, MAX_EFFORT) {
            let flipped = |k: usize| mask[k / 64] >> (k % 64) & 1 == 1;
            // 32 of 128 on either side.
            assert!((0..256).filter(|&k| flipped(k)).all(|k| margins[k].abs() <= sizes[110]));
        }
    }

    #[test]
    fn a_cropped_picture_is_nearer_with_effort() {
        let original = picture(480, 360);
        let cropped = image::imageops::crop_imm(&original, 0, 0, 480, 351).to_image();
        let hash = luma::bits(&luma::margins(&luma::luma(&original)));
        let nearest = |effort| {
            let near = |query: [u64; 4]| ones(std::array::from_fn(|word| query[word] ^ hash[word]));
            queries(&luma::luma(&cropped), effort).into_iter().map(near).min().expect("at least one")
        };
        assert!(nearest(MAX_EFFORT) + 6 <= nearest(0), "{} from {}", nearest(MAX_EFFORT), nearest(0));
    }

    #[test]
    fn flat_pictures_are_no_exception() {
        assert_eq!(queries(&[[7.0; 64]; 64], MAX_EFFORT).len(), 64);
    }
}
