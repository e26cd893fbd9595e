//! Whether a delivered secret works: asked of the secret itself, patiently, since a new token takes a while
//! to be known everywhere.

use std::time::Duration;

use crate::cloudflare::{Client, Credential, Error, TokenOwner};
use crate::secret::Secret;

/// The waits between the questions; a minute in all.
const WAITS: [u64; 6] = [1, 2, 4, 8, 15, 30];

/// How a delivered secret was confirmed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Confirmed {
    /// The secret itself said so.
    BySecret,
    /// The bootstrap said so by id, because the token's address rule shuts this machine out.
    ShutOut,
    /// The bootstrap said so by id, because the token does not work yet.
    NotYet,
}

/// Why a delivered secret is not confirmed.
#[derive(Debug)]
pub(super) enum Unconfirmed {
    /// Cloudflare still does not know it.
    Unknown,
    /// It is the secret of another token.
    Another(String),
    /// It is known, and has another status than `active`.
    NotActive(String),
    /// The question was not answered.
    Unanswered(Error),
    /// This process is to end, and the secret was not known yet.
    Stopped,
}

/// What is to be confirmed.
pub(super) struct Delivered<'a> {
    pub(super) owner: &'a TokenOwner,
    pub(super) id: &'a str,
    pub(super) secret: &'a Secret,
    /// Whether the token has an address rule.
    pub(super) has_addresses: bool,
    /// Whether the token only begins to work later.
    pub(super) starts_later: bool,
}

/// Asks the secret which token it is, again and again for a minute.
pub(super) async fn confirm(client: &Client, delivered: &Delivered<'_>) -> Result<Confirmed, Unconfirmed> {
    if delivered.starts_later {
        return by_id(client, delivered, Confirmed::NotYet).await;
    }
    let own = client.with_credential(Credential::Token(delivered.secret.clone()));
    let mut waits = WAITS.iter();
    loop {
        let error = match own.verify(delivered.owner).await {
            Ok(verification) if verification.id == delivered.id => {
                return match verification.status.as_str() {
                    "active" | "" => Ok(Confirmed::BySecret),
                    _ => Err(Unconfirmed::NotActive(verification.status)),
                };
            }
            Ok(verification) => return Err(Unconfirmed::Another(verification.id)),
            Err(error) => error,
        };
        if error.is_shut_out() {
            return by_id(client, delivered, Confirmed::ShutOut).await;
        }
        let may_come = error.is_dead_secret() || is_propagating(&error);
        match waits.next() {
            Some(wait) if may_come && !error.is_lock_out() => {
                tracing::info!("Cloudflare does not know the new secret yet; asking again in {wait} s");
                if !client.wait(Duration::from_secs(*wait)).await {
                    return Err(Unconfirmed::Stopped);
                }
            }
            _ if delivered.has_addresses => return by_id(client, delivered, Confirmed::ShutOut).await,
            _ if error.is_dead_secret() => return Err(Unconfirmed::Unknown),
            _ => return Err(Unconfirmed::Unanswered(error)),
        }
    }
}

/// A young token is also refused with 10000 or a bare 9109 until every server knows it.
fn is_propagating(error: &Error) -> bool {
    error.refusal().is_some_and(|refusal| matches!(refusal.code(), 9109 | 10000))
}

async fn by_id(
    client: &Client,
    delivered: &Delivered<'_>,
    confirmed: Confirmed,
) -> Result<Confirmed, Unconfirmed> {
    match client.token(delivered.owner, delivered.id).await {
        Ok(_) => Ok(confirmed),
        Err(error) if error.is_gone() => Err(Unconfirmed::Unknown),
        Err(error) => Err(Unconfirmed::Unanswered(error)),
    }
}
