//! Rotate: a successor is made, delivered and verified; then its predecessors are retired.
//!
//! At no moment is there no secret that works: the old one is in force until the new one is verified, and for
//! the overlap beyond. Where the id must stay, the same token gets a new secret and a new end instead.

use chrono::{DateTime, TimeDelta, Utc};

use super::create::{Instead, Minted};
use super::{Action, Custody, Done, MOST_TRIES, SETTLING};
use crate::cloudflare::wire::Token;
use crate::cloudflare::{self, Fate, TokenOwner};
use crate::custody::error::CustodyError;
use crate::custody::intent::Work;
use crate::custody::subject::Subject;
use crate::custody::{Job, Remark, hooks, translate};
use crate::plan::Change;

/// What a rotation replaces, and for how long it lives on.
pub struct Predecessors<'a> {
    /// Those alive, oldest first.
    pub alive: Vec<&'a Token>,
    /// Those expired and still listed.
    pub expired: Vec<&'a Token>,
    /// How long the old secret works beside the new one.
    pub overlap: TimeDelta,
}

impl Custody {
    /// Makes a successor, delivers and verifies it, runs the hooks, and retires the predecessors.
    pub async fn rotate(&self, job: &Job, old: &Predecessors<'_>) -> Result<Done, CustodyError> {
        let subject = &job.subject;
        let mut remarks = Vec::new();
        // Dead generations make room first: the quota of a user is 50 tokens.
        for token in &old.expired {
            self.delete_generation(subject, token, &mut remarks).await?;
        }
        let minted = self.mint(job, Some(old), &mut remarks).await?;
        let delivered =
            self.compare_and_deliver(subject, minted.announced, &minted, Instead::Predecessor).await?;
        let Minted { announced, new, .. } = minted;
        if let Err(error) = self.confirm(subject, &new.token, &new.value, &mut remarks).await {
            // Stopped, it stays open in the journal: the next run asks the secret again and goes on from there.
            let CustodyError::Unverified { name, reason } = error else { return Err(error) };
            if subject.has_programs() {
                return Err(CustodyError::SuccessorKept { name, reason });
            }
            self.put_back(&delivered.previous);
            let undone = self.withdraw(subject, &new.token, announced).await;
            return Err(CustodyError::SuccessorRefused { name, reason, undone });
        }
        let mut done = Done {
            action: Action::Rotated,
            token: Some(translate::live(&new.token)),
            written: delivered.written,
            remarks,
            failure: None,
        };
        // A secret that a lost roll took from a predecessor is of no use to anybody now.
        old.alive.iter().for_each(|token| self.rolls_finished(&token.id));
        self.expect_hooks(&job.profile.hooks.delivered, subject, &new.token)?;
        let finished = self.finish(job, &new.token, old, &mut done.remarks).await;
        self.settled(announced);
        done.failure = finished.err();
        Ok(done)
    }

    /// Does what an earlier rotation left undone: its successor is in force and in the sinks.
    pub async fn finish_rotation(
        &self,
        job: &Job,
        successor: &Token,
        old: &Predecessors<'_>,
    ) -> Result<Done, CustodyError> {
        let mut remarks = Vec::new();
        let failure = self.finish(job, successor, old, &mut remarks).await.err();
        let token = Some(translate::live(successor));
        Ok(Done { action: Action::Finished, token, written: Vec::new(), remarks, failure })
    }

    /// What comes once the successor works: hooks, then the end of the predecessors, then hooks again.
    async fn finish(
        &self,
        job: &Job,
        successor: &Token,
        old: &Predecessors<'_>,
        remarks: &mut Vec<Remark>,
    ) -> Result<(), CustodyError> {
        let hooks = &job.profile.hooks.delivered;
        self.expect_hooks(hooks, &job.subject, successor)?;
        self.hook(hooks, &job.subject, &successor.id)?;
        remarks.extend(self.retire(&job.subject, &old.alive, old.overlap).await?);
        // Not before: a run that dies in between leaves the rest to whoever runs the hooks again.
        self.hooks_ran(&successor.id);
        old.alive.iter().chain(&old.expired).for_each(|token| self.hooks_ran(&token.id));
        if old.alive.is_empty() {
            return Ok(());
        }
        hooks::run(self.world(), &job.profile.hooks.retired, &job.subject, &successor.id)
            .map_err(CustodyError::RetiredHook)
    }

    /// Lets tokens end after the overlap by their own `expires_on`, so that they die in time even if cfmint
    /// never runs again; without an overlap they are deleted.
    pub(in crate::custody) async fn retire(
        &self,
        subject: &Subject,
        tokens: &[&Token],
        overlap: TimeDelta,
    ) -> Result<Vec<Remark>, CustodyError> {
        let mut remarks = Vec::new();
        // The server's clock decides when a token ends, so it says when the overlap is over.
        let now = self.now();
        let end = now.checked_add_signed(overlap).unwrap_or(now);
        for token in tokens.iter().filter(|token| token.expires_on.is_none_or(|own| own > end)) {
            if overlap <= TimeDelta::zero() {
                self.delete_generation(subject, token, &mut remarks).await?;
                continue;
            }
            let work = Work::Retire { id: token.id.clone(), end };
            let announced = self.announce(subject, &token.name, work)?;
            let retired = self.end_at(&subject.owner, &token.id, end).await?;
            self.settled(announced);
            if let Some(retired) = retired {
                let end = retired.expires_on.unwrap_or(end);
                remarks.push(Remark::Retired { name: token.name.clone(), end });
            }
        }
        Ok(remarks)
    }

    /// Sets the end of a token to this time, unless it ends earlier. All else stays as it is now, which is read
    /// anew each time; after a lost answer that tells whether anything is left to do. Returns the token; `None`
    /// where it is gone.
    pub(in crate::custody) async fn end_at(
        &self,
        owner: &TokenOwner,
        id: &str,
        end: DateTime<Utc>,
    ) -> Result<Option<Token>, cloudflare::Error> {
        let mut tries = 0;
        loop {
            tries += 1;
            let token = match self.client.token(owner, id).await {
                Ok(token) if token.expires_on.is_some_and(|own| own <= end) => return Ok(Some(token)),
                Ok(token) => token,
                Err(error) if error.is_gone() => return Ok(None),
                Err(error) => return Err(error),
            };
            match self.client.update_token(owner, id, &translate::retirement(&token, end)).await {
                Ok(answer) => return Ok(Some(answer)),
                Err(error) if error.is_gone() => return Ok(None),
                Err(error) if error.fate() == Fate::Unknown && tries < MOST_TRIES => {
                    tokio::time::sleep(SETTLING).await;
                }
                Err(error) => return Err(error),
            }
        }
    }

    async fn delete_generation(
        &self,
        subject: &Subject,
        token: &Token,
        remarks: &mut Vec<Remark>,
    ) -> Result<(), CustodyError> {
        let work = Work::Delete { id: token.id.clone(), holders: Vec::new() };
        let announced = self.announce(subject, &token.name, work)?;
        self.delete(&subject.owner, &token.id).await?;
        self.settled(announced);
        remarks.push(Remark::PredecessorDeleted { name: token.name.clone() });
        Ok(())
    }

    /// Gives the same token a new secret and a new end, where its id must stay.
    pub async fn renew(&self, job: &Job, token: &Token, changes: &[Change]) -> Result<Done, CustodyError> {
        // The end first: a token about to expire must not expire between its new secret and its new end.
        let token = self.update(&job.subject, &job.wanted, token, changes).await?;
        let done = self.roll(&job.subject, &token, &job.profile.hooks.delivered).await?;
        Ok(Done { action: Action::Rotated, ..done })
    }
}
