//! One list for all who look at the same time: jobs that run side by side ask for their owner's list again and again,
//! and each answer serves everybody who asked before it was begun. Where several jobs are under way, a look waits a moment
//! for others that are about to look: they would have to wait for the next one else.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::time::sleep;

use crate::cloudflare::{Client, Error, TokenOwner};
use crate::survey::{Listing, list};
use crate::world::World;

/// How long a look waits for others. Answers to requests that were sent together come within a few milliseconds.
const GATHERING: Duration = Duration::from_millis(10);

/// The looks at the lists of all owners.
#[derive(Default)]
pub(super) struct SharedLooks {
    of_owners: Mutex<BTreeMap<TokenOwner, Arc<LooksOfOwner>>>,
    /// How many jobs are under way that may look.
    jobs: AtomicUsize,
}

/// A job that may look.
pub(super) struct Looker<'a>(&'a SharedLooks);

impl Drop for Looker<'_> {
    fn drop(&mut self) {
        self.0.jobs.fetch_sub(1, Ordering::SeqCst);
    }
}

/// The looks at one owner's list; only one is under way.
#[derive(Default)]
struct LooksOfOwner {
    /// How many have asked.
    asked: AtomicU64,
    /// The last look, and how many of those who asked it serves. Whoever looks holds it.
    last: tokio::sync::Mutex<Option<(u64, SharedLook)>>,
}

/// A look that several may share.
#[derive(Clone)]
pub(super) struct SharedLook {
    /// When the list was asked for.
    pub(super) asked_at: Duration,
    /// What it showed.
    pub(super) listing: Result<Arc<Listing>, Error>,
}

impl SharedLooks {
    /// Counts a job that may look, until it is dropped.
    pub(super) fn looker(&self) -> Looker<'_> {
        self.jobs.fetch_add(1, Ordering::SeqCst);
        Looker(self)
    }

    /// The owner's tokens, as they are listed from now on or later.
    pub(super) async fn look(&self, world: &dyn World, client: &Client, owner: &TokenOwner) -> SharedLook {
        let of_owner = {
            let mut all = self.of_owners.lock().unwrap_or_else(PoisonError::into_inner);
            Arc::clone(all.entry(owner.clone()).or_default())
        };
        let turn = of_owner.asked.fetch_add(1, Ordering::SeqCst);
        let mut last = of_owner.last.lock().await;
        if let Some((serves, look)) = &*last
            && *serves > turn
        {
            return look.clone();
        }
        if self.jobs.load(Ordering::SeqCst) > 1 {
            sleep(GATHERING).await;
        }
        let serves = of_owner.asked.load(Ordering::SeqCst);
        let asked_at = world.uptime();
        let look = SharedLook { asked_at, listing: list(client, owner).await.map(Arc::new) };
        *last = Some((serves, look.clone()));
        look
    }
}
