//! Plain hash lists as a scan uses them: the entries of one algorithm, and every other record a fault.
//!
//! The shapes are those of [`import`](crate::import)'s lists of lines. A hash that is said to be of another algorithm than
//! the one asked for is a fault, never an entry.

use std::io::{self, BufRead};

use presend_core::{Algorithm, ImageHash, Quality};

use crate::import::lines::{self, Line, Parts};
use crate::import::{Faults, Place};

pub use crate::import::{Fault, FaultKind, MAX_FAULTS};

/// A list as read: what can be used, and what cannot.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct HashList<A: Algorithm> {
    /// The entries, in the order of the file. Duplicates are kept.
    pub entries: Vec<Entry<A>>,
    /// The first [`MAX_FAULTS`] records that cannot be used.
    pub faults: Vec<Fault>,
    /// How many records cannot be used.
    pub faulty: usize,
    /// Entries whose algorithm the file does not name. They are taken to be of the algorithm asked for.
    pub unnamed: usize,
    /// Rows that hold no hash but say why, as `presend hash` writes them for files it could not hash.
    pub without_hash: usize,
}

/// A known hash, with what its list says of it.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Entry<A: Algorithm> {
    /// The hash.
    pub hash: ImageHash<A>,
    /// The quality of the picture it was made from.
    pub quality: Option<Quality>,
    /// The name or label the list gives it.
    pub label: Option<String>,
    /// Where it stands, from 1.
    pub line: u64,
}

impl<A: Algorithm> HashList<A> {
    /// Reads a list of hashes by algorithm `A`, line by line; memory grows with the entries only.
    ///
    /// # Errors
    /// Only where the reader fails. Records that cannot be used are [`faults`](Self::faults) of the list.
    pub fn read(reader: impl BufRead) -> io::Result<Self> {
        let mut list = Self { entries: Vec::new(), faults: Vec::new(), faulty: 0, unnamed: 0, without_hash: 0 };
        let mut faults = Faults::default();
        lines::each(reader, |line, read| match read {
            Ok(Line::Record(parts)) => match entry(&parts, line) {
                Ok(entry) => {
                    list.unnamed += usize::from(parts.signal.is_none());
                    list.entries.push(entry);
                }
                Err(kind) => faults.add(Place::Line(line), kind),
            },
            Ok(Line::WithoutHash) => list.without_hash += 1,
            Ok(Line::Header) => {}
            Err(kind) => faults.add(Place::Line(line), kind),
        })?;
        Ok(Self { faults: faults.first, faulty: faults.count, ..list })
    }
}

fn entry<A: Algorithm>(parts: &Parts<'_>, line: u64) -> Result<Entry<A>, FaultKind> {
    let hash = parts.hash()?;
    Ok(Entry { hash, quality: parts.quality()?, label: parts.label().map(str::to_owned), line })
}

#[cfg(test)]
mod tests {
    use presend_core::{AHash, Pdq, Pdq512};

    use super::*;
    use crate::import::MAX_LINE;

    const A: &str = "f8f8f0cee0f4a84f06370a22038f63f0b36e2ed596621e1d33e6b39c4e9c9b22";
    const B: &str = "0007001f003f003f007f00ff00ff00ff01ff01ff01ff03ff03ff03ff03ff03ff";

    fn read(text: impl AsRef<[u8]>) -> HashList<Pdq> {
        HashList::read(text.as_ref()).expect("memory does not fail")
    }

    fn hashes(list: &HashList<Pdq>) -> Vec<String> {
        list.entries.iter().map(|entry| entry.hash.to_string()).collect()
    }

    fn faults(list: &HashList<Pdq>) -> Vec<String> {
        list.faults.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn faults_quote_no_hash_that_stands_where_a_word_should() {
        let list = read(format!("{A} a label\nhash,quality\n"));
        assert_eq!(faults(&list)[0], "line 1: unknown algorithm of 64 characters");
        let list = read(format!("hash,quality\n{A},{B}\n"));
        assert_eq!(faults(&list), ["line 2: of 64 characters is no quality from 0 to 100"]);
    }

    #[test]
    fn every_shape_gives_the_same_entries() {
        let shapes = [
            format!("pdq {A}\npdq {B}\n"),
            format!("{A}\n{B}"),
            format!("\u{feff}{A}\r\n\r\n  {B}  \r\n"),
            format!("{A},100,a.jpg\n{B},0,b.jpg\n"),
            format!("hash\n{A}\n{B}\n"),
            format!("signal_type,signal_str,collab,category,tags\npdq,{A},c,,x y\npdq,{B},c,,\n"),
            format!(
                "path,frame,algorithm,hash,quality,width,height,error\na.jpg,0,pdq,{A},100,9,9,\n\"b, c\",0,pdq,{B},0,9,9,\n"
            ),
        ];
        for shape in shapes {
            let list = read(&shape);
            assert_eq!(hashes(&list), [A, B], "{shape}");
            assert_eq!(faults(&list), [""; 0], "{shape}");
        }
    }

    #[test]
    fn labels_qualities_and_lines_are_kept() {
        let list = read(format!("# a comment\n{A},97,name, with comma.jpg\n\npdq {B} two words\n"));
        let [a, b] = list.entries.as_slice() else { panic!("two entries") };
        assert_eq!((a.line, a.quality, a.label.as_deref()), (2, Quality::new(97), Some("name, with comma.jpg")));
        assert_eq!((b.line, b.quality, b.label.as_deref()), (4, None, Some("two words")));
        assert_eq!(list.unnamed, 1);

        let list = read(format!("# made by hand\nquality,label,hash\n50,\"a\"\"b\",{A}\n,,{B}\n"));
        let [a, b] = list.entries.as_slice() else { panic!("two entries") };
        assert_eq!((a.line, a.quality, a.label.as_deref()), (3, Quality::new(50), Some("a\"b")));
        assert_eq!((b.line, b.quality, b.label.as_deref()), (4, None, None));
    }

    #[test]
    fn every_fault_names_its_line_and_spares_the_rest() {
        let long = "x".repeat(MAX_LINE as usize + 1);
        let text = format!("{A}\nabc\nnot a hash\npdq zz\npdq-512 {A}\n{A},101,x\nvideo_md5 {A}\n{long}\n{B}\n");
        let mut bytes = text.into_bytes();
        bytes.extend_from_slice(b"\xff\xfe\n");
        bytes.extend_from_slice(format!("pdq {A}").as_bytes());
        let list = read(bytes);
        assert_eq!(hashes(&list), [A, B, A]);
        assert_eq!(
            faults(&list),
            [
                "line 2: expected 64 hexadecimal digits, found 3",
                "line 3: unknown algorithm \"not\"",
                "line 4: 'z' in column 1 is not a hexadecimal digit",
                "line 5: the hash is pdq-512, not pdq",
                "line 6: \"101\" is no quality from 0 to 100",
                "line 7: unknown algorithm \"video_md5\"",
                "line 8: longer than 65536 bytes",
                "line 10: not UTF-8 text",
            ]
        );
    }

    #[test]
    fn faults_in_a_table_name_the_line_of_the_file() {
        let list = read(format!("# x\nhash,quality,error\n{A},1,\n,,cannot decode\n,,\nabc,,\n{B},x,\n"));
        assert_eq!(hashes(&list), [A]);
        assert_eq!(list.without_hash, 1);
        assert_eq!(
            faults(&list),
            [
                "line 5: no hash",
                "line 6: expected 64 hexadecimal digits, found 3",
                "line 7: \"x\" is no quality from 0 to 100"
            ]
        );
    }

    #[test]
    fn an_algorithm_can_be_stated_once_for_bare_hashes() {
        let text = format!("# algorithm: pdq-512\n{A}\n{B},100,b.jpg\n");
        let list: HashList<Pdq512> = HashList::read(text.as_bytes()).unwrap();
        assert_eq!((list.entries.len(), list.unnamed), (2, 0));
        let list = read(text);
        assert_eq!(list.entries.len(), 0);
        assert_eq!(faults(&list)[0], "line 2: the hash is pdq-512, not pdq");
        let list: HashList<AHash> = HashList::read(&b"ahash 0123456789abcdef\n"[..]).unwrap();
        assert_eq!(list.entries[0].hash.to_string(), "0123456789abcdef");
    }

    #[test]
    fn a_file_of_nothing_but_faults_keeps_the_first_and_counts_all() {
        let list = read("x\n".repeat(1_000));
        assert_eq!((list.faults.len(), list.faulty), (MAX_FAULTS, 1_000));
    }

    #[test]
    fn names_in_a_table_may_look_like_comments_or_headers() {
        let list = read(format!("path,hash\n#1.jpg,{A}\n# a comment\n\"#2, \"\"x\"\".jpg\",{B}\n"));
        assert_eq!(hashes(&list), [A, B]);
        assert_eq!(list.entries[1].label.as_deref(), Some("#2, \"x\".jpg"));
        let list = read(format!("{A},100,hash\n{B},100,path\n"));
        assert_eq!(hashes(&list), [A, B]);
    }

    #[test]
    fn a_quote_left_open_costs_its_own_line_only() {
        let list = read(format!("hash,label\n{A},\"open\n{B},x\n"));
        assert_eq!(hashes(&list), [B]);
        assert_eq!(faults(&list), ["line 2: a quote that is not closed in its line"]);
    }

    #[test]
    fn names_of_columns_and_algorithms_may_be_in_capitals() {
        assert_eq!(hashes(&read(format!("Hash,Algorithm\n{A},PDQ\n"))), [A]);
        assert_eq!(hashes(&read(format!("PDQ {}\n", A.to_uppercase()))), [A]);
    }

    #[test]
    fn an_algorithm_stated_below_a_header_counts() {
        let list = read(format!("hash,label\n# algorithm: pdq-512\n{A},x\n"));
        assert_eq!(faults(&list), ["line 3: the hash is pdq-512, not pdq"]);
    }

    #[test]
    fn an_empty_list_has_no_entries() {
        for text in ["", "\n\n", "# nothing\n", "hash,quality\n"] {
            assert!(read(text).entries.is_empty());
        }
    }
}
