//! The end of generations that are no longer needed. It comes after another one is in force, and never fails a run: what
//! is not retired today is found by the next run.

use super::error::CustodyError;
use super::hooks;
use super::run::JobRun;
use super::write::retirement as retirement_of;
use super::{Remark, requests::MOST_TRIES, requests::SETTLING};
use crate::cloudflare::wire::Token;
use crate::cloudflare::{self, Certainty};
use crate::plan::{Ends, Retirement};

impl JobRun<'_> {
    /// Retires what the first look saw, then runs the `retired` hooks where a token that worked got its end.
    pub(super) async fn retire(
        &mut self,
        retirements: &[Retirement],
        in_force: &str,
    ) -> Result<(), CustodyError> {
        for retirement in retirements {
            if self.custody.world().interrupted().is_some() {
                let reason = "a signal asked to stop".to_owned();
                self.remarks.push(Remark::NotRetired { name: retirement.name.clone(), reason });
                continue;
            }
            let Ok(token) = self.listed(&retirement.id) else { continue };
            match self.retire_one(retirement, token).await {
                Ok(()) => {
                    self.finish(&retirement.name);
                    self.has_retired |= self.was_in_force(&retirement.id);
                }
                // Housekeeping stops no job: the next run comes to it again.
                Err(error) => self
                    .remarks
                    .push(Remark::NotRetired { name: retirement.name.clone(), reason: error.to_string() }),
            }
        }
        if !self.has_retired {
            return Ok(());
        }
        let custody = self.custody;
        let retired = &self.job.profile.hooks.retired;
        hooks::run(custody.world(), retired, self.context(), in_force).map_err(CustodyError::RetiredHook)
    }

    async fn retire_one(&mut self, retirement: &Retirement, token: &Token) -> Result<(), cloudflare::Error> {
        let custody = self.custody;
        let owner = &self.job.context.owner;
        let name = retirement.name.clone();
        if retirement.ends == Ends::Now {
            custody.delete(owner, &token.id).await?;
            self.remarks.push(Remark::PredecessorDeleted { name });
            return Ok(());
        }
        // The server's clock decides when a token ends, so it says when the overlap is over.
        let now = self.now();
        let end = now.checked_add_signed(self.job.profile.overlap()).unwrap_or(now);
        let write = retirement_of(token, end);
        let mut tries = 0;
        loop {
            tries += 1;
            match custody.client.update_token(owner, &token.id, &write).await {
                Ok(answer) => {
                    self.remarks.push(Remark::Retired { name, end: answer.expires_on.unwrap_or(end) });
                    return Ok(());
                }
                Err(error) if error.is_gone() => return Ok(()),
                Err(error) if error.certainty() == Certainty::Unknown && tries < MOST_TRIES => {
                    if !custody.client.wait(SETTLING).await {
                        return Err(error);
                    }
                }
                Err(error) => return Err(error),
            }
        }
    }
}
