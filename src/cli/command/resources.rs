//! `cfmint resources`: what the bootstrap sees that a profile can name, ready to be pasted. Changes nothing.

use clap::{Args, ValueEnum};

use super::{Outcome, RunCommand};
use crate::cli::failure::Failure;
use crate::cli::failure::code::Code;
use crate::cli::failure::command_line::{About, CommandLine};
use crate::cli::failure::hint::Hint;
use crate::cli::failure::problem::Problem;
use crate::cli::options::ConnectionArgs;
use crate::cli::output::resources::{notes, rows, yaml};
use crate::cli::session::context::Context;
use crate::cli::session::owner::account_id;
use crate::cli::session::workspace::Workspace;
use crate::survey::{ResourceKind, resources};

/// List the accounts, zones, buckets and Workers that a profile can name
#[derive(Debug, Args)]
#[command(
    after_help = "Prints them as the `resources` of a profile; ids stand behind names. What the bootstrap may not list \
    is said, and is no error.\n\n\
    Example: cfmint resources zones --account 'Acme Production'"
)]
pub(in crate::cli) struct ResourcesArgs {
    /// What to list [default: everything]
    #[arg(value_enum, value_name = "KIND")]
    kinds: Vec<KindArg>,
    /// Only what is in this account, by name or id
    #[arg(long, value_name = "ACCOUNT")]
    account: Option<String>,
    /// How to reach Cloudflare.
    #[command(flatten)]
    connection: ConnectionArgs,
}

/// What to list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum KindArg {
    Accounts,
    Zones,
    Buckets,
    Workers,
}

impl From<KindArg> for ResourceKind {
    fn from(kind: KindArg) -> Self {
        match kind {
            KindArg::Accounts => Self::Accounts,
            KindArg::Zones => Self::Zones,
            KindArg::Buckets => Self::Buckets,
            KindArg::Workers => Self::Workers,
        }
    }
}

/// An id of which nothing is to be seen.
fn no_account(id: &str) -> Problem {
    let message = format!("this bootstrap sees no account with the id {id}, and nothing in it");
    let list = CommandLine::new("resources", About::Owner).flag("accounts");
    Problem::new(Code::UsageAccount, message, Hint::run("see which accounts there are", list))
}

impl RunCommand for ResourcesArgs {
    async fn run(&self, context: &mut Context<'_>) -> Result<Outcome, Failure> {
        let asked = if self.kinds.is_empty() { KindArg::value_variants() } else { self.kinds.as_slice() };
        let kinds: Vec<ResourceKind> = asked.iter().copied().map(ResourceKind::from).collect();
        let workspace = Workspace::open(context, &self.connection).await?;
        let client = &workspace.connection.client;
        let account = match &self.account {
            Some(account) => Some(account_id(client, account).await?),
            None => None,
        };
        let found = resources(client, &kinds, account.as_deref()).await;
        let seen = found.map_err(|error| Problem::from(&error))?;
        if let Some(account) = account.as_ref().filter(|_| seen.is_nothing()) {
            return Err(no_account(account).into());
        }
        let notes = notes(&seen, &kinds, account.as_deref());
        let text = yaml(&seen, &kinds);
        if !context.json {
            context.screen.result(&text);
        }
        for note in &notes {
            context.screen.note(note);
        }
        if text.is_empty() && notes.is_empty() {
            context.screen.note("this bootstrap sees none of these");
        }
        context.report.resources(rows(&seen, notes));
        Ok(Outcome::Reported)
    }
}
