//! Steps -> done: the order of effects that loses no secret.
//!
//! Create: announce, request, compare, deliver, verify. Roll: announce, request, deliver, verify. Update:
//! announce, request, compare. Revoke: announce, delete, clear. What is announced stands in the journal until
//! it is settled, so that a run that dies anywhere is finished or undone by the next one. A write is never
//! sent again while nobody knows what became of it.

mod converge;
mod create;
mod revoke;
mod roll;
mod rotate;

pub(super) use create::mark;
pub use rotate::Predecessors;

use std::time::Duration;

use super::confirm::{Confirmed, Delivered, Unconfirmed, confirm};
use super::error::{CustodyError, Undone};
use super::hooks;
use super::intent::{Intent, Work};
use super::sinks::{self, Previous, Written};
use super::subject::Subject;
use super::translate;
use super::{Custody, Remark};
use crate::cloudflare::wire::Token;
use crate::cloudflare::{self, Fate, TokenOwner};
use crate::plan::Live;
use crate::secret::Secret;

/// How long an answer that was lost may still take effect.
pub(super) const SETTLING: Duration = Duration::from_secs(3);

/// How often a write whose answer was lost is begun anew.
const MOST_TRIES: u32 = 3;

/// What was done for one profile.
pub struct Done {
    /// In a word.
    pub action: Action,
    /// The token afterwards; `None` where there is none.
    pub token: Option<Live>,
    /// The sinks that were written.
    pub written: Vec<Written>,
    /// What a person should know besides.
    pub remarks: Vec<Remark>,
    /// Why the token is not all right although this much was done.
    pub failure: Option<CustodyError>,
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
    /// There was no token to delete.
    Absent,
}

/// The journal's number of an effect that was announced.
#[derive(Clone, Copy)]
pub(super) struct Announced(pub(super) u64);

impl Custody {
    /// Announces an effect: when this returns, the next run would know of it.
    fn announce(&self, subject: &Subject, name: &str, work: Work) -> Result<Announced, CustodyError> {
        self.announce_intent(&self.intent(subject, name, work))
    }

    fn intent(&self, subject: &Subject, name: &str, work: Work) -> Intent {
        Intent::new(subject, self.world().now(), self.client.base().as_str(), name, work)
    }

    pub(super) fn announce_intent(&self, intent: &Intent) -> Result<Announced, CustodyError> {
        self.journal().intend(self.world(), intent).map(Announced).map_err(CustodyError::Journal)
    }

    /// Notes that the hooks which follow a delivery are to run: until all have run, whatever comes next for the
    /// profile runs them.
    fn expect_hooks(
        &self,
        hooks: &[Vec<String>],
        subject: &Subject,
        token: &Token,
    ) -> Result<(), CustodyError> {
        if hooks.is_empty() || self.awaits_hooks(&token.id) {
            return Ok(());
        }
        self.announce(subject, &token.name, Work::Hook { id: token.id.clone() }).map(|_| ())
    }

    /// Runs the hooks that follow a delivery.
    fn run_hooks(&self, hooks: &[Vec<String>], subject: &Subject, token: &Token) -> Result<(), CustodyError> {
        self.expect_hooks(hooks, subject, token)?;
        self.hook(hooks, subject, &token.id)?;
        self.hooks_ran(&token.id);
        Ok(())
    }

    fn hook(&self, hooks: &[Vec<String>], subject: &Subject, token_id: &str) -> Result<(), CustodyError> {
        hooks::run(self.world(), hooks, subject, token_id).map_err(CustodyError::Hook)
    }

    /// Notes that nothing is left to do about an effect. If the note is lost, the next run comes to it anew.
    pub(super) fn settled(&self, announced: Announced) {
        if let Err(error) = self.journal().settle(self.world(), announced.0) {
            tracing::warn!("{error}; the next run will look into what is already done");
        }
    }

    /// Refuses to begin where somebody put another value into a sink since it was looked at: nobody asked whose
    /// it is.
    fn look_again(&self, subject: &Subject) -> Result<(), CustodyError> {
        sinks::look_again(self.world(), &subject.targets()).map_err(CustodyError::Sink)
    }

    fn put_back(&self, previous: &[Previous]) {
        if let Err(error) = sinks::put_back(self.world(), &self.stage, previous) {
            // The value that stays is that of a deleted token: the next run knows it for dead.
            tracing::warn!("a value could not be put back: {error}");
        }
    }

    /// Deletes a token that must not stay.
    async fn undo(&self, owner: &TokenOwner, id: &str) -> Undone {
        let deleted = match self.delete(owner, id).await {
            // A token this young may be unknown to the server that was asked: it is asked once more.
            Ok(false) => {
                tokio::time::sleep(SETTLING).await;
                self.delete(owner, id).await
            }
            other => other,
        };
        match deleted {
            Ok(_) => Undone::Deleted,
            Err(cause) => Undone::Alive { owner: owner.clone(), id: id.to_owned(), cause },
        }
    }

    /// Deletes a token; one that is gone is done, and a lost answer is asked again. Returns whether it existed.
    pub(super) async fn delete(&self, owner: &TokenOwner, id: &str) -> Result<bool, cloudflare::Error> {
        let mut tries = 0;
        loop {
            tries += 1;
            match self.client.delete_token(owner, id).await {
                Ok(()) => return Ok(true),
                // After a lost answer, gone means that the lost request took effect.
                Err(error) if error.is_gone() => return Ok(tries > 1),
                Err(error) if error.fate() == Fate::Unknown && tries < MOST_TRIES => {
                    tokio::time::sleep(SETTLING).await;
                }
                Err(error) => return Err(error),
            }
        }
    }

    /// Asks a delivered secret which token it is.
    async fn confirm(
        &self,
        subject: &Subject,
        token: &Token,
        secret: &Secret,
        remarks: &mut Vec<Remark>,
    ) -> Result<(), CustodyError> {
        let delivered = Delivered {
            owner: &subject.owner,
            id: &token.id,
            secret,
            has_addresses: !translate::addresses(token.condition.as_ref()).is_empty(),
            starts_later: token.not_before.is_some_and(|start| start > self.now()),
        };
        let reason = match confirm(&self.client, &delivered).await {
            Ok(Confirmed::BySecret) => return Ok(()),
            Ok(Confirmed::ShutOut) => {
                remarks.push(Remark::ShutOut);
                return Ok(());
            }
            Ok(Confirmed::NotYet) => {
                remarks.push(Remark::StartsLater { at: token.not_before.unwrap_or_default() });
                return Ok(());
            }
            Err(Unconfirmed::Unknown) => "Cloudflare did not know it within a minute".to_owned(),
            Err(Unconfirmed::Another(id)) => format!("Cloudflare says it belongs to another token ({id})"),
            Err(Unconfirmed::NotActive(status)) => format!("the token is {}", cloudflare::printable(&status)),
            Err(Unconfirmed::Unanswered(error)) => format!("verifying it failed: {error}"),
            Err(Unconfirmed::Stopped) => {
                return Err(CustodyError::VerificationStopped { name: token.name.clone() });
            }
        };
        Err(CustodyError::Unverified { name: token.name.clone(), reason })
    }
}
