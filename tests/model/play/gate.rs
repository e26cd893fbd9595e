//! The gate on a run's way to Cloudflare: requests that matter wait here until the player of a history lets them take
//! effect, and their answers are handed over only when the run goes on.
//!
//! While it waits the run is not polled, so no time-out of its own can end it, however long the history makes it wait.
//! Requests of the first look other than the list, which change nothing and tell nothing of a history, pass.

use std::collections::BTreeMap;
use std::future::poll_fn;
use std::sync::{Arc, Mutex, MutexGuard};
use std::task::Poll;

use cfmint::cloudflare::{Answer, Request, SendFailure, Sending, Transport};
use serde_json::{Value, json};

use super::support::{FaultyTransport, name};

type Heard = Result<Answer, SendFailure>;

/// A request before the gate.
struct Waiting {
    ticket: u64,
    name: String,
    request: Request,
}

#[derive(Default)]
struct State {
    tickets: u64,
    waiting: Vec<Waiting>,
    answers: BTreeMap<u64, Heard>,
    /// Whether secrets may still be asked whose they are: until the run has decided.
    verifies_freely: bool,
    shows: Shows,
}

/// How lists differ for a run from what is there.
#[derive(Clone, Default)]
pub(super) struct Shows {
    /// The token whose rights somebody changed by hand.
    pub(super) drifted: Option<String>,
    /// Whether generations on their way out are left out.
    pub(super) hides_retiring: bool,
}

/// The gate of one run.
pub(super) struct Gate {
    transport: Arc<FaultyTransport>,
    state: Mutex<State>,
}

impl Gate {
    pub(super) fn new(transport: Arc<FaultyTransport>) -> Self {
        let state = State { verifies_freely: true, ..State::default() };
        Self { transport, state: Mutex::new(state) }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap()
    }

    pub(super) fn show(&self, shows: Shows) {
        self.state().shows = shows;
    }

    /// The run has decided: from now on every question to a secret waits.
    pub(super) fn decided(&self) {
        self.state().verifies_freely = false;
    }

    /// What waits, by its names.
    pub(super) fn waiting(&self) -> Vec<String> {
        self.state().waiting.iter().map(|waiting| waiting.name.clone()).collect()
    }

    /// Whether an answer is there that the run has not got.
    pub(super) fn withholds(&self) -> bool {
        !self.state().answers.is_empty()
    }

    /// Takes a request out of the row, by its place in it.
    pub(super) fn take(&self, place: usize) -> (u64, Request) {
        let Waiting { ticket, request, .. } = self.state().waiting.remove(place);
        (ticket, request)
    }

    /// Keeps an answer for when the run goes on. A list may be a replica's, as it was at another time.
    pub(super) fn answer(&self, ticket: u64, heard: Heard, replica: Option<&[u8]>) {
        let mut state = self.state();
        let shows = state.shows.clone();
        let heard = heard.map(|answer| {
            let (parts, body) = answer.into_parts();
            let body = replica.map_or_else(|| body.to_vec(), <[u8]>::to_vec);
            Answer::from_parts(parts, shows.on(body).into())
        });
        state.answers.insert(ticket, heard);
    }

    fn passes(&self, name: &str) -> bool {
        if is_verification(name) {
            return self.state().verifies_freely;
        }
        name.starts_with("GET ") && !is_list(name)
    }
}

impl Transport for Gate {
    fn send(&self, request: Request) -> Sending<'_> {
        let name = name(&request);
        if self.passes(&name) {
            return self.transport.send(request);
        }
        let ticket = {
            let mut state = self.state();
            state.tickets += 1;
            let ticket = state.tickets;
            state.waiting.push(Waiting { ticket, name, request });
            ticket
        };
        Box::pin(poll_fn(move |_| self.state().answers.remove(&ticket).map_or(Poll::Pending, Poll::Ready)))
    }
}

/// Whether a request asks for the tokens.
pub(super) fn is_list(name: &str) -> bool {
    name == "GET /user/tokens" || name.starts_with("GET /user/tokens?")
}

/// Whether a request asks a secret which token it is.
pub(super) fn is_verification(name: &str) -> bool {
    name == "GET /user/tokens/verify"
}

impl Shows {
    fn on(&self, body: Vec<u8>) -> Vec<u8> {
        if self.drifted.is_none() && !self.hides_retiring {
            return body;
        }
        let Ok(mut answer) = serde_json::from_slice::<Value>(&body) else { return body };
        let Some(rows) = answer["result"].as_array_mut() else { return body };
        let whole = rows.len();
        let is_retiring = |row: &Value| {
            row["status"] == "active" && row["name"].as_str().is_some_and(|n| n.contains("+old@"))
        };
        rows.retain(|row| !(self.hides_retiring && is_retiring(row)));
        for row in rows.iter_mut().filter(|row| self.drifted.as_deref() == row["id"].as_str()) {
            for policy in row["policies"].as_array_mut().into_iter().flatten() {
                policy["resources"] = json!({ "com.cloudflare.api.account.zone.*": "*" });
            }
        }
        let hidden = whole - rows.len();
        for count in ["count", "total_count"] {
            let shown = answer["result_info"][count].as_u64().map(|all| all - hidden as u64);
            answer["result_info"][count] = json!(shown);
        }
        serde_json::to_vec(&answer).unwrap()
    }
}
