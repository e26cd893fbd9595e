//! What holds for every input.
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test")]

/// What is claimed of any bytes; the fuzzer checks the same, and more.
#[path = "../claims"]
#[allow(dead_code, reason = "the fuzzer alone takes statuses from bytes")]
mod claims {
    pub(crate) mod env_file;
    pub(crate) mod envelope;
    pub(crate) mod profile;
}
mod decide;
mod env_file;
mod envelope;
mod import;
mod plan;
mod profile;
mod prune;
