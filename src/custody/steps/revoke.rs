//! Revoke: a token is deleted, and what died with it is taken out of the sinks that held it.

use super::{Action, Custody, Done};
use crate::cloudflare::Fate;
use crate::cloudflare::wire::Token;
use crate::custody::error::CustodyError;
use crate::custody::intent::Work;
use crate::custody::subject::Subject;
use crate::custody::{Holder, Remark, translate};

impl Custody {
    /// Deletes every generation, then clears the sinks that held one.
    pub async fn revoke(
        &self,
        subject: &Subject,
        generations: &[&Token],
        holders: &[Holder<'_>],
    ) -> Result<Done, CustodyError> {
        let mut existed = false;
        let mut open = Vec::new();
        let positions: Vec<usize> = holders.iter().map(|holder| holder.sink).collect();
        for token in generations {
            let work = Work::Delete { id: token.id.clone(), holders: positions.clone() };
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
        for holder in holders {
            let Some(located) = subject.located.get(holder.sink) else { continue };
            let variables = holder.clear(self.world(), &self.stage, located).map_err(CustodyError::Sink)?;
            if !variables.is_empty() {
                remarks.push(Remark::Cleared { sink: located.shown(), variables });
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
