//! The bits of streams that say little and mean much.

/// Bits, the first of a byte its lowest.
#[derive(Default)]
pub(crate) struct Bits {
    bytes: Vec<u8>,
    used: u32,
}

impl Bits {
    /// A number, its lowest bit first.
    pub(crate) fn put(&mut self, value: u32, bits: u32) {
        for bit in 0..bits {
            if self.used.is_multiple_of(8) {
                self.bytes.push(0);
            }
            let last = self.bytes.last_mut().expect("one was put there");
            *last |= ((value >> bit & 1) as u8) << (self.used % 8);
            self.used += 1;
        }
    }

    /// A code, its highest bit first.
    pub(crate) fn code(&mut self, value: u32, bits: u32) {
        (0..bits).rev().for_each(|bit| self.put(value >> bit, 1));
    }

    pub(crate) fn into_bytes(self) -> Vec<u8> {
        self.bytes
    }
}

/// A zlib stream of so many zeros, or a few more, in a hundred and sixtieth of their bytes (RFC 1951, fixed codes).
pub(crate) fn zlib_zeros(length: usize) -> Vec<u8> {
    let mut bits = Bits::default();
    // The last block, fixed codes.
    bits.put(0b011, 3);
    // A zero.
    bits.code(0b0011_0000, 8);
    for _ in 0..length.div_ceil(258) {
        // 258 bytes, as they were one byte before.
        bits.code(0b1100_0101, 8);
        bits.code(0, 5);
    }
    // The end.
    bits.code(0, 7);
    // RFC 1950: of zeros, the second sum of the checksum is their number.
    let number = 1 + 258 * length.div_ceil(258);
    let checksum = (number % 65_521) << 16 | 1;
    [vec![0x78, 1], bits.into_bytes(), (checksum as u32).to_be_bytes().to_vec()].concat()
}

/// GIF's codes of so many pixels of the first colour, or a few more, of two bits each: sub-blocks, with the end.
pub(crate) fn lzw_zeros(pixels: usize) -> Vec<u8> {
    let mut bits = Bits::default();
    let (mut done, mut next, mut width) = (0, 4096, 3);
    let mut run = 0;
    while done < pixels {
        if next >= 4096 {
            // Clear; then one pixel.
            bits.put(4, width);
            width = 3;
            bits.put(0, width);
            (next, run) = (6, 1);
            done += 1;
            continue;
        }
        // The code that this one defines: one pixel more than the last.
        bits.put(next, width);
        run += 1;
        done += run;
        next += 1;
        if next == 1 << width && width < 12 {
            width += 1;
        }
    }
    bits.put(5, width);
    let blocks = bits.into_bytes();
    let mut out = Vec::new();
    for block in blocks.chunks(255) {
        out.push(block.len() as u8);
        out.extend(block);
    }
    out.push(0);
    out
}
