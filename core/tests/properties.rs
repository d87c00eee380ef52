//! What every algorithm's hashes have in common: a metric, and a text.

use presend_core::{Algorithm, ImageHash};
use proptest::prelude::*;

fn hash<A: Algorithm>() -> impl Strategy<Value = ImageHash<A>> {
    proptest::collection::vec(any::<u8>(), ImageHash::<A>::BITS / 8)
        .prop_map(|bytes| ImageHash::from_bytes(&bytes).expect("as many bytes as a hash has"))
}

macro_rules! properties {
    ($($algorithm:ident),*) => {$(
        #[allow(non_snake_case, reason = "the algorithm names its tests")]
        mod $algorithm {
            use presend_core::$algorithm as A;

            use super::*;

            proptest! {
                #[test]
                fn distance_is_a_metric(a in hash::<A>(), b in hash::<A>(), c in hash::<A>()) {
                    prop_assert_eq!(a.distance(&a).bits(), 0);
                    prop_assert_eq!(a.distance(&b), b.distance(&a));
                    prop_assert_eq!(a.distance(&b).bits() == 0, a == b);
                    prop_assert!(a.distance(&c).bits() <= a.distance(&b).bits() + b.distance(&c).bits());
                    prop_assert!(usize::from(a.distance(&b).bits()) <= ImageHash::<A>::BITS);
                }

                #[test]
                fn flipping_bits_moves_a_hash_by_as_many(a in hash::<A>(), flips in 0..64_u16) {
                    let text = a.to_string();
                    let mut digits: Vec<u32> = text.chars().map(|c| c.to_digit(16).expect("hexadecimal")).collect();
                    let last = digits.len() - 1;
                    (0..flips).for_each(|bit| digits[last - usize::from(bit / 4)] ^= 1 << (bit % 4));
                    let flipped: String = digits.iter().map(|&d| char::from_digit(d, 16).expect("a digit")).collect();
                    let flipped: ImageHash<A> = flipped.parse().expect("a hash");
                    prop_assert_eq!(a.distance(&flipped).bits(), flips);
                }

                #[test]
                fn text_leads_back_to_the_hash(a in hash::<A>(), b in hash::<A>()) {
                    let text = a.to_string();
                    prop_assert_eq!(text.len(), ImageHash::<A>::BITS / 4);
                    prop_assert_eq!(text.parse(), Ok(a));
                    prop_assert_eq!(text.to_uppercase().parse(), Ok(a));
                    prop_assert_eq!(a.cmp(&b), text.cmp(&b.to_string()));
                }
            }
        }
    )*};
}

properties!(Pdq, Pdq512);

#[cfg(feature = "classic")]
properties!(AHash, DHash, PHash, BlockHash);
