//! `cfmint list`: every live token of an owner, one a line.

use chrono::TimeDelta;
use clap::Args;

use super::{Outcome, RunCommand};
use crate::cli::failure::Failure;
use crate::cli::options::InventoryArgs;
use crate::cli::output::token_table;
use crate::cli::session::context::Context;
use crate::cli::session::inventory::take;

/// Nothing is judged here.
const EVER: TimeDelta = TimeDelta::MAX;

/// Show every live token: its age, its last use, its end, and which profile it belongs to
#[derive(Debug, Args)]
#[command(after_help = "Asks Cloudflare and changes nothing.\n\n\
    Examples:\n  cfmint list\n  cfmint list profiles/ --account 'Acme Production'")]
pub(in crate::cli) struct ListArgs {
    /// Show the tokens' ids, as `revoke --id` takes them
    #[arg(long)]
    ids: bool,
    /// Which tokens.
    #[command(flatten)]
    inventory: InventoryArgs,
}

impl RunCommand for ListArgs {
    async fn run(&self, context: &mut Context<'_>) -> Result<Outcome, Failure> {
        let inventory = take(context, &self.inventory, EVER).await?;
        if !context.json {
            let lines = token_table::lines(&inventory, self.ids, context.screen.width());
            context.screen.result(&format!("{}\n{lines}", inventory.title()));
        }
        context.report.inventory(inventory.rows(|_| Vec::new()));
        Ok(Outcome::Reported)
    }
}
