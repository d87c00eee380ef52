//! See `presend_fuzz::linear_index`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| presend_fuzz::linear_index(bytes));
