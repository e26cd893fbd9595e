//! Steps -> done: the order of effects that loses no secret.
//!
//! Create: request, compare, deliver, verify. The first thing that happens to a secret is its delivery; a
//! token whose secret cannot be delivered is deleted again. Update: request, compare. Roll: request, deliver,
//! verify. Revoke: delete, then clear. A write is never sent again while nobody knows what became of it.

use std::collections::BTreeSet;
use std::time::Duration;

use super::confirm::{Confirmed, Delivered, Unconfirmed, confirm};
use super::error::{CustodyError, Missing, Undone};
use super::sinks::{self, Located, Previous, SecretPlace, Written};
use super::survey::Job;
use super::translate;
use super::{Custody, Remark};
use crate::cloudflare::wire::{Policy, Token, TokenWrite};
use crate::cloudflare::{self, Fate, NewToken, TokenOwner};
use crate::plan::{self, Change, Live, Mark, MarkedName};
use crate::secret::Secret;
use crate::sink::{R2Home, Values};

/// How long an answer that was lost may still take effect.
const SETTLING: Duration = Duration::from_secs(3);

/// How often a write whose answer was lost is begun anew.
const MOST_TRIES: u32 = 3;

/// What was done for one profile.
pub struct Done {
    /// In a word.
    pub action: Action,
    /// The token afterwards; `None` where there is none.
    pub token: Option<Live>,
    /// The sinks that were written, or the variables that were cleared.
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
    /// The token was deleted.
    Revoked,
    /// There was no token to delete.
    Absent,
}

impl Custody<'_> {
    /// Makes the token, delivers its secret, verifies it.
    pub async fn create(&self, job: &Job) -> Result<Done, CustodyError> {
        let mut remarks = Vec::new();
        let (write, new) = self.mint(job, &mut remarks).await?;
        let missing = missing(&write, &new.token);
        if !missing.is_empty() {
            let undone = self.undo(&job.owner, &new.token.id).await;
            return Err(CustodyError::Dropped { name: write.name, missing, undone });
        }
        let all: Vec<&Located> = job.located.iter().collect();
        let written =
            match sinks::deliver(self.world, &self.stage, &all, &values(job, &new.token, &new.value)) {
                Ok(written) => written,
                Err(undelivered) => return Err(self.take_back(job, &new.token, undelivered).await),
            };
        let failure = self.confirm(job, &new.token, &new.value, &mut remarks).await.err();
        let token = Some(translate::live(&new.token));
        Ok(Done { action: Action::Created, token, written, remarks, failure })
    }

    /// Makes the token, under a mark of its own. Where the answer is lost, the mark tells whether it was made:
    /// then its secret was never seen, so it is deleted and made anew under a new mark.
    async fn mint(
        &self,
        job: &Job,
        remarks: &mut Vec<Remark>,
    ) -> Result<(TokenWrite, NewToken), CustodyError> {
        let mut tries = 0;
        loop {
            tries += 1;
            let name = MarkedName { name: job.wanted.name.clone(), mark: self.mark()? };
            let write = translate::creation(&job.wanted, &name, self.world.now());
            let error = match self.client.create_token(&job.owner, &write).await {
                Ok(new) => return Ok((write, new)),
                Err(error) => error,
            };
            if error.fate() == Fate::Nothing {
                return Err(error.into());
            }
            tokio::time::sleep(SETTLING).await;
            let lost = |cause| CustodyError::Lost { name: write.name.clone(), cause };
            let tokens = self.client.tokens(&job.owner).await.map_err(|_| lost(error.clone()))?;
            if let Some(stray) = tokens.iter().find(|token| token.name == write.name) {
                self.delete(&job.owner, &stray.id).await.map_err(|_| lost(error.clone()))?;
                remarks.push(Remark::StrayDeleted { name: write.name.clone() });
            }
            if tries == MOST_TRIES {
                return Err(error.into());
            }
        }
    }

    fn mark(&self) -> Result<Mark, CustodyError> {
        let mut bytes = [0; 8];
        self.world.fill_random(&mut bytes).map_err(CustodyError::NoRandomness)?;
        Ok(Mark::from_random(bytes))
    }

    /// Undoes a create whose secret could not be delivered: files as they were, no token left.
    async fn take_back(&self, job: &Job, token: &Token, undelivered: sinks::Undelivered) -> CustodyError {
        let sinks::Undelivered { error, previous } = undelivered;
        self.put_back(&previous);
        let undone = self.undo(&job.owner, &token.id).await;
        CustodyError::Undelivered { name: token.name.clone(), cause: error, undone }
    }

    fn put_back(&self, previous: &[Previous]) {
        if let Err(error) = sinks::put_back(self.world, &self.stage, previous) {
            // The value that stays is that of a deleted token: the next run knows it for dead.
            tracing::warn!("a value could not be put back: {error}");
        }
    }

    async fn undo(&self, owner: &TokenOwner, id: &str) -> Undone {
        match self.delete(owner, id).await {
            Ok(_) => Undone::Deleted,
            Err(cause) => Undone::Alive { owner: owner.clone(), id: id.to_owned(), cause },
        }
    }

    /// Deletes a token; one that is gone is done, and a lost answer is asked again. Returns whether it existed.
    async fn delete(&self, owner: &TokenOwner, id: &str) -> Result<bool, cloudflare::Error> {
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

    async fn confirm(
        &self,
        job: &Job,
        token: &Token,
        secret: &Secret,
        remarks: &mut Vec<Remark>,
    ) -> Result<(), CustodyError> {
        let delivered = Delivered {
            owner: &job.owner,
            id: &token.id,
            secret,
            has_addresses: !translate::addresses(token.condition.as_ref()).is_empty(),
            starts_later: token.not_before.is_some_and(|start| start > self.world.now()),
        };
        let reason = match confirm(self.client, &delivered).await {
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
            Err(Unconfirmed::Unanswered(error)) => format!("verifying it failed: {error}"),
        };
        Err(CustodyError::Unverified { name: token.name.clone(), reason })
    }

    /// Brings the current generation to what it should be, and its sinks to what they should hold. `deliver`
    /// and `source` are positions among the job's places.
    pub async fn converge(
        &self,
        job: &Job,
        read: &Token,
        changes: &[Change],
        deliver: &[usize],
        source: Option<usize>,
    ) -> Result<Done, CustodyError> {
        let mut token = read.clone();
        if !changes.is_empty() {
            token = self.update(job, read, changes).await?;
        }
        let place = |position: &usize| job.places.get(*position);
        let source = source.as_ref().and_then(place).and_then(SecretPlace::token);
        let mut written = Vec::new();
        if let (false, Some(secret)) = (deliver.is_empty(), source) {
            // A sink with two places is written once.
            let sinks: BTreeSet<usize> = deliver.iter().filter_map(place).map(|place| place.sink).collect();
            let some: Vec<&Located> = sinks.iter().filter_map(|sink| job.located.get(*sink)).collect();
            written = sinks::deliver(self.world, &self.stage, &some, &values(job, &token, secret)).map_err(
                |undelivered| {
                    self.put_back(&undelivered.previous);
                    CustodyError::Sink(undelivered.error)
                },
            )?;
        }
        let unchanged = changes.is_empty() && written.is_empty();
        Ok(Done {
            action: if unchanged { Action::Unchanged } else { Action::Updated },
            token: Some(translate::live(&token)),
            written,
            remarks: Vec::new(),
            failure: None,
        })
    }

    /// Replaces the token by what was read with the changes, and compares. A lost answer is looked for: a full
    /// replacement may be sent again where it did not take effect.
    async fn update(&self, job: &Job, read: &Token, changes: &[Change]) -> Result<Token, CustodyError> {
        let write = translate::replacement(&job.wanted, read, changes);
        let mut tries = 0;
        let answer = loop {
            tries += 1;
            match self.client.update_token(&job.owner, &read.id, &write).await {
                Ok(answer) => break answer,
                Err(error) if error.fate() == Fate::Nothing || tries == MOST_TRIES => {
                    return Err(error.into());
                }
                Err(_) => {
                    tokio::time::sleep(SETTLING).await;
                    let now = self.client.token(&job.owner, &read.id).await?;
                    if left(job, &now, self).is_empty() {
                        break now;
                    }
                }
            }
        };
        let changes = left(job, &answer, self);
        if changes.is_empty() {
            Ok(answer)
        } else {
            Err(CustodyError::NotTaken { name: read.name.clone(), changes })
        }
    }

    /// Gives the token a new secret, delivers it, verifies it. The old one is dead from the first moment.
    pub async fn roll(&self, job: &Job, token: &Token) -> Result<Done, CustodyError> {
        let mut remarks = Vec::new();
        let mut tries = 0;
        let secret = loop {
            tries += 1;
            match self.client.roll_token(&job.owner, &token.id).await {
                Ok(secret) => break secret,
                // Whether or not the lost roll took effect, another one gives a secret that is known.
                Err(error) if error.fate() == Fate::Unknown && tries < MOST_TRIES => {
                    tokio::time::sleep(SETTLING).await;
                }
                Err(error) => return Err(error.into()),
            }
        };
        let all: Vec<&Located> = job.located.iter().collect();
        let written = sinks::deliver(self.world, &self.stage, &all, &values(job, token, &secret)).map_err(
            |sinks::Undelivered { error, .. }| CustodyError::RollUndelivered {
                name: token.name.clone(),
                cause: error,
            },
        )?;
        let mut failure = self.confirm(job, token, &secret, &mut remarks).await.err();
        if tries > 1 && failure.is_none() {
            // The lost roll may have landed after ours.
            tokio::time::sleep(SETTLING).await;
            failure = self.confirm(job, token, &secret, &mut remarks).await.err();
        }
        let token = Some(translate::live(token));
        Ok(Done { action: Action::Rolled, token, written, remarks, failure })
    }

    /// Deletes every generation, then takes what died with them out of the sinks that held one.
    pub async fn revoke(
        &self,
        job: &Job,
        generations: &[&Token],
        holders: &[usize],
    ) -> Result<Done, CustodyError> {
        let mut existed = false;
        for token in generations {
            existed |= self.delete(&job.owner, &token.id).await?;
        }
        let mut remarks = Vec::new();
        for position in holders {
            let Some(located) = job.located.get(*position) else { continue };
            let variables = sinks::clear(self.world, &self.stage, located).map_err(CustodyError::Sink)?;
            if !variables.is_empty() {
                remarks.push(Remark::Cleared { sink: located.shown(), variables });
            }
        }
        Ok(Done {
            action: if existed { Action::Revoked } else { Action::Absent },
            token: generations.last().map(|token| translate::live(token)),
            written: Vec::new(),
            remarks,
            failure: None,
        })
    }

    /// Deletes one token by id, whoever made it.
    pub async fn revoke_by_id(&self, owner: &TokenOwner, id: &str) -> Result<(), CustodyError> {
        if self.delete(owner, id).await? {
            Ok(())
        } else {
            Err(CustodyError::NoSuchToken { id: id.to_owned() })
        }
    }
}

/// What still differs after an update; its address rule and dates too.
fn left(job: &Job, token: &Token, custody: &Custody<'_>) -> Vec<Change> {
    plan::changes(&job.wanted, &translate::live(token), custody.world.now())
}

/// What was asked for and is not in the answer: as sets of effect × group × resource.
fn missing(asked: &TokenWrite, answer: &Token) -> Vec<Missing> {
    let read =
        |policies: &[Policy]| plan::grants(&policies.iter().map(translate::policy).collect::<Vec<_>>());
    let (asked_grants, given) = (read(&asked.policies), read(&answer.policies));
    let mut missing: Vec<Missing> = asked_grants.difference(&given).cloned().map(Missing::Grant).collect();
    let (rule, kept) =
        (translate::addresses(asked.condition.as_ref()), translate::addresses(answer.condition.as_ref()));
    if rule != kept {
        missing.push(Missing::Addresses);
    }
    if asked.expires_on.map(|end| end.timestamp()) != answer.expires_on.map(|end| end.timestamp()) {
        missing.push(Missing::Expiry(answer.expires_on));
    }
    missing
}

/// Everything a sink can ask for.
pub(super) fn values<'a>(job: &'a Job, token: &'a Token, secret: &'a Secret) -> Values<'a> {
    let r2 = job
        .wanted
        .buckets
        .as_ref()
        .map(|home| R2Home { account_id: &home.account, jurisdiction: home.jurisdiction });
    Values {
        token: secret,
        token_id: &token.id,
        account_id: job.wanted.account.as_deref(),
        zone_id: job.wanted.zone.as_deref(),
        expires_on: token.expires_on,
        r2,
    }
}
