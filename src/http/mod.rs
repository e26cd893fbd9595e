//! One request to a server, one answer back: HTTPS with the system's certificates, or with those that are named.
//!
//! In: an [`Address`] that secrets may be sent to, and a request. Out: the answer, or whether the request can have had an
//! effect. Never follows a redirect, never sends twice, and knows nothing of what is asked.

mod address;
mod https;
mod transport;

pub use address::{Address, BadAddress, Server};
pub use https::{Https, HttpsError, ProxyError, check_proxy};
pub use transport::{Answer, LONGEST_BODY, Request, SendFailure, Sending, Transport};
