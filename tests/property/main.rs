//! What holds for every input. A quarter of the cases is tried every day, all of them where `CI` is set.
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

/// How a property is tried: with so many cases where `CI` is set, with a quarter of them elsewhere.
fn cases(whole: u32) -> proptest::test_runner::Config {
    let is_thorough = std::env::var_os("CI").is_some_and(|value| !value.is_empty());
    let cases = if is_thorough { whole } else { whole / 4 };
    proptest::test_runner::Config { cases, failure_persistence: None, ..Default::default() }
}
