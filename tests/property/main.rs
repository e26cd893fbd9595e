//! What holds for every input.
#![allow(missing_docs, clippy::unwrap_used, clippy::panic, reason = "a test")]

mod plan;
mod profile;
