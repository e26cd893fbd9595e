//! The end of every generation, now; then what died with them goes out of the sinks.

use super::blocking::blocking;
use super::error::CustodyError;
use super::{Action, Custody, Done, Remark};
use crate::cloudflare::wire::Token;
use crate::plan::{self, Live, MarkedName, Phase, SinkView, Whose};
use crate::survey::{self, DeliveryContext, identify};

/// That one of several tokens is deleted.
fn deleted(name: String) -> Remark {
    match MarkedName::parse(&name) {
        Some(marked) if marked.phase == Phase::Exec => Remark::CommandTokenDeleted { name },
        _ => Remark::PredecessorDeleted { name },
    }
}

impl Custody {
    /// Deletes these tokens, then takes the dead values out of the sinks that held one of them, or that hold what is dead
    /// by Cloudflare's word. `views` is what planning saw of the context's places, `tokens` are all that the owner had then,
    /// `gone` are the ids of those that were deleted since.
    pub async fn revoke(
        &self,
        context: &DeliveryContext,
        views: &[SinkView],
        generations: &[&Token],
        tokens: &[Live],
        gone: &[&str],
    ) -> Result<Done, CustodyError> {
        let mut existed = false;
        for token in generations {
            if let Some(interrupt) = self.world().interrupted() {
                return Err(CustodyError::Interrupted(interrupt));
            }
            existed |= self.delete(&context.owner, &token.id).await?;
        }
        let mut remarks: Vec<Remark> =
            generations.iter().rev().skip(1).map(|token| deleted(token.name.clone())).collect();
        let ids: Vec<&str> =
            generations.iter().map(|token| token.id.as_str()).chain(gone.iter().copied()).collect();
        let mut failure = None;
        for sink in self.sinks_to_clear(context, views, tokens, &ids).await {
            let Some(seen) = context.sinks.get(sink) else { continue };
            match blocking(|| seen.sink.clear(self.world(), &self.staging, &seen.reading)) {
                Ok(variables) if variables.is_empty() => {}
                Ok(variables) => {
                    remarks.push(Remark::Cleared { sink: seen.sink.shown().to_owned(), variables });
                }
                Err(error) => failure = failure.or(Some(CustodyError::Sink(error))),
            }
        }
        let finished = generations.iter().filter_map(|token| MarkedName::parse(&token.name));
        let finished = finished.map(|marked| marked.mark).collect();
        if let Err(error) = blocking(|| self.note().forget(self.world(), &finished)) {
            tracing::warn!("{error}; this loses nothing");
        }
        Ok(Done {
            action: if existed { Action::Revoked } else { Action::Absent },
            token: generations.last().map(|token| survey::live(token)),
            written: Vec::new(),
            remarks,
            failure,
        })
    }

    /// The sinks, by position, in which nothing but dead secrets stands: of these tokens, or dead by Cloudflare's word. What
    /// shut this machine out before is asked again, now that its token may be gone.
    async fn sinks_to_clear(
        &self,
        context: &DeliveryContext,
        views: &[SinkView],
        tokens: &[Live],
        ids: &[&str],
    ) -> Vec<usize> {
        let is_nobodys = plan::may_be_somebodys(tokens, self.now()).is_none();
        let mut clear = Vec::new();
        for sink in 0..context.sinks.len() {
            let of_sink = context.places.iter().zip(views).filter(|(place, _)| place.sink == sink);
            let mut dead = 0;
            let mut others = 0;
            for (place, view) in of_sink {
                let is_dead = match (&view.whose, place.secret()) {
                    (Whose::Nobody | Whose::NoSecret | Whose::Placeholder, _) => continue,
                    (Whose::Token(id), _) => ids.contains(&id.as_str()),
                    (Whose::Dead, _) => is_nobodys,
                    (Whose::ShutOut | Whose::Unanswered(_), Some(secret)) => {
                        identify(&self.client, &context.owner, self.trial, secret).await == Whose::Dead
                    }
                    _ => false,
                };
                if is_dead { dead += 1 } else { others += 1 }
            }
            if dead > 0 && others == 0 {
                clear.push(sink);
            }
        }
        clear
    }
}
