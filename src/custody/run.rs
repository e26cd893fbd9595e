//! One job under way: what the first look saw, when that was, and what has happened since.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};

use super::blocking::blocking;
use super::error::CustodyError;
use super::hooks;
use super::look::Look;
use super::note::Progress;
use super::shared_looks::{Looker, SharedLook};
use super::{Custody, Done, Proven, Remark, StepFailure};
use crate::cloudflare::wire::Token;
use crate::cloudflare::{self, Fault, Room};
use crate::plan::{Mark, MarkedName, RUN_WINDOW};
use crate::survey::{DeliveryContext, Job, Listing, Survey};

/// One job under way.
pub(super) struct JobRun<'a> {
    pub(super) custody: &'a Custody,
    pub(super) job: &'a Job,
    pub(super) survey: &'a Survey,
    /// What the first look saw.
    first: Look,
    /// When the first look was, and the last: by the clock that counts suspension.
    looked_first: Duration,
    looked_last: Duration,
    /// The pending token that this run has made, until it is in force or deleted: its whole name and its end.
    pending: Option<(String, Option<DateTime<Utc>>)>,
    /// The ids that this run works on: what happens to them is its own doing.
    pub(super) ours: BTreeSet<String>,
    pub(super) remarks: Vec<Remark>,
    /// Whether a generation that was in force got its end.
    pub(super) has_retired: bool,
    /// The marks that are finished once the run is.
    finished: BTreeSet<Mark>,
    /// It is one of those that may look.
    _looker: Looker<'a>,
}

/// The requests that a job may need: to make, verify, commit and retire, and some to look and to try again.
const REQUESTS: u32 = 8;

/// W, by the clock of this machine.
pub(super) const WINDOW: Duration = Duration::from_secs(15 * 60);

const _: () = assert!(RUN_WINDOW.num_seconds() == 15 * 60, "the two spellings of the window are one");

impl<'a> JobRun<'a> {
    pub(super) fn new(custody: &'a Custody, survey: &'a Survey, proven: &'a Proven) -> Self {
        Self::of(custody, survey, &proven.job)
    }

    /// A job that touches no sink, so that none had to be proven.
    pub(super) fn of(custody: &'a Custody, survey: &'a Survey, job: &'a Job) -> Self {
        let first = Look::new(&job.wanted.name, survey.live(job), survey.clock.now);
        Self {
            custody,
            job,
            survey,
            first,
            looked_first: survey.looked_at,
            looked_last: survey.looked_at,
            pending: None,
            ours: BTreeSet::new(),
            remarks: Vec::new(),
            has_retired: false,
            finished: BTreeSet::new(),
            _looker: custody.looks.looker(),
        }
    }

    pub(super) fn context(&self) -> &'a DeliveryContext {
        &self.job.context
    }

    /// A token as the first look saw it.
    pub(super) fn listed(&self, id: &str) -> Result<&'a Token, CustodyError> {
        let gone = || CustodyError::NoSuchToken { id: id.to_owned() };
        self.survey.token(&self.job.context.owner, id).ok_or_else(gone)
    }

    /// Whether the first look saw a generation in force.
    pub(super) fn was_in_force(&self, id: &str) -> bool {
        self.first.is_in_force(id)
    }

    /// The time by which tokens live.
    pub(super) fn now(&self) -> DateTime<Utc> {
        self.custody.now()
    }

    /// Takes the requests that the job may need, once there is room for them. Begins again where the survey is old, as with
    /// many profiles in one run: what was seen must still stand.
    pub(super) async fn begin(&mut self) -> Result<Room, CustodyError> {
        let room = loop {
            self.stop_if_interrupted()?;
            // Only a signal ends the wait without room.
            if let Some(room) = self.custody.client.room(REQUESTS).await {
                break room;
            }
        };
        if self.since_first() >= WINDOW / 4 {
            self.look_again().await?;
            self.looked_first = self.looked_last;
        }
        Ok(room)
    }

    /// Lists once more; if anything about the name was changed by others since the first look, the run stops.
    pub(super) async fn look_again(&mut self) -> Result<Arc<Listing>, CustodyError> {
        let look = self.custody.look(&self.job.context.owner).await;
        self.judge_look(look)
    }

    /// Compares a look with the first one.
    pub(super) fn judge_look(&mut self, look: SharedLook) -> Result<Arc<Listing>, CustodyError> {
        let listing = look.listing.map_err(|error| self.failed(error))?;
        self.judge(&listing, look.asked_at)?;
        Ok(listing)
    }

    /// What a request that failed means for the run: where a signal ended it, what it leaves must be said.
    pub(super) fn failed(&self, error: cloudflare::Error) -> CustodyError {
        match (&error.fault, self.stop_if_interrupted()) {
            (Fault::Stopped, Err(stopped)) => stopped,
            _ => error.into(),
        }
    }

    /// Compares a list that was asked for at this time with the first look.
    fn judge(&mut self, listing: &Listing, asked_at: Duration) -> Result<(), CustodyError> {
        let name = &self.job.wanted.name;
        if !listing.is_whole {
            return Err(CustodyError::ListCutOff { read: listing.tokens.len() });
        }
        let later = Look::new(name, &listing.live, self.now());
        let ours = self.ours.iter().map(String::as_str).collect();
        let own = self.custody.note().marks();
        if let Some(what) = self.first.meanwhile(&later, &ours, &own) {
            return Err(CustodyError::Conflict { name: name.clone(), what });
        }
        self.looked_last = asked_at;
        Ok(())
    }

    /// Whether the last look is so old that another run may have begun unseen.
    pub(super) fn is_look_old(&self) -> bool {
        self.custody.world().uptime().saturating_sub(self.looked_last) > WINDOW / 2
    }

    /// How long ago the first look was.
    pub(super) fn since_first(&self) -> Duration {
        self.custody.world().uptime().saturating_sub(self.looked_first)
    }

    /// Stops where a signal asks to.
    pub(super) fn stop_if_interrupted(&self) -> Result<(), CustodyError> {
        match (self.custody.world().interrupted(), &self.pending) {
            (None, _) => Ok(()),
            (Some(interrupt), None) => Err(CustodyError::Interrupted(interrupt)),
            (Some(_), Some((name, ends))) => Err(CustodyError::Stopped { name: name.clone(), ends: *ends }),
        }
    }

    /// Takes note of the token that the run has made.
    pub(super) fn holds(&mut self, token: &Token) {
        self.ours.insert(token.id.clone());
        self.pending = Some((token.name.clone(), token.expires_on));
    }

    /// The token that the run has made is in force or gone.
    pub(super) fn has_settled(&mut self) {
        self.pending = None;
    }

    /// Runs the hooks that follow a delivery.
    pub(super) fn run_delivered_hooks(&self, token_id: &str) -> Result<(), CustodyError> {
        let hooks = &self.job.profile.hooks.delivered;
        hooks::run(self.custody.world(), hooks, self.context(), token_id).map_err(CustodyError::Hook)
    }

    /// Notes how far a mark has come.
    pub(super) async fn note(
        &self,
        name: &MarkedName,
        progress: Progress,
        until: DateTime<Utc>,
    ) -> Result<(), CustodyError> {
        self.custody.keep_mark(&name.mark, progress, until).await
    }

    /// The note need not hold this mark any more, once the run is over.
    pub(super) fn finish(&mut self, name: &str) {
        self.finished.extend(MarkedName::parse(name).map(|marked| marked.mark));
    }

    /// Ends the run: the note forgets what is finished. If that fails, the next run finds it so.
    pub(super) fn end(self, outcome: Result<Done, CustodyError>) -> Result<Done, StepFailure> {
        let forgotten = blocking(|| self.custody.note().forget(self.custody.world(), &self.finished));
        if let Err(error) = forgotten {
            tracing::warn!("{error}; this loses nothing");
        }
        match outcome {
            Ok(done) => Ok(Done { remarks: self.remarks, ..done }),
            Err(error) => Err(StepFailure { error, remarks: self.remarks }),
        }
    }

    /// The marks that are finished, and what a person should know besides.
    pub(super) fn into_marks_and_remarks(self) -> (BTreeSet<Mark>, Vec<Remark>) {
        (self.finished, self.remarks)
    }
}
