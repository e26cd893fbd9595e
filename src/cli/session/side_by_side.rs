//! Jobs -> how each ended, in their order: they run side by side, a bounded number of them at once, and a person at a
//! terminal sees how many have ended.

use std::collections::BTreeMap;
use std::panic::resume_unwind;
use std::sync::Arc;

use futures_util::future::{BoxFuture, FutureExt};
use tokio::sync::Semaphore;
use tokio::task::JoinSet;
use tracing::instrument::WithSubscriber as _;

use crate::cli::output::screen::Screen;

/// How many jobs run at once. Each has one or two requests under way, so that about a hundred connections are open at the
/// most; what limits a fleet is how many requests Cloudflare allows in a second.
const MOST_AT_ONCE: usize = 64;

/// Jobs under way.
pub(in crate::cli) struct SideBySide<T> {
    /// A job that has nothing beside it is part of the run itself.
    alone: Option<BoxFuture<'static, T>>,
    running: JoinSet<(usize, T)>,
    ended: BTreeMap<usize, T>,
    next: usize,
}

impl<T: Send + 'static> SideBySide<T> {
    /// Begins the jobs, in their order.
    pub(in crate::cli) fn begin<J>(screen: &mut Screen, jobs: impl IntoIterator<Item = J>) -> Self
    where
        J: Future<Output = T> + Send + 'static,
    {
        let mut jobs: Vec<J> = jobs.into_iter().collect();
        let alone = if jobs.len() == 1 { jobs.pop().map(FutureExt::boxed) } else { None };
        let places = Arc::new(Semaphore::new(MOST_AT_ONCE));
        let mut running = JoinSet::new();
        for (number, job) in jobs.into_iter().enumerate() {
            let places = Arc::clone(&places);
            let in_turn = async move {
                // It is never closed, so there is always a place in the end.
                let _place = places.acquire().await;
                (number, job.await)
            };
            running.spawn(in_turn.with_current_subscriber());
        }
        if !running.is_empty() {
            screen.begin_progress(running.len(), "tokens");
        }
        Self { alone, running, ended: BTreeMap::new(), next: 0 }
    }

    /// How the next job in order ended; `None` after the last.
    pub(in crate::cli) async fn next(&mut self, screen: &mut Screen) -> Option<T> {
        if let Some(job) = self.alone.take() {
            return Some(job.await);
        }
        loop {
            if let Some(result) = self.ended.remove(&self.next) {
                self.next += 1;
                if self.running.is_empty() {
                    screen.end_progress();
                }
                return Some(result);
            }
            match self.running.join_next().await? {
                Ok((number, result)) => {
                    screen.advance();
                    self.ended.insert(number, result);
                }
                // Nobody ends a job but itself.
                Err(error) => match error.try_into_panic() {
                    Ok(panic) => resume_unwind(panic),
                    Err(_) => return None,
                },
            }
        }
    }
}
