//! Why Cloudflare said no, and what to do about it.
//!
//! In: codes, requests, or what another program printed. Out: causes in plain words, each with the next step.

pub mod explain;
pub mod wrangler;
