//! See `presend_fuzz::bmp`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| presend_fuzz::bmp(bytes));
