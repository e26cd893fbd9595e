//! Any bytes as an answer of the API: the last one chooses the status, the others are the body.
#![no_main]

#[path = "../../tests/claims/envelope.rs"]
mod claims;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| claims::hold(bytes));
