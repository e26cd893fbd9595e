//! Any bytes as an env file.
#![no_main]

#[path = "../../tests/claims/env_file.rs"]
mod claims;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| claims::hold(bytes));
