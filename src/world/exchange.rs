//! A request that a caller waits for, whatever runtime the caller is in, or none.
//!
//! Sinks are asked one after the other and wait for each answer. A runtime can only be blocked on from outside, and how a
//! caller's runtime was built is not known here, so requests run on one of their own, with one thread, which is started by
//! the first of them. Connections are kept for the next request.

use std::collections::HashMap;
use std::sync::mpsc::sync_channel;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::runtime::{Builder, Runtime};

use crate::http::{Answer, Https, Request, SendFailure, Server, Transport as _};

/// The requests of this process.
#[derive(Default)]
pub(super) struct Exchange {
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    runtime: Option<Runtime>,
    servers: HashMap<Server, Arc<Https>>,
}

impl Exchange {
    /// Sends one request and waits for the whole answer, for so long at the most.
    pub(super) fn send(
        &self,
        server: &Server,
        request: Request,
        limit: Duration,
    ) -> Result<Answer, SendFailure> {
        let not_sent = |why: String| SendFailure::NotSent(why);
        let (sender, answer) = sync_channel(1);
        {
            let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
            if state.runtime.is_none() {
                let runtime = Builder::new_multi_thread().worker_threads(1).enable_all().build();
                state.runtime = Some(runtime.map_err(|error| not_sent(error.to_string()))?);
            }
            if !state.servers.contains_key(server) {
                let https = Https::trusting(&server.address, server.authorities.as_deref());
                let https = https.map_err(|error| not_sent(error.to_string()))?;
                state.servers.insert(server.clone(), Arc::new(https));
            }
            let State { runtime: Some(runtime), servers } = &*state else {
                return Err(not_sent("no thread could be started".to_owned()));
            };
            let https = servers.get(server).map(Arc::clone);
            runtime.spawn(async move {
                let Some(https) = https else { return };
                let sent = tokio::time::timeout(limit, https.send(request)).await;
                let late = || SendFailure::Lost(format!("none came within {} s", limit.as_secs()));
                sender.send(sent.unwrap_or_else(|_| Err(late()))).ok();
            });
        }
        answer.recv().unwrap_or_else(|_| Err(SendFailure::Lost("its thread ended".to_owned())))
    }
}

impl Drop for Exchange {
    fn drop(&mut self) {
        let state = self.state.get_mut().unwrap_or_else(PoisonError::into_inner);
        // A runtime that is dropped within another one would wait, which is not allowed there.
        if let Some(runtime) = state.runtime.take() {
            runtime.shutdown_background();
        }
    }
}
