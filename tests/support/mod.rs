//! What the integration tests share. Each test binary uses a part of it.

#![allow(dead_code, unused_imports, unreachable_pub, clippy::unwrap_used, clippy::expect_used, clippy::panic)]
#![allow(clippy::disallowed_methods, reason = "tests set their scene with the file system itself")]

mod command;
mod disk;
mod far;
mod sample;
mod scene;
mod transport;
pub mod vault;
mod watch;
mod world;

pub use command::{cfmint, cfmint_on};
pub use sample::{is_thorough, sample};
pub use scene::{LiveToken, Ran, Scene, is_write};
pub use transport::{Arrives, FaultyTransport, Gate, Mishap, Seen, name};
pub use watch::Watch;
pub use world::{Doom, TestWorld};
