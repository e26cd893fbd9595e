//! A body that is passed on as it streams, and heard once at its end if it is not too long.

use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};

use super::names::LONGEST_PAGE;
use crate::cloudflare::RelayBody;

/// A body with a listener.
pub(super) struct Listen<F: FnOnce(&[u8])> {
    body: RelayBody,
    heard: Vec<u8>,
    /// Who listens; `None` once it is over, or too long.
    listener: Option<F>,
}

impl<F: FnOnce(&[u8])> Listen<F> {
    pub(super) fn new(body: RelayBody, listener: F) -> Self {
        Self { body, heard: Vec::new(), listener: Some(listener) }
    }

    fn hear(&mut self, bytes: &[u8]) {
        if self.heard.len() + bytes.len() > LONGEST_PAGE {
            self.listener = None;
            self.heard = Vec::new();
        }
        if self.listener.is_some() {
            self.heard.extend_from_slice(bytes);
        }
    }
}

impl<F: FnOnce(&[u8]) + Unpin> Body for Listen<F> {
    type Data = Bytes;
    type Error = <RelayBody as Body>::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Self::Error>>> {
        let polled = Pin::new(&mut self.body).poll_frame(context);
        if let Poll::Ready(Some(Ok(frame))) = &polled
            && let Some(bytes) = frame.data_ref()
        {
            self.hear(bytes);
        }
        // A body of a known length is not asked again once it is all there.
        if matches!(polled, Poll::Ready(None)) || self.body.is_end_stream() {
            let heard = std::mem::take(&mut self.heard);
            if let Some(listener) = self.listener.take() {
                listener(&heard);
            }
        }
        polled
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
