//! The classic 64-bit hashes, computed by the `img_hash` crate (published as `image_hasher`) with its defaults:
//! an 8×8 hash, Lanczos3 scaling, bits least significant first.
//!
//! They serve comparisons. Their bits are `img_hash`'s, so the promise "same pixels, same bits on every machine",
//! which holds for PDQ, is theirs to keep. They have no quality of their own: PDQ's gates them too.

use img_hash::{HashAlg, HasherConfig, Image};

use super::{Algorithm, AlgorithmId, Dihedral, DihedralHashes, Hashed, ImageHash, Scratch, TooSmall, pdq};
use crate::distance::Threshold;
use crate::pixels::{PixelFormat, PixelView, Pixels};

macro_rules! classic {
    ($($(#[$doc:meta])* $name:ident = $config:expr;)*) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
        pub struct $name;

        impl Algorithm for $name {
            type Bits = [u64; 1];
            const ID: AlgorithmId = AlgorithmId::$name;
            // As many of 64 bits as 31 is of 256: a place to start, not a measured operating point.
            const DEFAULT_THRESHOLD: Threshold = Threshold::new(8);

            fn hash(&self, pixels: PixelView<'_>, scratch: &mut Scratch) -> Result<Hashed<Self>, TooSmall> {
                TooSmall::check(pixels)?;
                Ok(Hashed { hash: hash(&$config, pixels.flatten()), quality: pdq::quality_of(pixels, scratch) })
            }

            /// Costs eight hashes: each turned picture is hashed by itself.
            fn hash_dihedral(
                &self,
                pixels: PixelView<'_>,
                scratch: &mut Scratch,
            ) -> Result<(Hashed<Self>, DihedralHashes<Self>), TooSmall> {
                TooSmall::check(pixels)?;
                let hashes = Dihedral::ALL.map(|way| hash(&$config, pixels.turned(way).flatten()));
                let hashes = DihedralHashes(hashes);
                let quality = pdq::quality_of(pixels, scratch);
                Ok((Hashed { hash: hashes[Dihedral::Original], quality }, hashes))
            }
        }
    )*};
}

classic! {
    /// Average hash: is a pixel of the 8×8 thumbnail brighter than their mean?
    AHash = config(HashAlg::Mean);
    /// Difference hash: is a pixel of the 9×8 thumbnail brighter than its left neighbour?
    DHash = config(HashAlg::Gradient);
    /// DCT hash: is a low frequency of the picture stronger than their median?
    PHash = config(HashAlg::Median).preproc_dct();
    /// Block hash: is a block of the picture brighter than the median of its band?
    BlockHash = config(HashAlg::Blockhash);
}

fn config(algorithm: HashAlg) -> HasherConfig<[u8; 8]> {
    HasherConfig::with_bytes_type().hash_size(8, 8).hash_alg(algorithm)
}

fn hash<A: Algorithm<Bits = [u64; 1]>>(config: &HasherConfig<[u8; 8]>, pixels: Pixels) -> ImageHash<A> {
    fn bits(config: &HasherConfig<[u8; 8]>, image: Option<impl Image>) -> [u64; 1] {
        let image = image.expect("flattened pixels fill their dimensions");
        [u64::from_be_bytes(config.to_hasher().hash_image(&image).into_inner())]
    }
    let (width, height, format) = (pixels.width(), pixels.height(), pixels.format());
    let bytes = pixels.into_bytes();
    ImageHash::new(match format {
        PixelFormat::Grey8 => bits(config, image::GrayImage::from_raw(width, height, bytes)),
        _ => bits(config, image::RgbImage::from_raw(width, height, bytes)),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn picture() -> image::RgbImage {
        image::RgbImage::from_fn(90, 70, |x, y| image::Rgb([(x * 2) as u8, (y * 3) as u8, (x ^ y) as u8]))
    }

    #[test]
    fn hashes_are_those_of_img_hash() {
        let picture = picture();
        let expected = HasherConfig::new().hash_alg(HashAlg::Gradient).to_hasher().hash_image(&picture);
        let pixels = Pixels::new(picture.into_raw(), 90, 70, PixelFormat::Rgb8).unwrap();
        let hashed = DHash.hash(pixels.view(), &mut Scratch::default()).unwrap();
        assert_eq!(Ok(hashed.hash), ImageHash::from_bytes(expected.as_bytes()));
    }

    #[test]
    fn alpha_and_grey_reach_the_hasher_as_the_view_shows_them() {
        let rgb = picture();
        let rgba: Vec<u8> = rgb.pixels().flat_map(|p| [p[0], p[1], p[2], 0]).collect();
        let pixels = Pixels::new(rgba, 90, 70, PixelFormat::Rgba8).unwrap();
        let opaque = Pixels::new(rgb.into_raw(), 90, 70, PixelFormat::Rgb8).unwrap();
        let mut scratch = Scratch::default();
        let of = |pixels: PixelView<'_>, scratch: &mut Scratch| AHash.hash(pixels, scratch).unwrap().hash;
        assert_eq!(of(pixels.view(), &mut scratch), of(opaque.view(), &mut scratch));
        let white = pixels.view().on(crate::Backdrop::White);
        assert_eq!(of(white, &mut scratch).words(), [u64::MAX], "a white picture is nowhere below its mean");
    }
}
