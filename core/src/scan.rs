//! The front door: a picture and a set of known hashes go in, a verdict comes out.

use crate::decode::{DecodeError, Format, Frame, Limits, Picture};
use crate::distance::{Distance, Threshold};
use crate::hash::{Algorithm, Dihedral, Effort, Hashed, Oriented, Precision, Quality, Scratch, TooSmall};
use crate::index::{Found, Index, Payload};
use crate::pixels::{Backdrop, PixelView};
use crate::set::exact::FileDigest;

/// What is searched for, and when two pictures count as the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Policy {
    /// The largest distance that is a match.
    pub threshold: Threshold,
    /// Hashes below this quality are not looked up.
    pub min_quality: Quality,
    /// In which orientations a picture is looked up.
    pub orientations: Orientations,
    /// How hard a picture is looked up that may have been edited.
    pub effort: Effort,
    /// Whether files may be hashed faster than exactly. Pixels are always hashed exactly.
    pub precision: Precision,
    /// What a file may ask for.
    pub limits: Limits,
}

impl Policy {
    /// The defaults for algorithm `A`: its own threshold, quality 50, the upright orientation, no effort, exact hashes,
    /// desktop limits.
    #[must_use]
    pub fn of<A: Algorithm>() -> Self {
        Self {
            threshold: A::DEFAULT_THRESHOLD,
            min_quality: Quality::DEFAULT_GATE,
            orientations: Orientations::Upright,
            effort: Effort::NONE,
            precision: Precision::Exact,
            limits: Limits::default(),
        }
    }
}

/// In which orientations a picture is looked up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Orientations {
    /// As stored, and as an orientation tag turns it for viewing, where there is one.
    Upright,
    /// All eight ways to turn and mirror it: finds mirrored and turned copies.
    Dihedral,
}

/// The outcome for one picture.
///
/// Unknown is an outcome of its own: what cannot be judged is never [`NoMatch`](Self::NoMatch).
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// Everything the picture shows was looked up, and nothing was found.
    NoMatch,
    /// At least one entry is near enough; the nearest first, each entry once.
    Match(Vec<Match>),
    /// Something in the picture could not be judged, and nothing else matched.
    Inconclusive(Inconclusive),
}

/// One entry that was found, and where its nearest likeness in the picture is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Match {
    /// Which entry of the index.
    pub entry: usize,
    /// How far it is.
    pub distance: Distance,
    /// Which frame, from 0.
    pub frame: u32,
    /// The backdrop on which the frame looks like the entry.
    pub backdrop: Backdrop,
    /// How the stored picture was turned to look like the entry.
    pub orientation: Dihedral,
    /// By which guess at what the picture was before an edit; 0 is the picture as it is. The distance is that of the
    /// guess.
    pub lookup: usize,
    /// What the entry says of itself, in a sealed set that gives entries something to say.
    pub payload: Option<Payload>,
    /// The digest by which the file itself was found, before it was decoded; `None` where a picture in it was.
    pub file: Option<FileDigest>,
}

/// Why a picture could not be judged.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Inconclusive {
    /// Too few pixels.
    #[error("{0}")]
    TooSmall(TooSmall),
    /// Too little structure for the hash to mean anything.
    #[error("quality {quality} is below {min}: too little structure to judge{}", in_frame(*.frame))]
    LowQuality {
        /// The best quality among the views that cannot be judged.
        quality: Quality,
        /// The policy's gate.
        min: Quality,
        /// Which frame, from 0.
        frame: u32,
    },
    /// The file has missing or corrupt data; other programs may show another picture than the one looked up.
    #[error("data is missing or corrupt{}", in_frame(*.frame))]
    Damaged {
        /// Which frame, from 0.
        frame: u32,
    },
    /// The frames before this one were looked up, this one and those behind it could not be decoded.
    #[error("frame {frame} cannot be decoded: {error}")]
    Undecodable {
        /// Which frame, from 0.
        frame: u32,
        /// Why.
        error: DecodeError,
    },
}

impl Inconclusive {
    /// A name that stays the same whatever the message says.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::TooSmall(_) => "too-small",
            Self::LowQuality { .. } => "low-quality",
            Self::Damaged { .. } => "damaged",
            Self::Undecodable { .. } => "undecodable-frame",
        }
    }
}

/// Says which frame, where it is not the only or first one.
fn in_frame(frame: u32) -> String {
    if frame == 0 { String::new() } else { format!(" (frame {frame})") }
}

/// A verdict, and what the file turned out to be.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Scanned {
    /// The outcome.
    pub verdict: Verdict,
    /// The picture; `None` where the file itself is listed and was not decoded.
    pub picture: Option<PictureFacts>,
}

/// What is known of a picture that was decoded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct PictureFacts {
    /// The format, told by content.
    pub format: Format,
    /// Width as stored, in pixels.
    pub width: u32,
    /// Height as stored, in pixels.
    pub height: u32,
    /// Frames looked up.
    pub frames: u32,
    /// The quality of the hash of record, that of the first frame as stored; `None` when it is too small.
    pub quality: Option<Quality>,
    /// How it was hashed: fast only if the policy allows it and the file can be.
    pub precision: Precision,
}

/// Judges pictures against an index of known hashes.
///
/// Holds no state between scans: one scanner serves any number of threads, each with its own [`Scratch`].
#[derive(Debug, Clone)]
pub struct Scanner<A: Algorithm, I: Index<A>> {
    algorithm: A,
    index: I,
    policy: Policy,
}

impl<A: Algorithm, I: Index<A>> Scanner<A, I> {
    /// A scanner for one algorithm, whose index holds hashes of that algorithm.
    #[must_use]
    pub fn new(algorithm: A, index: I, policy: Policy) -> Self {
        Self { algorithm, index, policy }
    }

    /// The index.
    #[must_use]
    pub fn index(&self) -> &I {
        &self.index
    }

    /// The policy.
    #[must_use]
    pub fn policy(&self) -> &Policy {
        &self.policy
    }

    /// Decodes a file and judges every frame of it.
    ///
    /// # Errors
    /// [`DecodeError`] when not even the first frame can be had. A fault behind it makes the verdict
    /// [`Verdict::Inconclusive`], unless an earlier frame matched.
    pub fn scan(&self, bytes: &[u8], scratch: &mut Scratch) -> Result<Scanned, DecodeError> {
        if let Some(scanned) = self.scan_file(bytes) {
            return Ok(scanned);
        }
        let picture = Picture::open_in(bytes, &self.policy.limits, scratch)?;
        let (format, width, height, upright) = (picture.format(), picture.width(), picture.height(), picture.upright());
        let mut fold = Fold::default();
        let facts = |fold: &Fold, precision| {
            Some(PictureFacts { format, width, height, frames: fold.frames, quality: fold.quality, precision })
        };
        if self.policy.precision == Precision::Fast
            && let Some(hashed) = self.algorithm.hash_fast(&picture, self.ways(&upright), self.policy.effort)
        {
            self.look_up([(Backdrop::Ignored, hashed)], 0, &mut fold);
            let picture = facts(&fold, Precision::Fast);
            return Ok(Scanned { verdict: fold.verdict(), picture });
        }
        for frame in picture {
            match frame {
                Ok(Frame { index, pixels, damaged, .. }) => {
                    if damaged {
                        fold.doubt(Inconclusive::Damaged { frame: index });
                    }
                    self.judge(pixels.view(), index, upright, scratch, &mut fold);
                    scratch.recycle(pixels);
                }
                Err(error) if fold.frames == 0 => return Err(error),
                Err(error) => fold.doubt(Inconclusive::Undecodable { frame: fold.frames, error }),
            }
        }
        let picture = facts(&fold, Precision::Exact);
        Ok(Scanned { verdict: fold.verdict(), picture })
    }

    /// The verdict on a file whose digest is listed: it matches, whatever it holds.
    fn scan_file(&self, bytes: &[u8]) -> Option<Scanned> {
        let (entry, digest) = self.index.find_file(bytes)?;
        let found = Match {
            entry,
            distance: Distance::ZERO,
            frame: 0,
            backdrop: Backdrop::Ignored,
            orientation: Dihedral::Original,
            lookup: 0,
            payload: None,
            file: Some(digest),
        };
        Some(Scanned { verdict: Verdict::Match(vec![found]), picture: None })
    }

    /// Judges pixels that are decoded already.
    pub fn scan_pixels(&self, pixels: PixelView<'_>, scratch: &mut Scratch) -> Verdict {
        let mut fold = Fold::default();
        self.judge(pixels, 0, None, scratch, &mut fold);
        fold.verdict()
    }

    /// Judges the next frame of a picture that somebody else decodes, unless it is beyond the limits: then the rest of the
    /// picture counts as undecodable. Whether a further frame is of any use.
    pub fn scan_frame(&self, pixels: PixelView<'_>, scan: &mut FrameScan, scratch: &mut Scratch) -> bool {
        let Limits { pixels: of_a_frame, frames, animation_pixels, .. } = self.policy.limits;
        let (width, height) = (pixels.width() as u32, pixels.height() as u32);
        let (frame, area) = (scan.fold.frames, u64::from(width) * u64::from(height));
        scan.pixels += area;
        let refused = if area > of_a_frame {
            Some(DecodeError::TooManyPixels { width, height, limit: of_a_frame })
        } else if frame >= frames || (frame > 0 && scan.pixels > animation_pixels) {
            Some(DecodeError::TooManyFrames { frames: frame })
        } else {
            None
        };
        if let Some(error) = refused {
            scan.fold.doubt(Inconclusive::Undecodable { frame, error });
            return false;
        }
        scan.first.get_or_insert((width, height));
        self.judge(pixels, frame, None, scratch, &mut scan.fold);
        true
    }

    /// Looks one frame up as it is stored and, where it is not opaque, as it shows on white and on black.
    fn judge(
        &self,
        pixels: PixelView<'_>,
        frame: u32,
        upright: Option<Dihedral>,
        scratch: &mut Scratch,
        fold: &mut Fold,
    ) {
        let shown = if pixels.is_translucent() { [Backdrop::White, Backdrop::Black].as_slice() } else { &[] };
        let ways = self.ways(&upright);
        let mut views = Vec::new();
        for &backdrop in [Backdrop::Ignored].iter().chain(shown) {
            match self.algorithm.hash_turned(pixels.on(backdrop), ways, self.policy.effort, scratch) {
                Ok(hashed) => views.push((backdrop, hashed)),
                // As small on every backdrop.
                Err(too_small) => fold.doubt(Inconclusive::TooSmall(too_small)),
            }
        }
        self.look_up(views, frame, fold);
    }

    /// In which ways a picture is turned to be looked up, beside as it is stored.
    fn ways<'a>(&self, upright: &'a Option<Dihedral>) -> &'a [Dihedral] {
        match self.policy.orientations {
            Orientations::Upright => upright.as_slice(),
            Orientations::Dihedral => &Dihedral::ALL,
        }
    }

    /// Looks the views of one frame up by their hashes, as it is stored first.
    ///
    /// A view that shows nothing at all (quality 0, as black ink has on black) casts no doubt on the others; one that
    /// shows too little to judge does.
    fn look_up(
        &self,
        hashed: impl IntoIterator<Item = (Backdrop, (Hashed<A>, Vec<Oriented<A>>))>,
        frame: u32,
        fold: &mut Fold,
    ) {
        fold.frames += 1;
        let (mut queries, mut views) = (Vec::new(), Vec::new());
        let mut poor = None;
        for (backdrop, (Hashed { quality, .. }, hashes)) in hashed {
            if frame == 0 && backdrop == Backdrop::Ignored {
                fold.quality = Some(quality);
            }
            if quality < self.policy.min_quality {
                poor = poor.max(Some(quality));
                continue;
            }
            for Oriented { orientation, lookup, hash } in hashes {
                queries.push(hash);
                views.push((backdrop, orientation, lookup));
            }
        }
        if let Some(quality) = poor.filter(|quality| queries.is_empty() || quality.value() > 0) {
            fold.doubt(Inconclusive::LowQuality { quality, min: self.policy.min_quality, frame });
        }
        let mut found = Vec::new();
        self.index.search(&queries, self.policy.threshold, &mut found);
        fold.found(&found, |query| {
            let (backdrop, orientation, lookup) = views[query];
            Place { frame, backdrop, orientation, lookup }
        });
    }
}

/// A picture of which frames come one by one, from a decoder that is not ours.
#[derive(Debug, Default)]
pub struct FrameScan {
    fold: Fold,
    pixels: u64,
    first: Option<(u32, u32)>,
}

impl FrameScan {
    /// Says that the next frame could not be had.
    pub fn undecodable(&mut self, error: DecodeError) {
        self.fold.doubt(Inconclusive::Undecodable { frame: self.fold.frames, error });
    }

    /// Width and height of the first frame in pixels.
    #[must_use]
    pub fn size(&self) -> Option<(u32, u32)> {
        self.first
    }

    /// How many frames were looked up.
    #[must_use]
    pub fn frames(&self) -> u32 {
        self.fold.frames
    }

    /// The quality of the first frame; `None` when it is too small.
    #[must_use]
    pub fn quality(&self) -> Option<Quality> {
        self.fold.quality
    }

    /// The outcome; `None` if there was nothing to judge.
    #[must_use]
    pub fn verdict(self) -> Option<Verdict> {
        (self.fold.frames > 0 || self.fold.doubt.is_some()).then(|| self.fold.verdict())
    }
}

/// What a query stands for.
struct Place {
    frame: u32,
    backdrop: Backdrop,
    orientation: Dihedral,
    lookup: usize,
}

/// What the frames so far add up to.
#[derive(Debug, Default)]
struct Fold {
    /// Each entry once, in ascending order.
    matches: Vec<Match>,
    doubt: Option<Inconclusive>,
    frames: u32,
    quality: Option<Quality>,
}

impl Fold {
    /// Remembers the first reason why the picture cannot be called unmatched.
    fn doubt(&mut self, why: Inconclusive) {
        self.doubt.get_or_insert(why);
    }

    /// Keeps the nearest likeness of each entry, of the picture as it is if there is one; of equal ones the first.
    fn found(&mut self, found: &[Found], place: impl Fn(usize) -> Place) {
        for &Found { distance, entry, query, payload } in found {
            let Place { frame, backdrop, orientation, lookup } = place(query);
            let new = Match { entry, distance, frame, backdrop, orientation, lookup, payload, file: None };
            self.matches.push(new);
        }
        // A picture that matches as it is needs no guess, even if one is nearer.
        self.matches.sort_by_key(|found| (found.entry, found.lookup > 0, found.distance));
        self.matches.dedup_by_key(|found| found.entry);
    }

    fn verdict(mut self) -> Verdict {
        if !self.matches.is_empty() {
            self.matches.sort_by_key(|found| (found.distance, found.entry));
            return Verdict::Match(self.matches);
        }
        self.doubt.map_or(Verdict::NoMatch, Verdict::Inconclusive)
    }
}
