//! A transport of a test's own: to an emulator, with whatever goes wrong on the way, and a record of what was sent.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};

use axum::body::{Body, to_bytes};
use cfmint::cloudflare::{
    Answer, ApiBase, Client, Credential, LONGEST_BODY, Request, SendFailure, Sending, Transport,
};
use cfmint::emulator::Emulator;
use cfmint::secret::Secret;
use http::{HeaderMap, StatusCode};
use tower::ServiceExt;

/// What happens to one request.
#[derive(Clone)]
pub(crate) enum Turn {
    /// It arrives and is answered.
    Arrives,
    /// It goes wrong on the way.
    Fails(SendFailure),
    /// Something else answers.
    Answers(u16, &'static [(&'static str, &'static str)], String),
}

/// A request as it was sent.
#[derive(Debug, Clone)]
pub(crate) struct Sent {
    pub(crate) line: String,
    pub(crate) headers: HeaderMap,
    pub(crate) body: String,
}

#[derive(Clone)]
pub(crate) struct ScriptedTransport {
    emulator: Emulator,
    turns: Arc<Mutex<VecDeque<Turn>>>,
    sent: Arc<Mutex<Vec<Sent>>>,
}

impl ScriptedTransport {
    pub(crate) fn to(emulator: &Emulator) -> Self {
        Self { emulator: emulator.clone(), turns: Arc::default(), sent: Arc::default() }
    }

    /// What happens to the next requests; those after them arrive.
    pub(crate) fn with(self, turns: impl IntoIterator<Item = Turn>) -> Self {
        self.turns.lock().unwrap().extend(turns);
        self
    }

    /// A client on this transport with a token.
    pub(crate) fn client(&self, secret: &str) -> Client {
        self.client_with(Credential::Token(Secret::new(secret.to_owned())))
    }

    pub(crate) fn client_with(&self, credential: Credential) -> Client {
        Client::new(Arc::new(self.clone()), ApiBase::emulator(), credential)
    }

    pub(crate) fn sent(&self) -> Vec<Sent> {
        self.sent.lock().unwrap().clone()
    }

    /// Method, path and query of each request so far.
    pub(crate) fn lines(&self) -> Vec<String> {
        self.sent().into_iter().map(|sent| sent.line).collect()
    }
}

impl Transport for ScriptedTransport {
    fn send(&self, request: Request) -> Sending<'_> {
        let path = request.uri().path_and_query().map_or("", |path| path.as_str());
        let line = format!("{} {}", request.method(), path.strip_prefix("/client/v4").unwrap_or(path));
        let body = String::from_utf8(request.body().clone()).unwrap();
        self.sent.lock().unwrap().push(Sent { line, headers: request.headers().clone(), body });
        let turn = self.turns.lock().unwrap().pop_front();
        Box::pin(async move {
            match turn.unwrap_or(Turn::Arrives) {
                Turn::Fails(failure) => Err(failure),
                Turn::Answers(status, headers, body) => {
                    let mut answer = Answer::new(body.into_bytes().into());
                    *answer.status_mut() = StatusCode::from_u16(status).unwrap();
                    for (name, value) in headers {
                        answer.headers_mut().insert(*name, value.parse().unwrap());
                    }
                    Ok(answer)
                }
                Turn::Arrives => {
                    let response = self.emulator.router().oneshot(request.map(Body::from)).await.unwrap();
                    let (parts, body) = response.into_parts();
                    let bytes = to_bytes(body, LONGEST_BODY).await.unwrap();
                    Ok(Answer::from_parts(parts, bytes.to_vec().into()))
                }
            }
        })
    }
}

/// A connection that never came about.
pub(crate) fn refused() -> Turn {
    Turn::Fails(SendFailure::NotSent("connection refused".to_owned()))
}

/// A connection that broke while the answer was on its way.
pub(crate) fn reset() -> Turn {
    Turn::Fails(SendFailure::Lost("connection reset".to_owned()))
}
