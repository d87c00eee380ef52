//! See `presend_fuzz::sealed_kernels`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| presend_fuzz::sealed_kernels(bytes));
