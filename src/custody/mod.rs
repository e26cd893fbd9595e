//! Plan -> done, in the one order that loses no secret.
//!
//! Cloudflare shows a secret once, its create call is not idempotent, and the network, the disk and the machine fail in
//! between. So Cloudflare's own list of tokens is the record: each generation's name says how far it has come
//! ([`Phase`](crate::plan::Phase)), each step is one atomic request, and every run begins by reading the list and finishes
//! what it finds. That holds on a laptop, on a runner without any state, and on several machines at once.
//!
//! [`Custody::prove`] tries out every sink, and only what it has proven can be [executed](Custody::execute). What holds,
//! whatever fails:
//!
//! - A token is pending, with an end that is near, until its secret is in every sink, verified, and nobody else did anything
//!   to the name meanwhile. Only then one request puts it in force, and only after that any other is retired.
//! - A pending token is never finished by a later run: that one makes a fresh generation.
//! - Nothing is deleted that a sink may hold.
//! - A roll has a stand-in, made before it.
//! - The [token of a command](CommandToken) is in no sink, has a short life, and is deleted when the command is over.

mod blocking;
mod confirm;
mod create;
mod deliver;
mod error;
mod exec;
mod hold;
mod hooks;
mod keep;
mod look;
mod make;
mod note;
mod recover;
mod requests;
mod retire;
mod revoke;
mod roll;
mod run;
mod shared_looks;
mod state;
mod under_way;
mod write;

pub use error::{CustodyError, Missing, Undelivered, Undone};
pub use exec::{CommandLife, CommandToken};
pub use hooks::{HOOK_LIMIT, HookError};
pub use look::Meanwhile;
pub use note::{MarkNote, NoteError};
pub use recover::{Left, Leftover};
pub use state::{FOLDER as STATE_FOLDER, Lock, StateError, StateFolder};
pub use write::{creation, replacement};

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::Arc;

use chrono::{DateTime, Utc};

use self::hold::Hold;
use self::make::draw_mark;
use self::run::JobRun;
use self::shared_looks::SharedLooks;
use crate::cloudflare::{Client, Fault};
use crate::plan::{Live, Mark, Plan, Refused, Step};
use crate::profile::Profile;
use crate::secret::Secret;
use crate::sink::{Root, SinkError, Staging, WriteReceipt, locate, sweep};
use crate::survey::{Job, Survey, Trial};
use crate::world::World;

/// What was done for one profile.
pub struct Done {
    /// In a word.
    pub action: Action,
    /// The token afterwards; `None` where there is none.
    pub token: Option<Live>,
    /// The sinks that were written.
    pub written: Vec<WriteReceipt>,
    /// What a person should know besides.
    pub remarks: Vec<Remark>,
    /// Why the token is not all right although this much was done.
    pub failure: Option<CustodyError>,
}

impl Done {
    fn new(action: Action, token: Option<Live>) -> Self {
        Self { action, token, written: Vec::new(), remarks: Vec::new(), failure: None }
    }
}

/// A step that could not be carried out, and what a person should know of what was done before it failed.
#[derive(Debug)]
pub struct StepFailure {
    /// Why.
    pub error: CustodyError,
    /// What a person should know besides.
    pub remarks: Vec<Remark>,
}

/// What was done, in a word.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Action {
    /// A token was made.
    Created,
    /// The token or a sink was changed.
    Updated,
    /// All was as it should be.
    Unchanged,
    /// The token has a new secret.
    Rolled,
    /// A successor is in its place, or the token has a new secret and a new end.
    Rotated,
    /// A rotation that had got so far as a successor is done.
    Finished,
    /// The token was deleted.
    Revoked,
    /// There was no token to delete, or none to finish.
    Absent,
}

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
    /// An answer was lost, and the token may still be made; it ends by itself.
    MayComeLate {
        /// Its whole name.
        name: String,
        /// When it has ended.
        until: DateTime<Utc>,
    },
    /// The answer of a roll was lost, so another token is in the place of the one that was to be rolled.
    IdChanged {
        /// The id before.
        from: String,
        /// The id now.
        to: String,
    },
    /// The stand-in of a roll could not be deleted; it ends by itself.
    StandInLeft {
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
    /// A predecessor could not be retired; the next run tries again.
    NotRetired {
        /// Its whole name.
        name: String,
        /// Why not.
        reason: String,
    },
    /// A predecessor, or an expired generation, was deleted.
    PredecessorDeleted {
        /// Its whole name.
        name: String,
    },
    /// Cloudflare set another end than was asked for.
    EndDiffers {
        /// The token's whole name.
        name: String,
        /// When it ends.
        ends: Option<DateTime<Utc>>,
    },
    /// A sink that could not tell before does hold the secret.
    Holds {
        /// The place in the sink.
        sink: String,
    },
    /// The hooks of an earlier run, which had not run or failed, have run.
    HooksRan,
    /// A token that a command had left was deleted.
    CommandTokenDeleted {
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

/// The right to write: what is announced is noted, and the lock is held, but for the time of a command.
pub struct Custody {
    world: Arc<dyn World>,
    client: Client,
    trial: Trial,
    staging: Staging,
    note: MarkNote,
    looks: SharedLooks,
    hold: Hold,
}

/// A plan whose sinks can all be written: nothing else can be carried out.
pub struct Proven {
    job: Arc<Job>,
    plan: Plan,
}

impl Proven {
    /// The job.
    #[must_use]
    pub fn job(&self) -> &Arc<Job> {
        &self.job
    }

    /// What must be done.
    #[must_use]
    pub fn plan(&self) -> &Plan {
        &self.plan
    }

    fn all_sinks(&self) -> Vec<usize> {
        (0..self.job.context.sinks.len()).collect()
    }
}

impl Custody {
    /// Takes the note of a state folder whose lock is held.
    pub fn open(
        world: Arc<dyn World>,
        client: Client,
        trial: Trial,
        home: &StateFolder,
        lock: Lock,
    ) -> Result<Self, NoteError> {
        let note = MarkNote::read(&*world, home.path())?;
        note.tidy(&*world);
        let looks = SharedLooks::default();
        let staging = Staging::new(home.path().to_owned(), &[]);
        Ok(Self { world, client, trial, staging, note, looks, hold: Hold::Throughout(lock) })
    }

    /// Takes note of the files that a survey found, and removes what a dead run left beside them. The survey is made
    /// under the lock: what another run did before would not be in it.
    pub fn enter(&mut self, survey: &Survey) {
        self.staging = Staging::new(self.staging.folder.clone(), &survey.guarded);
        let sinks = survey.jobs.iter().flat_map(|job| &job.context.sinks);
        let beside = sinks.filter_map(|seen| seen.sink.file()).map(|file| file.folder().to_owned());
        under_way::sweep(self.world(), &self.staging.folder);
        let folders: BTreeSet<PathBuf> = beside.chain([self.staging.folder.clone()]).collect();
        for folder in folders {
            if let Err(error) = sweep(self.world(), &folder) {
                tracing::warn!("leftovers in {} could not be removed: {error}", folder.display());
            }
        }
    }

    /// Puts back what a dead run was in the middle of writing in place. To be done before the sinks are read.
    pub fn finish_interrupted_writes(&self, root: &Root, profiles: &[Profile]) {
        for profile in profiles {
            let (sinks, _) = locate(self.world(), root, Some(&self.staging.folder), profile);
            for file in sinks.iter().filter_map(|sink| sink.file()) {
                if let Err(error) = file.finish_interrupted(self.world(), &self.staging.folder) {
                    tracing::warn!("{error}");
                }
            }
        }
    }

    /// The marks that this state folder announced and has not finished, but for those of commands under way.
    #[must_use]
    pub fn own_marks(&self) -> BTreeSet<Mark> {
        self.note().marks_of_dead_runs(self.world())
    }

    /// A new mark.
    pub fn draw_mark(&self) -> Result<Mark, CustodyError> {
        draw_mark(self.world())
    }

    /// The time by which tokens live: the server's, where it is known.
    #[must_use]
    pub fn now(&self) -> DateTime<Utc> {
        self.client.server_time().unwrap_or_else(|| self.world.now())
    }

    /// Proves that every sink of these jobs can be written in the very way in which it will be.
    pub fn prove(&self, planned: Vec<(Arc<Job>, Plan)>) -> Result<Vec<Proven>, Vec<SinkError>> {
        let mut errors = Vec::new();
        for (job, _) in planned.iter().filter(|(_, plan)| plan.step.delivers()) {
            errors.extend(self.prove_job(job));
        }
        if !errors.is_empty() {
            return Err(errors);
        }
        Ok(planned.into_iter().map(|(job, plan)| Proven { job, plan }).collect())
    }

    fn prove_job(&self, job: &Job) -> Vec<SinkError> {
        let (secret, token) = stand_ins(job);
        let values = job.context.values(&token, &secret);
        let proven =
            job.context.sinks.iter().map(|seen| seen.sink.prove(self.world(), &self.staging, &values));
        proven.filter_map(Result::err).collect()
    }

    /// Carries out what was planned for a job.
    pub async fn execute(&self, survey: &Survey, proven: &Proven) -> Result<Done, StepFailure> {
        let mut run = JobRun::new(self, survey, proven);
        let mut outcome = self.carry_out(&mut run, proven).await;
        // What was not asked any more because of a signal is told as what it leaves.
        if matches!(&outcome, Err(CustodyError::Api(error)) if error.fault == Fault::Stopped) {
            outcome = run.stop_if_interrupted().and(outcome);
        }
        if outcome.is_ok() {
            run.end_left_by_commands().await;
        }
        run.end(outcome)
    }

    async fn carry_out(&self, run: &mut JobRun<'_>, proven: &Proven) -> Result<Done, CustodyError> {
        let _room = if proven.plan.step.acts() { Some(run.begin().await?) } else { None };
        match &proven.plan.step {
            Step::Create(create) => run.create(proven, create).await,
            Step::Roll { id, renew } => run.roll(proven, id, renew.as_deref()).await,
            Step::Keep(keep) => run.keep(keep).await,
            Step::Nothing => Ok(Done::new(Action::Absent, None)),
            Step::Refuse(refused) => Err(CustodyError::Refused(refused.clone())),
        }
    }

    fn world(&self) -> &dyn World {
        &*self.world
    }

    fn note(&self) -> &MarkNote {
        &self.note
    }
}

/// What is as long as the values that will be written.
fn stand_ins(job: &Job) -> (Secret, crate::cloudflare::wire::Token) {
    const LONGEST_SECRET: usize = 64;
    let token = crate::cloudflare::wire::Token {
        id: "0".repeat(32),
        name: job.wanted.name.clone(),
        status: String::new(),
        policies: Vec::new(),
        condition: None,
        not_before: None,
        expires_on: Some(DateTime::UNIX_EPOCH),
        issued_on: None,
        modified_on: None,
        last_used_on: None,
    };
    (Secret::new("x".repeat(LONGEST_SECRET)), token)
}

impl From<Refused> for CustodyError {
    fn from(refused: Refused) -> Self {
        Self::Refused(refused)
    }
}
