//! What Wrangler prints with `WRANGLER_LOG=debug` -> the requests in it.
//!
//! Wrangler says each request in a line of its own, `-- START CF API REQUEST: PUT https://…/client/v4/…`, without its
//! query, and each answer in another, `-- START CF API RESPONSE: Forbidden 403`
//! (`packages/wrangler/src/cfetch/internal.ts`, wrangler 3 and 4).

use super::address::{Leads, status};
use super::seen::Recording;

/// What begins a request.
const MARK: &str = "CF API REQUEST:";
/// What begins an answer: its words and its status.
const ANSWER: &str = "CF API RESPONSE:";

/// The requests in a log; `None` where it has none.
pub(super) fn read(text: &str, own: Option<&str>) -> Option<Recording> {
    let mut recording = Recording::default();
    for line in text.lines() {
        if let Some((_, answer)) = line.split_once(ANSWER) {
            // What answers no request of the API is none of its answers.
            let status = answer.split_whitespace().find_map(status).filter(|_| recording.waiting() > 0);
            if status.is_some() {
                recording.answered(status);
            }
            continue;
        }
        let Some((_, request)) = line.split_once(MARK) else { continue };
        let mut words = request.split_whitespace();
        if let (Some(method), Some(address)) = (words.next(), words.next())
            && let Leads::ToApi(path) = recording.leads(address, own)
        {
            // It asks for zones by their names only.
            let path = if path == "/zones" { "/zones?name=" } else { path };
            recording.request(method, path);
        }
    }
    recording.says_something().then_some(recording)
}
