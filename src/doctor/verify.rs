//! Asks Cloudflare whose a secret is, at the endpoint that fits its owner, and tells apart the ways in which it says no.

use std::net::IpAddr;

use super::address::told_address;
use crate::cloudflare::wire::Verification;
use crate::cloudflare::{Client, Error, SecretKind, TokenOwner};

/// What Cloudflare says of a secret.
#[derive(Debug)]
pub enum Verified {
    /// It is the secret of this token.
    Known {
        /// Whose the token is.
        owner: TokenOwner,
        /// What Cloudflare says of it.
        token: Verification,
    },
    /// No token has it: it was deleted, rolled, has expired, or was spoilt on its way.
    Dead,
    /// The token's IP rule shuts this machine out, whose address Cloudflare may name.
    ShutOut(Option<IpAddr>),
    /// It works, and is not a token of any owner that was asked.
    Elsewhere,
    /// It is the token of an account, and which account's is not known.
    AccountUnknown,
    /// There is no answer.
    Unanswered(Error),
}

/// Verifies the client's own credential, which is a token of this kind. The accounts are those that it may belong to; for
/// a token of an account without any, the accounts that it sees itself.
pub async fn verify(client: &Client, kind: SecretKind, accounts: &[String]) -> Verified {
    let mut owners: Vec<TokenOwner> = accounts.iter().cloned().map(TokenOwner::Account).collect();
    match kind {
        SecretKind::UserToken => owners = vec![TokenOwner::User],
        SecretKind::AccountToken if owners.is_empty() => match client.accounts().await {
            Ok(seen) => owners.extend(seen.into_iter().map(|account| TokenOwner::Account(account.id))),
            Err(error) if error.is_shut_out() => return Verified::ShutOut(told_address(&error)),
            Err(error) if error.is_dead_secret() => return Verified::Dead,
            Err(error) if error.refusal().is_none() => return Verified::Unanswered(error),
            Err(_) => return Verified::AccountUnknown,
        },
        SecretKind::AccountToken => {}
        _ => owners.insert(0, TokenOwner::User),
    }
    if owners.is_empty() {
        return Verified::AccountUnknown;
    }
    for owner in owners {
        match client.verify(&owner).await {
            Ok(token) => return Verified::Known { owner, token },
            Err(error) if error.is_shut_out() => return Verified::ShutOut(told_address(&error)),
            Err(error) if error.is_dead_secret() => {}
            Err(error) => return Verified::Unanswered(error),
        }
    }
    second_opinion(client).await
}

/// Verification calls a token invalid that another owner has, and may do so of one that is shut out. Any other endpoint
/// tells: it calls a dead token dead.
async fn second_opinion(client: &Client) -> Verified {
    match client.user().await {
        Err(error) if error.is_dead_secret() => Verified::Dead,
        Err(error) if error.is_shut_out() => Verified::ShutOut(told_address(&error)),
        Err(error) if error.refusal().is_none() => Verified::Unanswered(error),
        Ok(_) | Err(_) => Verified::Elsewhere,
    }
}
