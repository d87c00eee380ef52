//! Presend's engine.
#![forbid(unsafe_code)]

mod distance;
mod hash;
mod luma;
mod pixels;

pub use distance::{Distance, Threshold};
pub use hash::pdq::{Pdq, Pdq512};
pub use hash::*;
pub use pixels::{Backdrop, PixelFormat, PixelView, Pixels, PixelsError};
