//! `cfmint revoke`: deletes tokens now, and takes what died with them out of the env files.

mod id;
mod profile;

use super::args::RevokeArgs;
use super::context::Context;
use super::end;
use crate::cloudflare::wire::Token;
use crate::text::one_line;

pub(super) async fn run(context: &mut Context<'_>, arguments: &RevokeArgs) -> u8 {
    let done = match &arguments.id {
        Some(id) => id::run(context, arguments, id).await,
        None => profile::run(context, arguments).await,
    };
    match done {
        Ok(()) => context.report.exit_code(),
        Err(code) => code,
    }
}

/// Whether these tokens may be deleted.
async fn agreed(context: &mut Context<'_>, arguments: &RevokeArgs, doomed: &[&Token]) -> Result<(), u8> {
    let names: Vec<String> =
        doomed.iter().map(|token| format!("{} ({})", one_line(&token.name), token.id)).collect();
    if arguments.yes || names.is_empty() {
        Ok(())
    } else {
        end::agreed(context, &names.join(", "), names.len()).await
    }
}
