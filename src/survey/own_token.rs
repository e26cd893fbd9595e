//! Which token a run works with, so that no run ends its own bootstrap.

use crate::cloudflare::{Client, Credential, Error, SecretKind, TokenOwner};

/// The id of the bootstrap's own token, if it is one of this owner's. A global key is no token.
///
/// A refusal is an answer only where the bootstrap may well belong to another owner. Anything else that keeps it
/// from saying who it is, is an error: then nothing may be deleted.
pub async fn own_token(client: &Client, owner: &TokenOwner) -> Result<Option<String>, Error> {
    let kind = match client.credential() {
        Credential::GlobalKey { .. } => return Ok(None),
        Credential::Token(secret) => SecretKind::of(secret),
    };
    if kind == SecretKind::UserToken && *owner != TokenOwner::User {
        return Ok(None);
    }
    match client.verify(owner).await {
        Ok(own) => Ok(Some(own.id)),
        // A user's token from before there were prefixes looks like an account's; its own endpoint knows it.
        Err(error)
            if error.refusal().is_some()
                && kind != SecretKind::AccountToken
                && *owner != TokenOwner::User =>
        {
            client.verify(&TokenOwner::User).await.map(|_| None)
        }
        Err(error) => Err(error),
    }
}
