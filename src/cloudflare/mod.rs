//! The typed client of Cloudflare's API.
//!
//! A [`Client`] is one credential on one [`Transport`]. Its methods are the requests; each returns what
//! Cloudflare said, or an [`Error`] that tells what happened and, through [`Error::certainty`], whether the
//! request can have had an effect. One function sends, one opens the envelope, one pure function decides
//! whether to send again. A signal stops whatever does not keep custody.
//!
//! Wire facts come from <https://developers.cloudflare.com/api/> and
//! <https://developers.cloudflare.com/fundamentals/api/>.

mod base;
mod cancel;
mod client;
mod clock;
mod credential;
mod endpoint;
mod envelope;
mod error;
mod listing;
mod pace;
mod pages;
mod reason;
mod refusal;
mod relay;
mod retry;
mod send;
pub mod wire;

pub use base::ApiBase;
pub use cancel::CancelCheck;
pub use client::{Client, NewToken};
pub use clock::Clocks;
pub use credential::{Credential, SecretKind};
pub use endpoint::{Endpoint, RequestEffect, TokenOwner};
pub use error::{Certainty, Error, Fault};
pub use listing::{RowDefect, TokenList, UnreadableRow};
pub use pace::Room;
pub use reason::{Lacking, Reason};
pub use refusal::Refusal;
pub use relay::{Relay, RelayBody, Relaying};

/// What carries the requests: who makes a client brings it.
pub use crate::http::{
    Answer, Https, HttpsError, LONGEST_BODY, ProxyError, Request, SendFailure, Sending, Transport,
    check_proxy,
};
