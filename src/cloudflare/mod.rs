//! The typed client of Cloudflare's API.

mod transport;
pub mod wire;

pub use transport::{Answer, LONGEST_BODY, Request, SendFailure, Sending, Transport};
