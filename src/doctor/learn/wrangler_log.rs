//! What Wrangler prints with `WRANGLER_LOG=debug` -> the requests in it.
//!
//! Wrangler says each request in a line of its own, `-- START CF API REQUEST: PUT https://…/client/v4/…`, without its
//! query (`packages/wrangler/src/cfetch/internal.ts`, wrangler 3 and 4).

use super::address::api_path;
use super::seen::Recording;

/// What begins a request.
const MARK: &str = "CF API REQUEST:";

/// The requests in a log; `None` where it has none.
pub(super) fn read(text: &str) -> Option<Recording> {
    let mut recording = Recording::default();
    for line in text.lines() {
        let Some((_, request)) = line.split_once(MARK) else { continue };
        let mut words = request.split_whitespace();
        if let (Some(method), Some(path)) = (words.next(), words.next().and_then(api_path)) {
            // It asks for zones by their names only.
            let path = if path == "/zones" { "/zones?name=" } else { path };
            recording.request(method, path);
        }
    }
    (!recording.is_empty()).then_some(recording)
}
