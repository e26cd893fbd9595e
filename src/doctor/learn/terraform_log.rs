//! What Terraform logs with `TF_LOG=debug` -> the requests of Cloudflare's provider in it.
//!
//! The provider logs each request as it goes over the wire, in its version 5 (`internal/logging`) as in those before it:
//! `GET /client/v4/zones/… HTTP/1.1`, at the beginning of a line, in quotes, or behind a `\n` where the log is JSON.
//! Of the answer, `HTTP/2.0 403 Forbidden` has the status.

use super::address::{Leads, host_of, is_own, leads, status};
use super::seen::Recording;
use crate::catalogue::METHODS;

/// What ends a request line, and begins the one of an answer.
const PROTOCOL: &str = "HTTP/";

/// The requests in a log; `None` where it has none.
pub(super) fn read(text: &str, own: Option<&str>) -> Option<Recording> {
    let mut recording = Recording::default();
    for (at, _) in text.match_indices(PROTOCOL) {
        if let Some((method, path)) = text[..at].strip_suffix(' ').and_then(request) {
            match host(&text[at..]) {
                Some(host) if !is_own(host, own) => recording.abroad(host),
                _ => recording.request(method, path),
            }
        } else if let Some(status) = answer(&text[at..]).filter(|_| recording.waiting() > 0) {
            // What answers no request of the API is none of its answers.
            recording.answered(Some(status));
        }
    }
    recording.says_something().then_some(recording)
}

/// The host that the headers name behind the request line whose end begins a text, where they do.
fn host(text: &str) -> Option<&str> {
    let (_, rest) = text.split_once(PROTOCOL)?;
    // What follows the next request or answer is not about this one.
    let headers = rest.split(PROTOCOL).next()?;
    let (_, value) = headers.split_once("\nHost: ").or_else(|| headers.split_once("\\nHost: "))?;
    value.split(|letter: char| letter.is_whitespace() || "\\\"".contains(letter)).next().map(host_of)
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
    // Its host stands in a line of its own.
    match leads(address, None) {
        Leads::ToApi(path) if address.starts_with('/') => Some((method, path)),
        _ => None,
    }
}
