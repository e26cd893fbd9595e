//! Results and refusals -> framed answers: the envelope, pages, headers.

use axum::response::{IntoResponse, Response};
use http::header::{CONTENT_TYPE, RETRY_AFTER};
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use serde::Serialize;
use serde_json::{Value, json};

use super::error_reply::ErrorReply;
use super::oddities::Spoil;
use super::route::Query;
use crate::cloudflare::wire::ResultInfo;

/// An answer before it is written.
pub(super) struct Reply {
    /// The HTTP status.
    pub(super) status: StatusCode,
    /// The body, JSON in every honest answer.
    pub(super) body: String,
    /// Headers beyond the content type.
    pub(super) headers: HeaderMap,
}

impl Reply {
    /// A success that is one result.
    pub(super) fn result(result: impl Serialize) -> Self {
        Self::ok(&json!({ "result": result, "success": true, "errors": [], "messages": [] }))
    }

    /// A success with one message; Cloudflare gives those a `type` of null.
    pub(super) fn with_message(result: impl Serialize, code: i64, message: &str) -> Self {
        let messages = json!([{ "code": code, "message": message, "type": null }]);
        Self::ok(&json!({ "result": result, "success": true, "errors": [], "messages": messages }))
    }

    /// A whole list that knows no pages.
    pub(super) fn whole_list(rows: impl Serialize) -> Self {
        Self::ok(&json!({
            "result": rows, "success": true, "errors": [], "messages": [], "result_info": null
        }))
    }

    /// One page of a list; a page past the end is empty.
    pub(super) fn page(rows: Vec<Value>, page: PageRequest, counts_pages: CountsPages) -> Self {
        Self::page_of(rows, page, counts_pages, |row| row)
    }

    /// One page of a list whose rows are worth making only where they are shown.
    pub(super) fn page_of<T>(
        rows: Vec<T>,
        page: PageRequest,
        counts_pages: CountsPages,
        show: impl Fn(T) -> Value,
    ) -> Self {
        let total_count = rows.len() as u64;
        let skipped = usize::try_from((page.number - 1).saturating_mul(page.size)).unwrap_or(usize::MAX);
        let size = usize::try_from(page.size).unwrap_or(usize::MAX);
        let shown: Vec<Value> = rows.into_iter().skip(skipped).take(size).map(show).collect();
        let info = ResultInfo {
            count: shown.len() as u64,
            page: page.number,
            per_page: page.size,
            total_count,
            total_pages: match counts_pages {
                CountsPages::Yes => Some(total_count.div_ceil(page.size)),
                CountsPages::No => None,
            },
        };
        Self::ok(&json!({
            "result": shown, "success": true, "errors": [], "messages": [], "result_info": info
        }))
    }

    /// A refusal, with the page that describes the endpoint.
    pub(super) fn refused(refusal: &ErrorReply, documentation: Option<&str>) -> Self {
        let body = refusal.body(documentation).to_string();
        let mut reply = Self { status: refusal.status(), body, headers: HeaderMap::new() };
        if let ErrorReply::RateLimited { wait, .. } = refusal {
            reply.header(RETRY_AFTER, &wait.to_string());
        }
        reply
    }

    fn ok(body: &Value) -> Self {
        Self { status: StatusCode::OK, body: body.to_string(), headers: HeaderMap::new() }
    }

    /// Spoils the body.
    pub(super) fn spoil(&mut self, spoil: &Spoil) {
        if let Ok(mut body) = serde_json::from_str(&self.body) {
            spoil(&mut body);
            self.body = body.to_string();
        }
    }

    /// Adds a header; a value that no header can hold is left out.
    pub(super) fn header(&mut self, name: HeaderName, value: &str) {
        if let Ok(value) = HeaderValue::from_str(value) {
            self.headers.insert(name, value);
        }
    }
}

impl From<ErrorReply> for Reply {
    fn from(refusal: ErrorReply) -> Self {
        Self::refused(&refusal, None)
    }
}

impl IntoResponse for Reply {
    fn into_response(mut self) -> Response {
        let json = HeaderValue::from_static("application/json");
        self.headers.entry(CONTENT_TYPE).or_insert(json);
        (self.status, self.headers, self.body).into_response()
    }
}

/// Whether a list says how many pages it has; only accounts and zones do.
#[derive(Debug, Clone, Copy)]
pub(super) enum CountsPages {
    /// It does.
    Yes,
    /// It does not.
    No,
}

/// Which page is asked for; both numbers are at least 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct PageRequest {
    number: u64,
    size: u64,
}

impl PageRequest {
    /// The first page, of the usual size.
    pub(super) const FIRST: Self = Self { number: 1, size: 20 };

    /// Reads `page` (from 1) and `per_page` (5 to 50, else 20).
    pub(super) fn read(query: &Query) -> Result<Self, ErrorReply> {
        let number = match query.get("page").map(str::parse::<u64>) {
            None => 1,
            Some(Ok(number)) if number >= 1 => number,
            Some(_) => {
                return Err(ErrorReply::Malformed { field: "page", must: "be a number of at least 1" });
            }
        };
        let size = match query.get("per_page").map(str::parse::<u64>) {
            None => 20,
            Some(Ok(size)) if (5..=50).contains(&size) => size,
            Some(_) => return Err(ErrorReply::Malformed { field: "per_page", must: "be between 5 and 50" }),
        };
        Ok(Self { number, size })
    }

    /// The same page of a server that gives at most so many rows.
    pub(super) fn at_most(self, size: u64) -> Self {
        Self { size: self.size.min(size.max(1)), ..self }
    }
}
