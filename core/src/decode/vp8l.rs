//! What the codes of a lossless WebP take, found without building them (RFC 9649, section 3).
//!
//! A picture may have 65,536 groups of five codes, whatever its size, and the decoder builds a table for each code before it
//! decodes a pixel: a gigabyte from four megabytes of file. So where a file is long enough for that to matter, it is read up
//! to its last code. What is wrong with it otherwise is for the decoder to say.

/// Bytes that a code can take at most for each byte that describes it, roughly: a table of 1,024 entries in 12 bytes, and
/// nodes for long codes, of which one repeat in a few bits makes six.
pub(super) const MOST_FOR_A_BYTE: u64 = 1_024;

/// Bytes that the codes of a picture of this size take; counted no further than it takes to be more than `most`.
pub(super) fn codes_of(data: &[u8], width: u32, height: u32, most: u64) -> Option<u64> {
    let mut bits = Bits { data, at: 0 };
    let mut width = width;
    // Each transform once.
    for _ in 0..4 {
        if bits.take(1)? == 0 {
            break;
        }
        match bits.take(2)? {
            0 | 1 => {
                let side = 1 << (bits.take(3)? + 2);
                bits.image(u64::from(width.div_ceil(side)) * u64::from(height.div_ceil(side)))?;
            }
            2 => {}
            _ => {
                let colours = bits.take(8)? + 1;
                bits.image(colours.into())?;
                width = width.div_ceil(match colours {
                    0..=2 => 8,
                    3..=4 => 4,
                    5..=16 => 2,
                    _ => 1,
                });
            }
        }
    }
    let cache = bits.cache()?;
    let groups = if bits.take(1)? == 1 {
        let side = 1 << (bits.take(3)? + 2);
        bits.image(u64::from(width.div_ceil(side)) * u64::from(height.div_ceil(side)))? + 1
    } else {
        1
    };
    let mut held = 0;
    for _ in 0..groups {
        for alphabet in [280 + cache, 256, 256, 256, 40] {
            held += bits.code(alphabet)?.held();
        }
        if held > most {
            break;
        }
    }
    Some(held)
}

/// A stream of bits, the first of a byte its lowest.
struct Bits<'a> {
    data: &'a [u8],
    at: usize,
}

impl Bits<'_> {
    fn take(&mut self, number: u32) -> Option<u32> {
        let mut value = 0;
        for bit in 0..number {
            value |= u32::from(self.data.get(self.at / 8)? >> (self.at % 8) & 1) << bit;
            self.at += 1;
        }
        Some(value)
    }

    /// Symbols that a colour cache adds.
    fn cache(&mut self) -> Option<usize> {
        Some(if self.take(1)? == 1 { 1 << self.take(4)? } else { 0 })
    }

    /// Reads an image of so many pixels: the largest number that the red and the green of one are. Pixels that are copied or
    /// cached have been there before.
    fn image(&mut self, pixels: u64) -> Option<u32> {
        let cache = self.cache()?;
        let [green, red, blue, alpha, distance] =
            [self.code(280 + cache)?, self.code(256)?, self.code(256)?, self.code(256)?, self.code(40)?];
        let (mut largest, mut read) = (0, 0);
        while read < pixels {
            let symbol = green.read(self)?;
            match symbol {
                0..256 => {
                    largest = largest.max(red.read(self)? << 8 | symbol);
                    blue.read(self)?;
                    alpha.read(self)?;
                    read += 1;
                }
                256..280 => {
                    read += self.number(symbol - 256)?;
                    let symbol = distance.read(self)?;
                    self.number(symbol)?;
                }
                _ => read += 1,
            }
        }
        Some(largest)
    }

    /// A length or a distance, which begins with this symbol.
    fn number(&mut self, symbol: u32) -> Option<u64> {
        if symbol < 4 {
            return Some(u64::from(symbol) + 1);
        }
        let more = (symbol - 2) >> 1;
        Some(((2 + u64::from(symbol & 1)) << more) + u64::from(self.take(more)?) + 1)
    }

    fn code(&mut self, alphabet: usize) -> Option<Code> {
        if self.take(1)? == 1 {
            let two = self.take(1)? == 1;
            let long = self.take(1)? == 1;
            let mut symbols = vec![self.take(if long { 8 } else { 1 })?];
            if two {
                symbols.push(self.take(8)?);
            }
            let mut counts = [0; 16];
            counts[1] = symbols.len() as u32;
            return Some(Code { counts, symbols });
        }
        const ORDER: [usize; 19] = [17, 18, 0, 1, 2, 3, 4, 5, 16, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15];
        let mut lengths = [0; 19];
        for &at in &ORDER[..4 + self.take(4)? as usize] {
            lengths[at] = self.take(3)?;
        }
        let lengths_code = Code::new(&lengths);
        let mut left = alphabet;
        if self.take(1)? == 1 {
            let bits = 2 + 2 * self.take(3)?;
            left = 2 + self.take(bits)? as usize;
        }
        let (mut lengths, mut previous) = (Vec::with_capacity(alphabet), 8);
        while left > 0 && lengths.len() < alphabet {
            left -= 1;
            let (length, repeats) = match lengths_code.read(self)? {
                16 => (previous, 3 + self.take(2)?),
                17 => (0, 3 + self.take(3)?),
                18 => (0, 11 + self.take(7)?),
                length => (length, 1),
            };
            if length > 0 {
                previous = length;
            }
            lengths.resize(lengths.len() + repeats as usize, length);
        }
        Some(Code::new(&lengths))
    }
}

/// A canonical code.
struct Code {
    /// How many symbols have codes of each length.
    counts: [u32; 16],
    /// In the order of their codes.
    symbols: Vec<u32>,
}

impl Code {
    fn new(lengths: &[u32]) -> Self {
        let mut counts = [0; 16];
        let mut symbols = Vec::new();
        for &length in lengths.iter().filter(|&&length| length > 0) {
            counts[length as usize & 15] += 1;
        }
        symbols.extend((0..).zip(lengths).filter(|&(_, &length)| length > 0).map(|(symbol, &length)| (length, symbol)));
        symbols.sort_unstable();
        let symbols = symbols.into_iter().map(|(_, symbol)| symbol).collect();
        Self { counts, symbols }
    }

    /// Bytes that the decoder holds of it: itself, a table for up to ten bits, and two nodes for each longer code.
    fn held(&self) -> u64 {
        let longest = self.counts.iter().rposition(|&count| count > 0).unwrap_or(0);
        let table = if self.symbols.len() > 1 { 4 << longest.min(10) } else { 0 };
        let longer: u32 = self.counts[11..].iter().sum();
        64 + table + 32 * u64::from(longer)
    }

    fn read(&self, bits: &mut Bits<'_>) -> Option<u32> {
        if let [symbol] = self.symbols[..] {
            return Some(symbol);
        }
        let (mut code, mut first, mut index) = (0, 0, 0);
        for &count in &self.counts[1..] {
            code |= bits.take(1)?;
            if code < first + count {
                return self.symbols.get((index + code - first) as usize).copied();
            }
            index += count;
            first = (first + count) << 1;
            code <<= 1;
        }
        None
    }
}
