//! The typed client of Cloudflare's API.
//!
//! A [`Client`] is one credential on one [`Transport`]. Its methods are the requests; each returns what
//! Cloudflare said, or an [`Error`] that tells what happened and, through [`Error::fate`], whether the
//! request can have had an effect. One function sends, one opens the envelope, one pure function decides
//! whether to send again.
//!
//! Wire facts come from <https://developers.cloudflare.com/api/> and
//! <https://developers.cloudflare.com/fundamentals/api/>.

mod base;
mod client;
mod credential;
mod endpoint;
mod envelope;
mod error;
mod https;
mod meaning;
mod retry;
mod transport;
pub mod wire;

pub use base::{ApiBase, BadApiBase};
pub use client::{Client, NewToken, Stop};
pub use credential::{Credential, SecretKind};
pub use endpoint::{Effect, Endpoint, TokenOwner};
pub use error::{Error, Fate, Fault, Refusal, printable};
pub use https::{Https, HttpsError, ProxyError, check_proxy};
pub use transport::{Answer, LONGEST_BODY, Request, SendFailure, Sending, Transport};
