//! What Terraform logs with `TF_LOG=debug` -> the requests of Cloudflare's provider in it.
//!
//! The provider logs each request as it goes over the wire, in its version 5 (`internal/logging`) as in those before it:
//! `GET /client/v4/zones/… HTTP/1.1`, at the beginning of a line, in quotes, or behind a `\n` where the log is JSON.
//! Of the answer, `HTTP/2.0 403 Forbidden` has the status.

use super::address::{api_path, status};
use super::seen::Recording;
use crate::catalogue::METHODS;

/// What ends a request line, and begins the one of an answer.
const PROTOCOL: &str = "HTTP/";

/// The requests in a log; `None` where it has none.
pub(super) fn read(text: &str) -> Option<Recording> {
    let mut recording = Recording::default();
    for (at, _) in text.match_indices(PROTOCOL) {
        if let Some((method, path)) = text[..at].strip_suffix(' ').and_then(request) {
            recording.request(method, path);
        } else if let Some(status) = answer(&text[at..]).filter(|_| recording.waiting() > 0) {
            // What answers no request of the API is none of its answers.
            recording.answered(Some(status));
        }
    }
    (!recording.is_empty()).then_some(recording)
}

/// The status of the answer that begins where a text begins.
fn answer(text: &str) -> Option<u16> {
    let (_, rest) =
        text.split_once(' ').filter(|(protocol, _)| !protocol.contains(['\n', '\\', '\r', '"']))?;
    status(rest.get(..3)?)
}

/// The request that ends where a text ends.
fn request(before: &str) -> Option<(&str, &str)> {
    let line = before.rsplit('\n').next()?;
    let (rest, address) = line.rsplit_once(' ')?;
    let method = METHODS.into_iter().find(|method| {
        // In JSON, the letter in front may be the one of `\n`.
        rest.strip_suffix(method).is_some_and(|rest| {
            rest.ends_with("\\n") || !rest.ends_with(|last: char| last.is_ascii_alphanumeric())
        })
    })?;
    Some((method, api_path(address)?))
}
