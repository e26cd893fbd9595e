//! Whole commands, in process: the emulator for Cloudflare, a virtual clock, and every effect recorded.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a test stops where it fails, and says what it tried"
)]
#![allow(clippy::disallowed_methods, reason = "tests set their scene with the file system itself")]

#[path = "../support/mod.rs"]
mod support;

mod adopt;
mod answers;
mod audits;
mod beside;
mod bootstraps;
mod collisions;
mod doctor;
mod drift;
mod due;
mod exec;
mod failures;
mod faults;
mod fleet;
mod grants;
mod halfway;
mod hostile;
mod import;
mod keeping;
mod late;
mod leaks;
mod learn;
mod lives;
mod machine;
mod meanwhile;
mod permissions;
mod power;
mod profiles;
mod prune;
mod quota;
mod rotations;
mod round_trips;
mod runners;
mod scale;
mod schedules;
mod seams;
mod signals;
mod sinks;
mod state_folder;
mod surroundings;
mod times;
mod unseen;
mod verifying;
mod year;
