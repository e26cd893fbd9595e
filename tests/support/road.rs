//! The road from a client to an emulator in this process: no socket, so that tokio's clock can stand still.
//!
//! Every request is recorded among the effects of the world, and any of them can go wrong.

use std::future::pending;
use std::sync::{Arc, Mutex};

use axum::body::{Body, to_bytes};
use cfmint::cloudflare::{Answer, LONGEST_BODY, Request, SendFailure, Sending, Transport};
use cfmint::emulator::{Emulator, Work};
use http::StatusCode;
use http::header::{CONTENT_TYPE, LOCATION, RETRY_AFTER};
use serde_json::{Value, json};
use tower::ServiceExt as _;

use super::TestWorld;
use super::world::Extent;

/// Something that goes wrong with a request: whether it took effect, and what the client gets to see.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Mishap {
    pub work: Work,
    pub seen: Seen,
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
}

impl Mishap {
    /// Nothing happened, and this is what was seen.
    pub fn before(seen: Seen) -> Self {
        Self { work: Work::NotDone, seen }
    }

    /// The request took effect, and this is what was seen.
    pub fn after(seen: Seen) -> Self {
        Self { work: Work::Done, seen }
    }

    /// All that can happen to a request.
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

/// A road of a test's own.
pub struct Road {
    world: Arc<TestWorld>,
    emulator: Emulator,
    waiting: Mutex<Vec<Waiting>>,
    disguises: Mutex<Vec<Disguise>>,
    minted: Mutex<Vec<String>>,
}

/// A text as the emulator has it, and as the client sees it.
struct Disguise {
    real: String,
    posed: String,
}

struct Waiting {
    name: String,
    /// How many such requests still go well.
    spare: usize,
    times: usize,
    mishap: Mishap,
}

impl Road {
    pub fn new(world: Arc<TestWorld>, emulator: Emulator) -> Self {
        let (waiting, disguises, minted) = (Mutex::default(), Mutex::default(), Mutex::default());
        Self { world, emulator, waiting, disguises, minted }
    }

    /// Lets the next request go wrong whose name, such as `POST /user/tokens`, begins so.
    pub fn fail(&self, name: &str, mishap: Mishap) {
        self.wait_for(name, 1, 1, mishap);
    }

    /// Lets the nth request go wrong whose name begins so, counted from 1 and from now.
    pub fn fail_nth(&self, nth: usize, name: &str, mishap: Mishap) {
        self.wait_for(name, nth, 1, mishap);
    }

    /// Lets every request go wrong whose name begins so.
    pub fn fail_all(&self, name: &str, mishap: Mishap) {
        self.wait_for(name, 1, usize::MAX, mishap);
    }

    fn wait_for(&self, name: &str, nth: usize, times: usize, mishap: Mishap) {
        let waiting = Waiting { name: name.to_owned(), spare: nth - 1, times, mishap };
        self.waiting.lock().unwrap().push(waiting);
    }

    /// Lets every request go well from now on.
    pub fn clear(&self) {
        self.waiting.lock().unwrap().clear();
    }

    /// Lets an id or a whole name of the emulator's travel as another one, both ways.
    pub fn disguise(&self, real: &str, posed: &str) {
        let quoted = |text: &str| format!("\"{text}\"");
        let disguise = Disguise { real: quoted(real), posed: quoted(posed) };
        self.disguises.lock().unwrap().push(disguise);
    }

    /// Every secret that an answer carried, or would have carried, oldest first.
    pub fn minted(&self) -> Vec<String> {
        self.minted.lock().unwrap().clone()
    }

    fn mishap(&self, name: &str) -> Option<Mishap> {
        let mut waiting = self.waiting.lock().unwrap();
        for waiting in waiting.iter_mut().filter(|waiting| name.starts_with(&waiting.name)) {
            if waiting.spare > 0 {
                waiting.spare -= 1;
            } else if waiting.times > 0 {
                waiting.times -= 1;
                return Some(waiting.mishap);
            }
        }
        None
    }

    /// The emulator's true answer.
    async fn ask(&self, request: Request) -> Answer {
        let mints = ["POST", "PUT"].contains(&request.method().as_str());
        let request = request.map(|body| Body::from(self.travel(&body, Disguise::take_off)));
        let response = self.emulator.router().oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        let bytes = to_bytes(body, LONGEST_BODY).await.unwrap();
        if mints && let Ok(answer) = serde_json::from_slice::<Value>(&bytes) {
            let value = answer["result"].as_str().or_else(|| answer["result"]["value"].as_str());
            self.minted.lock().unwrap().extend(value.map(str::to_owned));
        }
        Answer::from_parts(parts, self.travel(&bytes, Disguise::put_on).into())
    }

    fn travel(&self, body: &[u8], change: fn(&Disguise, &str) -> String) -> Vec<u8> {
        let text = String::from_utf8(body.to_vec()).unwrap();
        let disguises = self.disguises.lock().unwrap();
        disguises.iter().fold(text, |text, disguise| change(disguise, &text)).into_bytes()
    }
}

impl Disguise {
    fn put_on(&self, text: &str) -> String {
        text.replace(&self.real, &self.posed)
    }

    fn take_off(&self, text: &str) -> String {
        text.replace(&self.posed, &self.real)
    }
}

impl Transport for Road {
    fn send(&self, request: Request) -> Sending<'_> {
        Box::pin(async move {
            let name = name(&request);
            let mishap = self.mishap(&name);
            let not_sent = |error: std::io::Error| SendFailure::NotSent(error.to_string());
            let extent = self.world.begin(name).map_err(not_sent)?;
            let done = mishap.is_none_or(|mishap| mishap.work == Work::Done);
            let truth = if done { Some(self.ask(request).await) } else { None };
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
fn name(request: &Request) -> String {
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
        Seen::Redirect => {
            let mut redirect = answer(302, String::new());
            redirect.headers_mut().insert(LOCATION, "https://elsewhere.example/".parse().unwrap());
            redirect
        }
    })
}
