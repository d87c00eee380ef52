//! What all that is published about one hash adds up to, computed from sealed bytes.

use super::seal::Sealer;
use super::segment::Header;
use crate::bch::{Code, Radius};
use crate::hash::{Dihedral, ImageHash};
use crate::simd::LANES;
use crate::{Algorithm, Pdq, Pdq512};

/// A linear equation about the 256 bits of a hash: which of them add up.
type Equation = [u64; 4];

/// Every bit that a segment under `salt` stores of a hash, as the equation it is, found by sealing the hash with the one bit
/// that `place` puts at each position.
fn equations<A: super::Sealable>(radius: Radius, salt: [u8; 32], place: impl Fn(usize) -> usize) -> Vec<Equation> {
    let header = Header::new::<A>(radius, salt);
    let mut sealer = Sealer::new(&header);
    let planes = Code::new(radius).planes();
    let mut equations = vec![[0; 4]; planes * 8];
    for position in 0..256 {
        let mut words = [0; 4];
        words[place(position) / 64] |= 1 << (place(position) % 64);
        let mut stored = vec![0; planes * LANES];
        sealer.block::<A>(0, &[(ImageHash::new(words), &[])], &mut stored, &mut [0; 4], &mut []);
        for (plane, bytes) in stored.chunks(LANES).enumerate() {
            for bit in 0..8 {
                equations[plane * 8 + bit][position / 64] |= u64::from(bytes[0] >> bit & 1) << (position % 64);
            }
        }
    }
    equations
}

/// How many of the equations are independent (Gauss).
fn rank(mut equations: Vec<Equation>) -> u32 {
    let mut rank = 0;
    for position in 0..256 {
        let holds = |equation: &Equation| equation[position / 64] >> (position % 64) & 1 == 1;
        let Some(pivot) = equations.iter().position(holds) else { continue };
        let pivot = equations.swap_remove(pivot);
        for equation in equations.iter_mut().filter(|equation| holds(equation)) {
            (0..4).for_each(|word| equation[word] ^= pivot[word]);
        }
        rank += 1;
    }
    rank
}

/// Where a turned picture's hash has the bit that the upright one has at a position. (Some turns also invert bits, which
/// changes the right-hand sides of equations and not the equations.)
fn turned(way: Dihedral) -> impl Fn(usize) -> usize {
    move |position| if way.swaps_sides() { position % 16 * 16 + position / 16 } else { position }
}

#[test]
fn sets_versions_segments_and_turned_variants_publish_no_more_than_one_set() {
    for radius in Radius::ALL {
        let published = Code::new(radius).published_bits;
        let once = equations::<Pdq>(radius, [1; 32], |position| position);
        assert_eq!(rank(once.clone()), published, "radius {radius}");
        let mut all = once;
        for salt in [[1; 32], [2; 32], [3; 32]] {
            for way in Dihedral::ALL {
                all.extend(equations::<Pdq>(radius, salt, turned(way)));
            }
            all.extend(equations::<Pdq512>(radius, salt, |position| position));
        }
        assert_eq!(rank(all), published, "radius {radius}, three sets, eight turns, both PDQs");
    }
}

#[test]
fn sets_of_several_radii_publish_no_more_than_the_largest() {
    let all = Radius::ALL.into_iter().flat_map(|radius| equations::<Pdq>(radius, [4; 32], |position| position));
    assert_eq!(rank(all.collect()), Code::new(Radius::MAX).published_bits);
}

#[test]
fn another_order_of_the_bits_would_give_the_hash_away() {
    // What the test above guards against: the same hash, its bits in another order.
    let mut equations = equations::<Pdq>(Radius::DEFAULT, [1; 32], |position| position);
    equations.extend(self::equations::<Pdq>(Radius::DEFAULT, [1; 32], |position| position ^ 0x5a));
    assert!(rank(equations) > 240);
}

#[test]
fn the_reference_turns_hashes_by_transposing_them() {
    let bytes: Vec<u8> = (0..90_u32 * 70).map(|i| (i * i / 91 % 251) as u8).collect();
    let view = crate::PixelView::new(&bytes, 90, 70, crate::PixelFormat::Grey8).expect("packed pixels");
    let (_, hashes) = Pdq.hash_dihedral(view, &mut crate::Scratch::default()).expect("large enough");
    let upright = hashes[Dihedral::Original];
    let transposed = hashes[Dihedral::FlipPlus1];
    for position in 0..256 {
        let bit = |hash: ImageHash<Pdq>, at: usize| hash.words()[at / 64] >> (at % 64) & 1;
        assert_eq!(bit(transposed, turned(Dihedral::FlipPlus1)(position)), bit(upright, position));
    }
}
