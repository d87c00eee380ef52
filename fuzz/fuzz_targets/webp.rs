//! See `presend_fuzz::webp`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| presend_fuzz::webp(bytes));
