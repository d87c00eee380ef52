//! Eight bytes at once, by tables that are computed when they are needed first.

use std::sync::LazyLock;

use super::next;

/// The CRC-32 of bytes of which this is the CRC-32, and of more.
pub(super) fn update(crc: u32, bytes: &[u8]) -> u32 {
    let tables = &*TABLES;
    let (blocks, rest) = bytes.as_chunks::<SLICES>();
    let mut crc = !crc;
    for block in blocks {
        let [a, b, c, d] = crc.to_le_bytes();
        let mixed = [block[0] ^ a, block[1] ^ b, block[2] ^ c, block[3] ^ d];
        let bytes = mixed.iter().chain(&block[4..]);
        // The first byte has the most bytes behind it.
        crc = bytes.zip(tables.iter().rev()).fold(0, |crc, (&byte, table)| crc ^ table[usize::from(byte)]);
    }
    !rest.iter().fold(crc, |crc, &byte| crc >> 8 ^ tables[0][usize::from(crc as u8 ^ byte)])
}

/// Bytes that are taken in at once.
const SLICES: usize = 8;

/// What a byte does to the CRC, with so many bytes behind it.
static TABLES: LazyLock<[[u32; 256]; SLICES]> = LazyLock::new(|| {
    let mut tables = [[0; 256]; SLICES];
    for (byte, crc) in tables[0].iter_mut().enumerate() {
        *crc = (0..8).fold(byte as u32, |crc, _| next(crc));
    }
    for behind in 1..SLICES {
        tables[behind] = tables[behind - 1].map(|crc| crc >> 8 ^ tables[0][(crc & 0xff) as usize]);
    }
    tables
});
