//! Revoke: a token is deleted, and what died with it is taken out of the sinks that held it.

use super::{Action, Custody, Done};
use crate::cloudflare::Fate;
use crate::cloudflare::wire::Token;
use crate::custody::error::CustodyError;
use crate::custody::intent::Work;
use crate::custody::sinks;
use crate::custody::subject::Subject;
use crate::custody::{Remark, translate};

impl Custody {
    /// Deletes every generation, then clears the sinks, by position, that held one.
    pub async fn revoke(
        &self,
        subject: &Subject,
        generations: &[&Token],
        holders: &[usize],
    ) -> Result<Done, CustodyError> {
        let mut existed = false;
        let mut open = Vec::new();
        for token in generations {
            let work = Work::Delete { id: token.id.clone(), holders: holders.to_vec() };
            let announced = self.announce(subject, &token.name, work)?;
            match self.delete(&subject.owner, &token.id).await {
                Ok(gone_by_us) => existed |= gone_by_us,
                Err(error) => {
                    if error.fate() == Fate::Nothing {
                        self.settled(announced);
                    }
                    return Err(error.into());
                }
            }
            open.push(announced);
        }
        let mut remarks: Vec<Remark> = generations
            .iter()
            .rev()
            .skip(1)
            .map(|token| Remark::PredecessorDeleted { name: token.name.clone() })
            .collect();
        for target in holders.iter().filter_map(|position| subject.target(*position)) {
            let variables = sinks::clear(self.world(), &self.stage, &target).map_err(CustodyError::Sink)?;
            if !variables.is_empty() {
                remarks.push(Remark::Cleared { sink: target.located.shown(), variables });
            }
        }
        for announced in open {
            self.settled(announced);
        }
        Ok(Done {
            action: if existed { Action::Revoked } else { Action::Absent },
            token: generations.last().map(|token| translate::live(token)),
            written: Vec::new(),
            remarks,
            failure: None,
        })
    }
}
