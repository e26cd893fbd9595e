//! The end of one token by its id, whoever made it.

use futures_util::future::join;

use super::{RevokeArgs, may_delete};
use crate::cli::failure::Failure;
use crate::cli::failure::problem::token_id;
use crate::cli::output::outcome::{say_end, would_end};
use crate::cli::output::rows::{Row, TokenRow};
use crate::cli::session::context::Context;
use crate::cli::session::owner::{is_not_bootstrap, owner};
use crate::cli::session::workspace::Workspace;
use crate::cloudflare::wire::Token;
use crate::cloudflare::{Client, TokenOwner};
use crate::custody::CustodyError;
use crate::survey::{DeliveryContext, live};
use crate::text::one_line;

pub(super) async fn run(context: &mut Context<'_>, arguments: &RevokeArgs, id: &str) -> Result<(), Failure> {
    let id = token_id(id)?;
    context.about(arguments.account.as_ref());
    let workspace = Workspace::open(context, &arguments.connection).await?;
    let client = &workspace.connection.client;
    if arguments.dry_run {
        let (owner, token) = find(client, arguments.account.as_deref(), &id).await?;
        would_end(context, row(&owner, &token), &shown(&token));
        return Ok(());
    }
    let custody = workspace.custody(context).await?;
    let (owner, token) = find(client, arguments.account.as_deref(), &id).await?;
    may_delete(context, arguments, &[&token]).await?;
    let row = row(&owner, &token);
    // It may be nobody's profile, so there are no sinks to clear.
    let outcome = custody.revoke(&DeliveryContext::without_sinks(owner), &[], &[&token], &[], &[]).await;
    say_end(context, &token.name, &shown(&token), row, outcome);
    Ok(())
}

fn row(owner: &TokenOwner, token: &Token) -> Row {
    Row { token: Some(TokenRow::new(owner, &live(token))), ..Row::default() }
}

fn shown(token: &Token) -> String {
    format!("{} ({})", one_line(&token.name), token.id)
}

/// The token to delete and who owns it; never the bootstrap's own.
async fn find(client: &Client, account: Option<&str>, id: &str) -> Result<(TokenOwner, Token), Failure> {
    let owner = owner(client, account).await?;
    let (token, other) = join(client.token(&owner, id), is_not_bootstrap(client, &owner, id)).await;
    match token {
        Ok(token) => {
            other?;
            Ok((owner, token))
        }
        Err(error) if error.is_gone() => Err(CustodyError::NoSuchToken { id: id.to_owned() }.into()),
        Err(error) => Err(error.into()),
    }
}
