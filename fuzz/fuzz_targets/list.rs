//! See `presend_fuzz::list`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| presend_fuzz::list(bytes));
