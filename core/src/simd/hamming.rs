//! Which plain hashes are near a query, judged by their most significant bits: the prefix.
//!
//! **Planes.** Entries come in blocks of [`BLOCK`], and a block is stored bit by bit: plane `p` is bit `p` of all its
//! entries. So a word of 512 bits holds a bit of 512 entries, and their distances are counted side by side, in binary
//! numbers that lie across words: a full adder takes two planes and the lowest digit, leaves the digit and carries on; 16
//! planes take 15 adders (Harley and Seal's tree; Muła, Kurz, Lemire 2018). That is about two operations of AVX-512, five
//! of others, for a plane of as many entries as a word has bits, with no population count and no comparison but one, of
//! the digits with those of the threshold, at the end.
//!
//! **No XOR.** What is counted is where planes differ from the query. Its bits are the same for a whole plane, so its
//! zeros' planes are added first, as they are; then the digits are complemented, and the planes of its ones added, again
//! as they are: an adder whose inputs are all complemented gives the complement of both its outputs.

use super::tower::Word;

/// Entries of a block.
pub(crate) const BLOCK: usize = 512;
/// Bytes of a plane of a block.
pub(crate) const PLANE: usize = BLOCK / 8;
/// Planes that can be counted: the distance has [`DIGITS`] binary digits.
pub(crate) const MAX_PLANES: usize = 128;
const DIGITS: usize = 8;
/// Planes that a tree of adders takes at once.
const GROUP: usize = 16;

/// A query, as it is compared with planes.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Probe {
    /// Where the planes lie in a block: those of the query's zeros, then those of its ones.
    places: [u16; MAX_PLANES],
    /// How many of its bits are zeros.
    zeros: usize,
    planes: usize,
}

impl Probe {
    /// No query yet.
    pub(crate) const EMPTY: Self = Self { places: [0; MAX_PLANES], zeros: 0, planes: 0 };

    /// Of the last so many bits of a query, given least significant first.
    pub(crate) fn new(words: &[u64], planes: usize) -> Self {
        let mut probe = Self { planes, ..Self::EMPTY };
        let first = words.len() * 64 - planes;
        let bit = |plane: usize| words[(first + plane) / 64] >> ((first + plane) % 64) & 1;
        probe.zeros = planes - (0..planes).map(|plane| bit(plane) as usize).sum::<usize>();
        let mut next = [0, probe.zeros];
        for plane in 0..planes {
            let next = &mut next[bit(plane) as usize];
            probe.places[*next] = (plane * PLANE) as u16;
            *next += 1;
        }
        probe
    }
}

/// What is asked of every block.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Question<'a> {
    /// Whole blocks.
    pub(crate) blocks: &'a [u8],
    /// How many entries they hold; what pads the last one is not asked.
    pub(crate) entries: usize,
    /// Planes of a block, a multiple of 16.
    pub(crate) planes: usize,
    pub(crate) probes: &'a [Probe],
    /// The largest distance that is near.
    pub(crate) threshold: u16,
}

impl Question<'_> {
    /// That every place of every probe is within a block.
    fn check(&self) {
        assert!(self.planes.is_multiple_of(GROUP) && (GROUP..=MAX_PLANES).contains(&self.planes), "groups are whole");
        assert!(self.blocks.len().is_multiple_of(self.planes * PLANE), "blocks are whole");
        assert!(self.probes.iter().all(|probe| probe.planes == self.planes), "probes are of these planes");
    }
}

/// [`scan`] of a kind of words, compiled for processors with some features, of which it takes the words' proof.
macro_rules! near {
    ($visible:vis $name:ident: $word:ty, $proof:ty $(, $features:literal)?) => {
        $visible fn $name(proof: $proof, question: &Question<'_>, each: &mut dyn FnMut(Near)) {
            $(#[target_feature(enable = $features)])?
            fn scan(proof: $proof, question: &Question<'_>, each: &mut dyn FnMut(Near)) {
                super::hamming::scan::<$word>(proof, question, each);
            }
            near!(@call scan(proof, question, each) $($features)?)
        }
    };
    (@call $function:ident($($argument:ident),+)) => {
        $function($($argument),+)
    };
    (@call $function:ident($($argument:ident),+) $features:literal) => {
        // SAFETY: the proof is of these features, and proofs are made only where they are detected.
        unsafe { $function($($argument),+) }
    };
}

/// An entry whose prefix is near that of a query.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Near {
    /// Counted from the first of the blocks.
    pub(crate) entry: usize,
    /// Counted from the first of the probes.
    pub(crate) query: usize,
    /// In how many bits of the prefix they differ.
    pub(crate) distance: u16,
}

/// Hands every near pair to `each`: block by block, in each query by query.
///
/// # Panics
/// If the bytes are not whole blocks, a block does not have whole groups of planes, or a probe has others.
#[inline(always)]
pub(super) fn scan<W: Word>(proof: W::Proof, question: &Question<'_>, each: &mut dyn FnMut(Near)) {
    question.check();
    let threshold = question.threshold.min((1 << DIGITS) - 1);
    let threshold: [W; DIGITS] =
        std::array::from_fn(|digit| W::splat(proof, u64::from(threshold >> digit & 1).wrapping_neg()));
    let length = question.planes * PLANE;
    for (number, block) in question.blocks.chunks_exact(length).enumerate() {
        // A query's order is no order that a processor foresees: without this it waits for every plane.
        let next = &question.blocks[(number + 1) * length..];
        let touched = next.chunks_exact(PLANE).take(question.planes).fold(0, |touched, plane| touched ^ plane[0]);
        std::hint::black_box(touched);
        for (query, probe) in question.probes.iter().enumerate() {
            for place in (0..PLANE).step_by(W::BYTES) {
                let planes = Planes::<W> { proof, block, place };
                let digits = count(&planes, probe, question.planes / GROUP);
                // From the lowest digit up: at most, if this digit is less, or is the same and the lower ones are at most.
                let mut near = W::splat(proof, !0);
                for (digit, threshold) in digits.into_iter().zip(threshold) {
                    near = digit.majority(near, threshold);
                }
                let mut mask = [0; BLOCK / 64];
                near.store(&mut mask);
                if mask != [0; BLOCK / 64] {
                    let mut stored = [[0; BLOCK / 64]; DIGITS];
                    for (stored, digit) in stored.iter_mut().zip(digits) {
                        digit.store(stored);
                    }
                    let first = number * BLOCK + place * 8;
                    let end = question.entries.saturating_sub(first);
                    tell(&mask, &stored, first, end, query, each);
                }
            }
        }
    }
}

/// Tells of the first so many entries in the mask, of which the digits are the complemented distances.
#[cold]
fn tell(
    mask: &[u64; BLOCK / 64],
    digits: &[[u64; BLOCK / 64]; DIGITS],
    first: usize,
    end: usize,
    query: usize,
    each: &mut dyn FnMut(Near),
) {
    for (word, &bits) in mask.iter().enumerate().take(end.div_ceil(64)) {
        let lanes = end - word * 64;
        let mut bits = if lanes < 64 { bits & ((1 << lanes) - 1) } else { bits };
        while bits != 0 {
            let lane = bits.trailing_zeros();
            bits &= bits - 1;
            let distance =
                digits.iter().enumerate().map(|(digit, words)| ((!words[word] >> lane & 1) as u16) << digit).sum();
            each(Near { entry: first + word * 64 + lane as usize, query, distance });
        }
    }
}

/// A word's width of the planes of a block.
struct Planes<'a, W: Word> {
    proof: W::Proof,
    block: &'a [u8],
    /// Where in each plane.
    place: usize,
}

/// The digits of the distances from a probe, complemented, lowest first.
#[inline(always)]
fn count<W: Word>(planes: &Planes<'_, W>, probe: &Probe, groups: usize) -> [W; DIGITS] {
    let (none, all) = (W::splat(planes.proof, 0), W::splat(planes.proof, !0));
    let groups = &probe.places.as_chunks::<GROUP>().0[..groups];
    let (zeros, ones) = groups.split_at(probe.zeros / GROUP);
    let mut digits = [none; DIGITS];
    for group in zeros {
        let carry = planes.sixteen(&mut digits, group, 0);
        carry_on(&mut digits, carry, none);
    }
    for digit in &mut digits {
        *digit = digit.xor(all);
    }
    let (mixed, ones) = ones.split_at(usize::from(!probe.zeros.is_multiple_of(GROUP)));
    for group in mixed {
        let carry = planes.sixteen(&mut digits, group, probe.zeros % GROUP);
        carry_on(&mut digits, carry, all);
    }
    for group in ones {
        let carry = planes.sixteen(&mut digits, group, 0);
        carry_on(&mut digits, carry, all);
    }
    digits
}

/// Adds what sixteen planes carried to the higher digits; `none` is zero, or its complement.
#[inline(always)]
fn carry_on<W: Word>(digits: &mut [W; DIGITS], mut carry: W, none: W) {
    for digit in &mut digits[GROUP.ilog2() as usize..] {
        carry = add(digit, carry, none);
    }
}

/// A full adder: leaves the sum of three bits of one weight, returns what carries.
#[inline(always)]
fn add<W: Word>(digit: &mut W, a: W, b: W) -> W {
    let carry = digit.majority(a, b);
    *digit = digit.xor3(a, b);
    carry
}

impl<W: Word> Planes<'_, W> {
    /// Adds the planes at sixteen places; the first so many are complemented before.
    #[inline(always)]
    fn sixteen(&self, digits: &mut [W; DIGITS], group: &[u16; GROUP], complemented: usize) -> W {
        let carries = [self.eight(digits, group, 0, complemented), self.eight(digits, group, 8, complemented)];
        add(&mut digits[3], carries[0], carries[1])
    }

    #[inline(always)]
    fn eight(&self, digits: &mut [W; DIGITS], group: &[u16; GROUP], first: usize, complemented: usize) -> W {
        let carries =
            [self.four(digits, group, first, complemented), self.four(digits, group, first + 4, complemented)];
        add(&mut digits[2], carries[0], carries[1])
    }

    #[inline(always)]
    fn four(&self, digits: &mut [W; DIGITS], group: &[u16; GROUP], first: usize, complemented: usize) -> W {
        let carries = [self.two(digits, group, first, complemented), self.two(digits, group, first + 2, complemented)];
        add(&mut digits[1], carries[0], carries[1])
    }

    #[inline(always)]
    fn two(&self, digits: &mut [W; DIGITS], group: &[u16; GROUP], first: usize, complemented: usize) -> W {
        let low = self.plane(group[first], first < complemented);
        let high = self.plane(group[first + 1], first + 1 < complemented);
        add(&mut digits[0], low, high)
    }

    #[inline(always)]
    fn plane(&self, start: u16, complemented: bool) -> W {
        let start = usize::from(start) + self.place;
        // SAFETY: `Probe::new` makes places, each the start of one of its planes; `scan`, which alone makes `Planes`, has
        // seen by `Question::check` that a block has as many planes, and takes words that end within their plane.
        let bytes = unsafe { self.block.get_unchecked(start..start + W::BYTES) };
        let plane = W::load(self.proof, bytes);
        if complemented { plane.xor(W::splat(self.proof, !0)) } else { plane }
    }
}
