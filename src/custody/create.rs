//! A fresh generation: make, deliver, verify beside a second look, hooks, commit, retire. Each stage is a type that only
//! the stage before it makes, so that no step can be taken out of turn.

use futures_util::future::join;

use super::error::{CustodyError, Undelivered};
use super::make::{Made, seconds};
use super::run::JobRun;
use super::write::commitment;
use super::{Action, Done, Proven, Remark};
use crate::cloudflare::Fault;
use crate::cloudflare::wire::Token;
use crate::plan::{Create, Phase};
use crate::secret::Secret;
use crate::sink::WriteReceipt;
use crate::survey;

/// A new token whose secret every sink has.
struct Delivered {
    made: Made,
    written: Vec<(usize, WriteReceipt)>,
}

/// The same, verified, with nobody else's doings in the second look.
struct Confirmed {
    made: Made,
    written: Vec<WriteReceipt>,
}

impl JobRun<'_> {
    /// Makes a fresh generation and puts it in force.
    pub(super) async fn create(&mut self, proven: &Proven, create: &Create) -> Result<Done, CustodyError> {
        let predecessor = create.predecessor.as_deref().map(|id| self.listed(id)).transpose()?;
        let made = self.make(Phase::Pending, predecessor).await?;
        let delivered = self.deliver_new(made, proven).await?;
        let confirmed = self.confirm_new(delivered).await?;
        let action = if predecessor.is_some() { Action::Rotated } else { Action::Created };
        self.put_in_force(confirmed, create, action).await
    }

    /// Goes on with a stand-in whose roll was lost: its secret is delivered, and it succeeds the token that was to be
    /// rolled.
    pub(super) async fn create_from(
        &mut self,
        proven: &Proven,
        made: Made,
        create: &Create,
    ) -> Result<Done, CustodyError> {
        let written = self.deliver(&made.in_force(), Some(&made.new.value), &proven.all_sinks());
        // Nothing is put back: the old secret may be dead.
        let written = written.map_err(|failed| CustodyError::Undelivered {
            name: made.name.to_string(),
            cause: failed.error,
            left: Undelivered::StaysPending { ends: made.new.token.expires_on },
        })?;
        let confirmed = self.confirm_stand_in(Delivered { made, written }).await?;
        self.put_in_force(confirmed, create, Action::Rotated).await
    }

    async fn deliver_new(&mut self, made: Made, proven: &Proven) -> Result<Delivered, CustodyError> {
        if let Err(error) = self.begin_delivery(&made).await {
            self.undo(&made).await;
            return Err(error);
        }
        match self.deliver(&made.in_force(), Some(&made.new.value), &proven.all_sinks()) {
            Ok(written) => Ok(Delivered { made, written }),
            Err(failed) => Err(self.undo_delivery(&made, failed).await),
        }
    }

    /// Verifies a new secret and looks at the list once more, side by side. A secret that does not work is taken out of the
    /// sinks again where that can be done; another run's doings stop this one, and the next run makes a fresh generation.
    async fn confirm_new(&mut self, delivered: Delivered) -> Result<Confirmed, CustodyError> {
        let Delivered { made, written } = delivered;
        match self.verify_and_look(&made.new.token, &made.new.value).await {
            Ok(()) => {}
            Err(CustodyError::Unverified { name, reason }) => {
                let is_out = written.iter().any(|(sink, _)| {
                    self.context().sinks.get(*sink).is_some_and(|seen| seen.sink.is_opaque())
                });
                let left = if is_out || !self.put_back(&written).await {
                    Undelivered::StaysPending { ends: made.new.token.expires_on }
                } else {
                    self.let_end(&made).await
                };
                return Err(CustodyError::NotWorking { name, reason, left });
            }
            Err(error) => return Err(error),
        }
        Ok(Confirmed { made, written: written.into_iter().map(|(_, written)| written).collect() })
    }

    async fn confirm_stand_in(&mut self, delivered: Delivered) -> Result<Confirmed, CustodyError> {
        let Delivered { made, written } = delivered;
        self.verify_and_look(&made.new.token, &made.new.value).await?;
        Ok(Confirmed { made, written: written.into_iter().map(|(_, written)| written).collect() })
    }

    /// Asks a secret which token it is, and lists again, side by side.
    pub(super) async fn verify_and_look(
        &mut self,
        token: &Token,
        secret: &Secret,
    ) -> Result<(), CustodyError> {
        self.stop_if_interrupted()?;
        let custody = self.custody;
        let owner = &self.job.context.owner;
        let mut remarks = Vec::new();
        let (confirmed, look) =
            join(custody.confirm(owner, token, secret, &mut remarks), custody.look(owner)).await;
        // Another run's doings weigh more than a secret that is not known yet.
        self.judge_look(look)?;
        confirmed?;
        self.remarks.append(&mut remarks);
        Ok(())
    }

    /// Runs the hooks, sets the name in force and the real end, and only then retires the others.
    async fn put_in_force(
        &mut self,
        confirmed: Confirmed,
        create: &Create,
        action: Action,
    ) -> Result<Done, CustodyError> {
        let Confirmed { made, written } = confirmed;
        let hooks = self.run_delivered_hooks(&made.new.token.id);
        let phase = if hooks.is_ok() { Phase::InForce } else { Phase::HooksDue };
        let token = self.commit(&made.new.token, phase, made.end).await?;
        self.finish(&token.name);
        let mut failure = hooks.err();
        if failure.is_none() {
            failure = self.retire(&create.retire, &token.id).await.err();
        }
        Ok(Done { written, failure, ..Done::new(action, Some(survey::live(&token))) })
    }

    /// Puts a token in force: the request is sent until it is answered.
    pub(super) async fn commit(
        &mut self,
        token: &Token,
        phase: Phase,
        end: Option<chrono::DateTime<chrono::Utc>>,
    ) -> Result<Token, CustodyError> {
        if self.is_look_old() {
            self.look_again().await?;
        }
        self.stop_if_interrupted()?;
        let Some(marked) = survey::live(token).marked else {
            return Err(CustodyError::NoSuchToken { id: token.id.clone() });
        };
        let write = commitment(token, &marked.in_phase(phase), end);
        let owner = &self.job.context.owner;
        let failed =
            |cause| CustodyError::Uncommitted { name: token.name.clone(), ends: token.expires_on, cause };
        let answer = match self.custody.put(owner, &token.id, &write).await {
            Ok(answer) => answer,
            Err(error) if error.is_gone() => {
                let what = super::Meanwhile::Went { name: token.name.clone() };
                return Err(CustodyError::Conflict { name: marked.name, what });
            }
            Err(error) if error.fault == Fault::Stopped => return Err(error.into()),
            Err(error) => return Err(failed(error)),
        };
        self.has_settled();
        if seconds(answer.expires_on) != seconds(end) {
            let note = Remark::EndDiffers { name: answer.name.clone(), ends: answer.expires_on };
            self.remarks.push(note);
        }
        Ok(answer)
    }
}
