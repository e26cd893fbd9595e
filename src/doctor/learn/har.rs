//! An HTTP archive (HAR), as browsers and proxies save it -> the requests to Cloudflare's API in it.
//!
//! Source: <http://www.softwareishard.com/blog/har-12-spec/>. Of answers, only those are looked at that list accounts or
//! zones, for their names.

use serde::Deserialize;

use super::address::Leads;
use super::lenient::Lenient;
use super::names::Listed;
use super::seen::Recording;

#[derive(Deserialize)]
struct Archive {
    log: Log,
}

#[derive(Deserialize)]
struct Log {
    entries: Vec<Lenient<Entry>>,
}

#[derive(Deserialize)]
struct Entry {
    request: Request,
    #[serde(default)]
    response: Lenient<Response>,
}

#[derive(Deserialize)]
struct Request {
    method: String,
    url: String,
}

#[derive(Deserialize, Default)]
struct Response {
    #[serde(default)]
    status: Lenient<u16>,
    #[serde(default)]
    content: Content,
}

#[derive(Deserialize, Default)]
struct Content {
    #[serde(default)]
    text: Option<String>,
    #[serde(default)]
    encoding: Option<String>,
}

/// The requests in an archive; `None` where the text is none.
pub(super) fn read(text: &str, own: Option<&str>) -> Option<Recording> {
    let archive: Archive = serde_json::from_str(text).ok()?;
    let mut recording = Recording::default();
    let entries = archive.log.entries.into_iter().filter_map(|entry| entry.0);
    for Entry { request: Request { method, url }, response } in entries {
        let Leads::ToApi(path) = recording.leads(&url, own) else { continue };
        if method == "OPTIONS" {
            continue;
        }
        recording.request(&method, path);
        let Response { status, content: Content { text, encoding } } = response.0.unwrap_or_default();
        // Browsers write 0 where no answer came.
        if let Some(status) = status.0 {
            recording.answered(Some(status).filter(|status| *status != 0));
        }
        if let (Some(listed), Some(text), None) = (Listed::by(&method, path), text, encoding) {
            recording.answer(listed, text.as_bytes());
        }
    }
    Some(recording)
}
