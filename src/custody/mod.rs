//! Steps -> done, with no secret lost on the way.
//!
//! The way through: a [`Surveyor`] finds, guards and reads the sinks and asks Cloudflare; [`plan`](crate::plan)
//! decides; and the methods of [`Custody`] carry a step out in the order that loses nothing. What an
//! interrupted run left open in the [`Journal`] is [settled](Custody::settle) first.
//!
//! What must hold, whatever fails:
//!
//! - A live token is called `<name>@<mark>`, the mark chosen before the request, so that a token whose answer
//!   was lost is found with certainty, and no other is ever touched.
//! - Nothing is sent before the lock is held and every sink is proven safe and writable.
//! - What Cloudflare stored is compared with what was asked; less is an error, and the token is deleted.
//! - The first thing that happens to a secret is its delivery; then it is verified with itself.
//! - Every effect is in the journal before it happens, so that the next run can finish or undo it.

mod adoption;
mod confirm;
mod demands;
mod error;
mod held;
mod holders;
mod hooks;
mod inspect;
mod intent;
mod journal;
mod lookups;
mod own;
mod portrait;
mod settle;
mod sinks;
mod state;
mod steps;
mod subject;
mod survey;
mod translate;

pub use error::{CustodyError, Missing, Undone};
pub use held::Trial;
pub use hooks::{HOOK_LIMIT, HookError};
pub use inspect::{Inspection, inspect};
pub use intent::{Facts, Intent, SinkRecord, Work};
pub use journal::{Journal, JournalError};
pub use lookups::{Known, Owned, Purpose, accounts};
pub use own::own_token;
pub use portrait::{Portrait, portrait};
pub use settle::{Settled, SettledAs};
pub use sinks::{Located, SecretPlace, Written};
pub use state::{FOLDER as STATE_FOLDER, Lock, StateError, StateFolder};
pub use steps::{Action, Done, Predecessors};
pub use subject::Subject;
pub use survey::{Job, Survey, SurveyError, Surveyor};
pub use translate::{creation, live, replacement};

use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use chrono::{DateTime, TimeDelta, Utc};

use crate::cloudflare::Client;
use crate::sink::Staging;
use crate::world::World;

/// What a person should know about a step that was carried out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Remark {
    /// The token's own address rule shuts this machine out; the bootstrap confirmed it by id.
    ShutOut,
    /// The token begins to work later; the bootstrap confirmed it by id.
    StartsLater {
        /// When.
        at: DateTime<Utc>,
    },
    /// An answer was lost, and the token it had made was found by its mark and deleted.
    StrayDeleted {
        /// Its whole name.
        name: String,
    },
    /// A predecessor was retired.
    Retired {
        /// Its whole name.
        name: String,
        /// When it ends.
        end: DateTime<Utc>,
    },
    /// A predecessor, or an expired generation, was deleted.
    PredecessorDeleted {
        /// Its whole name.
        name: String,
    },
    /// A sink that could not tell before does hold the secret.
    Holds {
        /// The place in the sink.
        sink: String,
    },
    /// The hooks of an earlier run, which had not run or failed, have run.
    HooksRan,
    /// Variables were taken out of a sink.
    Cleared {
        /// The sink.
        sink: String,
        /// The variables.
        variables: Vec<String>,
    },
}

/// How long a new or changed token may be unknown to some of Cloudflare's servers.
const PROPAGATION: TimeDelta = TimeDelta::minutes(2);

/// The right to write: the lock is held, and what is announced goes into the journal.
pub struct Custody {
    world: Arc<dyn World>,
    client: Client,
    stage: Staging,
    desk: Arc<Desk>,
}

/// What there is one of in a state folder.
struct Desk {
    journal: Mutex<Journal>,
    _lock: Lock,
}

impl Custody {
    /// Reads the journal of a state folder whose lock is held. To be [settled](Self::settle) and, before the
    /// first step, [entered](Self::enter) and [proven](Self::prove).
    pub fn open(
        world: Arc<dyn World>,
        client: Client,
        home: &StateFolder,
        lock: Lock,
    ) -> Result<Self, JournalError> {
        let journal = Journal::read(&*world, home.path())?;
        journal.tidy(&*world)?;
        let journal = Mutex::new(journal);
        let stage = Staging::new(home.path().to_owned(), &[]);
        Ok(Self { world, client, stage, desk: Arc::new(Desk { journal, _lock: lock }) })
    }

    /// Takes note of the files that a survey found, and removes what a dead run left beside them. The survey is made
    /// under the lock: what another run did before would not be in it.
    pub fn enter(&mut self, survey: &Survey) {
        self.stage = Staging::new(self.stage.folder.clone(), &survey.guarded);
        let located = survey.jobs.iter().flat_map(|job| &job.subject.located);
        self.sweep(located.filter_map(Located::folder).map(PathBuf::from));
    }

    /// Proves that every sink of these jobs can be written now.
    pub fn prove(&self, jobs: &[&Job]) -> Result<(), CustodyError> {
        if jobs.is_empty() {
            return Ok(());
        }
        let located = jobs.iter().flat_map(|job| &job.subject.located);
        let intent = Intent::proof(self.world().now(), self.client.base().as_str(), located.clone());
        let announced = self.announce_intent(&intent)?;
        let proven = sinks::prove(self.world(), &self.stage, &located.collect::<Vec<_>>());
        self.settled(announced);
        proven.map_err(CustodyError::Sinks)
    }

    /// The same custody, with other files that temporary ones may stand beside.
    fn staged_at(&self, stage: Staging) -> Self {
        let (world, desk) = (Arc::clone(&self.world), Arc::clone(&self.desk));
        Self { world, client: self.client.clone(), stage, desk }
    }

    /// The time by which tokens live: the server's, where it is known.
    #[must_use]
    pub fn now(&self) -> DateTime<Utc> {
        self.client.server_time().unwrap_or_else(|| self.world.now())
    }

    fn world(&self) -> &dyn World {
        &*self.world
    }

    /// Held for one record at a time, never across an await.
    fn journal(&self) -> MutexGuard<'_, Journal> {
        self.desk.journal.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
