//! Steps -> done, with no secret lost on the way.
//!
//! The way through: a [`Surveyor`] finds, guards and reads the sinks and asks Cloudflare; [`plan`](crate::plan)
//! decides; [`Custody::open`] takes the lock and proves that every sink can be written; and the methods of
//! [`Custody`] carry a step out in the order that loses nothing.
//!
//! What must hold, whatever fails:
//!
//! - A live token is called `<name>@<mark>`, the mark chosen before the request, so that a token whose answer
//!   was lost is found with certainty, and no other is ever touched.
//! - Nothing is sent before the lock is held and every sink is proven safe and writable.
//! - What Cloudflare stored is compared with what was asked; less is an error, and the token is deleted.
//! - The first thing that happens to a secret is its delivery; then it is verified with itself.

mod carry_out;
mod confirm;
mod error;
mod held;
mod lookups;
mod sinks;
mod state;
mod survey;
mod translate;

pub use carry_out::{Action, Done};
pub use error::{CustodyError, Missing, Undone};
pub use held::Trial;
pub use lookups::Owned;
pub use sinks::{Located, SecretPlace, Written};
pub use state::{FOLDER as STATE_FOLDER, Lock, StateError, StateFolder};
pub use survey::{Job, Purpose, Survey, SurveyError, Surveyor};
pub use translate::{creation, live, replacement};

use chrono::{DateTime, Utc};

use crate::cloudflare::Client;
use crate::sink::{SinkError, Stage};
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
    /// Variables were taken out of a sink.
    Cleared {
        /// The sink.
        sink: String,
        /// The variables.
        variables: Vec<String>,
    },
}

/// The right to write: the lock is held and every sink is proven.
pub struct Custody<'a> {
    world: &'a dyn World,
    client: &'a Client,
    stage: Stage,
    _lock: Lock,
}

impl<'a> Custody<'a> {
    /// Proves that every sink of these jobs can be written now. The lock was taken before the survey was
    /// made: what another run did in between would not be in it.
    pub fn open(
        world: &'a dyn World,
        client: &'a Client,
        home: &StateFolder,
        lock: Lock,
        survey: &Survey,
    ) -> Result<Self, Vec<SinkError>> {
        let folder = home.path().to_owned();
        let stage = Stage::new(folder, &survey.guarded);
        let located: Vec<&Located> = survey.jobs.iter().flat_map(|job| &job.located).collect();
        sinks::prove(world, &stage, &located)?;
        Ok(Self { world, client, stage, _lock: lock })
    }
}
