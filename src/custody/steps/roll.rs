//! Roll: a new secret for the same token, delivered and verified. The old one is dead from the first moment.

use super::{Action, Custody, Done, MOST_TRIES, SETTLING};
use crate::cloudflare::Fate;
use crate::cloudflare::wire::Token;
use crate::custody::error::CustodyError;
use crate::custody::intent::Work;
use crate::custody::sinks;
use crate::custody::subject::Subject;
use crate::custody::translate;

/// Whether the journal may forget a roll.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(in crate::custody) enum Finished {
    /// The new secret is where it belongs.
    Yes,
    /// A lost roll may have killed the secret that was delivered.
    No,
}

impl Custody {
    /// Rolls, delivers, verifies, runs the hooks. Until the new secret is known to be in the sinks, the journal
    /// has the roll open, and the next run rolls again.
    pub async fn roll(
        &self,
        subject: &Subject,
        token: &Token,
        hooks: &[Vec<String>],
    ) -> Result<Done, CustodyError> {
        self.look_again(subject)?;
        // Hooks that an earlier delivery still awaits come last, with what waits for them.
        let are_awaited = self.awaits_hooks(&token.id);
        let mut intent = self.intent(subject, &token.name, Work::Roll { id: token.id.clone() });
        intent.hooks = !hooks.is_empty() && !are_awaited;
        let announced = self.announce_intent(&intent)?;
        // One record is enough, however often it is tried.
        self.rolls_superseded(&token.id, announced);
        let (mut done, finished) = match self.roll_announced(subject, token).await {
            Ok(rolled) => rolled,
            Err(error) => {
                if matches!(&error, CustodyError::Api(error) if error.fate() == Fate::Nothing) {
                    self.settled(announced);
                }
                return Err(error);
            }
        };
        if finished == Finished::Yes {
            self.expect_hooks(hooks, subject, token)?;
            self.rolls_finished(&token.id);
        }
        if done.failure.is_none() && !are_awaited {
            done.failure = self.run_hooks(hooks, subject, token).err();
        }
        Ok(done)
    }

    /// Rolls, delivers, verifies: what stands in the journal already.
    pub(in crate::custody) async fn roll_announced(
        &self,
        subject: &Subject,
        token: &Token,
    ) -> Result<(Done, Finished), CustodyError> {
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
                Err(error) if tries == 1 && error.fate() == Fate::Nothing => return Err(error.into()),
                Err(cause) => return Err(CustodyError::RollLost { name: token.name.clone(), cause }),
            }
        };
        let values = subject.values(token, &secret);
        // Not put back on failure: what stood there is dead, and a sink that has the new secret is right.
        let delivery = sinks::deliver(self.world(), &self.stage, &subject.targets(), &values).map_err(
            |undelivered| CustodyError::RollUndelivered {
                name: token.name.clone(),
                cause: undelivered.error,
            },
        )?;
        let mut failure = self.confirm(subject, token, &secret, &mut remarks).await.err();
        if tries > 1 && failure.is_none() {
            // The lost roll may have landed after ours, and then the secret we delivered is dead.
            tokio::time::sleep(SETTLING).await;
            remarks.clear();
            failure = self.confirm(subject, token, &secret, &mut remarks).await.err();
        }
        let finished = if tries == 1 || failure.is_none() { Finished::Yes } else { Finished::No };
        let done = Done {
            action: Action::Rolled,
            token: Some(translate::live(token)),
            written: delivery.written,
            remarks,
            failure,
        };
        Ok((done, finished))
    }
}
