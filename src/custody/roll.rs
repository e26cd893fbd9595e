//! A new secret for the same token. The old one dies at once, and the new one is shown once: so a stand-in with the same
//! rights is made before. If the answer of the roll is lost, its secret goes to the sinks instead, and no sink is ever
//! left without a living secret.

use super::error::{CustodyError, Undone};
use super::make::seconds;
use super::run::JobRun;
use super::{Action, Done, Proven, Remark};
use crate::cloudflare::Certainty;
use crate::cloudflare::wire::Token;
use crate::custody::write::replacement;
use crate::plan::{self, Change, Create, Ends, Phase, Retirement, Why};
use crate::sink::WriteReceipt;
use crate::survey;

impl JobRun<'_> {
    /// Rolls the current generation, with a new end where this is a rotation.
    pub(super) async fn roll(
        &mut self,
        proven: &Proven,
        id: &str,
        renew: Option<&[Change]>,
    ) -> Result<Done, CustodyError> {
        let listed = self.listed(id)?;
        let made = self.make(Phase::StandIn, Some(listed)).await?;
        if let Err(error) = self.look_again().await {
            // Nothing was rolled, so nobody needs the stand-in.
            self.undo(&made).await;
            return Err(error);
        }
        self.ours.insert(id.to_owned());
        let token = match self.renewed(listed, renew).await {
            Ok(token) => token,
            Err(error) => {
                self.undo(&made).await;
                return Err(error);
            }
        };
        // From here on a sink may come to hold a secret of which only the stand-in tells.
        let ready = self
            .begin_delivery(&made)
            .await
            .and_then(|()| self.stop_if_interrupted())
            .and_then(|()| self.sinks_are_as_seen());
        if let Err(error) = ready {
            self.undo(&made).await;
            return Err(error);
        }
        let owner = &self.job.context.owner;
        let secret = match self.custody.client.roll_token(owner, id).await {
            Ok(secret) => secret,
            Err(error) if error.certainty() == Certainty::NoEffect => {
                self.undo(&made).await;
                return Err(error.into());
            }
            Err(_) => {
                // Never again: a lost roll may still take effect, and would kill what a second one gave.
                self.remarks.push(Remark::IdChanged { from: id.to_owned(), to: made.new.token.id.clone() });
                // From now on what befalls it is others' doing, but for the end that this run gave it.
                if renew.is_none_or(<[Change]>::is_empty) {
                    self.ours.remove(id);
                }
                let ends = if renew.is_some() { self.usual_end() } else { Ends::Now };
                let retire = vec![Retirement { id: id.to_owned(), name: listed.name.clone(), ends }];
                let why = vec![Why::UnfinishedRun { name: made.name.to_string() }];
                let create = Create { why, predecessor: Some(id.to_owned()), retire };
                return self.create_from(proven, made, &create).await;
            }
        };
        let rolled = |cause| CustodyError::RollUndelivered {
            name: token.name.clone(),
            cause,
            stand_in: made.name.to_string(),
        };
        let written = self
            .deliver(&token, Some(&secret), &proven.all_sinks())
            .map_err(|failed| rolled(failed.error))?;
        self.verify_and_look(&token, &secret).await?;
        self.run_delivered_hooks(id)?;
        let stand_in = self.undo(&made).await;
        if let Undone::EndsByItself { .. } = &stand_in {
            self.remarks.push(Remark::StandInLeft { name: made.name.to_string() });
        }
        let action = if renew.is_some() { Action::Rotated } else { Action::Rolled };
        let written: Vec<WriteReceipt> = written.into_iter().map(|(_, written)| written).collect();
        Ok(Done { written, ..Done::new(action, Some(survey::live(&token))) })
    }

    /// Gives the token its new end first: a token about to expire must not expire between its new secret and its new end.
    async fn renewed(&mut self, token: &Token, renew: Option<&[Change]>) -> Result<Token, CustodyError> {
        let Some(changes) = renew.filter(|changes| !changes.is_empty()) else { return Ok(token.clone()) };
        let wanted = &self.job.wanted;
        let write = replacement(wanted, token, changes);
        let owner = &self.job.context.owner;
        let answer = self.custody.put(owner, &token.id, &write).await?;
        // An old secret must not die for an end that does not come.
        let mut left = plan::changes(wanted, &survey::live(&answer), self.now());
        if seconds(answer.expires_on) != seconds(write.expires_on) {
            left.extend(changes.iter().filter(|change| matches!(change, Change::Expiry { .. })).cloned());
        }
        if left.is_empty() {
            Ok(answer)
        } else {
            Err(CustodyError::NotTaken { name: write.name, changes: left })
        }
    }

    fn usual_end(&self) -> Ends {
        if self.job.profile.overlap().is_zero() { Ends::Now } else { Ends::AfterOverlap }
    }
}
