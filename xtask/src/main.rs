//! One command per chore: `cargo xtask <chore>`.
#![forbid(unsafe_code)]

fn main() {}
