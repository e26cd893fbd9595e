//! The far end of every transport: one emulator, what travels to it in disguise, the secrets it minted, and the requests
//! that are kept back on the way until the test lets them arrive, in any order, or a while has passed.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::body::{Body, to_bytes};
use cfmint::cloudflare::{Answer, LONGEST_BODY, Request};
use cfmint::emulator::Emulator;
use http::header::AUTHORIZATION;
use serde_json::Value;
use tower::ServiceExt as _;

/// Where the transports of every machine lead: one Cloudflare, which knows all of them.
pub(super) struct Far {
    pub(super) emulator: Emulator,
    disguises: Mutex<Vec<Disguise>>,
    minted: Mutex<Vec<String>>,
    late: Mutex<Vec<(String, Request)>>,
    is_real: AtomicBool,
}

/// What secrets of the emulator have in them, and what they have instead where they are to look like Cloudflare's.
const MINTED: &str = "_EMULATOR";
const REAL: &str = "_FAKEFAKE";

/// A secret of the emulator's that does not say so.
pub(super) fn real(secret: &str) -> String {
    secret.replace(MINTED, REAL)
}

/// The same secret as the emulator knows it.
pub(super) fn minted(secret: &str) -> String {
    secret.replace(REAL, MINTED)
}

/// A text as the emulator has it, and as the client sees it.
struct Disguise {
    real: String,
    posed: String,
}

impl Far {
    pub(super) fn new(emulator: Emulator) -> Self {
        Self {
            emulator,
            disguises: Mutex::default(),
            minted: Mutex::default(),
            late: Mutex::default(),
            is_real: AtomicBool::new(false),
        }
    }

    /// Lets every secret look like Cloudflare's from now on.
    pub(super) fn look_real(&self) {
        self.is_real.store(true, Ordering::SeqCst);
    }

    pub(super) fn is_real(&self) -> bool {
        self.is_real.load(Ordering::SeqCst)
    }

    pub(super) fn disguise(&self, real: &str, posed: &str) {
        let quoted = |text: &str| format!("\"{text}\"");
        let disguise = Disguise { real: quoted(real), posed: quoted(posed) };
        self.disguises.lock().unwrap().push(disguise);
    }

    pub(super) fn minted(&self) -> Vec<String> {
        self.minted.lock().unwrap().clone()
    }

    /// Keeps a request back.
    pub(super) fn keep_back(self: &Arc<Self>, name: String, request: Request, delay: Option<Duration>) {
        let Some(delay) = delay else {
            self.late.lock().unwrap().push((name, request));
            return;
        };
        let far = Arc::clone(self);
        tokio::spawn(async move {
            tokio::time::sleep(delay).await;
            far.ask(request).await;
        });
    }

    /// The names of what is kept back until it is told to arrive, oldest first.
    pub(super) fn kept_back(&self) -> Vec<String> {
        self.late.lock().unwrap().iter().map(|(name, _)| name.clone()).collect()
    }

    /// Lets one of them arrive; returns the status of the answer that nobody gets.
    pub(super) async fn arrive(&self, place: usize) -> u16 {
        let (_, request) = self.late.lock().unwrap().remove(place);
        self.ask(request).await.status().as_u16()
    }

    /// The emulator's true answer.
    pub(super) async fn ask(&self, request: Request) -> Answer {
        let mints = ["POST", "PUT"].contains(&request.method().as_str());
        let mut request = request.map(|body| Body::from(self.travel(&body, Disguise::take_off)));
        if let (true, Some(sent)) = (self.is_real(), request.headers().get(AUTHORIZATION)) {
            let known = minted(sent.to_str().unwrap()).parse().unwrap();
            request.headers_mut().insert(AUTHORIZATION, known);
        }
        let response = self.emulator.router().oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        let mut bytes = to_bytes(body, LONGEST_BODY).await.unwrap();
        if self.is_real() {
            bytes = real(std::str::from_utf8(&bytes).unwrap()).into();
        }
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
