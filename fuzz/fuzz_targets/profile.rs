//! Any bytes as a profile.
#![no_main]

#[path = "../../tests/claims/profile.rs"]
mod claims;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| claims::hold(bytes));
