//! The field GF(2^8) of the sealed set's code: bytes, added by XOR, multiplied modulo `x^8 + x^4 + x^3 + x + 1`.
//!
//! This is the field of AES (FIPS 197, 4.2), so that processors with GFNI multiply in it. Its smallest generator is 3.

/// The generator whose powers number the positions of a hash.
const GENERATOR: u8 = 3;

/// Non-zero elements, and so the order of the generator.
pub(crate) const ORDER: usize = 255;

struct Tables {
    /// `exp[i]` is the `i`-th power of the generator; written twice, so that the sum of two logarithms needs no
    /// reduction.
    exp: [u8; 2 * ORDER],
    /// The inverse of `exp`, for all but zero.
    log: [u8; 256],
}

static TABLES: Tables = tables();

const fn tables() -> Tables {
    let mut tables = Tables { exp: [0; 2 * ORDER], log: [0; 256] };
    let mut power = 1;
    let mut i = 0;
    while i < ORDER {
        tables.exp[i] = power;
        tables.exp[i + ORDER] = power;
        tables.log[power as usize] = i as u8;
        power = mul_by_shifting(power, GENERATOR);
        i += 1;
    }
    tables
}

/// The product, by its definition.
pub(crate) const fn mul_by_shifting(mut a: u8, mut b: u8) -> u8 {
    let mut product = 0;
    while b != 0 {
        if b & 1 != 0 {
            product ^= a;
        }
        let carry = a & 0x80 != 0;
        a <<= 1;
        if carry {
            a ^= 0x1b; // x^8 = x^4 + x^3 + x + 1
        }
        b >>= 1;
    }
    product
}

/// The product.
pub(crate) fn mul(a: u8, b: u8) -> u8 {
    if a == 0 || b == 0 {
        return 0;
    }
    TABLES.exp[usize::from(TABLES.log[usize::from(a)]) + usize::from(TABLES.log[usize::from(b)])]
}

/// The inverse; that of zero is zero.
pub(crate) fn inv(a: u8) -> u8 {
    if a == 0 { 0 } else { TABLES.exp[ORDER - usize::from(TABLES.log[usize::from(a)])] }
}

/// The square, squared again until it was done `times` times.
pub(crate) fn square(a: u8, times: usize) -> u8 {
    (0..times).fold(a, |a, _| mul(a, a))
}

/// A power of the generator.
pub(crate) const fn exp(power: usize) -> u8 {
    TABLES.exp[power % ORDER]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tables_multiply_as_the_definition_does() {
        for a in 0..=255 {
            for b in 0..=255 {
                assert_eq!(mul(a, b), mul_by_shifting(a, b));
            }
            assert_eq!(square(a, 3), mul_by_shifting(square(a, 2), square(a, 2)));
            assert_eq!(mul(a, inv(a)), u8::from(a != 0));
        }
        // FIPS 197, 4.2: {57} · {83} = {c1}.
        assert_eq!(mul(0x57, 0x83), 0xc1);
    }

    #[test]
    fn the_generator_reaches_every_element() {
        let mut powers: Vec<u8> = (0..ORDER).map(exp).collect();
        powers.sort_unstable();
        assert!(powers.into_iter().eq(1..=255));
    }
}
