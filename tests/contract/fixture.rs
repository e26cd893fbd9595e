//! An emulator with a clock that stands still until it is moved, and a way to ask it things.

use std::sync::{Arc, Mutex};

use axum::body::{Body, to_bytes};
use cfmint::emulator::{Emulator, Settings, world};
use chrono::{DateTime, TimeDelta, Utc};
use http::{HeaderMap, Request};
use serde_json::{Value, json};
use tower::ServiceExt;

pub(crate) const ZONE_READ: &str = "c8fed203ed3043cba015a93ad1616f1f";
pub(crate) const DNS_WRITE: &str = "4755a26eedb94da69e1066d98aa820be";
pub(crate) const ACCOUNT_SETTINGS_READ: &str = "c1fde68c7bcc44588cbb6ddbc16d6480";
pub(crate) const USER_DETAILS_READ: &str = "8acbe5bb0d54464ab867149d7f7cf8ac";
pub(crate) const API_TOKENS_WRITE: &str = "686d18d5ac6c441c867cbf6771e58a0a";
pub(crate) const ACCOUNT_TOKENS_WRITE: &str = "5bc3f8b21c554832afc660159ab75fa4";
pub(crate) const MEMBERSHIPS_READ: &str = "3518d0f75557482e952c6762d3e64903";
pub(crate) const BUCKET_ITEM_WRITE: &str = "2efd5506f9c8494dacb1fa10a3e7d5b6";
pub(crate) const SINGLE_WORKER: &str = "e0000000000000000000000000000e01";

pub(crate) struct Fixture {
    pub(crate) emulator: Emulator,
    now: Arc<Mutex<DateTime<Utc>>>,
}

/// An answer taken apart.
pub(crate) struct Heard {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) text: String,
}

impl Fixture {
    pub(crate) fn new() -> Self {
        Self::with(|_| {})
    }

    /// An emulator at noon of 1 May 2031, its randomness a constant.
    pub(crate) fn with(change: impl FnOnce(&mut Settings)) -> Self {
        let now = Arc::new(Mutex::new("2031-05-01T12:00:00Z".parse().unwrap()));
        let mut settings = settings(&now);
        change(&mut settings);
        Self { emulator: Emulator::new(settings), now }
    }

    /// The same clock on a world that was saved.
    pub(crate) fn reborn(&self) -> Self {
        let emulator = Emulator::restore(settings(&self.now), &self.emulator.snapshot()).unwrap();
        Self { emulator, now: Arc::clone(&self.now) }
    }

    pub(crate) fn pass(&self, seconds: i64) {
        *self.now.lock().unwrap() += TimeDelta::seconds(seconds);
    }

    /// Asks with a bearer token.
    pub(crate) async fn ask(&self, secret: &str, method: &str, path: &str, body: &str) -> Heard {
        let request = Request::builder().header("authorization", format!("Bearer {secret}"));
        self.send(request.method(method).uri(format!("/client/v4{path}")).body(Body::from(body.to_owned())))
            .await
    }

    pub(crate) async fn send(&self, request: Result<Request<Body>, http::Error>) -> Heard {
        let response = self.emulator.router().oneshot(request.unwrap()).await.unwrap();
        let (parts, body) = response.into_parts();
        let bytes = to_bytes(body, usize::MAX).await.unwrap();
        Heard {
            status: parts.status.as_u16(),
            headers: parts.headers,
            text: String::from_utf8(bytes.to_vec()).unwrap(),
        }
    }

    pub(crate) async fn get(&self, secret: &str, path: &str) -> Heard {
        self.ask(secret, "GET", path, "").await
    }

    /// Creates a user token with the bootstrap; returns its id and its secret.
    pub(crate) async fn create(&self, body: &Value) -> (String, String) {
        let heard = self.ask(world::BOOTSTRAP, "POST", "/user/tokens", &body.to_string()).await;
        let result = heard.result();
        (text(&result["id"]), text(&result["value"]))
    }

    /// The status of `verify` and the code of its error or message.
    pub(crate) async fn verify(&self, secret: &str) -> (u16, i64) {
        let heard = self.get(secret, "/user/tokens/verify").await;
        let json = heard.json();
        let code = [&json["errors"][0]["code"], &json["messages"][0]["code"]];
        (heard.status, code.into_iter().find_map(Value::as_i64).unwrap_or_default())
    }
}

fn settings(now: &Arc<Mutex<DateTime<Utc>>>) -> Settings {
    let now = Arc::clone(now);
    Settings::new(Arc::new(move || *now.lock().unwrap()), Arc::new(|bytes: &mut [u8]| bytes.fill(7)))
}

impl Heard {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|_| panic!("not JSON: {}", self.text))
    }

    /// The result of an answer that must be a success.
    pub(crate) fn result(&self) -> Value {
        let json = self.json();
        assert_eq!(json["success"], json!(true), "{}", self.text);
        json["result"].clone()
    }

    pub(crate) fn names(&self) -> Vec<String> {
        self.result().as_array().unwrap().iter().map(|row| text(&row["name"])).collect()
    }

    pub(crate) fn error(&self) -> (u16, i64, String) {
        let error = &self.json()["errors"][0];
        (
            self.status,
            error["code"].as_i64().unwrap_or(-1),
            error["message"].as_str().unwrap_or("").to_owned(),
        )
    }

    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }
}

pub(crate) fn text(value: &Value) -> String {
    value.as_str().unwrap().to_owned()
}

/// The body of a write with these policies.
pub(crate) fn write(policies: &Value) -> Value {
    json!({ "name": "shop-deploy", "policies": policies })
}

/// An allow policy.
pub(crate) fn policy(resources: &Value, groups: &[&str]) -> Value {
    let groups: Vec<Value> = groups.iter().map(|id| json!({ "id": id })).collect();
    json!({ "effect": "allow", "resources": resources, "permission_groups": groups })
}

/// Reads and edits the zone `example.com`.
pub(crate) fn on_zone() -> Value {
    policy(&json!({ zone_key(world::ZONE_COM_ID): "*" }), &[ZONE_READ, DNS_WRITE])
}

pub(crate) fn zone_key(id: &str) -> String {
    format!("com.cloudflare.api.account.zone.{id}")
}

pub(crate) fn account_key(id: &str) -> String {
    format!("com.cloudflare.api.account.{id}")
}

pub(crate) fn user_key() -> String {
    format!("com.cloudflare.api.user.{}", world::USER_ID)
}
