//! `cfmint revoke`: deletes tokens now, and takes what died with them out of the env files.

mod id;
mod profile;

use std::path::PathBuf;

use clap::{ArgGroup, Args};

use super::{Outcome, RunCommand};
use crate::cli::failure::Failure;
use crate::cli::options::{ChoiceArgs, ConnectionArgs};
use crate::cli::session::confirm::agreed;
use crate::cli::session::context::Context;
use crate::cloudflare::wire::Token;
use crate::text::one_line;

/// Delete tokens, and remove their secrets from the sinks that can be read
#[derive(Debug, Args)]
#[command(after_help = "Asks first on a terminal; elsewhere it needs --yes.\n\n\
    Examples:\n  cfmint revoke shop.yaml -e pr-17 --yes\n  \
    cfmint revoke --id 0123456789abcdef0123456789abcdef")]
#[command(group = ArgGroup::new("which").args(["profiles", "id"]).required(true).multiple(true))]
pub(in crate::cli) struct RevokeArgs {
    /// Delete the token with this id, whoever made it
    // clap takes a requirement for met where what is required conflicts with what is given: each conflict is written
    // out.
    #[arg(
        long,
        value_name = "ID",
        conflicts_with_all = ["profiles", "environments", "all_envs", "features", "variables"]
    )]
    id: Option<String>,
    /// The account that owns the token of --id, by name or id [default: your user]
    #[arg(long, value_name = "ACCOUNT", requires = "id", conflicts_with = "profiles")]
    account: Option<String>,
    /// Say what would be deleted, and delete nothing
    #[arg(long)]
    dry_run: bool,
    /// Do not ask
    #[arg(long)]
    yes: bool,
    /// Profile files, or folders of them; subfolders are not read
    #[arg(value_name = "PROFILE")]
    profiles: Vec<PathBuf>,
    /// How they are resolved.
    #[command(flatten)]
    choice: ChoiceArgs,
    /// How to reach Cloudflare.
    #[command(flatten)]
    connection: ConnectionArgs,
}

impl RunCommand for RevokeArgs {
    async fn run(&self, context: &mut Context<'_>) -> Result<Outcome, Failure> {
        match &self.id {
            Some(id) => id::run(context, self, id).await?,
            None => profile::run(context, self).await?,
        }
        Ok(Outcome::Reported)
    }
}

/// Whether these tokens may be deleted.
async fn may_delete(
    context: &mut Context<'_>,
    arguments: &RevokeArgs,
    doomed: &[&Token],
) -> Result<(), Failure> {
    let names: Vec<String> =
        doomed.iter().map(|token| format!("{} ({})", one_line(&token.name), token.id)).collect();
    if arguments.yes || names.is_empty() {
        Ok(())
    } else {
        agreed(context, &names.join(", "), names.len()).await
    }
}
