//! A token for one command: made, asked whether it works, and deleted when the command is over. Its secret is in no sink
//! and no file; the command alone gets it.
//!
//! It is no generation: nothing of the profile's own token is looked at or changed. Whatever happens, it ends by itself
//! after a short life; and what a dead run left under the name, every later run of it deletes: what has ended, and what a
//! command held that is known to be over. A command under way is left alone, also where its own run was killed.

use std::collections::BTreeSet;
use std::fs::File;
use std::io;
use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use futures_util::future::{join, join_all};

use super::confirm::SecretAnswer;
use super::error::{CustodyError, Undelivered, Undone};
use super::hold::Hold;
use super::make::Made;
use super::note::{MarkNote, NoteError};
use super::requests::MOST_TRIES;
use super::run::JobRun;
use super::shared_looks::SharedLooks;
use super::state::StateFolder;
use super::{Custody, Remark, StepFailure};
use crate::cloudflare::{self, Client, TokenOwner};
use crate::plan::{Live, Mark, Phase};
use crate::secret::Secret;
use crate::sink::{SinkError, Staging};
use crate::survey::{self, Job, Survey, Trial};
use crate::world::World;

/// How long the token of a command lives.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CommandLife {
    /// From its making to its end, unless its profile ends it earlier.
    pub ttl: TimeDelta,
    /// What must be left of it when the command begins.
    pub least: TimeDelta,
}

/// A token that works, for one command. To be [ended](Custody::end_command) whatever becomes of the command.
pub struct CommandToken {
    made: Made,
    owner: TokenOwner,
    /// The marks that are finished besides its own.
    finished: BTreeSet<Mark>,
    /// What a person should know besides.
    pub remarks: Vec<Remark>,
}

impl CommandToken {
    /// The token.
    #[must_use]
    pub fn live(&self) -> Live {
        survey::live(&self.made.new.token)
    }

    /// When it ends by itself.
    #[must_use]
    pub fn ends(&self) -> DateTime<Utc> {
        self.made.until
    }

    /// The variables by which the command gets its secret, and what the profile puts beside it.
    pub fn variables(&self, job: &Job) -> Result<Vec<(String, Secret)>, SinkError> {
        let values = job.context.values(&self.made.new.token, &self.made.new.value);
        let variables = job.profile.command_variables().into_iter();
        variables.map(|(name, value)| Ok((name, values.of(value)?))).collect()
    }
}

impl Custody {
    /// The right to make tokens for commands. Nothing is locked yet: a run holds the state folder's lock only while it
    /// changes the note, since others must be able to work while the command does.
    pub fn for_command(
        world: Arc<dyn World>,
        client: Client,
        trial: Trial,
        home: StateFolder,
    ) -> Result<Self, NoteError> {
        let note = MarkNote::read(&*world, home.path())?;
        let staging = Staging::new(home.path().to_owned(), &[]);
        let looks = SharedLooks::default();
        Ok(Self { world, client, trial, staging, note, looks, hold: Hold::briefly(home) })
    }

    /// Makes a token for a command, and asks it whether it works, while what others have left under the name is deleted. One
    /// that does not work here and now is deleted again; so is one of whose life the waiting has left too little, and another
    /// is made.
    pub async fn make_for_command(
        &self,
        survey: &Survey,
        job: &Job,
        life: CommandLife,
    ) -> Result<CommandToken, StepFailure> {
        let mut run = JobRun::of(self, survey, job);
        let made = self.make_living_token(&mut run, life).await;
        let (finished, remarks) = run.into_marks_and_remarks();
        match made {
            Ok(made) => Ok(CommandToken { made, owner: job.context.owner.clone(), finished, remarks }),
            Err(error) => {
                self.end_commands(&finished).await;
                Err(StepFailure { error, remarks })
            }
        }
    }

    async fn make_living_token(&self, run: &mut JobRun<'_>, life: CommandLife) -> Result<Made, CustodyError> {
        let job = run.job;
        let owner = &job.context.owner;
        let _room = run.begin().await?;
        let mut tries = 0;
        loop {
            tries += 1;
            self.can_live(job, life)?;
            let made = run.make_living(Phase::Exec, None, life.ttl).await?;
            let left = if tries == 1 { self.left_by_commands(run.survey, job) } else { Vec::new() };
            let asked = self.ask_secret(owner, &made.new.token, &made.new.value);
            let (answer, gone) = join(asked, self.delete_left(owner, &left)).await;
            run.note_deleted(&gone);
            let time_left = made.until - self.now();
            if matches!(answer, Ok(SecretAnswer::Works)) && time_left >= life.least {
                return Ok(made);
            }
            let undone = run.undo(&made).await;
            let name = made.name.to_string();
            match answer {
                Ok(SecretAnswer::Works) if tries < MOST_TRIES && matches!(undone, Undone::Deleted) => {
                    tracing::info!("{name} has only {} s left; making another one", time_left.num_seconds());
                }
                Ok(SecretAnswer::Works) => {
                    return Err(CustodyError::TooShort { left: time_left, least: life.least });
                }
                Ok(SecretAnswer::ShutOut) => return Err(CustodyError::ShutOut { name, undone }),
                Ok(SecretAnswer::StartsLater { at }) => return Err(CustodyError::StartsLater { at }),
                Err(CustodyError::Unverified { name, reason }) => {
                    let left = Undelivered::Nowhere(undone);
                    return Err(CustodyError::NotWorking { name, reason, left });
                }
                Err(error) => {
                    return Err(self.world().interrupted().map_or(error, CustodyError::Interrupted));
                }
            }
        }
    }

    /// Refuses, before a token is made, what could not serve: one that begins later, or ends too soon.
    fn can_live(&self, job: &Job, life: CommandLife) -> Result<(), CustodyError> {
        let now = self.now();
        if let Some(at) = job.wanted.start(now).filter(|start| *start > now) {
            return Err(CustodyError::StartsLater { at });
        }
        let left = job.wanted.expiry(now).map_or(life.ttl, |end| (end - now).min(life.ttl));
        if left < life.least { Err(CustodyError::TooShort { left, least: life.least }) } else { Ok(()) }
    }

    /// What the command inherits, so that its token counts as in use for as long as it runs, even if this process is killed.
    pub fn lock_of_command(&self) -> io::Result<Option<File>> {
        self.hold.of_command()
    }

    /// Deletes the token of a command that is over, also after a signal. An error means that it ends by itself.
    pub async fn end_command(&self, token: CommandToken) -> Result<(), cloudflare::Error> {
        let CommandToken { made, owner, mut finished, remarks: _ } = token;
        let ended = self.discard(&owner, &made.new.token.id).await;
        if ended.is_ok() {
            finished.insert(made.name.mark);
        }
        self.end_commands(&finished).await;
        ended
    }

    /// The tokens that commands have left under a job's name: those that have ended, and those of commands that are known
    /// to be over.
    fn left_by_commands<'s>(&self, survey: &'s Survey, job: &Job) -> Vec<&'s Live> {
        let mut left = survey.of_commands(job);
        if left.is_empty() {
            return left;
        }
        let now = self.now();
        let dead = self.note().marks_of_dead_runs(self.world());
        let is_time_known = survey.clock.doubt().is_none();
        left.retain(|live| {
            let is_over = live.marked.as_ref().is_some_and(|marked| dead.contains(&marked.mark));
            is_over || (is_time_known && !live.is_alive(now))
        });
        left
    }

    /// Deletes them side by side, and returns those that are gone. A refusal stops nothing: each has its end.
    async fn delete_left<'l>(&self, owner: &TokenOwner, left: &[&'l Live]) -> Vec<&'l Live> {
        let delete = async |live: &'l Live| match self.delete(owner, &live.id).await {
            Ok(_) => Some(live),
            Err(error) => {
                tracing::info!("{}, left by a command, could not be deleted: {error}", live.name);
                None
            }
        };
        join_all(left.iter().map(|live| delete(live))).await.into_iter().flatten().collect()
    }
}

impl JobRun<'_> {
    /// Deletes what commands have left under the name.
    pub(super) async fn end_left_by_commands(&mut self) {
        let left = self.custody.left_by_commands(self.survey, self.job);
        if left.is_empty() || self.custody.world().interrupted().is_some() {
            return;
        }
        let gone = self.custody.delete_left(&self.job.context.owner, &left).await;
        self.note_deleted(&gone);
    }

    fn note_deleted(&mut self, gone: &[&Live]) {
        for live in gone {
            self.finish(&live.name);
            self.remarks.push(Remark::CommandTokenDeleted { name: live.name.clone() });
        }
    }
}
