//! Telling a format by its first bytes.

use super::Format;

pub(super) fn format(bytes: &[u8]) -> Option<Format> {
    let starts = |magic: &[u8]| bytes.starts_with(magic);
    let at = |offset: usize, magic: &[u8]| bytes.get(offset..).is_some_and(|rest| rest.starts_with(magic));
    Some(match bytes {
        _ if starts(b"\xff\xd8\xff") => Format::Jpeg,
        _ if starts(b"\x89PNG\r\n\x1a\n") => Format::Png,
        _ if starts(b"RIFF") && at(8, b"WEBP") => Format::WebP,
        _ if starts(b"GIF87a") || starts(b"GIF89a") => Format::Gif,
        _ if starts(b"BM") && bitmap_header(bytes) => Format::Bmp,
        _ if [b"II*\0", b"MM\0*", b"II+\0", b"MM\0+"].iter().any(|magic| starts(*magic)) => Format::Tiff,
        _ if at(4, b"ftyp") => return iso_media(bytes),
        _ if starts(b"\xff\x0a") || starts(b"\0\0\0\x0cJXL \r\n\x87\n") => Format::JpegXl,
        _ if starts(b"\0\0\x01\0") || starts(b"\0\0\x02\0") => Format::Ico,
        _ if drawing(bytes) => Format::Svg,
        _ => return None,
    })
}

/// Whether a text begins as a drawing does. Pages that hold one begin otherwise.
fn drawing(bytes: &[u8]) -> bool {
    let text = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes).trim_ascii_start();
    let begins = [&b"<?xml"[..], b"<!--", b"<!DOCTYPE svg", b"<svg"].iter().any(|start| text.starts_with(start));
    let head = &text[..text.len().min(4096)];
    begins && head.windows(4).any(|window| window == b"<svg") && !head.windows(5).any(|window| window == b"<html")
}

/// Two letters are little to go by, so the header's length must be one that exists.
fn bitmap_header(bytes: &[u8]) -> bool {
    let length = bytes.get(14..18).map(|field| u32::from_le_bytes([field[0], field[1], field[2], field[3]]));
    matches!(length, Some(12 | 16 | 40 | 52 | 56 | 64 | 108 | 124))
}

/// The still-picture brands among ISO base media files, major or compatible.
fn iso_media(bytes: &[u8]) -> Option<Format> {
    let size = u32::from_be_bytes([bytes[0], bytes[1], bytes[2], bytes[3]]) as usize;
    let header = &bytes[..size.clamp(12, 256).min(bytes.len())];
    let brands = || header.get(8..).into_iter().flat_map(|brands| brands.chunks_exact(4));
    let named = |names: &[&[u8]]| brands().any(|brand| names.contains(&brand));
    if named(&[b"avif", b"avis"]) {
        Some(Format::Avif)
    } else if named(&[b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1"]) {
        Some(Format::Heif)
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn drawings_are_told_from_pages_and_other_texts() {
        let svg: [&[u8]; 4] = [
            b"<svg xmlns=\"http://www.w3.org/2000/svg\"/>",
            b"\xef\xbb\xbf\n <?xml version=\"1.0\"?>\n<!-- made by hand --><svg/>",
            b"<!DOCTYPE svg PUBLIC \"-//W3C//DTD SVG 1.1//EN\" \"\"><svg/>",
            b"<!-- a comment first --><svg/>",
        ];
        for text in svg {
            assert_eq!(format(text), Some(Format::Svg), "{}", text.escape_ascii());
        }
        let others: [&[u8]; 4] = [
            b"<!DOCTYPE html><html><svg/></html>",
            b"<!-- a page --><html><body><svg/></body></html>",
            b"<?xml version=\"1.0\"?><feed/>",
            b"a text about <svg> elements",
        ];
        for text in others {
            assert_eq!(format(text), None, "{}", text.escape_ascii());
        }
        assert_eq!(format(b"\0\0\x02\0\x01\0"), Some(Format::Ico), "a cursor");
    }

    #[test]
    fn content_tells_the_format() {
        let cases: [(&[u8], Option<Format>); 12] = [
            (b"\xff\xd8\xff\xe0", Some(Format::Jpeg)),
            (b"\x89PNG\r\n\x1a\n", Some(Format::Png)),
            (b"RIFF\0\0\0\0WEBPVP8 ", Some(Format::WebP)),
            (b"RIFF\0\0\0\0WAVEfmt ", None),
            (b"GIF89a", Some(Format::Gif)),
            (b"BM\0\0\0\0\0\0\0\0\0\0\0\0\x28\0\0\0", Some(Format::Bmp)),
            (b"BMW is a car maker", None),
            (b"MM\0*", Some(Format::Tiff)),
            (b"\0\0\0\x14ftypmif1\0\0\0\0avif", Some(Format::Avif)),
            (b"\0\0\0\x18ftypheic\0\0\0\0mif1heic", Some(Format::Heif)),
            (b"\0\0\0\x18ftypisom\0\0\0\0mp41mp42", None),
            (b"", None),
        ];
        for (bytes, expected) in cases {
            assert_eq!(format(bytes), expected, "{bytes:?}");
        }
    }

    #[test]
    fn a_header_cut_anywhere_is_not_a_panic() {
        for magic in
            [&b"\0\0\0\x14ftypmif1\0\0\0\0avif"[..], b"RIFF\0\0\0\0WEBP", b"BM\0\0\0\0\0\0\0\0\0\0\0\0\x28\0\0\0"]
        {
            for end in 0..magic.len() {
                let _ = format(&magic[..end]);
            }
        }
    }
}
