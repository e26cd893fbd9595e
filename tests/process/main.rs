//! cfmint as a process of its own: what cannot be seen from inside one.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    missing_docs,
    reason = "a test stops where it fails"
)]
#![allow(clippy::disallowed_methods, reason = "these tests look at cfmint from outside")]

mod learn;
mod lock;
mod programs;
mod proxy;
