//! HTTP requests -> answers: one request taken apart, logged, let in, counted, answered, delayed.

use std::future::pending;
use std::net::{IpAddr, SocketAddr};

use axum::body::{Body, HttpBody, to_bytes};
use axum::extract::{ConnectInfo, Request as HttpRequest, State as Shared};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use chrono::{DateTime, TimeDelta, Utc};
use http::header::{CONTENT_LENGTH, DATE};
use http::request::Parts;
use http::{HeaderMap, HeaderName, HeaderValue, Method};

use super::Emulator;
use super::access::Caller;
use super::authenticate::{self, Arrival};
use super::context::RequestContext;
use super::error_reply::ErrorReply;
use super::faults::{LoggedRequest, Traffic, Work};
use super::oddities::Oddities;
use super::owner::EmulatorOwner;
use super::products;
use super::rate_limit::RateLimiter;
use super::reads;
use super::reply::Reply;
use super::route::{BASE, Query, Route};
use super::settings::{DateHeader, Settings, Switches};
use super::state::State;
use super::tokens;

/// The longest body that is read, in bytes.
const LONGEST_BODY: usize = 1024 * 1024;

/// A request extension: the address that an in-process caller wants to be seen with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CallerAddress(pub IpAddr);

/// Everything that changes.
pub(super) struct Core {
    /// What outlives the process.
    pub(super) state: State,
    /// Sides in disputes.
    pub(super) switches: Switches,
    /// What came in, and what shall go wrong.
    pub(super) traffic: Traffic,
    /// What answers are strange in.
    pub(super) oddities: Oddities,
    rate_limiter: RateLimiter,
}

impl Core {
    /// Begins with a state and nothing counted.
    pub(super) fn new(state: State, switches: Switches) -> Self {
        Self {
            state,
            switches,
            traffic: Traffic::default(),
            oddities: Oddities::default(),
            rate_limiter: RateLimiter::default(),
        }
    }
}

/// Answers a request. The work is done first and the answer waits.
pub(super) async fn exchange(Shared(emulator): Shared<Emulator>, request: HttpRequest) -> Response {
    let (parts, body) = request.into_parts();
    let body = to_bytes(body, LONGEST_BODY).await.ok();
    let now = emulator.settings.now();
    let reply = hear(&emulator, &parts, body.as_ref(), now);
    if !emulator.settings.latency.is_zero() {
        tokio::time::sleep(emulator.settings.latency).await;
    }
    match reply {
        Some(reply) => {
            let date = emulator.core().switches.date;
            let response = finish(reply, now, date);
            if parts.method == Method::HEAD { without_body(response) } else { response }
        }
        None => pending().await,
    }
}

/// The step under the lock: log, do the work unless a fault forbids it, put the fault in place of the answer.
fn hear(emulator: &Emulator, parts: &Parts, body: Option<&Bytes>, now: DateTime<Utc>) -> Option<Reply> {
    let mut core = emulator.core();
    let path = parts.uri.path();
    let request = LoggedRequest {
        method: parts.method.clone(),
        path: path.strip_prefix(BASE).unwrap_or(path).to_owned(),
        query: parts.uri.query().map(str::to_owned),
    };
    let spoil = core.traffic.spoil_of(&request);
    let fault = core.traffic.note(request);
    let mut work = || {
        let mut reply = match body {
            Some(body) => answer(&mut core, &emulator.settings, parts, body, now),
            None => Reply::from(ErrorReply::TooLong),
        };
        if let Some(spoil) = &spoil {
            reply.spoil(spoil);
        }
        reply
    };
    match fault {
        None => Some(work()),
        Some(fault) => {
            let truth = (fault.work == Work::Done).then(work);
            fault.answer.instead_of(truth)
        }
    }
}

fn answer(core: &mut Core, settings: &Settings, parts: &Parts, body: &[u8], now: DateTime<Utc>) -> Reply {
    let route = match Route::find(&parts.method, parts.uri.path()) {
        Ok(route) => route,
        Err(refusal) => return refusal.into(),
    };
    let address = address(parts, settings);
    let caller = match admit(core, &Arrival { headers: &parts.headers, address, now, route: &route }) {
        Ok(caller) => caller,
        Err(refusal) => return Reply::refused(&refusal, Some(&route.documentation())),
    };
    let allowance = match core.switches.rate_limit {
        None => None,
        Some(limit) => match core.rate_limiter.count(subject(&caller), limit, now) {
            Ok(allowance) => Some((limit, allowance)),
            Err(wait) => {
                return ErrorReply::RateLimited { requests: limit.requests, seconds: limit.seconds, wait }
                    .into();
            }
        },
    };
    if let Caller::Token { id, .. } = &caller {
        core.state.used(id, now);
    }

    let query = Query::read(&parts.uri);
    let mut context = RequestContext {
        state: &mut core.state,
        switches: &core.switches,
        oddities: &mut core.oddities,
        settings,
        caller: &caller,
        now,
        query: &query,
        body,
    };
    let mut reply = match &route {
        Route::Tokens(owner, route) => tokens::answer(&mut context, owner, route),
        Route::Accounts => reads::accounts(&context),
        Route::Account(id) => reads::account(&context, id),
        Route::WorkerScripts(account) => reads::worker_scripts(&context, account),
        Route::Buckets(account) => reads::buckets(&context, account, jurisdiction(&parts.headers)),
        Route::WorkerService(account) => reads::worker_service(&context, account),
        Route::Zones => reads::zones(&context),
        Route::Zone(id) => reads::zone(&context, id),
        Route::User => reads::user(&context),
        Route::Memberships => reads::memberships(&context),
        Route::Product(request) => products::answer(&context, request),
    }
    .unwrap_or_else(|refusal| Reply::refused(&refusal, Some(&route.documentation())));
    if let Some((limit, left)) = allowance {
        let left = format!("\"default\";r={};t={}", left.left, left.reset);
        let policy = format!("\"default\";q={};w={}", limit.requests, limit.seconds);
        reply.header(HeaderName::from_static("ratelimit"), &left);
        reply.header(HeaderName::from_static("ratelimit-policy"), &policy);
    }
    reply
}

fn admit(core: &mut Core, arrival: &Arrival<'_>) -> Result<Caller, ErrorReply> {
    let Arrival { address, now, .. } = *arrival;
    if let Some(most) = core.switches.auth_failures
        && core.rate_limiter.is_shut_out(address, most, now)
    {
        return Err(ErrorReply::TooManyFailures);
    }
    let admitted = authenticate::admit(&core.state, &core.switches, arrival);
    let bad =
        [ErrorReply::BearerFormat, ErrorReply::UnknownKey, ErrorReply::InvalidToken, ErrorReply::DeadToken];
    if admitted.as_ref().is_err_and(|refusal| bad.contains(refusal)) {
        core.rate_limiter.failed(address, now);
    }
    admitted
}

/// Everything of the user's counts together; an account's tokens count one by one.
fn subject(caller: &Caller) -> &str {
    match caller {
        Caller::Token { id, owner: EmulatorOwner::Account(_), .. } => id,
        _ => "user",
    }
}

/// The jurisdiction that a request is for; R2 takes none for its own.
fn jurisdiction(headers: &HeaderMap) -> &str {
    headers.get("cf-r2-jurisdiction").and_then(|value| value.to_str().ok()).unwrap_or("default")
}

fn address(parts: &Parts, settings: &Settings) -> IpAddr {
    let told = parts.extensions.get::<CallerAddress>().map(|address| address.0);
    let socket = || parts.extensions.get::<ConnectInfo<SocketAddr>>().map(|ConnectInfo(peer)| peer.ip());
    told.or_else(socket).unwrap_or(settings.address).to_canonical()
}

/// The answer to a HEAD: the headers of the answer to a GET.
fn without_body(response: Response) -> Response {
    let (mut parts, body) = response.into_parts();
    if let Some(length) = body.size_hint().exact() {
        parts.headers.insert(CONTENT_LENGTH, length.into());
    }
    Response::from_parts(parts, Body::empty())
}

/// Answers carry the emulator's own time, which clients reckon by.
fn finish(mut reply: Reply, now: DateTime<Utc>, date: DateHeader) -> Response {
    let said = match date {
        DateHeader::Right => Some(now),
        DateHeader::DaysOff(days) => TimeDelta::try_days(days).and_then(|days| now.checked_add_signed(days)),
        DateHeader::Absent | DateHeader::Garbage => None,
    };
    match said {
        Some(said) => reply.header(DATE, &said.format("%a, %d %b %Y %H:%M:%S GMT").to_string()),
        None if date == DateHeader::Absent => {}
        None => reply.header(DATE, "some day, or the next"),
    }
    reply.headers.insert("cf-ray", HeaderValue::from_static("e000000000000000-EMU"));
    reply.into_response()
}
