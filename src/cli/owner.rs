//! Whose tokens a command is about that is not told by a profile: the user's, or an account's by name or id.

use super::problem::Problem;
use crate::cloudflare::{Client, TokenOwner};
use crate::custody::CustodyError;

/// Makes sure that a token is not the one cfmint works with.
pub(super) async fn is_not_bootstrap(
    client: &Client,
    owner: &TokenOwner,
    id: &str,
) -> Result<(), CustodyError> {
    match client.verify(owner).await {
        Ok(own) if own.id == id => Err(CustodyError::Bootstrap { id: id.to_owned() }),
        // It must be known. A credential that is no token of this owner's is refused, and then it is not.
        Err(error) if error.refusal().is_none() => Err(error.into()),
        _ => Ok(()),
    }
}

/// The user, unless an account is given. An id is not asked for.
pub(super) async fn owner(client: &Client, account: Option<&str>) -> Result<TokenOwner, Problem> {
    match account {
        None => Ok(TokenOwner::User),
        Some(account) => account_id(client, account).await.map(TokenOwner::Account),
    }
}

async fn account_id(client: &Client, account: &str) -> Result<String, Problem> {
    if crate::profile::is_id(account) {
        return Ok(account.to_ascii_lowercase());
    }
    let accounts = client.accounts().await.map_err(|error| Problem::from(&error))?;
    let named: Vec<_> = accounts.iter().filter(|seen| seen.name == account).collect();
    match named.as_slice() {
        [one] => Ok(one.id.clone()),
        [] => Err(Problem::new(
            "usage.account",
            format!("the bootstrap sees no account called `{account}`"),
            "give the account's 32-digit id",
        )),
        _ => Err(Problem::new(
            "usage.account",
            format!("several accounts are called `{account}`"),
            "give the account's 32-digit id",
        )),
    }
}
