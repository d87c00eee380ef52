//! See `presend_fuzz::set_file`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| presend_fuzz::set_file(bytes));
