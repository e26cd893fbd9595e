//! A store of secrets in memory, which answers as OpenBao 2.7 does: a KV store of version 2, and what is asked around it.

use std::collections::{BTreeMap, VecDeque};
use std::path::PathBuf;

use cfmint::http::{Answer, Request};
use http::{Method, StatusCode};
use serde_json::{Value, json};
use zeroize::Zeroizing;

/// The token that the store takes, and gives at a log-in.
pub const TOKEN: &str = "FAKE-store-token";

/// A store.
pub struct FakeVault {
    /// What stands at each path: its version, and its keys unless it was deleted.
    pub kept: BTreeMap<String, (u64, Option<Value>)>,
    /// What the token may do.
    pub capabilities: Vec<&'static str>,
    /// The version of the store's kind.
    pub version: &'static str,
    /// What is answered first, whatever is asked.
    pub first: VecDeque<(u16, Value)>,
    /// A file that holds the keys at each path, for who looks at files.
    pub mirror: Option<PathBuf>,
    /// Every request: method, path and body, but for the secrets of log-ins.
    pub asked: Vec<String>,
}

impl FakeVault {
    /// A store with nothing in it.
    pub fn new() -> Self {
        Self {
            kept: BTreeMap::new(),
            capabilities: vec!["create", "read", "update"],
            version: "2",
            first: VecDeque::new(),
            mirror: None,
            asked: Vec::new(),
        }
    }

    /// A store that holds these keys.
    pub fn holding(path: &str, keys: Value) -> Self {
        let mut store = Self::new();
        store.kept.insert(path.to_owned(), (3, Some(keys)));
        store
    }

    /// The keys at a path.
    pub fn keys(&self, path: &str) -> Value {
        self.kept.get(path).and_then(|(_, keys)| keys.clone()).unwrap_or(Value::Null)
    }

    /// Answers a request.
    pub fn answer(&mut self, request: &Request) -> Answer {
        let path = request.uri().path().strip_prefix("/v1/").unwrap().to_owned();
        let body: Value = serde_json::from_slice(request.body()).unwrap_or(Value::Null);
        self.asked.push(format!("{} {path}", request.method()));
        let (status, body) = match self.first.pop_front() {
            Some(first) => first,
            None => self.route(request, &path, &body),
        };
        let status = StatusCode::from_u16(status).unwrap();
        http::Response::builder().status(status).body(Zeroizing::new(body.to_string().into_bytes())).unwrap()
    }

    fn route(&mut self, request: &Request, path: &str, body: &Value) -> (u16, Value) {
        if let Some(method) = path.strip_prefix("auth/").and_then(|path| path.strip_suffix("/login")) {
            let is_known = match method {
                "approle" | "ours" => body["role_id"] == "FAKE-role" && body["secret_id"] == "FAKE-secret-id",
                "kubernetes" => body["role"] == "shop" && body["jwt"] == "FAKE-jwt",
                _ => false,
            };
            return if is_known {
                (200, json!({ "auth": { "client_token": TOKEN } }))
            } else {
                (400, json!({ "errors": ["invalid role or secret ID"] }))
            };
        }
        if request.headers().get("X-Vault-Token").is_none_or(|token| token != TOKEN) {
            return (403, json!({ "errors": ["permission denied"] }));
        }
        if path.starts_with("sys/internal/ui/mounts/") {
            return (200, json!({ "data": { "options": { "version": self.version } } }));
        }
        if path == "sys/capabilities-self" {
            return (200, json!({ "capabilities": self.capabilities }));
        }
        let kept = self.kept.get(path).cloned();
        let metadata = |version: u64| json!({ "version": version });
        if request.method() == Method::GET {
            return match kept {
                None => (404, json!({ "errors": [] })),
                Some((version, None)) => {
                    (404, json!({ "data": { "data": null, "metadata": metadata(version) } }))
                }
                Some((version, keys)) => {
                    (200, json!({ "data": { "data": keys, "metadata": metadata(version) } }))
                }
            };
        }
        let version = kept.map_or(0, |(version, _)| version);
        if body["options"]["cas"] != version {
            return (400, json!({ "errors": ["check-and-set parameter did not match the current version"] }));
        }
        self.kept.insert(path.to_owned(), (version + 1, Some(body["data"].clone())));
        if let Some(mirror) = &self.mirror {
            std::fs::write(mirror, body["data"].to_string()).unwrap();
        }
        (200, json!({ "data": metadata(version + 1) }))
    }
}
