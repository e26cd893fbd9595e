//! Whole commands, in process: the emulator for Cloudflare, a virtual clock, and every effect recorded.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
#![allow(clippy::disallowed_methods, reason = "tests set their scene with the file system itself")]

#[path = "../support/mod.rs"]
mod support;

mod adopt;
mod bootstraps;
mod collisions;
mod drift;
mod failures;
mod import;
mod journal;
mod keeping;
mod leaks;
mod lives;
mod permissions;
mod profiles;
mod surroundings;
mod verifying;
