//! Whose tokens a command is about that is not told by a profile: the user's, or an account's by name or id.

use crate::cli::failure::code::Code;
use crate::cli::failure::problem::{Problem, account_unnamed};
use crate::cloudflare::{Client, Credential, SecretKind, TokenOwner};
use crate::custody::CustodyError;
use crate::plan::Directory;
use crate::profile::{Reference, Span, Spanned};
use crate::survey::{accounts, own_token};

/// Makes sure that a token is not the one cfmint works with.
pub(in crate::cli) async fn is_not_bootstrap(
    client: &Client,
    owner: &TokenOwner,
    id: &str,
) -> Result<(), CustodyError> {
    match own_token(client, owner).await? {
        Some(own) if own == id => Err(CustodyError::Bootstrap { id: own }),
        _ => Ok(()),
    }
}

/// The user, unless an account is given. An id is not asked for.
pub(in crate::cli) async fn owner(client: &Client, account: Option<&str>) -> Result<TokenOwner, Problem> {
    match account {
        None if is_of_account(client) => Err(account_unnamed()),
        None => Ok(TokenOwner::User),
        Some(account) => account_id(client, account).await.map(TokenOwner::Account),
    }
}

/// Whether a client's bootstrap belongs to an account.
pub(in crate::cli) fn is_of_account(client: &Client) -> bool {
    matches!(client.credential(), Credential::Token(token) if SecretKind::of(token) == SecretKind::AccountToken)
}

/// The id of an account that is given by its name or its id, which is not asked for.
pub(in crate::cli) async fn account_id(client: &Client, account: &str) -> Result<String, Problem> {
    if crate::profile::is_id(account) {
        return Ok(account.to_ascii_lowercase());
    }
    let accounts = accounts(client).await.map_err(|error| Problem::from(&error))?;
    let directory = Directory { accounts, ..Directory::default() };
    // As a profile's `owner` is understood.
    let written = Spanned::new(Reference::Name(account.to_owned()), Span::default());
    directory.account(&written).map_err(|unresolved| {
        let (message, hint) = unresolved.words();
        Problem::new(Code::UsageAccount, message, hint)
    })
}
