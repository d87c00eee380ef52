//! See `presend_fuzz::boundary`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| presend_fuzz::boundary(bytes));
