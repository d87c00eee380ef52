//! What a query looks up beside its own hash.
//!
//! Two kinds of guesses at what the hash was before an edit. *Views* undo what moved the whole picture ([`View`](super::views::View)).
//! *Flips* undo what remains: the bits whose coefficients lie nearest to the median are the ones that edits flip, and
//! of the 24 nearest an edit that is not quite found has flipped nearly half. So a guess that flips one of them does
//! little; the best guesses flip eight or ten at once, as many ones as zeros (every untied hash has 128 of each), and
//! the table of guesses acts as a covering code over the least reliable bits. (Chase 1972 flips all combinations of a
//! few bits: with 64 lookups that finds less than 8 of these guesses do.)
//!
//! Both tables were learnt greedily from edited photographs, one lookup after the other, each the one that finds most
//! of what was not found yet; `docs/sealed-recall.md` has what they find in other photographs.

use super::Words;
use super::dct;
use super::jarosz::Luma64;
use super::learnt::{FLIPS, ORDER, VIEWS};
use crate::hash::Effort;
use crate::simd::Backend;

/// Hashes to look up for a picture of this luma, the first of which is its own. Those of a lower effort come first.
pub(super) fn of(luma: &Luma64, effort: Effort, backend: Backend) -> Vec<Words> {
    let mut views: [Option<(Words, Unreliable)>; VIEWS.len()] = [const { None }; VIEWS.len()];
    let lookups = ORDER.iter().take(effort.lookups());
    lookups
        .map(|&(view, flip)| {
            let (hash, order) = views[usize::from(view)].get_or_insert_with(|| {
                let coefficients = dct::transform(&VIEWS[usize::from(view)].of(luma), backend);
                (dct::bits(&coefficients), Unreliable::of(&dct::margins(&coefficients)))
            });
            let mask = order.mask(FLIPS[usize::from(flip)]);
            std::array::from_fn(|word| hash[word] ^ mask[word])
        })
        .collect()
}

/// The bits of a hash that are likeliest to flip, the least reliable first.
struct Unreliable {
    ones: [u8; 32],
    zeros: [u8; 32],
}

impl Unreliable {
    fn of(margins: &[f32; 256]) -> Self {
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
    fn mask(&self, [ones, zeros]: [u32; 2]) -> Words {
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
    use std::collections::BTreeSet;

    use super::*;
    use crate::hash::pdq::downsample;
    use crate::hash::pdq::views::View;
    use crate::{PixelFormat, PixelView, Scratch};

    /// The luma of a patchwork, of which so many of 300 rows are shown.
    fn luma(rows: usize) -> Luma64 {
        let at = |x: usize, y: usize| ((x / 23 * 7_919 + y / 17 * 104_729) % 251) as u8;
        let bytes: Vec<u8> = (0..400 * rows).map(|i| at(i % 400, i / 400)).collect();
        let view = PixelView::new(&bytes, 400, rows as u32, PixelFormat::Grey8).expect("packed pixels");
        downsample(view, &mut Scratch::default().pdq)
    }

    fn ones(words: Words) -> u32 {
        words.iter().map(|word| word.count_ones()).sum()
    }

    #[test]
    fn the_first_lookup_is_the_hash_itself() {
        let own = dct::bits(&dct::transform(&luma(300), Backend::PORTABLE));
        assert_eq!(of(&luma(300), Effort::NONE, Backend::PORTABLE), [own]);
        assert_eq!((ORDER[0], VIEWS[0], FLIPS[0]), ((0, 0), View::Plain, [0, 0]));
    }

    #[test]
    fn lower_efforts_are_prefixes_and_no_lookup_is_made_twice() {
        let all = of(&luma(300), Effort::MAX, Backend::PORTABLE);
        assert_eq!(all.len(), Effort::MAX.lookups());
        assert_eq!(all.iter().collect::<BTreeSet<_>>().len(), all.len());
        for steps in 0..Effort::MAX.steps() {
            let effort = Effort::new(steps).expect("below the most");
            assert_eq!(of(&luma(300), effort, Backend::PORTABLE), all[..effort.lookups()]);
        }
    }

    #[test]
    fn flips_change_about_as_many_ones_as_zeros_among_the_least_reliable_bits() {
        let coefficients = dct::transform(&luma(300), Backend::PORTABLE);
        let (hash, margins) = (dct::bits(&coefficients), dct::margins(&coefficients));
        let mut sizes = margins.map(f32::abs);
        sizes.sort_by(f32::total_cmp);
        let order = Unreliable::of(&margins);
        for flip in FLIPS {
            let mask = order.mask(flip);
            let of_ones = ones(std::array::from_fn(|word| mask[word] & hash[word]));
            assert!((2 * of_ones).abs_diff(ones(mask)) <= 3, "{of_ones} of {}", ones(mask));
            let flipped = |k: usize| mask[k / 64] >> (k % 64) & 1 == 1;
            // 32 of 128 on either side.
            assert!((0..256).filter(|&k| flipped(k)).all(|k| margins[k].abs() <= sizes[110]));
        }
    }

    #[test]
    fn a_cropped_picture_is_nearer_with_effort() {
        let original = dct::bits(&dct::transform(&luma(300), Backend::PORTABLE));
        let nearest = |effort| {
            let near = |query: Words| ones(std::array::from_fn(|word| query[word] ^ original[word]));
            of(&luma(291), effort, Backend::PORTABLE).into_iter().map(near).min().expect("at least one")
        };
        let (most, none) = (nearest(Effort::MAX), nearest(Effort::NONE));
        assert!(most + 6 <= none, "{most} from {none}");
    }

    #[test]
    fn flat_pictures_are_no_exception() {
        assert_eq!(of(&[[7.0; 64]; 64], Effort::MAX, Backend::PORTABLE).len(), 64);
    }
}
