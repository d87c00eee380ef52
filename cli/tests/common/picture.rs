//! Pictures made on the spot: RGBA PNG files without compression.

/// A PNG of the colours, red, green, blue and alpha, that `pixel` gives each place.
pub(crate) fn png(width: u32, height: u32, pixel: impl Fn(u32, u32) -> [u8; 4]) -> Vec<u8> {
    let mut raw = Vec::new();
    for y in 0..height {
        raw.push(0); // no filter
        raw.extend((0..width).flat_map(|x| pixel(x, y)));
    }
    let mut file = header(width, height);
    chunk(&mut file, b"IDAT", &zlib_stored(&raw));
    chunk(&mut file, b"IEND", &[]);
    file
}

/// A PNG that says it is of this size, and has a byte of it.
pub(crate) fn bomb(width: u32, height: u32) -> Vec<u8> {
    let mut file = header(width, height);
    chunk(&mut file, b"IDAT", &zlib_stored(&[0]));
    chunk(&mut file, b"IEND", &[]);
    file
}

/// One colour everywhere.
pub(crate) fn flat() -> Vec<u8> {
    png(64, 64, |_, _| [40, 90, 160, 255])
}

/// A small picture with structure; seeds give pictures unlike one another.
pub(crate) fn blocks(seed: u32) -> Vec<u8> {
    moved_blocks(seed, |x, y| (x, y))
}

/// Colours that are too faint to judge, below a picture that is clear on white and on black.
pub(crate) fn faint(seed: u32) -> Vec<u8> {
    png(64, 64, |x, y| {
        let luma = grey(seed, x / 8, y / 8);
        let faint = 120 + luma / 16;
        [faint, faint, faint, luma]
    })
}

/// As [`blocks`], every pixel taken from another place.
pub(crate) fn moved_blocks(seed: u32, from: impl Fn(u32, u32) -> (u32, u32)) -> Vec<u8> {
    png(64, 64, |x, y| {
        let (x, y) = from(x, y);
        block(seed, x / 8, y / 8)
    })
}

/// As [`blocks`], of more than 256 KiB.
pub(crate) fn large_blocks(seed: u32) -> Vec<u8> {
    png(256, 256, |x, y| block(seed, x / 32, y / 32))
}

fn block(seed: u32, x: u32, y: u32) -> [u8; 4] {
    let grey = grey(seed, x, y);
    [grey, grey, grey, 255]
}

/// The grey of one of the eight by eight blocks of [`blocks`].
pub(crate) fn grey(seed: u32, x: u32, y: u32) -> u8 {
    let block = (seed * 64 + y * 8 + x).wrapping_mul(0x9e37_79b1);
    (block ^ block >> 15).wrapping_mul(0x85eb_ca6b).to_be_bytes()[0]
}

fn header(width: u32, height: u32) -> Vec<u8> {
    let mut file = b"\x89PNG\r\n\x1a\n".to_vec();
    let mut size = [width.to_be_bytes(), height.to_be_bytes()].concat();
    size.extend([8, 6, 0, 0, 0]); // 8 bits a sample, RGBA, not interlaced
    chunk(&mut file, b"IHDR", &size);
    file
}

fn chunk(file: &mut Vec<u8>, kind: &[u8; 4], data: &[u8]) {
    let body = [kind.as_slice(), data].concat();
    file.extend((data.len() as u32).to_be_bytes());
    file.extend(&body);
    file.extend(crc32(&body).to_be_bytes());
}

/// RFC 1950 around RFC 1951 blocks of type 0.
fn zlib_stored(raw: &[u8]) -> Vec<u8> {
    let mut out = vec![0x78, 0x01];
    let mut blocks = raw.chunks(0xffff).peekable();
    while let Some(block) = blocks.next() {
        let length = block.len() as u16;
        out.push(u8::from(blocks.peek().is_none()));
        out.extend(length.to_le_bytes());
        out.extend((!length).to_le_bytes());
        out.extend(block);
    }
    out.extend(adler32(raw).to_be_bytes());
    out
}

/// The checksum of PNG chunks, bit by bit.
fn crc32(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(!0, |crc, &byte| {
        (0..8).fold(crc ^ u32::from(byte), |crc, _| if crc & 1 == 1 { crc >> 1 ^ 0xedb8_8320 } else { crc >> 1 })
    })
}

fn adler32(bytes: &[u8]) -> u32 {
    let (a, b) = bytes.iter().fold((1, 0), |(a, b), &byte| {
        let a = (a + u32::from(byte)) % 65_521;
        (a, (b + a) % 65_521)
    });
    b << 16 | a
}
