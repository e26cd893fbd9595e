//! Create: announce, request, compare, deliver, verify.

use std::collections::BTreeSet;

use super::{Action, Announced, Custody, Done, MOST_TRIES, SETTLING};
use crate::cloudflare::wire::{Policy, Token, TokenWrite};
use crate::cloudflare::{Fate, NewToken};
use crate::custody::error::{CustodyError, Missing, Undone};
use crate::custody::intent::Work;
use crate::custody::sinks::{self, Located};
use crate::custody::subject::Subject;
use crate::custody::{Remark, translate};
use crate::plan::{self, Grant, Mark, MarkedName, Wanted};

/// A token whose secret is in hand and nowhere else.
struct Minted {
    announced: Announced,
    write: TokenWrite,
    new: NewToken,
}

impl Custody {
    /// Makes the token, delivers its secret, verifies it.
    pub async fn create(&self, subject: &Subject, wanted: &Wanted) -> Result<Done, CustodyError> {
        let mut remarks = Vec::new();
        let minted = self.mint(subject, wanted, &mut remarks).await?;
        let Minted { announced, write, new } = minted;
        let missing = missing(&write, &new.token);
        if !missing.is_empty() {
            let undone = self.withdraw(subject, &new.token, announced).await;
            return Err(CustodyError::Dropped { name: write.name, missing, undone });
        }
        let all: Vec<&Located> = subject.located.iter().collect();
        let values = subject.values(&new.token, &new.value);
        let written = match sinks::deliver(self.world(), &self.stage, &all, &values) {
            Ok(written) => written,
            Err(sinks::Undelivered { error: cause, previous }) => {
                self.put_back(&previous);
                let undone = self.withdraw(subject, &new.token, announced).await;
                return Err(CustodyError::Undelivered { name: write.name, cause, undone });
            }
        };
        self.settled(announced);
        let failure = self.confirm(subject, &new.token, &new.value, &mut remarks).await.err();
        let token = Some(translate::live(&new.token));
        Ok(Done { action: Action::Created, token, written, remarks, failure })
    }

    /// Makes the token, under a mark of its own. Where the answer is lost, the mark tells whether it was made:
    /// then its secret was never seen, so it is deleted and made anew under a new mark. A mark that is not
    /// found stays in the journal: the request may yet take effect.
    async fn mint(
        &self,
        subject: &Subject,
        wanted: &Wanted,
        remarks: &mut Vec<Remark>,
    ) -> Result<Minted, CustodyError> {
        let mut tries = 0;
        loop {
            tries += 1;
            let name = MarkedName { name: wanted.name.clone(), mark: self.mark()? };
            let write = translate::creation(wanted, &name, self.world().now());
            let announced = self.announce(subject, &write.name, Work::Create)?;
            let error = match self.client.create_token(&subject.owner, &write).await {
                Ok(new) => return Ok(Minted { announced, write, new }),
                Err(error) => error,
            };
            if error.fate() == Fate::Nothing {
                self.settled(announced);
                return Err(error.into());
            }
            tokio::time::sleep(SETTLING).await;
            let lost = |cause| CustodyError::Lost { name: write.name.clone(), cause };
            let tokens = self.client.tokens(&subject.owner).await.map_err(|_| lost(error.clone()))?;
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

    /// Deletes a token whose secret reached no sink; what cannot be deleted stays in the journal.
    async fn withdraw(&self, subject: &Subject, token: &Token, announced: Announced) -> Undone {
        let undone = self.undo(&subject.owner, &token.id).await;
        if matches!(undone, Undone::Deleted) {
            self.settled(announced);
        }
        undone
    }

    fn mark(&self) -> Result<Mark, CustodyError> {
        let mut bytes = [0; 8];
        self.world().fill_random(&mut bytes).map_err(CustodyError::NoRandomness)?;
        Ok(Mark::from_random(bytes))
    }
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
