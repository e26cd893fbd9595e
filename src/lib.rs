//! cfmint makes, rotates and retires scoped Cloudflare API tokens from YAML profiles.

pub mod catalogue;
pub mod cli;
pub mod cloudflare;
pub mod custody;
pub mod emulator;
pub mod lifecycle;
pub mod plan;
pub mod profile;
pub mod secret;
pub mod sink;
pub mod world;
