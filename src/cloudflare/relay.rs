//! Somebody else's requests, passed on to the API as they stream: nothing of them is kept, and nothing is added.
//!
//! In: a request with an address of the API and a body that may still be on its way. Out: the answer, in the same way.
//! The credential is the caller's own. A [`Transport`](super::Transport) knows whole requests only, and sends cfmint's.

use std::future::Future;
use std::pin::Pin;
use std::sync::Mutex;
use std::task::{Context, Poll};

use crate::http::{Https, SendFailure};
use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};
use http_body_util::BodyExt as _;
use http_body_util::combinators::UnsyncBoxBody;

/// A body on its way.
pub type RelayBody = UnsyncBoxBody<Bytes, Box<dyn std::error::Error + Send + Sync>>;
/// What [`Relay::pass_on`] promises.
pub type Relaying<'a> =
    Pin<Box<dyn Future<Output = Result<http::Response<RelayBody>, SendFailure>> + Send + 'a>>;

/// Passes requests on to an API.
pub trait Relay: Send + Sync {
    /// Passes one request on. Never follows a redirect, never tries twice, and never waits for the whole body.
    fn pass_on(&self, request: http::Request<RelayBody>) -> Relaying<'_>;
}

impl Relay for Https {
    fn pass_on(&self, request: http::Request<RelayBody>) -> Relaying<'_> {
        Box::pin(async move {
            let request = request.map(|body| reqwest::Body::wrap(Exclusive(Mutex::new(body))));
            let response = self.exchange(request).await?;
            Ok(response.map(|body| body.map_err(Into::into).boxed_unsync()))
        })
    }
}

/// A body that only one task reads at a time, which the HTTP library wants to have proven.
struct Exclusive(Mutex<RelayBody>);

impl Exclusive {
    fn body(&mut self) -> &mut RelayBody {
        self.0.get_mut().unwrap_or_else(std::sync::PoisonError::into_inner)
    }
}

impl Body for Exclusive {
    type Data = Bytes;
    type Error = Box<dyn std::error::Error + Send + Sync>;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Self::Error>>> {
        Pin::new(self.body()).poll_frame(context)
    }

    fn is_end_stream(&self) -> bool {
        self.0.lock().is_ok_and(|body| body.is_end_stream())
    }

    fn size_hint(&self) -> SizeHint {
        self.0.lock().map(|body| body.size_hint()).unwrap_or_default()
    }
}
