//! The list owner's side of Presend: hash lists, read with an error for every record that cannot be used, and the
//! demo that ships with the project.
#![forbid(unsafe_code)]

pub mod demo;
pub mod import;
pub mod list;
pub mod ops;
pub mod publish;
pub mod published;
pub mod seal;
pub mod sign;
