//! Create: announce, request, compare, deliver, verify, hooks.

use std::collections::BTreeSet;

use super::{Action, Announced, Custody, Done, MOST_TRIES, Predecessors, SETTLING};
use crate::cloudflare::wire::{Policy, Token, TokenWrite};
use crate::cloudflare::{self, Fate, NewToken, TokenList, TokenOwner};
use crate::custody::error::{CustodyError, Missing, Undone};
use crate::custody::intent::Work;
use crate::custody::sinks::{self, Delivery, Started};
use crate::custody::subject::Subject;
use crate::custody::{Job, Remark, translate};
use crate::plan::{self, Grant, Mark, MarkedName};
use crate::world::World;

/// What there is instead of a token whose secret cannot be delivered.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Instead {
    /// Nothing: it is the first.
    Nothing,
    /// The token that it was to follow.
    Predecessor,
}

/// A token whose secret is in hand and nowhere else.
pub(super) struct Minted {
    pub(super) announced: Announced,
    pub(super) write: TokenWrite,
    pub(super) new: NewToken,
}

impl Custody {
    /// Makes the token, delivers its secret, verifies it, runs the hooks.
    pub async fn create(&self, job: &Job) -> Result<Done, CustodyError> {
        let Job { profile, subject, .. } = job;
        let mut remarks = Vec::new();
        let minted = self.mint(job, None, &mut remarks).await?;
        let delivery = self.compare_and_deliver(subject, minted.announced, &minted, Instead::Nothing).await?;
        let Minted { announced, new, .. } = minted;
        self.expect_hooks(&profile.hooks.delivered, subject, &new.token)?;
        self.settled(announced);
        let works = self.confirm(subject, &new.token, &new.value, &mut remarks).await;
        let hook = || self.run_hooks(&profile.hooks.delivered, subject, &new.token);
        Ok(Done {
            action: Action::Created,
            token: Some(translate::live(&new.token)),
            written: delivery.written,
            remarks,
            failure: works.and_then(|()| hook()).err(),
        })
    }

    /// Makes the token, under a mark of its own. Where the answer is lost, the mark tells whether it was made:
    /// then its secret was never seen, so it is deleted and made anew under a new mark. A mark that is not
    /// found stays in the journal: the request may yet take effect.
    pub(super) async fn mint(
        &self,
        job: &Job,
        old: Option<&Predecessors<'_>>,
        remarks: &mut Vec<Remark>,
    ) -> Result<Minted, CustodyError> {
        let Job { subject, wanted, .. } = job;
        let mut tries = 0;
        loop {
            tries += 1;
            let name = MarkedName { name: wanted.name.clone(), mark: mark(self.world())? };
            let write = translate::creation(wanted, &name, self.now());
            self.look_again(subject)?;
            let announced = self.announce_create(job, &write.name, old)?;
            let error = match self.client.create_token(&subject.owner, &write).await {
                Ok(new) => return Ok(Minted { announced, write, new }),
                Err(error) => error,
            };
            if error.fate() == Fate::Nothing {
                self.settled(announced);
                return Err(self.refused(&subject.owner, error).await);
            }
            tokio::time::sleep(SETTLING).await;
            let lost = |cause| CustodyError::Lost { name: write.name.clone(), cause };
            let tokens = self.client.tokens(&subject.owner).await.map_err(|_| lost(error.clone()))?.tokens;
            if let Some(stray) = tokens.iter().find(|token| token.name == write.name) {
                self.delete(&subject.owner, &stray.id).await.map_err(|_| lost(error.clone()))?;
                self.settled(announced);
                remarks.push(Remark::StrayDeleted { name: write.name.clone() });
            }
            if tries == MOST_TRIES {
                return Err(error.into());
            }
        }
    }

    /// Why a create was refused. What Cloudflare says when the quota is full is not documented, so a refusal
    /// without a known meaning is held against the number of tokens.
    async fn refused(&self, owner: &TokenOwner, cause: cloudflare::Error) -> CustodyError {
        if cause.refusal().is_some()
            && cause.meaning().is_none()
            && let Ok(TokenList { tokens, .. }) = self.client.tokens(owner).await
            && tokens.len() >= owner.quota()
        {
            let tokens = tokens.iter().map(translate::live).collect();
            let (owner, at) = (owner.clone(), self.now());
            return CustodyError::QuotaFull { owner, tokens, at, cause };
        }
        cause.into()
    }

    fn announce_create(
        &self,
        job: &Job,
        name: &str,
        old: Option<&Predecessors<'_>>,
    ) -> Result<Announced, CustodyError> {
        let mut intent = self.intent(&job.subject, name, Work::Create);
        intent.hooks = !job.profile.hooks.delivered.is_empty();
        if let Some(old) = old {
            intent.overlap = Some(old.overlap.num_seconds());
            // Whoever finishes this later cannot run the hooks, and without them nothing may be retired.
            if !intent.hooks {
                intent.predecessors = old.alive.iter().map(|token| token.id.clone()).collect();
            }
        }
        self.announce_intent(&intent)
    }

    /// Compares what was made with what was asked, and delivers the secret; a token that is less than asked, or
    /// whose secret cannot be delivered, is deleted, and the sinks are as they were. A successor whose secret a
    /// program was given stays: the program cannot be given the old secret back.
    pub(super) async fn compare_and_deliver(
        &self,
        subject: &Subject,
        announced: Announced,
        Minted { write, new, .. }: &Minted,
        instead: Instead,
    ) -> Result<Delivery, CustodyError> {
        let name = || write.name.clone();
        let missing = missing(write, &new.token);
        if !missing.is_empty() {
            let undone = self.withdraw(subject, &new.token, announced).await;
            return Err(CustodyError::Dropped { name: name(), missing, undone });
        }
        let values = subject.values(&new.token, &new.value);
        match sinks::deliver(self.world(), &self.stage, &subject.targets(), &values) {
            Ok(delivery) => Ok(delivery),
            Err(sinks::Undelivered { error: cause, started: Started::Yes, .. })
                if instead == Instead::Predecessor =>
            {
                Err(CustodyError::SuccessorKept { name: name(), reason: cause.to_string() })
            }
            Err(sinks::Undelivered { error: cause, previous, .. }) => {
                self.put_back(&previous);
                let undone = self.withdraw(subject, &new.token, announced).await;
                Err(CustodyError::Undelivered { name: name(), cause, undone })
            }
        }
    }

    /// Deletes a token whose secret reached no sink; what cannot be deleted stays in the journal.
    pub(super) async fn withdraw(&self, subject: &Subject, token: &Token, announced: Announced) -> Undone {
        let undone = self.undo(&subject.owner, &token.id).await;
        if matches!(undone, Undone::Deleted) {
            self.settled(announced);
        }
        undone
    }
}

/// Draws a mark.
pub(in crate::custody) fn mark(world: &dyn World) -> Result<Mark, CustodyError> {
    let mut bytes = [0; 8];
    world.fill_random(&mut bytes).map_err(CustodyError::NoRandomness)?;
    Ok(Mark::from_random(bytes))
}

/// What was asked for and is not in the answer: as sets of effect × group × resource.
fn missing(asked: &TokenWrite, answer: &Token) -> Vec<Missing> {
    let given = granted(&answer.policies);
    let mut missing: Vec<Missing> =
        granted(&asked.policies).difference(&given).cloned().map(Missing::Grant).collect();
    let rule = translate::addresses(asked.condition.as_ref());
    if rule != translate::addresses(answer.condition.as_ref()) {
        missing.push(Missing::Addresses);
    }
    if asked.expires_on.map(|end| end.timestamp()) != answer.expires_on.map(|end| end.timestamp()) {
        missing.push(Missing::Expiry(answer.expires_on));
    }
    missing
}

fn granted(policies: &[Policy]) -> BTreeSet<Grant> {
    plan::grants(&policies.iter().map(translate::policy).collect::<Vec<_>>())
}
