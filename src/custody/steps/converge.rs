//! Converge: the current generation becomes what it should be, and its sinks hold what they should.

use std::collections::BTreeSet;

use super::{Action, Custody, Done, MOST_TRIES, SETTLING};
use crate::cloudflare::Fate;
use crate::cloudflare::wire::Token;
use crate::custody::error::CustodyError;
use crate::custody::intent::Work;
use crate::custody::sinks::{self, SecretPlace, Target, Written};
use crate::custody::subject::Subject;
use crate::custody::{Job, Remark, translate};
use crate::plan::{self, Change, Held, Refused, Wanted};
use crate::secret::Secret;

impl Custody {
    /// Updates the token where it differs, and delivers from a sink that holds the secret to those that lack
    /// something. `deliver` and `source` are positions among the job's places. A token that is taken over gets its
    /// new name in the same update.
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
            token = self.update(&job.subject, &job.wanted, read, changes).await?;
        }
        let place = |position: &usize| job.subject.places.get(*position);
        let source = source.as_ref().and_then(place).and_then(SecretPlace::token);
        let mut deliver = deliver.to_vec();
        if !changes.is_empty() {
            // An update may change what other variables should say, such as when the token ends.
            for (position, view) in job.views.iter().enumerate() {
                if view.held == Held::Token(token.id.clone()) && self.is_stale(job, &token, position)? {
                    deliver.push(position);
                }
            }
        }
        // Hooks that an earlier delivery still awaits come last, with what waits for them.
        let are_awaited = self.awaits_hooks(&token.id);
        let mut written = Vec::new();
        if let (false, Some(secret)) = (deliver.is_empty(), source) {
            // A sink with two places is written once.
            let sinks: BTreeSet<usize> = deliver.iter().filter_map(place).map(|place| place.sink).collect();
            let some: Vec<Target<'_>> = sinks.iter().filter_map(|sink| job.subject.target(*sink)).collect();
            written = self.copy(job, &token, secret, &some)?;
        }
        let hooks = &job.profile.hooks.delivered;
        let mut failure = if written.is_empty() || are_awaited {
            None
        } else {
            self.run_hooks(hooks, &job.subject, &token).err()
        };
        // Whether a sink holds the secret of a token that was taken over is somebody else's to say.
        let is_taken_over = changes.iter().any(|change| matches!(change, Change::Rename { .. }));
        let can_tell_now = |change: &Change| matches!(change, Change::Enable | Change::Addresses { .. });
        let mut answered = Vec::new();
        if changes.iter().any(can_tell_now) && !is_taken_over && failure.is_none() {
            match self.ask_again(job, &token).await {
                Ok(sinks) => answered = sinks,
                Err(error) => failure = Some(error),
            }
        }
        let unchanged = changes.is_empty() && written.is_empty();
        Ok(Done {
            action: if unchanged { Action::Unchanged } else { Action::Updated },
            token: Some(translate::live(&token)),
            written,
            remarks: answered.into_iter().map(|sink| Remark::Holds { sink }).collect(),
            failure,
        })
    }

    fn is_stale(&self, job: &Job, token: &Token, position: usize) -> Result<bool, CustodyError> {
        let place = job.subject.places.get(position);
        let secret = place.and_then(SecretPlace::token);
        match (secret, place.and_then(|place| job.subject.located.get(place.sink))) {
            (Some(secret), Some(located)) => {
                let values = job.subject.values(token, secret);
                sinks::is_stale(self.world(), located, &values).map_err(CustodyError::Sink)
            }
            _ => Ok(false),
        }
    }

    /// A token that was disabled or shut this machine out could not say whether a sink holds its secret. Now it may:
    /// returns the places that do.
    async fn ask_again(&self, job: &Job, token: &Token) -> Result<Vec<String>, CustodyError> {
        let mut answered = Vec::new();
        for (place, view) in job.subject.places.iter().zip(&job.views) {
            let Some(secret) = place.token() else { continue };
            if !matches!(view.held, Held::Invalid | Held::ShutOut) {
                continue;
            }
            let mut remarks = Vec::new();
            if self.confirm(&job.subject, token, secret, &mut remarks).await.is_err() {
                return Err(CustodyError::Refused(Refused::NotHeld {
                    sink: place.shown.clone(),
                    generation: token.name.clone(),
                }));
            }
            // Confirmed by the bootstrap alone, it says no more than before.
            answered.extend(remarks.is_empty().then(|| place.shown.clone()));
        }
        Ok(answered)
    }

    /// Delivers a secret that a sink already holds to other sinks.
    fn copy(
        &self,
        job: &Job,
        token: &Token,
        secret: &Secret,
        sinks: &[Target<'_>],
    ) -> Result<Vec<Written>, CustodyError> {
        let subject = &job.subject;
        let hooks = &job.profile.hooks.delivered;
        let mut intent = self.intent(subject, &token.name, Work::Deliver { id: token.id.clone() });
        intent.hooks = !hooks.is_empty();
        let announced = self.announce_intent(&intent)?;
        let delivered = sinks::deliver(self.world(), &self.stage, sinks, &subject.values(token, secret));
        let outcome = delivered.map(|delivery| delivery.written).map_err(|undelivered| {
            self.put_back(&undelivered.previous);
            CustodyError::Sink(undelivered.error)
        });
        if outcome.is_ok() {
            self.expect_hooks(hooks, subject, token)?;
        }
        self.settled(announced);
        outcome
    }

    /// Replaces the token by what is now with the changes, and compares. A lost answer is looked for: a full
    /// replacement may be sent again where it did not take effect.
    pub(super) async fn update(
        &self,
        subject: &Subject,
        wanted: &Wanted,
        listed: &Token,
        changes: &[Change],
    ) -> Result<Token, CustodyError> {
        // The list was read when the run began. What hands did since must not be lost in a full replacement.
        let read = &self.read_again(subject, listed).await?;
        let differs = |token: &Token| plan::changes(wanted, &translate::live(token), self.now());
        let changes = &[changes, &differs(read)].concat();
        let write = translate::replacement(wanted, read, changes);
        let left = |token: &Token| {
            let is_left =
                |change: &&Change| matches!(change, Change::Rename { .. }) && token.name != write.name;
            let mut left: Vec<Change> = changes.iter().filter(is_left).cloned().collect();
            left.extend(differs(token));
            left
        };
        // Under the name that it will have, which is that of the profile.
        let announced = self.announce(subject, &write.name, Work::Update { id: read.id.clone() })?;
        let mut tries = 0;
        let answer = loop {
            tries += 1;
            match self.client.update_token(&subject.owner, &read.id, &write).await {
                Ok(answer) => break answer,
                Err(error) if error.fate() == Fate::Nothing => {
                    self.settled(announced);
                    return Err(error.into());
                }
                Err(error) if tries == MOST_TRIES => return Err(error.into()),
                Err(_) => {
                    tokio::time::sleep(SETTLING).await;
                    let now = self.client.token(&subject.owner, &read.id).await?;
                    if left(&now).is_empty() {
                        break now;
                    }
                }
            }
        };
        self.settled(announced);
        let changes = left(&answer);
        if changes.is_empty() {
            Ok(answer)
        } else {
            Err(CustodyError::NotTaken { name: write.name.clone(), changes })
        }
    }

    async fn read_again(&self, subject: &Subject, listed: &Token) -> Result<Token, CustodyError> {
        self.client.token(&subject.owner, &listed.id).await.map_err(|error| {
            if error.is_gone() { CustodyError::NoSuchToken { id: listed.id.clone() } } else { error.into() }
        })
    }
}
