//! What a test can make go wrong on the way back, and the log of what came in.

use std::collections::VecDeque;
use std::fmt;

use http::header::{CONTENT_TYPE, RETRY_AFTER};
use http::{HeaderMap, Method, StatusCode};
use serde_json::json;

use super::oddities::Spoil;
use super::reply::Reply;

/// How many requests the log keeps.
const LOG_LENGTH: usize = 10_000;

/// A request as the log has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LoggedRequest {
    /// Its method.
    pub method: Method,
    /// Its path, without `/client/v4`.
    pub path: String,
    /// What stands after the question mark, as it came.
    pub query: Option<String>,
}

impl fmt::Display for LoggedRequest {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} {}", self.method, self.path)?;
        self.query.as_ref().map_or(Ok(()), |query| write!(formatter, "?{query}"))
    }
}

/// Something that goes wrong with one request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InjectedFault {
    /// Whether the request does its work before it goes wrong.
    pub work: Work,
    /// What the caller gets to see.
    pub answer: FaultAnswer,
}

/// Whether a request that goes wrong has done its work.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Work {
    /// It has, and nobody is told.
    Done,
    /// Nothing happened.
    NotDone,
}

/// What the caller of a request that goes wrong gets to see.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FaultAnswer {
    /// An enveloped error.
    Error {
        /// The HTTP status.
        status: StatusCode,
        /// The code.
        code: i64,
        /// The words.
        message: String,
        /// Seconds for the `retry-after` header.
        retry_after: Option<u64>,
    },
    /// A page for people, as the edge shows when it cannot reach what is behind it.
    Page(StatusCode),
    /// The first half of the true answer.
    Half,
    /// Nothing, ever: the caller must give up.
    Silence,
}

type Trigger = Box<dyn Fn(&LoggedRequest) -> bool + Send>;

/// The faults that wait for their request, and the requests that came.
#[derive(Default)]
pub(super) struct Traffic {
    log: VecDeque<LoggedRequest>,
    waiting: Vec<(Trigger, InjectedFault)>,
    spoils: Vec<(Trigger, Spoil)>,
}

impl Traffic {
    /// Lets the next request that fits go wrong, once.
    pub(super) fn wait_for(&mut self, trigger: Trigger, fault: InjectedFault) {
        self.waiting.push((trigger, fault));
    }

    /// Spoils the answer to the next request that fits, once.
    pub(super) fn spoil_next(&mut self, trigger: Trigger, spoil: Spoil) {
        self.spoils.push((trigger, spoil));
    }

    /// What spoils the answer to a request.
    pub(super) fn spoil_of(&mut self, request: &LoggedRequest) -> Option<Spoil> {
        let found = self.spoils.iter().position(|(trigger, _)| trigger(request))?;
        Some(self.spoils.remove(found).1)
    }

    /// Logs a request, and takes out the fault that waited for it.
    pub(super) fn note(&mut self, request: LoggedRequest) -> Option<InjectedFault> {
        let found = self.waiting.iter().position(|(trigger, _)| trigger(&request));
        if self.log.len() >= LOG_LENGTH {
            self.log.pop_front();
        }
        self.log.push_back(request);
        found.map(|place| self.waiting.remove(place).1)
    }

    /// The requests so far, oldest first.
    pub(super) fn log(&self) -> Vec<LoggedRequest> {
        self.log.iter().cloned().collect()
    }
}

impl FaultAnswer {
    /// What is sent in place of the true answer; `None` if nothing is.
    pub(super) fn instead_of(self, truth: Option<Reply>) -> Option<Reply> {
        let mut reply = Reply { status: StatusCode::OK, body: String::new(), headers: HeaderMap::new() };
        match self {
            Self::Error { status, code, message, retry_after } => {
                let error = json!({ "code": code, "message": message });
                let body = json!({ "success": false, "errors": [error], "messages": [], "result": null });
                reply.status = status;
                reply.body = body.to_string();
                if let Some(seconds) = retry_after {
                    reply.header(RETRY_AFTER, &seconds.to_string());
                }
            }
            Self::Page(status) => {
                reply.status = status;
                reply.body = format!("<html><body><h1>{status}</h1></body></html>\n");
                reply.header(CONTENT_TYPE, "text/html");
            }
            Self::Half => {
                let whole = truth.map_or_else(|| "{\"result\":{}}".to_owned(), |truth| truth.body);
                reply.body = whole.chars().take(whole.chars().count() / 2).collect();
            }
            Self::Silence => return None,
        }
        Some(reply)
    }
}
