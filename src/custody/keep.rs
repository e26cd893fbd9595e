//! The current generation stays in force: it becomes what the profile says, its sinks hold what they should, hooks that
//! are due run, and the others are retired.

use std::collections::BTreeSet;

use super::error::CustodyError;
use super::run::JobRun;
use super::write::replacement;
use super::{Action, Done, Remark};
use crate::cloudflare::wire::Token;
use crate::plan::{self, Change, Keep, Phase, Refused, Whose};
use crate::secret::Secret;
use crate::sink::WriteReceipt;
use crate::survey::{self, Job, SecretPlace};

impl JobRun<'_> {
    /// Updates the token where it differs, supplies sinks from one that holds the secret, and finishes what is left.
    pub(super) async fn keep(&mut self, keep: &Keep) -> Result<Done, CustodyError> {
        let mut token = self.listed(&keep.id)?.clone();
        let place = |position: &usize| self.job.context.places.get(*position);
        let secret = keep.source.as_ref().and_then(place).and_then(SecretPlace::secret).cloned();
        let sinks: BTreeSet<usize> = keep.deliver.iter().filter_map(place).map(|place| place.sink).collect();
        // What gets the secret only now is followed by the hooks; a run that dies before is followed by one that runs them.
        let is_supplied = keep.deliver.iter().any(|position| {
            let has_it = |whose: &Whose| *whose == Whose::NoSecret || *whose == Whose::Token(keep.id.clone());
            self.job.views.get(*position).is_some_and(|view| !has_it(&view.whose))
        });
        let hooks_follow = is_supplied && !self.job.profile.hooks.delivered.is_empty();
        if !keep.changes.is_empty() || hooks_follow {
            token = self.update(&keep.id, &keep.changes, hooks_follow).await?;
        }
        let mut sinks = sinks;
        if !keep.changes.is_empty() {
            // An update may change what other variables should say, such as when the token ends.
            sinks.extend(self.stale_sinks(&token, secret.as_ref())?);
        }
        let sinks: Vec<usize> = sinks.into_iter().collect();
        let mut written = self.supply(&token, secret.as_ref(), &sinks)?;
        let mut failure = None;
        if keep.hooks || hooks_follow {
            if let Some(secret) = &secret {
                self.verify_and_look(&token, secret).await?;
            } else {
                self.look_again().await?;
            }
            failure = self.run_delivered_hooks(&keep.id).err();
            if failure.is_none() {
                token = self.commit(&token, Phase::InForce, token.expires_on).await?;
                if keep.hooks {
                    self.remarks.push(Remark::HooksRan);
                }
            }
        }
        if failure.is_none() {
            match self.answers_now(&token, &keep.changes).await {
                Ok(holding) => written.extend(self.supply_stale(&token, &holding)?),
                Err(error) => failure = Some(error),
            }
        }
        if failure.is_none() {
            failure = self.retire(&keep.retire, &keep.id).await.err();
        }
        let is_unchanged = keep.changes.is_empty() && written.is_empty();
        let action = match (is_unchanged, keep.hooks || self.has_retired) {
            (false, _) => Action::Updated,
            (true, true) => Action::Finished,
            (true, false) => Action::Unchanged,
        };
        Ok(Done { written, failure, ..Done::new(action, Some(survey::live(&token))) })
    }

    /// Replaces the token by what is now with the changes, once one more look has shown that nothing moved. Sent until it
    /// is answered: the same replacement has no effect the second time.
    async fn update(
        &mut self,
        id: &str,
        changes: &[Change],
        hooks_follow: bool,
    ) -> Result<Token, CustodyError> {
        let listing = self.look_again().await?;
        self.stop_if_interrupted()?;
        let Some(read) = listing.tokens.iter().find(|token| token.id == id) else {
            return Err(CustodyError::NoSuchToken { id: id.to_owned() });
        };
        // What was changed by hand since the first look must not be lost in a full replacement.
        let (wanted, now) = (&self.job.wanted, self.now());
        let differs = |token: &Token| {
            if changes.is_empty() { Vec::new() } else { plan::changes(wanted, &survey::live(token), now) }
        };
        let mut write = replacement(wanted, read, &[changes, &differs(read)].concat());
        if let (true, Some(marked)) = (hooks_follow, plan::MarkedName::parse(&write.name)) {
            write.name = marked.in_phase(Phase::HooksDue).to_string();
        }
        let owner = &self.job.context.owner;
        let answer = self.custody.put(owner, id, &write).await?;
        self.ours.insert(id.to_owned());
        let mut left: Vec<Change> = differs(&answer);
        if answer.name != write.name {
            left.extend(changes.iter().filter(|change| matches!(change, Change::Rename { .. })).cloned());
        }
        if left.is_empty() {
            Ok(answer)
        } else {
            Err(CustodyError::NotTaken { name: write.name, changes: left })
        }
    }

    /// The sinks that hold the token's secret, or need none, and another value that is not what it should be.
    fn stale_sinks(&self, token: &Token, secret: Option<&Secret>) -> Result<Vec<usize>, CustodyError> {
        let Job { context, views, .. } = self.job;
        let mut stale = Vec::new();
        for (place, view) in context.places.iter().zip(views) {
            if context.is_stale(place, &view.whose, token, secret).map_err(CustodyError::Sink)? {
                stale.push(place.sink);
            }
        }
        Ok(stale)
    }

    /// Writes what else they should hold to the sinks of these places, which turned out to hold the token's secret.
    fn supply_stale(&self, token: &Token, holding: &[usize]) -> Result<Vec<WriteReceipt>, CustodyError> {
        let context = self.context();
        let whose = Whose::Token(token.id.clone());
        let mut written = Vec::new();
        for place in holding.iter().filter_map(|position| context.places.get(*position)) {
            if context.is_stale(place, &whose, token, place.secret()).map_err(CustodyError::Sink)? {
                written.extend(self.supply(token, place.secret(), &[place.sink])?);
            }
        }
        Ok(written)
    }

    /// Delivers a secret that a sink already holds to sinks; without one, they keep what they hold of it. What fails
    /// leaves the old values where they can be put back; the token stays as it is.
    fn supply(
        &self,
        token: &Token,
        secret: Option<&Secret>,
        sinks: &[usize],
    ) -> Result<Vec<WriteReceipt>, CustodyError> {
        match self.deliver(token, secret, sinks) {
            Ok(written) => Ok(written.into_iter().map(|(_, written)| written).collect()),
            Err(failed) => Err(CustodyError::Sink(failed.error)),
        }
    }

    /// A token that was disabled or shut this machine out could not say whether a sink holds its secret. Now it may;
    /// returns the places, by position, that do hold it.
    async fn answers_now(&mut self, token: &Token, changes: &[Change]) -> Result<Vec<usize>, CustodyError> {
        let mut holding = Vec::new();
        // Whether a sink holds the secret of a token that was taken over is somebody else's to say.
        let is_taken_over = changes.iter().any(|change| matches!(change, Change::Rename { .. }));
        let can_tell_now = |change: &Change| matches!(change, Change::Enable | Change::Addresses { .. });
        if is_taken_over || !changes.iter().any(can_tell_now) {
            return Ok(holding);
        }
        let job = self.job;
        for (position, (place, view)) in job.context.places.iter().zip(&job.views).enumerate() {
            let Some(secret) = place.secret() else { continue };
            if !matches!(view.whose, Whose::Dead | Whose::ShutOut) {
                continue;
            }
            let mut remarks = Vec::new();
            let asked = self.custody.confirm(&job.context.owner, token, secret, &mut remarks).await;
            if asked.is_err() {
                let (sink, generation) = (place.shown.clone(), token.name.clone());
                return Err(CustodyError::Refused(Refused::NotHeld { sink, generation }));
            }
            // Confirmed by the bootstrap alone, it says no more than before.
            if remarks.is_empty() {
                self.remarks.push(Remark::Holds { sink: place.shown.clone() });
                holding.push(position);
            }
        }
        Ok(holding)
    }
}
