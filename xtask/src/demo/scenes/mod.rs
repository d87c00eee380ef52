//! The scenes that can be painted, by kind. Each is a function from an empty canvas and a seed; the seed
//! moves clouds, ridges and leaves, and in the busier scenes decides what stands where.

pub(crate) mod cards;
pub(crate) mod coast;
pub(crate) mod fish;
pub(crate) mod garden;
pub(crate) mod indoors;
pub(crate) mod kitchen;
pub(crate) mod landscapes;
mod scenery;
pub(crate) mod sky;
pub(crate) mod skylines;
pub(crate) mod town;

use super::canvas::Canvas;

/// Paints one scene.
pub(crate) type Painter = fn(&mut Canvas, u32);
