//! See `presend_fuzz::png`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| presend_fuzz::png(bytes));
