//! The client: one place that sends, and one method per request.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use futures_util::future::try_join_all;
use http::header::{ACCEPT, CONTENT_TYPE, HeaderValue, USER_AGENT};
use serde::de::DeserializeOwned;
use tokio::time::Instant;
use tracing::{debug, info};

use super::base::ApiBase;
use super::credential::Credential;
use super::endpoint::{Endpoint, TokenOwner};
use super::envelope::{Opened, open, retry_after};
use super::error::{Error, Fault};
use super::retry::wait_before_next;
use super::transport::{Answer, Request, SendFailure, Transport};
use super::wire::{Account, Deleted, PermissionGroup, Token, TokenWrite, User, Verification, Zone};
use crate::secret::Secret;

/// How long one request may take, from sending to the last byte.
const TIME_LIMIT: Duration = Duration::from_secs(30);

/// The most rows a page may have.
const PER_PAGE: u64 = 50;

/// The most pages that are read of one list: ten times Cloudflare's quota of 500 tokens for an account.
const MOST_PAGES: u64 = 100;

/// Cloudflare's API as one credential sees it.
#[derive(Clone)]
pub struct Client {
    transport: Arc<dyn Transport>,
    base: ApiBase,
    credential: Credential,
    server_time: Arc<Mutex<Option<Noted>>>,
    stop: Arc<Stop>,
}

/// What a server said the time is, and when it said so.
type Noted = (DateTime<Utc>, Instant);

/// Says whether somebody wants this process to end.
pub type Stop = dyn Fn() -> bool + Send + Sync;

/// The longest wait that is waited out although somebody wants this process to end: so that a step whose next try is
/// near can reach a safe place.
const SHORT_WAIT: Duration = Duration::from_secs(4);

/// How often a long wait asks whether it should end.
const STOP_POLL: Duration = Duration::from_millis(100);

/// A token and its value, which Cloudflare shows this once.
pub struct NewToken {
    /// The token.
    pub token: Token,
    /// Its value.
    pub value: Secret,
}

impl Client {
    /// A client for one API and one credential; no request is made.
    #[must_use]
    pub fn new(transport: Arc<dyn Transport>, base: ApiBase, credential: Credential) -> Self {
        Self { transport, base, credential, server_time: Arc::default(), stop: Arc::new(|| false) }
    }

    /// The same client, whose long waits end when `stop` says so.
    #[must_use]
    pub fn stopped_by(self, stop: Arc<Stop>) -> Self {
        Self { stop, ..self }
    }

    /// Waits; less, where the wait is long and this process is to end. Returns whether it waited to the end.
    pub async fn wait(&self, wait: Duration) -> bool {
        let end = Instant::now() + wait;
        while wait > SHORT_WAIT && Instant::now() < end {
            if (self.stop)() {
                return false;
            }
            tokio::time::sleep(STOP_POLL.min(end - Instant::now())).await;
        }
        tokio::time::sleep_until(end).await;
        true
    }

    /// The same road with another credential, for asking a secret who it is.
    #[must_use]
    pub fn with_credential(&self, credential: Credential) -> Self {
        Self { credential, ..self.clone() }
    }

    /// The address of the API.
    #[must_use]
    pub fn base(&self) -> &ApiBase {
        &self.base
    }

    /// The server's time now: that of its last answer, by its `Date` header, and what has passed since.
    #[must_use]
    pub fn server_time(&self) -> Option<DateTime<Utc>> {
        let noted = *self.server_time.lock().unwrap_or_else(PoisonError::into_inner);
        noted.and_then(|(date, at)| date.checked_add_signed(TimeDelta::from_std(at.elapsed()).ok()?))
    }

    fn note_time(&self, answer: &Answer) {
        let date = answer.headers().get(http::header::DATE).and_then(|date| date.to_str().ok());
        let date = date.and_then(|date| DateTime::parse_from_rfc2822(date).ok());
        if let Some(date) = date {
            let mut time = self.server_time.lock().unwrap_or_else(PoisonError::into_inner);
            *time = Some((date.with_timezone(&Utc), Instant::now()));
        }
    }

    /// The credential.
    #[must_use]
    pub fn credential(&self) -> &Credential {
        &self.credential
    }

    /// Every token of the owner, expired ones too.
    pub async fn tokens(&self, owner: &TokenOwner) -> Result<Vec<Token>, Error> {
        let mut tokens: Vec<Token> =
            self.pages(&Endpoint::ListTokens(owner.clone()), &[("include_expired", "true")]).await?;
        // Pages shift when a token is made or deleted between them.
        tokens.sort_by(|one, other| one.id.cmp(&other.id));
        tokens.dedup_by(|one, other| one.id == other.id);
        Ok(tokens)
    }

    /// Makes a token. Sent once unless it certainly did not arrive: the call is not idempotent.
    pub async fn create_token(&self, owner: &TokenOwner, write: &TokenWrite) -> Result<NewToken, Error> {
        /// The answer holds the token's fields and its value side by side.
        #[derive(serde::Deserialize)]
        struct Created {
            #[serde(flatten)]
            token: Token,
            value: Secret,
        }
        let created: Created = self.request(&Endpoint::CreateToken(owner.clone()), &[], Some(write)).await?;
        Ok(NewToken { token: created.token, value: created.value })
    }

    /// One token.
    pub async fn token(&self, owner: &TokenOwner, id: &str) -> Result<Token, Error> {
        self.request::<Token, ()>(&Endpoint::GetToken(owner.clone(), id.to_owned()), &[], None).await
    }

    /// Replaces all of a token but its id and value: what `write` leaves out is dropped.
    pub async fn update_token(
        &self,
        owner: &TokenOwner,
        id: &str,
        write: &TokenWrite,
    ) -> Result<Token, Error> {
        self.request(&Endpoint::UpdateToken(owner.clone(), id.to_owned()), &[], Some(write)).await
    }

    /// Ends a token at once. Fails with [`Error::is_gone`] where there is none.
    pub async fn delete_token(&self, owner: &TokenOwner, id: &str) -> Result<(), Error> {
        let endpoint = Endpoint::DeleteToken(owner.clone(), id.to_owned());
        self.request::<Deleted, ()>(&endpoint, &[], None).await.map(|_| ())
    }

    /// Gives a token a new value; the old one dies at once.
    pub async fn roll_token(&self, owner: &TokenOwner, id: &str) -> Result<Secret, Error> {
        let endpoint = Endpoint::RollToken(owner.clone(), id.to_owned());
        self.request(&endpoint, &[], Some(&serde_json::Map::new())).await
    }

    /// Asks which token this client's own credential is.
    pub async fn verify(&self, owner: &TokenOwner) -> Result<Verification, Error> {
        self.request::<Verification, ()>(&Endpoint::VerifyToken(owner.clone()), &[], None).await
    }

    /// Every permission group; the list comes whole, and holds the same name twice for two scopes.
    pub async fn permission_groups(&self, owner: &TokenOwner) -> Result<Vec<PermissionGroup>, Error> {
        self.request::<_, ()>(&Endpoint::PermissionGroups(owner.clone()), &[], None).await
    }

    /// Every account the credential sees.
    pub async fn accounts(&self) -> Result<Vec<Account>, Error> {
        self.pages(&Endpoint::Accounts, &[]).await
    }

    /// The zones of this name that the credential sees: one, or one per account.
    pub async fn zones_named(&self, name: &str) -> Result<Vec<Zone>, Error> {
        self.pages(&Endpoint::Zones, &[("name", name)]).await
    }

    /// Every zone the credential sees.
    pub async fn zones(&self) -> Result<Vec<Zone>, Error> {
        self.pages(&Endpoint::Zones, &[]).await
    }

    /// The user behind the credential.
    pub async fn user(&self) -> Result<User, Error> {
        self.request::<User, ()>(&Endpoint::User, &[], None).await
    }

    /// Reads a list: the first page, then the others side by side where the first says how many there are.
    async fn pages<T: DeserializeOwned>(
        &self,
        endpoint: &Endpoint,
        filter: &[(&str, &str)],
    ) -> Result<Vec<T>, Error> {
        let first: Opened<Vec<T>> = self.page(endpoint, filter, 1).await?;
        // A server may give smaller pages than it was asked for.
        let smaller = first.result_info.map(|info| info.per_page).filter(|size| (1..PER_PAGE).contains(size));
        let size = smaller.unwrap_or(PER_PAGE);
        let full = first.result.len() as u64 >= size;
        let mut rows = first.result;
        match first.result_info.map(|info| info.total_count) {
            Some(total) if total > 0 => {
                let last = total.div_ceil(size).min(MOST_PAGES);
                let others = (2..=last).map(|page| self.page::<T>(endpoint, filter, page));
                rows.extend(try_join_all(others).await?.into_iter().flat_map(|page| page.result));
            }
            _ if full => {
                for page in 2..=MOST_PAGES {
                    let next = self.page::<T>(endpoint, filter, page).await?.result;
                    let full = next.len() as u64 >= size;
                    rows.extend(next);
                    if !full {
                        break;
                    }
                }
            }
            _ => {}
        }
        Ok(rows)
    }

    async fn page<T: DeserializeOwned>(
        &self,
        endpoint: &Endpoint,
        filter: &[(&str, &str)],
        page: u64,
    ) -> Result<Opened<Vec<T>>, Error> {
        let (page, per_page) = (page.to_string(), PER_PAGE.to_string());
        let query = [filter, &[("page", page.as_str()), ("per_page", per_page.as_str())]].concat();
        self.send::<_, ()>(endpoint, &query, None).await
    }

    async fn request<T: DeserializeOwned, B: serde::Serialize>(
        &self,
        endpoint: &Endpoint,
        query: &[(&str, &str)],
        body: Option<&B>,
    ) -> Result<T, Error> {
        self.send(endpoint, query, body).await.map(|opened| opened.result)
    }

    /// The one place that sends: signs, waits for the answer, opens it, and tries again where that is safe.
    async fn send<T: DeserializeOwned, B: serde::Serialize>(
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
            let (fault, asked_to_wait) = match self.once(request).await {
                Ok(answer) => {
                    self.note_time(&answer);
                    debug!(method = %endpoint.method(), path = endpoint.path(), status = answer.status().as_u16());
                    match open(&answer) {
                        Ok(opened) => return Ok(opened),
                        Err(fault) => (fault, retry_after(&answer).map(Duration::from_secs)),
                    }
                }
                Err(SendFailure::NotSent(reason)) => (Fault::NotSent(reason), None),
                Err(SendFailure::Lost(reason)) => (Fault::Lost(reason), None),
            };
            match wait_before_next(endpoint.effect(), &fault, tries, asked_to_wait) {
                Some(wait) => {
                    let error = failed(fault);
                    info!("{error}; trying again in {} s", wait.as_secs_f32());
                    if !self.wait(wait).await {
                        return Err(error);
                    }
                }
                None => return Err(failed(fault)),
            }
        }
    }

    async fn once(&self, request: Request) -> Result<Answer, SendFailure> {
        match tokio::time::timeout(TIME_LIMIT, self.transport.send(request)).await {
            Ok(outcome) => outcome,
            Err(_) => Err(SendFailure::Lost(format!("no answer within {} s", TIME_LIMIT.as_secs()))),
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
        if !request.body().is_empty() {
            request.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        }
        self.credential.sign(request.headers_mut()).map_err(|_| Fault::BadCredential)?;
        Ok(request)
    }
}
