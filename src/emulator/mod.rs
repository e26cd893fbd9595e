//! Cloudflare's tokens API, served in process and on loopback: HTTP requests in, Cloudflare's answers out.
//!
//! An [`Emulator`] is a handle on one small Cloudflare: a user, some accounts and zones, and the tokens that
//! were made. It keeps the rules that a real answer depends on (scopes, owners, addresses, expiry, quotas,
//! pages, propagation) and says no in Cloudflare's words; where the public sources disagree, a
//! [`Switches`] field picks a side. Its clock and its randomness are given to it.
//!
//! The way of a request: `server` takes it apart, `route` finds the endpoint, `authenticate` finds the caller,
//! `rate_limit` counts it, `tokens`, `reads` or `products` answer it with `write`, `rules` and `access` in between, and
//! `reply` or `error_reply` frame the answer.
//!
//! It shares the wire types with the client, and with the catalogue the table of operations and nothing else, so that
//! the two cannot be wrong together. It never reads a file or a clock, never calls out, and keeps hashes of secrets,
//! never secrets.

mod access;
mod authenticate;
mod content;
mod context;
mod error_reply;
mod faults;
mod groups;
mod mint;
mod oddities;
mod owner;
mod product;
mod products;
mod rate_limit;
mod reads;
mod reply;
mod resource;
mod route;
mod rules;
mod server;
mod settings;
mod snapshot;
mod staging;
mod state;
mod tokens;
pub mod world;
mod write;

use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::net::TcpListener;

pub use faults::{FaultAnswer, InjectedFault, LoggedRequest, Work};
pub use groups::permission_groups;
pub use owner::EmulatorOwner;
pub use server::CallerAddress;
pub use settings::{
    AddressRefusal, Children, Clock, ConditionKey, DateHeader, NameFilter, Order, Random, RateLimit, Revival,
    SecretFormat, Settings, Switches, Ungrantable, Verdict, VerifyAnswer,
};
pub use snapshot::SnapshotError;
pub use staging::OwnedToken;

use server::Core;
use state::State;

/// A small Cloudflare. A clone is another handle on the same one.
#[derive(Clone)]
pub struct Emulator {
    settings: Arc<Settings>,
    core: Arc<Mutex<Core>>,
}

impl Emulator {
    /// The starting world: one account, two zones, and the bootstraps of [`world`].
    #[must_use]
    pub fn new(settings: Settings) -> Self {
        let now = settings.now();
        Self::with_state(settings, world::begin(now))
    }

    /// The world as a [`snapshot`](Self::snapshot) left it.
    pub fn restore(settings: Settings, snapshot: &[u8]) -> Result<Self, SnapshotError> {
        Ok(Self::with_state(settings, snapshot::read(snapshot)?))
    }

    /// The world as JSON, with hashes in place of secrets.
    #[must_use]
    pub fn snapshot(&self) -> Vec<u8> {
        snapshot::write(&self.core().state)
    }

    /// A number that grows with every change of the world, so that a caller knows when to save.
    #[must_use]
    pub fn revision(&self) -> u64 {
        self.core().state.revision
    }

    /// The API, under `/client/v4`.
    pub fn router(&self) -> axum::Router {
        axum::Router::new().fallback(server::exchange).with_state(self.clone())
    }

    /// Serves the API on a listener until `stop` is ready, then ends the requests under way.
    pub async fn serve(
        &self,
        listener: TcpListener,
        stop: impl Future<Output = ()> + Send + 'static,
    ) -> io::Result<()> {
        let service = self.router().into_make_service_with_connect_info::<SocketAddr>();
        axum::serve(listener, service).with_graceful_shutdown(stop).await
    }

    fn with_state(settings: Settings, state: State) -> Self {
        let core = Core::new(state, settings.switches.clone());
        Self { settings: Arc::new(settings), core: Arc::new(Mutex::new(core)) }
    }

    /// The lock is held for one step at a time, never across an await. A panic under it leaves a world
    /// that is still whole, since every change is a single assignment.
    fn core(&self) -> MutexGuard<'_, Core> {
        self.core.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
