//! Roll: a new secret for the same token, delivered and verified. The old one is dead from the first moment.

use super::{Action, Custody, Done, MOST_TRIES, SETTLING};
use crate::cloudflare::Fate;
use crate::cloudflare::wire::Token;
use crate::custody::error::CustodyError;
use crate::custody::intent::Work;
use crate::custody::sinks::{self, Located};
use crate::custody::subject::Subject;
use crate::custody::translate;

impl Custody {
    /// Rolls, delivers, verifies, runs the hooks. Until the new secret is known to be in the sinks, the journal has the roll
    /// open, and the next run rolls again.
    pub async fn roll(
        &self,
        subject: &Subject,
        token: &Token,
        hooks: &[Vec<String>],
    ) -> Result<Done, CustodyError> {
        let announced = self.announce(subject, &token.name, Work::Roll { id: token.id.clone() })?;
        let mut remarks = Vec::new();
        let mut tries = 0;
        let secret = loop {
            tries += 1;
            match self.client.roll_token(&subject.owner, &token.id).await {
                Ok(secret) => break secret,
                // Whether or not the lost roll took effect, another one gives a secret that is known.
                Err(error) if error.fate() == Fate::Unknown && tries < MOST_TRIES => {
                    tokio::time::sleep(SETTLING).await;
                }
                Err(error) => {
                    if tries == 1 && error.fate() == Fate::Nothing {
                        self.settled(announced);
                    }
                    return Err(error.into());
                }
            }
        };
        let all: Vec<&Located> = subject.located.iter().collect();
        let values = subject.values(token, &secret);
        // Not put back on failure: what stood there is dead, and a sink that has the new secret is right.
        let delivery = sinks::deliver(self.world(), &self.stage, &all, &values).map_err(|undelivered| {
            CustodyError::RollUndelivered { name: token.name.clone(), cause: undelivered.error }
        })?;
        let mut failure = self.confirm(subject, token, &secret, &mut remarks).await.err();
        if tries > 1 && failure.is_none() {
            // The lost roll may have landed after ours, and then the secret we delivered is dead.
            tokio::time::sleep(SETTLING).await;
            remarks.clear();
            failure = self.confirm(subject, token, &secret, &mut remarks).await.err();
        }
        if tries == 1 || failure.is_none() {
            self.settled(announced);
        }
        if failure.is_none() {
            failure = self.hook(hooks, subject, &token.id).err();
        }
        Ok(Done {
            action: Action::Rolled,
            token: Some(translate::live(token)),
            written: delivery.written,
            remarks,
            failure,
        })
    }
}
