//! The transport to a server: one HTTP request out, one answer back, or word of how it failed.
//!
//! [`Https`](super::Https) is the real transport. The embedded emulator and the tests bring transports of their own, which
//! is why this is a trait; what an answer means is for others to decide.

use std::future::Future;
use std::pin::Pin;

use zeroize::Zeroizing;

/// A request, its body complete.
pub type Request = http::Request<Vec<u8>>;
/// An answer, its body complete; wiped when dropped, since it may hold a token's value.
pub type Answer = http::Response<Zeroizing<Vec<u8>>>;
/// What [`Transport::send`] promises.
pub type Sending<'a> = Pin<Box<dyn Future<Output = Result<Answer, SendFailure>> + Send + 'a>>;

/// The longest body that is read, in bytes: a page of 50 tokens takes some hundred thousand.
pub const LONGEST_BODY: usize = 16 * 1024 * 1024;

/// Carries requests to an API.
pub trait Transport: Send + Sync {
    /// Sends one request and waits for the whole answer. Never follows a redirect, never tries twice.
    fn send(&self, request: Request) -> Sending<'_>;
}

/// Why there is no answer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SendFailure {
    /// No connection came about, so nothing was asked: it is safe to ask again.
    #[error("no connection: {0}")]
    NotSent(String),
    /// The request went out and the answer did not arrive whole: nobody knows what happened.
    #[error("the answer was lost: {0}")]
    Lost(String),
}
