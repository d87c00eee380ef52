//! The demo: a synthetic list and an outbox of pictures about to be sent, in the program itself.
//!
//! `cargo xtask demo` paints every picture and writes the list; nothing here shows anything real.

/// A CSV list of the hashes of twelve painted pictures.
pub const LIST: &[u8] = include_bytes!("../demo/list.csv");

/// The same hashes as a sealed set, endorsed by two imaginary organisations.
pub const SET: &[u8] = include_bytes!("../demo/known.presend");

/// The trust file that asks for both.
pub const TRUST: &[u8] = include_bytes!("../demo/trust.json");

/// A file by name, with its bytes.
pub type File = (&'static str, &'static [u8]);

macro_rules! outbox {
    ($($name:literal)*) => { &[$(($name, include_bytes!(concat!("../demo/outbox/", $name)))),*] };
}

/// What a person is about to send: unrelated pictures, edited copies of listed ones, and files that cannot be judged.
pub const OUTBOX: &[File] = outbox! {
    "aquarium-greyscale.jpg"
    "autumn-wood-mirrored.jpg"
    "beach.jpg"
    "birthday-drawn-in-alpha.png"
    "broken.jpg"
    "cat-card-hidden-under-alpha.png"
    "desk.jpg"
    "flower-bed-blurred.jpg"
    "goldfish.gif"
    "green-hills.jpg"
    "harbour-recompressed.jpg"
    "hot-air-balloons-recoloured.jpg"
    "kitchen-resized.png"
    "mountain-lake-stored-sideways.jpg"
    "notes.png"
    "party-converted.webp"
    "plain-blue.png"
    "shopping.png"
    "skyline.tiff"
    "slideshow.gif"
    "snowy-peaks.webp"
    "snowy-village.bmp"
    "sunflowers.jpg"
    "thanks.png"
};

#[cfg(test)]
mod tests {
    use std::path::Path;

    use presend_core::Pdq;

    use super::*;
    use crate::list::HashList;

    #[test]
    fn the_outbox_is_the_folder() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("demo/outbox");
        let entries = std::fs::read_dir(folder).expect("the demo is part of the repository");
        let mut names: Vec<_> = entries.map(|entry| entry.expect("a listing").file_name()).collect();
        names.sort();
        assert_eq!(names, OUTBOX.iter().map(|(name, _)| *name).collect::<Vec<_>>());
    }

    #[test]
    fn the_list_is_whole_and_labelled() {
        let list = HashList::<Pdq>::read(LIST).expect("memory does not fail");
        assert_eq!((list.entries.len(), list.faulty, list.unnamed), (12, 0, 0));
        assert!(list.entries.iter().all(|entry| entry.label.is_some() && entry.quality.is_some()));
    }
}
