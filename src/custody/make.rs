//! Making a token: its mark is noted, the request is sent once, a lost answer is looked for, and what came back is
//! compared with what was asked.

use std::collections::BTreeSet;

use chrono::{DateTime, TimeDelta, Utc};

use super::error::{CustodyError, Missing, Undone};
use super::note::Progress;
use super::requests::{MOST_TRIES, SETTLING};
use super::run::JobRun;
use super::write::creation;
use super::{Custody, Remark};
use crate::cloudflare::wire::{ApiPolicy, Token, TokenWrite};
use crate::cloudflare::{self, Certainty, NewToken, TokenOwner};
use crate::plan::{self, Grant, Mark, MarkedName, Phase};
use crate::survey;
use crate::world::World;

/// A token whose secret is in hand and nowhere else. It ends soon by itself, unless it is put in force.
pub(super) struct Made {
    pub(super) new: NewToken,
    pub(super) name: MarkedName,
    /// When it is to end once it is in force.
    pub(super) end: Option<DateTime<Utc>>,
    /// When it ends if it is not put in force.
    pub(super) until: DateTime<Utc>,
}

impl Made {
    /// The token as it will be in force.
    pub(super) fn in_force(&self) -> Token {
        let name = self.name.in_phase(Phase::InForce).to_string();
        Token { name, expires_on: self.end, ..self.new.token.clone() }
    }
}

impl JobRun<'_> {
    /// Makes a pending token under its own mark. Where the answer is lost, the mark tells whether it was made: then
    /// its secret was never seen, so it is deleted and made again under a new mark. A request that was not found may take
    /// effect later: its token ends by itself, and its mark stays in the note until then.
    pub(super) async fn make(
        &mut self,
        phase: Phase,
        predecessor: Option<&Token>,
    ) -> Result<Made, CustodyError> {
        self.make_living(phase, predecessor, self.job.profile.pending_life()).await
    }

    /// The same for a token that lives so long unless it is put in force, or its profile lets it end earlier.
    pub(super) async fn make_living(
        &mut self,
        phase: Phase,
        predecessor: Option<&Token>,
        life: TimeDelta,
    ) -> Result<Made, CustodyError> {
        let (custody, job) = (self.custody, self.job);
        let owner = &job.context.owner;
        let mut tries = 0;
        loop {
            self.stop_if_interrupted()?;
            tries += 1;
            let mark = draw_mark(custody.world())?;
            let name = MarkedName { name: job.wanted.name.clone(), phase, mark };
            let now = self.now();
            let end = job.wanted.expiry(now);
            let soon = now.checked_add_signed(life).unwrap_or(now);
            let until = end.map_or(soon, |end| end.min(soon));
            let write = creation(&job.wanted, &name, Some(until), predecessor, now);
            self.note(&name, Progress::of(phase), until).await?;
            let error = match custody.client.create_token(owner, &write).await {
                Ok(new) => {
                    self.holds(&new.token);
                    let made = Made { new, name, end, until };
                    return self.compared(made, &write).await;
                }
                Err(error) => error,
            };
            if error.certainty() == Certainty::NoEffect {
                self.finish(&write.name);
                return Err(custody.refused(owner, error).await);
            }
            if !custody.client.wait(SETTLING).await {
                return Err(CustodyError::Lost { name: write.name, until, cause: error });
            }
            let lost = |cause| CustodyError::Lost { name: write.name.clone(), until, cause };
            let listing = survey::list(&custody.client, owner).await.map_err(|_| lost(error.clone()))?;
            match listing.tokens.iter().find(|token| token.name == write.name) {
                Some(found) => {
                    self.ours.insert(found.id.clone());
                    if custody.discard(owner, &found.id).await.is_ok() {
                        self.finish(&write.name);
                        self.remarks.push(Remark::StrayDeleted { name: write.name });
                    } else {
                        self.remarks.push(Remark::MayComeLate { name: write.name, until });
                    }
                }
                None => self.remarks.push(Remark::MayComeLate { name: write.name, until }),
            }
            if tries == MOST_TRIES {
                return Err(error.into());
            }
        }
    }

    /// Compares what was made with what was asked; a token that is less is deleted.
    async fn compared(&mut self, made: Made, asked: &TokenWrite) -> Result<Made, CustodyError> {
        let missing = missing(asked, &made.new);
        if missing.is_empty() {
            return Ok(made);
        }
        let undone = self.undo(&made).await;
        Err(CustodyError::Dropped { name: asked.name.clone(), missing, undone })
    }

    /// Deletes a token that no sink can have the secret of.
    pub(super) async fn undo(&mut self, made: &Made) -> Undone {
        let owner = &self.job.context.owner;
        match self.custody.discard(owner, &made.new.token.id).await {
            Ok(()) => {
                self.has_settled();
                self.finish(&made.name.to_string());
                Undone::Deleted
            }
            Err(cause) => Undone::EndsByItself { until: made.until, cause },
        }
    }

    /// Notes that sinks may have a token's secret from now on.
    pub(super) async fn begin_delivery(&self, made: &Made) -> Result<(), CustodyError> {
        self.note(&made.name, Progress::Delivering, made.until).await
    }
}

impl Custody {
    /// Why a create was refused. What Cloudflare says when the quota is full is not documented, so a refusal
    /// without a known reason is held against the number of tokens.
    async fn refused(&self, owner: &TokenOwner, cause: cloudflare::Error) -> CustodyError {
        if cause.refusal().is_some()
            && cause.reason().is_none()
            && let Ok(listing) = survey::list(&self.client, owner).await
            && listing.tokens.len() >= owner.quota()
        {
            let (owner, at) = (owner.clone(), self.now());
            return CustodyError::QuotaFull { owner, tokens: listing.live, at, cause };
        }
        cause.into()
    }
}

/// Draws a mark.
pub(super) fn draw_mark(world: &dyn World) -> Result<Mark, CustodyError> {
    let mut bytes = [0; 8];
    world.fill_random(&mut bytes).map_err(CustodyError::NoRandomness)?;
    Ok(Mark::from_random(bytes))
}

/// What was asked for and is not in the answer: policies as sets of effect × group × resource.
fn missing(asked: &TokenWrite, new: &NewToken) -> Vec<Missing> {
    let answer = &new.token;
    let given = granted(&answer.policies);
    let mut missing: Vec<Missing> =
        granted(&asked.policies).difference(&given).cloned().map(Missing::Grant).collect();
    if new.value.is_blank() {
        missing.push(Missing::Secret);
    }
    if asked.name != answer.name {
        missing.push(Missing::Name);
    }
    let rule = survey::addresses(asked.condition.as_ref());
    if rule != survey::addresses(answer.condition.as_ref()) {
        missing.push(Missing::Addresses);
    }
    if seconds(asked.expires_on) != seconds(answer.expires_on) {
        missing.push(Missing::Expiry(answer.expires_on));
    }
    missing
}

pub(super) fn seconds(time: Option<DateTime<Utc>>) -> Option<i64> {
    time.map(|time| time.timestamp())
}

fn granted(policies: &[ApiPolicy]) -> BTreeSet<Grant> {
    plan::grants(&policies.iter().map(survey::policy).collect::<Vec<_>>())
}
