//! See `presend_fuzz::tiff`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| presend_fuzz::tiff(bytes));
