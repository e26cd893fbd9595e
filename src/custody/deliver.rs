//! A secret in hand -> every sink, in an order and with a memory that lets a failure be undone where it can be.
//!
//! Sinks that can be read back come first: only what they hold can be put back. Nothing is deleted that a sink may hold.

use std::time::Duration;

use super::blocking::blocking;
use super::error::{CustodyError, Undelivered};
use super::make::Made;
use super::run::{JobRun, WINDOW};
use super::write::retirement;
use crate::cloudflare::wire::Token;
use crate::plan::Whose;
use crate::secret::Secret;
use crate::sink::{Limits, NotWritten, Reached, SinkError, WriteReceipt};
use crate::survey::{SurveyedSink, identify};

/// A delivery that did not reach every sink.
pub(super) struct Failed {
    pub(super) error: SinkError,
    /// What was written, with the position of its sink.
    written: Vec<(usize, WriteReceipt)>,
    /// Whether a sink that cannot be read back, or the one that failed, may have the secret.
    is_out: bool,
    /// Whether it was not begun in time.
    is_late: bool,
}

impl JobRun<'_> {
    /// Delivers a secret to these sinks, by position, those that can be read back first. `token` is the token as it will
    /// be in force. Without a secret, each sink keeps what it holds of it, and gets what else it should hold.
    pub(super) fn deliver(
        &self,
        token: &Token,
        secret: Option<&Secret>,
        sinks: &[usize],
    ) -> Result<Vec<(usize, WriteReceipt)>, Failed> {
        let context = self.context();
        let custody = self.custody;
        if let Some(secret) = secret {
            custody.world().hide(secret.expose());
        }
        let seen = sinks.iter().filter_map(|sink| Some((*sink, context.sinks.get(*sink)?)));
        let (opaque, readable): (Vec<_>, Vec<_>) = seen.partition(|(_, seen)| seen.sink.is_opaque());
        let mut written: Vec<(usize, WriteReceipt)> = Vec::new();
        let mut is_out = false;
        for (position, SurveyedSink { sink, reading }) in readable.into_iter().chain(opaque) {
            let Some(time) = self.time_left(sink.time_limit()) else {
                let error = SinkError::TooLate { shown: sink.shown().to_owned() };
                return Err(Failed { error, written, is_out, is_late: true });
            };
            let values = context.values_of(token, secret, position);
            let limits = Limits { time, lock: custody.hold.file() };
            let write = || sink.write(custody.world(), &custody.staging, &values, reading, &limits);
            match blocking(write) {
                Ok(done) => {
                    is_out |= sink.is_opaque();
                    written.push((position, done));
                }
                Err(NotWritten { error, reached }) => {
                    is_out |= reached == Reached::Perhaps;
                    return Err(Failed { error, written, is_out, is_late: false });
                }
            }
        }
        Ok(written)
    }

    /// Reads every sink once more, where a delivery that fails could not be undone: each must hold what the first look saw.
    pub(super) fn sinks_are_as_seen(&self) -> Result<(), CustodyError> {
        for SurveyedSink { sink, reading } in &self.context().sinks {
            let later = blocking(|| sink.read(self.custody.world())).map_err(CustodyError::Sink)?;
            if let Some(shown) = reading.changed_in(&later) {
                let shown = shown.to_owned();
                return Err(CustodyError::Sink(SinkError::ChangedMeanwhile { shown }));
            }
        }
        Ok(())
    }

    /// How long a write may take that takes this long at the most: it must be over before another run could begin.
    fn time_left(&self, limit: Duration) -> Option<Duration> {
        let left = WINDOW.checked_sub(self.since_first())?;
        (limit < left).then_some(limit)
    }

    /// Undoes a delivery of a new token that failed, as far as nothing can be lost by it.
    pub(super) async fn undo_delivery(&mut self, made: &Made, failed: Failed) -> CustodyError {
        let name = made.name.to_string();
        let Failed { error: cause, written, is_out, is_late } = failed;
        if written.is_empty() && !is_out {
            let undone = self.undo(made).await;
            return CustodyError::Undelivered { name, cause, left: Undelivered::Nowhere(undone) };
        }
        let left = if is_out || is_late || !self.put_back(&written).await {
            Undelivered::StaysPending { ends: made.new.token.expires_on }
        } else {
            self.let_end(made).await
        };
        CustodyError::Undelivered { name, cause, left }
    }

    /// Puts back what stood in readable sinks before; returns whether all is as it was. A value that works no more is
    /// not put back.
    pub(super) async fn put_back(&self, written: &[(usize, WriteReceipt)]) -> bool {
        let custody = self.custody;
        for (sink, _) in written {
            if !self.old_values_work(*sink).await {
                return false;
            }
        }
        let mut all = true;
        // Backwards, so that a file written twice ends as it began.
        for (sink, done) in written.iter().rev() {
            let Some(seen) = self.context().sinks.get(*sink) else { continue };
            let restored = blocking(|| seen.sink.restore(custody.world(), &custody.staging, done));
            if let Err(error) = restored {
                tracing::warn!("the old value of {} could not be put back: {error}", seen.sink.shown());
                all = false;
            }
        }
        all
    }

    /// Whether every secret that stood in a sink still works, or there was none.
    async fn old_values_work(&self, sink: usize) -> bool {
        let job = self.job;
        let places = job.context.places.iter().zip(&job.views).filter(|(place, _)| place.sink == sink);
        for (place, view) in places {
            let client = self.custody.client.keeping_custody();
            let works = match (&view.whose, place.secret()) {
                (Whose::Nobody | Whose::NoSecret | Whose::Placeholder, _) => true,
                (Whose::Token(id), Some(secret)) => {
                    let owner = &job.context.owner;
                    identify(&client, owner, self.custody.trial, secret).await == Whose::Token(id.clone())
                }
                (Whose::Token(id), None) => client.token(&job.context.owner, id).await.is_ok(),
                _ => false,
            };
            if !works {
                return false;
            }
        }
        true
    }

    /// Lets a token end after the overlap that readers of a sink may have, although nobody holds it any more.
    pub(super) async fn let_end(&mut self, made: &Made) -> Undelivered {
        let end = self.now() + self.job.profile.overlap();
        let owner = &self.job.context.owner;
        let write = retirement(&made.new.token, end);
        match self.custody.client.keeping_custody().update_token(owner, &made.new.token.id, &write).await {
            Ok(token) => {
                self.has_settled();
                self.finish(&write.name);
                Undelivered::PutBack { ends: token.expires_on }
            }
            Err(_) => Undelivered::PutBack { ends: made.new.token.expires_on },
        }
    }
}
