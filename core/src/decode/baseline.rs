//! The luma coefficients of a baseline JPEG, block by block: a decoder that stops before the pixels.
//!
//! It takes what cameras and most programs write (ITU-T T.81, sequential Huffman coding of 8-bit samples in one scan, grey
//! or with the luma at full size) and nothing else. Every other file, and every file in which anything is amiss, gives
//! `None` and is left to the general decoder, which tells a variant from damage. So a fault here can cost time, but
//! not hide anything.
//!
//! Nearly all the time goes into the Huffman codes, which have to be read one after the other, those of the colours too.

/// One 8×8 block: `block[u][v]` has horizontal frequency `u` and vertical frequency `v`, dequantised.
pub(crate) type Block = [[f32; 8]; 8];

/// A file whose headers were understood.
#[derive(Debug)]
pub(crate) struct Baseline<'a> {
    /// In pixels.
    pub(crate) width: usize,
    /// In pixels.
    pub(crate) height: usize,
    components: Vec<Component>,
    /// Of each component, in zigzag order.
    quantisation: Vec<[f32; 64]>,
    huffman: Box<Tables>,
    /// MCUs between restart markers; none if 0.
    restart: usize,
    scan: &'a [u8],
}

/// What is read of the headers, until the scan begins.
#[derive(Debug, Default)]
struct Tables {
    dc: [Option<Huffman>; 4],
    ac: [Option<Huffman>; 4],
}

/// A colour component and its tables.
#[derive(Debug, Clone, Copy)]
struct Component {
    id: u8,
    /// Blocks of an MCU, across and down.
    blocks: (usize, usize),
    quantisation: usize,
    dc: usize,
    ac: usize,
}

impl Component {
    /// Its blocks in an MCU.
    fn count(&self) -> usize {
        self.blocks.0 * self.blocks.1
    }
}

impl<'a> Baseline<'a> {
    /// Reads the headers; `None` for anything out of the ordinary.
    pub(crate) fn parse(bytes: &'a [u8]) -> Option<Self> {
        let mut rest = bytes.strip_prefix(&[0xff, SOI])?;
        let mut huffman = Box::<Tables>::default();
        let mut quantisation = [None; 4];
        let mut frame = None;
        let mut restart = 0;
        loop {
            let (marker, segment, after) = segment(rest)?;
            rest = after;
            match marker {
                SOF0 | SOF1 if frame.is_none() => frame = Some(Frame::parse(segment)?),
                DHT => huffman.read(segment)?,
                DQT => read_quantisation(segment, &mut quantisation)?,
                DRI => restart = usize::from(u16::from_be_bytes(segment.try_into().ok()?)),
                SOS => {
                    let Frame { width, height, mut components } = frame?;
                    choose_tables(segment, &mut components)?;
                    let tables = components.iter().map(|component| quantisation[component.quantisation]);
                    let quantisation = tables.collect::<Option<_>>()?;
                    return Some(Self { width, height, components, quantisation, huffman, restart, scan: rest });
                }
                APP0..=APP15 | COM => {}
                _ => return None,
            }
        }
    }

    /// Rows of blocks that lie side by side in an MCU: blocks of so many rows come mixed.
    pub(crate) fn rows(&self) -> usize {
        self.components[0].blocks.1
    }

    /// Hands every luma block to `block`, with its column and its row, and calls `row` whenever the rows of blocks from
    /// that one on, [`rows`](Self::rows) of them, are complete. Blocks and rows may lie outside the picture by less than an
    /// MCU.
    ///
    /// `None` as soon as the data is not what a decoder expects to the last bit, and for colours that a decoder clamps; what
    /// was handed out is then of no use.
    pub(crate) fn blocks<S>(
        &self,
        state: &mut S,
        mut block: impl FnMut(&mut S, usize, usize, &Block),
        mut row: impl FnMut(&mut S, usize),
    ) -> Option<()> {
        let (across, down) = self.components[0].blocks;
        let columns = self.width.div_ceil(8 * across);
        let rows = self.height.div_ceil(8 * down);
        let tables = self.components.iter().map(|component| self.huffman.of(component)).collect::<Option<Vec<_>>>()?;
        let mut intervals = Intervals { scan: self.scan, bytes: Vec::with_capacity(self.scan.len() + Intervals::MORE) };
        let mut marker = intervals.advance()?;
        let mut bits = Bits::default();
        let mut previous = [0_i32; 3];
        let mut clamped = 0.0;
        for y in 0..rows {
            for x in 0..columns {
                let mcu = y * columns + x;
                if self.restart > 0 && mcu > 0 && mcu.is_multiple_of(self.restart) {
                    bits.is_at_end(&intervals)?;
                    if marker != RST0 + ((mcu / self.restart - 1) % 8) as u8 {
                        return None;
                    }
                    marker = intervals.advance()?;
                    bits = Bits::default();
                    previous = [0; 3];
                }
                let mut sums = [0.0; 3];
                for place in 0..across * down {
                    let (dc, ac) = tables[0];
                    // Sums of a wrong file, which is found out below, must not overflow.
                    previous[0] = previous[0].wrapping_add(bits.difference(&intervals, dc)?);
                    let mut found = [[0.0; 8]; 8];
                    found[0][0] = previous[0] as f32 * self.quantisation[0][0];
                    sums[0] += found[0][0];
                    bits = bits.block(&intervals, ac, &self.quantisation[0], &mut found)?;
                    block(state, x * across + place % across, y * down + place / across, &found);
                }
                for (colour, &(dc, ac)) in tables.iter().enumerate().skip(1) {
                    for _ in 0..self.components[colour].count() {
                        previous[colour] = previous[colour].wrapping_add(bits.difference(&intervals, dc)?);
                        sums[colour] += previous[colour] as f32 * self.quantisation[colour][0];
                        bits = bits.skip_block(&intervals, ac)?;
                    }
                }
                for (sum, component) in sums.iter_mut().zip(&self.components) {
                    // The first coefficient is eight times the mean of its block.
                    *sum /= 8.0 * component.count() as f32;
                }
                let change = self::clamped(sums);
                clamped += change * change;
            }
            row(state, y * down);
        }
        bits.is_at_end(&intervals)?;
        (marker == EOI && clamped <= CLAMPED * (rows * columns) as f32).then_some(())
    }
}

/// The largest sum of squares of a block's coefficients that 8-bit samples can have: the transform keeps it, and of samples
/// within ±128 it is 64 · 128². As much again is left to quantisation.
///
/// A decoder clamps the samples of what is beyond, so that it shows another picture than the coefficients are of.
const MOST: f32 = 2.0 * 64.0 * 128.0 * 128.0;

/// The largest mean square of what clamping does to the luma of an MCU's mean colour, in levels of 256.
///
/// Of 933 photographs, screenshots and other pictures none has more than 0.8; photographs that were given six times their
/// colour mostly have 76, and lie up to 34 bits from their exact hashes.
const CLAMPED: f32 = 1.0;

/// By how much the luma of a colour changes where a decoder clamps it: the colour's parts less 128.
fn clamped([luma, blue, red]: [f32; 3]) -> f32 {
    // ITU-T T.871, section 7.
    let rgb = [luma + 1.402 * red, luma - 0.344_136 * blue - 0.714_136 * red, luma + 1.772 * blue];
    let cut = rgb.map(|part| part.clamp(-128.0, 127.0) - part);
    // ITU-R BT.601.
    0.299 * cut[0] + 0.587 * cut[1] + 0.114 * cut[2]
}

const SOI: u8 = 0xd8;
const EOI: u8 = 0xd9;
const SOF0: u8 = 0xc0;
const SOF1: u8 = 0xc1;
const DHT: u8 = 0xc4;
const SOS: u8 = 0xda;
const DQT: u8 = 0xdb;
const DRI: u8 = 0xdd;
const RST0: u8 = 0xd0;
const APP0: u8 = 0xe0;
const APP15: u8 = 0xef;
const COM: u8 = 0xfe;

/// Splits off a marker and its segment.
fn segment(bytes: &[u8]) -> Option<(u8, &[u8], &[u8])> {
    let bytes = bytes.strip_prefix(&[0xff])?;
    // Any number of fill bytes may stand before a marker.
    let fill = bytes.iter().take_while(|&&byte| byte == 0xff).count();
    let (&marker, bytes) = bytes[fill..].split_first()?;
    let length = usize::from(u16::from_be_bytes(*bytes.first_chunk()?));
    let segment = bytes.get(2..length)?;
    Some((marker, segment, &bytes[length..]))
}

struct Frame {
    width: usize,
    height: usize,
    components: Vec<Component>,
}

impl Frame {
    fn parse(segment: &[u8]) -> Option<Self> {
        let (&[8, y1, y0, x1, x0, count], components) = segment.split_first_chunk()? else { return None };
        let (width, height) = (u16::from_be_bytes([x1, x0]).into(), u16::from_be_bytes([y1, y0]).into());
        let (components, []) = components.as_chunks::<3>() else { return None };
        if width == 0 || height == 0 || components.len() != usize::from(count) || !matches!(count, 1 | 3) {
            return None;
        }
        let mut components: Vec<Component> = components
            .iter()
            .map(|&[id, sampling, table]| {
                let blocks = (usize::from(sampling >> 4), usize::from(sampling & 15));
                Component { id, blocks, quantisation: table.into(), dc: 0, ac: 0 }
            })
            .collect();
        if components.len() == 1 {
            // Of a single component the sampling factors mean nothing.
            components[0].blocks = (1, 1);
        }
        let (across, down) = components[0].blocks;
        let fits = |component: &Component| {
            // The luma has all samples and the colours at most as many.
            let (x, y) = component.blocks;
            x > 0 && y > 0 && across.is_multiple_of(x) && down.is_multiple_of(y) && component.quantisation < 4
        };
        let usual = across <= 4 && down <= 4 && components.iter().all(fits);
        usual.then_some(Self { width, height, components })
    }
}

/// Which Huffman tables the scan's components use; `None` unless the scan has all components, in order and in full.
fn choose_tables(segment: &[u8], components: &mut [Component]) -> Option<()> {
    let (&count, rest) = segment.split_first()?;
    let (chosen, [0, 63, 0]) = rest.split_at_checked(2 * components.len())? else { return None };
    if usize::from(count) != components.len() {
        return None;
    }
    for (component, &[id, tables]) in components.iter_mut().zip(chosen.as_chunks().0) {
        if id != component.id || tables >> 4 > 3 || tables & 15 > 3 {
            return None;
        }
        (component.dc, component.ac) = (usize::from(tables >> 4), usize::from(tables & 15));
    }
    Some(())
}

fn read_quantisation(mut segment: &[u8], tables: &mut [Option<[f32; 64]>; 4]) -> Option<()> {
    while let Some((&which, rest)) = segment.split_first() {
        let (values, rest) = rest.split_first_chunk::<64>()?;
        if values.contains(&0) {
            return None;
        }
        *tables.get_mut(usize::from(which))? = Some(values.map(f32::from));
        segment = rest;
    }
    Some(())
}

impl Tables {
    fn read(&mut self, mut segment: &[u8]) -> Option<()> {
        while let Some((&which, rest)) = segment.split_first() {
            let (counts, rest) = rest.split_first_chunk::<16>()?;
            let total = counts.iter().map(|&count| usize::from(count)).sum();
            let (symbols, rest) = rest.split_at_checked(total)?;
            let dc = which >> 4 == 0;
            let class = if dc { &mut self.dc } else { &mut self.ac };
            let table = class.get_mut(usize::from(which & 15)).filter(|_| which >> 4 < 2)?;
            *table = Some(Huffman::new(counts, symbols, dc)?);
            segment = rest;
        }
        Some(())
    }

    fn of(&self, component: &Component) -> Option<(&Huffman, &Huffman)> {
        Some((self.dc[component.dc].as_ref()?, self.ac[component.ac].as_ref()?))
    }
}

/// What the bits at the front stand for, packed: a code alone, or with the value behind it.
#[derive(Debug, Clone, Copy, Default)]
struct Symbol(u32);

impl Symbol {
    /// The mark of a block's end is past every coefficient.
    const END: usize = 128;

    /// The symbol of a code of this length; `None` for one that has no meaning in a baseline file.
    fn new(length: u8, symbol: u8, dc: bool) -> Option<Self> {
        let (run, size) = (symbol >> 4, symbol & 15);
        let advance = match (dc, run, size) {
            // Annex F.1: differences of 8-bit samples have at most 11 bits.
            (true, 0, 0..=11) => 0,
            (false, 0, 0) => Self::END as u8,
            (false, _, 1..) | (false, 15, 0) => run + 1,
            _ => return None,
        };
        Some(Self(u32::from_le_bytes([length + size, size, advance, 0])))
    }

    /// With the value, if these bits hold all of it: `bits` of them, at the top of a word.
    fn with_value(self, front: u64, bits: u32) -> Self {
        let [length, size, advance, _] = self.0.to_le_bytes();
        if u32::from(length) > bits || size > 7 {
            return self;
        }
        let value = self.value(front) as i8;
        Self(u32::from_le_bytes([length, 0, advance, value.to_le_bytes()[0]]))
    }

    /// Bits of the code and of the value behind it; 0 if there is no such code.
    fn length(self) -> u32 {
        self.0 & 0xff
    }

    /// By how many coefficients the code moves on.
    fn advance(self) -> usize {
        (self.0 >> 16 & 0xff) as usize
    }

    /// The value behind the code at the front of these bits (Annex F.2.2.1, EXTEND).
    #[inline(always)]
    fn value(self, front: u64) -> i32 {
        let size = self.0 >> 8 & 0xff;
        if size == 0 {
            return self.0 as i32 >> 24;
        }
        let front = front << (self.length() - size);
        let value = (front >> (64 - size)) as i32;
        if front >> 63 == 0 { value + 1 - (1 << size) } else { value }
    }
}

/// A table of Huffman codes.
#[derive(Debug)]
struct Huffman {
    /// By what the next bits begin with; none where the code is longer.
    short: Box<[Symbol; 1 << Self::SHORT]>,
    /// Longer codes, by length, each with the code after it, as the leading bits of 16.
    long: Vec<(u32, Symbol)>,
}

impl Huffman {
    const SHORT: u32 = 10;

    /// The table with so many codes of each length (Annex C).
    fn new(counts: &[u8; 16], symbols: &[u8], dc: bool) -> Option<Self> {
        let mut short = Box::new([Symbol::default(); 1 << Self::SHORT]);
        let mut long = Vec::new();
        let mut symbols = symbols.iter();
        // The next code, as the leading bits of 16.
        let mut code = 0_u32;
        for (length, &count) in (1_u8..).zip(counts) {
            for _ in 0..count {
                let symbol = Symbol::new(length, *symbols.next()?, dc)?;
                let next = code + (1 << (16 - length));
                if next > 1 << 16 {
                    return None;
                }
                if u32::from(length) <= Self::SHORT {
                    for front in code >> (16 - Self::SHORT)..next >> (16 - Self::SHORT) {
                        let bits = u64::from(front) << (64 - Self::SHORT);
                        short[front as usize] = symbol.with_value(bits, Self::SHORT);
                    }
                } else {
                    long.push((next, symbol));
                }
                code = next;
            }
        }
        Some(Self { short, long })
    }

    /// What stands at the front of these bits.
    #[inline(always)]
    fn symbol(&self, front: u64) -> Option<Symbol> {
        let symbol = self.short[(front >> (64 - Self::SHORT)) as usize];
        if symbol.length() > 0 { Some(symbol) } else { self.long_symbol(front) }
    }

    #[cold]
    fn long_symbol(&self, front: u64) -> Option<Symbol> {
        let front = (front >> 48) as u32;
        self.long.iter().find(|&&(end, _)| front < end).map(|&(_, symbol)| symbol)
    }
}

/// The scan, cut at its markers.
struct Intervals<'a> {
    /// Behind the last marker read.
    scan: &'a [u8],
    /// The data before that marker, no longer stuffed, and zeros behind it.
    bytes: Vec<u8>,
}

impl Intervals<'_> {
    /// Zeros behind the data: up to the last bit eight bytes can be taken in, eight of which may be there already.
    const MORE: usize = 16;

    /// Goes on to the data before the next marker, and says which that is.
    fn advance(&mut self) -> Option<u8> {
        self.bytes.clear();
        loop {
            let until = position_of_ff(self.scan)?;
            self.bytes.extend_from_slice(&self.scan[..until]);
            // Any number of fill bytes may stand before a marker.
            let fill = self.scan[until..].iter().take_while(|&&byte| byte == 0xff).count();
            let next = *self.scan.get(until + fill)?;
            self.scan = &self.scan[until + fill + 1..];
            match (fill, next) {
                (1, 0) => self.bytes.push(0xff),
                (_, 0) => return None,
                (_, marker) => {
                    self.bytes.extend([0; Self::MORE]);
                    return Some(marker);
                }
            }
        }
    }
}

/// Where the first byte stands that is 0xff.
fn position_of_ff(bytes: &[u8]) -> Option<usize> {
    const ONES: u64 = u64::MAX / 255;
    // A byte that is 0xff is zero in the complement: subtracting one borrows from its top bit.
    let has_ff = |eight: &[u8; 8]| {
        let eight = u64::from_le_bytes(*eight);
        (!eight).wrapping_sub(ONES) & eight & (ONES << 7) != 0
    };
    let clean = 8 * bytes.as_chunks().0.iter().take_while(|eight| !has_ff(eight)).count();
    bytes[clean..].iter().position(|&byte| byte == 0xff).map(|at| clean + at)
}

/// A place in the bits of an interval.
#[derive(Debug, Clone, Copy, Default)]
struct Bits {
    /// Bytes taken in.
    at: usize,
    /// The next bits, from the top.
    front: u64,
    /// How many those are; the same ones may follow once more.
    count: u32,
}

impl Bits {
    /// Takes in bytes until there are 56 bits or more: enough for any code and its value. `None` far behind the end.
    #[inline(always)]
    fn fill(&mut self, intervals: &Intervals<'_>) -> Option<()> {
        let eight = u64::from_be_bytes(*intervals.bytes.get(self.at..)?.first_chunk()?);
        self.front |= eight >> self.count;
        self.at += (63 - self.count as usize) / 8;
        self.count |= 56;
        Some(())
    }

    #[inline(always)]
    fn consume(&mut self, symbol: Symbol) {
        self.front <<= symbol.length();
        self.count -= symbol.length();
    }

    /// A difference of DC coefficients.
    #[inline(always)]
    fn difference(&mut self, intervals: &Intervals<'_>, table: &Huffman) -> Option<i32> {
        self.fill(intervals)?;
        let symbol = table.symbol(self.front)?;
        let value = symbol.value(self.front);
        self.consume(symbol);
        Some(value)
    }

    /// Reads the AC coefficients of a block, which has the first one; returns the place behind it. `None` also where a
    /// decoder would have to clamp what comes of them.
    #[inline(always)]
    fn block(
        mut self,
        intervals: &Intervals<'_>,
        table: &Huffman,
        quantisation: &[f32; 64],
        block: &mut Block,
    ) -> Option<Self> {
        let mut at = 0;
        let mut squares = block[0][0] * block[0][0];
        while at < 63 {
            self.fill(intervals)?;
            let symbol = table.symbol(self.front)?;
            at += symbol.advance();
            if at < 64 {
                let (u, v) = ZIGZAG[at];
                let coefficient = symbol.value(self.front) as f32 * quantisation[at];
                block[usize::from(u) % 8][usize::from(v) % 8] = coefficient;
                squares += coefficient * coefficient;
            }
            self.consume(symbol);
        }
        self.behind(at).filter(|_| squares <= MOST)
    }

    /// Reads over the AC coefficients of a block.
    #[inline(always)]
    fn skip_block(mut self, intervals: &Intervals<'_>, table: &Huffman) -> Option<Self> {
        let mut at = 0;
        while at < 63 {
            self.fill(intervals)?;
            let symbol = table.symbol(self.front)?;
            at += symbol.advance();
            self.consume(symbol);
        }
        self.behind(at)
    }

    /// Whether a block ended where it may: at its last coefficient, or with the mark of its end.
    #[inline(always)]
    fn behind(self, at: usize) -> Option<Self> {
        (at == 63 || at >= Symbol::END).then_some(self)
    }

    /// Whether all of the interval was read but less than a byte, and no more.
    fn is_at_end(&self, intervals: &Intervals<'_>) -> Option<()> {
        // In 64 bits: memory that is addressed by 32 holds more bits than they count.
        let read = 8 * self.at as u64 - u64::from(self.count);
        let data = 8 * (intervals.bytes.len() - Intervals::MORE) as u64;
        (read..read + 8).contains(&data).then_some(())
    }
}

/// The horizontal and vertical frequency of each coefficient, in the order of the file (Figure A.6).
const ZIGZAG: [(u8, u8); 64] = {
    let mut order = [(0, 0); 64];
    let (mut at, mut sum) = (0, 0);
    while sum < 15 {
        let mut step = 0;
        while step <= sum {
            // Diagonals go down to the left where their sum is odd, up to the right where it is even.
            let u = if sum % 2 == 1 { sum - step } else { step };
            let v = sum - u;
            if u < 8 && v < 8 {
                order[at] = (u, v);
                at += 1;
            }
            step += 1;
        }
        sum += 1;
    }
    order
};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn coefficients_go_in_zigzag() {
        let start = [(0, 0), (1, 0), (0, 1), (0, 2), (1, 1), (2, 0), (3, 0), (2, 1), (1, 2), (0, 3), (0, 4)];
        assert_eq!(ZIGZAG[..11], start);
        assert_eq!(ZIGZAG[60..], [(7, 5), (7, 6), (6, 7), (7, 7)]);
    }

    #[test]
    fn clamping_changes_the_luma_of_colours_that_the_screen_has_not() {
        assert_eq!(clamped([127.0, 0.0, 0.0]), 0.0);
        assert_eq!(clamped([137.0, 0.0, 0.0]), -10.0, "brighter than white");
        // Yellow ochre: its blue is 28 below what there is.
        assert!((clamped([22.0, -100.0, 10.0]) - 0.114 * 27.2).abs() < 1e-3);
    }

    #[test]
    fn data_is_unstuffed_up_to_the_next_marker() {
        let mut intervals =
            Intervals { scan: b"abcdefgh\xff\0ijk\xff\xff\xd3lmnopqrstuvw\xff\xd9 behind", bytes: Vec::new() };
        assert_eq!(intervals.advance(), Some(RST0 + 3));
        assert_eq!(intervals.bytes[..12], *b"abcdefgh\xffijk");
        assert_eq!(intervals.advance(), Some(EOI));
        assert_eq!(intervals.bytes[..12], *b"lmnopqrstuvw");
        assert_eq!(intervals.advance(), None, "no marker follows");
    }

    #[test]
    fn values_are_read_with_their_sign_by_long_codes_and_short_ones() {
        // Annex F, table F.2: of 3 bits, 000 is -7, 011 is -4, 100 is 4, 111 is 7.
        let table = |length: usize| {
            let mut counts = [0; 16];
            counts[length - 1] = 1;
            Huffman::new(&counts, &[0x23], false).expect("one code")
        };
        for length in [1, 2, 8, 10, 11, 16] {
            let table = table(length);
            for (bits, value) in [(0, -7), (3, -4), (4, 4), (7, 7)] {
                let front = bits << 61 >> length;
                let symbol = table.symbol(front).expect("a code");
                let read = (symbol.length(), symbol.advance(), symbol.value(front));
                assert_eq!(read, (length as u32 + 3, 3, value), "{length} bits");
            }
            assert!(table.symbol(u64::MAX).is_none(), "no code of {length} bits");
        }
    }

    #[test]
    fn tables_with_more_codes_than_there_can_be_are_refused() {
        let mut counts = [0; 16];
        counts[0] = 3;
        assert!(Huffman::new(&counts, &[1, 2, 3], false).is_none());
        assert!(Huffman::new(&[1; 16], &[12; 16], true).is_none(), "no difference has 12 bits");
    }
}
