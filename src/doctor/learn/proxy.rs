//! Requests of a program on this machine -> the API, recorded on the way.
//!
//! In: plain HTTP on loopback, below `/client/v4`, where the SDKs and Wrangler append their paths. Out: the same requests
//! to the real API, bodies as they stream and the program's own credential untouched; and, at the end, a [`Recording`].
//! Nothing but methods, paths, statuses and the names in lists of accounts and zones is looked at, and none of it is written here.

use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use axum::body::Body;
use axum::extract::{Request, State};
use axum::response::{IntoResponse as _, Response};
use http::header::{ACCEPT_ENCODING, CONNECTION, EXPECT, HOST};
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode, Uri};
use http_body_util::BodyExt as _;
use serde_json::json;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

use super::listen::Listen;
use super::names::Listed;
use super::seen::Recording;
use crate::cloudflare::{ApiBase, Relay};

/// What stands in front of every path.
const BASE: &str = "/client/v4";

/// Headers that are between two neighbours and never passed on, beside those that `Connection` names.
///
/// Source: RFC 9110, section 7.6.1.
const HOP_BY_HOP: [&str; 8] = [
    "connection",
    "keep-alive",
    "proxy-authenticate",
    "proxy-authorization",
    "proxy-connection",
    "te",
    "transfer-encoding",
    "upgrade",
];

/// A proxy that serves until it is stopped.
pub struct Proxy {
    address: SocketAddr,
    recording: Arc<Mutex<Recording>>,
    serving: JoinHandle<io::Result<()>>,
}

/// What every request needs.
#[derive(Clone)]
struct Passage {
    relay: Arc<dyn Relay>,
    base: String,
    recording: Arc<Mutex<Recording>>,
}

impl Proxy {
    /// Serves on a free port of this machine, and passes on to the API at `base`.
    pub async fn start(relay: Arc<dyn Relay>, base: &ApiBase) -> io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let address = listener.local_addr()?;
        let recording = Arc::new(Mutex::new(Recording::default()));
        let base = base.as_str().to_owned();
        let passage = Passage { relay, base, recording: Arc::clone(&recording) };
        let router = axum::Router::new().fallback(pass_on).with_state(passage);
        let serving = tokio::spawn(async move { axum::serve(listener, router).await });
        Ok(Self { address, recording, serving })
    }

    /// The base that a program appends its paths to.
    #[must_use]
    pub fn base(&self) -> String {
        format!("http://{}{BASE}", self.address)
    }

    /// Ends it, and with it whatever is still on its way, and returns what was asked for.
    pub async fn stop(self) -> Recording {
        self.serving.abort();
        self.serving.await.ok();
        let mut recording = std::mem::take(&mut *hold(&self.recording));
        recording.nothing_more_comes();
        recording
    }
}

/// A panic while it is held leaves a recording that is whole: every note is one step.
fn hold(recording: &Mutex<Recording>) -> MutexGuard<'_, Recording> {
    recording.lock().unwrap_or_else(PoisonError::into_inner)
}

async fn pass_on(State(passage): State<Passage>, request: Request) -> Response {
    let (mut parts, body) = request.into_parts();
    let path = parts.uri.path().strip_prefix(BASE).unwrap_or_default().to_owned();
    if !path.starts_with('/') {
        let message = format!("cfmint learn passes on what lies below {BASE}/ only");
        return refusal(StatusCode::NOT_FOUND, &message);
    }
    let query = parts.uri.query().map(|query| format!("?{query}")).unwrap_or_default();
    let path = path + &query;
    hold(&passage.recording).request(parts.method.as_str(), &path);
    let listed = Listed::by(parts.method.as_str(), &path);
    let Ok(uri) = format!("{}{path}", passage.base).parse::<Uri>() else {
        hold(&passage.recording).answered(Some(StatusCode::BAD_REQUEST.as_u16()));
        return refusal(StatusCode::BAD_REQUEST, "cfmint learn cannot pass on this path");
    };
    parts.uri = uri;
    parts.version = http::Version::HTTP_11;
    parts.extensions.clear();
    remove_hop_by_hop(&mut parts.headers);
    parts.headers.remove(HOST);
    parts.headers.remove(EXPECT);
    if listed.is_some() {
        // Names are read from the answer as it passes by, which takes one that is not packed.
        parts.headers.insert(ACCEPT_ENCODING, HeaderValue::from_static("identity"));
    }
    let request = http::Request::from_parts(parts, body.map_err(Into::into).boxed_unsync());
    let (mut parts, body) = match passage.relay.pass_on(request).await {
        Ok(answer) => answer.into_parts(),
        Err(failure) => {
            hold(&passage.recording).answered(Some(StatusCode::BAD_GATEWAY.as_u16()));
            return refusal(StatusCode::BAD_GATEWAY, &format!("cfmint learn got {failure}"));
        }
    };
    hold(&passage.recording).answered(Some(parts.status.as_u16()));
    remove_hop_by_hop(&mut parts.headers);
    let body = match listed.filter(|_| parts.status == StatusCode::OK) {
        Some(listed) => Body::new(Listen::new(body, move |page| {
            hold(&passage.recording).answer(listed, page);
        })),
        None => Body::new(body),
    };
    Response::from_parts(parts, body)
}

fn remove_hop_by_hop(headers: &mut HeaderMap) {
    let named: Vec<HeaderName> = headers
        .get_all(CONNECTION)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .filter_map(|name| name.trim().parse().ok())
        .collect();
    for name in named {
        headers.remove(name);
    }
    for name in HOP_BY_HOP {
        headers.remove(name);
    }
}

/// An answer of the proxy's own, in Cloudflare's envelope, so that every program can read it.
fn refusal(status: StatusCode, message: &str) -> Response {
    let errors = [json!({ "code": status.as_u16(), "message": message })];
    let envelope = json!({ "success": false, "errors": errors, "messages": [], "result": null });
    (status, axum::Json(envelope)).into_response()
}
