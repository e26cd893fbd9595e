//! HTTP requests -> answers: one request taken apart, logged, let in, counted, answered, delayed.

use std::future::pending;
use std::net::{IpAddr, SocketAddr};

use axum::body::to_bytes;
use axum::extract::{ConnectInfo, Request as HttpRequest, State as Shared};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use chrono::{DateTime, TimeDelta, Utc};
use http::header::DATE;
use http::request::Parts;
use http::{HeaderName, HeaderValue};

use super::Emulator;
use super::access::Caller;
use super::faults::{Request, Traffic, Work};
use super::gate::{self, Arrival};
use super::oddities::Oddities;
use super::pace::Pace;
use super::reads;
use super::refusal::Refusal;
use super::reply::Reply;
use super::route::{BASE, Query, Route};
use super::settings::{DateHeader, Random, Settings, Switches};
use super::state::{Owner, State};
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
    pace: Pace,
}

impl Core {
    /// Begins with a state and nothing counted.
    pub(super) fn new(state: State, switches: Switches) -> Self {
        Self {
            state,
            switches,
            traffic: Traffic::default(),
            oddities: Oddities::default(),
            pace: Pace::default(),
        }
    }
}

/// A request that was let in, and all that its answer depends on.
pub(super) struct Visit<'a> {
    /// The world.
    pub(super) state: &'a mut State,
    /// Sides in disputes.
    pub(super) switches: &'a Switches,
    /// What answers are strange in.
    pub(super) oddities: &'a mut Oddities,
    /// Clock, randomness, delays.
    pub(super) settings: &'a Settings,
    /// Who asks.
    pub(super) caller: &'a Caller,
    /// When; whole seconds.
    pub(super) now: DateTime<Utc>,
    /// What stands after the question mark.
    pub(super) query: &'a Query,
    /// The body.
    pub(super) body: &'a [u8],
}

impl<'a> Visit<'a> {
    /// Where random bytes come from.
    pub(super) fn random(&self) -> &'a Random {
        &*self.settings.random
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
            finish(reply, now, date)
        }
        None => pending().await,
    }
}

/// The step under the lock: log, do the work unless a fault forbids it, put the fault in place of the answer.
fn hear(emulator: &Emulator, parts: &Parts, body: Option<&Bytes>, now: DateTime<Utc>) -> Option<Reply> {
    let mut core = emulator.core();
    let path = parts.uri.path();
    let request = Request {
        method: parts.method.clone(),
        path: path.strip_prefix(BASE).unwrap_or(path).to_owned(),
        query: parts.uri.query().map(str::to_owned),
    };
    let spoil = core.traffic.spoil_of(&request);
    let fault = core.traffic.note(request);
    let mut work = || {
        let mut reply = match body {
            Some(body) => answer(&mut core, &emulator.settings, parts, body, now),
            None => Reply::from(Refusal::TooLong),
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
        Err(refusal) => return refusal.into(),
    };
    let allowance = match core.switches.rate_limit {
        None => None,
        Some(limit) => match core.pace.count(subject(&caller), limit, now) {
            Ok(allowance) => Some((limit, allowance)),
            Err(wait) => {
                return Refusal::RateLimited { requests: limit.requests, seconds: limit.seconds, wait }
                    .into();
            }
        },
    };
    if let Caller::Token { id, .. } = &caller {
        core.state.used(id, now);
    }

    let query = Query::read(&parts.uri);
    let mut visit = Visit {
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
        Route::Tokens(owner, route) => tokens::answer(&mut visit, owner, route),
        Route::Accounts => reads::accounts(&visit),
        Route::Account(id) => reads::account(&visit, id),
        Route::WorkerScripts(account) => reads::worker_scripts(&visit, account),
        Route::Zones => reads::zones(&visit),
        Route::Zone(id) => reads::zone(&visit, id),
        Route::User => reads::user(&visit),
    }
    .unwrap_or_else(Reply::from);
    if let Some((limit, left)) = allowance {
        let left = format!("\"default\";r={};t={}", left.left, left.reset);
        let policy = format!("\"default\";q={};w={}", limit.requests, limit.seconds);
        reply.header(HeaderName::from_static("ratelimit"), &left);
        reply.header(HeaderName::from_static("ratelimit-policy"), &policy);
    }
    reply
}

fn admit(core: &mut Core, arrival: &Arrival<'_>) -> Result<Caller, Refusal> {
    let Arrival { address, now, .. } = *arrival;
    if let Some(most) = core.switches.auth_failures
        && core.pace.is_shut_out(address, most, now)
    {
        return Err(Refusal::TooManyFailures);
    }
    let admitted = gate::admit(&core.state, &core.switches, arrival);
    let bad = [Refusal::BearerFormat, Refusal::UnknownKey, Refusal::InvalidToken, Refusal::DeadToken];
    if admitted.as_ref().is_err_and(|refusal| bad.contains(refusal)) {
        core.pace.failed(address, now);
    }
    admitted
}

/// Everything of the user's counts together; an account's tokens count one by one.
fn subject(caller: &Caller) -> &str {
    match caller {
        Caller::Token { id, owner: Owner::Account(_), .. } => id,
        _ => "user",
    }
}

fn address(parts: &Parts, settings: &Settings) -> IpAddr {
    let told = parts.extensions.get::<CallerAddress>().map(|address| address.0);
    let socket = || parts.extensions.get::<ConnectInfo<SocketAddr>>().map(|ConnectInfo(peer)| peer.ip());
    told.or_else(socket).unwrap_or(settings.address).to_canonical()
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
