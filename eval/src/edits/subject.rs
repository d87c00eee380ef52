//! A picture about to be transformed.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;

use image::RgbImage;
use presend_core::{Dihedral, Limits};

use crate::ops::{self, BILINEAR, Jpeg};

/// A picture, with what several transformations of it share.
#[derive(Debug)]
pub struct Subject {
    picture: RgbImage,
    seed: u64,
    /// Scaled down to a longer side.
    fitted: RefCell<BTreeMap<u32, Rc<RgbImage>>>,
    /// Scaled down to a longer side, saved at a quality and opened again.
    sent: RefCell<BTreeMap<(u32, u8), RgbImage>>,
}

impl Subject {
    /// A picture, and the digest of its file: noise, sides and places are chosen by it, so that over many pictures none is
    /// favoured and the same file gives the same pixels.
    #[must_use]
    pub fn new(picture: RgbImage, digest: &[u8; 32]) -> Self {
        let [first, ..] = *digest.as_chunks::<8>().0 else { unreachable!("32 bytes are four words") };
        Self { picture, seed: u64::from_le_bytes(first), fitted: RefCell::default(), sent: RefCell::default() }
    }

    /// The picture as it is.
    #[must_use]
    pub fn picture(&self) -> &RgbImage {
        &self.picture
    }

    /// A number for one purpose, the same every time.
    pub(super) fn seed(&self, purpose: u64) -> u64 {
        let mut state = self.seed ^ purpose.wrapping_mul(0x2545_f491_4f6c_dd1d);
        ops::splitmix(&mut state)
    }

    /// Of `count` sides or places one.
    pub(super) fn choose(&self, count: u64) -> u64 {
        self.seed(0) % count
    }

    /// Degrees to one of the two sides.
    pub(super) fn either_way(&self, degrees: f64) -> f64 {
        if self.choose(2) == 0 { degrees } else { -degrees }
    }

    pub(super) fn longest(&self) -> u32 {
        self.picture.width().max(self.picture.height())
    }

    /// Scaled down so that the longer side is `longest`, bilinear; pictures that fit stay as they are.
    pub(super) fn fitted(&self, longest: u32) -> Rc<RgbImage> {
        let longest = longest.min(self.longest());
        let fit = || Rc::new(ops::within(&self.picture, longest, BILINEAR));
        Rc::clone(self.fitted.borrow_mut().entry(longest).or_insert_with(fit))
    }

    /// Scaled down and saved as JPEG, as messengers do.
    pub(super) fn sent(&self, longest: u32, quality: u8) -> Option<RgbImage> {
        let key = (longest.min(self.longest()), quality);
        if let Some(known) = self.sent.borrow().get(&key) {
            return Some(known.clone());
        }
        let sent = ops::through_jpeg(&self.fitted(longest), Jpeg::of(quality))?;
        self.sent.borrow_mut().insert(key, sent.clone());
        Some(sent)
    }

    /// As [`sent`](Self::sent), by the first of several sizes and qualities of which the file has at most `bytes`, else by
    /// the last.
    pub(super) fn sent_within(&self, bytes: usize, attempts: &[(u32, u8)]) -> Option<RgbImage> {
        let (last, first) = attempts.split_last()?;
        for &(longest, quality) in first {
            let file = Jpeg::of(quality).write(&self.fitted(longest))?;
            if file.len() <= bytes {
                return ops::decode(&file);
            }
        }
        self.sent(last.0, last.1)
    }

    /// `make`, unless what it makes has more pixels than the engine decodes: `times` as many as the picture.
    pub(super) fn grown(&self, times: f64, make: impl FnOnce(&RgbImage) -> RgbImage) -> Option<RgbImage> {
        let pixels = f64::from(self.picture.width()) * f64::from(self.picture.height()) * times;
        (pixels <= Limits::default().pixels as f64).then(|| make(&self.picture))
    }

    pub(super) fn turned(&self, way: Dihedral) -> Option<RgbImage> {
        Some(ops::turn(&self.picture, way))
    }
}
