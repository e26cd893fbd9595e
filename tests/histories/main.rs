//! Random histories of commands, faults, time and second machines, played against the real commands. Whatever happens, no
//! sink holds a dead secret, no consumer loses a secret before its overlap is over, and one undisturbed run in the end
//! finds one generation in force, in every sink.
//!
//! The number of histories is small every day, and large where `CI` is set; `HISTORIES=5000 cargo test --test histories`
//! plays as many as one likes.

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

use proptest::test_runner::{Config, TestCaseError, TestRunner};

use history::{Ending, Setting, play};

/// How many histories of each setting are played.
fn histories() -> u32 {
    let said = std::env::var("HISTORIES").ok().and_then(|text| text.parse().ok());
    said.unwrap_or(if std::env::var_os("CI").is_some() { 250 } else { 24 })
}

fn hold(setting: Setting) {
    let config = Config { cases: histories(), failure_persistence: None, ..Config::default() };
    let mut runner = TestRunner::new(config);
    let outcome = runner.run(&history::histories(setting), |history| match play(setting, &history) {
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
