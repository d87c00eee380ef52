//! The list owner's side of Presend.
//!
//! [`import`] reads hash lists in the shapes people have them, with an error for every record that cannot be used; [`enrol`]
//! makes one from images. [`ops`] merges, compares and clusters them. [`seal`] turns them into a segment that can be matched
//! but not read, [`publish`] says what is in it, and [`sign`] vouches for it. [`demo`] is a set that ships with the project.
#![forbid(unsafe_code)]

pub mod demo;
pub mod enrol;
pub mod import;
pub mod list;
pub mod ops;
pub mod publish;
pub mod published;
pub mod seal;
pub mod sign;
