//! Holds the emulator and the client's wire types against the shapes of Cloudflare's own bodies, the emulator
//! against the rules that public sources report, one table row for each, and the client against the emulator
//! and against everything that can happen on the way.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests fail by panicking")]

#[path = "../support/mod.rs"]
mod support;

mod client;
mod faults;
mod fixture;
mod held;
mod https;
mod lists;
mod lives;
mod machines;
mod oddities;
mod patience;
mod power;
mod products;
mod reads;
mod reasons;
mod refusals;
mod relay;
mod shapes;
mod signals;
mod transport;
mod worlds;
mod wrangler;
