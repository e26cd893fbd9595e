//! The one place that sends: signs, waits for the answer, opens it, and tries again where that is safe.
//!
//! In: an endpoint and a body. Out: what the answer's envelope held, or how the request failed. Once a signal has come,
//! nothing is begun but what keeps custody, and nothing lasts beyond the grace.

use std::sync::atomic::Ordering;
use std::time::Duration;

use http::header::{ACCEPT, CONTENT_TYPE, HeaderName, HeaderValue, USER_AGENT};
use serde::de::DeserializeOwned;
use tracing::{debug, info, warn};

use super::client::{AfterSignal, Client};
use super::endpoint::{Endpoint, RequestEffect};
use super::envelope::{Opened, open, retry_after};
use super::error::{Error, Fault};
use super::pace::Room;
use super::retry::wait_before_next;
use crate::http::{Answer, Request, SendFailure};

/// How long one request may take, from sending to the last byte.
const TIME_LIMIT: Duration = Duration::from_secs(30);

/// A wait that people are told of: only the rate limit asks for one as long.
const LONG_WAIT: Duration = Duration::from_secs(5);

/// How often a job that waits asks whether there is room.
const POLL: Duration = Duration::from_secs(1);

/// Which jurisdiction of R2 a request is for.
const JURISDICTION: HeaderName = HeaderName::from_static("cf-r2-jurisdiction");

impl Client {
    /// Waits, but not beyond a signal; a client that keeps custody goes on waiting where the grace is long enough.
    /// Returns whether it waited to the end.
    pub async fn wait(&self, wait: Duration) -> bool {
        let start = tokio::time::Instant::now();
        if self.signal.wait_or_come(wait).await {
            return true;
        }
        let rest = wait.saturating_sub(start.elapsed());
        // A wait that cannot be ended is not worth beginning.
        self.after_signal == AfterSignal::GoOn
            && rest < self.signal.grace()
            && self.signal.within_grace(tokio::time::sleep(rest)).await.is_some()
    }

    /// Sends a request, and returns what the answer held.
    pub(super) async fn request<T: DeserializeOwned, B: serde::Serialize>(
        &self,
        endpoint: &Endpoint,
        query: &[(&str, &str)],
        body: Option<&B>,
    ) -> Result<T, Error> {
        self.send(endpoint, query, body).await.map(|opened| opened.result)
    }

    /// Sends a request, again where that is safe, and returns what the answer held and said about its list.
    pub(super) async fn send<T: DeserializeOwned, B: serde::Serialize>(
        &self,
        endpoint: &Endpoint,
        query: &[(&str, &str)],
        body: Option<&B>,
    ) -> Result<Opened<T>, Error> {
        let failed = |fault| Error { endpoint: endpoint.clone(), fault };
        let mut tries = 0;
        loop {
            tries += 1;
            let request = self.build(endpoint, query, body).map_err(failed)?;
            if !self.may_begin() || !self.in_turn().await {
                return Err(failed(Fault::Stopped));
            }
            let (fault, asked_to_wait) = match self.once(endpoint.effect(), request).await {
                Ok(answer) => {
                    debug!(method = %endpoint.method(), path = endpoint.path(), status = answer.status().as_u16());
                    let opened = open(&answer);
                    // A page of a proxy's tells the proxy's time.
                    if !matches!(opened, Err(Fault::Unreadable { .. })) {
                        self.clock.note(answer.headers());
                        self.pace.note(answer.headers());
                    }
                    match opened {
                        Ok(opened) => return Ok(opened),
                        Err(fault) => (fault, retry_after(&answer).map(Duration::from_secs)),
                    }
                }
                Err(fault) => (fault, None),
            };
            match wait_before_next(endpoint.effect(), &fault, tries, asked_to_wait) {
                Some(wait) => {
                    let error = failed(fault);
                    info!("{error}; trying again in {} s", wait.as_secs_f32());
                    self.tell_of_wait(wait);
                    if !self.wait(wait).await {
                        return Err(error);
                    }
                }
                None => return Err(failed(fault)),
            }
        }
    }

    /// Takes so many requests for a job that is about to begin, and waits until there is room for them; `None` where a
    /// signal ends the wait.
    pub async fn room(&self, requests: u32) -> Option<Room> {
        loop {
            let wait = match self.pace.take(requests) {
                Ok(room) => return Some(room),
                Err(wait) => wait,
            };
            self.tell_of_wait(wait);
            // Another job that ends makes room too.
            if !self.wait(wait.min(POLL)).await {
                return None;
            }
        }
    }

    /// Waits until a request may go out without crossing the limit; returns whether it may. What keeps custody does not
    /// wait: it is what room is left for, too.
    async fn in_turn(&self) -> bool {
        if self.after_signal == AfterSignal::GoOn {
            self.pace.count();
            return true;
        }
        while let Err(wait) = self.pace.admit() {
            self.tell_of_wait(wait);
            if !self.wait(wait).await {
                return false;
            }
        }
        true
    }

    /// Tells people of a long wait, once in a run.
    fn tell_of_wait(&self, wait: Duration) {
        if wait > LONG_WAIT && !self.told_of_wait.swap(true, Ordering::Relaxed) {
            warn!("Cloudflare allows no more requests for a while; waiting {} s", wait.as_secs());
        }
    }

    /// Whether a request may be begun now.
    fn may_begin(&self) -> bool {
        let goes_on = || self.after_signal == AfterSignal::GoOn && !self.signal.grace().is_zero();
        !self.signal.came() || goes_on()
    }

    /// Sends a request once, and waits for its answer: at most the time limit, and after a signal the grace.
    async fn once(&self, effect: RequestEffect, request: Request) -> Result<Answer, Fault> {
        let sending = tokio::time::timeout(TIME_LIMIT, self.transport.send(request));
        tokio::pin!(sending);
        let outcome = tokio::select! {
            biased;
            outcome = &mut sending => Some(outcome),
            () = self.signal.comes() => None,
        };
        let outcome = match (outcome, effect, self.after_signal) {
            (Some(outcome), ..) => Some(outcome),
            // What a look saw helps nobody any more.
            (None, RequestEffect::Read, AfterSignal::Stop) => None,
            (None, RequestEffect::Write, _) | (None, _, AfterSignal::GoOn) => {
                self.signal.within_grace(sending).await
            }
        };
        match (outcome, effect) {
            (Some(Ok(outcome)), _) => outcome.map_err(|failure| match failure {
                SendFailure::NotSent(reason) => Fault::NotSent(reason),
                SendFailure::Lost(reason) => Fault::Lost(reason),
            }),
            (Some(Err(_)), _) => Err(Fault::Lost(format!("no answer within {} s", TIME_LIMIT.as_secs()))),
            (None, RequestEffect::Read) => Err(Fault::Stopped),
            (None, RequestEffect::Write) => Err(Fault::Lost("no answer in time after a signal".to_owned())),
        }
    }

    fn build<B: serde::Serialize>(
        &self,
        endpoint: &Endpoint,
        query: &[(&str, &str)],
        body: Option<&B>,
    ) -> Result<Request, Fault> {
        let not_sent = |reason: &dyn std::fmt::Display| Fault::NotSent(reason.to_string());
        let address = format!("{}{}", self.base, endpoint.path());
        let mut address = reqwest::Url::parse(&address).map_err(|error| not_sent(&error))?;
        if !query.is_empty() {
            address.query_pairs_mut().extend_pairs(query);
        }
        let body = match body {
            Some(body) => serde_json::to_vec(body).map_err(|error| not_sent(&error))?,
            None => Vec::new(),
        };
        let mut request = http::Request::builder()
            .method(endpoint.method())
            .uri(address.as_str())
            .body(body)
            .map_err(|error| not_sent(&error))?;
        let headers = request.headers_mut();
        headers.insert(ACCEPT, HeaderValue::from_static("application/json"));
        headers.insert(USER_AGENT, HeaderValue::from_static(concat!("cfmint/", env!("CARGO_PKG_VERSION"))));
        if let Some(jurisdiction) = endpoint.jurisdiction() {
            request.headers_mut().insert(JURISDICTION, HeaderValue::from_static(jurisdiction));
        }
        if !request.body().is_empty() {
            request.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        }
        self.credential.sign(request.headers_mut()).map_err(|_| Fault::BadCredential)?;
        Ok(request)
    }
}
