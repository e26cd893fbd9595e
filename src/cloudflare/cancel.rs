//! A signal that asks this process to stop, as requests see it.
//!
//! In: the caller's word whether it came. Out: when to stop waiting, and how long requests that keep custody may
//! still take. It never ends anything by itself.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

/// Says whether somebody wants this process to end.
pub type CancelCheck = dyn Fn() -> bool + Send + Sync;

/// How long requests may take in all after the signal: a write that is under way, and those that keep custody.
/// What the machine itself does meanwhile, such as a program that takes a secret, does not count.
const GRACE: Duration = Duration::from_secs(10);

/// How often a wait asks whether it should end.
const POLL: Duration = Duration::from_millis(100);

/// The signal, shared by every client of a run.
pub(super) struct Signal {
    stop: Arc<CancelCheck>,
    spent: Mutex<Duration>,
}

impl Signal {
    /// What is stopped when `stop` says so.
    pub(super) fn new(stop: Arc<CancelCheck>) -> Self {
        Self { stop, spent: Mutex::default() }
    }

    /// Whether it came.
    pub(super) fn came(&self) -> bool {
        (self.stop)()
    }

    /// Waits until it comes.
    pub(super) async fn comes(&self) {
        while !self.came() {
            tokio::time::sleep(POLL).await;
        }
    }

    /// What is left of the time that requests may take after it.
    pub(super) fn grace(&self) -> Duration {
        GRACE.saturating_sub(*self.spent.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Waits for something for as long as the grace lasts, and takes from it.
    pub(super) async fn within_grace<T>(&self, work: impl Future<Output = T>) -> Option<T> {
        let start = Instant::now();
        let done = tokio::time::timeout(self.grace(), work).await.ok();
        *self.spent.lock().unwrap_or_else(PoisonError::into_inner) += start.elapsed();
        done
    }

    /// Waits; returns whether it waited to the end, without the signal.
    pub(super) async fn wait_or_come(&self, wait: Duration) -> bool {
        tokio::select! {
            biased;
            () = self.comes() => false,
            () = tokio::time::sleep(wait) => true,
        }
    }
}
