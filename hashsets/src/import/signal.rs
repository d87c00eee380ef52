//! What a list's name of a signal type stands for, and digests of whole files: they find unchanged copies only.

use presend_core::set::FileDigest;
use presend_core::{AlgorithmId, ParseHashError};

/// Which digest of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum DigestKind {
    /// MD5.
    Md5,
    /// SHA-1.
    Sha1,
    /// SHA-256.
    Sha256,
}

impl DigestKind {
    /// Every kind.
    pub const ALL: [Self; 3] = [Self::Md5, Self::Sha1, Self::Sha256];

    /// The kind of a digest.
    #[must_use]
    pub const fn of(digest: &FileDigest) -> Self {
        match digest {
            FileDigest::Md5(_) => Self::Md5,
            FileDigest::Sha1(_) => Self::Sha1,
            FileDigest::Sha256(_) => Self::Sha256,
        }
    }

    /// The name in lists: `md5`, `sha1`, `sha256`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Md5 => "md5",
            Self::Sha1 => "sha1",
            Self::Sha256 => "sha256",
        }
    }

    /// The digest of this kind that a text of hexadecimal digits, in either case, spells.
    ///
    /// # Errors
    /// As for a hash, when the text is too long or short, or not hexadecimal.
    pub fn parse(self, text: &str) -> Result<FileDigest, ParseHashError> {
        Ok(match self {
            Self::Md5 => FileDigest::Md5(bytes(text)?),
            Self::Sha1 => FileDigest::Sha1(bytes(text)?),
            Self::Sha256 => FileDigest::Sha256(bytes(text)?),
        })
    }
}

/// A digest in lower-case hexadecimal, as lists have it.
pub(crate) fn hex(digest: &FileDigest) -> String {
    digest.as_bytes().iter().map(|byte| format!("{byte:02x}")).collect()
}

fn bytes<const N: usize>(text: &str) -> Result<[u8; N], ParseHashError> {
    if let Some((at, found)) = text.char_indices().find(|(_, c)| !c.is_ascii_hexdigit()) {
        return Err(ParseHashError::NotHexadecimal { found, column: at + 1 });
    }
    if text.len() != 2 * N {
        return Err(ParseHashError::WrongLength { expected: 2 * N, found: text.len() });
    }
    let mut bytes = [0; N];
    for (byte, digits) in bytes.iter_mut().zip(text.as_bytes().as_chunks::<2>().0) {
        let [high, low] =
            digits.map(|digit| char::from(digit).to_digit(16).expect("every digit was checked above") as u8);
        *byte = high << 4 | low;
    }
    Ok(bytes)
}

/// What a name of a signal type stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Signal {
    /// A perceptual hash of a picture.
    Image(AlgorithmId),
    /// A digest of a file.
    File(DigestKind),
    /// Something else that lists carry: video, text, links, `PhotoDNA`.
    Other,
}

impl Signal {
    /// The signal of that name, in any case, or `None` if nobody's lists use the name.
    pub(crate) fn named(name: &str) -> Option<Self> {
        let name = name.trim().to_ascii_lowercase();
        if let Ok(id) = name.parse() {
            return Some(Self::Image(id));
        }
        if let Some(kind) = DigestKind::ALL.into_iter().find(|kind| kind.name() == name.replace(['-', '_'], "")) {
            return Some(Self::File(kind));
        }
        OTHERS.contains(&name.as_str()).then_some(Self::Other)
    }
}

/// The other signal types of python-threatexchange 1.2 and its extensions, and those that NCMEC's list knows.
const OTHERS: [&str; 17] = [
    "clip",
    "pdf",
    "pdna",
    "pdq_ocr",
    "photodna",
    "raw_text",
    "text_tlsh",
    "tlsh",
    "tmk",
    "trend_query",
    "url",
    "url_md5",
    "video_md5",
    "video_sha256",
    "video_tmk",
    "videntifier",
    "vpdq",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_lead_to_what_they_stand_for() {
        for (name, signal) in [
            ("pdq", Some(Signal::Image(AlgorithmId::Pdq))),
            ("PDQ", Some(Signal::Image(AlgorithmId::Pdq))),
            ("pdq-512", Some(Signal::Image(AlgorithmId::Pdq512))),
            ("SHA-256", Some(Signal::File(DigestKind::Sha256))),
            ("sha_1", Some(Signal::File(DigestKind::Sha1))),
            ("MD5", Some(Signal::File(DigestKind::Md5))),
            ("video_md5", Some(Signal::Other)),
            ("not", None),
            ("", None),
        ] {
            assert_eq!(Signal::named(name), signal, "{name}");
        }
    }

    #[test]
    fn digests_are_read_and_written_back() {
        for (kind, text) in [
            (DigestKind::Md5, "d41d8cd98f00b204e9800998ecf8427e"),
            (DigestKind::Sha1, "da39a3ee5e6b4b0d3255bfef95601890afd80709"),
            (DigestKind::Sha256, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
        ] {
            let digest = kind.parse(&text.to_uppercase()).unwrap();
            assert_eq!((DigestKind::of(&digest), hex(&digest).as_str()), (kind, text));
            let expected = text.len();
            assert_eq!(kind.parse("00"), Err(ParseHashError::WrongLength { expected, found: 2 }));
        }
        assert_eq!(DigestKind::Md5.parse("0x"), Err(ParseHashError::NotHexadecimal { found: 'x', column: 2 }));
    }
}
