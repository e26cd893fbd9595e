//! The requests that may be sent again: a replacement and a deletion have the same effect the second time.

use std::time::Duration;

use super::Custody;
use super::shared_looks::SharedLook;
use crate::cloudflare::wire::{Token, TokenWrite};
use crate::cloudflare::{Certainty, Client, Error, Fault, TokenOwner};

/// How long an answer that was lost may still take effect before it is looked for.
pub(super) const SETTLING: Duration = Duration::from_secs(3);

/// How often a request is sent whose answers are lost.
pub(super) const MOST_TRIES: u32 = 3;

/// How often the request that puts a token in force is sent: without an answer, the next run makes another one.
const MOST_COMMITS: u32 = 6;

impl Custody {
    /// Lists an owner's tokens, for everybody who looks at this time.
    pub(super) async fn look(&self, owner: &TokenOwner) -> SharedLook {
        self.looks.look(self.world(), &self.client, owner).await
    }

    /// Replaces a token, again and again until there is an answer.
    pub(super) async fn put(&self, owner: &TokenOwner, id: &str, write: &TokenWrite) -> Result<Token, Error> {
        let mut lost = None;
        let mut tries = 0;
        loop {
            tries += 1;
            match self.client.update_token(owner, id, write).await {
                Err(error) if error.certainty() == Certainty::Unknown && tries < MOST_COMMITS => {
                    if !self.client.wait(SETTLING * tries).await {
                        return Err(error);
                    }
                    lost = Some(error);
                }
                // That nothing more is sent does not tell what became of the tries before.
                Err(error) if error.fault == Fault::Stopped => return Err(lost.unwrap_or(error)),
                answer => return answer,
            }
        }
    }

    /// Deletes a token; one that is gone is done, and a lost answer is asked again. Returns whether it existed.
    pub(super) async fn delete(&self, owner: &TokenOwner, id: &str) -> Result<bool, Error> {
        delete(&self.client, owner, id).await
    }

    /// Deletes a token that nobody has the secret of, although a signal asks to stop.
    pub(super) async fn discard(&self, owner: &TokenOwner, id: &str) -> Result<(), Error> {
        let client = self.client.keeping_custody();
        if delete(&client, owner, id).await? {
            return Ok(());
        }
        // A token this young may be unknown to the server that was asked: it is asked once more.
        client.wait(SETTLING).await;
        delete(&client, owner, id).await.map(|_| ())
    }
}

async fn delete(client: &Client, owner: &TokenOwner, id: &str) -> Result<bool, Error> {
    let mut tries = 0;
    loop {
        tries += 1;
        match client.delete_token(owner, id).await {
            Ok(()) => return Ok(true),
            // After a lost answer, gone means that the lost request took effect.
            Err(error) if error.is_gone() => return Ok(tries > 1),
            Err(error) if error.certainty() == Certainty::Unknown && tries < MOST_TRIES => {
                if !client.wait(SETTLING).await {
                    return Err(error);
                }
            }
            Err(error) => return Err(error),
        }
    }
}
