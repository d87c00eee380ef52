//! See `presend_fuzz::gif`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| presend_fuzz::gif(bytes));
