//! A path in a KV store of version 2: read with its version, written where that version still stands.
//!
//! Source: <https://openbao.org/api-docs/secret/kv/kv-v2/>. A request is sent again while the store cannot answer, as when a
//! cluster chooses its leader: a write names the version that it replaces, so that it has an effect once at the most.

use std::cell::{Cell, RefCell};
use std::fmt::Write as _;
use std::time::Duration;

use http::{Method, StatusCode};
use serde::Deserialize;
use serde::de::{DeserializeOwned, IgnoredAny};
use serde_json::Value;
use zeroize::Zeroizing;

use super::error::VaultError;
use super::settings::{Login, Settings};
use crate::http::{Answer, Request, SendFailure};
use crate::secret::{Secret, masked};
use crate::sink::document::{in_quotes, longest};
use crate::text::one_line;
use crate::world::World;

/// How long one request may take.
const REQUEST_LIMIT: Duration = Duration::from_secs(10);

/// How long is waited before a request is sent again, first and at length.
const PAUSE: (Duration, Duration) = (Duration::from_millis(250), Duration::from_secs(2));

/// A store to which somebody has logged in.
pub(super) struct Client<'a> {
    world: &'a dyn World,
    settings: Settings,
    token: Secret,
    /// When no request is sent again, by the uptime.
    end: Duration,
    /// Whether an answer was lost that a later one does not make up for.
    has_lost: Cell<bool>,
    /// The body of the last request: what an answer repeats of it is not shown.
    sent: RefCell<Zeroizing<Vec<u8>>>,
}

/// What stands at a path.
pub(super) struct Stored {
    /// The version that stands there; 0 where there never was one.
    pub(super) version: u64,
    /// The object that it holds, as JSON; an empty one where it was deleted.
    pub(super) object: Zeroizing<Vec<u8>>,
}

/// How a write ended that was answered.
pub(super) enum Written {
    /// It has its effect.
    Done,
    /// Somebody else wrote another version.
    Overtaken,
}

impl<'a> Client<'a> {
    /// Reads the settings and logs in, where that takes a request. `known` is the token of an earlier log-in.
    pub(super) fn new(
        world: &'a dyn World,
        known: Option<&Secret>,
        patience: Duration,
    ) -> Result<Self, VaultError> {
        let settings = Settings::read(world)?;
        let end = world.uptime() + patience;
        let token = match (&settings.login, known) {
            (Login::Token(token), _) => token.clone(),
            (Login::With { .. }, known) => known.cloned().unwrap_or_else(|| Secret::new(String::new())),
        };
        let mut client =
            Self { world, settings, token, end, has_lost: Cell::new(false), sent: RefCell::default() };
        if client.token.is_blank() {
            client.token = client.log_in()?;
        }
        world.hide(client.token.expose());
        // A log-in that had to be repeated changed nothing.
        client.has_lost.set(false);
        Ok(client)
    }

    /// The token, for the next one.
    pub(super) fn token(&self) -> &Secret {
        &self.token
    }

    /// Whether an answer was lost, so that nobody knows whether the request had its effect.
    pub(super) fn has_lost(&self) -> bool {
        self.has_lost.get()
    }

    fn log_in(&self) -> Result<Secret, VaultError> {
        #[derive(Deserialize)]
        struct LoggedIn {
            auth: Auth,
        }
        #[derive(Deserialize)]
        struct Auth {
            client_token: Secret,
        }
        let Login::With { path, fields } = &self.settings.login else { return Err(VaultError::NoLogin) };
        let length =
            fields.iter().map(|(name, text)| longest(name) + longest(text.expose()) + 2).sum::<usize>();
        let mut body = String::with_capacity(2 + length);
        for (position, (name, text)) in fields.iter().enumerate() {
            body.push(if position == 0 { '{' } else { ',' });
            in_quotes(&mut body, name);
            body.push(':');
            in_quotes(&mut body, text.expose());
            self.world.hide(text.expose());
        }
        body.push('}');
        let doing = "the log-in";
        let answer = self.ask(doing, &Method::POST, &format!("auth/{path}/login"), body.into_bytes())?;
        match answer.status() {
            StatusCode::OK => parse::<LoggedIn>(doing, &answer).map(|answer| answer.auth.client_token),
            _ => Err(self.refused(doing, &answer)),
        }
    }

    /// What stands at a path.
    pub(super) fn read(&self, path: &str) -> Result<Stored, VaultError> {
        let doing = format!("to read {path}");
        let answer = self.ask(&doing, &Method::GET, path, Vec::new())?;
        let has_errors = |answer: &Answer| !errors(answer).is_empty();
        match answer.status() {
            // A version that was deleted is told with this status, too.
            StatusCode::OK | StatusCode::NOT_FOUND if head(&answer).is_some() => stored(&doing, &answer),
            StatusCode::NOT_FOUND if !has_errors(&answer) => {
                Ok(Stored { version: 0, object: Zeroizing::new(b"{}".to_vec()) })
            }
            StatusCode::OK => Err(VaultError::NoVersions { path: path.to_owned() }),
            _ => Err(self.refused(&doing, &answer)),
        }
    }

    /// Writes an object over a version, if that still stands.
    pub(super) fn write(&self, path: &str, version: u64, object: &[u8]) -> Result<Written, VaultError> {
        let doing = format!("to write {path}");
        let head = format!("{{\"options\":{{\"cas\":{version}}},\"data\":");
        let mut body = Vec::with_capacity(head.len() + object.len() + 1);
        body.extend_from_slice(head.as_bytes());
        body.extend_from_slice(object);
        body.push(b'}');
        let answer = self.ask(&doing, &Method::POST, path, body)?;
        match answer.status() {
            StatusCode::OK => Ok(Written::Done),
            // A store of version 1 took all of it for a value.
            StatusCode::NO_CONTENT => Err(VaultError::NoVersions { path: path.to_owned() }),
            StatusCode::BAD_REQUEST if errors(&answer).contains("check-and-set") => Ok(Written::Overtaken),
            _ => Err(self.refused(&doing, &answer)),
        }
    }

    /// Proves that what stands at a path may be written, without writing.
    pub(super) fn prove(&self, path: &str, version: u64) -> Result<(), VaultError> {
        #[derive(Deserialize)]
        struct Mount {
            data: MountData,
        }
        #[derive(Deserialize)]
        struct MountData {
            options: Option<MountOptions>,
        }
        #[derive(Deserialize)]
        struct MountOptions {
            version: Option<String>,
        }
        #[derive(Deserialize)]
        struct Capabilities {
            capabilities: Vec<String>,
        }
        // Both are answered to every token that may do anything here, unless a policy says otherwise.
        let doing = "which store this is";
        let answer = self.ask(doing, &Method::GET, &format!("sys/internal/ui/mounts/{path}"), Vec::new())?;
        if let Ok(Mount { data }) = parse::<Mount>(doing, &answer)
            && data.options.and_then(|options| options.version).as_deref() != Some("2")
        {
            return Err(VaultError::NoVersions { path: path.to_owned() });
        }
        let doing = "what the token may do";
        let mut body = String::from("{\"paths\":[");
        in_quotes(&mut body, path);
        body.push_str("]}");
        let answer = self.ask(doing, &Method::POST, "sys/capabilities-self", body.into_bytes())?;
        let Ok(Capabilities { capabilities }) = parse::<Capabilities>(doing, &answer) else { return Ok(()) };
        let needed = if version == 0 { "create" } else { "update" };
        if capabilities.iter().any(|capability| capability == "root" || capability == needed) {
            return Ok(());
        }
        let capabilities = one_line(&capabilities.join(", "));
        Err(VaultError::NoCapability { path: path.to_owned(), capabilities })
    }

    /// Sends a request until it is answered, or there is no more time.
    fn ask(&self, doing: &str, method: &Method, path: &str, body: Vec<u8>) -> Result<Answer, VaultError> {
        let body = Zeroizing::new(body);
        self.sent.borrow_mut().clone_from(&body);
        let mut pause = PAUSE.0;
        loop {
            let request = self.request(doing, method, path, body.to_vec())?;
            let answer = self.world.exchange(&self.settings.server, request, REQUEST_LIMIT);
            let is_redirected = matches!(&answer, Ok(answer) if answer.status().is_redirection());
            let why = match answer {
                // So does a standby answer whose leader has just died: in a moment it knows another, and passes requests on.
                // Nobody has done anything.
                Ok(answer) if answer.status().is_redirection() => String::new(),
                Ok(answer) if is_for_later(&answer) => {
                    // A standby that lost its leader may have passed the request on.
                    let is_uncertain = answer.status().is_server_error() && *method != Method::GET;
                    self.has_lost.set(self.has_lost.get() || is_uncertain);
                    self.said(&answer)
                }
                Ok(answer) => return Ok(answer),
                Err(SendFailure::NotSent(why)) => format!("no connection: {why}"),
                Err(SendFailure::Lost(why)) => {
                    self.has_lost.set(self.has_lost.get() || *method != Method::GET);
                    format!("the answer was lost: {why}")
                }
            };
            if self.world.uptime() + pause >= self.end || self.world.interrupted().is_some() {
                let doing = doing.to_owned();
                return Err(if is_redirected {
                    VaultError::Redirected { doing }
                } else {
                    VaultError::Unanswered { doing, why }
                });
            }
            self.world.pause(pause);
            pause = (2 * pause).min(PAUSE.1);
        }
    }

    fn refused(&self, doing: &str, answer: &Answer) -> VaultError {
        VaultError::Refused { doing: doing.to_owned(), message: self.said(answer) }
    }

    /// The words of an answer with stars over what it repeats of the request, or else its status.
    fn said(&self, answer: &Answer) -> String {
        let errors = errors(answer);
        let Some(carried) = texts_of(&self.sent.borrow()).filter(|_| !errors.is_empty()) else {
            return format!("HTTP {}", answer.status().as_u16());
        };
        let token = Zeroizing::new(self.token.expose().to_owned());
        let shown = carried.iter().chain([&token]).fold(errors, |shown, text| starred(shown, text));
        one_line(&masked(&shown))
    }

    fn request(
        &self,
        doing: &str,
        method: &Method,
        path: &str,
        body: Vec<u8>,
    ) -> Result<Request, VaultError> {
        let address = format!("{}/v1/{}", self.settings.server.address, encoded(path));
        let mut request = http::Request::builder().method(method).uri(address);
        request = request.header("X-Vault-Request", "true");
        if !self.token.is_blank() {
            let mut token =
                http::HeaderValue::from_str(self.token.expose()).map_err(|_| VaultError::NoLogin)?;
            token.set_sensitive(true);
            request = request.header("X-Vault-Token", token);
        }
        if let Some(namespace) = &self.settings.namespace {
            request = request.header("X-Vault-Namespace", namespace);
        }
        if !body.is_empty() {
            request = request.header(http::header::CONTENT_TYPE, "application/json");
        }
        // No part of a secret is in what could be wrong here.
        let unknown =
            |error: http::Error| VaultError::Unknown { doing: doing.to_owned(), detail: error.to_string() };
        request.body(body).map_err(unknown)
    }
}

/// Whether the same request may be answered otherwise in a moment.
fn is_for_later(answer: &Answer) -> bool {
    let status = answer.status();
    // A store that was just made, or a node that has just heard of it: "Upgrading from non-versioned to versioned data",
    // "Waiting for the primary to upgrade from non-versioned to versioned data".
    let is_being_made =
        || status == StatusCode::BAD_REQUEST && errors(answer).contains("from non-versioned to versioned");
    status.is_server_error() || status == StatusCode::TOO_MANY_REQUESTS || is_being_made()
}

/// A path as it stands in an address.
fn encoded(path: &str) -> String {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~/@:+=,".contains(&byte);
    let mut encoded = String::with_capacity(path.len());
    for byte in path.bytes() {
        if is_plain(byte) {
            encoded.push(char::from(byte));
        } else {
            write!(encoded, "%{byte:02X}").ok();
        }
    }
    encoded
}

/// The version that an answer tells of, and whether anything stands there.
fn head(answer: &Answer) -> Option<(u64, bool)> {
    #[derive(Deserialize)]
    struct Read {
        data: Data,
    }
    #[derive(Deserialize)]
    struct Data {
        metadata: Metadata,
        // It is there in every answer of a store of version 2, and nothing where the version was deleted.
        #[serde(deserialize_with = "Option::deserialize")]
        data: Option<IgnoredAny>,
    }
    #[derive(Deserialize)]
    struct Metadata {
        version: u64,
    }
    let Read { data } = serde_json::from_slice(answer.body()).ok()?;
    Some((data.metadata.version, data.data.is_some()))
}

/// What an answer says that stands there. What cannot be read is not taken for nothing: its other keys would be lost.
fn stored(doing: &str, answer: &Answer) -> Result<Stored, VaultError> {
    let unknown = || VaultError::Unknown {
        doing: doing.to_owned(),
        detail: "what stands there is no object that can be read".to_owned(),
    };
    let (version, is_there) = head(answer).ok_or_else(unknown)?;
    let object = if is_there { object(answer).ok_or_else(unknown)? } else { Zeroizing::new(b"{}".to_vec()) };
    Ok(Stored { version, object })
}

/// The object that an answer brought, byte for byte.
fn object(answer: &Answer) -> Option<Zeroizing<Vec<u8>>> {
    let text = std::str::from_utf8(answer.body()).ok()?;
    crate::sink::json_file::object_at(text, &["data", "data"])
        .map(|object| Zeroizing::new(object.as_bytes().to_vec()))
}

fn parse<T: DeserializeOwned>(doing: &str, answer: &Answer) -> Result<T, VaultError> {
    // Its own words may hold what is wrong with a secret.
    serde_json::from_slice(answer.body()).map_err(|_| VaultError::Unknown {
        doing: doing.to_owned(),
        detail: "it is no JSON of a known form".to_owned(),
    })
}

/// What the store says against it, as it says it.
fn errors(answer: &Answer) -> String {
    #[derive(Deserialize)]
    struct Errors {
        errors: Vec<String>,
    }
    let errors =
        serde_json::from_slice::<Errors>(answer.body()).map(|answer| answer.errors).unwrap_or_default();
    errors.join("; ")
}

/// The shortest text that is taken for a secret where an answer repeats it.
const SHORTEST: usize = 6;

/// Every text that a body carries; `None` where that cannot be known.
fn texts_of(body: &[u8]) -> Option<Vec<Zeroizing<String>>> {
    fn collect(value: Value, texts: &mut Vec<Zeroizing<String>>) {
        match value {
            Value::String(text) => texts.push(Zeroizing::new(text)),
            Value::Array(values) => values.into_iter().for_each(|value| collect(value, texts)),
            Value::Object(values) => values.into_iter().for_each(|(_, value)| collect(value, texts)),
            Value::Null | Value::Bool(_) | Value::Number(_) => {}
        }
    }
    let mut texts = Vec::new();
    if !body.is_empty() {
        collect(serde_json::from_slice(body).ok()?, &mut texts);
    }
    Some(texts)
}

/// A text with stars over another, as it is and as it stands in JSON.
fn starred(shown: String, secret: &str) -> String {
    if secret.len() < SHORTEST {
        return shown;
    }
    let mut in_json = Zeroizing::new(String::with_capacity(longest(secret)));
    in_quotes(&mut in_json, secret);
    shown.replace(in_json.trim_matches('"'), "***").replace(secret, "***")
}
