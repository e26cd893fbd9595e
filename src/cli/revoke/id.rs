//! The end of one token by its id, whoever made it.

use futures_util::future::join;

use super::agreed;
use crate::cli::args::RevokeArgs;
use crate::cli::context::Context;
use crate::cli::end::say;
use crate::cli::exit;
use crate::cli::owner::{is_not_bootstrap, owner};
use crate::cli::problem::{self, Problem};
use crate::cli::report::{Row, TokenRow};
use crate::cli::session::{self, Ground, Intent};
use crate::cloudflare::wire::Token;
use crate::cloudflare::{Client, TokenOwner};
use crate::custody::CustodyError;
use crate::survey::{DeliveryContext, live};
use crate::text::one_line;

pub(super) async fn run(context: &mut Context<'_>, arguments: &RevokeArgs, id: &str) -> Result<(), u8> {
    let id = &*problem::token_id(id).map_err(|problem| {
        context.report.problem(problem);
        exit::INVALID
    })?;
    context.about(arguments.account.as_ref());
    let ground = session::ground(context, &arguments.connection, Intent::Write).await?;
    let Ground { connection, custody: Some(custody), .. } = ground else { return Err(exit::FAILED) };
    let (owner, token) = match find(&connection.client, arguments.account.as_deref(), id).await {
        Ok(found) => found,
        Err(problem) => {
            let code = problem.exit_code();
            context.report.problem(problem);
            return Err(code);
        }
    };
    agreed(context, arguments, &[&token]).await?;
    let row = Row { token: Some(TokenRow::new(&owner, &live(&token))), ..Row::default() };
    // It may be nobody's profile, so there are no sinks to clear.
    let outcome = custody.revoke(&DeliveryContext::without_sinks(owner), &[], &[&token], &[], &[]).await;
    say(context, &token.name, &format!("{} ({})", one_line(&token.name), token.id), row, outcome);
    Ok(())
}

/// The token to delete and whose it is; never the bootstrap's own.
async fn find(client: &Client, account: Option<&str>, id: &str) -> Result<(TokenOwner, Token), Problem> {
    let owner = owner(client, account).await?;
    let (token, other) = join(client.token(&owner, id), is_not_bootstrap(client, &owner, id)).await;
    match token {
        Ok(token) => other.map(|()| (owner, token)).map_err(|error| problem::custody(&error, "")),
        Err(error) if error.is_gone() => {
            Err(problem::custody(&CustodyError::NoSuchToken { id: id.to_owned() }, ""))
        }
        Err(error) => Err(Problem::from(&error)),
    }
}
