//! See `presend_fuzz::jpeg`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| presend_fuzz::jpeg(bytes));
