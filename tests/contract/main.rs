//! Holds the emulator and the client's wire types against the shapes of Cloudflare's own bodies, and the
//! emulator against the rules that public sources report, one table row for each.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests fail by panicking")]

mod client;
mod faults;
mod lives;
mod refusals;
mod road;
mod shapes;
mod stand;
mod worlds;
