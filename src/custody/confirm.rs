//! Whether a delivered secret works: asked of the secret itself, patiently, since a new token takes a while
//! to be known everywhere.

use std::time::Duration;

use chrono::{DateTime, Utc};

use super::error::CustodyError;
use super::{Custody, Remark};
use crate::cloudflare::wire::Token;
use crate::cloudflare::{Credential, Error, Fault, TokenOwner};
use crate::secret::Secret;
use crate::survey;
use crate::text::one_line;

/// The waits between the questions; a minute in all.
const WAITS: [u64; 6] = [1, 2, 4, 8, 15, 30];

/// What is known of a token whose secret was delivered.
struct DeliveredToken<'a> {
    owner: &'a TokenOwner,
    token: &'a Token,
}

/// What a new secret says of itself.
pub(super) enum SecretAnswer {
    /// It works.
    Works,
    /// It may work, but not from here.
    ShutOut,
    /// It works later.
    StartsLater {
        /// When.
        at: DateTime<Utc>,
    },
}

impl Custody {
    /// Asks a delivered secret which token it is, again and again for a minute. Where the secret itself cannot say,
    /// the bootstrap confirms it by id, with a remark.
    pub(super) async fn confirm(
        &self,
        owner: &TokenOwner,
        token: &Token,
        secret: &Secret,
        remarks: &mut Vec<Remark>,
    ) -> Result<(), CustodyError> {
        remarks.push(match self.ask_secret(owner, token, secret).await? {
            SecretAnswer::Works => return Ok(()),
            SecretAnswer::ShutOut => Remark::ShutOut,
            SecretAnswer::StartsLater { at } => Remark::StartsLater { at },
        });
        self.by_id(&DeliveredToken { owner, token }).await
    }

    /// Asks a new secret which token it is, again and again for a minute.
    pub(super) async fn ask_secret(
        &self,
        owner: &TokenOwner,
        token: &Token,
        secret: &Secret,
    ) -> Result<SecretAnswer, CustodyError> {
        let unverified = |reason: String| CustodyError::Unverified { name: token.name.clone(), reason };
        if let Some(at) = token.not_before.filter(|start| *start > self.now()) {
            return Ok(SecretAnswer::StartsLater { at });
        }
        let own = self.client.with_credential(Credential::Token(secret.clone()));
        let has_addresses = !survey::addresses(token.condition.as_ref()).is_empty();
        let mut waits = WAITS.iter();
        loop {
            let error = match own.verify(owner).await {
                Ok(found) if found.id != token.id => {
                    return Err(unverified(format!(
                        "Cloudflare says it belongs to another token ({})",
                        found.id
                    )));
                }
                Ok(found) if matches!(found.status.as_str(), "active" | "") => {
                    return Ok(SecretAnswer::Works);
                }
                Ok(found) => {
                    return Err(unverified(format!("the token is {}", one_line(&found.status))));
                }
                Err(error) => error,
            };
            if error.fault == Fault::Stopped {
                return Err(error.into());
            }
            if error.is_shut_out() {
                return Ok(SecretAnswer::ShutOut);
            }
            let may_come = error.is_dead_secret() || is_propagating(&error);
            match waits.next() {
                Some(wait) if may_come && !error.is_lock_out() => {
                    tracing::info!("Cloudflare does not know the new secret yet; asking again in {wait} s");
                    if !self.client.wait(Duration::from_secs(*wait)).await {
                        return Err(CustodyError::Stopped {
                            name: token.name.clone(),
                            ends: token.expires_on,
                        });
                    }
                }
                _ if has_addresses && may_come => return Ok(SecretAnswer::ShutOut),
                _ if error.is_dead_secret() => {
                    return Err(unverified("Cloudflare did not know it within a minute".to_owned()));
                }
                _ => return Err(unverified(format!("verifying it failed: {error}"))),
            }
        }
    }

    async fn by_id(&self, asked: &DeliveredToken<'_>) -> Result<(), CustodyError> {
        let unverified = |reason: String| CustodyError::Unverified { name: asked.token.name.clone(), reason };
        match self.client.token(asked.owner, &asked.token.id).await {
            Ok(_) => Ok(()),
            Err(error) if error.is_gone() => Err(unverified("Cloudflare does not list it".to_owned())),
            Err(error) => Err(unverified(format!("asking for it failed: {error}"))),
        }
    }
}

/// A young token is also refused with 10000 or a bare 9109 until every server knows it.
fn is_propagating(error: &Error) -> bool {
    error.refusal().is_some_and(|refusal| matches!(refusal.code(), 9109 | 10000))
}
