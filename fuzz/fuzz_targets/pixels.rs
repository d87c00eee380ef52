//! See `presend_fuzz::pixels`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| presend_fuzz::pixels(bytes));
