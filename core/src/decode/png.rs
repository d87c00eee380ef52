//! PNG and APNG.

use std::io::Cursor;
use std::iter;

use image::codecs::png::PngDecoder;

use super::raster::{decoder_limits, error, frames, prepare, read, still};
use super::{DecodeError, Format, Frames, Limits, Picture};

pub(super) fn open<'a>(bytes: &'a [u8], limits: &Limits, memory: Vec<u8>) -> Result<Picture<'a>, DecodeError> {
    let (decoder, header) = prepare(decoder(bytes, limits)?, Format::Png, limits)?;
    if !decoder.is_apng().map_err(error(Format::Png, limits))? {
        return Ok(still(decoder, header, Format::Png, limits, memory));
    }
    let animated = frames(decoder.apng().map_err(error(Format::Png, limits))?, Format::Png, limits);
    let all: Frames<'a> = if default_image_is_a_frame(bytes) {
        Box::new(animated)
    } else {
        // Programs that do not animate show the default image, so it counts, and first: it is the hash of record.
        let limits = *limits;
        let default = iter::once_with(move || read(self::decoder(bytes, &limits)?, Format::Png, &limits, memory));
        Box::new(default.chain(animated))
    };
    Ok(Picture::new(Format::Png, header, all, limits))
}

fn decoder<'a>(bytes: &'a [u8], limits: &Limits) -> Result<PngDecoder<Cursor<&'a [u8]>>, DecodeError> {
    PngDecoder::with_limits(Cursor::new(bytes), decoder_limits(limits)).map_err(error(Format::Png, limits))
}

/// Whether a frame control chunk stands before the image data (APNG specification, "Frame Control Chunk").
fn default_image_is_a_frame(bytes: &[u8]) -> bool {
    const SIGNATURE: usize = 8;
    // Length, name and checksum around the data of a chunk.
    const FRAMING: usize = 12;
    let mut rest = bytes.get(SIGNATURE..).unwrap_or_default();
    while let Some((length, name)) = rest.get(..8).map(|head| head.split_at(4)) {
        match name {
            b"fcTL" => return true,
            b"IDAT" => return false,
            _ => {}
        }
        let length = u32::from_be_bytes([length[0], length[1], length[2], length[3]]) as usize;
        rest = length.checked_add(FRAMING).and_then(|skip| rest.get(skip..)).unwrap_or_default();
    }
    false
}
