//! `cfmint import`: a live token as a profile, to standard output or into a new file. Changes nothing at Cloudflare.

use std::path::PathBuf;

use clap::Args;
use futures_util::future::join;

use super::{Outcome, RunCommand};
use crate::cli::failure::Failure;
use crate::cli::failure::command_line::{CommandLine, ProfileArguments};
use crate::cli::failure::hint::Hint;
use crate::cli::failure::problem::{Problem, inexpressible, token_id};
use crate::cli::options::ConnectionArgs;
use crate::cli::output::describe::Names;
use crate::cli::output::rows::{Row, RowAction, TokenRow};
use crate::cli::session::context::Context;
use crate::cli::session::new_file::{is_free, named, save};
use crate::cli::session::owner::{is_not_bootstrap, owner};
use crate::cli::session::workspace::Workspace;
use crate::cloudflare::TokenOwner;
use crate::custody::CustodyError;
use crate::lifecycle::{self, Imported, Origin, Role};
use crate::plan::Policy;
use crate::survey::{TokenDetails, token_details};
use crate::text::one_line;

/// Write a profile from a live token
#[derive(Debug, Args)]
#[command(
    after_help = "Writes to standard output, or to the new file that --output names. The secret is not in the profile: \
    Cloudflare shows it only once.\n\n\
    Example: cfmint import 0123456789abcdef0123456789abcdef --output shop.yaml"
)]
pub(in crate::cli) struct ImportArgs {
    /// The token's id
    #[arg(value_name = "ID")]
    id: String,
    /// The account that owns the token, by name or id [default: your user]
    #[arg(long, value_name = "ACCOUNT")]
    account: Option<String>,
    /// A new file for the profile [default: standard output]
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
    /// How to reach Cloudflare.
    #[command(flatten)]
    connection: ConnectionArgs,
}

impl RunCommand for ImportArgs {
    async fn run(&self, context: &mut Context<'_>) -> Result<Outcome, Failure> {
        let id = token_id(&self.id)?;
        let output = named(self.output.as_deref());
        if let Some(file) = output {
            is_free(&**context.world, file)?;
        }
        context.about(self.account.as_ref());
        let workspace = Workspace::open(context, &self.connection).await?;
        let client = &workspace.connection.client;
        let owner = owner(client, self.account.as_deref()).await?;
        let (seen, other) =
            join(token_details(client, &owner, &id), is_not_bootstrap(client, &owner, &id)).await;
        let seen = seen.map_err(|error| {
            if error.is_gone() { CustodyError::NoSuchToken { id: id.clone() } } else { error.into() }
        })?;
        let role = match other {
            Ok(()) => Role::Other,
            Err(CustodyError::Bootstrap { .. }) => Role::Bootstrap,
            Err(error) => return Err(error.into()),
        };
        let file = output.map_or_else(|| "FILE".to_owned(), |file| file.display().to_string());
        let imported = profile_of(context, &owner, &seen, role, &file)?;
        let text = match output {
            Some(file) => {
                save(&**context.world, file, &imported.text)?;
                None
            }
            None if context.json => Some(imported.text.clone()),
            None => {
                context.screen.result(&imported.text);
                None
            }
        };
        say(context, &owner, &seen, &imported);
        if role == Role::Other && seen.live.is_alive(context.world.now()) {
            let profile = ProfileArguments { path: file, environment: None };
            let adopt = CommandLine::about("apply", &profile).option("--adopt", &id);
            context.note(&Hint::run("to take it over (its secret stays the same)", adopt));
        }
        let notes = [&imported.remarks, &imported.kept, &imported.lost];
        context.report.row(Row {
            profile: output.map(|file| file.display().to_string()),
            action: RowAction::Imported,
            token: Some(TokenRow::new(&owner, &seen.live)),
            notes: notes.into_iter().flatten().cloned().collect(),
            text,
            ..Row::default()
        });
        Ok(Outcome::Reported)
    }
}

fn profile_of(
    context: &Context<'_>,
    owner: &TokenOwner,
    seen: &TokenDetails,
    role: Role,
    file: &str,
) -> Result<Imported, Problem> {
    let names = Names { directory: &seen.directory, catalogue: Some(&seen.catalogue) };
    let origin = Origin {
        live: &seen.live,
        owner: match owner {
            TokenOwner::User => None,
            TokenOwner::Account(id) => Some(id),
        },
        conditions: &seen.conditions,
        directory: &seen.directory,
        catalogue: &seen.catalogue,
        role,
        flags: &context.invocation.connection(),
        say: &|policy: &Policy| names.policy(policy),
    };
    lifecycle::import(&origin, file, context.world.now()).map_err(|error| inexpressible(error.to_string()))
}

/// Says what was written, and what it does not say.
fn say(context: &mut Context<'_>, owner: &TokenOwner, seen: &TokenDetails, imported: &Imported) {
    let names = Names { directory: &seen.directory, catalogue: None };
    let whose = names.owner(owner);
    let live = &seen.live;
    context.done("Imported", &format!("{} ({}) for {whose}", one_line(&live.name), live.id));
    for remark in &imported.remarks {
        context.screen.note(remark);
    }
    for kept in &imported.kept {
        context
            .screen
            .note(&format!("a profile cannot say {kept}; cfmint keeps it when it updates the token"));
    }
    for lost in &imported.lost {
        context.screen.warn(&format!("a profile cannot say {lost}; taking the token over would remove it"));
    }
}
