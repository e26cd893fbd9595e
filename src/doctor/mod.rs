//! Why Cloudflare said no, and what to do about it; and what a program needs, so that it need not say no.
//!
//! In: codes, requests, or what another program printed or asked for. Out: causes in plain words, each with the next
//! step, and the least rights.

pub mod explain;
pub mod learn;
