//! The field GF(2^8) in words of lanes: one word for each bit of an element, so that a word of 256 bits multiplies 256
//! elements at once with nothing but AND and XOR.
//!
//! For that the field is built as a **tower**: GF(4) over bits, GF(16) over GF(4), GF(256) over GF(16), each from pairs
//! `a₀ + a₁z` with `z² = νz + 1` (Satoh, Morioka, Takano, Munetoh 2001 build AES's inversion so). The constant term 1
//! makes multiplication by a fixed `c` the symmetric matrix `[c₀ c₁; c₁ c₀+νc₁]`, which takes three products and no
//! constants on the side of the other factor:
//!
//! ```text
//! r₀ = (c₀ + c₁)·a₀ + c₁·(a₀ + a₁)        r₁ = (c₀ + (ν+1)c₁)·a₁ + c₁·(a₀ + a₁)
//! ```
//!
//! So a factor that multiplies many elements is [prepared](Factor256) once, 27 words, and each product is 27 ANDs. The
//! constants are `ν = 1`, `w` and `w + wz`; of those that make a field they give the cheapest way from bytes.

/// A vector of bits, 8 lanes for each of its bytes.
pub(super) trait Word: Copy {
    /// That the processor has the instructions. Words are made with it only, so whoever has a word may use them.
    type Proof: Copy;

    /// Bytes of a word.
    const BYTES: usize;

    /// Whether `x ^ (y & z)` is one instruction.
    const FUSED: bool;

    /// The same 64 bits all over.
    fn splat(proof: Self::Proof, bits: u64) -> Self;

    /// From the first bytes of a slice.
    fn load(proof: Self::Proof, bytes: &[u8]) -> Self;

    /// Into the first words of a slice, least significant byte first.
    fn store(self, words: &mut [u64]);

    fn xor(self, other: Self) -> Self;
    fn and(self, other: Self) -> Self;
    fn or(self, other: Self) -> Self;

    /// This where the mask is 0, and other where it is 1.
    #[inline(always)]
    fn select(self, other: Self, mask: Self) -> Self {
        self.xor(mask.and(self.xor(other)))
    }

    /// The bit that at least two of three have.
    #[inline(always)]
    fn majority(self, a: Self, b: Self) -> Self {
        self.select(b, self.xor(a))
    }

    /// The sum of three bits without what carries.
    #[inline(always)]
    fn xor3(self, a: Self, b: Self) -> Self {
        self.xor(a).xor(b)
    }

    /// `self ^ (a & b)`.
    #[inline(always)]
    fn xor_and(self, a: Self, b: Self) -> Self {
        self.xor(a.and(b))
    }

    /// Bits moved up within 64 bits.
    fn up<const BITS: i32>(self) -> Self;

    /// Bits moved down within 64 bits.
    fn down<const BITS: i32>(self) -> Self;
}

type Gf4<W> = [W; 2];
type Gf16<W> = [W; 4];
pub(super) type Gf256<W> = [W; 8];

/// What is multiplied by, prepared: for the lower half, the upper half and their sum.
pub(super) type Factor256<W> = [Factor16<W>; 3];
type Factor16<W> = [Factor4<W>; 3];
type Factor4<W> = [W; 3];

/// Eight words of bytes, one byte a lane, to the tower: bit `k` of byte `j` of each word is the lane that was byte `j` of
/// word `k`.
#[cfg_attr(target_arch = "wasm32", inline(never))]
#[cfg_attr(not(target_arch = "wasm32"), inline(always))]
pub(super) fn from_bytes<W: Word>(proof: W::Proof, mut words: [W; 8]) -> Gf256<W> {
    // Transposes each square of 8 bits by 8 words (Warren, Hacker's Delight, 7-3).
    for k in [0, 2, 4, 6] {
        swap_bits::<W, 1>(&mut words, k, k + 1, W::splat(proof, 0x5555_5555_5555_5555));
    }
    for k in [0, 1, 4, 5] {
        swap_bits::<W, 2>(&mut words, k, k + 2, W::splat(proof, 0x3333_3333_3333_3333));
    }
    for k in [0, 1, 2, 3] {
        swap_bits::<W, 4>(&mut words, k, k + 4, W::splat(proof, 0x0f0f_0f0f_0f0f_0f0f));
    }
    to_tower(words)
}

#[inline(always)]
fn swap_bits<W: Word, const BITS: i32>(words: &mut [W; 8], low: usize, high: usize, mask: W) {
    let swapped = words[low].down::<BITS>().xor(words[high]).and(mask);
    words[high] = words[high].xor(swapped);
    words[low] = words[low].xor(swapped.up::<BITS>());
}

/// The bits of a byte modulo `x^8 + x^4 + x^3 + x + 1`, in the basis of the tower: `x` is 204 there.
#[inline(always)]
pub(super) fn to_tower<W: Word>([b0, b1, b2, b3, b4, b5, b6, b7]: [W; 8]) -> Gf256<W> {
    let b45 = b4.xor(b5);
    let b456 = b45.xor(b6);
    let b17 = b1.xor(b7);
    [b0.xor(b45), b456.xor(b7), b3.xor(b17), b1.xor(b6), b456, b2.xor(b3), b1.xor(b456), b5.xor(b17)]
}

#[inline(always)]
pub(super) fn add<W: Word, const N: usize>(a: [W; N], b: [W; N]) -> [W; N] {
    let mut sum = a;
    for i in 0..N {
        sum[i] = a[i].xor(b[i]);
    }
    sum
}

/// `a` where the mask is 0, and `b` where it is 1.
#[inline(always)]
pub(super) fn select<W: Word>(a: Gf256<W>, b: Gf256<W>, mask: W) -> Gf256<W> {
    let mut chosen = a;
    for i in 0..8 {
        chosen[i] = a[i].select(b[i], mask);
    }
    chosen
}

/// Where an element is not zero.
#[inline(always)]
pub(super) fn nonzero<W: Word>(a: Gf256<W>) -> W {
    a[0].or(a[1]).or(a[2].or(a[3])).or(a[4].or(a[5]).or(a[6].or(a[7])))
}

#[inline(always)]
fn halves4<W: Word>([a, b, c, d]: Gf16<W>) -> (Gf4<W>, Gf4<W>) {
    ([a, b], [c, d])
}

#[inline(always)]
fn halves16<W: Word>([a, b, c, d, e, f, g, h]: Gf256<W>) -> (Gf16<W>, Gf16<W>) {
    ([a, b, c, d], [e, f, g, h])
}

#[inline(always)]
fn join4<W: Word>([a, b]: Gf4<W>, [c, d]: Gf4<W>) -> Gf16<W> {
    [a, b, c, d]
}

#[inline(always)]
fn join16<W: Word>([a, b, c, d]: Gf16<W>, [e, f, g, h]: Gf16<W>) -> Gf256<W> {
    [a, b, c, d, e, f, g, h]
}

/// By `w`, the constant of GF(16).
#[inline(always)]
fn times_w<W: Word>([a0, a1]: Gf4<W>) -> Gf4<W> {
    [a1, a0.xor(a1)]
}

/// By `w + 1`.
#[inline(always)]
fn times_w_plus_1<W: Word>([a0, a1]: Gf4<W>) -> Gf4<W> {
    [a0.xor(a1), a0]
}

/// By `m = w + wz`, the constant of GF(256).
#[inline(always)]
fn times_m<W: Word>([a0, a1, a2, a3]: Gf16<W>) -> Gf16<W> {
    let a13 = a1.xor(a3);
    let a013 = a0.xor(a13);
    [a13, a013.xor(a2), a1.xor(a2), a013]
}

/// By `m + 1`.
#[inline(always)]
fn times_m_plus_1<W: Word>([a0, a1, a2, a3]: Gf16<W>) -> Gf16<W> {
    let a01 = a0.xor(a1);
    [a01.xor(a3), a0.xor(a2.xor(a3)), a1, a01]
}

#[inline(always)]
fn factor4<W: Word>([c0, c1]: Gf4<W>) -> Factor4<W> {
    [c0.xor(c1), c0, c1]
}

#[inline(always)]
fn factor16<W: Word>(c: Gf16<W>) -> Factor16<W> {
    let (c0, c1) = halves4(c);
    [factor4(add(c0, c1)), factor4(add(c0, times_w_plus_1(c1))), factor4(c1)]
}

/// Prepares an element for multiplying.
#[inline(always)]
pub(super) fn factor<W: Word>(c: Gf256<W>) -> Factor256<W> {
    let (c0, c1) = halves16(c);
    [factor16(add(c0, c1)), factor16(add(c0, times_m_plus_1(c1))), factor16(c1)]
}

/// `sum + a[0]·c[0] + a[1]·c[1] + …`
#[inline(always)]
pub(super) fn dot<W: Word, const K: usize>(sum: Option<Gf256<W>>, a: [Gf256<W>; K], c: [&Factor256<W>; K]) -> Gf256<W> {
    let [a0, a1, both] = split(a, halves16);
    let shared = dot16(None, both, part(c, 2));
    let (sum0, sum1) = sum.map_or((shared, shared), |sum| {
        let (sum0, sum1) = halves16(sum);
        (add(sum0, shared), add(sum1, shared))
    });
    join16(dot16(Some(sum0), a0, part(c, 0)), dot16(Some(sum1), a1, part(c, 1)))
}

#[inline(always)]
fn dot16<W: Word, const K: usize>(sum: Option<Gf16<W>>, a: [Gf16<W>; K], c: [&Factor16<W>; K]) -> Gf16<W> {
    let [a0, a1, both] = split(a, halves4);
    let shared = dot4(None, both, part(c, 2));
    let (sum0, sum1) = sum.map_or((shared, shared), |sum| {
        let (sum0, sum1) = halves4(sum);
        (add(sum0, shared), add(sum1, shared))
    });
    join4(dot4(Some(sum0), a0, part(c, 0)), dot4(Some(sum1), a1, part(c, 1)))
}

#[inline(always)]
fn dot4<W: Word, const K: usize>(sum: Option<Gf4<W>>, a: [Gf4<W>; K], c: [&Factor4<W>; K]) -> Gf4<W> {
    if W::FUSED {
        // Four products each rather than three, but every addition is part of one.
        let (mut sum0, mut sum1) = sum.map_or((None, None), |[sum0, sum1]| (Some(sum0), Some(sum1)));
        for k in 0..K {
            let [both, c0, c1] = *c[k];
            sum0 = plus_product(plus_product(sum0, a[k][0], c0), a[k][1], c1);
            sum1 = plus_product(plus_product(sum1, a[k][0], c1), a[k][1], both);
        }
        [sum0.expect("at least one product"), sum1.expect("at least one product")]
    } else {
        let (mut p0, mut p1, mut shared) = (None, None, None);
        for k in 0..K {
            let [both, c0, c1] = *c[k];
            p0 = plus_product(p0, a[k][0], both);
            p1 = plus_product(p1, a[k][1], c0);
            shared = plus_product(shared, a[k][0].xor(a[k][1]), c1);
        }
        let products = [p0.expect("at least one product"), p1.expect("at least one product")];
        let shared = [shared.expect("at least one product"); 2];
        add(products, sum.map_or(shared, |sum| add(sum, shared)))
    }
}

#[inline(always)]
fn plus_product<W: Word>(sum: Option<W>, a: W, b: W) -> Option<W> {
    Some(sum.map_or(a.and(b), |sum| sum.xor_and(a, b)))
}

/// Lower halves, upper halves and their sums.
#[inline(always)]
fn split<W: Word, const K: usize, const N: usize, const HALF: usize>(
    a: [[W; N]; K],
    halves: impl Fn([W; N]) -> ([W; HALF], [W; HALF]),
) -> [[[W; HALF]; K]; 3] {
    let mut parts = [[halves(a[0]).0; K]; 3];
    for k in 0..K {
        let (low, high) = halves(a[k]);
        (parts[0][k], parts[1][k], parts[2][k]) = (low, high, add(low, high));
    }
    parts
}

#[inline(always)]
fn part<T, const K: usize>(c: [&[T; 3]; K], number: usize) -> [&T; K] {
    c.map(|c| &c[number])
}

/// The product with a prepared element.
#[inline(always)]
pub(super) fn mul<W: Word>(a: Gf256<W>, c: &Factor256<W>) -> Gf256<W> {
    dot(None, [a], [c])
}

#[inline(always)]
fn square4<W: Word>([a0, a1]: Gf4<W>) -> Gf4<W> {
    [a0.xor(a1), a1]
}

#[inline(always)]
fn square16<W: Word>(a: Gf16<W>) -> Gf16<W> {
    let (a0, a1) = halves4(a);
    join4(square4(add(a0, a1)), times_w(square4(a1)))
}

#[inline(always)]
pub(super) fn square<W: Word>(a: Gf256<W>) -> Gf256<W> {
    let (a0, a1) = halves16(a);
    join16(square16(add(a0, a1)), times_m(square16(a1)))
}

/// The inverse, or zero of zero: the conjugate `(a₀ + νa₁) + a₁z` over the norm `(a₀ + a₁)² + νa₀a₁`.
#[cfg_attr(target_arch = "wasm32", inline(never))]
#[cfg_attr(not(target_arch = "wasm32"), inline(always))]
pub(super) fn inv<W: Word>(a: Gf256<W>) -> Gf256<W> {
    let (a0, a1) = halves16(a);
    let norm = add(square16(add(a0, a1)), times_m(dot16(None, [a0], [&factor16(a1)])));
    let inverse = factor16(inv16(norm));
    join16(dot16(None, [add(a0, times_m(a1))], [&inverse]), dot16(None, [a1], [&inverse]))
}

#[inline(always)]
fn inv16<W: Word>(a: Gf16<W>) -> Gf16<W> {
    let (a0, a1) = halves4(a);
    let norm = add(square4(add(a0, a1)), times_w(dot4(None, [a0], [&factor4(a1)])));
    // In GF(4) the inverse is the square.
    let inverse = factor4(square4(norm));
    join4(dot4(None, [add(a0, times_w(a1))], [&inverse]), dot4(None, [a1], [&inverse]))
}
