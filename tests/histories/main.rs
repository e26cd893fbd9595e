//! Random histories of commands, faults, time and second machines, played against the real commands. Whatever happens, no
//! sink holds a dead secret, no consumer loses a secret before its overlap is over, and one undisturbed run in the end
//! finds one generation in force, in every sink.
//!
//! Every day plays the same few histories, and more of them where `CI` is set; `HISTORIES=5000 cargo test --test histories`
//! plays as many new ones as one likes.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "a test stops where it fails, and says what it tried"
)]
#![allow(clippy::disallowed_methods, reason = "tests set their scene with the file system itself")]

#[path = "../support/mod.rs"]
mod support;

mod history;
mod runners;

use proptest::test_runner::{Config, RngAlgorithm, TestCaseError, TestRng, TestRunner};

use history::{Ending, Setting, play};

/// Plays new histories of a setting where a number is said, elsewhere always the same.
fn player() -> TestRunner {
    let config = |cases| Config { cases, failure_persistence: None, ..Config::default() };
    let said = std::env::var("HISTORIES").ok().and_then(|text| text.parse().ok());
    let Some(cases) = said else {
        let cases = if support::is_thorough() { 120 } else { 24 };
        let random = TestRng::deterministic_rng(RngAlgorithm::ChaCha);
        return TestRunner::new_with_rng(config(cases), random);
    };
    TestRunner::new(config(cases))
}

fn hold(setting: Setting) {
    let outcome = player().run(&history::histories(setting), |history| match play(setting, &history) {
        Ending::Holds => Ok(()),
        Ending::Violated(why) => Err(TestCaseError::fail(why)),
    });
    if let Err(error) = outcome {
        panic!("{error}");
    }
}

#[test]
fn one_machine_with_an_env_file() {
    hold(Setting::EnvFile);
}

#[test]
fn one_machine_with_a_program() {
    hold(Setting::Program);
}

#[test]
fn one_machine_with_an_env_file_and_a_program() {
    hold(Setting::Both);
}

#[test]
fn two_machines_that_share_a_program() {
    hold(Setting::SharedProgram);
}

#[test]
fn fresh_runners_that_share_a_program() {
    hold(Setting::Runners);
}
