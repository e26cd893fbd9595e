//! The transport from a client to an emulator in this process: no socket, so that tokio's clock can stand still.
//!
//! Every request is recorded among the effects of the world, and any of them can go wrong.

use std::future::pending;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use cfmint::cloudflare::{Answer, Request, SendFailure, Sending, Transport};
use cfmint::emulator::Emulator;
use http::StatusCode;
use http::header::{CONTENT_TYPE, LOCATION, RETRY_AFTER};
use serde_json::json;
use tokio::sync::Notify;

use super::TestWorld;
use super::far::{self, Far};
use super::scene::is_write;
use super::world::Extent;

/// Something that goes wrong with a request: when it takes effect, and what the client gets to see.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Mishap {
    pub arrives: Arrives,
    pub seen: Seen,
}

/// When a request takes effect.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Arrives {
    /// At once.
    Now,
    /// Never.
    Never,
    /// After so much time; without any, when the test lets it: [`FaultyTransport::deliver_late`].
    Late(Option<Duration>),
}

/// What the client gets to see of a request that goes wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Seen {
    /// No connection comes about.
    NoConnection,
    /// The connection breaks before an answer.
    Lost,
    /// Nothing, until it gives up.
    Silence,
    /// The first half of the true answer.
    Half,
    /// A page for people, with this status.
    Page(u16),
    /// An enveloped error with this status.
    Error(u16),
    /// 429, with the seconds of `Retry-After`.
    Busy(Option<u64>),
    /// A way to somewhere else.
    Redirect,
    /// Cloudflare's no.
    Refused,
    /// That there is no such secret.
    Unknown,
}

impl Mishap {
    /// Nothing happened, and this is what was seen.
    pub fn before(seen: Seen) -> Self {
        Self { arrives: Arrives::Never, seen }
    }

    /// The request took effect, and this is what was seen.
    pub fn after(seen: Seen) -> Self {
        Self { arrives: Arrives::Now, seen }
    }

    /// The answer was lost, and the request takes effect when the test lets it.
    pub fn late() -> Self {
        Self { arrives: Arrives::Late(None), seen: Seen::Lost }
    }

    /// The answer was lost, and the request takes effect after a while of the virtual clock.
    pub fn late_by(delay: Duration) -> Self {
        Self { arrives: Arrives::Late(Some(delay)), seen: Seen::Lost }
    }

    /// All that can happen to a request, but that it arrives late.
    pub fn all() -> Vec<Self> {
        let before = [
            Seen::NoConnection,
            Seen::Lost,
            Seen::Silence,
            Seen::Page(200),
            Seen::Page(502),
            Seen::Error(500),
            Seen::Error(503),
            Seen::Busy(None),
            Seen::Busy(Some(7)),
            Seen::Redirect,
        ];
        let after =
            [Seen::Lost, Seen::Silence, Seen::Half, Seen::Page(200), Seen::Page(502), Seen::Error(500)];
        before.map(Self::before).into_iter().chain(after.map(Self::after)).collect()
    }
}

/// A transport of a test's own, from one machine.
pub struct FaultyTransport {
    world: Arc<TestWorld>,
    far: Arc<Far>,
    waiting: Mutex<Vec<Waiting>>,
}

struct Waiting {
    matches: Box<dyn Fn(&str) -> bool + Send>,
    /// How many such requests still go well.
    spare: usize,
    times: usize,
    trouble: Trouble,
}

/// Where a request waits.
#[derive(Debug, Default)]
pub struct Gate {
    reached: Notify,
    opened: Notify,
}

impl Gate {
    /// Waits until the request is there.
    pub async fn reached(&self) {
        self.reached.notified().await;
    }

    /// Lets it go on.
    pub fn open(&self) {
        self.opened.notify_one();
    }
}

/// What happens to a request.
#[derive(Debug, Clone)]
enum Trouble {
    Mishap(Mishap),
    /// It is answered as it should be, and after it so many lists lag behind.
    Lag(usize),
    /// It lags behind itself.
    Behind,
    /// It waits before it sets out.
    Hold(Arc<Gate>),
}

impl FaultyTransport {
    pub fn new(world: Arc<TestWorld>, emulator: Emulator) -> Self {
        Self { world, far: Arc::new(Far::new(emulator)), waiting: Mutex::default() }
    }

    /// The transport of another machine to the same place.
    pub fn from(&self, world: Arc<TestWorld>) -> Self {
        Self { world, far: Arc::clone(&self.far), waiting: Mutex::default() }
    }

    /// Lets the next request go wrong whose name, such as `POST /user/tokens`, begins so.
    pub fn fail(&self, name: &str, mishap: Mishap) {
        self.fail_nth(1, name, mishap);
    }

    /// Lets the nth request go wrong whose name begins so, counted from 1 and from now.
    pub fn fail_nth(&self, nth: usize, name: &str, mishap: Mishap) {
        self.wait_for(begins_with(name), nth, 1, Trouble::Mishap(mishap));
    }

    /// Lets every request go wrong whose name begins so.
    pub fn fail_all(&self, name: &str, mishap: Mishap) {
        self.wait_for(begins_with(name), 1, usize::MAX, Trouble::Mishap(mishap));
    }

    /// Lets the nth request go wrong that could change anything, counted from 1 and from now.
    pub fn fail_write(&self, nth: usize, mishap: Mishap) {
        self.wait_for(Box::new(is_write), nth, 1, Trouble::Mishap(mishap));
    }

    /// Lets every request of a method be refused that is about a token with this id, or whose name begins so.
    pub fn refuse(&self, method: &str, token: &str) {
        let (method, token, emulator) = (format!("{method} "), token.to_owned(), self.far.emulator.clone());
        let matches = move |request: &str| {
            let Some(path) = request.strip_prefix(&method) else { return false };
            let id = path.rsplit('/').next().unwrap_or_default();
            let named = |id: &str| {
                let tokens = emulator.tokens().into_iter().map(|owned| owned.token);
                tokens.filter(|found| found.id == id).any(|found| found.name.starts_with(&token))
            };
            id == token || named(id)
        };
        let mishap = Mishap::before(Seen::Refused);
        self.wait_for(Box::new(matches), 1, usize::MAX, Trouble::Mishap(mishap));
    }

    /// Lets the next requests for lists of tokens see them as they were before the last change.
    pub fn lag_list(&self, lists: usize) {
        self.far.emulator.lag_list(lists);
    }

    /// The same after the next request whose name begins so.
    pub fn lag_list_after(&self, name: &str, lists: usize) {
        self.wait_for(begins_with(name), 1, 1, Trouble::Lag(lists));
    }

    /// Lets the nth request of exactly this name, counted from 1 and from now, see the list as it was before the last
    /// change.
    pub fn lag_nth(&self, nth: usize, name: &str) {
        let name = name.to_owned();
        self.wait_for(Box::new(move |request| request == name), nth, 1, Trouble::Behind);
    }

    /// Lets the nth request whose name begins so, counted from 1 and from now, wait on this side until the gate is opened.
    pub fn hold_nth(&self, nth: usize, name: &str) -> Arc<Gate> {
        let gate = Arc::new(Gate::default());
        self.wait_for(begins_with(name), nth, 1, Trouble::Hold(Arc::clone(&gate)));
        gate
    }

    fn wait_for(
        &self,
        matches: Box<dyn Fn(&str) -> bool + Send>,
        nth: usize,
        times: usize,
        trouble: Trouble,
    ) {
        let waiting = Waiting { matches, spare: nth - 1, times, trouble };
        self.waiting.lock().unwrap().push(waiting);
    }

    /// Lets every request go well from now on. What is late stays so.
    pub fn clear(&self) {
        self.waiting.lock().unwrap().clear();
    }

    /// The names of the requests, of any machine, that have not arrived, oldest first.
    pub fn late(&self) -> Vec<String> {
        self.far.kept_back()
    }

    /// Lets them all arrive, oldest first; returns the statuses of the answers that nobody gets.
    pub async fn deliver_late(&self) -> Vec<u16> {
        let mut statuses = Vec::new();
        while !self.late().is_empty() {
            statuses.push(self.deliver_next_late().await);
        }
        statuses
    }

    /// Lets the oldest of them arrive.
    pub async fn deliver_next_late(&self) -> u16 {
        self.far.arrive(0).await
    }

    /// Lets one of them arrive, by its place in [`late`](Self::late).
    pub async fn deliver_late_at(&self, place: usize) -> u16 {
        self.far.arrive(place).await
    }

    /// Lets every secret look like Cloudflare's own from now on, and take the one of the bootstrap in that form.
    pub fn look_real(&self) {
        self.far.look_real();
    }

    /// A secret of the emulator's as it looks here.
    pub fn look_of(&self, secret: &str) -> String {
        if self.far.is_real() { far::real(secret) } else { secret.to_owned() }
    }

    /// Lets an id or a whole name of the emulator's travel as another one, both ways.
    pub fn disguise(&self, real: &str, posed: &str) {
        self.far.disguise(real, posed);
    }

    /// Every secret that an answer to any machine carried, or would have carried, oldest first.
    pub fn minted(&self) -> Vec<String> {
        self.far.minted()
    }

    /// What happens to a request. Each that waits counts it, so that troubles in one scene do not shift each other; one
    /// that is due and comes second waits for the next.
    fn trouble(&self, name: &str) -> Option<Trouble> {
        let mut waiting = self.waiting.lock().unwrap();
        let mut found = None;
        for waiting in waiting.iter_mut().filter(|waiting| (waiting.matches)(name)) {
            if waiting.spare > 0 {
                waiting.spare -= 1;
            } else if waiting.times > 0 && found.is_none() {
                waiting.times -= 1;
                found = Some(waiting.trouble.clone());
            }
        }
        found
    }
}

fn begins_with(begin: &str) -> Box<dyn Fn(&str) -> bool + Send> {
    let begin = begin.to_owned();
    Box::new(move |name| name.starts_with(&begin))
}

impl Transport for FaultyTransport {
    fn send(&self, request: Request) -> Sending<'_> {
        Box::pin(async move {
            let name = name(&request);
            let trouble = self.trouble(&name);
            let mishap = match &trouble {
                Some(Trouble::Mishap(mishap)) => Some(*mishap),
                Some(Trouble::Lag(_) | Trouble::Behind | Trouble::Hold(_)) | None => None,
            };
            if let Some(Trouble::Hold(gate)) = &trouble {
                gate.reached.notify_one();
                gate.opened.notified().await;
            }
            let not_sent = |error: std::io::Error| SendFailure::NotSent(error.to_string());
            let extent = self.world.begin(name.clone()).map_err(not_sent)?;
            if let Some(Trouble::Behind) = trouble {
                self.lag_list(1);
            }
            let truth = match mishap.map_or(Arrives::Now, |mishap| mishap.arrives) {
                Arrives::Now => Some(self.far.ask(request).await),
                Arrives::Never => None,
                Arrives::Late(delay) => {
                    self.far.keep_back(name, request, delay);
                    None
                }
            };
            if let Some(Trouble::Lag(lists)) = trouble {
                self.lag_list(lists);
            }
            if extent != Extent::Whole {
                let dead = self.world.end(extent).unwrap_err();
                return Err(SendFailure::Lost(dead.to_string()));
            }
            match (mishap, truth) {
                (Some(mishap), truth) => instead_of(truth, mishap.seen).await,
                (None, truth) => Ok(truth.unwrap()),
            }
        })
    }
}

/// The request as the list of effects has it: method, path, and what stands after the question mark if it is
/// more than the first page.
pub fn name(request: &Request) -> String {
    let path = request.uri().path().strip_prefix("/client/v4").unwrap_or_default();
    let usual = ["page=1", "per_page=50", "include_expired=true"];
    let query: Vec<&str> = request
        .uri()
        .query()
        .into_iter()
        .flat_map(|query| query.split('&'))
        .filter(|part| !usual.contains(part))
        .collect();
    let mark = if query.is_empty() { "" } else { "?" };
    format!("{} {path}{mark}{}", request.method(), query.join("&"))
}

async fn instead_of(truth: Option<Answer>, seen: Seen) -> Result<Answer, SendFailure> {
    let answer = |status: u16, body: String| {
        let mut answer = Answer::new(body.into_bytes().into());
        *answer.status_mut() = StatusCode::from_u16(status).unwrap();
        answer
    };
    let error = |status: u16, code: i64| {
        let error = json!({ "code": code, "message": "something went wrong" });
        answer(status, json!({ "success": false, "errors": [error], "result": null }).to_string())
    };
    Ok(match seen {
        Seen::NoConnection => return Err(SendFailure::NotSent("connection refused".to_owned())),
        Seen::Lost => return Err(SendFailure::Lost("connection reset".to_owned())),
        Seen::Silence => pending().await,
        Seen::Half => {
            let whole = truth.unwrap();
            let half = whole.body()[..whole.body().len() / 2].to_vec();
            Answer::from_parts(whole.into_parts().0, half.into())
        }
        Seen::Page(status) => {
            let mut page = answer(status, "<html><body>Sorry</body></html>".to_owned());
            page.headers_mut().insert(CONTENT_TYPE, "text/html".parse().unwrap());
            page
        }
        Seen::Error(status) => error(status, 10001),
        Seen::Busy(wait) => {
            let mut busy = error(429, 10100);
            if let Some(seconds) = wait {
                busy.headers_mut().insert(RETRY_AFTER, seconds.into());
            }
            busy
        }
        Seen::Refused => error(403, 10000),
        Seen::Unknown => error(401, 1000),
        Seen::Redirect => {
            let mut redirect = answer(302, String::new());
            redirect.headers_mut().insert(LOCATION, "https://elsewhere.example/".parse().unwrap());
            redirect
        }
    })
}
